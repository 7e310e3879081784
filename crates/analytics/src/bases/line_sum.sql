-- The lines of a year added up once for all analyses: by side, activity and category, and by all else
-- that an analysis asks of a line. `leaf` takes each euro once and knows what is missing; `naive` takes
-- every published row, repeated or not, and misses nothing.
WITH item AS (
    SELECT
        item_id,
        position,
        matched,
        -- The first of the labels that mean the same to every analysis stands for them all.
        MIN(item_id) OVER (
            PARTITION BY nomenclature, side, activity, category, published_category, harmonised,
                exceptional_successor
        ) AS first_item
    FROM core.line_item
    WHERE revision_id = $1
),
added AS (
    SELECT
        line.siren,
        line.fiscal_year,
        item.first_item,
        MIN(item.position) AS position,
        COUNT(*) AS lines,
        COUNT(line.amount) AS published,
        COUNT(*) FILTER (WHERE line.counted) AS counted,
        COUNT(*) FILTER (WHERE line.missing) AS missing,
        COUNT(*) FILTER (WHERE item.matched = 'unknown') AS unrecognised,
        SUM(line.amount) FILTER (WHERE line.counted) AS counted_amount,
        SUM(line.amount) AS published_amount,
        COALESCE(SUM(line.amount) FILTER (WHERE line.amount < 0), 0) AS negative
    FROM core.line AS line
    -- Each line has an item; a left join keeps SQLite from reading all lines once for each item.
    LEFT JOIN item ON item.item_id = line.item_id
    WHERE line.revision_id = $1
    GROUP BY line.siren, line.fiscal_year, item.first_item
)
SELECT
    bases.column1 AS basis,
    added.siren,
    added.fiscal_year,
    item.nomenclature,
    item.side,
    item.activity,
    item.category,
    item.published_category,
    item.harmonised,
    item.exceptional_successor,
    added.position,
    added.lines,
    added.published,
    CASE WHEN bases.column1 = 'leaf' THEN added.counted ELSE added.published END AS counted,
    CASE WHEN bases.column1 = 'leaf' THEN added.missing ELSE 0 END AS missing,
    added.unrecognised,
    CASE WHEN bases.column1 = 'leaf' THEN added.counted_amount ELSE added.published_amount END AS taken,
    added.negative,
    -- What repeats other lines; balances, which have no side, add nothing up.
    CASE
        WHEN bases.column1 = 'leaf' AND item.side IS NOT NULL
            THEN COALESCE(added.published_amount, 0) - COALESCE(added.counted_amount, 0)
        ELSE 0
    END AS repeated
FROM added
JOIN core.line_item AS item ON item.revision_id = $1 AND item.item_id = added.first_item
CROSS JOIN (VALUES ('leaf'), ('naive')) AS bases
