-- What a source says is kept once, as a slice, and not once for each revision: a revision names its slices, and several
-- revisions may name the same one. So what has not changed is not written again. The tables of slices are in a schema of
-- their own, with one partition for each slice; raw and core show them by revision, under the names that they had.

CREATE SCHEMA slice;
COMMENT ON SCHEMA slice IS 'What sources say, kept once for all revisions that name it. Read it through raw and core.';

CREATE TABLE ops.slice (
    slice_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject      text,
    follows_from text,
    found        text
);
CREATE INDEX slice_by_source ON ops.slice (follows_from);
COMMENT ON TABLE ops.slice IS 'What is kept of sources, each part of it once. What no revision names is dropped.';
COMMENT ON COLUMN ops.slice.slice_id IS 'The number of the slice, from 1.';
COMMENT ON COLUMN ops.slice.subject IS 'What it is about; empty where it follows from several sources, or holds all of a revision.';
COMMENT ON COLUMN ops.slice.follows_from IS 'A hash of all that it follows from, so that a later revision may name it; empty where none can.';
COMMENT ON COLUMN ops.slice.found IS 'What was found while it was written, for that revision: JSON.';

CREATE TABLE core.revision_slice (
    revision_id bigint NOT NULL,
    slice_id    bigint NOT NULL,
    shift       bigint NOT NULL,
    PRIMARY KEY (revision_id, slice_id)
);
COMMENT ON TABLE core.revision_slice IS 'The slices that each revision is made of.';
COMMENT ON COLUMN core.revision_slice.revision_id IS 'The revision.';
COMMENT ON COLUMN core.revision_slice.slice_id IS 'One of its slices.';
COMMENT ON COLUMN core.revision_slice.shift IS 'What is added to the numbers of records in the slice, so that a number names one record of a subject.';

-- As for every change of tables on all servers at once.
DO $$
BEGIN
    IF ops.is_distributed('core.line') THEN
        PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true),
            set_config('citus.enable_local_execution', 'off', true);
    END IF;
END $$;

-- Views of others go with the tables that they read, which are no longer of revisions.
DO $$
DECLARE
    theirs text;
BEGIN
    SELECT string_agg(DISTINCT format('%I.%I', space.nspname, class.relname), ', ') INTO theirs
    FROM pg_depend AS reads
    JOIN pg_rewrite AS rule ON rule.oid = reads.objid
    JOIN pg_class AS class ON class.oid = rule.ev_class
    JOIN pg_namespace AS space ON space.oid = class.relnamespace
    JOIN pg_class AS ours ON ours.oid = reads.refobjid
    WHERE reads.classid = 'pg_rewrite'::regclass AND reads.refclassid = 'pg_class'::regclass
        AND ours.relnamespace IN ('raw'::regnamespace, 'core'::regnamespace) AND ours.relkind IN ('r', 'p')
        AND space.nspname NOT IN ('raw', 'core', 'mart', 'ops', 'published');
    IF theirs IS NOT NULL THEN
        RAISE dependent_objects_still_exist USING
            MESSAGE = 'tables that this version keeps otherwise are read by views of others',
            DETAIL = theirs;
    END IF;
END $$;

-- What each revision has becomes a slice with its number. No row is moved.
INSERT INTO ops.slice (slice_id) OVERRIDING SYSTEM VALUE SELECT r.revision_id FROM ops.revision AS r;
SELECT setval(pg_get_serial_sequence('ops.slice', 'slice_id'), MAX(r.revision_id)) FROM ops.revision AS r
HAVING MAX(r.revision_id) IS NOT NULL;
INSERT INTO core.revision_slice (revision_id, slice_id, shift) SELECT r.revision_id, r.revision_id, 0 FROM ops.revision AS r;

DO $$
DECLARE
    moved record;
    part record;
    columns text;
    comments record;
BEGIN
    FOR moved IN
        SELECT * FROM (VALUES
            ('raw', 'record_block', 'first_record'), ('core', 'line', 'record'), ('core', 'line_item', NULL),
            ('core', 'parent_check', NULL), ('core', 'balance_line', 'record'), ('core', 'balance_shift', NULL),
            ('core', 'account_item', NULL), ('core', 'trial_balance', NULL), ('core', 'account', NULL),
            ('core', 'indicator', NULL), ('core', 'witness', 'record'), ('core', 'aggregate', 'record'),
            ('core', 'population', NULL), ('core', 'aggregate_standing', NULL)) AS tables (space, name, numbered)
    LOOP
        EXECUTE format('ALTER TABLE %I.%I RENAME COLUMN revision_id TO slice_id', moved.space, moved.name);
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA slice', moved.space, moved.name);
        EXECUTE format('COMMENT ON COLUMN slice.%I.slice_id IS ''The slice.''', moved.name);
        FOR part IN
            SELECT space.nspname AS space, class.relname AS name,
                'slice_' || moved.name || '_s' || substring(class.relname FROM '_r([0-9]+)$') AS new_name
            FROM pg_inherits AS inherited
            JOIN pg_class AS class ON class.oid = inherited.inhrelid
            JOIN pg_namespace AS space ON space.oid = class.relnamespace
            WHERE inherited.inhparent = ('slice.' || moved.name)::regclass
            ORDER BY class.relname
        LOOP
            EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', part.space, part.name, part.new_name);
        END LOOP;
        SELECT string_agg(
                CASE WHEN own.attname = 'slice_id' THEN 'named.revision_id'
                    WHEN own.attname = moved.numbered THEN format('own.%I + named.shift AS %I', own.attname, own.attname)
                    ELSE format('own.%I', own.attname) END,
                ', ' ORDER BY own.attname <> 'slice_id', own.attnum)
        INTO columns
        FROM pg_attribute AS own
        WHERE own.attrelid = ('slice.' || moved.name)::regclass AND own.attnum > 0 AND NOT own.attisdropped;
        EXECUTE format(
            'CREATE VIEW %I.%I AS SELECT %s FROM core.revision_slice AS named
                 JOIN slice.%I AS own ON own.slice_id = named.slice_id',
            moved.space, moved.name, columns, moved.name);
        EXECUTE format('COMMENT ON VIEW %I.%I IS %L', moved.space, moved.name,
            obj_description(('slice.' || moved.name)::regclass, 'pg_class'));
        FOR comments IN
            SELECT own.attname AS name, col_description(own.attrelid, own.attnum) AS meaning
            FROM pg_attribute AS own
            WHERE own.attrelid = ('slice.' || moved.name)::regclass AND own.attnum > 0 AND NOT own.attisdropped
                AND own.attname <> 'slice_id'
        LOOP
            EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', moved.space, moved.name, comments.name, comments.meaning);
        END LOOP;
        EXECUTE format('COMMENT ON COLUMN %I.%I.revision_id IS ''The revision.''', moved.space, moved.name);
    END LOOP;
END $$;

-- Items of all slices of a revision are looked for by their number, which no other item of the revision has.
CREATE INDEX line_item_by_number ON slice.line_item (item_id);
CREATE INDEX account_item_by_number ON slice.account_item (item_id);
COMMENT ON COLUMN slice.line_item.item_id IS 'The number of the item within each revision that names its slice.';
COMMENT ON COLUMN slice.account_item.item_id IS 'Its number within each revision that names its slice.';

CREATE OR REPLACE VIEW core.statement_line AS
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
    CAST(line.amount * 0.01 AS numeric(18, 2)) AS amount_eur,
    line.counted,
    line.missing,
    item.asset_income,
    line.nil
FROM core.revision_slice AS named
JOIN slice.line AS line ON line.slice_id = named.slice_id
JOIN slice.line_item AS item ON item.slice_id = line.slice_id AND item.item_id = line.item_id;

CREATE OR REPLACE VIEW core.published_result AS
SELECT revision_id, siren, fiscal_year, MIN(net) AS published_result
FROM core.balance_line
WHERE kind = 'result' AND net IS NOT NULL
GROUP BY revision_id, siren, fiscal_year
HAVING MIN(net) = MAX(net);

CREATE OR REPLACE VIEW raw.record AS
SELECT
    block.revision_id,
    block.siren,
    block.subject,
    block.first_record + element.place - 1 AS record,
    CAST(element.json AS text) AS json
FROM raw.record_block AS block
CROSS JOIN LATERAL json_array_elements(CAST(block.json AS json)) WITH ORDINALITY AS element (json, place);

CREATE OR REPLACE VIEW ops.partitioned AS
SELECT
    space.nspname || '.' || class.relname AS parent,
    class.oid
FROM pg_catalog.pg_partitioned_table AS partitioned
JOIN pg_catalog.pg_class AS class ON class.oid = partitioned.partrelid
JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
WHERE space.nspname IN ('core', 'mart');

CREATE VIEW ops.sliced AS
SELECT
    space.nspname || '.' || class.relname AS parent,
    class.oid
FROM pg_catalog.pg_partitioned_table AS partitioned
JOIN pg_catalog.pg_class AS class ON class.oid = partitioned.partrelid
JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace
WHERE space.nspname = 'slice';
COMMENT ON VIEW ops.sliced IS 'The tables that have a partition for each slice.';
COMMENT ON COLUMN ops.sliced.parent IS 'The name of the table, with its schema.';
COMMENT ON COLUMN ops.sliced.oid IS 'The number by which PostgreSQL knows it.';

CREATE FUNCTION ops.slice_partition_of(parent text, slice bigint) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN 'partition.' || replace(parent, '.', '_') || '_s' || slice;
COMMENT ON FUNCTION ops.slice_partition_of IS 'The name of the partition of a table for a slice.';

-- What is the same for a revision and for a slice: an empty table like its parent, not yet attached but on a cluster.
CREATE FUNCTION ops.make_part(parent text, part text, key text, number bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other text;
BEGIN
    EXECUTE format(
        'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS,
             CONSTRAINT of_revision CHECK (%I = %s))',
        part, parent, key, number);
    FOR other IN
        SELECT DISTINCT acl.grantee::regrole::text
        FROM pg_class AS class, aclexplode(class.relacl) AS acl
        WHERE class.oid = part::regclass AND acl.grantee NOT IN (0, class.relowner)
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', part, other);
    END LOOP;
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %s TO %I', part, session_user);
    IF ops.is_distributed(parent) THEN
        EXECUTE 'SELECT create_distributed_table($1::regclass, ''siren'', colocate_with => $2)'
            USING part, parent;
        -- What one role has written in a transaction no other may touch there, on a cluster: the owner
        -- cannot attach what the loader has loaded.
        PERFORM ops.attach(parent, part, number);
    END IF;
END $$;
COMMENT ON FUNCTION ops.make_part IS 'Makes an empty table like its parent, for what has this number.';

CREATE OR REPLACE FUNCTION ops.create_partition(parent text, revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ops.partitioned AS p WHERE p.parent = create_partition.parent) THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    PERFORM ops.make_part(parent, ops.partition_of(parent, revision), 'revision_id', revision);
END $$;

CREATE FUNCTION ops.create_slice(slice bigint, parents text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY parents LOOP
        IF NOT EXISTS (SELECT FROM ops.sliced AS s WHERE s.parent = wanted) THEN
            RAISE EXCEPTION '% has no slices', wanted;
        END IF;
        PERFORM ops.make_part(wanted, ops.slice_partition_of(wanted, slice), 'slice_id', slice);
    END LOOP;
END $$;
COMMENT ON FUNCTION ops.create_slice IS 'Makes empty tables for a slice, those that it has rows in.';

CREATE FUNCTION ops.attach_slice(parent text, slice bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := ops.slice_partition_of(parent, slice);
BEGIN
    IF NOT EXISTS (SELECT FROM ops.sliced AS s WHERE s.parent = attach_slice.parent) THEN
        RAISE EXCEPTION '% has no slices', parent;
    END IF;
    IF NOT ops.is_distributed(parent) THEN
        PERFORM ops.attach(parent, part, slice);
        EXECUTE format('ANALYZE %s', part);
    END IF;
END $$;
COMMENT ON FUNCTION ops.attach_slice IS 'Makes a loaded table of a slice part of its parent.';

CREATE OR REPLACE FUNCTION ops.analyse_partitions(revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text;
BEGIN
    FOR part IN
        SELECT ops.partition_of(p.parent, revision) FROM ops.partitioned AS p WHERE ops.is_distributed(p.parent)
        UNION ALL
        SELECT ops.slice_partition_of(s.parent, named.slice_id)
        FROM ops.sliced AS s
        JOIN core.revision_slice AS named ON named.revision_id = analyse_partitions.revision
        WHERE ops.is_distributed(s.parent)
            AND to_regclass(ops.slice_partition_of(s.parent, named.slice_id)) IS NOT NULL
        ORDER BY 1
    LOOP
        EXECUTE format('ANALYZE %s', part);
    END LOOP;
END $$;

-- Drops every table of a revision, attached or not, and those of the slices that no other revision names.
CREATE OR REPLACE FUNCTION ops.drop_revision(revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET lock_timeout = '100ms' AS $$
DECLARE
    part regclass;
    unnamed bigint[];
BEGIN
    IF EXISTS (SELECT FROM ops.published AS p WHERE p.revision_id = drop_revision.revision) THEN
        RAISE EXCEPTION 'revision % is the published one', revision;
    END IF;
    SELECT array_agg(s.slice_id) INTO unnamed
    FROM ops.slice AS s
    WHERE NOT EXISTS (
        SELECT FROM core.revision_slice AS named
        WHERE named.slice_id = s.slice_id AND named.revision_id <> drop_revision.revision);
    FOR part IN
        SELECT class.oid
        FROM pg_class AS class
        WHERE class.relnamespace IN (
                'partition'::regnamespace, 'raw'::regnamespace, 'core'::regnamespace, 'mart'::regnamespace)
            AND class.relkind = 'r'
            AND (class.relname ~ ('_r' || revision || '$')
                OR CAST(substring(class.relname FROM '^slice_.*_s([0-9]+)$') AS bigint) = ANY (unnamed))
            AND class.relowner = (SELECT relowner FROM pg_class WHERE oid = 'slice.line'::regclass)
        ORDER BY class.relname
    LOOP
        EXECUTE format('DROP TABLE %s', part);
    END LOOP;
    DELETE FROM slice.line_item AS i WHERE i.slice_id = ANY (unnamed);
    DELETE FROM slice.account_item AS i WHERE i.slice_id = ANY (unnamed);
    DELETE FROM core.revision_slice AS named WHERE named.revision_id = drop_revision.revision;
    DELETE FROM ops.slice AS s WHERE s.slice_id = ANY (unnamed);
    DELETE FROM ops.revision AS r WHERE r.revision_id = drop_revision.revision;
END $$;

-- What items are, and which slices a revision has, is on every server of a cluster.
CREATE OR REPLACE FUNCTION ops.distribute() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent text;
    shared text;
BEGIN
    FOREACH shared IN ARRAY ARRAY['slice.line_item', 'slice.account_item', 'core.revision_slice'] LOOP
        IF NOT ops.is_distributed(shared) THEN
            EXECUTE 'SELECT create_reference_table($1::regclass)' USING shared;
        END IF;
    END LOOP;
    IF NOT ops.is_distributed('slice.line') THEN
        EXECUTE 'SELECT create_distributed_table(''slice.line'', ''siren'', colocate_with => ''none'')';
    END IF;
    FOR parent IN
        SELECT p.parent FROM ops.partitioned AS p UNION ALL SELECT s.parent FROM ops.sliced AS s ORDER BY 1
    LOOP
        IF NOT ops.is_distributed(parent) THEN
            EXECUTE 'SELECT create_distributed_table($1::regclass, ''siren'', colocate_with => ''slice.line'')'
                USING parent;
        END IF;
    END LOOP;
END $$;

-- The marts read what is named otherwise now: they are made again, as after every change of a model.
UPDATE ops.model SET definition = '';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;

-- Where roles were made before, who fills what items are fills this, too.
DO $$
DECLARE
    loader text;
BEGIN
    FOR loader IN
        SELECT DISTINCT given.grantee::regrole::text
        FROM pg_class AS class
        CROSS JOIN LATERAL aclexplode(class.relacl) AS given
        WHERE class.oid = 'slice.line_item'::regclass
            AND given.privilege_type = 'INSERT'
            AND given.grantee NOT IN (0, class.relowner)
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA slice TO %s', loader);
        EXECUTE format('GRANT INSERT ON ops.slice, core.revision_slice TO %s', loader);
        EXECUTE format('GRANT UPDATE ON ops.slice TO %s', loader);
        EXECUTE format(
            'GRANT EXECUTE ON FUNCTION ops.create_slice(bigint, text[]), ops.attach_slice(text, bigint) TO %s', loader);
    END LOOP;
END $$;

DO $$
BEGIN
    IF ops.is_distributed('slice.line') THEN
        PERFORM ops.distribute();
    END IF;
END $$;
