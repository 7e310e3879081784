-- What each account of a budget held in a year, and the indicators that follow from it. What an account is called and
-- which line of the statement it is in follows from its chart of accounts, and is kept once for all budgets.

ALTER TABLE ops.dataset DROP CONSTRAINT dataset_subject_check;
ALTER TABLE ops.dataset ADD CONSTRAINT dataset_subject_check
    CHECK (subject IN ('income_statement', 'balance_sheet', 'account_balances'));
COMMENT ON COLUMN raw.record_block.subject IS 'income_statement, balance_sheet or account_balances.';

CREATE TABLE core.account_item (
    revision_id  bigint NOT NULL,
    item_id      bigint NOT NULL,
    title        text COLLATE "C",
    nomenclature text COLLATE "C",
    line         text COLLATE "C",
    no_line      text CHECK (no_line IN ('edition', 'unknown')),
    PRIMARY KEY (revision_id, item_id),
    CHECK (line IS NULL OR no_line IS NULL)
);
COMMENT ON TABLE core.account_item IS 'What an account is by its chart of accounts, once for all budgets.';
COMMENT ON COLUMN core.account_item.revision_id IS 'The revision.';
COMMENT ON COLUMN core.account_item.item_id IS 'Its number in the revision.';
COMMENT ON COLUMN core.account_item.title IS 'Its official title, or that of the account it is a subdivision of; empty when the chart has neither.';
COMMENT ON COLUMN core.account_item.nomenclature IS 'The nomenclature whose statement the line is of.';
COMMENT ON COLUMN core.account_item.line IS 'The name of the line of the statement that it is in: m57-personnel.';
COMMENT ON COLUMN core.account_item.no_line IS 'Why an account of the result is in no line: edition, because the statement has none for it in this year; unknown, because no rule names it.';

CREATE TABLE core.trial_balance (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    chart       text COLLATE "C" NOT NULL,
    chart_year  bigint NOT NULL,
    accounts    bigint NOT NULL,
    population  bigint,
    debt        bigint,
    result      bigint,
    CONSTRAINT trial_balance_pkey PRIMARY KEY (siren, fiscal_year, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.trial_balance IS 'The years of budgets whose accounts are known, and what is known of each beside its accounts.';
COMMENT ON COLUMN core.trial_balance.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.trial_balance.siren IS 'The SIREN number of the public body, or the SIRET number of a budget.';
COMMENT ON COLUMN core.trial_balance.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.trial_balance.chart IS 'The chart of accounts: M57_A.';
COMMENT ON COLUMN core.trial_balance.chart_year IS 'The year of the chart that is read: another one than the fiscal year where the charts do not reach as far.';
COMMENT ON COLUMN core.trial_balance.accounts IS 'How many accounts there are.';
COMMENT ON COLUMN core.trial_balance.population IS 'The number of inhabitants; empty when the source does not say.';
COMMENT ON COLUMN core.trial_balance.debt IS 'The debt on 31 December in centimes, where a printed balance sheet says it and not the accounts.';
COMMENT ON COLUMN core.trial_balance.result IS 'Class 7 less class 6, in centimes; empty when a balance is not known.';

CREATE TABLE core.account (
    revision_id       bigint NOT NULL,
    siren             text COLLATE "C" NOT NULL,
    fiscal_year       bigint NOT NULL,
    account           text COLLATE "C" NOT NULL,
    item_id           bigint NOT NULL,
    opening_debit     bigint,
    opening_credit    bigint,
    budget_debit      bigint,
    budget_credit     bigint,
    order_debit       bigint,
    order_credit      bigint,
    non_budget_debit  bigint,
    non_budget_credit bigint,
    closing_debit     bigint,
    closing_credit    bigint,
    basis             text COLLATE "C" NOT NULL CHECK (basis IN ('given', 'moved', 'budget', 'unknown')),
    CONSTRAINT account_pkey PRIMARY KEY (siren, fiscal_year, account, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.account IS 'What each account of a budget held, took in and gave out in a year. See published.account.';
COMMENT ON COLUMN core.account.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.account.siren IS 'The SIREN number of the public body, or the SIRET number of a budget.';
COMMENT ON COLUMN core.account.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.account.account IS 'The number of the account.';
COMMENT ON COLUMN core.account.item_id IS 'What it is by its chart: see core.account_item.';
COMMENT ON COLUMN core.account.opening_debit IS 'The debit that it opened with, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.opening_credit IS 'The credit that it opened with, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.budget_debit IS 'What the budget debited, order operations included, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.budget_credit IS 'What the budget credited, order operations included, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.order_debit IS 'The order operations among these debits, in centimes; empty when the source does not tell.';
COMMENT ON COLUMN core.account.order_credit IS 'The order operations among these credits, in centimes; empty when the source does not tell.';
COMMENT ON COLUMN core.account.non_budget_debit IS 'What was debited beside the budget, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.non_budget_credit IS 'What was credited beside the budget, in centimes; empty when the source does not say.';
COMMENT ON COLUMN core.account.closing_debit IS 'The debit that it closed with, in centimes; empty when not known.';
COMMENT ON COLUMN core.account.closing_credit IS 'The credit that it closed with, in centimes; empty when not known.';
COMMENT ON COLUMN core.account.basis IS 'What it closed with is given, or moved: the sum of what it opened with and what moved it, or budget: what the budget moved, or unknown.';

CREATE TABLE core.indicator (
    revision_id    bigint NOT NULL,
    siren          text COLLATE "C" NOT NULL,
    fiscal_year    bigint NOT NULL,
    indicator      text COLLATE "C" NOT NULL,
    position       bigint NOT NULL,
    outcome        text COLLATE "C" NOT NULL CHECK (outcome IN ('computed', 'undefined', 'missing')),
    amount         bigint,
    share          bigint,
    years          bigint,
    per_inhabitant bigint,
    missing        text COLLATE "C" NOT NULL,
    CONSTRAINT indicator_pkey PRIMARY KEY (siren, fiscal_year, indicator, revision_id),
    CHECK ((outcome = 'computed') = (amount IS NOT NULL OR share IS NOT NULL OR years IS NOT NULL)),
    CHECK ((outcome = 'missing') = (missing <> '[]'))
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.indicator IS 'The indicators of local finance, from accounts. See published.indicator.';
COMMENT ON COLUMN core.indicator.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.indicator.siren IS 'The SIREN number of the public body, or the SIRET number of a budget.';
COMMENT ON COLUMN core.indicator.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.indicator.indicator IS 'Which one: gross-cash-flow, ratio-9.';
COMMENT ON COLUMN core.indicator.position IS 'Its place among the indicators.';
COMMENT ON COLUMN core.indicator.outcome IS 'computed; undefined, because it would be divided by nothing or by an amount below zero; missing.';
COMMENT ON COLUMN core.indicator.amount IS 'The value of one in euros or in euros for each inhabitant, in centimes.';
COMMENT ON COLUMN core.indicator.share IS 'The value of a share, in hundredths of a percent.';
COMMENT ON COLUMN core.indicator.years IS 'The value of one in years, in hundredths of a year.';
COMMENT ON COLUMN core.indicator.per_inhabitant IS 'An amount in euros divided by the population, in centimes.';
COMMENT ON COLUMN core.indicator.missing IS 'What is missing where it cannot be computed: a JSON list.';

-- As before, with what accounts are by their charts.
CREATE OR REPLACE FUNCTION ops.drop_revision(revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    part regclass;
BEGIN
    IF EXISTS (SELECT FROM ops.published AS p WHERE p.revision_id = drop_revision.revision) THEN
        RAISE EXCEPTION 'revision % is the published one', revision;
    END IF;
    FOR part IN
        SELECT class.oid
        FROM pg_class AS class
        WHERE class.relnamespace IN (
                'partition'::regnamespace, 'raw'::regnamespace, 'core'::regnamespace, 'mart'::regnamespace)
            AND class.relkind = 'r'
            AND class.relname ~ ('_r' || revision || '$')
            AND class.relowner = (SELECT relowner FROM pg_class WHERE oid = 'core.line'::regclass)
        ORDER BY class.relname
    LOOP
        EXECUTE format('DROP TABLE %s', part);
    END LOOP;
    DELETE FROM core.line_item AS i WHERE i.revision_id = drop_revision.revision;
    DELETE FROM core.account_item AS i WHERE i.revision_id = drop_revision.revision;
    DELETE FROM ops.revision AS r WHERE r.revision_id = drop_revision.revision;
END $$;

-- What accounts are is on every server of a cluster, as what lines mean is.
CREATE OR REPLACE FUNCTION ops.distribute() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent text;
    shared text;
BEGIN
    FOREACH shared IN ARRAY ARRAY['core.line_item', 'core.account_item'] LOOP
        IF NOT ops.is_distributed(shared) THEN
            EXECUTE 'SELECT create_reference_table($1::regclass)' USING shared;
        END IF;
    END LOOP;
    IF NOT ops.is_distributed('core.line') THEN
        EXECUTE 'SELECT create_distributed_table(''core.line'', ''siren'', colocate_with => ''none'')';
    END IF;
    FOR parent IN SELECT p.parent FROM ops.partitioned AS p ORDER BY p.parent LOOP
        IF NOT ops.is_distributed(parent) THEN
            EXECUTE 'SELECT create_distributed_table($1::regclass, ''siren'', colocate_with => ''core.line'')'
                USING parent;
        END IF;
    END LOOP;
END $$;

-- Where roles were made before, the loader fills this table as it fills core.line_item.
DO $$
DECLARE
    loader text;
BEGIN
    FOR loader IN
        SELECT DISTINCT given.grantee::regrole::text
        FROM pg_class AS class
        CROSS JOIN LATERAL aclexplode(class.relacl) AS given
        WHERE class.oid = 'core.line_item'::regclass
            AND given.privilege_type = 'INSERT'
            AND given.grantee NOT IN (0, class.relowner)
    LOOP
        EXECUTE format('GRANT INSERT ON core.account_item TO %s', loader);
    END LOOP;
END $$;
