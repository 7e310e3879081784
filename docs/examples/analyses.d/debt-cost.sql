-- What financial charges take of each euro of revenue.
SELECT
    basis,
    siren,
    fiscal_year,
    financial_expense,
    total_revenue,
    -- Hundredths of a percent, halves away from zero.
    CASE
        WHEN financial_expense IS NULL OR total_revenue <= 0 THEN NULL
        ELSE (20000 * financial_expense + total_revenue) / (2 * total_revenue)
    END AS cost_of_debt
FROM (
    SELECT
        result.basis,
        result.siren,
        result.fiscal_year,
        financial.financial_expense,
        result.revenue AS total_revenue
    FROM mart.yearly_result AS result
    JOIN mart.financial_return AS financial
        ON financial.revision_id = result.revision_id
        AND financial.siren = result.siren
        AND financial.basis = result.basis
        AND financial.fiscal_year = result.fiscal_year
    WHERE result.revision_id = $1
) AS both_sides
