#!/usr/bin/env python3
"""Record what a `centime` program shows and writes of the sample edition, and compare two recordings.

    tools/record.py record target/debug/centime DIR   # DIR is new or empty
    tools/record.py compare BEFORE AFTER              # ends with 1 where they differ

A refactoring must not change a byte that readers get. A recording holds the text of all commands, analyses on
both bases, pages in both languages, answers of the API, drawings, files, reports, a copy of the site and of the
data, manual pages and what a Metabase is sent, so that two programs are compared by what they do.

The program runs on a new SQLite database in a folder for this purpose, on a free port. Times, durations and the
portal's port are set to fixed values in that database after the run, so that files with times in them (PDF, XLSX,
Parquet) are compared as they are. These texts are replaced in what is recorded, because no two processes share
them:

- the folder, the home folder and ports of 127.0.0.1;
- identifiers of requests and of the token that the recording makes, and moments during the recording;
- the commit in the version;
- `?v=` hashes of assets (the assets are recorded themselves), and the value of an ETag (its kind stays);
- values of metrics and the age of what is published: names, labels and help stay.

Pages are found by following links and the choices of forms, breadth first. Of each kind of address (its path
without numbers, with the names of its parameters) a few are recorded, the same ones each time.
"""

import argparse
import concurrent.futures
import hashlib
import html
import http.client
import io
import itertools
import json
import os
import pathlib
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile

FROZEN = "2026-01-02T03:04:05Z"
FROZEN_SQL = "2026-01-02 03:04:05"
FROZEN_PORTAL = "http://127.0.0.1:1"
# Of each kind of address, and of each path with parameters, whatever they are: of pages, of drawings, of other files.
PAGE_LIMITS = (2, 20)
DRAWING_LIMITS = (1, 6)
FILE_LIMITS = (1, 2)
CLIENTS = 4

CONFIGURATION = """\
refresh = "never"

[site]
requests_per_second = 100000
burst = 100000
heavy = 32
public_address = "https://comptes.example.fr"

[[site.links]]
fr = "Mentions légales"
en = "Legal notice"
address = "https://example.fr/legal"

[sql]
enabled = true
access = "public"
"""

ANALYSES = [
    "yearly-result",
    "exceptional-charges",
    "operating-profitability",
    "expense-by-category",
    "expense-by-harmonised-category",
    "financial-return",
    "reconciliation",
    "witness",
    "completeness",
]

# Values of parameters of the API that its document does not list.
API_VALUES = {
    "body": ["217500016", "Ville de Paris", "*", "1"],
    "revision": ["1", "99"],
    "lang": ["fr", "en"],
    "q": ["impots", "no such words"],
    "year": ["2018", "2021", "1066"],
    "from": ["2019", "2023"],
    "to": ["2019", "2023"],
    "category": ["CHARGES EXCEPTIONNELLES", "none"],
    "limit": ["3", "0"],
    "focus": ["2020"],
    "against": ["2019"],
    "cursor": ["nonsense"],
    "format": ["json", "csv", "parquet"],
    "unknown": ["true"],
}
API_REQUIRED = {
    "revision": "1",
    "siren": "217500016",
    "record": "7",
    "token": "ctm_AbCd1234",
}
STATEMENTS = [
    "SELECT * FROM published_yearly_result",
    "SELECT siren, fiscal_year, label, amount_eur FROM published_statement_line ORDER BY fiscal_year, record LIMIT 20",
    "SELECT fiscal_year FROM nowhere",
    "DELETE FROM ops_run",
    "",
]
# Addresses that no link leads to.
PAGES = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/favicon.ico",
    "/admin",
    "/login",
    "/metabase",
    "/nowhere",
    "/lines/",
    "/lines/99999",
    "/lines/abc",
    "/lines?year=never&nothing=1",
    "/lines?page=2",
    "/lines?page=99",
    "/analyses/nowhere",
    "/analyses/yearly-result?basis=wrong",
    "/dashboard?side=wrong&from=2024&to=2016",
    "/dashboard?from=2020&to=2022&side=expense&grouping=harmonised&unit=share",
    "/dashboard?basis=naive&unit=bneur&focus=2020&against=2016",
    "/dashboard/nowhere.svg",
    "/embed/dashboard/result",
    "/cards/dashboard/result",
    "/?revision=99",
    "/?body=123456789",
    "/sql",
    "/api/v1",
    "/api/v1/openapi.json",
    "/api/v1/nowhere",
] + ["/sql?" + urllib.parse.urlencode({"q": text}) for text in STATEMENTS]
EXTENSIONS = ["csv", "json", "xlsx", "parquet"]
PAGES += [f"/lines.{e}{q}" for e in EXTENSIONS for q in ("", "?side=expense&year=2020", "?counted=missing", "?body=*")]
PAGES += [f"/analyses/{a}.{e}{q}" for a in ANALYSES for e in EXTENSIONS for q in ("", "?basis=naive")]
PAGES += [f"/sql.{e}?" + urllib.parse.urlencode({"q": STATEMENTS[0]}) for e in EXTENSIONS]
PAGES += ["/cards/analyses/" + a for a in ANALYSES]

# Headers that differ between two answers of one program.
LIVE_HEADERS = {"date", "x-request-id", "connection", "keep-alive", "ratelimit", "content-length", "transfer-encoding"}
ZIPPED = b"PK\x03\x04"


def fail(message):
    sys.exit(f"record: {message}")


class Recorder:
    """Writes into the folder of a recording what is the same for every process."""

    def __init__(self, folder, place):
        self.folder = folder
        self.place = place
        self.started = time.time()
        self.tokens = []
        self.count = 0

    def text(self, text):
        """A text without what no two processes share."""
        text = text.replace(str(self.place), "PLACE")
        for token in self.tokens:
            text = text.replace(token, "ctm_TOKEN").replace(token[:12], "ctm_TOKEN")
        text = re.sub(r"(127\.0\.0\.1|localhost)(:|%3A)\d{2,5}\b", r"\1\2PORT", text)
        text = re.sub(r"\?v=[0-9a-f]{16}", "?v=HASH", text)
        text = re.sub(r'("request_id":\s*")[0-9a-f]{16}', r"\1REQUEST", text)
        text = re.sub(r"(<code>|<td>)[0-9a-f]{16}(</code>|</td>)", r"\1REQUEST\2", text)
        text = re.sub(r"\((?:[0-9a-f]{12}|unknown)(?:[+-]\w+)?\)", "(COMMIT)", text)
        text = re.sub(r'("age_seconds": )\d+', r"\1SECONDS", text)
        text = re.sub(r"\b\d{1,2}(er)?\s\w+\s20\d\d(?:\sà\s|,\s|\sat\s)[\d:\sh]+UTC", self.day, text)
        return re.sub(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", self.moment, text)

    def moment(self, found):
        """A moment during the recording becomes a word; one of the data stays."""
        text = found[0]
        for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
            try:
                seconds = time.mktime(time.strptime(re.sub(r"\.\d+", "", text), form)) - time.timezone
            except ValueError:
                continue
            return "NOW" if self.started - 120 <= seconds <= time.time() + 120 else text
        return text

    def day(self, found):
        """The same for a moment in words: those of today are of the recording, for what is shown was set before."""
        day, year = re.match(r"\d+", found[0])[0], re.search(r"20\d\d", found[0])[0]
        days = {time.strftime("%-d %Y", time.gmtime(moment)) for moment in (self.started, time.time())}
        return "NOW" if f"{day} {year}" in days else found[0]

    def write(self, name, head, body):
        """Keeps an answer: what is said about it, then a text as it is, or bytes in a file beside it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = None
        if text is not None and "\0" not in text:
            path.with_name(path.name + ".txt").write_text(self.text(head + text), encoding="utf-8")
        else:
            if head:
                path.with_name(path.name + ".head").write_text(self.text(head), encoding="utf-8")
            path.with_name(path.name + ".bin").write_bytes(body)
        self.count += 1


def file_name(address):
    """An address as the name of a file."""
    name = urllib.parse.quote(address, safe="=&?,.") or "root"
    if len(name) > 120:
        name = name[:100] + "-" + hashlib.sha256(address.encode()).hexdigest()[:12]
    return name


class Program:
    """The program that is recorded, in its own folder and environment."""

    def __init__(self, binary, place, recorder):
        self.binary = str(binary)
        self.place = place
        self.recorder = recorder
        self.database = f"sqlite:{place}/sample.db"
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(place),
            "XDG_DATA_HOME": str(place),
            "XDG_CONFIG_HOME": str(place),
            "CENTIME_DATABASE_URL": self.database,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "100",
        }

    def run(self, *arguments, given=b""):
        return subprocess.run(
            ["centime", *arguments],
            executable=self.binary,
            cwd=self.place,
            env=self.environment,
            input=given,
            capture_output=True,
            timeout=300,
        )

    def record(self, *arguments, given=b"", name=None):
        """Records what a command prints and how it ends."""
        done = self.run(*arguments, given=given)
        name = "commands/" + file_name(name or " ".join(arguments).replace("/", "_") or "none")
        self.recorder.write(name + ".stdout", "", done.stdout)
        said = re.sub(rb"\x1b\[[0-9;]*m", b"", done.stderr)
        self.recorder.write(name + ".stderr", f"exit code {done.returncode}\n", said)
        return done

    def must(self, *arguments):
        done = self.run(*arguments)
        if done.returncode:
            fail(f"centime {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.decode()}")
        return done.stdout.decode()


def freeze(path):
    """Gives moments and durations of the run fixed values, and the portal a fixed port."""
    database = sqlite3.connect(path)
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if not table.startswith(("ops_", "_sqlx")) or table == "ops_audit_event":
            continue
        for column in [row[1] for row in database.execute(f"PRAGMA table_info({table})")]:
            recent = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
            for pattern, frozen in (("____-__-__T__:__:__%Z", FROZEN), ("____-__-__ __:__:__%", FROZEN_SQL)):
                database.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {column} LIKE ? AND {column} >= ? AND {column} < '2100'",
                    (frozen, pattern, recent),
                )
            if column in ("milliseconds", "execution_time"):
                database.execute(f"UPDATE {table} SET {column} = 7")
            if column == "portal":
                rows = database.execute(f"SELECT rowid, portal FROM {table}").fetchall()
                for row, portal in rows:
                    portal = re.sub(r"http://127\.0\.0\.1:\d+", FROZEN_PORTAL, portal or "") or None
                    database.execute(f"UPDATE {table} SET portal = ? WHERE rowid = ?", (portal, row))
    database.commit()
    database.close()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Site:
    """The site of a program, asked as a browser asks it."""

    def __init__(self, program):
        self.port = free_port()
        self.program = program
        log = open(program.place / "serve.log", "wb")
        self.process = subprocess.Popen(
            ["centime", "serve", "--sample", "--listen", f"127.0.0.1:{self.port}"],
            executable=program.binary,
            cwd=program.place,
            env=program.environment,
            stdout=log,
            stderr=log,
        )
        self.connections = threading.local()
        for _ in range(600):
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        fail("the site does not start:\n" + (program.place / "serve.log").read_text())

    def get(self, address, headers=None):
        """The status, the headers and the body of an answer."""
        connection = getattr(self.connections, "it", None)
        for attempt in (1, 2):
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                self.connections.it = connection
            try:
                connection.request("GET", address, headers=headers or {})
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            except (http.client.HTTPException, OSError):
                connection.close()
                connection = None
                if attempt == 2:
                    raise
        return None

    def record(self, recorder, folder, address, headers=None):
        """Records an answer, and gives it back for its links."""
        status, said, body = self.get(address, headers)
        kept = []
        for name, value in said:
            name = name.lower()
            if name in LIVE_HEADERS:
                continue
            if name == "etag":
                value = "weak" if value.startswith("W/") else "strong"
            kept.append(f"{name}: {value}")
        if address.partition("?")[0] == "/metrics":
            lines = re.sub(rb"(?m)^([^#\n].*) \S+$", rb"\1 VALUE", body).splitlines(keepends=True)
            body = b"".join(sorted(lines))
        head = "\n".join([f"{address}", str(status), *sorted(kept), "", ""])
        recorder.write(f"{folder}/{file_name(address)}", head, body)
        return status, dict((name.lower(), value) for name, value in said), body

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def kind(address):
    """What addresses have in common of which a few are enough."""
    path, _, query = address.partition("?")
    names = sorted(name for name, _ in urllib.parse.parse_qsl(query, keep_blank_values=True))
    return re.sub(r"\d+", "N", path), tuple(names)


def limits(path):
    """How many addresses of a kind are recorded, and how many of a path."""
    if path.endswith(".svg"):
        return DRAWING_LIMITS
    return FILE_LIMITS if re.search(r"\.\w+$|^/embed/|^/cards/", path) else PAGE_LIMITS


def leading(page, address):
    """Where the links and the choices of a page lead, within the site."""
    found = []
    for value in re.findall(r'\b(?:href|src|data-[a-z-]+)="([^"]*)"', page):
        value = html.unescape(value)
        if value.startswith(("/", "?")):
            found.append(value)
    for form in re.findall(r"<form\b.*?</form>", page, re.S):
        tag = form.partition(">")[0]
        if 'method="post"' in tag:
            continue
        action = re.search(r'action="([^"]*)"', tag)
        action = html.unescape(action[1]) if action else address.partition("?")[0]
        if not action.startswith("/"):
            continue
        for field in re.findall(r"<select\b.*?</select>", form, re.S):
            name = re.search(r'name="([^"]*)"', field)
            for value in re.findall(r'<option value="([^"]*)"', field):
                if name and value:
                    pair = {html.unescape(name[1]): html.unescape(value)}
                    found.append(action + "?" + urllib.parse.urlencode(pair))
        for button in re.findall(r'formaction="(/[^"]*)"', form):
            found.append(html.unescape(button))
    joined = (urllib.parse.urljoin(address, value) for value in found)
    return [value.partition("#")[0] for value in joined]


def crawl(site, recorder, workers, language, folder, headers):
    """Records the pages that links lead to, in an order that does not depend on how fast they come."""
    headers = {**headers, "Accept": "text/html,*/*", "Accept-Language": language}
    seen, kinds, paths = set(), {}, {}

    def chosen(address, given=False):
        if address in seen or "/logout" in address:
            return False
        if address.startswith("/api/v1/"):
            return given
        this = kind(address)
        if not given:
            each_kind, each_path = limits(this[0])
            if kinds.get(this, 0) >= each_kind or this[1] and paths.get(this[0], 0) >= each_path:
                return False
            kinds[this] = kinds.get(this, 0) + 1
            paths[this[0]] = paths.get(this[0], 0) + 1
        seen.add(address)
        return True

    level = [address for address in ["/", "/dashboard", *PAGES] if chosen(address, given=True)]
    while level:
        answers = workers.map(lambda address: site.record(recorder, folder, address, headers), level)
        coming = []
        for address, (status, said, body) in zip(level, list(answers)):
            if said.get("content-type", "").startswith("text/html"):
                coming += [found for found in leading(body.decode(), address) if chosen(found)]
            if 300 <= status < 400 and said.get("location", "").startswith("/"):
                coming += [found for found in [said["location"]] if chosen(found)]
        level = coming
    return len(seen)


def by_name(pairs):
    """The values of each name."""
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def api_addresses(document):
    """For each GET operation: as it is, and with each value of each parameter."""
    for path, operations in sorted(document["paths"].items()):
        operation = operations.get("get")
        if not operation:
            continue
        parameters = operation.get("parameters", [])
        names = [parameter["name"] for parameter in parameters if parameter["in"] == "path"]

        def values(parameter):
            schema = parameter.get("schema", {})
            listed = schema.get("enum") or [one.get("const") for one in schema.get("oneOf", []) if "const" in one]
            return [str(value) for value in listed] or API_VALUES.get(parameter["name"], [])

        places = []
        for parameter in parameters:
            if parameter["in"] == "path":
                given = values(parameter) if parameter["name"] == "name" else []
                places.append((given or [API_REQUIRED.get(parameter["name"], "x")]) + ["nowhere"])
        asked = [(p["name"], value) for p in parameters if p["in"] == "query" for value in values(p) + ["wrong"]]
        for parts in itertools.product(*places):
            filled = path
            for name, part in zip(names, parts):
                filled = filled.replace("{" + name + "}", part)
            yield filled
            if "nowhere" in parts:
                continue
            # When the token was used last is in that file, too.
            if path == "/api/v1/tokens":
                asked = [(name, value) for name, value in asked if value != "parquet"]
            if path.startswith("/api/v1/reports/"):
                asked = [(name, values[0]) for name, values in by_name(asked).items()]
            for name, value in asked:
                yield filled + "?" + urllib.parse.urlencode({name: value})
            formats = [ending for ending in ("csv", "json", "parquet") if ("format", ending) in asked]
            for ending in formats:
                yield f"{filled}.{ending}"
                yield f"{filled}.{ending}?body=*"
        if path == "/api/v1/sql":
            for text in STATEMENTS:
                yield path + "?" + urllib.parse.urlencode({"q": text})


def record_api(site, recorder, workers, headers):
    document = json.loads(site.get("/api/v1/openapi.json")[2])
    addresses = list(dict.fromkeys(api_addresses(document)))
    answers = list(workers.map(lambda address: site.record(recorder, "api", address, headers), addresses))
    # Lists go on where their cursor says.
    for address, (_, _, body) in zip(addresses, answers):
        if "limit=3" in address:
            for _ in range(2):
                try:
                    cursor = json.loads(body).get("next")
                except ValueError:
                    cursor = None
                if not cursor:
                    break
                joined = address + "&" + urllib.parse.urlencode({"cursor": cursor})
                body = site.record(recorder, "api", joined, headers)[2]
    for accept in ("text/csv", "application/json", "text/html", "image/png"):
        asked = {**headers, "Accept": accept}
        site.record(recorder, f"api-accept/{file_name(accept)}", "/api/v1/lines?year=2020", asked)
        site.record(recorder, f"api-accept/{file_name(accept)}", "/api/v1/analyses/yearly-result", asked)
    return len(addresses)


def record_variants(site, recorder, headers):
    """Answers that follow from headers: language, who draws, parts, what is kept."""
    browser = {**headers, "Centime-Drawing": "browser"}
    for address in ("/dashboard", "/dashboard?side=expense&unit=share", "/analyses/yearly-result"):
        site.record(recorder, "drawn-by-browser", address, {**browser, "Accept-Language": "en"})
    for language in ("de", "en-GB, fr;q=0.5", "fr;q=0, en", "*"):
        site.record(recorder, f"language/{file_name(language)}", "/", {**headers, "Accept-Language": language})
    site.record(recorder, "language/cookie", "/", {**headers, "Cookie": "lang=en; centime_lang=en"})
    parts = {**headers, "Range": "bytes=0-99"}
    site.record(recorder, "range", "/api/v1/lines.csv", parts)
    site.record(recorder, "range", "/lines.parquet", parts)


def subcommands(program, prefix=()):
    """All commands, by what help lists."""
    yield prefix
    listed = program.run(*prefix, "--help").stdout.decode()
    found = re.search(r"^Commands:\n((?:  .*\n)+)", listed, re.M)
    for name in re.findall(r"^  ([a-z][a-z-]*) ", found[1] if found else "", re.M):
        if name != "help":
            yield from subcommands(program, (*prefix, name))


def record_commands(program):
    for command in subcommands(program):
        program.record(*command, "--help")
        program.record(*command, "-h")
    program.record()
    program.record("--version")
    program.record("anlyse")
    program.record("portal-sim", "--list-faults")
    program.record("check", "--max-age", "soon")
    for shell in ("bash", "zsh", "fish"):
        program.record("completions", shell)
    for analysis in ANALYSES:
        for basis in ("leaf", "naive"):
            for form in ("table", "json", "csv", "parquet", "xlsx"):
                program.record("analyse", analysis, "--sample", "--basis", basis, "--format", form)
    program.record("analyse", "yearly-result", "--sample", "--years", "2019-2021")
    program.record("analyse", "yearly-result", "--sample", "--years", "2030")
    program.record("analyse", "yearly-result", "--sample", "--body", "all", "--format", "csv")
    program.record("analyse", "yearly-result", "--sample", "--body", "nobody")
    program.record("analyse", "nothing", "--sample")
    program.record("analyse", "yearly-result", "--sample", "--revision", "9")
    for form in ("table", "json", "csv", "parquet", "xlsx"):
        program.record("lines", "--sample", "--format", form)
    for chosen in (
        ["--search", "impots"],
        ["--side", "revenue"],
        ["--side", "expense", "--activity", "exceptional"],
        ["--category", "CHARGES EXCEPTIONNELLES"],
        ["--role", "subtotal"],
        ["--harmonised", "personnel", "--years", "2020"],
        ["--successor", "exact"],
        ["--successor", "mixed"],
        ["--counted", "no"],
        ["--counted", "missing"],
        ["--counted", "nil"],
        ["--counted", "unpublished"],
        ["--unknown"],
        ["--body", "all", "--years", "2018"],
    ):
        for form in ("table", "csv", "json"):
            program.record("lines", "--sample", *chosen, "--format", form)
    for form in ("table", "json", "junit"):
        program.record("check", "--sample", "--format", form)
    for number, text in enumerate(STATEMENTS):
        for form in ("table", "csv", "json", "parquet"):
            program.record("sql", "--sample", "--format", form, given=text.encode(), name=f"sql {number} {form}")
    program.record("db", "status", "--sample")
    program.record("db", "migrate")
    for form in ("table", "json"):
        program.record("token", "list", "--sample", "--format", form)
        program.record("audit", "list", "--sample", "--format", form)
    for language in ("fr", "en"):
        for chosen in (
            [],
            ["--years", "2019-2022", "--side", "expense"],
            ["--grouping", "harmonised", "--unit", "share", "--basis", "naive"],
            ["--url", "https://comptes.example.fr", "--focus", "2020", "--against", "2018"],
        ):
            program.record("report", "--sample", "--lang", language, *chosen)


def keep_folder(recorder, folder, name):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            recorder.write(f"{name}/{path.relative_to(folder)}", "", path.read_bytes())


def record(binary, folder):
    binary = pathlib.Path(binary).resolve()
    if not binary.is_file():
        fail(f"{binary} is no program")
    folder = pathlib.Path(folder)
    if folder.exists() and any(folder.iterdir()):
        fail(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="centime-record-") as place:
        place = pathlib.Path(place)
        recorder = Recorder(folder, place)
        program = Program(binary, place, recorder)
        (place / "centime.toml").write_text(CONFIGURATION, encoding="utf-8")
        program.record("check", "--sample", name="before check")
        program.record("run", "--sample", name="first run")
        token = program.must("token", "create", "--sample", "--role", "admin", "--name", "record").strip()
        recorder.tokens.append(token)
        freeze(place / "sample.db")
        record_commands(program)
        took("commands", began)
        for what in ("site", "data"):
            program.record("export", f"--{what}", f"{place}/{what}", "--sample", name=f"export {what}")
            keep_folder(recorder, place / what, f"export-{what}")
        program.must("man", f"{place}/man")
        keep_folder(recorder, place / "man", "man")
        took("exports", began)
        site = Site(program)
        try:
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as workers:
                everyone = {"Host": "127.0.0.1"}
                for language in ("fr", "en"):
                    crawl(site, recorder, workers, language, f"pages-{language}", everyone)
                    took(f"pages in {language}", began)
                record_variants(site, recorder, everyone)
                for who, headers in (("", everyone), ("-admin", {"Authorization": f"Bearer {token}"})):
                    for address in ("/admin", "/metrics", "/api/v1/runs", "/api/v1/tokens"):
                        site.record(recorder, "rights" + who, address, headers)
                record_api(site, recorder, workers, {"Authorization": f"Bearer {token}"})
                took("the API", began)
        finally:
            site.stop()
        program.record("run", "--sample", name="second run")
    print(f"{recorder.count} answers in {folder}, {time.time() - began:.0f} s")


def took(what, began):
    print(f"  {what}: {time.time() - began:.0f} s", file=sys.stderr)


def unpacked(data):
    """What a file says: the members of an archive, or itself."""
    if not data.startswith(ZIPPED):
        return {"": data}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist())}


def shown(line):
    return line if len(line) < 300 else line[:300] + "…"


def differing(before, after):
    """The first lines of two files that differ, of long ones the part that does."""
    try:
        old, new = before.decode().splitlines(), after.decode().splitlines()
    except UnicodeDecodeError:
        at = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), min(len(before), len(after)))
        yield f"    {len(before)} and {len(after)} bytes, the first difference at {at}"
        return
    for number, (one, other) in enumerate(itertools.zip_longest(old, new), 1):
        if one == other:
            continue
        one, other = one or "", other or ""
        at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
        start = max(0, at - 60)
        yield f"    line {number}, from its letter {start + 1}:"
        yield f"    - {shown(one[start:])}"
        yield f"    + {shown(other[start:])}"
        return
    yield "    they differ in their line ends only"


def compare(before, after, most):
    """Prints what differs between two recordings; whether they are equal."""
    folders = [pathlib.Path(before), pathlib.Path(after)]
    files = []
    for folder in folders:
        if not folder.is_dir():
            fail(f"{folder} is no recording")
        files.append({str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()})
    differ = 0
    for name in sorted(files[0] | files[1]):
        if name not in files[1] or name not in files[0]:
            differ += 1
            if differ <= most:
                print(f"{name}\n    only {'before' if name in files[0] else 'after'}")
            continue
        old, new = ((folder / name).read_bytes() for folder in folders)
        if old == new:
            continue
        differ += 1
        if differ > most:
            continue
        print(name)
        old, new = unpacked(old), unpacked(new)
        parts = [part for part in sorted(old.keys() | new.keys()) if old.get(part) != new.get(part)]
        for part in parts or [None]:
            if part is None:
                print("    the archives differ, but nothing in them does")
                continue
            if part:
                print(f"  {part}")
            for line in differing(old.get(part, b""), new.get(part, b"")):
                print(line)
    print(f"{differ} of {len(files[0] | files[1])} files differ" if differ else f"{len(files[0])} files, all equal")
    return not differ


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    recording = modes.add_parser("record", help="record what a program does")
    recording.add_argument("binary")
    recording.add_argument("folder")
    comparing = modes.add_parser("compare", help="say what differs between two recordings")
    comparing.add_argument("before")
    comparing.add_argument("after")
    comparing.add_argument("--most", type=int, default=40, help="how many differences are shown [default: 40]")
    asked = parser.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    if asked.mode == "record":
        record(asked.binary, asked.folder)
        return 0
    return 0 if compare(asked.before, asked.after, asked.most) else 1


if __name__ == "__main__":
    sys.exit(main())
