//! The command line.

use std::ffi::OsStr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use centime_access::Role;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_analytics::{ANALYSES, Basis, Grouping, Language};
use centime_portal_sim::Injection;
use centime_render::charts::Measure;
use centime_server::{COUNTINGS, HARMONISED, ROLES, SUCCESSORS};
use clap::builder::{
    OsStr as ClapOsStr, PossibleValue, PossibleValuesParser, Resettable, StringValueParser,
    TypedValueParser,
};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgGroup, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Hidden;
use crate::examples::with_examples;
use crate::hint;

const AFTER_HELP: &str = "\
Exit codes:
  0  done, or nothing new to publish
  1  unexpected failure
  2  usage or configuration
  3  source unreachable, refused or incomplete
  4  data refused by validation or audit; nothing was published
  5  database unreachable, refused, or without published data
  6  what is published is older than `centime check --max-age` allows
  130, 143  interrupted by Ctrl-C or SIGTERM; nothing was published

Settings are taken from flags, then the environment, then centime.toml, then defaults.";

/// The version, and the commit that it was built from where that is known.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("CENTIME_SHOWN_COMMIT"));

/// The program with the examples of its commands. A variable of the environment that is empty is as good as not set.
pub fn program() -> clap::Command {
    let empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    without_variables(with_examples(Args::command()), &empty)
}

/// A command that does not look at some variables.
fn without_variables(
    command: clap::Command,
    is_left_out: &impl Fn(&OsStr) -> bool,
) -> clap::Command {
    let named: Vec<String> = command
        .get_subcommands()
        .map(|inner| inner.get_name().to_owned())
        .collect();
    let command = command.mut_args(|arg| {
        if arg.get_env().is_some_and(is_left_out) {
            arg.env(Resettable::<ClapOsStr>::Reset)
        } else {
            arg
        }
    });
    named.into_iter().fold(command, |command, name| {
        command.mut_subcommand(&name, |inner| without_variables(inner, is_left_out))
    })
}

/// Retrieves a public body's income statement from its open data portal, checks it to the centime,
/// explains it and serves it.
#[derive(Debug, Parser)]
#[command(name = "centime", version = VERSION, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Reads the command line of this process.
    pub fn of_process() -> Result<Self, clap::Error> {
        let matches = program().try_get_matches()?;
        // The environment may name a portal for every command, so only the flag is in conflict.
        let named = |matches: &ArgMatches| {
            matches.try_contains_id("portal").is_ok()
                && matches.value_source("portal") == Some(ValueSource::CommandLine)
                && matches.get_flag("sample")
        };
        if matches
            .subcommand()
            .is_some_and(|(_, matches)| named(matches))
        {
            let message = "--sample and --portal name two sources: give one of them";
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        hint::remember(&matches);
        Self::from_arg_matches(&matches)
    }
}

/// Whether the log is asked for as JSON by a command line that may be wrong elsewhere.
pub fn asks_for_json() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    let asked = std::env::var_os("CENTIME_LOG_FORMAT").is_some_and(|format| format == "json");
    asked
        || arguments.iter().any(|one| one == "--log-format=json")
        || arguments
            .windows(2)
            .any(|pair| pair[0] == "--log-format" && pair[1] == "json")
}

/// What every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Settings of every command")]
pub struct Common {
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "CENTIME_DATABASE_URL",
        hide_env_values = true,
        help = "The database: sqlite:PATH or postgres://USER@HOST/NAME [default: a file in the \
            user's data folder]"
    )]
    pub database: Option<Hidden>,
    /// A file with the address of the database, which may hold a password; `--database` goes before it
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "CENTIME_DATABASE_URL_FILE"
    )]
    pub database_url_file: Option<PathBuf>,
    /// A file with the key of an encrypted SQLite database
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "CENTIME_DATABASE_KEY_FILE"
    )]
    pub database_key_file: Option<PathBuf>,
    /// The configuration file [default: centime.toml, here or in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "CENTIME_CONFIG")]
    pub config: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more of what happens
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// Which events to log, as in `info` or `centime_portal=debug`
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "CENTIME_LOG",
        hide = true
    )]
    pub log: Option<String>,
    /// The form of the log
    #[arg(
        long,
        global = true,
        value_enum,
        env = "CENTIME_LOG_FORMAT",
        hide = true
    )]
    pub log_format: Option<LogFormat>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line an event, with its time
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run once, then serve the site and refresh it on schedule
    Up(Up),
    /// Retrieve, check and publish, once
    Run(Run),
    /// Serve the site from what is published
    Serve(Serve),
    /// Print an analysis, or write it into a file
    Analyse(Analyse),
    /// Print lines of the income statement, or write them into a file
    Lines(Box<Lines>),
    /// Ask what is published with SQL of your own
    Sql(Sql),
    /// Write the report of a view as a PDF
    Report(Box<Report>),
    /// Write the public site as files, for any web host, or all data as Parquet and CSV
    Export(Export),
    /// Say what the checks found in what is published
    Check(Check),
    /// Say by the exit code whether a site is up and has something to show
    Health(Health),
    /// Keep the database: its tables, its roles, how it is
    #[command(subcommand)]
    Db(Db),
    /// Make, list and revoke the tokens that let into the site and its API
    #[command(subcommand)]
    Token(Token),
    /// Read the log of who did what, and delete what is old
    #[command(subcommand)]
    Audit(Audit),
    /// Provision a Metabase: its database, questions and dashboard
    #[command(subcommand)]
    Metabase(Metabase),
    /// Serve the sample edition, or a folder, as a portal would
    PortalSim(PortalSim),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Write the manual pages
    Man(Man),
}

impl Command {
    /// Whether it goes on until it is asked to stop.
    pub const fn serves(&self) -> bool {
        matches!(self, Self::Up(_) | Self::Serve(_) | Self::PortalSim(_))
    }
}

#[derive(Debug, Subcommand)]
pub enum Db {
    /// Make the tables, or bring them up to this version
    Migrate,
    /// Say how the database is
    Status(DbStatus),
    /// Make the roles of a PostgreSQL database and give them their rights
    Roles(Roles),
    /// Distribute the tables over the servers of a Citus cluster, by public body
    Distribute,
    /// Encrypt a SQLite database, give it another key, or take its key away
    Rekey(Rekey),
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

#[derive(Debug, Subcommand)]
pub enum Metabase {
    /// Make in Metabase what is missing, and put right what differs
    Sync(MetabaseSync),
    /// Say how a Metabase is, and what a sync would change
    Status(MetabaseAt),
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List what was done or refused, the latest first
    List(ListEvents),
    /// Delete what is older than that, for good
    Prune(Prune),
}

#[derive(Debug, clap::Args)]
pub struct ListEvents {
    /// How many at most
    #[arg(long, value_name = "N", default_value = "100")]
    pub limit: u32,
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct Prune {
    /// How old, as in `365d` or `12h`
    #[arg(long, value_name = "DURATION")]
    pub older_than: String,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

/// Which Metabase. Its passwords and keys are given in files that the configuration names, or in the
/// environment: others can read command lines.
#[derive(Debug, clap::Args)]
pub struct MetabaseAt {
    /// Its address [default: metabase.url of the configuration]
    #[arg(
        long,
        value_name = "URL",
        env = "CENTIME_METABASE_URL",
        hide_env_values = true
    )]
    pub url: Option<String>,
    /// The language of names: fr or en [default: fr]
    #[arg(long, value_name = "CODE", env = "CENTIME_METABASE_LANGUAGE")]
    pub language: Option<String>,
    /// Go on with a version that was not tried
    #[arg(long)]
    pub any_version: bool,
}

#[derive(Debug, clap::Args)]
pub struct MetabaseSync {
    #[command(flatten)]
    pub at: MetabaseAt,
    /// Only say what would be sent
    #[arg(long)]
    pub dry_run: bool,
    /// Give the dashboard a public link
    #[arg(long)]
    pub public_link: bool,
    /// Send the password of the connection again, because it has changed
    #[arg(long)]
    pub send_password: bool,
    /// How long to wait for Metabase to start, and to find the tables
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub wait: String,
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it, this once
    Create(CreateToken),
    /// List all tokens, without what they keep secret
    List(ListTokens),
    /// Let a token in no longer, from now on
    Revoke(RevokeToken),
}

#[derive(Debug, clap::Args)]
pub struct CreateToken {
    /// What it is for: a viewer reads, an analyst also exports, an admin also starts runs and manages
    /// tokens
    #[arg(long, value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name))
            .map(|name| name.parse::<Role>().unwrap_or(Role::Viewer)))]
    pub role: Role,
    /// How long it lets in, as in `90d` or `12h` [default: for ever]
    #[arg(long, value_name = "DURATION")]
    pub expires: Option<String>,
    /// What to call it in lists
    #[arg(long, default_value = "")]
    pub name: String,
    /// In the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct ListTokens {
    /// The form of the answer
    #[arg(long, value_enum, default_value = "table")]
    pub format: ListFormat,
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct RevokeToken {
    /// Its beginning, as the list shows it: `ctm_` and eight letters
    #[arg(value_name = "TOKEN")]
    pub id: String,
    /// In the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Roles {
    /// A file with the password of `centime_loader`, which the pipeline connects as
    #[arg(long, value_name = "FILE")]
    pub loader_password_file: Option<PathBuf>,
    /// A file with the password of `centime_reader`, which Metabase connects as
    #[arg(long, value_name = "FILE")]
    pub reader_password_file: Option<PathBuf>,
    /// A file with the password of `centime_site`, which the site connects as
    #[arg(long, value_name = "FILE")]
    pub site_password_file: Option<PathBuf>,
    /// A file with the password of `centime_owner`, as which the servers of a Citus cluster come into each other
    #[arg(long, value_name = "FILE")]
    pub owner_password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct DbStatus {
    /// Of the sample edition
    #[arg(long)]
    pub sample: bool,
}

#[derive(Debug, clap::Args)]
pub struct Rekey {
    /// A file with the new key: 64 hexadecimal digits
    #[arg(long, value_name = "FILE", conflicts_with = "decrypt")]
    pub new_key_file: Option<PathBuf>,
    /// Take the key away
    #[arg(long)]
    pub decrypt: bool,
}

/// Where data come from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Source")]
pub struct From {
    #[arg(
        long,
        value_name = "URL",
        env = "CENTIME_PORTAL",
        hide_env_values = true,
        help = "The portal [default: https://opendata.paris.fr]"
    )]
    pub portal: Option<String>,
    /// Use the sample edition that comes with the program: not official figures
    #[arg(long)]
    pub sample: bool,
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
pub struct At {
    /// The address to listen on [default: 127.0.0.1:8080, or a free port where it is taken]
    #[arg(long, value_name = "ADDR", env = "CENTIME_LISTEN")]
    pub listen: Option<String>,
    /// Who may read: everyone (`public`) or whoever has a token (`token`) [default: public on this
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
    pub from: From,
    #[command(flatten)]
    pub at: At,
    /// The time between two regular runs, as in `6h` or `1d`; `never` runs once [default: 1d]
    #[arg(long, value_name = "DURATION", env = "CENTIME_REFRESH")]
    pub refresh: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    pub from: From,
}

#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    pub at: At,
    /// Serve the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
}

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
    /// amount, needed or not
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
    pub years: Option<RangeInclusive<i64>>,
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

/// Two years, or one for both.
fn years(text: &str) -> Result<(String, String), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let is_year = |year: &str| year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
    if !is_year(first) || !is_year(last) {
        return Err("expected years such as 2019-2023 or 2023".to_owned());
    }
    if first > last {
        return Err(format!(
            "there is no year from {first} to {last}: the first year comes first, as in {last}-{first}"
        ));
    }
    Ok((first.to_owned(), last.to_owned()))
}

/// The same as numbers.
fn fiscal_years(text: &str) -> Result<RangeInclusive<i64>, String> {
    let (first, last) = years(text)?;
    let number = |year: &str| year.parse::<i64>().map_err(|error| error.to_string());
    Ok(number(&first)?..=number(&last)?)
}

/// An address on the web.
fn web_address(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host)
            if !host.is_empty()
                && !text.contains(|c: char| c.is_whitespace() || c.is_control()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected an address such as https://example.fr".to_owned()),
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
    /// Where the folder will be, as in `https://example.fr/comptes`, for its reports to say
    #[arg(long, value_name = "URL", value_parser = web_address, conflicts_with = "data")]
    pub url: Option<String>,
    /// Read the sample edition, published by `centime run --sample`
    #[arg(long)]
    pub sample: bool,
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

/// The form of a list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// An array of objects
    Json,
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

#[derive(Debug, clap::Args)]
pub struct PortalSim {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8765")]
    pub listen: String,
    /// A folder with one folder a dataset, each with dataset.json and records.jsonl [default: the
    /// sample edition]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Serve the sample's income statement for so many public bodies
    #[arg(long, value_name = "N", conflicts_with = "data", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub bodies: Option<u32>,
    /// A fault to show, once, or as in `cut=3` or `cut=always`; may be given several times
    #[arg(long = "fault", value_name = "NAME[=TIMES]")]
    pub faults: Vec<Injection>,
    /// List the faults and end
    #[arg(long)]
    pub list_faults: bool,
}

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct Man {
    /// The folder to write to, which is made as needed
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}
