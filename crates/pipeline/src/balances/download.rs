//! What was retrieved, in files: one for each dataset and what was chosen of it.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use centime_documents::balances::Column;
use centime_portal::{Dataset, Error as PortalError, Request, Via};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use tempfile::{NamedTempFile, TempDir};

use super::BalanceSource;
use super::columns::BalanceFields;
use super::condition::{Found, all, final_ones, of_bodies, of_years};
use super::series::Series;
use crate::announced::announced;
use crate::error::Error;
use crate::hash::of_texts;
use crate::progress::Progress;

/// How often a dataset is retrieved from its beginning before giving up.
const MAX_ATTEMPTS: u32 = 3;

/// How much of a hash is in the name of a file, in hexadecimal.
const HASH_DIGITS: usize = 24;

/// How the name of a file begins that is not whole yet.
const UNFINISHED: &str = "part-";

/// How old such a file is once nothing writes it any more.
const UNFINISHED_AGE: Duration = Duration::from_hours(24);

/// What is asked for of a dataset.
#[derive(Debug)]
pub struct Wanted {
    pub dataset: Dataset,
    fields: BalanceFields,
    /// The condition, without that of final balances.
    chosen: Option<String>,
    /// All of it.
    filter: Option<String>,
}

/// Records that were retrieved.
#[derive(Debug)]
pub struct Download {
    pub dataset: Dataset,
    pub fields: BalanceFields,
    /// Which of its records were asked for, as a condition in ODSQL.
    pub filter: Option<String>,
    pub is_empty: bool,
    path: PathBuf,
}

/// A folder of downloads.
#[derive(Debug)]
pub struct Downloads {
    folder: PathBuf,
    /// Removed with this, where nothing is to be kept.
    temporary: Option<TempDir>,
}

impl Wanted {
    pub fn new(
        source: &BalanceSource,
        series: &Series,
        bodies: &[Found],
        dataset: &Dataset,
    ) -> Result<Self, Error> {
        let fields = BalanceFields::of(dataset)?;
        let years = match series {
            Series::One(_) => source.years.as_ref(),
            Series::Yearly(_) => None,
        };
        let chosen = [
            of_bodies(&fields, bodies),
            years.and_then(|years| of_years(&fields, years)),
            source.filter.clone(),
        ];
        let chosen = all(chosen.into_iter().flatten());
        let finals = (!source.provisional).then(|| final_ones(&fields)).flatten();
        let filter = all(chosen.clone().into_iter().chain(finals));
        Ok(Self {
            dataset: dataset.clone(),
            fields,
            chosen,
            filter,
        })
    }

    /// The beginning of the name of its file, and the whole of it. It is another one where another condition is asked
    /// for, or the dataset was published again.
    fn file_name(&self, source: &BalanceSource) -> [String; 2] {
        let id = &self.dataset.dataset_id;
        let filter = self.filter.as_deref().unwrap_or_default();
        let of = of_texts([source.portal.base_url(), id, filter]);
        let processed = of_texts([self.dataset.data_processed().unwrap_or_default()]);
        let begins = format!("{}-", &of[..HASH_DIGITS]);
        let whole = format!("{begins}{}.jsonl.gz", &processed[..HASH_DIGITS]);
        [begins, whole]
    }
}

impl Downloads {
    /// Opens a folder, which is made as needed; one for this run alone where none is named.
    pub fn open(folder: Option<&Path>) -> Result<Self, Error> {
        let Some(folder) = folder else {
            let temporary = tempfile::Builder::new().prefix("centime-").tempdir();
            let temporary = temporary.map_err(|error| unusable(Path::new("/tmp"), &error))?;
            return Ok(Self {
                folder: temporary.path().to_owned(),
                temporary: Some(temporary),
            });
        };
        fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
        remove_unfinished(folder);
        Ok(Self {
            folder: folder.to_owned(),
            temporary: None,
        })
    }

    /// What is asked for of a dataset: as it was retrieved before, where the dataset is unchanged, or retrieved now.
    pub async fn get(
        &self,
        source: &BalanceSource,
        wanted: &Wanted,
        progress: &dyn Progress,
    ) -> Result<Download, Error> {
        let [begins, name] = wanted.file_name(source);
        let path = self.folder.join(name);
        let is_known = wanted.dataset.data_processed().is_some();
        let mut dataset = wanted.dataset.clone();
        if !is_known || !path.exists() {
            dataset = self.retrieve(source, wanted, &path, progress).await?;
            self.remove_older(&begins, &path);
        }
        let failed = |error: io::Error| unusable(&path, &error);
        let first = lines(&path).map_err(failed)?.next().transpose();
        let is_empty = first.map_err(failed)?.is_none();
        if is_empty {
            nothing(source, wanted, progress).await?;
        }
        Ok(Download {
            dataset,
            fields: wanted.fields.clone(),
            filter: wanted.filter.clone(),
            is_empty,
            path,
        })
    }

    /// Retrieves a dataset into a file, which is there once it is whole. Returns its description as it was then.
    async fn retrieve(
        &self,
        source: &BalanceSource,
        wanted: &Wanted,
        path: &Path,
        progress: &dyn Progress,
    ) -> Result<Dataset, Error> {
        let id = wanted.dataset.dataset_id.as_str();
        progress.dataset(id);
        let since = Instant::now();
        let mut before = wanted.dataset.clone();
        for attempt in 1.. {
            let last = attempt == MAX_ATTEMPTS;
            let read = match self.attempt(source, wanted, since).await {
                Err(Error::Source(error)) if error.is_transient() && !last => {
                    progress.restarting(id, &error.to_string());
                    None
                }
                outcome => Some(outcome?),
            };
            let after = source.portal.dataset(id).await?;
            let overtaken = after.data_processed() != before.data_processed();
            before = after;
            let Some((file, rows)) = read else { continue };
            if overtaken {
                let reason = "it was published again each time".to_owned();
                if last {
                    let id = id.to_owned();
                    return Err(PortalError::ChangedDuringRetrieval { id, reason }.into());
                }
                progress.restarting(id, "the dataset was published again meanwhile");
                continue;
            }
            let (announced, _) = announced(
                Some(&source.portal),
                &before,
                wanted.filter.as_deref(),
                rows,
            )
            .await?;
            if announced == rows {
                let kept = file.persist(path);
                kept.map_err(|error| unusable(path, &error.error))?;
                return Ok(before);
            }
            if last {
                return Err(Error::Incomplete {
                    dataset: id.to_owned(),
                    rows,
                    announced,
                    attempts: MAX_ATTEMPTS,
                });
            }
            progress.restarting(id, &format!("{rows} of {announced} records came"));
        }
        unreachable!("the last attempt returns")
    }

    /// One retrieval from beginning to end.
    async fn attempt(
        &self,
        source: &BalanceSource,
        wanted: &Wanted,
        since: Instant,
    ) -> Result<(NamedTempFile, u64), Error> {
        let failed = |error: io::Error| unusable(&self.folder, &error);
        let order: Vec<&str> = [Column::Siret, Column::Year]
            .into_iter()
            .filter_map(|column| wanted.fields.name(column))
            .collect();
        let request = Request {
            order: &order,
            filter: wanted.filter.as_deref(),
            timezone: None,
            since: Some(since),
        };
        let mut file = tempfile::Builder::new();
        let file = file
            .prefix(UNFINISHED)
            .tempfile_in(&self.folder)
            .map_err(failed)?;
        let retrieval = source.portal.request(&wanted.dataset, Via::Auto, &request);
        let mut retrieval = retrieval.await?;
        let mut writer = GzEncoder::new(file, Compression::fast());
        while let Some(record) = retrieval.next().await? {
            let json = record.json();
            // A record that comes in a page may have ends of lines between its values.
            let line = if json.contains('\n') {
                json.replace(['\n', '\r'], " ")
            } else {
                json.to_owned()
            };
            let written = writer.write_all(line.as_bytes());
            written
                .and_then(|()| writer.write_all(b"\n"))
                .map_err(failed)?;
        }
        let file = writer.finish().map_err(failed)?;
        Ok((file, retrieval.rows()))
    }

    /// Removes what was retrieved of the same before the dataset was published again.
    fn remove_older(&self, begins: &str, but: &Path) {
        if self.temporary.is_some() {
            return;
        }
        let found = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in found {
            let is_older = entry.file_name().to_string_lossy().starts_with(begins);
            if is_older
                && entry.path() != but
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::warn!(%error, path = %entry.path().display(), "an older download stays");
            }
        }
    }
}

/// Removes what processes have left that were killed while they retrieved; what is younger may be that of one that runs.
fn remove_unfinished(folder: &Path) {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in found {
        let written = entry.metadata().and_then(|known| known.modified()).ok();
        let age = written.and_then(|written| written.elapsed().ok());
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && age.is_some_and(|age| age > UNFINISHED_AGE)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!(%error, path = %entry.path().display(), "an unfinished download stays");
        }
    }
}

/// Says why a dataset has nothing of what is asked for.
async fn nothing(
    source: &BalanceSource,
    wanted: &Wanted,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let id = &wanted.dataset.dataset_id;
    let mut provisional = None;
    if wanted.filter != wanted.chosen {
        let counted = source.portal.count(id, wanted.chosen.as_deref()).await?;
        provisional = counted.filter(|count| *count > 0);
    }
    progress.note(&match provisional {
        Some(count) => format!(
            "{id}: not published, because its {count} balances are not final; --provisional takes them"
        ),
        None => format!("{id} has nothing of what is asked for."),
    });
    Ok(())
}

impl Download {
    /// Its records as they were sent, in their order.
    pub fn lines(
        &self,
    ) -> Result<impl Iterator<Item = Result<String, Error>> + Send + use<>, Error> {
        let path = self.path.clone();
        let lines = lines(&path).map_err(|error| unusable(&path, &error))?;
        Ok(lines.map(move |line| line.map_err(|error| unusable(&path, &error))))
    }
}

fn lines(path: &Path) -> io::Result<impl Iterator<Item = io::Result<String>> + Send + use<>> {
    Ok(BufReader::new(MultiGzDecoder::new(BufReader::new(File::open(path)?))).lines())
}

fn unusable(place: &Path, error: &io::Error) -> Error {
    Error::Files {
        place: place.display().to_string(),
        reason: format!("what is retrieved cannot be kept there: {error}"),
    }
}
