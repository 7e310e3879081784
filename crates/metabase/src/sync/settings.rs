//! Where Metabase is, and what is wanted of it.

use std::time::Duration;

use crate::Secret;
use crate::client::Credentials;

/// Where Metabase is, and what is wanted of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its address.
    pub url: String,
    /// Who asks.
    pub credentials: Option<Credentials>,
    /// What a Metabase that is set up by us is called.
    pub site_name: String,
    /// How it reaches the warehouse.
    pub connection: Connection,
    /// Sends the password of the connection although nothing else of it changed: Metabase does not
    /// return the one it has.
    pub send_password: bool,
    /// Whether the dashboard gets a public link.
    pub public_link: bool,
    /// The key that signed embedding is allowed with; it is left alone without one.
    pub embedding_key: Option<Secret>,
    /// Whether versions that were not tried are accepted.
    pub any_version: bool,
    /// How long it is waited for, to start and again to find the tables.
    pub wait: Duration,
}

/// How Metabase reaches the warehouse.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The host, as Metabase sees it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The name of the database.
    pub database: String,
    /// The role.
    pub user: String,
    /// Its password; needed where the connection is made or changed.
    pub password: Option<Secret>,
    /// How it is encrypted.
    pub ssl: SslMode,
    /// The certificate of the authority, as a file where Metabase runs.
    pub authority: Option<String>,
}

/// How a connection is encrypted, in the words of libpq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// Encrypted, whatever server answers.
    Require,
    /// With a certificate of a known authority.
    VerifyCa,
    /// With a certificate for its name.
    VerifyFull,
}

impl SslMode {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Disable,
        Self::Require,
        Self::VerifyCa,
        Self::VerifyFull,
    ];

    /// The name in libpq and in Metabase.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// The mode with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}
