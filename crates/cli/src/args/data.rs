//! Arguments of the commands that print data: `centime analyse`, `lines` and `sql`.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use centime_accounts::FiscalYear;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_analytics::{ANALYSES, Basis};
use centime_server::{COUNTINGS, HARMONISED, ROLES, SUCCESSORS};
use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};

use super::value::fiscal_years;

/// The name of an analysis. Those of the program are named in help and completed by shells; the operator's own are
/// known once the configuration is read.
#[derive(Clone, Copy, Debug)]
struct AnalysisName;

impl TypedValueParser for AnalysisName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = ANALYSES
            .iter()
            .map(|analysis| PossibleValue::new(analysis.name()));
        Some(Box::new(names))
    }
}

#[derive(Debug, clap::Args)]
pub struct Sql {
    /// The statement: one SELECT over the views of what is published [default: standard input]
    #[arg(value_name = "SELECT", conflicts_with = "file")]
    pub statement: Option<String>,
    /// A file with the statement
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: SqlFormat,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long the statement may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// How many rows are taken at most
    #[arg(long, value_name = "ROWS", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub rows: u64,
    /// How many MiB of them at most
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub megabytes: u64,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

/// The form of what a statement gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    /// For people
    Table,
    /// Comma-separated values
    Csv,
    /// An array of objects; decimals are strings
    Json,
    /// Typed columns, for databases and notebooks
    Parquet,
    /// A workbook
    Xlsx,
}

#[derive(Debug, clap::Args)]
pub struct Analyse {
    /// The analysis
    #[arg(value_parser = AnalysisName)]
    pub name: String,
    /// Which rows are added: each euro once, or every row as a plain script would
    #[arg(
        long,
        default_value = "leaf",
        value_parser = PossibleValuesParser::new(Basis::ALL.map(Basis::name))
            .map(|name| name.parse::<Basis>().unwrap_or_default())
    )]
    pub basis: Basis,
    #[command(flatten)]
    pub rows: Rows,
}

#[derive(Debug, clap::Args)]
pub struct Statement {
    /// Accounts of two digits in place of the official form: bodies of all charts of accounts have them, where their
    /// accounts are known
    #[arg(long)]
    pub by_nature: bool,
    #[command(flatten)]
    pub rows: Rows,
}

#[derive(Debug, clap::Args)]
pub struct Accounts {
    #[command(flatten)]
    pub rows: Rows,
}

#[derive(Debug, clap::Args)]
pub struct Aggregates {
    #[command(flatten)]
    pub rows: Rows,
}

#[derive(Debug, clap::Args)]
pub struct Indicators {
    #[command(flatten)]
    pub rows: Rows,
}

#[derive(Debug, clap::Args)]
pub struct Lines {
    /// Words of the label or category; all must occur, in any case and without accents
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// One side of the statement
    #[arg(long, value_parser = SIDES)]
    pub side: Option<String>,
    /// One activity
    #[arg(long, value_parser = ACTIVITIES)]
    pub activity: Option<String>,
    /// One category: the label of a block, as lines have it
    #[arg(long, value_name = "LABEL")]
    pub category: Option<String>,
    /// What the line is in its block
    #[arg(long, value_parser = ROLES)]
    pub role: Option<String>,
    /// The category that can be compared across nomenclatures
    #[arg(long, value_name = "CATEGORY", value_parser = HARMONISED)]
    pub harmonised: Option<String>,
    /// Lines that took over what M14 called exceptional: alone, or among others
    #[arg(long, value_parser = SUCCESSORS)]
    pub successor: Option<String>,
    /// Whether the line is added: `missing` would be and has no amount, `nil` has none to add, `unpublished` has no
    /// amount, needed or not; `naive`: a plain script adds it
    #[arg(long, value_parser = PossibleValuesParser::new(COUNTINGS.map(|(name, _)| name)))]
    pub counted: Option<String>,
    /// Only lines whose label was not recognised
    #[arg(long)]
    pub unknown: bool,
    #[command(flatten)]
    pub rows: Rows,
}

/// Which rows, and where they go.
#[derive(Debug, clap::Args)]
pub struct Rows {
    /// The public body, by its SIREN number, the SIRET number of a budget, or its name; `all` for all of them, one
    /// after the other; need not be given where there is only one
    #[arg(long, value_name = "BODY")]
    pub body: Option<String>,
    /// The fiscal years, as in `2019-2023` or `2023` [default: all of them]
    #[arg(long, value_name = "YEARS", value_parser = fiscal_years)]
    pub years: Option<RangeInclusive<FiscalYear>>,
    /// The number of the revision, where it is not the published one
    #[arg(long, value_name = "N")]
    pub revision: Option<i64>,
    /// The form [default: what the name of the file ends with, or a table]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write, which is there whole or stays what it was [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

/// The form of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// An array of objects; amounts are decimal strings
    Json,
    /// Comma-separated values
    Csv,
    /// Parquet; amounts are exact decimals
    Parquet,
    /// A workbook
    Xlsx,
}
