-- A revision may be made from several sources of one subject: several datasets, and documents beside them. The records
-- of a subject are numbered through all of its sources, each of which has the numbers from its first record on.

-- A primary key cannot be changed: the tables are made anew. They are not renamed, because views name them.
CREATE TABLE ops_dataset_before AS
SELECT d.*, r.portal, r.sample FROM ops_dataset AS d JOIN ops_revision AS r ON r.revision_id = d.revision_id;
DROP TABLE ops_dataset;
CREATE TABLE ops_dataset (
    revision_id    INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    subject        TEXT NOT NULL CHECK (subject IN ('income_statement', 'balance_sheet', 'account_balances')),
    -- Its place among the sources of its subject, from 1.
    source         INTEGER NOT NULL DEFAULT 1,
    -- The number of its first record among those of its subject.
    first_record   INTEGER NOT NULL DEFAULT 1,
    -- What the configuration calls its source.
    name           TEXT,
    -- The address of its portal, or documents, or files.
    portal         TEXT NOT NULL,
    -- Whether its figures are invented.
    sample         BOOLEAN NOT NULL,
    dataset_id     TEXT NOT NULL,
    title          TEXT NOT NULL,
    publisher      TEXT,
    license        TEXT,
    license_url    TEXT,
    records        INTEGER NOT NULL,
    data_processed TEXT,
    modified       TEXT,
    retrieved_at   TEXT NOT NULL,
    retrieved_via  TEXT NOT NULL,
    content_hash   TEXT NOT NULL,
    filter         TEXT,
    reading        TEXT,
    PRIMARY KEY (revision_id, subject, source)
);
INSERT INTO ops_dataset
    (revision_id, subject, portal, sample, dataset_id, title, publisher, license, license_url, records,
     data_processed, modified, retrieved_at, retrieved_via, content_hash, filter, reading)
SELECT revision_id, subject, portal, sample, dataset_id, title, publisher, license, license_url, records,
    data_processed, modified, retrieved_at, retrieved_via, content_hash, filter, reading
FROM ops_dataset_before;
DROP TABLE ops_dataset_before;

CREATE TABLE raw_field_before AS SELECT * FROM raw_field;
DROP TABLE raw_field;
CREATE TABLE raw_field (
    revision_id INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    subject     TEXT NOT NULL,
    source      INTEGER NOT NULL DEFAULT 1,
    position    INTEGER NOT NULL,
    name        TEXT NOT NULL,
    label       TEXT NOT NULL,
    field_type  TEXT NOT NULL,
    PRIMARY KEY (revision_id, subject, source, position)
);
INSERT INTO raw_field (revision_id, subject, position, name, label, field_type)
SELECT revision_id, subject, position, name, label, field_type FROM raw_field_before;
DROP TABLE raw_field_before;

-- Whether lines of its income statement are invented.
ALTER TABLE core_body ADD COLUMN sample BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE core_body SET sample = TRUE
WHERE revision_id IN (SELECT revision_id FROM ops_revision WHERE sample);
