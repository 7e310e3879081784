//! What a request asks for, and how it is answered.

pub mod absent;
pub mod account_address;
pub mod basis;
pub mod context;
pub mod crawling;
pub mod dashboard_query;
pub mod lines_query;
pub mod page_error;
pub mod parameters;
pub mod paths;
pub mod reply;
mod sample;
pub mod statement_address;
pub mod statement_form;
pub mod tokens;
