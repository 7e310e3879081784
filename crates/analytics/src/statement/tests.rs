use std::sync::Arc;

use centime_accounts::{Classifier, FiscalYear, Published, StatementRow, YearStatement};

use super::*;

/// A row as published: side, block, label and amount in centimes.
type Printed<'a> = (&'a str, &'a str, &'a str, Option<i64>);

const REVENUE: &str = "PRODUITS DE FONCTIONNEMENT";
const EXPENSE: &str = "CHARGES DE FONCTIONNEMENT";

/// The lines of a year as the warehouse gives them, the first record having this number.
fn year(fiscal_year: u16, first: i64, rows: &[Printed<'_>]) -> Vec<Line> {
    let fiscal_year = FiscalYear::new(fiscal_year);
    let activity = |category: &str| {
        if category.contains("FINANC") && !category.contains("NON FINANC") {
            "FINANCIER"
        } else if category.contains("EXCEPTIONN") {
            "EXCEPTIONNEL"
        } else {
            "EXPLOITATION"
        }
    };
    let rows: Vec<StatementRow> = (first..)
        .zip(rows)
        .map(|(record, (side, category, label, amount))| StatementRow {
            record,
            year: fiscal_year,
            published: Arc::new(Published {
                activity: activity(category).to_owned(),
                side: (*side).to_owned(),
                category: (*category).to_owned(),
                label: (*label).to_owned(),
            }),
            amount: amount.map(Centimes::new),
        })
        .collect();
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let statement = YearStatement::new(fiscal_year, &rows, &mut Classifier::default());
    let line = |line: centime_accounts::StatementLine| Line {
        siren: "217500016".to_owned(),
        record: line.record,
        fiscal_year,
        nomenclature: line.item.nomenclature.and_then(Nomenclature::by_code),
        side: line.item.side,
        activity: line.item.activity,
        block: owned(line.item.block),
        category: line.item.category.clone(),
        code: owned(line.item.code),
        label: line.item.label.clone(),
        published_category: line.item.published.category.clone(),
        published_label: line.item.published.label.clone(),
        matched: line.item.matched,
        role: line.item.role,
        parent: owned(line.item.parent),
        harmonised: owned(line.item.harmonised),
        amount: line.amount,
        counted: line.counted,
        missing: line.missing,
        nil: line.nil,
    };
    statement.lines.into_iter().map(line).collect()
}

fn of(years: &[Vec<Line>]) -> Statement {
    Statement::of(&years.concat(), &[])
}

fn rows_of_2024() -> Vec<Printed<'static>> {
    vec![
        (
            "PRODUITS",
            REVENUE,
            "Ventes de biens ou prestations de services",
            Some(1000),
        ),
        (
            "PRODUITS",
            REVENUE,
            "Total Produits de fonctionnement (I)",
            Some(1000),
        ),
        ("CHARGES", EXPENSE, "Charges de personnel", Some(500)),
        (
            "CHARGES",
            EXPENSE,
            "Dont salaires, traitements et rémunérations diverses",
            Some(300),
        ),
        ("CHARGES", EXPENSE, "Dont charges sociales", Some(200)),
        ("CHARGES", EXPENSE, "Une charge nouvelle", Some(40)),
        ("CHARGES", EXPENSE, "Achats et charges externes", Some(60)),
        (
            "CHARGES",
            "CHARGES FINANCIERES",
            "Charges d'intérêts",
            Some(25),
        ),
        (
            "",
            "",
            "RESULTAT DE L'EXERCICE (VIII = IV + VII)",
            Some(375),
        ),
    ]
}

fn address(text: &str) -> LineAddress {
    text.parse().unwrap()
}

/// The addresses of the rows with the amounts of a year.
fn column(stretch: &Stretch, place: usize) -> Vec<(&str, Option<i64>, Known)> {
    let row = |row: &'_ Row| {
        let figure = &row.figures[place];
        (figure.amount.map(Centimes::get), figure.known)
    };
    stretch
        .rows
        .iter()
        .map(|one| {
            let (amount, known) = row(one);
            (one.address.as_str(), amount, known)
        })
        .collect()
}

#[test]
fn rows_are_in_the_order_of_the_official_model() {
    use Known::{Absent, Computed, Published, Repeats};

    let statement = of(&[year(2024, 1, &rows_of_2024())]);
    let [stretch] = &statement.stretches[..] else {
        panic!("one nomenclature is one stretch");
    };
    assert_eq!(
        column(stretch, 0),
        [
            ("m57-operating-revenue", None, Absent),
            ("m57-revenue-with-direct-counterpart", Some(1000), Computed),
            ("m57-sales", Some(1000), Published),
            ("m57-operating-revenue-total", Some(1000), Repeats),
            ("m57-operating-expense", None, Absent),
            ("m57-purchases", Some(60), Published),
            ("m57-personnel", Some(500), Repeats),
            ("m57-salaries", Some(300), Published),
            ("m57-social-charges", Some(200), Published),
            (
                "m57-operating-expense--une-charge-nouvelle",
                Some(40),
                Published
            ),
            ("m57-operating-expense-total", Some(600), Computed),
            ("m57-net-activity", Some(400), Computed),
            ("m57-financial-expense", None, Absent),
            ("m57-interest", Some(25), Published),
            ("m57-financial-expense-total", Some(25), Computed),
            ("m57-net-financial", Some(-25), Computed),
            ("m57-result", Some(375), Repeats),
        ]
    );
    let unknown = stretch.row(&address("m57-operating-expense--une-charge-nouvelle"));
    assert!(!unknown.unwrap().recognised);
}

#[test]
fn the_records_of_a_figure_add_up_to_it() {
    let statement = of(&[year(2024, 1, &rows_of_2024())]);
    for row in &statement.stretches[0].rows {
        for figure in row.figures.iter().filter(|figure| figure.amount.is_some()) {
            let sum: Centimes = figure
                .records
                .iter()
                .filter_map(|record| record.amount)
                .sum();
            assert_eq!(Some(sum), figure.amount, "{}", row.address);
        }
    }
}

#[test]
fn a_printed_sum_that_differs_stands_beside_the_one_that_is_added() {
    let statement = of(&[year(
        2024,
        1,
        &[
            ("CHARGES", EXPENSE, "Charges de personnel", Some(505)),
            (
                "CHARGES",
                EXPENSE,
                "Dont salaires, traitements et rémunérations diverses",
                Some(300),
            ),
            ("CHARGES", EXPENSE, "Dont charges sociales", Some(200)),
        ],
    )]);
    let (_, row) = statement.row(&address("m57-personnel")).unwrap();
    let figure = &row.figures[0];
    assert_eq!(
        (figure.amount, figure.known),
        (Some(Centimes::new(500)), Known::Differs)
    );
    assert_eq!(
        (figure.published, figure.counted),
        (Some(Centimes::new(505)), false)
    );
}

#[test]
fn a_subtotal_that_stands_in_is_what_is_added_and_its_parts_repeat_it() {
    let statement = of(&[year(
        2024,
        1,
        &[
            ("CHARGES", EXPENSE, "Charges de personnel", Some(500)),
            (
                "CHARGES",
                EXPENSE,
                "Dont salaires, traitements et rémunérations diverses",
                Some(300),
            ),
            ("CHARGES", EXPENSE, "Dont charges sociales", None),
        ],
    )]);
    let known = |line: &str| {
        let (_, row) = statement.row(&address(line)).unwrap();
        (
            row.figures[0].known,
            row.figures[0].amount.map(Centimes::get),
        )
    };
    assert_eq!(known("m57-personnel"), (Known::Published, Some(500)));
    assert_eq!(known("m57-salaries"), (Known::Repeats, Some(300)));
    assert_eq!(known("m57-social-charges"), (Known::Empty, None));
    assert_eq!(
        known("m57-operating-expense-total"),
        (Known::Computed, Some(500))
    );
}

#[test]
fn missing_is_never_zero() {
    let mut rows = rows_of_2024();
    rows[6].3 = None;
    let statement = of(&[year(2024, 1, &rows)]);
    let known = |line: &str| {
        let (_, row) = statement.row(&address(line)).unwrap();
        let figure = &row.figures[0];
        assert_eq!(figure.amount, None, "{line}");
        figure.known
    };
    assert_eq!(known("m57-purchases"), Known::Missing);
    assert_eq!(known("m57-operating-expense-total"), Known::Missing);
    assert_eq!(known("m57-net-activity"), Known::Missing);
    let (_, result) = statement.row(&address("m57-result")).unwrap();
    assert_eq!(result.figures[0].known, Known::Missing);
    // What was printed is still known.
    assert_eq!(result.figures[0].published, Some(Centimes::new(375)));
}

#[test]
fn nothing_is_compared_across_a_break_or_a_gap() {
    let m14 = [
        (
            "PRODUITS",
            "PRODUITS COURANTS NON FINANCIERS",
            "Impôts locaux",
            Some(100),
        ),
        (
            "CHARGES",
            "CHARGES COURANTES NON FINANCIERES",
            "Achats et charges externes",
            Some(90),
        ),
    ];
    let m57 = [("PRODUITS", REVENUE, "Dons et legs", Some(10))];
    let breaks = [SeriesBreak {
        fiscal_year: FiscalYear::new(2019),
        kind: BreakKind::Perimeter,
    }];
    let lines = [
        year(2017, 1, &m14),
        year(2018, 10, &m57),
        year(2019, 20, &m57),
        year(2020, 30, &m57),
        year(2022, 40, &m57),
    ];
    let statement = Statement::of(&lines.concat(), &breaks);
    let [m57, m14] = &statement.stretches[..] else {
        panic!("two nomenclatures are two stretches, the latest first");
    };
    assert_eq!((m57.code(), m14.code()), (Some("M57"), Some("M14")));
    let all = statement
        .stretches
        .iter()
        .flat_map(|stretch| &stretch.years);
    let years: Vec<FiscalYear> = all.map(|year| year.fiscal_year).collect();
    assert_eq!(years, [2022, 2020, 2019, 2018, 2017].map(FiscalYear::new));
    let gifts = m57.row(&address("m57-gifts")).unwrap();
    let changes: Vec<_> = gifts.figures.iter().map(|figure| figure.change).collect();
    assert_eq!(changes, [None, Some(Centimes::ZERO), None, None]);
    let shares: Vec<_> = gifts.figures.iter().map(|figure| figure.share).collect();
    assert_eq!(
        shares,
        vec![Some(centime_accounts::BasisPoints::new(10_000)); 4]
    );
    let result = m14.row(&address("m14-current-result")).unwrap();
    assert_eq!(result.figures[0].amount, Some(Centimes::new(10)));
}

#[test]
fn blocks_that_no_model_has_are_rows_and_part_of_the_result() {
    let mut rows = rows_of_2024();
    rows.push(("PRODUITS", "AUTRES BLOCS", "Une recette", Some(7)));
    rows.push(("", "", "Une ligne perdue", Some(9)));
    let statement = of(&[year(2024, 1, &rows)]);
    let stretch = &statement.stretches[0];
    let amount = |line: &str| {
        let row = stretch
            .row(&address(line))
            .unwrap_or_else(|| panic!("{line}"));
        row.figures[0].amount.map(Centimes::get)
    };
    assert_eq!(amount("m57--revenue-operating--autres-blocs"), Some(7));
    assert_eq!(
        amount("m57--revenue-operating--autres-blocs--une-recette"),
        Some(7)
    );
    assert_eq!(amount("m57-net-activity"), Some(382 + 25));
    assert_eq!(amount("m57-result"), Some(382));
    // A row of no side is kept, and added to nothing.
    assert_eq!(amount("m57--none-operating----une-ligne-perdue"), Some(9));
}

#[test]
fn a_statement_of_no_known_nomenclature_has_its_rows_and_its_result() {
    use Known::{Computed, Published};

    let rows = [
        ("PRODUITS", "RECETTES", "Taxes", Some(100)),
        ("CHARGES", "DEPENSES", "Paie", Some(30)),
        ("CHARGES", "DEPENSES", "Énergie", Some(5)),
    ];
    let statement = of(&[year(2024, 1, &rows)]);
    assert_eq!(
        column(&statement.stretches[0], 0),
        [
            ("none--revenue-operating--recettes", Some(100), Computed),
            (
                "none--revenue-operating--recettes--taxes",
                Some(100),
                Published
            ),
            ("none--expense-operating--depenses", Some(35), Computed),
            (
                "none--expense-operating--depenses--paie",
                Some(30),
                Published
            ),
            (
                "none--expense-operating--depenses--energie",
                Some(5),
                Published
            ),
            ("none-result", Some(65), Computed),
        ]
    );
}

#[test]
fn an_address_means_the_same_line_whatever_is_moved_or_added() {
    let mut rows = rows_of_2024();
    let before = of(&[year(2024, 1, &rows)]);
    rows.reverse();
    rows.insert(
        0,
        ("CHARGES", EXPENSE, "Une autre charge nouvelle", Some(1)),
    );
    rows[7].2 = "  CHARGES DE PERSONNEL";
    let after = of(&[year(2024, 1, &rows)]);
    for row in &before.stretches[0].rows {
        let (_, same) = after.row(&row.address).unwrap();
        assert_eq!(same.label, row.label);
        if row.kind == RowKind::Line {
            assert_eq!(same.figures[0].amount, row.figures[0].amount);
        }
    }
}

#[test]
fn all_lines_are_in_a_row() {
    let mut rows = rows_of_2024();
    rows.extend([
        ("PRODUITS", EXPENSE, "Une ligne qui se contredit", Some(3)),
        ("CHARGES", EXPENSE, "Charges de fonctionnement", None),
        ("CHARGES", EXPENSE, "Dont quelque chose", Some(2)),
        ("CHARGES", EXPENSE, "Total général", Some(602)),
        ("", "", "Solde", Some(1)),
        ("CHARGES", "", "", None),
    ]);
    let lines = year(2024, 1, &rows);
    let statement = Statement::of(&lines, &[]);
    for line in &lines {
        let address = address_of(line);
        assert!(statement.row(&address).is_some(), "{address}");
    }
    let mut addresses: Vec<_> = statement.stretches[0]
        .rows
        .iter()
        .map(|row| &row.address)
        .collect();
    let all = addresses.len();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), all, "a row has an address of its own");
}
