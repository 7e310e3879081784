#!/usr/bin/env python3
"""Make charts.tsv, the extract of the official charts of accounts that the account rules are held against.

    make-charts.py accounts.csv.gz > charts.tsv

The input has a row for each account of each official chart (facts of 215 charts published from 2013 to 2024):
nomenclature, edition, from_year, to_year, account, label, leaf, usable. The extract keeps the accounts of
classes 6 and 7 of M14 and M57 that can be used and have no subdivision: number, title, and in which charts and
years.
"""

import collections
import csv
import gzip
import io
import sys


def main():
    with gzip.open(sys.argv[1]) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))
    charts = collections.defaultdict(list)
    for row in rows:
        wanted = row["nomenclature"] in ("M14", "M57") and row["account"][0] in "67"
        if wanted and row["leaf"] == "1" and row["usable"] == "1":
            title = " ".join(row["label"].split())
            charts[row["account"], title].append(f"{row['edition']}:{row['from_year']}-{row['to_year']}")
    print("# Made by make-charts.py: account, title, chart:from-to …")
    for (account, title), years in sorted(charts.items()):
        print(account, title, " ".join(sorted(years)), sep="\t")


main()
