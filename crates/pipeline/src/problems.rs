//! What cannot be read of the records, told together at the end.

use crate::{Error, Problem};

/// How many problems are told; the others are counted.
const PROBLEMS_TOLD: usize = 20;

/// The problems of a run: the first are kept, all are counted.
#[derive(Debug, Default)]
pub struct Problems {
    told: Vec<Problem>,
    more: u64,
}

impl Problems {
    /// Adds a problem that is not told already.
    pub fn add(&mut self, problem: Problem) {
        if self.told.contains(&problem) {
            return;
        }
        if self.told.len() < PROBLEMS_TOLD {
            self.told.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Adds those of another.
    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        for problem in other.told {
            self.add(problem);
        }
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.told.is_empty()
    }

    /// Fails with all of them, in the order of their records.
    pub fn into_result(mut self) -> Result<(), Error> {
        self.told.sort_by_key(|problem| problem.record);
        if self.any() {
            Err(Error::Records {
                problems: self.told,
                more: self.more,
            })
        } else {
            Ok(())
        }
    }
}
