"""A clean release build.

Sources of libraries and the scripts of the site are there already: nothing is retrieved meanwhile.
"""

import os
import shutil

from harness.process import run
from harness.results import count, seconds, table


def measured(bench):
    cargo = os.environ.get("CARGO", "cargo")
    target = bench.folder / "target"
    run([cargo, "fetch", "--locked"])
    build = [cargo, "build", "--release", "--locked", "--package", "centime", "--target-dir", target]
    taken = run(build)
    size = (target / "release/centime").stat().st_size
    shutil.rmtree(target)
    libraries = run([cargo, "tree", "--package", "centime", "--edges", "normal", "--prefix", "none"])
    names = {line.split()[0] for line in libraries.printed.splitlines() if line.strip()}
    rows = [
        ["clean release build", seconds(taken.seconds)],
        ["the program", f"{count(size / 1_000_000)} MB"],
        ["crates in it", count(len(names))],
    ]
    return table(["", ""], rows)
