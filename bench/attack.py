#!/usr/bin/env python3
"""Attacks a site of its own as one client could, and says what others notice.

    bench/attack.py [--centime PROGRAM] [--limits] [--seconds S] [SECTION…]

Each section starts a site over the sample edition in a temporary folder, attacks it from one client's network for
some seconds, and asks meanwhile from another network as a reader does. What is printed for each: the most memory that
the site held (`VmHWM` of /proc), its threads, how the attacker's requests ended, how long the reader waited (median,
99th percentile, longest) and how often in vain, and how much the folder grew.

Nothing but loopback is reached. Where it may (as root), the script runs in a network namespace of its own, which has no
other interface, and in which many addresses of one IPv6 /64 are local. `--limits` starts the site within the limits that deploy/ ships
(512 MB, 256 tasks) as a control group, version 2 or 1, and says whether it was killed.

Sections: pictures, hangups, hosts, logins, sessions, ipv6, slow, crawl, portals.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = "CENTIME_ATTACK_NAMESPACE"
ATTACKER, READER = "127.0.0.2", "127.0.0.3"
NETWORK = "fd00:ce:471:3e"
ADDRESSES = range(0x10, 0x10 + 1200)
MEMORY, TASKS = 512 << 20, 256
PATIENCE = 40
CHARTS = ["flow", "categories", "changes", "exceptional", "financial", "operating", "presence", "result", "steps"]
YEARS = range(2016, 2025)
PORTS = range(20_000, 30_000)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centime", type=Path, default=ROOT / "target/release/centime")
    parser.add_argument("--limits", action="store_true", help="within the limits that deploy/ ships")
    parser.add_argument("--seconds", type=float, default=10, help="how long each attack lasts")
    parser.add_argument("--clients", type=int, default=40, help="connections of the attacker at once")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    arguments = parser.parse_args()
    if os.geteuid() == 0 and NAMESPACE not in os.environ and shutil.which("unshare") and shutil.which("ip"):
        os.environ[NAMESPACE] = "yes"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    if NAMESPACE in os.environ:
        addresses = "".join(f"addr add {NETWORK}::{number:x}/64 dev lo nodad\n" for number in ADDRESSES)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "-6", "-batch", "-"], input=addresses, text=True, check=True)
    unknown = set(arguments.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    figures = {}
    for name in arguments.sections or SECTIONS:
        with tempfile.TemporaryDirectory(prefix="centime-attack-") as folder:
            figures[name] = SECTIONS[name](arguments, Path(folder))
        print(f"{name}: {json.dumps(figures[name])}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


# The site under attack


class ControlGroup:
    """Limits of memory and tasks for a process, by control groups of version 2 or 1."""

    def __init__(self):
        root, name = Path("/sys/fs/cgroup"), f"centime-attack-{os.getpid()}"
        if (root / "cgroup.controllers").exists():
            with contextlib.suppress(OSError):
                (root / "cgroup.subtree_control").write_text("+memory +pids")
            self.folders = [root / name]
            limits = {"memory.max": MEMORY, "memory.swap.max": 0, "pids.max": TASKS}
            self.kills = ("memory.events", r"oom_kill (\d+)")
        else:
            self.folders = [root / "memory" / name, root / "pids" / name]
            limits = {"memory.limit_in_bytes": MEMORY, "pids.max": TASKS}
            self.kills = ("memory.oom_control", r"oom_kill (\d+)")
        for folder in self.folders:
            folder.mkdir()
            for limit, value in limits.items():
                if (folder / limit).exists():
                    (folder / limit).write_text(str(value))

    def take(self):
        """Called in the child before the program starts."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def killed(self):
        name, pattern = self.kills
        found = re.search(pattern, (self.folders[0] / name).read_text())
        return int(found[1]) if found else 0

    def remove(self):
        for folder in self.folders:
            for _ in range(50):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.1)


class Site:
    """A site of its own over the sample edition, or over so many public bodies."""

    def __init__(self, arguments, folder, access="public", bodies=None, settings=""):
        self.centime, self.folder = arguments.centime, folder
        self.database = f"sqlite:{folder}/centime.db"
        (folder / "centime.toml").write_text(settings)
        self.environment = dict(os.environ, CENTIME_CONFIG=str(folder / "centime.toml"), CENTIME_LOG="error")
        if bodies:
            with self.portal(bodies) as portal:
                self.run("run", "--portal", portal)
        else:
            self.run("run", "--sample")
        self.group = ControlGroup() if arguments.limits else None
        self.port = free_port()
        listen = f"[::]:{self.port}" if NAMESPACE in os.environ else f"127.0.0.1:{self.port}"
        command = [self.centime, "serve", "--database", self.database, "--listen", listen, "--access", access]
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            command + (["--allow-public"] if access == "public" else []),
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=self.group.take if self.group else None,
        )
        for _ in range(600):
            with contextlib.suppress(OSError):
                if get(self.port, "/readyz")[0] == 200:
                    break
            time.sleep(0.05)
        else:
            raise RuntimeError(f"the site does not answer: {(folder / 'log').read_text()}")
        self.disk_before, self.started = self.disk(), time.monotonic()

    @contextlib.contextmanager
    def portal(self, bodies):
        port = free_port()
        command = [self.centime, "portal-sim", "--listen", f"127.0.0.1:{port}", "--bodies", str(bodies)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()

    def run(self, *command):
        done = subprocess.run(
            [self.centime, *command, "--database", self.database],
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"centime {' '.join(command)}: {done.stderr}")
        return done.stdout.strip()

    def token(self, role):
        printed = self.run("token", "create", "--role", role)
        return re.search(r"ctm_[A-Za-z0-9_-]+", printed)[0]

    def status(self, field):
        with contextlib.suppress(OSError):
            found = re.search(rf"^{field}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text(), re.MULTILINE)
            return int(found[1]) if found else None
        return None

    def disk(self):
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def figures(self):
        """What the site took; None where it is gone."""
        alive = self.process.poll() is None
        peak = self.status("VmHWM") if alive else None
        found = {
            "alive": alive,
            "peak_mb": peak and peak // 1024,
            "threads": self.status("Threads") if alive else None,
            "disk_mb": round((self.disk() - self.disk_before) / 1e6, 2),
        }
        if self.group:
            found["killed"] = self.group.killed()
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        if self.group:
            self.group.remove()


def free_port():
    """A port outside of the range from which the system gives ports to clients."""
    while True:
        port = random.choice(PORTS)
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port


# Clients


def ask(port, method, path, source=READER, headers=None, body=None, timeout=PATIENCE):
    """Status, body and headers of an answer, over a connection of its own."""
    host = "::1" if ":" in source else "127.0.0.1"
    connection = http.client.HTTPConnection(host, port, timeout=timeout, source_address=(source, 0))
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def get(port, path, **options):
    return ask(port, "GET", path, **options)


def log_in(port, token, source=READER):
    return ask(
        port,
        "POST",
        "/login",
        source=source,
        body=urllib.parse.urlencode({"token": token}),
        headers={"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"},
    )


class Reader(threading.Thread):
    """Somebody of another network who reads on while the site is attacked."""

    def __init__(self, port, paths=None, source=READER, headers=None):
        super().__init__(daemon=True)
        self.port, self.source, self.headers = port, source, headers
        numbers = itertools.count()
        self.next_path = paths or (lambda: reader_path(next(numbers)))
        self.took, self.ended, self.stopped = [], Counter(), threading.Event()

    def run(self):
        while not self.stopped.is_set():
            started = time.monotonic()
            try:
                status = str(get(self.port, self.next_path(), source=self.source, headers=self.headers)[0])
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            self.took.append(time.monotonic() - started)
            self.ended[status] += 1
            self.stopped.wait(0.1)

    def figures(self):
        self.stopped.set()
        self.join(PATIENCE + 5)
        took = sorted(self.took) or [0.0]
        at = lambda share: round(took[min(len(took) - 1, int(share * len(took)))] * 1000)
        return {"median_ms": at(0.5), "p99_ms": at(0.99), "longest_ms": at(1), "ended": dict(self.ended)}


def reader_path(number):
    """What a reader opens: pages, and pictures and files that nobody has asked for yet."""
    first = YEARS[number // 4 % 6]
    unit = ["eur", "meur", "bneur"][number // 24 % 3]
    view = f"from={first}&unit={unit}"
    return ["/", f"/dashboard?{view}", "/quality", f"/dashboard/result.png?{view}"][number % 4]


def view(number):
    """A view of the dashboard that differs from others, with parameters that the site knows."""
    number, basis = divmod(number, 2)
    number, language = divmod(number, 2)
    number, unit = divmod(number, 3)
    number, first = divmod(number, 4)
    number, last = divmod(number, 4)
    return (
        f"from={YEARS[first]}&to={YEARS[5 + last % 4]}&basis={['leaf', 'naive'][basis]}&lang={['fr', 'en'][language]}"
        f"&unit={['eur', 'meur', 'bneur'][unit]}&focus={YEARS[4 + number % 2]}"
    )


def attack(arguments, act, clients=None):
    """Lets so many threads act again and again for the time of an attack; how it ended for them."""
    ended, numbers, lock = Counter(), itertools.count(), threading.Lock()
    until = time.monotonic() + arguments.seconds

    def go_on():
        while time.monotonic() < until:
            with lock:
                number = next(numbers)
            try:
                result = str(act(number))
            except (OSError, http.client.HTTPException) as error:
                result = type(error).__name__
            with lock:
                ended[result] += 1

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(clients or arguments.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(arguments.seconds + PATIENCE + 5)
    return dict(ended)


# Sections


def pictures(arguments, folder):
    """Many pictures at once, each of another view."""
    with Site(arguments, folder) as site:
        reader = Reader(site.port)
        reader.start()
        act = lambda number: get(
            site.port, f"/dashboard/{CHARTS[number % len(CHARTS)]}.png?{view(number // len(CHARTS))}", source=ATTACKER
        )[0]
        ended = attack(arguments, act)
        return {**site.figures(), "attacker": ended, "reader": reader.figures()}


def hangups(arguments, folder):
    """The same, by clients that hang up at once: what they asked for goes on without them."""
    with Site(arguments, folder) as site:
        reader = Reader(site.port)
        reader.start()

        def act(number):
            with socket.create_connection(("127.0.0.1", site.port), PATIENCE, (ATTACKER, 0)) as connection:
                path = f"/dashboard/flow.png?{view(number)}"
                connection.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
                time.sleep(0.05)
            return "hung up"

        ended = attack(arguments, act)
        return {**site.figures(), "attacker": ended, "reader": reader.figures()}


def hosts(arguments, folder):
    """The report of the whole statement under a host of its own each time, and a reader who only wants it too."""
    path = "/reports/income-statement.pdf"
    with Site(arguments, folder) as site:
        get(site.port, path)
        reader = Reader(site.port, paths=lambda: path)
        reader.start()
        act = lambda number: get(site.port, path, source=ATTACKER, headers={"host": f"host-{number}.example"})[0]
        ended = attack(arguments, act)
        return {**site.figures(), "attacker": ended, "reader": reader.figures()}


def logins(arguments, folder):
    """Wrong tokens as fast as they are taken; then a right one from the same network."""
    with Site(arguments, folder, access="token") as site:
        token = site.token("viewer")
        reader = Reader(site.port, headers={"authorization": f"Bearer {token}"})
        reader.start()
        wrong = lambda number: log_in(site.port, f"ctm_{number:043}", source=ATTACKER)[0]
        ended = attack(arguments, wrong)
        right = log_in(site.port, token, source=ATTACKER)[0]
        told = get(site.port, "/login", source=ATTACKER)
        page = told[1].decode()
        body = get(site.port, "/login?body=217500016", source=ATTACKER)[1].decode()
        return {
            **site.figures(),
            "per_second": round(sum(ended.values()) / arguments.seconds),
            "attacker": ended,
            "right_token_afterwards": right,
            "login_page_tells_of_the_data": "x-centime-edition" in told[2] or "Paris" in page or "Paris" in body,
            "reader": reader.figures(),
        }


def sessions(arguments, folder):
    """As many sessions as can be opened with one viewer's token; does an administrator stay logged in?"""
    with Site(arguments, folder, access="token", settings="[site]\nrequests_per_second = 10000\nburst = 20000\n") as site:
        viewer, admin = site.token("viewer"), site.token("admin")
        cookie = log_in(site.port, admin)[2]["set-cookie"].split(";")[0]
        before = len(json.loads(site.run("audit", "list", "--limit", "1000000", "--format", "json")))
        disk = site.disk()
        opened, lock = itertools.count(), threading.Lock()

        def act(_):
            with lock:
                if next(opened) >= 10_300:
                    time.sleep(0.05)
                    return "enough"
            return log_in(site.port, viewer, source=ATTACKER)[0]

        ended = attack(arguments, act)
        page = get(site.port, "/admin", headers={"cookie": cookie})[0]
        time.sleep(1)
        noted = len(json.loads(site.run("audit", "list", "--limit", "1000000", "--format", "json"))) - before
        return {
            **site.figures(),
            "attacker": ended,
            "administrator_still_logged_in": page == 200,
            "events_noted": noted,
            "log_grew_mb": round((site.disk() - disk) / 1e6, 2),
        }


def ipv6(arguments, folder):
    """As many connections as can be had from addresses of one /64."""
    if NAMESPACE not in os.environ:
        return {"left out": "needs a network namespace (root, ip and unshare)"}
    with Site(arguments, folder) as site:
        held, refused = [], 0
        reader = Reader(site.port)
        reader.start()
        for number in ADDRESSES:
            connection = socket.socket(socket.AF_INET6)
            connection.settimeout(5)
            try:
                connection.bind((f"{NETWORK}::{number:x}", 0))
                connection.connect(("::1", site.port))
                connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n")
                held.append(connection)
            except OSError:
                refused += 1
                connection.close()
        time.sleep(1)
        still = 0
        for connection in held:
            connection.setblocking(False)
            try:
                still += connection.recv(1, socket.MSG_PEEK) != b""
            except BlockingIOError:
                still += 1
            except OSError:
                pass
        time.sleep(min(arguments.seconds, 5))
        figures = {**site.figures(), "connections_of_one_network": still, "reader": reader.figures()}
        for connection in held:
            connection.close()
        return figures


def slow(arguments, folder):
    """Clients that never finish asking, and clients that never receive."""
    with Site(arguments, folder) as site:
        reader = Reader(site.port)
        reader.start()
        held = []
        for number in range(200):
            try:
                connection = socket.create_connection(("127.0.0.1", site.port), 5, (ATTACKER, 0))
                if number % 2:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                    connection.sendall(b"GET /dashboard HTTP/1.1\r\nhost: a\r\n\r\n" * 20)
                else:
                    connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n")
                held.append(connection)
            except OSError:
                continue
        until = time.monotonic() + arguments.seconds
        while time.monotonic() < until:
            for connection in held[::2]:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x: y\r\n")
            time.sleep(0.5)
        figures = {**site.figures(), "reader": reader.figures()}
        for connection in held:
            connection.close()
        return figures


def crawl(arguments, folder):
    """A crawler that opens the page of each of many public bodies, none of which is in memory yet."""
    bodies = 2700
    settings = "[site]\nrequests_per_second = 10000\nburst = 20000\n"
    with Site(arguments, folder, bodies=bodies, settings=settings) as site:
        sirens, address = [], "/api/v1/bodies?limit=1000"
        while address:
            _, page, headers = get(site.port, address)
            sirens += [body["siren"] for body in json.loads(page)["data"]]
            following = re.search(r"<([^>]+)>", headers.get("link", ""))
            address = following and following[1]
        random.Random(1).shuffle(sirens)
        took, ended, lock, left = [], Counter(), threading.Lock(), iter(sirens)

        def go_on():
            while True:
                with lock:
                    siren = next(left, None)
                if siren is None:
                    return
                started = time.monotonic()
                try:
                    status = str(get(site.port, f"/analyses?body={siren}", source=ATTACKER)[0])
                except (OSError, http.client.HTTPException) as error:
                    status = type(error).__name__
                with lock:
                    took.append(time.monotonic() - started)
                    ended[status] += 1

        reader = Reader(site.port, paths=lambda: f"/?body={sirens[0]}")
        reader.start()
        threads = [threading.Thread(target=go_on, daemon=True) for _ in range(arguments.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took.sort()
        return {
            **site.figures(),
            "bodies": len(sirens),
            "attacker": dict(ended),
            "crawler_p99_ms": round(took[int(0.99 * len(took))] * 1000),
            "reader": reader.figures(),
        }


class EndlessPortal(BaseHTTPRequestHandler):
    """A portal that announces ten records and never stops sending them, fast or a byte at a time."""

    drips = False
    fields = ("exercice_comptable", "type_de_resultat", "produit_charge", "poste", "detail_postes", "montant_en_eur")
    record = dict(zip(fields, ("2020", "EXPLOITATION", "CHARGES", "x" * 400, "x" * 400, 1.0)))
    record = json.dumps(record).encode() + b"\n"

    def do_GET(self):
        if "/exports/" not in self.path and "/records" not in self.path:
            kinds = {"montant_en_eur": "double"}
            fields = [{"name": name, "label": name, "type": kinds.get(name, "text")} for name in self.fields]
            about = {
                "dataset_id": "compte-de-resultat",
                "dataset_uid": "da_x",
                "has_records": True,
                "data_visible": True,
                "features": [],
                "attachments": [],
                "fields": fields,
                "metas": {"default": {"records_count": 10, "title": "x", "publisher": "x", "modified": "2024-01-01T00:00:00Z"}},
            }
            body = json.dumps(about).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_response(200)
        self.send_header("content-type", "application/jsonl")
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                if self.drips:
                    self.wfile.write(b" ")
                    time.sleep(1)
                else:
                    self.wfile.write(self.record * 100)

    def log_message(self, *_):
        pass


def portals(arguments, folder):
    """A run against a portal that never ends: how far it goes in the time of an attack."""
    figures = {}
    for name, drips in (("endless", False), ("dripping", True)):
        place = folder / name
        place.mkdir()
        handler = type("Handler", (EndlessPortal,), {"drips": drips})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        command = [arguments.centime, "run", "--portal", address, "--database", f"sqlite:{place}/centime.db"]
        started, most, largest = time.monotonic(), 0, 0
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and time.monotonic() - started < 3 * arguments.seconds:
            with contextlib.suppress(OSError, TypeError):
                status = Path(f"/proc/{process.pid}/status").read_text()
                most = max(most, int(re.search(r"^VmHWM:\s+(\d+)", status, re.MULTILINE)[1]) // 1024)
            largest = max(largest, sum(file.stat().st_size for file in place.rglob("*") if file.is_file()))
            time.sleep(0.1)
        ended = process.poll()
        if ended is None:
            process.kill()
        said = process.communicate()[1].strip().splitlines()
        server.shutdown()
        figures[name] = {
            "ended_with": ended,
            "seconds": round(time.monotonic() - started, 1),
            "peak_mb": most,
            "disk_mb": round(largest / 1e6, 1),
            "said": said[-1][:200] if said else "",
        }
    return figures


SECTIONS = {
    "pictures": pictures,
    "hangups": hangups,
    "hosts": hosts,
    "logins": logins,
    "sessions": sessions,
    "ipv6": ipv6,
    "slow": slow,
    "crawl": crawl,
    "portals": portals,
}

if __name__ == "__main__":
    main()
