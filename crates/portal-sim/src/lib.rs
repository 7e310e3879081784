//! The Opendatasoft Explore API v2.1 served from files, with faults on demand: for tests, and to
//! try Centime where no portal can be reached.
//!
//! ```no_run
//! # async fn example() -> Result<(), centime_portal_sim::Error> {
//! use centime_portal_sim::{Fault, Simulator};
//!
//! let portal = Simulator::sample()
//!     .with_faults([Fault::Truncated.times(1)])
//!     .bind("127.0.0.1:0")
//!     .await?;
//! println!("{}", portal.url());
//! # Ok(())
//! # }
//! ```
//!
//! | module | knows |
//! |---|---|
//! | `simulator` | where datasets come from, and how they are served |
//! | `dataset` | a dataset's description and its records |
//! | `row` | a record, with numbers as texts |
//! | `edition` | a dataset as published for one request, faults of content included |
//! | `fault` | the faults, their names and how often each strikes |
//! | `transport_faults` | the faults of transport, in front of every route |
//! | `served` | what is served, as every request finds it |
//! | `routes` | the routes, and what each one answers |
//! | `condition` | the conditions of ODSQL that choose records
//! | `query` | the parameters of a request, and the documented refusals |
//! | [`demo`] | what the demonstration has beside the sample |
//! | `many_bodies` | a statement of many public bodies, made as it is sent |
//! | `national` | account balances and aggregates of every local body, made as they are sent |
//! | `encode` | records written as JSON Lines, JSON or CSV, whole or cut |

pub mod demo;

mod condition;
mod dataset;
mod edition;
mod encode;
mod error;
mod fault;
mod many_bodies;
mod national;
mod query;
mod routes;
mod row;
mod served;
mod simulator;
mod transport_faults;

pub use dataset::SimDataset;
pub use error::Error;
pub use fault::{Fault, Injection, Times};
pub use national::{KnownResult, MOST_BODIES, National};
pub use simulator::{Running, Simulator};
