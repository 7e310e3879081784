-- Financial revenue and expense, and the income of financial assets held against the assets of the balance sheet
-- at the end of the year. Lines that mix that income with other revenue are beside it. A plain script stops at the
-- revenue.
WITH added AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        SUM(taken) FILTER (WHERE side = 'revenue') AS revenue,
        SUM(taken) FILTER (WHERE side = 'expense' AND basis = 'leaf') AS expense,
        SUM(taken) FILTER (WHERE side = 'revenue' AND asset_income = 'exact') AS asset_income,
        SUM(taken) FILTER (WHERE side = 'revenue' AND asset_income = 'mixed') AS mixed_income,
        COALESCE(SUM(missing) FILTER (WHERE side = 'revenue'), 0) AS revenue_missing,
        COALESCE(SUM(missing) FILTER (WHERE side = 'expense'), 0) AS expense_missing,
        COALESCE(SUM(standing_in) FILTER (WHERE asset_income IS NOT NULL), 0) AS undetailed
    FROM mart.line_sum
    WHERE revision_id = $1 AND activity = 'financial'
    GROUP BY basis, siren, fiscal_year
),
known AS (
    SELECT
        basis,
        siren,
        fiscal_year,
        -- A line that is not there is one that the body does not have.
        CAST(CASE WHEN revenue_missing = 0 THEN COALESCE(revenue, 0) END AS BIGINT) AS revenue,
        CAST(CASE
            WHEN expense_missing = 0 AND basis = 'leaf' THEN COALESCE(expense, 0)
        END AS BIGINT) AS expense,
        CAST(CASE
            WHEN revenue_missing + undetailed = 0 AND basis = 'leaf' THEN COALESCE(asset_income, 0)
        END AS BIGINT) AS asset_income,
        CAST(CASE
            WHEN revenue_missing + undetailed = 0 AND basis = 'leaf' THEN COALESCE(mixed_income, 0)
        END AS BIGINT) AS mixed_income
    FROM added
),
-- An empty cell of a balance sheet that balances without it holds nothing, and so does one that is not there. In a
-- sheet that does not balance, empty cells are unknown. Sums of rounded amounts may differ by a euro.
sheet AS (
    SELECT
        siren,
        fiscal_year,
        SUM(net) FILTER (WHERE kind = 'financial_asset') AS net,
        COUNT(*) FILTER (WHERE kind = 'financial_asset' AND net IS NULL) AS empty_cells,
        ABS(
            SUM(net) FILTER (WHERE side = 'asset') - SUM(net) FILTER (WHERE side = 'liability')
        ) <= 100 AS balances
    FROM core.balance_line
    WHERE revision_id = $1 AND counted
    GROUP BY siren, fiscal_year
),
assets AS (
    SELECT
        siren,
        fiscal_year,
        CAST(CASE
            WHEN balances THEN COALESCE(net, 0)
            WHEN empty_cells = 0 THEN net
        END AS BIGINT) AS net
    FROM sheet
),
missing AS (
    SELECT
        siren,
        fiscal_year,
        string_agg(named, '
' ORDER BY position, record) AS missing_lines
    FROM core.missing_line
    WHERE revision_id = $1 AND activity = 'financial'
    GROUP BY siren, fiscal_year
)
SELECT
    known.basis,
    known.siren,
    known.fiscal_year,
    known.revenue AS financial_revenue,
    known.expense AS financial_expense,
    known.revenue - known.expense AS net_financial_result,
    known.asset_income,
    known.mixed_income,
    assets.net AS financial_assets,
    -- Hundredths of a percent, halves away from zero.
    {rate(known.asset_income, assets.net)} AS rate_of_return,
    CASE
        WHEN known.basis = 'naive' THEN 'unchecked'
        WHEN known.revenue IS NULL OR known.expense IS NULL THEN 'incomplete'
        WHEN known.asset_income IS NULL THEN 'not detailed'
        WHEN assets.net IS NULL THEN 'assets not established'
        WHEN assets.net <= 0 THEN 'no financial assets'
        ELSE 'complete'
    END AS status,
    broken.series_break,
    missing.missing_lines
FROM known
LEFT JOIN assets
    ON known.basis = 'leaf'
    AND assets.siren = known.siren
    AND assets.fiscal_year = known.fiscal_year
LEFT JOIN missing
    ON known.basis = 'leaf'
    AND missing.siren = known.siren
    AND missing.fiscal_year = known.fiscal_year
LEFT JOIN core.year_break AS broken
    ON broken.revision_id = $1
    AND broken.siren = known.siren
    AND broken.fiscal_year = known.fiscal_year
