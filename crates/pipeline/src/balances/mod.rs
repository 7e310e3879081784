//! Account balances of the DGFiP as a source: retrieved from a portal, kept, and read budget by budget, each once for
//! its statement, its balance sheet and its accounts.
//!
//! A retrieval is a stream, ordered by budget, which is written into a file as it comes. So a run that ends before its
//! last dataset goes on with that one the next time, and what is unchanged is not asked for again. From a file one budget
//! is in memory at a time. Each dataset becomes slices of its own, so that one that is unchanged is not read again.
//!
//! | module | knows |
//! |---|---|
//! | `series` | which datasets there are: one a year, or one of all years |
//! | `columns` | which field of a dataset holds what |
//! | `condition` | which records are asked for, in ODSQL |
//! | `lookup` | whose number a name or an INSEE code is |
//! | `download` | what was retrieved, in files |
//! | `stream` | budgets of several files, as records |

mod columns;
mod condition;
mod download;
mod lookup;
mod series;
mod stream;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centime_documents::balances::Named;
use centime_portal::{Dataset, Portal};
use centime_warehouse::Subject;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::dataset_options::DatasetOptions;
use crate::error::Error;
use crate::progress::Progress;
use condition::Found;
use download::{Download, Downloads};
use series::Series;

pub use series::SeriesError;

/// How many budgets that are left out are named.
const MOST_SAID: usize = 20;

/// Account balances of a portal.
#[derive(Clone, Debug)]
pub struct BalanceSource {
    /// What the configuration calls it.
    pub name: Option<String>,
    /// The portal.
    pub portal: Portal,
    /// Its datasets, each with `{year}` in the place of the year where there is one for each. Bodies that are named are
    /// looked for in one after the other.
    pub datasets: Vec<String>,
    /// The years; all that there are where none are given.
    pub years: Option<RangeInclusive<u16>>,
    /// The bodies, by number, INSEE code or name; all of them where none is named.
    pub bodies: Vec<String>,
    /// Which records, as a condition in ODSQL.
    pub filter: Option<String>,
    /// Whether balances that are not final are taken, too.
    pub provisional: bool,
    /// Where what is retrieved is kept for the next run; it is kept for one run where there is none.
    pub folder: Option<PathBuf>,
}

/// Account balances that were retrieved: all of them, or those of one dataset. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Balances {
    retrieved: Arc<Retrieved>,
    /// The place of the dataset, where it is one.
    only: Option<usize>,
    left_out: Arc<Mutex<LeftOut>>,
}

#[derive(Debug)]
struct Retrieved {
    portal: Portal,
    downloads: Vec<Download>,
    /// The folder, where it is there for this run alone.
    _folder: Downloads,
    provisional: bool,
    /// How they were chosen.
    options: DatasetOptions,
}

/// What was read and is not published.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct LeftOut {
    named: Vec<String>,
    more: usize,
}

impl LeftOut {
    fn add(&mut self, what: String) {
        if self.named.len() < MOST_SAID {
            self.named.push(what);
        } else {
            self.more += 1;
        }
    }

    fn append(&mut self, other: Self) {
        for what in other.named {
            self.add(what);
        }
        self.more += other.more;
    }
}

/// Holds what is configured of datasets, years and bodies against its form.
///
/// # Errors
///
/// What is wrong with the name of a dataset.
pub fn check_datasets(datasets: &[String]) -> Result<(), SeriesError> {
    datasets
        .iter()
        .try_for_each(|dataset| Series::parse(dataset).map(drop))
}

/// Retrieves what a source asks for, as far as it is not there.
pub async fn retrieve(source: &BalanceSource, progress: &dyn Progress) -> Result<Balances, Error> {
    let series: Vec<Series> = source
        .datasets
        .iter()
        .map(|dataset| Series::parse(dataset))
        .collect::<Result<_, _>>()
        .map_err(|error| Error::Files {
            place: "dataset".to_owned(),
            reason: error.to_string(),
        })?;
    let named: Vec<Named> = source.bodies.iter().map(|body| Named::of(body)).collect();
    let mut finder = lookup::Finder::new(source, &series, progress);
    let mut chosen: BTreeMap<usize, Vec<Found>> = BTreeMap::new();
    for body in &named {
        let (place, found) = finder.find(body).await?;
        chosen.entry(place).or_default().push(found);
    }
    if named.is_empty() {
        chosen.extend((0..series.len()).map(|place| (place, Vec::new())));
    }
    let downloads = Downloads::open(source.folder.as_deref())?;
    let mut wanted = Vec::new();
    for (place, bodies) in &chosen {
        for dataset in finder.datasets(*place).await? {
            let wants = download::Wanted::new(source, &series[*place], bodies, dataset)?;
            wanted.push(wants);
        }
    }
    let many = wanted.len();
    let mut retrieved = Vec::with_capacity(many);
    for wants in &wanted {
        match downloads.get(source, wants, progress).await {
            Ok(download) => retrieved.push(download),
            Err(error) => {
                if source.folder.is_some() && !retrieved.is_empty() {
                    progress.note(&format!(
                        "{} of {many} datasets are kept, and are not asked for again while they are unchanged.",
                        retrieved.len()
                    ));
                }
                return Err(error);
            }
        }
    }
    let has_any = retrieved.iter().any(|download| !download.is_empty);
    if !has_any && !source.bodies.is_empty() {
        return Err(Error::NoSuchBody {
            named: source.bodies.join(", "),
            places: wanted
                .iter()
                .map(|wants| wants.dataset.dataset_id.clone())
                .collect(),
        });
    }
    let options = DatasetOptions::of_balances(
        condition::of_bodies_and_where(chosen.values().flatten(), source.filter.as_deref()),
        &written(source, &wanted),
    );
    Ok(Balances {
        retrieved: Arc::new(Retrieved {
            portal: source.portal.clone(),
            downloads: retrieved,
            _folder: downloads,
            provisional: source.provisional,
            options,
        }),
        only: None,
        left_out: Arc::default(),
    })
}

/// How datasets were chosen, in one line.
fn written(source: &BalanceSource, wanted: &[download::Wanted]) -> String {
    let ids: Vec<&str> = wanted
        .iter()
        .map(|wants| wants.dataset.dataset_id.as_str())
        .collect();
    let mut written = match ids[..] {
        [] | [_] => String::new(),
        [first, .., last] => format!("{first} … {last}"),
    };
    let mut add = |text: &str| {
        if !written.is_empty() {
            written.push_str("; ");
        }
        written.push_str(text);
    };
    if let Some(years) = &source.years {
        add(&format!("years = {}-{}", years.start(), years.end()));
    }
    if source.provisional {
        add("provisional = true");
    }
    written
}

impl Balances {
    /// The portal.
    pub fn portal(&self) -> &Portal {
        &self.retrieved.portal
    }

    /// How they were chosen.
    pub fn options(&self) -> DatasetOptions {
        self.retrieved.options.clone()
    }

    /// The description of what they have of a subject: that of the newest dataset, whose records are others.
    pub fn dataset(&self) -> Option<Dataset> {
        let many = self.retrieved.downloads.len();
        let mut dataset = self.retrieved.downloads.last()?.dataset.clone();
        dataset.fields.clear();
        if let Some(Value::Object(metas)) = dataset.metas.get_mut("default") {
            metas.remove("records_count");
            if many > 1 {
                let title = metas
                    .get("title")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let title = format!("{title} (+ {} jeux de données)", many - 1);
                metas.insert("title".to_owned(), Value::String(title));
            }
        }
        Some(dataset)
    }

    /// Hands over the records of a subject, budget by budget, until no more are taken.
    pub fn read(
        &self,
        subject: Subject,
        taken: &mut dyn FnMut(String) -> bool,
    ) -> Result<(), Error> {
        let all = &self.retrieved.downloads;
        let downloads = self
            .only
            .map_or(&all[..], |place| std::slice::from_ref(&all[place]));
        stream::read(&self.retrieved, downloads, subject, taken, &mut |why| {
            lock(&self.left_out).add(why);
        })
    }

    /// Each dataset of these that has any, by itself: the oldest first.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        let downloads = self.retrieved.downloads.iter().enumerate();
        let there = downloads.filter(|(_, download)| !download.is_empty);
        there.map(|(place, _)| Self {
            retrieved: Arc::clone(&self.retrieved),
            only: Some(place),
            left_out: Arc::default(),
        })
    }

    /// The name of the dataset, where it is one.
    pub fn dataset_id(&self) -> &str {
        let download = self.only.and_then(|it| self.retrieved.downloads.get(it));
        download.map_or("", |download| &download.dataset.dataset_id)
    }

    /// What its records follow from, where it is one dataset of which the portal says when it was published.
    pub fn follow_from(&self) -> Option<Vec<&str>> {
        let download = self.retrieved.downloads.get(self.only?)?;
        let published = download.dataset.data_processed()?;
        let provisional = if self.retrieved.provisional {
            "provisional"
        } else {
            "final"
        };
        Some(vec![
            self.retrieved.portal.base_url(),
            &download.dataset.dataset_id,
            download.filter.as_deref().unwrap_or_default(),
            published,
            provisional,
        ])
    }

    /// What was left out of one dataset.
    pub fn has_left_out(&self) -> LeftOut {
        lock(&self.left_out).clone()
    }

    /// Notes what was left out of one of these.
    pub fn leave_out(&self, of_one: LeftOut) {
        lock(&self.left_out).append(of_one);
    }

    /// Says of each budget that was read why it is not published.
    pub fn left_out(&self) -> Vec<String> {
        let left_out = lock(&self.left_out);
        let mut said = left_out.named.clone();
        if left_out.more > 0 {
            said.push(format!(
                "and {} others that are not published",
                left_out.more
            ));
        }
        said
    }
}

fn lock(left_out: &Mutex<LeftOut>) -> MutexGuard<'_, LeftOut> {
    left_out.lock().unwrap_or_else(PoisonError::into_inner)
}
