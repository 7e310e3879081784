-- Who may do what. Whatever was granted before, this is what holds afterwards.

DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('centime_owner', 'NOLOGIN'),
            ('centime_loader', 'LOGIN'),
            ('centime_reader', 'LOGIN'),
            ('centime_site', 'LOGIN')) AS roles (name, login)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.login);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
            wanted.name, wanted.login);
    END LOOP;
END $$;

-- On a cluster the coordinator works on the other servers as the owner, who must get in there. Without a
-- password only servers that trust each other, or its certificate, let it in.
DO $$ BEGIN
    IF ops.has_citus() THEN
        ALTER ROLE centime_owner LOGIN;
    END IF;
END $$;

REVOKE ALL ON DATABASE {database} FROM PUBLIC, centime_loader, centime_reader, centime_site;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE {database} TO centime_owner;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO centime_loader;
GRANT CONNECT ON DATABASE {database} TO centime_reader, centime_site;

-- Everything of ours belongs to the owner.
DO $$
DECLARE
    object record;
BEGIN
    FOR object IN
        SELECT nspname FROM pg_namespace WHERE nspname IN ('raw', 'core', 'mart', 'ops')
    LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO centime_owner', object.nspname);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', object.nspname);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, centime_loader, centime_reader, centime_site',
            object.nspname);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO centime_loader, centime_reader, centime_site', object.nspname);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE centime_owner IN SCHEMA %I
                 GRANT SELECT ON TABLES TO centime_loader, centime_reader, centime_site',
            object.nspname);
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', object.nspname);
    END LOOP;
    FOR object IN
        SELECT format('%I.%I', space.nspname, class.relname) AS name, class.relkind, class.relispartition
        FROM pg_class AS class
        JOIN pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname IN ('raw', 'core', 'mart', 'ops') AND class.relkind IN ('r', 'p', 'v')
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO centime_owner',
            CASE object.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, object.name);
        -- The tables of each revision are read through their parents.
        IF NOT object.relispartition THEN
            EXECUTE format('GRANT SELECT ON %s TO centime_loader, centime_reader, centime_site', object.name);
        END IF;
    END LOOP;
    FOR object IN
        SELECT routine.oid::regprocedure AS name
        FROM pg_proc AS routine
        JOIN pg_namespace AS space ON space.oid = routine.pronamespace
        WHERE space.nspname = 'ops'
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO centime_owner', object.name);
    END LOOP;
END $$;

ALTER DEFAULT PRIVILEGES FOR ROLE centime_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The loader notes runs and revisions. Tables of lines it only fills: functions of the owner make,
-- attach and drop them.
GRANT INSERT, UPDATE, DELETE
    ON ops.revision, ops.published, ops.dataset, ops.run, ops.run_step, ops.check_result
    TO centime_loader;
GRANT INSERT ON core.line_item, raw.field TO centime_loader;
GRANT EXECUTE
    ON FUNCTION ops.create_partitions(bigint), ops.attach_partition(text, bigint),
        ops.drop_revision(bigint), ops.analyse_partitions(bigint)
    TO centime_loader;
GRANT EXECUTE ON FUNCTION ops.has_citus(), ops.is_distributed(text)
    TO centime_loader, centime_reader, centime_site;

-- Who comes in is nothing for readers such as Metabase. The site lets in, notes that it did, and changes
-- neither what a token may do nor what was noted. The loader does too, for `centime up` serves as well.
REVOKE ALL ON ops.api_token, ops.audit_event FROM centime_reader, centime_loader, centime_site;
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON ops.api_token
    TO centime_loader, centime_site;
GRANT SELECT, INSERT ON ops.audit_event TO centime_loader, centime_site;

ALTER ROLE centime_loader IN DATABASE {database} SET search_path = pg_catalog;
ALTER ROLE centime_reader IN DATABASE {database} SET search_path = mart, core, pg_catalog;
ALTER ROLE centime_reader IN DATABASE {database} SET statement_timeout = '30s';
ALTER ROLE centime_reader IN DATABASE {database} SET default_transaction_read_only = on;
ALTER ROLE centime_site IN DATABASE {database} SET search_path = pg_catalog;
ALTER ROLE centime_site IN DATABASE {database} SET statement_timeout = '30s';
