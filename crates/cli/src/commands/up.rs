//! `centime up`: one run, then the site, then a run on schedule.

use std::time::Duration;

use centime_warehouse::{Access, Warehouse};

use crate::args::{From, Up};
use crate::commands::{run, serve};
use crate::config::Config;
use crate::failure::Failure;
use crate::tell::tell;

/// Publishes something to show, serves it, and keeps it fresh.
///
/// With something published already, the site is up at once and the first run goes on behind it.
pub async fn up(config: &Config, up: &Up) -> Result<(), Failure> {
    let refresh = config.refresh(up.refresh.as_deref())?;
    let url = config.database(up.from.sample)?;
    let listener = serve::listen(config, &up.at).await?;
    let warehouse = Warehouse::open(&url, Access::Write).await?;
    warehouse
        .prepare_marts(&centime_analytics::models())
        .await?;
    let to_show = warehouse.published().await?.is_some();
    if !to_show {
        run::once(config, &up.from, &warehouse).await?;
    }
    serve::announce(config, &listener)?;
    let first_wait = if to_show {
        Some(Duration::ZERO)
    } else {
        refresh
    };
    let site = serve::run_site(listener, warehouse.clone());
    let runs = keep_fresh(config, &up.from, &warehouse, first_wait, refresh);
    let outcome = tokio::select! {
        outcome = site => outcome,
        () = runs => unreachable!("runs go on for ever"),
    };
    warehouse.close().await;
    outcome
}

/// Runs the pipeline again and again. A failed run leaves the site as it was, which says so.
async fn keep_fresh(
    config: &Config,
    from: &From,
    warehouse: &Warehouse,
    first_wait: Option<Duration>,
    refresh: Option<Duration>,
) {
    let mut wait = first_wait;
    loop {
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => std::future::pending().await,
        }
        if let Err(failure) = run::once(config, from, warehouse).await {
            tell(format!("centime: not refreshed: {failure}"));
        }
        wait = refresh;
    }
}
