//! What each command does.

pub mod analyse;
pub mod audit;
pub mod check;
pub mod completions;
pub mod db;
pub mod export;
pub mod health;
pub mod metabase;
pub mod portal_sim;
pub mod report;
pub mod run;
pub mod serve;
pub mod token;
pub mod up;

use centime_warehouse::{Body, Revision, Warehouse};

use crate::failure::Failure;
use crate::tell::{plain, tell};

/// What is published, in a database opened for reading.
pub async fn published(
    config: &crate::config::Config,
    sample: bool,
) -> Result<(Warehouse, Revision), Failure> {
    let url = config.database(sample)?;
    let warehouse = Warehouse::open(&url, centime_warehouse::Access::Read).await?;
    let revision = warehouse.current().await?;
    warehouse.check_marts(&centime_analytics::models()).await?;
    if revision.sample && !config.quiet {
        tell("Sample data, not official figures.");
    }
    Ok((warehouse, revision))
}

/// How many public bodies are named where one has to be chosen.
const NAMED: i64 = 5;

/// The public body that is meant: the one with this SIREN number, or the only one.
pub async fn body(
    warehouse: &Warehouse,
    revision: i64,
    siren: Option<&str>,
) -> Result<Body, Failure> {
    let chosen = match siren {
        Some(siren) => warehouse.body(revision, siren).await?,
        None => warehouse.only_body(revision).await?,
    };
    if let Some(body) = chosen {
        return Ok(body);
    }
    let some = warehouse.bodies(revision, "", 0, NAMED).await?;
    let named: Vec<String> = some
        .bodies
        .iter()
        .map(|body| format!("{} ({})", body.siren, plain(&body.name)))
        .collect();
    let problem = match siren {
        Some(siren) => format!("there is no public body «{siren}»"),
        None => "there is more than one public body".to_owned(),
    };
    Err(Failure::Usage(format!(
        "{problem}: name one of {} with --body, such as {}",
        some.matching,
        named.join(", ")
    )))
}
