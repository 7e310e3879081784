//! Why SQL of the operator's own cannot be used.

use std::fmt;

/// Why SQL of the operator's own cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The file.
    pub file: String,
    /// The line of it, where that is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Unusable {}

impl Unusable {
    pub(crate) fn new(file: &str, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            reason: reason.into(),
        }
    }

    /// The one that a failure of the engine carries, or the failure.
    pub(super) fn within(error: sqlx::Error) -> Result<Self, sqlx::Error> {
        match error {
            sqlx::Error::Configuration(inner) => inner
                .downcast()
                .map(|unusable| *unusable)
                .map_err(sqlx::Error::Configuration),
            other => Err(other),
        }
    }
}
