-- What was noted long ago is deleted by the pipeline, which may not delete anything else of it: whoever has its password
-- cannot hide what was done in the last ninety days, and the site may delete nothing.

CREATE FUNCTION ops.expire_audit_events(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- As events say it: a text that only begins otherwise would be greater than all of them.
    cutoff text := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    deleted bigint;
BEGIN
    IF moment > now() - interval '90 days' THEN
        RAISE insufficient_privilege USING MESSAGE = 'what was noted in the last 90 days stays';
    END IF;
    DELETE FROM ops.audit_event WHERE at < cutoff;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    IF deleted > 0 THEN
        INSERT INTO ops.audit_event (at, action, outcome, detail)
        VALUES (to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'audit-pruned', 'done',
            format('before %s: %s', cutoff, deleted));
    END IF;
    RETURN deleted;
END $$;
COMMENT ON FUNCTION ops.expire_audit_events IS 'Deletes what was noted before a moment, which has to be 90 days ago or more, and notes that.';

REVOKE ALL ON FUNCTION ops.expire_audit_events(timestamptz) FROM PUBLIC;

-- Where roles were made before; else roles.sql gives it to the loader.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'centime_loader') THEN
        GRANT EXECUTE ON FUNCTION ops.expire_audit_events(timestamptz) TO centime_loader;
    END IF;
END $$;
