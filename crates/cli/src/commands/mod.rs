//! What each command does.

pub mod analyse;
pub mod check;
pub mod completions;
pub mod portal_sim;
pub mod run;
pub mod serve;
pub mod up;

use centime_warehouse::{Revision, Warehouse};

use crate::failure::Failure;
use crate::tell::tell;

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
