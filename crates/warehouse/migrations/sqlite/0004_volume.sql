-- Records are kept in blocks, many to a row: consecutive records of a public body, as a JSON array of
-- their texts, each byte for byte. `raw_record` shows them one by one.
CREATE TABLE raw_record_block (
    revision_id  INTEGER NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
    siren        TEXT NOT NULL,
    subject      TEXT NOT NULL,
    first_record INTEGER NOT NULL,
    records      INTEGER NOT NULL,
    json         TEXT NOT NULL,
    PRIMARY KEY (revision_id, siren, subject, first_record)
);

INSERT INTO raw_record_block (revision_id, siren, subject, first_record, records, json)
SELECT revision_id, siren, subject, MIN(record), COUNT(*), '[' || group_concat(json, ',
' ORDER BY record) || ']'
FROM (
    SELECT *, record - ROW_NUMBER() OVER (PARTITION BY revision_id, siren, subject ORDER BY record) AS run
    FROM raw_record
) AS consecutive
GROUP BY revision_id, siren, subject, run, record / 128;

DROP TABLE raw_record;

-- The engine leaves out the white space between the values of a record.
CREATE VIEW raw_record AS
SELECT
    block.revision_id,
    block.siren,
    block.subject,
    block.first_record + element.key AS record,
    element.value AS json
FROM raw_record_block AS block
JOIN json_each(block.json) AS element;

-- Few amounts are missing, and every analysis names those of its own.
CREATE INDEX core_line_missing ON core_line (revision_id, siren, fiscal_year) WHERE missing;

-- The analyses of what is kept are made again: how large tables are must be known by then.
ANALYZE core_line;
ANALYZE core_line_item;
