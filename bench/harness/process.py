"""Runs programs and says how long they took and how much memory they held."""

import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass

SAMPLE = 0.02


@dataclass
class Taken:
    """What a program took."""

    seconds: float
    memory: int  # bytes, of the program and all it started, at the worst moment seen
    processor: float  # seconds, of all cores together
    printed: str


def family(pid):
    """A process and all that it started."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        try:
            with open(f"/proc/{one}/task/{one}/children") as children:
                queue.extend(int(child) for child in children.read().split())
        except OSError:
            pass
    return found


def memory(pid):
    """Bytes that a process and all that it started hold; what they share is counted once."""
    total = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as rollup:
                total += int(re.search(r"^Pss:\s+(\d+)", rollup.read(), re.MULTILINE)[1]) * 1024
        except (OSError, TypeError):
            pass
    return total


def processor_time(pid):
    """Seconds of all cores that a process and all that it started have taken, also of what has ended."""
    total = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/stat") as stat:
                # User and system time, its own and of those it waited for, after the name, which may have spaces.
                total += sum(map(int, stat.read().rpartition(")")[2].split()[11:15]))
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def run(command, **settings):
    """Runs a program to its end. Raises when it fails, with what it said."""
    before = processor_of_ended()
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **settings,
    )
    most, ended = [0], threading.Event()

    def watch():
        while not ended.wait(SAMPLE):
            most[0] = max(most[0], memory(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    printed, _ = process.communicate()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}:\n{printed}")
    return Taken(seconds, most[0], processor_of_ended() - before, printed)


def processor_of_ended():
    """Seconds of all cores that what was started from here and has ended took."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


@contextmanager
def serving(command, port, path="/", **settings):
    """Starts a server, waits until it answers, and ends it with all it started."""
    server = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **settings,
    )
    try:
        wait_for(server, port, path)
        yield server
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def wait_for(server, port, path, patience=60):
    """Waits until an address answers with 200; seconds since the call."""
    started = time.perf_counter()
    while time.perf_counter() - started < patience:
        if server.poll() is not None:
            raise RuntimeError(f"{server.args[0]} ended with {server.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=patience):
                pass
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=patience) as answer:
                answer.read()
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.001)
    raise RuntimeError(f"{server.args[0]} did not answer within {patience} s")


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
