-- What a source says is kept once, as a slice, and not once for each revision: a revision names its slices, and several
-- revisions may name the same one. So what has not changed is not written again. slice_… are the tables; raw_… and core_…
-- show them by revision, under the names that they had. Tables are not renamed, because views name them.

CREATE TABLE ops_slice (
    slice_id     INTEGER PRIMARY KEY,
    -- What it is about; NULL where it follows from several sources, or holds all of a revision.
    subject      TEXT,
    -- A hash of all that it follows from, so that a later revision may name it; NULL where none can.
    follows_from TEXT,
    -- What was found while it was written, for that revision: JSON.
    found        TEXT
);
CREATE INDEX ops_slice_by_source ON ops_slice (follows_from);
INSERT INTO ops_slice (slice_id) SELECT revision_id FROM ops_revision;

-- The slices that each revision is made of, and what is added to the numbers of records in each, so that a number names
-- one record of a subject.
CREATE TABLE core_revision_slice (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    slice_id    INTEGER NOT NULL REFERENCES ops_slice,
    shift       INTEGER NOT NULL,
    PRIMARY KEY (revision_id, slice_id)
) WITHOUT ROWID;
CREATE INDEX core_revision_slice_by_slice ON core_revision_slice (slice_id);
INSERT INTO core_revision_slice (revision_id, slice_id, shift) SELECT revision_id, revision_id, 0 FROM ops_revision;

-- What is no longer named goes with the last revision that named it.
CREATE TRIGGER core_revision_slice_unnamed AFTER DELETE ON core_revision_slice
WHEN NOT EXISTS (SELECT 1 FROM core_revision_slice WHERE slice_id = OLD.slice_id)
BEGIN
    DELETE FROM ops_slice WHERE slice_id = OLD.slice_id;
END;

CREATE TABLE slice_record_block (
    slice_id     INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    first_record INTEGER NOT NULL,
    records      INTEGER NOT NULL,
    json         TEXT NOT NULL,
    PRIMARY KEY (slice_id, siren, subject, first_record)
);
INSERT INTO slice_record_block (slice_id, siren, subject, first_record, records, json)
SELECT revision_id, siren, subject, first_record, records, json FROM raw_record_block;
DROP TABLE raw_record_block;
CREATE VIEW raw_record_block AS
SELECT named.revision_id, own.siren, own.subject, own.first_record + named.shift AS first_record, own.records, own.json
FROM core_revision_slice AS named
JOIN slice_record_block AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_line_item (
    slice_id              INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    -- Within each revision that names the slice.
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
    -- Which revenue is the income of financial assets.
    asset_income          TEXT CHECK (asset_income IN ('exact', 'mixed')),
    PRIMARY KEY (slice_id, item_id)
);
INSERT INTO slice_line_item (slice_id, item_id, nomenclature, side, activity, block, category, code, label,
    published_category, published_label, matched, role, parent, harmonised, exceptional_successor, position, search_text,
    asset_income)
SELECT revision_id, item_id, nomenclature, side, activity, block, category, code, label, published_category,
    published_label, matched, role, parent, harmonised, exceptional_successor, position, search_text, asset_income
FROM core_line_item;
DROP TABLE core_line_item;
CREATE INDEX slice_line_item_by_number ON slice_line_item (item_id);
CREATE VIEW core_line_item AS
SELECT named.revision_id, own.item_id, own.nomenclature, own.side, own.activity, own.block, own.category, own.code,
    own.label, own.published_category, own.published_label, own.matched, own.role, own.parent, own.harmonised,
    own.exceptional_successor, own.position, own.search_text, own.asset_income
FROM core_revision_slice AS named
JOIN slice_line_item AS own ON own.slice_id = named.slice_id;

-- The lines of a year of a body are beside each other.
CREATE TABLE slice_line (
    slice_id    INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    record      INTEGER NOT NULL,
    item_id     INTEGER NOT NULL,
    amount      INTEGER,
    counted     BOOLEAN NOT NULL,
    missing     BOOLEAN NOT NULL,
    nil         BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT nil OR amount IS NULL),
    PRIMARY KEY (slice_id, siren, fiscal_year, record),
    CHECK (NOT counted OR amount IS NOT NULL),
    CHECK (NOT missing OR amount IS NULL)
) WITHOUT ROWID;
INSERT INTO slice_line (slice_id, siren, fiscal_year, record, item_id, amount, counted, missing, nil)
SELECT revision_id, siren, fiscal_year, record, item_id, amount, counted, missing, nil FROM core_line;
DROP TABLE core_line;
CREATE INDEX slice_line_missing ON slice_line (slice_id, siren, fiscal_year) WHERE missing;
CREATE VIEW core_line AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.record + named.shift AS record, own.item_id, own.amount,
    own.counted, own.missing, own.nil
FROM core_revision_slice AS named
JOIN slice_line AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_parent_check (
    slice_id    INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    block       TEXT NOT NULL,
    code        TEXT NOT NULL,
    label       TEXT NOT NULL,
    role        TEXT NOT NULL,
    parent      INTEGER,
    children    INTEGER,
    used        TEXT NOT NULL CHECK (used IN ('children', 'parent', 'neither')),
    PRIMARY KEY (slice_id, siren, fiscal_year, block, code)
);
INSERT INTO slice_parent_check (slice_id, siren, fiscal_year, block, code, label, role, parent, children, used)
SELECT revision_id, siren, fiscal_year, block, code, label, role, parent, children, used FROM core_parent_check;
DROP TABLE core_parent_check;
CREATE VIEW core_parent_check AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.block, own.code, own.label, own.role, own.parent, own.children,
    own.used
FROM core_revision_slice AS named
JOIN slice_parent_check AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_balance_line (
    slice_id       INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
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
    -- Balance sheets print totals among their lines.
    counted        BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (slice_id, siren, fiscal_year, record)
);
INSERT INTO slice_balance_line (slice_id, siren, fiscal_year, record, published_year, side, category, label, gross,
    depreciation, net, kind, counted)
SELECT revision_id, siren, fiscal_year, record, published_year, side, category, label, gross, depreciation, net, kind,
    counted
FROM core_balance_line;
DROP TABLE core_balance_line;
CREATE VIEW core_balance_line AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.record + named.shift AS record, own.published_year, own.side,
    own.category, own.label, own.gross, own.depreciation, own.net, own.kind, own.counted
FROM core_revision_slice AS named
JOIN slice_balance_line AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_balance_shift (
    slice_id INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren    TEXT NOT NULL,
    earlier  INTEGER NOT NULL,
    later    INTEGER NOT NULL,
    total    INTEGER NOT NULL,
    PRIMARY KEY (slice_id, siren, earlier)
);
INSERT INTO slice_balance_shift (slice_id, siren, earlier, later, total)
SELECT revision_id, siren, earlier, later, total FROM core_balance_shift;
DROP TABLE core_balance_shift;
CREATE VIEW core_balance_shift AS
SELECT named.revision_id, own.siren, own.earlier, own.later, own.total
FROM core_revision_slice AS named
JOIN slice_balance_shift AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_account_item (
    slice_id     INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    -- Within each revision that names the slice.
    item_id      INTEGER NOT NULL,
    title        TEXT,
    nomenclature TEXT,
    line         TEXT,
    no_line      TEXT CHECK (no_line IN ('edition', 'unknown')),
    PRIMARY KEY (slice_id, item_id),
    CHECK (line IS NULL OR no_line IS NULL)
);
INSERT INTO slice_account_item (slice_id, item_id, title, nomenclature, line, no_line)
SELECT revision_id, item_id, title, nomenclature, line, no_line FROM core_account_item;
DROP TABLE core_account_item;
CREATE INDEX slice_account_item_by_number ON slice_account_item (item_id);
CREATE VIEW core_account_item AS
SELECT named.revision_id, own.item_id, own.title, own.nomenclature, own.line, own.no_line
FROM core_revision_slice AS named
JOIN slice_account_item AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_trial_balance (
    slice_id    INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    chart       TEXT NOT NULL,
    chart_year  INTEGER NOT NULL,
    accounts    INTEGER NOT NULL,
    population  INTEGER,
    debt        INTEGER,
    result      INTEGER,
    PRIMARY KEY (slice_id, siren, fiscal_year)
) WITHOUT ROWID;
INSERT INTO slice_trial_balance (slice_id, siren, fiscal_year, chart, chart_year, accounts, population, debt, result)
SELECT revision_id, siren, fiscal_year, chart, chart_year, accounts, population, debt, result FROM core_trial_balance;
DROP TABLE core_trial_balance;
CREATE VIEW core_trial_balance AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.chart, own.chart_year, own.accounts, own.population, own.debt,
    own.result
FROM core_revision_slice AS named
JOIN slice_trial_balance AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_account (
    slice_id          INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
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
    PRIMARY KEY (slice_id, siren, fiscal_year, account)
) WITHOUT ROWID;
INSERT INTO slice_account (slice_id, siren, fiscal_year, account, item_id, opening_debit, opening_credit, budget_debit,
    budget_credit, order_debit, order_credit, non_budget_debit, non_budget_credit, closing_debit, closing_credit, basis)
SELECT revision_id, siren, fiscal_year, account, item_id, opening_debit, opening_credit, budget_debit, budget_credit,
    order_debit, order_credit, non_budget_debit, non_budget_credit, closing_debit, closing_credit, basis
FROM core_account;
DROP TABLE core_account;
CREATE VIEW core_account AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.account, own.item_id, own.opening_debit, own.opening_credit,
    own.budget_debit, own.budget_credit, own.order_debit, own.order_credit, own.non_budget_debit, own.non_budget_credit,
    own.closing_debit, own.closing_credit, own.basis
FROM core_revision_slice AS named
JOIN slice_account AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_indicator (
    slice_id       INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
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
    PRIMARY KEY (slice_id, siren, fiscal_year, indicator),
    CHECK ((outcome = 'computed') = (amount IS NOT NULL OR share IS NOT NULL OR years IS NOT NULL)),
    CHECK ((outcome = 'missing') = (missing <> '[]'))
) WITHOUT ROWID;
INSERT INTO slice_indicator (slice_id, siren, fiscal_year, indicator, position, outcome, amount, share, years,
    per_inhabitant, missing)
SELECT revision_id, siren, fiscal_year, indicator, position, outcome, amount, share, years, per_inhabitant, missing
FROM core_indicator;
DROP TABLE core_indicator;
CREATE VIEW core_indicator AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.indicator, own.position, own.outcome, own.amount, own.share,
    own.years, own.per_inhabitant, own.missing
FROM core_revision_slice AS named
JOIN slice_indicator AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_witness (
    slice_id    INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('balance_sheet', 'printed_result', 'accounts', 'budget_part',
        'carry_over', 'next_document', 'sheet_totals', 'ofgl_revenue', 'ofgl_expense', 'ofgl_management', 'ofgl_gross',
        'ofgl_net', 'ofgl_annuity', 'ofgl_debt')),
    says        INTEGER,
    reason      TEXT CHECK (reason IN ('not_printed', 'no_line', 'several', 'incomplete', 'perimeter', 'definition')),
    against     INTEGER,
    independent INTEGER NOT NULL,
    subject     TEXT NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet', 'aggregates', 'account_balances')),
    document    TEXT,
    record      INTEGER,
    CHECK (CASE WHEN says IS NULL THEN reason IS NOT NULL ELSE reason IS NULL OR reason = 'definition' END),
    PRIMARY KEY (slice_id, siren, fiscal_year, kind)
);
INSERT INTO slice_witness (slice_id, siren, fiscal_year, kind, says, reason, against, independent, subject, document,
    record)
SELECT revision_id, siren, fiscal_year, kind, says, reason, against, independent, subject, document, record
FROM core_witness;
DROP TABLE core_witness;
CREATE VIEW core_witness AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.kind, own.says, own.reason, own.against, own.independent,
    own.subject, own.document, own.record + named.shift AS record
FROM core_revision_slice AS named
JOIN slice_witness AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_aggregate (
    slice_id     INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren        TEXT NOT NULL,
    fiscal_year  INTEGER NOT NULL,
    budget       TEXT NOT NULL CHECK (budget IN ('main', 'attached', 'annex')),
    budget_name  TEXT,
    nomenclature TEXT,
    aggregate    TEXT NOT NULL,
    amount       INTEGER NOT NULL,
    record       INTEGER NOT NULL,
    PRIMARY KEY (slice_id, siren, fiscal_year, record)
) WITHOUT ROWID;
INSERT INTO slice_aggregate (slice_id, siren, fiscal_year, budget, budget_name, nomenclature, aggregate, amount, record)
SELECT revision_id, siren, fiscal_year, budget, budget_name, nomenclature, aggregate, amount, record FROM core_aggregate;
DROP TABLE core_aggregate;
CREATE VIEW core_aggregate AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.budget, own.budget_name, own.nomenclature, own.aggregate,
    own.amount, own.record + named.shift AS record
FROM core_revision_slice AS named
JOIN slice_aggregate AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_population (
    slice_id    INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
    siren       TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    population  INTEGER NOT NULL CHECK (population > 0),
    subject     TEXT NOT NULL CHECK (subject IN ('aggregates', 'account_balances')),
    PRIMARY KEY (slice_id, siren, fiscal_year)
) WITHOUT ROWID;
INSERT INTO slice_population (slice_id, siren, fiscal_year, population, subject)
SELECT revision_id, siren, fiscal_year, population, subject FROM core_population;
DROP TABLE core_population;
CREATE VIEW core_population AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.population, own.subject
FROM core_revision_slice AS named
JOIN slice_population AS own ON own.slice_id = named.slice_id;

CREATE TABLE slice_aggregate_standing (
    slice_id       INTEGER NOT NULL REFERENCES ops_slice ON DELETE CASCADE,
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
    PRIMARY KEY (slice_id, siren, fiscal_year, aggregate)
) WITHOUT ROWID;
INSERT INTO slice_aggregate_standing (slice_id, siren, fiscal_year, aggregate, per_inhabitant, bodies, place,
    lower_quarter, median, upper_quarter, least, most)
SELECT revision_id, siren, fiscal_year, aggregate, per_inhabitant, bodies, place, lower_quarter, median, upper_quarter,
    least, most
FROM core_aggregate_standing;
DROP TABLE core_aggregate_standing;
CREATE VIEW core_aggregate_standing AS
SELECT named.revision_id, own.siren, own.fiscal_year, own.aggregate, own.per_inhabitant, own.bodies, own.place,
    own.lower_quarter, own.median, own.upper_quarter, own.least, own.most
FROM core_revision_slice AS named
JOIN slice_aggregate_standing AS own ON own.slice_id = named.slice_id;

DROP VIEW core_statement_line;
CREATE VIEW core_statement_line AS
SELECT
    named.revision_id,
    line.siren,
    line.record + named.shift AS record,
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
    line.missing,
    item.asset_income,
    line.nil
FROM core_revision_slice AS named
JOIN slice_line AS line ON line.slice_id = named.slice_id
JOIN slice_line_item AS item ON item.slice_id = line.slice_id AND item.item_id = line.item_id;

-- The analyses of what is kept are made again: how large tables are must be known by then.
UPDATE ops_model SET definition = '';
ANALYZE slice_line;
ANALYZE slice_line_item;
ANALYZE core_revision_slice;
