//! Which lines moved the result from one year to another.

use std::collections::{HashMap, HashSet};

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Role, Side};
use centime_warehouse::lines::Line;

/// What a line of the statement did to the result between two years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move<'a> {
    /// One of its records, the latest: its labels, its codes and its place.
    pub line: &'a Line,
    /// Its side.
    pub side: Side,
    /// Its amount in the earlier year; `None` where that year has no such line.
    pub before: Option<Centimes>,
    /// Its amount in the later year; `None` where that year has no such line.
    pub after: Option<Centimes>,
    /// The later amount less the earlier. A line that a complete statement does not have is no part of its total, so
    /// it counts as nothing there.
    pub difference: Centimes,
    /// The difference as a share of the earlier amount; `None` where there is none above zero.
    pub rate: Option<BasisPoints>,
    /// The difference as a share of the change of its side, where both have the same direction.
    pub share: Option<BasisPoints>,
    /// What it added to the result: more revenue raises it, more expense lowers it.
    pub effect: Centimes,
}

/// A row of the statement: its block and itself, by code where the official model has it and by label else.
type Row<'a> = (Side, &'a str, &'a str);

/// What lines come to in both years.
#[derive(Default)]
struct Sums<'a> {
    line: Option<&'a Line>,
    /// The earlier year and the later.
    amounts: [Option<Centimes>; 2],
}

fn block(line: &Line) -> &str {
    line.block.as_deref().unwrap_or(&line.category)
}

fn row(line: &Line) -> Option<Row<'_>> {
    let own = line.code.as_deref().unwrap_or(&line.label);
    Some((line.side?, block(line), own))
}

/// What a line holds of the total of its side, where it holds anything.
fn counted(line: &Line) -> Option<Centimes> {
    match line.amount {
        Some(amount) if line.counted => Some(amount),
        None if line.nil => Some(Centimes::ZERO),
        _ => None,
    }
}

/// Which lines moved the result from one year to a later one, those that moved it most first.
///
/// The effects add up to the change of the result, to the centime, where both years are computed: each line counts
/// with what the leaf rule takes of it. Where one of the years has the parts of a sum and the other the sum alone, they
/// are compared as that sum. The years have to be comparable: see [`super::barrier`].
pub fn moves(lines: &[Line], from: FiscalYear, to: FiscalYear) -> Vec<Move<'_>> {
    let years = [from, to];
    let place = |line: &Line| years.iter().position(|year| *year == line.fiscal_year);
    let found: Vec<(usize, &Line, Centimes)> = lines
        .iter()
        .filter_map(|line| Some((place(line)?, line, counted(line)?)))
        .collect();
    // Sums that are added themselves in one of the years, and so stand for their lines in both.
    let sums: HashSet<Row<'_>> = found
        .iter()
        .filter(|(_, line, _)| {
            line.counted && matches!(line.role, Role::Subtotal | Role::Heading | Role::Total)
        })
        .filter_map(|(_, line, _)| row(line))
        .collect();
    let totals: HashMap<(Side, &str), Row<'_>> = found
        .iter()
        .filter(|(_, line, _)| line.counted && line.role == Role::Total)
        .filter_map(|(_, line, _)| row(line))
        .map(|total| ((total.0, total.1), total))
        .collect();
    let mut order: Vec<Row<'_>> = Vec::new();
    let mut by_row: HashMap<Row<'_>, Sums<'_>> = HashMap::new();
    for (year, line, amount) in &found {
        let Some(own @ (side, block, _)) = row(line) else {
            continue;
        };
        let parent = line.parent.as_deref().map(|parent| (side, block, parent));
        let parent = parent.filter(|parent| sums.contains(parent));
        let shown = totals.get(&(side, block)).copied().or(parent);
        let shown = shown.unwrap_or(own);
        let sum = by_row.entry(shown).or_insert_with(|| {
            order.push(shown);
            Sums::default()
        });
        let known = sum.amounts[*year].unwrap_or(Centimes::ZERO);
        sum.amounts[*year] = Some(known.saturating_add(*amount));
        let is_itself = own == shown;
        let named = sum.line.is_some_and(|known| row(known) == Some(shown));
        if sum.line.is_none() || is_itself && (!named || *year == 1) {
            sum.line = Some(line);
        }
    }
    let changes = Side::ALL.map(|side| {
        let of_side = by_row.iter().filter(|((of, ..), _)| *of == side);
        of_side.fold(Centimes::ZERO, |sum, (_, sums)| {
            sum.saturating_add(sums.difference())
        })
    });
    let mut moves: Vec<Move<'_>> = order
        .into_iter()
        .filter_map(|shown| {
            let sums = by_row.get(&shown)?;
            let (side, ..) = shown;
            let [before, after] = sums.amounts;
            let difference = sums.difference();
            let of_side = changes[usize::from(side == Side::Expense)];
            Some(Move {
                line: sums.line?,
                side,
                before,
                after,
                difference,
                rate: before
                    .filter(|_| after.is_some())
                    .and_then(|before| difference.share_of(before)),
                share: share(difference, of_side),
                effect: match side {
                    Side::Revenue => difference,
                    Side::Expense => Centimes::ZERO.saturating_sub(difference),
                },
            })
        })
        .filter(|moved| moved.difference != Centimes::ZERO)
        .collect();
    moves.sort_by_key(|moved| std::cmp::Reverse(moved.effect.abs()));
    moves
}

impl Sums<'_> {
    fn difference(&self) -> Centimes {
        let [before, after] = self.amounts.map(|amount| amount.unwrap_or(Centimes::ZERO));
        after.saturating_sub(before)
    }
}

/// A part of a change, whichever direction the change has.
fn share(part: Centimes, whole: Centimes) -> Option<BasisPoints> {
    let share = if whole.is_negative() {
        Centimes::ZERO
            .saturating_sub(part)
            .share_of(Centimes::ZERO.saturating_sub(whole))
    } else {
        part.share_of(whole)
    };
    share.filter(|share| *share > BasisPoints::default())
}
