{about}
WITH line AS (
    SELECT
        own.basis,
        own.siren,
        own.fiscal_year,
        {category} AS category,
        own.position,
        own.taken,
        own.missing,
        -- Lines whose money a total of several categories may hold, and such totals.
        {hidden} AS hidden,
        {undetailed} AS undetailed
    FROM mart.line_sum AS own
    WHERE own.revision_id = $1 AND own.side = 'expense'
),
added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        category,
        MIN(position) AS position,
        SUM(taken) AS amount,
        SUM(missing) AS missing,
        SUM(hidden) AS hidden,
        SUM(undetailed) AS undetailed
    FROM line
    GROUP BY basis, siren, fiscal_year, category
),
known AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        category,
        CAST(CASE WHEN missing + hidden = 0 THEN amount END AS BIGINT) AS amount,
        missing,
        undetailed,
        position
    FROM added
    -- Rows that only repeat others, such as balances, make no category.
    WHERE amount IS NOT NULL OR missing + hidden > 0
),
ranked AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        category,
        amount,
        missing,
        CASE
            WHEN LAG(fiscal_year) OVER by_category = fiscal_year - 1
                THEN LAG(amount) OVER by_category
        END AS before,
        COUNT(*) FILTER (WHERE missing > 0) OVER by_year AS year_missing,
        COUNT(*) FILTER (WHERE undetailed > 0) OVER by_year AS year_undetailed,
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
    FROM (
        SELECT own.siren, own.fiscal_year, {missing_category} AS category, own.named, own.position, own.record
        FROM core.missing_line AS own
        WHERE own.revision_id = $1 AND own.side = 'expense'
    ) AS line
    GROUP BY siren, fiscal_year, category
)
SELECT
    ranked.basis,
    ranked.siren,
    ranked.fiscal_year,
    ranked.category AS {column},
    ranked.amount,
    -- Rates are in hundredths of a percent, halves away from zero. The ranks and shares of a year with a missing
    -- amount, or one that is not detailed, are unknown.
    CASE
        WHEN ranked.year_missing + ranked.year_undetailed = 0
            THEN {rate(ranked.amount, ranked.year_amount)}
    END AS share,
    CASE
        WHEN broken.fiscal_year IS NULL
            THEN {rate(ranked.amount - ranked.before, ranked.before)}
    END AS change,
    CASE WHEN ranked.year_missing + ranked.year_undetailed = 0 THEN ranked.rank END AS rank,
    CASE
        WHEN ranked.year_missing + ranked.year_undetailed = 0
            THEN {rate(ranked.cumulative, ranked.year_amount)}
    END AS cumulative_share,
    CASE
        WHEN ranked.basis = 'naive' THEN 'unchecked'
        WHEN ranked.missing > 0 THEN 'incomplete'
        WHEN ranked.year_undetailed > 0 THEN 'not detailed'
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
LEFT JOIN {breaks} AS broken
    ON broken.revision_id = $1
    AND broken.siren = ranked.siren
    AND broken.fiscal_year = ranked.fiscal_year
