//! Account balances of the DGFiP (*balances comptables*): a table with a row for each account of each budget and year,
//! or for each account and function, as exported from the portal or attached to it as a file.
//!
//! Each row is held against its own identity as it is read: an account closes with what it opened with and what moved
//! it. Rows of budgets that are not asked for are skipped unread, so that one body is taken out of the file of a whole
//! country in the memory that its own accounts take.
//!
//! | module | knows |
//! |---|---|
//! | `columns` | what each column was called in which year |
//! | `row` | the values of a row |
//! | `wanted` | which bodies are taken |
//! | `budget` | the rows of a budget's year, as a document |

mod budget;
mod columns;
mod row;
mod wanted;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Read;

use crate::document::Document;
use crate::error::{Error, Problem};
use crate::limits::Limits;
use crate::table::Rows;
use crate::text::Text;
use budget::{Gathered, Key};

pub use columns::{Column, Columns};
pub use row::{AccountLine, codes};
pub use wanted::{Named, Wanted};

/// How many rows are held: more than the accounts of a département's communes in ten years, and less than those of a
/// country.
const MAX_HELD: usize = 1_000_000;

/// Reads a table: a document for each year of each budget that is wanted, one after the other.
pub fn read<R: Read>(
    text: Text<R>,
    file: &str,
    limits: &Limits,
    wanted: &Wanted,
) -> Result<Vec<Document>, Error> {
    let mut gatherer = Gatherer::default();
    each_row(text, file, limits, wanted, &mut |line| gatherer.add(line))?;
    // A body that is not in this table may be in another.
    if gatherer.is_empty() && wanted.is_all() {
        let what = "no row has an account and amounts".to_owned();
        return Err(Error::whole(file, Problem::NoLines(what)));
    }
    gatherer.documents(file)
}

/// Rows brought together by budget and year.
#[derive(Debug, Default)]
pub struct Gatherer {
    budgets: BTreeMap<Key, Gathered>,
    held: usize,
}

impl Gatherer {
    /// Adds a row.
    ///
    /// # Errors
    ///
    /// When it repeats one that is there, is of another chart of accounts than the rest of its year, or is one too many.
    pub fn add(&mut self, line: AccountLine) -> Result<(), Problem> {
        self.held += 1;
        if self.held > MAX_HELD {
            return Err(Problem::TooManyBudgets(MAX_HELD));
        }
        match self.budgets.entry(Key::of(&line)) {
            Entry::Occupied(found) => found.into_mut().add(line),
            Entry::Vacant(place) => place.insert(Gathered::new(&line)).add(line),
        }
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.budgets.is_empty()
    }

    /// A document for each year of each budget, in the order of budgets and years; the final balance of a year alone
    /// where there is one.
    ///
    /// # Errors
    ///
    /// When accounts of a year cannot be added up.
    pub fn documents(mut self, file: &str) -> Result<Vec<Document>, Error> {
        budget::without_provisional_of_final(&mut self.budgets);
        let budgets = self.budgets.into_iter();
        budgets
            .map(|(key, gathered)| gathered.document(key, file))
            .collect()
    }
}

/// Hands over the rows of the bodies that are wanted, in the order of the table; others are skipped.
///
/// # Errors
///
/// When the table cannot be read, or a row is none or does not close with what moved it; and what `taken` refuses. The
/// line is said.
pub fn each_row<R: Read>(
    text: Text<R>,
    file: &str,
    limits: &Limits,
    wanted: &Wanted,
    taken: &mut dyn FnMut(AccountLine) -> Result<(), Problem>,
) -> Result<(), Error> {
    let mut rows = Rows::new(text, file)?;
    let mut row = rows.header()?;
    let columns = Columns::find(row.iter()).map_err(|problem| Error::of(file, 1, problem))?;
    let mut choice = wanted.choice();
    let mut lines = 0_u64;
    while let Some(line) = rows.read(&mut row)? {
        lines += 1;
        let at = |problem| Error::of(file, line, problem);
        if lines > limits.lines {
            return Err(at(Problem::TooMuch(format!("{} lines", limits.lines))));
        }
        let value = |column: Column| columns.place(column).and_then(|place| row.get(place));
        if !choice.takes(&value) {
            continue;
        }
        let read = AccountLine::read(&value, line).map_err(at)?;
        taken(read).map_err(at)?;
    }
    Ok(())
}
