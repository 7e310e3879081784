use centime_accounts::label::Match;
use centime_accounts::{Activity, Centimes, FiscalYear, Role, Side, YearStatus};
use centime_warehouse::lines::Line;

use super::*;
use crate::{Column, Kind};

/// Years with their results, and the kinds of breaks that they begin with.
fn years(of: &[(u16, Option<i64>, &[&str])]) -> Vec<YearFigures> {
    let kinds = [
        (columns::FISCAL_YEAR, Kind::Year),
        (columns::NOMENCLATURE, Kind::Text),
        (columns::REVENUE, Kind::Amount),
        (columns::EXPENSE, Kind::Amount),
        (columns::RESULT, Kind::Amount),
        (columns::PUBLISHED_RESULT, Kind::Amount),
        (columns::DIFFERENCE, Kind::Amount),
        (columns::STATUS, Kind::Status),
        (columns::SERIES_BREAK, Kind::List),
        (columns::MISSING_LINES, Kind::List),
    ];
    let rows = of.iter().map(|(year, result, breaks)| {
        let breaks = breaks.iter().map(|kind| (*kind).to_owned()).collect();
        vec![
            Cell::Year(FiscalYear::new(*year)),
            Cell::of("M57"),
            Cell::Null,
            Cell::Null,
            result.map(Centimes::new).into(),
            Cell::Null,
            Cell::Null,
            Cell::Status(if result.is_some() {
                YearStatus::NoPublishedResult
            } else {
                YearStatus::Incomplete
            }),
            Cell::of_list(breaks),
            Cell::Null,
        ]
    });
    YearFigures::of(&Table {
        columns: kinds
            .iter()
            .map(|(name, kind)| Column::new(*name, *kind))
            .collect(),
        rows: rows.collect(),
    })
}

/// The results of a city: two breaks, a year that is not computed, and both signs.
fn city() -> Vec<YearFigures> {
    years(&[
        (2016, Some(5), &[]),
        (2017, Some(4), &[]),
        (2018, None, &["nomenclature"]),
        (2019, Some(3), &["perimeter"]),
        (2020, Some(-2), &[]),
        (2021, Some(1), &[]),
        (2022, Some(1), &[]),
        (2023, Some(9), &[]),
        (2024, Some(-7), &[]),
    ])
}

#[test]
fn a_row_of_surpluses_is_counted_back_to_what_ended_it() {
    let years = city();
    let of = |year| streak(&years, FiscalYear::new(year)).unwrap();
    let third = of(2023);
    assert_eq!((third.length, third.first), (3, FiscalYear::new(2021)));
    assert_eq!(
        (third.barrier, third.looked_at),
        (None, FiscalYear::new(2020))
    );
    let deficit = of(2024);
    assert_eq!(
        (deficit.length, deficit.last_alike),
        (1, Some(FiscalYear::new(2020)))
    );
    assert_eq!(of(2021).last_alike, Some(FiscalYear::new(2019)));
}

#[test]
fn nothing_is_said_across_a_break_or_a_year_that_is_not_computed() {
    let years = city();
    let of = |year| streak(&years, FiscalYear::new(year));
    let first = of(2020).unwrap();
    let begins = Barrier::Break {
        fiscal_year: FiscalYear::new(2019),
        kind: "perimeter",
    };
    assert_eq!(
        (first.last_alike, first.looked_at),
        (None, FiscalYear::new(2019))
    );
    assert_eq!(first.barrier, Some(begins));
    assert_eq!(of(2019).unwrap().barrier, Some(begins));
    assert_eq!(of(2018), None);
    // Before the first statement there is nothing that could stand in between.
    let second = of(2017).unwrap();
    assert_eq!(
        (second.length, second.first, second.barrier),
        (2, FiscalYear::new(2016), None)
    );

    let gap = years_with_gap();
    let after = streak(&gap, FiscalYear::new(2023)).unwrap();
    assert_eq!(after.length, 2);
    assert_eq!(
        after.barrier,
        Some(Barrier::NotComputed {
            fiscal_year: FiscalYear::new(2021)
        })
    );
    let absent = self::years(&[(2020, Some(1), &[]), (2022, Some(1), &[])]);
    assert_eq!(
        streak(&absent, FiscalYear::new(2022)).unwrap().barrier,
        Some(Barrier::NoStatement {
            fiscal_year: FiscalYear::new(2021)
        })
    );
    let balanced = self::years(&[(2020, Some(0), &[])]);
    assert_eq!(streak(&balanced, FiscalYear::new(2020)), None);
}

fn years_with_gap() -> Vec<YearFigures> {
    years(&[
        (2020, Some(1), &[]),
        (2021, None, &[]),
        (2022, Some(1), &[]),
        (2023, Some(1), &[]),
    ])
}

#[test]
fn two_years_are_comparable_where_no_break_and_no_missing_amount_stand_between() {
    let years = city();
    assert_eq!(
        barrier(&years, FiscalYear::new(2019), FiscalYear::new(2023)),
        None
    );
    assert_eq!(
        barrier(&years, FiscalYear::new(2017), FiscalYear::new(2023)),
        Some(Barrier::Break {
            fiscal_year: FiscalYear::new(2019),
            kind: "perimeter",
        })
    );
    assert!(matches!(
        barrier(&years, FiscalYear::new(2018), FiscalYear::new(2018)),
        Some(Barrier::NotComputed { .. })
    ));
    assert_eq!(
        barrier(&years, FiscalYear::new(2024), FiscalYear::new(2025)),
        Some(Barrier::NoStatement {
            fiscal_year: FiscalYear::new(2025)
        })
    );
    // A year between that is not computed takes nothing from the two at the ends.
    assert_eq!(
        barrier(
            &years_with_gap(),
            FiscalYear::new(2020),
            FiscalYear::new(2023)
        ),
        None
    );
}

fn line(year: u16, side: Side, code: &str, amount: i64) -> Line {
    Line {
        siren: String::new(),
        record: 1,
        fiscal_year: FiscalYear::new(year),
        nomenclature: Nomenclature::by_code("M57"),
        side: Some(side),
        activity: Some(Activity::Operating),
        block: Some("block".to_owned()),
        category: "BLOCK".to_owned(),
        code: Some(code.to_owned()),
        label: code.to_owned(),
        published_category: "BLOCK".to_owned(),
        published_label: code.to_owned(),
        matched: Match::Exact,
        role: Role::Line,
        parent: None,
        harmonised: None,
        amount: Some(Centimes::new(amount)),
        counted: true,
        missing: false,
        nil: false,
    }
}

fn part(mut line: Line, of: &str) -> Line {
    line.role = Role::Part;
    line.parent = Some(of.to_owned());
    line
}

fn sum(mut line: Line, role: Role, counted: bool) -> Line {
    line.role = role;
    line.counted = counted;
    line
}

fn said<'a>(moves: &'a [Move<'_>]) -> Vec<(&'a str, i64)> {
    moves
        .iter()
        .map(|moved| (moved.line.label.as_str(), moved.effect.get()))
        .collect()
}

#[test]
fn lines_of_both_sides_are_ranked_by_what_they_did_to_the_result() {
    let lines = [
        line(2022, Side::Revenue, "taxes", 1000),
        line(2023, Side::Revenue, "taxes", 1300),
        line(2022, Side::Expense, "pay", 500),
        line(2023, Side::Expense, "pay", 900),
        line(2022, Side::Expense, "same", 7),
        line(2023, Side::Expense, "same", 7),
        // A year of the same kind that is not asked for.
        line(2021, Side::Expense, "pay", 1),
    ];
    let found = moves(&lines, FiscalYear::new(2022), FiscalYear::new(2023));
    assert_eq!(said(&found), [("pay", -400), ("taxes", 300)]);
    assert_eq!(found[0].rate.map(BasisPoints::get), Some(8_000));
    assert_eq!(found[0].share.map(BasisPoints::get), Some(10_000));
    assert_eq!(found[1].before, Some(Centimes::new(1000)));
}

#[test]
fn a_line_that_one_year_does_not_have_has_an_effect_and_no_rate() {
    let lines = [
        line(2022, Side::Revenue, "gone", 40),
        line(2023, Side::Revenue, "new", 90),
        line(2023, Side::Revenue, "other", 1),
        line(2022, Side::Revenue, "other", 2),
    ];
    let found = moves(&lines, FiscalYear::new(2022), FiscalYear::new(2023));
    assert_eq!(said(&found), [("new", 90), ("gone", -40), ("other", -1)]);
    assert_eq!((found[0].before, found[0].rate), (None, None));
    assert_eq!(found[1].after, None);
    // It went against the change of its side.
    assert_eq!(found[1].share, None);
}

#[test]
fn parts_are_compared_as_their_sum_where_one_year_has_the_sum_alone() {
    let lines = [
        part(line(2022, Side::Expense, "wages", 60), "personnel"),
        part(line(2022, Side::Expense, "charges", 40), "personnel"),
        sum(
            line(2022, Side::Expense, "personnel", 100),
            Role::Subtotal,
            false,
        ),
        sum(
            line(2023, Side::Expense, "personnel", 130),
            Role::Subtotal,
            true,
        ),
        line(2022, Side::Expense, "rest", 5),
        line(2023, Side::Expense, "rest", 4),
    ];
    let found = moves(&lines, FiscalYear::new(2022), FiscalYear::new(2023));
    assert_eq!(said(&found), [("personnel", -30), ("rest", 1)]);
    assert_eq!(found[0].before, Some(Centimes::new(100)));

    // A total that stands in takes the whole block.
    let mut lines = lines.to_vec();
    lines.push(sum(
        line(2023, Side::Expense, "total", 1),
        Role::Total,
        true,
    ));
    assert_eq!(
        said(&moves(&lines, FiscalYear::new(2022), FiscalYear::new(2023))),
        [("total", -30)]
    );
}

#[test]
fn a_nil_line_is_nothing_and_there() {
    let mut nil = line(2022, Side::Expense, "pay", 0);
    (nil.amount, nil.counted, nil.nil) = (None, false, true);
    let lines = [nil, line(2023, Side::Expense, "pay", 10)];
    let found = moves(&lines, FiscalYear::new(2022), FiscalYear::new(2023));
    assert_eq!(found[0].before, Some(Centimes::ZERO));
    assert_eq!(found[0].rate, None);
}
