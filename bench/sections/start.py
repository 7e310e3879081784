"""From the start of a process to its first page.

On a database that is there already. Memory is that at the first page.
"""

import subprocess

from harness.process import memory, wait_for
from harness.results import mebibytes, median, ratio, seconds, table

from sections.pages import entrants

STARTS = 10


def measured(bench):
    repeat = 2 if bench.arguments.quick else STARTS
    rows, slowest = [], None
    for name, command, port, path, environment in entrants(bench):
        times, held = [], []
        for _ in range(repeat):
            server = subprocess.Popen(
                [str(part) for part in command],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=bench.environment | environment,
            )
            times.append(wait_for(server, port, path))
            held.append(memory(server.pid))
            server.terminate()
            server.wait()
        time = median(times)
        slowest = slowest or time
        bench.say(f"  {name}: {seconds(time)}")
        rows.append([name, seconds(time), ratio(time, slowest), mebibytes(median(held))])
    return table(["", "to the first page", "against Flask", "memory then"], rows)
