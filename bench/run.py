#!/usr/bin/env python3
"""Measures Centime and what people use today, in turn, on the same work and the same machine.

    bench/run.py [--rows N,NxR…] [--communes N] [--repeat R] [--write] [SECTION…]

Without a section, all of them. `--quick` takes small sizes, one repetition and no build, to see whether
everything works. Figures are printed; `--write` also puts them into bench/RESULTS.md, which a busy
machine refuses. Peers come from PyPI, into a virtual environment in the build folder.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness import machine, postgres
from harness.process import free_port, serving
from harness.results import SIZES, begun, placed
from sections import etl, national

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench/peers"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
SECTIONS = ["etl", "national", "analyses", "pages", "load", "pdf", "start", "build"]
# A statement of the sample edition has so many lines.
LINES_OF_A_BODY = 380
QUIET = 0.5


@dataclass
class Bench:
    """What a section may use."""

    arguments: argparse.Namespace
    centime: Path
    folder: Path
    stack: ExitStack

    @cached_property
    def python(self):
        """That of the peers, which not every section needs."""
        return environment()

    @cached_property
    def postgres(self):
        return self.stack.enter_context(postgres.server(self.folder))

    def portal(self, rows):
        """A simulated portal with about so many lines: its address and how many they are."""
        bodies = max(1, rows // LINES_OF_A_BODY)
        port = free_port()
        command = [self.centime, "portal-sim", "--listen", f"127.0.0.1:{port}"]
        if bodies > 1:
            command += ["--bodies", bodies]
        path = "/api/explore/v2.1/catalog/datasets/compte-de-resultat"
        with_portal = serving(command, port, path)
        return with_portal, f"http://127.0.0.1:{port}", bodies

    def sample(self):
        """A database with the sample edition, and a configuration without limits of rate."""
        database = self.folder / "sample.db"
        if not database.exists():
            command = [self.centime, "run", "--sample", "--quiet"]
            subprocess.run([*command, "--database", f"sqlite:{database}"], check=True)
        config = self.folder / "centime.toml"
        # All requests come from one address.
        config.write_text(
            "[site]\nrequests_per_second = 4000000000\nburst = 4000000000\nconnections_each = 1024\n"
        )
        return database, config

    def serve(self, port):
        """The command that serves the sample edition."""
        database, config = self.sample()
        command = [self.centime, "serve", "--quiet", "--database", f"sqlite:{database}"]
        return [*command, "--config", config, "--listen", f"127.0.0.1:{port}"]

    @property
    def environment(self):
        """That of whoever runs this, without settings of Centime."""
        return {name: value for name, value in os.environ.items() if not name.startswith("CENTIME_")}

    def say(self, text):
        print(text, file=sys.stderr, flush=True)


def environment():
    """Python with the peers, made when their list changes."""
    folder = TARGET / "bench/venv"
    python = folder / "bin/python"
    listed = (PEERS / "requirements.txt").read_text()
    made = folder / "requirements.txt"
    if not made.exists() or made.read_text() != listed:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", PEERS / "requirements.txt"], check=True)
        made.write_text(listed)
    return python


def program():
    """The program as it is released."""
    named = os.environ.get("CENTIME_BINARY")
    if named:
        return Path(named).resolve()
    cargo = os.environ.get("CARGO", "cargo")
    subprocess.run(["make", "web"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    command = [cargo, "build", "--release", "--locked", "--quiet", "--package", "centime"]
    subprocess.run(command, cwd=ROOT, check=True)
    return TARGET / "release/centime"


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    parser.add_argument("--rows", help="numbers of lines, of etl and analyses; 1000000x1 is measured once")
    parser.add_argument("--repeat", type=int, help="how often each is measured; the median counts")
    parser.add_argument("--skip", default="", help="peers of etl that are left out, by their names: A,B")
    parser.add_argument(
        "--communes", type=int, default=national.COMMUNES, help="how many there are in national"
    )
    parser.add_argument("--quick", action="store_true", help="small, once, and without a build")
    parser.add_argument("--write", action="store_true", help="into bench/RESULTS.md")
    arguments = parser.parse_args()
    if arguments.quick and arguments.write:
        parser.error("--quick is no measurement: it cannot be written")
    quick = arguments.quick
    usual = (f"{size}x{times or ''}" for size, times in SIZES.items())
    rows = arguments.rows or ("10000" if quick else ",".join(usual))
    arguments.repeat = arguments.repeat or (1 if quick else 3)
    sizes = (one.partition("x") for one in rows.split(","))
    arguments.rows = [(int(lines), int(times or arguments.repeat)) for lines, _, times in sizes]
    for lines, _ in arguments.rows:
        if arguments.write and lines not in SIZES:
            parser.error(f"bench/RESULTS.md has no place for {lines} rows: expected {', '.join(map(str, SIZES))}")
    arguments.skip = [name for name in arguments.skip.split(",") if name]
    for name in arguments.skip:
        if name not in etl.READERS:
            parser.error(f"«{name}» cannot be left out: expected {', '.join(etl.READERS)}")
    all_of_them = SECTIONS[:-1] if quick else SECTIONS
    arguments.sections = arguments.sections or all_of_them
    for name in arguments.sections:
        if name not in SECTIONS:
            parser.error(f"there is no section «{name}»: expected {', '.join(SECTIONS)}")
    return arguments


def main():
    arguments = parsed()
    (TARGET / "bench").mkdir(parents=True, exist_ok=True)
    centime = program()
    if arguments.write and machine.load() > QUIET:
        raise SystemExit(f"the machine is busy (load {machine.load():.1f}): nothing was measured")
    page = ROOT / "bench/RESULTS.md"
    os.chdir(ROOT)
    # A folder that the server of PostgreSQL may enter, on the same disk for everyone.
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="centime-bench-", dir="/var/tmp"))
        os.chmod(folder, 0o755)
        bench = Bench(arguments, centime, Path(folder), stack)
        sections = {name: importlib.import_module(f"sections.{name}") for name in SECTIONS}
        if arguments.write and not page.exists():
            page.write_text(begun(sections))
        for name in arguments.sections:
            section = sections[name]
            bench.say(f"{name}: {section.__doc__.splitlines()[0]}")
            for part, text in parts(section.measured(bench)):
                text = f"{text}\n\n*{machine.stamp()}*"
                print(f"\n## {name}{part}\n\n{text}\n", flush=True)
                if arguments.write:
                    facts = machine.description(bench.python, postgres.programs())
                    told = "\n".join(f"- {key}: {value}" for key, value in facts.items())
                    whole = placed(page.read_text(), f"{name}{part}", text)
                    page.write_text(placed(whole, "machine", told))


def parts(measured):
    """What a section gives: one text, or one for each of its parts as it comes."""
    return [("", measured)] if isinstance(measured, str) else measured


if __name__ == "__main__":
    main()
