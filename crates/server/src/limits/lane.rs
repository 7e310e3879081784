//! How much work of a kind goes on at once, and whose turn is next.
//!
//! Turns go round among the networks that wait: the first of each in turn, not the first of all requests. So a network that
//! asks for a hundred things at once makes the others wait for one of them, not for a hundred.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Network;

/// How much a lane lets through.
#[derive(Clone, Copy, Debug)]
pub struct LaneLimits {
    /// How many turns there are at once.
    pub turns: usize,
    /// How many of them one network may have.
    pub turns_each: usize,
    /// How many of one network may wait.
    pub waiting_each: usize,
    /// How many may wait in all.
    pub waiting: usize,
    /// How long one waits at most.
    pub wait: Duration,
}

/// Why there is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// The network itself waits for too many things already.
    TooManyOfYours,
    /// Too many others wait, or the work of others took too long.
    Busy,
}

/// Work of one kind.
#[derive(Debug)]
pub struct Lane {
    limits: LaneLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many turns are taken.
    taken: usize,
    /// How many of them each network has.
    taken_by: HashMap<Network, usize>,
    /// How many wait.
    waiting: usize,
    /// Those who wait, by network. Who comes without a network is the program itself, and has no limits but the turns.
    queues: HashMap<Option<Network>, VecDeque<oneshot::Sender<Turn>>>,
    /// The networks that wait, the next one first.
    order: VecDeque<Option<Network>>,
}

/// The right to work, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None once it was given back.
    lane: Option<Arc<Lane>>,
    network: Option<Network>,
}

impl Lane {
    /// An empty lane.
    pub fn new(limits: LaneLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    /// Waits for a turn, as long as the lane allows. Who stops waiting gives up their place.
    pub async fn turn(self: &Arc<Self>, network: Option<Network>) -> Result<Turn, NoTurn> {
        let waiting = {
            let mut state = self.state();
            if state.may_begin(network, &self.limits) {
                return Ok(self.begin(&mut state, network));
            }
            self.enqueue(&mut state, network)?
        };
        if network.is_none() {
            return waiting.await.map_err(|_gone| NoTurn::Busy);
        }
        match timeout(self.limits.wait, waiting).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(NoTurn::Busy),
        }
    }

    fn enqueue(
        &self,
        state: &mut State,
        network: Option<Network>,
    ) -> Result<oneshot::Receiver<Turn>, NoTurn> {
        if network.is_some() {
            let of_network = |state: &State| state.queues.get(&network).map_or(0, VecDeque::len);
            let is_full = |state: &State| {
                of_network(state) >= self.limits.waiting_each
                    || state.waiting >= self.limits.waiting
            };
            if is_full(state) {
                state.forget_gone();
            }
            if of_network(state) >= self.limits.waiting_each {
                return Err(NoTurn::TooManyOfYours);
            }
            if is_full(state) {
                return Err(NoTurn::Busy);
            }
        }
        let (sender, receiver) = oneshot::channel();
        let queue = state.queues.entry(network).or_default();
        if queue.is_empty() {
            state.order.push_back(network);
        }
        queue.push_back(sender);
        state.waiting += 1;
        Ok(receiver)
    }

    fn begin(self: &Arc<Self>, state: &mut State, network: Option<Network>) -> Turn {
        state.taken += 1;
        if let Some(network) = network {
            *state.taken_by.entry(network).or_default() += 1;
        }
        Turn {
            lane: Some(Arc::clone(self)),
            network,
        }
    }

    /// Gives free turns to those who wait.
    fn dispatch(self: &Arc<Self>, state: &mut State) {
        while let Some((network, waiting)) = state.next(&self.limits) {
            let turn = self.begin(state, network);
            if let Err(mut turn) = waiting.send(turn) {
                // No request waits there any more. The turn must not end itself: the lane is locked.
                turn.lane = None;
                state.end(network);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_begin(&self, network: Option<Network>, limits: &LaneLimits) -> bool {
        let own = network.and_then(|network| self.taken_by.get(&network));
        self.taken < limits.turns && own.is_none_or(|taken| *taken < limits.turns_each)
    }

    /// The one whose turn is next, if any that waits may begin.
    fn next(&mut self, limits: &LaneLimits) -> Option<(Option<Network>, oneshot::Sender<Turn>)> {
        let mut order = self.order.iter();
        let place = order.position(|network| self.may_begin(*network, limits))?;
        let network = self.order.remove(place)?;
        let queue = self.queues.get_mut(&network)?;
        let waiting = queue.pop_front()?;
        if queue.is_empty() {
            self.queues.remove(&network);
        } else {
            self.order.push_back(network);
        }
        self.waiting -= 1;
        Some((network, waiting))
    }

    fn end(&mut self, network: Option<Network>) {
        self.taken -= 1;
        if let Some(network) = network
            && let Some(taken) = self.taken_by.get_mut(&network)
        {
            *taken -= 1;
            if *taken == 0 {
                self.taken_by.remove(&network);
            }
        }
    }

    /// Takes those away who do not wait any more.
    fn forget_gone(&mut self) {
        self.queues.retain(|_, queue| {
            queue.retain(|waiting| !waiting.is_closed());
            !queue.is_empty()
        });
        self.waiting = self.queues.values().map(VecDeque::len).sum();
        let queues = &self.queues;
        self.order.retain(|network| queues.contains_key(network));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            let mut state = lane.state();
            state.end(self.network);
            lane.dispatch(&mut state);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    const LIMITS: LaneLimits = LaneLimits {
        turns: 2,
        turns_each: 1,
        waiting_each: 4,
        waiting: 6,
        wait: Duration::from_mins(1),
    };

    #[expect(clippy::unnecessary_wraps, reason = "as the lane knows networks")]
    fn network(last: u8) -> Option<Network> {
        Some(Network::of(IpAddr::from([203, 0, 113, last])))
    }

    fn lane(limits: LaneLimits) -> Arc<Lane> {
        Arc::new(Lane::new(limits))
    }

    /// Waits for a turn in a task of its own, and notes whose it was.
    fn queued(
        lane: &Arc<Lane>,
        last: u8,
        done: &Arc<Mutex<Vec<u8>>>,
    ) -> tokio::task::JoinHandle<()> {
        let (lane, done) = (lane.clone(), done.clone());
        tokio::spawn(async move {
            let _turn = lane.turn(network(last)).await.unwrap();
            done.lock().unwrap().push(last);
        })
    }

    #[tokio::test]
    async fn turns_go_round_among_networks() {
        let lane = lane(LaneLimits { turns: 1, ..LIMITS });
        let held = lane.turn(network(1)).await.unwrap();
        let done = Arc::default();
        let mut tasks = Vec::new();
        for last in [1, 1, 1, 2, 3, 2] {
            tasks.push(queued(&lane, last, &done));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*done.lock().unwrap(), [1, 2, 3, 1, 2, 1]);
        assert_eq!(lane.state().taken, 0);
        assert!(lane.state().taken_by.is_empty() && lane.state().queues.is_empty());
    }

    #[tokio::test]
    async fn a_network_leaves_a_turn_for_others() {
        let lane = lane(LIMITS);
        let _held = lane.turn(network(1)).await.unwrap();
        let waiting = tokio::spawn({
            let lane = lane.clone();
            async move { lane.turn(network(1)).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(lane.turn(network(2)).await.is_ok());
        assert!(!waiting.is_finished());
        waiting.abort();
    }

    #[tokio::test]
    async fn few_may_wait_and_not_for_long() {
        let lane = lane(LaneLimits {
            wait: Duration::from_millis(50),
            ..LIMITS
        });
        let _first = lane.turn(network(1)).await.unwrap();
        let _second = lane.turn(network(2)).await.unwrap();
        let wait = |last| {
            let lane = lane.clone();
            tokio::spawn(async move { lane.turn(network(last)).await.map(drop) })
        };
        let mut waiting: Vec<_> = (0..4).map(|_| wait(1)).collect();
        tokio::task::yield_now().await;
        let refused = lane.turn(network(1)).await.map(drop);
        assert_eq!(refused, Err(NoTurn::TooManyOfYours));
        waiting.extend([3, 4].map(wait));
        tokio::task::yield_now().await;
        assert_eq!(lane.turn(network(5)).await.map(drop), Err(NoTurn::Busy));
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Err(NoTurn::Busy));
        }
        // Those who have gone leave room.
        let after = lane.turn(network(1)).await.map(drop);
        assert_eq!(after, Err(NoTurn::Busy), "it waited and was not refused");
    }

    #[tokio::test]
    async fn who_hangs_up_takes_no_turn_with_them() {
        let lane = lane(LIMITS);
        let first = lane.turn(network(1)).await.unwrap();
        let second = lane.turn(network(2)).await.unwrap();
        for _ in 0..4 {
            let waiting = tokio::spawn({
                let lane = lane.clone();
                async move { lane.turn(network(3)).await.map(drop) }
            });
            tokio::task::yield_now().await;
            waiting.abort();
            drop(waiting.await);
        }
        drop((first, second));
        let _all = (
            lane.turn(network(4)).await.unwrap(),
            lane.turn(network(5)).await.unwrap(),
        );
        assert_eq!(lane.state().taken, 2);
    }
}
