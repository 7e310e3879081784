//! Years of a balance sheet that were published with shifted columns.

use super::{BalanceRow, BalanceSide, TOLERANCE, totals};
use crate::label::normalise;
use crate::money::Centimes;
use crate::year::FiscalYear;

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

/// Proves, or does not, that two successive label years come from one statement with shifted
/// columns. All of this must hold, to one euro:
///
/// 1. the later year's liabilities are empty;
/// 2. the earlier label's gross minus depreciation of assets equals its gross of liabilities, and
///    equals the later label's net of assets: three sums of the later year's total;
/// 3. the earlier label's net column balances on its own, at another total;
/// 4. the later label's gross column is the earlier label's depreciation.
pub(super) fn find(earlier: &[&BalanceRow], later: &[&BalanceRow]) -> Option<Shift> {
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
