//! Files that a command writes: they are there whole, or still what they were.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, SpooledTempFile};

use crate::failure::Failure;

/// How much of a file is kept in memory, in bytes.
const MAX_BYTES_IN_MEMORY: usize = 1 << 20;

/// A file to be written. That it can be is known before there is anything to write.
#[derive(Debug)]
pub struct Output {
    /// As it was named.
    name: PathBuf,
    to: To,
}

#[derive(Debug)]
enum To {
    /// Another file, which then takes the place of the one there is.
    Beside {
        new: NamedTempFile,
        file: PathBuf,
        before: Option<Box<Metadata>>,
    },
    /// The file itself, because no other can be made beside it or none with its owner. What it will hold is kept
    /// until all of it is there.
    Itself {
        open: File,
        file: PathBuf,
        kept: SpooledTempFile,
    },
    /// A device or a pipe.
    Device(File),
}

impl Output {
    /// Makes sure that a file can be written. A link to a file stays a link, and a file that is there keeps its
    /// owner and its mode.
    pub fn begin(name: &Path) -> Result<Self, Failure> {
        let refused = |reason: &dyn std::fmt::Display| {
            Failure::Usage(format!("{} cannot be written: {reason}", name.display()))
        };
        #[cfg(unix)]
        if is_of_another(name).map_err(|error| refused(&error))? {
            return Err(refused(
                &"it belongs to another user, in a folder that everyone may write to: name a file in a folder of your own",
            ));
        }
        let to = match fs::canonicalize(name) {
            Ok(file) => existing(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if fs::symlink_metadata(name).is_ok() {
                    return Err(refused(&"it is a link that leads to nothing"));
                }
                new_file(name)
            }
            Err(error) => Err(error),
        };
        let to = to.map_err(|error| match error.kind() {
            io::ErrorKind::IsADirectory => refused(&"it is a folder: name a file in it"),
            io::ErrorKind::NotFound => refused(&"its folder does not exist"),
            io::ErrorKind::PermissionDenied => refused(&format_args!(
                "{error}: name a file in a folder of your own"
            )),
            _ => refused(&error),
        })?;
        Ok(Self {
            name: name.to_owned(),
            to,
        })
    }

    /// Writes the file. Where that fails, what was there stays.
    pub fn finish(mut self, contents: &[u8]) -> Result<(), Failure> {
        self.write(contents)?;
        self.commit()
    }

    /// Writes what comes next. The file stays what it was until all of it is there, but for a device.
    pub fn write(&mut self, contents: &[u8]) -> Result<(), Failure> {
        let written = match &mut self.to {
            To::Device(device) => device.write_all(contents),
            To::Beside { new, .. } => new.write_all(contents),
            To::Itself { kept, .. } => kept.write_all(contents),
        };
        written.map_err(|error| failed(&self.name, &error))
    }

    /// Puts the file at its place.
    pub fn commit(self) -> Result<(), Failure> {
        let written = match self.to {
            To::Device(mut device) => device.flush(),
            To::Beside { new, file, before } => replace(new, &file, before.as_deref()),
            To::Itself { open, file, kept } => overwrite(open, &file, kept),
        };
        written.map_err(|error| failed(&self.name, &error))
    }
}

/// Whether there is something of another user at a place in a folder that many may write to, such as `/tmp`: a link
/// that was planted there leads to a file of the user who follows it. Systems refuse that, too, unless they are set up
/// otherwise. What the owner of the folder has put there is meant.
#[cfg(unix)]
fn is_of_another(name: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    const STICKY: u32 = 0o1000;
    const OF_OTHERS: u32 = 0o022;
    let (Ok(there), Ok(folder)) = (fs::symlink_metadata(name), fs::metadata(folder_of(name)))
    else {
        return Ok(false);
    };
    if folder.mode() & STICKY == 0 || folder.mode() & OF_OTHERS == 0 {
        return Ok(false);
    }
    // What is made now belongs to this process.
    let me = tempfile::tempfile()?.metadata()?.uid();
    Ok(there.uid() != me && there.uid() != folder.uid())
}

fn existing(file: PathBuf) -> io::Result<To> {
    let before = fs::metadata(&file)?;
    if before.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // One that may not be written to may not be replaced either.
    let itself = OpenOptions::new().write(true).open(&file)?;
    if !before.is_file() {
        return Ok(To::Device(itself));
    }
    match beside(&file, &before) {
        Ok(new) => Ok(To::Beside {
            new,
            file,
            before: Some(Box::new(before)),
        }),
        Err(_) => Ok(To::Itself {
            open: itself,
            file,
            kept: SpooledTempFile::new(MAX_BYTES_IN_MEMORY),
        }),
    }
}

fn new_file(name: &Path) -> io::Result<To> {
    let folder = folder_of(name);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less what the user's mask takes away, as for any new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file_name = name.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    Ok(To::Beside {
        new: builder.prefix(".centime-").tempfile_in(&folder)?,
        file: folder.join(file_name),
        before: None,
    })
}

fn folder_of(file: &Path) -> PathBuf {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// A new file with the owner and the mode of the one that it is to replace.
fn beside(file: &Path, before: &Metadata) -> io::Result<NamedTempFile> {
    let new = tempfile::Builder::new()
        .prefix(".centime-")
        .tempfile_in(folder_of(file))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let made = new.as_file().metadata()?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            fchown(new.as_file(), Some(before.uid()), Some(before.gid()))?;
        }
        // Names of its own would stay with what was there.
        if before.nlink() > 1 {
            return Err(io::Error::other("the file has other names"));
        }
    }
    new.as_file().set_permissions(before.permissions())?;
    Ok(new)
}

fn replace(new: NamedTempFile, file: &Path, before: Option<&Metadata>) -> io::Result<()> {
    new.as_file().sync_all()?;
    match new.persist(file) {
        Ok(_) => Ok(()),
        // A file that is mounted by itself, as in a container, cannot be replaced.
        Err(error) if before.is_some() => {
            let open = OpenOptions::new().write(true).open(file)?;
            overwrite(open, file, error.file.reopen()?)
        }
        Err(error) => Err(error.error),
    }
}

fn failed(name: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("{} could not be written: {error}", name.display()))
}

/// Writes over a file, and puts back what it held where that fails.
fn overwrite(mut open: File, file: &Path, mut contents: impl Read + Seek) -> io::Result<()> {
    let before = fs::read(file);
    contents.rewind()?;
    open.set_len(0)?;
    let written = io::copy(&mut contents, &mut open).and_then(|_| open.sync_all());
    if written.is_err()
        && let Ok(before) = before
    {
        fs::write(file, before)?;
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn write(file: &Path, contents: &str) -> Result<(), Failure> {
        Output::begin(file)?.finish(contents.as_bytes())
    }

    #[test]
    fn a_file_keeps_its_mode_and_its_link_and_is_there_whole() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("report.pdf");
        write(&file, "one").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let link = place.path().join("link.pdf");
        symlink("report.pdf", &link).unwrap();
        write(&link, "two").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
        // What was begun and not finished changes nothing and leaves nothing.
        drop(Output::begin(&file).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        // Another name of the same file shows the new contents, too.
        let other = place.path().join("other.pdf");
        fs::hard_link(&file, &other).unwrap();
        write(&file, "three").unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "three");
    }

    #[test]
    fn what_cannot_be_written_is_refused_before_the_work() {
        let place = tempfile::tempdir().unwrap();
        let dangling = place.path().join("dangling");
        symlink("nothing", &dangling).unwrap();
        for (file, said) in [
            (place.path().to_owned(), "is a folder"),
            (place.path().join("no/report.pdf"), "folder does not exist"),
            (dangling, "leads to nothing"),
        ] {
            let Err(Failure::Usage(message)) = Output::begin(&file) else {
                panic!("{} was begun", file.display());
            };
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn what_another_user_has_planted_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let shared = place.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
        let precious = place.path().join("precious");
        fs::write(&precious, "precious").unwrap();
        let planted = shared.join("report.pdf");
        symlink(&precious, &planted).unwrap();
        // A link of one's own is followed.
        write(&planted, "mine").unwrap();
        assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
        let other = Some(65_534);
        if std::os::unix::fs::lchown(&planted, other, other).is_err() {
            centime_test_input::skipped("planted links", "files cannot be given to another user");
            return;
        }
        let Err(Failure::Usage(message)) = Output::begin(&planted) else {
            panic!("the link was followed");
        };
        assert!(message.contains("belongs to another user"), "{message}");
        assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
        let file = shared.join("file.pdf");
        fs::write(&file, "theirs").unwrap();
        std::os::unix::fs::chown(&file, other, other).unwrap();
        assert!(Output::begin(&file).is_err());
        // Nor where the folder is not for everyone: there, all who may write are trusted.
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).unwrap();
        write(&planted, "again").unwrap();
        assert_eq!(fs::read_to_string(&precious).unwrap(), "again");
    }

    #[test]
    fn a_device_is_written_to() {
        write(Path::new("/dev/null"), "one").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
