//! Real documents, where they are at hand.

use std::fs::File;
use std::path::Path;

use centime_accounts::{Budget, Centimes};
use centime_documents::{Document, Limits, read};
use centime_test_input::skipped;

/// The documents of a file; `None` where the files are not at hand.
fn real(name: &str) -> Option<Vec<Document>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/documents");
    let path = folder.join(name);
    if !path.exists() {
        skipped(name, "the real documents are not beside the repository");
        return None;
    }
    let read = read(File::open(path).unwrap(), name, &Limits::default());
    Some(read.unwrap_or_else(|error| panic!("{error}")))
}

fn euros(text: &str) -> Centimes {
    Centimes::parse(text).unwrap().amount
}

#[test]
fn the_cfu_of_a_commune() {
    let Some(found) = real("cfu-2023-m57a.xml") else {
        return;
    };
    let [cfu] = &found[..] else { panic!() };
    assert_eq!(cfu.budget.siret, "21560134500014");
    assert_eq!(cfu.budget.kind, Some(Budget::Main));
    assert_eq!(cfu.budget.insee.as_deref(), Some("56134"));
    assert_eq!((cfu.year.get(), cfu.population), (2023, Some(990)));
    assert_eq!(cfu.chart.as_ref().unwrap().name, "M57_A");
    assert_eq!(cfu.statement.len(), 56);
    let result = cfu.statement.last().unwrap();
    assert_eq!(result.label, "RESULTAT DE L'EXERCICE (VIII = IV + VII )");
    assert_eq!(result.amount, Some(euros("217077.40")));
    assert_eq!(result.previous, Some(euros("159009.49")));
    let personnel = cfu
        .statement
        .iter()
        .find(|line| line.code.as_deref() == Some("R210-R215"));
    assert_eq!(personnel.unwrap().amount, Some(euros("251248.96")));
    let assets = cfu.balance.iter().filter(|line| line.is_asset).count();
    assert_eq!((assets, cfu.balance.len() - assets), (36, 40));
    for last in [35, 75] {
        let total = &cfu.balance[last];
        assert_eq!(total.net, Some(euros("14423814.22")), "{}", total.label);
        assert_eq!(total.previous, Some(euros("14262224.79")));
    }
    let results: Vec<Centimes> = cfu.witnesses().iter().map(|found| found.result).collect();
    assert_eq!(results, [euros("217077.40"); 4]);
    assert_eq!(cfu.executed.result(), Some(euros("217077.40")));
    assert_eq!(cfu.budget_part.result(), Some(euros("217077.40")));
}

#[test]
fn the_figures_of_that_cfu() {
    let found = read(
        &include_bytes!("data/cfu-2023.xml")[..],
        "made",
        &Limits::default(),
    );
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let result = Some(euros("217077.40"));
    assert_eq!(found[0].statement.len(), 56);
    assert_eq!(found[0].statement[55].amount, result);
    assert_eq!(found[0].balance.len(), 76);
    assert_eq!(found[0].executed.result(), result);
    assert_eq!(found[0].budget.insee.as_deref(), Some("56134"));
}

#[test]
fn the_compte_administratif_of_a_town() {
    for (year, result) in [
        (2016, "6791524.34"),
        (2017, "9073009.00"),
        (2018, "10045832.18"),
    ] {
        let Some(found) = real(&format!("totem-m14-{year}.xml")) else {
            return;
        };
        let [account] = &found[..] else { panic!() };
        assert_eq!(account.year.get(), year);
        assert_eq!(account.chart.as_ref().unwrap().name, "M14_COM_SUP3500");
        assert_eq!(account.executed.result(), Some(euros(result)));
        assert!(account.statement.is_empty());
    }
}

#[test]
fn the_same_commune_as_a_table() {
    let Some(found) = real("scdl-2023-m57a.csv") else {
        return;
    };
    let [table] = &found[..] else { panic!() };
    assert_eq!(
        (table.year.get(), table.budget.siret.as_str()),
        (2023, "21560134500014")
    );
    assert_eq!(table.executed.result(), Some(euros("217077.40")));
}
