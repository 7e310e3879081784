#!/usr/bin/env python3
"""Make the extract of the OFGL's aggregates of the communes of a département, from a JSON export of its portal.

    make-aggregates.py ofgl-communes-56-2024.json.gz > ofgl-base-communes/morbihan-2024.tsv.gz

A row is a commune, a column an aggregate that the program knows by name, because it is in an identity or compared. An
amount has the characters of the export, noise of binary fractions included; where nothing is published, nothing stands.
"""

import gzip
import json
import sys
from pathlib import Path

FACTS = "insee com_name epci_name nomen ptot".split()
RULES = Path(__file__).resolve().parents[2] / "accounts/src"


def known(name):
    """Whether the rules of aggregates name it."""
    return any(f'"{name}"' in (RULES / file).read_text(encoding="utf-8") for file in ("aggregates.rs", "peers.rs"))


def main():
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
        # Numbers stay as they are written.
        records = json.load(file, parse_float=str, parse_int=str)
    columns = sorted(name for name in {record["agregat"] for record in records} if known(name))
    communes = {}
    for record in records:
        facts = tuple(record[name] for name in FACTS)
        communes.setdefault(facts, {})[record["agregat"]] = record["montant"]
    lines = [FACTS + columns]
    lines += [[*facts, *(amounts.get(name, "") for name in columns)] for facts, amounts in sorted(communes.items())]
    text = "".join("\t".join(line) + "\n" for line in lines)
    sys.stdout.buffer.write(gzip.compress(text.encode(), 9, mtime=0))


main()
