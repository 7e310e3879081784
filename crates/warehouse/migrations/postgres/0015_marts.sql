-- Rows of marts that follow from what has not changed are kept once, as those of sources are: mart shows them by revision,
-- under the names that they had. Of which years a slice has something says which rows follow from it.
ALTER TABLE ops.slice ADD COLUMN holds text;
COMMENT ON TABLE ops.slice IS
    'What is kept of sources and of what is computed from them, each part of it once. What no revision names is dropped.';
COMMENT ON COLUMN ops.slice.subject IS
    'What it is about; marts where it is computed; empty where it follows from several sources, or holds all of a revision.';
COMMENT ON COLUMN ops.slice.holds IS 'The years that it has lines, balance sheets and witnesses of: JSON.';

-- The marts are made again, as after every change of a model.
UPDATE ops.model SET definition = '';
