//! `centime analyse`: an analysis on standard output or in a file.

use centime_analytics::by_name;
use centime_analytics::rows::What;
use centime_render::source::Filter;

use crate::args::Analyse;
use crate::commands::rows::{Asked, Shown};
use crate::config::Config;
use crate::failure::Failure;

/// Prints an analysis.
pub async fn analyse(config: &Config, analyse: &Analyse) -> Result<(), Failure> {
    let analysis = by_name(&analyse.name)
        .ok_or_else(|| Failure::Usage(format!("there is no analysis «{}»", analyse.name)))?;
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
