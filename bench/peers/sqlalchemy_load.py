"""The same export with requests and SQLAlchemy: the script many people write."""

import json
import sys
from itertools import islice

import requests
from sqlalchemy import BigInteger, Column, MetaData, Numeric, Table, Text, create_engine

BATCH = 10_000


def batches(rows):
    while batch := list(islice(rows, BATCH)):
        yield batch


def columns(record):
    """A type for each field, from the first record."""
    kinds = {str: Text, int: BigInteger, float: Numeric(18, 2)}
    return [Column(name, kinds.get(type(value), Text)) for name, value in record.items()]


def main(url, database):
    engine = create_engine(database.replace("postgres://", "postgresql+psycopg2://"))
    with requests.get(url, stream=True, timeout=600) as answer, engine.begin() as connection:
        answer.raise_for_status()
        rows = (json.loads(line) for line in answer.iter_lines())
        table = None
        for batch in batches(rows):
            if table is None:
                table = Table("sqlalchemy_load", MetaData(), *columns(batch[0]))
                table.drop(connection, checkfirst=True)
                table.create(connection)
            connection.execute(table.insert(), batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
