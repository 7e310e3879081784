"""Runs statements through a driver, as a program would, and says how long each took.

Standard input: {"engine": …, "database": …, "repeat": N, "statements": [{"sql": …, "each": [[…], …]}]};
`each` has the parameters of every run. Standard output: for each statement a list of seconds.
"""

import json
import sys
import time


def connected(engine, database):
    if engine == "sqlite":
        import apsw

        connection = apsw.Connection(database, flags=apsw.SQLITE_OPEN_READONLY)
        return lambda sql, values: connection.execute(sql, values).fetchall()
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect(database, read_only=True)
        return lambda sql, values: connection.execute(sql, values).fetchall()
    import psycopg2

    connection = psycopg2.connect(database)
    connection.autocommit = True
    cursor = connection.cursor()

    def query(sql, values):
        cursor.execute(sql, values)
        return cursor.fetchall()

    return query


def main():
    asked = json.load(sys.stdin)
    query = connected(asked["engine"], asked["database"])
    answers = []
    for statement in asked["statements"]:
        # The first run prepares what later ones find: plans, pages in memory.
        query(statement["sql"], statement["each"][0])
        times = []
        for values in statement["each"]:
            started = time.perf_counter()
            rows = query(statement["sql"], values)
            times.append(time.perf_counter() - started)
            if not rows:
                raise SystemExit(f"no rows: {statement['sql']} {values}")
        answers.append(times)
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
