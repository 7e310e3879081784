#!/usr/bin/env python3
"""Writes accounts.tsv: the accounts that the national edition enters amounts in, and in which charts they are.

Only accounts are taken that hold no other, are in a chart in each of its years and can be used (or are moved beside
the budget: those of third parties, of cash and of results), so that an account keeps its meaning over all years of the
edition. Run it beside this file after a change of the official charts.
"""

import gzip
import re
from pathlib import Path

HERE = Path(__file__).parent
CHARTS = HERE / "../../accounts/data/charts.tsv.gz"

# The chart of the edition, its letter in accounts.tsv, and the official charts that it is made of with their years.
FAMILIES = [
    ("M14", "a", [("M14_COM_SUP3500", 13, 24)]),
    ("M14A", "b", [("M14_COM_INF500", 13, 24)]),
    ("M57", "c", [("M57", 18, 21), ("M57_D", 22, 24)]),
    ("M57A", "d", [("M57", 18, 21), ("M57_A", 22, 24)]),
    ("M52", "e", [("M52", 13, 24)]),
    ("M71", "f", [("M71", 13, 24)]),
    ("M49", "g", [("M49_D", 13, 24)]),
]


def main():
    letters, usable = {}, {}
    for line in gzip.open(CHARTS, "rt", encoding="utf-8"):
        cells = line.rstrip("\n").split("\t")
        if cells[0] == "#":
            letters[cells[1]] = cells[3]
            continue
        number, periods = cells[0], cells[2]
        for charts, first, last, closed in re.findall(r"([A-Z]+)(\d+)-(\d+)(-?)(?: |$)", periods):
            for letter in charts:
                for year in range(int(first), int(last) + 1):
                    usable.setdefault((letters[letter], year), {})[number] = closed == ""
    found = {}
    for _, letter, charts in FAMILIES:
        every = None
        for chart, first, last in charts:
            for year in range(first, last + 1):
                accounts = usable[chart, year]
                leaves = {
                    number
                    for number, is_usable in accounts.items()
                    if (is_usable or number.startswith(("11", "12", "4", "5")))
                    and number[0] in "1234567"
                    and not any(other != number and other.startswith(number) for other in accounts)
                }
                every = leaves if every is None else every & leaves
        if not any(number.startswith("681") for number in every):
            # Depreciation is divided in some years of a chart: it has the account of the last.
            every.add(min(number for number in leaves if number.startswith("681")))
        for number in every:
            found.setdefault(number, "")
            found[number] += letter
    with open(HERE / "accounts.tsv", "w", encoding="utf-8") as out:
        out.write("".join(f"# {letter} {name}\n" for name, letter, _ in FAMILIES))
        out.write("".join(f"{number}\t{found[number]}\n" for number in sorted(found)))


main()
