//! `PgBouncer` in front of a private server.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Cluster;
use crate::cluster::{as_owner, free_port, give, owner};

/// Where the program is, when it is not on the path.
const PROGRAM: &str = "CENTIME_TEST_PGBOUNCER";

/// A `PgBouncer` that passes everybody on to a server. It ends when dropped.
#[derive(Debug)]
pub struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Pooler {
    /// Starts one with these settings, such as `pool_mode = session`; `None` where there is no such program, which
    /// is said.
    pub fn start(server: &Cluster, settings: &str) -> Option<Self> {
        let program = std::env::var_os(PROGRAM).map_or_else(|| "pgbouncer".into(), PathBuf::from);
        let there = Command::new(&program)
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        if there.is_err() {
            eprintln!("NOT RUN: there is no PgBouncer; install it, or name it in {PROGRAM}");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let configuration = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\nmax_client_conn = 100\n{settings}\n",
            server.port()
        );
        // Without a file of users it takes the one of the address for everybody.
        let text = text.replace("* = host", "* = user=postgres host");
        fs::write(&configuration, text).expect("settings");
        let owner = owner(folder.path());
        give(folder.path(), owner);
        give(&configuration, owner);
        let child = as_owner(&program, owner)
            .arg("--quiet")
            .arg(&configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PgBouncer");
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(10), "no PgBouncer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self {
            child,
            port,
            _folder: folder,
        })
    }

    /// The address of a database through it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}
