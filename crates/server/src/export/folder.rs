//! That a copy is in a folder whole or not at all.
//!
//! Everything is written into a folder of its own within the one that is to have it, and at the end each entry
//! takes its place. The folder itself stays: it may be a mount, the working folder, behind a link, or belong to
//! another user in a place where nothing else can be made. What others have put into it stays, too.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tempfile::TempDir;

use super::ExportError;

/// The file by which a copy is known. It has the names of what the copy has at its top, a line each; those of
/// copies made before this was so are empty, and everything there belongs to them.
const MARK: &str = ".centime-export";

/// The beginning of the name of a folder in which a copy is written.
const STAGING: &str = ".centime-new-";

/// The file that is locked for as long as a copy is written.
const LOCK: &str = ".lock";

/// The folder in what is written for what leaves its place.
const LEAVING: &str = ".leaving";

/// What a file system keeps at its root.
const OF_THE_FILE_SYSTEM: [&str; 2] = ["lost+found", ".snapshot"];

/// A folder whose contents are being written.
pub struct Folder {
    /// Where they will be.
    into: PathBuf,
    /// Where they are written. It goes when this does.
    staging: TempDir,
    /// Locked, so that others see that the process is alive.
    _lock: File,
    /// The outermost folder that was made for it.
    made: Option<PathBuf>,
    done: bool,
}

/// A step of the exchange, to be undone where a later one fails.
enum Step {
    /// The new entry is at its place, the old one where the new one was.
    Exchanged(String),
    /// The new entry is at its place, where nothing was.
    Placed(String),
    /// The old entry is among what leaves.
    Left(String),
}

impl Folder {
    /// Begins a copy. What is at its place must be nothing, an empty folder or a copy of a site, and it must be
    /// possible to write there.
    pub fn begin(into: &Path) -> Result<Self, ExportError> {
        let (into, made) = resolved(into)?;
        let begun = Self::begin_in(&into, made.clone());
        if begun.is_err() {
            remove_made(made.as_deref(), &into);
        }
        begun
    }

    fn begin_in(into: &Path, made: Option<PathBuf>) -> Result<Self, ExportError> {
        remove_leftovers(into);
        let is_copy = fs::symlink_metadata(into.join(MARK)).is_ok_and(|mark| mark.is_file());
        let taken = entries(into)
            .map_err(|error| failed(into, error))?
            .into_iter()
            .any(|name| !name.starts_with(STAGING) && !OF_THE_FILE_SYSTEM.contains(&&*name));
        if taken && !is_copy {
            return Err(ExportError::Taken(into.display().to_string()));
        }
        let unwritable = |error| ExportError::Unwritable {
            folder: into.display().to_string(),
            error,
        };
        let staging = tempfile::Builder::new()
            .prefix(STAGING)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(into)
            .map_err(unwritable)?;
        let lock = File::create(staging.path().join(LOCK)).map_err(unwritable)?;
        lock.lock().map_err(unwritable)?;
        Ok(Self {
            into: into.to_owned(),
            staging,
            _lock: lock,
            made,
            done: false,
        })
    }

    /// Writes a file.
    pub async fn write(&self, name: &str, contents: Vec<u8>) -> Result<(), ExportError> {
        let path = self.staging.path().join(name);
        let write = {
            let path = path.clone();
            move || {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(&path, contents)
            }
        };
        let written = tokio::task::spawn_blocking(write).await;
        written
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| failed(&self.into.join(name), error))
    }

    /// Puts everything where it belongs, and takes away what was there of the copy before.
    pub fn finish(mut self) -> Result<(), ExportError> {
        // One that ends at the same time waits, so that the two do not mix.
        let folder = File::open(&self.into).map_err(|error| failed(&self.into, error))?;
        folder.lock().map_err(|error| failed(&self.into, error))?;
        let before = marked(&self.into).map_err(|error| failed(&self.into, error))?;
        let new = self.staging.path();
        let mut names = entries(new).map_err(|error| failed(new, error))?;
        names.remove(LOCK);
        let list: Vec<&str> = names.iter().map(String::as_str).collect();
        fs::write(new.join(MARK), list.join("\n")).map_err(|error| failed(new, error))?;
        let mut steps = Vec::new();
        if let Err((place, error)) = self.exchange(&names, &before, &mut steps) {
            self.undo(steps);
            return Err(failed(&place, error));
        }
        self.done = true;
        Ok(())
    }

    fn exchange(
        &self,
        names: &BTreeSet<String>,
        before: &BTreeSet<String>,
        steps: &mut Vec<Step>,
    ) -> Result<(), (PathBuf, io::Error)> {
        let new = self.staging.path();
        let leaving = new.join(LEAVING);
        fs::create_dir(&leaving).map_err(|error| (leaving.clone(), error))?;
        let leave = |name: &str, steps: &mut Vec<Step>| {
            fs::rename(self.into.join(name), leaving.join(name))?;
            steps.push(Step::Left(name.to_owned()));
            Ok(())
        };
        // The page that leads to the others comes last.
        let (pages, rest): (Vec<&String>, Vec<&String>) =
            names.iter().partition(|name| *name == "index.html");
        let mark = MARK.to_owned();
        for name in rest.into_iter().chain(pages).chain([&mark]) {
            let (from, to) = (new.join(name), self.into.join(name));
            let place = |steps: &mut Vec<Step>| {
                if fs::symlink_metadata(&to).is_ok() {
                    if exchanged(&from, &to)? {
                        steps.push(Step::Exchanged(name.clone()));
                        return Ok(());
                    }
                    leave(name, steps)?;
                }
                fs::rename(&from, &to)?;
                steps.push(Step::Placed(name.clone()));
                Ok(())
            };
            place(steps).map_err(|error: io::Error| (to.clone(), error))?;
        }
        for name in before.difference(names) {
            let there = fs::symlink_metadata(self.into.join(name)).is_ok();
            if there && *name != mark {
                leave(name, steps).map_err(|error: io::Error| (self.into.join(name), error))?;
            }
        }
        Ok(())
    }

    /// Puts back what was there, as far as that is possible.
    fn undo(&self, steps: Vec<Step>) {
        let new = self.staging.path();
        for step in steps.into_iter().rev() {
            let (name, undone) = match step {
                Step::Exchanged(name) => {
                    let undone = exchanged(&new.join(&name), &self.into.join(&name));
                    (name, undone.map(drop))
                }
                Step::Placed(name) => {
                    let undone = fs::rename(self.into.join(&name), new.join(&name));
                    (name, undone)
                }
                Step::Left(name) => {
                    let from = new.join(LEAVING).join(&name);
                    let undone = fs::rename(from, self.into.join(&name));
                    (name, undone)
                }
            };
            if let Err(error) = undone {
                tracing::error!(
                    %error, name, folder = %self.into.display(),
                    "what was there before could not be put back"
                );
            }
        }
    }
}

impl Drop for Folder {
    /// A copy that was not finished leaves nothing behind.
    fn drop(&mut self) {
        if self.done {
            return;
        }
        if let Err(error) = fs::remove_dir_all(self.staging.path()) {
            tracing::warn!(%error, folder = %self.staging.path().display(), "an unfinished copy is still there");
        }
        remove_made(self.made.as_deref(), &self.into);
    }
}

/// The folder that a path leads to, which is made where there is nothing, and the outermost that was made.
fn resolved(into: &Path) -> Result<(PathBuf, Option<PathBuf>), ExportError> {
    let unwritable = |error| ExportError::Unwritable {
        folder: into.display().to_string(),
        error,
    };
    let there = match fs::canonicalize(into) {
        Ok(there) if there.is_dir() => return Ok((there, None)),
        // A file.
        Ok(there) => return Err(ExportError::Taken(there.display().to_string())),
        Err(error) => error,
    };
    // A link that leads to nothing is never followed.
    if there.kind() != io::ErrorKind::NotFound || fs::symlink_metadata(into).is_ok() {
        return Err(unwritable(there));
    }
    let made = into
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .last()
        .map(Path::to_owned);
    fs::create_dir_all(into).map_err(unwritable)?;
    let into = fs::canonicalize(into).map_err(unwritable)?;
    let made = made.map(fs::canonicalize).transpose().map_err(unwritable)?;
    Ok((into, made))
}

/// Takes away the folders that were made for a copy, as far as they are empty.
fn remove_made(made: Option<&Path>, into: &Path) {
    let Some(made) = made else { return };
    for folder in into.ancestors() {
        if !folder.starts_with(made) || fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// The names of what is in a folder. One that is no text is of others.
fn entries(folder: &Path) -> io::Result<BTreeSet<String>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Opens a file in a folder that others may write to. A link is not followed, and a pipe not waited for.
fn open_planted(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is not a file"))
    }
}

/// The names of what belongs to the copy that is in a folder.
fn marked(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mark = match open_planted(&folder.join(MARK)).and_then(io::read_to_string) {
        Ok(mark) => mark,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    if mark.trim().is_empty() {
        let of_the_copy = |name: &String| {
            !name.starts_with(STAGING) && !OF_THE_FILE_SYSTEM.contains(&name.as_str())
        };
        return Ok(entries(folder)?.into_iter().filter(of_the_copy).collect());
    }
    // Nothing but an entry of this folder is ever taken away, whatever the mark says.
    let plain = |name: &&str| !name.is_empty() && !name.contains('/') && !name.starts_with('.');
    Ok(mark.lines().filter(plain).map(str::to_owned).collect())
}

/// Takes away what processes have left that are no more.
fn remove_leftovers(into: &Path) {
    let Ok(names) = entries(into) else { return };
    for name in names.iter().filter(|name| name.starts_with(STAGING)) {
        let folder = into.join(name);
        let is_folder = fs::symlink_metadata(&folder).is_ok_and(|it| it.is_dir());
        if !is_folder {
            continue;
        }
        let alive = open_planted(&folder.join(LOCK))
            .is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        if !alive && let Err(error) = fs::remove_dir_all(&folder) {
            tracing::warn!(%error, folder = %folder.display(), "an older unfinished copy is still there");
        }
    }
}

/// Exchanges two entries in one step; false where the file system cannot.
#[cfg(target_os = "linux")]
pub fn exchanged(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Exchanges two entries in one step; false where the file system cannot.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
pub fn exchanged(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

fn failed(path: &Path, error: io::Error) -> ExportError {
    ExportError::Write {
        file: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    async fn copy(into: &Path, contents: &str) {
        let folder = Folder::begin(into).unwrap();
        folder.write("a/b.html", contents.into()).await.unwrap();
        folder.write("index.html", contents.into()).await.unwrap();
        folder.finish().unwrap();
    }

    fn read(into: &Path) -> String {
        let page = fs::read_to_string(into.join("a/b.html")).unwrap();
        assert_eq!(fs::read_to_string(into.join("index.html")).unwrap(), page);
        page
    }

    #[tokio::test]
    async fn a_copy_takes_the_place_of_a_copy_and_of_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("deep/site");
        for contents in ["one", "two"] {
            copy(&into, contents).await;
            assert_eq!(read(&into), contents);
        }
        let unfinished = Folder::begin(&into).unwrap();
        unfinished.write("a/b.html", "three".into()).await.unwrap();
        drop(unfinished);
        assert_eq!(read(&into), "two");
        let names: Vec<String> = entries(&into).unwrap().into_iter().collect();
        assert_eq!(names, [MARK, "a", "index.html"]);

        let other = place.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("mine.txt"), "").unwrap();
        assert!(matches!(Folder::begin(&other), Err(ExportError::Taken(_))));
        assert!(other.join("mine.txt").is_file());
        let file = other.join("mine.txt");
        assert!(matches!(Folder::begin(&file), Err(ExportError::Taken(_))));
        // What was made for a copy that did not come to be goes.
        drop(Folder::begin(&place.path().join("new/er/folder")).unwrap());
        assert!(!place.path().join("new").exists());
    }

    #[tokio::test]
    async fn the_folder_its_owner_its_mode_and_the_link_to_it_stay() {
        let place = tempfile::tempdir().unwrap();
        let real = place.path().join("real");
        fs::create_dir(&real).unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o751)).unwrap();
        // What a file system keeps at its root is not counted as contents.
        fs::create_dir(real.join("lost+found")).unwrap();
        let link = place.path().join("link");
        symlink(&real, &link).unwrap();
        let before = fs::metadata(&real).unwrap();
        for contents in ["one", "two"] {
            copy(&link, contents).await;
            assert_eq!(read(&real), contents);
        }
        let after = fs::metadata(&real).unwrap();
        assert_eq!(after.ino(), before.ino());
        assert_eq!(after.mode(), before.mode());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(real.join("lost+found").is_dir());
        symlink(place.path().join("nowhere"), place.path().join("dangling")).unwrap();
        let error = Folder::begin(&place.path().join("dangling"));
        assert!(matches!(error, Err(ExportError::Unwritable { .. })));
    }

    #[tokio::test]
    async fn what_others_put_beside_the_copy_stays_and_what_it_no_longer_has_goes() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("site");
        let folder = Folder::begin(&into).unwrap();
        folder.write("gone/b.html", "one".into()).await.unwrap();
        folder.finish().unwrap();
        fs::write(into.join("CNAME"), "comptes.example.fr").unwrap();
        copy(&into, "two").await;
        assert_eq!(read(&into), "two");
        assert!(!into.join("gone").exists());
        assert!(into.join("CNAME").is_file());
        // All of a copy that an earlier version made.
        fs::write(into.join(MARK), "").unwrap();
        copy(&into, "three").await;
        assert!(!into.join("CNAME").exists());
        assert_eq!(read(&into), "three");
    }

    #[tokio::test]
    async fn links_that_others_have_planted_are_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("site");
        copy(&into, "one").await;
        let precious = place.path().join("precious");
        fs::create_dir(&precious).unwrap();
        fs::write(precious.join("b.html"), "precious").unwrap();
        fs::remove_dir_all(into.join("a")).unwrap();
        symlink(&precious, into.join("a")).unwrap();
        symlink(&precious, into.join(".centime-new-planted")).unwrap();
        copy(&into, "two").await;
        assert_eq!(read(&into), "two");
        let kept = fs::read_to_string(precious.join("b.html")).unwrap();
        assert_eq!(kept, "precious");
        let mode = {
            let folder = Folder::begin(&into).unwrap();
            fs::metadata(folder.staging.path()).unwrap().mode()
        };
        assert_eq!(mode & 0o777, 0o700);
        // A pipe that was planted is not waited for, where a copy could be unfinished and where its mark was.
        let pipe = |path: &Path| {
            let planted = std::process::Command::new("mkfifo").arg(path).status();
            assert!(planted.unwrap().success());
        };
        fs::create_dir(into.join(".centime-new-pipe")).unwrap();
        pipe(&into.join(".centime-new-pipe").join(LOCK));
        copy(&into, "two").await;
        let folder = Folder::begin(&into).unwrap();
        fs::remove_file(into.join(MARK)).unwrap();
        pipe(&into.join(MARK));
        folder.finish().unwrap_err();
        fs::remove_file(into.join(MARK)).unwrap();
        // Nor does a mark lead elsewhere.
        fs::write(into.join(MARK), "../precious\n/etc\n..\na").unwrap();
        copy(&into, "three").await;
        assert!(precious.join("b.html").is_file());
    }

    #[tokio::test]
    async fn what_a_dead_process_left_goes_and_what_a_living_one_writes_stays() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("site");
        copy(&into, "one").await;
        let dead = into.join(".centime-new-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let living = Folder::begin(&into).unwrap();
        living.write("a/b.html", "two".into()).await.unwrap();
        living.write("index.html", "two".into()).await.unwrap();
        assert!(!dead.exists());
        copy(&into, "three").await;
        living.finish().unwrap();
        assert_eq!(read(&into), "two");
        assert_eq!(entries(&into).unwrap().len(), 3);
    }

    #[tokio::test]
    async fn an_exchange_that_fails_is_undone() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("site");
        copy(&into, "one").await;
        let folder = Folder::begin(&into).unwrap();
        folder.write("a/b.html", "two".into()).await.unwrap();
        folder.write("new/c.html", "two".into()).await.unwrap();
        folder.write("index.html", "two".into()).await.unwrap();
        // Nothing can leave any more, as the old page would have to.
        fs::write(folder.staging.path().join(LEAVING), "").unwrap();
        folder.finish().unwrap_err();
        assert_eq!(read(&into), "one");
        let mut steps = Vec::new();
        let folder = Folder::begin(&into).unwrap();
        folder.write("a/b.html", "two".into()).await.unwrap();
        folder.write("new/c.html", "two".into()).await.unwrap();
        let names = BTreeSet::from(["a".to_owned(), "new".to_owned(), "missing".to_owned()]);
        let before = BTreeSet::from(["a".to_owned(), "index.html".to_owned()]);
        folder.exchange(&names, &before, &mut steps).unwrap_err();
        assert!(!steps.is_empty());
        folder.undo(steps);
        assert_eq!(read(&into), "one");
        assert!(!into.join("new").exists());
    }
}
