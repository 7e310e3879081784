//! Which datasets there are: one for each year, or one of all years.

use std::ops::RangeInclusive;

use centime_accounts::FiscalYear;
use centime_portal::{Dataset, Error as PortalError, Portal, SearchRequest};
use jiff::Timestamp;

use crate::dataset_options::{YEAR, YearPattern};
use crate::error::Error;
use crate::progress::Progress;

/// The first year that the DGFiP publishes.
const FIRST_YEAR: u16 = 2010;

/// How many datasets of a catalogue are looked at.
const MOST_LISTED: u64 = 1000;

/// How many a page of a catalogue has.
const PAGE: u32 = 100;

/// A name of datasets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Series {
    /// One dataset of all years.
    One(String),
    /// One for each year.
    Yearly(YearPattern),
}

/// A name of a dataset that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "«{0}» names no dataset: expected an identifier, with {YEAR} once where there is one for each year"
)]
pub struct SeriesError(String);

impl Series {
    pub fn parse(text: &str) -> Result<Self, SeriesError> {
        let text = text.trim();
        let wrong = || SeriesError(text.to_owned());
        if text.is_empty() {
            return Err(wrong());
        }
        if text.contains('{') || text.contains('}') {
            return YearPattern::parse(text).map(Self::Yearly).ok_or_else(wrong);
        }
        Ok(Self::One(text.to_owned()))
    }

    /// Its name in messages.
    pub fn shown(&self) -> String {
        match self {
            Self::One(id) => id.clone(),
            Self::Yearly(pattern) => pattern.name(YEAR),
        }
    }

    /// The datasets that there are of the years that are asked for, the oldest first. Says which years there are none of.
    pub async fn find(
        &self,
        portal: &Portal,
        years: Option<&RangeInclusive<u16>>,
        progress: &dyn Progress,
    ) -> Result<Vec<Dataset>, Error> {
        let pattern = match self {
            Self::One(id) => return Ok(vec![portal.dataset(id).await?]),
            Self::Yearly(pattern) => pattern,
        };
        let mut found = listed(pattern, portal).await?;
        if let Some(years) = years {
            found.retain(|(year, _)| years.contains(&year.get()));
        }
        // What the catalogue does not find may be there all the same.
        let asked = match years {
            Some(years) => years.clone(),
            None if found.is_empty() => FIRST_YEAR..=this_year(),
            None => RangeInclusive::new(1, 0),
        };
        for year in asked {
            if found.iter().any(|(known, _)| known.get() == year) {
                continue;
            }
            let Ok(fiscal_year) = FiscalYear::try_from(i64::from(year)) else {
                continue;
            };
            let id = pattern.name(&year.to_string());
            match portal.dataset(&id).await {
                Ok(dataset) => found.push((fiscal_year, dataset)),
                Err(PortalError::UnknownDataset { .. }) if years.is_some() => {
                    progress.note(&format!("{year}: {} has no dataset {id}.", portal.host()));
                }
                Err(PortalError::UnknownDataset { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if found.is_empty() {
            return Err(PortalError::UnknownDataset {
                id: self.shown(),
                portal: portal.base_url().to_owned(),
            }
            .into());
        }
        found.sort_by_key(|(year, _)| *year);
        Ok(found.into_iter().map(|(_, dataset)| dataset).collect())
    }
}

/// The datasets of a catalogue with names of this form.
async fn listed(
    pattern: &YearPattern,
    portal: &Portal,
) -> Result<Vec<(FiscalYear, Dataset)>, Error> {
    let words = pattern.name("");
    let words = words.trim_matches('-').to_owned();
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let request = SearchRequest {
            text: Some(words.clone()),
            limit: PAGE,
            offset,
        };
        let page = portal.search(&request).await?;
        let came = page.datasets.len();
        for dataset in page.datasets {
            if let Some(year) = pattern.year(&dataset.dataset_id) {
                dataset.check()?;
                found.push((year, dataset));
            }
        }
        offset += u64::from(PAGE);
        if came == 0 || offset >= page.total_count.min(MOST_LISTED) {
            return Ok(found);
        }
    }
}

fn this_year() -> u16 {
    let year = Timestamp::now().strftime("%Y").to_string();
    year.parse().unwrap_or(FIRST_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_one_dataset_or_of_one_for_each_year() {
        let parsed = |text: &str| Series::parse(text);
        assert_eq!(parsed(" a-b- ").unwrap(), Series::One("a-b-".to_owned()));
        let yearly = parsed("communes-en-{year}").unwrap();
        assert_eq!(yearly.shown(), "communes-en-{year}");
        for wrong in ["", "a-{an}", "{year}{year}", "a-{year"] {
            let message = parsed(wrong).unwrap_err().to_string();
            assert!(message.contains("{year} once"), "{message}");
        }
    }
}
