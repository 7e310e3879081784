//! How a database is, for those who keep it.

use crate::engine::{Engine, Query};
use crate::{Result, Revision, Warehouse};

/// How a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The engine and its version, such as `PostgreSQL 15.8`.
    pub engine: String,
    /// Whom it is opened as; `None` for a file.
    pub user: Option<String>,
    /// Whether the connection is encrypted; `None` for a file.
    pub encrypted: Option<bool>,
    /// On how many servers of a cluster it is; `None` where it is not distributed.
    pub servers: Option<i64>,
    /// Its size in bytes, on all servers.
    pub bytes: i64,
    /// How many statement lines the published revision has.
    pub lines: i64,
    /// How many public bodies it has.
    pub bodies: i64,
    /// The published revision; `None` when nothing is published yet.
    pub published: Option<Revision>,
    /// How many published revisions are kept.
    pub revisions: i64,
}

impl Warehouse {
    /// Says how the database is.
    pub async fn status(&self) -> Result<Status> {
        let published = self.published().await?;
        let revisions = self.revisions().await?.len();
        let id = published.as_ref().map_or(0, |revision| revision.id);
        let counted: sqlx::Result<(i64, i64)> = self
            .engine
            .one(
                Query::new(
                    "SELECT COUNT(*), CAST(COALESCE(SUM(lines), 0) AS BIGINT)
                     FROM core.body WHERE revision_id = $1",
                )
                .bind(id),
            )
            .await;
        let (bodies, lines) = counted.map_err(|error| self.failed(error))?;
        let (engine, user, encrypted, bytes) =
            self.server().await.map_err(|error| self.failed(error))?;
        let servers = self.servers().await.map_err(|error| self.failed(error))?;
        Ok(Status {
            engine,
            user,
            encrypted,
            servers: servers.map(|servers| servers.count),
            bytes: servers.map_or(bytes, |servers| servers.bytes),
            lines,
            bodies,
            published,
            revisions: i64::try_from(revisions).unwrap_or(i64::MAX),
        })
    }

    async fn server(&self) -> sqlx::Result<(String, Option<String>, Option<bool>, i64)> {
        match &self.engine {
            Engine::Sqlite(_) => {
                let (version, bytes): (String, i64) = self
                    .engine
                    .one(Query::new(
                        "SELECT sqlite_version(), page_count * page_size
                         FROM pragma_page_count(), pragma_page_size()",
                    ))
                    .await?;
                Ok((format!("SQLite {version}"), None, None, bytes))
            }
            Engine::Postgres(pool) => {
                let (version, user, encrypted, bytes) = sqlx::query_as(
                    "SELECT 'PostgreSQL ' || current_setting('server_version'),
                            current_user::text, ssl, pg_database_size(current_database())
                     FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                )
                .fetch_one(pool)
                .await?;
                Ok((version, Some(user), Some(encrypted), bytes))
            }
        }
    }
}
