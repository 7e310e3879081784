#!/usr/bin/env python3
"""Writes docs/query-plans.md: how PostgreSQL finds the analyses of one public body out of many.

    bench/query_plans.py postgres://…/database > docs/query-plans.md

The database is one that `centime run` has filled, with as many bodies as `centime portal-sim --bodies`
gives. Each analysis is asked three ways: as a view over the lines where no index helps, as the same view
with the index, and from its mart, which is what pages do.
"""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "crates/analytics/src"
ANALYSES = sorted(path.parent.name for path in SOURCES.glob("analyses/*/model.sql"))
WITHOUT_INDEX = "SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;"
SETTINGS = "SET jit = off; SET work_mem = '64MB';"
# The second time, what is read is in memory as far as it has room, and plans are compared rather than disks.
TIMES = 2


def psql(url, script):
    """What a script prints, without headings."""
    command = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run([*command, "--dbname", url], input=script, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def written(name):
    """The query of a mart."""
    base = SOURCES / f"bases/{name}.sql"
    source = base if base.exists() else SOURCES / f"analyses/{name}/model.sql"
    return source.read_text().strip()


def over_lines(name):
    """An analysis computed from the lines, without any mart."""
    text = written(name)

    def computed(match):
        # A view is of all revisions and says which itself.
        revision = "CAST($1 AS BIGINT) AS revision_id, " if "$1" in written(match[1]) else ""
        return f"(SELECT {revision}base.* FROM ({over_lines(match[1])}) AS base)"

    # A name is given to what has none of its own.
    text = re.sub(r"mart\.(\w+)(?=\s+(WHERE|GROUP))", lambda match: computed(match) + f" AS {match[1]}", text)
    return re.sub(r"mart\.(\w+)(?= AS)", computed, text)


def explained(url, query, settings):
    """The plan of the last of several runs."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {query};"
    return psql(url, f"{SETTINGS}{settings}\n" + f"{explain}\n\\echo ----\n" * TIMES).split("----")[-2].strip()


def milliseconds(plan):
    return float(re.search(r"Execution Time: ([\d.]+) ms", plan)[1])


def pages(plan):
    """Pages of 8 KiB that the whole plan touched, in memory or not."""
    first = re.search(r"Buffers: (.*)", plan)
    return sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", first[1])) if first else 0


def whole(number):
    return f"{number:,}".replace(",", " ")


def cell(plan):
    taken = milliseconds(plan)
    shown = f"{taken:.2f}" if taken < 10 else whole(round(taken))
    return f"{shown} ms, {whole(pages(plan))} pages"


def main():
    url = sys.argv[1]
    revision = psql(url, "SELECT max(revision_id) FROM ops.published")
    lines, bodies = psql(
        url, f"SELECT sum(lines), count(*) FROM core.body WHERE revision_id = {revision}"
    ).split("|")
    siren = psql(
        url,
        f"SELECT siren FROM core.body WHERE revision_id = {revision} ORDER BY siren"
        f" OFFSET {int(bodies) // 2} LIMIT 1",
    )
    version = psql(url, "SHOW server_version").split()[0]
    table, details = [], []
    for name in ANALYSES:
        model = over_lines(name).replace("$1", revision)
        view = f"SELECT * FROM ({model}) AS model WHERE siren = '{siren}' AND basis = 'leaf'"
        mart = (
            f"SELECT * FROM mart.{name} WHERE revision_id = {revision} AND siren = '{siren}'"
            " AND basis = 'leaf' ORDER BY fiscal_year"
        )
        before = explained(url, view, WITHOUT_INDEX)
        indexed = explained(url, view, "")
        after = explained(url, mart, "")
        table.append(f"| `{name}` | {cell(before)} | {cell(indexed)} | {cell(after)} |")
        for title, plan in [("before: a view, no index", before), ("after: its mart", after)]:
            summary = f"<summary><code>{name}</code>, {title}: {cell(plan)}</summary>"
            details.append(f"<details>{summary}\n\n```text\n{plan}\n```\n\n</details>")
        print(name, file=sys.stderr, flush=True)
    print(f"""# Query plans

How PostgreSQL finds the analyses of one public body among {whole(int(bodies))} with
{whole(int(lines))} lines in all, each asked three ways:

- as a **view** over the lines, computed when it is asked for, where no index helps;
- as the same view **with the index** of lines by public body and fiscal year;
- from its **mart**, which a run fills when it publishes. This is what every page, the API and the
  reports do.

PostgreSQL {version} with `shared_buffers = 1GB`, the second run of each: the time that the server measured,
and the pages of 8 KiB that it touched, on {date.today():%-d %B %Y}. This page is written by `bench/query_plans.py`. That no page of the
site reads a table whole is tested in `crates/server/tests/plans.rs`.

| | view, no index | view with the index | mart |
|---|---|---|---|
{chr(10).join(table)}

## The plans

{(chr(10) * 2).join(details)}""")


if __name__ == "__main__":
    main()
