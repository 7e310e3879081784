shown AS (
    SELECT siren, body_name AS name, last_year
    FROM published.body
    WHERE TRUE [[AND CASE WHEN siren = '' THEN body_name ELSE body_name || ' (' || siren || ')' END = {{body}}]]
    ORDER BY body_name, siren
    LIMIT 1
)
