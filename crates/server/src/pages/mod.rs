//! The pages, one module each.

pub mod accounts;
pub mod admin;
pub mod analyses;
pub mod analysis;
pub mod bodies;
pub mod cards;
pub mod chart_view;
pub mod dashboard;
pub mod home;
pub mod indicators;
pub mod line;
pub mod line_accounts;
pub mod lines;
pub mod login;
pub mod message;
pub mod metabase;
pub mod quality;
pub mod report;
pub mod search;
pub mod sql;
pub mod statement;
pub mod statement_line;
pub mod tools;
pub mod view;
pub mod year;
pub mod year_view;
