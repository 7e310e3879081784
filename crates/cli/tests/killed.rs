//! A process that is killed at any point leaves the published revision whole.

use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Place, sqlite, stderr};
use centime_test_database::{on_cluster, on_postgres, shared};

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

/// Roles are those of the server, which all hands share.
static ROLES: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// What somebody with SQL of their own sees of what is published, and what they are not to see.
struct Reader {
    database: String,
}

impl Reader {
    /// None where everybody who may read the file reads all of it.
    fn of(place: &Place, address: &str) -> Option<Self> {
        if !on_postgres() || on_cluster() {
            return None;
        }
        let one_at_a_time = ROLES.lock().expect("the others made roles");
        place.stdout(&["db", "roles", "--quiet", "--database", address]);
        drop(one_at_a_time);
        let (_, database) = address.rsplit_once('/').expect("a database");
        let database = database.to_owned();
        Some(Self { database })
    }

    fn seen(&self) -> String {
        let seen = "SELECT (SELECT COUNT(*) FROM body), (SELECT COUNT(*) FROM statement_line),
            (SELECT COUNT(*) FROM raw_record), (SELECT SUM(result_eur) FROM yearly_result),
            (SELECT SUM(counted_amount) FROM statement_line), (SELECT COUNT(*) FROM run WHERE is_current)";
        let seen = shared().try_sql("centime_reader", &self.database, seen);
        seen.expect("an answer at any time")
    }

    /// Looks until it is told to stop.
    fn watch(&self, stop: &AtomicBool) -> usize {
        let expected = self.seen();
        let mut looked = 0;
        while !stop.load(Ordering::Relaxed) {
            assert_eq!(self.seen(), expected);
            for table in [
                "core.line",
                "slice.line",
                "mart.yearly_result",
                "raw.record",
                "ops.revision",
            ] {
                let read = format!("SELECT COUNT(*) FROM {table}");
                let refusal = shared().try_sql("centime_reader", &self.database, &read);
                let refusal = refusal.expect_err(table);
                assert!(refusal.contains("permission denied"), "{refusal}");
            }
            looked += 1;
        }
        looked
    }
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

    let reader = Reader::of(&place, &published_in);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let watching = reader
            .as_ref()
            .map(|reader| scope.spawn(|| reader.watch(&stop)));
        let killing = panic::catch_unwind(AssertUnwindSafe(|| {
            kill_each(&place, rounds, &published_in, &published, whole);
        }));
        stop.store(true, Ordering::Relaxed);
        if let Some(watching) = watching {
            assert!(watching.join().expect("a reader without surprise") > 0);
        }
        if let Err(failure) = killing {
            panic::resume_unwind(failure);
        }
    });
}

/// Kills runs on a database that has something published, and on new ones.
fn kill_each(
    place: &Place,
    rounds: impl Iterator<Item = u32>,
    published_in: &str,
    published: &str,
    whole: Duration,
) {
    let reconciliation = reconciliation_of(published_in);
    for (position, round) in rounds.enumerate() {
        // A database of its own each second time, so that first publications are killed too.
        let target = if position % 2 == 0 {
            published_in.to_owned()
        } else {
            database(place, &format!("{round}.db"))
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
