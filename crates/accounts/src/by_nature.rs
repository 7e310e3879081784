//! The income statement by nature: accounts of two digits, 60 to 79, which all families have.
//!
//! It puts bodies of different families side by side, and is the only statement of those whose official model is not
//! at hand. Its lines are a nomenclature of their own (`data/nature.toml`), so that the rest of the program reads its
//! rows as those of any other.

use std::sync::Arc;

use crate::chart::Chart;
use crate::computed::{
    ComputedError, Held, WITHOUT_LINE, activity_of, activity_word, side_word, signed, sum,
};
use crate::money::Centimes;
use crate::nomenclature::{Block, Line, NATURE, Nomenclature};
use crate::statement::{Activity, Published, Side, StatementRow};
use crate::trial_balance::TrialBalance;
use crate::year::FiscalYear;

/// A line of the statement by nature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatureLine {
    /// The account of two digits: `64`.
    pub code: String,
    /// Its title in the chart; `None` where the chart has no such account.
    pub title: Option<&'static str>,
    /// The label of the line, the same for all families: `64 Charges de personnel`.
    pub label: String,
    /// Revenue for class 7, expense for class 6.
    pub side: Side,
    /// The activity.
    pub activity: Activity,
    /// The label of the block.
    pub category: &'static str,
    /// Credit less debit for revenue, debit less credit for expense.
    pub amount: Centimes,
    /// The accounts it adds up.
    pub accounts: Vec<Held>,
}

/// The income statement of a year by nature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatureStatement {
    /// The fiscal year.
    pub year: FiscalYear,
    /// The lines, in the order of the model: those of the chart, and any that an account is in. One that none is in is
    /// zero.
    pub lines: Vec<NatureLine>,
    /// Class 7 less class 6.
    pub result: Centimes,
}

/// The model of the statement by nature, which is part of the program.
fn model() -> &'static Nomenclature {
    Nomenclature::by_code(NATURE).expect("the statement by nature")
}

impl NatureStatement {
    /// The statement of a trial balance.
    ///
    /// # Errors
    ///
    /// When there is no account of classes 6 and 7, or what one of them closed with is not known.
    pub fn new(trial: &TrialBalance, chart: &Chart) -> Result<Self, ComputedError> {
        let mut lines: Vec<NatureLine> = model()
            .lines()
            .map(|(block, model)| line(chart, block, model))
            .collect();
        for (side, held) in signed(trial, chart)? {
            let code = held.account.get(..2).unwrap_or(&held.account);
            let at = lines.iter().position(|line| line.code == code);
            let at = at.unwrap_or_else(|| {
                // An account of one digit is in no line.
                lines.push(NatureLine {
                    code: code.to_owned(),
                    title: None,
                    label: code.to_owned(),
                    side,
                    activity: activity_of(code),
                    category: WITHOUT_LINE,
                    amount: Centimes::ZERO,
                    accounts: Vec::new(),
                });
                lines.len() - 1
            });
            lines[at].accounts.push(held);
        }
        lines.retain(|line| line.title.is_some() || !line.accounts.is_empty());
        for line in &mut lines {
            line.amount = sum(&line.accounts);
        }
        let mut statement = Self {
            year: trial.year,
            lines,
            result: Centimes::ZERO,
        };
        statement.result = statement.total(Side::Revenue) - statement.total(Side::Expense);
        Ok(statement)
    }

    /// The sum of a side.
    pub fn total(&self, side: Side) -> Centimes {
        let of_side = self.lines.iter().filter(|line| line.side == side);
        of_side.map(|line| line.amount).sum()
    }

    /// What an activity comes to: revenue less expense.
    fn balance(&self, activity: Activity) -> Centimes {
        let of_activity = self.lines.iter().filter(|line| line.activity == activity);
        let amounts = of_activity.map(|line| match line.side {
            Side::Revenue => line.amount,
            Side::Expense => -line.amount,
        });
        amounts.sum()
    }

    /// The rows as a source would publish them, the balances last.
    pub fn rows(&self) -> Vec<StatementRow> {
        let lines = self.lines.iter().map(|line| {
            let published = Published {
                activity: activity_word(line.activity).to_owned(),
                side: side_word(line.side).to_owned(),
                category: line.category.to_owned(),
                label: line.label.clone(),
            };
            (published, line.amount)
        });
        let balances = model().balances.iter().map(|balance| {
            let published = Published {
                activity: String::new(),
                side: String::new(),
                category: String::new(),
                label: balance.label.clone(),
            };
            // One over several activities is the result; an account of one digit is part of an activity, too.
            let activity = match balance.plus.as_slice() {
                [only] => model().block(only).map(|block| block.activity),
                _ => None,
            };
            (
                published,
                activity.map_or(self.result, |activity| self.balance(activity)),
            )
        });
        (1..)
            .zip(lines.chain(balances))
            .map(|(record, (published, amount))| StatementRow {
                record,
                year: self.year,
                published: Arc::new(published),
                amount: Some(amount),
            })
            .collect()
    }
}

fn line(chart: &Chart, block: &'static Block, model: &'static Line) -> NatureLine {
    NatureLine {
        code: model.code.clone(),
        title: chart.account(&model.code).map(|account| account.title),
        label: model.label.clone(),
        side: block.side,
        activity: block.activity,
        category: &block.label,
        amount: Centimes::ZERO,
        accounts: Vec::new(),
    }
}
