//! The stack of a team, with the files of `deploy/`, as processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use centime_test_database::{Cluster, PASSWORDS};

use super::{Place, Running, stderr};

pub fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything but what would have to be pulled.
pub struct Team {
    pub place: Place,
    pub secrets: PathBuf,
    /// The server that is asked.
    pub database: Cluster,
    /// Those that it works with, on a cluster.
    pub workers: Vec<Cluster>,
}

impl Team {
    /// With one server, as the profile `team`.
    pub fn start() -> Self {
        Self::start_with(&["postgresql.conf"], "database", &[])
    }

    /// With a coordinator and two servers, as the profile `cluster`.
    pub fn start_cluster() -> Self {
        let files = ["postgresql.conf", "cluster.conf"];
        let team = Self::start_with(&files, "coordinator", &["worker-1", "worker-2"]);
        team.join();
        team
    }

    fn start_with(settings: &[&str], database: &str, workers: &[&str]) -> Self {
        let place = Place::new();
        let secrets = place.path("secrets");
        // What containers find in /run/secrets is here.
        let centime = read(&deploy().join("centime.toml"));
        let centime = centime.replace("/run/secrets", secrets.to_str().expect("a path"));
        fs::write(place.path("settings.toml"), centime).expect("settings");
        make_secrets(&place, &secrets, 5432);
        let settings: String = settings
            .iter()
            .map(|file| read(&deploy().join("postgres").join(file)))
            .collect();
        let start = |name: &str| server(&secrets, &settings, name);
        let database = start(database);
        let workers = workers.iter().map(|name| start(name)).collect();
        let script = read(&deploy().join("postgres/databases.sh"));
        let script = script.replace("/run/secrets", secrets.to_str().expect("a path"));
        let output = with_programs(&database, Command::new("sh").arg("-c").arg(script));
        assert!(output.status.success(), "{}", stderr(&output));
        make_secrets(&place, &secrets, database.port());
        Self {
            place,
            secrets,
            database,
            workers,
        }
    }

    /// Makes the servers one cluster.
    pub fn join(&self) {
        let servers = std::iter::once(&self.database).chain(&self.workers);
        let mut command = Command::new(deploy().join("postgres/nodes.sh"));
        command
            .arg(&self.secrets)
            .args(servers.map(|server| format!("localhost:{}", server.port())));
        let output = with_programs(&self.database, &mut command);
        assert!(output.status.success(), "{}", stderr(&output));
    }

    pub fn secret(&self, name: &str) -> String {
        let path = self.secrets.join(name);
        path.to_str().expect("a path").to_owned()
    }

    pub fn roles(&self, database: Option<&str>) {
        let names = ["loader", "site", "reader", "owner"];
        let [loader, site, reader, owner] = names.map(|name| self.secret(name));
        let config = self.secret("admin-config.toml");
        let mut arguments = vec![
            "db",
            "roles",
            "--config",
            &config,
            "--loader-password-file",
            &loader,
            "--site-password-file",
            &site,
            "--reader-password-file",
            &reader,
            "--owner-password-file",
            &owner,
        ];
        if let Some(database) = database {
            arguments.extend(["--database", database]);
        }
        self.place.stdout(&arguments);
    }

    pub fn run(&self, portal: &str) -> Output {
        let config = self.secret("loader-config.toml");
        self.place
            .output(&["run", "--config", &config, "--portal", portal])
    }

    pub fn site(&self) -> Running {
        let config = self.secret("site-config.toml");
        self.place
            .start(&["serve", "--config", &config, "--listen", "127.0.0.1:0"])
    }

    /// The address of a database as a role, over TLS.
    pub fn url(&self, role: &str, secret: &str, database: &str) -> String {
        format!(
            "postgres://{role}:{}@localhost:{}/{database}?sslmode=verify-full&sslrootcert={}",
            read(&self.secrets.join(secret)).trim(),
            self.database.port(),
            self.secret("ca.crt")
        )
    }

    /// What the site's role reads.
    pub fn analysis(&self, database: &str) -> String {
        let url = self.url("centime_site", "site", database);
        let arguments = [
            "analyse",
            "yearly-result",
            "--format",
            "csv",
            "--database",
            &url,
        ];
        self.place.stdout(&arguments)
    }
}

/// A server as `start.sh` starts it, with the certificate that its container has.
fn server(secrets: &Path, settings: &str, name: &str) -> Cluster {
    let rules = read(&deploy().join("postgres/pg_hba.conf"));
    let settings: Vec<(&str, String)> = settings
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .filter(|(name, _)| !matches!(*name, "listen_addresses" | "hba_file"))
        .map(|(name, value)| (name, value.trim_matches('\'').replace("/run/tls", "..")))
        .collect();
    let settings: Vec<(&str, &str)> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert!(settings.contains(&("ssl", "on")));
    let server = Cluster::start_with(&rules, &settings, |folder| {
        let private = [
            (format!("{name}.key"), "database.key"),
            ("nodes".to_owned(), PASSWORDS),
        ];
        for (from, to) in private {
            let to = folder.join(to);
            fs::copy(secrets.join(from), &to).expect("a secret");
            fs::set_permissions(to, fs::Permissions::from_mode(0o600)).expect("a private file");
        }
        for (from, to) in [
            (&*format!("{name}.crt"), "database.crt"),
            ("ca.crt", "ca.crt"),
        ] {
            fs::copy(secrets.join(from), folder.join(to)).expect("a certificate");
        }
    });
    // The image gives the superuser its password.
    let superuser = read(&secrets.join("superuser"));
    server.sql(
        "postgres",
        &format!("ALTER ROLE postgres PASSWORD '{}'", superuser.trim()),
    );
    server
}

fn make_secrets(place: &Place, folder: &Path, port: u16) {
    let output = Command::new(deploy().join("secrets.sh"))
        .arg(folder)
        .env("CENTIME_SETTINGS", place.path("settings.toml"))
        .env("CENTIME_DATABASE_HOST", "localhost")
        .env("CENTIME_DATABASE_PORT", port.to_string())
        .env("CENTIME_DATABASE_CA", folder.join("ca.crt"))
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Runs a command with the programs of PostgreSQL, over the socket.
pub fn with_programs(database: &Cluster, command: &mut Command) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env("PATH", format!("{}:{path}", database.programs().display()))
        .env("PGHOST", database.folder())
        .env("PGPORT", database.port().to_string())
        .env("PGUSER", "postgres")
        .output()
        .expect("a command")
}

/// Asks until the answer is what is waited for.
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let since = Instant::now();
    while !happened() {
        assert!(
            since.elapsed() < Duration::from_mins(3),
            "{what} did not happen"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub fn healthy(place: &Place, address: &str, path: &str) -> bool {
    let url = format!("{address}{path}");
    place.output(&["health", "--url", &url]).status.success()
}
