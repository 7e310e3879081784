//! Arguments of `centime report` and `export`: what is made for others to read.

use std::path::PathBuf;

use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_analytics::{Basis, Grouping, Language};
use centime_render::charts::Measure;
use clap::ArgGroup;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::value::{web_address, years};

#[derive(Debug, clap::Args)]
pub struct Report {
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The language
    #[arg(
        long,
        default_value = "fr",
        value_parser = PossibleValuesParser::new(Language::ALL.map(Language::code))
            .map(|code| code.parse::<Language>().unwrap_or_default())
    )]
    pub lang: Language,
    /// The public body, by its SIREN number, the SIRET number of a budget, or its name; need not be given where
    /// there is only one
    #[arg(long, value_name = "BODY")]
    pub body: Option<String>,
    #[command(flatten)]
    pub view: View,
    /// Where the site is, as in `https://example.fr`, for the report to lead to the same view
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub url: Option<String>,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

/// What is looked at, as on the dashboard.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What the report shows [default: the whole statement]")]
pub struct View {
    /// The fiscal years, as in `2019-2023` or `2023`
    #[arg(long, value_name = "YEARS", value_parser = years)]
    pub years: Option<(String, String)>,
    /// One side of the statement
    #[arg(long, value_parser = SIDES)]
    pub side: Option<String>,
    /// One activity
    #[arg(long, value_parser = ACTIVITIES)]
    pub activity: Option<String>,
    /// One category, as the dashboard's address names it
    #[arg(long)]
    pub category: Option<String>,
    /// Categories as published, or comparable ones
    #[arg(long, value_parser = Grouping::ALL.map(Grouping::name))]
    pub grouping: Option<String>,
    /// Which rows are added: each euro once, or every row as a plain script would
    #[arg(long, value_parser = Basis::ALL.map(Basis::name))]
    pub basis: Option<String>,
    /// The unit of the charts
    #[arg(long, value_parser = Measure::ALL.map(Measure::name))]
    pub unit: Option<String>,
    /// The year that is looked at closely [default: the latest complete one]
    #[arg(long, value_name = "YEAR")]
    pub focus: Option<String>,
    /// The year that it is compared with [default: the one before]
    #[arg(long, value_name = "YEAR")]
    pub against: Option<String>,
}

impl View {
    /// The same as the parameters of an address.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let years = self.years.as_ref();
        [
            ("from", years.map(|(first, _)| first)),
            ("to", years.map(|(_, last)| last)),
            ("side", self.side.as_ref()),
            ("activity", self.activity.as_ref()),
            ("grouping", self.grouping.as_ref()),
            ("category", self.category.as_ref()),
            ("basis", self.basis.as_ref()),
            ("unit", self.unit.as_ref()),
            ("focus", self.focus.as_ref()),
            ("against", self.against.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
        .collect()
    }
}

#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("what").required(true).args(["site", "data"])))]
pub struct Export {
    /// The folder for the site: a new or empty one, or an earlier copy, which it replaces when it is whole
    #[arg(long, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// The folder for the analyses and lines of all years, as Parquet and CSV with a folder for each year: a new or
    /// empty one, or an earlier export of data, which it replaces when it is whole
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The public body, by its SIREN number, the SIRET number of a budget, or its name [default: all of them]
    #[arg(long, value_name = "BODY")]
    pub body: Option<String>,
    /// The number of the revision of the data, where it is not the published one
    #[arg(long, value_name = "N", conflicts_with = "site")]
    pub revision: Option<i64>,
    /// Where the folder will be, as in `https://example.fr/comptes`, for its reports, its feed
    /// and its list of pages to say
    #[arg(long, value_name = "URL", value_parser = web_address, conflicts_with = "data")]
    pub url: Option<String>,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}
