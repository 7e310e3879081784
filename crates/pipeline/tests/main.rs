//! Runs, from a portal to what is published.

mod accounts;
mod aggregates;
mod balances;
mod cfu;
mod common;
mod differential;
mod documents;
mod faults;
mod forms;
mod marts;
mod national;
mod postgres;
mod published;
mod real_balance_sheet;
mod run;
mod slices;
mod sources;
mod witnesses;
