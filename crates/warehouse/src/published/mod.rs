//! The views that people and tools read with SQL: what is published now, and nothing else.
//!
//! Tables keep several revisions, one that is being written among them, and marts have each figure on two bases. A reader who
//! adds up a table without knowing that gets a multiple of the right figure. So readers are given views of
//! `published`, which follow the one pointer that every surface follows, name the public body and the unit of each
//! column, and take nothing for an amount that is none. On PostgreSQL the role of readers may read these only.
//!
//! Each view asks for the published revision by a subquery of its own, so that the server opens the tables of that one
//! revision. A view is plain enough for a cluster: tables that are distributed are joined by public body.

mod columns;
mod fixed;
mod indicators;

use centime_accounts::{Grouping, Side};

use crate::Warehouse;
use crate::comment::{comment, comment_on};
use crate::engine::{Query, Transaction};
use crate::grouping;
use crate::model::Model;
use columns::Shown;
use fixed::{BODY_NAME, FIXED, Fixed, SIREN};

/// The revision that readers see, as every view asks for it.
const NOW: &str = "(SELECT revision_id FROM ops.published)";

/// The comparable category of an item of expense; of others, which are grouped by their activity, nothing.
fn comparable() -> String {
    let of_expense = grouping::category_of_side(Grouping::Harmonised, Side::Expense, "item.");
    format!(
        "CASE WHEN item.side = '{}' THEN {of_expense} END",
        Side::Expense
    )
}

/// A view, and what makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    name: String,
    /// What makes the view, and says what it and its columns are.
    script: String,
}

impl View {
    fn new(name: String, about: &str, columns: &[Shown], from: &str, postgres: bool) -> Self {
        let list = columns
            .iter()
            .map(|column| format!("{} AS {}", column.expression, column.name));
        let list = list.collect::<Vec<_>>().join(",\n    ");
        let from = from.replace("{now}", NOW);
        let view = format!("published.{name}");
        let select = format!("SELECT\n    {list}\nFROM {from}")
            .replace("{now}", NOW)
            .replace("{comparable}", &comparable());
        let select = indicators::named(&select);
        let mut script = format!("CREATE VIEW {view} AS {select};");
        if postgres {
            script += &comment_on(&format!("VIEW {view}"), about);
            for column in columns {
                script += &comment(&view, &column.name, &column.meaning);
            }
        }
        Self { name, script }
    }

    fn fixed(fixed: &Fixed, postgres: bool) -> Self {
        let columns = fixed
            .columns
            .iter()
            .flat_map(|(name, expression, how, meaning)| {
                Shown::all(name, expression, *how, meaning, postgres)
            });
        let columns: Vec<Shown> = columns.collect();
        let name = fixed.name.to_owned();
        Self::new(name, fixed.about, &columns, fixed.from, postgres)
    }

    /// The rows of an analysis: each euro once, or on each basis.
    fn of(model: &Model, by_basis: bool, postgres: bool) -> Self {
        let mut columns = vec![
            Shown::new("siren", "own.siren", SIREN),
            Shown::new("body_name", "body.name", BODY_NAME),
        ];
        if by_basis {
            columns.push(Shown::new(
                "basis",
                "own.basis",
                "leaf: each euro once; naive: what a plain script adds, to be compared. Ask for one of them.",
            ));
        }
        columns.extend(
            model
                .columns
                .iter()
                .flat_map(|column| Shown::of(column, postgres)),
        );
        let from = format!(
            "{} AS own
            LEFT JOIN core.body AS body ON body.revision_id = {{now}} AND body.siren = own.siren
            WHERE own.revision_id = {{now}}",
            model.table()
        );
        let (name, about, from) = if by_basis {
            (
                format!("{}_by_basis", model.name),
                format!("{} On each basis: never add both.", model.about),
                from,
            )
        } else {
            (
                model.name.to_owned(),
                model.about.to_owned(),
                format!("{from} AND own.basis = 'leaf'"),
            )
        };
        Self::new(name, &about, &columns, &from, postgres)
    }
}

/// The views of an engine for these models, and those that do not follow from models.
pub(crate) fn views(models: &[Model], postgres: bool) -> Vec<View> {
    let analyses = models.iter().filter(|model| model.is_analysis());
    let of_analyses = analyses
        .flat_map(|model| [false, true].map(|by_basis| View::of(model, by_basis, postgres)));
    let fixed = FIXED.iter().map(|fixed| View::fixed(fixed, postgres));
    fixed.chain(of_analyses).collect()
}

/// Drops every view that was made.
pub(crate) async fn drop_all(transaction: &mut Transaction) -> sqlx::Result<()> {
    let known = Query::new("SELECT name FROM ops.published_view ORDER BY name");
    let known: Vec<(String,)> = transaction.all(known).await?;
    for (name,) in known {
        let drop = format!("DROP VIEW IF EXISTS published.{name}");
        transaction.script(&drop).await?;
    }
    let forget = Query::new("DELETE FROM ops.published_view");
    transaction.execute(forget).await.map(drop)
}

/// Makes views, and notes how each was made.
pub(crate) async fn make_all(transaction: &mut Transaction, views: &[View]) -> sqlx::Result<()> {
    for view in views {
        transaction.script(&view.script).await?;
        let note = Query::new("INSERT INTO ops.published_view (name, definition) VALUES ($1, $2)")
            .bind(&view.name)
            .bind(&view.script);
        transaction.execute(note).await?;
    }
    Ok(())
}

impl Warehouse {
    /// Whether the views are those of this version.
    pub(crate) async fn views_are_current(&self, views: &[View]) -> sqlx::Result<bool> {
        let known = Query::new("SELECT name, definition FROM ops.published_view");
        let mut known: Vec<(String, String)> = self.engine.all(known).await?;
        let wanted = views
            .iter()
            .map(|view| (view.name.clone(), view.script.clone()));
        let mut wanted: Vec<(String, String)> = wanted.collect();
        known.sort();
        wanted.sort();
        Ok(known == wanted)
    }
}
