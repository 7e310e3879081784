//! Which database, and how statements of readers are run on it.

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use centime_warehouse::sql;
use centime_warehouse::{DatabaseUrl, Key};

use super::Config;
use super::defaults::{
    DATABASE_KEY, DEFAULT_SQL_MEGABYTES, DEFAULT_SQL_ROWS, DEFAULT_SQL_SECONDS, NEW_DATABASE_KEY,
    SQL_DATABASE,
};
use super::parse::folders;
use crate::failure::Failure;
use crate::secret::{self, Kind};

/// How statements of readers are answered.
pub struct SqlSettings {
    /// The database, as a role that may read the published views and nothing else.
    pub database: DatabaseUrl,
    /// How much a statement may ask for.
    pub limits: sql::Limits,
    /// Whether all who may read the site may ask.
    pub open: bool,
}

impl Config {
    /// The database, with its key where one is given. The sample edition has one of its own, so that it
    /// never mixes with official figures by accident.
    pub fn database(&self, sample: bool) -> Result<DatabaseUrl, Failure> {
        let url = self.address(sample)?;
        let file = self.key_file.as_ref();
        let file = file.or(self.file.database_key.as_ref());
        let Some(key) = key(DATABASE_KEY, file.map(PathBuf::as_path))? else {
            return Ok(url);
        };
        let url = url.with_key(key);
        url.map_err(|error| Failure::Usage(error.to_string()))
    }

    /// How statements of readers of the site over this database are answered; `None` where they are not.
    pub fn sql(&self, site: &DatabaseUrl) -> Result<Option<SqlSettings>, Failure> {
        let table = &self.file.sql;
        if !table.enabled {
            return Ok(None);
        }
        let open = match table.access.as_deref() {
            None | Some("token") => false,
            Some("public") => true,
            Some(other) => {
                return Err(Failure::Usage(format!(
                    "sql.access = «{other}»: expected token or public"
                )));
            }
        };
        let file = table.database_file.as_deref();
        let given = match (secret::load(Kind::DatabaseUrl, SQL_DATABASE, file)?, file) {
            (Some(_), Some(_)) if table.database.is_some() => {
                return Err(Failure::Usage(
                    "sql.database and sql.database_file are both set: take one of them out"
                        .to_owned(),
                ));
            }
            // The environment wins over the value in the configuration file.
            (given, _) => given.or_else(|| table.database.clone()),
        };
        let database = match (given, site.path()) {
            (None, Some(_)) => site.clone(),
            (Some(_), Some(_)) => {
                return Err(Failure::Usage(
                    "sql.database is set, and the database of the site is a file, which has no roles: take it out".to_owned(),
                ));
            }
            (Some(url), None) => url
                .reveal()
                .parse::<DatabaseUrl>()
                .map_err(|error| Failure::Usage(format!("sql.database: {error}")))?,
            (None, None) => {
                return Err(Failure::Usage(
                    "sql.database is not set: statements of readers need a connection of their own, as a role that may read the published views and nothing else, such as postgres://centime_reader@HOST/NAME".to_owned(),
                ));
            }
        };
        let number = |given: Option<NonZeroU32>, usual: u32| {
            usize::try_from(given.map_or(usual, NonZeroU32::get)).unwrap_or(usize::MAX)
        };
        let seconds = table.seconds.map_or(DEFAULT_SQL_SECONDS, NonZeroU32::get);
        Ok(Some(SqlSettings {
            database,
            limits: sql::Limits {
                time: Duration::from_secs(seconds.into()),
                rows: number(table.rows, DEFAULT_SQL_ROWS),
                bytes: number(table.megabytes, DEFAULT_SQL_MEGABYTES).saturating_mul(1 << 20),
            },
            open,
        }))
    }

    /// The key that a database is to be given.
    pub fn new_key(&self, file: Option<&Path>) -> Result<Option<Key>, Failure> {
        self.warn_of(file);
        key(NEW_DATABASE_KEY, file)
    }

    fn address(&self, sample: bool) -> Result<DatabaseUrl, Failure> {
        // The file names the database of the official figures.
        let in_file = self.file.database.as_ref().filter(|_| !sample);
        if let Some(url) = self.database.as_ref().or(in_file) {
            return url
                .reveal()
                .parse()
                .map_err(|error| Failure::Usage(format!("{error}")));
        }
        let folders = folders().ok_or_else(|| {
            Failure::Usage("there is no home folder: name a database with --database".to_owned())
        })?;
        let folder = folders.data_dir();
        make_for_oneself(folder).map_err(|error| {
            Failure::Database(format!(
                "the folder {} cannot be made ({error}): name a database with --database",
                folder.display()
            ))
        })?;
        let name = if sample { "sample.db" } else { "centime.db" };
        Ok(DatabaseUrl::sqlite(folder.join(name)))
    }
}

/// Creates a folder, and its missing parents, for its owner alone. Existing ones are not touched.
fn make_for_oneself(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The key of a database in an environment variable or in a file.
fn key(variable: &str, file: Option<&Path>) -> Result<Option<Key>, Failure> {
    let Some(key) = secret::load(Kind::Key, variable, file)? else {
        return Ok(None);
    };
    let key = key.reveal().parse::<Key>();
    key.map(Some)
        .map_err(|error| Failure::Usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::config::tests::config;

    #[test]
    fn a_database_of_the_command_line_wins_over_the_file() {
        let file = config("database = \"sqlite:in-file.db\"").unwrap();
        let mut config = Config::of_file(file);
        assert_eq!(
            config.database(false).unwrap().name(),
            DatabaseUrl::sqlite("in-file.db").name()
        );
        config.database = Some("sqlite:flag.db".parse().unwrap());
        assert_eq!(
            config.database(false).unwrap().name(),
            DatabaseUrl::sqlite("flag.db").name()
        );
    }

    #[test]
    fn secrets_of_the_settings_are_not_in_what_is_printed_of_them() {
        let file = config("api_key = \"s3cret\"\ndatabase = \"postgres://me:s3cret@a/b\"").unwrap();
        let config = Config {
            file,
            database: Some("postgres://me:s3cret@a/c".parse().unwrap()),
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        let printed = format!("{config:?} {:?}", config.database(false));
        assert!(printed.contains("postgres://me@a"), "{printed}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
}
