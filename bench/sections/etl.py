"""From the portal to a database.

Every entrant reads the same export of the same simulated portal over HTTP, but for `\\copy` and DuckDB, which
are given a file with the same values that is there already: nothing can be faster than `\\copy` into the
same server. Centime does more than the others: it understands the lines, checks them and computes the
analyses; two rows say how long it takes to do less. Memory is that of the client.
"""

import os
import subprocess

from harness.process import run
from harness.results import PARTS, count, mebibytes, median, ratio, seconds, table

PEERS = "bench/peers"
# Peers that read the portal themselves, which takes long.
READERS = {
    "requests + SQLAlchemy → PostgreSQL": "sqlalchemy_load.py",
    "requests + pandas + SQLAlchemy → PostgreSQL": "pandas_load.py",
    "dlt → PostgreSQL": "dlt_load.py",
}
EXPORTS = "/api/explore/v2.1/catalog/datasets/compte-de-resultat/exports/jsonl"
# What a run does until all rows are in the database, and until they are indexed.
COPIED, LOADED = ["extract"], ["extract", "load"]


def measurements(bench, rows, repeat):
    """For each entrant, what it took each time; and how many rows there are."""
    with_portal, portal, bodies = bench.portal(rows)
    folder, server = bench.folder, bench.postgres
    taken = {}

    def note(name, measured):
        taken.setdefault(name, []).append(measured)
        bench.say(f"  {name}: {seconds(measured.seconds)}, {mebibytes(measured.memory)}")

    with with_portal:
        export = portal + EXPORTS
        lines, csv = folder / "lines.jsonl", folder / "lines.csv"
        subprocess.run(["curl", "--silent", "--fail", export, "--output", lines], check=True)
        with open(lines) as given, open(csv, "w") as made:
            subprocess.run([bench.python, f"{PEERS}/to_csv.py"], stdin=given, stdout=made, check=True)
        with open(csv) as made:
            fields = made.readline().strip().split(",")
            total = sum(1 for _ in made)

        for _ in range(repeat):
            url = server.fresh("peers")
            columns = ", ".join(f"{field} text" for field in fields)
            server.psql("peers", f"CREATE TABLE copied ({columns})")
            copy = f"\\copy copied FROM '{csv}' (FORMAT csv, HEADER)"
            psql = [server.programs / "psql", "--quiet", "--dbname", url, "--command", copy]
            note("psql `\\copy` of a file", run(psql))

            url = server.fresh("centime")
            centime = [bench.centime, "run", "--quiet", "--portal", portal, "--database"]
            measured = run([*centime, url])
            steps = server.psql(
                "centime", "SELECT step, milliseconds FROM ops.run_step ORDER BY run_id, position"
            )
            measured.steps = {
                step: int(taken) / 1000 for step, taken in (line.split("\t") for line in steps.splitlines())
            }
            note("Centime → PostgreSQL, to the analyses", measured)
            server.drop("centime")

            sqlite = folder / "lines.db"
            note("Centime → SQLite, to the analyses", run([*centime, f"sqlite:{sqlite}"]))
            for file in folder.glob("lines.db*"):
                file.unlink()

            duckdb = [bench.python, f"{PEERS}/duckdb_load.py"]
            for name, file in (("DuckDB `read_csv` of a file", csv), ("DuckDB `read_json` of a file", lines)):
                note(name, run([*duckdb, file, folder / "lines.duckdb"]))
                (folder / "lines.duckdb").unlink()

            url = server.fresh("peers")
            dlt = {"DLT_DATA_DIR": str(folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
            for name, script in READERS.items():
                command = [bench.python, f"{PEERS}/{script}", export, url]
                if name not in bench.arguments.skip:
                    note(name, run(command, env=os.environ | dlt))
            server.drop("peers")
    lines.unlink()
    csv.unlink()
    return taken, total, bodies


def told(taken, total, bodies, repeat):
    def of(name, what):
        return median([what(one) for one in taken[name]])

    centime = "Centime → PostgreSQL, to the analyses"
    whole = of(centime, lambda one: one.seconds)
    rows = []
    for name in taken:
        time = of(name, lambda one: one.seconds)
        held = of(name, lambda one: one.memory)
        rows.append([name, seconds(time), count(total / time), mebibytes(held), ratio(time, whole)])
        if name == centime:
            for upto, steps in (("to rows in the tables", COPIED), ("to indexed tables", LOADED)):
                time = of(name, lambda one, steps=steps: sum(one.steps[step] for step in steps))
                rows.append(
                    [f"… of this, {upto}", seconds(time), count(total / time), "", ratio(time, whole)]
                )
    head = ["", "time", "rows/s", "memory", "against Centime"]
    times = "once" if repeat == 1 else f"{repeat} times"
    return f"**{count(total)} rows of {count(bodies)} bodies**, measured {times}\n\n{table(head, rows)}"


def measured(bench):
    for rows, repeat in bench.arguments.rows:
        bench.say(f" {rows} rows")
        text = told(*measurements(bench, rows, repeat), repeat)
        skipped = "; ".join(bench.arguments.skip)
        yield f" {rows}", f"{text}\n\nLeft out: {skipped}." if skipped else text
