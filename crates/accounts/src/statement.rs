//! A row as published, and the statement line it becomes.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::label::{Match, normalise};
use crate::money::Centimes;
use crate::year::FiscalYear;

/// The side of the income statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// *Produits*.
    Revenue,
    /// *Charges*.
    Expense,
}

/// The activity a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// *Exploitation*: in M14 the current non-financial activity.
    Operating,
    /// *Financier*.
    Financial,
    /// *Exceptionnel*; only in M14.
    Exceptional,
}

/// What a row is in its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A line of its own.
    Line,
    /// A « Dont » row: part of a subtotal.
    Part,
    /// A line that is the sum of its « Dont » rows.
    Subtotal,
    /// The total of a block.
    Total,
    /// A title over the lines that follow; may carry their sum.
    Heading,
    /// A difference between totals, such as the result itself.
    Balance,
}

impl Side {
    /// Both sides, in the order of statements.
    pub const ALL: [Self; 2] = [Self::Revenue, Self::Expense];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name in the warehouse, in files and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Expense => "expense",
        }
    }

    /// Reads a side as published (`PRODUITS`, `Charge`…); `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match normalise(text).as_str() {
            "produit" | "produits" | "recette" | "recettes" => Some(Self::Revenue),
            "charge" | "charges" | "depense" | "depenses" => Some(Self::Expense),
            _ => None,
        }
    }
}

impl Activity {
    /// All activities, in the order of statements.
    pub const ALL: [Self; 3] = [Self::Operating, Self::Financial, Self::Exceptional];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name in the warehouse, in files and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operating => "operating",
            Self::Financial => "financial",
            Self::Exceptional => "exceptional",
        }
    }

    /// Reads an activity as published (`EXPLOITATION`, `Financier`…); `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match normalise(text).as_str() {
            "exploitation" | "fonctionnement" | "courant" | "courant non financier" => {
                Some(Self::Operating)
            }
            "financier" | "financiere" | "courant financier" => Some(Self::Financial),
            "exceptionnel" | "exceptionnelle" => Some(Self::Exceptional),
            _ => None,
        }
    }
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] = [
        Self::Line,
        Self::Part,
        Self::Subtotal,
        Self::Total,
        Self::Heading,
        Self::Balance,
    ];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name in the warehouse, in files and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Part => "part",
            Self::Subtotal => "subtotal",
            Self::Total => "total",
            Self::Heading => "heading",
            Self::Balance => "balance",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The labels of a row as published; shared by the many rows that have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The activity.
    pub activity: String,
    /// The side.
    pub side: String,
    /// The block (*poste*).
    pub category: String,
    /// The label of the row.
    pub label: String,
}

/// A row of the income statement as the portal publishes it, typed but not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// The number of the portal's record, from 1, in the order received.
    pub record: i64,
    /// The fiscal year.
    pub year: FiscalYear,
    /// The labels.
    pub published: Arc<Published>,
    /// The amount; `None` when the portal published none. Missing is not zero.
    pub amount: Option<Centimes>,
}

/// What published labels mean under a nomenclature: the line of the statement that they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// The labels as published.
    pub published: Arc<Published>,
    /// The code of the nomenclature; `None` when the year belongs to none that is known.
    pub nomenclature: Option<&'static str>,
    /// Revenue or expense; `None` for balances, and for rows that do not say.
    pub side: Option<Side>,
    /// The activity; `None` for balances over several, and for rows that do not say.
    pub activity: Option<Activity>,
    /// The code of the block in the nomenclature, when recognised.
    pub block: Option<&'static str>,
    /// The official label of the block, or the published one.
    pub category: String,
    /// The code of the line in the nomenclature, when recognised.
    pub code: Option<&'static str>,
    /// The official label of the line, or the published one.
    pub label: String,
    /// How the label was recognised.
    pub matched: Match,
    /// What the row is in the statement.
    pub role: Role,
    /// The code of the line this one is part of.
    pub parent: Option<&'static str>,
    /// The category comparable across nomenclatures, for recognised expense lines.
    pub harmonised: Option<&'static str>,
    /// For M57 lines that took over what M14 called exceptional: `exact` or `mixed`.
    pub exceptional_successor: Option<&'static str>,
    /// For revenue lines with the income of financial assets: `exact` or `mixed`.
    pub asset_income: Option<&'static str>,
    /// The position in the official model; unrecognised rows come last.
    pub position: u16,
}

/// A row of the income statement, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The number of the portal's record it comes from.
    pub record: i64,
    /// What its labels mean.
    pub item: Arc<LineItem>,
    /// The amount; `None` when the portal published none.
    pub amount: Option<Centimes>,
    /// True when the line's amount is one of those added up under the leaf rule.
    pub counted: bool,
    /// True when an amount is needed here and none was published.
    pub missing: bool,
    /// True when no amount was published and a printed total proves that there is none: the line is nil.
    pub nil: bool,
}
