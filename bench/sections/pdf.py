"""A document on paper.

From the sample edition: the dashboard printed by Chromium, the same page set by WeasyPrint, and Centime's own
report. Each program is started for each document, as a job does, and ends with it; the site is running
already. Memory is that of all processes of the program at the worst moment.
"""

import subprocess
import tempfile
from pathlib import Path

from harness.process import free_port, run, serving
from harness.results import count, mebibytes, median, ratio, seconds, table

QUIET_CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pages(file):
    """How many pages a document has, where qpdf can say it."""
    try:
        done = subprocess.run(["qpdf", "--show-npages", file], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def entrants(bench, address, made):
    database, _ = bench.sample()
    profile = tempfile.mkdtemp(dir=bench.folder)
    chromium = ["chromium", *QUIET_CHROMIUM, f"--user-data-dir={profile}", "--no-pdf-header-footer"]
    report = [bench.centime, "report", "--sample", "--quiet", "--database", f"sqlite:{database}"]
    return {
        "headless Chromium, dashboard": [*chromium, f"--print-to-pdf={made}", address],
        "WeasyPrint, dashboard": [bench.python, "-m", "weasyprint", "--quiet", address, made],
        "`centime report`": [*report, "--out", made],
    }


def measured(bench):
    port = free_port()
    made = Path(bench.folder) / "made.pdf"
    rows, first = [], None
    with serving(bench.serve(port), port, "/dashboard"):
        for name, command in entrants(bench, f"http://127.0.0.1:{port}/dashboard", made).items():
            taken = []
            for _ in range(bench.arguments.repeat):
                made.unlink(missing_ok=True)
                taken.append(run(command))
                if not made.exists():
                    raise RuntimeError(f"{name} made no document:\n{taken[-1].printed}")
            time = median([one.seconds for one in taken])
            held = median([one.memory for one in taken])
            first = first or time
            bench.say(f"  {name}: {seconds(time)}")
            size = f"{count(made.stat().st_size / 1000)} kB"
            rows.append([name, seconds(time), ratio(time, first), mebibytes(held), size, pages(made)])
    head = ["", "time", "against Chromium", "memory", "size", "pages"]
    return table(head, rows)
