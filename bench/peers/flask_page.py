"""A page as many a data team writes it: pandas reads the lines, adds them up, and Flask shows a table.

It reads the lines that Centime stored, and prints the plain sums of each year.
"""

import os
import sqlite3

import pandas as pd
from flask import Flask

DATABASE = os.environ["BENCH_DATABASE"]
LINES = """
    SELECT fiscal_year, side, amount
    FROM core_line JOIN core_line_item USING (revision_id, item_id)
    WHERE siren = ?
"""
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Yearly result</title>
<h1>Yearly result</h1>
{table}
"""

app = Flask(__name__)


@app.get("/")
def yearly_result():
    with sqlite3.connect(DATABASE) as connection:
        lines = pd.read_sql(LINES, connection, params=["217500016"])
    published = lines[lines["amount"] >= 0]
    sums = published.pivot_table("amount", "fiscal_year", "side", aggfunc="sum", fill_value=0) / 100
    sums["result"] = sums["revenue"] - sums["expense"]
    return PAGE.format(table=sums.to_html(float_format="{:,.2f}".format))
