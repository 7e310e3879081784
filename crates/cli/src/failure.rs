//! Exit codes: what a script may rely on when a command fails.

use std::process::ExitCode;

use centime_pipeline::Error as RunError;
use centime_warehouse::revision::Cause;

use crate::stdout;
use crate::stop::Signal;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something unexpected.
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
    /// What is published is older than it may be.
    #[error("{0}")]
    Stale(String),
    /// A signal came before a run had ended.
    #[error(
        "interrupted by {}: nothing was published, and what was published before is untouched", .0.name()
    )]
    Interrupted(Signal),
    /// The reader of standard output has stopped reading.
    #[error("standard output was closed")]
    Closed,
}

impl Failure {
    /// The failure of a run, by its cause.
    pub fn of_cause(cause: Cause, message: String) -> Self {
        match cause {
            Cause::Source => Self::Source(message),
            Cause::Data => Self::Audit(message),
            Cause::Database => Self::Database(message),
        }
    }

    /// The message on standard error; none where the reader of standard output has ended.
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
            Self::Stale(_) => 6,
            Self::Interrupted(signal) => signal.exit_code(),
        })
    }
}

impl From<centime_portal::Error> for Failure {
    fn from(error: centime_portal::Error) -> Self {
        match error {
            centime_portal::Error::InvalidUrl { .. }
            | centime_portal::Error::InvalidHost { .. }
            | centime_portal::Error::InvalidApiKey => Self::Usage(error.to_string()),
            error => Self::Source(error.to_string()),
        }
    }
}

impl From<centime_warehouse::Error> for Failure {
    fn from(error: centime_warehouse::Error) -> Self {
        match error {
            // It is a matter of files beside the configuration.
            centime_warehouse::Error::Own(_) => Self::Usage(error.to_string()),
            error => Self::Database(error.to_string()),
        }
    }
}

impl From<centime_documents::Error> for Failure {
    fn from(error: centime_documents::Error) -> Self {
        RunError::Document(error).into()
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::SampleOverOfficial { .. }
            | RunError::DocumentsOverPortal { .. }
            | RunError::Warehouse(centime_warehouse::Error::Own(_)) => {
                Self::Usage(error.to_string())
            }
            error => Self::of_cause(error.cause(), error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    /// A failure to write to standard output, as [`stdout::stdout`] marks it, or another one, which says itself
    /// what it was about at best.
    fn from(error: std::io::Error) -> Self {
        if !stdout::is_of_stdout(&error) {
            return Self::Unexpected(format!("something could not be read or written: {error}"));
        }
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Unexpected(format!("standard output could not be written: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn only_what_standard_output_refuses_is_said_to_be_its_failure() {
        let failed = |kind: ErrorKind| Error::new(kind, "no room");
        for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
            let other = Failure::from(failed(kind));
            let Failure::Unexpected(message) = other else {
                panic!("{other:?}");
            };
            assert!(
                message.contains("no room") && !message.contains("standard output"),
                "{message}"
            );
        }
        let full = Failure::from(stdout::of_stdout(failed(ErrorKind::StorageFull)));
        assert_eq!(
            full.to_string(),
            "standard output could not be written: no room"
        );
        let closed = Failure::from(stdout::of_stdout(failed(ErrorKind::BrokenPipe)));
        assert!(matches!(closed, Failure::Closed));
    }
}
