#!/usr/bin/env python3
"""Make the records of the balance sheet that the City of Paris published, from a CSV export of its portal.

    make.py bilan-comptable.csv > bilan-comptable/records.jsonl

Labels, empty cells and decimals are those of the export; records are in the order of years, so that a change shows.
"""

import csv
import json
import sys

NAMES = "exercice_comptable actif_passif poste detail brut amortissements_et_provisions net".split()


def value(name, text):
    if not text:
        return "null"
    # Decimals stay as the portal wrote them.
    return text if name in NAMES[4:] else json.dumps(text, ensure_ascii=False)


def main():
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    rows.sort(key=lambda row: row[0])
    for row in rows:
        print("{" + ",".join(f'"{name}":{value(name, cell)}' for name, cell in zip(NAMES, row)) + "}")


main()
