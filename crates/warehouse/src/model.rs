//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and the marts of its bases. It reads the revision as
//! `$1`, gives `basis` and `siren` as its first columns and then its own. Its rows land in a table
//! `mart.<name>`, which is what every surface reads, so that none of them can disagree. What several of them
//! share may have another [`Form`].

use std::collections::HashSet;

use crate::engine::names::partition;
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
    /// A table of what an analysis gives for each body and basis. PostgreSQL keeps each amount in euros too, for
    /// those who read the table.
    Analysis,
    /// A table of sums for each body, apart from any basis, which other models read. Its model gives `siren` and
    /// then its own columns.
    Sums,
    /// A view, computed where it is read. Its model gives `revision_id`, too, for all revisions.
    View,
}

impl Model {
    /// The name of its table.
    pub fn table(&self) -> String {
        format!("mart.{}", self.name)
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
            Form::Analysis | Form::View => &["siren", "basis"],
        }
    }

    /// What fills it for a revision.
    pub(crate) fn fill(&self, revision: i64, postgres: bool) -> String {
        let names = format!("{}, {}", self.keys().join(", "), self.column_names());
        let table = if postgres {
            partition(&self.table(), revision)
        } else {
            self.table()
        };
        format!(
            "INSERT INTO {table} (revision_id, {names})
             SELECT CAST($1 AS BIGINT), {names} FROM ({}) AS model",
            self.sql.trim().trim_end_matches(';')
        )
    }
}

impl Form {
    /// What the definition of a model of this form begins with; that of an analysis, with nothing.
    const fn mark(self) -> &'static str {
        match self {
            Self::Analysis => "",
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
