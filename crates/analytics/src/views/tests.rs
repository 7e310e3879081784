use centime_accounts::label::Match;
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, FiscalYear, Role, Side};

use super::*;
use crate::ColumnName;

/// A line of 2024 with an amount that is added up.
fn line(side: Side, category: &str, label: &str, amount: i64) -> Line {
    Line {
        siren: "217500016".to_owned(),
        record: 1,
        fiscal_year: FiscalYear::new(2024),
        nomenclature: Nomenclature::by_code("M57"),
        side: Some(side),
        activity: Some(Activity::Operating),
        block: None,
        category: category.to_owned(),
        code: None,
        label: label.to_owned(),
        published_category: category.to_owned(),
        published_label: label.to_owned(),
        matched: Match::Exact,
        role: Role::Line,
        parent: None,
        harmonised: (side == Side::Expense).then(|| "personnel".to_owned()),
        amount: Some(Centimes::new(amount)),
        counted: true,
        missing: false,
        nil: false,
    }
}

fn not_counted(mut line: Line) -> Line {
    line.counted = false;
    line
}

fn missing(mut line: Line) -> Line {
    (line.amount, line.counted, line.missing) = (None, false, true);
    line
}

fn in_year(year: u16, mut line: Line) -> Line {
    line.fiscal_year = FiscalYear::new(year);
    line
}

fn everything() -> Selection {
    Selection::whole(
        FiscalYear::ALL,
        FiscalYear::new(2024),
        FiscalYear::new(2023),
    )
}

fn amounts(table: &Table, column: ColumnName) -> Vec<Option<i64>> {
    let cell = |row: &Vec<Cell>| table.cell(row, column).unitless();
    table.rows.iter().map(cell).collect()
}

fn texts<'a>(table: &'a Table, column: ColumnName) -> Vec<&'a str> {
    let cell = |row: &'a Vec<Cell>| table.cell(row, column).text().unwrap_or_default();
    table.rows.iter().map(cell).collect()
}

#[test]
fn steps_lead_from_the_revenue_to_what_is_left() {
    let lines = [
        line(Side::Revenue, "Produits", "Taxes", 1000),
        line(Side::Expense, "Charges", "Paie", 300),
        line(Side::Expense, "Aides", "Bourses", 900),
        line(Side::Expense, "Charges", "Avoir", -50),
        not_counted(line(Side::Expense, "Charges", "Sous-total", 300)),
        in_year(2023, line(Side::Expense, "Charges", "Paie", 7)),
    ];
    let table = steps(&lines, &everything());
    assert_eq!(
        texts(&table, columns::STEP),
        [
            Side::Revenue.name(),
            Side::Expense.name(),
            Side::Expense.name(),
            Step::Result.name()
        ]
    );
    assert_eq!(
        texts(&table, columns::CATEGORY),
        ["", "Aides", "Charges", ""]
    );
    assert_eq!(
        amounts(&table, columns::AMOUNT),
        [Some(1000), Some(900), Some(250), Some(-150)]
    );
}

#[test]
fn a_missing_amount_leaves_no_steps_and_no_flow() {
    let lines = [
        line(Side::Revenue, "Produits", "Taxes", 1000),
        missing(line(Side::Expense, "Charges", "Paie", 0)),
    ];
    assert!(steps(&lines, &everything()).rows.is_empty());
    assert!(flow(&lines, &everything()).rows.is_empty());
    // The naive basis takes what is missing for nothing.
    let naive = Selection {
        basis: Basis::Naive,
        ..everything()
    };
    assert_eq!(amounts(&steps(&lines, &naive), columns::AMOUNT).len(), 2);
}

#[test]
fn a_year_without_one_of_its_sides_has_no_result() {
    let revenue = [line(Side::Revenue, "Produits", "Taxes", 1000)];
    let expense = [line(Side::Expense, "Charges", "Paie", 300)];
    for lines in [revenue, expense] {
        assert!(steps(&lines, &everything()).rows.is_empty());
        assert!(flow(&lines, &everything()).rows.is_empty());
        // A part of the statement may have one side, and a plain script misses nothing.
        let naive = Selection {
            basis: Basis::Naive,
            ..everything()
        };
        assert!(!steps(&lines, &naive).rows.is_empty());
        assert!(!flow(&lines, &naive).rows.is_empty());
        let part = Selection {
            activity: lines[0].activity,
            ..everything()
        };
        assert!(!steps(&lines, &part).rows.is_empty());
        assert!(!flow(&lines, &part).rows.is_empty());
    }
}

#[test]
fn a_year_with_a_missing_amount_has_no_shares() {
    let lines = [
        line(Side::Expense, "Charges", "Paie", 300),
        line(Side::Expense, "Aides", "Bourses", 100),
        in_year(2023, line(Side::Expense, "Charges", "Paie", 10)),
        in_year(2023, missing(line(Side::Expense, "Aides", "Bourses", 0))),
    ];
    let table = categories(&lines, &everything());
    assert_eq!(
        texts(&table, columns::CATEGORY),
        ["Charges", "Aides", "Charges", "Aides"]
    );
    assert_eq!(
        amounts(&table, columns::AMOUNT),
        [Some(10), None, Some(300), Some(100)]
    );
    assert_eq!(
        amounts(&table, columns::SHARE),
        [None, None, Some(7500), Some(2500)]
    );
}

#[test]
fn within_a_category_are_its_lines() {
    let lines = [
        line(Side::Expense, "Charges", "Paie", 300),
        line(Side::Expense, "Charges", "Loyers", 400),
        line(Side::Expense, "Aides", "Bourses", 100),
    ];
    let inside = Selection {
        category: Some("Charges".to_owned()),
        ..everything()
    };
    let table = categories(&lines, &inside);
    assert_eq!(texts(&table, columns::CATEGORY), ["Loyers", "Paie"]);
}

#[test]
fn changes_are_those_of_what_both_years_have() {
    let lines = [
        line(Side::Expense, "Charges", "Paie", 300),
        line(Side::Expense, "Nouveau", "Neuf", 5),
        line(Side::Expense, "Aides", "Bourses", 100),
        in_year(2023, line(Side::Expense, "Charges", "Paie", 200)),
        in_year(2023, line(Side::Expense, "Aides", "Bourses", 900)),
    ];
    let table = changes(&lines, &everything());
    assert_eq!(
        texts(&table, columns::CATEGORY),
        ["Aides", "Charges", "Nouveau"]
    );
    assert_eq!(
        amounts(&table, columns::DIFFERENCE),
        [Some(-800), Some(100), None]
    );
    assert_eq!(
        amounts(&table, columns::CHANGE),
        [Some(-8889), Some(5000), None]
    );
}

#[test]
fn the_state_that_is_to_be_noticed_is_shown() {
    let lines = [
        line(Side::Expense, "Charges", "Paie", 300),
        missing(line(Side::Expense, "Charges", "Paie", 0)),
        line(Side::Expense, "Charges", "Avoir", -3),
        not_counted(line(Side::Expense, "Charges", "Autre", 3)),
    ];
    let table = presence(&lines, &everything());
    assert_eq!(texts(&table, columns::LABEL), ["Paie", "Avoir", "Autre"]);
    assert_eq!(
        texts(&table, columns::STATE),
        ["missing", "negative", "repeated"]
    );
}
