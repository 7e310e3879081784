//! Databases for tests: files, and private PostgreSQL servers.
//!
//! | module | knows |
//! |---|---|
//! | [`fresh`] | an empty database on the engine that is tested |
//! | [`Cluster`] | a server of its own, on a free port, gone with the process that started it |
//! | [`tls`] | a server that only speaks encrypted, with certificates of its own |

#![allow(
    clippy::missing_panics_doc,
    reason = "for tests, in which every failure panics"
)]

mod cluster;
pub mod tls;

use std::path::Path;
use std::sync::LazyLock;

pub use cluster::Cluster;

/// The environment variable that names the engine the tests run on: `sqlite`, which is the default,
/// or `postgres`.
pub const ENGINE: &str = "CENTIME_TEST_ENGINE";

static SHARED: LazyLock<Cluster> = LazyLock::new(Cluster::start);

/// The server that the tests of a process share.
pub fn shared() -> &'static Cluster {
    &SHARED
}

/// Whether the tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    match std::env::var(ENGINE).as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("{ENGINE}={other}: expected sqlite or postgres"),
    }
}

/// The address of an empty database on the engine that is tested. A file lies in the folder.
pub fn fresh(folder: &Path) -> String {
    if on_postgres() {
        shared().database()
    } else {
        format!("sqlite:{}", folder.join("centime.db").display())
    }
}
