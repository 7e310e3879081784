//! How many inhabitants a public body has in each year: what its amounts are divided by, on every surface.

use centime_accounts::peers::per_inhabitant;
use centime_accounts::{Centimes, FiscalYear};
use centime_warehouse::aggregates::Population;
use centime_warehouse::everybody::Span;
use centime_warehouse::{Result, Warehouse};

/// The inhabitants of one public body by year, each with the dataset that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inhabitants {
    /// The latest year first.
    years: Vec<Population>,
}

impl Inhabitants {
    /// Reads those of a body.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn load(warehouse: &Warehouse, revision: i64, siren: &str) -> Result<Self> {
        let span = Span::One(siren.to_owned());
        let years = warehouse.populations(revision, &span).await?;
        Ok(Self { years })
    }

    /// Those of a body among the populations of several.
    pub fn among(populations: &[Population], siren: &str) -> Self {
        let own = populations.iter().filter(|one| one.siren == siren);
        Self {
            years: own.cloned().collect(),
        }
    }

    /// The years that are known, the latest first.
    pub fn years(&self) -> &[Population] {
        &self.years
    }

    /// How many there are in a year, and which dataset says so; `None` where none does. The number of another year is never
    /// taken for it.
    pub fn in_year(&self, year: FiscalYear) -> Option<&Population> {
        self.years.iter().find(|known| known.fiscal_year == year)
    }

    /// An amount of a year for each inhabitant, rounded half away from zero to the centime; `None` where their number is
    /// not known.
    pub fn each(&self, amount: Centimes, year: FiscalYear) -> Option<Centimes> {
        let known = self.in_year(year)?;
        per_inhabitant(amount, u32::try_from(known.population).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use centime_warehouse::Subject;

    use super::*;

    fn year(year: i64) -> FiscalYear {
        FiscalYear::parse(&year.to_string()).unwrap()
    }

    #[test]
    fn an_amount_is_divided_by_the_inhabitants_of_its_year_alone() {
        let known = |siren: &str, of, population| Population {
            siren: siren.to_owned(),
            fiscal_year: year(of),
            population,
            subject: Subject::Aggregates,
        };
        let all = [
            known("1", 2024, 8),
            known("1", 2023, 3),
            known("2", 2022, 5),
        ];
        let inhabitants = Inhabitants::among(&all, "1");
        assert_eq!(inhabitants.years().len(), 2);
        let each = |amount, of| inhabitants.each(Centimes::new(amount), year(of));
        assert_eq!(each(100, 2024), Some(Centimes::new(13)));
        assert_eq!(each(-100, 2024), Some(Centimes::new(-13)));
        assert_eq!(each(100, 2023), Some(Centimes::new(33)));
        assert_eq!(each(100, 2022), None);
    }
}
