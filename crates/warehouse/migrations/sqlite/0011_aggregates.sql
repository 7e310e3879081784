-- Control totals that others publish of bodies, and how many inhabitants each has: what statements are held against and
-- divided by. A body may have these and no statement.

-- The engine changes no condition of a table that there is. These only allow more than before, so that no row has to be
-- looked at again: the text of the tables is changed, as its documentation says for such cases. The tables that are made
-- below tell other connections that it changed.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    '(''income_statement'', ''balance_sheet'', ''account_balances'')',
    '(''income_statement'', ''balance_sheet'', ''aggregates'', ''account_balances'')')
WHERE type = 'table' AND name IN ('ops_dataset', 'core_witness');
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    '''sheet_totals''',
    '''sheet_totals'', ''ofgl_revenue'', ''ofgl_expense'', ''ofgl_management'', ''ofgl_gross'', ''ofgl_net'', ''ofgl_annuity'', ''ofgl_debt'''),
    '''perimeter''',
    '''perimeter'', ''definition'''),
    'CHECK ((says IS NULL) = (reason IS NOT NULL))',
    'CHECK (CASE WHEN says IS NULL THEN reason IS NOT NULL ELSE reason IS NULL OR reason = ''definition'' END)')
WHERE type = 'table' AND name = 'core_witness';
PRAGMA writable_schema = RESET;

ALTER TABLE core_body ADD COLUMN insee TEXT;
ALTER TABLE core_body ADD COLUMN kind TEXT CHECK (kind IN ('commune', 'grouping', 'departement', 'region'));
ALTER TABLE core_body ADD COLUMN departement TEXT;
ALTER TABLE core_body ADD COLUMN grouping_name TEXT;

-- Those of several budgets are never added.
CREATE TABLE core_aggregate (
    revision_id  INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren        TEXT NOT NULL,
    fiscal_year  INTEGER NOT NULL,
    budget       TEXT NOT NULL CHECK (budget IN ('main', 'attached', 'annex')),
    budget_name  TEXT,
    nomenclature TEXT,
    aggregate    TEXT NOT NULL,
    amount       INTEGER NOT NULL,
    record       INTEGER NOT NULL,
    PRIMARY KEY (revision_id, siren, fiscal_year, record)
) WITHOUT ROWID;

-- How many inhabitants amounts of a year are divided by, and which dataset says so.
CREATE TABLE core_population (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    population  INTEGER NOT NULL CHECK (population > 0),
    subject     TEXT NOT NULL CHECK (subject IN ('aggregates', 'account_balances')),
    PRIMARY KEY (revision_id, siren, fiscal_year)
) WITHOUT ROWID;

-- An aggregate for each inhabitant, beside bodies of the same kind, département and size.
CREATE TABLE core_aggregate_standing (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren          TEXT NOT NULL,
    fiscal_year    INTEGER NOT NULL,
    aggregate      TEXT NOT NULL,
    per_inhabitant INTEGER NOT NULL,
    bodies         INTEGER NOT NULL,
    place          INTEGER NOT NULL,
    lower_quarter  INTEGER NOT NULL,
    median         INTEGER NOT NULL,
    upper_quarter  INTEGER NOT NULL,
    least          INTEGER,
    most           INTEGER,
    PRIMARY KEY (revision_id, siren, fiscal_year, aggregate)
) WITHOUT ROWID;
