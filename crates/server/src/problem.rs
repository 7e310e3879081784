//! Why there is no answer.

use axum::http::StatusCode;

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
    /// Not with this role.
    NotAllowed,
    /// Another site may have sent this.
    CrossSite,
    /// Wrong tokens too often.
    LockedOut,
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
            Self::NotAllowed | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::LockedOut => StatusCode::TOO_MANY_REQUESTS,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NothingPublished | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::File(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The name of its words among `problem`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::BadParameter { .. } => "bad_parameter",
            Self::WhichBody => "which_body",
            Self::UnknownBody { .. } => "unknown_body",
            Self::NotAllowed => "not_allowed",
            Self::CrossSite => "cross_site",
            Self::LockedOut => "locked_out",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NothingPublished => "nothing_published",
            Self::Unavailable => "unavailable",
            Self::File(_) | Self::Internal(_) => "internal",
        }
    }
}
