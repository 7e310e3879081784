import pandas as pd

results = pd.read_parquet("{site}/api/v1/analyses/yearly-result.parquet?body={body}")
print(results[["fiscal_year", "revenue", "expense", "result", "status"]])

lines = pd.read_parquet("{site}/api/v1/lines.parquet?body={body}")
counted = lines[lines["counted"] & lines["year_complete"]]
print(counted.groupby(["fiscal_year", "side"])["amount"].sum())
