"""Puts the extension httpfs, which comes as a package, where DuckDB looks for it: it is not fetched by itself."""

import pathlib

import duckdb
import duckdb_extension_httpfs

folder = pathlib.Path(duckdb_extension_httpfs.__file__).parent
extension = next(folder.glob("extensions/*/httpfs.duckdb_extension"))
duckdb.sql(f"INSTALL '{extension}'")
