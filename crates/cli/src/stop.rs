//! Being asked to stop: by Ctrl-C, or by the signal with which services are stopped.

use tokio::sync::watch;

/// What asked the process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C, or `SIGINT`.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
}

impl Signal {
    /// The exit code of a command that ends by it, as shells count.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "Ctrl-C",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// Whether the process has been asked to stop. All copies know the same.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: watch::Sender<Option<Signal>>,
}

impl Stop {
    /// Listens to signals from now on. The first one is passed to all who wait for it; a second one ends the process
    /// at once, without waiting for work that is being finished.
    pub fn listen() -> Self {
        let stop = Self {
            asked: watch::Sender::new(None),
        };
        let asked = stop.asked.clone();
        // They are listened to before this returns, and not when the task has its first turn.
        let mut signals = Signals::listen();
        tokio::spawn(async move {
            let first = signals.next().await;
            asked.send_replace(Some(first));
            let second = signals.next().await;
            std::process::exit(second.exit_code().into());
        });
        stop
    }

    /// Asks everything that waits for a signal to stop, because something else has ended.
    pub fn ask(&self) {
        self.asked.send_if_modified(|asked| {
            let first = asked.is_none();
            asked.get_or_insert(Signal::Terminate);
            first
        });
    }

    /// Waits until the process is asked to stop.
    pub async fn asked(&self) -> Signal {
        let mut asked = self.asked.subscribe();
        let found = asked.wait_for(Option::is_some).await;
        match found.ok().and_then(|signal| *signal) {
            Some(signal) => signal,
            // The sender is this one, so it is never gone.
            None => std::future::pending().await,
        }
    }
}

/// The signals that are listened to. Without a handler the default action ends the process, which is as well.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    async fn next(&mut self) -> Signal {
        async fn of(signal: &mut Option<tokio::signal::unix::Signal>) {
            let came = match signal {
                Some(signal) => signal.recv().await,
                None => None,
            };
            if came.is_none() {
                std::future::pending::<()>().await;
            }
        }
        tokio::select! {
            () = of(&mut self.interrupt) => Signal::Interrupt,
            () = of(&mut self.terminate) => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_waiting_task_is_notified_now_and_later() {
        let stop = Stop::listen();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.asked().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        stop.ask();
        assert_eq!(waiting.await.unwrap(), Signal::Terminate);
        assert_eq!(stop.asked().await, Signal::Terminate);
        assert_eq!(Signal::Interrupt.exit_code(), 130);
    }
}
