//! That a folder is there whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ExportError;

/// The file by which a copy is known.
const MARK: &str = ".centime-export";

/// A folder that is being written beside the one it will be.
pub struct Folder {
    /// Where it will be.
    into: PathBuf,
    /// Where it is written.
    new: PathBuf,
    done: bool,
}

impl Folder {
    /// Begins a new folder. What is at its place must be nothing, an empty folder or a copy of a site.
    pub fn begin(into: &Path) -> Result<Self, ExportError> {
        let is_copy = into.join(MARK).is_file();
        let is_empty = match fs::read_dir(into) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(failed(into, error)),
        };
        if !is_copy && !is_empty {
            return Err(ExportError::Taken(into.display().to_string()));
        }
        let name = into.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or("site");
        let beside =
            |what: &str| into.with_file_name(format!(".{name}.{what}-{}", std::process::id()));
        let new = beside("new");
        fs::create_dir_all(&new).map_err(|error| failed(&new, error))?;
        let folder = Self {
            into: into.to_owned(),
            new,
            done: false,
        };
        let mark = folder.new.join(MARK);
        fs::write(&mark, "").map_err(|error| failed(&mark, error))?;
        Ok(folder)
    }

    /// Writes a file.
    pub async fn write(&self, name: &str, contents: Vec<u8>) -> Result<(), ExportError> {
        let path = self.new.join(name);
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
            .map_err(|error| failed(&path, error))
    }

    /// Puts the folder where it belongs, and takes away what was there.
    pub fn finish(mut self) -> Result<(), ExportError> {
        let old = self.new.with_extension("old");
        let there = self.into.exists();
        if there {
            fs::rename(&self.into, &old).map_err(|error| failed(&self.into, error))?;
        }
        if let Err(error) = fs::rename(&self.new, &self.into) {
            if there {
                // What was there is better than nothing.
                fs::rename(&old, &self.into).map_err(|error| failed(&self.into, error))?;
            }
            return Err(failed(&self.into, error));
        }
        self.done = true;
        if there {
            fs::remove_dir_all(&old).map_err(|error| failed(&old, error))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    /// A copy that was not finished leaves nothing behind.
    fn drop(&mut self) {
        if !self.done
            && let Err(error) = fs::remove_dir_all(&self.new)
        {
            tracing::warn!(%error, folder = %self.new.display(), "an unfinished copy is still there");
        }
    }
}

fn failed(path: &Path, error: io::Error) -> ExportError {
    ExportError::Write {
        file: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_takes_the_place_of_a_copy_and_of_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let into = place.path().join("site");
        for contents in ["one", "two"] {
            let folder = Folder::begin(&into).unwrap();
            folder.write("a/b.html", contents.into()).await.unwrap();
            folder.finish().unwrap();
            assert_eq!(fs::read_to_string(into.join("a/b.html")).unwrap(), contents);
        }
        let unfinished = Folder::begin(&into).unwrap();
        unfinished.write("a/b.html", "three".into()).await.unwrap();
        drop(unfinished);
        assert_eq!(fs::read_to_string(into.join("a/b.html")).unwrap(), "two");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);

        let other = place.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("mine.txt"), "").unwrap();
        assert!(matches!(Folder::begin(&other), Err(ExportError::Taken(_))));
        assert!(other.join("mine.txt").is_file());
    }
}
