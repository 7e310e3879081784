//! Documents as other editors, years and families write them: each is read for what it says, or refused with the reason.

use centime_accounts::{Budget, Centimes, Side};
use centime_documents::WitnessKind::{self, Accounts, BalanceSheet, Statement};

use crate::documents::{CFU, SCDL, SIRET, TOTEM, document, documents, refusal};

fn euros(text: &str) -> Option<Centimes> {
    Centimes::parse(text).ok().map(|parsed| parsed.amount)
}

/// A document with some texts in the place of others, each of which it has.
fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// A CFU without the lines of some states.
fn without(states: &[&str]) -> String {
    let is_kept = |line: &&str| {
        !states
            .iter()
            .any(|state| line.contains(&format!("Etat V=\"{state}")))
    };
    CFU.lines()
        .filter(is_kept)
        .collect::<Vec<&str>>()
        .join("\n")
}

#[test]
fn prefixes_and_namespaces_change_nothing() {
    let expected = document(CFU);
    let prefixed = changed(
        CFU,
        &[
            ("<LigneComptable>", "<c:LigneComptable>"),
            ("</LigneComptable>", "</c:LigneComptable>"),
            ("<Etat ", "<c:Etat "),
            ("<MtNet ", "<c:MtNet "),
            ("xmlns=", "xmlns:c=\"urn:c\" xmlns="),
        ],
    );
    let other_prefix = changed(CFU, &[("doccfu:", "cfu:"), ("xmlns:doccfu", "xmlns:cfu")]);
    let none = changed(CFU, &[("doccfu:", ""), (" xmlns:doccfu", " xmlns")]);
    let quoted = changed(
        CFU,
        &[("V=\"CR\"", "V='CR'"), ("V=\"30.00\"", "V = '30.00'")],
    );
    let paired = changed(CFU, &[("<Etat V=\"CR\"/>", "<Etat V=\"CR\"></Etat>")]);
    let commented = changed(
        CFU,
        &[("<Etat V=\"CR\"/>", "<!-- CR_S --><Etat V=\"CR\"/>")],
    );
    for text in [prefixed, other_prefix, none, quoted, paired, commented] {
        assert_eq!(document(&text), expected, "{text}");
    }
    let found = document(&changed(
        TOTEM,
        &[
            (
                "<DocumentBudgetaire xmlns=",
                "<db:DocumentBudgetaire xmlns:db=",
            ),
            ("</DocumentBudgetaire>", "</db:DocumentBudgetaire>"),
        ],
    ));
    assert_eq!(found, document(TOTEM));
}

#[test]
fn the_forms_and_families_of_a_cfu_are_its_own() {
    for (name, family) in [("M57_D", "M57"), ("M57_A", "M57"), ("M57-M57_D", "M57")] {
        let found = document(&changed(CFU, &[("V=\"M57_A\"", &format!("V=\"{name}\""))]));
        assert_eq!(found.chart.unwrap().family, family, "{name}");
        assert_eq!(found.statement.len(), 4, "{name}");
    }
    // The account of a water service, an annex budget with a number of its own beside that of its commune.
    let water = document(&changed(
        CFU,
        &[
            ("V=\"M57_A\"", "V=\"M49\""),
            ("TypeBC=\"BP\"", "TypeBC=\"BA\""),
            (
                "BudgetComptable SIRET=\"21560134500014\"",
                "BudgetComptable SIRET=\"21930048000015\"",
            ),
            ("Libelle=\"ESSAI \"", "Libelle=\"EAU ET ASSAINISSEMENT\""),
        ],
    ));
    assert_eq!(water.budget.kind, Some(Budget::Annex));
    assert_eq!(water.budget.siret, "21930048000015");
    assert_eq!(water.budget.name, "EAU ET ASSAINISSEMENT");
    assert_eq!(water.chart.unwrap().family, "M49");
    let message = refusal(changed(CFU, &[("V=\"M57_A\"", "V=\"M21\"")]).as_bytes());
    assert!(
        message.contains("line 5: the nomenclature «M21»"),
        "{message}"
    );
}

#[test]
fn parts_of_a_cfu_may_be_missing() {
    let kinds = |text: &str| -> Vec<WitnessKind> {
        let found = document(text);
        found.witnesses().iter().map(|found| found.kind).collect()
    };
    assert_eq!(kinds(CFU), [Statement, BalanceSheet, Accounts]);
    assert_eq!(kinds(&without(&["BI_"])), [Statement, Accounts]);
    assert_eq!(kinds(&without(&["EB_"])), [Statement, BalanceSheet]);
    // What is printed in thousands is no statement to the centime: it is made of the accounts.
    let thousands = without(&["CR\""]);
    assert!(document(&thousands).statement.is_empty());
    assert_eq!(kinds(&thousands), [BalanceSheet, Accounts]);
    let message = refusal(without(&["CR\"", "EB_"]).as_bytes());
    assert!(
        message.contains("no LigneComptable has the Etat CR"),
        "{message}"
    );
    // The first account of a body has no year before.
    let first = document(&changed(
        CFU,
        &[
            ("<MtNet-1 V=\"25.00\"/>", ""),
            ("<MtNet-1 V=\"9.00\"/>", "<MtNet-1 V=\"\"/>"),
        ],
    ));
    assert!(first.statement.iter().all(|line| line.previous.is_none()));
    assert!(first.balance.iter().all(|line| line.previous.is_none()));
}

#[test]
fn amounts_below_zero_and_written_for_people_are_amounts() {
    for (written, read) in [
        ("-30.00", "-30"),
        ("- 30,00", "-30"),
        ("0.00", "0"),
        ("1 234 567,89", "1234567.89"),
        ("+30.00", "30"),
        ("30", "30"),
    ] {
        let text = CFU.replacen(
            "<MtNet V=\"30.00\"/>",
            &format!("<MtNet V=\"{written}\"/>"),
            1,
        );
        match documents(text.as_bytes()) {
            Ok(found) => assert_eq!(found[0].statement[1].amount, euros(read), "{written}"),
            Err(error) => assert!(error.to_string().contains("line 14: MtNet"), "{error}"),
        }
    }
    let given_back = document(&changed(
        CFU,
        &[("MtRealNettes V=\"30.00\"", "MtRealNettes V=\"-30.00\"")],
    ));
    assert_eq!(given_back.executed.result(), euros("-50"));
}

#[test]
fn several_budgets_in_one_file_are_refused_by_name() {
    let (_, part) = CFU.split_once(" <DocumentComptable").unwrap();
    let (part, _) = part.split_once("</DocumentComptable>").unwrap();
    let second = format!("<DocumentComptable{part}</DocumentComptable>");
    let second = second.replace(SIRET, "21930048000015");
    let text = CFU.replace(
        "</DocumentComptable>",
        &format!("</DocumentComptable>{second}"),
    );
    let message = refusal(text.as_bytes());
    for words in ["two budgets", SIRET, "21930048000015", "a file of its own"] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn totem_variants_are_the_account_they_say() {
    // A CFU as it is sent to the prefecture has the code 10; codes may lack their zero.
    for code in ["09", "9", "10"] {
        let text = TOTEM.replace("NatDec V=\"09\"", &format!("NatDec V=\"{code}\""));
        assert_eq!(document(&text).executed.result(), euros("881"));
    }
    for (nomenclature, family) in [
        ("M57-M57", "M57"),
        ("M57-M57_D", "M57"),
        ("M57_A", "M57"),
        ("M52-M52", "M52"),
        ("M4-M4", "M4"),
        ("M49-M49_D", "M49"),
        ("M61-M61", "M61"),
        ("M71-M71", "M71"),
    ] {
        let text = changed(
            TOTEM,
            &[
                ("M14-M14_COM_SUP3500", nomenclature),
                ("Exer V=\"2016\"", "Exer V=\"2019\""),
            ],
        );
        match documents(text.as_bytes()) {
            Ok(found) => assert_eq!(found[0].chart.as_ref().unwrap().family, family),
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains("omenclature"), "{nomenclature}: {message}");
            }
        }
    }
    let annex = document(&changed(
        TOTEM,
        &[
            ("CodTypBud V=\"P\"", "CodTypBud V=\"A\""),
            ("BUDGET PRINCIPAL", "EAU"),
        ],
    ));
    assert_eq!(
        (annex.budget.kind, annex.budget.name.as_str()),
        (Some(Budget::Annex), "EAU")
    );
    // Nothing was executed: there is no account.
    let message = refusal(TOTEM.replace("MtReal", "MtPrev").as_bytes());
    assert!(message.contains("no line of accounts"), "{message}");
}

#[test]
fn tables_are_read_however_they_are_written() {
    let expected = documents(SCDL.as_bytes()).unwrap();
    let quoted: String = SCDL
        .lines()
        .map(|line| {
            let values = line.split(';').map(|value| format!("\"{value}\""));
            values.collect::<Vec<String>>().join(";") + "\r\n"
        })
        .collect();
    let tabs = SCDL.replace(';', "\t");
    let marked = format!("\u{feff}{SCDL}");
    let lower = SCDL.replacen("BGT_NATDEC;BGT_ANNEE", "bgt_natdec; bgt_annee ", 1);
    for text in [quoted, tabs, marked, lower, SCDL.trim_end().to_owned()] {
        assert_eq!(documents(text.as_bytes()).unwrap(), expected, "{text}");
    }
    // A value may have the mark that parts columns, quotation marks and ends of lines.
    let label = SCDL.replacen(";Eau;", ";\"Eau; \"\"pluie\"\"\nsurface\";", 1);
    let found = documents(label.as_bytes()).unwrap();
    let water = found[0].executed.accounts[0].label.as_deref();
    assert_eq!(water, Some("Eau; \"pluie\"\nsurface"));
    let message = refusal(format!("{SCDL}Budget primitif;2025\n").as_bytes());
    assert!(message.contains("line 8: row: "), "{message}");
}

#[test]
fn the_sides_of_a_statement_follow_from_its_titles() {
    let found = document(&changed(
        CFU,
        &[("PRODUITS DE FONCTIONNEMENT", "CHARGES FINANCIÈRES")],
    ));
    assert_eq!(found.statement[1].side, Some(Side::Expense));
    let found = document(&changed(CFU, &[("PRODUITS DE FONCTIONNEMENT", "DIVERS")]));
    assert_eq!(found.statement[1].side, None);
}
