//! Finds the commit that the program is built from, for `centime --version`, and the presets that are compiled in.
//!
//! `CENTIME_COMMIT` says it where there is no repository, as in a container or from an archive. Where neither does, the
//! version stands alone: nothing about the machine or the time of the build is in the program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// How many digits of a commit are shown.
const SHOWN: usize = 12;

fn main() {
    println!("cargo::rerun-if-env-changed=CENTIME_COMMIT");
    let commit = env::var("CENTIME_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty());
    let commit = commit
        .or_else(of_repository)
        .filter(|commit| is_commit(commit));
    let shown = commit.map_or_else(String::new, |commit| {
        format!(" ({})", commit.get(..SHOWN).unwrap_or(&commit))
    });
    println!("cargo::rustc-env=CENTIME_SHOWN_COMMIT={shown}");
    list_presets();
}

/// Lists the files of `presets/`, each with its name and its text.
fn list_presets() {
    println!("cargo::rerun-if-changed=presets");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let entries = fs::read_dir(root.join("presets")).expect("the folder of presets");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a file of the folder").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    let mut text = "static PRESETS: &[(&str, &str)] = &[\n".to_owned();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let path = path.to_string_lossy();
        writeln!(text, "({name:?}, include_str!({path:?})),").expect("memory takes any text");
    }
    text.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("presets.rs"), text).expect("the folder of the build");
}

fn is_commit(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// The commit of the repository that this crate is part of. Another one around it, as of a user who has unpacked
/// the sources among their own, says nothing about them.
fn of_repository() -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let root = folder.ancestors().nth(2)?;
    if !root.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| -> Option<String> {
        let output = Command::new("git")
            .current_dir(root)
            .args(arguments)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    // These change when another commit is checked out.
    for changed in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", changed]).map(|path| root.join(path));
        if let Some(path) = path.filter(|path| is_file(path)) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(&["rev-parse", "--verify", "HEAD"])
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}
