-- DuckDB reads the end of the file and then the columns that it needs. It takes * for a pattern: %2A is the same.
SELECT siren, body_name, fiscal_year, result
FROM read_parquet('{site}/api/v1/analyses/yearly-result.parquet?body=%2A')
WHERE status <> 'incomplete'
ORDER BY siren, fiscal_year;
