-- Control totals that others publish of bodies, and how many inhabitants each has: what statements are held against and
-- divided by. A body may have these and no statement.

ALTER TABLE ops.dataset DROP CONSTRAINT dataset_subject_check;
ALTER TABLE ops.dataset ADD CONSTRAINT dataset_subject_check
    CHECK (subject IN ('income_statement', 'balance_sheet', 'aggregates', 'account_balances'));
COMMENT ON COLUMN raw.record_block.subject IS 'income_statement, balance_sheet, aggregates or account_balances.';

-- As for every change of tables on all servers at once.
DO $$
BEGIN
    IF ops.is_distributed('core.line') THEN
        PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true),
            set_config('citus.enable_local_execution', 'off', true);
    END IF;
END $$;

ALTER TABLE core.witness DROP CONSTRAINT witness_kind_check;
ALTER TABLE core.witness ADD CONSTRAINT witness_kind_check CHECK (kind IN ('balance_sheet', 'printed_result', 'accounts',
    'budget_part', 'carry_over', 'next_document', 'sheet_totals', 'ofgl_revenue', 'ofgl_expense', 'ofgl_management',
    'ofgl_gross', 'ofgl_net', 'ofgl_annuity', 'ofgl_debt'));
ALTER TABLE core.witness DROP CONSTRAINT witness_reason_check;
ALTER TABLE core.witness ADD CONSTRAINT witness_reason_check
    CHECK (reason IN ('not_printed', 'no_line', 'several', 'incomplete', 'perimeter', 'definition'));
ALTER TABLE core.witness DROP CONSTRAINT witness_subject_check;
ALTER TABLE core.witness ADD CONSTRAINT witness_subject_check
    CHECK (subject IN ('income_statement', 'balance_sheet', 'aggregates', 'account_balances'));
ALTER TABLE core.witness DROP CONSTRAINT witness_check;
ALTER TABLE core.witness ADD CONSTRAINT witness_check
    CHECK (CASE WHEN says IS NULL THEN reason IS NOT NULL ELSE reason IS NULL OR reason = 'definition' END);
COMMENT ON COLUMN core.witness.reason IS 'Why it says nothing; definition where it says something by another definition.';
COMMENT ON COLUMN core.witness.subject IS 'The dataset it is read from: income_statement, balance_sheet, aggregates or account_balances.';

ALTER TABLE core.body ADD COLUMN insee text COLLATE "C";
ALTER TABLE core.body ADD COLUMN kind text COLLATE "C"
    CONSTRAINT body_kind_check CHECK (kind IN ('commune', 'grouping', 'departement', 'region'));
ALTER TABLE core.body ADD COLUMN departement text COLLATE "C";
ALTER TABLE core.body ADD COLUMN grouping_name text COLLATE "C";
COMMENT ON COLUMN core.body.insee IS 'The INSEE code of a commune, or the number of a département or a region; empty where no source says it.';
COMMENT ON COLUMN core.body.kind IS 'commune, grouping, departement or region; empty where no source says it.';
COMMENT ON COLUMN core.body.departement IS 'The name of the département that it is in; empty where no source says it.';
COMMENT ON COLUMN core.body.grouping_name IS 'The name of the grouping that a commune is part of; empty where no source says it.';
COMMENT ON COLUMN core.body.lines IS 'How many lines its income statement has; 0 where it has none and only aggregates are known.';

CREATE TABLE core.aggregate (
    revision_id  bigint NOT NULL,
    siren        text COLLATE "C" NOT NULL,
    fiscal_year  bigint NOT NULL,
    budget       text COLLATE "C" NOT NULL CHECK (budget IN ('main', 'attached', 'annex')),
    budget_name  text COLLATE "C",
    nomenclature text COLLATE "C",
    aggregate    text COLLATE "C" NOT NULL,
    amount       bigint NOT NULL,
    record       bigint NOT NULL,
    CONSTRAINT aggregate_pkey PRIMARY KEY (siren, fiscal_year, record, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.aggregate IS 'Control totals that are published of bodies. Those of several budgets are never added.';
COMMENT ON COLUMN core.aggregate.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.aggregate.siren IS 'The number that the body is kept by.';
COMMENT ON COLUMN core.aggregate.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.aggregate.budget IS 'main, attached or annex: which of the budgets of the body it is of.';
COMMENT ON COLUMN core.aggregate.budget_name IS 'The name of the budget; empty where the source does not say.';
COMMENT ON COLUMN core.aggregate.nomenclature IS 'The nomenclature, as published; empty where the source does not say.';
COMMENT ON COLUMN core.aggregate.aggregate IS 'Which total, as published.';
COMMENT ON COLUMN core.aggregate.amount IS 'The amount in centimes.';
COMMENT ON COLUMN core.aggregate.record IS 'The number of its record.';

CREATE TABLE core.population (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    population  bigint NOT NULL CHECK (population > 0),
    subject     text COLLATE "C" NOT NULL CHECK (subject IN ('aggregates', 'account_balances')),
    CONSTRAINT population_pkey PRIMARY KEY (siren, fiscal_year, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.population IS 'How many inhabitants amounts of a year are divided by.';
COMMENT ON COLUMN core.population.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.population.siren IS 'The number that the body is kept by.';
COMMENT ON COLUMN core.population.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.population.population IS 'The number of inhabitants.';
COMMENT ON COLUMN core.population.subject IS 'The dataset that says it: aggregates or account_balances.';

CREATE TABLE core.aggregate_standing (
    revision_id    bigint NOT NULL,
    siren          text COLLATE "C" NOT NULL,
    fiscal_year    bigint NOT NULL,
    aggregate      text COLLATE "C" NOT NULL,
    per_inhabitant bigint NOT NULL,
    bodies         bigint NOT NULL,
    place          bigint NOT NULL,
    lower_quarter  bigint NOT NULL,
    median         bigint NOT NULL,
    upper_quarter  bigint NOT NULL,
    least          bigint,
    most           bigint,
    CONSTRAINT aggregate_standing_pkey PRIMARY KEY (siren, fiscal_year, aggregate, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.aggregate_standing IS 'An aggregate for each inhabitant, beside bodies of the same kind, département and size.';
COMMENT ON COLUMN core.aggregate_standing.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.aggregate_standing.siren IS 'The number that the body is kept by.';
COMMENT ON COLUMN core.aggregate_standing.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.aggregate_standing.aggregate IS 'Which total, as published.';
COMMENT ON COLUMN core.aggregate_standing.per_inhabitant IS 'The amount divided by the population, in centimes.';
COMMENT ON COLUMN core.aggregate_standing.bodies IS 'How many bodies are compared, this one included.';
COMMENT ON COLUMN core.aggregate_standing.place IS 'Its place among them, 1 for the highest amount.';
COMMENT ON COLUMN core.aggregate_standing.lower_quarter IS 'What a quarter of them is at or below, in centimes.';
COMMENT ON COLUMN core.aggregate_standing.median IS 'What half of them is at or below, in centimes.';
COMMENT ON COLUMN core.aggregate_standing.upper_quarter IS 'What three quarters of them are at or below, in centimes.';
COMMENT ON COLUMN core.aggregate_standing.least IS 'The fewest inhabitants that those compared have; empty where size does not matter.';
COMMENT ON COLUMN core.aggregate_standing.most IS 'The most inhabitants that those compared have; empty where there is no limit.';

-- Tables that grow with the data go where the others are.
DO $$
BEGIN
    IF ops.is_distributed('core.line') THEN
        PERFORM ops.distribute();
    END IF;
END $$;
