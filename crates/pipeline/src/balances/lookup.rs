//! Whose number a name or an INSEE code is, as the portal says it.

use std::collections::BTreeMap;

use centime_accounts::identifier;
use centime_accounts::label::normalise;
use centime_documents::balances::{Column, Named, codes};
use centime_portal::{Dataset, PageRequest, odsql_name};

use super::BalanceSource;
use super::columns::BalanceFields;
use super::condition::{Found, all, of_bodies, one_of};
use super::series::Series;
use crate::error::Error;
use crate::progress::Progress;

/// How many bodies are named where several are meant.
const MOST_CANDIDATES: usize = 8;

/// A body that may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    siren: String,
    name: String,
    departement: String,
}

impl Candidate {
    fn shown(&self) -> String {
        format!(
            "{} ({}, département {})",
            self.name, self.siren, self.departement
        )
    }
}

/// Looks for bodies in datasets, each of which is described once.
pub struct Finder<'a> {
    source: &'a BalanceSource,
    series: &'a [Series],
    progress: &'a dyn Progress,
    datasets: BTreeMap<usize, Vec<Dataset>>,
}

impl<'a> Finder<'a> {
    pub fn new(
        source: &'a BalanceSource,
        series: &'a [Series],
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            source,
            series,
            progress,
            datasets: BTreeMap::new(),
        }
    }

    /// The datasets of a series, the oldest first.
    pub async fn datasets(&mut self, place: usize) -> Result<&[Dataset], Error> {
        if !self.datasets.contains_key(&place) {
            let BalanceSource { portal, years, .. } = self.source;
            let found = self.series[place].find(portal, years.as_ref(), self.progress);
            let found = match found.await {
                // It may be in others.
                Err(Error::Source(error @ centime_portal::Error::UnknownDataset { .. }))
                    if self.series.len() > 1 =>
                {
                    self.progress.note(&error.to_string());
                    Vec::new()
                }
                found => found?,
            };
            self.datasets.insert(place, found);
        }
        Ok(&self.datasets[&place])
    }

    /// The number of a body, and the place of the series that it is in: the first that has it, the newest datasets
    /// before older ones.
    pub async fn find(&mut self, named: &Named) -> Result<(usize, Found), Error> {
        let number = match named {
            Named::Siren(siren) => Some(Found::Body(siren.clone())),
            Named::Siret(siret) => Some(Found::Budget(siret.clone())),
            Named::Insee(_) | Named::Name(..) => None,
        };
        if let (Some(number), [_]) = (&number, self.series) {
            return Ok((0, number.clone()));
        }
        // A body that is gone is in the datasets of the years that it had.
        for is_newest in [true, false] {
            for place in 0..self.series.len() {
                let datasets = self.datasets(place).await?.iter().rev();
                let (skipped, taken) = if is_newest { (0, 1) } else { (1, usize::MAX) };
                let datasets: Vec<Dataset> = datasets.skip(skipped).take(taken).cloned().collect();
                for dataset in datasets {
                    let found = self.in_dataset(&dataset, named, number.as_ref()).await?;
                    if let Some(found) = found {
                        return Ok((place, found));
                    }
                }
            }
        }
        Err(Error::NoSuchBody {
            named: named.text().to_owned(),
            places: self.series.iter().map(Series::shown).collect(),
        })
    }

    async fn in_dataset(
        &self,
        dataset: &Dataset,
        named: &Named,
        number: Option<&Found>,
    ) -> Result<Option<Found>, Error> {
        let fields = BalanceFields::of(dataset)?;
        let id = dataset.dataset_id.as_str();
        if let Some(number) = number {
            let condition = of_bodies(&fields, std::slice::from_ref(number));
            let count = self.source.portal.count(id, condition.as_deref()).await?;
            return Ok(count.filter(|count| *count > 0).map(|_| number.clone()));
        }
        let exact = if let Named::Insee(code) = named {
            of_code(&fields, code)
        } else {
            let spellings = spellings(named.text());
            let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
            one_of(&fields, Column::Name, &spellings)
        };
        let Some(exact) = exact else {
            return Ok(None);
        };
        let mut found = self.bodies(&fields, id, &exact).await?;
        if let (true, Named::Name(text, words)) = (found.is_empty(), named) {
            let condition = centime_portal::odsql_text(text);
            found = self.bodies(&fields, id, &condition).await?;
            found.retain(|one| {
                let name = normalise(&one.name);
                words
                    .split(' ')
                    .all(|word| name.split(' ').any(|known| known == word))
            });
        }
        match &found[..] {
            [] => Ok(None),
            [one] => {
                let shown = one.shown();
                self.progress
                    .note(&format!("«{}» is {shown}.", named.text()));
                Ok(Some(Found::Body(one.siren.clone())))
            }
            several => Err(Error::SeveralBodies {
                named: named.text().to_owned(),
                dataset: id.to_owned(),
                bodies: several.iter().map(Candidate::shown).collect(),
            }),
        }
    }

    /// The bodies with records that meet a condition, as many as are named at most. One record of each is asked for.
    async fn bodies(
        &self,
        fields: &BalanceFields,
        dataset: &str,
        condition: &str,
    ) -> Result<Vec<Candidate>, Error> {
        let number = match fields.name(Column::Siren) {
            Some(_) => Column::Siren,
            None => Column::Siret,
        };
        let Some(order) = fields.name(number).and_then(odsql_name) else {
            return Ok(Vec::new());
        };
        let mut found: Vec<Candidate> = Vec::new();
        while found.len() < MOST_CANDIDATES {
            let known: Vec<String> = found.iter().map(|one| one.siren.clone()).collect();
            let others = known.iter().map(|siren| match number {
                Column::Siren => format!("not ({order} = {})", centime_portal::odsql_text(siren)),
                _ => format!(
                    "not startswith({order}, {})",
                    centime_portal::odsql_text(siren)
                ),
            });
            let request = PageRequest {
                limit: 1,
                order_by: Some(order.clone()),
                filter: all(std::iter::once(condition.to_owned()).chain(others)),
                ..PageRequest::default()
            };
            let page = self.source.portal.records_page(dataset, &request).await?;
            let Some(record) = page.results.first() else {
                break;
            };
            let record = record.fields()?;
            let text = |column| fields.text(record, column).to_owned();
            let siren = identifier::siren(&text(number)).to_owned();
            if siren.is_empty() || known.contains(&siren) {
                break;
            }
            found.push(Candidate {
                siren,
                name: text(Column::Name),
                departement: text(Column::Departement),
            });
        }
        Ok(found)
    }
}

/// The records of the commune with an INSEE code, however the dataset writes it.
fn of_code(fields: &BalanceFields, code: &str) -> Option<String> {
    let (departement, within) = codes(code)?;
    let short = departement.trim_start_matches('0');
    let number = within.trim_start_matches('0');
    // Guyane and Martinique are 102 and 103 in an order that nothing at hand proves; the code of the commune tells them
    // apart.
    let numbers: &[&str] = match departement.as_str() {
        "102" | "103" => &["102", "103"],
        _ => &[&departement, short],
    };
    all([
        one_of(fields, Column::Departement, numbers)?,
        one_of(fields, Column::Insee, &[&within, number, code])?,
    ])
}

/// How a name may be written: as it is given, in capitals, without accents, with spaces for hyphens and the reverse.
fn spellings(name: &str) -> Vec<String> {
    let capitals = name.to_uppercase();
    let plain: String = capitals
        .chars()
        .map(|letter| match normalise(&letter.to_string()) {
            plain if plain.is_empty() => letter.to_string(),
            plain => plain.to_uppercase(),
        })
        .collect();
    let (spaced, joined) = (plain.replace('-', " "), plain.replace(' ', "-"));
    let mut all = vec![name.to_owned()];
    for spelling in [capitals, plain, spaced, joined] {
        if !all.contains(&spelling) {
            all.push(spelling);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_as_the_dgfip_writes_names() {
        let of = |name| spellings(name);
        assert_eq!(
            of("Saint-Étienne"),
            [
                "Saint-Étienne",
                "SAINT-ÉTIENNE",
                "SAINT-ETIENNE",
                "SAINT ETIENNE"
            ]
        );
        assert_eq!(
            of("L'Haÿ les Roses"),
            [
                "L'Haÿ les Roses",
                "L'HAŸ LES ROSES",
                "L'HAY LES ROSES",
                "L'HAY-LES-ROSES"
            ]
        );
        assert_eq!(of("GRENOBLE"), ["GRENOBLE"]);
    }
}
