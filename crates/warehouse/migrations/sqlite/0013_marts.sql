-- Rows of marts that follow from what has not changed are kept once, as those of sources are: mart_… show them by revision,
-- under the names that they had. Of which years a slice has something says which rows follow from it.
ALTER TABLE ops_slice ADD COLUMN holds TEXT;

-- The marts are made again, as after every change of a model.
UPDATE ops_model SET definition = '';
