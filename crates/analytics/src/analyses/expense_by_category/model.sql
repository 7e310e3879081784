-- Expense by category of the nomenclature of each year. A plain script takes the categories as they
-- are written.
WITH added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        CASE WHEN basis = 'leaf' THEN category ELSE published_category END AS category,
        MIN(position) AS position,
        SUM(taken) AS amount,
        SUM(missing) AS missing
    FROM mart.line_sum
    WHERE revision_id = $1 AND side = 'expense'
    GROUP BY
        basis,
        siren,
        fiscal_year,
        CASE WHEN basis = 'leaf' THEN category ELSE published_category END
),
known AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        category,
        CAST(CASE WHEN missing = 0 THEN amount END AS BIGINT) AS amount,
        missing,
        position
    FROM added
    -- Rows that only repeat others, such as balances, make no category.
    WHERE amount IS NOT NULL OR missing > 0
),
ranked AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        category,
        amount,
        CASE
            WHEN LAG(fiscal_year) OVER by_category = fiscal_year - 1
                THEN LAG(amount) OVER by_category
        END AS before,
        COUNT(*) FILTER (WHERE missing > 0) OVER by_year AS year_missing,
        CAST(SUM(amount) OVER by_year AS BIGINT) AS year_amount,
        ROW_NUMBER() OVER by_size AS rank,
        CAST(SUM(amount) OVER (by_size ROWS UNBOUNDED PRECEDING) AS BIGINT) AS cumulative
    FROM known
    WINDOW
        by_category AS (PARTITION BY siren, basis, category ORDER BY fiscal_year),
        by_year AS (PARTITION BY siren, fiscal_year, basis),
        by_size AS (
            PARTITION BY siren, fiscal_year, basis
            ORDER BY amount IS NULL, amount DESC, position, category
        )
),
missing AS (
    SELECT
        siren,
        fiscal_year,
        category,
        string_agg(named, '
' ORDER BY position, record) AS missing_lines
    FROM core.missing_line
    WHERE revision_id = $1 AND side = 'expense'
    GROUP BY siren, fiscal_year, category
)
SELECT
    ranked.basis,
    ranked.siren,
    ranked.fiscal_year,
    ranked.category AS category,
    ranked.amount,
    -- Rates are in hundredths of a percent, halves away from zero. The ranks and shares of a year with a missing
    -- amount are unknown.
    CASE
        WHEN ranked.year_missing > 0 OR ranked.year_amount <= 0 THEN NULL
        WHEN ranked.amount >= 0
            THEN (20000 * ranked.amount + ranked.year_amount) / (2 * ranked.year_amount)
        ELSE (20000 * ranked.amount - ranked.year_amount) / (2 * ranked.year_amount)
    END AS share,
    CASE
        WHEN broken.fiscal_year IS NOT NULL OR ranked.before <= 0 THEN NULL
        WHEN ranked.amount >= ranked.before
            THEN (20000 * (ranked.amount - ranked.before) + ranked.before) / (2 * ranked.before)
        ELSE (20000 * (ranked.amount - ranked.before) - ranked.before) / (2 * ranked.before)
    END AS change,
    CASE WHEN ranked.year_missing = 0 THEN ranked.rank END AS rank,
    CASE
        WHEN ranked.year_missing > 0 OR ranked.year_amount <= 0 THEN NULL
        WHEN ranked.cumulative >= 0
            THEN (20000 * ranked.cumulative + ranked.year_amount) / (2 * ranked.year_amount)
        ELSE (20000 * ranked.cumulative - ranked.year_amount) / (2 * ranked.year_amount)
    END AS cumulative_share,
    CASE
        WHEN ranked.basis = 'naive' THEN 'unchecked'
        WHEN ranked.amount IS NULL THEN 'incomplete'
        ELSE 'complete'
    END AS status,
    broken.series_break,
    missing.missing_lines
FROM ranked
LEFT JOIN missing
    ON ranked.basis = 'leaf'
    AND missing.siren = ranked.siren
    AND missing.fiscal_year = ranked.fiscal_year
    AND missing.category = ranked.category
LEFT JOIN core.year_break AS broken
    ON broken.revision_id = $1
    AND broken.siren = ranked.siren
    AND broken.fiscal_year = ranked.fiscal_year
