"""The accounts of a country, from the portal to what is published.

One year of account balances of so many communes as have seven million rows, from the national edition of the
simulated portal, on PostgreSQL. `\\copy` is given a file that is there already, for a table with types; dlt reads the
portal, as Centime does, but half a million rows at most, because it takes long. Centime checks each account, computes
statements, balance sheets and indicators, holds them against each other, and publishes them with their analyses and
the search; its second year comes beside the first, which is kept. Memory is that of the client; *processor* is the
time that client and server took of all cores together.
"""

import os
import subprocess
from pathlib import Path

from harness.process import free_port, processor_time, run, serving
from harness.results import count, mebibytes, ratio, seconds, table

YEARS = (2023, 2024)
# About seven million rows a year: with all their budgets, communes have 224 each.
COMMUNES, FEW_COMMUNES = 31_400, 50
# dlt is given so many rows at most.
ROWS_OF_DLT = 500_000
DATASET = "balances-comptables-des-communes-en-"
AMOUNTS = 10
STEPS = {
    "describe": "… of this, retrieved",
    "extract": "… read, checked and in the tables",
    "load": "… indexed",
    "analyse": "… analysed",
    "audit": "… audited",
}


def measured(bench):
    communes = FEW_COMMUNES if bench.arguments.quick else bench.arguments.communes
    portal = free_port()
    years = "-".join(map(str, YEARS))
    command = [bench.centime, "portal-sim", "--edition", "national", "--bodies", communes]
    command += ["--years", years, "--listen", f"127.0.0.1:{portal}"]
    with serving(command, portal, "/known/results.csv?siren=290000009"):
        # The simulated portal counts its records once, when it is asked for all datasets the first time.
        catalogue = f"http://127.0.0.1:{portal}/api/explore/v2.1/catalog/datasets?limit=100"
        subprocess.run(["curl", "--silent", "--fail", catalogue, "--output", os.devnull], check=True)
        return told(bench, f"http://127.0.0.1:{portal}", communes)


def told(bench, portal, communes):
    server = bench.postgres
    rows = []

    def note(name, lines, work, disk=None):
        before = processor_time(server.pid)
        taken = work()
        processor = taken.processor + processor_time(server.pid) - before
        size = disk() if disk else None
        rows.append((name, lines, taken.seconds, processor, taken.memory, size))
        bench.say(f"  {name}: {seconds(taken.seconds)}, {mebibytes(taken.memory)}")
        return taken

    def size_of(database):
        return lambda: int(server.psql(database, f"SELECT pg_database_size('{database}')"))

    csv = bench.folder / "balances.csv"
    exports = f"{portal}/api/explore/v2.1/catalog/datasets/{DATASET}{YEARS[0]}/exports"
    subprocess.run(["curl", "--silent", "--fail", f"{exports}/csv", "--output", csv], check=True)
    with open(csv, encoding="utf-8-sig") as made:
        fields = made.readline().strip().split(";")
        lines = sum(1 for _ in made)
    url = server.fresh("peers")
    texts, amounts = fields[:-AMOUNTS], fields[-AMOUNTS:]
    columns = [f"{name} smallint" if name == "exer" else f"{name} text" for name in texts]
    columns += [f"{name} numeric(18, 2)" for name in amounts]
    server.psql("peers", f"CREATE TABLE copied ({', '.join(columns)})")
    copy = f"\\copy copied FROM '{csv}' (FORMAT csv, HEADER, DELIMITER ';')"
    psql = [server.programs / "psql", "--quiet", "--dbname", url, "--command", copy]
    copied = note("psql `\\copy` of a file", lines, lambda: run(psql), size_of("peers"))
    csv.unlink()

    url = server.fresh("centime")
    config = bench.folder / "national.toml"
    config.write_text(
        f'[retrieval]\nfolder = "{bench.folder / "downloads"}"\n[[source]]\nkind = "account-balances"\n'
        f'portal = "{portal}"\ndataset = "{DATASET}{{year}}"\n'
    )
    centime = [bench.centime, "run", "--quiet", "--config", config, "--database", url]
    of_years = [(f"Centime, {YEARS[0]}", [YEARS[0]]), (f"Centime, {YEARS[1]} beside it", YEARS)]
    whole = None
    for name, years in of_years:
        command = [*centime, "--years", f"{years[0]}-{years[-1]}"]
        published = note(name, lines, lambda command=command: run(command), size_of("centime"))
        whole = whole or published
        steps = server.psql(
            "centime",
            "SELECT step, milliseconds FROM ops.run_step"
            " WHERE run_id = (SELECT max(run_id) FROM ops.run_step) ORDER BY position",
        )
        for step in steps.splitlines():
            step, taken = step.split("\t")
            if step in STEPS:
                rows.append((STEPS[step], lines, int(taken) / 1000, None, None, None))
    downloads = sum(file.stat().st_size for file in Path(bench.folder / "downloads").iterdir())
    server.drop("centime")

    few = min(lines, ROWS_OF_DLT)
    dlt = {"DLT_DATA_DIR": str(bench.folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    command = [bench.python, "bench/peers/dlt_load.py", f"{exports}/jsonl?limit={few}", server.fresh("peers")]
    loaded = note("dlt", few, lambda: run(command, env=os.environ | dlt), size_of("peers"))
    server.drop("peers")

    pace = whole.seconds / lines
    shown = [
        [
            name,
            count(many),
            seconds(time),
            count(many / time),
            seconds(processor) if processor is not None else "",
            mebibytes(memory) if memory is not None else "",
            mebibytes(size) if size is not None else "",
            ratio(time / many, pace),
        ]
        for name, many, time, processor, memory, size in rows
    ]
    head = ["", "rows", "time", "rows/s", "processor", "memory", "on disk", "a row, against Centime"]
    against_copy = ratio(whole.seconds, copied.seconds)
    against_dlt = ratio(loaded.seconds / few, pace)
    return (
        f"**{count(lines)} rows a year of {count(communes)} communes**, measured once\n\n{table(head, shown)}\n\n"
        f"To what is published Centime takes {against_copy} as long as `\\copy`, and dlt {against_dlt} as long a row "
        f"as Centime. What was retrieved takes {mebibytes(downloads)} of both years."
    )
