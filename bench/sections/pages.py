"""Pages of the same SQLite file.

`wrk` asks for one page over eight connections for some seconds, from the same machine. Memory is that of
the server and all it started, after that. *First readable page* is what a browser must have before it
shows text: the page and the style sheets and scripts it waits for, compressed where the server does.
"""

import gzip
import re
import subprocess
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urljoin

from harness.process import free_port, memory, serving, wait_for
from harness.results import count, mebibytes, median, ratio, seconds, table

CONNECTIONS = 8
SECONDS = 5
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


class Needed(HTMLParser):
    """What a browser waits for before it shows a page."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "link" and given.get("rel") == "stylesheet":
            self.addresses.append(given["href"])
        waits = not {"defer", "async"} & given.keys() and given.get("type") != "module"
        if tag == "script" and given.get("src") and waits:
            self.addresses.append(given["src"])


def received(address):
    """The bytes that came, and the text they are."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        raw = answer.read()
        zipped = answer.headers.get("Content-Encoding") == "gzip"
    return len(raw), gzip.decompress(raw) if zipped else raw


def weight(address):
    """Bytes until a page can be read."""
    size, page = received(address)
    needed = Needed()
    needed.feed(page.decode())
    return size + sum(received(urljoin(address, one))[0] for one in needed.addresses)


def asked(address, duration):
    """Requests a second, and the median and 99th percentile in seconds."""
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--latency"]
    done = subprocess.run(
        [*command, "--duration", f"{duration}s", address], capture_output=True, text=True, check=True
    )
    printed = done.stdout
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(f"{address} failed under load:\n{printed}")
    percentiles = {
        part: float(value) * UNITS[unit]
        for part, value, unit in re.findall(r"^ +(50|99)% +([\d.]+)(us|ms|s)$", printed, re.MULTILINE)
    }
    rate = float(re.search(r"Requests/sec: +([\d.]+)", printed)[1])
    return rate, percentiles["50"], percentiles["99"]


def entrants(bench):
    """Name, command, port, path and environment of each page."""
    database, _ = bench.sample()
    bin_folder = bench.python.parent
    flask, datasette, centime = free_port(), free_port(), free_port()
    gunicorn = [bin_folder / "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{flask}"]
    flask_app = [*gunicorn, "--chdir", "bench/peers", "flask_page:app"]
    show = [bin_folder / "datasette", "serve", database, "--port", str(datasette)]
    serve = bench.serve(centime)
    yield "Flask + pandas (gunicorn, 2 workers)", flask_app, flask, "/", {"BENCH_DATABASE": str(database)}
    yield "Datasette, table of the same mart", show, datasette, "/sample/mart_yearly_result?basis=leaf", {}
    for name, path in (
        ("Centime, yearly result", "/analyses/yearly-result"),
        ("Centime, dashboard with all charts", "/dashboard"),
        ("Centime, home", "/"),
    ):
        yield name, serve, centime, path, {}


def measured(bench):
    duration = 1 if bench.arguments.quick else SECONDS
    rows, slowest = [], None
    for name, command, port, path, environment in entrants(bench):
        address = f"http://127.0.0.1:{port}{path}"
        with serving(command, port, path, env=bench.environment | environment) as server:
            wait_for(server, port, path)
            runs = [asked(address, duration) for _ in range(bench.arguments.repeat)]
            held = memory(server.pid)
            rate, middle, late = (median(values) for values in zip(*runs))
            slowest = slowest or rate
            weighs = f"{count(weight(address) / 1000)} kB"
            bench.say(f"  {name}: {rate:.0f}/s")
            rows.append(
                [
                    name,
                    count(rate),
                    ratio(rate, slowest),
                    seconds(middle),
                    seconds(late),
                    mebibytes(held),
                    weighs,
                ]
            )
    head = ["", "pages/s", "against Flask", "median", "99 %", "memory", "first readable page"]
    return table(head, rows)
