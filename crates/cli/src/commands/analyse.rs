//! `centime analyse`: an analysis on standard output or in a file.

use centime_analytics::Analysis;
use centime_analytics::rows::What;
use centime_render::provenance::source::Filter;

use crate::args::Analyse;
use crate::commands::rows::{Asked, Shown};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::sanitize;

/// Prints an analysis.
pub async fn analyse(config: &Config, analyse: &Analyse) -> Result<(), Failure> {
    let catalogue = config.catalogue()?;
    let analysis = catalogue.by_name(&analyse.name).ok_or_else(|| {
        let names: Vec<String> = catalogue.analyses().map(Analysis::name).collect();
        Failure::Usage(format!(
            "there is no analysis «{}»: expected one of {}",
            sanitize(&analyse.name),
            names.join(", ")
        ))
    })?;
    let asked = Asked::open(config, &analyse.rows).await?;
    let basis = Filter {
        name: "basis".to_owned(),
        label: "basis".to_owned(),
        code: analyse.basis.name().to_owned(),
        value: analyse.basis.name().to_owned(),
    };
    let text = analysis.text(centime_analytics::Language::English);
    let shown = Shown {
        title: text.title.clone(),
        what: What::Analysis(analysis, analyse.basis),
        filters: vec![basis],
        for_people: None,
    };
    asked.write(shown).await
}
