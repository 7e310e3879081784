//! Exit codes: what a script may rely on when a command fails.

use std::process::ExitCode;

use centime_pipeline::Error as RunError;
use centime_warehouse::revision::Cause;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something no one expected.
    #[error("{0}")]
    Unexpected(String),
    /// The command line or the configuration.
    #[error("{0}")]
    Usage(String),
    /// The portal.
    #[error("{0}")]
    Source(String),
    /// The data.
    #[error("{0}")]
    Audit(String),
    /// The database.
    #[error("{0}")]
    Database(String),
    /// Whoever read standard output has stopped reading.
    #[error("standard output was closed")]
    Closed,
}

impl Failure {
    /// The failure of a run, by whose it was.
    pub fn of_cause(cause: Cause, message: String) -> Self {
        match cause {
            Cause::Source => Self::Source(message),
            Cause::Data => Self::Audit(message),
            Cause::Database => Self::Database(message),
        }
    }

    /// What to tell the person at the keyboard.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Closed => None,
            other => Some(other.to_string()),
        }
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Closed => 0,
            Self::Unexpected(_) => 1,
            Self::Usage(_) => 2,
            Self::Source(_) => 3,
            Self::Audit(_) => 4,
            Self::Database(_) => 5,
        })
    }
}

impl From<centime_portal::Error> for Failure {
    fn from(error: centime_portal::Error) -> Self {
        match error {
            centime_portal::Error::InvalidUrl { .. } | centime_portal::Error::InvalidApiKey => {
                Self::Usage(error.to_string())
            }
            error => Self::Source(error.to_string()),
        }
    }
}

impl From<centime_warehouse::Error> for Failure {
    fn from(error: centime_warehouse::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::SampleOverOfficial { .. } => Self::Usage(error.to_string()),
            error => Self::of_cause(error.cause(), error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    /// A failure to write to standard output.
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Unexpected(format!("standard output could not be written: {error}"))
        }
    }
}
