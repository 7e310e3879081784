-- What else says what the result of a year is: each source by itself, beside the others. Held against the result of the
-- lines in mart_witness.
CREATE TABLE core_witness (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('balance_sheet', 'printed_result', 'accounts', 'budget_part',
        'carry_over', 'next_document', 'sheet_totals')),
    says        INTEGER,
    reason      TEXT CHECK (reason IN ('not_printed', 'no_line', 'several', 'incomplete', 'perimeter')),
    against     INTEGER,
    independent INTEGER NOT NULL,
    subject     TEXT NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet', 'account_balances')),
    document    TEXT,
    record      INTEGER,
    CHECK ((says IS NULL) = (reason IS NOT NULL)),
    PRIMARY KEY (revision_id, siren, fiscal_year, kind)
);
