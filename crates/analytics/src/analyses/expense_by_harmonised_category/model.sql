-- Expense by categories that mean the same under every nomenclature, so that only a change of the
-- public body itself breaks the series.
WITH added AS (
    SELECT
        basis,
        fiscal_year,
        COALESCE(harmonised, 'unrecognised') AS category,
        MIN(position) AS position,
        SUM(taken) AS amount,
        COALESCE(SUM(missing), 0) AS missing,
        string_agg(category || ' › ' || label, '
' ORDER BY position, record) FILTER (WHERE missing = 1) AS missing_lines
    FROM core_basis_line
    WHERE revision_id = $1 AND side = 'expense'
    GROUP BY basis, fiscal_year, COALESCE(harmonised, 'unrecognised')
),
known AS (
    SELECT
        basis,
        fiscal_year,
        category,
        CAST(CASE WHEN missing = 0 THEN amount END AS BIGINT) AS amount,
        missing_lines,
        SUM(missing) OVER (PARTITION BY basis, fiscal_year) AS year_missing,
        position
    FROM added
    -- Rows that only repeat others, such as balances, make no category.
    WHERE amount IS NOT NULL OR missing > 0
),
ranked AS (
    SELECT
        basis,
        fiscal_year,
        category,
        amount,
        missing_lines,
        -- The ranks and shares of a year with a missing amount are unknown.
        CASE WHEN year_missing = 0 THEN ROW_NUMBER() OVER by_size END AS rank,
        CASE WHEN year_missing = 0 THEN
            CAST(SUM(amount) OVER (PARTITION BY basis, fiscal_year) AS BIGINT)
        END AS year_amount,
        CASE WHEN year_missing = 0 THEN
            CAST(SUM(amount) OVER (by_size ROWS UNBOUNDED PRECEDING) AS BIGINT)
        END AS cumulative
    FROM known
    WINDOW by_size AS (
        PARTITION BY basis, fiscal_year
        ORDER BY amount IS NULL, amount DESC, position, category
    )
)
SELECT
    ranked.basis,
    ranked.fiscal_year,
    ranked.category AS harmonised_category,
    ranked.amount,
    -- Rates are in hundredths of a percent, halves away from zero.
    CASE
        WHEN ranked.year_amount <= 0 THEN NULL
        WHEN ranked.amount >= 0
            THEN (20000 * ranked.amount + ranked.year_amount) / (2 * ranked.year_amount)
        ELSE (20000 * ranked.amount - ranked.year_amount) / (2 * ranked.year_amount)
    END AS share,
    CASE
        WHEN broken.fiscal_year IS NOT NULL OR before.amount <= 0 THEN NULL
        WHEN ranked.amount >= before.amount
            THEN (20000 * (ranked.amount - before.amount) + before.amount) / (2 * before.amount)
        ELSE (20000 * (ranked.amount - before.amount) - before.amount) / (2 * before.amount)
    END AS change,
    ranked.rank,
    CASE
        WHEN ranked.year_amount <= 0 THEN NULL
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
    ranked.missing_lines
FROM ranked
LEFT JOIN ranked AS before
    ON before.basis = ranked.basis
    AND before.fiscal_year = ranked.fiscal_year - 1
    AND before.category = ranked.category
LEFT JOIN (
    SELECT revision_id, fiscal_year, kind AS series_break
    FROM core_series_break
    WHERE kind = 'perimeter'
) AS broken
    ON broken.revision_id = $1 AND broken.fiscal_year = ranked.fiscal_year
