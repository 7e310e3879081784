//! Rows of one line: whether a line of a year is published more than once, and what tells its rows apart.
//!
//! Amounts of rows are added up. Where a dataset mixes kinds of rows (voted and executed budgets, several bodies,
//! an edition and the one before), the same line would be added more than once. Such rows have the same labels
//! and differ in a field from which nothing is read, or in nothing at all.

use std::collections::{BTreeMap, HashMap, HashSet};

use centime_accounts::{Centimes, FiscalYear};

use crate::row::{LineNumbers, Row};

/// The hash of the value of a field that may tell rows apart: zero where there is none.
pub type ValueHash = u64;

/// Of fewer rows than this every field that tells them apart matters. Of more, one that is different on each row
/// of a body, such as a number of the row, says nothing about their kind.
const FEW_ROWS: usize = 8;

/// What a field that tells rows apart is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Nothing is read from it.
    Unread,
    /// It names the body or its budget: even rows of different lines are not of one statement when it differs.
    Identity,
    /// The fiscal year, in one of several forms that mean the same.
    Year,
}

/// What was found of the rows of a body.
#[derive(Debug, Default)]
pub struct Repeats {
    /// Fields that tell rows apart: the place of the field, two such rows, and how many lines it is about.
    pub distinctions: Vec<Distinction>,
    /// Rows that repeat another with the same amounts.
    pub identical: Vec<usize>,
    /// The first rows of lines that have several amounts.
    pub differing: Vec<usize>,
    /// Of each year.
    pub years: BTreeMap<FiscalYear, YearRepeats>,
}

/// A field that tells rows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distinction {
    /// Its place among the fields.
    pub field: usize,
    /// Two rows that it tells apart.
    pub rows: (usize, usize),
    /// How many lines have such rows.
    pub lines: usize,
}

/// The lines of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearRepeats {
    /// How many have an amount.
    pub lines: usize,
    /// How many of them have it more than once.
    pub several: usize,
    /// How many of those have the same amounts again.
    pub same: usize,
}

impl YearRepeats {
    /// Whether most of a year is published more than once: its totals are then sums over several editions. Of one
    /// or two lines, only equal amounts say so.
    pub const fn is_repeated(self) -> bool {
        self.same * 2 > self.lines || self.lines > 2 && self.several * 2 > self.lines
    }
}

impl Repeats {
    /// Looks through the rows of a body, each with the values of the fields of these kinds, one row after the other.
    pub fn of<T: Row>(rows: &[T], hashes: &[ValueHash], kinds: &[FieldKind]) -> Self {
        let mut repeats = Self::default();
        let mut numbers = LineNumbers::default();
        let has_amount = |row: &T| {
            let amounts = row.amounts().into_iter().flatten();
            amounts.into_iter().any(|amount| amount != Centimes::ZERO)
        };
        let mut order: Vec<(FiscalYear, u32, usize)> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| has_amount(row))
            .map(|(place, row)| (row.year(), row.line(&mut numbers), place))
            .collect();
        order.sort_unstable();
        let values = |row: usize| &hashes[row * kinds.len()..(row + 1) * kinds.len()];
        let mut apart: Vec<Option<Distinction>> = vec![None; kinds.len()];
        for line in order.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let year = repeats.years.entry(line[0].0).or_default();
            year.lines += 1;
            if line.len() == 1 {
                continue;
            }
            year.several += 1;
            let mut amounts = HashSet::new();
            let repeated = line
                .iter()
                .filter(|(.., row)| !amounts.insert(rows[*row].amounts()));
            let before = repeats.identical.len();
            repeats.identical.extend(repeated.map(|(.., row)| *row));
            year.same += usize::from(repeats.identical.len() > before);
            let first = line[0].2;
            if amounts.len() > 1 {
                repeats.differing.push(first);
            }
            for (field, found) in apart.iter_mut().enumerate() {
                let differs = |other: &&(FiscalYear, u32, usize)| {
                    values(other.2)[field] != values(first)[field]
                };
                if let Some((.., other)) = line.iter().find(differs) {
                    note(found, field, (first, *other));
                }
            }
        }
        for (field, kind) in kinds.iter().enumerate() {
            let value = |row: usize| values(row)[field];
            match kind {
                FieldKind::Identity => {
                    // The same body all through a year, unless its name is left out.
                    let named = order.iter().filter(|(.., row)| value(*row) != 0);
                    let mut first_of: HashMap<FiscalYear, usize> = HashMap::new();
                    for (year, _, row) in named {
                        let first = *first_of.entry(*year).or_insert(*row);
                        if value(first) != value(*row) {
                            note(&mut apart[field], field, (first, *row));
                        }
                    }
                }
                FieldKind::Unread if apart[field].is_some() => {
                    let mut known: HashMap<i64, ValueHash> = HashMap::new();
                    for (row, of) in rows.iter().enumerate() {
                        known.insert(of.record(), value(row));
                    }
                    let different: HashSet<ValueHash> = known.values().copied().collect();
                    let each_its_own = different.len() == known.len() && !different.contains(&0);
                    if each_its_own && rows.len() >= FEW_ROWS {
                        apart[field] = None;
                    }
                }
                FieldKind::Unread | FieldKind::Year => {}
            }
        }
        repeats.distinctions = apart.into_iter().flatten().collect();
        repeats
    }
}

fn note(found: &mut Option<Distinction>, field: usize, rows: (usize, usize)) {
    let apart = found.get_or_insert(Distinction {
        field,
        rows,
        lines: 0,
    });
    apart.lines += 1;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use centime_accounts::{Published, StatementRow};
    use proptest::prelude::*;

    use super::*;

    fn row(record: i64, year: &str, label: &str, amount: i64) -> StatementRow {
        StatementRow {
            record,
            year: FiscalYear::parse(year).unwrap(),
            published: Arc::new(Published {
                activity: "FINANCIER".to_owned(),
                side: "CHARGES".to_owned(),
                category: "CHARGES FINANCIERES".to_owned(),
                label: label.to_owned(),
            }),
            amount: (amount != 0).then(|| Centimes::new(amount)),
        }
    }

    /// So many lines, each of them once for each value.
    fn statement(lines: usize, values: &[ValueHash]) -> (Vec<StatementRow>, Vec<ValueHash>) {
        let mut rows = Vec::new();
        let mut hashes = Vec::new();
        for value in values {
            for line in 0..lines {
                let record = i64::try_from(rows.len() + 1).unwrap();
                let amount = i64::try_from(line).unwrap() * 100 + 1 + record;
                rows.push(row(record, "2023", &format!("Ligne {line}"), amount));
                hashes.push(*value);
            }
        }
        (rows, hashes)
    }

    #[test]
    fn a_field_that_tells_equal_lines_apart_is_found() {
        let (rows, hashes) = statement(6, &[1, 2]);
        let repeats = Repeats::of(&rows, &hashes, &[FieldKind::Unread]);
        let expected = Distinction {
            field: 0,
            rows: (0, 6),
            lines: 6,
        };
        assert_eq!(repeats.distinctions, [expected]);
        // One line is enough, and so is a value that is left out.
        let (mut rows, mut hashes) = statement(9, &[1]);
        rows.push(row(10, "2023", "LIGNE 3", 5));
        hashes.push(0);
        assert_eq!(
            Repeats::of(&rows, &hashes, &[FieldKind::Unread])
                .distinctions
                .len(),
            1
        );
        // Two rows in all.
        let (rows, hashes) = statement(1, &[1, 2]);
        assert_eq!(
            Repeats::of(&rows, &hashes, &[FieldKind::Unread])
                .distinctions
                .len(),
            1
        );
    }

    #[test]
    fn a_field_that_differs_elsewhere_tells_nothing() {
        // It goes with the line.
        let (rows, _) = statement(9, &[1]);
        let own: Vec<ValueHash> = (1..=9).collect();
        assert!(
            Repeats::of(&rows, &own, &[FieldKind::Unread])
                .distinctions
                .is_empty()
        );
        // It goes with the year.
        let rows = [row(1, "2022", "a", 1), row(2, "2023", "a", 2)];
        assert!(
            Repeats::of(&rows, &[1, 2], &[FieldKind::Unread])
                .distinctions
                .is_empty()
        );
        // It is different on every row, even of equal lines.
        let (mut rows, _) = statement(9, &[1]);
        rows.push(row(10, "2023", "Ligne 3", 5));
        let own: Vec<ValueHash> = (1..=10).collect();
        assert!(
            Repeats::of(&rows, &own, &[FieldKind::Unread])
                .distinctions
                .is_empty()
        );
        // A row without an amount adds nothing.
        let rows = [row(1, "2023", "a", 1), row(2, "2023", "a", 0)];
        assert!(
            Repeats::of(&rows, &[1, 2], &[FieldKind::Unread])
                .distinctions
                .is_empty()
        );
    }

    #[test]
    fn two_names_in_a_year_are_two_bodies_even_without_an_equal_line() {
        let rows = [
            row(1, "2023", "a", 1),
            row(2, "2023", "b", 2),
            row(3, "2024", "a", 2),
        ];
        assert_eq!(
            Repeats::of(&rows, &[1, 2, 1], &[FieldKind::Identity])
                .distinctions
                .len(),
            1
        );
        // A body may change its name, and a row may leave it out.
        assert!(
            Repeats::of(&rows, &[1, 1, 2], &[FieldKind::Identity])
                .distinctions
                .is_empty()
        );
        assert!(
            Repeats::of(&rows, &[1, 0, 1], &[FieldKind::Identity])
                .distinctions
                .is_empty()
        );
    }

    #[test]
    fn a_year_that_is_published_again_is_found_with_the_same_amounts_or_others() {
        let year = |rows: &[StatementRow]| {
            let repeats = Repeats::of(rows, &[], &[]);
            repeats.years.into_values().next().unwrap()
        };
        let (once, _) = statement(6, &[1]);
        assert!(!year(&once).is_repeated());
        let (again, _) = statement(6, &[1, 2]);
        assert!(year(&again).is_repeated());
        let same: Vec<StatementRow> = once.iter().chain(&once).cloned().collect();
        assert_eq!(
            year(&same),
            YearRepeats {
                lines: 6,
                several: 6,
                same: 6
            }
        );
        // All but a few.
        assert!(year(&same[..10]).is_repeated());
        assert!(!year(&same[..9]).is_repeated());
        let three: Vec<StatementRow> = same.iter().chain(&once).cloned().collect();
        assert!(year(&three).is_repeated());
        // Two lines of one name happen; two that are equal in all hardly make a year of one line.
        assert!(!year(&[row(1, "2023", "a", 1), row(2, "2023", "a", 2)]).is_repeated());
        assert!(year(&[row(1, "2023", "a", 1), row(2, "2023", "a", 1)]).is_repeated());
    }

    #[test]
    fn equal_and_other_amounts_of_a_line_are_told_apart() {
        let rows = [
            row(1, "2023", "a", 1),
            row(2, "2023", "a", 1),
            row(3, "2023", "b", 1),
            row(4, "2023", "b", 2),
            row(5, "2023", "c", 1),
        ];
        let repeats = Repeats::of(&rows, &[], &[]);
        assert_eq!((repeats.identical, repeats.differing), (vec![1], vec![2]));
    }

    proptest! {
        #[test]
        fn a_statement_of_several_kinds_is_found_in_any_order(
            lines in 1_usize..12, kinds in 2_u64..5, seed in proptest::collection::vec(any::<u32>(), 60),
        ) {
            let values: Vec<ValueHash> = (1..=kinds).collect();
            let (rows, hashes) = statement(lines, &values);
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by_key(|place| seed[*place % seed.len()]);
            let rows: Vec<StatementRow> = order.iter().map(|place| rows[*place].clone()).collect();
            let hashes: Vec<ValueHash> = order.iter().map(|place| hashes[*place]).collect();
            let repeats = Repeats::of(&rows, &hashes, &[FieldKind::Unread]);
            prop_assert_eq!(repeats.distinctions.len(), 1);
            prop_assert_eq!(repeats.distinctions[0].lines, lines);
        }
    }
}
