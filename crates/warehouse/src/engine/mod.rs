//! The engines behind one door: the same SQL, the same rows.
//!
//! Statements are written as PostgreSQL reads them, with the schema before each table:
//! `core.statement_line`. SQLite has no schemas, so there the schema is the first word of the
//! name: `core_statement_line`. Everything else in a statement is what both engines understand.

pub(crate) mod names;
pub(crate) mod place;
pub(crate) mod pooler;
pub(crate) mod postgres;
pub(crate) mod query;
pub(crate) mod scripts;
pub(crate) mod sqlite;

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool};

pub(crate) use query::{Connection, Query, Stored};

use scripts::ACROSS_SERVERS;

/// What a process may do with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Create, migrate and write.
    Write,
    /// Read what is published.
    Read,
}

/// Connections to a database.
#[derive(Clone, Debug)]
pub(crate) enum Engine {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction, rolled back when dropped.
#[derive(Debug)]
pub(crate) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Engine {
    /// Begins a transaction that writes.
    pub async fn begin(&self) -> sqlx::Result<Transaction> {
        Ok(match self {
            // Taking the right to write at once: a reader that became a writer could be refused.
            Self::Sqlite(pool) => {
                Transaction::Sqlite(Box::pin(pool.begin_with("BEGIN IMMEDIATE")).await?)
            }
            Self::Postgres(pool) => Transaction::Postgres(Box::pin(pool.begin()).await?),
        })
    }

    /// Begins a transaction that writes tables of PostgreSQL which a cluster may have distributed.
    pub async fn begin_across_servers(&self) -> sqlx::Result<Transaction> {
        let mut transaction = self.begin().await?;
        transaction.script(ACROSS_SERVERS).await?;
        Ok(transaction)
    }

    /// Every row.
    pub async fn all<T: Stored>(&self, query: Query) -> sqlx::Result<Vec<T>> {
        // What waits for a connection is large: it is kept aside, so that all who ask for rows stay small.
        match self {
            Self::Sqlite(pool) => {
                let mut connection = Box::pin(pool.acquire()).await?;
                query.all(Connection::Sqlite(&mut connection)).await
            }
            Self::Postgres(pool) => {
                let mut connection = Box::pin(pool.acquire()).await?;
                query.all(Connection::Postgres(&mut connection)).await
            }
        }
    }

    /// The first row, if there is one.
    pub async fn optional<T: Stored>(&self, query: Query) -> sqlx::Result<Option<T>> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// The one row.
    pub async fn one<T: Stored>(&self, query: Query) -> sqlx::Result<T> {
        let row = self.optional(query).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Whether it is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl Transaction {
    pub fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(transaction) => Connection::Sqlite(transaction),
            Self::Postgres(transaction) => Connection::Postgres(transaction),
        }
    }

    /// Every row.
    pub async fn all<T: Stored>(&mut self, query: Query) -> sqlx::Result<Vec<T>> {
        query.all(self.connection()).await
    }

    /// The one row.
    pub async fn one<T: Stored>(&mut self, query: Query) -> sqlx::Result<T> {
        let row = self.all(query).await?.into_iter().next();
        row.ok_or(sqlx::Error::RowNotFound)
    }

    /// Runs a statement; gives how many rows it changed.
    pub async fn execute(&mut self, query: Query) -> sqlx::Result<u64> {
        query.execute(self.connection()).await
    }

    /// Runs statements without parameters.
    pub async fn script(&mut self, sql: &str) -> sqlx::Result<()> {
        query::script(self.connection(), sql).await
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    pub async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await,
            Self::Postgres(transaction) => transaction.rollback().await,
        }
    }
}
