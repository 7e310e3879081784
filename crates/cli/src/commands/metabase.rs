//! `centime metabase`: a Metabase over what is published, and its dashboard in the site.

use std::io::{self, Write};
use std::time::Duration;

use centime_access::time::duration;
use centime_metabase::{Definitions, Error, Outcome, Settings, version};

use crate::args::{Metabase as Command, MetabaseArgs, MetabaseSync};
use crate::config::Config;
use crate::config::metabase::{language, settings};
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};
use crate::stdout::stdout;

/// Does what is asked with a Metabase.
pub async fn metabase(config: &Config, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Sync(asked) => sync(config, asked).await,
        Command::Status(asked) => status(config, asked).await,
    }
}

async fn sync(config: &Config, asked: &MetabaseSync) -> Result<(), Failure> {
    let table = config.metabase();
    let settings = Settings {
        public_link: asked.public_link,
        send_password: asked.send_password,
        wait: wait(&asked.wait)?,
        ..settings(table, &asked.at)?
    };
    let definitions = Definitions::of_all(language(table, &asked.at)?, config.catalogue()?);
    let outcome = centime_metabase::sync(&settings, &definitions, asked.dry_run).await?;
    let mut out = stdout();
    changes(&mut out, &outcome)?;
    if let Some(published) = &outcome.published {
        writeln!(
            out,
            "dashboard {} {}",
            published.dashboard,
            sanitize(&published.address)
        )?;
        if let Some(address) = &published.public_address {
            writeln!(out, "public {}", sanitize(address))?;
        }
    }
    out.flush()?;
    if !config.quiet {
        print_stderr(match (outcome.changes.len(), asked.dry_run) {
            (0, _) => "Metabase is as it should be: nothing was sent.".to_owned(),
            (count, true) => format!("{count} changes would be sent; none was."),
            (count, false) => format!(
                "{count} changes were made in Metabase {}.",
                sanitize(&outcome.version)
            ),
        });
    }
    Ok(())
}

async fn status(config: &Config, asked: &MetabaseArgs) -> Result<(), Failure> {
    let table = config.metabase();
    let settings = settings(table, asked)?;
    let definitions = Definitions::of_all(language(table, asked)?, config.catalogue()?);
    let state = centime_metabase::status(&settings, &definitions).await?;
    let mut out = stdout();
    let supported = if state.supported {
        "supported".to_owned()
    } else {
        let (first, last) = (version::SUPPORTED.start(), version::SUPPORTED.end());
        format!("not tried: {first} to {last} were")
    };
    writeln!(out, "metabase   {}", sanitize(&settings.url))?;
    writeln!(out, "version    {}, {supported}", sanitize(&state.version))?;
    writeln!(
        out,
        "set up     {}",
        if state.set_up { "yes" } else { "no" }
    )?;
    if let Some(outcome) = &state.outcome {
        match &outcome.published {
            Some(published) => writeln!(out, "dashboard  {}", sanitize(&published.address))?,
            None => writeln!(out, "dashboard  not there")?,
        }
        writeln!(out, "differs    {}", outcome.changes.len())?;
        changes(&mut out, outcome)?;
    }
    out.flush()?;
    Ok(())
}

fn changes(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    for change in &outcome.changes {
        writeln!(out, "{}", sanitize(&change.to_string()))?;
    }
    Ok(())
}

fn wait(text: &str) -> Result<Duration, Failure> {
    duration(text).ok_or_else(|| {
        Failure::Usage(format!(
            "«{text}» is not a time to wait: expected such as 90s or 10m"
        ))
    })
}

impl From<Error> for Failure {
    /// What the operator gave is a matter of configuration; what Metabase answers is its own.
    fn from(error: Error) -> Self {
        match error {
            Error::Address { .. }
            | Error::NoCredentials
            | Error::NotSetUp
            | Error::NoPassword { .. }
            | Error::Credentials { .. }
            | Error::NotAdministrator { .. }
            | Error::Version { .. } => Self::Usage(error.to_string()),
            Error::Client { .. }
            | Error::Unreachable { .. }
            | Error::NotReady { .. }
            | Error::Refused { .. }
            | Error::Unexpected { .. }
            | Error::NotSynced { .. } => Self::Source(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_duration() {
        assert_eq!(wait("90s").unwrap(), Duration::from_secs(90));
        assert_eq!(wait("10m").unwrap(), Duration::from_mins(10));
        for wrong in ["", "soon", "-1s"] {
            assert!(wait(wrong).is_err(), "{wrong}");
        }
    }
}
