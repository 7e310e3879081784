//! A SQLite file on a volume that readers may not write, beside a process that may.
//!
//! Where the tests run as root, readers are another user; elsewhere they are the same one, and folders are
//! made read-only while they read.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::team::until;
use crate::common::{PROGRAM, Place, Running, get, sqlite, stderr};

/// The number of a user that nothing belongs to.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("Uid:"));
    line.is_some_and(|line| line.split_whitespace().nth(2) == Some("0"))
}

/// The program where any user may run it: it may have been built in a folder that is closed to others.
fn lent(place: &Place) -> PathBuf {
    let program = place.path("centime");
    let open_to_all =
        fs::metadata(PROGRAM).is_ok_and(|file| file.permissions().mode() & 0o5 == 0o5);
    if !open_to_all || fs::hard_link(PROGRAM, &program).is_err() {
        fs::copy(PROGRAM, &program).expect("a copy of the program");
        mode(&program, 0o755);
    }
    program
}

/// A volume: a folder with a database, which one user writes and another reads.
struct Volume {
    place: Place,
    /// The program where readers may run it.
    program: PathBuf,
}

impl Volume {
    fn new() -> Self {
        let place = Place::new();
        let program = if is_root() {
            lent(&place)
        } else {
            PathBuf::from(PROGRAM)
        };
        let volume = Self { place, program };
        fs::create_dir(volume.place.path("data")).expect("a folder");
        // Folders of tests are their user's alone.
        for folder in [volume.place.folder.path(), &volume.place.path("data")] {
            mode(folder, 0o755);
        }
        volume
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path("data").join(name)
    }

    fn database(&self) -> String {
        sqlite(&self.file("centime.db"))
    }

    /// Lets others read the database from its beginning: a file that the program makes is for its owner alone, and
    /// one that is there keeps its rights.
    fn show(&self) {
        let file = self.file("centime.db");
        if !file.exists() {
            fs::write(&file, "").expect("a file");
            mode(&file, 0o644);
        }
    }

    /// Publishes the sample edition, or a changed one.
    fn publish(&self, round: Option<u32>) {
        self.show();
        let database = self.database();
        let mut run = vec!["run", "--quiet", "--database", &database];
        let portal = round.map(|round| {
            let data = self.place.changed_edition(round);
            let simulator = ["portal-sim", "--listen", "127.0.0.1:0", "--data", &data];
            self.place.start(&simulator)
        });
        match &portal {
            Some(portal) => run.extend(["--portal", &portal.address]),
            None => run.push("--sample"),
        }
        self.place.stdout(&run);
    }

    /// The program as somebody who may read the database and write nothing.
    fn reader(&self, args: &[&str]) -> Command {
        let mut command = self.place.command(&self.program, args);
        if is_root() {
            use std::os::unix::process::CommandExt;
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn read(&self, args: &[&str]) -> Output {
        let database = self.database();
        let mut arguments = args.to_vec();
        arguments.extend(["--database", &database]);
        self.reader(&arguments)
            .output()
            .expect("the program starts")
    }

    /// What a reader is told of the results.
    fn results(&self) -> String {
        let output = self.read(&["analyse", "yearly-result", "--format", "csv", "--quiet"]);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    fn serve(&self) -> Running {
        let database = self.database();
        Running::start(self.reader(&["serve", "--listen", "127.0.0.1:0", "--database", &database]))
    }

    /// Takes the right to write away from everybody but root.
    fn close(&self) {
        let folder = self.place.path("data");
        for file in fs::read_dir(&folder).expect("a folder") {
            mode(&file.expect("a file").path(), 0o444);
        }
        mode(&folder, 0o555);
    }

    fn open(&self) {
        let folder = self.place.path("data");
        mode(&folder, 0o755);
        for file in fs::read_dir(&folder).expect("a folder") {
            mode(&file.expect("a file").path(), 0o644);
        }
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place.path("data")).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        };
        let mut files: Vec<String> = entries.map(name).collect();
        files.sort();
        files
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        mode(&self.place.path("data"), 0o755);
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn what_is_published_is_read_without_a_right_to_write() {
    let volume = Volume::new();
    volume.publish(None);
    assert_eq!(
        volume.files(),
        ["centime.db", "centime.db.lock"],
        "the file is whole by itself"
    );
    let results = volume.results();
    assert!(results.lines().count() > 5, "{results}");
    volume.close();
    assert_eq!(volume.results(), results);
    for command in [
        &["check", "--format", "json", "--quiet"][..],
        &["report", "--quiet"],
        &["db", "status"],
        &["token", "list"],
        &["audit", "list"],
    ] {
        let output = volume.read(command);
        assert!(output.status.success(), "{command:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("damaged"), "{}", stderr(&output));
    }
    let site = volume.serve();
    assert!(get(&site.address, "/readyz", "en").contains("200 OK"));
    assert!(get(&site.address, "/quality", "en").contains("200 OK"));
    let refused = volume.read(&["run", "--sample", "--quiet"]);
    assert_eq!(refused.status.code(), Some(5), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("read-only"),
        "{}",
        stderr(&refused)
    );
    // Nothing is left beside the file by those who read.
    assert_eq!(volume.files(), ["centime.db", "centime.db.lock"]);
}

#[test]
fn a_publication_of_another_process_is_seen_by_a_site_that_only_reads() {
    let volume = Volume::new();
    volume.publish(None);
    let results = volume.results();
    let site = volume.serve();
    let shows = |revision: u32| {
        let page = get(&site.address, "/quality", "en");
        page.contains(&format!("evision {revision}"))
    };
    assert!(shows(1), "{}", get(&site.address, "/quality", "en"));
    // Once with a file at rest, and once with the log that the site keeps from being taken away.
    for round in [2, 3] {
        volume.publish(Some(round));
        until("the new revision", || shows(round));
        assert_eq!(volume.results(), results);
    }
    drop(site);
    assert_eq!(volume.results(), results);
    volume.close();
    assert_eq!(volume.results(), results, "{:?}", volume.files());
}

#[test]
fn readers_read_beside_a_process_that_writes_and_after_it_was_killed() {
    let volume = Volume::new();
    volume.show();
    let database = volume.database();
    let up = [
        "up",
        "--sample",
        "--refresh",
        "never",
        "--listen",
        "127.0.0.1:0",
        "--database",
    ];
    let mut writer = volume.place.start(&[&up[..], &[&database]].concat());
    let results = volume.results();
    assert!(volume.files().contains(&"centime.db-wal".to_owned()));
    let site = volume.serve();
    assert!(get(&site.address, "/readyz", "en").contains("200 OK"));
    writer.child.kill().expect("it can be killed");
    writer.child.wait().expect("it ends");
    assert!(get(&site.address, "/quality", "en").contains("200 OK"));
    drop(site);
    volume.close();
    assert_eq!(volume.results(), results, "{:?}", volume.files());
    let output = volume.read(&["check", "--quiet"]);
    assert!(output.status.success(), "{}", stderr(&output));

    // Without the index of its log the file waits for somebody who may write, and is sound.
    volume.open();
    fs::remove_file(volume.file("centime.db-shm")).expect("an index");
    volume.close();
    let output = volume.read(&["analyse", "yearly-result"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(5), "{said}");
    for words in ["centime.db-shm", "centime db migrate", "no damage"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!said.contains("is damaged"), "{said}");
    volume.open();
    volume
        .place
        .stdout(&["db", "migrate", "--quiet", "--database", &database]);
    volume.close();
    assert_eq!(volume.results(), results);
}

#[test]
fn a_file_that_takes_the_place_of_another_is_read() {
    let volume = Volume::new();
    volume.publish(None);
    // A site that may write has a log beside the file, which is not that of another one.
    volume.close();
    let site = volume.serve();
    volume.open();
    assert!(get(&site.address, "/quality", "en").contains("evision 1"));
    // As a backup is put back, or a copy brought from where it was made.
    let copy = volume.place.path("copy.db");
    fs::copy(volume.file("centime.db"), &copy).expect("a copy");
    let elsewhere = sqlite(&copy);
    let data = volume.place.changed_edition(2);
    let portal = ["portal-sim", "--listen", "127.0.0.1:0", "--data", &data];
    let portal = volume.place.start(&portal);
    volume.place.publish(&portal.address, &elsewhere);
    fs::rename(&copy, volume.file("centime.db")).expect("another file");
    until("the other file", || {
        get(&site.address, "/quality", "en").contains("evision 2")
    });
    // A file that is gone is told, in words, and what was read stays.
    fs::rename(volume.file("centime.db"), &copy).expect("no file");
    until("that it is gone", || {
        let answer = get(&site.address, "/readyz", "en");
        answer.contains("503") && answer.contains("its file cannot be opened")
    });
    assert!(get(&site.address, "/", "en").contains("200 OK"));
    fs::rename(&copy, volume.file("centime.db")).expect("the file");
    until("that it is back", || {
        get(&site.address, "/readyz", "en").contains("200 OK")
    });
}

#[test]
fn what_cannot_be_read_is_told_in_a_sentence_of_its_own() {
    let volume = Volume::new();
    volume.publish(None);
    let whole = fs::read(volume.file("centime.db")).expect("a file");
    let write = |name: &str, bytes: &[u8]| fs::write(volume.file(name), bytes).expect("a file");
    write("empty.db", b"");
    write(
        "text.db",
        "not a database, however long it may be\n"
            .repeat(99)
            .as_bytes(),
    );
    write("short.db", &whole[..whole.len() / 2 / 4096 * 4096]);
    write("cut.db", &whole[..100]);
    write("secret.db", &whole);
    fs::create_dir(volume.file("folder.db")).expect("a folder");
    let pipe = Command::new("mkfifo").arg(volume.file("pipe.db")).status();
    assert!(pipe.expect("mkfifo").success());
    let kind = fs::metadata(volume.file("pipe.db"))
        .expect("a pipe")
        .file_type();
    assert!(kind.is_fifo());
    volume.close();
    mode(&volume.file("folder.db"), 0o755);
    mode(&volume.file("secret.db"), 0o000);
    for (name, said) in [
        ("empty.db", &["nothing is published", "centime run"][..]),
        ("text.db", &["is not a database"]),
        ("short.db", &["is damaged"]),
        ("cut.db", &["is damaged"]),
        (
            "secret.db",
            &["this user may not read", "secret.db", "give the right"],
        ),
        ("folder.db", &["it is a folder", "name a file in it"]),
        ("pipe.db", &["it is a device or a pipe", "--database"]),
        ("none.db", &["there is no database at", "centime run"]),
        ("none/x.db", &["there is no database at"]),
    ] {
        let database = sqlite(&volume.file(name));
        for command in [&["check"][..], &["analyse", "yearly-result"], &["serve"]] {
            let mut arguments = command.to_vec();
            arguments.extend(["--database", &database]);
            let output = volume.reader(&arguments).output().expect("it starts");
            let found = stderr(&output);
            assert_eq!(output.status.code(), Some(5), "{name}: {found}");
            for words in said {
                assert!(found.contains(words), "{name}: {found}");
            }
            assert_eq!(found.trim_end().lines().count(), 1, "{name}: {found}");
        }
    }
}
