//! A client of the Opendatasoft Explore API v2.1: typed where the API is typed, polite to a portal
//! that is busy, and sceptical of a retrieval that ends too soon.
//!
//! ```no_run
//! # async fn example() -> Result<(), centime_portal::Error> {
//! use centime_portal::{Portal, Via};
//!
//! let portal = Portal::builder("https://opendata.paris.fr").build()?;
//! let dataset = portal.dataset("compte-de-resultat").await?;
//! let mut retrieval = portal.retrieve(&dataset, Via::Auto, &[]).await?;
//! while let Some(record) = retrieval.next().await? {
//!     println!("{}", record.json());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | knows |
//! |---|---|
//! | `address` | what a portal's address looks like, and where its endpoints are |
//! | `http` | one request: headers, timeouts, and what each kind of failure means |
//! | `reach` | which hosts and addresses a portal may lead to |
//! | `limits` | how much is taken before a portal is refused |
//! | `proxy` | which proxy of the environment stands before a portal |
//! | `retry` | how often to ask again, and how long to wait before |
//! | `dataset` | the description of a dataset: fields and metadata |
//! | `record` | a record as published, numbers kept as text |
//! | `page` | catalog and records pages, and the order that makes paging stable |
//! | `lines`, `cells` | a streamed JSON Lines or CSV body cut into records |
//! | `request` | which records are asked for, and how |
//! | `retrieval` | all the records of a dataset, one at a time |
//! | `web_files` | files at addresses, retrieved whole |
//! | `observer` | events that a caller may follow |
//!
//! Numbers are never parsed: an amount leaves this crate as the text the portal wrote.

mod address;
mod cells;
mod dataset;
mod error;
mod http;
mod limits;
mod lines;
mod observer;
mod page;
mod portal;
mod proxy;
mod reach;
mod record;
mod request;
mod retrieval;
mod retry;
mod web_files;

pub use dataset::{Dataset, Field, FieldType};
pub use error::{Error, Limit};
pub use http::Timeouts;
pub use limits::Limits;
pub use observer::{Event, Observer};
pub use page::{
    Catalog, PageRequest, RecordsPage, SearchRequest, field_name as odsql_name,
    literal as odsql_text,
};
pub use portal::{Portal, PortalBuilder};
pub use record::{Fields, Record, Value};
pub use request::{Request, Via};
pub use retrieval::Retrieval;
pub use retry::RetryPolicy;
pub use web_files::WebFiles;
