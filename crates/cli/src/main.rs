//! Centime: the income statement, to the centime.
//!
//! | module | knows |
//! |---|---|
//! | `args`, `examples` | the command line, and examples of it |
//! | `config` | `centime.toml`, and which of flag, environment, file and default wins |
//! | `secret` | secrets from the environment or from files |
//! | `commands` | what each command does |
//! | `schedule` | when `centime up` runs again |
//! | `progress` | the progress of a run in a terminal |
//! | `output` | files that are there whole, or still what they were |
//! | `stdout` | standard output, and which failures are its own |
//! | `message` | messages on standard error, and the log |
//! | `hint` | commands that messages name, with the flags that were given |
//! | `stop` | signals that ask the program to stop |
//! | `failure` | exit codes |
//! | `reference` | the pages of docs/ that are made from `args` and `config`; in tests only |

#![warn(clippy::print_stderr, clippy::print_stdout)]

mod args;
mod commands;
mod config;
mod examples;
mod failure;
mod hint;
mod message;
mod output;
mod progress;
#[cfg(test)]
mod reference;
mod schedule;
mod secret;
mod stdout;
mod stop;

use std::process::ExitCode;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{LogFormat, print_failure, start_log};

/// How many threads run blocking work: more than work at once, and with all others far fewer than the units and
/// containers of deploy/ allow.
const BLOCKING_THREADS: usize = 32;

fn main() -> ExitCode {
    let args = match Args::of_process() {
        Ok(args) => args,
        // Help and versions are for people, also where the log is JSON.
        Err(error) if error.use_stderr() && args::asks_for_json() => {
            return match start_log(Some(LogFormat::Json), "error", false) {
                Ok(()) => ended(&Failure::Usage(error.to_string().trim_end().to_owned())),
                Err(failure) => ended(&failure),
            };
        }
        Err(error) => error.exit(),
    };
    match start(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ended(&failure),
    }
}

/// Says why the program ends, and with which exit code.
fn ended(failure: &Failure) -> ExitCode {
    if let Some(message) = failure.message() {
        print_failure(message);
    }
    failure.exit_code()
}

fn start(args: &Args) -> Result<(), Failure> {
    listen_to_events(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| Failure::Unexpected(format!("no threads could be started: {error}")))?;
    runtime.block_on(dispatch(args))
}

async fn dispatch(args: &Args) -> Result<(), Failure> {
    let config = || Config::load(&args.common);
    match &args.command {
        Command::Up(up) => Box::pin(commands::up::up(&config()?, up)).await,
        Command::Run(run) => commands::run::run(&config()?, run).await,
        Command::Import(import) => commands::import::import(&config()?, import).await,
        Command::Serve(serve) => commands::serve::serve(&config()?, serve).await,
        Command::Statement(statement) => {
            commands::statement::statement(&config()?, statement).await
        }
        Command::Accounts(accounts) => commands::accounts::accounts(&config()?, accounts).await,
        Command::Indicators(indicators) => {
            commands::accounts::indicators(&config()?, indicators).await
        }
        Command::Aggregates(aggregates) => {
            commands::accounts::aggregates(&config()?, aggregates).await
        }
        Command::Analyse(analyse) => commands::analyse::analyse(&config()?, analyse).await,
        Command::Lines(lines) => commands::lines::lines(&config()?, lines).await,
        Command::Sql(asked) => commands::sql::sql(&config()?, asked).await,
        Command::Report(report) => commands::report::report(&config()?, report).await,
        Command::Export(export) => commands::export::export(&config()?, export).await,
        Command::Check(check) => commands::check::check(&config()?, check).await,
        Command::Health(asked) => commands::health::health(&config()?, asked).await,
        Command::Db(db) => commands::db::db(&config()?, db).await,
        Command::Audit(audit) => commands::audit::audit(&config()?, audit).await,
        Command::Token(token) => commands::token::token(&config()?, token).await,
        Command::Metabase(metabase) => commands::metabase::metabase(&config()?, metabase).await,
        Command::PortalSim(sim) => commands::portal_sim::portal_sim(sim).await,
        Command::Completions(completions) => commands::completions::completions(completions),
        Command::Man(man) => commands::man::man(man),
    }
}

/// Sends events to the log: warnings, or what `--verbose` or `CENTIME_LOG` asks for. Where a form of the log is
/// chosen, each request is in it.
fn listen_to_events(args: &Args) -> Result<(), Failure> {
    let chosen = match (&args.common.log, args.common.verbose, args.common.quiet) {
        (Some(directives), _, _) => directives.as_str(),
        (None, true, _) => "centime=debug,info,sqlx_core::pool=error",
        (None, false, true) => "error",
        (None, false, false) if args.common.log_format.is_some() => "info,sqlx_core::pool=error",
        // The failure of a connection that was dropped with a run is reported by the run.
        (None, false, false) => "warn,sqlx_core::pool=error",
    };
    start_log(args.common.log_format, chosen, args.command.serves())
}
