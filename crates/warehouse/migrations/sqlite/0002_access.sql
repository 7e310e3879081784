-- Who may come in, and what they did. Of a token only the SHA-256 is kept.

CREATE TABLE ops_api_token (
    token_id     TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'admin')),
    hash         TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    created_at   TEXT NOT NULL,
    created_by   TEXT,
    expires_at   TEXT,
    last_used_at TEXT,
    revoked_at   TEXT
);

CREATE TABLE ops_audit_event (
    event_id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    action     TEXT NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    token_id   TEXT,
    address    TEXT,
    request_id TEXT,
    detail     TEXT
);

-- What happened stays as it was noted.
CREATE TRIGGER ops_audit_event_stays BEFORE UPDATE ON ops_audit_event
BEGIN
    SELECT RAISE(ABORT, 'the audit log is not changed');
END;
