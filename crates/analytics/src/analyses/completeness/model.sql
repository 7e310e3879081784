-- What was published, what was left empty, and what a plain sum would make of it.
WITH added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        SUM(lines) AS lines,
        SUM(published) AS published,
        SUM(counted) AS counted,
        SUM(nil) AS nil,
        SUM(standing_in) AS standing_in,
        SUM(missing) AS missing,
        SUM(unrecognised) AS unrecognised,
        SUM(repeated) AS counted_twice,
        SUM(negative) AS dropped_negative
    FROM mart.line_sum
    WHERE revision_id = $1
    GROUP BY basis, siren, fiscal_year
),
missing AS (
    SELECT
        siren,
        fiscal_year,
        string_agg(named, '
' ORDER BY position, record) AS missing_lines
    FROM core.missing_line
    WHERE revision_id = $1
    GROUP BY siren, fiscal_year
)
SELECT
    added.basis,
    added.siren,
    added.fiscal_year,
    added.lines,
    added.published,
    added.lines - added.published AS unpublished,
    added.counted,
    added.nil,
    added.missing,
    added.unrecognised,
    added.counted_twice,
    added.dropped_negative,
    CASE
        WHEN added.basis = 'naive' THEN 'unchecked'
        WHEN added.missing > 0 THEN 'incomplete'
        -- The result is known, and what it is made of is not.
        WHEN added.standing_in > 0 THEN 'not detailed'
        ELSE 'complete'
    END AS status,
    missing.missing_lines
FROM added
LEFT JOIN missing
    ON added.basis = 'leaf'
    AND missing.siren = added.siren
    AND missing.fiscal_year = added.fiscal_year
