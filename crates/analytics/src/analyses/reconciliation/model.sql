-- The result of the lines held against the result that the balance sheet publishes, with the
-- result of a plain script beside it.
SELECT
    own.basis,
    own.siren,
    own.fiscal_year,
    own.published_result,
    leaf.result AS leaf_result,
    naive.result AS naive_result,
    own.difference,
    own.status,
    own.missing_lines
FROM mart.yearly_result AS own
JOIN mart.yearly_result AS leaf
    ON leaf.revision_id = own.revision_id
    AND leaf.siren = own.siren
    AND leaf.fiscal_year = own.fiscal_year
    AND leaf.basis = 'leaf'
JOIN mart.yearly_result AS naive
    ON naive.revision_id = own.revision_id
    AND naive.siren = own.siren
    AND naive.fiscal_year = own.fiscal_year
    AND naive.basis = 'naive'
WHERE own.revision_id = $1
