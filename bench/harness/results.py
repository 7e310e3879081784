"""The page of results: what people wrote stays, what was measured is put between the marks of its section."""

import re
import statistics

INTRODUCTION = """\
Centime and what people use today, in turn, on the same work, in one run of `make bench` (`bench/run.py`).
Each figure is the median of its repetitions; *against* says how many times another one it is. Everything
runs on one machine: the simulated portal, the servers and whoever asks. What stands between marks is
written by the program, with the time and the commit; the remarks are by hand."""


# How many rows are measured, each size in a part of its own: the largest takes most of an hour, and counts once.
SIZES = {10_000: None, 100_000: None, 1_000_000: None, 10_000_000: 1}
PARTS = [f" {size}" for size in SIZES]


def median(values):
    return statistics.median(values)


def seconds(value):
    """A time that can be read: three digits that count."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size or unit == "µs":
            amount = value / size
            digits = 0 if amount >= 100 else 1 if amount >= 10 else 2
            return f"{amount:.{digits}f} {unit}"


def mebibytes(value):
    return f"{value / 1024**2:.0f} MiB"


def ratio(value, of):
    """How many times `of`."""
    times = value / of
    return f"{times:.1f}×" if times < 100 else f"{times:.0f}×"


def count(value):
    return f"{value:,.0f}".replace(",", " ")


def table(head, rows):
    """A table in Markdown: the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def begun(sections):
    """A page with a place for each section, and what its figures are."""
    parts = ["# Results", INTRODUCTION, place("machine")]
    for name, section in sections.items():
        title, text = section.__doc__.strip().split("\n\n", 1)
        places = [place(f"{name}{part}") for part in getattr(section, "PARTS", [""])]
        parts += [f"## {title.rstrip('.')}", text, *places]
    return "\n\n".join(parts) + "\n"


def place(name):
    return f"<!-- measured: {name} -->\n<!-- end -->"


def placed(page, name, text):
    """The page with this text between the marks of a section."""
    marks = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f"bench/RESULTS.md has no marks for «{name}»")
    return marks.sub(lambda found: f"{found[1]}\n{text.strip()}\n\n{found[2]}", page)
