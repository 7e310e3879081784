//! A process that is killed at any point leaves the published revision whole.

mod common;

use std::num::NonZero;
use std::thread;
use std::time::Instant;

use common::{Place, sqlite, stderr};

/// How often the program is killed.
const TIMES: u32 = 50;

#[test]
fn a_killed_run_loses_nothing_and_the_next_one_succeeds() {
    // Rounds wait for programs: each processor works on some of them, with a database of its own.
    let hands = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for hand in 0..hands {
            scope.spawn(move || kill_and_look((0..TIMES).skip(hand).step_by(hands)));
        }
    });
}

/// Kills the program once each round, and looks at what is left.
fn kill_and_look(rounds: impl Iterator<Item = u32>) {
    let place = Place::new();
    let published_in = database(&place, "centime.db");
    let run = ["run", "--sample", "--quiet", "--database", &published_in];
    let reconciliation = reconciliation_of(&published_in);
    let start = Instant::now();
    assert!(place.output(&run).status.success());
    let whole = start.elapsed();
    let published = place.stdout(&reconciliation);

    for (position, round) in rounds.enumerate() {
        // A database of its own each second time, so that first publications are killed too.
        let target = if position % 2 == 0 {
            published_in.clone()
        } else {
            database(&place, &format!("{round}.db"))
        };
        // Sources differ each round, or the run would find that nothing has changed.
        let portal = place.start(&[
            "portal-sim",
            "--listen",
            "127.0.0.1:0",
            "--data",
            &place.changed_edition(round),
        ]);
        let run = [
            "run",
            "--quiet",
            "--portal",
            &portal.address,
            "--database",
            &target,
        ];
        // Between a run's beginning and a little after its end, at points that never repeat.
        let moment = whole * (round * 37 % TIMES) * 6 / (TIMES * 5);
        let mut child = place.centime(&run).spawn().expect("the program starts");
        thread::sleep(moment);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");

        assert_eq!(place.stdout(&reconciliation), published, "round {round}");
        let again = place.output(&run);
        assert!(again.status.success(), "round {round}: {}", stderr(&again));
        let after = place.stdout(&reconciliation_of(&target));
        assert_eq!(after, published, "round {round}");
    }
}

/// The command that prints what a database has published.
fn reconciliation_of(database: &str) -> [&str; 7] {
    [
        "analyse",
        "reconciliation",
        "--format",
        "json",
        "--quiet",
        "--database",
        database,
    ]
}

/// An empty database on the engine that is tested.
fn database(place: &Place, name: &str) -> String {
    if centime_test_database::on_postgres() {
        centime_test_database::fresh_postgres()
    } else {
        sqlite(&place.path(name))
    }
}
