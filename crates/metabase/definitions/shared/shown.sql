shown AS (
    SELECT revision_id, siren, name, last_year
    FROM core.body
    JOIN ops.published USING (revision_id)
    WHERE TRUE [[AND CASE WHEN siren = '' THEN name ELSE name || ' (' || siren || ')' END = {{body}}]]
    ORDER BY name, siren
    LIMIT 1
)
