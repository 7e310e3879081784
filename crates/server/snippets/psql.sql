SELECT fiscal_year, revenue_eur, expense_eur, result_eur, status
FROM published.yearly_result
WHERE siren = '{body}'
ORDER BY fiscal_year;
