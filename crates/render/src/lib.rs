//! Numbers, tables and charts as text, CSV, JSON and SVG, in French and English.
//!
//! | module | makes |
//! |---|---|
//! | [`locale`] | the words of the product, from `locales/*.toml` |
//! | [`mod@format`] | amounts, rates, counts and dates as people write them |
//! | [`json`] | tables and lines for programs |
//! | [`csv`] | tables and lines for spreadsheets |
//! | [`text`] | tables for a terminal |
//! | [`chart`] | drawings of analyses as SVG |
//!
//! Everything here is a pure function of its arguments: no SQL, no HTTP, no clock.

pub mod chart;
pub mod csv;
pub mod format;
pub mod json;
pub mod locale;
pub mod text;

mod lines;

pub use chart::Drawing;
pub use locale::Locale;
