//! Which database is meant.

mod encryption;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::key::Key;

/// The address of a database: `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(SqliteFile),
    /// A PostgreSQL database.
    Postgres(Box<PostgresUrl>),
}

/// A SQLite file, and the key that opens it.
#[derive(Clone, Debug)]
pub struct SqliteFile {
    pub(crate) path: PathBuf,
    pub(crate) key: Option<Key>,
}

/// Where a PostgreSQL database is and how it is reached. Never shows its password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) options: PgConnectOptions,
    shown: String,
}

/// Why a text is not the address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is not one that this version can open.
    #[error(
        "«{0}» is not a database address: expected sqlite:PATH, such as sqlite:centime.db, or postgres://USER@HOST/DATABASE"
    )]
    Scheme(String),
    /// There is no path after the scheme.
    #[error(
        "the database address «{0}» has no path: expected sqlite:PATH, such as sqlite:centime.db"
    )]
    NoPath(String),
    /// The address of a server cannot be read.
    #[error(
        "«{0}» is not the address of a PostgreSQL database ({1}): expected postgres://USER@HOST:PORT/DATABASE"
    )]
    Server(String, String),
    /// No user is named, and the system knows none.
    #[error(
        "«{0}» names no user, and the system has no name for the one that this runs as: expected postgres://USER@HOST:PORT/DATABASE"
    )]
    NoUser(String),
    /// A key was given for a server.
    #[error(
        "a key opens a SQLite file, and {0} is a server: encrypt the volume of its data, as docs/security.md says, and give no key"
    )]
    Key(String),
}

impl PostgresUrl {
    /// The address, without its password.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }
}

impl DatabaseUrl {
    /// The SQLite file at this path.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(SqliteFile {
            path: path.into(),
            key: None,
        })
    }

    /// The same database, opened with a key. A server has none: its volume is encrypted, not its tables.
    pub fn with_key(self, key: Key) -> Result<Self, UrlError> {
        match self {
            Self::Sqlite(file) => Ok(Self::Sqlite(SqliteFile {
                key: Some(key),
                ..file
            })),
            Self::Postgres(url) => Err(UrlError::Key(url.shown)),
        }
    }

    /// The SQLite file; `None` for a server.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(&file.path),
            Self::Postgres(_) => None,
        }
    }

    /// The database as messages name it, without a password.
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(file) => file.path.display().to_string(),
            Self::Postgres(url) => url.shown.clone(),
        }
    }

    fn postgres(text: &str) -> Result<Self, UrlError> {
        let unreadable =
            |error: &dyn fmt::Display| UrlError::Server(without_password(text), error.to_string());
        let options: PgConnectOptions = text.parse().map_err(|error| unreadable(&error))?;
        let query = text.split_once('?').map_or("", |(_, query)| query);
        let options = if names_user(text, query) || std::env::var_os("PGUSER").is_some() {
            options
        } else {
            // As libpq does: the user of the system.
            let user = whoami::username().map_err(|_| UrlError::NoUser(text.to_owned()))?;
            options.username(&user)
        };
        let asked = query
            .split('&')
            .any(|pair| pair.starts_with("sslmode=") || pair.starts_with("ssl-mode="))
            || std::env::var_os("PGSSLMODE").is_some();
        let options = encryption::with_mode(options, asked).application_name("centime");
        let host = match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let (user, database) = (options.get_username(), options.get_database());
        let shown = format!("postgres://{user}@{host}/{}", database.unwrap_or(user));
        Ok(Self::Postgres(Box::new(PostgresUrl { options, shown })))
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::postgres(text);
        }
        let path = text
            .strip_prefix("sqlite:")
            .ok_or_else(|| UrlError::Scheme(without_password(text)))?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(UrlError::NoPath(text.to_owned()));
        }
        Ok(Self::sqlite(path))
    }
}

/// Whether the address of a server says as whom it is reached.
fn names_user(text: &str, query: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let user = rest[..end].rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| !user.is_empty() && !user.starts_with(':'))
        || query.split('&').any(|pair| pair.starts_with("user="))
}

/// The text without what may be a password, to be shown in a message: its parameters, and what is before an `@`. One
/// that is no address at all may be a password as a whole, so only its beginning is shown, as far as it is a scheme.
fn without_password(text: &str) -> String {
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            (scheme, rest)
        }
        _ => return "…".to_owned(),
    };
    let host = match (rest.rsplit_once('@'), rest.strip_prefix("//")) {
        (Some((_, host)), _) => format!("…@{host}"),
        (None, Some(host)) => host.to_owned(),
        (None, None) => return format!("{scheme}:…"),
    };
    let host = host.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}")
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.path.display()),
            Self::Postgres(url) => f.write_str(&url.shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_as_they_are() {
        for (text, path) in [
            ("sqlite:centime.db", "centime.db"),
            ("sqlite:///var/lib/centime.db", "/var/lib/centime.db"),
            ("sqlite:/tmp/a b?c.db", "/tmp/a b?c.db"),
        ] {
            let url = text.parse::<DatabaseUrl>().unwrap();
            assert_eq!(url.path(), Some(Path::new(path)));
        }
    }

    #[test]
    fn a_server_is_shown_without_its_password() {
        let url: DatabaseUrl = "postgres://me:s3cret@db.example:6000/accounts?sslmode=require"
            .parse()
            .unwrap();
        assert_eq!(url.to_string(), "postgres://me@db.example:6000/accounts");
        assert!(!format!("{url:?}").contains("s3cret"));
    }

    #[test]
    fn without_a_user_it_is_the_one_of_the_system() {
        if std::env::var_os("PGUSER").is_some() {
            return;
        }
        let me = std::process::Command::new("id").arg("-un").output();
        let me = String::from_utf8(me.unwrap().stdout).unwrap();
        let me = me.trim();
        for (address, user, database) in [
            ("postgres://localhost/x", me, "x"),
            ("postgres:///x?host=/run/postgresql", me, "x"),
            ("postgres://localhost", me, me),
            ("postgres://me@localhost/x", "me", "x"),
            ("postgres://localhost/x?user=me", "me", "x"),
        ] {
            let url: DatabaseUrl = address.parse().unwrap();
            let shown = url.to_string();
            assert!(shown.starts_with(&format!("postgres://{user}@")), "{shown}");
            assert!(shown.ends_with(&format!("/{database}")), "{shown}");
        }
    }

    #[test]
    fn other_addresses_are_refused_without_showing_a_password() {
        for text in [
            "mysql://me:secret@host/db",
            "mysql:/me:secret@host/db",
            "mysql:me:secret@host/db",
            "postgres:/me:secret@host/db",
            "postgres://me:secret@host:no-port/db",
            "postgres://me:se?c/r@secret@host:no-port/db?password=secret",
            "postgres://host:no-port/db?password=secret&user=me",
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(
                error.contains("host") && !error.contains("secret"),
                "{error}"
            );
        }
        // What is no address may be the password itself.
        for text in [
            "accounts.db",
            "secret",
            "secret@host",
            "S:secret",
            "me:secret",
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(
                !error.contains(text) && !error.contains("secret"),
                "{error}"
            );
        }
        assert!("sqlite:".parse::<DatabaseUrl>().is_err());
    }
}
