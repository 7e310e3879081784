-- Records are kept in blocks, many to a row: the server compresses a block as a whole, and an eighth of the
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
COMMENT ON COLUMN raw.record.revision_id IS 'The revision.';
COMMENT ON COLUMN raw.record.siren IS 'The SIREN number of the public body; empty when not known.';
COMMENT ON COLUMN raw.record.subject IS 'income_statement or balance_sheet.';
COMMENT ON COLUMN raw.record.record IS 'The number of the record in its dataset, from 1, in the order received.';
COMMENT ON COLUMN raw.record.json IS 'Its JSON text, byte for byte.';

-- Few amounts are missing, and every analysis names those of its own.
CREATE INDEX line_missing ON core.line (siren, fiscal_year) WHERE missing;

-- As before, and by the names of the tables: what a run that was killed has left of a table that there is no more
-- is found, too.
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
        WHERE class.relnamespace IN ('raw'::regnamespace, 'core'::regnamespace, 'mart'::regnamespace)
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

-- Columns of views mean what those of their tables mean.
DO $$
DECLARE
    pair record;
    own record;
BEGIN
    FOR pair IN
        SELECT * FROM (VALUES
            ('core.statement_line', 'core.line'),
            ('core.statement_line', 'core.line_item'),
            ('core.missing_line', 'core.statement_line'),
            ('core.year_break', 'core.series_break'),
            ('core.published_result', 'core.balance_line')) AS pairs (view, source)
    LOOP
        FOR own IN
            SELECT mine.attname AS name, col_description(theirs.attrelid, theirs.attnum) AS meaning
            FROM pg_attribute AS mine
            JOIN pg_attribute AS theirs
                ON theirs.attrelid = pair.source::regclass AND theirs.attname = mine.attname
            WHERE mine.attrelid = pair.view::regclass
                AND mine.attnum > 0
                AND col_description(mine.attrelid, mine.attnum) IS NULL
        LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', pair.view, own.name, own.meaning);
        END LOOP;
    END LOOP;
END $$;
COMMENT ON COLUMN core.missing_line.named IS 'The line by its category and its label.';
COMMENT ON COLUMN core.year_break.series_break IS 'The reasons, one a line: nomenclature, perimeter.';
COMMENT ON COLUMN core.published_result.published_result IS 'The result in centimes.';
COMMENT ON COLUMN ops.partitioned.parent IS 'The name of the table, with its schema.';
COMMENT ON COLUMN ops.partitioned.oid IS 'The number by which PostgreSQL knows it.';
