//! The public bodies of a revision.

use centime_accounts::label::normalise;
use sqlx::FromRow;

use crate::engine::Query;
use crate::lines::cut;
use crate::{Result, Warehouse};

/// A public body that has an income statement.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Body {
    /// Its SIREN number; empty when not known.
    pub siren: String,
    /// Its name.
    pub name: String,
    /// The first fiscal year of its income statement.
    pub first_year: i64,
    /// The last one.
    pub last_year: i64,
    /// How many lines its income statement has.
    pub lines: i64,
}

/// Some of the bodies wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    /// How many are wanted in all.
    pub matching: i64,
    /// The bodies of this page, by name.
    pub bodies: Vec<Body>,
}

const COLUMNS: &str = "siren, name, first_year, last_year, lines";

/// Asks for the bodies whose name or number has all of these words.
fn wanted(columns: &str, revision: i64, words: &str) -> Query {
    let mut query = Query::new(format!(
        "SELECT {columns} FROM core.body WHERE revision_id = $1"
    ))
    .bind(revision);
    // A normalised word has letters and digits only, so none of LIKE's wildcards.
    for word in normalise(words).split(' ').filter(|word| !word.is_empty()) {
        query.push(" AND search_text LIKE ");
        query.push_bind(format!("%{word}%"));
    }
    query
}

impl Warehouse {
    /// The bodies whose name or number has all of these words, from `offset`, at most `limit`.
    pub async fn bodies(
        &self,
        revision: i64,
        words: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Bodies> {
        let failed = |error| self.failed(error);
        let wanted = |columns: &str| wanted(columns, revision, words);
        let (matching,) = self.engine.one(wanted("COUNT(*)")).await.map_err(failed)?;
        let mut select = wanted(COLUMNS);
        select.push(" ORDER BY name, siren LIMIT ").push_bind(limit);
        select.push(" OFFSET ").push_bind(offset);
        let bodies = self.engine.all(select).await.map_err(failed)?;
        Ok(Bodies { matching, bodies })
    }

    /// The bodies whose name or number has all of these words, in the order of their numbers after
    /// one, at most `limit`, and whether there are more.
    pub async fn bodies_after(
        &self,
        revision: i64,
        words: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<Body>, bool)> {
        let mut select = wanted(COLUMNS, revision, words);
        if let Some(after) = after {
            select.push(" AND siren > ").push_bind(after.to_owned());
        }
        select.push(" ORDER BY siren LIMIT ");
        select.push_bind(limit.saturating_add(1));
        let found = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(cut(found, limit))
    }

    /// The body with a SIREN number; `None` when the revision does not have it.
    pub async fn body(&self, revision: i64, siren: &str) -> Result<Option<Body>> {
        let query = Query::new(format!(
            "SELECT {COLUMNS} FROM core.body WHERE revision_id = $1 AND siren = $2"
        ))
        .bind(revision)
        .bind(siren);
        let found = self.engine.optional(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// The body of a revision that has just one.
    pub async fn only_body(&self, revision: i64) -> Result<Option<Body>> {
        let mut found = self.bodies(revision, "", 0, 2).await?.bodies;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }
}
