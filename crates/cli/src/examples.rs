//! Examples of each command, for its `--help` and its manual page. A test reads each of them as a command line.

use std::fmt::Write;

use clap::Command;

/// What an example does, and how it is typed.
type Example = (&'static str, &'static str);

/// The examples of every command, by its name behind `centime`.
const EXAMPLES: &[(&str, [Example; 3])] = &[
    (
        "",
        [
            (
                "Look at real and invented figures, without a network",
                "centime up --sample=demo",
            ),
            (
                "Publish what Open Data Paris has, and look at it",
                "centime up",
            ),
            ("Publish it once, as from cron", "centime run --quiet"),
        ],
    ),
    (
        "up",
        [
            (
                "The sample edition on http://127.0.0.1:8080",
                "centime up --sample",
            ),
            (
                "All years of your town, by its INSEE code, its SIREN number or its name",
                "centime up --body 38185",
            ),
            (
                "For others, who need a token",
                "centime up --listen 0.0.0.0:8080 --access token",
            ),
        ],
    ),
    (
        "run",
        [
            ("Publish what the portal has, or nothing", "centime run"),
            (
                "Publish the accounts of all communes of a year",
                "centime run --preset dgfip-communes --years 2024",
            ),
            (
                "Publish although years are gone, because that is meant",
                "centime run --accept-changes=years",
            ),
        ],
    ),
    (
        "import",
        [
            (
                "Publish the compte financier unique of a commune, and see its result",
                "centime import cfu-2023.xml",
            ),
            (
                "All years in a folder, into a database of their own",
                "centime import documents/ --database sqlite:town.db",
            ),
            (
                "A table from standard input, whose chart of accounts is M57",
                "centime import - --nomenclature M57 --format json",
            ),
        ],
    ),
    (
        "serve",
        [
            (
                "What is published, on http://127.0.0.1:8080",
                "centime serve",
            ),
            (
                "What is in a PostgreSQL database",
                "centime serve --database postgres://centime_site@db.example.fr/centime",
            ),
            (
                "On another port, behind a proxy on this machine",
                "centime serve --listen 127.0.0.1:9000 --access public",
            ),
        ],
    ),
    (
        "statement",
        [
            (
                "A year of the income statement, in the order of the official form",
                "centime statement --sample --years 2024",
            ),
            (
                "All lines and years with their share of revenue and their change, as JSON",
                "centime statement --sample --format json",
            ),
            (
                "The same of all public bodies, for a notebook",
                "centime statement --sample --body all --format parquet --out statement.parquet",
            ),
        ],
    ),
    (
        "accounts",
        [
            (
                "The accounts of a year, each with its line of the statement",
                "centime accounts --years 2023",
            ),
            (
                "All accounts of a budget, for a spreadsheet",
                "centime accounts --body 21560134500014 --out accounts.xlsx",
            ),
            (
                "The accounts of all public bodies, for a notebook",
                "centime accounts --body all --format parquet --out accounts.parquet",
            ),
        ],
    ),
    (
        "indicators",
        [
            (
                "Savings, debt and ratios of each year, as a table",
                "centime indicators",
            ),
            (
                "Those of one year as JSON, with what is missing",
                "centime indicators --years 2023 --format json",
            ),
            (
                "The indicators of all public bodies, to compare them",
                "centime indicators --body all --out indicators.csv",
            ),
        ],
    ),
    (
        "aggregates",
        [
            (
                "The aggregates of a commune by its INSEE code, in euros and for each inhabitant",
                "centime aggregates --body 56134",
            ),
            (
                "Those of one year as JSON",
                "centime aggregates --body 56134 --years 2024 --format json",
            ),
            (
                "The aggregates of all public bodies, to compare them",
                "centime aggregates --body all --out aggregates.csv",
            ),
        ],
    ),
    (
        "analyse",
        [
            (
                "The result of each year, as a table",
                "centime analyse yearly-result --sample",
            ),
            (
                "Each year held against its balance sheet, as JSON",
                "centime analyse reconciliation --sample --format json",
            ),
            (
                "What a plain script would find, for a spreadsheet",
                "centime analyse yearly-result --sample --basis naive --format csv",
            ),
        ],
    ),
    (
        "sql",
        [
            (
                "One SELECT over the views of what is published",
                "centime sql --sample 'SELECT fiscal_year, result_eur FROM published.yearly_result'",
            ),
            (
                "A statement in a file, and its rows as Parquet",
                "centime sql --sample --file question.sql --format parquet --out rows.parquet",
            ),
            (
                "A statement from standard input, as CSV",
                "centime sql --sample --format csv < question.sql",
            ),
        ],
    ),
    (
        "lines",
        [
            (
                "The lines of a year, as a table",
                "centime lines --sample --years 2020 --side expense",
            ),
            (
                "Lines without an amount that is needed, as CSV",
                "centime lines --sample --counted missing --format csv",
            ),
            (
                "All lines of all public bodies, into a file",
                "centime lines --sample --body all --out lines.parquet",
            ),
        ],
    ),
    (
        "report",
        [
            (
                "The whole statement, in French",
                "centime report --sample --out report.pdf",
            ),
            (
                "Some years, in English",
                "centime report --sample --lang en --years 2021-2023 --out report.pdf",
            ),
            (
                "One side of a statement with several bodies, sent on",
                "centime report --body 217500016 --side expense > report.pdf",
            ),
        ],
    ),
    (
        "export",
        [
            (
                "The site of all bodies as files",
                "centime export --site public",
            ),
            (
                "With the address that its reports name",
                "centime export --site public --url https://example.fr/comptes",
            ),
            (
                "All data of all bodies, as Parquet and CSV",
                "centime export --data data",
            ),
        ],
    ),
    (
        "check",
        [
            ("What the checks found", "centime check --sample"),
            (
                "Whether the last refresh went well and is no older than two days",
                "centime check --sample --max-age 2d --quiet",
            ),
            (
                "For a server of continuous integration",
                "centime check --sample --format junit",
            ),
        ],
    ),
    (
        "health",
        [
            ("The site of this machine", "centime health"),
            (
                "One on another port",
                "centime health --listen 127.0.0.1:9000",
            ),
            (
                "One elsewhere",
                "centime health --url https://comptes.example.fr/readyz",
            ),
        ],
    ),
    (
        "db",
        [
            ("Bring the tables up to this version", "centime db migrate"),
            ("How the sample's database is", "centime db status --sample"),
            (
                "Give roles their passwords",
                "centime db roles --site-password-file site-password",
            ),
        ],
    ),
    (
        "db migrate",
        [
            ("The usual database", "centime db migrate"),
            ("A file", "centime db migrate --database sqlite:centime.db"),
            (
                "A server, as the owner of the tables",
                "centime db migrate --database postgres://centime_owner@db.example.fr/centime",
            ),
        ],
    ),
    (
        "db status",
        [
            ("The usual database", "centime db status"),
            ("That of the sample edition", "centime db status --sample"),
            (
                "A server, whose address is in a file",
                "centime db status --database-url-file database-url",
            ),
        ],
    ),
    (
        "db roles",
        [
            (
                "Roles without passwords, which come in by certificate",
                "centime db roles --database postgres://postgres@db.example.fr/centime",
            ),
            (
                "With a password for Metabase",
                "centime db roles --reader-password-file reader-password",
            ),
            (
                "With those of all who come in by password",
                "centime db roles --loader-password-file loader --reader-password-file reader --site-password-file site",
            ),
        ],
    ),
    (
        "db distribute",
        [
            ("The database of the configuration", "centime db distribute"),
            (
                "One that is named",
                "centime db distribute --database postgres://centime_owner@coordinator.example.fr/centime",
            ),
            (
                "One whose address is in a file",
                "centime db distribute --database-url-file database-url",
            ),
        ],
    ),
    (
        "db rekey",
        [
            (
                "Encrypt a database",
                "centime db rekey --database sqlite:centime.db --new-key-file key",
            ),
            (
                "Give it another key",
                "centime db rekey --database sqlite:centime.db --database-key-file key --new-key-file new-key",
            ),
            (
                "Take its key away",
                "centime db rekey --database sqlite:centime.db --database-key-file key --decrypt",
            ),
        ],
    ),
    (
        "token",
        [
            (
                "A token for a reader",
                "centime token create --role viewer --name Finance --expires 90d",
            ),
            ("Which tokens there are", "centime token list"),
            ("Let one in no longer", "centime token revoke ctm_AbCd1234"),
        ],
    ),
    (
        "token create",
        [
            (
                "A token for a reader, valid for a quarter",
                "centime token create --role viewer --name Finance --expires 90d",
            ),
            (
                "For Prometheus, into a file",
                "centime token create --role viewer --name prometheus > metrics-token",
            ),
            (
                "For those who look after the site of the sample edition",
                "centime token create --role admin --sample",
            ),
        ],
    ),
    (
        "token list",
        [
            ("As a table", "centime token list"),
            ("For a program", "centime token list --format json"),
            ("Those of the sample edition", "centime token list --sample"),
        ],
    ),
    (
        "token revoke",
        [
            ("The usual database", "centime token revoke ctm_AbCd1234"),
            (
                "The sample edition",
                "centime token revoke ctm_AbCd1234 --sample",
            ),
            (
                "A database that is named",
                "centime token revoke ctm_AbCd1234 --database sqlite:centime.db",
            ),
        ],
    ),
    (
        "audit",
        [
            ("What was done last", "centime audit list --limit 20"),
            (
                "All of it for a program",
                "centime audit list --limit 1000000 --format json",
            ),
            ("Keep a year", "centime audit prune --older-than 365d"),
        ],
    ),
    (
        "audit list",
        [
            ("The last hundred", "centime audit list"),
            ("The last twenty", "centime audit list --limit 20"),
            (
                "For a program",
                "centime audit list --limit 1000000 --format json",
            ),
        ],
    ),
    (
        "audit prune",
        [
            ("Keep a year", "centime audit prune --older-than 365d"),
            ("Keep twelve hours", "centime audit prune --older-than 12h"),
            (
                "Of the sample edition",
                "centime audit prune --older-than 90d --sample",
            ),
        ],
    ),
    (
        "metabase",
        [
            (
                "Set up a new Metabase, or put right what differs",
                "centime metabase sync",
            ),
            (
                "Only say what would be sent",
                "centime metabase sync --dry-run",
            ),
            (
                "How one is that is elsewhere",
                "centime metabase status --url https://metabase.example.fr",
            ),
        ],
    ),
    (
        "metabase sync",
        [
            ("What the configuration names", "centime metabase sync"),
            (
                "In English, elsewhere",
                "centime metabase sync --url https://metabase.example.fr --language en",
            ),
            (
                "After the password of the reader has changed",
                "centime metabase sync --send-password",
            ),
        ],
    ),
    (
        "metabase status",
        [
            ("What the configuration names", "centime metabase status"),
            (
                "One that is elsewhere",
                "centime metabase status --url https://metabase.example.fr",
            ),
            (
                "One of a version that was not tried",
                "centime metabase status --any-version",
            ),
        ],
    ),
    (
        "portal-sim",
        [
            ("The sample edition, as a portal", "centime portal-sim"),
            (
                "One that cuts its answers three times",
                "centime portal-sim --fault cut=3",
            ),
            (
                "Account balances of a hundred towns on any free port",
                "centime portal-sim --edition national --bodies 100 --listen 127.0.0.1:0",
            ),
        ],
    ),
    (
        "completions",
        [
            (
                "Of bash, for one user",
                "centime completions bash > ~/.local/share/bash-completion/completions/centime",
            ),
            (
                "Of zsh, for all",
                "centime completions zsh > /usr/local/share/zsh/site-functions/_centime",
            ),
            (
                "Of fish, for one user",
                "centime completions fish > ~/.config/fish/completions/centime.fish",
            ),
        ],
    ),
    (
        "man",
        [
            ("For one user", "centime man ~/.local/share/man/man1"),
            (
                "For all who use a machine",
                "centime man /usr/local/share/man/man1",
            ),
            (
                "For a package",
                "centime man debian/centime/usr/share/man/man1",
            ),
        ],
    ),
];

/// The command with its examples, and each within it, before what is said at the end of its help.
pub fn with_examples(command: Command) -> Command {
    added(command, "")
}

fn added(command: Command, path: &str) -> Command {
    let named: Vec<String> = command
        .get_subcommands()
        .map(|inner| inner.get_name().to_owned())
        .collect();
    let command = named.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(&name, |inner| added(inner, path.trim_start()))
    });
    let Some((_, examples)) = EXAMPLES.iter().find(|(of, _)| *of == path) else {
        return command;
    };
    let mut text = "Examples:".to_owned();
    for (what, line) in examples {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  # {what}\n  {line}");
    }
    if let Some(after) = command.get_after_help() {
        text = format!("{text}\n\n{after}");
    }
    command.after_help(text)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;
    use crate::args::Args;

    /// Every command below one, with its path.
    fn paths(command: &Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            paths(inner, path.trim_start(), found);
        }
    }

    /// The words of a command line as a shell reads them: what is quoted is one, and what goes elsewhere is none.
    fn words(line: &str) -> Vec<&str> {
        let mut words = Vec::new();
        for (position, part) in line.split('\'').enumerate() {
            if position % 2 == 1 {
                words.push(part);
                continue;
            }
            let ours = part.split(['>', '<', '|']).next().unwrap_or_default();
            words.extend(ours.split_whitespace());
            if ours != part {
                break;
            }
        }
        words
    }

    #[test]
    fn every_command_has_examples_and_every_example_is_a_command_line() {
        let program = Args::command();
        let mut commands = Vec::new();
        paths(&program, "", &mut commands);
        for path in &commands {
            let found = EXAMPLES.iter().filter(|(of, _)| of == path).count();
            assert_eq!(
                found, 1,
                "`centime {path}` has to have its examples, once, in examples.rs"
            );
        }
        for (path, examples) in EXAMPLES {
            assert!(
                commands.iter().any(|known| known == path),
                "there is no command `centime {path}`"
            );
            for (what, line) in examples {
                let matches = program.clone().try_get_matches_from(words(line));
                let read = matches.and_then(|matches| Args::from_arg_matches(&matches));
                assert!(read.is_ok(), "{line}: {}", read.unwrap_err());
                let begins = format!("centime {path}");
                assert!(
                    line.starts_with(begins.trim_end()),
                    "{line} is no example of `{begins}`"
                );
                assert!(!what.is_empty() && !what.ends_with('.'), "{what}");
            }
        }
    }
}
