//! Why Metabase could not be provisioned.

use std::time::Duration;

/// Why Metabase could not be provisioned, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error(
        "«{url}» is not the address of a Metabase ({reason}): expected such as https://metabase.example.fr"
    )]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing could be asked for at all.
    #[error("requests cannot be made: {reason}")]
    Client {
        /// Why.
        reason: String,
    },
    /// There is no answer, or the connection breaks.
    #[error(
        "Metabase at {url} cannot be reached ({reason}): check the address, and that it is running"
    )]
    Unreachable {
        /// The address.
        url: String,
        /// What happened.
        reason: String,
    },
    /// It has been starting for too long.
    #[error("Metabase at {url} was not ready after {} s: see its log, or wait longer with --wait", after.as_secs())]
    NotReady {
        /// The address.
        url: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// Its version was not tried.
    #[error(
        "Metabase says that it is version «{found}»; the requests were held against {first} to {last}: use one of these, or insist with --any-version and look at the result",
        first = crate::version::SUPPORTED.start(),
        last = crate::version::SUPPORTED.end()
    )]
    Version {
        /// What it says.
        found: String,
    },
    /// There is no way to log in.
    #[error(
        "Metabase wants to know who asks: give an API key, or the e-mail address and the password of an administrator"
    )]
    NoCredentials,
    /// The first administrator cannot be made.
    #[error(
        "Metabase has not been set up yet: give the e-mail address and the password of the administrator to make"
    )]
    NotSetUp,
    /// The connection cannot be made or changed without its password.
    #[error("the password of {user} is needed, with which Metabase reaches the warehouse")]
    NoPassword {
        /// The role.
        user: String,
    },
    /// It does not believe the key or password.
    #[error("Metabase refuses {what}: {said}")]
    Credentials {
        /// `the API key` or `the password`.
        what: &'static str,
        /// What it says.
        said: String,
    },
    /// The user may not do what is needed.
    #[error(
        "Metabase lets {who} do less than is needed: an administrator, or an API key of the group Administrators, is"
    )]
    NotAdministrator {
        /// The user.
        who: String,
    },
    /// A request was refused.
    #[error("Metabase refuses to {what} ({status}): {said}")]
    Refused {
        /// What was asked for.
        what: String,
        /// The status of its answer.
        status: u16,
        /// What it says.
        said: String,
    },
    /// An answer is not what its documentation says.
    #[error(
        "Metabase gives an unexpected answer when asked to {what} ({reason}): its version may differ from those that were tried"
    )]
    Unexpected {
        /// What was asked for.
        what: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The tables did not appear.
    #[error(
        "Metabase has not found {missing} after {} s: check that something is published, that `centime db roles` was run, and Metabase's own log of the database",
        after.as_secs()
    )]
    NotSynced {
        /// A table, and a column where only that is missing.
        missing: String,
        /// How long it was waited for.
        after: Duration,
    },
}

/// What a request comes to.
pub type Result<T, E = Error> = std::result::Result<T, E>;
