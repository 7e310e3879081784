//! What a balance sheet says of the results of its years.

use std::collections::BTreeSet;

use super::{BalanceKind, BalanceSheet, BalanceSide, Carried};
use crate::money::Centimes;
use crate::witness::{NotComputable, Witness, WitnessKind, one_of};
use crate::year::FiscalYear;

impl BalanceSheet {
    /// All that the sheet says of the results of its years. `breaks` are the years that begin another public body.
    pub fn witnesses(&self, breaks: &[u16]) -> Vec<Witness> {
        let years = self.years();
        let of_year = |year: &FiscalYear| {
            let next = years.contains(&year.next()).then(|| {
                self.carried(*year)
                    .witness(*year, &self.carried(year.next()), breaks)
            });
            let (totals, assets) = self.totals_of(*year);
            let of = |kind, says| Witness {
                year: *year,
                kind,
                says,
                against: None,
                is_independent: true,
                record: None,
            };
            let totals = Witness {
                against: assets,
                is_independent: false,
                ..of(WitnessKind::SheetTotals, totals)
            };
            let mut found = vec![self.result_of(*year)];
            found.extend(next);
            found.push(totals);
            found
        };
        years.iter().flat_map(of_year).collect()
    }

    /// The line that prints the result.
    fn result_of(&self, year: FiscalYear) -> Witness {
        let is_result =
            |line: &&super::BalanceLine| line.year == year && line.kind == BalanceKind::Result;
        let first = self.lines.iter().find(is_result);
        let printed: BTreeSet<Centimes> = self
            .lines
            .iter()
            .filter(is_result)
            .filter_map(|line| line.net)
            .collect();
        Witness {
            year,
            kind: WitnessKind::BalanceSheet,
            says: first
                .ok_or(NotComputable::NoLine)
                .and_then(|_| one_of(&printed)),
            against: None,
            is_independent: true,
            record: first.map(|line| line.record),
        }
    }

    /// All liabilities, and the assets that they are held against.
    fn totals_of(&self, year: FiscalYear) -> (Result<Centimes, NotComputable>, Option<Centimes>) {
        let of_side = |side| self.net_total(year, side);
        let liabilities = of_side(BalanceSide::Liability);
        (
            liabilities.ok_or(NotComputable::Incomplete),
            of_side(BalanceSide::Asset),
        )
    }
}

impl Carried {
    /// What the next year says of the result of this one, which is `year`. `breaks` are the years that begin another
    /// public body.
    pub fn witness(&self, year: FiscalYear, next: &Self, breaks: &[u16]) -> Witness {
        let says = if breaks.contains(&year.next().get()) {
            Err(NotComputable::Perimeter)
        } else {
            self.grown(next).ok_or(NotComputable::NoLine)
        };
        Witness {
            year,
            kind: WitnessKind::CarryOver,
            says,
            against: None,
            is_independent: true,
            record: None,
        }
    }
}
