//! `centime completions`: the completion script of a shell.

use std::io::Write;

use crate::args::{self, Completions};
use crate::failure::Failure;
use crate::stdout::stdout;

/// Prints the script.
pub fn completions(completions: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut args::program(),
        env!("CARGO_PKG_NAME"),
        &mut script,
    );
    let mut out = stdout();
    out.write_all(&script)?;
    Ok(out.flush()?)
}
