-- What else says what the result of a year is, each source held against the result of the lines. The two sides of a
-- balance sheet are held against each other, and control totals against the same sums of accounts.
WITH held AS (
    SELECT
        result.basis,
        found.siren,
        found.fiscal_year,
        found.kind,
        found.says,
        CASE WHEN found.kind = 'sheet_totals' OR found.subject = 'aggregates' THEN found.against ELSE result.result END AS held_against,
        found.reason,
        found.independent,
        found.subject,
        found.document,
        found.record
    FROM core.witness AS found
    JOIN mart.yearly_result AS result
        ON result.revision_id = $1
        AND result.siren = found.siren
        AND result.fiscal_year = found.fiscal_year
    WHERE found.revision_id = $1
)
SELECT
    basis,
    siren,
    fiscal_year,
    kind AS witness,
    says,
    held_against,
    CAST(held_against - says AS BIGINT) AS difference,
    CASE
        WHEN says IS NULL THEN 'not computable'
        WHEN held_against IS NULL THEN 'incomplete'
        WHEN held_against = says THEN 'reconciled'
        -- Reserves and results brought forward move for other reasons, too: only that they agree says something.
        WHEN kind = 'carry_over' OR reason = 'definition' THEN 'not conclusive'
        ELSE 'different'
    END AS status,
    CASE WHEN says IS NULL OR held_against <> says THEN reason END AS reason,
    CASE WHEN independent THEN 'independent' ELSE 'derived' END AS independence,
    subject,
    document,
    record
FROM held
