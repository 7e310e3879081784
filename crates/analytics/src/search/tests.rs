use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::Catalogue;
use crate::search::words::NEARLY;

/// Within how many of a nomenclature's lines those that are meant have to be.
const AMONG: usize = 6;

fn found(text: &str, nomenclature: &str) -> Vec<String> {
    let found = Question::of(text).lines();
    let of_one = found
        .lines
        .iter()
        .filter(|found| found.nomenclature.code == nomenclature);
    of_one.map(|found| found.line.place(found.block)).collect()
}

#[test]
fn everyday_words_find_their_lines_in_both_nomenclatures() {
    let expected: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(include_str!("expected.toml")).unwrap();
    let mut wrong = Vec::new();
    for (nomenclature, words) in &expected {
        assert!(words.len() >= 60, "{nomenclature}: {}", words.len());
        for (text, places) in words {
            let found = found(text, &nomenclature.to_uppercase());
            let first = &found[..found.len().min(AMONG)];
            for place in places {
                if !first.contains(place) {
                    wrong.push(format!("{nomenclature} {text}: no {place} in {first:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let words = |nomenclature: &str| expected[nomenclature].keys().collect::<BTreeSet<_>>();
    let both = words("m14").intersection(&words("m57")).count();
    assert!(both >= 60, "{both}");
}

#[test]
fn every_meaning_names_lines_and_analyses_that_there_are() {
    for meaning in MEANINGS.iter() {
        for (nomenclature, places) in [("M14", &meaning.m14), ("M57", &meaning.m57)] {
            let known = Nomenclature::by_code(nomenclature).unwrap();
            let known: BTreeSet<String> = known
                .lines()
                .map(|(block, line)| line.place(block))
                .collect();
            for place in places {
                assert!(known.contains(place), "{nomenclature} {place}");
            }
        }
        for name in &meaning.analyses {
            assert!(crate::by_name(name).is_some(), "{name}");
        }
        assert!(
            meaning.note(Language::French).is_some() == meaning.note(Language::English).is_some()
        );
    }
}

#[test]
fn the_line_that_is_meant_comes_first() {
    for (text, nomenclature, place) in [
        ("salaires", "M57", "operating-expense/salaries"),
        ("salaires", "M14", "current-expense/salaries"),
        ("dette", "M57", "financial-expense/interest"),
        ("charges d'intérêts", "M57", "financial-expense/interest"),
        ("élus", "M57", "operating-expense/elected-officials"),
        (
            "subventions aux associations",
            "M57",
            "intervention-expense/intervention-private-bodies",
        ),
        ("CHARGES DE PERSONNEL", "M57", "operating-expense/personnel"),
        ("Dons et legs", "M57", "operating-revenue/gifts"),
    ] {
        assert_eq!(found(text, nomenclature)[0], place, "{text}");
    }
}

#[test]
fn what_a_word_means_by_nature_follows_from_its_accounts() {
    for (text, place) in [
        ("salaires", "operating-expense/64"),
        ("impôts", "operating-revenue/73"),
        ("emprunt", "financial-expense/66"),
        ("cantine", "operating-revenue/70"),
        ("64", "operating-expense/64"),
    ] {
        let found = found(text, NATURE);
        assert!(
            found.iter().any(|found| found == place),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_question_is_taken_apart() {
    let question = Question::of("Les salaires de 2019 et 641");
    assert_eq!(question.years, [FiscalYear::new(2019)]);
    assert_eq!(question.accounts, ["641"]);
    assert_eq!(question.words, ["salaires"]);
    for written in ["217 500 016", "217500016", " 217500016 "] {
        let question = Question::of(written);
        assert_eq!(question.identifier.as_deref(), Some("217500016"));
        assert!(question.lines().lines.is_empty());
    }
    assert!(Question::of(" , de la ").is_empty());
    assert!(Question::of("").is_empty());
}

#[test]
fn what_nothing_fits_finds_nothing_and_some_words_find_what_fits_some() {
    assert!(Question::of("zzzzzz").lines().lines.is_empty());
    assert!(Question::of("2023").lines().lines.is_empty());
    let some = Question::of("salaires qwertyuiop").lines();
    assert!(some.partly && !some.lines.is_empty());
    assert!(!Question::of("salaires").lines().partly);
    // An account that is none of the two classes.
    assert!(Question::of("1641").lines().lines.is_empty());
}

#[test]
fn a_slip_of_the_hand_is_taken_for_the_word() {
    assert_eq!(closeness("amortisement", "amortissements"), NEARLY);
    assert_eq!(closeness("personel", "personnel"), NEARLY);
    assert_eq!(closeness("amort", "amortissements"), BEGINS);
    assert_eq!(closeness("taxes", "taxe"), SAME);
    for (one, other) in [
        ("don", "dont"),
        ("prix", "prise"),
        ("6411", "6412"),
        ("sur", "sus"),
    ] {
        assert!(closeness(one, other) < SAME, "{one} {other}");
    }
    assert_eq!(closeness("64111", "64112"), 0);
    assert_eq!(closeness("dette", "nettes"), 0);
}

#[test]
fn analyses_are_found_by_title_and_by_what_is_meant() {
    let catalogue = Catalogue::built_in();
    let names = |text: &str, language| {
        let found = Question::of(text).analyses(&catalogue, language);
        found
            .iter()
            .map(|analysis| analysis.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("rapprochement", Language::French)[0],
        "reconciliation"
    );
    assert_eq!(names("déficit", Language::French)[0], "yearly-result");
    assert_eq!(names("surplus", Language::English)[0], "yearly-result");
    assert!(names("", Language::French).is_empty());
    assert!(names("zzzz", Language::English).is_empty());
}

#[test]
fn what_was_looked_for_is_marked_and_nothing_is_lost() {
    let question = Question::of("interet <b>");
    let text = "Charges d’intérêts <b>";
    let pieces = question.marked(text);
    let whole: String = pieces.iter().map(|(_, piece)| *piece).collect();
    assert_eq!(whole, text);
    let marked: Vec<&str> = pieces
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, piece)| *piece)
        .collect();
    assert_eq!(marked, ["intérêts", "b"]);
    assert_eq!(Question::of("x").marked(""), []);
}
