-- What each account of a budget held in a year, and the indicators that follow from it. What an account is called and
-- which line of the statement it is in follows from its chart of accounts, and is kept once for all budgets.

-- Datasets may be of the balances of accounts, too. The engine changes no condition of a table that there is, and renames
-- none that a view reads: the table is made anew under its name.
CREATE TABLE ops_dataset_before AS SELECT * FROM ops_dataset;
DROP TABLE ops_dataset;
CREATE TABLE ops_dataset (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    subject        TEXT NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet', 'account_balances')),
    dataset_id     TEXT NOT NULL,
    title          TEXT NOT NULL,
    publisher      TEXT,
    license        TEXT,
    license_url    TEXT,
    records        INTEGER NOT NULL,
    data_processed TEXT,
    modified       TEXT,
    retrieved_at   TEXT NOT NULL,
    retrieved_via  TEXT NOT NULL,
    content_hash   TEXT NOT NULL,
    filter         TEXT,
    reading        TEXT,
    PRIMARY KEY (revision_id, subject)
);
INSERT INTO ops_dataset (revision_id, subject, dataset_id, title, publisher, license, license_url, records,
    data_processed, modified, retrieved_at, retrieved_via, content_hash, filter, reading)
SELECT revision_id, subject, dataset_id, title, publisher, license, license_url, records,
    data_processed, modified, retrieved_at, retrieved_via, content_hash, filter, reading
FROM ops_dataset_before;
DROP TABLE ops_dataset_before;

-- What an account is by its chart: its title, and the line of the statement that it is in, or why it is in none.
CREATE TABLE core_account_item (
    revision_id  INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    item_id      INTEGER NOT NULL,
    title        TEXT,
    nomenclature TEXT,
    line         TEXT,
    no_line      TEXT CHECK (no_line IN ('edition', 'unknown')),
    PRIMARY KEY (revision_id, item_id),
    CHECK (line IS NULL OR no_line IS NULL)
);

-- The years of budgets whose accounts are known. Amounts are centimes; NULL where the source does not say.
CREATE TABLE core_trial_balance (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    chart       TEXT NOT NULL,
    chart_year  INTEGER NOT NULL,
    accounts    INTEGER NOT NULL,
    population  INTEGER,
    debt        INTEGER,
    result      INTEGER,
    PRIMARY KEY (revision_id, siren, fiscal_year)
) WITHOUT ROWID;

CREATE TABLE core_account (
    revision_id       INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren             TEXT NOT NULL,
    fiscal_year       INTEGER NOT NULL,
    account           TEXT NOT NULL,
    item_id           INTEGER NOT NULL,
    opening_debit     INTEGER,
    opening_credit    INTEGER,
    budget_debit      INTEGER,
    budget_credit     INTEGER,
    order_debit       INTEGER,
    order_credit      INTEGER,
    non_budget_debit  INTEGER,
    non_budget_credit INTEGER,
    closing_debit     INTEGER,
    closing_credit    INTEGER,
    basis             TEXT NOT NULL CHECK (basis IN ('given', 'moved', 'budget', 'unknown')),
    PRIMARY KEY (revision_id, siren, fiscal_year, account)
) WITHOUT ROWID;

-- Values are centimes, hundredths of a percent or hundredths of a year; what is missing is a JSON list.
CREATE TABLE core_indicator (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren          TEXT NOT NULL,
    fiscal_year    INTEGER NOT NULL,
    indicator      TEXT NOT NULL,
    position       INTEGER NOT NULL,
    outcome        TEXT NOT NULL CHECK (outcome IN ('computed', 'undefined', 'missing')),
    amount         INTEGER,
    share          INTEGER,
    years          INTEGER,
    per_inhabitant INTEGER,
    missing        TEXT NOT NULL,
    PRIMARY KEY (revision_id, siren, fiscal_year, indicator),
    CHECK ((outcome = 'computed') = (amount IS NOT NULL OR share IS NOT NULL OR years IS NOT NULL)),
    CHECK ((outcome = 'missing') = (missing <> '[]'))
) WITHOUT ROWID;
