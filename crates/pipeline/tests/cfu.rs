//! A real official account, as it is printed and with zeros in its empty cells, from the portal to the analyses.

use crate::common::{BALANCE_DESCRIPTION, Bench, serve, statement_of};
use centime_accounts::label::normalise;
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, FiscalYear, Role, Side};
use centime_analytics::columns;
use centime_pipeline::Summary;
use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::{Basis, ColumnName, Outcome, Table};

const PRINTED: &str = include_str!("../../accounts/tests/cfu.tsv");
const YEARS: [(&str, usize); 2] = [("2023", 2), ("2022", 3)];

/// The rows of a state of the account: label, 2023, 2022.
fn rows(state: &str) -> impl Iterator<Item = Vec<&'static str>> {
    PRINTED
        .lines()
        .map(|row| row.split('\t').collect::<Vec<_>>())
        .filter(move |cells| cells[0] == state)
}

fn number(text: &str) -> serde_json::Value {
    if text.is_empty() {
        serde_json::Value::Null
    } else {
        serde_json::from_str(text).expect("a number")
    }
}

/// The income statement as records of a portal: the lines, subtotals, headings and totals of its blocks.
/// `empty` stands in the empty cells of lines; `change` may change a printed amount.
fn statement(empty: &str, change: impl Fn(&str, &str) -> Option<&'static str>) -> String {
    let nomenclature = Nomenclature::by_code("M57").expect("M57");
    let mut records = Vec::new();
    for (year, column) in YEARS {
        let mut block = None;
        for cells in rows("CR") {
            let label = cells[1];
            if let Some(begun) = nomenclature.block_by_label(&normalise(label)) {
                block = Some(begun);
                continue;
            }
            let block = block.expect("a block");
            let role = block
                .lines
                .iter()
                .find(|line| normalise(&line.label) == normalise(label))
                .map(|line| line.role);
            if nomenclature
                .balances
                .iter()
                .any(|one| normalise(&one.label) == normalise(label))
            {
                continue;
            }
            let printed = change(year, label).unwrap_or(cells[column]);
            let text = if printed.is_empty() && role != Some(Role::Heading) {
                empty
            } else {
                printed
            };
            records.push(serde_json::json!({
                "exercice_comptable": year,
                "type_de_resultat": if block.activity == Activity::Financial { "FINANCIER" } else { "EXPLOITATION" },
                "produit_charge": if block.side == Side::Revenue { "PRODUITS" } else { "CHARGES" },
                "poste": block.label,
                "detail_postes": label,
                "montant_en_eur": number(text),
            }));
        }
    }
    lines(&records)
}

/// The balance sheet in its long form.
fn balance() -> SimDataset {
    let mut records = Vec::new();
    for (side, state) in [("ACTIF", "BI_A"), ("PASSIF", "BI_P")] {
        for cells in rows(state) {
            for (year, column) in YEARS {
                records.push(serde_json::json!({
                    "exercice_comptable": year,
                    "actif_passif": side,
                    "poste": "",
                    "detail": cells[1],
                    "brut": null,
                    "amortissements_et_provisions": null,
                    "net": number(cells[column]),
                }));
            }
        }
    }
    let mut description: serde_json::Value =
        serde_json::from_str(BALANCE_DESCRIPTION).expect("a description");
    description["metas"]["default"]["records_count"] = records.len().into();
    SimDataset::from_texts(&description.to_string(), &lines(&records)).expect("a dataset")
}

fn lines(records: &[serde_json::Value]) -> String {
    let texts: Vec<String> = records.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

async fn published(records: &str) -> (Bench, Summary) {
    let bench = Bench::new().await;
    let portal = Simulator::from_datasets(vec![statement_of(records), balance()]);
    let summary = bench
        .run(&serve(portal).await)
        .await
        .expect("a publication");
    (bench, summary)
}

fn unchanged(_: &str, _: &str) -> Option<&'static str> {
    None
}

/// The numbers of a row of a year: amounts in centimes, rates in hundredths of a percent.
fn of_year(table: &Table, year: u16, names: &[&'static str]) -> Vec<Option<i64>> {
    let mut rows = table.rows.iter();
    let row = rows
        .find(|row| table.cell(row, columns::FISCAL_YEAR).year() == Some(FiscalYear::new(year)));
    let row = row.expect("the year");
    names
        .iter()
        .map(|name| table.cell(row, ColumnName::new(name)).unitless())
        .collect()
}

fn known(row: &[Option<i64>]) -> Vec<i64> {
    row.iter().map(|number| number.expect("a number")).collect()
}

fn statuses(table: &Table) -> Vec<&str> {
    let rows = table.rows.iter();
    rows.map(|row| table.cell(row, columns::STATUS).text().expect("a status"))
        .collect()
}

/// The category, the amount and the status of each row of 2023.
fn categories(table: &Table, column: ColumnName) -> Vec<(&str, Option<i64>, &str)> {
    let rows = table.rows.iter();
    let of_year = rows
        .filter(|row| table.cell(row, columns::FISCAL_YEAR).year() == Some(FiscalYear::new(2023)));
    let mut found: Vec<_> = of_year
        .map(|row| {
            (
                table.cell(row, column).text().expect("a category"),
                table.cell(row, columns::AMOUNT).unitless(),
                table.cell(row, columns::STATUS).text().expect("a status"),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn the_results_of_a_printed_account_are_those_of_the_document() {
    for empty in ["", "0.0"] {
        let (bench, _) = published(&statement(empty, unchanged)).await;
        let table = bench.table("yearly-result", Basis::Leaf).await;
        let columns = [
            "revenue",
            "expense",
            "result",
            "published_result",
            "difference",
        ];
        assert_eq!(
            known(&of_year(&table, 2023, &columns)),
            [92_981_718, 71_273_978, 21_707_740, 21_707_740, 0]
        );
        assert_eq!(
            known(&of_year(&table, 2022, &columns)),
            [93_285_075, 77_384_126, 15_900_949, 15_900_949, 0]
        );
        assert_eq!(statuses(&table), ["reconciled"; 2]);

        let table = bench.table("exceptional-charges", Basis::Leaf).await;
        let columns = ["exceptional_charges", "successor_charges", "mixed_charges"];
        assert_eq!(
            of_year(&table, 2023, &columns),
            [None, Some(428_260), Some(364_320)]
        );
        assert_eq!(
            of_year(&table, 2022, &columns),
            [None, Some(275_080), Some(8_661_627)]
        );
        assert_eq!(statuses(&table), ["complete"; 2]);

        let table = bench.table("operating-profitability", Basis::Leaf).await;
        let columns = [
            "operating_revenue",
            "operating_expense",
            "operating_result",
            "margin",
        ];
        assert_eq!(
            known(&of_year(&table, 2023, &columns)),
            [92_981_412, 69_832_131, 23_149_281, 2_490]
        );
        assert_eq!(
            known(&of_year(&table, 2022, &columns)),
            [93_284_891, 75_653_422, 17_631_469, 1_890]
        );

        let table = bench.table("reconciliation", Basis::Leaf).await;
        assert_eq!(statuses(&table), ["reconciled"; 2]);
    }
}

#[tokio::test]
async fn the_categories_and_financial_lines_of_a_printed_account_are_its_own() {
    for empty in ["", "0.0"] {
        let (bench, _) = published(&statement(empty, unchanged)).await;
        let table = bench.table("expense-by-category", Basis::Leaf).await;
        assert_eq!(
            categories(&table, columns::CATEGORY),
            [
                ("CHARGES D'INTERVENTION", Some(8_618_867), "complete"),
                ("CHARGES DE FONCTIONNEMENT", Some(61_213_264), "complete"),
                ("CHARGES FINANCIÈRES", Some(1_441_847), "complete"),
            ]
        );

        let table = bench
            .table("expense-by-harmonised-category", Basis::Leaf)
            .await;
        assert_eq!(
            categories(&table, columns::HARMONISED_CATEGORY),
            [
                ("depreciation", Some(1_284_404), "complete"),
                ("disposals", Some(428_260), "complete"),
                ("financial", Some(1_441_847), "complete"),
                ("interventions", Some(8_618_867), "complete"),
                ("other", Some(4_058_588), "complete"),
                ("personnel", Some(25_124_896), "complete"),
                ("purchases", Some(29_396_988), "complete"),
                ("taxes", Some(920_128), "complete"),
            ]
        );

        // Both years alike: what the assets bring in, to the assets of the balance sheet.
        let table = bench.table("financial-return", Basis::Leaf).await;
        let columns = [
            "financial_revenue",
            "financial_expense",
            "net_financial_result",
            "asset_income",
            "mixed_income",
            "financial_assets",
            "rate_of_return",
        ];
        assert_eq!(
            known(&of_year(&table, 2023, &columns)),
            [306, 1_441_847, -1_441_541, 306, 0, 65_245, 47]
        );
        assert_eq!(
            known(&of_year(&table, 2022, &columns)),
            [184, 1_730_704, -1_730_520, 184, 0, 65_245, 28]
        );
        assert_eq!(statuses(&table), ["complete"; 2]);
    }
}

#[tokio::test]
async fn every_row_counts_and_every_check_passes() {
    for (empty, nil) in [("", 14), ("0.0", 0)] {
        let (bench, summary) = published(&statement(empty, unchanged)).await;
        // 48 rows: 3 headings, 5 totals and 2 subtotals repeat the 38 lines.
        let table = bench.table("completeness", Basis::Leaf).await;
        let columns = ["lines", "counted", "nil", "missing", "unrecognised"];
        let row = known(&of_year(&table, 2023, &columns));
        assert_eq!([row[0], row[1] + row[2], row[3], row[4]], [48, 38, 0, 0]);
        assert_eq!(row[2], nil);
        assert_eq!(statuses(&table), ["complete"; 2]);

        for (name, found) in [
            ("labels-recognised", 96),
            ("parents-equal-parts", 14),
            ("results-reconciled", 2),
            ("balance-sheet-balances", 2),
            ("results-carried-forward", 1),
        ] {
            let check = summary.checks.iter().find(|check| check.name == name);
            let check = check.expect("the check");
            assert_eq!(
                (check.outcome, check.found),
                (Outcome::Pass, found),
                "{check:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_total_in_place_of_its_lines_leaves_the_detail_open() {
    let change = |year: &str, label: &str| {
        (year == "2023" && label == "Achats et charges externes").then_some("")
    };
    let (bench, _) = published(&statement("", change)).await;
    let table = bench.table("yearly-result", Basis::Leaf).await;
    assert_eq!(of_year(&table, 2023, &["result"]), [Some(21_707_740)]);
    assert_eq!(statuses(&table), ["reconciled"; 2]);
    let table = bench.table("expense-by-category", Basis::Leaf).await;
    assert_eq!(categories(&table, columns::CATEGORY)[1].1, Some(61_213_264));
    let open = "not detailed";
    let table = bench
        .table("expense-by-harmonised-category", Basis::Leaf)
        .await;
    assert_eq!(
        categories(&table, columns::HARMONISED_CATEGORY),
        [
            ("depreciation", None, open),
            ("disposals", None, open),
            ("financial", Some(1_441_847), open),
            ("interventions", Some(8_618_867), open),
            ("other", None, open),
            ("personnel", None, open),
            ("purchases", None, open),
            ("taxes", None, open),
            ("undetailed", Some(61_213_264), open),
        ]
    );
    assert_eq!(
        of_year(&table, 2023, &["share", "rank", "cumulative_share"]),
        [None; 3]
    );
    assert_eq!(of_year(&table, 2022, &["rank"]), [Some(1)]);
    for analysis in ["exceptional-charges", "completeness"] {
        let table = bench.table(analysis, Basis::Leaf).await;
        assert_eq!(statuses(&table), ["complete", open], "{analysis}");
    }
    let table = bench.table("exceptional-charges", Basis::Leaf).await;
    assert_eq!(
        of_year(&table, 2023, &["successor_charges", "mixed_charges"]),
        [None; 2]
    );
}

#[tokio::test]
async fn a_financial_total_that_is_wrong_by_a_centime_hides_what_assets_bring_in() {
    let change = |year: &str, label: &str| {
        (year == "2023" && label.starts_with("TOTAL PRODUITS FINANCIERS")).then_some("3.07")
    };
    let (bench, _) = published(&statement("", change)).await;
    let table = bench.table("financial-return", Basis::Leaf).await;
    assert_eq!(statuses(&table), ["complete", "not detailed"]);
    let columns = ["financial_revenue", "asset_income", "rate_of_return"];
    assert_eq!(of_year(&table, 2023, &columns), [Some(307), None, None]);
    let table = bench.table("yearly-result", Basis::Leaf).await;
    assert_eq!(of_year(&table, 2023, &["difference"]), [Some(1)]);
}

#[tokio::test]
async fn a_block_that_prints_its_total_only_is_not_taken_for_another_category() {
    // All interventions are of one category, so that their total is, too.
    let change = |year: &str, label: &str| {
        (year == "2023" && label.starts_with("Autres charges") && !label.contains("fonction"))
            .then_some("")
    };
    let (bench, _) = published(&statement("", change)).await;
    let table = bench
        .table("expense-by-harmonised-category", Basis::Leaf)
        .await;
    let found = categories(&table, columns::HARMONISED_CATEGORY);
    assert!(
        found.contains(&("interventions", Some(8_618_867), "complete")),
        "{found:?}"
    );
    let table = bench.table("completeness", Basis::Leaf).await;
    assert_eq!(statuses(&table), ["complete", "not detailed"]);
}
