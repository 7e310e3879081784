//! A private PostgreSQL server.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// How often another port is tried: one that was free a moment ago may be taken.
const ATTEMPTS: usize = 5;

/// The file with the passwords that a server needs to ask others, in its folder.
pub const PASSWORDS: &str = "passwords";

/// The folder of the server programs, where they are not where Debian puts them.
const PROGRAMS: &str = "CENTIME_TEST_POSTGRES_BIN";

/// Whom to be when the tests run as root, whom the server refuses.
const UNPRIVILEGED: &str = "nobody";

/// A server of its own, on a free port of 127.0.0.1, in a folder of its own. It ends with the
/// process that started it, in whatever way that ends.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    owner: Option<(u32, u32)>,
    databases: AtomicU32,
    /// Stops the server and removes the folder once its standard input ends.
    _keeper: Child,
}

impl Cluster {
    /// Starts a server that trusts every client on this machine.
    pub fn start() -> Self {
        Self::start_with("host all all 127.0.0.1/32 trust\n", &[], |_| {})
    }

    /// Starts a server with these access rules and settings. Files they name are made by `prepare`,
    /// which is given the folder of the server. A file [`PASSWORDS`] is where the server itself looks for
    /// passwords when it asks others.
    pub fn start_with(
        access: &str,
        settings: &[(&str, &str)],
        prepare: impl FnOnce(&Path),
    ) -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new()
            .prefix("centime-postgres-")
            .tempdir()
            .expect("a folder for a server")
            .keep();
        let owner = owner(&folder);
        give(&folder, owner);
        let run = |program: &str, arguments: &[&str]| {
            let mut command = as_owner(&programs.join(program), owner);
            finish(command.args(arguments), program);
        };
        let data = folder.join("data");
        let data = data.to_str().expect("a path in UTF-8");
        // Another order of texts than ours, so that a comparison without a collation is noticed.
        run(
            "initdb",
            &[
                "--pgdata",
                data,
                "--username=postgres",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--locale-provider=icu",
                "--icu-locale=fr-FR",
            ],
        );
        prepare(&folder);
        let rules = format!("local all all trust\n{access}");
        fs::write(Path::new(data).join("pg_hba.conf"), rules).expect("access rules");
        // Without fsync a crash of the server loses nothing, only one of the machine would. Tests that run side by side
        // have some twenty databases open, each with connections of its own. Compiling a statement that runs once takes longer
        // than running it.
        let mut lines = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\njit = off\n\
             log_min_messages = warning\nmax_connections = 400\n",
            folder.display()
        );
        for (name, value) in settings {
            lines.extend([name, " = '", value, "'\n"]);
        }
        fs::write(Path::new(data).join("postgresql.auto.conf"), lines).expect("settings");
        for entry in fs::read_dir(&folder).expect("the folder").flatten() {
            give(&entry.path(), owner);
        }
        let keeper = as_owner(Path::new("sh"), owner)
            .args([
                "-c",
                "read _; \"$1/pg_ctl\" --pgdata \"$2/data\" --mode immediate stop; rm -rf \"$2\"",
                "keeper",
            ])
            .arg(&programs)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let mut cluster = Self {
            folder,
            programs,
            port: 0,
            owner,
            databases: AtomicU32::new(0),
            _keeper: keeper,
        };
        for attempt in 1.. {
            cluster.port = free_port();
            if cluster.try_start() {
                return cluster;
            }
            assert!(attempt < ATTEMPTS, "{}", cluster.log());
        }
        unreachable!("an attempt succeeded or was the last")
    }

    fn try_start(&self) -> bool {
        let options = format!("-p {}", self.port);
        self.control(&["--wait", "--options", &options, "start"])
            .output()
            .expect("pg_ctl")
            .status
            .success()
    }

    fn control(&self, arguments: &[&str]) -> Command {
        let mut command = as_owner(&self.programs.join("pg_ctl"), self.owner);
        command
            .arg("--pgdata")
            .arg(self.folder.join("data"))
            .arg("--log")
            .arg(self.folder.join("log"))
            .env("PGPASSFILE", self.folder.join(PASSWORDS))
            // It may not read the home of the user who runs the tests, where certificates may lie.
            .env("HOME", &self.folder)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// What the server has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the server's programs, such as `pg_dump`.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The address of a database, as its superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_as("postgres", database)
    }

    /// The address of a database, as a role.
    pub fn url_as(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database and gives its address.
    pub fn database(&self) -> String {
        self.url(&self.new_database())
    }

    /// Makes an empty database and gives its name.
    pub fn new_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Makes a database of what another holds, to which there is no connection, and gives its address.
    pub fn copy(&self, original: &str) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE {original}"),
        );
        self.url(&name)
    }

    /// Runs SQL as the superuser and gives what it prints, one row a line.
    ///
    /// # Panics
    ///
    /// When the server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql("postgres", database, sql)
            .unwrap_or_else(|refusal| panic!("{sql}: {refusal}"))
    }

    /// Runs SQL as a role; `Err` with what the server says when it refuses.
    pub fn try_sql(&self, role: &str, database: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--host"])
            .arg(&self.folder)
            .args(["--port", &self.port.to_string(), "--username", role])
            .args(["--dbname", database, "--command", sql])
            .env("PGOPTIONS", "--client-min-messages=warning")
            .stdin(Stdio::null())
            .output()
            .expect("psql");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }

    /// Stops the server as a power cut would: it waits for no session and writes nothing.
    pub fn crash(&self) {
        finish(
            &mut self.control(&["--mode", "immediate", "stop"]),
            "pg_ctl",
        );
    }

    /// Starts the server again, on the same port.
    pub fn restart(&self) {
        assert!(self.try_start(), "{}", self.log());
    }
}

fn finish(command: &mut Command, name: &str) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{name} cannot be run ({error}): install PostgreSQL, or set {PROGRAMS}")
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
}

/// Whether the server programs come with Citus.
pub fn has_citus() -> bool {
    let output = Command::new(program("pg_config"))
        .arg("--sharedir")
        .output();
    output.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout);
        Path::new(folder.trim())
            .join("extension/citus.control")
            .exists()
    })
}

/// A program of the server.
pub(crate) fn program(name: &str) -> PathBuf {
    programs().join(name)
}

/// The folder of the server programs: where the environment says, or the newest that Debian has.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os(PROGRAMS) {
        return folder.into();
    }
    let version = |folder: &PathBuf| {
        let name = folder.file_name().and_then(OsStr::to_str);
        name.and_then(|name| name.parse::<u32>().ok())
    };
    let newest = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| folder.join("bin/initdb").exists())
        .max_by_key(version);
    let Some(newest) = newest else {
        panic!("no PostgreSQL programs in /usr/lib/postgresql: install them, or set {PROGRAMS}");
    };
    newest.join("bin")
}

/// Whom the server has to be: nobody in particular when the tests run as root.
pub(crate) fn owner(folder: &Path) -> Option<(u32, u32)> {
    let me = fs::metadata(folder).expect("the folder").uid();
    (me == 0).then(|| {
        let id = |flag: &str| {
            let output = Command::new("id").args([flag, UNPRIVILEGED]).output();
            let output = output.expect("the program id").stdout;
            let text = String::from_utf8_lossy(&output);
            text.trim().parse().expect("a number of a user")
        };
        (id("-u"), id("-g"))
    })
}

/// Gives a file to whom the server is.
pub(crate) fn give(path: &Path, owner: Option<(u32, u32)>) {
    if let Some((user, group)) = owner {
        chown(path, Some(user), Some(group)).expect("a file to give away");
    }
}

pub(crate) fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command.current_dir("/");
    command
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
