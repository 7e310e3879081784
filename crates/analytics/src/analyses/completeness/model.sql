-- What was published, what was left empty, and what a plain sum would make of it.
SELECT
    basis,
    fiscal_year,
    COUNT(*) AS lines,
    COUNT(amount) AS published,
    COUNT(*) - COUNT(amount) AS unpublished,
    COUNT(taken) AS counted,
    CAST(SUM(missing) AS BIGINT) AS missing,
    COUNT(*) FILTER (WHERE matched = 'unknown') AS unrecognised,
    CAST(COALESCE(SUM(amount) FILTER (WHERE taken IS NULL AND side IS NOT NULL), 0) AS BIGINT)
        AS counted_twice,
    CAST(COALESCE(SUM(amount) FILTER (WHERE amount < 0), 0) AS BIGINT) AS dropped_negative,
    CASE
        WHEN basis = 'naive' THEN 'unchecked'
        WHEN SUM(missing) = 0 THEN 'complete'
        ELSE 'incomplete'
    END AS status,
    string_agg(category || ' › ' || label, '
' ORDER BY position, record) FILTER (WHERE missing = 1) AS missing_lines
FROM core_basis_line
WHERE revision_id = $1
GROUP BY basis, fiscal_year
