//! What a run may publish.

/// How a run publishes.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How many published revisions are kept, the current one included; at least two, so that
    /// those who read the one before can finish.
    pub keep: u32,
    /// Which changes against what was published before are meant, so that they are published.
    pub accept_changes: AcceptedChanges,
}

/// Changes that keep a revision from being published, unless they are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AcceptedChanges {
    /// Years that are gone, or most of whose lines are published several times.
    pub years: bool,
    /// Accounts of another public body.
    pub body: bool,
    /// Years that were reconciled and no longer are.
    pub reconciliation: bool,
}

impl AcceptedChanges {
    /// No change is meant.
    pub const NONE: Self = Self {
        years: false,
        body: false,
        reconciliation: false,
    };
    /// Every change is meant.
    pub const ALL: Self = Self {
        years: true,
        body: true,
        reconciliation: true,
    };
}
