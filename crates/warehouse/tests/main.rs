//! The databases.

mod administrator;
mod encryption;
mod ledger;
mod open;
mod values;
