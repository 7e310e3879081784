"""Visitors who are slow, who hang up and who talk nonsense, beside others who ask as much as they can.

Usage: troublesome.py PORT SECONDS. Prints as JSON how often each of them was answered with which status;
`cut` is a connection that the server closed without one, `kept` one that it did not close in time.
"""

import json
import random
import socket
import sys
import threading
import time
from collections import Counter

PATHS = ["/dashboard", "/lines.csv", "/api/v1/lines?limit=1000", "/analyses/yearly-result", "/api/v1/runs"]
# So long the site waits for a head: whoever is slower than that has to be let go.
SLOWEST_HEAD = 15


class Visitors:
    def __init__(self, port, seconds):
        self.port = port
        self.until = time.monotonic() + seconds
        self.seen = Counter()
        self.lock = threading.Lock()

    def note(self, behaviour, ending):
        with self.lock:
            self.seen[behaviour, ending] += 1

    @staticmethod
    def request():
        return f"GET {random.choice(PATHS)} HTTP/1.1\r\nhost: centime.example\r\n".encode()

    @staticmethod
    def status(connection):
        """The status of the answer that begins now."""
        return connection.recv(12)[9:12].decode(errors="replace") or "cut"

    def asks_slowly(self, connection):
        """Sends a head that never ends, a byte at a time."""
        started = time.monotonic()
        connection.sendall(self.request() + b"x-slow: ")
        connection.settimeout(0.2)
        while time.monotonic() < self.until:
            connection.sendall(b"x")
            try:
                return self.status(connection)
            except TimeoutError:
                pass
            if time.monotonic() - started > SLOWEST_HEAD:
                return "kept"
        return None

    def reads_slowly(self, connection):
        """Takes its answer a few bytes at a time."""
        connection.sendall(self.request() + b"connection: close\r\n\r\n")
        status = self.status(connection)
        while time.monotonic() < self.until and connection.recv(256):
            time.sleep(0.05)
        return status

    def hangs_up(self, connection):
        """Leaves before the answer, or in the middle of it."""
        connection.sendall(self.request() + b"\r\n")
        if random.random() < 0.5:
            return self.status(connection)
        return "left"

    def talks_nonsense(self, connection):
        """Sends no HTTP at all."""
        connection.sendall(random.randbytes(random.randint(1, 4000)) + b"\r\n\r\n")
        return self.status(connection)

    def visit(self, behave):
        name = behave.__name__.replace("_", " ")
        while time.monotonic() < self.until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=15) as connection:
                    ending = behave(connection)
            except ConnectionError:
                ending = "cut"
            except TimeoutError:
                ending = "kept"
            if ending:
                self.note(name, ending)
            time.sleep(0.01)


def main():
    visitors = Visitors(int(sys.argv[1]), float(sys.argv[2]))
    behaviours = {
        visitors.asks_slowly: 20,
        visitors.reads_slowly: 20,
        visitors.hangs_up: 8,
        visitors.talks_nonsense: 4,
    }
    threads = [
        threading.Thread(target=visitors.visit, args=(behave,))
        for behave, number in behaviours.items()
        for _ in range(number)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = {}
    for (behaviour, ending), number in sorted(visitors.seen.items()):
        told.setdefault(behaviour, {})[ending] = number
    print(json.dumps(told))


if __name__ == "__main__":
    main()
