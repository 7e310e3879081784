//! Databases on a Citus cluster that is there already.

use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::cluster::program;

/// The environment variable with the address of a database of the coordinator, as its superuser. That
/// database knows the servers of the cluster. Others, whose names begin with `centime_test_`, are made and
/// dropped beside it.
pub const CITUS: &str = "CENTIME_TEST_CITUS_URL";

const PREFIX: &str = "centime_test_";

/// A cluster.
struct Citus {
    coordinator: Address,
    workers: Vec<Address>,
    /// How many databases were made. They are made one after the other: what is the same for all databases
    /// of a server, such as roles, cannot be told to it twice at once.
    databases: Mutex<u32>,
}

/// Where a server is, and how it is asked.
#[derive(Clone)]
struct Address {
    user: String,
    host: String,
    port: String,
    parameters: String,
}

static CLUSTER: LazyLock<Option<Citus>> =
    LazyLock::new(|| std::env::var(CITUS).ok().map(|url| find(&url)));

/// Whether there is a cluster to test on.
pub fn is_there() -> bool {
    CLUSTER.is_some()
}

/// An empty database on the cluster, if there is one.
pub fn database() -> Option<String> {
    CLUSTER.as_ref().map(Citus::database)
}

/// A server and the name of a database.
fn read(url: &str) -> Option<(Address, &str)> {
    let (authority, rest) = url.strip_prefix("postgres://")?.split_once('/')?;
    let (user, server) = authority.split_once('@')?;
    let (host, port) = server.split_once(':')?;
    let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let address = Address {
        user: user.to_owned(),
        host: host.to_owned(),
        port: port.to_owned(),
        parameters: parameters.to_owned(),
    };
    Some((address, name))
}

fn find(url: &str) -> Citus {
    let (coordinator, name) = read(url).unwrap_or_else(|| {
        panic!("{CITUS}={url}: expected postgres://USER@HOST:PORT/DATABASE?PARAMETERS")
    });
    let workers = coordinator.sql(
        name,
        "SELECT nodename || ' ' || nodeport FROM pg_dist_node WHERE groupid > 0",
    );
    let workers = workers.lines().filter_map(|line| line.split_once(' '));
    let workers = workers
        .map(|(host, port)| Address {
            host: host.to_owned(),
            port: port.to_owned(),
            ..coordinator.clone()
        })
        .collect();
    let citus = Citus {
        coordinator,
        workers,
        databases: Mutex::new(0),
    };
    // What earlier tests have left.
    let left = format!("SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'");
    for server in citus.servers() {
        for name in server.sql("postgres", &left).lines() {
            server.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
    citus
}

impl Citus {
    fn servers(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.coordinator).chain(&self.workers)
    }

    fn database(&self) -> String {
        // Where one could not be made, its test has failed; the next may go on.
        let mut made = self
            .databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *made += 1;
        let name = format!("{PREFIX}{}_{made}", std::process::id());
        for server in self.servers() {
            server.sql("postgres", &format!("CREATE DATABASE {name}"));
            server.sql(&name, "CREATE EXTENSION citus");
        }
        let Address { host, port, .. } = &self.coordinator;
        let mut known = vec![format!(
            "SELECT citus_set_coordinator_host('{host}', {port})"
        )];
        let add = |Address { host, port, .. }: &Address| {
            format!("SELECT citus_add_node('{host}', {port})")
        };
        known.extend(self.workers.iter().map(add));
        self.coordinator.sql(&name, &known.join(";"));
        self.coordinator.url(&name)
    }
}

impl Address {
    fn url(&self, database: &str) -> String {
        let Self {
            user,
            host,
            port,
            parameters,
        } = self;
        format!("postgres://{user}@{host}:{port}/{database}?{parameters}")
    }

    fn sql(&self, database: &str, sql: &str) -> String {
        let output = Command::new(program("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", sql])
            .arg(self.url(database))
            .env("PGOPTIONS", "--client-min-messages=warning")
            .stdin(Stdio::null())
            .output()
            .expect("psql");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
