//! Settings: a flag wins over the environment, the environment over `centime.toml`, and that over
//! the default.
//!
//! | module | knows |
//! |---|---|
//! | `file` | what `centime.toml` may hold |
//! | `parse` | where that file is, and what is wrong in it |
//! | `variables` | settings of it that have an environment variable and no flag |
//! | `defaults` | the defaults |
//! | `presets` | sources that are known by a name, each a file |
//! | `database`, `source`, `sources`, `site`, `schedule`, `metabase` | what the settings of each come to |

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use centime_analytics::Catalogue;
use centime_analytics::own::Folder;
use centime_pipeline::checks::CHECKS as CHECKS_OF_A_RUN;

use self::defaults::{DEFAULT_ANALYSES, DEFAULT_CHECKS};
use self::exposed::is_exposed;
use self::file::File;
use self::parse::{folders, found, read};
use crate::args::Common;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::secret::{self, Kind, SecretString};

mod database;
mod defaults;
mod exposed;
pub(crate) mod file;
pub(crate) mod metabase;
mod parse;
pub(crate) mod presets;
mod schedule;
mod site;
mod source;
mod sources;
pub(crate) mod variables;

/// The settings that were given.
#[derive(Debug)]
pub struct Config {
    file: File,
    database: Option<SecretString>,
    key_file: Option<PathBuf>,
    /// Where the configuration file is, or would be: its relative paths begin here.
    folder: Option<PathBuf>,
    /// The analyses and checks, once they have been read.
    catalogue: OnceLock<Catalogue>,
    /// Say nothing but errors.
    pub quiet: bool,
}

impl Config {
    /// Reads the configuration file, if there is one.
    pub fn load(common: &Common) -> Result<Self, Failure> {
        let (path, mut file) = match &common.config {
            Some(path) => {
                let file = read(path)?.ok_or_else(|| {
                    Failure::Usage(format!(
                        "the configuration file {} does not exist",
                        path.display()
                    ))
                })?;
                (Some(path.clone()), file)
            }
            None => found()?,
        };
        // What the environment says is no part of the file.
        let has_secret = file.has_secret();
        variables::apply(&mut file, |name| std::env::var_os(name))?;
        let database = match (&common.database, &common.database_url_file) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(path)) => Some(secret::from_file(Kind::DatabaseUrl, path)?),
            (None, None) => None,
        };
        let folder = match &path {
            Some(path) => path.parent().map(Path::to_owned),
            None => folders().map(|folders| folders.config_dir().to_owned()),
        };
        let config = Self {
            file,
            database,
            key_file: common.database_key_file.clone(),
            folder,
            catalogue: OnceLock::new(),
            quiet: common.quiet,
        };
        config.warn_of_exposed(
            path.as_deref().filter(|_| has_secret),
            common.database_url_file.as_deref(),
        );
        Ok(config)
    }

    /// Warns of files with a secret that others of the machine may read.
    fn warn_of_exposed(&self, path: Option<&Path>, address: Option<&Path>) {
        let file = &self.file;
        let keys = [
            path,
            address.filter(|_| {
                self.database
                    .as_ref()
                    .is_some_and(SecretString::has_password)
            }),
            self.key_file.as_deref().or(file.database_key.as_deref()),
            file.tls.as_ref().map(|tls| tls.key.as_path()),
            file.sql.database_file.as_deref(),
            file.metabase.password_file.as_deref(),
            file.metabase.api_key_file.as_deref(),
            file.metabase.embedding_key_file.as_deref(),
            file.metabase.database.password_file.as_deref(),
        ];
        self.warn_of(keys.into_iter().flatten());
    }

    /// Warns of these files with a secret, as far as others of the machine may read them.
    pub fn warn_of<'a>(&self, files: impl IntoIterator<Item = &'a Path>) {
        if self.quiet {
            return;
        }
        for file in files {
            if is_exposed(file) {
                print_stderr(format!(
                    "warning: {} holds a secret, and every user of this machine may read it: chmod o-r {0}",
                    file.display()
                ));
            }
        }
    }

    /// The analyses and checks: those of the program, and those in the folders beside the configuration file.
    pub fn catalogue(&self) -> Result<Catalogue, Failure> {
        if let Some(known) = self.catalogue.get() {
            return Ok(*known);
        }
        let place = |named: Option<&PathBuf>, usual: &str| {
            let path = named.map_or(Path::new(usual), PathBuf::as_path);
            let folder = self.folder.as_deref();
            folder.map(|folder| folder.join(path))
        };
        let (Some(analyses), Some(checks)) = (
            place(self.file.analyses.as_ref(), DEFAULT_ANALYSES),
            place(self.file.checks.as_ref(), DEFAULT_CHECKS),
        ) else {
            return Ok(Catalogue::built_in());
        };
        let taken: Vec<&str> = CHECKS_OF_A_RUN.iter().map(|(name, _)| *name).collect();
        let read = Catalogue::load(
            Folder {
                path: &analyses,
                named: self.file.analyses.is_some(),
            },
            Folder {
                path: &checks,
                named: self.file.checks.is_some(),
            },
            &taken,
        );
        let read = read.map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(*self.catalogue.get_or_init(|| read))
    }
}

#[cfg(test)]
impl Config {
    /// The settings of a configuration file and no others.
    fn of_file(file: File) -> Self {
        Self {
            file,
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn config(text: &str) -> Result<File, toml::de::Error> {
        toml::from_str(text)
    }
}
