//! Arguments of `centime up`, `run`, `serve` and those that watch a site: what it is made from, and where it is.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use centime_portal_sim::Injection;
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::ListFormat;
use crate::config::presets;

/// Where data come from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Source")]
pub struct SourceArgs {
    #[arg(
        long,
        value_name = "URL",
        env = "CENTIME_PORTAL",
        hide_env_values = true,
        help = "The portal [default: https://opendata.paris.fr]"
    )]
    pub portal: Option<String>,
    /// Sources that are known by a name, in the place of a portal and its datasets [default: paris]
    #[arg(long, value_name = "NAME", value_parser = preset_names())]
    pub preset: Option<String>,
    /// Use a sample edition that comes with the program: not official figures [without any: paris]
    #[arg(
        long,
        value_enum,
        value_name = "EDITION",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "paris"
    )]
    pub sample: Option<SampleEdition>,
    #[command(flatten)]
    pub chosen: ChosenArgs,
    #[command(flatten)]
    pub accepting: Accepting,
}

/// Which account balances are taken.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Source")]
pub struct ChosenArgs {
    /// Of account balances, take this public body: a SIREN or SIRET number, an INSEE code, or its name; may be given
    /// several times. Alone it is looked for in all balances of the DGFiP, communes first
    #[arg(
        long = "body",
        value_name = "SIREN|INSEE|NAME",
        conflicts_with = "sample"
    )]
    pub bodies: Vec<String>,
    /// Of account balances, take these years [default: all that the portal has]
    #[arg(long, value_name = "A-B", value_parser = written_years, conflicts_with = "sample")]
    pub years: Option<String>,
    /// Of account balances, take the records that meet a condition in ODSQL
    #[arg(long = "where", value_name = "CONDITION", conflicts_with = "sample")]
    pub filter: Option<String>,
    /// Publish account balances that are not final, too
    #[arg(long, conflicts_with = "sample")]
    pub provisional: bool,
}

/// Years as they are written, once they are understood.
fn written_years(text: &str) -> Result<String, String> {
    years(text).map(|_| text.to_owned())
}

/// The presets, each with what it is.
fn preset_names() -> PossibleValuesParser {
    let named = |name| PossibleValue::new(name).help(presets::about(name));
    PossibleValuesParser::new(presets::names().map(named))
}

/// A sample edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SampleEdition {
    /// A city over nine years: its results are real, its other amounts invented
    Paris,
    /// The same beside real figures: the balance sheet of the city, the accounts of a commune, totals of its neighbours
    Demo,
}

/// Which changes are published all the same.
#[derive(Debug, Default, clap::Args)]
pub struct Accepting {
    /// Publish even when the audit finds such changes against what was published before, parted by commas
    /// [without any: all of them]
    #[arg(
        long,
        value_enum,
        value_name = "CHANGES",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "all"
    )]
    pub accept_changes: Vec<Change>,
}

/// A change against what was published before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Change {
    /// Years are gone, or most of their lines are published several times
    Years,
    /// The accounts are those of another public body
    Body,
    /// Years that were reconciled no longer are
    Reconciliation,
    /// All of these
    All,
}

/// Where the site is served.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Site")]
pub struct ListenArgs {
    /// The address to listen on [default: 127.0.0.1:8080, or a free port where it is taken]
    #[arg(long, value_name = "ADDR", env = "CENTIME_LISTEN")]
    pub listen: Option<String>,
    /// Who may read: everyone (`public`) or clients with a token (`token`) [default: public on this
    /// machine only, else token]
    #[arg(long, value_name = "MODE", env = "CENTIME_ACCESS")]
    pub access: Option<String>,
    /// Let everyone read from other machines too, where access is public
    #[arg(
        long,
        env = "CENTIME_ALLOW_PUBLIC",
        value_parser = clap::builder::FalseyValueParser::new(),
        default_value_t = false
    )]
    pub allow_public: bool,
}

#[derive(Debug, clap::Args)]
pub struct Up {
    #[command(flatten)]
    pub from: SourceArgs,
    #[command(flatten)]
    pub at: ListenArgs,
    /// The time between two regular runs, as in `6h` or `1d`; `never` runs once [default: 1d]
    #[arg(long, value_name = "DURATION", env = "CENTIME_REFRESH")]
    pub refresh: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    pub from: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub struct Import {
    /// Files, folders and ZIP archives; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The chart of accounts of tables that name none, as in `M57` or `M14` [default: the only one that has all their
    /// accounts]
    #[arg(long, value_name = "NAME")]
    pub nomenclature: Option<String>,
    /// Of files of many bodies, take this one: a SIREN or SIRET number, an INSEE code, or the name that the file gives it;
    /// may be given several times
    #[arg(long = "body", value_name = "SIREN|INSEE|NAME")]
    pub bodies: Vec<String>,
    /// Publish account balances that are not final, too; final ones take their place when they are imported
    #[arg(long)]
    pub provisional: bool,
    #[command(flatten)]
    pub accepting: Accepting,
    /// The form in which it is said what was read and published: for people on standard error, or JSON on standard
    /// output
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
}

#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub at: ListenArgs,
    /// Serve the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct Health {
    /// The address to ask [default: /readyz of the site that listens on this machine]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The address that the site listens on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "CENTIME_LISTEN")]
    pub listen: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    /// Fail with 6 when no run has found what is published to be what the portal has for so long, as in `2d` or `36h`
    #[arg(long, value_name = "DURATION")]
    pub max_age: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: CheckFormat,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

/// The form of what the checks found.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Table,
    /// An array of objects
    Json,
    /// XML of test reports, for servers of continuous integration
    Junit,
}

/// What a simulated portal serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SimEdition {
    /// The sample edition
    Sample,
    /// Account balances of invented bodies, with results at /known/results.csv
    National,
}

/// Reads a year, or the first and the last of several: `2024`, `2010-2024`.
pub fn years(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let year = |text: &str| text.trim().parse::<u16>().ok();
    match (year(first), year(last)) {
        (Some(first), Some(last)) if (2010..=last).contains(&first) && last <= 2030 => {
            Ok(first..=last)
        }
        _ => Err("expected years from 2010 to 2030, as in 2024 or 2010-2024".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub struct PortalSim {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8765")]
    pub listen: String,
    /// A folder with one folder a dataset, each with dataset.json and records.jsonl [default: the
    /// sample edition]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What to serve
    #[arg(long, value_enum, default_value = "sample", conflicts_with = "data")]
    pub edition: SimEdition,
    /// Serve the sample's income statement for so many public bodies; of the national edition, so many communes, at
    /// most 90000, and other bodies in proportion [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "data", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub bodies: Option<u32>,
    /// The years of the national edition, from 2010 to 2030
    #[arg(long, value_name = "A-B", default_value = "2010-2025", value_parser = years)]
    pub years: RangeInclusive<u16>,
    /// Which of all national editions: the same number, bodies and years make the same amounts
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Answer so many requests, each with what is left of them, and refuse all after as a portal whose quota is spent
    #[arg(long, value_name = "N")]
    pub quota: Option<u32>,
    /// A fault to show, once, or as in `cut=3` or `cut=always`; may be given several times
    #[arg(long = "fault", value_name = "NAME[=TIMES]")]
    pub faults: Vec<Injection>,
    /// List the faults and end
    #[arg(long)]
    pub list_faults: bool,
}
