//! An operation, and what answers it.

use std::pin::Pin;
use std::sync::Arc;

use super::answer::Answer;
use super::ask::Ask;
use super::operation::Operation;
use crate::http::problem_details::ProblemDetails;

/// What answers an operation.
pub type Handler =
    fn(Arc<Ask>) -> Pin<Box<dyn Future<Output = Result<Answer, ProblemDetails>> + Send>>;

/// An operation, and what answers it.
#[derive(Debug)]
pub struct Endpoint {
    pub operation: Operation,
    pub handler: Handler,
}
