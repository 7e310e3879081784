//! What the money of each year is for, and what changed between two years.

use std::collections::{BTreeMap, HashMap, HashSet};

use centime_accounts::{Centimes, FiscalYear, YearStatus};
use centime_warehouse::lines::Line;

use super::{AMOUNT, CATEGORY, CHANGE, FISCAL_YEAR, Sum, Undetailed};
use crate::{Cell, Column, Kind, Selection, Table, columns};

/// The sums of each year and category, and the categories in the order of the lines.
struct Sums<'a> {
    by_year: BTreeMap<FiscalYear, HashMap<&'a str, Sum>>,
    order: Vec<&'a str>,
    undetailed: Undetailed<'a>,
}

impl<'a> Sums<'a> {
    fn of(lines: &'a [Line], selection: &Selection, wanted: impl Fn(FiscalYear) -> bool) -> Self {
        let mut by_year: BTreeMap<FiscalYear, HashMap<&str, Sum>> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        let mut known: HashSet<&str> = HashSet::new();
        let undetailed = Undetailed::of(lines, selection);
        let side = selection.shown_side();
        let of_side = |line: &&Line| line.side == Some(side);
        for line in lines.iter().filter(of_side) {
            if !wanted(line.fiscal_year) || !selection.has(line) {
                continue;
            }
            let name = selection.name_of(line);
            if known.insert(name) {
                order.push(name);
            }
            let of_year = by_year.entry(line.fiscal_year).or_default();
            let sum = of_year.entry(name).or_default();
            sum.add(line, selection.basis);
            sum.hidden += usize::from(undetailed.hides(line));
        }
        Self {
            by_year,
            order,
            undetailed,
        }
    }
}

/// The amount of each category in each year and its share of the year, the largest of the year
/// first. Within a chosen category, its lines. A year with a missing amount has no shares, nor has one in which
/// a total stands in for lines of several categories.
pub fn categories(lines: &[Line], selection: &Selection) -> Table {
    let sums = Sums::of(lines, selection, |year| selection.years.contains(&year));
    let mut rows = Vec::new();
    for (year, of_year) in &sums.by_year {
        let missing: usize = of_year.values().map(|sum| sum.missing).sum();
        let detailed = !sums.undetailed.is_in(*year);
        let total = of_year.values().fold(Centimes::ZERO, |total, sum| {
            total.saturating_add(sum.amount)
        });
        let mut parts: Vec<(&str, Sum)> = sums
            .order
            .iter()
            .filter_map(|name| Some((*name, *of_year.get(name)?)))
            .filter(|(_, sum)| sum.is_there())
            .collect();
        parts.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.known()));
        rows.extend(parts.into_iter().map(|(name, sum)| {
            let part = sum.known().filter(|_| missing == 0 && detailed);
            vec![
                Cell::Year(*year),
                Cell::of(name),
                sum.known().into(),
                part.and_then(|part| part.share_of(total)).into(),
                Cell::Status(match sum.missing {
                    0 if detailed => YearStatus::Complete,
                    0 => YearStatus::NotDetailed,
                    _ => YearStatus::Incomplete,
                }),
            ]
        }));
    }
    Table {
        columns: vec![
            FISCAL_YEAR,
            CATEGORY,
            AMOUNT,
            Column::new(columns::SHARE, Kind::Rate),
            Column::new(columns::STATUS, Kind::Status),
        ],
        rows,
    }
}

/// What each category was in the year compared with and is in the year in focus, each row with both years, by the size
/// of the change. A category that one of the years does not have, or whose amount is missing in one, has
/// no change.
pub fn changes(lines: &[Line], selection: &Selection) -> Table {
    let years @ (before, after) = (selection.against, selection.focus);
    let sums = Sums::of(lines, selection, |year| year == before || year == after);
    let of = |year: FiscalYear, name: &str| {
        let of_year = sums.by_year.get(&year);
        of_year.and_then(|of_year| of_year.get(name)?.known())
    };
    let mut parts: Vec<_> = sums
        .order
        .iter()
        .map(|name| {
            let (before, after) = (of(before, name), of(after, name));
            let change = after.zip(before).map(|(a, b)| a.saturating_sub(b));
            (*name, before, after, change)
        })
        .filter(|(_, before, after, _)| before.is_some() || after.is_some())
        .collect();
    parts.sort_by_key(|(.., change)| {
        std::cmp::Reverse(change.map(|change| change.get().unsigned_abs()))
    });
    Table {
        columns: [&[CATEGORY][..], &CHANGE].concat(),
        rows: parts
            .into_iter()
            .map(|(name, before, after, change)| {
                let rate = change
                    .zip(before)
                    .and_then(|(change, before)| change.share_of(before));
                vec![
                    Cell::of(name),
                    Cell::Year(years.0),
                    Cell::Year(years.1),
                    before.into(),
                    after.into(),
                    change.into(),
                    rate.into(),
                ]
            })
            .collect(),
    }
}
