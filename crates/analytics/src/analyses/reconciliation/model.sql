-- The result of the lines held against the result that the balance sheet publishes, with the
-- result of a plain script beside it, and how many other sources say the same.
SELECT
    own.basis,
    own.siren,
    own.fiscal_year,
    own.published_result,
    leaf.result AS leaf_result,
    naive.result AS naive_result,
    own.difference,
    own.status,
    COALESCE(counted.witnesses, 0) AS witnesses,
    CASE WHEN own.result IS NOT NULL THEN COALESCE(counted.equal, 0) END AS witnesses_equal,
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
LEFT JOIN (
    SELECT
        basis,
        siren,
        fiscal_year,
        COUNT(*) AS witnesses,
        COUNT(*) FILTER (WHERE difference = 0) AS equal
    FROM mart.witness
    WHERE revision_id = $1 AND independence = 'independent' AND says IS NOT NULL AND status <> 'not conclusive'
        -- A total that there is no sum of accounts for says nothing.
        AND (subject <> 'aggregates' OR held_against IS NOT NULL)
    GROUP BY basis, siren, fiscal_year
) AS counted
    ON counted.siren = own.siren
    AND counted.fiscal_year = own.fiscal_year
    AND counted.basis = own.basis
WHERE own.revision_id = $1
