-- Who may come in, and what they did. Of a token only the SHA-256 is kept.

CREATE TABLE ops.api_token (
    token_id     text COLLATE "C" PRIMARY KEY,
    name         text NOT NULL,
    role         text NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
    hash         text NOT NULL UNIQUE CHECK (length(hash) = 64),
    created_at   text COLLATE "C" NOT NULL,
    created_by   text,
    expires_at   text COLLATE "C",
    last_used_at text COLLATE "C",
    revoked_at   text COLLATE "C"
);
COMMENT ON TABLE ops.api_token IS 'The tokens that let in. The site and those who keep the database read it; nobody else does.';
COMMENT ON COLUMN ops.api_token.token_id IS 'The beginning of the token, by which it is named.';
COMMENT ON COLUMN ops.api_token.name IS 'What its owner calls it.';
COMMENT ON COLUMN ops.api_token.role IS 'viewer, analyst or admin.';
COMMENT ON COLUMN ops.api_token.hash IS 'The SHA-256 of the token, in hexadecimal digits. The token itself is kept nowhere.';
COMMENT ON COLUMN ops.api_token.created_at IS 'When it was made, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.api_token.created_by IS 'The token of who made it; empty for the command line.';
COMMENT ON COLUMN ops.api_token.expires_at IS 'From when on it does not let in any more; empty for never.';
COMMENT ON COLUMN ops.api_token.last_used_at IS 'When it last let somebody in, to the minute.';
COMMENT ON COLUMN ops.api_token.revoked_at IS 'When it was revoked; empty while it is not.';

CREATE TABLE ops.audit_event (
    event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         text COLLATE "C" NOT NULL,
    action     text NOT NULL,
    outcome    text NOT NULL CHECK (outcome IN ('done', 'refused')),
    token_id   text COLLATE "C",
    address    text,
    request_id text,
    detail     text
);
COMMENT ON TABLE ops.audit_event IS 'Who did what, or was refused. It is only added to.';
COMMENT ON COLUMN ops.audit_event.event_id IS 'The number of the event, from 1.';
COMMENT ON COLUMN ops.audit_event.at IS 'When, in RFC 3339 and UTC.';
COMMENT ON COLUMN ops.audit_event.action IS 'What was done or asked for.';
COMMENT ON COLUMN ops.audit_event.outcome IS 'done or refused.';
COMMENT ON COLUMN ops.audit_event.token_id IS 'The token of who asked; empty without one, and for the command line.';
COMMENT ON COLUMN ops.audit_event.address IS 'The network address of who asked; empty for the command line.';
COMMENT ON COLUMN ops.audit_event.request_id IS 'The number of the request, as in the log of the site.';
COMMENT ON COLUMN ops.audit_event.detail IS 'What else is to be known; never a secret.';

-- What happened stays as it was noted, even for those who may write.
CREATE FUNCTION ops.audit_event_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is not changed';
END $$;
COMMENT ON FUNCTION ops.audit_event_stays IS 'Refuses to change what was noted.';
CREATE TRIGGER audit_event_stays BEFORE UPDATE ON ops.audit_event
    FOR EACH ROW EXECUTE FUNCTION ops.audit_event_stays();

REVOKE ALL ON FUNCTION ops.audit_event_stays() FROM PUBLIC;

-- Where roles were made before, new tables of the owner are the loader's and the reader's to read.
-- These are not the reader's; roles.sql gives them to those who let in.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['centime_loader', 'centime_reader'] LOOP
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('REVOKE ALL ON ops.api_token, ops.audit_event FROM %I', wanted);
        END IF;
    END LOOP;
END $$;
