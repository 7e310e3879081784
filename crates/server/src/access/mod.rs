//! Who a client is, what it may do, and how much.
//!
//! | module | knows |
//! |---|---|
//! | `routes` | that no address is without a policy |
//! | `policy` | what an address needs: a right, turns to work |
//! | `enforce` | whether a request may go on |
//! | `refusal` | why it may not |
//! | `guard` | what all of it is decided by, shared by all clones of a site |
//! | `client` | who sends a request, behind which proxies |
//! | `credentials` | what a request shows of who sends it |
//! | `authentication` | whose token or session that is |
//! | `sessions` | who has logged in with a browser |
//! | `failed_attempts` | which networks have shown wrong tokens too often |
//! | `rate` | how many requests each may make |
//! | `audit` | how what was done is noted, without making a request wait |
//! | `headers` | how a browser keeps others out of the pages |
//! | `reuse` | what pages of other sites may take |
//! | `transport` | whether a browser will keep a session |

mod audit;
mod authentication;
mod client;
mod credentials;
mod enforce;
mod failed_attempts;
mod guard;
mod headers;
mod policy;
mod rate;
mod refusal;
mod reuse;
mod routes;
mod sessions;
mod transport;

pub use authentication::{forget_cookie, log_in};
pub use client::{Client, Peer, is_among};
pub use credentials::{Form, Identified};
pub use guard::Guard;
pub use headers::{Framing, hardened};
pub use policy::{ConditionalRight, RefusalPage, Work};
pub use refusal::Refusal;
pub use reuse::{Reuse, share};
pub use routes::{Declared, Routes};
pub use transport::Transport;
