-- A revision may be made from several sources of one subject: several datasets, and documents beside them. The records
-- of a subject are numbered through all of its sources, each of which has the numbers from its first record on.

ALTER TABLE ops.dataset ADD COLUMN source bigint NOT NULL DEFAULT 1;
ALTER TABLE ops.dataset ADD COLUMN first_record bigint NOT NULL DEFAULT 1;
ALTER TABLE ops.dataset ADD COLUMN name text;
ALTER TABLE ops.dataset ADD COLUMN portal text;
ALTER TABLE ops.dataset ADD COLUMN sample boolean;
UPDATE ops.dataset AS d SET portal = r.portal, sample = r.sample
FROM ops.revision AS r WHERE r.revision_id = d.revision_id;
ALTER TABLE ops.dataset ALTER COLUMN portal SET NOT NULL;
ALTER TABLE ops.dataset ALTER COLUMN sample SET NOT NULL;
ALTER TABLE ops.dataset DROP CONSTRAINT dataset_pkey;
ALTER TABLE ops.dataset ADD PRIMARY KEY (revision_id, subject, source);
COMMENT ON COLUMN ops.dataset.source IS 'Its place among the sources of its subject, from 1.';
COMMENT ON COLUMN ops.dataset.first_record IS 'The number of its first record among those of its subject.';
COMMENT ON COLUMN ops.dataset.name IS 'What the configuration calls its source; empty where it has no name.';
COMMENT ON COLUMN ops.dataset.portal IS 'The address of its portal, or documents, or files.';
COMMENT ON COLUMN ops.dataset.sample IS 'Whether its figures are invented.';

ALTER TABLE raw.field ADD COLUMN source bigint NOT NULL DEFAULT 1;
ALTER TABLE raw.field DROP CONSTRAINT field_pkey;
ALTER TABLE raw.field ADD PRIMARY KEY (revision_id, subject, source, position);
COMMENT ON COLUMN raw.field.source IS 'The place of its dataset among the sources of the subject, from 1.';

ALTER TABLE core.body ADD COLUMN sample boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN core.body.sample IS 'Whether lines of its income statement are invented.';
DO $$
DECLARE
    revision bigint;
BEGIN
    FOR revision IN SELECT r.revision_id FROM ops.revision AS r WHERE r.sample ORDER BY 1 LOOP
        EXECUTE format('UPDATE core.body SET sample = true WHERE revision_id = %s', revision);
    END LOOP;
END $$;

COMMENT ON COLUMN ops.revision.portal IS 'The address of the portal it came from; of several, all of them.';
COMMENT ON COLUMN raw.record_block.first_record IS 'The number of its first record among those of its subject, from 1, in the order received.';
COMMENT ON COLUMN raw.record.record IS 'The number of the record among those of its subject, from 1, in the order received.';
