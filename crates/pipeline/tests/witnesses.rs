//! What else says what the result of a year is: each source by itself, with its difference.

use centime_accounts::Centimes;
use centime_analytics::{Cell, columns};
use centime_documents::Limits;
use centime_pipeline::{AcceptedChanges, Documents, Error, Source, Summary};
use centime_portal_sim::Simulator;
use centime_warehouse::{Basis, Outcome};

use crate::common::{Bench, serve};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const TOTEM: &str = include_str!("../../documents/tests/data/totem.xml");
const RESULT: &str = "217077.40";
const BEFORE: &str = "159009.49";

/// A document in ISO-8859-1 with texts in the place of others.
fn changed(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut text: String = CFU.iter().map(|byte| char::from(*byte)).collect();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}

/// The account of the year after, whose column of the year before is the account of 2023 with some changes.
fn next_year(changes: &[(&str, &str)]) -> Vec<u8> {
    let text: String = CFU.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = Vec::new();
    for line in text.lines() {
        let amount = |name: &str| {
            let (_, rest) = line.split_once(&format!("<{name} V=\""))?;
            rest.split_once('"').map(|(amount, _)| amount)
        };
        // What was the year is the year before.
        let moved = match (amount("MtNet"), amount("MtNet-1")) {
            (Some(net), Some(before)) => line.replace(
                &format!("<MtNet-1 V=\"{before}\""),
                &format!("<MtNet-1 V=\"{net}\""),
            ),
            (Some(net), None) => line.replace(
                &format!("<MtNet V=\"{net}\"/>"),
                &format!("<MtNet V=\"{net}\"/><MtNet-1 V=\"{net}\"/>"),
            ),
            (None, Some(before)) => line.replace(&format!("<MtNet-1 V=\"{before}\"/>"), ""),
            (None, None) => line.to_owned(),
        };
        lines.push(moved);
    }
    let mut text = lines.join("\n").replace("V=\"2023\"", "V=\"2024\"");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}

async fn import(bench: &Bench, files: &[&[u8]]) -> Result<Summary, Error> {
    let mut documents = Documents::new(None);
    for (number, bytes) in files.iter().enumerate() {
        let name = format!("file-{number}.xml");
        for document in centime_documents::read(*bytes, &name, &Limits::default())? {
            documents.add(&document)?;
        }
    }
    let source = Source::of_documents(documents);
    bench.run_source(&source, AcceptedChanges::NONE).await
}

/// What each witness of a year says, its difference, its status, and whether it is counted.
async fn witnesses(bench: &Bench, year: i64) -> Vec<(String, String, String, String, bool)> {
    let table = bench.table("witness", Basis::Leaf).await;
    let year_of = |row: &Vec<Cell>| {
        let found = table.cell(row, columns::FISCAL_YEAR).year();
        found.map(|year| i64::from(year.get()))
    };
    let of_year = |row: &&Vec<Cell>| year_of(row) == Some(year);
    let rows = table.rows.iter().filter(of_year).map(|row| {
        let text = |column| {
            table
                .cell(row, column)
                .text()
                .unwrap_or_default()
                .to_owned()
        };
        let amount = |column| {
            let amount = table.cell(row, column).amount();
            amount.map_or_else(|| "-".to_owned(), |amount: Centimes| amount.to_string())
        };
        (
            text(columns::WITNESS),
            amount(columns::SAYS),
            amount(columns::DIFFERENCE),
            text(columns::STATUS),
            text(columns::INDEPENDENCE) == "independent",
        )
    });
    rows.collect()
}

/// Of each year: how many witnesses are equal to its result, and how many there are.
async fn counts(bench: &Bench, basis: Basis) -> Vec<(i64, Option<i64>, i64)> {
    let table = bench.table("reconciliation", basis).await;
    let rows = table.rows.iter().map(|row| {
        (
            i64::from(table.cell(row, columns::FISCAL_YEAR).year().unwrap().get()),
            table.cell(row, columns::WITNESSES_EQUAL).count(),
            table.cell(row, columns::WITNESSES).count().unwrap(),
        )
    });
    rows.collect()
}

fn equal(name: &str, says: &str) -> (String, String, String, String, bool) {
    let texts = [name, says, "0.00", "reconciled"].map(str::to_owned);
    let [name, says, difference, status] = texts;
    (name, says, difference, status, true)
}

#[tokio::test]
async fn a_cfu_has_a_witness_in_each_of_its_parts() {
    let bench = Bench::new().await;
    import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let totals = |amount: &str| {
        (
            "sheet_totals".to_owned(),
            amount.to_owned(),
            "0.00".to_owned(),
            "reconciled".to_owned(),
            false,
        )
    };
    assert_eq!(
        witnesses(&bench, 2023).await,
        [
            equal("accounts", RESULT),
            equal("balance_sheet", RESULT),
            equal("printed_result", RESULT),
            totals("14423814.22"),
        ]
    );
    // What is carried to 2023 proves the result of 2022, of which the document prints a column.
    assert_eq!(
        witnesses(&bench, 2022).await,
        [
            equal("balance_sheet", BEFORE),
            equal("carry_over", BEFORE),
            equal("printed_result", BEFORE),
            totals("14262224.79"),
        ]
    );
    assert_eq!(
        counts(&bench, Basis::Leaf).await,
        [(2022, Some(3), 3), (2023, Some(3), 3)]
    );
    // A plain script is held against the same; that what is carried over differs from it proves nothing.
    assert_eq!(
        counts(&bench, Basis::Naive).await,
        [(2022, Some(0), 2), (2023, Some(0), 3)]
    );
}

#[tokio::test]
async fn a_witness_that_differs_is_shown_with_the_others() {
    let bench = Bench::new().await;
    let balance = "<Intitule1 V=\"R\u{c9}SULTAT DE L'EXERCICE\"/><MtNet V=\"217077.40\"";
    let file = changed(&[(balance, &balance.replace("217077.40", "217077.41"))]);
    import(&bench, &[&file])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let found = witnesses(&bench, 2023).await;
    let of = |name: &str| found.iter().find(|found| found.0 == name).unwrap().clone();
    let (_, says, difference, status, _) = of("balance_sheet");
    assert_eq!(
        (&*says, &*difference, &*status),
        ("217077.41", "-0.01", "different")
    );
    // The sides of the sheet differ by as much, and nothing is put right.
    let (_, _, difference, status, counted) = of("sheet_totals");
    assert_eq!(
        (&*difference, &*status, counted),
        ("-0.01", "different", false)
    );
    assert_eq!(counts(&bench, Basis::Leaf).await[1], (2023, Some(2), 3));
}

#[tokio::test]
async fn accounts_are_no_witness_of_the_statement_that_is_made_of_them() {
    let bench = Bench::new().await;
    import(&bench, &[TOTEM.as_bytes()])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(witnesses(&bench, 2016).await.is_empty());
    assert_eq!(counts(&bench, Basis::Leaf).await, [(2016, Some(0), 0)]);
    // The account of a service whose form is not at hand is made of its accounts, and what it prints is a witness.
    let bench = Bench::new().await;
    let water = changed(&[("V=\"M57_A\"", "V=\"M49\"")]);
    match import(&bench, &[&water]).await {
        Ok(_) => {
            let found = witnesses(&bench, 2023).await;
            let names: Vec<&str> = found.iter().map(|found| found.0.as_str()).collect();
            assert_eq!(names, ["balance_sheet", "printed_result", "sheet_totals"]);
            assert_eq!(counts(&bench, Basis::Leaf).await[0], (2023, Some(2), 2));
        }
        Err(error) => panic!("{error}"),
    }
}

/// The compte administratif of a year, with these budget lines besides.
fn administrative_account(year: &str, lines: &[(&str, &str)]) -> Vec<u8> {
    let more: String = lines
        .iter()
        .map(|(account, amount)| {
            format!(
                "<LigneBudget><Nature V=\"{account}\"/><CodRD V=\"R\"/><MtReal V=\"{amount}\"/>\
                 <OpBudg V=\"0\"/></LigneBudget>"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let text = TOTEM.replace("<Exer V=\"2016\"/>", &format!("<Exer V=\"{year}\"/>"));
    text.replace(" </Budget>", &format!("{more} </Budget>"))
        .into_bytes()
}

#[tokio::test]
async fn what_a_year_carries_to_the_next_proves_the_result_of_a_compte_administratif() {
    let bench = Bench::new().await;
    // 881.00 and what was brought forward, in part put into reserves.
    let files = [
        administrative_account("2016", &[("002", "100.00")]),
        administrative_account("2017", &[("002", "900.00"), ("1068", "81.00")]),
        administrative_account("2018", &[("002", "1700.00")]),
    ];
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    import(&bench, &files)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        witnesses(&bench, 2016).await,
        [equal("carry_over", "881.00")]
    );
    let carried = witnesses(&bench, 2017).await;
    let [(name, says, difference, status, _)] = &carried[..] else {
        panic!("{carried:?}")
    };
    assert_eq!(
        [name.as_str(), says, difference, status],
        ["carry_over", "800.00", "81.00", "not conclusive"]
    );
    assert_eq!(witnesses(&bench, 2018).await, []);
}

#[tokio::test]
async fn a_year_that_the_next_document_restates_is_shown_to_be() {
    let again = next_year(&[]);
    let restated = next_year(&[(
        "<MtNet V=\"51590.88\"/><MtNet-1 V=\"51590.88\"",
        "<MtNet V=\"51590.88\"/><MtNet-1 V=\"51600.88\"",
    )]);
    // In whichever order they come, and in one import or in two.
    for files in [
        vec![vec![CFU, &again]],
        vec![vec![&again], vec![CFU]],
        vec![vec![CFU], vec![&again]],
    ] {
        let bench = Bench::new().await;
        let mut last = None;
        for files in &files {
            last = Some(
                import(&bench, files)
                    .await
                    .unwrap_or_else(|error| panic!("{error}")),
            );
        }
        let checks = last.unwrap().checks;
        let check = checks
            .iter()
            .find(|check| check.name == "years-restated")
            .unwrap();
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
        assert!(check.found > 100, "{check:?}");
        let found = witnesses(&bench, 2023).await;
        assert!(found.contains(&equal("next_document", RESULT)), "{found:?}");
        // What was kept of it is kept, and the same files publish nothing new.
        for files in &files {
            assert!(!import(&bench, files).await.unwrap().published);
        }
    }
    let bench = Bench::new().await;
    import(&bench, &[&restated])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let summary = import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let check = summary
        .checks
        .iter()
        .find(|check| check.name == "years-restated")
        .unwrap();
    assert_eq!(
        (check.outcome, check.found),
        (Outcome::Warn, 1),
        "{check:?}"
    );
    assert_eq!(
        check.subjects,
        ["2023 › Ventes de biens ou prestations de services: 51590.88 € → 51600.88 €"]
    );
}

#[tokio::test]
async fn a_city_has_its_balance_sheet_and_what_it_carries_over() {
    let bench = Bench::new().await;
    let sample = serve(Simulator::sample()).await;
    bench.run(&sample).await.unwrap();
    for (year, equal, many) in counts(&bench, Basis::Leaf).await {
        // 2018 is not computed: nothing is held against anything.
        let expected = (year != 2018).then_some(1);
        assert_eq!((equal, many), (expected, 1), "{year}");
    }
    // What is carried over differs, as reserves moved for other reasons: it is shown and not counted.
    let found = witnesses(&bench, 2022).await;
    let carried = found.iter().find(|found| found.0 == "carry_over").unwrap();
    assert_eq!(
        (&*carried.2, &*carried.3),
        ("-329189378.17", "not conclusive")
    );
    let last = witnesses(&bench, 2024).await;
    let names: Vec<&str> = last.iter().map(|found| found.0.as_str()).collect();
    assert_eq!(names, ["balance_sheet", "sheet_totals"]);
}
