library(arrow)

file <- tempfile(fileext = ".parquet")
download.file("{site}/api/v1/analyses/yearly-result.parquet?body={body}", file, mode = "wb")
results <- read_parquet(file)
print(results[, c("fiscal_year", "revenue", "expense", "result", "status")])
