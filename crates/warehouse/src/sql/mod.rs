//! Statements that readers write themselves, over the published views only.
//!
//! A statement is untrusted input. It runs on a connection of its own, which may read
//! the views of `published` and nothing else, and within limits on time, rows and bytes that are kept here:
//!
//! - On SQLite the engine's authoriser decides, over an empty copy of what may be read (`authoriser`), and again on
//!   the connection that runs it. The handle cannot write, attach or load anything.
//! - On PostgreSQL the role of the connection decides. What that role may read is looked at before the first
//!   statement, because nothing that a connection sets can keep a statement from setting it back. A connection is
//!   used for one statement, and ended by another when the time is over.
//!
//! Values come as texts in the engine's own words, so that no decimal passes through a binary fraction. A column of
//! binary fractions is marked: it is not exact.

mod answer;
pub(crate) mod authoriser;
mod postgres;
mod sqlite;
pub(crate) mod words;

use std::sync::Arc;

pub use answer::{Answer, AnswerColumn, Cut, LONGEST_STATEMENT, Limits, NoAnswer, Of, View};

use crate::url::SqliteFile;
use crate::{DatabaseUrl, Error};

/// Runs statements of readers on the published views. Clones share its connections.
#[derive(Clone, Debug)]
pub struct SqlReader {
    engine: Arc<Engine>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(SqliteFile),
    Postgres(Box<postgres::Server>),
}

impl SqlReader {
    /// Connects for untrusted statements, once it is sure that the connection reads the published views only.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        Self::open_to(url, false).await
    }

    /// Opens the door for statements of the one whose connection it is, who may do what its role may anyhow. What a
    /// statement may do is the same.
    pub async fn open_for_its_user(url: &DatabaseUrl) -> Result<Self, Error> {
        Self::open_to(url, true).await
    }

    async fn open_to(url: &DatabaseUrl, its_user: bool) -> Result<Self, Error> {
        let engine = match url {
            DatabaseUrl::Sqlite(file) => {
                sqlite::probe(file).await?;
                Engine::Sqlite(file.clone())
            }
            DatabaseUrl::Postgres(url) => {
                Engine::Postgres(Box::new(postgres::Server::open(url, its_user).await?))
            }
        };
        Ok(Self {
            engine: Arc::new(engine),
        })
    }

    /// What a statement gives, within limits.
    pub async fn ask(&self, sql: &str, limits: Limits) -> Result<Answer, NoAnswer> {
        if sql.trim().is_empty() {
            return Err(NoAnswer::refused("it is empty: write one SELECT"));
        }
        if sql.chars().count() > LONGEST_STATEMENT {
            return Err(NoAnswer::refused(format!(
                "it is longer than {LONGEST_STATEMENT} characters"
            )));
        }
        if sql.contains('\0') {
            return Err(NoAnswer::refused(
                "it has a character that no statement has",
            ));
        }
        match &*self.engine {
            Engine::Sqlite(file) => sqlite::ask(file.clone(), sql.to_owned(), limits).await,
            Engine::Postgres(server) => server.ask(sql, limits).await,
        }
    }

    /// The views that statements may read.
    pub async fn views(&self) -> Result<Vec<View>, Error> {
        match &*self.engine {
            Engine::Sqlite(file) => sqlite::views(file.clone()).await,
            Engine::Postgres(server) => server.views().await,
        }
    }

    /// Whether the views are those of a PostgreSQL database.
    pub fn is_postgres(&self) -> bool {
        matches!(*self.engine, Engine::Postgres(_))
    }
}
