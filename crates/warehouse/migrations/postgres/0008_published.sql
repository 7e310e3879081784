-- What is published, for those who read it with SQL: views of one schema, which follow from the models of the analyses
-- and are made with the marts. The tables of each revision, which hold what is not published yet or any more, go into a
-- schema that only those who write enter.

CREATE SCHEMA published;
CREATE SCHEMA partition;
COMMENT ON SCHEMA published IS 'What is published now: for questions of your own.';
COMMENT ON SCHEMA partition IS 'The tables of each revision, which are read through those that they are part of.';

CREATE TABLE ops.published_view (
    name       text PRIMARY KEY,
    definition text NOT NULL
);
COMMENT ON TABLE ops.published_view IS 'How each view of published was made, so that another definition makes it again.';
COMMENT ON COLUMN ops.published_view.name IS 'The name of the view.';
COMMENT ON COLUMN ops.published_view.definition IS 'What makes it.';

CREATE OR REPLACE FUNCTION ops.partition_of(parent text, revision bigint) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN 'partition.' || replace(parent, '.', '_') || '_r' || revision;

-- As before, in both places: what a run that was killed before this has left is found, too.
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
    DELETE FROM ops.revision AS r WHERE r.revision_id = drop_revision.revision;
END $$;

DO $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT space.nspname AS space, class.relname AS name, space.nspname || '_' || class.relname AS new_name
        FROM pg_inherits AS inherited
        JOIN ops.partitioned AS parent ON parent.oid = inherited.inhparent
        JOIN pg_class AS class ON class.oid = inherited.inhrelid
        JOIN pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname <> 'partition' AND class.relkind = 'r'
        ORDER BY space, name
    LOOP
        EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', part.space, part.name, part.new_name);
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA partition', part.space, part.new_name);
    END LOOP;
END $$;

-- What is one of a kind is said to be, where its index costs nothing more than the one that there was. A key of a table
-- with partitions has to have the revision in it.
DROP INDEX core.body_by_siren, core.parent_check_by_body, core.balance_line_by_body, core.balance_shift_by_body,
    core.series_break_by_body;
ALTER TABLE core.body ADD CONSTRAINT body_pkey PRIMARY KEY (siren, revision_id);
ALTER TABLE core.parent_check
    ADD CONSTRAINT parent_check_pkey PRIMARY KEY (siren, fiscal_year, block, code, revision_id);
ALTER TABLE core.balance_line ADD CONSTRAINT balance_line_pkey PRIMARY KEY (siren, fiscal_year, record, revision_id);
ALTER TABLE core.balance_shift ADD CONSTRAINT balance_shift_pkey PRIMARY KEY (siren, earlier, revision_id);
ALTER TABLE core.series_break ADD CONSTRAINT series_break_pkey PRIMARY KEY (siren, fiscal_year, kind, revision_id);

-- Where roles were made before, readers read this schema from now on; roles.sql takes the others from them.
DO $$
BEGIN
    -- Roles belong to the server: where they are, they may be those of another database.
    IF (SELECT count(*) FROM pg_catalog.pg_roles AS role
        WHERE role.rolname IN ('centime_loader', 'centime_reader', 'centime_site')
            AND pg_catalog.has_schema_privilege(role.oid, 'mart', 'USAGE')) = 3
    THEN
        GRANT USAGE ON SCHEMA published TO centime_loader, centime_reader, centime_site;
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA published
                 GRANT SELECT ON TABLES TO centime_loader, centime_reader, centime_site',
            current_user);
        GRANT USAGE ON SCHEMA partition TO centime_loader;
    END IF;
END $$;
