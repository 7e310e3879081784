//! What can go wrong with a database, in words that say what to do.

mod of_engine;
mod tls;
mod unusable;

pub use unusable::Unusable;

/// The result of a warehouse operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An operation on the warehouse failed. `database` is the file, or the address without password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "`database` is said above, and `reason` is what the engine said"
)]
pub enum Error {
    /// There is no database yet.
    #[error("there is no database at {database}: `centime run` creates one")]
    Missing { database: String },
    /// The file is not a SQLite database.
    #[error(
        "{database} is not a database, or is encrypted: give its key with --database-key-file, or choose another file with --database sqlite:PATH"
    )]
    NotADatabase { database: String },
    /// The key does not open the file.
    #[error("{database} cannot be read with this key: give the key that it was encrypted with")]
    WrongKey { database: String },
    /// A key was given for a file that is not encrypted.
    #[error(
        "{database} is not encrypted: `centime db rekey` encrypts it, or open it without a key"
    )]
    NotEncrypted { database: String },
    /// This program cannot open encrypted files.
    #[error(
        "this program was built without encryption, which {database} needs: build it with --features encryption"
    )]
    NoEncryption { database: String },
    /// A server has no key.
    #[error("{database} is a server, which has no key: encrypt the volume of its data")]
    NoKey { database: String },
    /// Another process has the file open.
    #[error("{database} is open elsewhere: stop the site that reads it and try again")]
    InUse { database: String },
    /// The database is that of another program.
    #[error("{database} is the database of another program: choose another one with --database")]
    Foreign { database: String },
    /// The file cannot be opened; `reason` says what to do, too.
    #[error("{database} cannot be opened: {reason}")]
    CannotOpen { database: String, reason: String },
    /// A process that wrote the file left it so that only one that may write can open it.
    #[error(
        "{database} cannot be opened by those who may not write its folder ({reason}): run `centime db migrate` on it once as a user who may, which leaves it readable for all; this is no damage"
    )]
    NeedsWriter { database: String, reason: String },
    /// The system could not read or write the file.
    #[error(
        "{database} could not be read or written ({reason}): check its disk or network folder, and that all who use it run on one machine"
    )]
    Storage { database: String, reason: String },
    /// The server cannot be reached.
    #[error("{database} cannot be reached ({reason}): check the address, and that the server runs")]
    Unreachable { database: String, reason: String },
    /// The server does not accept who asks.
    #[error("{database} refuses this user ({reason}): check the user name and the password")]
    Unauthorised { database: String, reason: String },
    /// The encrypted connection cannot be trusted, or there is none.
    #[error("the connection to {database} is not safe: {reason}")]
    Tls { database: String, reason: String },
    /// A pooler lends each transaction or statement another connection to the server.
    #[error(
        "{database} is reached through a pooler that lends each transaction another connection, so that neither locks nor limits last: use the address of its session mode (pool_mode = session in PgBouncer), or that of the server itself"
    )]
    SharedConnections { database: String },
    /// The user may not do this.
    #[error(
        "{database} does not allow this ({reason}): use the role that may, as docs/postgresql.md says"
    )]
    NotAllowed { database: String, reason: String },
    /// Views of others read those of ours, which have to be made again.
    #[error(
        "{database} cannot be brought up to this version, because views of others read ours ({reason}): drop them, do this again, and make them again; tables in their place would not be in the way"
    )]
    InUseByViews { database: String, reason: String },
    /// Only the owner of the tables can bring them up to this version.
    #[error(
        "{database} has no tables of this version, and this user may not make them: run `centime db migrate` as their owner"
    )]
    NeedsOwner { database: String },
    /// The server is older than what is used here.
    #[error("{database} is PostgreSQL {version}: version 15 or later is needed")]
    TooOld { database: String, version: String },
    /// The file or its folder is read-only.
    #[error(
        "{database} or its folder is read-only: make it writable or choose another database with --database"
    )]
    ReadOnly { database: String },
    /// The disk is full.
    #[error(
        "the disk of {database} is full: free some space and run again; what was published is untouched"
    )]
    DiskFull { database: String },
    /// The file is damaged.
    #[error("{database} is damaged ({reason}): restore a copy, or move it away and run again")]
    Damaged { database: String, reason: String },
    /// Another process holds the database.
    #[error("{database} is in use by another run: wait for it to end, or stop it")]
    Busy { database: String },
    /// The database was made by a version whose tables were others.
    #[error(
        "{database} was made by another version of Centime, whose tables were others: move it away, or choose another one with --database"
    )]
    OtherVersion { database: String },
    /// The database was made by a newer version.
    #[error("{database} was made by a newer version of Centime: upgrade this one")]
    Newer { database: String },
    /// Roles were asked for in a file, which has none.
    #[error("{database} is a file, which has no roles: name a PostgreSQL database with --database")]
    NoRoles { database: String },
    /// A cluster was asked for where there is none.
    #[error(
        "{database} has no Citus, which distributes tables over servers: name a PostgreSQL database in which CREATE EXTENSION citus was run"
    )]
    NoCluster { database: String },
    /// Nothing has been published in the database yet.
    #[error("nothing is published in {database} yet: `centime run` publishes a first revision")]
    NothingPublished { database: String },
    /// The marts were made by another version of the analyses.
    #[error(
        "the analyses in {database} were made by another version of Centime: `centime run` makes them again"
    )]
    OutdatedMarts { database: String },
    /// SQL of the operator's own was added or changed since the marts were made.
    #[error(
        "{file} is new or was changed since the analyses in {database} were made: `centime run` or `centime db migrate` makes it"
    )]
    OutdatedOwn { database: String, file: String },
    /// There are no views to be read with SQL.
    #[error(
        "{database} has no views of what is published: `centime run` or `centime db migrate` makes them"
    )]
    NoViews { database: String },
    /// The role that is to run statements of readers may do more than read what is published.
    #[error(
        "statements of readers cannot be run in {database}: {reason}. Name a role in sql.database that may read the published views and nothing else, such as centime_reader, or one of its own: docs/sql.md says how it is made"
    )]
    TooMuch { database: String, reason: String },
    /// SQL of the operator's own cannot be used.
    #[error("{0}; what was published stays as it was: mend the file, or move it away")]
    Own(#[from] Unusable),
    /// A published revision that was asked for is not there.
    #[error(
        "{database} has no revision {revision}: it was never published, or its retention has passed"
    )]
    UnknownRevision { database: String, revision: i64 },
    /// A stored value is not one this version writes.
    #[error(
        "{database} holds an unexpected value ({what}): it was changed by hand or is damaged; move it away and run again"
    )]
    UnexpectedValue { database: String, what: String },
    /// Any other failure of the engine.
    #[error("the database {database} failed: {source}")]
    Engine {
        database: String,
        source: sqlx::Error,
    },
}

impl Error {
    /// Whether the database itself is away, and may come back.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Busy { .. }
                | Self::Missing { .. }
                | Self::CannotOpen { .. }
                | Self::NeedsWriter { .. }
                | Self::Storage { .. }
        )
    }

    /// What is wrong in a few words, without names of files, servers and users: for those who ask how a site is
    /// and need not be who keeps it.
    pub fn in_brief(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "there is no database",
            Self::NotADatabase { .. } | Self::Foreign { .. } => {
                "its file is not a database of Centime"
            }
            Self::WrongKey { .. } | Self::NotEncrypted { .. } | Self::NoEncryption { .. } => {
                "its key does not fit"
            }
            Self::CannotOpen { .. } => "its file cannot be opened",
            Self::NeedsWriter { .. } => {
                "its file waits for a process that may write: run centime db migrate"
            }
            Self::Storage { .. } => "its disk could not be read",
            Self::Unreachable { .. } => "its server cannot be reached",
            Self::Unauthorised { .. } | Self::NotAllowed { .. } => "its server refuses this user",
            Self::Tls { .. } => "the connection to its server is not safe",
            Self::ReadOnly { .. } => "it is read-only",
            Self::DiskFull { .. } => "its disk is full",
            Self::Damaged { .. } | Self::UnexpectedValue { .. } => "it is damaged",
            Self::Busy { .. } | Self::InUse { .. } => "another process has it to itself",
            Self::NeedsOwner { .. }
            | Self::OtherVersion { .. }
            | Self::Newer { .. }
            | Self::TooOld { .. } => "it is of another version",
            _ => "it failed: the log says how",
        }
    }
}
