//! The site: pages, downloads, languages and headers.
//!
//! | module | knows |
//! |---|---|
//! | [`Site`] | which revision readers see, and the addresses there are |
//! | `snapshot` | everything held in memory of a revision |
//! | `visit` | who asks for what, in which language |
//! | `reply` | how an answer is sent, and what is said when there is none |
//! | `link` | how addresses are read and written |
//! | `lines_query` | which lines an address asks for |
//! | `view` | what the pages have in common |
//! | `pages` | one module a page |
//!
//! There is no script on any page. State is in the address, and the language in a cookie.

mod assets;
mod lines_query;
mod link;
mod pages;
mod reply;
mod site;
mod snapshot;
mod view;
mod visit;

pub use site::{Site, serve};
