//! Databases for tests: files, and private PostgreSQL servers.
//!
//! | module | knows |
//! |---|---|
//! | [`fresh`] | an empty database on the engine that is tested |
//! | [`Prepared`] | what databases hold that is filled in once and copied |
//! | [`Cluster`] | a server of its own, on a free port, gone with the process that started it |
//! | [`Pooler`] | `PgBouncer` in front of such a server, where it is installed |
//! | `citus` | databases on a cluster of servers that [`CITUS`] names |
//! | [`tls`] | a server that only speaks encrypted, with certificates of its own |

#![allow(
    clippy::missing_panics_doc,
    reason = "for tests, in which every failure panics"
)]

mod citus;
mod cluster;
mod pooler;
mod prepared;
pub mod tls;

use std::path::Path;
use std::sync::LazyLock;

pub use citus::CITUS;
pub use cluster::{Cluster, PASSWORDS, has_citus};
pub use pooler::Pooler;
pub use prepared::Prepared;

/// The environment variable that names the engine the tests run on: `sqlite`, which is the default,
/// or `postgres`.
pub const ENGINE: &str = "CENTIME_TEST_ENGINE";

static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// The server that the tests of a process share.
pub fn shared() -> &'static Cluster {
    &SHARED
}

/// Whether the tests run on PostgreSQL, which they do where there is a cluster to test on.
pub fn on_postgres() -> bool {
    if on_cluster() {
        return true;
    }
    match std::env::var(ENGINE).as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("{ENGINE}={other}: expected sqlite or postgres"),
    }
}

/// Whether the tests run on a cluster of servers.
pub fn on_cluster() -> bool {
    citus::is_there()
}

/// The address of an empty database on the engine that is tested. A file lies in the folder.
pub fn fresh(folder: &Path) -> String {
    if on_postgres() {
        fresh_postgres()
    } else {
        format!("sqlite:{}", folder.join("centime.db").display())
    }
}

/// The address of an empty database of PostgreSQL: on the cluster that [`CITUS`] names, else on the
/// server that the tests of a process share.
pub fn fresh_postgres() -> String {
    citus::database().unwrap_or_else(|| shared().database())
}
