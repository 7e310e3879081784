//! Charts of amounts below zero, of nothing but zeros, and of more than has room.

use std::collections::BTreeMap;

use centime_analytics::{Cell, Table};

use super::*;
use crate::charts::{Measure, categories, flow};
use crate::draw::card::{self, Words};
use crate::draw::picture;
use crate::draw::spec::{Chart, Plot, Stream};

/// The streams of a flow as they are written: those that come in, and those that go out.
fn streams(chart: &Chart) -> [Vec<String>; 2] {
    let Some(Plot::Flow(flow)) = &chart.plot else {
        panic!("{:?}", chart.notes);
    };
    let sum = |streams: &[Stream]| streams.iter().map(|s| s.figure.value).sum::<i64>();
    assert_eq!(sum(&flow.sources), sum(&flow.destinations));
    [&flow.sources, &flow.destinations].map(|streams| {
        let written = |s: &Stream| format!("{} {}", s.name.text, s.figure.whole);
        streams.iter().map(written).collect()
    })
}

/// Why there is no drawing.
fn why(chart: &Chart) -> String {
    assert!(chart.plot.is_none());
    chart.notes.join(" ")
}

#[test]
fn a_line_below_zero_is_drawn_on_the_other_side_and_the_totals_are_those_of_all_lines() {
    let (selection, revenue) = (
        selection(),
        BTreeMap::from([(FiscalYear::new(2024), Centimes::new(70_000_000))]),
    );
    let lines = lines_of_amounts(&[
        (Side::Revenue, "Taxes", 100_000_000),
        (Side::Revenue, "Dégrèvements", -30_000_000),
        (Side::Expense, "Paie", 40_000_000),
        (Side::Expense, "Avoirs", -10_100_000),
        (Side::Expense, "Rien", 0),
    ]);
    let of = |measure| {
        let view = view(&selection, &revenue, &[], measure);
        flow(&lines, &of_lines(view, &lines))
    };
    let chart = of(Measure::Auto);
    let [sources, destinations] = streams(&chart);
    assert_eq!(
        sources,
        [
            "Taxes 1,0\u{a0}M€",
            "Charge négative\u{a0}: Avoirs −101,0\u{a0}k€"
        ]
    );
    assert_eq!(
        destinations,
        [
            "Paie 400,0\u{a0}k€",
            "Produit négatif\u{a0}: Dégrèvements −300,0\u{a0}k€",
            "Excédent 401,0\u{a0}k€",
        ]
    );
    for total in [
        "Produits\u{a0}: 700,0\u{a0}k€",
        "Charges\u{a0}: 299,0\u{a0}k€",
        "Résultat\u{a0}: 401,0\u{a0}k€.",
    ] {
        assert!(chart.alt_text.contains(total), "{}", chart.alt_text);
    }
    let svg = drawn(&chart);
    assert!(
        svg.contains("Produits 700,0\u{a0}k€ · Charges 299,0\u{a0}k€"),
        "{svg}"
    );
    // A file is seen without the page around it, and so is a picture beside a link.
    let words = Words {
        body: "Ville d’Essai",
        headline: None,
        sample: None,
    };
    for alone in [picture::svg(&chart, "source"), card::svg(&chart, &words)] {
        for text in [
            "2 lignes négatives viennent en moins de leur côté",
            "−101,0\u{a0}k€",
            "Excédent",
            "401,0\u{a0}k€",
        ] {
            assert!(alone.contains(text), "{text}: {alone}");
        }
    }
    let [sources, destinations] = streams(&of(Measure::Percent));
    assert_eq!(sources[0], "Taxes 143\u{a0}%");
    assert_eq!(destinations[2], "Excédent 57\u{a0}%");
}

#[test]
fn a_year_that_cannot_be_drawn_says_why() {
    let (selection, nothing) = (selection(), BTreeMap::new());
    let zeros = lines_of_amounts(&[(Side::Revenue, "Taxes", 0), (Side::Expense, "Paie", 0)]);
    let below = lines_of_amounts(&[
        (Side::Revenue, "Taxes", -500),
        (Side::Expense, "Paie", -300),
    ]);
    let chart = |lines: &Table, measure| {
        let view = view(&selection, &nothing, &[], measure);
        flow(lines, &of_lines(view, lines))
    };
    let said = why(&chart(&zeros, Measure::Auto));
    assert!(
        said.contains("égaux à zéro") && !said.contains("manque"),
        "{said}"
    );
    let said = why(&chart(&below, Measure::Percent));
    assert!(
        said.contains("au-dessus de zéro") && !said.contains("manque"),
        "{said}"
    );
    let said = why(&chart(&lines_of_amounts(&[]), Measure::Auto));
    assert!(said.contains("manque"), "{said}");
    let [sources, destinations] = streams(&chart(&below, Measure::Auto));
    assert_eq!(
        sources,
        [
            "Charge négative\u{a0}: Paie −3,00\u{a0}€",
            "Déficit 2,00\u{a0}€"
        ]
    );
    assert_eq!(destinations, ["Produit négatif\u{a0}: Taxes −5,00\u{a0}€"]);
}

#[test]
fn categories_below_zero_have_a_unit_and_no_shares() {
    let (selection, nothing) = (selection(), BTreeMap::new());
    let row = vec![
        Cell::Year(FiscalYear::new(2024)),
        text("A"),
        of_kind(Kind::Amount, -525_000_035),
    ];
    let rows = table(&CATEGORY_COLUMNS, vec![row]);
    let of = |measure| categories(&rows, &view(&selection, &nothing, &[], measure));
    let alt_text = of(Measure::Auto).alt_text;
    assert!(alt_text.contains("−5,3\u{a0}M€"), "{alt_text}");
    for measure in [Measure::Share, Measure::Percent] {
        let said = why(&of(measure));
        assert!(said.contains("au-dessus de zéro"), "{said}");
    }
}

#[test]
fn many_lines_are_streams_of_their_own_or_one_with_others() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let names: Vec<String> = (0..40).map(|number| format!("Ligne {number}")).collect();
    let lines: Vec<(Side, &str, i64)> = (1..)
        .zip(&names)
        .map(|(number, name)| {
            let side = if number % 2 == 1 {
                Side::Revenue
            } else {
                Side::Expense
            };
            let sign = if number % 4 == 1 { -1 } else { 1 };
            (side, name.as_str(), sign * 100 * number)
        })
        .collect();
    let lines = lines_of_amounts(&lines);
    let view = of_lines(view(&selection, &revenue, &[], Measure::Auto), &lines);
    let [sources, destinations] = streams(&flow(&lines, &view));
    // Revenue is 3, 7 … 39 less 1, 5 … 37, twenty; expense is 2, 4 … 40, four hundred and twenty.
    assert_eq!(sources.last().unwrap(), "Déficit 400\u{a0}€");
    for others in [
        "9 autres 90\u{a0}€",
        "7 autres montants négatifs −91\u{a0}€",
    ] {
        assert!(
            destinations.iter().any(|stream| stream == others),
            "{destinations:?}"
        );
    }
}
