//! `centime up`: one run, then the site, then a run on schedule.

use std::sync::Arc;
use std::time::Duration;

use centime_warehouse::{Access, Warehouse};
use tokio::sync::Notify;

use crate::args::{From, Up};
use crate::commands::run;
use crate::commands::serve::Entrance;
use crate::config::Config;
use crate::failure::Failure;
use crate::tell::tell_failure;

/// Publishes something to show, serves it, and keeps it fresh.
///
/// With something published already, the site is up at once and the first run goes on behind it.
pub async fn up(config: &Config, up: &Up) -> Result<(), Failure> {
    let refresh = config.refresh(up.refresh.as_deref())?;
    let url = config.database(up.from.sample)?;
    let entrance = Entrance::open(config, &up.at).await?;
    let warehouse = Warehouse::open(&url, Access::Write).await?;
    warehouse
        .prepare_marts(&centime_analytics::models())
        .await?;
    let to_show = warehouse.published().await?.is_some();
    if !to_show {
        run::once(config, &up.from, &warehouse).await?;
    }
    let asked = Arc::new(Notify::new());
    let site = entrance
        .site(&url, warehouse.clone(), Some(asked.clone()))
        .await?;
    entrance.announce(config)?;
    let first_wait = if to_show {
        Some(Duration::ZERO)
    } else {
        refresh
    };
    let served = entrance.run(site);
    let runs = keep_fresh(config, &up.from, &warehouse, first_wait, refresh, &asked);
    let outcome = tokio::select! {
        outcome = served => outcome,
        () = runs => unreachable!("runs go on for ever"),
    };
    warehouse.close().await;
    outcome
}

/// Runs the pipeline again and again, on schedule and when somebody asks for it. A failed run leaves
/// the site as it was, which says so.
async fn keep_fresh(
    config: &Config,
    from: &From,
    warehouse: &Warehouse,
    first_wait: Option<Duration>,
    refresh: Option<Duration>,
    asked: &Notify,
) {
    let mut wait = first_wait;
    loop {
        let time_has_come = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = time_has_come => {}
            () = asked.notified() => {}
        }
        if let Err(failure) = run::once(config, from, warehouse).await {
            tell_failure(format!("not refreshed: {failure}"));
        }
        wait = refresh;
    }
}
