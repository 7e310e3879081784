//! `centime analyse`: an analysis on standard output.

use std::io::{self, IsTerminal, Write};

use centime_analytics::by_name;
use centime_render::doubts::with_doubts;
use centime_render::{csv, json, text};
use centime_warehouse::doubt::doubts;

use crate::args::{Analyse, Format};
use crate::commands::{body, published};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::stdout;

/// The width a table is laid out for on a terminal that does not tell its own.
const USUAL_WIDTH: u16 = 100;

/// Prints an analysis.
pub async fn analyse(config: &Config, analyse: &Analyse) -> Result<(), Failure> {
    let analysis = by_name(&analyse.name)
        .ok_or_else(|| Failure::Usage(format!("there is no analysis «{}»", analyse.name)))?;
    let (warehouse, revision) = published(config, analyse.sample).await?;
    let body = body(&warehouse, revision.id, analyse.body.as_deref()).await?;
    let table = warehouse
        .mart(&analysis.model, revision.id, &body.siren, analyse.basis)
        .await?;
    let choices = warehouse.choices(revision.id, &body.siren).await?;
    let checks = warehouse.checks(revision.id).await?;
    let doubts = doubts(&checks, &body.siren, &choices.fiscal_years);
    let printed = match analyse.format {
        // People are told what is doubted where anything is; programs find the column always.
        Format::Table if doubts.is_empty() => text::table(&table, width()),
        Format::Table => text::table(&with_doubts(&table, &doubts), width()),
        Format::Json => json::table(&with_doubts(&table, &doubts)),
        Format::Csv => csv::table(&with_doubts(&table, &doubts)),
    };
    let mut out = stdout();
    out.write_all(printed.as_bytes())?;
    if !printed.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

/// The width of the terminal; `None` when the output goes elsewhere and may be as wide as it is.
fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    Some(columns.unwrap_or(USUAL_WIDTH))
}
