//! The balance sheet: its rows, the years whose columns were published shifted, and the result.
//!
//! Some years of a balance sheet are copied from one statement that prints two exercises side by
//! side (gross, depreciation and net of the year; net of the year before). When such a statement is
//! published as two years, the rows labelled with the earlier year carry the later year's gross and
//! depreciation beside their own net, and the rows labelled with the later year carry its
//! depreciation in the gross column. This is not assumed for any year: it is proven from the rows
//! themselves by `shift` before any column is moved.
//!
//! A row labelled as a total may repeat those before it, or be a line of its own where the form prints no detail of
//! it. Which of the two follows from the amounts, too: see `totals`.

mod kind;
mod shift;
mod totals;
mod witnesses;

use std::collections::{BTreeMap, BTreeSet};

use crate::label::normalise;
use crate::money::Centimes;
use crate::year::FiscalYear;

pub use kind::BalanceKind;
pub use shift::Shift;

/// Sums that should be equal may differ by the roundings of the published amounts: one euro.
const TOLERANCE: Centimes = Centimes::new(100);

/// The side of the balance sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BalanceSide {
    /// *Actif*.
    Asset,
    /// *Passif*.
    Liability,
}

impl BalanceSide {
    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
        }
    }

    /// Reads a side as published; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match normalise(text).as_str() {
            "actif" => Some(Self::Asset),
            "passif" => Some(Self::Liability),
            _ => None,
        }
    }
}

/// A row of the balance sheet as published, typed but not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The number of the portal's record, from 1, in the order received.
    pub record: i64,
    /// The fiscal year the row is labelled with.
    pub year: FiscalYear,
    /// Asset or liability, as published.
    pub side: String,
    /// The block (*poste*), as published.
    pub category: String,
    /// The label, as published.
    pub label: String,
    /// The gross column.
    pub gross: Option<Centimes>,
    /// The depreciation and provisions column.
    pub depreciation: Option<Centimes>,
    /// The net column.
    pub net: Option<Centimes>,
}

/// A line of the balance sheet of its true fiscal year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceLine {
    /// The record the line comes from.
    pub record: i64,
    /// The true fiscal year, which may not be the one the record is labelled with.
    pub year: FiscalYear,
    /// The fiscal year the record is labelled with.
    pub published_year: FiscalYear,
    /// Asset or liability; `None` when the row does not say.
    pub side: Option<BalanceSide>,
    /// The block, as published.
    pub category: String,
    /// The label, as published.
    pub label: String,
    /// Gross value, for assets of years that publish it.
    pub gross: Option<Centimes>,
    /// Depreciation and provisions, likewise.
    pub depreciation: Option<Centimes>,
    /// Net value.
    pub net: Option<Centimes>,
    /// What the line is for the analyses.
    pub kind: BalanceKind,
    /// False for a total, which repeats other lines.
    pub counted: bool,
}

/// All years of a balance sheet, each under its true year.
#[derive(Debug)]
pub struct BalanceSheet {
    /// The lines, by true year.
    pub lines: Vec<BalanceLine>,
    /// The shifted pairs that were found and put right.
    pub shifts: Vec<Shift>,
}

/// What was brought forward to a year, held against the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroughtForward {
    /// The year.
    pub year: FiscalYear,
    /// What the year before had brought forward, and its result.
    pub expected: Centimes,
    /// What the year has brought forward.
    pub found: Centimes,
    /// By how much reserves grew: what of a result is put into them is not brought forward.
    pub to_reserves: Centimes,
}

/// What a year of a balance sheet says that the years beside it are held against, which may be in another dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The result; `None` when the sheet has none, or several that differ.
    pub result: Option<Centimes>,
    /// What is brought forward; `None` when the sheet does not say.
    pub brought_forward: Option<Centimes>,
    /// The reserves; `None` when the sheet does not say.
    pub reserves: Option<Centimes>,
}

impl Carried {
    /// What the next year has brought forward, held against this one, which is `year`; `None` unless both say so.
    pub fn to(&self, year: FiscalYear, next: &Self) -> Option<BroughtForward> {
        Some(BroughtForward {
            year: year.next(),
            expected: self.brought_forward? + self.result?,
            found: next.brought_forward?,
            to_reserves: next.reserves.unwrap_or_default() - self.reserves.unwrap_or_default(),
        })
    }

    /// By how much what is brought forward and the reserves grew to the next year: a result goes into one or the other.
    fn grown(&self, next: &Self) -> Option<Centimes> {
        let kept = next.brought_forward? - self.brought_forward?;
        let put_away = next
            .reserves
            .zip(self.reserves)
            .map_or(Centimes::ZERO, |(after, before)| after - before);
        Some(kept + put_away)
    }
}

impl BroughtForward {
    /// Whether what is not brought forward went to reserves, to the centime.
    pub fn is_explained(&self) -> bool {
        self.found == self.expected || self.found + self.to_reserves == self.expected
    }
}

impl BalanceSheet {
    /// Understands all rows of a balance sheet.
    pub fn new(rows: &[BalanceRow]) -> Self {
        let mut by_year: BTreeMap<FiscalYear, Vec<&BalanceRow>> = BTreeMap::new();
        for row in rows {
            by_year.entry(row.year).or_default().push(row);
        }
        let shifts: Vec<Shift> = by_year
            .iter()
            .filter_map(|(year, rows)| shift::find(rows, by_year.get(&year.next())?))
            .collect();
        let held_twice: BTreeSet<_> = shifts.iter().map(|shift| shift.later).collect();

        let mut lines = Vec::with_capacity(rows.len());
        for (year, rows) in &by_year {
            if held_twice.contains(year) {
                continue;
            }
            let both_years = shifts.iter().any(|shift| shift.earlier == *year);
            for row in rows {
                if both_years {
                    lines.push(line(row, *year, None, None, row.net));
                    let net = net_of(row.gross, row.depreciation);
                    lines.push(line(row, year.next(), row.gross, row.depreciation, net));
                } else {
                    let net = row.net.or_else(|| net_unless_published(row));
                    lines.push(line(row, *year, row.gross, row.depreciation, net));
                }
            }
        }
        mark_totals(&mut lines);
        kind::mark_financial_assets(&mut lines);
        Self { lines, shifts }
    }

    /// The years there are lines for.
    pub fn years(&self) -> BTreeSet<FiscalYear> {
        self.lines.iter().map(|line| line.year).collect()
    }

    /// The sum of the net column of one side, totals apart; `None` without any amount.
    pub fn net_total(&self, year: FiscalYear, side: BalanceSide) -> Option<Centimes> {
        let nets = self
            .lines
            .iter()
            .filter(|line| line.counted && line.year == year && line.side == Some(side));
        let nets: Vec<Centimes> = nets.filter_map(|line| line.net).collect();
        (!nets.is_empty()).then(|| nets.into_iter().sum())
    }

    /// Whether assets and liabilities of a year are equal, but for the roundings of published amounts. Empty cells
    /// hold nothing then.
    pub fn balances(&self, year: FiscalYear) -> bool {
        let assets = self.net_total(year, BalanceSide::Asset);
        let liabilities = self.net_total(year, BalanceSide::Liability);
        assets
            .zip(liabilities)
            .is_some_and(|(assets, liabilities)| (assets - liabilities).abs() <= TOLERANCE)
    }

    /// What each year has brought forward, where it and the year before say so.
    pub fn brought_forward(&self) -> Vec<BroughtForward> {
        let of_years = self
            .years()
            .into_iter()
            .filter_map(|year| self.carried(year).to(year, &self.carried(year.next())));
        of_years.collect()
    }

    /// What a year says that the years beside it are held against.
    pub fn carried(&self, year: FiscalYear) -> Carried {
        Carried {
            result: self.published_result(year),
            brought_forward: self.of_kind(year, BalanceKind::BroughtForward),
            reserves: self.of_kind(year, BalanceKind::Reserves),
        }
    }

    /// The sum of the lines of a kind; an empty cell is nothing where the sheet balances, and unknown elsewhere.
    fn of_kind(&self, year: FiscalYear, kind: BalanceKind) -> Option<Centimes> {
        let nets: Vec<Option<Centimes>> = self
            .lines
            .iter()
            .filter(|line| line.counted && line.year == year && line.kind == kind)
            .map(|line| line.net)
            .collect();
        let known = !nets.is_empty() && (nets.iter().all(Option::is_some) || self.balances(year));
        known.then(|| nets.into_iter().flatten().sum())
    }

    /// The published result of a year; `None` when the sheet has none, or has several that differ.
    pub fn published_result(&self, year: FiscalYear) -> Option<Centimes> {
        let results: BTreeSet<Centimes> = self
            .lines
            .iter()
            .filter(|line| line.year == year && line.kind == BalanceKind::Result)
            .filter_map(|line| line.net)
            .collect();
        if results.len() == 1 {
            results.first().copied()
        } else {
            None
        }
    }
}

/// The net value of a row that publishes none. Liabilities do not depreciate; an asset whose
/// depreciation was not published has no known net value.
fn net_unless_published(row: &BalanceRow) -> Option<Centimes> {
    match BalanceSide::parse(&row.side) {
        Some(BalanceSide::Liability) => net_of(row.gross, row.depreciation),
        _ => Some(row.gross? - row.depreciation?),
    }
}

/// Gross minus depreciation, where a row without any is known not to depreciate.
fn net_of(gross: Option<Centimes>, depreciation: Option<Centimes>) -> Option<Centimes> {
    gross.map(|gross| gross - depreciation.unwrap_or_default())
}

fn line(
    row: &BalanceRow,
    year: FiscalYear,
    gross: Option<Centimes>,
    depreciation: Option<Centimes>,
    net: Option<Centimes>,
) -> BalanceLine {
    let side = BalanceSide::parse(&row.side);
    BalanceLine {
        record: row.record,
        year,
        published_year: row.year,
        side,
        category: row.category.clone(),
        label: row.label.clone(),
        gross,
        depreciation,
        net,
        kind: kind::of(side, &row.label),
        counted: true,
    }
}

/// Marks the rows that only repeat others.
fn mark_totals(lines: &mut [BalanceLine]) {
    let mut years: BTreeMap<FiscalYear, [Vec<usize>; 2]> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(side) = line.side {
            years.entry(line.year).or_default()[side as usize].push(at);
        }
    }
    for sides in years.values() {
        let columns = sides.each_ref().map(|side| {
            let row = |at: &usize| (normalise(&lines[*at].label), lines[*at].net);
            side.iter().map(row).collect::<Vec<_>>()
        });
        let repeated = totals::of_sheet(&columns);
        for (side, repeated) in sides.iter().zip(repeated) {
            for (at, repeated) in side.iter().zip(repeated) {
                lines[*at].counted = !repeated;
            }
        }
    }
}

#[cfg(test)]
mod tests;
