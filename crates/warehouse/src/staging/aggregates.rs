//! What is written of control totals and inhabitants.

use centime_accounts::peers::{Place, Size};
use centime_accounts::{BodyKind, Budget, Centimes, FiscalYear, NotComputable, WitnessKind};

use super::Staging;
use crate::Result;
use crate::revision::Subject;

/// What sources say of a body besides its accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProfile {
    /// The INSEE code of a commune, or the number of a département or a region.
    pub insee: Option<String>,
    /// What it is.
    pub kind: Option<BodyKind>,
    /// The name of the département that it is in.
    pub departement: Option<String>,
    /// The name of the grouping that it is part of.
    pub grouping: Option<String>,
}

/// A control total of a budget in a year.
#[derive(Clone, Copy, Debug)]
pub struct NewAggregate<'a> {
    /// The number that the body is kept by.
    pub siren: &'a str,
    /// The fiscal year.
    pub year: FiscalYear,
    /// Which of its budgets it is of.
    pub budget: Budget,
    /// The name of the budget, where the source says it.
    pub budget_name: Option<&'a str>,
    /// The nomenclature, as published.
    pub nomenclature: Option<&'a str>,
    /// Which total, as published.
    pub aggregate: &'a str,
    /// The amount.
    pub amount: Centimes,
    /// The number of its record.
    pub record: i64,
}

/// A control total for each inhabitant, beside those of bodies that it can be compared with.
#[derive(Clone, Copy, Debug)]
pub struct NewStanding<'a> {
    /// The number that the body is kept by.
    pub siren: &'a str,
    /// The fiscal year.
    pub year: FiscalYear,
    /// Which total, as published.
    pub aggregate: &'a str,
    /// The amount divided by the population.
    pub per_inhabitant: Centimes,
    /// Its place among them.
    pub place: Place,
    /// The size that they have in common, where it matters.
    pub size: Option<Size>,
}

/// A control total held against the same sum of accounts.
#[derive(Clone, Copy, Debug)]
pub struct NewControl<'a> {
    /// The number that the body is kept by.
    pub siren: &'a str,
    /// The fiscal year.
    pub year: FiscalYear,
    /// Which total it is.
    pub kind: WitnessKind,
    /// What is published.
    pub says: Centimes,
    /// What the accounts come to; `None` where that is not known.
    pub against: Option<Centimes>,
    /// Whether it may be defined otherwise than that sum, so that a difference says nothing.
    pub defined_otherwise: bool,
    /// The number of its record.
    pub record: i64,
}

impl Staging {
    /// Adds a control total.
    pub async fn aggregate(&mut self, new: &NewAggregate<'_>) -> Result<()> {
        let record = self.in_slice(new.record);
        let row = self.tables.aggregate.row(&[
            new.siren.into(),
            i64::from(new.year).into(),
            new.budget.name().into(),
            new.budget_name.into(),
            new.nomenclature.into(),
            new.aggregate.into(),
            new.amount.get().into(),
            record.into(),
        ]);
        row.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// Adds how many inhabitants a body has in a year, as a dataset says.
    pub async fn population(
        &mut self,
        siren: &str,
        year: FiscalYear,
        population: u32,
        subject: Subject,
    ) -> Result<()> {
        let row = self.tables.population.row(&[
            siren.into(),
            i64::from(year).into(),
            i64::from(population).into(),
            subject.name().into(),
        ]);
        row.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// Adds the place of a control total.
    pub async fn standing(&mut self, new: &NewStanding<'_>) -> Result<()> {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let row = self.tables.aggregate_standing.row(&[
            new.siren.into(),
            i64::from(new.year).into(),
            new.aggregate.into(),
            new.per_inhabitant.get().into(),
            count(new.place.bodies).into(),
            count(new.place.place).into(),
            new.place.lower_quarter.get().into(),
            new.place.median.get().into(),
            new.place.upper_quarter.get().into(),
            new.size.map(|size| i64::from(size.least)).into(),
            new.size.and_then(|size| size.most).map(i64::from).into(),
        ]);
        row.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// Adds a control total as a witness of what the accounts of a body come to.
    pub async fn control(&mut self, new: &NewControl<'_>) -> Result<()> {
        let record = self.in_slice(new.record);
        let reason = new
            .defined_otherwise
            .then_some(NotComputable::Definition.name());
        let row = self.tables.witness.row(&[
            new.siren.into(),
            i64::from(new.year).into(),
            new.kind.name().into(),
            new.says.get().into(),
            reason.into(),
            new.against.map(Centimes::get).into(),
            true.into(),
            Subject::Aggregates.name().into(),
            None::<&str>.into(),
            record.into(),
        ]);
        row.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }
}
