//! The defaults of settings, and the environment variables of those that are secrets.

/// The preset that is used where nothing says where data come from.
pub(super) const USUAL_PRESET: &str = "paris";
/// The portal of that preset.
#[cfg(test)]
pub(super) const DEFAULT_PORTAL: &str = "https://opendata.paris.fr";
pub(super) const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
pub(super) const DEFAULT_REFRESH: &str = "1d";
pub(super) const DEFAULT_RETRY: &str = "5min";
/// How long the records of a dataset may take: `Limits::default`, as people write it.
pub(super) const DEFAULT_RETRIEVAL_TIME: &str = "6h";
pub(super) const DEFAULT_KEEP_REVISIONS: u32 = 10;
pub(super) const DEFAULT_AUDIT_KEEP: &str = "365d";
pub(super) const FILE: &str = "centime.toml";
pub(super) const DEFAULT_ANALYSES: &str = "analyses.d";
pub(super) const DEFAULT_CHECKS: &str = "checks.d";
pub(super) const DEFAULT_SQL_SECONDS: u32 = 5;
pub(super) const DEFAULT_SQL_ROWS: u32 = 100_000;
pub(super) const DEFAULT_SQL_MEGABYTES: u32 = 32;

/// The environment variable with the database that statements of readers are asked of: it may hold a password.
pub(super) const SQL_DATABASE: &str = "CENTIME_SQL_DATABASE_URL";

/// The fewest revisions that are kept: those who read the one before the current one can finish.
pub(super) const MIN_REVISIONS: u32 = 2;

/// The environment variable with the portal's API key. There is no flag for it, because other
/// users of a machine can read command lines.
pub(super) const API_KEY: &str = "CENTIME_API_KEY";

/// The environment variable with the key of an encrypted SQLite file, which has no flag either.
pub(super) const DATABASE_KEY: &str = "CENTIME_DATABASE_KEY";

/// The environment variable with the key that `centime db rekey` gives it.
pub(super) const NEW_DATABASE_KEY: &str = "CENTIME_NEW_DATABASE_KEY";
