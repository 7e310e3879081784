//! Why there is no answer.

use axum::http::StatusCode;

use crate::access::Refusal;

/// Why there is no answer.
#[derive(Debug)]
pub enum Problem {
    /// There is nothing at this address.
    NotFound,
    /// A parameter has a value that is not allowed; what was wrong and what is allowed.
    BadParameter {
        /// The name of the parameter.
        name: &'static str,
        /// The value.
        value: String,
        /// What is allowed instead, in the reader's words.
        allowed: String,
    },
    /// There are several public bodies, and none was asked for.
    WhichBody,
    /// The revision has no such public body.
    UnknownBody {
        /// The number asked for.
        siren: String,
    },
    /// It may not be asked for, not now or not by this visitor.
    Refused(Refusal),
    /// Only reading is possible.
    MethodNotAllowed,
    /// Nothing has been published yet.
    NothingPublished,
    /// The database cannot be read now.
    Unavailable,
    /// A file could not be made.
    File(String),
    /// A page could not be made.
    Internal(askama::Error),
}

impl From<centime_warehouse::Error> for Problem {
    fn from(error: centime_warehouse::Error) -> Self {
        tracing::error!(%error, "the database cannot be read");
        Self::Unavailable
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error)
    }
}

impl Problem {
    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::UnknownBody { .. } => StatusCode::NOT_FOUND,
            Self::BadParameter { .. } | Self::WhichBody => StatusCode::BAD_REQUEST,
            Self::Refused(refusal) => refusal.status(),
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NothingPublished | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::File(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its name, also among the words of `problem_title` and `problem_lead`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::BadParameter { .. } => "bad-parameter",
            Self::WhichBody => "which-body",
            Self::UnknownBody { .. } => "unknown-body",
            Self::Refused(refusal) => refusal.name(),
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NothingPublished => "nothing-published",
            Self::Unavailable => "unavailable",
            Self::File(_) | Self::Internal(_) => "internal",
        }
    }
}
