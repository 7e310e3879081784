-- M14 has exceptional charges. M57 has none: some lines took over what they held, and of those
-- only some hold nothing else. A plain script finds the years that still have the old block.
WITH marked AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        nomenclature,
        lines,
        missing,
        taken,
        CASE
            WHEN side = 'expense' AND activity = 'exceptional' THEN 'exceptional'
            WHEN basis = 'leaf' AND side = 'expense' AND exceptional_successor = 'exact'
                THEN 'successor'
            WHEN basis = 'leaf' AND side = 'expense' AND exceptional_successor = 'mixed'
                THEN 'mixed'
        END AS kind
    FROM mart.line_sum
    WHERE revision_id = $1
),
added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        MAX(nomenclature) AS nomenclature,
        SUM(lines) FILTER (WHERE kind = 'exceptional') AS exceptional_rows,
        SUM(taken) FILTER (WHERE kind = 'exceptional') AS exceptional,
        SUM(taken) FILTER (WHERE kind = 'successor') AS successor,
        SUM(taken) FILTER (WHERE kind = 'mixed') AS mixed,
        COALESCE(SUM(missing) FILTER (WHERE kind = 'exceptional'), 0) AS exceptional_missing,
        COALESCE(SUM(missing) FILTER (WHERE kind = 'successor'), 0) AS successor_missing,
        COALESCE(SUM(missing) FILTER (WHERE kind = 'mixed'), 0) AS mixed_missing
    FROM marked
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
        AND side = 'expense'
        AND (activity = 'exceptional' OR exceptional_successor IS NOT NULL)
    GROUP BY siren, fiscal_year
)
SELECT
    added.basis,
    added.siren,
    added.fiscal_year,
    added.nomenclature,
    CAST(CASE WHEN exceptional_missing = 0 THEN exceptional END AS BIGINT) AS exceptional_charges,
    CAST(CASE WHEN successor_missing = 0 THEN successor END AS BIGINT) AS successor_charges,
    CAST(CASE WHEN mixed_missing = 0 THEN mixed END AS BIGINT) AS mixed_charges,
    CASE
        WHEN added.basis = 'naive' THEN 'unchecked'
        WHEN exceptional_missing + successor_missing + mixed_missing = 0 THEN 'complete'
        ELSE 'incomplete'
    END AS status,
    broken.series_break,
    missing.missing_lines
FROM added
LEFT JOIN missing
    ON added.basis = 'leaf'
    AND missing.siren = added.siren
    AND missing.fiscal_year = added.fiscal_year
LEFT JOIN core.year_break AS broken
    ON broken.revision_id = $1
    AND broken.siren = added.siren
    AND broken.fiscal_year = added.fiscal_year
WHERE added.basis = 'leaf' OR added.exceptional_rows > 0
