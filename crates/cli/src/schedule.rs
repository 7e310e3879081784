//! When `centime up` runs: at regular times, and after a failure sooner. Times are seconds of the wall clock, so
//! that a machine that was suspended catches up.

use centime_pipeline::Error as RunError;
use centime_warehouse::Error as DatabaseError;
use centime_warehouse::revision::Cause;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// How much chance is added to a wait, at most: so that sites that failed together do not come back together.
const MAX_CHANCE: u32 = 1000;

/// How a run ended, as far as the time of the next one follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It published, or found that nothing had changed.
    Well,
    /// Something was away that may come back: the portal, the network, the database.
    Away {
        /// Until when the portal says that it is closed, or takes no more requests.
        until: Option<i64>,
    },
    /// What the portal has is refused, or a setting is wrong: the same again until it is changed.
    Refused,
}

impl Ended {
    /// How a run that failed ended.
    pub fn of(error: &RunError) -> Self {
        let passes = match error {
            RunError::Source(error) => error.may_pass(),
            RunError::Warehouse(DatabaseError::DiskFull { .. }) => true,
            RunError::Warehouse(error) => error.is_outage(),
            error => error.cause() == Cause::Source,
        };
        if !passes {
            return Self::Refused;
        }
        Self::Away {
            until: match error {
                RunError::Source(error) => error.until().map(jiff::Timestamp::as_second),
                _ => None,
            },
        }
    }
}

/// When to run. Every next time follows from this, how the last run ended, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The time between two regular runs; `None` where one run is enough.
    period: Option<i64>,
    /// The wait after a first failure. It doubles with each that follows.
    retry: i64,
    /// One of the regular times. The others are whole periods away, whenever runs begin and end.
    regular: i64,
    /// How many runs in a row found something away.
    failures: u32,
}

impl Schedule {
    /// A first run at `start`, and the regular ones counted from it.
    pub fn new(period: Option<i64>, retry: i64, start: i64) -> Self {
        Self {
            period: period.map(|period| period.max(1)),
            retry: retry.max(1),
            regular: start,
            failures: 0,
        }
    }

    /// When to run after a run that ended `now`, and from what the time after that follows; no time where there
    /// is nothing more to do. `chance` is any number of thousandths.
    ///
    /// It is after now. It is never later than the next regular time, unless the portal says that it is closed
    /// until later, which is believed for a period or a day, whichever is longer.
    pub fn next(self, ended: Ended, now: i64, chance: u32) -> (Self, Option<i64>) {
        let regular = self.regular_after(now);
        let Ended::Away { until } = ended else {
            let calm = Self {
                failures: 0,
                ..self
            };
            return (calm, regular);
        };
        let longest = self.period.unwrap_or(DAY);
        let delay = self.retry.saturating_mul(1 << self.failures.min(30));
        let spread = |wait: i64| {
            let chance = i64::from(chance.min(MAX_CHANCE));
            wait.min(DAY) * chance / (4 * i64::from(MAX_CHANCE))
        };
        let delay = delay.min(longest);
        let soon = now.saturating_add(delay + spread(delay));
        let next = regular.map_or(soon, |regular| soon.min(regular));
        let closed = until.map_or(now, |until| {
            let believed = now.saturating_add(longest.max(DAY));
            until.saturating_add(spread(self.retry)).min(believed)
        });
        let after = Self {
            failures: self.failures.saturating_add(1),
            ..self
        };
        (after, Some(next.max(closed)))
    }

    /// The first regular time after another time, on whichever side of it the clock was.
    fn regular_after(self, now: i64) -> Option<i64> {
        let period = self.period?;
        let passed = now.saturating_sub(self.regular).div_euclid(period);
        Some(
            self.regular
                .saturating_add((passed + 1).saturating_mul(period)),
        )
    }
}

/// A time that is waited for, by a clock that may be set meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited {
    due: i64,
    seen: i64,
}

impl Awaited {
    /// Waits for a time from now on.
    pub const fn new(due: i64, now: i64) -> Self {
        Self { due, seen: now }
    }

    /// How many seconds are left: none where the clock has passed the time, as after a machine was suspended.
    /// What was still to be waited when the clock is set back is waited from there, and not until the clock
    /// comes to the same time again.
    pub fn left(&mut self, now: i64) -> i64 {
        if now < self.seen {
            self.due = self.due.saturating_sub(self.seen.saturating_sub(now));
        }
        self.seen = now;
        self.due.saturating_sub(now).max(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const AWAY: Ended = Ended::Away { until: None };

    fn endings() -> impl Strategy<Value = Ended> {
        prop_oneof![
            Just(Ended::Well),
            Just(Ended::Refused),
            Just(AWAY),
            any::<i64>().prop_map(|until| Ended::Away { until: Some(until) }),
            (0..4 * DAY).prop_map(|until| Ended::Away { until: Some(until) }),
        ]
    }

    proptest! {
        #[test]
        fn the_next_run_is_after_this_one_and_no_later_than_the_next_regular_time(
            period in MINUTE..30 * DAY,
            retry in 1..2 * DAY,
            start in 0..DAY,
            runs in prop::collection::vec((endings(), 0..2 * DAY, any::<u32>()), 1..40),
        ) {
            let mut schedule = Schedule::new(Some(period), retry, start);
            let mut now = start;
            for (ended, took, chance) in runs {
                now += took;
                let (after, next) = schedule.next(ended, now, chance);
                let next = next.expect("there is always another");
                prop_assert!(next > now);
                let late = |time: i64| time > now + period;
                let asked_for_later = match ended {
                    Ended::Away { until: Some(until) } => late(until.saturating_add(retry)),
                    _ => false,
                };
                prop_assert!(!late(next) || asked_for_later);
                prop_assert!(next <= now + period.max(DAY));
                if let Ended::Away { until: Some(until) } = ended {
                    prop_assert!(next >= until.min(now + period.max(DAY)), "the portal is asked before");
                }
                if !matches!(ended, Ended::Away { .. }) {
                    // Regular times do not drift, however long runs take.
                    prop_assert_eq!((next - start) % period, 0);
                }
                (schedule, now) = (after, next);
            }
        }

        #[test]
        fn waits_grow_while_something_is_away_and_begin_anew_after_it_was_there(
            retry in 1..HOUR,
            chances in prop::collection::vec(0..=MAX_CHANCE, 3..10),
        ) {
            let mut schedule = Schedule::new(None, retry, 0);
            let mut expected = retry;
            for chance in chances {
                let (after, next) = schedule.next(AWAY, 0, chance);
                let wait = next.expect("one more");
                prop_assert!(wait >= expected && wait <= expected + expected / 4);
                schedule = after;
                expected = (2 * expected).min(DAY);
            }
            let (schedule, none) = schedule.next(Ended::Well, 0, 0);
            prop_assert_eq!(none, None, "one run is enough");
            let (_, next) = schedule.next(AWAY, 0, 0);
            prop_assert_eq!(next, Some(retry));
        }

        #[test]
        fn a_clock_that_is_set_never_makes_a_wait_longer(
            wait in 0..30 * DAY,
            steps in prop::collection::vec(-400 * DAY..400 * DAY, 0..20),
        ) {
            let mut awaited = Awaited::new(wait, 0);
            let (mut now, mut left) = (0, wait);
            for step in steps {
                now += step;
                let found = awaited.left(now);
                prop_assert!(found <= left);
                prop_assert_eq!(found, (left - step.max(0)).max(0));
                left = found;
            }
        }
    }

    #[test]
    fn a_portal_that_is_down_for_an_hour_is_asked_again_after_minutes() {
        let mut schedule = Schedule::new(Some(6 * HOUR), 5 * MINUTE, 0);
        let mut now = 0;
        let mut minutes = Vec::new();
        for _ in 0..8 {
            let (after, next) = schedule.next(AWAY, now, 0);
            (schedule, now) = (after, next.expect("one more"));
            minutes.push(now / MINUTE);
        }
        assert_eq!(minutes, [5, 15, 35, 75, 155, 315, 360, 720]);
    }

    #[test]
    fn the_portal_s_word_is_kept_and_what_is_refused_waits_for_the_regular_time() {
        let schedule = Schedule::new(Some(6 * HOUR), 5 * MINUTE, 0);
        let next = |ended| schedule.next(ended, MINUTE, 0).1.expect("one more");
        let until = |until| next(Ended::Away { until: Some(until) });
        assert_eq!(until(3 * HOUR), 3 * HOUR);
        assert_eq!(until(10 * HOUR), 10 * HOUR, "past the regular time");
        assert_eq!(until(2 * MINUTE), 6 * MINUTE, "no faster than by itself");
        assert_eq!(until(0), 6 * MINUTE, "a time that is past says nothing");
        assert_eq!(
            until(i64::MAX),
            MINUTE + DAY,
            "a nonsense is not waited for"
        );
        assert_eq!(next(Ended::Refused), 6 * HOUR);
        let once = Schedule::new(None, 5 * MINUTE, 0);
        assert_eq!(once.next(Ended::Refused, 0, 0).1, None);
    }

    #[test]
    fn what_may_pass_is_told_from_what_stays() {
        use centime_portal::Error as Portal;
        let url = || "https://a/".to_owned();
        let reason = || "x".to_owned();
        let refused = |status| Portal::Refused {
            status,
            url: url(),
            code: None,
            message: None,
        };
        let given_up = |last| Portal::TooManyRetries {
            attempts: 3,
            last: Box::new(last),
        };
        let unreachable = || Portal::Unreachable {
            host: reason(),
            reason: reason(),
        };
        let closed = || Portal::Unavailable {
            status: 503,
            url: url(),
            until: "2026-01-26T00:00:00Z".parse().expect("a time"),
        };
        let until = Some(1_769_385_600);
        for (error, expected) in [
            (unreachable(), AWAY),
            (given_up(unreachable()), AWAY),
            (closed(), Ended::Away { until }),
            (given_up(closed()), Ended::Away { until }),
            (refused(502), AWAY),
            (refused(400), Ended::Refused),
            (given_up(refused(503)), AWAY),
            (
                Portal::UnknownDataset {
                    id: reason(),
                    portal: url(),
                },
                Ended::Refused,
            ),
            (Portal::InvalidApiKey, Ended::Refused),
        ] {
            let error = RunError::Source(error);
            assert_eq!(Ended::of(&error), expected, "{error}");
        }
        let database = || "centime.db".to_owned();
        for (error, expected) in [
            (RunError::Empty { dataset: reason() }, AWAY),
            (RunError::Audit { checks: Vec::new() }, Ended::Refused),
            (
                RunError::Warehouse(DatabaseError::Busy {
                    database: database(),
                }),
                AWAY,
            ),
            (
                RunError::Warehouse(DatabaseError::Newer {
                    database: database(),
                }),
                Ended::Refused,
            ),
        ] {
            assert_eq!(Ended::of(&error), expected, "{error}");
        }
    }
}
