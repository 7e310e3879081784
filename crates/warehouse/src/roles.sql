-- Who may do what. Whatever was granted before, this is what holds afterwards. The administrator who runs it need
-- be no superuser: what only a superuser may say is said only where it has to be.

-- Roles belong to the server. From version 16 on only who has made a role, or was given the right, changes it.
DO $$
DECLARE
    theirs text;
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    IF NOT (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            '%s may not create roles: ALTER ROLE %I CREATEROLE, as a superuser, allows it', current_user, current_user);
    END IF;
    IF current_setting('server_version_num')::int >= 160000 THEN
        SELECT string_agg(rolname, ', ' ORDER BY rolname) INTO theirs
        FROM pg_roles
        WHERE rolname IN ('centime_owner', 'centime_loader', 'centime_reader', 'centime_site')
            AND NOT pg_has_role(oid, 'MEMBER WITH ADMIN OPTION');
        IF theirs IS NOT NULL THEN
            RAISE insufficient_privilege USING MESSAGE = format(
                'another administrator has made the roles of this server, for another database it may be: let them or a superuser run GRANT %s TO %I WITH ADMIN OPTION',
                theirs, current_user);
        END IF;
    END IF;
END $$;

-- The owner logs in on a cluster only, where the coordinator works on the other servers as the owner, who must get
-- in there. Without a password only servers that trust each other, or its certificate, let it in.
DO $$
DECLARE
    wanted record;
    found pg_roles;
    changes text;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('centime_owner', ops.has_citus()),
            ('centime_loader', TRUE),
            ('centime_reader', TRUE),
            ('centime_site', TRUE)) AS roles (name, login)
    LOOP
        SELECT * INTO found FROM pg_roles WHERE rolname = wanted.name;
        IF found.rolname IS NULL THEN
            EXECUTE format('CREATE ROLE %I %s', wanted.name, CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END);
            CONTINUE;
        END IF;
        -- To say of a role that it is no superuser takes a superuser, even where it is none already.
        changes := concat_ws(' ',
            CASE WHEN found.rolcanlogin <> wanted.login THEN CASE WHEN wanted.login THEN 'LOGIN' ELSE 'NOLOGIN' END END,
            CASE WHEN found.rolsuper THEN 'NOSUPERUSER' END,
            CASE WHEN found.rolcreatedb THEN 'NOCREATEDB' END,
            CASE WHEN found.rolcreaterole THEN 'NOCREATEROLE' END,
            CASE WHEN found.rolreplication THEN 'NOREPLICATION' END,
            CASE WHEN found.rolbypassrls THEN 'NOBYPASSRLS' END);
        IF changes <> '' THEN
            EXECUTE format('ALTER ROLE %I %s', wanted.name, changes);
        END IF;
    END LOOP;
END $$;

-- Who gives something to the owner, and works with what is the owner's, has to be a member of it.
DO $$
DECLARE
    administrator pg_roles;
BEGIN
    SELECT * INTO administrator FROM pg_roles WHERE rolname = current_user;
    IF administrator.rolsuper THEN
        RETURN;
    ELSIF current_setting('server_version_num')::int < 160000 THEN
        IF NOT pg_has_role('centime_owner', 'MEMBER') THEN
            EXECUTE format('GRANT centime_owner TO %I', current_user);
        END IF;
    ELSIF NOT (pg_has_role('centime_owner', 'SET') AND pg_has_role('centime_owner', 'USAGE')) THEN
        EXECUTE format('GRANT centime_owner TO %I WITH INHERIT TRUE, SET TRUE', current_user);
    END IF;
END $$;

-- Who loads here: the loader; and the role that made the tables before there were roles, whose regular runs have to go on. They
-- lose what only an owner may do. This is remembered by the right to write revisions.
SELECT set_config('centime.loaders', string_agg(DISTINCT quote_ident(rolname), ', '), true)
FROM (
    SELECT 'centime_loader' AS rolname
    UNION ALL
    SELECT loader.rolname
    FROM pg_class AS class
    CROSS JOIN LATERAL aclexplode(COALESCE(class.relacl, acldefault('r', class.relowner))) AS given
    JOIN pg_roles AS loader ON loader.oid = given.grantee
    WHERE class.oid = 'ops.revision'::regclass
        AND given.privilege_type = 'INSERT'
        AND NOT loader.rolsuper
        AND loader.rolname NOT IN (current_user, 'centime_owner', 'centime_reader', 'centime_site')
) AS loaders;

-- A database may be shared with others: what everybody may do in it, outside our own schemas, is not ours to take.
REVOKE ALL ON DATABASE {database} FROM centime_loader, centime_reader, centime_site;
GRANT CONNECT, CREATE ON DATABASE {database} TO centime_owner;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO centime_reader;
GRANT CONNECT ON DATABASE {database} TO centime_site;
DO $$ BEGIN
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE {database} TO %s', current_setting('centime.loaders'));
END $$;

-- Who may not give or take rights gets a warning and no error.
DO $$
DECLARE
    owner text;
BEGIN
    SELECT pg_get_userbyid(datdba) INTO owner FROM pg_database WHERE datname = current_database();
    IF NOT has_database_privilege('centime_owner', current_database(), 'CONNECT')
        OR NOT has_database_privilege('centime_owner', current_database(), 'CREATE')
        OR NOT has_database_privilege('centime_loader', current_database(), 'CONNECT')
        OR NOT has_database_privilege('centime_loader', current_database(), 'TEMPORARY')
        OR NOT has_database_privilege('centime_reader', current_database(), 'CONNECT')
        OR NOT has_database_privilege('centime_reader', current_database(), 'TEMPORARY')
        OR NOT has_database_privilege('centime_site', current_database(), 'CONNECT')
    THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            'rights on the database %I are for %s to give: let %s or a superuser run ALTER DATABASE %I OWNER TO %I',
            current_database(), owner, owner, current_database(), current_user);
    END IF;
END $$;

-- Everything of ours belongs to the owner. This comes first: its former owner would else be taken rights of the
-- owner, which the next one inherits.
DO $$
DECLARE
    object record;
BEGIN
    FOR object IN
        SELECT nspname FROM pg_namespace WHERE nspname IN ('raw', 'core', 'mart', 'ops', 'published', 'partition', 'slice')
    LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO centime_owner', object.nspname);
    END LOOP;
    FOR object IN
        SELECT format('%I.%I', space.nspname, class.relname) AS name, class.relkind
        FROM pg_class AS class
        JOIN pg_namespace AS space ON space.oid = class.relnamespace
        WHERE space.nspname IN ('raw', 'core', 'mart', 'ops', 'published', 'partition', 'slice')
            AND class.relkind IN ('r', 'p', 'v')
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO centime_owner',
            CASE object.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, object.name);
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

-- Readers have the views of what is published, and nothing else: not the tables that those are made from, which hold
-- other revisions, too.
DO $$
DECLARE
    object record;
    loaders text := current_setting('centime.loaders');
    readers text;
BEGIN
    FOR object IN
        SELECT nspname FROM pg_namespace WHERE nspname IN ('raw', 'core', 'mart', 'ops', 'published', 'partition', 'slice')
    LOOP
        EXECUTE format('GRANT ALL ON SCHEMA %I TO centime_owner', object.nspname);
        EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO centime_owner', object.nspname);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC, centime_reader, centime_site, %s',
            object.nspname, loaders);
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC', object.nspname);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE centime_owner IN SCHEMA %I
                 REVOKE ALL ON TABLES FROM centime_reader, centime_site, %s',
            object.nspname, loaders);
        -- A run that goes on keeps what it loads.
        IF object.nspname = 'partition' THEN
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, centime_reader, centime_site',
                object.nspname);
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', object.nspname, loaders);
            CONTINUE;
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, centime_reader, centime_site, %s',
            object.nspname, loaders);
        readers := concat_ws(', ', loaders, 'centime_site',
            CASE WHEN object.nspname = 'published' THEN 'centime_reader' END);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %s', object.nspname, readers);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %s', object.nspname, readers);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE centime_owner IN SCHEMA %I GRANT SELECT ON TABLES TO %s',
            object.nspname, readers);
    END LOOP;
    -- The tables of each revision are read through their parents.
    FOR object IN
        SELECT class.oid::regclass AS name
        FROM pg_class AS class
        WHERE class.relnamespace = 'partition'::regnamespace AND class.relispartition AND class.relkind = 'r'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', object.name, loaders);
    END LOOP;
END $$;

ALTER DEFAULT PRIVILEGES FOR ROLE centime_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The loader notes runs and revisions. Tables of lines it only fills: functions of the owner make,
-- attach and drop them.
DO $$
DECLARE
    loaders text := current_setting('centime.loaders');
BEGIN
    EXECUTE format(
        'GRANT INSERT, UPDATE, DELETE
             ON ops.revision, ops.published, ops.dataset, ops.run, ops.run_step, ops.check_result TO %s', loaders);
    EXECUTE format('GRANT UPDATE ON ops.slice TO %s', loaders);
    EXECUTE format(
        'GRANT INSERT ON slice.line_item, slice.account_item, core.revision_slice, ops.slice, raw.field TO %s', loaders);
    EXECUTE format(
        'GRANT EXECUTE
             ON FUNCTION ops.create_partitions(bigint), ops.attach_partition(text, bigint),
                 ops.create_slice(bigint, text[]), ops.attach_slice(text, bigint),
                 ops.drop_revision(bigint), ops.analyse_partitions(bigint),
                 ops.expire_audit_events(timestamptz) TO %s', loaders);
    EXECUTE format(
        'GRANT EXECUTE ON FUNCTION ops.has_citus(), ops.is_distributed(text) TO %s, centime_site', loaders);
    -- Who comes in is nothing for readers such as Metabase. The site lets in, notes that it did, and changes neither
    -- what a token may do nor what was noted. The loader lets in, too, for `centime up` serves as well, but it makes no
    -- token: its password opens the tables of lines, and not the site.
    EXECUTE format('REVOKE ALL ON ops.api_token, ops.audit_event FROM centime_reader, centime_site, %s', loaders);
    EXECUTE format(
        'GRANT SELECT, UPDATE (last_used_at, revoked_at) ON ops.api_token TO centime_site, %s', loaders);
    EXECUTE format('GRANT SELECT, INSERT ON ops.audit_event TO centime_site, %s', loaders);
END $$;
GRANT INSERT ON ops.api_token TO centime_site;

ALTER ROLE centime_loader IN DATABASE {database} SET search_path = pg_catalog;
-- Readers may keep what they work out in tables of their session: no right but that lets them write anything.
ALTER ROLE centime_reader IN DATABASE {database} SET search_path = published, pg_catalog;
ALTER ROLE centime_reader IN DATABASE {database} SET statement_timeout = '30s';
ALTER ROLE centime_reader IN DATABASE {database} RESET default_transaction_read_only;
ALTER ROLE centime_site IN DATABASE {database} SET search_path = pg_catalog;
ALTER ROLE centime_site IN DATABASE {database} SET statement_timeout = '30s';
