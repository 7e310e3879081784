-- The lines of a year added up once for all analyses: by all that any of them asks of a label.
WITH item AS (
    SELECT
        item_id,
        position,
        matched,
        role,
        -- The first of the labels that mean the same to every analysis stands for them all.
        MIN(item_id) OVER (
            PARTITION BY nomenclature, side, activity, category, published_category, harmonised,
                exceptional_successor, asset_income
        ) AS first_item
    FROM core.line_item
    WHERE revision_id = $1
)
SELECT
    line.siren,
    line.fiscal_year,
    item.first_item AS item_id,
    MIN(item.position) AS position,
    COUNT(*) AS lines,
    COUNT(line.amount) AS published,
    COUNT(*) FILTER (WHERE line.counted) AS counted,
    COUNT(*) FILTER (WHERE line.nil) AS nil,
    COUNT(*) FILTER (WHERE line.missing) AS missing,
    -- Totals that are added in place of their lines, and lines whose money such a total may hold.
    COUNT(*) FILTER (WHERE line.counted AND item.role IN ('total', 'heading')) AS standing_in,
    COUNT(*) FILTER (WHERE item.role IN ('line', 'subtotal') AND NOT line.counted AND NOT line.nil AND NOT line.missing)
        AS covered,
    COUNT(*) FILTER (WHERE item.matched = 'unknown') AS unrecognised,
    -- A line that is nil comes to nothing, which is an amount.
    COALESCE(
        SUM(line.amount) FILTER (WHERE line.counted),
        CASE WHEN COUNT(*) FILTER (WHERE line.nil) > 0 THEN 0 END
    ) AS counted_amount,
    SUM(line.amount) AS published_amount,
    COALESCE(SUM(line.amount) FILTER (WHERE line.amount < 0), 0) AS negative
FROM core.line AS line
-- Each line has an item; a left join keeps SQLite from reading all lines once for each item.
LEFT JOIN item ON item.item_id = line.item_id
WHERE line.revision_id = $1
GROUP BY line.siren, line.fiscal_year, item.first_item
