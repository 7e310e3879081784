//! The defaults of settings, and the environment variables of those that are secrets.

pub(super) const PORTAL: &str = "https://opendata.paris.fr";
/// The other name of that portal, which the same server answers to.
pub(super) const PORTAL_TOO: &str = "parisdata.opendatasoft.com";
pub(super) const INCOME_STATEMENT: &str = "compte-de-resultat";
pub(super) const BALANCE_SHEET: &str = "bilan-comptable";
pub(super) const LISTEN: &str = "127.0.0.1:8080";
pub(super) const REFRESH: &str = "1d";
pub(super) const RETRY: &str = "5min";
/// How long the records of a dataset may take: `Limits::default`, as people write it.
pub(super) const TIME: &str = "6h";
pub(super) const KEEP_REVISIONS: u32 = 10;
pub(super) const AUDIT_KEEP: &str = "365d";
pub(super) const FILE: &str = "centime.toml";
pub(super) const ANALYSES: &str = "analyses.d";
pub(super) const CHECKS: &str = "checks.d";
pub(super) const SQL_SECONDS: u32 = 5;
pub(super) const SQL_ROWS: u32 = 100_000;
pub(super) const SQL_MEGABYTES: u32 = 32;

/// The environment variable with the database that statements of readers are asked of: it may hold a password.
pub(super) const SQL_DATABASE: &str = "CENTIME_SQL_DATABASE_URL";

/// The fewest revisions that are kept: those who read the one before the current one can finish.
pub(super) const FEWEST_REVISIONS: u32 = 2;

/// The environment variable with the portal's API key. There is no flag for it, because other
/// users of a machine can read command lines.
pub(super) const API_KEY: &str = "CENTIME_API_KEY";

/// The environment variable with the key of an encrypted SQLite file, which has no flag either.
pub(super) const DATABASE_KEY: &str = "CENTIME_DATABASE_KEY";

/// The environment variable with the key that `centime db rekey` gives it.
pub(super) const NEW_DATABASE_KEY: &str = "CENTIME_NEW_DATABASE_KEY";
