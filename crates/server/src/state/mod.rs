//! What is published, as it is held in memory.

pub mod report_service;
pub mod response_cache;
pub mod site;
pub mod snapshot;
pub mod sql;
pub mod streams;
pub mod view_query;
