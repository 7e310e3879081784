//! Categories of questions are those of the one rule: over the sample edition, a total that stands in for lines of
//! several categories, and labels that are not recognised.

use std::collections::BTreeMap;

use centime_accounts::{FiscalYear, Grouping, Side};
use centime_analytics::views::{self, Step};
use centime_analytics::{Basis, Selection, columns};
use centime_pipeline::BodyName;
use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::lines::Line;

use crate::figures::{Bench, answered, borrowed, decimal, french, question, sample, seen, word};
use crate::invented::{undetailed, unrecognised};

const COLUMNS: [(&str, &str); 6] = [
    ("exercice_comptable", "text"),
    ("type_de_resultat", "text"),
    ("produit_charge", "text"),
    ("poste", "text"),
    ("detail_postes", "text"),
    ("montant_en_eur", "double"),
];

async fn published(records: &[String]) -> Bench {
    let records = records.iter().map(String::as_str);
    let dataset = SimDataset::new("compte-de-resultat", &COLUMNS, records).unwrap();
    let body = BodyName {
        siren: "217599999".to_owned(),
        name: "Commune d’Essai".to_owned(),
    };
    Bench::of(Simulator::from_datasets(vec![dataset]), None, Some(body)).await
}

/// The views of both sides, with the values of filters that ask for them.
fn selections(years: (u16, u16)) -> Vec<(Selection, BTreeMap<&'static str, String>)> {
    let years = (FiscalYear::new(years.0), FiscalYear::new(years.1));
    let mut all = Vec::new();
    for basis in Basis::ALL {
        for grouping in Grouping::ALL {
            for side in Side::ALL {
                let selection = Selection {
                    basis,
                    grouping,
                    side: Some(side),
                    ..Selection::whole(years.0..=years.1, years.1, years.0)
                };
                let values = BTreeMap::from([
                    ("basis", basis.name().to_owned()),
                    ("grouping", grouping.name().to_owned()),
                    ("side", side.to_string()),
                    ("from_year", years.0.to_string()),
                    ("to_year", years.1.to_string()),
                    ("year", years.1.to_string()),
                    ("against_year", years.0.to_string()),
                ]);
                all.push((selection, values));
            }
        }
    }
    all
}

/// The groups of the lines of a view, each once.
fn groups(lines: &[Line], selection: &Selection) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| selection.has(line)) {
        let name = selection.grouping.of(line).to_owned();
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_group_lines_as_the_dashboard_does() {
    for (name, bench, years) in [
        ("sample", sample().await, (2023, 2024)),
        ("undetailed", published(&undetailed()).await, (2022, 2023)),
        (
            "unrecognised",
            published(&unrecognised()).await,
            (2022, 2023),
        ),
    ] {
        let lines = bench.lines().await;
        let names = bench.rows(&question("category-names"), &borrowed(&BTreeMap::new()));
        for (selection, values) in selections(years) {
            let asked = borrowed(&values);
            let columns = ["fiscal_year", "category", "amount", "share"];
            assert_eq!(
                answered(&bench.rows(&question("categories"), &asked), &columns),
                seen(&views::categories(&lines, &selection), &selection, &columns),
                "{name}: {values:?}"
            );
            let columns = ["category", "before", "after", "difference", "change"];
            assert_eq!(
                answered(&bench.rows(&question("changes"), &asked), &columns),
                seen(&views::changes(&lines, &selection), &selection, &columns),
                "{name}: {values:?}"
            );
            steps(&bench, &lines, &selection, &values);
            let side = selection.side.unwrap();
            for group in groups(&lines, &selection) {
                let shown = word(&group, selection.grouping, side);
                let listed = names
                    .iter()
                    .any(|row| row["category"].as_ref() == Some(&shown));
                assert!(listed, "{name}: {shown} is not in the filter");
                let mut values = values.clone();
                values.insert("category", shown);
                inside(&bench, &lines, &selection, group, &values);
            }
        }
    }
}

/// Within a category: its lines, and whether each has an amount.
fn inside(
    bench: &Bench,
    lines: &[Line],
    selection: &Selection,
    group: String,
    values: &BTreeMap<&'static str, String>,
) {
    let asked = borrowed(values);
    let selection = Selection {
        category: Some(group),
        ..selection.clone()
    };
    let columns = ["fiscal_year", "category", "amount", "share"];
    assert_eq!(
        answered(&bench.rows(&question("categories"), &asked), &columns),
        seen(&views::categories(lines, &selection), &selection, &columns),
        "{values:?}"
    );
    // A category of this name may be on both sides, and neither question asks for one.
    let of_both_sides = Selection {
        side: None,
        ..selection.clone()
    };
    if selection.grouping == Grouping::Harmonised {
        let of_other = lines
            .iter()
            .any(|line| of_both_sides.has(line) && !selection.has(line));
        if of_other {
            return;
        }
    }
    let view = views::presence(lines, &of_both_sides);
    assert_eq!(
        bench.rows(&question("presence"), &asked).len(),
        view.rows.len(),
        "{values:?}"
    );
    let of_year = lines
        .iter()
        .filter(|line| line.fiscal_year == selection.focus && of_both_sides.has(line));
    assert_eq!(
        bench.rows(&question("lines"), &asked).len(),
        of_year.count(),
        "{values:?}"
    );
}

fn steps(
    bench: &Bench,
    lines: &[Line],
    selection: &Selection,
    values: &BTreeMap<&'static str, String>,
) {
    let view = views::steps(lines, selection);
    let mut expected: Vec<(String, String)> = Vec::new();
    for row in &view.rows {
        let amount = view.cell(row, columns::AMOUNT).amount().unwrap().get();
        let category = view.cell(row, columns::CATEGORY).text();
        match Step::named(view.cell(row, columns::STEP).text().unwrap()).unwrap() {
            Step::Of(Side::Revenue) => {
                let revenue = french().term("sides", Side::Revenue.name());
                expected.push((revenue.to_owned(), decimal(amount, 2)));
            }
            Step::Of(Side::Expense) => expected.push((
                word(category.unwrap(), selection.grouping, Side::Expense),
                decimal(-amount, 2),
            )),
            // What is left is drawn by the waterfall itself.
            Step::Result => {}
        }
    }
    expected.sort();
    let rows = bench
        .rows(&question("steps"), &borrowed(values))
        .into_iter();
    let mut rows: Vec<(String, String)> = rows
        .map(|row| (row["step"].clone().unwrap(), row["amount"].clone().unwrap()))
        .collect();
    rows.sort();
    assert_eq!(rows, expected, "{values:?}");
}
