//! Why a simulator cannot start.

use std::io;
use std::path::PathBuf;

/// Why a simulator cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No folder holds a dataset.
    #[error(
        "{} holds no dataset: expected a folder for each, with dataset.json and records.jsonl",
        path.display()
    )]
    NoDatasets {
        /// The folder searched.
        path: PathBuf,
    },
    /// The description of a dataset cannot be used.
    #[error("the description of {id} is not that of a dataset: {reason}")]
    Description {
        /// The dataset, by its folder or its identifier.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A record is not a JSON object.
    #[error("line {line} of the records of {id} is not a JSON object: {reason}")]
    Record {
        /// The dataset.
        id: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No such fault.
    #[error("{name:?} is not a fault; known faults are {known}")]
    UnknownFault {
        /// The name given.
        name: String,
        /// All names.
        known: String,
    },
    /// How often a fault strikes is not understood.
    #[error("{times:?} is not how often a fault strikes: expected a number or \"always\"")]
    InvalidTimes {
        /// The text given.
        times: String,
    },
    /// The address is not free, or not of this machine.
    #[error("the simulator cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
}
