//! Which addresses search engines are asked to leave alone.

use super::parameters;
use crate::http::base::is_local;
use crate::http::query_string;

/// What is for one visitor, and what has as many addresses as there are words.
pub const CLOSED: [&str; 5] = ["/admin", "/login", "/metabase", "/search", "/sql"];

/// The list of lines has hundreds of pages.
pub const PAGED: &str = "/lines";

/// Whether a path is one that no robot has any use for.
pub fn is_closed(path: &str) -> bool {
    let under = |closed: &&str| {
        let rest = path.strip_prefix(*closed);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    CLOSED.iter().any(under)
}

/// Whether robots are asked not to follow links to an address of the site.
pub fn is_unfollowed(address: &str) -> bool {
    if !is_local(address) {
        return false;
    }
    let address = address.split('#').next().unwrap_or_default();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let chooses = |name: &str| {
        parameters::choices().any(|choice| choice == name) || path == PAGED && name == "page"
    };
    is_closed(path)
        || query_string::parse(query)
            .iter()
            .any(|(name, _)| chooses(name))
}
