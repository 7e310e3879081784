//! The national edition: account balances of every local body as the DGFiP publishes them, and aggregates as the OFGL
//! does, of as many invented bodies and years as asked for, made as they are sent.
//!
//! Every figure follows from the seed, the body and the year, so that any record can be made without the others, and
//! the result of each budget's year is known before its accounts are ([`National::results`]). What holds in real
//! balances holds in these: each account closes with what it opened with and what moved it, all closing balances of a
//! budget add up to nothing, order operations do, and the next year opens with what this one closed with.
//!
//! | module | knows |
//! |---|---|
//! | `edition` | how large it is, and which results are known |
//! | `chance` | numbers that follow from other numbers |
//! | `chart` | which accounts a chart has |
//! | `bodies` | the bodies, their numbers, names, inhabitants and budgets |
//! | `books` | what moved each account of a budget in a year |
//! | `cell` | values, and how they are written |
//! | `balances` | the columns and records of account balances, which differ by year |
//! | `aggregates` | the same of aggregates |
//! | `table` | a dataset: its description, and the records of one body |
//! | `answer` | what a request is answered |

mod aggregates;
pub(crate) mod answer;
mod balances;
mod bodies;
mod books;
mod cell;
mod chance;
mod chart;
mod edition;
mod table;

pub use edition::{KnownResult, MOST_BODIES, National};
pub(crate) use table::{Table, all};
