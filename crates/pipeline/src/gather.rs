//! The records of a public body brought together, in bounded memory.
//!
//! A portal is asked for records in the order of the bodies. One that sends them in another order
//! is understood all the same as long as everything fits; then the bodies whose records came
//! longest ago are taken for complete.

use std::collections::HashMap;

use centime_accounts::Budget;
use centime_warehouse::staging::NewProfile;

use crate::error::Error;
use crate::repeats::ValueHash;
use crate::row::Row;
use crate::validate::Profile;

/// How many bytes of rows are held while their bodies may get more.
const MAX_HELD_BYTES: usize = 12 << 20;

/// How many bytes are let go at a time: few, so that those who write are never without work for long.
const RELEASED_BYTES: usize = MAX_HELD_BYTES / 16;

/// How many bytes the rows of a single body may take.
const MAX_BODY_BYTES: usize = 64 << 20;

/// The rows of a body so far.
#[derive(Debug)]
pub struct Group<T> {
    /// The SIREN number, or the SIRET number of a budget; empty when not known.
    pub siren: String,
    /// The name that its first record gives.
    pub name: Option<String>,
    /// What the budget is beside the others, as its first record that says so does.
    pub budget: Option<Budget>,
    /// What else is known of the body, as its first record that says any of it does.
    pub profile: NewProfile,
    /// The rows, in the order received.
    pub rows: Vec<T>,
    /// What each row says in the fields that may tell rows apart, one row after the other.
    pub hashes: Vec<ValueHash>,
    size: usize,
    touched: u64,
}

/// What a record says of its body, and in the fields that may tell rows apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordInfo<'a> {
    pub name: Option<&'a str>,
    pub budget: Option<Budget>,
    pub profile: Profile<'a>,
    pub hashes: &'a [ValueHash],
}

/// Bodies whose rows are still coming.
#[derive(Debug)]
pub struct BodyGatherer<T> {
    open: HashMap<String, Group<T>>,
    /// Those that are complete, with their first record.
    closed: HashMap<String, i64>,
    held: usize,
    clock: u64,
    dataset: String,
}

impl<T: Row> BodyGatherer<T> {
    pub fn new(dataset: &str) -> Self {
        Self {
            open: HashMap::new(),
            closed: HashMap::new(),
            held: 0,
            clock: 0,
            dataset: dataset.to_owned(),
        }
    }

    /// Adds a row of a body.
    pub fn add(&mut self, siren: &str, info: RecordInfo<'_>, row: T) -> Result<(), Error> {
        self.clock += 1;
        let size = row.size() + size_of_val(info.hashes);
        if !self.open.contains_key(siren) {
            if self.closed.contains_key(siren) {
                return Err(Error::Scattered {
                    dataset: self.dataset.clone(),
                    siren: siren.to_owned(),
                });
            }
            let group = Group {
                siren: siren.to_owned(),
                name: None,
                budget: None,
                profile: NewProfile::default(),
                rows: Vec::new(),
                hashes: Vec::new(),
                size: 0,
                touched: 0,
            };
            self.open.insert(siren.to_owned(), group);
        }
        let group = self
            .open
            .get_mut(siren)
            .expect("it is there or was just put there");
        if group.name.is_none() {
            group.name = info.name.map(str::to_owned);
        }
        group.budget = group.budget.or(info.budget);
        complete(&mut group.profile, info.profile);
        group.hashes.extend_from_slice(info.hashes);
        group.rows.push(row);
        group.size += size;
        group.touched = self.clock;
        self.held += size;
        if group.size > MAX_BODY_BYTES {
            return Err(Error::TooLarge {
                dataset: self.dataset.clone(),
                siren: siren.to_owned(),
                megabytes: MAX_BODY_BYTES >> 20,
            });
        }
        Ok(())
    }

    /// The bodies taken for complete because others need their room.
    pub fn ready(&mut self) -> Vec<Group<T>> {
        if self.held <= MAX_HELD_BYTES || self.open.len() < 2 {
            return Vec::new();
        }
        let mut ages: Vec<(u64, &String)> = self
            .open
            .values()
            .map(|group| (group.touched, &group.siren))
            .collect();
        ages.sort_unstable();
        // The latest is still coming.
        ages.pop();
        let mut room = self.held;
        let mut done = Vec::new();
        for (_, siren) in ages {
            if room <= MAX_HELD_BYTES - RELEASED_BYTES {
                break;
            }
            room -= self.open[siren].size;
            done.push(siren.clone());
        }
        self.close(&done)
    }

    /// All bodies, after the last record.
    pub fn rest(&mut self) -> Vec<Group<T>> {
        let mut sirens: Vec<String> = self.open.keys().cloned().collect();
        sirens.sort_unstable();
        self.close(&sirens)
    }

    /// The numbers of all bodies that are complete, each with its first record.
    pub fn into_bodies(self) -> HashMap<String, i64> {
        self.closed
    }

    fn close(&mut self, sirens: &[String]) -> Vec<Group<T>> {
        let mut groups = Vec::with_capacity(sirens.len());
        for siren in sirens {
            if let Some(group) = self.open.remove(siren) {
                self.held -= group.size;
                let first = group.rows.iter().map(Row::record).min();
                self.closed.insert(siren.clone(), first.unwrap_or_default());
                groups.push(group);
            }
        }
        groups
    }
}

/// Adds what is not known yet.
fn complete(known: &mut NewProfile, said: Profile<'_>) {
    known.kind = known.kind.or(said.kind);
    if known.insee.is_none() {
        known.insee = said.insee.map(str::to_owned);
    }
    if known.departement.is_none() {
        known.departement = said.departement.map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::{BalanceRow, FiscalYear};

    use super::*;

    fn row(size: usize) -> BalanceRow {
        BalanceRow {
            record: 1,
            year: FiscalYear::parse("2020").unwrap(),
            side: String::new(),
            category: String::new(),
            label: "x".repeat(size),
            gross: None,
            depreciation: None,
            net: None,
        }
    }

    #[test]
    fn what_fits_may_come_in_any_order() {
        let mut gatherer = BodyGatherer::new("d");
        for siren in ["b", "a", "b", "a"] {
            let name = (siren == "a").then_some("A");
            let info = RecordInfo {
                name,
                ..RecordInfo::default()
            };
            gatherer.add(siren, info, row(10)).unwrap();
            assert!(gatherer.ready().is_empty());
        }
        let groups = gatherer.rest();
        let found: Vec<_> = groups.iter().map(|g| (&*g.siren, g.rows.len())).collect();
        assert_eq!(found, [("a", 2), ("b", 2)]);
        assert_eq!(groups[0].name.as_deref(), Some("A"));
    }

    #[test]
    fn what_does_not_fit_leaves_and_may_not_come_back() {
        let mut gatherer = BodyGatherer::new("d");
        for siren in ["a", "b", "c"] {
            gatherer
                .add(siren, RecordInfo::default(), row(MAX_HELD_BYTES / 2))
                .unwrap();
        }
        let left: Vec<String> = gatherer.ready().into_iter().map(|g| g.siren).collect();
        assert_eq!(left, ["a", "b"]);
        gatherer.add("c", RecordInfo::default(), row(1)).unwrap();
        let error = gatherer
            .add("a", RecordInfo::default(), row(1))
            .unwrap_err();
        assert!(matches!(error, Error::Scattered { .. }), "{error}");
    }

    #[test]
    fn no_body_fills_the_memory() {
        let mut gatherer = BodyGatherer::new("d");
        let error = gatherer
            .add("a", RecordInfo::default(), row(MAX_BODY_BYTES))
            .unwrap_err();
        assert!(error.to_string().contains("64"), "{error}");
    }
}
