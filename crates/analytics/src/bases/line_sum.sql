-- The sums on each basis, by side, activity and category, and by all else that an analysis asks. `leaf` takes
-- each euro once and knows what is missing; `naive` takes every published row, repeated or not, and misses
-- nothing.
SELECT
    added.revision_id,
    added.siren,
    bases.column1 AS basis,
    added.fiscal_year,
    item.nomenclature,
    item.side,
    item.activity,
    item.category,
    item.published_category,
    item.harmonised,
    item.exceptional_successor,
    item.asset_income,
    added.position,
    -- Counts are small: PostgreSQL adds up small integers without the room that it takes for large ones.
    CAST(added.lines AS INTEGER) AS lines,
    CAST(added.published AS INTEGER) AS published,
    CAST(
        CASE WHEN bases.column1 = 'leaf' THEN added.counted ELSE added.published END AS INTEGER
    ) AS counted,
    CAST(CASE WHEN bases.column1 = 'leaf' THEN added.nil ELSE 0 END AS INTEGER) AS nil,
    CAST(CASE WHEN bases.column1 = 'leaf' THEN added.missing ELSE 0 END AS INTEGER) AS missing,
    CAST(CASE WHEN bases.column1 = 'leaf' THEN added.standing_in ELSE 0 END AS INTEGER) AS standing_in,
    CAST(CASE WHEN bases.column1 = 'leaf' THEN added.covered ELSE 0 END AS INTEGER) AS covered,
    CAST(added.unrecognised AS INTEGER) AS unrecognised,
    CASE WHEN bases.column1 = 'leaf' THEN added.counted_amount ELSE added.published_amount END AS taken,
    added.negative,
    -- What repeats other lines; balances, which have no side, add nothing up.
    CASE
        WHEN bases.column1 = 'leaf' AND item.side IS NOT NULL
            THEN COALESCE(added.published_amount, 0) - COALESCE(added.counted_amount, 0)
        ELSE 0
    END AS repeated
FROM mart.item_sum AS added
JOIN core.line_item AS item
    ON item.revision_id = added.revision_id AND item.item_id = added.item_id
CROSS JOIN (VALUES ('leaf'), ('naive')) AS bases
