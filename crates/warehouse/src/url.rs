//! Which database is meant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The address of a database: `sqlite:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl {
    path: PathBuf,
}

/// Why a text is not the address of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is not one that this version can open.
    #[error("«{0}» is not a database address: expected sqlite:PATH, such as sqlite:centime.db")]
    Scheme(String),
    /// There is no path after the scheme.
    #[error(
        "the database address «{0}» has no path: expected sqlite:PATH, such as sqlite:centime.db"
    )]
    NoPath(String),
}

impl DatabaseUrl {
    /// The SQLite file at this path.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the SQLite file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
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

/// The text without what may be a password, to be shown in a message.
fn without_password(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => text.to_owned(),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path.display())
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
            assert_eq!(text.parse::<DatabaseUrl>().unwrap().path(), Path::new(path));
        }
    }

    #[test]
    fn other_addresses_are_refused_without_showing_a_password() {
        let error = "mysql://me:secret@host/db"
            .parse::<DatabaseUrl>()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("host/db") && !error.contains("secret"),
            "{error}"
        );
        assert!("centime.db".parse::<DatabaseUrl>().is_err());
        assert!("sqlite:".parse::<DatabaseUrl>().is_err());
    }
}
