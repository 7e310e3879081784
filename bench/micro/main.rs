//! How many instructions the work takes that Centime does most often, held against what it took before.
//!
//! A count says the same on a busy machine as on a quiet one. Callgrind counts a process that does a piece
//! of work once and another that does it several times; the difference is the work, without the start of the
//! process and without what is kept after the first time.
//!
//! ```text
//! make bench-check                                    counts, and fails where one has grown too much
//! cargo bench --package centime-micro -- --write      makes what was counted the new baseline
//! callgrind_annotate target/bench/callgrind.money     where the instructions are
//! ```

mod work;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use work::WORK;

type Failure = Box<dyn std::error::Error>;

/// How much a count may grow, in hundredths. Seeds of hash tables move it by less than a tenth of one.
const TOLERANCE: u64 = 2;

/// How often the longer of the two processes does the work.
const TIMES: u64 = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => check(),
        ["--write"] => write(),
        ["--work", name, times] => work(name, times),
        _ => Err("expected nothing or --write".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// What the counted process does.
fn work(name: &str, times: &str) -> Result<(), Failure> {
    let (_, prepare) = WORK
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or("no such work")?;
    let mut once = prepare();
    for _ in 0..times.parse::<u64>()? {
        once();
    }
    Ok(())
}

fn check() -> Result<(), Failure> {
    let counted = count()?;
    let mut known = BTreeMap::new();
    for line in fs::read_to_string(baseline())?.lines() {
        let (name, count) = line
            .split_once(' ')
            .ok_or("the baseline is not one of ours")?;
        known.insert(name.to_owned(), count.parse::<u64>()?);
    }
    let mut grown = Vec::new();
    println!(
        "{:<24} {:>14} {:>14} {:>8} {:>12}",
        "work", "instructions", "before", "change", "time"
    );
    for (name, instructions, nanoseconds) in &counted {
        let before = *known
            .get(*name)
            .ok_or_else(|| format!("{name} has no baseline: write one"))?;
        let permille =
            (i128::from(*instructions) - i128::from(before)) * 1000 / i128::from(before.max(1));
        let change = format!(
            "{}{}.{} %",
            if permille < 0 { "-" } else { "+" },
            permille.abs() / 10,
            permille.abs() % 10
        );
        println!(
            "{name:<24} {instructions:>14} {before:>14} {change:>8} {:>9} µs",
            nanoseconds / 1000
        );
        if *instructions > before + before * TOLERANCE / 100 {
            grown.push(*name);
        }
    }
    if grown.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{} took over {TOLERANCE} % more instructions than before. Where that is meant, write the baseline anew: \
             cargo bench --package centime-micro -- --write",
            grown.join(", ")
        )
        .into())
    }
}

fn write() -> Result<(), Failure> {
    let mut text = String::new();
    for (name, instructions, _) in count()? {
        writeln!(text, "{name} {instructions}")?;
    }
    print!("{text}");
    Ok(fs::write(baseline(), text)?)
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.txt")
}

/// The instructions of each work, and the nanoseconds it takes when nobody counts.
fn count() -> Result<Vec<(&'static str, u64, u128)>, Failure> {
    let mut counted = Vec::new();
    for (name, prepare) in WORK {
        let several = instructions(name, 1 + TIMES)?;
        let single = instructions(name, 1)?;
        let mut once = prepare();
        let quickest = (0..=TIMES).map(|_| {
            let started = Instant::now();
            once();
            started.elapsed().as_nanos()
        });
        let quickest = quickest.min().unwrap_or_default();
        counted.push((*name, several.saturating_sub(single) / TIMES, quickest));
    }
    Ok(counted)
}

/// The instructions of a process that does a work so many times.
fn instructions(name: &str, times: u64) -> Result<u64, Failure> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let out = folder
        .with_file_name("bench")
        .join(format!("callgrind.{name}"));
    fs::create_dir_all(out.parent().ok_or("a folder")?)?;
    // One processor, so that threads change nothing.
    let done = Command::new("taskset")
        .args(["--cpu-list", "0", "valgrind", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(["--work", name, &times.to_string()])
        .output()
        .map_err(|error| format!("taskset could not be started: {error}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if done.status.success() => Ok(count.trim().parse()?),
        _ => Err(
            format!("{name} could not be counted, for which valgrind is needed:\n{said}").into(),
        ),
    }
}
