//! `centime man`: the manual pages.

use std::fs;

use crate::args::{self, Man};
use crate::failure::Failure;

/// Writes a page for the program and one for each command.
pub fn man(man: &Man) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::Usage(format!(
            "the manual pages cannot be written to {} ({error}): name a folder of your own",
            man.dir.display()
        ))
    };
    fs::create_dir_all(&man.dir).map_err(cannot)?;
    clap_mangen::generate_to(args::program(), &man.dir).map_err(cannot)
}
