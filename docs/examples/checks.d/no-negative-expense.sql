-- Lines of expense below zero, which are usually bookings put right.
SELECT siren, fiscal_year, published_category || ' › ' || published_label AS finding
FROM core.statement_line
WHERE revision_id = $1 AND side = 'expense' AND counted AND amount < 0
ORDER BY siren, fiscal_year, record
