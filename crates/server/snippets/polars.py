import polars as pl

lines = pl.read_parquet("{site}/api/v1/lines.parquet?body={body}")
counted = lines.filter(pl.col("counted") & pl.col("year_complete"))
print(counted.group_by("fiscal_year", "side").agg(pl.col("amount").sum()).sort("fiscal_year", "side"))
