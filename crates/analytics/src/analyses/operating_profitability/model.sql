-- What operations leave once their expense is paid, and what share of their revenue that is.
WITH added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        MAX(nomenclature) AS nomenclature,
        -- A plain script drops negative rows.
        SUM(CASE WHEN basis = 'leaf' THEN taken ELSE taken - negative END)
            FILTER (WHERE side = 'revenue') AS revenue,
        SUM(CASE WHEN basis = 'leaf' THEN taken ELSE taken - negative END)
            FILTER (WHERE side = 'expense') AS expense,
        COALESCE(SUM(missing) FILTER (WHERE side = 'revenue'), 0) AS revenue_missing,
        COALESCE(SUM(missing) FILTER (WHERE side = 'expense'), 0) AS expense_missing
    FROM mart.line_sum
    WHERE revision_id = $1 AND activity = 'operating'
    GROUP BY basis, siren, fiscal_year
),
known AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        nomenclature,
        CAST(CASE
            WHEN basis = 'naive' THEN COALESCE(revenue, 0)
            WHEN revenue_missing = 0 THEN revenue
        END AS BIGINT) AS revenue,
        CAST(CASE
            WHEN basis = 'naive' THEN COALESCE(expense, 0)
            WHEN expense_missing = 0 THEN expense
        END AS BIGINT) AS expense
    FROM added
),
missing AS (
    SELECT
        siren,
        fiscal_year,
        string_agg(named, '
' ORDER BY position, record) AS missing_lines
    FROM core.missing_line
    WHERE revision_id = $1 AND activity = 'operating'
    GROUP BY siren, fiscal_year
)
SELECT
    known.basis,
    known.siren,
    known.fiscal_year,
    known.nomenclature,
    known.revenue AS operating_revenue,
    known.expense AS operating_expense,
    known.revenue - known.expense AS operating_result,
    -- Hundredths of a percent, halves away from zero.
    {rate(known.revenue - known.expense, known.revenue)} AS margin,
    CASE
        WHEN known.basis = 'naive' THEN 'unchecked'
        WHEN known.revenue IS NULL OR known.expense IS NULL THEN 'incomplete'
        ELSE 'complete'
    END AS status,
    broken.series_break,
    missing.missing_lines
FROM known
LEFT JOIN missing
    ON known.basis = 'leaf'
    AND missing.siren = known.siren
    AND missing.fiscal_year = known.fiscal_year
LEFT JOIN core.year_break AS broken
    ON broken.revision_id = $1
    AND broken.siren = known.siren
    AND broken.fiscal_year = known.fiscal_year
