//! What an object is in Metabase: cards, a dashboard, its filters, tables.

use serde::Deserialize;

/// What an object is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
}

/// A question or a model.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its name in the files; that of the analysis for a model.
    pub key: String,
    /// What it is.
    pub kind: CardKind,
    /// What it is called.
    pub named: Named,
    /// Metabase's name of how it is drawn.
    pub display: String,
    /// Its SQL, with Metabase's own variables.
    pub sql: String,
    /// What its columns are, with their titles.
    pub columns: Vec<(String, ColumnKind, String)>,
    /// Metabase's own settings of how it is drawn.
    pub visualization: serde_json::Map<String, serde_json::Value>,
}

/// Whether a card is a question or a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// Rows that other questions can be asked of.
    Model,
    /// A question.
    Question,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// An amount in euros.
    Amount,
    /// A share of one.
    Rate,
    /// A fiscal year.
    Year,
    /// A whole number.
    Number,
    /// A text.
    Text,
}

/// A dashboard: its filters, and which question is where.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// What it is called.
    pub named: Named,
    /// Its filters, in order.
    pub filters: Vec<Filter>,
    /// The questions on its grid.
    pub places: Vec<Place>,
}

/// A filter, and the variable of that name in the SQL of questions.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The name of the variable.
    pub tag: String,
    /// What it is called.
    pub name: String,
    /// What its values are.
    pub kind: FilterKind,
    /// Where its values come from.
    pub values: Values,
    /// The value it has when none is chosen; a filter without may be left empty.
    pub default: Option<String>,
}

/// What the values of a filter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum FilterKind {
    /// A text.
    #[serde(rename = "string/=")]
    Text,
    /// A number.
    #[serde(rename = "number/=")]
    Number,
}

/// Where the values of a filter come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// The reader types them.
    Typed,
    /// A list of codes with their words.
    Words(Vec<(String, String)>),
    /// A column of a question.
    Question {
        /// The question.
        key: String,
        /// Its column.
        column: String,
    },
}

/// A question on the grid of 24 columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The question.
    pub key: String,
    /// Its column and row.
    pub at: (u32, u32),
    /// Its width and height.
    pub size: (u32, u32),
}

/// A table of the database, as far as it is described to Metabase.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub fields: Vec<Field>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What its values are; `None` for what readers need not see.
    pub kind: Option<ColumnKind>,
    /// What it names, where it is a key.
    pub key: Option<Key>,
}

/// What a column names. Views have no keys that Metabase could find by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The row that it is in.
    Own,
    /// A public body: a row of [`BODIES`].
    Body,
}

/// The view of public bodies, and its key.
pub const BODIES: (&str, &str, &str) = ("published", "body", "siren");

impl Card {
    /// The variables of its SQL, each once, in the order of their names.
    pub fn tags(&self) -> Vec<&str> {
        let names = self.sql.split("{{").skip(1);
        let mut tags: Vec<&str> = names
            .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
            .collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}
