//! `centime sql`: what is published, asked with SQL of one's own.

use std::io::{self, IsTerminal, Read, Write};
use std::time::Duration;

use centime_render::export::answer::{Form, inexact, table};
use centime_warehouse::sql::{Cut, Limits, NoAnswer, SqlReader};

use crate::args::{Sql, SqlFormat};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};
use crate::output::Output;
use crate::stdout::stdout;

/// How many bytes a statement may have that is read from a file or a pipe.
const MAX_STATEMENT_BYTES: u64 = 100_000;

/// Prints what a statement gives.
pub async fn sql(config: &Config, asked: &Sql) -> Result<(), Failure> {
    let binary = matches!(asked.format, SqlFormat::Parquet | SqlFormat::Xlsx);
    if binary && asked.out.is_none() && io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "this form is nothing for a terminal: name a file with --out, or send it on".to_owned(),
        ));
    }
    let statement = statement(asked)?;
    let output = asked.out.as_deref().map(Output::begin).transpose()?;
    let url = config.database(asked.sample)?;
    // The user of the command has the rights of this connection anyhow; what the statement may do stays the same.
    let reading = SqlReader::open_for_its_user(&url).await?;
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let limits = Limits {
        time: Duration::from_secs(asked.seconds),
        rows: number(asked.rows),
        bytes: number(asked.megabytes << 20),
    };
    let answer = reading.ask(&statement, limits).await?;
    let form = match asked.format {
        SqlFormat::Table => None,
        SqlFormat::Csv => Some(Form::Csv),
        SqlFormat::Json => Some(Form::Json),
        SqlFormat::Parquet => Some(Form::Parquet),
        SqlFormat::Xlsx => Some(Form::Xlsx),
    };
    let bytes = match form {
        None => table(&answer).into_bytes(),
        Some(form) => form
            .file(&answer, &statement)
            .map_err(|error| Failure::Unexpected(error.to_string()))?,
    };
    if let Some(output) = output {
        output.finish(&bytes)?;
    } else {
        let mut out = stdout();
        out.write_all(&bytes)?;
        out.flush()?;
    }
    // Missing rows are reported even with --quiet: a sum without them would be wrong.
    match answer.cut {
        Some(Cut::Rows) => print_stderr(format!(
            "There are more than {} rows: --rows asks for more of them.",
            asked.rows
        )),
        Some(Cut::Bytes) => print_stderr(format!(
            "Rows were left out behind {} MiB: --megabytes asks for more of them.",
            asked.megabytes
        )),
        None => {}
    }
    let inexact = inexact(&answer);
    if !inexact.is_empty() && !config.quiet {
        print_stderr(format!(
            "Not exact, because computed with binary fractions: {}.",
            sanitize(&inexact.join(", "))
        ));
    }
    Ok(())
}

/// The statement: as it was typed, from a file, or from standard input.
fn statement(asked: &Sql) -> Result<String, Failure> {
    let read = |from: &mut dyn Read, name: &str| {
        let mut text = String::new();
        let read = from.take(MAX_STATEMENT_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| Failure::Usage(format!("{name} cannot be read: {error}")))?;
        Ok(text)
    };
    match (&asked.statement, &asked.file) {
        (Some(statement), _) => Ok(statement.clone()),
        (None, Some(path)) => {
            let name = path.display().to_string();
            let file = std::fs::File::open(path);
            let mut file = file
                .map_err(|error| Failure::Usage(format!("{name} cannot be read: {error}")))?;
            read(&mut file, &name)
        }
        (None, None) if io::stdin().is_terminal() => Err(Failure::Usage(
            "there is no statement: write one, as in `centime sql \"SELECT * FROM published.yearly_result\"`, or name a file with --file"
                .to_owned(),
        )),
        (None, None) => read(&mut io::stdin().lock(), "standard input"),
    }
}

impl From<NoAnswer> for Failure {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Refused { .. } | NoAnswer::TooLong(_) => {
                Self::Usage(format!("the statement was not run: {error}"))
            }
            NoAnswer::Database(error) => error.into(),
        }
    }
}
