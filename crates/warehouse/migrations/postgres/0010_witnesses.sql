-- What else says what the result of a year is: each source by itself, beside the others. Held against the result of the
-- lines in mart.witness.

CREATE TABLE core.witness (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('balance_sheet', 'printed_result', 'accounts', 'budget_part',
        'carry_over', 'next_document', 'sheet_totals')),
    says        bigint,
    reason      text COLLATE "C" CHECK (reason IN ('not_printed', 'no_line', 'several', 'incomplete', 'perimeter')),
    against     bigint,
    independent boolean NOT NULL,
    subject     text COLLATE "C" NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet', 'account_balances')),
    document    text COLLATE "C",
    record      bigint,
    CHECK ((says IS NULL) = (reason IS NOT NULL)),
    CONSTRAINT witness_pkey PRIMARY KEY (siren, fiscal_year, kind, revision_id)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.witness IS 'What else says what the result of a year is, each source by itself.';
COMMENT ON COLUMN core.witness.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.witness.siren IS 'The SIREN number of the public body, or the SIRET number of one of its budgets.';
COMMENT ON COLUMN core.witness.fiscal_year IS 'The fiscal year whose result it is about.';
COMMENT ON COLUMN core.witness.kind IS 'Which source it is.';
COMMENT ON COLUMN core.witness.says IS 'What it says in centimes; empty where it says nothing.';
COMMENT ON COLUMN core.witness.reason IS 'Why it says nothing.';
COMMENT ON COLUMN core.witness.against IS 'What it is held against in centimes, where that is not the result of the lines.';
COMMENT ON COLUMN core.witness.independent IS 'Whether it follows from other amounts than the result of the lines does.';
COMMENT ON COLUMN core.witness.subject IS 'The dataset it is read from: income_statement or balance_sheet.';
COMMENT ON COLUMN core.witness.document IS 'The file it is read from, of official documents.';
COMMENT ON COLUMN core.witness.record IS 'The number of the record it is read from, where it is one.';

-- Tables that grow with the data go where the others are.
DO $$
BEGIN
    IF ops.is_distributed('core.line') THEN
        -- As for every change of tables on all servers at once.
        PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true),
            set_config('citus.enable_local_execution', 'off', true);
        PERFORM ops.distribute();
    END IF;
END $$;
