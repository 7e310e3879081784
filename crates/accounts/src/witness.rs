//! Witnesses of a result: what else says what the result of a year is, each from a source of its own.
//!
//! A witness is a fact of one year of one budget. It is held against the result that the lines of the statement come to,
//! which is computed elsewhere, and no witness is preferred to another: a difference is shown with the rest. One that
//! follows from the very amounts that the result follows from proves nothing and is not independent.

use std::collections::BTreeSet;

use crate::leaf::YearStatement;
use crate::money::Centimes;
use crate::statement::Role;
use crate::year::FiscalYear;

/// Which source says what the result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WitnessKind {
    /// The line of the balance sheet.
    BalanceSheet,
    /// The last line of the printed statement.
    PrintedResult,
    /// Class 7 less class 6 of the executed accounts of the same document.
    Accounts,
    /// The same of the budget part of a document, which the body itself keeps beside its accountant.
    BudgetPart,
    /// What the year brings forward to the next, less what was brought forward to it.
    CarryOver,
    /// The column of the year before in the document of the next year.
    NextDocument,
    /// Assets held against liabilities: whether the balance sheet was read whole.
    SheetTotals,
    /// *Recettes de fonctionnement* of the OFGL, held against the same sum of accounts.
    OfglRevenue,
    /// *Dépenses de fonctionnement* of the OFGL.
    OfglExpense,
    /// *Épargne de gestion* of the OFGL.
    OfglManagement,
    /// *Épargne brute* of the OFGL.
    OfglGross,
    /// *Épargne nette* of the OFGL.
    OfglNet,
    /// *Annuité de la dette* of the OFGL.
    OfglAnnuity,
    /// *Encours de dette* of the OFGL.
    OfglDebt,
}

/// Why a witness says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotComputable {
    /// Its line is there and has no amount.
    NotPrinted,
    /// There is no line of it.
    NoLine,
    /// Several lines of it say different things.
    Several,
    /// An amount that it adds up is missing.
    Incomplete,
    /// The next year is one of another public body, as after a merger.
    Perimeter,
    /// What it says is defined otherwise than what it is held against: only that they agree says something.
    Definition,
}

/// What a source says of the result of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The year whose result it is about.
    pub year: FiscalYear,
    /// Which source it is.
    pub kind: WitnessKind,
    /// What it says, or why it says nothing.
    pub says: Result<Centimes, NotComputable>,
    /// What it is held against, where that is not the result of the lines.
    pub against: Option<Centimes>,
    /// Whether it follows from other amounts than the result of the lines does.
    pub is_independent: bool,
    /// The record it is read from, where it is one.
    pub record: Option<i64>,
}

impl WitnessKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::BalanceSheet,
        Self::PrintedResult,
        Self::Accounts,
        Self::BudgetPart,
        Self::CarryOver,
        Self::NextDocument,
        Self::SheetTotals,
        Self::OfglRevenue,
        Self::OfglExpense,
        Self::OfglManagement,
        Self::OfglGross,
        Self::OfglNet,
        Self::OfglAnnuity,
        Self::OfglDebt,
    ];

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BalanceSheet => "balance_sheet",
            Self::PrintedResult => "printed_result",
            Self::Accounts => "accounts",
            Self::BudgetPart => "budget_part",
            Self::CarryOver => "carry_over",
            Self::NextDocument => "next_document",
            Self::SheetTotals => "sheet_totals",
            Self::OfglRevenue => "ofgl_revenue",
            Self::OfglExpense => "ofgl_expense",
            Self::OfglManagement => "ofgl_management",
            Self::OfglGross => "ofgl_gross",
            Self::OfglNet => "ofgl_net",
            Self::OfglAnnuity => "ofgl_annuity",
            Self::OfglDebt => "ofgl_debt",
        }
    }
}

impl NotComputable {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::NotPrinted,
        Self::NoLine,
        Self::Several,
        Self::Incomplete,
        Self::Perimeter,
        Self::Definition,
    ];

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPrinted => "not_printed",
            Self::NoLine => "no_line",
            Self::Several => "several",
            Self::Incomplete => "incomplete",
            Self::Perimeter => "perimeter",
            Self::Definition => "definition",
        }
    }
}

/// The code of the balance that is the result, in every nomenclature.
const RESULT: &str = "result";

/// The last line of a printed statement; `None` where the form of the source has none. It is independent unless empty
/// lines were taken for nil because it, or another balance of the statement, is what the others come to.
pub fn of_statement(statement: &YearStatement) -> Option<Witness> {
    let is_result = |line: &&crate::StatementLine| {
        line.item.role == Role::Balance && line.item.code == Some(RESULT)
    };
    let first = statement.lines.iter().find(is_result)?;
    let printed: BTreeSet<Centimes> = statement
        .lines
        .iter()
        .filter(is_result)
        .filter_map(|line| line.amount)
        .collect();
    Some(Witness {
        year: statement.year,
        kind: WitnessKind::PrintedResult,
        says: one_of(&printed),
        against: None,
        is_independent: !statement.balances_prove_nil,
        record: Some(first.record),
    })
}

/// The only amount of those printed.
pub(crate) fn one_of(printed: &BTreeSet<Centimes>) -> Result<Centimes, NotComputable> {
    match printed.len() {
        0 => Err(NotComputable::NotPrinted),
        1 => printed.first().copied().ok_or(NotComputable::NotPrinted),
        _ => Err(NotComputable::Several),
    }
}
