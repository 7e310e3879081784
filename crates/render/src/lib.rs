//! Numbers, tables and charts as texts, files and pictures, in French and English.
//!
//! Modules may import those above them in this table, never those below:
//!
//! | module | makes | changes with |
//! |---|---|---|
//! | [`language`] | words, numbers, dates and labels | a language |
//! | [`statement`] | figures of the income statement in a unit, and as a small drawing | a unit |
//! | [`indicators`] | names, formulas and values of indicators in words | what is said of an indicator |
//! | [`inhabitants`] | amounts for each inhabitant in words | how they are said |
//! | [`link`] | addresses within the site | the form of addresses |
//! | [`glossary`] | what the words of the product mean | a word |
//! | [`provenance`] | where figures come from, and what casts doubt on them | what has to be stated of figures |
//! | [`draw`] | charts as pictures | how a chart looks |
//! | [`charts`] | what each chart shows of a table | what is shown |
//! | [`export`] | tables and charts as files | a file format |
//! | [`dashboard`] | the charts and tables that show a statement, and the view that is requested | the dashboard |
//! | [`report`] | the contents of the report | the report |
//!
//! Everything here is a function of its arguments only: no SQL, no HTTP.

pub mod charts;
pub mod dashboard;
pub mod draw;
pub mod export;
pub mod glossary;
pub mod indicators;
pub mod inhabitants;
pub mod language;
pub mod link;
pub mod provenance;
pub mod report;
pub mod statement;

pub use language::locale::Locale;
