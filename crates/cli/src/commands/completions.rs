//! `centime completions`: the completion script of a shell.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::{Args, Completions};
use crate::failure::Failure;

/// Prints the script.
pub fn completions(completions: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Args::command(),
        env!("CARGO_PKG_NAME"),
        &mut script,
    );
    io::stdout().lock().write_all(&script)?;
    Ok(())
}
