//! The faults, their names and how often each strikes.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Error;

/// Something that goes wrong with real portals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Too many requests, with a short `Retry-After`.
    TooManyRequests,
    /// The quota of the day is spent: the documented body, with a `reset_time` hours away.
    QuotaSpent,
    /// Service unavailable.
    Unavailable,
    /// The connection is dropped in the middle of the records.
    Reset,
    /// The first byte is late.
    Slow,
    /// The records stop midway, and the portal's own words about it follow.
    Truncated,
    /// The records stop in the middle of one, and the answer ends as if it were whole.
    Cut,
    /// A field of amounts is renamed.
    Schema,
    /// Each record has a field more.
    ExtraField,
    /// The metadata and the pages announce more records than there are.
    WrongCount,
    /// The metadata announce fewer records than there are; the pages are right.
    StaleCount,
    /// The dataset has no records.
    Empty,
    /// One amount in three is the text `n/a`.
    Garbage,
    /// Lines that are not records stand among the exported records.
    GarbageLines,
    /// A maintenance page, with status 200.
    Html,
    /// The dataset is published again after each answer that holds records.
    Republished,
    /// Each request is sent to another address first.
    Redirect,
    /// The portal has no exports.
    NoExports,
    /// Records come in another order each time, unless an order is asked for.
    UnstableOrder,
    /// Exported records never end: they begin again after the last.
    Endless,
    /// Exported records come byte by byte, each after the wait of a slow portal.
    Drip,
    /// The publisher has a name of a million letters.
    HugeMetadata,
    /// The dataset has five thousand fields more.
    ManyFields,
    /// Each request is sent to a host that is not the portal's: this machine, at a port where nothing of it is.
    Away,
}

impl Fault {
    /// Every fault, in the order of the help.
    pub const ALL: [Self; 24] = [
        Self::TooManyRequests,
        Self::QuotaSpent,
        Self::Unavailable,
        Self::Reset,
        Self::Slow,
        Self::Truncated,
        Self::Cut,
        Self::Schema,
        Self::ExtraField,
        Self::WrongCount,
        Self::StaleCount,
        Self::Empty,
        Self::Garbage,
        Self::GarbageLines,
        Self::Html,
        Self::Republished,
        Self::Redirect,
        Self::NoExports,
        Self::UnstableOrder,
        Self::Endless,
        Self::Drip,
        Self::HugeMetadata,
        Self::ManyFields,
        Self::Away,
    ];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooManyRequests => "429",
            Self::QuotaSpent => "429-quota",
            Self::Unavailable => "503",
            Self::Reset => "reset",
            Self::Slow => "slow",
            Self::Truncated => "truncated",
            Self::Cut => "cut",
            Self::Schema => "schema",
            Self::ExtraField => "extra-field",
            Self::WrongCount => "wrong-count",
            Self::StaleCount => "stale-count",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
            Self::GarbageLines => "garbage-lines",
            Self::Html => "html",
            Self::Republished => "republished",
            Self::Redirect => "redirect",
            Self::NoExports => "no-exports",
            Self::UnstableOrder => "unstable-order",
            Self::Endless => "endless",
            Self::Drip => "drip",
            Self::HugeMetadata => "huge-metadata",
            Self::ManyFields => "many-fields",
            Self::Away => "away",
        }
    }

    /// One line of help.
    pub const fn description(self) -> &'static str {
        match self {
            Self::TooManyRequests => "too many requests (429), come back in a moment",
            Self::QuotaSpent => "the quota of the day is spent (429), come back in hours",
            Self::Unavailable => "service unavailable (503)",
            Self::Reset => "the connection drops in the middle of the records",
            Self::Slow => "the first byte comes late",
            Self::Truncated => "the records stop midway, and the portal says so after them",
            Self::Cut => "the records stop midway, and nothing says so",
            Self::Schema => "a field of amounts has another name",
            Self::ExtraField => "each record has a field more",
            Self::WrongCount => "more records are announced than there are",
            Self::StaleCount => "the metadata announce the number of records of yesterday",
            Self::Empty => "the dataset has no records",
            Self::Garbage => "one amount in three is the text n/a",
            Self::GarbageLines => "lines that are not records stand among exported records",
            Self::Html => "a maintenance page instead of data, with status 200",
            Self::Republished => "the dataset is published again after each answer with records",
            Self::Redirect => "each request is sent to another address first",
            Self::NoExports => "the portal has no exports (404)",
            Self::UnstableOrder => {
                "records come in another order each time, unless one is asked for"
            }
            Self::Endless => "exported records never end",
            Self::Drip => "exported records come byte by byte, without end",
            Self::HugeMetadata => "the publisher's name has a million letters",
            Self::ManyFields => "the dataset has five thousand fields more",
            Self::Away => "each request is sent to another host, which is this machine",
        }
    }

    /// How often it strikes when nothing is said: twice for what passes by itself.
    pub const fn default_times(self) -> Times {
        match self {
            Self::TooManyRequests
            | Self::Unavailable
            | Self::Reset
            | Self::Slow
            | Self::Truncated
            | Self::Cut
            | Self::Html => Times::Count(2),
            Self::QuotaSpent
            | Self::Schema
            | Self::ExtraField
            | Self::WrongCount
            | Self::StaleCount
            | Self::Empty
            | Self::Garbage
            | Self::GarbageLines
            | Self::Republished
            | Self::Redirect
            | Self::NoExports
            | Self::UnstableOrder
            | Self::Endless
            | Self::Drip
            | Self::HugeMetadata
            | Self::ManyFields
            | Self::Away => Times::Always,
        }
    }

    /// This fault, so many times and then no more.
    #[must_use]
    pub const fn times(self, count: u32) -> Injection {
        Injection {
            fault: self,
            times: Times::Count(count),
        }
    }

    /// This fault, each time.
    #[must_use]
    pub const fn always(self) -> Injection {
        Injection {
            fault: self,
            times: Times::Always,
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| Error::UnknownFault {
                name: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// So many times, and then no more.
    Count(u32),
    /// Each time.
    Always,
}

/// A fault, and how often it strikes. Read from `name`, `name=always` or `name=3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injection {
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub times: Times,
}

impl From<Fault> for Injection {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            times: fault.default_times(),
        }
    }
}

impl FromStr for Injection {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let Some((name, times)) = text.split_once('=') else {
            return text.parse::<Fault>().map(Self::from);
        };
        let fault: Fault = name.parse()?;
        let times = match times {
            "always" => Times::Always,
            count => Times::Count(count.parse().map_err(|_invalid| Error::InvalidTimes {
                times: count.to_owned(),
            })?),
        };
        Ok(Self { fault, times })
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.times {
            Times::Count(count) => write!(f, "{}={count}", self.fault),
            Times::Always => write!(f, "{}=always", self.fault),
        }
    }
}

/// The faults of a running simulator, counted down as they strike.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, Option<AtomicU32>)>);

impl Faults {
    pub(crate) fn new(injections: &[Injection]) -> Self {
        let armed = injections.iter().map(|injection| match injection.times {
            Times::Count(count) => (injection.fault, Some(AtomicU32::new(count))),
            Times::Always => (injection.fault, None),
        });
        Self(armed.collect())
    }

    /// Whether a fault strikes now. Takes one of its times.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let struck =
            self.0
                .iter()
                .filter(|(other, _)| *other == fault)
                .any(|(_, left)| match left {
                    None => true,
                    Some(left) => left
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                        .is_ok(),
                });
        if struck {
            tracing::debug!(%fault, "fault");
        }
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_by_name_and_times() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse::<Fault>().unwrap(), fault);
            assert!(!fault.description().is_empty());
            for injection in [fault.into(), fault.times(3), fault.always()] {
                let text = injection.to_string();
                assert_eq!(text.parse::<Injection>().unwrap(), injection, "{text}");
            }
            assert_eq!(
                fault.name().parse::<Injection>().unwrap(),
                Injection::from(fault)
            );
        }
    }

    #[test]
    fn what_is_not_a_fault_is_refused_with_the_list() {
        let error = "gremlin".parse::<Injection>().unwrap_err().to_string();
        assert!(
            error.contains("gremlin") && error.contains("429-quota"),
            "{error}"
        );
        for text in ["cut=", "cut=often", "cut=-1"] {
            assert!(text.parse::<Injection>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_counted_fault_strikes_so_often_and_no_more() {
        let faults = Faults::new(&[Fault::Cut.times(2), Fault::Html.always()]);
        let cut: Vec<bool> = (0..4).map(|_| faults.strikes(Fault::Cut)).collect();
        assert_eq!(cut, [true, true, false, false]);
        assert!((0..4).all(|_| faults.strikes(Fault::Html)));
        assert!(!faults.strikes(Fault::Reset));
    }
}
