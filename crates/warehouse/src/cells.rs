//! Rows whose columns are only known when they are asked for.

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::engine::{Engine, Query};
use crate::stored::Unknown;
use crate::table::{Cell, Column};

impl Engine {
    /// The rows of a query, each with a cell for each of these columns.
    pub(crate) async fn cells(
        &self,
        query: Query,
        columns: &[Column],
    ) -> sqlx::Result<Vec<Vec<Cell>>> {
        match self {
            Self::Sqlite(pool) => {
                let mut connection = Box::pin(pool.acquire()).await?;
                let rows = query.sqlite_rows(&mut connection).await?;
                rows.iter().map(|row| cells(row, columns)).collect()
            }
            Self::Postgres(pool) => {
                let mut connection = Box::pin(pool.acquire()).await?;
                let rows = query.postgres_rows(&mut connection).await?;
                rows.iter().map(|row| cells(row, columns)).collect()
            }
        }
    }
}

fn cells<'r, R: Row>(row: &'r R, columns: &[Column]) -> sqlx::Result<Vec<Cell>>
where
    usize: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(position, column): (usize, &Column)| {
        let kind = column.kind;
        let cell = if kind.is_text() {
            let text = row.try_get::<Option<String>, _>(position)?;
            text.map(|text| Cell::of_text(kind, text))
        } else {
            let number = row.try_get::<Option<i64>, _>(position)?;
            number.map(|number| Cell::of_number(kind, number))
        };
        let unknown = |error: Unknown| sqlx::Error::ColumnDecode {
            index: column.name.to_string(),
            source: error.into(),
        };
        Ok(cell.transpose().map_err(unknown)?.unwrap_or(Cell::Null))
    };
    columns.iter().enumerate().map(cell).collect()
}
