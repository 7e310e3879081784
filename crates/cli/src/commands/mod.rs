//! What each command does.

pub mod accounts;
pub mod analyse;
pub mod audit;
pub mod check;
pub mod completions;
pub mod db;
pub mod export;
pub mod export_data;
pub mod health;
pub mod import;
pub mod lines;
pub mod man;
pub mod metabase;
pub mod portal_sim;
pub mod report;
pub mod rows;
pub mod run;
pub mod sample;
pub mod serve;
pub mod sql;
pub mod statement;
pub mod token;
pub mod up;

use centime_warehouse::{Body, Dataset, Named, Revision, Warehouse};

use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};

/// What is published, in a database opened for reading.
pub async fn published(
    config: &crate::config::Config,
    sample: bool,
) -> Result<(Warehouse, Revision), Failure> {
    let url = config.database(sample)?;
    let warehouse = Warehouse::open(&url, centime_warehouse::OpenMode::Read).await?;
    let revision = warehouse.current().await?;
    warehouse.check_marts(&config.catalogue()?.models()).await?;
    if revision.sample && !config.quiet {
        print_stderr(sample_notice(&warehouse.datasets(revision.id).await?));
    }
    Ok((warehouse, revision))
}

/// What is said of a sample edition: not all of its figures may be invented.
pub fn sample_notice(datasets: &[Dataset]) -> &'static str {
    if datasets.iter().all(|dataset| dataset.sample) {
        "Sample data, not official figures."
    } else {
        "Sample edition: some of its figures are real and others invented; `centime check --sample` says which."
    }
}

/// The revision of this number, or without one what is published, in a database opened for reading.
pub async fn revision(
    config: &crate::config::Config,
    sample: bool,
    number: Option<i64>,
) -> Result<(Warehouse, Revision), Failure> {
    let (warehouse, current) = published(config, sample).await?;
    let Some(number) = number.filter(|number| *number != current.id) else {
        return Ok((warehouse, current));
    };
    let kept = warehouse.revisions().await?;
    if let Some(found) = kept.iter().find(|kept| kept.id == number) {
        return Ok((warehouse, found.clone()));
    }
    let kept: Vec<String> = kept.iter().map(|kept| kept.id.to_string()).collect();
    Err(Failure::Usage(format!(
        "--revision: revision {number} is not kept: expected one of {}",
        kept.join(", ")
    )))
}

/// How many public bodies are named where one has to be chosen.
const MAX_NAMED: i64 = 5;

/// The public body that is meant: the one that this number or name names, or the only one.
pub async fn body(
    warehouse: &Warehouse,
    revision: i64,
    wanted: Option<&str>,
) -> Result<Body, Failure> {
    let found = match wanted {
        Some(text) => warehouse.named_body(revision, text).await?,
        None => match warehouse.only_body(revision).await? {
            Some(body) => Named::One(body),
            None => Named::None,
        },
    };
    let (matching, some) = match found {
        Named::One(body) => return Ok(body),
        Named::Several(bodies) => (None, bodies),
        Named::None => {
            let some = warehouse.bodies(revision, "", 0, MAX_NAMED).await?;
            (Some(some.matching), some.bodies)
        }
    };
    let named: Vec<String> = some
        .iter()
        .map(|body| format!("{} ({})", body.siren, sanitize(&body.name)))
        .collect();
    let problem = match (wanted, matching) {
        (Some(text), None) => format!("«{text}» may be one of several: name one"),
        (Some(text), Some(all)) => {
            format!("there is no public body «{text}»: name one of {all}")
        }
        (None, all) => {
            let all = all.unwrap_or_default();
            format!("there is more than one public body: name one of {all}")
        }
    };
    Err(Failure::Usage(format!(
        "{problem} with --body, such as {}",
        named.join(", ")
    )))
}
