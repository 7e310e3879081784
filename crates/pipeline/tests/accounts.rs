//! Accounts of official documents, as they are stored, and the indicators that follow from them.

use std::collections::BTreeMap;
use std::fmt::Write;

use centime_accounts::{Centimes, FiscalYear};
use centime_analytics::accounts::{Books, added, by_nature};
use centime_documents::Limits;
use centime_pipeline::{AcceptedChanges, Documents, Source};
use centime_test_database::fresh_postgres;
use centime_warehouse::accounts::IndicatorOutcome;

use crate::common::{Bench, serve};
use centime_portal_sim::Simulator;

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const TOTEM: &str = include_str!("../../documents/tests/data/totem.xml");
/// The executed accounts of a town of 107,000 inhabitants: year, account, debit, credit and what of both is order.
const MONTREUIL: &str = include_str!("../../accounts/tests/data/totem-m14-accounts.tsv");

fn read(files: &[&[u8]]) -> Source {
    let mut documents = Documents::new(None);
    for (number, bytes) in files.iter().enumerate() {
        let name = format!("file-{number}");
        let read = centime_documents::read(*bytes, &name, &Limits::default());
        for document in read.unwrap_or_else(|error| panic!("{error}")) {
            documents.add(&document).unwrap();
        }
    }
    Source::of_documents(documents)
}

async fn import(bench: &Bench, files: &[&[u8]]) {
    let run = bench.run_source(&read(files), AcceptedChanges::NONE).await;
    run.unwrap_or_else(|error| panic!("{error}"));
}

async fn books(bench: &Bench) -> Books {
    let revision = bench.warehouse.current().await.unwrap();
    let siren = bench.siren().await;
    Books::load(&bench.warehouse, revision.id, &siren)
        .await
        .unwrap()
}

/// The values of a year as they are written, by the names of the indicators.
fn values(books: &Books, year: u16) -> BTreeMap<&'static str, Option<String>> {
    let year = FiscalYear::new(year);
    let series = books.series(&[]);
    let of_year = series.iter().map(|one| {
        let mut found = one.values.iter();
        let value = found.find(|value| value.fiscal_year == year).unwrap();
        let written = value.hundredths().map(|it| Centimes::new(it).to_string());
        (one.indicator.code.as_str(), written)
    });
    of_year.collect()
}

fn amount(text: &str) -> Centimes {
    Centimes::parse(text).unwrap().amount
}

#[tokio::test]
async fn the_indicators_of_a_cfu_are_those_that_it_prints() {
    let bench = Bench::new().await;
    import(&bench, &[CFU]).await;
    let books = books(&bench).await;
    let years: Vec<_> = books
        .years
        .iter()
        .map(|year| {
            (
                year.fiscal_year.get(),
                year.chart.as_str(),
                year.population,
                year.result,
            )
        })
        .collect();
    // Of 2022 the document prints lines, and no accounts.
    let result = Some(amount("217077.40"));
    assert_eq!(years, [(2023, "M57_A", Some(990), result)]);
    assert_eq!(books.years[0].debt, Some(amount("249941.53")));
    let values = values(&books, 2023);
    for (code, expected) in [
        ("result", "217077.40"),
        ("gross-cash-flow", "229473.21"),
        ("real-savings", "229473.21"),
        ("net-cash-flow", "165936.20"),
        ("real-revenue", "931181.38"),
        ("real-expense", "701450.06"),
        ("years-to-repay", "1.09"),
        ("ratio-1", "708.54"),
        ("ratio-3", "940.59"),
        ("ratio-5", "252.47"),
        ("ratio-7", "36.82"),
        ("ratio-9", "82.20"),
        ("budget-net-savings-rate", "17.85"),
    ] {
        assert_eq!(values[code].as_deref(), Some(expected), "{code}");
    }
    let of = |code: &str| books.indicator(code, FiscalYear::new(2023)).unwrap();
    assert_eq!(of("gross-cash-flow").per_inhabitant, Some(amount("231.79")));
    let missing = of("ratio-8");
    assert_eq!(missing.outcome, IndicatorOutcome::Missing);
    assert_eq!(missing.missing, ["fiscal-potential"]);
    // The accounts that one adds up come to it.
    let used = books.used("gross-cash-flow", FiscalYear::new(2023));
    let sum: Centimes = used.iter().map(|(_, amount)| *amount).sum();
    assert_eq!(sum, amount("229473.21"));
}

#[tokio::test]
async fn every_account_of_the_result_is_in_one_line_and_lines_are_what_is_printed() {
    let bench = Bench::new().await;
    import(&bench, &[CFU]).await;
    let books = books(&bench).await;
    let revision = bench.warehouse.current().await.unwrap();
    let siren = bench.siren().await;
    let lines = bench
        .warehouse
        .statement(revision.id, &siren)
        .await
        .unwrap();
    let mut sums: BTreeMap<String, Centimes> = BTreeMap::new();
    for account in books.of_year(FiscalYear::new(2023)) {
        let of_result = account.account.starts_with(['6', '7']);
        assert_eq!(account.line.is_some(), of_result, "{}", account.account);
        assert_eq!(account.no_line, None);
        assert!(account.title.is_some(), "{}", account.account);
        if let (Some(line), Some(amount)) = (&account.line, added(account)) {
            let sum = sums.entry(line.clone()).or_default();
            *sum = *sum + amount;
        }
    }
    // Each line that is printed with an amount and sums no others is what its accounts come to.
    let mut compared = 0;
    for line in lines
        .iter()
        .filter(|line| line.fiscal_year == FiscalYear::new(2023))
    {
        let is_line = matches!(line.role.name(), "line" | "part");
        if let (true, Some(code), Some(printed)) = (is_line, &line.code, line.amount) {
            let sum = sums.get(&format!("m57-{code}")).copied();
            assert_eq!(sum.unwrap_or_default(), printed, "{code}");
            compared += 1;
        }
    }
    assert!(compared >= 19, "{compared}");
    let tax = books
        .of_year(FiscalYear::new(2023))
        .find(|account| account.account.starts_with("739"));
    assert_eq!(added(tax.unwrap()), Some(amount("-950.00")));
}

#[tokio::test]
async fn the_statement_by_nature_adds_up_to_the_same_result() {
    let bench = Bench::new().await;
    import(&bench, &[CFU]).await;
    let books = books(&bench).await;
    let statement = by_nature(&books, &bench.siren().await, "Commune", &[]);
    let [stretch] = &statement.stretches[..] else {
        panic!("one stretch");
    };
    let of = |code: &str| {
        let address = format!("nature-{code}").parse().unwrap();
        stretch.row(&address).unwrap().figures[0].amount
    };
    assert_eq!(of("64"), Some(amount("251248.96")));
    assert_eq!(of("73"), Some(amount("466125.57")));
    assert_eq!(of("result"), Some(amount("217077.40")));
}

#[tokio::test]
async fn accounts_are_taken_over_from_what_was_imported_before() {
    let bench = Bench::new().await;
    import(&bench, &[CFU]).await;
    let before = books(&bench).await;
    // Another year of the same budget.
    import(&bench, &[TOTEM.as_bytes()]).await;
    let after = books(&bench).await;
    let years = after.years.iter().map(|year| year.fiscal_year.get());
    assert_eq!(years.collect::<Vec<_>>(), [2023, 2016]);
    assert_eq!(
        after.year(FiscalYear::new(2023)),
        before.year(FiscalYear::new(2023))
    );
    assert!(
        after
            .of_year(FiscalYear::new(2023))
            .eq(before.of_year(FiscalYear::new(2023)))
    );
    assert_eq!(values(&after, 2023), values(&before, 2023));
}

/// A compte administratif of the accounts of a year of Montreuil, as the form has them.
fn montreuil(year: &str) -> String {
    let mut lines = String::new();
    for row in MONTREUIL.lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        if cells[0] != year {
            continue;
        }
        let [_, account, debit, credit, order_debit, order_credit] = cells[..] else {
            panic!("{row}");
        };
        let real = |all: &str, order: &str| amount(all) - amount(order);
        for (flow, order, value) in [
            ("D", "0", real(debit, order_debit)),
            ("R", "0", real(credit, order_credit)),
            ("D", "1", amount(order_debit)),
            ("R", "1", amount(order_credit)),
        ] {
            if value != Centimes::ZERO {
                write!(
                    lines,
                    "<LigneBudget><Nature V=\"{account}\"/><ContNat V=\"{account}\"/><CodRD V=\"{flow}\"/>\
                     <OpBudg V=\"{order}\"/><MtReal V=\"{value}\"/></LigneBudget>"
                )
                .unwrap();
            }
        }
    }
    TOTEM_OF_MONTREUIL
        .replace("{year}", year)
        .replace("{lines}", &lines)
}

const TOTEM_OF_MONTREUIL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DocumentBudgetaire xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire">
 <VersionSchema V="80"/>
 <EnTeteDocBudgetaire><LibelleColl V="VILLE"/><IdColl V="21560134500014"/></EnTeteDocBudgetaire>
 <Budget>
  <EnTeteBudget><LibelleEtab V="BUDGET PRINCIPAL"/><IdEtab V="21560134500014"/><CodInseeColl V="56134"/><Nomenclature V="M14-M14_COM_SUP3500"/></EnTeteBudget>
  <BlocBudget><NatDec V="09"/><Exer V="{year}"/><ProjetBudget V="false"/><CodTypBud V="P"/></BlocBudget>
{lines}
 </Budget>
</DocumentBudgetaire>"#;

#[tokio::test]
async fn the_results_of_an_m14_town_are_those_of_its_accounts() {
    let bench = Bench::new().await;
    let files = ["2016", "2017", "2018"].map(montreuil);
    let files: Vec<&[u8]> = files.iter().map(String::as_bytes).collect();
    import(&bench, &files).await;
    let books = books(&bench).await;
    let results: Vec<_> = books
        .years
        .iter()
        .map(|year| (year.fiscal_year.get(), year.result))
        .collect();
    let expected = [
        (2018, "10045832.18"),
        (2017, "9073009.00"),
        (2016, "6791524.34"),
    ];
    assert_eq!(
        results,
        expected.map(|(year, result)| (year, Some(amount(result))))
    );
    for (year, result) in expected {
        let values = values(&books, year);
        assert_eq!(values["result"].as_deref(), Some(result), "{year}");
        assert!(values["gross-cash-flow"].is_some());
        // Such a document has neither balances nor, here, a population.
        assert_eq!(
            (values["debt"].clone(), values["ratio-1"].clone()),
            (None, None)
        );
    }
    let series = books.series(&[]);
    let result = series
        .iter()
        .find(|one| one.indicator.code == "result")
        .unwrap();
    let change = amount("10045832.18") - amount("9073009.00");
    assert_eq!(result.values[0].change, Some(change.get()));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_indicators_are_the_same_on_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", folder.path().join("centime.db").display());
    let mut found = Vec::new();
    for address in [file, fresh_postgres()] {
        let bench = Bench::at(&address).await;
        import(&bench, &[CFU]).await;
        let books = books(&bench).await;
        found.push((
            books.table_of_accounts(),
            books.table_of_indicators(),
            books,
        ));
    }
    assert_eq!(found[0], found[1]);
    assert!(!found[0].0.rows.is_empty() && found[0].1.rows.len() == 42);
}

#[tokio::test]
async fn a_portal_of_lines_has_no_accounts() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample()).await;
    bench.run(&portal).await.unwrap();
    assert!(books(&bench).await.is_empty());
}
