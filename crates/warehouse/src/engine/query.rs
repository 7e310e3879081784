//! A statement with its parameters, run on either engine.

use centime_accounts::FiscalYear;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, FromRow};

use super::names::without_schemas;

/// Something that is read from a row of either engine.
pub(crate) trait Stored:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Stored for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Flag(bool),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<FiscalYear> for Value {
    fn from(year: FiscalYear) -> Self {
        i64::from(year).into()
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(Some(value.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

/// A connection lent for one statement.
pub(crate) enum Connection<'a> {
    Sqlite(&'a mut sqlx::SqliteConnection),
    Postgres(&'a mut sqlx::PgConnection),
}

/// A statement and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    /// A statement of ours: nothing that came from outside may be in its text.
    pub fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// Gives the next parameter its value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds to the text.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a parameter to the text, with its value.
    pub fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    pub async fn all<T: Stored>(self, connection: Connection<'_>) -> sqlx::Result<Vec<T>> {
        match connection {
            Connection::Sqlite(connection) => {
                let (sql, arguments) = self.for_sqlite()?;
                let query = sqlx::query_as_with(AssertSqlSafe(sql), arguments);
                query.fetch_all(connection).await
            }
            Connection::Postgres(connection) => {
                let (sql, arguments) = self.for_postgres()?;
                let query = sqlx::query_as_with(AssertSqlSafe(sql), arguments);
                query.fetch_all(connection).await
            }
        }
    }

    pub async fn sqlite_rows(
        self,
        connection: &mut sqlx::SqliteConnection,
    ) -> sqlx::Result<Vec<SqliteRow>> {
        let (sql, arguments) = self.for_sqlite()?;
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        query.fetch_all(connection).await
    }

    pub async fn postgres_rows(
        self,
        connection: &mut sqlx::PgConnection,
    ) -> sqlx::Result<Vec<PgRow>> {
        let (sql, arguments) = self.for_postgres()?;
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        query.fetch_all(connection).await
    }

    pub async fn execute(self, connection: Connection<'_>) -> sqlx::Result<u64> {
        match connection {
            Connection::Sqlite(connection) => {
                let (sql, arguments) = self.for_sqlite()?;
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
                Ok(query.execute(connection).await?.rows_affected())
            }
            Connection::Postgres(connection) => {
                let (sql, arguments) = self.for_postgres()?;
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
                Ok(query.execute(connection).await?.rows_affected())
            }
        }
    }

    fn for_sqlite(self) -> sqlx::Result<(String, SqliteArguments)> {
        let mut arguments = SqliteArguments::default();
        for value in self.values {
            match value {
                Value::Integer(value) => arguments.add(value),
                Value::Text(value) => arguments.add(value),
                Value::Flag(value) => arguments.add(value),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((without_schemas(&self.sql), arguments))
    }

    fn for_postgres(self) -> sqlx::Result<(String, PgArguments)> {
        let mut arguments = PgArguments::default();
        for value in self.values {
            match value {
                Value::Integer(value) => arguments.add(value),
                // No text of PostgreSQL has this letter: what is looked for with it is not there, which is
                // no failure of the server.
                Value::Text(value) => {
                    arguments.add(value.map(|text| text.replace('\0', "\u{fffd}")))
                }
                Value::Flag(value) => arguments.add(value),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok((self.sql, arguments))
    }
}

/// Runs statements without parameters.
pub(crate) async fn script(connection: Connection<'_>, sql: &str) -> sqlx::Result<()> {
    match connection {
        Connection::Sqlite(connection) => {
            let sql = AssertSqlSafe(without_schemas(sql));
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        }
        Connection::Postgres(connection) => {
            let sql = AssertSqlSafe(sql.to_owned());
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        }
    }
}
