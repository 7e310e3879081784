//! Reading control totals, inhabitants, and what is known of bodies besides their accounts.

use centime_accounts::peers::Size;
use centime_accounts::{BodyKind, Budget, Centimes, FiscalYear};
use sqlx::FromRow;

use crate::engine::{Query, Stored};
use crate::everybody::Span;
use crate::revision::Subject;
use crate::stored::{Read, ReadOrNull, readable, word};
use crate::{Result, Warehouse};

/// What is known of a body besides its accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Profile {
    /// The INSEE code of a commune, or the number of a département or a region.
    pub insee: Option<String>,
    /// What it is.
    #[sqlx(try_from = "ReadOrNull<BodyKind>")]
    pub kind: Option<BodyKind>,
    /// The name of the département that it is in.
    pub departement: Option<String>,
    /// The name of the grouping that it is part of.
    #[sqlx(rename = "grouping_name")]
    pub grouping: Option<String>,
}

#[derive(FromRow)]
struct KnownProfile {
    siren: String,
    #[sqlx(flatten)]
    profile: Profile,
}

#[derive(FromRow)]
struct OfYear {
    #[sqlx(try_from = "Read<FiscalYear>")]
    fiscal_year: FiscalYear,
}

/// A control total of a budget in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Aggregate {
    /// The number that the body is kept by.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// Which of its budgets it is of.
    #[sqlx(try_from = "Read<Budget>")]
    pub budget: Budget,
    /// The name of the budget, where the source says it.
    pub budget_name: Option<String>,
    /// The nomenclature, as published.
    pub nomenclature: Option<String>,
    /// Which total, as published.
    pub aggregate: String,
    /// The amount.
    #[sqlx(try_from = "Read<Centimes>")]
    pub amount: Centimes,
    /// The number of its record.
    pub record: i64,
}

/// How many inhabitants a body has in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Population {
    /// The number that the body is kept by.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// How many.
    pub population: i64,
    /// The dataset that says it.
    #[sqlx(try_from = "Read<Subject>")]
    pub subject: Subject,
}

/// A control total for each inhabitant, beside those of bodies of the same kind, département and size.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AggregateStanding {
    /// The number that the body is kept by.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// Which total, as published.
    pub aggregate: String,
    /// The amount divided by the population.
    #[sqlx(try_from = "Read<Centimes>")]
    pub per_inhabitant: Centimes,
    /// How many bodies are compared, this one included.
    pub bodies: i64,
    /// Its place among them, 1 for the highest amount.
    pub place: i64,
    /// What a quarter of them is at or below.
    #[sqlx(try_from = "Read<Centimes>")]
    pub lower_quarter: Centimes,
    /// What half of them is at or below.
    #[sqlx(try_from = "Read<Centimes>")]
    pub median: Centimes,
    /// What three quarters of them are at or below.
    #[sqlx(try_from = "Read<Centimes>")]
    pub upper_quarter: Centimes,
    least: Option<i64>,
    most: Option<i64>,
}

readable! {
    BodyKind as String = word("a kind of body", BodyKind::named);
}

impl AggregateStanding {
    /// The size that those compared have in common; `None` where size does not matter.
    pub fn size(&self) -> Option<Size> {
        Some(Size {
            least: u32::try_from(self.least?).ok()?,
            most: self.most.and_then(|most| u32::try_from(most).ok()),
        })
    }
}

impl Warehouse {
    /// What is known of a body besides its accounts.
    pub async fn profile(&self, revision: i64, siren: &str) -> Result<Profile> {
        let select = Query::new(
            "SELECT insee, kind, departement, grouping_name FROM core.body
             WHERE revision_id = $1 AND siren = $2",
        )
        .bind(revision)
        .bind(siren);
        let found: sqlx::Result<Option<Profile>> = self.engine.optional(select).await;
        Ok(found
            .map_err(|error| self.failed(error))?
            .unwrap_or_default())
    }

    /// What is known of some bodies besides their accounts, each after its number.
    pub async fn profiles(&self, revision: i64, bodies: &Span) -> Result<Vec<(String, Profile)>> {
        let found: Vec<KnownProfile> = self
            .of_span(
                "siren, insee, kind, departement, grouping_name",
                "core.body",
                "siren",
                revision,
                bodies,
            )
            .await?;
        let found = found.into_iter().map(|known| (known.siren, known.profile));
        Ok(found.collect())
    }

    /// The years of which there are control totals of any body, the first one first.
    pub async fn years_of_aggregates(&self, revision: i64) -> Result<Vec<FiscalYear>> {
        let select = Query::new(
            "SELECT DISTINCT fiscal_year FROM core.aggregate WHERE revision_id = $1 ORDER BY fiscal_year",
        )
        .bind(revision);
        let found: sqlx::Result<Vec<OfYear>> = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(found.into_iter().map(|of| of.fiscal_year).collect())
    }

    /// Whether there are control totals of a body.
    pub async fn has_aggregates(&self, revision: i64, siren: &str) -> Result<bool> {
        let select = Query::new(
            "SELECT 1 FROM core.aggregate WHERE revision_id = $1 AND siren = $2 LIMIT 1",
        )
        .bind(revision)
        .bind(siren);
        let found: sqlx::Result<Option<(i32,)>> = self.engine.optional(select).await;
        Ok(found.map_err(|error| self.failed(error))?.is_some())
    }

    /// The control totals of some bodies, the latest year of a body first, its main budget before others, and each in
    /// the order of its records.
    pub async fn aggregates(&self, revision: i64, bodies: &Span) -> Result<Vec<Aggregate>> {
        self.of_span(
            "siren, fiscal_year, budget, budget_name, nomenclature, aggregate, amount, record",
            "core.aggregate",
            "fiscal_year DESC, CASE budget WHEN 'main' THEN 0 ELSE 1 END, record",
            revision,
            bodies,
        )
        .await
    }

    /// How many inhabitants some bodies have, the latest year of a body first.
    pub async fn populations(&self, revision: i64, bodies: &Span) -> Result<Vec<Population>> {
        self.of_span(
            "siren, fiscal_year, population, subject",
            "core.population",
            "fiscal_year DESC",
            revision,
            bodies,
        )
        .await
    }

    /// The places of control totals of some bodies, the latest year of a body first.
    pub async fn aggregate_standings(
        &self,
        revision: i64,
        bodies: &Span,
    ) -> Result<Vec<AggregateStanding>> {
        self.of_span(
            "siren, fiscal_year, aggregate, per_inhabitant, bodies, place, lower_quarter, median, upper_quarter,
             least, most",
            "core.aggregate_standing",
            "fiscal_year DESC, aggregate",
            revision,
            bodies,
        )
        .await
    }

    async fn of_span<T: Stored>(
        &self,
        columns: &str,
        table: &str,
        order: &str,
        revision: i64,
        bodies: &Span,
    ) -> Result<Vec<T>> {
        let mut select = Query::new(format!(
            "SELECT {columns} FROM {table} WHERE revision_id = $1"
        ))
        .bind(revision);
        bodies.restrict(&mut select);
        select.push(&format!(" ORDER BY siren, {order}"));
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }
}
