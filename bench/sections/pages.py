"""Pages of the same SQLite file.

`wrk` asks for one page over eight connections for some seconds, from the same machine, and takes it
compressed as a browser does. Centime keeps what it answered until something that it shows changes, so its
pages are those that somebody has asked for before; views that nobody has asked for are in a table of their
own, asked for once each. Memory is that of the server and all it started, after that. *First readable page*
is what a browser must have before it shows text: the page and the style sheets and scripts it waits for.
"""

import re
import subprocess
import time
import urllib.request
from html.parser import HTMLParser
from urllib.parse import urljoin

from harness.process import free_port, memory, serving, wait_for
from harness.results import count, mebibytes, median, ratio, seconds, table

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
# Views of the dashboard, each another.
VIEWS = [
    "side=expense",
    "side=revenue",
    "unit=share",
    "grouping=harmonised",
    "focus=2019&against=2018",
    "activity=operating",
    "basis=naive",
    "from=2018&to=2022",
    "unit=percent&side=expense",
]
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


def received(address, **headers):
    """The bytes that come."""
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def weight(address):
    """Bytes until a page can be read."""
    needed = Needed()
    needed.feed(received(address).decode())
    addresses = [address, *(urljoin(address, one) for one in needed.addresses)]
    return sum(len(received(one, **BROWSER)) for one in addresses)


def unseen(address, drawing):
    """Seconds that views take which nobody has seen, drawn by the browser or by the server."""
    times = []
    for view in VIEWS:
        started = time.perf_counter()
        received(f"{address}?{view}", **BROWSER, **{"Centime-Drawing": drawing})
        times.append(time.perf_counter() - started)
    return times


def asked(address, duration):
    """Requests a second, and the median and 99th percentile in seconds."""
    command = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--latency"]
    for name, value in BROWSER.items():
        command += ["--header", f"{name}: {value}"]
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
        ("Centime, income statement, all lines and years", "/statement"),
        ("Centime, a year", "/years/2023"),
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
    return table(head, rows) + "\n\n" + views(bench)


def views(bench):
    """How long views take that nobody has asked for."""
    port = free_port()
    rows = []
    for drawing, name in (("browser", "for a browser that draws itself"), ("server", "drawn by Centime")):
        # A server that has answered nothing yet but for one page, for which it reads the body.
        with serving(bench.serve(port), port, "/dashboard", env=bench.environment):
            times = unseen(f"http://127.0.0.1:{port}/dashboard", drawing)
        rows.append([f"A view nobody has seen, {name}", seconds(median(times)), seconds(max(times))])
    return table(["", "median", "slowest"], rows)
