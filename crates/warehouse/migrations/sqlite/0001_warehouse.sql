-- The warehouse. SQLite has no schemas, so the schema is the first word of each name:
-- raw_… what the portal sent, core_… statement lines, ops_… revisions, runs and checks.
-- The marts (mart_…) are not here: they follow from the models of the analyses.
-- Amounts are integer centimes; NULL is an amount that was not published.

CREATE TABLE ops_revision (
    revision_id   INTEGER PRIMARY KEY,
    status        TEXT NOT NULL CHECK (status IN ('staged', 'published', 'superseded')),
    created_at    TEXT NOT NULL,
    published_at  TEXT,
    portal        TEXT NOT NULL,
    sample        BOOLEAN NOT NULL,
    fingerprint   TEXT NOT NULL,
    rules_version INTEGER NOT NULL
);

-- The one revision that readers see.
CREATE TABLE ops_published (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision_id INTEGER NOT NULL REFERENCES ops_revision
);

CREATE TABLE ops_dataset (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    subject        TEXT NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet')),
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
    PRIMARY KEY (revision_id, subject)
);

CREATE TABLE ops_run (
    run_id      INTEGER PRIMARY KEY,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    portal      TEXT NOT NULL,
    outcome     TEXT NOT NULL
        CHECK (outcome IN ('running', 'published', 'unchanged', 'failed', 'interrupted')),
    revision_id INTEGER,
    records     INTEGER,
    cause       TEXT CHECK (cause IN ('source', 'data', 'database')),
    message     TEXT
);

CREATE TABLE ops_run_step (
    run_id       INTEGER NOT NULL REFERENCES ops_run ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    step         TEXT NOT NULL,
    milliseconds INTEGER NOT NULL,
    PRIMARY KEY (run_id, position)
);

CREATE TABLE ops_check_result (
    run_id   INTEGER NOT NULL REFERENCES ops_run ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name     TEXT NOT NULL,
    outcome  TEXT NOT NULL CHECK (outcome IN ('pass', 'warn', 'fail')),
    found    INTEGER NOT NULL,
    subjects TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
);

-- The definition each mart was made with, so that another definition makes it again.
CREATE TABLE ops_model (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
);

CREATE TABLE raw_field (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    subject     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    label       TEXT NOT NULL,
    field_type  TEXT NOT NULL,
    PRIMARY KEY (revision_id, subject, position)
);

-- Each record as the portal sent it: the JSON text itself, so that no decimal is ever re-written.
CREATE TABLE raw_record (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    subject     TEXT NOT NULL,
    record      INTEGER NOT NULL,
    json        TEXT NOT NULL,
    PRIMARY KEY (revision_id, subject, record)
) WITHOUT ROWID;

-- The public bodies. A SIREN number that is not known is empty.
CREATE TABLE core_body (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    name        TEXT NOT NULL,
    -- For search: name and number without case or accents.
    search_text TEXT NOT NULL,
    first_year  INTEGER NOT NULL,
    last_year   INTEGER NOT NULL,
    lines       INTEGER NOT NULL,
    PRIMARY KEY (revision_id, siren)
);

-- What published labels mean: the line of the official statement that they name.
CREATE TABLE core_line_item (
    revision_id           INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    item_id               INTEGER NOT NULL,
    nomenclature          TEXT,
    side                  TEXT CHECK (side IN ('revenue', 'expense')),
    activity              TEXT CHECK (activity IN ('operating', 'financial', 'exceptional')),
    block                 TEXT,
    category              TEXT NOT NULL,
    code                  TEXT,
    label                 TEXT NOT NULL,
    published_category    TEXT NOT NULL,
    published_label       TEXT NOT NULL,
    matched               TEXT NOT NULL
        CHECK (matched IN ('exact', 'normalised', 'variant', 'abbreviated', 'unknown')),
    role                  TEXT NOT NULL
        CHECK (role IN ('line', 'part', 'subtotal', 'total', 'heading', 'balance')),
    parent                TEXT,
    harmonised            TEXT,
    exceptional_successor TEXT CHECK (exceptional_successor IN ('exact', 'mixed')),
    position              INTEGER NOT NULL,
    -- For search: label and category without case or accents.
    search_text           TEXT NOT NULL,
    PRIMARY KEY (revision_id, item_id)
);

-- The amounts of income statements, one row for each record.
CREATE TABLE core_line (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    record      INTEGER NOT NULL,
    item_id     INTEGER NOT NULL,
    amount      INTEGER,
    counted     BOOLEAN NOT NULL,
    missing     BOOLEAN NOT NULL,
    PRIMARY KEY (revision_id, record),
    CHECK (NOT counted OR amount IS NOT NULL),
    CHECK (NOT missing OR amount IS NULL)
);

CREATE INDEX core_line_by_body ON core_line (revision_id, siren, fiscal_year);

-- Parents held against the sum of their children.
CREATE TABLE core_parent_check (
    revision_id  INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren        TEXT NOT NULL,
    fiscal_year  INTEGER NOT NULL,
    block        TEXT NOT NULL,
    code         TEXT NOT NULL,
    label        TEXT NOT NULL,
    role         TEXT NOT NULL,
    parent       INTEGER,
    children     INTEGER,
    used         TEXT NOT NULL CHECK (used IN ('children', 'parent', 'neither')),
    PRIMARY KEY (revision_id, siren, fiscal_year, block, code)
);

CREATE TABLE core_balance_line (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren          TEXT NOT NULL,
    fiscal_year    INTEGER NOT NULL,
    record         INTEGER NOT NULL,
    published_year INTEGER NOT NULL,
    side           TEXT CHECK (side IN ('asset', 'liability')),
    category       TEXT NOT NULL,
    label          TEXT NOT NULL,
    gross          INTEGER,
    depreciation   INTEGER,
    net            INTEGER,
    kind           TEXT NOT NULL
        CHECK (kind IN ('result', 'brought_forward', 'financial_asset', 'other')),
    PRIMARY KEY (revision_id, siren, fiscal_year, record)
);

-- Two years of a balance sheet that were published with shifted columns and put right.
CREATE TABLE core_balance_shift (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    earlier     INTEGER NOT NULL,
    later       INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    PRIMARY KEY (revision_id, siren, earlier)
);

-- Years that cannot be compared with the year before, and why.
CREATE TABLE core_series_break (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('nomenclature', 'perimeter')),
    PRIMARY KEY (revision_id, siren, fiscal_year, kind)
);

-- Income statements with what their labels mean.
CREATE VIEW core_statement_line AS
SELECT
    line.revision_id,
    line.siren,
    line.record,
    line.fiscal_year,
    item.nomenclature,
    item.side,
    item.activity,
    item.block,
    item.category,
    item.code,
    item.label,
    item.published_category,
    item.published_label,
    item.matched,
    item.role,
    item.parent,
    item.harmonised,
    item.exceptional_successor,
    item.position,
    item.search_text,
    line.amount,
    line.counted,
    line.missing
FROM core_line AS line
JOIN core_line_item AS item
    ON item.revision_id = line.revision_id AND item.item_id = line.item_id;

-- Why each year that begins a series does, one reason a line. Written without an ordered aggregate,
-- so that older SQLite programs can open the file too.
CREATE VIEW core_year_break AS
SELECT
    revision_id,
    siren,
    fiscal_year,
    CASE WHEN MIN(kind) = MAX(kind) THEN MIN(kind) ELSE MIN(kind) || '
' || MAX(kind) END
        AS series_break
FROM core_series_break
GROUP BY revision_id, siren, fiscal_year;

-- The result that the balance sheet publishes, where it publishes just one.
CREATE VIEW core_published_result AS
SELECT revision_id, siren, fiscal_year, MIN(net) AS published_result
FROM core_balance_line
WHERE kind = 'result' AND net IS NOT NULL
GROUP BY revision_id, siren, fiscal_year
HAVING MIN(net) = MAX(net);

-- The amounts that are needed and were not published.
CREATE VIEW core_missing_line AS
SELECT revision_id, siren, fiscal_year, record, position, side, activity, category, harmonised,
    exceptional_successor, category || ' › ' || label AS named
FROM core_statement_line
WHERE missing;

-- The lines as each basis sees them. `leaf` takes the lines that the leaf rule counts and knows
-- what is missing. `naive` takes every row with an amount, repeated or not, and misses nothing;
-- models whose plain script also drops negative rows say so themselves.
CREATE VIEW core_basis_line AS
SELECT
    'leaf' AS basis,
    revision_id, siren, record, fiscal_year, nomenclature, side, activity, category,
    published_category, label, role, matched, harmonised, exceptional_successor, position,
    amount,
    CASE WHEN counted THEN amount END AS taken,
    missing
FROM core_statement_line
UNION ALL
SELECT
    'naive',
    revision_id, siren, record, fiscal_year, nomenclature, side, activity, category,
    published_category, label, role, matched, harmonised, exceptional_successor, position,
    amount,
    amount,
    FALSE
FROM core_statement_line;
