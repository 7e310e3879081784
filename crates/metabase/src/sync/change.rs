//! What a synchronisation did, or would do.

use std::fmt;

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is done to it.
    pub action: Action,
    /// What kind of object it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// It is put right.
    Update,
}

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first administrator of a Metabase that was not set up.
    Administrator,
    /// A connection.
    Database,
    /// The meaning of the columns of a table.
    Fields,
    /// A collection.
    Collection,
    /// A model.
    Model,
    /// A question.
    Question,
    /// A dashboard.
    Dashboard,
    /// A setting of the whole Metabase.
    Setting,
    /// A public link.
    PublicLink,
}

/// Where the dashboard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The number of the dashboard.
    pub dashboard: i64,
    /// Its address for those who may log in.
    pub address: String,
    /// Its address for everybody, where there is one.
    pub public_address: Option<String>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The version of Metabase.
    pub version: String,
    /// What was sent, or would be.
    pub changes: Vec<Change>,
    /// Where the dashboard is; `None` where it is not there yet.
    pub published: Option<Published>,
}

/// How a Metabase is.
#[derive(Clone, Debug)]
pub struct State {
    /// Its version.
    pub version: String,
    /// Whether the requests were held against it.
    pub supported: bool,
    /// Whether it has an administrator.
    pub set_up: bool,
    /// What differs from the definitions; `None` where it could not be looked at.
    pub outcome: Option<Outcome>,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Administrator => "administrator",
            Self::Database => "database",
            Self::Fields => "columns of",
            Self::Collection => "collection",
            Self::Model => "model",
            Self::Question => "question",
            Self::Dashboard => "dashboard",
            Self::Setting => "setting",
            Self::PublicLink => "public link of",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} «{}»", self.action, self.kind, self.name)
    }
}

impl Change {
    pub(crate) fn new(action: Action, kind: Kind, name: &str) -> Self {
        Self {
            action,
            kind,
            name: name.to_owned(),
        }
    }
}
