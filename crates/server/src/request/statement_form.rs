//! Which form of the statement an address asks for: the official one, or the one by nature.

use crate::request::context::RequestContext;
use crate::request::lines_query::one_of;
use crate::request::page_error::PageError;

/// The parameter that asks for the statement by nature, and what it asks with.
pub const BY: &str = "by";
pub const NATURE: &str = "nature";

/// Whether an address asks for the statement by nature.
pub fn is_by_nature(context: &RequestContext) -> Result<bool, PageError> {
    Ok(one_of(context, BY, &[NATURE])?.is_some())
}
