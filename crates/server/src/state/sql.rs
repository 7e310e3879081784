//! Statements that readers write themselves.

use centime_warehouse::sql::{Answer, Limits, NoAnswer, SqlReader, View};

/// Where statements of readers are answered, for whom, and how much of them.
#[derive(Clone, Debug)]
pub struct Sql {
    /// The published views.
    pub reading: SqlReader,
    /// How much a statement may ask for.
    pub limits: Limits,
    /// Whether all who may read the site may ask.
    pub open: bool,
}

impl Sql {
    /// Whether all who may read the site may ask; otherwise those who have the right.
    pub const fn is_open(&self) -> bool {
        self.open
    }

    /// What a statement gives.
    pub async fn ask(&self, sql: &str) -> Result<Answer, NoAnswer> {
        self.within(sql, self.limits).await
    }

    /// The same with at most so many rows.
    pub async fn ask_for(&self, sql: &str, rows: usize) -> Result<Answer, NoAnswer> {
        let rows = rows.min(self.limits.rows);
        self.within(
            sql,
            Limits {
                rows,
                ..self.limits
            },
        )
        .await
    }

    async fn within(&self, sql: &str, limits: Limits) -> Result<Answer, NoAnswer> {
        self.reading.ask(sql, limits).await
    }

    /// The views that statements may read.
    pub async fn views(&self) -> centime_warehouse::Result<Vec<View>> {
        self.reading.views().await
    }
}
