//! The site: pages, downloads, languages and headers.
//!
//! | module | knows |
//! |---|---|
//! | `router` | the addresses there are, and what every answer carries |
//! | [`Site`] | which revision readers see |
//! | `snapshot` | everything held in memory of a revision |
//! | `visit` | who asks for what, in which language |
//! | `problem` | why there is no answer |
//! | `reply` | how an answer is sent, and what is said when there is none |
//! | `link` | how addresses are read and written |
//! | `lines_query` | which lines an address asks for |
//! | `dashboard` | which view an address asks for, and what shows it |
//! | `chart_view` | charts as parts of pages |
//! | `view` | what the pages have in common |
//! | `pages` | one module a page |
//!
//! State is in the address, and the language in a cookie. Every page works without its script.

mod assets;
mod chart_view;
mod dashboard;
mod lines_query;
mod link;
mod pages;
mod problem;
mod reply;
mod router;
mod site;
mod snapshot;
mod view;
mod visit;

pub use router::serve;
pub use site::Site;
