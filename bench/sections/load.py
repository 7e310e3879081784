"""The site at saturation.

For a minute `wrk` asks for pages, drawings, files, the report and the API in turn over 256 connections, and
beside it are visitors who send their request a byte at a time, who read their answer a few bytes at a time,
who hang up and who talk nonsense. Limits are the usual ones but for the rate of one address, since all ask
from one. It fails when anything but 200, 429 and 503 is answered to those who ask well, when a connection of
theirs is cut, when a slow head is waited for too long, or when memory grows: when more is held in the second
half than in the first, by more than a tenth. Times are those of whoever waits in a queue of 256.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from harness.process import free_port, memory, serving, wait_for
from harness.results import count, mebibytes, seconds, table

HARNESS = Path(__file__).resolve().parent.parent / "harness"
CONNECTIONS = 256
SECONDS = 60
QUICK = 6
# What whoever asks well may be answered.
FINE = {"200", "429", "503"}
GROWTH = 1.1


class Watch:
    """The memory of a process, each second."""

    def __init__(self, pid):
        self.pid = pid
        self.held = [memory(pid)]
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.ended.wait(1):
            self.held.append(memory(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def well_asked(port, duration):
    """What wrk saw: names and numbers."""
    command = ["wrk", "--threads", "2", "--connections", str(CONNECTIONS), "--duration", f"{duration}s"]
    command += ["--timeout", "30s", "--script", str(HARNESS / "mixed.lua"), f"http://127.0.0.1:{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = (line.split() for line in done.stdout.splitlines())
    return {pair[0]: float(pair[1]) for pair in pairs if len(pair) == 2 and is_number(pair[1])}


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def wrong(seen, troublesome, held):
    """What was not as it has to be, in words."""
    statuses = {name.removeprefix("status_"): number for name, number in seen.items() if "status_" in name}
    for status, number in statuses.items():
        if status not in FINE:
            yield f"{count(number)} answers with {status}"
    if seen["cut"] or seen["over_time"]:
        yield f"{count(seen['cut'])} connections cut, {count(seen['over_time'])} answers not in time"
    for behaviour, endings in troublesome.items():
        for ending in endings:
            if ending == "kept" or ending.startswith("5") and ending != "503":
                yield f"who {behaviour}: {ending}"
    before, after = halves(held)
    if after > before * GROWTH:
        yield f"memory grew from {mebibytes(before)} to {mebibytes(after)}"


def halves(held):
    """What was held at most in the first half of the time, and in the second."""
    half = len(held) // 2
    return max(held[:half]), max(held[half:])


def measured(bench):
    duration = QUICK if bench.arguments.quick else SECONDS
    port = free_port()
    with serving(bench.serve(port), port, "/readyz", env=bench.environment) as server:
        command = [sys.executable, HARNESS / "troublesome.py", str(port), str(duration)]
        with (
            Watch(server.pid) as watch,
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as beside,
        ):
            seen = well_asked(port, duration)
            told, _ = beside.communicate()
        # Whoever comes afterwards is answered at once.
        after = wait_for(server, port, "/readyz")
        at_rest = memory(server.pid)
    troublesome = json.loads(told)
    held = watch.held
    faults = list(wrong(seen, troublesome, held))
    if faults:
        raise RuntimeError("the site does not stand the load: " + "; ".join(faults))
    before, then = halves(held)
    rows = [
        ["Answers a second", count(seen["per_second"])],
        ["Median", seconds(seen["p50"])],
        ["99 %", seconds(seen["p99"])],
        ["Slowest", seconds(seen["slowest"])],
        ["Memory at the start", mebibytes(held[0])],
        ["Memory at most, first half", mebibytes(before)],
        ["Memory at most, second half", mebibytes(then)],
        ["Memory afterwards", mebibytes(at_rest)],
        ["The first answer afterwards", seconds(after)],
    ]
    return table([f"{duration} s", ""], rows) + "\n\n" + visitors(seen, troublesome)


def visitors(seen, troublesome):
    """How each kind of visitor was answered."""
    asked_well = Counter(
        {name.removeprefix("status_"): int(number) for name, number in seen.items() if "status_" in name}
    )
    kinds = {"asks well": asked_well} | troublesome
    endings = sorted({ending for kind in kinds.values() for ending in kind})
    rows = [[f"Who {name}", *(count(kind.get(one, 0)) for one in endings)] for name, kind in kinds.items()]
    return table(["", *endings], rows)
