//! The program, as a person or a script runs it.

pub mod team;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own for each test, which is also its home.
pub struct Place {
    pub folder: TempDir,
}

/// A process that ends with the test.
pub struct Running {
    pub child: Child,
    pub address: String,
    /// What it said on standard error until it said where it is.
    pub said: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program that is tested.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_centime");

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program, away from the settings of whoever runs the tests.
    pub fn centime(&self, args: &[&str]) -> Command {
        self.command(Path::new(PROGRAM), args)
    }

    /// A copy of the program, away from the settings of whoever runs the tests.
    pub fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .current_dir(self.folder.path());
        command
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.centime(args).output().expect("the program starts")
    }

    /// Standard output of a command that succeeds.
    pub fn stdout(&self, args: &[&str]) -> String {
        let output = self.output(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Publishes what a portal has.
    pub fn publish(&self, portal: &str, database: &str) {
        self.stdout(&["run", "--quiet", "--portal", portal, "--database", database]);
    }

    /// Starts a command that serves, and waits until it says where.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(self.centime(args))
    }

    /// The sample edition with a field more, in a folder: another source of the same figures.
    pub fn changed_edition(&self, round: u32) -> String {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../portal-sim/sample");
        let folder = self.path(&format!("edition-{round}"));
        // A field that nothing is read from.
        let remark = format!("{{\"remarque\":\"{round}\",");
        for dataset in ["compte-de-resultat", "bilan-comptable"] {
            let (from, to) = (sample.join(dataset), folder.join(dataset));
            fs::create_dir_all(&to).expect("a folder");
            let read = |file| fs::read_to_string(from.join(file)).expect("a file of the sample");
            let mut records = read("records.jsonl");
            if dataset == "compte-de-resultat" {
                records = records.replacen('{', &remark, 1);
            }
            let mut description: serde_json::Value =
                serde_json::from_str(&read("dataset.json")).expect("a description");
            // The number of records is then counted anew.
            let metas = description["metas"]["default"]
                .as_object_mut()
                .expect("metadata");
            metas.remove("records_count");
            fs::write(to.join("dataset.json"), description.to_string()).expect("a file");
            fs::write(to.join("records.jsonl"), records).expect("a file");
        }
        folder.display().to_string()
    }
}

impl Running {
    /// Starts a command that serves, and waits until it says where.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines();
        let mut said = Vec::new();
        let address = loop {
            let Some(line) = lines.next() else {
                panic!("it ended: {said:?}")
            };
            let line = line.expect("text");
            if let Some(at) = line.find("http://127.0.0.1:") {
                let address = line[at..].split_whitespace().next().expect("an address");
                let address = address.to_owned();
                said.push(line);
                break address;
            }
            said.push(line);
        };
        // Nobody else reads what it says from now on, and a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            said,
        }
    }
}

/// What a site answers at an address, its head first; empty when it does not answer.
pub fn get(address: &str, path: &str, language: &str) -> String {
    let host = address.trim_start_matches("http://");
    let mut answer = Vec::new();
    let asked = TcpStream::connect(host).and_then(|mut stream| {
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\
             Accept-Language: {language}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut answer)
    });
    // What is cut is not what is waited for.
    drop(asked);
    String::from_utf8_lossy(&answer).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The address of a database in a file.
pub fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}
