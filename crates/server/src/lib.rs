//! The site: pages, downloads, and who may ask for them.
//!
//! | module | knows |
//! |---|---|
//! | `router` | the addresses there are, and what every answer carries |
//! | `access` | who comes in, and how much each may ask for |
//! | `limits` | turns to work, and room in memory: what one client may take from others |
//! | `api` | what is said to programs |
//! | `base`, `below` | the path of a host below which the site is reached |
//! | `rewrite` | how the addresses in a page are replaced |
//! | `robots` | what robots are asked to leave alone |
//! | `serve` | connections: how many, how long, and how they end |
//! | `tls` | the certificate of the site |
//! | `observe` | what is said of each request |
//! | `metrics`, `health` | how the site is doing |
//! | [`Site`] | which revision readers see |
//! | `sql` | statements that readers write themselves |
//! | `snapshot` | everything held in memory of a revision |
//! | `parameters` | which parameters an address may be asked with |
//! | `visit` | who asks for what, in which language |
//! | `absent` | what a statement no longer has, and where to go on |
//! | `problem` | why there is no answer |
//! | `reply` | how an answer is sent, and what is said when there is none |
//! | `kept_pages` | answers as they were sent, for the next who asks for the same |
//! | `encoding` | how the body of an answer is compressed |
//! | `download` | rows and charts as files to keep |
//! | `lines_query` | which lines an address asks for |
//! | `dashboard` | what the dashboard reads of what is held in memory |
//! | `chart_view` | charts as parts of pages |
//! | `everybody` | rows of all public bodies, sent while they are read |
//! | `ranged` | which part of a file is asked for |
//! | `export` | the public site as files |
//! | [`Upkeep`] | how the runs of a process that refreshes are getting on |
//! | `press` | reports, as they are made and kept |
//! | `view` | what the pages have in common |
//! | `links` | what the operator links to at their foot |
//! | `pages` | one module a page |
//!
//! State is in the address, and the language in a cookie. Every page works without its script.

mod absent;
mod access;
mod api;
mod assets;
mod base;
mod below;
mod chart_view;
mod dashboard;
mod download;
mod encoding;
mod everybody;
mod export;
mod health;
mod kept_pages;
mod limits;
mod lines_query;
mod links;
mod metrics;
mod observe;
mod pages;
mod parameters;
mod press;
mod problem;
mod ranged;
mod reply;
mod rewrite;
mod robots;
mod router;
mod serve;
mod site;
mod snapshot;
mod sql;
mod tls;
mod upkeep;
mod view;
mod visit;

pub use access::{Declared, Guard, Rate, Reuse, Settings};
pub use base::Base;
pub use export::{ExportError, Exported, LeftOut, Scope, exchanged};
pub use lines_query::{COUNTINGS, HARMONISED, LONGEST_TEXT, ROLES, SUCCESSORS};
pub use links::{FooterLink, LinkAddress, LinkTitle, MOST_LINKS, NotALink};
pub use pages::metabase::Metabase;
pub use press::{NoReport, Press, ReportView};
pub use serve::{Doors, serve};
pub use site::Site;
pub use sql::Sql;
pub use tls::{Tls, TlsError};
pub use upkeep::{Upkeep, Why};
