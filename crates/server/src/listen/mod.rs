//! Connections: how many, how long, and over TLS.

pub mod serve;
pub mod tls;
