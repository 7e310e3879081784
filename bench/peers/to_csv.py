"""Turns JSON Lines on standard input into CSV on standard output, with the fields of the first record."""

import csv
import json
import sys

lines = map(json.loads, sys.stdin)
first = next(lines)
writer = csv.DictWriter(sys.stdout, first)
writer.writeheader()
writer.writerow(first)
writer.writerows(lines)
