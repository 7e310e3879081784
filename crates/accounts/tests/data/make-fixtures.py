#!/usr/bin/env python3
"""Make the figures of real accounts that the tests hold the rules against.

    make-fixtures.py DATA

DATA is a folder with the compte financier unique of 2023 as lines (documents/cfu-2023-m57a-lines.csv), the comptes
administratifs of 2016 to 2018 (documents/totem-m14-*.xml) and rows of the DGFiP's balances of 2024
(dgfip/balances-2024-sample.csv, Licence Ouverte). Only numbers of accounts and amounts are taken: of documents debit
and credit of the operations of the budget, and which part of them are order operations.
"""

import collections
import csv
import decimal
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
FLOW = re.compile(r'<(\w+) (?:Code="\w+" )?V="([^"]*)"')


def write(name, source, accounts):
    with open(HERE / name, "w", encoding="utf-8") as file:
        print(f"# {source}. Made by make-fixtures.py.", file=file)
        print("# year\taccount\tdebit\tcredit\tdebit of order operations\tcredit of order operations", file=file)
        for (year, account), amounts in sorted(accounts.items()):
            if any(amounts.values()):
                cells = [f"{amounts[column]:.2f}" for column in ("D", "R", "Do", "Ro")]
                print(year, account, *cells, sep="\t", file=file)


def add(accounts, key, side, order, amount):
    accounts[key][side] += amount
    if order:
        accounts[key][side + "o"] += amount


def empty():
    return collections.defaultdict(lambda: collections.defaultdict(decimal.Decimal))


def main():
    data = pathlib.Path(sys.argv[1])
    folder = data / "documents"
    accounts = empty()
    with open(folder / "cfu-2023-m57a-lines.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            account = row["Nature"].removesuffix(row["Operation"])
            if row["Etat"].startswith("EB_") and account and row["MtRealNettes"]:
                amount = decimal.Decimal(row["MtRealNettes"])
                add(accounts, (2023, account), row["CodeRD"], "AGIE" in row["Format"], amount)
    write("cfu-2023-accounts.tsv", "Accounts of an official account (M57_A, 2023), in euros", accounts)

    accounts = empty()
    for year in (2016, 2017, 2018):
        text = (folder / f"totem-m14-{year}.xml").read_text(encoding="utf-8")
        for line in re.findall(r"<LigneBudget>(.*?)</LigneBudget>", text, re.DOTALL):
            cells = dict(FLOW.findall(line))
            amount = decimal.Decimal(cells["MtReal"])
            add(accounts, (year, cells["Nature"]), cells["CodRD"], cells["OpBudg"] != "0", amount)
    write("totem-m14-accounts.tsv", "Accounts of a town (M14_COM_SUP3500), in euros", accounts)

    columns = "bedeb becre obnetdeb obnetcre oobdeb oobcre onbdeb onbcre sd sc".split()
    with (
        open(data / "dgfip/balances-2024-sample.csv", encoding="utf-8") as source,
        open(HERE / "dgfip-2024-rows.tsv", "w", encoding="utf-8") as file,
    ):
        print("# Rows of several communes (2024), in euros. Made by make-fixtures.py.", file=file)
        print("# nomen", "compte", *columns, sep="\t", file=file)
        for row in csv.DictReader(source, delimiter=";"):
            print(row["nomen"], row["compte"], *(row[column] for column in columns), sep="\t", file=file)


main()
