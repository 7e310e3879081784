//! What an address leads to: a revision and a public body in memory, or why none.

use std::sync::Arc;

use centime_warehouse::PublicationState;

use super::snapshot::{Published, Snapshot};
use crate::limits::NoTurn;

/// What a visitor is shown.
#[derive(Clone, Debug)]
pub struct ResolvedView {
    pub edition: Edition,
    pub choice: Choice,
    /// What both follow from; `None` where there is nothing to show.
    pub publication: Option<Arc<PublicationState>>,
}

/// What there is to show.
#[derive(Clone, Debug)]
pub enum Edition {
    /// The published revision.
    Current(Arc<Published>),
    /// An older revision, which was asked for by its number.
    Older {
        shown: Arc<Published>,
        /// The one that readers see when they name none.
        current: Arc<Published>,
    },
    /// The revision that was asked for is not there.
    Missing(MissingRevision),
    /// The revision read last: the database cannot be read now.
    Stale(Arc<Published>),
    /// Nothing has been published yet.
    Nothing,
    /// The database cannot be read, and never was.
    Unreadable,
    /// Something may be published: the client has not shown that it may know.
    NotSaid,
}

/// A revision that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRevision {
    /// How it was asked for.
    pub asked: String,
    /// Whether there may have been one of this number, which is no longer kept.
    pub gone: bool,
    /// Those that are kept, the latest first.
    pub kept: Vec<i64>,
}

/// The public body to show.
#[derive(Clone, Debug)]
pub enum Choice {
    /// This one.
    Body(Arc<Snapshot>),
    /// There are several and none was asked for, or there is none.
    NoneSelected,
    /// The revision has no such body.
    Unknown,
    /// It is not held in memory, and the database cannot be read now.
    Unreadable,
    /// It is not held in memory, and others are being read.
    NoTurn(NoTurn),
}

impl ResolvedView {
    /// What is shown to those who may know nothing of the data.
    pub const fn nothing_said() -> Self {
        Self {
            edition: Edition::NotSaid,
            choice: Choice::NoneSelected,
            publication: None,
        }
    }
}

impl Edition {
    /// The revision to show, if there is one.
    pub fn published(&self) -> Option<&Arc<Published>> {
        match self {
            Self::Current(published)
            | Self::Stale(published)
            | Self::Older {
                shown: published, ..
            } => Some(published),
            Self::Missing(_) | Self::Nothing | Self::Unreadable | Self::NotSaid => None,
        }
    }
}
