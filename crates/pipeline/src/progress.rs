//! Reports the progress of a run, and measures its steps.

use std::time::Instant;

use centime_warehouse::revision::Step;

/// Follows a run, for example to show it in a terminal.
pub trait Progress: Send + Sync {
    /// A step begins.
    fn step(&self, name: &str);
    /// The records of a dataset are retrieved from now on.
    fn dataset(&self, _dataset: &str) {}
    /// A file with documents is read from now on.
    fn file(&self, _file: &str) {}
    /// Something that is good to know, and does not end the run.
    fn note(&self, _what: &str) {}
    /// A dataset is retrieved again from its beginning.
    fn restarting(&self, dataset: &str, reason: &str);
}

/// Measures how long each step takes.
pub struct Stopwatch<'a> {
    /// Where steps are reported.
    pub progress: &'a dyn Progress,
    /// The steps that have ended.
    pub steps: Vec<Step>,
    running: Option<(&'static str, Instant)>,
}

impl<'a> Stopwatch<'a> {
    /// Begins with no step.
    pub fn new(progress: &'a dyn Progress) -> Self {
        Self {
            progress,
            steps: Vec::new(),
            running: None,
        }
    }

    /// Ends the current step and begins the next one.
    pub fn step(&mut self, name: &'static str) {
        self.stop();
        self.progress.step(name);
        self.running = Some((name, Instant::now()));
    }

    /// Ends the current step.
    pub fn stop(&mut self) {
        if let Some((name, since)) = self.running.take() {
            let milliseconds = i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX);
            self.steps.push(Step {
                name: name.to_owned(),
                milliseconds,
            });
        }
    }
}
