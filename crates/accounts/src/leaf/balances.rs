//! What the printed balances of a statement prove: the result, and the results of its activities.

use std::collections::BTreeSet;

use super::block::BlockSum;
use super::prove_nil;
use crate::money::Centimes;
use crate::nomenclature::{Balance, Nomenclature};
use crate::statement::{Role, StatementLine};

/// Looks at each printed balance. One that equals what its blocks come to proves that their empty lines are nil,
/// where no total of a block says so. One that does not takes away the belief in a total of nothing: where a block
/// prints no amount but that, it may be the sum of a table that was never filled in. Returns whether any line is nil
/// because of one.
pub(super) fn prove(
    nomenclature: &'static Nomenclature,
    lines: &mut [StatementLine],
    sums: &mut [BlockSum],
) -> bool {
    let mut proves_nil = false;
    for balance in &nomenclature.balances {
        let Some(printed) = printed(balance, lines) else {
            continue;
        };
        let has = |blocks: &[String], sum: &BlockSum| blocks.iter().any(|block| block == sum.code);
        let amount: Centimes = sums
            .iter()
            .map(|sum| {
                if has(&balance.plus, sum) {
                    sum.amount
                } else if has(&balance.minus, sum) {
                    Centimes::ZERO - sum.amount
                } else {
                    Centimes::ZERO
                }
            })
            .sum();
        let agrees = amount == printed;
        let of_balance = |sum: &&mut BlockSum| has(&balance.plus, sum) || has(&balance.minus, sum);
        let any_printed = sums.iter_mut().filter(of_balance).any(|sum| sum.printed);
        let complete = !sums.iter_mut().filter(of_balance).any(|sum| sum.open);
        for sum in sums.iter_mut().filter(of_balance) {
            let of_block = lines
                .iter_mut()
                .filter(|line| line.item.block == Some(sum.code));
            if agrees && sum.open && (any_printed || printed == Centimes::ZERO) {
                of_block.for_each(prove_nil);
                sum.open = false;
                proves_nil = true;
            } else if !agrees && complete && sum.only_total {
                for line in of_block {
                    line.nil = false;
                    line.counted = line.item.role == Role::Total && line.amount.is_some();
                }
                sum.only_total = false;
            }
        }
    }
    proves_nil
}

/// The amount of a balance, where the statement prints just one.
fn printed(balance: &Balance, lines: &[StatementLine]) -> Option<Centimes> {
    let of_balance = lines.iter().filter(|line| {
        line.item.role == Role::Balance && line.item.code == Some(balance.code.as_str())
    });
    let amounts: BTreeSet<Centimes> = of_balance.filter_map(|line| line.amount).collect();
    if amounts.len() == 1 {
        amounts.first().copied()
    } else {
        None
    }
}
