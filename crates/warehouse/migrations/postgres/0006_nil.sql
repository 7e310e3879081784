-- A line that was printed empty may be proven to be nil by a printed total.
ALTER TABLE core.line ADD COLUMN nil boolean NOT NULL DEFAULT false;
ALTER TABLE core.line ADD CONSTRAINT line_nil_is_empty CHECK (NOT nil OR amount IS NULL);
COMMENT ON COLUMN core.line.nil IS 'Whether no amount was published and a printed total proves that there is none.';

-- Which revenue is the income of financial assets.
ALTER TABLE core.line_item ADD COLUMN asset_income text;
ALTER TABLE core.line_item ADD CONSTRAINT line_item_asset_income CHECK (asset_income IN ('exact', 'mixed'));
COMMENT ON COLUMN core.line_item.asset_income IS 'For lines with the income of financial assets: exact where they hold nothing else, or mixed.';

-- Balance sheets print totals among their lines.
ALTER TABLE core.balance_line ADD COLUMN counted boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN core.balance_line.counted IS 'Whether it is a line; a total repeats other lines.';

-- Columns can only be added behind those that the view has.
CREATE OR REPLACE VIEW core.statement_line AS
SELECT
    line.revision_id,
    line.siren,
    line.record,
    line.fiscal_year,
    item.nomenclature,
    item.side,
    item.activity,
    item.block,
    item.category,
    item.code,
    item.label,
    item.published_category,
    item.published_label,
    item.matched,
    item.role,
    item.parent,
    item.harmonised,
    item.exceptional_successor,
    item.position,
    item.search_text,
    line.amount,
    CAST(line.amount * 0.01 AS numeric(18, 2)) AS amount_eur,
    line.counted,
    line.missing,
    item.asset_income,
    line.nil
FROM core.line AS line
JOIN core.line_item AS item
    ON item.revision_id = line.revision_id AND item.item_id = line.item_id;
COMMENT ON COLUMN core.statement_line.asset_income IS 'For lines with the income of financial assets: exact where they hold nothing else, or mixed.';
COMMENT ON COLUMN core.statement_line.nil IS 'Whether no amount was published and a printed total proves that there is none.';
