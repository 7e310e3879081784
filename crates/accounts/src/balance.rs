//! The balance sheet: its rows, the years whose columns were published shifted, and the result.
//!
//! Some years of a balance sheet are copied from one statement that prints two exercises side by
//! side (gross, depreciation and net of the year; net of the year before). When such a statement is
//! published as two years, the rows labelled with the earlier year carry the later year's gross and
//! depreciation beside their own net, and the rows labelled with the later year carry its
//! depreciation in the gross column. This is not assumed for any year: it is proven from the rows
//! themselves by `find_shift` before any column is moved.
//!
//! A row labelled as a total may repeat those before it, or be a line of its own where the form prints no detail of
//! it. Which of the two follows from the amounts, too: see `totals`.

mod totals;

use std::collections::{BTreeMap, BTreeSet};

use crate::label::normalise;
use crate::money::Centimes;
use crate::year::FiscalYear;

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

/// The lines of the balance sheet that the analyses use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceKind {
    /// The result for the year (*résultat de l'exercice*).
    Result,
    /// Results brought forward (*report à nouveau*).
    BroughtForward,
    /// Financial assets: equity interests, loans, securities and long-term receivables.
    FinancialAsset,
    /// Reserves (*réserves*).
    Reserves,
    /// Any other line.
    Other,
}

impl BalanceKind {
    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::BroughtForward => "brought_forward",
            Self::FinancialAsset => "financial_asset",
            // Nothing is computed from reserves but a check of the sheet.
            Self::Reserves | Self::Other => "other",
        }
    }
}

/// All years of a balance sheet, each under its true year.
#[derive(Debug)]
pub struct BalanceSheet {
    /// The lines, by true year.
    pub lines: Vec<BalanceLine>,
    /// The shifted pairs that were found and put right.
    pub shifts: Vec<Shift>,
}

/// Two years published with shifted columns: `earlier` holds both years, `later` repeats one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The label of the rows that hold both years.
    pub earlier: FiscalYear,
    /// The year whose gross and depreciation they hold.
    pub later: FiscalYear,
    /// The total of the later year, which three separate sums agree on.
    pub total: Centimes,
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
            .filter_map(|(year, rows)| find_shift(rows, by_year.get(&year.next())?))
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
        mark_financial_assets(&mut lines);
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
        let of_years = self.years().into_iter().filter_map(|year| {
            let next = year.next();
            let result = self.published_result(year)?;
            let brought = BalanceKind::BroughtForward;
            let reserves = |year| {
                self.of_kind(year, BalanceKind::Reserves)
                    .unwrap_or_default()
            };
            Some(BroughtForward {
                year: next,
                expected: self.of_kind(year, brought)? + result,
                found: self.of_kind(next, brought)?,
                to_reserves: reserves(next) - reserves(year),
            })
        });
        of_years.collect()
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
        kind: kind(side, &row.label),
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

/// Where the heading of financial assets has an amount, it is their sum; where it has none, they have their own.
fn mark_financial_assets(lines: &mut [BalanceLine]) {
    let is_sum = |line: &BalanceLine| {
        line.side == Some(BalanceSide::Asset)
            && line.net.is_some()
            && normalise(&line.label).starts_with(FINANCIAL_ASSETS)
    };
    let summed: BTreeSet<FiscalYear> = lines
        .iter()
        .filter(|line| is_sum(line))
        .map(|line| line.year)
        .collect();
    // Where the block beside a row does not say so, long-term assets are those above the total of fixed assets.
    let is_end = |line: &BalanceLine| normalise(&line.label).starts_with("total actif immobilise");
    let mut above: BTreeSet<FiscalYear> = lines
        .iter()
        .filter(|line| is_end(line))
        .map(|line| line.year)
        .collect();
    for line in lines
        .iter_mut()
        .filter(|line| line.side == Some(BalanceSide::Asset))
    {
        let (category, label) = (normalise(&line.category), normalise(&line.label));
        if is_end(line) {
            above.remove(&line.year);
        }
        let long_term = category == "actif immobilise"
            || category.starts_with(FINANCIAL_ASSETS)
            || above.contains(&line.year);
        let part = line.counted
            && long_term
            && FINANCIAL_ASSET_PARTS.contains(&label.as_str())
            && !summed.contains(&line.year);
        if part {
            line.kind = BalanceKind::FinancialAsset;
        }
    }
}

/// The heading of financial assets, normalised; forms go on with « (nettes) ».
const FINANCIAL_ASSETS: &str = "immobilisations financieres";

/// What it may be divided into: M57 prints one line, M14 its parts.
const FINANCIAL_ASSET_PARTS: [&str; 6] = [
    "participations de creances rattachees",
    "participations et creances rattachees",
    "autres titres immobilises",
    "prets",
    "avances en garanties d emprunt",
    "autres creances",
];

fn kind(side: Option<BalanceSide>, label: &str) -> BalanceKind {
    let label = normalise(label);
    match side {
        Some(BalanceSide::Liability) => {
            if label.starts_with("resultat de l exercice") && !label.contains("precedent") {
                BalanceKind::Result
            } else if label.starts_with("report a nouveau") {
                BalanceKind::BroughtForward
            } else if label == "reserves" {
                BalanceKind::Reserves
            } else {
                BalanceKind::Other
            }
        }
        Some(BalanceSide::Asset)
            if label.starts_with(FINANCIAL_ASSETS)
                || label.starts_with("valeurs mobilieres de placement") =>
        {
            BalanceKind::FinancialAsset
        }
        _ => BalanceKind::Other,
    }
}

/// Proves, or does not, that two successive label years come from one statement with shifted
/// columns. All of this must hold, to one euro:
///
/// 1. the later year's liabilities are empty;
/// 2. the earlier label's gross minus depreciation of assets equals its gross of liabilities, and
///    equals the later label's net of assets: three sums of the later year's total;
/// 3. the earlier label's net column balances on its own, at another total;
/// 4. the later label's gross column is the earlier label's depreciation.
fn find_shift(earlier: &[&BalanceRow], later: &[&BalanceRow]) -> Option<Shift> {
    let sum =
        |rows: &[&BalanceRow], side: BalanceSide, column: fn(&BalanceRow) -> Option<Centimes>| {
            let of_side = rows
                .iter()
                .filter(|row| BalanceSide::parse(&row.side) == Some(side));
            let amounts: Vec<(String, Option<Centimes>)> = of_side
                .map(|row| (normalise(&row.label), column(row)))
                .collect();
            totals::sum(&amounts)
        };
    let same = |a: Centimes, b: Centimes| (a - b).abs() <= TOLERANCE;
    let (asset, liability) = (BalanceSide::Asset, BalanceSide::Liability);

    let later_liabilities_empty = later
        .iter()
        .filter(|row| BalanceSide::parse(&row.side) == Some(liability))
        .all(|row| row.gross.is_none() && row.net.is_none());
    let depreciation = sum(earlier, asset, |row| row.depreciation);
    let total = sum(earlier, asset, |row| row.gross) - depreciation;
    let own_total = sum(earlier, asset, |row| row.net);
    let proven = later_liabilities_empty
        && total != Centimes::ZERO
        && same(total, sum(earlier, liability, |row| row.gross))
        && same(total, sum(later, asset, |row| row.net))
        && same(own_total, sum(earlier, liability, |row| row.net))
        && !same(total, own_total)
        && same(depreciation, sum(later, asset, |row| row.gross));
    proven.then(|| Shift {
        earlier: earlier[0].year,
        later: later[0].year,
        total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> FiscalYear {
        FiscalYear::parse(text).unwrap()
    }

    type Columns = (Option<i64>, Option<i64>, Option<i64>);

    fn row(published: &str, side: &str, label: &str, columns: Columns) -> BalanceRow {
        BalanceRow {
            record: 1,
            year: year(published),
            side: side.into(),
            category: if side == "ACTIF" {
                "ACTIF IMMOBILISE"
            } else {
                "FONDS PROPRES"
            }
            .into(),
            label: label.into(),
            gross: columns.0.map(Centimes::new),
            depreciation: columns.1.map(Centimes::new),
            net: columns.2.map(Centimes::new),
        }
    }

    /// 2016 and 2017 from one statement: 2016 balances at 90 000, 2017 at 100 000.
    fn shifted() -> Vec<BalanceRow> {
        vec![
            row(
                "2016",
                "ACTIF",
                "Terrains",
                (Some(130_000), Some(30_000), Some(90_000)),
            ),
            row(
                "2016",
                "PASSIF",
                "Réserves",
                (Some(99_000), None, Some(88_000)),
            ),
            row(
                "2016",
                "PASSIF",
                "Resultat de l'exercice",
                (Some(1_000), None, Some(2_000)),
            ),
            row(
                "2017",
                "ACTIF",
                "Terrains",
                (Some(30_000), None, Some(100_000)),
            ),
            row("2017", "PASSIF", "Réserves", (None, None, None)),
            row(
                "2017",
                "PASSIF",
                "Resultat de l'exercice",
                (None, None, None),
            ),
        ]
    }

    #[test]
    fn shifted_columns_are_proven_and_put_back() {
        let sheet = BalanceSheet::new(&shifted());
        assert_eq!(sheet.shifts.len(), 1);
        assert_eq!(
            sheet.published_result(year("2016")),
            Some(Centimes::new(2_000))
        );
        assert_eq!(
            sheet.published_result(year("2017")),
            Some(Centimes::new(1_000))
        );
        for (published, total) in [("2016", 90_000), ("2017", 100_000)] {
            for side in [BalanceSide::Asset, BalanceSide::Liability] {
                assert_eq!(
                    sheet.net_total(year(published), side),
                    Some(Centimes::new(total))
                );
            }
        }
    }

    #[test]
    fn without_proof_no_column_is_moved() {
        let breaking: [fn(&mut Vec<BalanceRow>); 4] = [
            |rows| rows[1].gross = Some(Centimes::new(5)),
            |rows| rows[3].net = Some(Centimes::new(5)),
            |rows| rows[4].net = Some(Centimes::new(5)),
            |rows| rows[3].gross = Some(Centimes::new(5)),
        ];
        for change in breaking {
            let mut rows = shifted();
            change(&mut rows);
            let sheet = BalanceSheet::new(&rows);
            assert_eq!(sheet.shifts, []);
            assert_eq!(
                sheet.published_result(year("2016")),
                Some(Centimes::new(2_000))
            );
        }
    }

    #[test]
    fn a_year_with_only_gross_liabilities_keeps_them() {
        let sheet = BalanceSheet::new(&[
            row(
                "2018",
                "PASSIF",
                "RESULTAT DE L'EXERCICE",
                (Some(36_490), None, None),
            ),
            row(
                "2019",
                "PASSIF",
                "Résultat de l’exercice",
                (None, None, None),
            ),
        ]);
        assert_eq!(
            sheet.published_result(year("2018")),
            Some(Centimes::new(36_490))
        );
        assert_eq!(sheet.published_result(year("2019")), None);
    }

    #[test]
    fn depreciation_that_was_not_published_is_not_zero() {
        let label = "Immobilisations financières";
        let sheet = BalanceSheet::new(&[
            row("2020", "ACTIF", label, (Some(500), None, None)),
            row("2021", "ACTIF", label, (Some(500), Some(20), None)),
        ]);
        assert_eq!(sheet.lines[0].net, None);
        assert_eq!(sheet.lines[1].net, Some(Centimes::new(480)));
    }

    #[test]
    fn two_results_that_differ_are_none() {
        let sheet = BalanceSheet::new(&[
            row(
                "2020",
                "PASSIF",
                "Résultat de l'exercice",
                (None, None, Some(1)),
            ),
            row(
                "2020",
                "PASSIF",
                "RESULTAT DE L'EXERCICE",
                (None, None, Some(2)),
            ),
        ]);
        assert_eq!(sheet.published_result(year("2020")), None);
    }

    /// A sheet with the rows of a form, of one year.
    fn sheet_of(rows: &[(&str, &str, Option<i64>)]) -> BalanceSheet {
        let rows: Vec<BalanceRow> = (1..)
            .zip(rows)
            .map(|(record, (side, label, net))| BalanceRow {
                record,
                category: "TRÉSORERIE".into(),
                ..row("2023", side, label, (None, None, *net))
            })
            .collect();
        BalanceSheet::new(&rows)
    }

    #[test]
    fn what_is_brought_forward_is_held_against_the_year_before() {
        let years = |brought: Option<i64>, reserves: i64| {
            let of = |year, label, net| row(year, "PASSIF", label, (None, None, Some(net)));
            let mut later = of("2023", "REPORT A NOUVEAU", 0);
            later.net = brought.map(Centimes::new);
            let sheet = BalanceSheet::new(&[
                of("2022", "Report à nouveau", 60_904_196),
                of("2022", "Résultat de l'exercice", 15_900_949),
                of("2022", "Réserves", 5),
                later,
                of("2023", "Réserves", 5 + reserves),
            ]);
            let found = sheet.brought_forward();
            found
                .first()
                .map(|found| (found.expected.get(), found.is_explained()))
        };
        assert_eq!(years(Some(76_805_145), 0), Some((76_805_145, true)));
        assert_eq!(years(Some(76_805_045), 100), Some((76_805_145, true)));
        assert_eq!(years(Some(76_805_144), 0), Some((76_805_145, false)));
        assert_eq!(years(None, 0), None);
    }

    #[test]
    fn an_empty_cell_is_nothing_where_the_sheet_balances() {
        let found = sheet_of(&[
            ("ACTIF", "Disponibilités", Some(5)),
            ("PASSIF", "Report à nouveau", None),
            ("PASSIF", "Dettes", Some(5)),
        ]);
        let of_kind =
            |sheet: &BalanceSheet| sheet.of_kind(year("2023"), BalanceKind::BroughtForward);
        assert_eq!(of_kind(&found), Some(Centimes::ZERO));
        let found = sheet_of(&[
            ("ACTIF", "Disponibilités", Some(500)),
            ("PASSIF", "Report à nouveau", None),
        ]);
        assert_eq!(of_kind(&found), None);
    }

    #[test]
    fn financial_assets_are_found_by_label_and_place() {
        let kinds = |rows: &[(&str, &str, Option<i64>)]| {
            let found = sheet_of(rows).lines.into_iter();
            let financial = found.filter(|line| line.kind == BalanceKind::FinancialAsset);
            financial.map(|line| line.label).collect::<Vec<_>>()
        };
        for label in [
            "IMMOBILISATIONS FINANCIÈRES",
            "Immobilisations financières (nettes)",
        ] {
            let rows = [
                ("ACTIF", label, Some(65_245)),
                ("ACTIF", "TOTAL ACTIF IMMOBILISÉ (I)", Some(65_245)),
                ("ACTIF", "Autres créances", Some(7)),
                ("ACTIF", "VALEURS MOBILIÈRES DE PLACEMENT", None),
            ];
            assert_eq!(kinds(&rows), [label, "VALEURS MOBILIÈRES DE PLACEMENT"]);
        }
        let heading = |amount| {
            [
                ("ACTIF", "Immobilisations financières", amount),
                ("ACTIF", "Prêts", Some(3)),
                ("ACTIF", "Autres titres immobilisés", Some(4)),
                ("ACTIF", "TOTAL ACTIF IMMOBILISÉ (I)", Some(7)),
            ]
        };
        let amounts = |amount| {
            let sheet = sheet_of(&heading(amount));
            let financial = sheet
                .lines
                .iter()
                .filter(|line| line.kind == BalanceKind::FinancialAsset);
            financial.filter_map(|line| line.net).sum::<Centimes>()
        };
        assert_eq!(amounts(None), Centimes::new(7));
        assert_eq!(amounts(Some(7)), Centimes::new(7));
    }

    #[test]
    fn financial_assets_are_told_from_other_receivables() {
        let mut current = row("2016", "ACTIF", "Autres créances", (None, None, Some(1)));
        current.category = "ACTIF CIRCULANT".into();
        let fixed = row("2016", "ACTIF", "Autres créances", (None, None, Some(1)));
        let sheet = BalanceSheet::new(&[current, fixed]);
        assert_eq!(sheet.lines[0].kind, BalanceKind::Other);
        assert_eq!(sheet.lines[1].kind, BalanceKind::FinancialAsset);
    }
}
