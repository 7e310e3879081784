//! `centime report`: a view as a PDF.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use centime_server::{NoReport, Press, ReportView};

use crate::args::Report;
use crate::commands::{body, published};
use crate::config::Config;
use crate::failure::Failure;

/// Writes the report.
pub async fn report(config: &Config, report: &Report) -> Result<(), Failure> {
    if report.out.is_none() && io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "a PDF is nothing for a terminal: name a file with --out, or send it on".to_owned(),
        ));
    }
    let (warehouse, revision) = published(config, report.sample).await?;
    let body = body(&warehouse, revision.id, report.body.as_deref()).await?;
    let view = ReportView {
        parameters: &report.view.parameters(),
        language: report.lang,
        site: report.url.as_deref(),
    };
    let press = Arc::new(press());
    let pdf = press.print(&warehouse, revision, body, &view).await?;
    if let Some(file) = &report.out {
        return keep(file, &pdf);
    }
    let mut out = io::stdout().lock();
    out.write_all(&pdf)?;
    Ok(out.flush()?)
}

/// How reports are set on pages.
pub fn press() -> Press {
    Press::new(|report| centime_report::pdf(report).map_err(|error| error.to_string()))
}

/// Writes a file that is there whole or not at all.
fn keep(file: &Path, contents: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::Usage(format!("{} could not be written: {error}", file.display()))
    };
    if file.exists() && !file.is_file() {
        // A device or a pipe is written to and not replaced.
        return fs::write(file, contents).map_err(failed);
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".new-{}", std::process::id()));
    let written = fs::write(&beside, contents).and_then(|()| fs::rename(&beside, file));
    written.map_err(|error| {
        // The message is about what went wrong first.
        drop(fs::remove_file(&beside));
        failed(error)
    })
}

impl From<NoReport> for Failure {
    fn from(error: NoReport) -> Self {
        match error {
            NoReport::NotAllowed(wrong) => {
                let flag = match wrong.name {
                    "from" | "to" => "years",
                    name => name,
                };
                Self::Usage(format!(
                    "--{flag}: there is no «{}» in this statement: expected one of {}",
                    crate::tell::plain(&wrong.value),
                    crate::tell::plain(&wrong.allowed.join(", "))
                ))
            }
            NoReport::Database(error) => error.into(),
            NoReport::Failed(_) => Self::Unexpected(error.to_string()),
        }
    }
}
