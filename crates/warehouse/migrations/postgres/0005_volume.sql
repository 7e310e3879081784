-- Records are kept in blocks, many to a row: the server compresses a block as a whole, and a tenth of the
-- bytes is written. `raw.record` shows them one by one as before.

CREATE TABLE raw.record_block (
    revision_id  bigint NOT NULL,
    siren        text COLLATE "C" NOT NULL,
    subject      text NOT NULL,
    first_record bigint NOT NULL,
    records      bigint NOT NULL,
    json         text NOT NULL
) PARTITION BY LIST (revision_id);
COMMENT ON TABLE raw.record_block IS 'Records as the portal sent them, consecutive ones of a public body together. See raw.record for them one by one.';
COMMENT ON COLUMN raw.record_block.revision_id IS 'The revision; one partition each.';
COMMENT ON COLUMN raw.record_block.siren IS 'The SIREN number of the public body; empty when not known.';
COMMENT ON COLUMN raw.record_block.subject IS 'income_statement or balance_sheet.';
COMMENT ON COLUMN raw.record_block.first_record IS 'The number of its first record in its dataset, from 1, in the order received.';
COMMENT ON COLUMN raw.record_block.records IS 'How many records it holds: those that follow the first.';
COMMENT ON COLUMN raw.record_block.json IS 'A JSON array of the records, each byte for byte.';
CREATE INDEX record_block_by_body ON raw.record_block (siren, subject, first_record);

DO $$
DECLARE
    revision bigint;
BEGIN
    FOR revision IN SELECT r.revision_id FROM ops.revision AS r WHERE r.status <> 'staged' ORDER BY 1 LOOP
        PERFORM ops.create_partition('raw.record_block', revision);
        EXECUTE format(
            'INSERT INTO %s (revision_id, siren, subject, first_record, records, json)
             SELECT revision_id, siren, subject, MIN(record), COUNT(*),
                 ''['' || string_agg(json, E'',\n'' ORDER BY record) || '']''
             FROM (
                 SELECT *, record - row_number() OVER (PARTITION BY siren, subject ORDER BY record) AS run
                 FROM raw.record WHERE revision_id = %s
             ) AS consecutive
             GROUP BY revision_id, siren, subject, run, record / 128',
            ops.partition_of('raw.record_block', revision), revision);
        PERFORM ops.attach_partition('raw.record_block', revision);
    END LOOP;
END $$;

DROP TABLE raw.record;

CREATE VIEW raw.record AS
SELECT
    block.revision_id,
    block.siren,
    block.subject,
    block.first_record + element.place - 1 AS record,
    CAST(element.json AS text) AS json
FROM raw.record_block AS block
CROSS JOIN LATERAL json_array_elements(CAST(block.json AS json)) WITH ORDINALITY AS element (json, place);
COMMENT ON VIEW raw.record IS 'Each record as the portal sent it: the JSON text itself, so that no decimal is ever re-written.';
COMMENT ON COLUMN raw.record.record IS 'The number of the record in its dataset, from 1, in the order received.';
COMMENT ON COLUMN raw.record.json IS 'Its JSON text, byte for byte.';

-- Few amounts are missing, and every analysis names those of its own.
CREATE INDEX line_missing ON core.line (siren, fiscal_year) WHERE missing;
