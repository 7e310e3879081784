//! Tokens, and the log of who did what.
//!
//! They are kept beside the data, and written while the data are only read: a [`Ledger`] has
//! connections of its own. Of a token only its hash is kept.

use std::time::Duration;

use centime_access::{Role, Secret, TokenHash, TokenId, time};
use sqlx::FromRow;

use crate::engine::{Engine, OpenMode, Query, Transaction, postgres, sqlite};
use crate::stored::{Read, stored_words};
use crate::url::DatabaseUrl;
use crate::{Error, Result, Warehouse};

/// Where tokens and the audit log of a database are read and written.
#[derive(Clone, Debug)]
pub struct Ledger {
    engine: Engine,
    url: DatabaseUrl,
    name: String,
    writable: bool,
}

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The beginning of the token, by which it is named.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its hash.
    pub hash: TokenHash,
    /// When it was made, in RFC 3339 and UTC.
    pub created_at: String,
    /// The token of who made it; `None` for the command line.
    pub created_by: Option<String>,
    /// From when on it does not let in any more.
    pub expires_at: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// Whether a token lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Valid,
    /// Not any more: its time has come.
    Expired,
    /// Not any more: it was revoked.
    Revoked,
}

impl State {
    /// The name in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A token about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Its beginning.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its hash.
    pub hash: TokenHash,
    /// From when on it does not let in any more, in RFC 3339 and UTC.
    pub expires_at: Option<String>,
}

/// What was noted stays for so long at least, unless the owner of the tables deletes it.
pub const SHORTEST_RETENTION: Duration = Duration::from_hours(90 * 24);

/// The longest name that a token may have, in characters.
pub const LONGEST_NAME: usize = 80;

/// Whether a token may be called so: not too long, and on one line.
pub fn is_name(text: &str) -> bool {
    text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control)
}

impl NewToken {
    /// The token of a secret, which lets in for so long; until it is revoked when it is not said.
    pub fn of(secret: &Secret, role: Role, name: &str, lifetime: Option<Duration>) -> Self {
        Self {
            id: secret.id(),
            name: name.to_owned(),
            role,
            hash: secret.hash(),
            expires_at: lifetime.map(time::after),
        }
    }

    /// What the audit log says of it.
    pub fn described(&self) -> String {
        let said = format!("{} {} {}", self.id, self.role, self.name);
        said.trim_end().to_owned()
    }
}

/// How something that was asked for ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

stored_words! {
    AuditOutcome = "an outcome of what was asked for" { Done = "done", Refused = "refused" }
}

/// What a client did, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Event {
    /// When, in RFC 3339 and UTC.
    pub at: String,
    /// What was done or asked for, such as `token-created`.
    pub action: String,
    /// How it ended.
    #[sqlx(try_from = "Read<AuditOutcome>")]
    pub outcome: AuditOutcome,
    /// The token of who asked; `None` without one, and for the command line.
    pub token_id: Option<String>,
    /// The network address of who asked; `None` for the command line.
    pub address: Option<String>,
    /// The number of the request.
    pub request_id: Option<String>,
    /// What else is to be known; never a secret.
    pub detail: Option<String>,
}

impl Event {
    /// An event of now.
    pub fn now(action: &str, outcome: AuditOutcome) -> Self {
        Self {
            at: time::now(),
            action: action.to_owned(),
            outcome,
            token_id: None,
            address: None,
            request_id: None,
            detail: None,
        }
    }

    /// With what else is to be known.
    #[must_use]
    pub fn about(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[derive(FromRow)]
struct TokenRow {
    token_id: String,
    name: String,
    role: String,
    hash: String,
    created_at: String,
    created_by: Option<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

const COLUMNS: &str = "token_id, name, role, hash, created_at, created_by, expires_at, last_used_at, \
     revoked_at";

impl Token {
    /// Whether it lets in now.
    pub fn is_valid(&self) -> bool {
        self.state() == State::Valid
    }

    /// Whether it lets in now, or why not.
    pub fn state(&self) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.as_deref().is_some_and(time::has_come) {
            State::Expired
        } else {
            State::Valid
        }
    }
}

impl Ledger {
    /// Opens the tokens of a database, which must exist. A file that this process may not write is
    /// read, and nothing is noted in it.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        let name = url.name();
        let (engine, writable) = match url {
            DatabaseUrl::Sqlite(file) => {
                match Box::pin(sqlite::open(file, OpenMode::Write)).await {
                    Ok(pool) => (Engine::Sqlite(pool), true),
                    Err(Error::ReadOnly { .. }) => {
                        let pool = Box::pin(sqlite::open(file, OpenMode::Read)).await?;
                        (Engine::Sqlite(pool), false)
                    }
                    Err(error) => return Err(error),
                }
            }
            DatabaseUrl::Postgres(url) => {
                let pool = Box::pin(postgres::open_ledger(url, &name)).await?;
                (Engine::Postgres(pool), true)
            }
        };
        Ok(Self {
            engine,
            url: url.clone(),
            name,
            writable,
        })
    }

    /// Whether anything can be noted.
    pub const fn is_writable(&self) -> bool {
        self.writable
    }

    /// Closes all connections. A SQLite file that was written is left so that readers need no right to write.
    pub async fn close(&self) {
        self.engine.close().await;
        if let (DatabaseUrl::Sqlite(file), true) = (&self.url, self.writable) {
            sqlite::leave_at_rest(file).await;
        }
    }

    fn failed(&self, error: sqlx::Error) -> Error {
        Error::of(&self.name, error)
    }

    fn read(&self, row: TokenRow) -> Result<Token> {
        let unexpected = |what: &str| Error::UnexpectedValue {
            database: self.name.clone(),
            what: format!("{what} of the token {}", row.token_id),
        };
        Ok(Token {
            id: TokenId::parse(&row.token_id).ok_or_else(|| unexpected("the name"))?,
            role: row.role.parse().map_err(|_| unexpected("the role"))?,
            hash: TokenHash::from_hex(&row.hash).ok_or_else(|| unexpected("the hash"))?,
            name: row.name,
            created_at: row.created_at,
            created_by: row.created_by,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }

    /// All tokens, those that do not let in any more among them, the latest first.
    pub async fn tokens(&self) -> Result<Vec<Token>> {
        let query = Query::new(format!(
            "SELECT {COLUMNS} FROM ops.api_token ORDER BY created_at DESC, token_id"
        ));
        let rows: sqlx::Result<Vec<TokenRow>> = self.engine.all(query).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        rows.into_iter().map(|row| self.read(row)).collect()
    }

    /// The token with this name; `None` when there is none.
    pub async fn token(&self, id: &TokenId) -> Result<Option<Token>> {
        let query = Query::new(format!(
            "SELECT {COLUMNS} FROM ops.api_token WHERE token_id = $1"
        ))
        .bind(id.as_str());
        let row: sqlx::Result<Option<TokenRow>> = self.engine.optional(query).await;
        let row = row.map_err(|error| self.failed(error))?;
        row.map(|row| self.read(row)).transpose()
    }

    /// Keeps a new token, and notes who made it, at once.
    pub async fn create(&self, token: &NewToken, event: &Event) -> Result<()> {
        let note = async {
            let mut transaction = self.engine.begin().await?;
            let insert = Query::new(
                "INSERT INTO ops.api_token
                     (token_id, name, role, hash, created_at, created_by, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(token.id.as_str())
            .bind(&token.name)
            .bind(token.role.name())
            .bind(token.hash.to_hex())
            .bind(&event.at)
            .bind(&event.token_id)
            .bind(&token.expires_at);
            transaction.execute(insert).await?;
            write(&mut transaction, event).await?;
            transaction.commit().await
        };
        note.await.map_err(|error| self.failed(error))
    }

    /// Revokes a token, and notes who did, at once. Says whether there was one to revoke: one that was
    /// revoked before stays as it is.
    pub async fn revoke(&self, id: &TokenId, event: &Event) -> Result<bool> {
        let note = async {
            let mut transaction = self.engine.begin().await?;
            let update = Query::new(
                "UPDATE ops.api_token SET revoked_at = $2
                 WHERE token_id = $1 AND revoked_at IS NULL",
            )
            .bind(id.as_str())
            .bind(&event.at);
            if transaction.execute(update).await? == 0 {
                transaction.rollback().await?;
                return Ok(false);
            }
            write(&mut transaction, event).await?;
            transaction.commit().await?;
            Ok(true)
        };
        note.await.map_err(|error| self.failed(error))
    }

    /// Notes what was done, and which tokens were used and when. Where nothing can be noted
    /// nothing is.
    pub async fn note(&self, events: &[Event], used: &[(TokenId, String)]) -> Result<()> {
        if !self.writable || (events.is_empty() && used.is_empty()) {
            return Ok(());
        }
        let note = async {
            let mut transaction = self.engine.begin().await?;
            for event in events {
                write(&mut transaction, event).await?;
            }
            for (id, at) in used {
                let update =
                    Query::new("UPDATE ops.api_token SET last_used_at = $2 WHERE token_id = $1")
                        .bind(id.as_str())
                        .bind(at);
                transaction.execute(update).await?;
            }
            transaction.commit().await
        };
        note.await.map_err(|error| self.failed(error))
    }

    /// Deletes what was noted before a moment, in RFC 3339 and UTC, and notes that, at once. Says how many
    /// events there were. On PostgreSQL only the owner of the tables may.
    pub async fn prune(&self, before: &str) -> Result<u64> {
        let prune = async {
            let mut transaction = self.engine.begin().await?;
            let found = pruned(&mut transaction, before).await?;
            transaction.commit().await?;
            Ok(found)
        };
        prune.await.map_err(|error| self.failed(error))
    }

    /// What was done last, the latest first.
    pub async fn events(&self, limit: u32) -> Result<Vec<Event>> {
        let query = Query::new(
            "SELECT at, action, outcome, token_id, address, request_id, detail
             FROM ops.audit_event ORDER BY event_id DESC LIMIT $1",
        )
        .bind(limit);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }
}

impl Warehouse {
    /// Deletes what was noted before a moment, in RFC 3339 and UTC, and notes that, at once. Says how many events there
    /// were. The moment has to be [`SHORTEST_RETENTION`] ago or more: on PostgreSQL the pipeline may delete no later ones.
    pub async fn expire_audit_events(&self, before: &str) -> Result<u64> {
        let expire = async {
            let mut transaction = self.engine.begin().await?;
            let found = if matches!(self.engine, Engine::Postgres(_)) {
                let expire =
                    Query::new("SELECT ops.expire_audit_events($1::timestamptz)").bind(before);
                let (found,): (i64,) = transaction.one(expire).await?;
                u64::try_from(found).unwrap_or_default()
            } else {
                pruned(&mut transaction, before).await?
            };
            transaction.commit().await?;
            Ok(found)
        };
        expire.await.map_err(|error| self.failed(error))
    }
}

/// Deletes what was noted before a moment, and notes that.
async fn pruned(transaction: &mut Transaction, before: &str) -> sqlx::Result<u64> {
    let delete = Query::new("DELETE FROM ops.audit_event WHERE at < $1").bind(before);
    let found = transaction.execute(delete).await?;
    if found > 0 {
        let event = Event::now("audit-pruned", AuditOutcome::Done);
        write(
            transaction,
            &event.about(format!("before {before}: {found}")),
        )
        .await?;
    }
    Ok(found)
}

async fn write(transaction: &mut Transaction, event: &Event) -> sqlx::Result<()> {
    let insert = Query::new(
        "INSERT INTO ops.audit_event
             (at, action, outcome, token_id, address, request_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&event.at)
    .bind(&event.action)
    .bind(event.outcome.name())
    .bind(&event.token_id)
    .bind(&event.address)
    .bind(&event.request_id)
    .bind(&event.detail);
    transaction.execute(insert).await.map(drop)
}
