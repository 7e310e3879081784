-- Citus, where the server has it: tables that grow with the data are distributed by public body, so that
-- all lines and analyses of a body are on one server; what labels mean is on every server. The tables of
-- ops stay on the coordinator, where runs write them.

CREATE FUNCTION ops.has_citus() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN EXISTS (SELECT FROM pg_extension WHERE extname = 'citus');
COMMENT ON FUNCTION ops.has_citus IS 'Whether this database has Citus.';

-- Tables of Citus are named where it is there only, so that other servers need not know them.
CREATE FUNCTION ops.is_distributed(relation text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found boolean := false;
BEGIN
    IF ops.has_citus() THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = $1::regclass)'
            INTO found USING relation;
    END IF;
    RETURN found;
END $$;
COMMENT ON FUNCTION ops.is_distributed IS 'Whether a table is distributed over the servers of a cluster.';

-- Distributes what is not distributed yet. The tables of all revisions go with their parent.
CREATE FUNCTION ops.distribute() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent text;
BEGIN
    IF NOT ops.is_distributed('core.line_item') THEN
        EXECUTE 'SELECT create_reference_table(''core.line_item'')';
    END IF;
    IF NOT ops.is_distributed('core.line') THEN
        EXECUTE 'SELECT create_distributed_table(''core.line'', ''siren'', colocate_with => ''none'')';
    END IF;
    FOR parent IN SELECT p.parent FROM ops.partitioned AS p ORDER BY p.parent LOOP
        IF NOT ops.is_distributed(parent) THEN
            EXECUTE 'SELECT create_distributed_table($1::regclass, ''siren'', colocate_with => ''core.line'')'
                USING parent;
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION ops.distribute IS 'Distributes the tables that grow with the data over the servers of a cluster.';

-- As before, and distributed where its parent is. Who may read the parent reads it through the parent:
-- the tables of each revision are not theirs, or programs that list what they may read would list them.
CREATE OR REPLACE FUNCTION ops.create_partition(parent text, revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := ops.partition_of(parent, revision);
    other text;
BEGIN
    IF NOT EXISTS (SELECT FROM ops.partitioned AS p WHERE p.parent = create_partition.parent) THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    EXECUTE format(
        'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS,
             CONSTRAINT of_revision CHECK (revision_id = %s))',
        part, parent, revision);
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
        PERFORM ops.attach(parent, part, revision);
    END IF;
END $$;

CREATE FUNCTION ops.attach(parent text, part text, revision bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES IN (%s)', parent, part, revision);
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT of_revision', part);
END $$;
COMMENT ON FUNCTION ops.attach IS 'Makes a table part of its parent.';

-- As before, where tables are not attached already.
CREATE OR REPLACE FUNCTION ops.attach_partition(parent text, revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := ops.partition_of(parent, revision);
BEGIN
    IF NOT EXISTS (SELECT FROM ops.partitioned AS p WHERE p.parent = attach_partition.parent) THEN
        RAISE EXCEPTION '% has no partitions', parent;
    END IF;
    IF NOT ops.is_distributed(parent) THEN
        PERFORM ops.attach(parent, part, revision);
        EXECUTE format('ANALYZE %s', part);
    END IF;
END $$;

-- Statistics of what was loaded, where they could not be taken in the same transaction.
CREATE FUNCTION ops.analyse_partitions(revision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parent text;
BEGIN
    FOR parent IN SELECT p.parent FROM ops.partitioned AS p ORDER BY p.parent LOOP
        IF ops.is_distributed(parent) THEN
            EXECUTE format('ANALYZE %s', ops.partition_of(parent, revision));
        END IF;
    END LOOP;
END $$;
COMMENT ON FUNCTION ops.analyse_partitions IS 'Takes statistics of the tables of a revision on a cluster.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC;
