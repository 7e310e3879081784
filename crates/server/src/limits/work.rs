//! That a turn lasts as long as the work does.
//!
//! A client that hangs up ends the future that answers it, but not what a thread is doing for it. So such work goes
//! through [`blocking`], which keeps the turn of the request until the thread has come to its end: else a client could
//! begin one piece of work after the other and wait for none.

use std::future::Future;
use std::sync::Arc;

use tokio::task::{JoinError, spawn_blocking};

use super::Turn;

tokio::task_local! {
    /// The turn of the request that is being answered.
    static HELD: Arc<Turn>;
}

/// Works as the holder of a turn.
pub async fn holding<T>(turn: Turn, work: impl Future<Output = T>) -> T {
    HELD.scope(Arc::new(turn), work).await
}

/// Works on a thread where waiting delays no other request. The turn of the request ends no sooner than the work.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    let turn = HELD.try_with(Arc::clone).ok();
    spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::limits::{Lane, LaneLimits};

    #[tokio::test]
    async fn a_turn_lasts_until_the_work_has_ended_and_not_until_the_client_hangs_up() {
        let lane = Arc::new(Lane::new(LaneLimits {
            turns: 1,
            turns_each: 1,
            waiting_each: 1,
            waiting: 1,
            wait: Duration::from_millis(100),
        }));
        let network = Some(crate::limits::Network::of([203, 0, 113, 1].into()));
        let (finish, finished) = mpsc::channel::<()>();
        let turn = lane.turn(network).await.unwrap();
        let client = tokio::spawn(holding(turn, async {
            let wait = move || finished.recv();
            blocking(wait).await.unwrap().unwrap();
        }));
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.abort();
        drop(client.await);
        assert!(lane.turn(network).await.is_err(), "the work goes on");
        finish.send(()).unwrap();
        assert!(lane.turn(network).await.is_ok(), "the work has ended");
    }
}
