//! Standard output, and which failures are its own.

use std::io::{self, StdoutLock, Write};

/// Standard output. What it refuses is marked, so that it is not taken for the failure of something else.
pub struct Stdout(StdoutLock<'static>);

/// A failure of standard output.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct OfStdout(#[source] io::Error);

/// Standard output, until it is dropped.
pub fn stdout() -> Stdout {
    Stdout(io::stdout().lock())
}

/// Marks a failure as one of standard output.
pub fn of_stdout(error: io::Error) -> io::Error {
    match error.kind() {
        // It is tried again by those who write, as it is.
        io::ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, OfStdout(error)),
    }
}

/// Whether it was standard output that failed.
pub fn is_of_stdout(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<OfStdout>)
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(of_stdout)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(of_stdout)
    }
}
