#!/usr/bin/env python3
"""Make cfu-2023.xml: the figures of a real compte financier unique, without anything about persons.

    make-fixture.py CFU.xml > cfu-2023.xml

Of the accounting part the header and the lines of the statement, the balance sheet and the execution by account are
kept, each on one line of the file; of the budget part the header. The encoding stays that of the document.
"""

import sys
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import quoteattr

STATES = ("CR", "BI_A", "BI_P", "EB_DF", "EB_RF", "EB_DI", "EB_RI")
VALUES = (
    "Etat NumOrdre Intitule1 Intitule2 Nature Chapitre CodeRD Section MtEmissions MtAnnulations MtRealNettes "
    "MtBrut MtAmo MtNet MtNet-1 Agregat Format ModeTraitement"
).split()


def name(element):
    return element.tag.rsplit("}", 1)[-1]


def find(root, wanted):
    return next(element for element in root.iter() if name(element) == wanted)


def value(root, wanted):
    return f"<{wanted} V={quoteattr(find(root, wanted).get('V'))}/>"


def main():
    root = ElementTree.parse(sys.argv[1]).getroot()
    body = find(root, "Collectivite")
    budget = find(root, "BudgetComptable")
    lines = [
        '<?xml version="1.0" encoding="ISO-8859-1"?>',
        '<doccfu:CompteFinancierUnique xmlns:doccfu="http://www.minefi.gouv.fr/cp/demat/doccfu">',
        '<DocumentComptable xmlns="http://www.minefi.gouv.fr/cp/demat/doccomptable">',
        "<EnteteComptable><Infos>" + value(root, "Nomenclature") + value(root, "Exercice"),
        "<Collectivite "
        + " ".join(f"{key}={quoteattr(body.get(key))}" for key in ("Libelle", "Population", "Siret", "TypeBC"))
        + "/></Infos></EnteteComptable>",
        f"<BudgetComptable SIRET={quoteattr(budget.get('SIRET'))}>",
    ]
    for line in root.iter():
        if name(line) != "LigneComptable":
            continue
        values = {name(child): child.get("V") for child in line}
        if values["Etat"] in STATES:
            kept = (f"<{key} V={quoteattr(values[key])}/>" for key in VALUES if key in values)
            lines.append("<LigneComptable>" + "".join(kept) + "</LigneComptable>")
    lines.append("</BudgetComptable></DocumentComptable>")
    part = find(root, "DocumentBudgetaire")
    header = "".join(value(part, key) for key in ("LibelleEtab", "IdEtab", "CodInseeColl"))
    block = "".join(value(part, key) for key in ("NatDec", "Exer", "ProjetBudget", "CodTypBud"))
    lines += [
        '<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">',
        f"<EnTeteDocBudgetaire>{value(part, 'LibelleColl')}</EnTeteDocBudgetaire>",
        f"<Budget><EnTeteBudget>{header}</EnTeteBudget><BlocBudget>{block}</BlocBudget>",
        '<InformationsGenerales><Information Code="PopTot" V="990"/></InformationsGenerales></Budget>',
        "</DocumentBudgetaire></doccfu:CompteFinancierUnique>",
    ]
    sys.stdout.buffer.write(("\n".join(lines) + "\n").encode("iso-8859-1"))


if __name__ == "__main__":
    main()
