-- The warehouse on PostgreSQL: raw, what the portal sent; core, statement lines; mart, the analyses;
-- ops, revisions, runs and checks. The marts are not here: they follow from the models.
-- Amounts are integer centimes; an empty amount is one that was not published.
--
-- Tables that grow with the data are partitioned by revision: a revision is loaded into tables of its
-- own, indexed once it is complete, and dropped whole when its retention has passed.
-- Texts that are sorted or compared are in byte order, as on every engine.

CREATE SCHEMA raw;
CREATE SCHEMA core;
CREATE SCHEMA mart;
COMMENT ON SCHEMA raw IS 'What the portal sent.';
COMMENT ON SCHEMA core IS 'Statement lines, understood.';
COMMENT ON SCHEMA mart IS 'The analyses, one table each.';
COMMENT ON SCHEMA ops IS 'Revisions, runs and checks.';

CREATE TABLE ops.revision (
    revision_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status        text NOT NULL CHECK (status IN ('staged', 'published', 'superseded')),
    created_at    text NOT NULL,
    published_at  text,
    portal        text NOT NULL,
    sample        boolean NOT NULL,
    fingerprint   text NOT NULL,
    rules_version bigint NOT NULL
);
COMMENT ON TABLE ops.revision IS 'A complete set of data, staged first and then published all at once.';
COMMENT ON COLUMN ops.revision.revision_id IS 'The number of the revision, from 1.';
COMMENT ON COLUMN ops.revision.status IS 'staged: nobody sees it yet; published: what readers see; superseded: kept for comparison.';
COMMENT ON COLUMN ops.revision.created_at IS 'When its run began, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.revision.published_at IS 'When readers began to see it, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.revision.portal IS 'The address of the portal it came from.';
COMMENT ON COLUMN ops.revision.sample IS 'Whether it is the sample edition, which is not official.';
COMMENT ON COLUMN ops.revision.fingerprint IS 'Equal sources under equal rules give equal fingerprints.';
COMMENT ON COLUMN ops.revision.rules_version IS 'The version of the accounting rules.';

CREATE TABLE ops.published (
    only_row    bigint PRIMARY KEY CHECK (only_row = 1),
    revision_id bigint NOT NULL REFERENCES ops.revision
);
COMMENT ON TABLE ops.published IS 'The one revision that readers see.';
COMMENT ON COLUMN ops.published.only_row IS 'Always 1: there is one row.';
COMMENT ON COLUMN ops.published.revision_id IS 'The revision that readers see.';

CREATE TABLE ops.dataset (
    revision_id    bigint NOT NULL REFERENCES ops.revision ON DELETE CASCADE,
    subject        text NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet')),
    dataset_id     text NOT NULL,
    title          text NOT NULL,
    publisher      text,
    license        text,
    license_url    text,
    records        bigint NOT NULL,
    data_processed text,
    modified       text,
    retrieved_at   text NOT NULL,
    retrieved_via  text NOT NULL,
    content_hash   text NOT NULL,
    PRIMARY KEY (revision_id, subject)
);
COMMENT ON TABLE ops.dataset IS 'The datasets a revision was made from.';
COMMENT ON COLUMN ops.dataset.revision_id IS 'The revision.';
COMMENT ON COLUMN ops.dataset.subject IS 'What the dataset is about.';
COMMENT ON COLUMN ops.dataset.dataset_id IS 'The identifier on the portal.';
COMMENT ON COLUMN ops.dataset.title IS 'The title on the portal.';
COMMENT ON COLUMN ops.dataset.publisher IS 'Who publishes it.';
COMMENT ON COLUMN ops.dataset.license IS 'The name of the licence.';
COMMENT ON COLUMN ops.dataset.license_url IS 'The address of the licence.';
COMMENT ON COLUMN ops.dataset.records IS 'How many records were retrieved.';
COMMENT ON COLUMN ops.dataset.data_processed IS 'When the portal last processed the data, as it says.';
COMMENT ON COLUMN ops.dataset.modified IS 'When the publisher last changed the data, as the portal says.';
COMMENT ON COLUMN ops.dataset.retrieved_at IS 'When it was retrieved, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.dataset.retrieved_via IS 'How: export, csv or records.';
COMMENT ON COLUMN ops.dataset.content_hash IS 'The SHA-256 of its records, whatever their order.';

CREATE TABLE ops.run (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  text NOT NULL,
    finished_at text,
    portal      text NOT NULL,
    outcome     text NOT NULL
        CHECK (outcome IN ('running', 'published', 'unchanged', 'failed', 'interrupted')),
    revision_id bigint,
    records     bigint,
    cause       text CHECK (cause IN ('source', 'data', 'database')),
    message     text
);
COMMENT ON TABLE ops.run IS 'The runs of the pipeline.';
COMMENT ON COLUMN ops.run.run_id IS 'The number of the run, from 1.';
COMMENT ON COLUMN ops.run.started_at IS 'When it began, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.run.finished_at IS 'When it ended; empty while it runs.';
COMMENT ON COLUMN ops.run.portal IS 'The address of the portal.';
COMMENT ON COLUMN ops.run.outcome IS 'How it ended.';
COMMENT ON COLUMN ops.run.revision_id IS 'The revision it published, or found unchanged.';
COMMENT ON COLUMN ops.run.records IS 'How many records it retrieved.';
COMMENT ON COLUMN ops.run.cause IS 'Whose failure it was.';
COMMENT ON COLUMN ops.run.message IS 'Why it failed.';

CREATE TABLE ops.run_step (
    run_id       bigint NOT NULL REFERENCES ops.run ON DELETE CASCADE,
    position     bigint NOT NULL,
    step         text NOT NULL,
    milliseconds bigint NOT NULL,
    PRIMARY KEY (run_id, position)
);
COMMENT ON TABLE ops.run_step IS 'How long each step of a run took.';
COMMENT ON COLUMN ops.run_step.run_id IS 'The run.';
COMMENT ON COLUMN ops.run_step.position IS 'The place of the step, from 1.';
COMMENT ON COLUMN ops.run_step.step IS 'The name of the step.';
COMMENT ON COLUMN ops.run_step.milliseconds IS 'Its duration.';

CREATE TABLE ops.check_result (
    run_id   bigint NOT NULL REFERENCES ops.run ON DELETE CASCADE,
    position bigint NOT NULL,
    name     text NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('pass', 'warn', 'fail')),
    found    bigint NOT NULL,
    subjects text NOT NULL,
    PRIMARY KEY (run_id, position)
);
COMMENT ON TABLE ops.check_result IS 'What the checks of a run found.';
COMMENT ON COLUMN ops.check_result.run_id IS 'The run.';
COMMENT ON COLUMN ops.check_result.position IS 'The place of the check, from 1.';
COMMENT ON COLUMN ops.check_result.name IS 'The name of the check.';
COMMENT ON COLUMN ops.check_result.outcome IS 'pass, warn: something to know; fail: nothing was published.';
COMMENT ON COLUMN ops.check_result.found IS 'How many cases were found: failures or remarks where there are any, else cases that passed.';
COMMENT ON COLUMN ops.check_result.subjects IS 'What they are, in the words of the data: a JSON list.';

CREATE TABLE ops.model (
    name       text PRIMARY KEY,
    definition text NOT NULL
);
COMMENT ON TABLE ops.model IS 'The definition each mart was made with, so that another definition makes it again.';
COMMENT ON COLUMN ops.model.name IS 'The name of the mart.';
COMMENT ON COLUMN ops.model.definition IS 'Its columns and its SELECT.';

CREATE TABLE raw.field (
    revision_id bigint NOT NULL REFERENCES ops.revision ON DELETE CASCADE,
    subject     text NOT NULL,
    position    bigint NOT NULL,
    name        text NOT NULL,
    label       text NOT NULL,
    field_type  text NOT NULL,
    PRIMARY KEY (revision_id, subject, position)
);
COMMENT ON TABLE raw.field IS 'The fields of each dataset, as its portal describes them.';
COMMENT ON COLUMN raw.field.revision_id IS 'The revision.';
COMMENT ON COLUMN raw.field.subject IS 'What the dataset is about.';
COMMENT ON COLUMN raw.field.position IS 'The place of the field, from 1.';
COMMENT ON COLUMN raw.field.name IS 'The name in records.';
COMMENT ON COLUMN raw.field.label IS 'The label for people.';
COMMENT ON COLUMN raw.field.field_type IS 'The portal''s type.';

CREATE TABLE raw.record (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    subject     text NOT NULL,
    record      bigint NOT NULL,
    json        text NOT NULL
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE raw.record IS 'Each record as the portal sent it: the JSON text itself, so that no decimal is ever re-written.';
COMMENT ON COLUMN raw.record.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN raw.record.siren IS 'The SIREN number of the public body; empty when not known.';
COMMENT ON COLUMN raw.record.subject IS 'income_statement or balance_sheet.';
COMMENT ON COLUMN raw.record.record IS 'The number of the record in its dataset, from 1, in the order received.';
COMMENT ON COLUMN raw.record.json IS 'Its JSON text, byte for byte.';

CREATE TABLE core.body (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    first_year  bigint NOT NULL,
    last_year   bigint NOT NULL,
    lines       bigint NOT NULL
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.body IS 'The public bodies of a revision.';
COMMENT ON COLUMN core.body.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.body.siren IS 'The SIREN number; empty when not known.';
COMMENT ON COLUMN core.body.name IS 'The name.';
COMMENT ON COLUMN core.body.search_text IS 'Name and number without case or accents, to be searched.';
COMMENT ON COLUMN core.body.first_year IS 'The first fiscal year of its income statement.';
COMMENT ON COLUMN core.body.last_year IS 'The last fiscal year of its income statement.';
COMMENT ON COLUMN core.body.lines IS 'How many statement lines it has.';

CREATE TABLE core.line_item (
    revision_id           bigint NOT NULL,
    item_id               bigint NOT NULL,
    nomenclature          text,
    side                  text CHECK (side IN ('revenue', 'expense')),
    activity              text CHECK (activity IN ('operating', 'financial', 'exceptional')),
    block                 text COLLATE "C",
    category              text COLLATE "C" NOT NULL,
    code                  text COLLATE "C",
    label                 text COLLATE "C" NOT NULL,
    published_category    text COLLATE "C" NOT NULL,
    published_label       text COLLATE "C" NOT NULL,
    matched               text NOT NULL
        CHECK (matched IN ('exact', 'normalised', 'variant', 'abbreviated', 'unknown')),
    role                  text NOT NULL
        CHECK (role IN ('line', 'part', 'subtotal', 'total', 'heading', 'balance')),
    parent                text COLLATE "C",
    harmonised            text COLLATE "C",
    exceptional_successor text CHECK (exceptional_successor IN ('exact', 'mixed')),
    position              bigint NOT NULL,
    search_text           text COLLATE "C" NOT NULL,
    PRIMARY KEY (revision_id, item_id)
);
COMMENT ON TABLE core.line_item IS 'What published labels mean: the line of the official statement that they name.';
COMMENT ON COLUMN core.line_item.revision_id IS 'The revision.';
COMMENT ON COLUMN core.line_item.item_id IS 'The number of the item within its revision.';
COMMENT ON COLUMN core.line_item.nomenclature IS 'M14 or M57; empty when not recognised.';
COMMENT ON COLUMN core.line_item.side IS 'revenue or expense; empty for balances.';
COMMENT ON COLUMN core.line_item.activity IS 'operating, financial or exceptional.';
COMMENT ON COLUMN core.line_item.block IS 'The code of the block in the nomenclature.';
COMMENT ON COLUMN core.line_item.category IS 'The official label of the block (poste), or the published one.';
COMMENT ON COLUMN core.line_item.code IS 'The code of the line in the nomenclature.';
COMMENT ON COLUMN core.line_item.label IS 'The official label of the line, or the published one.';
COMMENT ON COLUMN core.line_item.published_category IS 'The label of the block as published.';
COMMENT ON COLUMN core.line_item.published_label IS 'The label of the line as published.';
COMMENT ON COLUMN core.line_item.matched IS 'How the label was recognised.';
COMMENT ON COLUMN core.line_item.role IS 'What the row is in its statement.';
COMMENT ON COLUMN core.line_item.parent IS 'The code of the line it is part of.';
COMMENT ON COLUMN core.line_item.harmonised IS 'The category that can be compared across nomenclatures.';
COMMENT ON COLUMN core.line_item.exceptional_successor IS 'For M57 lines that took over what M14 called exceptional.';
COMMENT ON COLUMN core.line_item.position IS 'The position in the official model.';
COMMENT ON COLUMN core.line_item.search_text IS 'Label and category without case or accents, to be searched.';

CREATE TABLE core.line (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    record      bigint NOT NULL,
    item_id     bigint NOT NULL,
    amount      bigint,
    counted     boolean NOT NULL,
    missing     boolean NOT NULL,
    CHECK (NOT counted OR amount IS NOT NULL),
    CHECK (NOT missing OR amount IS NULL)
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.line IS 'The amounts of income statements, one row for each record. See core.statement_line for the labels beside them.';
COMMENT ON COLUMN core.line.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.line.siren IS 'The SIREN number of the public body.';
COMMENT ON COLUMN core.line.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.line.record IS 'The number of its source record.';
COMMENT ON COLUMN core.line.item_id IS 'What its labels mean: see core.line_item.';
COMMENT ON COLUMN core.line.amount IS 'The amount in centimes; empty when none was published.';
COMMENT ON COLUMN core.line.counted IS 'Whether the leaf rule adds it.';
COMMENT ON COLUMN core.line.missing IS 'Whether an amount is needed here and none was published.';

CREATE TABLE core.parent_check (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    block       text COLLATE "C" NOT NULL,
    code        text COLLATE "C" NOT NULL,
    label       text COLLATE "C" NOT NULL,
    role        text NOT NULL,
    parent      bigint,
    children    bigint,
    used        text NOT NULL CHECK (used IN ('children', 'parent', 'neither'))
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.parent_check IS 'Parents held against the sum of their children.';
COMMENT ON COLUMN core.parent_check.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.parent_check.siren IS 'The SIREN number of the public body.';
COMMENT ON COLUMN core.parent_check.fiscal_year IS 'The fiscal year.';
COMMENT ON COLUMN core.parent_check.block IS 'The code of the block.';
COMMENT ON COLUMN core.parent_check.code IS 'The code of the parent line.';
COMMENT ON COLUMN core.parent_check.label IS 'Its official label.';
COMMENT ON COLUMN core.parent_check.role IS 'subtotal, heading or total.';
COMMENT ON COLUMN core.parent_check.parent IS 'The amount published for the parent, in centimes.';
COMMENT ON COLUMN core.parent_check.children IS 'The sum of its children in centimes, when all are known.';
COMMENT ON COLUMN core.parent_check.used IS 'Which of the two is added.';

CREATE TABLE core.balance_line (
    revision_id      bigint NOT NULL,
    siren            text COLLATE "C" NOT NULL,
    fiscal_year      bigint NOT NULL,
    record           bigint NOT NULL,
    published_year   bigint NOT NULL,
    side             text CHECK (side IN ('asset', 'liability')),
    category         text COLLATE "C" NOT NULL,
    label            text COLLATE "C" NOT NULL,
    gross            bigint,
    depreciation     bigint,
    net              bigint,
    kind             text NOT NULL
        CHECK (kind IN ('result', 'brought_forward', 'financial_asset', 'other')),
    gross_eur        numeric(18, 2) GENERATED ALWAYS AS (gross * 0.01) STORED,
    depreciation_eur numeric(18, 2) GENERATED ALWAYS AS (depreciation * 0.01) STORED,
    net_eur          numeric(18, 2) GENERATED ALWAYS AS (net * 0.01) STORED
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.balance_line IS 'The lines of balance sheets, with the shifted columns of some years put right.';
COMMENT ON COLUMN core.balance_line.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.balance_line.siren IS 'The SIREN number of the public body.';
COMMENT ON COLUMN core.balance_line.fiscal_year IS 'The fiscal year the amounts are of.';
COMMENT ON COLUMN core.balance_line.record IS 'The number of its source record.';
COMMENT ON COLUMN core.balance_line.published_year IS 'The fiscal year it was published under.';
COMMENT ON COLUMN core.balance_line.side IS 'asset or liability.';
COMMENT ON COLUMN core.balance_line.category IS 'The label of its block, as published.';
COMMENT ON COLUMN core.balance_line.label IS 'Its label, as published.';
COMMENT ON COLUMN core.balance_line.gross IS 'The gross value in centimes.';
COMMENT ON COLUMN core.balance_line.depreciation IS 'Depreciation and provisions in centimes.';
COMMENT ON COLUMN core.balance_line.net IS 'The net value in centimes.';
COMMENT ON COLUMN core.balance_line.kind IS 'What it is used for.';
COMMENT ON COLUMN core.balance_line.gross_eur IS 'The gross value in euros.';
COMMENT ON COLUMN core.balance_line.depreciation_eur IS 'Depreciation and provisions in euros.';
COMMENT ON COLUMN core.balance_line.net_eur IS 'The net value in euros.';

CREATE TABLE core.balance_shift (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    earlier     bigint NOT NULL,
    later       bigint NOT NULL,
    total       bigint NOT NULL
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.balance_shift IS 'Two years of a balance sheet that were published with shifted columns and put right.';
COMMENT ON COLUMN core.balance_shift.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.balance_shift.siren IS 'The SIREN number of the public body.';
COMMENT ON COLUMN core.balance_shift.earlier IS 'The label of the rows that hold both years.';
COMMENT ON COLUMN core.balance_shift.later IS 'The other year they hold.';
COMMENT ON COLUMN core.balance_shift.total IS 'The total of the later year in centimes, which three sums agree on.';

CREATE TABLE core.series_break (
    revision_id bigint NOT NULL,
    siren       text COLLATE "C" NOT NULL,
    fiscal_year bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('nomenclature', 'perimeter'))
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE core.series_break IS 'Years that cannot be compared with the year before, and why.';
COMMENT ON COLUMN core.series_break.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN core.series_break.siren IS 'The SIREN number of the public body.';
COMMENT ON COLUMN core.series_break.fiscal_year IS 'The first year of the new series.';
COMMENT ON COLUMN core.series_break.kind IS 'Another chart of accounts, or another public body, as after a merger.';

-- Records and lines are read by number, in the order in which they were written: a block range index
-- finds them in a few pages and costs nothing to build.
CREATE INDEX record_by_number ON raw.record USING brin (record) WITH (pages_per_range = 16);
CREATE INDEX line_by_number ON core.line USING brin (record) WITH (pages_per_range = 16);
CREATE INDEX line_by_body ON core.line (siren, fiscal_year);
CREATE INDEX body_by_siren ON core.body (siren);
CREATE INDEX body_by_name ON core.body (name, siren);
CREATE INDEX parent_check_by_body ON core.parent_check (siren);
CREATE INDEX balance_line_by_body ON core.balance_line (siren);
CREATE INDEX balance_shift_by_body ON core.balance_shift (siren);
CREATE INDEX series_break_by_body ON core.series_break (siren, fiscal_year);

CREATE VIEW core.statement_line AS
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
    CAST(line.amount * 0.01 AS numeric(18, 2)) AS amount_eur,
    line.counted,
    line.missing
FROM core.line AS line
JOIN core.line_item AS item
    ON item.revision_id = line.revision_id AND item.item_id = line.item_id;
COMMENT ON VIEW core.statement_line IS
    'Income statements: one row for each published record, with what its labels mean.';
COMMENT ON COLUMN core.statement_line.amount IS 'The amount in centimes; empty when none was published.';
COMMENT ON COLUMN core.statement_line.amount_eur IS 'The amount in euros.';

-- Why each year that begins a series does, one reason a line.
CREATE VIEW core.year_break AS
SELECT
    revision_id,
    siren,
    fiscal_year,
    CASE WHEN MIN(kind) = MAX(kind) THEN MIN(kind) ELSE MIN(kind) || E'\n' || MAX(kind) END
        AS series_break
FROM core.series_break
GROUP BY revision_id, siren, fiscal_year;
COMMENT ON VIEW core.year_break IS 'Why each year that begins a series does, one reason a line.';

-- The result that the balance sheet publishes, where it publishes just one.
CREATE VIEW core.published_result AS
SELECT revision_id, siren, fiscal_year, MIN(net) AS published_result
FROM core.balance_line
WHERE kind = 'result' AND net IS NOT NULL
GROUP BY revision_id, siren, fiscal_year
HAVING MIN(net) = MAX(net);
COMMENT ON VIEW core.published_result IS
    'The result that the balance sheet publishes, where it publishes just one, in centimes.';

-- The amounts that are needed and were not published.
CREATE VIEW core.missing_line AS
SELECT revision_id, siren, fiscal_year, record, position, side, activity, category, harmonised,
    exceptional_successor, category || ' › ' || label AS named
FROM core.statement_line
WHERE missing;
COMMENT ON VIEW core.missing_line IS 'The amounts that are needed and were not published.';

-- The lines as each basis sees them. `leaf` takes the lines that the leaf rule counts and knows
-- what is missing. `naive` takes every row with an amount, repeated or not, and misses nothing;
-- models whose plain script also drops negative rows say so themselves.
CREATE VIEW core.basis_line AS
SELECT
    'leaf' AS basis,
    revision_id, siren, record, fiscal_year, nomenclature, side, activity, category,
    published_category, label, role, matched, harmonised, exceptional_successor, position,
    amount,
    CASE WHEN counted THEN amount END AS taken,
    missing
FROM core.statement_line
UNION ALL
SELECT
    'naive',
    revision_id, siren, record, fiscal_year, nomenclature, side, activity, category,
    published_category, label, role, matched, harmonised, exceptional_successor, position,
    amount,
    amount,
    FALSE
FROM core.statement_line;
COMMENT ON VIEW core.basis_line IS
    'The lines as each basis sees them: leaf adds each euro once, naive adds every published row.';

-- The tables that have a partition for each revision. Only these may be given partitions by the
-- functions below, which run with the rights of their owner so that a loader needs none on tables.
CREATE VIEW ops.partitioned AS
SELECT
    space.nspname || '.' || class.relname AS parent,
    class.oid
FROM pg_catalog.pg_partitioned_table AS partitioned
JOIN pg_catalog.pg_class AS class ON class.oid = partitioned.partrelid
JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
WHERE space.nspname IN ('raw', 'core', 'mart');
COMMENT ON VIEW ops.partitioned IS 'The tables that have a partition for each revision.';

CREATE FUNCTION ops.partition_of(parent text, revision bigint) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN parent || '_r' || revision;
COMMENT ON FUNCTION ops.partition_of IS 'The name of the partition of a table for a revision.';

-- Makes an empty table for a revision, not yet attached: what is loaded into it needs no index and
-- holds no lock that a reader could meet.
CREATE FUNCTION ops.create_partition(parent text, revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := ops.partition_of(parent, revision);
BEGIN
    IF NOT EXISTS (SELECT FROM ops.partitioned AS p WHERE p.parent = create_partition.parent) THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    EXECUTE format(
        'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS,
             CONSTRAINT of_revision CHECK (revision_id = %s))',
        part, parent, revision);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %s TO %I', part, session_user);
END $$;
COMMENT ON FUNCTION ops.create_partition IS 'Makes an empty table for a revision, not yet attached.';

CREATE FUNCTION ops.create_partitions(revision bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ops.create_partition(p.parent, revision) FROM ops.partitioned AS p ORDER BY p.parent
$$;
COMMENT ON FUNCTION ops.create_partitions IS 'Makes all empty tables for a revision.';

-- Makes a loaded table part of its parent: indexes are built, statistics are taken, and queries of
-- the parent see it.
CREATE FUNCTION ops.attach_partition(parent text, revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := ops.partition_of(parent, revision);
BEGIN
    IF NOT EXISTS (SELECT FROM ops.partitioned AS p WHERE p.parent = attach_partition.parent) THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', parent, part, revision);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT of_revision', part);
    EXECUTE format('ANALYZE %s', part);
END $$;
COMMENT ON FUNCTION ops.attach_partition IS 'Makes a loaded table part of its parent.';

-- Drops every table of a revision, attached or not, and then the revision. A reader in the middle of
-- a query is not waited for: the drop is refused at once and tried again by a later run.
CREATE FUNCTION ops.drop_revision(revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    parent text;
BEGIN
    IF EXISTS (SELECT FROM ops.published AS p WHERE p.revision_id = drop_revision.revision) THEN
        RAISE EXCEPTION 'revision % is the published one', revision;
    END IF;
    FOR parent IN SELECT p.parent FROM ops.partitioned AS p ORDER BY p.parent LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s', ops.partition_of(parent, revision));
    END LOOP;
    DELETE FROM core.line_item AS i WHERE i.revision_id = drop_revision.revision;
    DELETE FROM ops.revision AS r WHERE r.revision_id = drop_revision.revision;
END $$;
COMMENT ON FUNCTION ops.drop_revision IS 'Drops every table of a revision, and then the revision.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;
