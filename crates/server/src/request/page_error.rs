//! Why there is no answer.

use axum::http::StatusCode;
use centime_render::Locale;
use centime_render::language::locale;
use centime_warehouse::sql::NoAnswer;

use crate::access::Refusal;
use crate::state::resolved_view::MissingRevision;

/// Why there is no answer.
#[derive(Debug)]
pub enum PageError {
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
    /// A file is asked for with parameters that change nothing in it.
    UnknownParameter {
        /// Their names.
        names: String,
        /// What it may be asked with.
        allowed: String,
    },
    /// The statement of this revision has no such category, line or fiscal year. Another may have.
    Absent(Box<Absent>),
    /// The revision that was asked for is not there.
    NoRevision(MissingRevision),
    /// There are several public bodies, and none was asked for.
    WhichBody,
    /// The revision has no such public body.
    UnknownBody {
        /// The number asked for.
        siren: String,
    },
    /// Of the public body aggregates alone are known.
    NoStatement {
        /// Its name.
        body: String,
        /// Where they are.
        totals: String,
    },
    /// A statement of a reader was not run, or not to its end.
    Statement {
        /// Why, in the words of the engine.
        reason: String,
    },
    /// It may not be asked for, not now or not by this visitor.
    Refused(Refusal),
    /// Only reading is possible.
    MethodNotAllowed,
    /// Nothing has been published yet.
    NothingPublished,
    /// The database cannot be read now.
    Unavailable,
    /// The role of the database as which the site comes in may not do this.
    NotTheRole,
    /// A file could not be made.
    File(String),
    /// A page could not be made.
    Internal(askama::Error),
}

/// What an address asks for and the statement does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// What it is: the parameter, or `line`, which the path names.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// The value as readers know it.
    pub shown: String,
    /// The name of the public body.
    pub body: String,
    /// The revision that is looked at.
    pub revision: i64,
    /// Where to go on.
    pub ways: Vec<Way>,
}

impl Absent {
    /// The name of the problem.
    pub const fn name(&self) -> &'static str {
        match self.name.as_bytes() {
            b"category" => "absent-category",
            b"line" => "absent-line",
            _ => "absent-year",
        }
    }
}

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub label: String,
    pub link: String,
}

impl Way {
    pub fn new(label: &str, link: String) -> Self {
        Self {
            label: label.to_owned(),
            link,
        }
    }
}

impl From<centime_warehouse::Error> for PageError {
    fn from(error: centime_warehouse::Error) -> Self {
        if matches!(error, centime_warehouse::Error::NotAllowed { .. }) {
            tracing::error!(%error, "the role of the site may not do this");
            return Self::NotTheRole;
        }
        tracing::error!(%error, "the database cannot be read");
        Self::Unavailable
    }
}

impl From<NoAnswer> for PageError {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Database(error) => error.into(),
            NoAnswer::Refused { .. } | NoAnswer::TooLong(_) => Self::Statement {
                reason: error.to_string(),
            },
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error)
    }
}

impl PageError {
    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NoRevision(missing) if missing.gone => StatusCode::GONE,
            Self::NotFound
            | Self::UnknownBody { .. }
            | Self::NoStatement { .. }
            | Self::Absent(_)
            | Self::NoRevision(_) => StatusCode::NOT_FOUND,
            Self::BadParameter { .. }
            | Self::UnknownParameter { .. }
            | Self::Statement { .. }
            | Self::WhichBody => StatusCode::BAD_REQUEST,
            Self::Refused(refusal) => refusal.status(),
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NothingPublished | Self::Unavailable | Self::NotTheRole => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::File(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What happened here, in the reader's words.
    pub fn lead(&self, locale: &Locale) -> String {
        let lead = locale.term("problem_lead", self.name());
        let cut = |text: &str| text.chars().take(80).collect::<String>();
        match self {
            Self::BadParameter {
                name,
                value,
                allowed,
            } => locale::fill(
                lead,
                &[("name", name), ("value", value), ("allowed", allowed)],
            ),
            Self::UnknownParameter { names, allowed } => {
                locale::fill(lead, &[("names", names), ("allowed", allowed)])
            }
            Self::Absent(absent) => locale::fill(
                lead,
                &[
                    ("value", &cut(&absent.shown)),
                    ("body", &absent.body),
                    ("id", &absent.revision.to_string()),
                ],
            ),
            Self::NoRevision(missing) => {
                let kept: Vec<String> = missing.kept.iter().map(i64::to_string).collect();
                let kept = kept.join(locale.text("problem.between_values"));
                locale::fill(lead, &[("id", &missing.asked), ("kept", &kept)])
            }
            Self::Statement { reason } => locale::fill(lead, &[("reason", reason)]),
            Self::NoStatement { body, .. } => locale::fill(lead, &[("body", body)]),
            Self::UnknownBody { siren } => locale::fill(lead, &[("siren", &cut(siren))]),
            _ => lead.to_owned(),
        }
    }

    /// Its name, also among the words of `problem_title` and `problem_lead`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::BadParameter { .. } => "bad-parameter",
            Self::UnknownParameter { .. } => "unknown-parameter",
            Self::Absent(absent) => absent.name(),
            Self::NoRevision(missing) if missing.gone => "gone-revision",
            Self::NoRevision(_) => "no-revision",
            Self::WhichBody => "which-body",
            Self::UnknownBody { .. } => "unknown-body",
            Self::NoStatement { .. } => "no-statement",
            Self::Statement { .. } => "bad-statement",
            Self::Refused(refusal) => refusal.name(),
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NothingPublished => "nothing-published",
            Self::Unavailable => "unavailable",
            Self::NotTheRole => "not-the-role",
            Self::File(_) | Self::Internal(_) => "internal",
        }
    }
}
