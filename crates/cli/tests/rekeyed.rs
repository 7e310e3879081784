//! A change of key that is killed at any point leaves a database that opens with one of the two keys.
#![cfg(feature = "encryption")]

use std::time::Instant;

use crate::common::{Place, sqlite, stderr};

/// How often the program is killed.
const TIMES: u32 = 40;

const KEY: &str = "CENTIME_DATABASE_KEY";

#[test]
fn a_killed_change_of_key_leaves_the_old_key_or_the_new_one() {
    let place = Place::new();
    let database = sqlite(&place.path("centime.db"));
    let keys = ["a", "b"].map(|digit| digit.repeat(64));
    for (name, key) in ["a", "b"].into_iter().zip(&keys) {
        std::fs::write(place.path(name), key).expect("a file");
    }
    let with = |args: &[&str], key: usize| {
        let mut command = place.centime(args);
        command.args(["--database", &database]).env(KEY, &keys[key]);
        command
    };
    let output = |args: &[&str], key: usize| with(args, key).output().expect("it starts");
    let analyse = ["analyse", "reconciliation", "--format", "csv"];
    let run = output(&["run", "--sample", "--quiet"], 0);
    assert!(run.status.success(), "{}", stderr(&run));
    let figures = output(&analyse, 0).stdout;
    assert!(!figures.is_empty());

    let files = ["a", "b"].map(|name| place.path(name).display().to_string());
    let rekey = |to: usize| ["db", "rekey", "--quiet", "--new-key-file", &files[to]];
    let start = Instant::now();
    let changed = output(&rekey(1), 0);
    assert!(changed.status.success(), "{}", stderr(&changed));
    let whole = start.elapsed();
    let mut now = 1;
    let mut changes = 0;
    for round in 0..TIMES {
        let mut child = with(&rekey(1 - now), now)
            .spawn()
            .expect("the program starts");
        // Half of them after about as long as it took, so that on a busy machine some end, too.
        std::thread::sleep(whole * (round * 17 % TIMES) * 2 / TIMES);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let found = [0, 1].map(|key| output(&analyse, key).stdout == figures);
        assert_ne!(found[0], found[1], "round {round}: {found:?}");
        changes += u32::from(!found[now]);
        now = usize::from(found[1]);
    }
    // Some were killed before and some after.
    assert!(changes > 0 && changes < TIMES, "{changes}");
}
