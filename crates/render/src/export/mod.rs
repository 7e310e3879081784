//! Tables and charts as files.
//!
//! | module | makes |
//! |---|---|
//! | [`json`], [`csv`], [`spreadsheet`], [`xlsx`], [`mod@parquet`] | tables in one format each |
//! | [`words`] | the headings and values of tables for people |
//! | [`formats`] | the formats in which tables and charts are offered |
//! | [`rows`] | streams of rows, in each format that can begin before all rows are there |
//! | [`answer`] | the result of a reader's SQL statement |
//! | [`terminal`] | tables for a terminal |

pub mod answer;
pub mod csv;
pub mod formats;
pub mod json;
pub mod parquet;
pub mod rows;
pub mod spreadsheet;
pub mod statement;
pub mod terminal;
pub mod words;
pub mod xlsx;
