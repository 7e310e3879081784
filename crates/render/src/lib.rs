//! Numbers, tables and charts as text, CSV, JSON and SVG, in French and English.
//!
//! | module | makes |
//! |---|---|
//! | [`locale`] | the words of the product, from `locales/*.toml` |
//! | [`mod@format`] | amounts, rates, counts and dates as people write them |
//! | [`json`] | tables and lines for programs |
//! | [`csv`] | tables and lines for spreadsheets |
//! | [`text`] | tables for a terminal |
//! | [`charts`] | what each chart shows of a table |
//! | [`draw`] | charts as pictures |
//! | [`dashboard`] | which charts and tables show a statement, and which view of it |
//! | [`label`] | labels of the data as tables show them |
//! | [`link`] | addresses within the site |
//!
//! Everything here is a function of its arguments only: no SQL, no HTTP.

pub mod charts;
pub mod csv;
pub mod dashboard;
pub mod draw;
pub mod format;
pub mod json;
pub mod label;
pub mod link;
pub mod locale;
pub mod text;

mod lines;

pub use locale::Locale;
