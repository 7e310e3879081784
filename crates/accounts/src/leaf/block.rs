//! The rule within a block: its subtotals, its headings, its total.

use super::{ParentCheck, Used, prove_nil};
use crate::money::Centimes;
use crate::nomenclature::{Block, Line};
use crate::statement::{Role, StatementLine};

/// What a block comes to.
#[derive(Debug)]
pub(super) struct BlockSum {
    /// The code of the block.
    pub code: &'static str,
    /// The sum of what is added; empty amounts add nothing.
    pub amount: Centimes,
    /// Whether any amount of the block is printed but for its total.
    pub printed: bool,
    /// Whether an amount is missing.
    pub open: bool,
    /// Whether its printed total is all that says that its lines are nil.
    pub only_total: bool,
}

/// Some rows added up.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    rows: usize,
    printed: usize,
    amount: Centimes,
}

impl Sum {
    fn of<'a>(lines: impl Iterator<Item = &'a StatementLine>) -> Self {
        lines.fold(Self::default(), |sum, line| Self {
            rows: sum.rows + 1,
            printed: sum.printed + usize::from(line.amount.is_some()),
            amount: sum.amount + line.amount.unwrap_or_default(),
        })
    }

    const fn has_empty(self) -> bool {
        self.printed < self.rows
    }

    /// The amount, where there are rows and none is empty.
    fn complete(self) -> Option<Centimes> {
        (self.rows > 0 && !self.has_empty()).then_some(self.amount)
    }

    /// Whether a printed parent proves that the empty rows are nil, `besides` being what it may hold as well.
    fn is_proven_by(self, parent: Option<Centimes>, besides: Centimes) -> bool {
        parent.is_some_and(|parent| {
            self.rows > 0 && (parent == self.amount || parent == self.amount + besides)
        })
    }
}

/// A subtotal with what it may hold.
#[derive(Debug)]
struct Family {
    line: &'static Line,
    /// Its own rows.
    own: Sum,
    /// Its parts.
    parts: Sum,
    /// The codes of the lines that may be inside its amount or beside it.
    within: Vec<&'static str>,
    /// Those lines.
    inner: Sum,
    /// Whether all parts of the official model are there.
    all_parts: bool,
}

/// Which rows of a family are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    used: Used,
    /// Whether the lines that the subtotal may hold are added beside it.
    beside: bool,
}

impl Family {
    fn new(block: &'static Block, line: &'static Line, lines: &[&mut StatementLine]) -> Self {
        let code = line.code.as_str();
        let rows = || lines.iter().map(|line| &**line);
        let has = |part: &Line| rows().any(|row| row.item.code == Some(part.code.as_str()));
        let inner = |other: &&Line| other.within.as_deref() == Some(code);
        let within: Vec<&str> = block
            .lines
            .iter()
            .filter(inner)
            .map(|other| other.code.as_str())
            .collect();
        Self {
            line,
            own: Sum::of(rows().filter(|row| row.item.code == Some(code))),
            parts: Sum::of(rows().filter(|row| is_child(row, code))),
            inner: Sum::of(rows().filter(|row| is_one_of(row, &within))),
            all_parts: block.children(code).all(has),
            within,
        }
    }

    fn is_there(&self) -> bool {
        self.own.rows + self.parts.rows > 0
    }

    /// Whether the parts add up to the printed amount, with or without what it may hold as well.
    fn agrees(&self) -> bool {
        self.parts
            .is_proven_by(self.own.complete(), self.inner.amount)
    }

    /// What is added where no total of the block decides.
    ///
    /// The parts of a subtotal must all be there or add up to it, because « Dont » may also name some parts only. What
    /// a printed subtotal may hold is taken to be in it, as in the official form.
    fn by_itself(&self) -> Reading {
        let complete = !self.parts.has_empty() && (self.own.rows == 0 || self.all_parts);
        if self.agrees() || (self.parts.rows > 0 && complete) {
            return Reading {
                used: Used::Children,
                beside: true,
            };
        }
        match self.own.complete() {
            Some(_) => Reading {
                used: Used::Parent,
                beside: false,
            },
            None => Reading {
                used: Used::Neither,
                beside: true,
            },
        }
    }

    /// All that may be added, the finest first.
    fn readings(&self) -> Vec<Reading> {
        let own = self.own.complete();
        let mut readings = vec![self.by_itself()];
        // Empty parts must not contradict the printed subtotal.
        let parts =
            self.parts.rows > 0 && (!self.parts.has_empty() || own.is_none() || self.agrees());
        let possible = [(Used::Children, parts), (Used::Parent, own.is_some())];
        for (used, possible) in possible {
            if possible {
                readings.push(Reading { used, beside: true });
            }
            if possible && own.is_some() && self.inner.printed > 0 {
                readings.push(Reading {
                    used,
                    beside: false,
                });
            }
        }
        readings
    }

    fn amount(&self, reading: Reading) -> Centimes {
        let taken = match reading.used {
            Used::Parent => self.own.amount,
            Used::Children | Used::Neither => self.parts.amount,
        };
        taken
            + if reading.beside {
                self.inner.amount
            } else {
                Centimes::ZERO
            }
    }

    /// Marks the rows by what was chosen.
    fn mark(&self, reading: Reading, lines: &mut [&mut StatementLine]) {
        let code = self.line.code.as_str();
        let from_parts = reading.used != Used::Parent;
        for line in lines.iter_mut() {
            if line.item.code == Some(code) {
                line.counted = !from_parts;
                // Where neither is complete the empty parts are what is missing, if there are any.
                line.missing = reading.used == Used::Neither
                    && line.amount.is_none()
                    && !self.parts.has_empty();
            } else if is_child(line, code) {
                line.counted = from_parts && line.amount.is_some();
                line.missing = from_parts && line.amount.is_none();
                if self.agrees() && reading.used == Used::Children {
                    prove_nil(line);
                }
            } else if !reading.beside && is_one_of(line, &self.within) {
                (line.counted, line.missing) = (false, false);
            }
        }
    }

    fn check(&self, block: &'static Block, used: Used) -> ParentCheck {
        let own = self.own.complete();
        let known = used == Used::Children
            || self.parts.complete().is_some() && (self.own.rows == 0 || self.all_parts);
        let children = if own == Some(self.parts.amount + self.inner.amount) {
            self.parts.amount + self.inner.amount
        } else {
            self.parts.amount
        };
        ParentCheck {
            block: &block.code,
            code: &self.line.code,
            label: &self.line.label,
            role: self.line.role,
            parent: own,
            children: known.then_some(children),
            used,
        }
    }
}

fn is_child(line: &StatementLine, parent: &str) -> bool {
    line.item.parent == Some(parent)
}

fn is_one_of(line: &StatementLine, codes: &[&str]) -> bool {
    line.item.code.is_some_and(|code| codes.contains(&code))
}

/// Applies the rule to the rows of a block, of which each has been taken alone.
pub(super) fn resolve(
    block: &'static Block,
    lines: &mut [&mut StatementLine],
    parents: &mut Vec<ParentCheck>,
) -> BlockSum {
    let families: Vec<Family> = block
        .lines
        .iter()
        .filter(|line| line.role == Role::Subtotal)
        .map(|line| Family::new(block, line, lines))
        .filter(Family::is_there)
        .collect();
    let headings = resolve_headings(block, lines);
    let total = block.lines.iter().find(|line| line.role == Role::Total);
    let own = |line: &StatementLine| {
        total.is_some_and(|total| line.item.code == Some(total.code.as_str()))
    };
    let printed_total =
        Sum::of(lines.iter().map(|line| &**line).filter(|line| own(line))).complete();

    // What belongs to no subtotal.
    let in_family = |line: &StatementLine| {
        families.iter().any(|family| {
            let code = family.line.code.as_str();
            line.item.code == Some(code) || is_child(line, code) || is_one_of(line, &family.within)
        })
    };
    let plain: Centimes = lines
        .iter()
        .filter(|line| line.counted && !in_family(line))
        .filter_map(|line| line.amount)
        .sum();
    let decided = printed_total.and_then(|total| choose(&families, total - plain));
    let total_agrees = decided.is_some();
    let readings = decided.unwrap_or_else(|| families.iter().map(Family::by_itself).collect());

    for (family, reading) in families.iter().zip(&readings) {
        family.mark(*reading, lines);
        parents.push(family.check(block, reading.used));
    }
    parents.extend(headings);

    let added: Centimes = lines
        .iter()
        .filter(|line| line.counted)
        .filter_map(|line| line.amount)
        .sum();
    let printed = lines.iter().any(|line| line.counted);
    let any_line = lines
        .iter()
        .any(|line| line.counted || line.missing || line.nil);
    let proven = any_line && total_agrees;
    if proven {
        for line in lines.iter_mut() {
            prove_nil(line);
        }
        mark_empty_subtotals(&families, lines);
    }
    let open = lines.iter().any(|line| line.missing);
    let stands_in = printed_total.is_some() && !proven && (open || !any_line);
    if stands_in {
        stand_in(lines, own);
    }
    if let (Some(total), Some(parent)) = (total, printed_total) {
        parents.push(ParentCheck {
            block: &block.code,
            code: &total.code,
            label: &total.label,
            role: Role::Total,
            parent: Some(parent),
            children: (!stands_in).then_some(added),
            used: if stands_in {
                Used::Parent
            } else {
                Used::Children
            },
        });
    }
    BlockSum {
        code: &block.code,
        amount: printed_total.filter(|_| stands_in).unwrap_or(added),
        printed,
        open: open && !stands_in,
        only_total: proven && !printed,
    }
}

/// The first choice of readings that comes to what the total leaves for the subtotals.
fn choose(families: &[Family], left: Centimes) -> Option<Vec<Reading>> {
    let Some((family, others)) = families.split_first() else {
        return (left == Centimes::ZERO).then(Vec::new);
    };
    family.readings().into_iter().find_map(|reading| {
        let mut chosen = choose(others, left - family.amount(reading))?;
        chosen.insert(0, reading);
        Some(chosen)
    })
}

/// A subtotal without an amount over parts that are all nil is nil itself.
fn mark_empty_subtotals(families: &[Family], lines: &mut [&mut StatementLine]) {
    for family in families.iter().filter(|family| family.parts.printed == 0) {
        for line in lines.iter_mut() {
            let own = line.item.code == Some(family.line.code.as_str());
            line.nil |= own && line.amount.is_none();
        }
    }
}

/// Takes the total for the rows of its block.
pub(super) fn stand_in(lines: &mut [&mut StatementLine], own: impl Fn(&StatementLine) -> bool) {
    for line in lines.iter_mut() {
        line.counted = own(line);
        line.missing = false;
    }
}

/// Applies the rule to headings, which may carry the sum of their lines. A line that a body does not publish is one
/// that it does not have; only one published without an amount is missing.
fn resolve_headings(block: &'static Block, lines: &mut [&mut StatementLine]) -> Vec<ParentCheck> {
    let mut checks = Vec::new();
    for heading in block.lines.iter().filter(|line| line.role == Role::Heading) {
        let code = heading.code.as_str();
        let rows = || lines.iter().map(|line| &**line);
        let own = Sum::of(rows().filter(|line| line.item.code == Some(code))).complete();
        let children = Sum::of(rows().filter(|line| is_child(line, code)));
        // One without an amount has nothing to be checked against.
        let Some(parent) = own else { continue };
        let proven = children.is_proven_by(own, Centimes::ZERO);
        let used = if children.complete().is_some() || proven {
            Used::Children
        } else {
            Used::Parent
        };
        for line in lines.iter_mut() {
            if used == Used::Parent && line.item.code == Some(code) {
                line.counted = true;
            } else if is_child(line, code) {
                if used == Used::Parent {
                    (line.counted, line.missing) = (false, false);
                } else if proven {
                    prove_nil(line);
                }
            }
        }
        checks.push(ParentCheck {
            block: &block.code,
            code: &heading.code,
            label: &heading.label,
            role: Role::Heading,
            parent: Some(parent),
            children: (used == Used::Children).then_some(children.amount),
            used,
        });
    }
    checks
}
