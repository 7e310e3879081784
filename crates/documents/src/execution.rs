//! Executed lines added up by account as they are read.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use centime_accounts::Centimes;

use crate::document::{Executed, ExecutedAccount};
use crate::error::Problem;

/// Which way an amount goes, as `CodRD` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// `D`: expense.
    Debit,
    /// `R`: revenue.
    Credit,
}

/// One executed line.
#[derive(Clone, Copy, Debug)]
pub struct ExecutedLine<'a> {
    pub account: &'a str,
    pub label: Option<&'a str>,
    pub flow: Flow,
    /// Whether it is an order operation, which moves no money.
    pub order: bool,
    pub amount: Centimes,
    pub line: u64,
}

/// Accounts so far.
#[derive(Debug, Default)]
pub struct Execution {
    accounts: BTreeMap<String, ExecutedAccount>,
}

impl Execution {
    /// Adds a line to its account.
    pub fn add(&mut self, line: ExecutedLine<'_>, most: usize) -> Result<(), Problem> {
        let many = self.accounts.len();
        let account = match self.accounts.entry(line.account.to_owned()) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(_) if many >= most => {
                return Err(Problem::TooMuch(format!("{most} accounts")));
            }
            Entry::Vacant(place) => place.insert(ExecutedAccount {
                account: line.account.to_owned(),
                label: line.label.map(str::to_owned),
                debit: Centimes::ZERO,
                credit: Centimes::ZERO,
                order_debit: Centimes::ZERO,
                order_credit: Centimes::ZERO,
                line: line.line,
                lines: 0,
            }),
        };
        let (sum, of_order) = match line.flow {
            Flow::Debit => (&mut account.debit, &mut account.order_debit),
            Flow::Credit => (&mut account.credit, &mut account.order_credit),
        };
        let add = |sum: &mut Centimes| {
            let added = sum.checked_add(line.amount);
            *sum = added.ok_or_else(|| Problem::OutOfRange(line.account.to_owned()))?;
            Ok(())
        };
        add(sum)?;
        if line.order {
            add(of_order)?;
        }
        account.lines += 1;
        Ok(())
    }

    /// Whether nothing was executed.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The accounts, in their order.
    pub fn finish(self) -> Executed {
        Executed {
            accounts: self.accounts.into_values().collect(),
        }
    }
}
