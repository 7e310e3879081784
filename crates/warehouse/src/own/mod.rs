//! SQL of the operator's own: analyses and checks in files beside the configuration.
//!
//! Such SQL is one `SELECT` over `core`, `mart` and `raw` with the revision as `$1`, as the models of the program
//! are. It is looked at before it runs: on SQLite by preparing it over an empty copy of the schema behind the
//! engine's own authoriser, on PostgreSQL by preparing it, by itself and as part of another `SELECT`, which is what
//! neither two statements nor one that writes can be. On PostgreSQL it then runs in a part of the transaction that
//! may only read. Its rows come to this program, which writes them, so that its limits hold on both engines and an
//! amount that is no whole number of centimes is refused and never rounded.

mod run;

pub use run::{MOST_ROWS, PATIENCE};

use crate::doubt::MOST_NAMED;
use crate::engine::names::partition;
use crate::engine::{Query, Transaction};
use crate::error::Unusable;
use crate::model::Model;
use crate::revision::{CheckResult, Outcome};
use crate::table::{Basis, Cell, Column, ColumnName, Kind};
use crate::{Result, Warehouse};
use run::{look, rows, why_unusable};

/// How many rows are written by one statement.
const ROWS_AT_ONCE: usize = 500;

/// How many parameters a statement may have on either engine.
const PARAMETERS: usize = 32_000;

/// A check of the operator's own: its rows speak against the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnCheck {
    /// The name in kebab case.
    pub name: &'static str,
    /// The file it was read from.
    pub file: &'static str,
    /// The `SELECT`: `siren`, `fiscal_year` and `finding`, with the revision as `$1`.
    pub sql: &'static str,
    /// What rows mean.
    pub outcome: Outcome,
}

/// What a check gives.
const FINDING: [Column; 3] = [
    Column::new(ColumnName::new("siren"), Kind::Text),
    Column::new(ColumnName::new("fiscal_year"), Kind::Year),
    Column::new(ColumnName::new("finding"), Kind::Text),
];

/// What the failure to make the table of a model means, where the model is the operator's own.
pub(crate) fn of_model(model: &Model, error: sqlx::Error) -> sqlx::Error {
    match model.file {
        Some(file) => why_unusable(file, "", error),
        None => error,
    }
}

/// What a model of the operator's own gives.
fn columns_of(model: &Model) -> Vec<Column> {
    let mut columns = vec![
        Column::new(ColumnName::new("siren"), Kind::Text),
        Column::new(ColumnName::new("basis"), Kind::Text),
    ];
    columns.extend_from_slice(model.columns);
    columns
}

/// Makes sure of a model of the operator's own, without running it.
pub(crate) async fn look_at_model(
    transaction: &mut Transaction,
    model: &Model,
) -> sqlx::Result<()> {
    let file = model.file.unwrap_or(model.name);
    look(transaction, file, model.sql.text(), &columns_of(model)).await
}

impl Warehouse {
    /// Makes sure of checks of the operator's own, without running them.
    pub async fn look_at_checks(&self, checks: &[OwnCheck]) -> Result<()> {
        if checks.is_empty() {
            return Ok(());
        }
        let look_at = async {
            let mut transaction = self.engine.begin().await?;
            for check in checks {
                look(&mut transaction, check.file, check.sql, &FINDING).await?;
            }
            transaction.rollback().await
        };
        look_at.await.map_err(|error| self.failed(error))
    }
}

/// Fills the mart of a model of the operator's own for a revision.
pub(crate) async fn fill(
    transaction: &mut Transaction,
    model: &Model,
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    let file = model.file.unwrap_or(model.name);
    let columns = columns_of(model);
    look(transaction, file, model.sql.text(), &columns).await?;
    let rows = rows(transaction, file, model.sql.text(), &columns, revision).await?;
    let unusable = |reason| sqlx::Error::Configuration(Box::new(Unusable::new(file, reason)));
    if let Some(reason) = rows.iter().find_map(|row| misfit(row)) {
        return Err(unusable(reason));
    }
    let table = if postgres {
        partition(&model.table(), revision)
    } else {
        model.table()
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let insert = format!(
        "INSERT INTO {table} (revision_id, {}) VALUES ",
        names.join(", ")
    );
    let at_once = (PARAMETERS / (columns.len() + 1)).clamp(1, ROWS_AT_ONCE);
    for some in rows.chunks(at_once) {
        let mut query = Query::new(insert.clone());
        for (number, row) in some.iter().enumerate() {
            query.push(if number == 0 { "(" } else { ", (" });
            query.push_bind(revision);
            for (cell, column) in row.iter().zip(&columns) {
                query.push(", ");
                match cell {
                    Cell::Text(text) => query.push_bind(text),
                    Cell::Status(status) => query.push_bind(status.name()),
                    Cell::List(texts) => query.push_bind(texts.join("\n")),
                    Cell::Null if column.kind.is_text() => query.push_bind(None::<&str>),
                    Cell::Null => query.push_bind(None::<i64>),
                    Cell::Year(year) => query.push_bind(*year),
                    Cell::Count(number) => query.push_bind(*number),
                    Cell::Amount(amount) => query.push_bind(amount.get()),
                    Cell::Rate(rate) => query.push_bind(rate.get()),
                    Cell::Flag(flag) => query.push_bind(i64::from(*flag)),
                };
            }
            query.push(")");
        }
        let written = transaction.execute(query).await;
        written.map_err(|error| why_unusable(file, "", error))?;
    }
    Ok(())
}

/// What of a row an analysis cannot have.
fn misfit(row: &[Cell]) -> Option<String> {
    let text = |place: usize| row.get(place).and_then(Cell::text);
    match (text(0), text(1)) {
        (None, _) => Some("it gives a row without siren: every row is of a public body".to_owned()),
        (_, Some(basis)) if basis.parse::<Basis>().is_ok() => None,
        (_, other) => Some(format!(
            "it gives a row with the basis «{}»: expected leaf or naive",
            other.unwrap_or_default()
        )),
    }
}

/// Runs a check of the operator's own on a revision.
pub(crate) async fn check(
    transaction: &mut Transaction,
    check: &OwnCheck,
    revision: i64,
) -> sqlx::Result<CheckResult> {
    look(transaction, check.file, check.sql, &FINDING).await?;
    let rows = rows(transaction, check.file, check.sql, &FINDING, revision).await?;
    let (bodies,): (i64,) = transaction
        .one(Query::new("SELECT COUNT(*) FROM core.body WHERE revision_id = $1").bind(revision))
        .await?;
    let subjects = rows
        .iter()
        .take(MOST_NAMED)
        .map(|row| subject(row, bodies > 1));
    let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(CheckResult {
        name: check.name.to_owned(),
        outcome: if found == 0 {
            Outcome::Pass
        } else {
            check.outcome
        },
        found,
        subjects: subjects.collect(),
    })
}

/// A finding in the form that those of the program have: the body where there are several, the year, what it is.
fn subject(row: &[Cell], several: bool) -> String {
    let [siren, year, finding] = row else {
        return String::new();
    };
    let siren = siren.text().filter(|_| several);
    let place = siren.into_iter().map(str::to_owned);
    let place = place.chain(year.year().map(|year| year.to_string()));
    let place: Vec<String> = place.collect();
    // Findings are lines.
    let finding = finding
        .text()
        .unwrap_or_default()
        .replace(['\r', '\n'], " ");
    match (place.is_empty(), finding.is_empty()) {
        (true, _) => finding,
        (false, true) => place.join(" › "),
        (false, false) => format!("{} › {finding}", place.join(" › ")),
    }
}
