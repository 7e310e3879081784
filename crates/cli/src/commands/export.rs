//! `centime export`: the public site as files, or all data (see [`super::export_data`]).

use std::io::{self, IsTerminal};
use std::path::Path;

use centime_render::language::format;
use centime_server::{ExportError, Guard, LeftOut, Scope, Settings, Site};
use indicatif::ProgressBar;

use crate::args::Export;
use crate::commands::export_data::export_data;
use crate::commands::report::reports;
use crate::commands::{body, published};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;

/// Writes the folder.
pub async fn export(config: &Config, export: &Export) -> Result<(), Failure> {
    match (&export.data, &export.site) {
        (Some(into), _) => export_data(config, export, into).await,
        (None, Some(into)) => export_site(config, export, into).await,
        (None, None) => Err(Failure::Usage(
            "say what to export: --site or --data".to_owned(),
        )),
    }
}

async fn export_site(config: &Config, export: &Export, into: &Path) -> Result<(), Failure> {
    let (warehouse, revision) = published(config, export.sample).await?;
    // A body that there is not would give a copy of nothing.
    let chosen = match &export.body {
        Some(text) => Some(body(&warehouse, revision.id, Some(text)).await?),
        None => None,
    };
    let only = warehouse.only_body(revision.id).await?;
    let scope = Scope {
        // Where there is one body, addresses do not name it.
        body: chosen
            .as_ref()
            .map(|body| body.siren.as_str())
            .filter(|_| only.is_none()),
        address: export.url.as_deref(),
    };
    let settings = Settings {
        links: config.links()?,
        ..Settings::default()
    };
    let site = Site::guarded(warehouse, Guard::new(settings, None))
        .showing(config.catalogue()?)
        .printing(reports());
    let shown = !config.quiet && io::stderr().is_terminal();
    let bar = shown.then(ProgressBar::new_spinner);
    let exported = site
        .export(into, &scope, |files| {
            if let Some(bar) = &bar {
                bar.set_message(format!("{files} files"));
                bar.tick();
            }
        })
        .await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let exported = exported?;
    if !config.quiet {
        let files = i64::try_from(exported.files).unwrap_or(i64::MAX);
        print_stderr(std::format!(
            "{} files are in {}",
            format::integer(files, centime_analytics::Language::English),
            into.display()
        ));
    }
    for LeftOut { address, status } in &exported.left_out {
        print_stderr(std::format!(
            "left out, because the site answers {status} there: {}",
            crate::message::sanitize(address)
        ));
    }
    Ok(())
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Taken(_) | ExportError::Unwritable { .. } | ExportError::Write { .. } => {
                Self::Usage(error.to_string())
            }
            ExportError::Unanswered { .. } => Self::Unexpected(error.to_string()),
        }
    }
}
