//! `centime report`: a view as a PDF.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use centime_server::{NoReport, ReportService, ReportView};

use crate::args::Report;
use crate::commands::{body, published};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::stdout::stdout;

/// Writes the report.
pub async fn report(config: &Config, report: &Report) -> Result<(), Failure> {
    if report.out.is_none() && io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "a PDF is nothing for a terminal: name a file with --out, or send it on".to_owned(),
        ));
    }
    let output = report.out.as_deref().map(Output::begin).transpose()?;
    let (warehouse, revision) = published(config, report.sample).await?;
    let body = body(&warehouse, revision.id, report.body.as_deref()).await?;
    let view = ReportView {
        parameters: &report.view.parameters(),
        language: report.lang,
        site: report.url.as_deref(),
        catalogue: config.catalogue()?,
    };
    let reports = Arc::new(reports());
    let pdf = reports.print(&warehouse, revision, body, &view).await?;
    if let Some(output) = output {
        return output.finish(&pdf);
    }
    let mut out = stdout();
    out.write_all(&pdf)?;
    Ok(out.flush()?)
}

/// How reports are set on pages.
pub fn reports() -> ReportService {
    ReportService::new(|report| centime_report::pdf(report).map_err(|error| error.to_string()))
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
                    crate::message::sanitize(&wrong.value),
                    crate::message::sanitize(&wrong.allowed.join(", "))
                ))
            }
            NoReport::Database(error) => error.into(),
            NoReport::Failed(_) => Self::Unexpected(error.to_string()),
        }
    }
}
