//! What a document says, whatever its form.

use centime_accounts::label::normalise;
use centime_accounts::{BodyKind, Budget, Centimes, FiscalYear, Flow, Side, TrialBalance};

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// Account balances of the DGFiP that are not final.
    ProvisionalBalances,
    /// A budget table of the SCDL schema with executed amounts.
    BudgetTable,
    /// *Compte administratif*, as a TOTEM budget document.
    AdministrativeAccount,
    /// Account balances of the DGFiP, which have all accounts of the balance sheet, too.
    AccountBalances,
    /// *Compte financier unique*, which has the statement and the balance sheet, too.
    UnifiedAccount,
}

impl DocumentKind {
    /// All kinds, the fullest last.
    pub const ALL: [Self; 5] = [
        Self::ProvisionalBalances,
        Self::BudgetTable,
        Self::AdministrativeAccount,
        Self::AccountBalances,
        Self::UnifiedAccount,
    ];

    /// The name in records and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnifiedAccount => "cfu",
            Self::AdministrativeAccount => "totem",
            Self::BudgetTable => "scdl",
            Self::AccountBalances => "balance",
            Self::ProvisionalBalances => "balance-provisoire",
        }
    }

    /// What it is called in French.
    pub const fn title(self) -> &'static str {
        match self {
            Self::UnifiedAccount => "Compte financier unique",
            Self::AdministrativeAccount => "Compte administratif (TOTEM)",
            Self::BudgetTable => "Compte administratif (SCDL)",
            Self::AccountBalances => "Balance comptable (DGFiP)",
            Self::ProvisionalBalances => "Balance comptable provisoire (DGFiP)",
        }
    }
}

/// One account of one budget's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file it was read from.
    pub file: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The version of the form, where it says one.
    pub version: Option<String>,
    /// Whose account it is.
    pub budget: DocumentBudget,
    /// The year of the account.
    pub year: FiscalYear,
    /// The chart of accounts; `None` where the form has no place for it.
    pub chart: Option<ChartName>,
    /// How many inhabitants the document counts.
    pub population: Option<u32>,
    /// The printed income statement, in its order; empty where none is printed.
    pub statement: Vec<StatementEntry>,
    /// The printed balance sheet, assets first, in its order; empty where none is printed.
    pub balance: Vec<BalanceEntry>,
    /// What was executed, by account.
    pub executed: Executed,
    /// The same from the budget part of a CFU: another source of the same amounts.
    pub budget_part: Executed,
    /// Its account balances, where it is a table of them.
    pub balances: Option<BudgetBalances>,
    /// How many lines were read.
    pub lines: u64,
}

/// Whose account a document is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentBudget {
    /// The SIRET number of the budget, fourteen digits.
    pub siret: String,
    /// The name that the document gives.
    pub name: String,
    /// Main or annex, where it says so.
    pub kind: Option<Budget>,
    /// The INSEE code of the commune, where it says one.
    pub insee: Option<String>,
    /// What the body is, where it says so.
    pub body_kind: Option<BodyKind>,
    /// The INSEE code of the département that the body is in, where it says one.
    pub departement: Option<&'static str>,
}

/// A chart of accounts: `M57_A` is the family `M57` in the form `M57_A`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartName {
    /// The family: M14, M52, M57, …
    pub family: String,
    /// The chart as the document names it: `M57_A`, `M14_COM_SUP3500`.
    pub name: String,
}

/// A line of a printed income statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// The line of the file.
    pub line: u64,
    /// The place in the form.
    pub order: u32,
    /// The printed label.
    pub label: String,
    /// The code of the line, or a range of codes: `R105`, `R210-R215`.
    pub code: Option<String>,
    /// How the form makes the line: `TITRE`, `AGREGAT_CR`, `REGROUP_AGREGAT_CR`, `TOTALISATION`.
    pub treatment: String,
    /// The title of the block it stands in; empty for balances of blocks.
    pub block: String,
    /// Whether the block is of revenue or expense.
    pub side: Option<Side>,
    /// Whether the line is the title of its block, which has no amount.
    pub is_block: bool,
    /// The amount of the year; `None` where nothing is printed.
    pub amount: Option<Centimes>,
    /// The amount of the year before.
    pub previous: Option<Centimes>,
}

/// A line of a printed balance sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceEntry {
    /// The line of the file.
    pub line: u64,
    /// The place in the form.
    pub order: u32,
    /// Whether it is an asset.
    pub is_asset: bool,
    /// The printed label.
    pub label: String,
    /// The code of the line: `A110`, `P140`.
    pub code: Option<String>,
    /// How the form makes the line: `TITRE`, `AGREGAT_BILAN`, `TOTALISATION`.
    pub treatment: String,
    /// The title it stands under.
    pub heading: String,
    /// The gross value, of assets.
    pub gross: Option<Centimes>,
    /// What of it is used up.
    pub depreciation: Option<Centimes>,
    /// The net value.
    pub net: Option<Centimes>,
    /// The net value of the year before.
    pub previous: Option<Centimes>,
}

/// A figure for the result that a document gives of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What gives it.
    pub kind: WitnessKind,
    /// The result.
    pub result: Centimes,
}

/// What gives a figure for the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WitnessKind {
    /// The last line of the printed income statement.
    Statement,
    /// The line of the printed balance sheet.
    BalanceSheet,
    /// Revenue less expense of the executed accounts.
    Accounts,
    /// The same of the budget part of a CFU.
    BudgetPart,
}

impl WitnessKind {
    /// The name in records and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "compte de résultat",
            Self::BalanceSheet => "bilan",
            Self::Accounts => "comptes",
            Self::BudgetPart => "partie budgétaire",
        }
    }
}

impl Document {
    /// All that the document says of the result, each from another part of it.
    pub fn witnesses(&self) -> Vec<Witness> {
        let printed = self.statement.iter().rfind(|line| line.is_result());
        let of_sheet = self.balance.iter().find(|line| line.is_result());
        let trial = self.balances.as_ref().map(|balances| &balances.trial);
        let classes_1_to_5 = trial.and_then(|trial| {
            let accounts = trial.accounts();
            let found = accounts.filter(|account| matches!(account.class(), 1..=5));
            found
                .map(centime_accounts::trial_balance::AccountBalance::balance)
                .sum::<Option<Centimes>>()
        });
        let found = [
            (WitnessKind::Statement, printed.and_then(|line| line.amount)),
            (
                WitnessKind::BalanceSheet,
                of_sheet.and_then(|line| line.net).or(classes_1_to_5),
            ),
            (
                WitnessKind::Accounts,
                self.executed
                    .result()
                    .or_else(|| trial.and_then(TrialBalance::result)),
            ),
            (WitnessKind::BudgetPart, self.budget_part.result()),
        ];
        let known = found.into_iter().filter_map(|(kind, result)| {
            Some(Witness {
                kind,
                result: result?,
            })
        });
        known.collect()
    }
}

/// What a table says of a balance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It is final (`DEF`), or of a year whose tables had final ones only.
    Final,
    /// It is not, in the words of the table: `Juil2026`.
    Provisional(String),
}

/// The account balances of a budget's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetBalances {
    /// The chart of accounts as published, where the table says one. One that is not known is kept.
    pub nomenclature: Option<String>,
    /// Whether the balance is final.
    pub standing: Standing,
    /// The accounts: what they opened with, what moved them, what they closed with.
    pub trial: TrialBalance,
    /// What the budget moved by function, in tables by nature and function; empty in others.
    pub functions: Vec<FunctionPart>,
}

/// What the budget moved of an account for a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionPart {
    /// The account.
    pub account: String,
    /// The function.
    pub function: String,
    /// Operations of the budget, order operations included.
    pub budget: Flow,
    /// The order operations among them, where the table says.
    pub order: Option<Flow>,
}

/// Whether a label is that of the result of the year.
fn names_result(label: &str) -> bool {
    normalise(label).starts_with("resultat de l exercice")
}

impl StatementEntry {
    /// Whether it is the result of the year.
    pub fn is_result(&self) -> bool {
        names_result(&self.label)
    }

    /// Whether it is a title, which has no amount.
    pub fn is_title(&self) -> bool {
        self.treatment == TITLE
    }
}

impl BalanceEntry {
    /// Whether it is the result of the year.
    pub fn is_result(&self) -> bool {
        !self.is_asset && names_result(&self.label)
    }

    /// Whether it is a title, which has no amount.
    pub fn is_title(&self) -> bool {
        self.treatment == TITLE
    }
}

/// How forms call a title.
pub(crate) const TITLE: &str = "TITRE";

/// What was executed, by account, in the order of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// The accounts.
    pub accounts: Vec<ExecutedAccount>,
}

/// What was executed of an account, over all functions and operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedAccount {
    /// The number of the account.
    pub account: String,
    /// Its title, where the document gives it.
    pub label: Option<String>,
    /// Expense (`D`), of real and order operations.
    pub debit: Centimes,
    /// Revenue (`R`), of real and order operations.
    pub credit: Centimes,
    /// What of the expense is of order operations, which move no money; zero where the document does not tell.
    pub order_debit: Centimes,
    /// What of the revenue is of order operations.
    pub order_credit: Centimes,
    /// The first line of the file that is about it.
    pub line: u64,
    /// How many lines are.
    pub lines: u64,
}

impl ExecutedAccount {
    /// Its class: the first digit of its number.
    pub fn class(&self) -> Option<u32> {
        self.account.chars().next()?.to_digit(10)
    }
}

impl Executed {
    /// The result: revenue less expense of class 7, less expense less revenue of class 6. `None` where neither class
    /// has an account, or where it is more than a number holds.
    pub fn result(&self) -> Option<Centimes> {
        let mut of_result = self.of_result().peekable();
        of_result.peek()?;
        of_result.try_fold(Centimes::ZERO, |sum, account| {
            sum.checked_add(account.credit.checked_sub(account.debit)?)
        })
    }

    /// The accounts of classes 6 and 7.
    pub fn of_result(&self) -> impl Iterator<Item = &ExecutedAccount> {
        self.accounts
            .iter()
            .filter(|account| matches!(account.class(), Some(6 | 7)))
    }

    /// Whether there is no account.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }
}
