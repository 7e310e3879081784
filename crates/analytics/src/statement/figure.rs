//! What a row comes to in a year, and how that is known.

use std::collections::BTreeSet;

use centime_accounts::{BasisPoints, Centimes, Side};
use centime_warehouse::lines::Line;

/// What a row comes to in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The amount; `None` when it is not known. Of a line that is nil it is zero.
    pub amount: Option<Centimes>,
    /// How it is known, or why not.
    pub known: Known,
    /// Whether it is added as such: the other figures repeat or sum those that are.
    pub counted: bool,
    /// What was printed in this row, where that is one amount.
    pub published: Option<Centimes>,
    /// The records that add up to the amount; those of the row where there is no amount.
    pub records: Vec<Record>,
    /// The amount as a share of all revenue of the year; `None` where either is not known.
    pub share: Option<BasisPoints>,
    /// The amount for each inhabitant; `None` where either is not known.
    pub per_inhabitant: Option<Centimes>,
    /// The amount less that of the year before; `None` where a series breaks, a year is not there or an amount is not
    /// known.
    pub change: Option<Centimes>,
    /// The change as a share of the amount of the year before; `None` also where that is not above zero.
    pub change_rate: Option<BasisPoints>,
}

/// How a figure is known, or why it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// It was published, and is added.
    Published,
    /// It was published, and repeats what other rows hold.
    Repeats,
    /// It is the sum of other rows; nothing was printed for it.
    Computed,
    /// It is the sum of other rows, and something else was printed for it.
    Differs,
    /// Nothing was published, and a printed total proves that it is nil.
    Nil,
    /// It is needed, and was not published, or one of the amounts that it sums was not.
    Missing,
    /// The row was published without an amount, and none is needed.
    Empty,
    /// The year has no such row.
    Absent,
}

/// A record behind a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the record in its revision.
    pub number: i64,
    /// What it adds; `None` when no amount was published.
    pub amount: Option<Centimes>,
}

impl Known {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Published,
        Self::Repeats,
        Self::Computed,
        Self::Differs,
        Self::Nil,
        Self::Missing,
        Self::Empty,
        Self::Absent,
    ];

    /// The name in files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Repeats => "repeats",
            Self::Computed => "computed",
            Self::Differs => "differs",
            Self::Nil => "nil",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Absent => "absent",
        }
    }
}

/// What lines bring to a sum, by their marks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Added {
    amount: Centimes,
    counted: usize,
    nil: usize,
    missing: usize,
}

impl Added {
    pub(super) fn of<'l>(lines: impl Iterator<Item = &'l Line>) -> Self {
        lines.fold(Self::default(), |mut sum, line| {
            if let (true, Some(amount)) = (line.counted, line.amount) {
                // A year of a body adds up to less than `i64` holds: larger ones are refused when loaded.
                sum.amount = sum.amount.saturating_add(amount);
                sum.counted += 1;
            }
            sum.nil += usize::from(line.nil);
            sum.missing += usize::from(line.missing);
            sum
        })
    }

    /// Whether anything is added, or known to be nothing.
    const fn is_there(self) -> bool {
        self.counted + self.nil > 0
    }

    /// The sum; `None` where an amount is missing or nothing is added.
    pub(super) fn known(self) -> Option<Centimes> {
        (self.missing == 0 && self.is_there()).then_some(self.amount)
    }
}

impl Figure {
    /// Whether the year has the row.
    pub fn is_there(&self) -> bool {
        self.known != Known::Absent
    }

    /// The figure of a year that does not have the row.
    const fn absent() -> Self {
        Self {
            amount: None,
            known: Known::Absent,
            counted: false,
            published: None,
            records: Vec::new(),
            share: None,
            per_inhabitant: None,
            change: None,
            change_rate: None,
        }
    }

    /// Of a row that sums no others.
    pub(super) fn of_line(own: &[&Line]) -> Self {
        if own.is_empty() {
            return Self::absent();
        }
        let added = Added::of(own.iter().copied());
        let printed = printed(own);
        let (known, amount) = if added.missing > 0 {
            (Known::Missing, None)
        } else if added.counted > 0 {
            (Known::Published, Some(added.amount))
        } else if added.nil > 0 {
            (Known::Nil, Some(Centimes::ZERO))
        } else if printed.is_some() {
            (Known::Repeats, printed)
        } else {
            (Known::Empty, None)
        };
        let behind = |line: &&&Line| known != Known::Published || line.counted;
        Self {
            amount,
            known,
            counted: known == Known::Published,
            published: printed,
            records: own.iter().filter(behind).map(|line| plus(line)).collect(),
            ..Self::absent()
        }
    }

    /// Of a row that sums others: what is added of itself and of them.
    pub(super) fn of_sum(own: &[&Line], members: &[&Line]) -> Self {
        let added = Added::of(members.iter().copied());
        let stands_in = own.iter().any(|line| line.counted);
        let records = members.iter().copied().filter(|line| adds(line));
        let sum = Sum {
            missing: added.missing > 0,
            amount: added.known(),
            only_nil: added.counted == 0,
            records: records.map(plus).collect(),
            stands_in,
            printed: printed(own),
        };
        sum.figure(own)
    }

    /// Of a balance: what is added of revenue, less what is added of expense.
    pub(super) fn of_balance(own: &[&Line], sides: &Sides<'_>) -> Self {
        let both = sides.revenue.is_some() && sides.expense.is_some();
        // A total of expense alone is no difference.
        let subtracts = |side: Side| both && side == Side::Expense;
        let of_sides = || {
            let sides = [
                (Side::Revenue, sides.revenue.as_deref()),
                (Side::Expense, sides.expense.as_deref()),
            ];
            sides
                .into_iter()
                .filter_map(|(side, lines)| Some((side, lines?)))
        };
        let (mut amount, mut missing, mut there) = (Some(Centimes::ZERO), false, false);
        for (side, lines) in of_sides() {
            let added = Added::of(lines.iter().copied());
            missing |= added.missing > 0;
            there |= added.is_there();
            let known = added.known().or_else(|| {
                let nothing = !sides.are_needed && added.missing == 0;
                nothing.then_some(Centimes::ZERO)
            });
            amount = amount.zip(known).map(|(sum, added)| {
                if subtracts(side) {
                    sum.saturating_sub(added)
                } else {
                    sum.saturating_add(added)
                }
            });
        }
        let records = of_sides().flat_map(|(side, lines)| {
            let write = if subtracts(side) { minus } else { plus };
            lines.iter().copied().filter(|line| adds(line)).map(write)
        });
        let amounts: BTreeSet<Centimes> = own.iter().filter_map(|line| line.amount).collect();
        let sum = Sum {
            missing,
            amount: amount.filter(|_| there),
            only_nil: false,
            records: records.collect(),
            stands_in: false,
            printed: amounts.first().copied().filter(|_| amounts.len() == 1),
        };
        sum.figure(own)
    }

    /// With what is seen of it beside all revenue of its year, and beside the year before where both are of one
    /// series.
    pub(super) fn compared(mut self, revenue: Option<Centimes>, before: Option<Centimes>) -> Self {
        self.share = self
            .amount
            .zip(revenue)
            .and_then(|(amount, revenue)| amount.share_of(revenue));
        let both = self.amount.zip(before);
        self.change = both.and_then(|(amount, before)| amount.checked_sub(before));
        self.change_rate = self
            .change
            .zip(before)
            .and_then(|(change, before)| change.share_of(before));
        self
    }
}

/// The lines that a balance adds and subtracts in a year.
pub(super) struct Sides<'l> {
    /// Its lines of revenue; `None` where it has no such side.
    pub revenue: Option<Vec<&'l Line>>,
    /// Its lines of expense.
    pub expense: Option<Vec<&'l Line>>,
    /// Whether there is no balance where one of the sides has no line. Else a side without one is nothing.
    pub are_needed: bool,
}

/// What is known of a row that sums others.
struct Sum {
    missing: bool,
    amount: Option<Centimes>,
    /// Whether what it sums comes to nothing because all of it is nil.
    only_nil: bool,
    records: Vec<Record>,
    /// Whether the row itself is what is added.
    stands_in: bool,
    printed: Option<Centimes>,
}

impl Sum {
    fn figure(self, own: &[&Line]) -> Figure {
        let of_sum = |known| Figure {
            amount: self.amount,
            known,
            counted: self.stands_in,
            published: self.printed,
            records: self.records.clone(),
            ..Figure::absent()
        };
        match (self.amount, self.printed) {
            _ if self.missing => of_sum(Known::Missing),
            (Some(_), _) if self.stands_in => of_sum(Known::Published),
            (Some(amount), Some(printed)) if amount == printed => of_sum(Known::Repeats),
            (Some(_), Some(_)) => of_sum(Known::Differs),
            (Some(_), None) if self.only_nil => of_sum(Known::Nil),
            (Some(_), None) => of_sum(Known::Computed),
            (None, Some(_)) => Figure {
                amount: self.printed,
                records: own.iter().map(|line| plus(line)).collect(),
                ..of_sum(Known::Repeats)
            },
            (None, None) if own.is_empty() => Figure::absent(),
            (None, None) => Figure {
                records: own.iter().map(|line| plus(line)).collect(),
                ..of_sum(Known::Empty)
            },
        }
    }
}

/// The sum of rows that were all printed with an amount; `None` where there is no row.
fn printed(lines: &[&Line]) -> Option<Centimes> {
    let mut amounts = lines.iter().map(|line| line.amount);
    let first = amounts.next()??;
    amounts.try_fold(first, |sum, amount| Some(sum.saturating_add(amount?)))
}

/// Whether a sum needs the amount of a line.
const fn adds(line: &Line) -> bool {
    line.counted || line.missing
}

fn plus(line: &Line) -> Record {
    Record {
        number: line.record,
        amount: line.amount,
    }
}

fn minus(line: &Line) -> Record {
    Record {
        number: line.record,
        amount: line
            .amount
            .map(|amount| Centimes::ZERO.saturating_sub(amount)),
    }
}
