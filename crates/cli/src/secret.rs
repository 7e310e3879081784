//! Secrets of the settings: where they come from, and a type that no message prints.

use std::convert::Infallible;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

use crate::failure::Failure;

/// A setting that is a secret, or may hold one.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SecretString(String);

impl FromStr for SecretString {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl SecretString {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is the address of a database with a password in it.
    pub fn has_password(&self) -> bool {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (user, _) = rest.rsplit_once('@').unwrap_or_default();
        user.contains(':') || rest.contains("password=")
    }
}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// What a secret is for, and its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The key of a database or of signed embedding.
    Key,
    /// A password, which may have any letters.
    Password,
    /// The password of a role of the database. Other letters can be written in more than one way, and servers and
    /// clients disagree on which.
    AsciiPassword,
    /// The address of a database, with its password.
    DatabaseUrl,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Key => "a key",
            Self::Password | Self::AsciiPassword => "a password",
            Self::DatabaseUrl => "the address of a database",
        }
    }

    const fn form(self) -> &'static str {
        match self {
            Self::Key => "64 hexadecimal digits: `openssl rand -hex 32` makes one",
            Self::Password => "one line",
            Self::AsciiPassword => "one line of printable ASCII, without accents",
            Self::DatabaseUrl => "one line such as postgres://USER@HOST/NAME",
        }
    }

    /// The secret in a text from this place.
    fn read(self, text: &str, place: &str) -> Result<SecretString, Failure> {
        let text = match self {
            // A space may be part of a password.
            Self::Password | Self::AsciiPassword => text.trim_end_matches(['\r', '\n']),
            Self::Key | Self::DatabaseUrl => text.trim(),
        };
        if text.is_empty() {
            return Err(self.unusable(place, "it is empty"));
        }
        if text.contains(['\r', '\n']) {
            return Err(self.unusable(place, "it has several lines"));
        }
        let is_ascii = |letter: char| letter == ' ' || letter.is_ascii_graphic();
        if self == Self::AsciiPassword && !text.chars().all(is_ascii) {
            return Err(self.unusable(place, "it has other characters"));
        }
        let is_key = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        if self == Self::Key && !is_key {
            return Err(self.unusable(place, "it has another form"));
        }
        Ok(SecretString(text.to_owned()))
    }

    fn unusable(self, place: &str, reason: &str) -> Failure {
        Failure::Usage(format!(
            "{place} cannot be used as {} ({reason}): expected {}",
            self.name(),
            self.form()
        ))
    }
}

/// The secret in an environment variable or in a file: not in both, and not an empty one. A variable that is empty is
/// not set.
pub fn load(
    kind: Kind,
    variable: &str,
    file: Option<&Path>,
) -> Result<Option<SecretString>, Failure> {
    choose(kind, variable, std::env::var_os(variable), file)
}

fn choose(
    kind: Kind,
    variable: &str,
    value: Option<OsString>,
    file: Option<&Path>,
) -> Result<Option<SecretString>, Failure> {
    match (value.filter(|text| !text.is_empty()), file) {
        (None, None) => Ok(None),
        (Some(_), Some(file)) => Err(Failure::Usage(format!(
            "{} is given both in {variable} and in the file {}: give one of them",
            kind.name(),
            file.display()
        ))),
        (Some(text), None) => match text.to_str() {
            Some(text) => kind.read(text, variable).map(Some),
            None => Err(kind.unusable(variable, "it is not UTF-8")),
        },
        (None, Some(file)) => from_file(kind, file).map(Some),
    }
}

/// The secret in a file.
pub fn from_file(kind: Kind, file: &Path) -> Result<SecretString, Failure> {
    let place = file.display().to_string();
    match fs::read_to_string(file) {
        Ok(text) => kind.read(&text, &place),
        Err(error) => Err(kind.unusable(&place, &error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(
        kind: Kind,
        value: Option<&str>,
        file: Option<&str>,
    ) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        if let Some(text) = file {
            fs::write(&path, text).unwrap();
        }
        let found = super::choose(
            kind,
            "CENTIME_SECRET",
            value.map(OsString::from),
            file.map(|_| path.as_path()),
        );
        found
            .map(|found| found.map(|secret| secret.reveal().to_owned()))
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_from_a_file() {
        let key = "0d".repeat(32);
        for kind in [
            Kind::Key,
            Kind::Password,
            Kind::AsciiPassword,
            Kind::DatabaseUrl,
        ] {
            assert_eq!(choose(kind, None, None), Ok(None));
            assert_eq!(choose(kind, Some(""), None), Ok(None));
            assert_eq!(choose(kind, Some(&key), None), Ok(Some(key.clone())));
            assert_eq!(
                choose(kind, Some(""), Some(&format!("{key}\r\n"))),
                Ok(Some(key.clone()))
            );
        }
        assert_eq!(
            choose(Kind::Password, None, Some(" é \n")),
            Ok(Some(" é ".to_owned()))
        );
    }

    #[test]
    fn two_secrets_and_none_are_refused_without_showing_any() {
        for (kind, value, file, said) in [
            (
                Kind::Password,
                Some("s3cret"),
                Some("s3cret"),
                "both in CENTIME_SECRET and in the file",
            ),
            (
                Kind::DatabaseUrl,
                Some("s3cret"),
                Some(""),
                "both in CENTIME_SECRET",
            ),
            (Kind::Password, None, Some(" s3cret\nx"), "several lines"),
            (Kind::Password, None, Some("\n"), "empty"),
            (Kind::DatabaseUrl, None, Some(" \n"), "empty"),
            (
                Kind::AsciiPassword,
                Some("s3cret é"),
                None,
                "printable ASCII",
            ),
            (Kind::Key, Some("s3cret"), None, "64 hexadecimal digits"),
        ] {
            let message = choose(kind, value, file).unwrap_err();
            assert!(
                message.contains(said) && !message.contains("s3cret"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret: SecretString = "s3cret".parse().unwrap();
        assert!(!format!("{secret:?}").contains("s3cret"));
    }
}
