"""The same export with requests, pandas and SQLAlchemy: frames of so many rows, appended by `to_sql`."""

import json
import sys
from itertools import islice

import pandas as pd
import requests
from sqlalchemy import create_engine

ROWS = 50_000


def main(url, database):
    engine = create_engine(database.replace("postgres://", "postgresql+psycopg2://"))
    exists = "replace"
    with requests.get(url, stream=True, timeout=600) as answer, engine.begin() as connection:
        answer.raise_for_status()
        records = map(json.loads, answer.iter_lines())
        while batch := list(islice(records, ROWS)):
            pd.DataFrame(batch).to_sql("pandas_load", connection, if_exists=exists, index=False)
            exists = "append"


if __name__ == "__main__":
    main(*sys.argv[1:])
