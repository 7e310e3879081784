//! The official income statement, computed from accounts.
//!
//! Each account of classes 6 and 7 is in one line, by the rules of the nomenclature and edition (`data/*.toml`), or
//! said to be in none. Amounts are signed once: credit less debit in a line of revenue, debit less credit in one of
//! expense. So what is subtracted (739, 6419, 609) nets by itself, and an amount below zero stays one.
//!
//! An account that no line holds is kept and part of the result. The rows come out as a source would publish them, so
//! that the rest of the program reads them as it reads any other statement.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::chart::Chart;
use crate::money::Centimes;
use crate::nomenclature::{Block, Edition, Line, Nomenclature};
use crate::statement::{Activity, Published, Role, Side, StatementRow};
use crate::trial_balance::{TrialBalance, class_of};
use crate::year::FiscalYear;

/// The block of the rows of accounts without a line.
pub const WITHOUT_LINE: &str = "Comptes sans ligne officielle";

/// An account and what it adds to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The number of the account.
    pub account: String,
    /// Its title in the chart, or that of the account it is a subdivision of.
    pub title: Option<&'static str>,
    /// What it adds to the line, signed as the line is.
    pub amount: Centimes,
}

/// A row of a computed statement, in the order of the official model.
#[derive(Clone, Debug)]
pub struct ComputedLine {
    /// The number of the row, from 1; that of the record in [`ComputedStatement::rows`].
    pub record: i64,
    /// The block; `None` for balances between blocks, and for accounts without a line.
    pub block: Option<&'static Block>,
    /// The code of the line in its block, or of the balance; `None` for the name of a block, and for accounts without
    /// a line.
    pub code: Option<&'static str>,
    /// The official label, or the number and title of an account without a line.
    pub label: String,
    /// What the row is.
    pub role: Role,
    /// The side; `None` for balances.
    pub side: Option<Side>,
    /// The activity; `None` for balances.
    pub activity: Option<Activity>,
    /// The amount; `None` for names and headings, which print none. A line that no account is in is zero.
    pub amount: Option<Centimes>,
    /// The accounts it adds up: those of its parts, for a subtotal; none for totals and balances, which add up rows.
    pub accounts: Vec<Held>,
}

/// Why an account is in no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLine {
    /// The statement has none for it in this edition: until 2019 M57 had accounts of exceptional operations.
    Edition,
    /// The rules have none for it: its number is not one that the edition uses.
    Unknown,
}

/// An account of classes 6 and 7 that is in no line of the official model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// Revenue for class 7, expense for class 6.
    pub side: Side,
    /// The account, with credit less debit for class 7, and debit less credit for class 6.
    pub held: Held,
    /// Why it is in none.
    pub reason: NoLine,
}

/// The income statement of a year, computed from accounts.
#[derive(Clone, Debug)]
pub struct ComputedStatement {
    /// The fiscal year.
    pub year: FiscalYear,
    /// The nomenclature.
    pub nomenclature: &'static Nomenclature,
    /// The form of its chart of accounts.
    pub edition: &'static Edition,
    /// The rows, in the order of the official model; accounts without a line are the last.
    pub lines: Vec<ComputedLine>,
    /// Accounts that are in no line. They are part of the result and of the totals of all revenue and expense, and of
    /// no other total.
    pub unplaced: Vec<Unplaced>,
    /// Class 7 less class 6.
    pub result: Centimes,
}

/// Why there is no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComputedError {
    /// The official model of the family is not at hand.
    #[error(
        "there is no statement model for {0}: only the statement by nature can be made of its accounts"
    )]
    NoModel(&'static str),
    /// There is no account of classes 6 and 7.
    #[error("there is no account of classes 6 and 7")]
    NoAccounts,
    /// What accounts closed with is not known.
    #[error("the closing balance of these accounts is not known: {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// The line of the official statement that an account is in.
#[derive(Clone, Copy, Debug)]
pub enum Placement {
    /// A line of a block.
    Line(&'static Nomenclature, &'static Block, &'static Line),
    /// None: it is part of the result and of no line.
    WithoutLine(NoLine),
    /// Its family has no official model at hand.
    NoModel,
    /// It is no account of the income statement.
    OutsideOfResult,
}

impl Placement {
    /// Where an account is by its chart.
    pub fn of(chart: &Chart, account: &str) -> Self {
        let Some(side) = side_of(account) else {
            return Self::OutsideOfResult;
        };
        let Some((nomenclature, edition)) = chart.nomenclature().zip(chart.edition()) else {
            return Self::NoModel;
        };
        match line_of(nomenclature, edition, side, account) {
            Ok((block, line)) => Self::Line(nomenclature, block, line),
            Err(reason) => Self::WithoutLine(reason),
        }
    }
}

impl NoLine {
    /// The name in files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edition => "edition",
            Self::Unknown => "unknown",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Edition, Self::Unknown]
            .into_iter()
            .find(|reason| reason.name() == name)
    }
}

/// The side of the income statement that the class of an account says; `None` for accounts of other classes.
pub fn side_of(account: &str) -> Option<Side> {
    match class_of(account) {
        6 => Some(Side::Expense),
        7 => Some(Side::Revenue),
        _ => None,
    }
}

/// The line of an account. The rules put an account of the charts in one line; of a number that no chart has they may
/// not know.
fn line_of(
    nomenclature: &'static Nomenclature,
    edition: &'static Edition,
    side: Side,
    account: &str,
) -> Result<(&'static Block, &'static Line), NoLine> {
    let mut lines = nomenclature.lines_of_account(edition, account);
    match (lines.next(), lines.next()) {
        (Some((block, line)), None) if block.side == side => Ok((block, line)),
        _ if edition.unplaced.have(account) => Err(NoLine::Edition),
        _ => Err(NoLine::Unknown),
    }
}

/// The accounts of a side of the income statement, with their amounts signed as that side is.
pub(crate) fn signed(
    trial: &TrialBalance,
    chart: &Chart,
) -> Result<Vec<(Side, Held)>, ComputedError> {
    let mut unknown = Vec::new();
    let mut signed = Vec::new();
    for account in trial.accounts() {
        let Some(side) = side_of(&account.account) else {
            continue;
        };
        let Some(balance) = account.balance() else {
            unknown.push(account.account.clone());
            continue;
        };
        signed.push((
            side,
            Held {
                account: account.account.clone(),
                title: chart.title(&account.account).map(|found| found.title),
                amount: if side == Side::Expense {
                    balance
                } else {
                    -balance
                },
            },
        ));
    }
    if !unknown.is_empty() {
        return Err(ComputedError::Unknown(unknown));
    }
    if signed.is_empty() {
        return Err(ComputedError::NoAccounts);
    }
    Ok(signed)
}

/// The sum of what accounts add.
pub(crate) fn sum(accounts: &[Held]) -> Centimes {
    accounts.iter().map(|held| held.amount).sum()
}

/// The activity that the number of an account says, where no line does.
pub(crate) fn activity_of(account: &str) -> Activity {
    let starts = |codes: &[&str]| codes.iter().any(|code| account.starts_with(code));
    if starts(&["66", "76", "686", "786", "796"]) {
        Activity::Financial
    } else if starts(&["67", "77", "687", "787", "797"]) {
        Activity::Exceptional
    } else {
        Activity::Operating
    }
}

/// What accounts come to in the lines of a nomenclature.
#[derive(Debug, Default)]
struct Places {
    /// The accounts of each line, by block and line.
    held: BTreeMap<(&'static str, &'static str), Vec<Held>>,
    unplaced: Vec<Unplaced>,
}

impl Places {
    fn new(
        nomenclature: &'static Nomenclature,
        edition: &'static Edition,
        signed: Vec<(Side, Held)>,
    ) -> Self {
        let mut places = Self::default();
        for (side, held) in signed {
            match line_of(nomenclature, edition, side, &held.account) {
                Ok((block, line)) => {
                    let place = (block.code.as_str(), line.code.as_str());
                    places.held.entry(place).or_default().push(held);
                }
                Err(reason) => places.unplaced.push(Unplaced { side, held, reason }),
            }
        }
        places
    }

    fn of(&self, block: &'static Block, line: &'static Line) -> &[Held] {
        let place = (block.code.as_str(), line.code.as_str());
        self.held.get(&place).map_or(&[], Vec::as_slice)
    }

    /// What a line holds; a subtotal what its parts do, and the lines that the official form adds up with them.
    fn under(&self, block: &'static Block, line: &'static Line) -> Vec<Held> {
        if line.role != Role::Subtotal {
            return self.of(block, line).to_vec();
        }
        let of_subtotal = |other: &&Line| {
            let code = Some(line.code.as_str());
            other.parent.as_deref() == code || other.within.as_deref() == code
        };
        block
            .lines
            .iter()
            .filter(of_subtotal)
            .flat_map(|part| self.of(block, part).iter().cloned())
            .collect()
    }

    fn total(&self, block: &str) -> Centimes {
        let of_block = self.held.iter().filter(|((known, _), _)| *known == block);
        of_block.map(|(_, accounts)| sum(accounts)).sum()
    }

    fn unplaced_of(&self, side: Side) -> Centimes {
        let of_side = self.unplaced.iter().filter(|one| one.side == side);
        of_side.map(|one| one.held.amount).sum()
    }
}

impl ComputedStatement {
    /// The statement of a trial balance by its chart of accounts.
    ///
    /// # Errors
    ///
    /// When the family has no official model, there is no account of classes 6 and 7, or what one of them closed with
    /// is not known.
    pub fn new(trial: &TrialBalance, chart: &Chart) -> Result<Self, ComputedError> {
        let model = chart.nomenclature().zip(chart.edition());
        let (nomenclature, edition) = model.ok_or(ComputedError::NoModel(chart.family()))?;
        let places = Places::new(nomenclature, edition, signed(trial, chart)?);
        let mut lines = Vec::new();
        for (at, block) in nomenclature.blocks.iter().enumerate() {
            lines.push(title_of(block));
            for line in &block.lines {
                let accounts = places.under(block, line);
                // An edition without a line may yet have an account of it that the charts do not.
                if edition.without.contains(&line.place(block)) && accounts.is_empty() {
                    continue;
                }
                let amount = match line.role {
                    Role::Heading => None,
                    Role::Total => Some(places.total(&block.code)),
                    _ => Some(sum(&accounts)),
                };
                lines.push(ComputedLine {
                    record: 0,
                    block: Some(block),
                    code: Some(&line.code),
                    label: line.label.clone(),
                    role: line.role,
                    side: Some(block.side),
                    activity: Some(block.activity),
                    amount,
                    accounts,
                });
            }
            lines.extend(balances_after(nomenclature, at, &places));
        }
        lines.extend(places.unplaced.iter().map(unplaced_line));
        for (record, line) in (1..).zip(&mut lines) {
            line.record = record;
        }
        let of_side = |side: Side| {
            let blocks = nomenclature
                .blocks
                .iter()
                .filter(|block| block.side == side);
            let in_lines: Centimes = blocks.map(|block| places.total(&block.code)).sum();
            in_lines + places.unplaced_of(side)
        };
        Ok(Self {
            year: trial.year,
            nomenclature,
            edition,
            result: of_side(Side::Revenue) - of_side(Side::Expense),
            lines,
            unplaced: places.unplaced,
        })
    }

    /// The rows as a source would publish them: in the order of the official model, with its labels.
    pub fn rows(&self) -> Vec<StatementRow> {
        let rows = self.lines.iter().map(|line| StatementRow {
            record: line.record,
            year: self.year,
            published: Arc::new(Published {
                activity: line.activity.map_or("", activity_word).to_owned(),
                side: line.side.map_or("", side_word).to_owned(),
                category: match (line.block, line.role) {
                    (Some(block), _) => block.label.clone(),
                    (None, Role::Balance) => String::new(),
                    (None, _) => WITHOUT_LINE.to_owned(),
                },
                label: line.label.clone(),
            }),
            amount: line.amount,
        });
        rows.collect()
    }

    /// The row with this place: `block/line`, or the code of a balance.
    pub fn line(&self, place: &str) -> Option<&ComputedLine> {
        self.lines
            .iter()
            .find(|line| match (line.block, line.code) {
                (Some(block), Some(code)) => place
                    .split_once('/')
                    .is_some_and(|(of, line)| of == block.code && line == code),
                (None, Some(code)) => place == code,
                _ => false,
            })
    }
}

/// The word of the side as sources publish it.
pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Revenue => "PRODUITS",
        Side::Expense => "CHARGES",
    }
}

/// The word of the activity as sources publish it.
pub(crate) const fn activity_word(activity: Activity) -> &'static str {
    match activity {
        Activity::Operating => "EXPLOITATION",
        Activity::Financial => "FINANCIER",
        Activity::Exceptional => "EXCEPTIONNEL",
    }
}

/// The row with the name of a block, as the official form prints it.
fn title_of(block: &'static Block) -> ComputedLine {
    ComputedLine {
        record: 0,
        block: Some(block),
        code: None,
        label: block.label.clone(),
        role: Role::Heading,
        side: Some(block.side),
        activity: Some(block.activity),
        amount: None,
        accounts: Vec::new(),
    }
}

/// The balances that stand below a block: those that name no later one. A balance over all blocks of a side holds the
/// accounts of that side without a line, too.
fn balances_after<'a>(
    nomenclature: &'static Nomenclature,
    at: usize,
    places: &'a Places,
) -> impl Iterator<Item = ComputedLine> + 'a {
    let place = |code: &String| {
        nomenclature
            .blocks
            .iter()
            .position(|block| block.code == *code)
    };
    let stands_here = move |balance: &&crate::nomenclature::Balance| {
        let blocks = balance.plus.iter().chain(&balance.minus);
        blocks.filter_map(place).max() == Some(at)
    };
    let amount = |side: Side, codes: &[String]| -> Centimes {
        let sum: Centimes = codes.iter().map(|code| places.total(code)).sum();
        let mut of_side = nomenclature
            .blocks
            .iter()
            .filter(|block| block.side == side);
        let whole = of_side.all(|block| codes.contains(&block.code));
        if whole {
            sum + places.unplaced_of(side)
        } else {
            sum
        }
    };
    let balances = nomenclature.balances.iter().filter(stands_here);
    balances.map(move |balance| ComputedLine {
        record: 0,
        block: None,
        code: Some(&balance.code),
        label: balance.label.clone(),
        role: Role::Balance,
        side: None,
        activity: None,
        amount: Some(amount(Side::Revenue, &balance.plus) - amount(Side::Expense, &balance.minus)),
        accounts: Vec::new(),
    })
}

fn unplaced_line(unplaced: &Unplaced) -> ComputedLine {
    let Unplaced { side, held, .. } = unplaced;
    let title = held
        .title
        .map(|title| format!(" {title}"))
        .unwrap_or_default();
    ComputedLine {
        record: 0,
        block: None,
        code: None,
        label: format!("{}{title}", held.account),
        role: Role::Line,
        side: Some(*side),
        activity: Some(activity_of(&held.account)),
        amount: Some(held.amount),
        accounts: vec![held.clone()],
    }
}
