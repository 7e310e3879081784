//! The site, asked as browsers and programs ask it.

mod access;
mod accounts;
mod addresses;
mod api;
mod below;
mod bodies;
mod common;
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
mod site;
mod statement;
mod tls;
mod years;
