"""DuckDB reads a file into a table of its own: `read_csv` or `read_json`, by the name of the file."""

import sys

import duckdb


def main(source, database):
    reader = "read_csv" if source.endswith(".csv") else "read_json"
    with duckdb.connect(database) as connection:
        connection.execute(f"CREATE OR REPLACE TABLE line AS SELECT * FROM {reader}(?)", [source])


if __name__ == "__main__":
    main(*sys.argv[1:])
