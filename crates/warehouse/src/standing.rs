//! Public bodies beside what the last year of each came to: a list that can be sorted by it.

use centime_accounts::{BasisPoints, Centimes};
use sqlx::FromRow;

use crate::bodies::{Body, COLUMNS, wanted};
use crate::{Result, Warehouse};

/// A public body, and what its last year came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The body.
    pub body: Body,
    /// The result of its last fiscal year; `None` where that is not computed.
    pub result: Option<Centimes>,
    /// The operating margin of that year.
    pub margin: Option<BasisPoints>,
}

/// What bodies are sorted by. Ties are in the order of names and numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodySort {
    /// The name.
    #[default]
    Name,
    /// The last fiscal year.
    Year,
    /// The result of that year; bodies without one come last.
    Result,
    /// The operating margin of that year; bodies without one come last.
    Margin,
    /// How many lines the statement has.
    Lines,
}

/// Some of the bodies wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standings {
    /// How many are wanted in all.
    pub matching: i64,
    /// The bodies of this page.
    pub bodies: Vec<Standing>,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    body: Body,
    result: Option<i64>,
    margin: Option<i64>,
}

/// A figure of the last year of a body. It is looked up for each body that is shown, by the index of the mart, and not
/// joined, because a join reads the whole mart for a page of it.
fn of_last_year(mart: &str, column: &str) -> String {
    format!(
        "(SELECT figures.{column} FROM mart.{mart} AS figures WHERE figures.revision_id = $1
             AND figures.siren = core.body.siren AND figures.basis = 'leaf'
             AND figures.fiscal_year = core.body.last_year) AS {column}"
    )
}

impl BodySort {
    const fn column(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Year => "last_year",
            Self::Result => "result",
            Self::Margin => "margin",
            Self::Lines => "lines",
        }
    }
}

impl Warehouse {
    /// The bodies whose name or number has all of these words, each with what its last year came to, from `offset`, at
    /// most `limit`. Sorting by a figure looks up that of every body that is wanted.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn standings(
        &self,
        revision: i64,
        words: &str,
        sort: BodySort,
        descending: bool,
        offset: i64,
        limit: i64,
    ) -> Result<Standings> {
        let failed = |error| self.failed(error);
        let count = wanted("COUNT(*)", revision, words);
        let (matching,) = self.engine.one(count).await.map_err(failed)?;
        let columns = format!(
            "{COLUMNS}, {}, {}",
            of_last_year("yearly_result", "result"),
            of_last_year("operating_profitability", "margin")
        );
        let mut select = wanted(&columns, revision, words);
        let direction = if descending { "DESC" } else { "ASC" };
        let by = sort.column();
        select.push(&format!(
            " ORDER BY {by} {direction} NULLS LAST, name, siren LIMIT "
        ));
        select.push_bind(limit);
        select.push(" OFFSET ").push_bind(offset);
        let rows: Vec<Row> = self.engine.all(select).await.map_err(failed)?;
        let bodies = rows.into_iter().map(|row| Standing {
            body: row.body,
            result: row.result.map(Centimes::new),
            margin: row.margin.map(BasisPoints::new),
        });
        Ok(Standings {
            matching,
            bodies: bodies.collect(),
        })
    }
}
