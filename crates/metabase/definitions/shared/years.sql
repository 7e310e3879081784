known_year AS (
    SELECT fiscal_year, status
    FROM published.completeness
    JOIN shown USING (siren)
),
focus AS (
    SELECT COALESCE(
        (SELECT MAX(fiscal_year)
         FROM (SELECT NULL::bigint AS fiscal_year WHERE FALSE [[UNION ALL SELECT {{year}}]]) AS asked),
        MAX(fiscal_year) FILTER (WHERE status = 'complete'),
        MAX(fiscal_year)
    ) AS fiscal_year
    FROM known_year
    WHERE TRUE [[AND fiscal_year >= {{from_year}}]] [[AND fiscal_year <= {{to_year}}]]
),
against AS (
    SELECT COALESCE(
        (SELECT MAX(fiscal_year)
         FROM (SELECT NULL::bigint AS fiscal_year WHERE FALSE [[UNION ALL SELECT {{against_year}}]]) AS asked),
        MAX(known_year.fiscal_year) FILTER (WHERE known_year.fiscal_year < focus.fiscal_year)
    ) AS fiscal_year
    FROM focus
    LEFT JOIN known_year ON TRUE
    GROUP BY focus.fiscal_year
)
