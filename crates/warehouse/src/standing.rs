//! Public bodies beside each other: what the last year of each came to, and what it has for each inhabitant in one year.

use centime_accounts::aggregates::{EXPENSE, GROSS, REVENUE};
use centime_accounts::{BasisPoints, BodyKind, Centimes, FiscalYear};
use sqlx::FromRow;

use crate::aggregates::Profile;
use crate::bodies::{Body, COLUMNS, wanted};
use crate::engine::Query;
use crate::stored::{Read, ReadOrNull};
use crate::{Result, Warehouse};

/// A public body, and what is compared of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The body.
    pub body: Body,
    /// What else is known of it.
    pub profile: Profile,
    /// The result of its last fiscal year; `None` where that is not computed.
    pub result: Option<Centimes>,
    /// The operating margin of that year.
    pub margin: Option<BasisPoints>,
    /// How many inhabitants it has in the year of the comparison; `None` where it is not known.
    pub population: Option<i64>,
    /// What it has for each inhabitant in that year, in the order of [`Compared::ALL`].
    pub per_inhabitant: [Option<Centimes>; 4],
}

/// What is compared for each inhabitant: the indicator of the accounts where they are known, else the aggregate of the
/// OFGL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Operating revenue.
    Revenue,
    /// Operating expense.
    Expense,
    /// Gross savings.
    Gross,
    /// Debt at the end of the year.
    Debt,
}

/// What bodies are sorted by. Ties are in the order of names and numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodySort {
    /// Those that have a statement first, each by name.
    #[default]
    Known,
    /// The name.
    Name,
    /// The département; bodies without one come last.
    Departement,
    /// The last fiscal year.
    Year,
    /// The result of that year; bodies without one come last.
    Result,
    /// The operating margin of that year; bodies without one come last.
    Margin,
    /// How many lines the statement has.
    Lines,
    /// How many inhabitants it has in the year of the comparison; bodies without a number come last.
    Population,
    /// What it has for each inhabitant in that year; bodies of which it is not known come last.
    PerInhabitant(Compared),
}

/// Which bodies are wanted, in which order, and how many.
#[derive(Clone, Copy, Debug)]
pub struct StandingsQuery<'a> {
    /// Words that the name, a number, or the département has all of.
    pub words: &'a str,
    /// The département.
    pub departement: Option<&'a str>,
    /// What they are.
    pub kind: Option<BodyKind>,
    /// The year of the comparison.
    pub year: FiscalYear,
    /// What they are sorted by.
    pub sort: BodySort,
    /// Whether the highest comes first.
    pub descending: bool,
    /// How many are left out before the first.
    pub offset: i64,
    /// How many at most.
    pub limit: i64,
}

/// Some of the bodies wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standings {
    /// How many are wanted in all.
    pub matching: i64,
    /// The bodies of this page.
    pub bodies: Vec<Standing>,
}

/// What there is to compare in a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparable {
    /// The first fiscal year of any body.
    pub first_year: FiscalYear,
    /// The last one.
    pub last_year: FiscalYear,
    /// How many bodies have a statement.
    pub with_statement: i64,
    /// How many have none.
    pub without_statement: i64,
    /// Whether the inhabitants of any body are known.
    pub has_population: bool,
    /// How many bodies there are of each kind in each département, as far as either is known.
    pub groups: Vec<BodyGroup>,
}

/// The bodies of a kind in a département.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct BodyGroup {
    /// The name of the département.
    pub departement: Option<String>,
    /// What they are.
    #[sqlx(try_from = "ReadOrNull<BodyKind>")]
    pub kind: Option<BodyKind>,
    /// How many.
    pub bodies: i64,
}

#[derive(FromRow)]
struct Bounds {
    #[sqlx(try_from = "Read<FiscalYear>")]
    first_year: FiscalYear,
    #[sqlx(try_from = "Read<FiscalYear>")]
    last_year: FiscalYear,
    with_statement: i64,
    without_statement: i64,
}

#[derive(FromRow)]
struct Row {
    #[sqlx(flatten)]
    body: Body,
    #[sqlx(flatten)]
    profile: Profile,
    result: Option<i64>,
    margin: Option<i64>,
    population: Option<i64>,
    revenue: Option<i64>,
    expense: Option<i64>,
    gross: Option<i64>,
    debt: Option<i64>,
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

impl Compared {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Revenue, Self::Expense, Self::Gross, Self::Debt];

    /// The name of its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revenue => "revenue",
            Self::Expense => "expense",
            Self::Gross => "gross",
            Self::Debt => "debt",
        }
    }

    /// The indicator of accounts, and the aggregate of the OFGL that is the same sum.
    pub const fn sources(self) -> (&'static str, &'static str) {
        match self {
            Self::Revenue => ("net-operating-revenue", REVENUE),
            Self::Expense => ("net-operating-expense", EXPENSE),
            Self::Gross => ("gross-cash-flow", GROSS),
            Self::Debt => ("debt", "Encours de dette"),
        }
    }

    /// Its column of a year, looked up as figures of the last year are.
    fn column(self, year: FiscalYear) -> String {
        let (indicator, aggregate) = self.sources();
        format!(
            "COALESCE(
                 (SELECT own.per_inhabitant FROM core.indicator AS own WHERE own.revision_id = $1
                      AND own.siren = core.body.siren AND own.fiscal_year = {year} AND own.indicator = '{indicator}'),
                 (SELECT total.per_inhabitant FROM core.aggregate_standing AS total WHERE total.revision_id = $1
                      AND total.siren = core.body.siren AND total.fiscal_year = {year}
                      AND total.aggregate = '{aggregate}')) AS {}",
            self.name()
        )
    }
}

impl BodySort {
    /// What comes first where all that is sorted by is equal.
    const fn column(self) -> &'static str {
        match self {
            Self::Known => "CASE WHEN lines > 0 THEN 0 ELSE 1 END",
            Self::Name => "name",
            Self::Departement => "departement",
            Self::Year => "last_year",
            Self::Result => "result",
            Self::Margin => "margin",
            Self::Lines => "lines",
            Self::Population => "population",
            Self::PerInhabitant(compared) => compared.name(),
        }
    }
}

impl StandingsQuery<'_> {
    fn wanted(&self, columns: &str, revision: i64) -> Query {
        let mut query = wanted(columns, revision, self.words);
        if let Some(departement) = self.departement {
            query.push(" AND departement = ");
            query.push_bind(departement.to_owned());
        }
        if let Some(kind) = self.kind {
            query.push(" AND kind = ").push_bind(kind.name());
        }
        query
    }
}

impl Warehouse {
    /// What there is to compare between the bodies of a revision; `None` where it has none.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn comparable(&self, revision: i64) -> Result<Option<Comparable>> {
        let failed = |error| self.failed(error);
        let groups = Query::new(
            "SELECT departement, kind, COUNT(*) AS bodies FROM core.body WHERE revision_id = $1
             GROUP BY departement, kind ORDER BY departement, kind",
        );
        let groups: Vec<BodyGroup> = self
            .engine
            .all(groups.bind(revision))
            .await
            .map_err(failed)?;
        if groups.is_empty() {
            return Ok(None);
        }
        let bounds = Query::new(
            "SELECT MIN(first_year) AS first_year, MAX(last_year) AS last_year,
                 COUNT(*) FILTER (WHERE lines > 0) AS with_statement,
                 COUNT(*) FILTER (WHERE lines = 0) AS without_statement
             FROM core.body WHERE revision_id = $1",
        );
        let bounds = self.engine.one(bounds.bind(revision)).await;
        let bounds: Bounds = bounds.map_err(failed)?;
        let population = Query::new("SELECT 1 FROM core.population WHERE revision_id = $1 LIMIT 1");
        let population: Option<(i32,)> = self
            .engine
            .optional(population.bind(revision))
            .await
            .map_err(failed)?;
        Ok(Some(Comparable {
            first_year: bounds.first_year,
            last_year: bounds.last_year,
            with_statement: bounds.with_statement,
            without_statement: bounds.without_statement,
            has_population: population.is_some(),
            groups,
        }))
    }

    /// Bodies with what is compared of each. Sorting by a figure looks up that of every body that is wanted.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn standings(&self, revision: i64, asked: &StandingsQuery<'_>) -> Result<Standings> {
        let failed = |error| self.failed(error);
        let count = asked.wanted("COUNT(*)", revision);
        let (matching,) = self.engine.one(count).await.map_err(failed)?;
        let year = asked.year;
        let mut columns = vec![
            COLUMNS.to_owned(),
            "insee, kind, departement, grouping_name".to_owned(),
            of_last_year("yearly_result", "result"),
            of_last_year("operating_profitability", "margin"),
            format!(
                "(SELECT known.population FROM core.population AS known WHERE known.revision_id = $1
                     AND known.siren = core.body.siren AND known.fiscal_year = {year}) AS population"
            ),
        ];
        columns.extend(Compared::ALL.map(|compared| compared.column(year)));
        let mut select = asked.wanted(&columns.join(", "), revision);
        let direction = if asked.descending { "DESC" } else { "ASC" };
        let by = asked.sort.column();
        select.push(&format!(
            " ORDER BY {by} {direction} NULLS LAST, name, siren LIMIT "
        ));
        select.push_bind(asked.limit);
        select.push(" OFFSET ").push_bind(asked.offset);
        let rows: Vec<Row> = self.engine.all(select).await.map_err(failed)?;
        let bodies = rows.into_iter().map(|row| Standing {
            body: row.body,
            profile: row.profile,
            result: row.result.map(Centimes::new),
            margin: row.margin.map(BasisPoints::new),
            population: row.population,
            per_inhabitant: [row.revenue, row.expense, row.gross, row.debt]
                .map(|amount| amount.map(Centimes::new)),
        });
        Ok(Standings {
            matching,
            bodies: bodies.collect(),
        })
    }
}
