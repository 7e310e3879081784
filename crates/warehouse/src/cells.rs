//! Rows whose columns are only known when they are asked for.

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::engine::{Engine, Query};
use crate::table::{Cell, Column, Kind};

impl Engine {
    /// The rows of a query, each with a cell for each of these columns.
    pub(crate) async fn cells(
        &self,
        query: Query,
        columns: &[Column],
    ) -> sqlx::Result<Vec<Vec<Cell>>> {
        match self {
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await?;
                let rows = query.sqlite_rows(&mut connection).await?;
                rows.iter().map(|row| cells(row, columns)).collect()
            }
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
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
        Ok(match column.kind {
            kind @ (Kind::Text | Kind::List) => row
                .try_get::<Option<String>, _>(position)?
                .map_or(Cell::Null, |text| Cell::of_text(kind, text)),
            kind @ (Kind::Year | Kind::Integer | Kind::Amount | Kind::Rate | Kind::Flag) => row
                .try_get::<Option<i64>, _>(position)?
                .map_or(Cell::Null, |number| Cell::of_number(kind, number)),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}
