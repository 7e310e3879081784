//! The site: pages, downloads, and who may ask for them.
//!
//! Layers, each of which imports only those above it in this table:
//!
//! | module | knows |
//! |---|---|
//! | `http` | what HTTP asks of every server: encodings, ranges, problem details, paths below a base |
//! | `settings` | how open the site is, its limits, what the operator links to |
//! | `limits` | turns to work, and room in memory: what one client may take from others |
//! | `monitoring` | metrics, and how the runs of a process that refreshes are getting on |
//! | `access` | who a client is, what it may do, and how much |
//! | `state` | what is published, held in memory; reports and answers that are kept |
//! | `request` | what a request asks for, and how it is answered |
//! | `files` | rows and charts as files, of one public body and of all |
//! | `pages` | what people read |
//! | `api` | what programs read |
//! | `router` | which addresses there are, and what every answer carries |
//! | `export` | the public site as files |
//! | `listen` | connections, certificates, and how they end |
//!
//! State is in the address, and the language in a cookie. Every page works without its script.

mod access;
mod api;
mod export;
mod files;
mod http;
mod limits;
mod listen;
mod monitoring;
mod pages;
mod request;
mod router;
mod settings;
mod state;

pub use access::{Declared, Guard, Reuse};
pub use export::{ExportError, Exported, LeftOut, Scope, exchanged};
pub use http::base::Base;
pub use listen::serve::{Listeners, serve};
pub use listen::tls::{Tls, TlsError};
pub use monitoring::upkeep::{Upkeep, Why};
pub use request::lines_query::{COUNTINGS, HARMONISED, LONGEST_TEXT, ROLES, SUCCESSORS};
pub use settings::footer_links::{FooterLink, LinkAddress, LinkTitle, MOST_LINKS, NotALink};
pub use settings::metabase::Metabase;
pub use settings::{Rate, Settings};
pub use state::report_service::{NoReport, ReportService, ReportView};
pub use state::site::Site;
pub use state::sql::Sql;
