-- M14 has exceptional charges. M57 has none: some lines took over what they held, and of those
-- only some hold nothing else. A plain script finds the years that still have the old block.
WITH added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        SUM(lines) FILTER (WHERE activity = 'exceptional') AS exceptional_rows,
        SUM(taken) FILTER (WHERE activity = 'exceptional') AS exceptional,
        SUM(taken) FILTER (WHERE exceptional_successor = 'exact') AS successor,
        SUM(taken) FILTER (WHERE exceptional_successor = 'mixed') AS mixed,
        COALESCE(SUM(missing) FILTER (WHERE activity = 'exceptional'), 0) AS exceptional_missing,
        COALESCE(SUM(missing) FILTER (WHERE exceptional_successor = 'exact'), 0) AS successor_missing,
        COALESCE(SUM(missing) FILTER (WHERE exceptional_successor = 'mixed'), 0) AS mixed_missing,
        -- A total that stands in for lines of which some took over exceptional charges.
        COALESCE(SUM(standing_in) FILTER (WHERE exceptional_successor IS NOT NULL), 0) AS undetailed
    FROM (
        SELECT
            basis,
            siren,
            fiscal_year,
            activity,
            lines,
            missing,
            standing_in,
            taken,
            CASE
                WHEN basis = 'leaf' AND COALESCE(activity, '') <> 'exceptional' THEN exceptional_successor
            END AS exceptional_successor
        FROM mart.line_sum
        WHERE revision_id = $1
            AND side = 'expense'
            AND (activity = 'exceptional' OR exceptional_successor IS NOT NULL)
    ) AS marked
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
    year.basis,
    year.siren,
    year.fiscal_year,
    year.nomenclature,
    CAST(CASE WHEN COALESCE(added.exceptional_missing, 0) = 0 THEN added.exceptional END AS BIGINT)
        AS exceptional_charges,
    CAST(CASE WHEN COALESCE(added.successor_missing + added.undetailed, 0) = 0 THEN added.successor END AS BIGINT)
        AS successor_charges,
    CAST(CASE WHEN COALESCE(added.mixed_missing + added.undetailed, 0) = 0 THEN added.mixed END AS BIGINT)
        AS mixed_charges,
    CASE
        WHEN year.basis = 'naive' THEN 'unchecked'
        WHEN COALESCE(added.exceptional_missing + added.successor_missing + added.mixed_missing, 0) > 0
            THEN 'incomplete'
        WHEN added.undetailed > 0 THEN 'not detailed'
        ELSE 'complete'
    END AS status,
    broken.series_break,
    missing.missing_lines
FROM mart.yearly_result AS year
LEFT JOIN added
    ON added.basis = year.basis
    AND added.siren = year.siren
    AND added.fiscal_year = year.fiscal_year
LEFT JOIN missing
    ON year.basis = 'leaf'
    AND missing.siren = year.siren
    AND missing.fiscal_year = year.fiscal_year
LEFT JOIN core.year_break AS broken
    ON broken.revision_id = $1
    AND broken.siren = year.siren
    AND broken.fiscal_year = year.fiscal_year
WHERE year.revision_id = $1 AND (year.basis = 'leaf' OR added.exceptional_rows > 0)
