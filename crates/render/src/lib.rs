//! Numbers, tables and charts as texts, files and pictures, in French and English.
//!
//! | module | makes |
//! |---|---|
//! | [`locale`] | the words of the product, from `locales/*.toml` |
//! | [`mod@format`] | amounts, rates, counts and dates as people write them |
//! | [`formats`] | the forms in which tables and charts can be kept |
//! | [`json`], [`csv`], [`xlsx`], [`mod@parquet`] | tables in one form each |
//! | [`rows`] | rows as they come, in each form that can begin before all are there |
//! | [`answer`] | what a statement of a reader gave |
//! | [`source`] | where rows come from |
//! | [`identity`] | what official publications always say of their figures |
//! | [`text`] | tables for a terminal |
//! | [`outcome`] | the result of a year in a sentence or two |
//! | [`charts`] | what each chart shows of a table |
//! | [`draw`] | charts as pictures |
//! | [`dashboard`] | which charts and tables show a statement, and which view of it |
//! | [`report`] | what the report says |
//! | [`doubts`] | doubts about figures, beside them |
//! | [`label`] | labels of the data as tables show them |
//! | [`link`] | addresses within the site |
//!
//! Everything here is a function of its arguments only: no SQL, no HTTP.

pub mod answer;
pub mod charts;
pub mod csv;
pub mod dashboard;
pub mod doubts;
pub mod draw;
pub mod format;
pub mod formats;
pub mod identity;
pub mod json;
pub mod label;
pub mod link;
pub mod locale;
pub mod outcome;
pub mod parquet;
pub mod report;
pub mod rows;
pub mod source;
pub mod text;
pub mod xlsx;

pub use locale::Locale;
