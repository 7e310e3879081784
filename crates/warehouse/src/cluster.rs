//! A PostgreSQL database on several servers, with Citus.

use crate::engine::Engine;
use crate::engine::scripts::{ACROSS_SERVERS, AS_OWNER};
use crate::{Error, Result, Warehouse};

/// How many servers hold the data, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Servers {
    /// How many there are, the coordinator among them.
    pub count: i64,
    /// The size of the database on all of them, in bytes.
    pub bytes: i64,
}

impl Warehouse {
    /// Distributes the tables that grow with the data over the servers of a cluster, by public body.
    /// What is distributed already stays as it is.
    pub async fn distribute(&self) -> Result<()> {
        let Engine::Postgres(pool) = &self.engine else {
            return Err(self.no_cluster());
        };
        let (cluster,): (bool,) = sqlx::query_as("SELECT ops.has_citus()")
            .fetch_one(pool)
            .await
            .map_err(|error| self.failed(error))?;
        if !cluster {
            return Err(self.no_cluster());
        }
        self.try_distribute()
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_distribute(&self) -> sqlx::Result<()> {
        let mut transaction = self.engine.begin().await?;
        transaction.script(AS_OWNER).await?;
        transaction.script(ACROSS_SERVERS).await?;
        transaction.script("SELECT ops.distribute()").await?;
        transaction.script("RESET ROLE").await?;
        transaction.commit().await
    }

    fn no_cluster(&self) -> Error {
        Error::NoCluster {
            database: self.name().to_owned(),
        }
    }

    /// The servers of the cluster; `None` where there is just one.
    pub(crate) async fn servers(&self) -> sqlx::Result<Option<Servers>> {
        let Engine::Postgres(pool) = &self.engine else {
            return Ok(None);
        };
        if !is_distributed(&self.engine).await? {
            return Ok(None);
        }
        let (count, bytes) = sqlx::query_as(
            "SELECT COUNT(*), CAST(SUM(CAST(result AS bigint)) AS bigint)
             FROM run_command_on_all_nodes('SELECT pg_database_size(current_database())')",
        )
        .fetch_one(pool)
        .await?;
        Ok(Some(Servers { count, bytes }))
    }
}

/// Whether the tables that grow with the data are distributed over the servers of a cluster.
pub(crate) async fn is_distributed(engine: &Engine) -> sqlx::Result<bool> {
    let Engine::Postgres(pool) = engine else {
        return Ok(false);
    };
    let (distributed,): (bool,) = sqlx::query_as("SELECT ops.is_distributed('slice.line')")
        .fetch_one(pool)
        .await?;
    Ok(distributed)
}
