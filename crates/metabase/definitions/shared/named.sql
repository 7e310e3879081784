chosen AS (
    SELECT MAX(category) AS category
    FROM (SELECT NULL::text AS category WHERE FALSE [[UNION ALL SELECT {{category}}]]) AS asked
),
named AS (
    SELECT
        line.fiscal_year,
        line.taken,
        line.missing,
        line.position,
        line.hidden AND chosen.category IS NULL AS hidden,
        line.undetailed AND chosen.category IS NULL AS undetailed,
        CASE WHEN chosen.category IS NULL THEN line.category ELSE line.label END AS name
    FROM line
    CROSS JOIN chosen
    WHERE line.side = {{side}} AND (chosen.category IS NULL OR line.category = chosen.category)
)
