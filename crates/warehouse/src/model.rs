//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and the marts of its bases. It reads the revision as
//! `$1`, gives `basis` and `siren` as its first columns and then its own. Its rows are read as
//! `mart.<name>`, by every surface, so that none of them can disagree. What several of them
//! share may have another [`Form`].

use std::collections::HashSet;

use crate::engine::names::{key, partition};
use crate::model_sql::ModelSql;
use crate::table::Column;

/// One analysis as the warehouse sees it, or a step that several of them share.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The name in snake case; the table is `mart.<name>`.
    pub name: &'static str,
    /// What its rows are, for those who read the table.
    pub about: &'static str,
    /// What the model selects after what its rows are about.
    pub columns: &'static [Column],
    /// The `SELECT`, with the revision as `$1` unless it is a view; valid on every engine.
    pub sql: ModelSql,
    /// The order of the rows.
    pub order_by: &'static str,
    /// The models whose marts it reads.
    pub bases: &'static [&'static Model],
    /// What is made of it.
    pub form: Form,
    /// The file it was read from, where it is the operator's own and no part of the program. Such SQL is held to
    /// reading, and within limits ([`crate::own`]).
    pub file: Option<&'static str>,
}

/// What is made of a model in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What an analysis gives for each body and basis. PostgreSQL keeps each amount in euros too, for those who read
    /// the rows.
    Analysis(Follows),
    /// Sums of the lines of each year of a body, apart from any basis, which other models read. Its model gives `siren`
    /// and then its own columns. Its rows follow from nothing but the slice that the lines are in.
    Sums,
    /// A view, computed where it is read. Its model gives `revision_id`, too, for all revisions.
    View,
}

/// What the rows that a model gives for a year of a body follow from. Rows of lines that have not changed, and nothing
/// else of which has, are those of the revision before and are not computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// Anything that a revision has: its rows are made anew for each revision, and kept with it.
    Revision,
    /// The lines and the balance sheet of that year, and why a series begins with it.
    Year,
    /// The same, and the lines of the year before.
    YearAndBefore,
    /// The same as [`Follows::Year`], and what else says what the result of that year is.
    Witnesses,
}

/// Models whose rows are kept together, in a slice for each slice of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Sums of lines.
    Sums,
    /// What follows from lines and balance sheets.
    Statements,
    /// What follows from witnesses, too.
    Witnesses,
}

impl Model {
    /// The name under which its rows are read, by revision.
    pub fn table(&self) -> String {
        format!("mart.{}", self.name)
    }

    /// Which rows are kept together with its own; `None` where each revision has rows of its own, or none are kept.
    pub(crate) const fn share(&self) -> Option<Share> {
        match self.form {
            Form::Sums => Some(Share::Sums),
            Form::Analysis(Follows::Year | Follows::YearAndBefore) => Some(Share::Statements),
            Form::Analysis(Follows::Witnesses) => Some(Share::Witnesses),
            Form::Analysis(Follows::Revision) | Form::View => None,
        }
    }

    /// The name of the table that its rows are kept in.
    pub(crate) fn kept_in(&self) -> String {
        match self.share() {
            Some(_) => format!("slice.mart_{}", self.name),
            None => self.table(),
        }
    }

    /// Whether it is an analysis.
    pub(crate) const fn is_analysis(&self) -> bool {
        matches!(self.form, Form::Analysis(_))
    }

    /// Everything it is made from, and then itself: each model once, after those it reads.
    pub fn with_bases(&self) -> Vec<Self> {
        let mut models: Vec<Self> = Vec::new();
        for base in self.bases {
            models.extend(base.with_bases());
        }
        models.push(*self);
        once(models)
    }

    pub(crate) fn column_names(&self) -> String {
        self.columns
            .iter()
            .map(|column| column.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Everything that decides what the mart holds.
    pub(crate) fn definition(&self) -> String {
        let columns = self
            .columns
            .iter()
            .map(|column| format!("{} {:?}", column.name, column.kind));
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("{}{columns}\n{}", self.form.mark(), self.sql)
    }

    /// Whether rows are kept of it.
    pub(crate) fn is_table(&self) -> bool {
        self.form != Form::View
    }

    /// What each row is about, before the model's own columns.
    pub(crate) const fn keys(&self) -> &'static [&'static str] {
        match self.form {
            Form::Sums => &["siren"],
            Form::Analysis(_) | Form::View => &["siren", "basis"],
        }
    }

    /// What fills its table for the slice or the revision of this number, from a query of its columns about the revision
    /// `$1`.
    pub(crate) fn fill(&self, number: i64, query: &str, postgres: bool) -> String {
        let names = format!("{}, {}", self.keys().join(", "), self.column_names());
        let kept_in = self.kept_in();
        let key = key(&kept_in);
        let table = if postgres {
            partition(&kept_in, number)
        } else {
            kept_in
        };
        // The revision is the parameter of every query; some do not ask for it.
        let number = match self.share() {
            Some(_) => number.to_string(),
            None => "$1".to_owned(),
        };
        format!(
            "INSERT INTO {table} ({key}, {names})
             SELECT CAST({number} AS BIGINT), {names} FROM ({query}) AS model"
        )
    }
}

impl Form {
    /// What the definition of a model of this form begins with; that of an analysis of revisions, with nothing.
    const fn mark(self) -> &'static str {
        match self {
            Self::Analysis(Follows::Revision) => "",
            Self::Analysis(Follows::Year) => "year\n",
            Self::Analysis(Follows::YearAndBefore) => "year and before\n",
            Self::Analysis(Follows::Witnesses) => "witnesses\n",
            Self::Sums => "sums\n",
            Self::View => "view\n",
        }
    }
}

/// Models without those that are the same as one before.
pub fn once(models: Vec<Model>) -> Vec<Model> {
    let mut known = HashSet::new();
    let mut models = models;
    models.retain(|model| known.insert(model.name));
    models
}
