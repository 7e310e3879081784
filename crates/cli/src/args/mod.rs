//! The command line: its commands, and what each of them takes.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{OsStr as ClapOsStr, Resettable};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;

use crate::examples::with_examples;
use crate::hint;
use crate::message::LogFormat;
use crate::secret::SecretString;

pub use self::data::{
    Accounts, Aggregates, Analyse, Format, Indicators, Lines, Rows, Sql, SqlFormat, Statement,
};
pub use self::database::{Audit, CreateToken, Db, ListFormat, Prune, RevokeToken, Roles, Token};
pub use self::metabase::{Metabase, MetabaseArgs, MetabaseSync};
pub use self::report::{Export, Report};
#[cfg(test)]
pub use self::source::ChosenArgs;
pub use self::source::{
    Accepting, Change, Check, CheckFormat, Health, Import, ListenArgs, PortalSim, Run,
    SampleEdition, Serve, SimEdition, SourceArgs, Up, years,
};

mod data;
mod database;
mod metabase;
mod report;
mod source;
mod value;

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
        let given = |matches: &ArgMatches, name: &str| {
            matches.try_contains_id(name).is_ok()
                && matches.value_source(name) == Some(ValueSource::CommandLine)
        };
        let named = |matches: &ArgMatches| {
            let other = ["portal", "preset"].into_iter();
            let mut other = other.filter(|name| given(matches, name));
            other.next().filter(|_| given(matches, "sample"))
        };
        if let Some(other) = matches.subcommand().and_then(|(_, matches)| named(matches)) {
            let message = format!("--sample and --{other} name two sources: give one of them");
            return Err(Self::command().error(ErrorKind::ArgumentConflict, message));
        }
        hint::remember(Self::command(), &matches);
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
    pub database: Option<SecretString>,
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

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run once, then serve the site and refresh it on schedule
    Up(Up),
    /// Retrieve, check and publish, once
    Run(Run),
    /// Read official documents (CFU, TOTEM, SCDL), check and publish them
    Import(Import),
    /// Serve the site from what is published
    Serve(Serve),
    /// Print the income statement line by line, or write it into a file
    Statement(Statement),
    /// Print the accounts of each year with the lines that they are in, or write them into a file
    Accounts(Accounts),
    /// Print the indicators of local finance, or write them into a file
    Indicators(Indicators),
    /// Print the aggregates of the OFGL, in euros and for each inhabitant, or write them into a file
    Aggregates(Aggregates),
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
