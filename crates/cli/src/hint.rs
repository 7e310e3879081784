//! Commands that messages name, as they have to be given: with the flags that this command was given, so that what
//! is copied from a message is about the same database.

use std::sync::OnceLock;

use centime_warehouse::DatabaseUrl;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// The flags that say which database and which configuration, in the order in which they are repeated.
const REPEATED: [&str; 4] = [
    "config",
    "database",
    "database_url_file",
    "database_key_file",
];

/// Commands that read no database.
const WITHOUT_DATABASE: [&str; 4] = ["completions", "health", "man", "portal-sim"];

/// What every command named from now on is given.
static GIVEN: OnceLock<Given> = OnceLock::new();

#[derive(Debug)]
struct Given {
    /// Flags with their values, as they are typed.
    flags: Vec<(String, String)>,
    sample: bool,
    /// Which sample edition, where it is not the usual one.
    edition: Option<String>,
    /// All commands, to know which flags each takes.
    program: Command,
}

/// Remembers the flags of a command line.
pub fn remember(program: Command, matches: &ArgMatches) {
    // What is set twice stays as it was: there is one command line.
    let _first = GIVEN.set(Given::of(program, matches));
}

/// A message whose commands have the flags that were given.
pub fn complete(text: &str) -> String {
    match GIVEN.get() {
        Some(given) => given.complete(text),
        None => text.to_owned(),
    }
}

impl Given {
    fn of(program: Command, matches: &ArgMatches) -> Self {
        let mut innermost = matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        let given = |id: &str| {
            innermost.try_contains_id(id).is_ok()
                && innermost.value_source(id) == Some(ValueSource::CommandLine)
        };
        let value = |id: &str| {
            let mut raw = innermost.get_raw(id)?;
            Some(raw.next()?.to_string_lossy().into_owned())
        };
        let flags = REPEATED
            .into_iter()
            .filter(|id| given(id))
            .filter_map(|id| {
                let value = value(id)?;
                let value = if id == "database" {
                    without_password(value)
                } else {
                    value
                };
                Some((format!("--{}", id.replace('_', "-")), typed(&value)))
            });
        Self {
            flags: flags.collect(),
            sample: given("sample"),
            edition: given("sample")
                .then(|| value("sample"))
                .flatten()
                .filter(|name| name == "demo"),
            program,
        }
    }

    fn complete(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("`centime ") {
            let Some((command, after)) = after.split_once('`') else {
                break;
            };
            out.push_str(before);
            out.push_str("`centime ");
            out.push_str(command);
            out.push_str(&self.missing(command));
            out.push('`');
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The flags that a command has to be given besides those it has.
    fn missing(&self, command: &str) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        let mut named = &self.program;
        for word in &words {
            match named.find_subcommand(word) {
                Some(inner) => named = inner,
                None => break,
            }
        }
        let reads = words
            .first()
            .is_some_and(|first| !WITHOUT_DATABASE.contains(first));
        if named.get_name() == self.program.get_name() || !reads {
            return String::new();
        }
        let mut missing = String::new();
        let takes_sample = named.get_arguments().any(|arg| arg.get_id() == "sample");
        if self.sample && takes_sample && !words.contains(&"--sample") {
            missing.push_str(" --sample");
            // Commands that read take the edition from the database.
            if let Some(edition) = &self.edition
                && matches!(words[0], "run" | "up")
            {
                missing.extend(["=", edition]);
            }
        }
        for (flag, value) in &self.flags {
            if !words.contains(&flag.as_str()) {
                missing.extend([" ", flag, " ", value]);
            }
        }
        missing
    }
}

/// An address as it may be shown: others can read what is printed.
fn without_password(text: String) -> String {
    let secret = text.contains("://") && (text.contains('@') || text.contains('?'));
    match text.parse::<DatabaseUrl>() {
        Ok(url @ DatabaseUrl::Postgres(_)) if secret => url.name(),
        _ => text,
    }
}

/// A value as a shell reads it as one word.
fn typed(value: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:@=,+%".contains(letter);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Args;

    fn given(line: &[&str]) -> Given {
        let line = std::iter::once("centime").chain(line.iter().copied());
        Given::of(
            Args::command(),
            &Args::command().try_get_matches_from(line).unwrap(),
        )
    }

    #[test]
    fn commands_of_messages_have_the_flags_that_were_given() {
        let check = "see `centime check`, or `centime db migrate`; `cargo` stays";
        for (line, expected) in [
            (&["run"][..], check),
            (
                &["run", "--sample", "--database", "sqlite:a b.db"],
                "see `centime check --sample --database 'sqlite:a b.db'`, or `centime db migrate --database \
                 'sqlite:a b.db'`; `cargo` stays",
            ),
            (
                &["--config", "x.toml", "token", "list", "--sample"],
                "see `centime check --sample --config x.toml`, or `centime db migrate --config x.toml`; `cargo` stays",
            ),
        ] {
            assert_eq!(given(line).complete(check), expected, "{line:?}");
        }
        let twice =
            given(&["run", "--sample"]).complete("`centime run --sample` `centime` `centime ");
        assert_eq!(twice, "`centime run --sample` `centime` `centime ");
        let demo = given(&["up", "--sample=demo"]).complete("`centime run`, `centime check`");
        assert_eq!(
            demo,
            "`centime run --sample=demo`, `centime check --sample`"
        );
        let portal = given(&["run", "--sample"]).complete("`centime portal-sim`");
        assert_eq!(portal, "`centime portal-sim`");
        let secret = "postgres://me:s3cret@db/centime?sslpassword=s3cret";
        let shown = given(&["run", "--database", secret]).complete(check);
        assert!(
            shown.contains("postgres://me@db") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
