//! The program, as people and scripts use it.

mod balances;
mod cluster;
mod commands;
mod common;
mod deploy;
mod docs;
mod import;
mod killed;
mod metabase;
mod own;
mod rekeyed;
mod report;
mod settings;
mod sources;
mod team;
mod tokens;
mod upkeep;
mod volumes;
mod watched;
