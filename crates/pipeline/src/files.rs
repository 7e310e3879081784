//! Files of a source: paths, folders, patterns, addresses and standard input, as the files that are there when a run
//! begins.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use centime_documents::Input;
use centime_portal::WebFiles;
use tempfile::TempDir;

use crate::error::Error;

/// Stands for standard input.
pub const STDIN: &str = "-";

/// The files of a source.
#[derive(Clone, Debug)]
pub struct Files {
    places: Vec<Place>,
    /// How files at addresses are retrieved.
    web: WebFiles,
}

/// Where files are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// A file, an archive or a folder.
    Path(PathBuf),
    /// All files whose paths match.
    Pattern(String),
    /// A file at an address.
    Address(String),
    Stdin,
}

/// Files that were found. Those that were retrieved are kept as long as this.
#[derive(Debug, Default)]
pub struct Found {
    pub files: Vec<FoundFile>,
    /// The folders of those that were retrieved, which are removed with this.
    retrieved: Vec<TempDir>,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    pub input: Input,
    /// What it is called in messages.
    pub name: String,
}

impl Files {
    /// Files as the configuration names them; paths begin in a folder unless they begin elsewhere.
    ///
    /// # Errors
    ///
    /// What is no path, pattern or address, and why not.
    pub fn new(named: &[String], folder: &Path, web: WebFiles) -> Result<Self, String> {
        let places: Result<Vec<Place>, String> = named
            .iter()
            .map(|text| Place::parse(text.trim(), folder))
            .collect();
        let places = places?;
        if places.is_empty() {
            return Err("there is no file: name one, a folder or a pattern".to_owned());
        }
        if places
            .iter()
            .filter(|place| **place == Place::Stdin)
            .count()
            > 1
        {
            return Err("standard input (-) can be read once only".to_owned());
        }
        Ok(Self { places, web })
    }

    /// Whether standard input is among them.
    pub fn has_stdin(&self) -> bool {
        self.places.contains(&Place::Stdin)
    }

    /// What the first of them is called.
    pub(crate) fn label(&self) -> String {
        let first = match self.places.first() {
            Some(Place::Path(path)) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            Some(Place::Pattern(pattern)) => last_part(pattern).to_owned(),
            Some(Place::Address(url)) => last_part(url).to_owned(),
            Some(Place::Stdin) | None => "standard input".to_owned(),
        };
        match self.places.len() {
            0 | 1 => first,
            more => format!("{first} and {} more", more - 1),
        }
    }

    /// The files that are there now; those at addresses are retrieved into a folder of their own.
    pub(crate) async fn find(&self) -> Result<Found, Error> {
        let mut found = Found::default();
        for place in &self.places {
            match place {
                Place::Path(path) => found.path(path.clone()),
                Place::Pattern(pattern) => {
                    let matching = matching(pattern).map_err(|reason| unusable(pattern, reason))?;
                    if matching.is_empty() {
                        return Err(unusable(pattern, "no file matches it".to_owned()));
                    }
                    for path in matching {
                        found.path(path);
                    }
                }
                Place::Address(url) => self.retrieve(url, &mut found).await?,
                Place::Stdin => found.files.push(FoundFile {
                    input: Input::Stdin,
                    name: "standard input".to_owned(),
                }),
            }
        }
        Ok(found)
    }

    async fn retrieve(&self, url: &str, found: &mut Found) -> Result<(), Error> {
        let failed = |error: io::Error| unusable(url, format!("it cannot be kept: {error}"));
        let folder = tempfile::Builder::new().prefix("centime-").tempdir();
        let folder = folder.map_err(failed)?;
        let name = match last_part(url) {
            "" | "." | ".." => "file",
            name => name,
        };
        let path = folder.path().join(name);
        let mut file = File::create(&path).map_err(failed)?;
        self.web.retrieve(url, &mut file).await?;
        found.files.push(FoundFile {
            input: Input::Path(path),
            name: url.to_owned(),
        });
        found.retrieved.push(folder);
        Ok(())
    }
}

impl Found {
    fn path(&mut self, path: PathBuf) {
        self.files.push(FoundFile {
            name: path.display().to_string(),
            input: Input::Path(path),
        });
    }

    /// A message about one of the files, by the names that people know.
    pub fn named(&self, file: &str) -> String {
        for known in &self.files {
            if let Input::Path(path) = &known.input
                && let Some(rest) = file.strip_prefix(&*path.display().to_string())
            {
                return format!("{}{rest}", known.name);
            }
        }
        file.to_owned()
    }
}

impl Place {
    fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a name of a file is empty".to_owned());
        }
        if text == STDIN {
            return Ok(Self::Stdin);
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return if matches!(scheme, "http" | "https") {
                Ok(Self::Address(text.to_owned()))
            } else {
                Err(format!(
                    "«{scheme}://» is not understood: give an address with https://, or a path"
                ))
            };
        }
        let path = folder.join(text);
        // A file may be called like a pattern.
        if text.contains(['*', '?', '[']) && !path.exists() {
            let pattern = path.display().to_string();
            glob::Pattern::new(&pattern)
                .map_err(|error| format!("«{text}» is not a pattern: {}", error.msg))?;
            return Ok(Self::Pattern(pattern));
        }
        Ok(Self::Path(path))
    }
}

fn unusable(place: &str, reason: String) -> Error {
    Error::Files {
        place: place.to_owned(),
        reason,
    }
}

/// What the last part of a path or an address is, without what is asked of it.
fn last_part(text: &str) -> &str {
    let path = text.split(['?', '#']).next().unwrap_or(text);
    let path = path.trim_end_matches('/');
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The files that match a pattern, in the order of their paths.
fn matching(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let paths = glob::glob(pattern).map_err(|error| error.msg.to_owned())?;
    let found: Result<Vec<PathBuf>, _> = paths.collect();
    let mut found = found.map_err(|error| error.to_string())?;
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(named: &[&str]) -> Result<Files, String> {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        Files::new(&named, Path::new("/srv"), WebFiles::default())
    }

    #[test]
    fn a_place_is_a_path_a_pattern_an_address_or_standard_input() {
        let found = files(&[
            "a.csv",
            "/b",
            "cfu/*.xml",
            "https://c.example/d.csv?x=1",
            "-",
        ]);
        let found = found.unwrap();
        assert_eq!(
            found.places,
            [
                Place::Path("/srv/a.csv".into()),
                Place::Path("/b".into()),
                Place::Pattern("/srv/cfu/*.xml".to_owned()),
                Place::Address("https://c.example/d.csv?x=1".to_owned()),
                Place::Stdin,
            ]
        );
        assert_eq!(found.label(), "a.csv and 4 more");
        assert_eq!(last_part("https://c.example/d.csv?x=/1"), "d.csv");
        for (wrong, words) in [
            (&[][..], "there is no file"),
            (&["-", "-"], "once only"),
            (&[" "], "empty"),
            (&["ftp://a/b"], "ftp://"),
            (&["a[.xml"], "not a pattern"),
        ] {
            let message = files(wrong).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }

    #[tokio::test]
    async fn patterns_are_looked_up_when_a_run_begins() {
        let folder = tempfile::tempdir().unwrap();
        let pattern = ["*.xml".to_owned()];
        let files = Files::new(&pattern, folder.path(), WebFiles::default()).unwrap();
        let message = files.find().await.unwrap_err().to_string();
        assert!(message.contains("no file matches"), "{message}");
        for name in ["b.xml", "a.xml", "c.csv"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = files.find().await.unwrap();
        let listed: Vec<&str> = found
            .files
            .iter()
            .map(|file| last_part(&file.name))
            .collect();
        assert_eq!(listed, ["a.xml", "b.xml"]);
    }
}
