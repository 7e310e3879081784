//! Work that goes on beside its caller.

use tokio::task::JoinSet;

/// What the next task to end gives; `None` where there is none. A panic goes on here.
pub(crate) async fn next<T: 'static>(tasks: &mut JoinSet<T>) -> Option<sqlx::Result<T>> {
    Some(match tasks.join_next().await? {
        Ok(given) => Ok(given),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_cancelled) => Err(sqlx::Error::WorkerCrashed),
        },
    })
}
