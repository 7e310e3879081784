//! Where a SQLite file is: what this process may do there, and why it may not.
//!
//! Rights are asked of the system and not tried by opening the file: closing it would release the locks that the
//! engine has on it in this process.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Error, Result};

/// What the engine keeps beside a file: its log, the index of that, and what undoes a change.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";
const JOURNAL: &str = "-journal";

/// The file as messages name it.
pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The file beside another whose name goes on like this.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// The file that a path leads to, through links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The folder of the file that a path leads to.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    let real = real(path);
    let folder = real
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// What is asked whether it may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Read,
    Write,
    /// Make files in a folder.
    Add,
}

/// Whether this process may do something with a file or a folder that is there.
#[cfg(unix)]
fn may(right: Right, path: &Path) -> io::Result<()> {
    use rustix::fs::Access;
    let access = match right {
        Right::Read => Access::READ_OK,
        Right::Write => Access::WRITE_OK,
        Right::Add => Access::WRITE_OK | Access::EXEC_OK,
    };
    Ok(rustix::fs::access(path, access)?)
}

/// The same as far as the system says it without trying.
#[cfg(not(unix))]
fn may(right: Right, path: &Path) -> io::Result<()> {
    let found = path.metadata()?;
    if right == Right::Write && found.permissions().readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Makes sure that a file, and those that the engine keeps beside it, can be written or made.
pub(crate) fn check_writable(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    if let Err(error) = may(Right::Add, &folder) {
        if error.kind() == ErrorKind::NotFound {
            return Err(Error::CannotOpen {
                database: name(path),
                reason: format!("the folder {} does not exist: make it", name(&folder)),
            });
        }
        return Err(unwritable(path, &error));
    }
    let real = real(path);
    for file in [real.clone(), beside(&real, LOG), beside(&real, INDEX)] {
        match may(Right::Write, &file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unwritable(&file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// How a file is made that no other user may read: what is in it is as good as what is published, and more.
pub(crate) fn private() -> OpenOptions {
    #[cfg_attr(
        not(unix),
        expect(unused_mut, reason = "rights are the folder's there")
    )]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file where there is none, for its owner alone; the engine gives those beside it the same rights. One
/// that is there is not touched, and not opened either.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    match private().write(true).create_new(true).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Why a file, or one beside it, cannot be written.
pub(crate) fn unwritable(file: &Path, error: &io::Error) -> Error {
    let database = name(file);
    match error.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Error::ReadOnly { database },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::DiskFull { database },
        _ => Error::CannotOpen {
            database,
            reason: format!("{error}: check that its folder may be written"),
        },
    }
}

/// Opens a file of ours beside a database, which is made where there is none. Another user who may write to the folder could
/// have put a link there, to a file that is not ours: it is not followed, and nothing is cut.
pub(crate) fn open_beside(file: &Path) -> io::Result<std::fs::File> {
    let mut options = private();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        let flags = rustix::fs::OFlags::NOFOLLOW.bits();
        options.custom_flags(i32::try_from(flags).map_err(io::Error::other)?);
    }
    options.open(file)
}

/// Why a file could not be opened to be written: the engine only says that it could not open it.
pub(crate) fn why_not_writable(path: &Path, error: Error) -> Error {
    let (database, reason) = match error {
        Error::CannotOpen { database, reason } => (database, reason),
        Error::NeedsWriter { database, .. } => return Error::ReadOnly { database },
        error => return error,
    };
    // What is made beside the file fails as that would.
    let lock = beside(path, ".lock");
    match open_beside(&lock) {
        Err(error) => unwritable(path, &error),
        Ok(_) => Error::CannotOpen {
            database,
            reason: format!("{reason}: check that its folder may be written"),
        },
    }
}

/// Why a file could not be opened to be read.
pub(crate) fn why_not_readable(path: &Path, error: Error) -> Error {
    let (Error::CannotOpen { reason, .. } | Error::NeedsWriter { reason, .. }) = &error else {
        return error;
    };
    let database = name(path);
    let real = real(path);
    for file in ["", LOG, INDEX, JOURNAL].map(|end| beside(&real, end)) {
        if may(Right::Read, &file).is_err_and(|error| error.kind() != ErrorKind::NotFound) {
            return Error::CannotOpen {
                database,
                reason: format!(
                    "this user may not read {}: give the right to read it",
                    name(&file)
                ),
            };
        }
    }
    let missing = [LOG, INDEX].map(|end| beside(&real, end));
    let missing = missing.iter().find(|file| !file.exists());
    match missing {
        Some(missing) if may(Right::Add, &folder_of(path)).is_err() => Error::NeedsWriter {
            database,
            reason: format!(
                "{} is not there, and cannot be made in a folder that is read-only here",
                name(missing)
            ),
        },
        _ => match error {
            Error::NeedsWriter { .. } => error,
            _ => Error::CannotOpen {
                database,
                reason: format!("{reason}: check that it may be read, and the files beside it"),
            },
        },
    }
}

/// Which file a path leads to now; `None` where there is none, or where this cannot be said.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        path.metadata().ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Notices that another file took the place of the one that connections read. Its number is not used again as
/// long as one of them is open.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    /// The file that was there last, and since when it is known to be.
    last: Mutex<(Option<(u64, u64)>, Instant)>,
}

impl Watched {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            last: Mutex::new((identity(path), Instant::now())),
        }
    }

    /// Whether a connection of this age reads the file that is there now.
    pub(crate) fn is_current(&self, age: Duration) -> bool {
        let found = identity(&self.path);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != found {
            *last = (found, Instant::now());
        }
        age <= last.1.elapsed()
    }
}
