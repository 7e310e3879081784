//! A real official account: the compte financier unique of 2023 of a small commune (M57, abridged).

use std::collections::BTreeMap;
use std::sync::Arc;

use centime_accounts::balance::{BalanceKind, BalanceSide};
use centime_accounts::label::{Match, normalise};
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{
    BalanceRow, BalanceSheet, Centimes, Classifier, Published, Role, Side, StatementLine,
    StatementRow, Used, YearStatement,
};

use crate::figures::{amount, printed, year};

/// The label and the amount of each printed row.
type Printed = Vec<(String, Option<Centimes>)>;

/// The statement of a year from its rows, the block of each being the last whose name was printed.
fn understood(of: u16, rows: &Printed) -> YearStatement {
    let nomenclature = Nomenclature::by_code("M57").expect("M57");
    let mut block = None;
    let rows: Vec<StatementRow> = (1..)
        .zip(rows)
        .map(|(record, (label, amount))| {
            let normal = normalise(label);
            block = nomenclature.block_by_label(&normal).or(block);
            if nomenclature
                .balances
                .iter()
                .any(|balance| normalise(&balance.label) == normal)
            {
                block = None;
            }
            let side = block.map(|block| match block.side {
                Side::Revenue => "PRODUITS",
                Side::Expense => "CHARGES",
            });
            StatementRow {
                record,
                year: year(of),
                published: Arc::new(Published {
                    activity: String::new(),
                    side: side.unwrap_or_default().into(),
                    category: block.map(|block| block.label.clone()).unwrap_or_default(),
                    label: label.clone(),
                }),
                amount: *amount,
            }
        })
        .collect();
    YearStatement::new(year(of), &rows, &mut Classifier::default())
}

/// The same with zeros where nothing is printed, headings apart.
fn with_zeros(rows: &Printed) -> Printed {
    let nomenclature = Nomenclature::by_code("M57").expect("M57");
    let is_heading = |label: &str| {
        let normal = normalise(label);
        nomenclature.block_by_label(&normal).is_some()
            || nomenclature
                .lines()
                .any(|(_, line)| line.role == Role::Heading && normalise(&line.label) == normal)
    };
    let filled = |(label, amount): &(String, Option<Centimes>)| {
        let zero = (!is_heading(label)).then_some(Centimes::ZERO);
        (label.clone(), amount.or(zero))
    };
    rows.iter().map(filled).collect()
}

fn set(rows: &mut Printed, label: &str, to: Option<Centimes>) {
    let row = rows.iter_mut().find(|(known, _)| known.starts_with(label));
    row.unwrap_or_else(|| panic!("no row {label}")).1 = to;
}

fn line<'a>(statement: &'a YearStatement, label: &str) -> &'a StatementLine {
    let mut lines = statement.lines.iter();
    let found = lines.find(|line| line.item.published.label.starts_with(label));
    found.unwrap_or_else(|| panic!("no line {label}"))
}

const RESULTS: [(u16, &str); 2] = [(2022, "159009.49"), (2023, "217077.40")];
const SCHEMES: &str = "Dispositifs d'intervention";
const GUARANTEE: &str = "Charges résultant de la mise en jeu";
const TOTAL_III: &str = "TOTAL CHARGES D'INTERVENTION (III)";

#[test]
fn every_row_of_the_form_is_understood() {
    for (of, _) in RESULTS {
        let rows = printed("CR", of);
        assert_eq!(rows.len(), 56);
        let statement = understood(of, &rows);
        for line in &statement.lines {
            assert_ne!(line.item.matched, Match::Unknown, "{}", line.item.label);
        }
        let roles = statement
            .lines
            .iter()
            .fold(BTreeMap::new(), |mut roles, line| {
                *roles.entry(line.item.role).or_insert(0) += 1;
                roles
            });
        let expected = [
            (Role::Line, 32),
            (Role::Part, 6),
            (Role::Subtotal, 2),
            (Role::Total, 5),
            (Role::Heading, 8),
            (Role::Balance, 3),
        ];
        assert_eq!(roles.values().sum::<i32>(), 56);
        assert_eq!(roles, expected.into_iter().collect());
    }
}

#[test]
fn empty_lines_are_nil_and_all_lines_count() {
    for (of, result) in RESULTS {
        let as_printed = printed("CR", of);
        for rows in [with_zeros(&as_printed), as_printed] {
            let statement = understood(of, &rows);
            assert_eq!(statement.result(), Some(amount(result)), "{of}");
            for line in &statement.lines {
                let label = &line.item.label;
                assert!(!line.missing, "{label}");
                if matches!(line.item.role, Role::Line | Role::Part) {
                    assert!(line.counted != line.nil, "{of} {label}");
                    assert_eq!(line.nil, line.amount.is_none(), "{of} {label}");
                } else {
                    assert!(!line.counted, "{of} {label}");
                }
            }
            for check in &statement.parents {
                assert_eq!(
                    check.difference(),
                    Some(Centimes::ZERO),
                    "{of} {}",
                    check.label
                );
                assert_eq!(check.used, Used::Children, "{of} {}", check.label);
            }
            assert_eq!(statement.parents.len(), 7);
        }
    }
}

#[test]
fn the_personnel_of_the_form_is_its_own_and_the_allowances_are_others() {
    let statement = understood(2023, &printed("CR", 2023));
    let of_category = |category: &str| -> Centimes {
        let lines = statement.lines.iter().filter(|line| line.counted);
        let of_category = lines.filter(|line| line.item.harmonised == Some(category));
        of_category.filter_map(|line| line.amount).sum()
    };
    for (category, sum) in [
        ("personnel", "251248.96"),
        ("purchases", "293969.88"),
        ("interventions", "86188.67"),
        ("taxes", "9201.28"),
        ("depreciation", "12844.04"),
        ("disposals", "4282.60"),
        ("financial", "14418.47"),
        // The allowances of elected officials, 36,942.68, and other charges, 3,643.20.
        ("other", "40585.88"),
    ] {
        assert_eq!(of_category(category), amount(sum), "{category}");
    }
    // The account's own ratio, 36.82 %, adds 621, 631 and 633 and divides by real operating expense.
    let own_ratio = 25_829_928_i64 * 20_000 / 70_145_006;
    assert_eq!((own_ratio + 1) / 2, 3_682);
    assert_eq!(
        of_category("personnel") + amount("7050.32"),
        amount("258299.28"),
        "7,050.32: what the ratio adds to account 64"
    );
}

#[test]
fn the_printed_total_says_whether_the_guarantee_is_inside() {
    let guarantee = amount("1000");
    let mut inside = printed("CR", 2023);
    set(&mut inside, GUARANTEE, Some(guarantee));
    set(&mut inside, SCHEMES, Some(amount("35576.30")));
    set(&mut inside, TOTAL_III, Some(amount("87188.67")));
    let mut outside = printed("CR", 2023);
    set(&mut outside, GUARANTEE, Some(guarantee));
    set(&mut outside, TOTAL_III, Some(amount("87188.67")));
    for rows in [inside, outside] {
        for rows in [with_zeros(&rows), rows] {
            let statement = understood(2023, &rows);
            assert_eq!(statement.result(), Some(amount("216077.40")));
            assert!(line(&statement, GUARANTEE).counted);
            for check in &statement.parents {
                assert_eq!(check.difference(), Some(Centimes::ZERO), "{}", check.label);
            }
        }
    }
    // Where the parts are not printed, the subtotal is taken, and the guarantee beside it only if it is not in it.
    for (schemes, counted) in [("35576.30", false), ("34576.30", true)] {
        let mut rows = printed("CR", 2023);
        rows.retain(|(label, _)| {
            !label.starts_with("Dont ") || label.contains("salaires") || label.contains("sociales")
        });
        set(&mut rows, GUARANTEE, Some(guarantee));
        set(&mut rows, SCHEMES, Some(amount(schemes)));
        set(&mut rows, TOTAL_III, Some(amount("87188.67")));
        let statement = understood(2023, &rows);
        assert_eq!(statement.result(), Some(amount("216077.40")), "{schemes}");
        assert_eq!(line(&statement, GUARANTEE).counted, counted, "{schemes}");
        // Without the total it is taken to be inside, as in the official form.
        rows.retain(|(label, _)| !label.starts_with("TOTAL CHARGES D'INTERVENTION"));
        let statement = understood(2023, &rows);
        assert!(!line(&statement, GUARANTEE).counted);
    }
}

#[test]
fn what_no_total_proves_is_missing_or_not_detailed() {
    // A blank that is not nil: the total stands in, and no line of the block is said to be nil.
    let mut rows = printed("CR", 2023);
    set(&mut rows, "Achats et charges externes", None);
    let statement = understood(2023, &rows);
    assert_eq!(statement.result(), Some(amount("217077.40")));
    assert!(line(&statement, "TOTAL CHARGES DE FONCTIONNEMENT").counted);
    assert!(!line(&statement, "Achats et charges externes").nil);
    assert!(!line(&statement, "Neutralisation des plus-values").nil);

    // A total that is wrong by a centime proves nothing.
    let mut rows = printed("CR", 2023);
    set(&mut rows, "TOTAL PRODUITS FINANCIERS", Some(amount("3.07")));
    let statement = understood(2023, &rows);
    assert!(line(&statement, "TOTAL PRODUITS FINANCIERS").counted);
    assert!(!line(&statement, "Autres produits financiers").nil);

    // Without any total or balance the empty lines are missing.
    let mut rows = printed("CR", 2023);
    rows.retain(|(label, _)| {
        !label.starts_with("TOTAL") && !label.contains("(I") && !label.contains("(V")
    });
    let statement = understood(2023, &rows);
    assert_eq!(statement.result(), None);
    assert!(line(&statement, "Autres produits financiers").missing);
}

#[test]
fn printed_balances_prove_blocks_without_a_total() {
    // Nothing financial is printed: the result is that of the activity.
    let mut rows = printed("CR", 2023);
    let financial = rows
        .iter()
        .position(|(label, _)| label == "PRODUITS FINANCIERS");
    let last = rows.len() - 1;
    for row in &mut rows[financial.expect("the block")..last] {
        row.1 = None;
    }
    rows[last].1 = Some(amount("231492.81"));
    let statement = understood(2023, &rows);
    assert_eq!(statement.result(), Some(amount("231492.81")));
    assert!(line(&statement, "Charges d'intérêts").nil);
    // If the result says that there was something, it is missing.
    rows[last].1 = Some(amount("217077.40"));
    let statement = understood(2023, &rows);
    assert_eq!(statement.result(), None);
    assert!(line(&statement, "Charges d'intérêts").missing);
    // A total of nothing over empty lines is believed unless a balance contradicts it.
    for (result, nil) in [("231495.87", true), ("217077.40", false)] {
        let mut rows = printed("CR", 2023);
        set(&mut rows, "Charges d'intérêts", None);
        set(&mut rows, "TOTAL CHARGES FINANCIERES", Some(Centimes::ZERO));
        rows.retain(|(label, _)| !label.contains("(VII = "));
        let last = rows.len() - 1;
        rows[last].1 = Some(amount(result));
        let statement = understood(2023, &rows);
        assert_eq!(line(&statement, "Charges d'intérêts").nil, nil, "{result}");
        assert_eq!(line(&statement, "TOTAL CHARGES FINANCIERES").counted, !nil);
    }
}

/// The balance sheet of both years in one of its forms.
fn sheet(assets: &str, liabilities: &str) -> BalanceSheet {
    let mut rows = Vec::new();
    for of in [2023, 2022] {
        for (side, state) in [("ACTIF", assets), ("PASSIF", liabilities)] {
            for (label, net) in printed(state, of) {
                rows.push(BalanceRow {
                    record: i64::try_from(rows.len()).expect("few rows"),
                    year: year(of),
                    side: side.into(),
                    category: String::new(),
                    label,
                    gross: None,
                    depreciation: None,
                    net,
                });
            }
        }
    }
    BalanceSheet::new(&rows)
}

#[test]
fn the_lines_of_the_long_form_come_to_its_general_total() {
    let sheet = sheet("BI_A", "BI_P");
    for (of, total) in [(2023, "14423814.22"), (2022, "14262224.79")] {
        for side in [BalanceSide::Asset, BalanceSide::Liability] {
            assert_eq!(sheet.net_total(year(of), side), Some(amount(total)), "{of}");
        }
        assert!(sheet.balances(year(of)));
        let assets: Centimes = sheet
            .lines
            .iter()
            .filter(|line| line.year == year(of) && line.kind == BalanceKind::FinancialAsset)
            .filter_map(|line| line.net)
            .sum();
        assert_eq!(assets, amount("652.45"), "{of}");
    }
    for line in &sheet.lines {
        assert_eq!(
            line.counted,
            !line.label.starts_with("TOTAL"),
            "{}",
            line.label
        );
    }
    for (of, result) in RESULTS {
        assert_eq!(sheet.published_result(year(of)), Some(amount(result)));
    }
    let brought = sheet.brought_forward();
    assert_eq!(brought.len(), 1);
    assert_eq!(brought[0].found, amount("768051.45"));
    assert!(brought[0].is_explained() && brought[0].found == brought[0].expected);
}

#[test]
fn the_short_form_balances_within_its_roundings() {
    let sheet = sheet("BI_S_A", "BI_S_P");
    for side in [BalanceSide::Asset, BalanceSide::Liability] {
        let total = sheet.net_total(year(2023), side).expect("a total");
        assert!(
            (total - amount("14423.81")).abs() <= Centimes::new(1),
            "{total}"
        );
    }
    assert!(sheet.balances(year(2023)));
    // Its totals of provisions and of cash have no detail: where they are printed, they are lines.
    let mut rows = printed("BI_S_P", 2023);
    set(&mut rows, "TOTAL PROVISIONS", Some(amount("10")));
    set(&mut rows, "TOTAL PASSIF (II)", Some(amount("332.81")));
    set(&mut rows, "TOTAL GÉNÉRAL", Some(amount("14433.81")));
    let rows: Vec<BalanceRow> = (1..)
        .zip(rows)
        .map(|(record, (label, net))| BalanceRow {
            record,
            year: year(2023),
            side: "PASSIF".into(),
            category: String::new(),
            label,
            gross: None,
            depreciation: None,
            net,
        })
        .collect();
    let found = BalanceSheet::new(&rows);
    let provisions = found
        .lines
        .iter()
        .find(|line| line.label.starts_with("TOTAL PROV"));
    assert!(provisions.expect("the line").counted);
    let total = found
        .net_total(year(2023), BalanceSide::Liability)
        .expect("a total");
    assert!(
        (total - amount("14433.81")).abs() <= Centimes::new(1),
        "{total}"
    );
    // Backwards, as a portal may send them.
    let backwards: Vec<BalanceRow> = rows.into_iter().rev().collect();
    let found = BalanceSheet::new(&backwards);
    assert_eq!(
        found.net_total(year(2023), BalanceSide::Liability),
        Some(total)
    );
}
