-- A line that was printed empty may be proven to be nil by a printed total.
ALTER TABLE core_line ADD COLUMN nil BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT nil OR amount IS NULL);

-- Which revenue is the income of financial assets.
ALTER TABLE core_line_item ADD COLUMN asset_income TEXT CHECK (asset_income IN ('exact', 'mixed'));

-- Balance sheets print totals among their lines.
ALTER TABLE core_balance_line ADD COLUMN counted BOOLEAN NOT NULL DEFAULT TRUE;

DROP VIEW core_statement_line;
CREATE VIEW core_statement_line AS
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
    line.counted,
    line.missing,
    item.asset_income,
    line.nil
FROM core_line AS line
JOIN core_line_item AS item
    ON item.revision_id = line.revision_id AND item.item_id = line.item_id;
