"""The five analyses of one public body out of many.

*Mart* is the query that every page of Centime makes. *No index* and *DuckDB* have the lines as a loader leaves
them, and are asked the plain sum of each analysis, as a tool for dashboards would: that is less work, and
another figure. *Model of all* is the query that fills a mart, for all bodies and on both bases: what a
publication costs once.
"""

import json
import re
import subprocess

from harness.results import PARTS, count, median, seconds, table

ROOT_OF_MODELS = "crates/analytics/src/analyses"
FIRST, OTHERS = 217_500_016, 218_000_000
BODIES_ASKED = 100
# The plain sum of each analysis. `{year}` and `{amount}` are the fields as numbers.
SUM = "SELECT {year}, sum({amount}) FILTER (WHERE {amount} >= 0) FROM copied WHERE siren = {body}"
ANALYSES = {
    "yearly_result": "SELECT {year}, sum(CASE produit_charge WHEN 'PRODUITS' THEN {amount} ELSE -{amount} END)"
    " FILTER (WHERE {amount} >= 0) FROM copied WHERE siren = {body} GROUP BY 1 ORDER BY 1",
    "exceptional_charges": SUM
    + " AND type_de_resultat = 'EXCEPTIONNEL' AND produit_charge = 'CHARGES' GROUP BY 1 ORDER BY 1",
    "operating_profitability": SUM
    + " AND type_de_resultat = 'EXPLOITATION' GROUP BY produit_charge, 1 ORDER BY 1",
    "expense_by_category": SUM + " AND produit_charge = 'CHARGES' GROUP BY poste, 1 ORDER BY 1",
    "financial_return": SUM
    + " AND type_de_resultat = 'FINANCIER' AND produit_charge = 'PRODUITS' GROUP BY 1 ORDER BY 1",
}


def times(bench, engine, database, statements):
    """Median seconds of each statement, a pair of its text and the parameters of its runs."""
    asked = {
        "engine": engine,
        "database": str(database),
        "statements": [{"sql": sql, "each": each} for sql, each in statements],
    }
    done = subprocess.run(
        [bench.python, "bench/peers/query_times.py"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{engine}: {done.stderr}")
    return [median(one) for one in json.loads(done.stdout)]


def without_schemas(sql):
    """SQLite has no schemas: the schema is the first word of the name."""
    return re.sub(r"\b(raw|core|mart|ops)\.(?=[a-z])", r"\1_", sql)


def mart(name, mark):
    return (
        f"SELECT * FROM mart.{name} WHERE revision_id = {mark}"
        f" AND siren = {mark} AND basis = {mark} ORDER BY fiscal_year"
    )


def model(name, revision):
    with open(f"{ROOT_OF_MODELS}/{name}/model.sql") as text:
        return f"SELECT count(*) FROM ({text.read().replace('$1', str(revision))}) AS model"


def loaded(bench, rows):
    """The lines in every database, and how many bodies and lines there are."""
    folder, server = bench.folder, bench.postgres
    sqlite, duckdb = folder / "analyses.db", folder / "analyses.duckdb"
    with_portal, portal, bodies = bench.portal(rows)
    with with_portal:
        url = server.fresh("analyses")
        for database in (url, f"sqlite:{sqlite}"):
            run = [bench.centime, "run", "--quiet", "--portal", portal, "--database", database]
            subprocess.run(run, check=True)
        export = f"{portal}/api/explore/v2.1/catalog/datasets/compte-de-resultat/exports/jsonl"
        lines, csv = folder / "lines.jsonl", folder / "lines.csv"
        subprocess.run(["curl", "--silent", "--fail", export, "--output", lines], check=True)
    with open(lines) as given, open(csv, "w") as made:
        subprocess.run([bench.python, "bench/peers/to_csv.py"], stdin=given, stdout=made, check=True)
    with open(csv) as made:
        fields = made.readline().strip().split(",")
    server.fresh("raw")
    server.psql("raw", f"CREATE TABLE text_lines ({', '.join(f'{field} text' for field in fields)})")
    server.psql("raw", f"\\copy text_lines FROM '{csv}' (FORMAT csv, HEADER)")
    server.psql(
        "raw",
        "CREATE TABLE copied AS SELECT siren, exercice_comptable::int AS year, type_de_resultat,"
        " produit_charge, poste, detail_postes, montant_en_eur::numeric(18, 2) AS amount FROM text_lines",
    )
    server.psql("raw", "DROP TABLE text_lines")
    server.psql("raw", "VACUUM ANALYZE copied")
    subprocess.run([bench.python, "bench/peers/duckdb_load.py", csv, duckdb], check=True)
    lines.unlink()
    csv.unlink()
    total = int(server.psql("raw", "SELECT count(*) FROM copied"))
    return {"postgres": url, "sqlite": sqlite, "raw": server.url("raw"), "duckdb": duckdb}, bodies, total


def measured_at(bench, rows, repeat):
    databases, bodies, total = loaded(bench, rows)
    revision = 1
    step = max(1, bodies // BODIES_ASKED)
    sirens = [str(OTHERS + body if body else FIRST) for body in range(0, bodies, step)]

    def ask(engine, database, statement, each):
        bench.say(f"  {engine}")
        return times(bench, engine, database, [(statement(name), each) for name in ANALYSES])

    one = [[revision, siren, "leaf"] for siren in sirens]
    plain = [[siren] for siren in sirens[:repeat]]

    def on_copied(year, amount, body):
        return lambda name: ANALYSES[name].format(year=year, amount=amount, body=body)

    duckdb = on_copied("exercice_comptable", "montant_en_eur", "?")
    columns = [
        (
            "mart, SQLite",
            ask("sqlite", databases["sqlite"], lambda name: without_schemas(mart(name, "?")), one),
        ),
        ("mart, PostgreSQL", ask("postgres", databases["postgres"], lambda name: mart(name, "%s"), one)),
        ("no index, PostgreSQL", ask("postgres", databases["raw"], on_copied("year", "amount", "%s"), plain)),
        (
            "DuckDB",
            ask("duckdb", databases["duckdb"], lambda name: duckdb(name).replace("copied", "line"), plain),
        ),
        (
            "model of all, SQLite",
            ask(
                "sqlite",
                databases["sqlite"],
                lambda name: without_schemas(model(name, revision)),
                [[]] * repeat,
            ),
        ),
        (
            "model of all, PostgreSQL",
            ask("postgres", databases["postgres"], lambda name: model(name, revision), [None] * repeat),
        ),
    ]
    head = ["", *(name for name, _ in columns)]
    cells = [
        [f"`{name}`", *(seconds(column[position]) for _, column in columns)]
        for position, name in enumerate(ANALYSES)
    ]
    for database in ("analyses", "raw"):
        bench.postgres.drop(database)
    for file in bench.folder.glob("analyses.*"):
        file.unlink()
    return f"**{count(total)} lines of {count(bodies)} bodies**\n\n{table(head, cells)}"


def measured(bench):
    for rows, repeat in bench.arguments.rows:
        bench.say(f" {rows} lines")
        yield f" {rows}", measured_at(bench, rows, repeat)
