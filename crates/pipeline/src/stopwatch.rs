//! How long each step of a run takes.

use std::time::Instant;

use centime_warehouse::revision::Step;

use crate::Progress;

/// Notes how long each step takes.
pub struct Stopwatch<'a> {
    /// Who is told.
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

    /// Ends the step before and begins another, and says so.
    pub fn step(&mut self, name: &'static str) {
        self.stop();
        self.progress.step(name);
        self.running = Some((name, Instant::now()));
    }

    /// Ends the step that runs.
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
