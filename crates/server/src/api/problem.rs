//! Why there is no answer, as problem details in English.

use axum::http::StatusCode;

use crate::access::Refusal;
use crate::http::problem_details::{ProblemDetails, internal};
use crate::request::page_error::PageError;

/// There is nothing at an address.
pub fn nowhere() -> ProblemDetails {
    ProblemDetails::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "There is nothing at this address",
        "Check the address.",
    )
}

/// An address cannot be asked in this way.
pub fn not_in_this_way() -> ProblemDetails {
    ProblemDetails::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address cannot be asked in this way",
        "Use a method that the Allow header names.",
    )
}

/// A parameter that cannot be as it is.
pub fn refused(detail: String) -> ProblemDetails {
    ProblemDetails::new(
        StatusCode::BAD_REQUEST,
        "bad-parameter",
        "This value is not allowed",
        detail,
    )
}

/// What is said of a refusal of which only the status is known.
pub fn problem_of(status: StatusCode) -> ProblemDetails {
    let (kind, title, detail) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => return Refusal::TooLarge.problem_details(),
        StatusCode::SERVICE_UNAVAILABLE => (
            "too-long",
            "The answer took too long",
            "Ask for less, or ask again in a minute.",
        ),
        status if status.is_client_error() => (
            "refused",
            status.canonical_reason().unwrap_or("Refused"),
            "The request cannot be answered as it is.",
        ),
        _ => {
            return ProblemDetails {
                status,
                ..internal()
            };
        }
    };
    ProblemDetails::new(status, kind, title, detail)
}

/// There is no such thing.
pub fn nothing_there() -> ProblemDetails {
    PageError::NotFound.into()
}

impl From<PageError> for ProblemDetails {
    fn from(problem: PageError) -> Self {
        let status = problem.status();
        let kind = problem.name();
        let new = |title, detail: &str| Self::new(status, kind, title, detail);
        match problem {
            PageError::BadParameter {
                name,
                value,
                allowed,
            } => refused(format!("«{name}» cannot be «{value}». Allowed: {allowed}.")),
            PageError::UnknownParameter { names, allowed } => {
                refused(format!("{names}: not known here. Allowed: {allowed}."))
            }
            PageError::Absent(absent) => new(
                "The statement of this revision has no such thing",
                &format!(
                    "«{}» cannot be «{}» in revision {}: it was renamed or withdrawn, or never there.",
                    absent.name, absent.value, absent.revision
                ),
            ),
            PageError::NoRevision(missing) => {
                let kept: Vec<String> = missing.kept.iter().map(i64::to_string).collect();
                new(
                    if missing.gone {
                        "This revision is no longer kept"
                    } else {
                        "There is no such revision"
                    },
                    &format!(
                        "Kept are: {}; /api/v1/revisions lists them.",
                        kept.join(", ")
                    ),
                )
            }
            PageError::Statement { reason } => {
                new("This statement was not run", &format!("{reason}."))
            }
            PageError::WhichBody => new(
                "There are several public bodies",
                "Say which one with the parameter «body»; /api/v1/bodies lists them.",
            ),
            PageError::UnknownBody { .. } => new(
                "There is no such public body",
                "/api/v1/bodies lists those of the published revision.",
            ),
            PageError::NoStatement { .. } => new(
                "Of this public body aggregates alone are known",
                "It has no income statement in the published revision.",
            ),
            PageError::NothingPublished => new(
                "Nothing is published yet",
                "Ask again after the first run has succeeded.",
            ),
            PageError::Unavailable => {
                new("The database cannot be read now", "Ask again in a minute.")
            }
            PageError::NotTheRole => new(
                "The site may not do this in its database",
                "Let the site connect as the role for that, centime_site.",
            ),
            PageError::File(_) | PageError::Internal(_) => {
                tracing::error!(?problem, "an answer could not be made");
                internal()
            }
            PageError::NotFound => nowhere(),
            PageError::MethodNotAllowed => not_in_this_way(),
            PageError::Refused(refusal) => refusal.problem_details(),
        }
    }
}

impl From<centime_warehouse::Error> for ProblemDetails {
    fn from(error: centime_warehouse::Error) -> Self {
        PageError::from(error).into()
    }
}
