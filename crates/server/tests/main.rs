//! The site, asked as browsers and programs ask it.

mod access;
mod addresses;
mod api;
mod below;
mod bodies;
mod common;
mod crawl;
mod doubts;
mod everybody;
mod figures;
mod grouping;
mod hostile;
mod identity;
mod labels;
mod limits;
mod links;
mod login;
mod plans;
mod report;
mod reuse;
mod search;
mod sharing;
mod site;
mod statement;
mod tls;
mod years;
