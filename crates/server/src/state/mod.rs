//! What is published, as it is held in memory.

mod held_bodies;
mod reading;
pub mod report_service;
mod resolve;
pub mod resolved_view;
pub mod response_cache;
pub mod site;
pub mod snapshot;
pub mod sql;
pub mod streams;
pub mod view_query;
