//! The account rules held against the official charts of accounts of 2013 to 2024.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::nomenclature::{Edition, NOMENCLATURES, Nomenclature};
use centime_accounts::{Chart, Role};

/// The accounts of classes 6 and 7 that can be used and have no subdivision, by chart and year.
fn charts() -> BTreeMap<(&'static str, u16), BTreeMap<&'static str, &'static str>> {
    let mut charts: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for chart in Chart::all().filter(|chart| chart.nomenclature().is_some()) {
        let leaves = chart.accounts().filter(|account| {
            account.number.starts_with(['6', '7'])
                && account.usable
                && chart.is_leaf(account.number)
        });
        let titles = leaves.map(|account| (account.number, account.title));
        charts.insert((chart.name(), chart.year().get()), titles.collect());
    }
    charts
}

fn nomenclature_of(chart: &str) -> &'static Nomenclature {
    let code = chart.split('_').next().expect("a name");
    Nomenclature::by_code(code).expect("a nomenclature")
}

fn places(
    nomenclature: &'static Nomenclature,
    edition: &'static Edition,
    account: &str,
) -> Vec<String> {
    let found = nomenclature.lines_of_account(edition, account);
    found.map(|(block, line)| line.place(block)).collect()
}

/// How many accounts a chart has, and which of them are in no line.
type Covered<'a> = (usize, Vec<&'a str>);

#[test]
fn every_account_of_every_edition_is_in_one_line_or_said_to_be_in_none() {
    let mut covered: BTreeMap<(&str, u16), Covered<'_>> = BTreeMap::new();
    let charts = charts();
    for ((chart, year), accounts) in &charts {
        let nomenclature = nomenclature_of(chart);
        let edition = nomenclature.edition_of_chart(chart, *year);
        let edition = edition.unwrap_or_else(|| panic!("no edition has {chart} of {year}"));
        let mut unplaced = Vec::new();
        for (account, title) in accounts {
            let places = places(nomenclature, edition, account);
            if places.is_empty() && edition.unplaced.have(account) {
                unplaced.push(*account);
                continue;
            }
            assert_eq!(
                places.len(),
                1,
                "{chart} {year}: {account} {title}: {places:?}"
            );
        }
        covered.insert((chart, *year), (accounts.len(), unplaced));
    }
    // The table of what is covered, as it was drawn up apart.
    let of = |chart, year| {
        let (accounts, unplaced) = &covered[&(chart, year)];
        (*accounts, unplaced.len())
    };
    assert_eq!(of("M57", 2018), (813, 27));
    assert_eq!(of("M57", 2019), (802, 27));
    for (chart, year, accounts) in [
        ("M57", 2020, 700),
        ("M57", 2021, 700),
        ("M57_A", 2022, 373),
        ("M57_A", 2023, 393),
        ("M57_A", 2024, 425),
        ("M57_D", 2022, 697),
        ("M57_D", 2023, 721),
        ("M57_D", 2024, 755),
        ("M57_P", 2024, 755),
        ("M14_COM_SUP3500", 2017, 472),
        ("M14_COM_INF500", 2017, 293),
    ] {
        assert_eq!(of(chart, year), (accounts, 0), "{chart} {year}");
    }
    assert_eq!(charts.len(), 86, "charts and years");
}

#[test]
fn editions_lack_the_lines_that_none_of_their_accounts_feeds() {
    let mut fed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for ((chart, year), accounts) in charts() {
        let nomenclature = nomenclature_of(chart);
        let edition = nomenclature
            .edition_of_chart(chart, year)
            .expect("an edition");
        let lines = fed.entry(&edition.code).or_default();
        for account in accounts.keys() {
            lines.extend(places(nomenclature, edition, account));
        }
    }
    for nomenclature in NOMENCLATURES.iter() {
        for edition in &nomenclature.editions {
            let fed = fed
                .get(edition.code.as_str())
                .expect("accounts of the edition");
            let lines = nomenclature
                .lines()
                .filter(|(_, line)| matches!(line.role, Role::Line | Role::Part))
                .map(|(block, line)| line.place(block));
            let never_fed: BTreeSet<String> = lines.filter(|line| !fed.contains(line)).collect();
            assert_eq!(edition.without, never_fed, "{}", edition.code);
        }
    }
}

#[test]
fn accounts_go_where_the_trade_puts_them() {
    for (chart, year, account, place) in [
        (
            "M57_D",
            2024,
            "65743",
            "intervention-expense/intervention-private-bodies",
        ),
        ("M57_D", 2024, "6442", "operating-expense/salaries"),
        ("M57_D", 2024, "6449", "operating-expense/salaries"),
        (
            "M57_A",
            2023,
            "6751",
            "operating-expense/disposed-assets-book-value",
        ),
        ("M57_A", 2023, "7391", "operating-revenue/taxes-received"),
        (
            "M57_A",
            2023,
            "65182",
            "intervention-expense/guarantee-charges",
        ),
        (
            "M57",
            2018,
            "65543",
            "intervention-expense/other-intervention-charges",
        ),
        (
            "M57",
            2018,
            "65544",
            "intervention-expense/other-intervention-charges",
        ),
        (
            "M57",
            2019,
            "65573",
            "intervention-expense/other-intervention-charges",
        ),
        (
            "M57",
            2018,
            "6541",
            "operating-expense/other-operating-charges",
        ),
        (
            "M14_COM_SUP3500",
            2014,
            "776",
            "exceptional-revenue/negative-disposal-differences",
        ),
        (
            "M14_COM_SUP3500",
            2016,
            "7761",
            "exceptional-revenue/negative-disposal-differences",
        ),
        (
            "M14_COM_SUP3500",
            2016,
            "7768",
            "exceptional-revenue/depreciation-neutralisation",
        ),
        (
            "M14_COM_INF500",
            2020,
            "681",
            "current-expense/fixed-asset-depreciation",
        ),
        (
            "M14_COM_SUP3500",
            2020,
            "6817",
            "current-expense/provision-allowances",
        ),
    ] {
        let nomenclature = nomenclature_of(chart);
        let edition = nomenclature
            .edition_of_chart(chart, year)
            .expect("an edition");
        assert_eq!(
            places(nomenclature, edition, account),
            [place],
            "{chart} {year} {account}"
        );
    }
}

/// An account that can be used although it is divided, which abridged charts have, is in one line as well.
#[test]
fn accounts_that_are_divided_and_can_be_used_are_in_a_line_or_said_to_be_in_none() {
    let mut without: BTreeMap<&str, BTreeSet<(&str, u16)>> = BTreeMap::new();
    for chart in Chart::all() {
        let Some((nomenclature, edition)) = chart.nomenclature().zip(chart.edition()) else {
            continue;
        };
        let divided = chart.accounts().filter(|account| {
            account.number.starts_with(['6', '7'])
                && account.usable
                && !chart.is_leaf(account.number)
        });
        for account in divided {
            match places(nomenclature, edition, account.number).len() {
                1 => {}
                0 => {
                    assert!(edition.unplaced.have(account.number), "{}", account.number);
                    let found = without.entry(account.number).or_default();
                    found.insert((chart.name(), chart.year().get()));
                }
                more => panic!("{} is in {more} lines", account.number),
            }
        }
    }
    let years = |years: [u16; 2]| years.map(|year| ("M57", year)).into_iter().collect();
    let expected = [
        ("6552", years([2018, 2019])),
        ("6556", years([2016, 2017])),
        ("6574", years([2018, 2019])),
    ];
    assert_eq!(without, expected.into_iter().collect());
}

/// What a subtotal adds up is what its parts do.
#[test]
fn a_subtotal_has_the_accounts_of_its_parts() {
    let nomenclature = Nomenclature::by_code("M57").expect("M57");
    let block = nomenclature.block("operating-expense").expect("the block");
    let personnel = block.line("personnel").expect("the subtotal");
    for ((chart, _), accounts) in charts() {
        for account in accounts.keys().filter(|_| chart.starts_with("M57")) {
            let in_part = block.children("personnel").any(|part| part.holds(account));
            assert_eq!(personnel.holds(account), in_part, "{account}");
        }
    }
}

#[test]
fn a_chart_is_found_again_by_its_name() {
    for chart in Chart::all() {
        let found = Chart::find(chart.name(), chart.year()).map(|found| found.name());
        assert_eq!(found, Ok(chart.name()), "{} {}", chart.name(), chart.year());
    }
}
