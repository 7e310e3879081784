#!/usr/bin/env python3
"""Make charts.tsv.gz, the official charts of accounts that are part of the program.

    make-charts.py accounts.csv.gz charts.tsv.gz

The input has a row for each account of each official chart (facts of 215 charts published from 2013 to 2024):
nomenclature, edition, from_year, to_year, account, label, parent, leaf, usable. The output has a row for each chart
(`#`, letter, family, name), and one for each account and title: number, title, and where they are valid, as letters
of charts, first and last year of the century, and `-` where the account cannot be used: `ABC13-24 D18-19-`.

Parents and leaves are left out, as they follow from the numbers: the parent of an account is the longest of its
beginnings that is an account of the chart, and a leaf is the parent of none. This is checked.
"""

import collections
import csv
import gzip
import io
import string
import sys


def check(rows):
    """The parents and leaves that are left out are those that follow from the numbers."""
    charts = collections.defaultdict(set)
    for row in rows:
        for year in range(int(row["from_year"]), int(row["to_year"]) + 1):
            charts[row["edition"], year].add(row["account"])
    for row in rows:
        year = int(row["from_year"])
        chart = charts[row["edition"], year]
        number = row["account"]
        starts = (number[:length] for length in range(len(number) - 1, 0, -1))
        parent = next((start for start in starts if start in chart), "")
        leaf = not any(other != number and other.startswith(number) for other in chart)
        assert row["parent"] == parent, f"parent of {row}"
        assert row["leaf"] == str(int(leaf)), f"leaf {row}"


def main():
    with gzip.open(sys.argv[1]) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))
    check(rows)
    names = sorted({(row["nomenclature"], row["edition"]) for row in rows})
    letters = {name: letter for (_, name), letter in zip(names, string.ascii_uppercase, strict=False)}
    assert len(letters) == len(names)
    accounts = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in rows:
        title = " ".join(row["label"].split())
        usable = "" if row["usable"] == "1" else "-"
        years = f"{int(row['from_year']) - 2000:02}-{int(row['to_year']) - 2000:02}{usable}"
        accounts[row["account"], title][years].append(letters[row["edition"]])
    lines = [f"#\t{letters[name]}\t{family}\t{name}" for family, name in names]
    for (account, title), valid in sorted(accounts.items()):
        periods = sorted(f"{''.join(sorted(charts))}{years}" for years, charts in valid.items())
        lines.append("\t".join((account, title, " ".join(periods))))
    text = "\n".join(lines) + "\n"
    with open(sys.argv[2], "wb") as file:
        # Without the time, so that the same input makes the same file.
        with gzip.GzipFile("", "wb", 9, file, 0) as packed:
            packed.write(text.encode())


main()
