//! What `centime.toml` may hold.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

#[cfg(test)]
use centime_portal::Limits;
#[cfg(test)]
use centime_server::Settings;
use centime_server::{LinkAddress, LinkTitle};
use ipnet::IpNet;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[cfg(test)]
use super::defaults::{
    API_KEY, DEFAULT_ANALYSES, DEFAULT_AUDIT_KEEP, DEFAULT_CHECKS, DEFAULT_KEEP_REVISIONS,
    DEFAULT_LISTEN, DEFAULT_PORTAL, DEFAULT_REFRESH, DEFAULT_RETRIEVAL_TIME, DEFAULT_RETRY,
    DEFAULT_SQL_MEGABYTES, DEFAULT_SQL_ROWS, DEFAULT_SQL_SECONDS, SQL_DATABASE, USUAL_PRESET,
};
use crate::secret::SecretString;

/// What `centime.toml` may hold. The texts are those of `docs/configuration.md`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The Opendatasoft portal that the statement comes from.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_PORTAL)))]
    pub(super) portal: Option<String>,
    /// Sources that are known by a name, in the place of a portal and its datasets: `paris`.
    #[cfg_attr(test, schemars(extend("default" = USUAL_PRESET)))]
    pub(super) preset: Option<String>,
    /// The API key of the portal. It has no flag, so that no other user of the machine sees it.
    #[cfg_attr(test, schemars(extend("environment" = API_KEY)))]
    pub(super) api_key: Option<SecretString>,
    /// The database: `sqlite:PATH` or `postgres://USER@HOST/NAME`. The sample edition has a file of its
    /// own unless a flag or the environment names a database.
    #[cfg_attr(test, schemars(extend("default" = "a file in the user's data folder")))]
    pub(super) database: Option<SecretString>,
    /// A file with the key of an encrypted SQLite database: 64 hexadecimal digits.
    #[serde(rename = "database_key_file")]
    pub(super) database_key: Option<PathBuf>,
    /// The address that the site listens on.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_LISTEN)))]
    pub(super) listen: Option<String>,
    /// The time between two regular runs of `centime up`, as in `6h` or `1d`; `never` runs once.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_REFRESH)))]
    pub(super) refresh: Option<String>,
    /// How long `centime up` waits after a run that found the portal or the database away, as in `5min`, at least
    /// `1s`. Each further one doubles the wait, up to the time between two runs.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_RETRY)))]
    pub(super) refresh_retry: Option<String>,
    /// How long the audit log keeps what was done: a run deletes what is older. At least 90 days, or `never` for what is
    /// never deleted.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_AUDIT_KEEP)))]
    pub(super) audit_keep: Option<String>,
    /// How many published revisions are kept, at least 2.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_KEEP_REVISIONS)))]
    pub(super) keep_revisions: Option<u32>,
    /// Who may read the site: everyone (`public`) or clients with a token (`token`).
    #[cfg_attr(test, schemars(extend("default" = "public on this machine only, else token")))]
    pub(super) access: Option<String>,
    /// A folder with analyses of your own, beside this file unless the path begins elsewhere.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_ANALYSES)))]
    pub(super) analyses: Option<PathBuf>,
    /// A folder with checks of your own.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_CHECKS)))]
    pub(super) checks: Option<PathBuf>,
    /// How the site is reached, and its limits.
    #[serde(default)]
    pub(super) site: SiteTable,
    /// Statements that readers of the site write themselves.
    #[serde(default)]
    pub(super) sql: SqlTable,
    /// The certificate of a site that speaks HTTPS itself.
    pub(super) tls: Option<TlsTable>,
    /// The datasets of the portal: each by its identifier, as in `balance_sheet = "bilan-comptable"`, or as a table
    /// that says how it is asked for and read, too.
    #[serde(default)]
    pub(super) datasets: Datasets,
    /// A source of the edition, where there are others than the two datasets of one portal: each source of a table of
    /// its own, all of which are published together or not at all. It stands in the place of `portal`, `[datasets]`,
    /// `[fields]` and `[body]`, which are the short form of two sources.
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    /// How much is taken of the portal, how slowly it may come, and where it may lead.
    #[serde(default)]
    pub(super) retrieval: RetrievalTable,
    /// The names of fields that are not found by themselves.
    #[serde(default)]
    pub(super) fields: Fields,
    /// The public body, only where the portal does not say.
    pub(super) body: Option<BodyTable>,
    /// A Metabase over what is published.
    #[serde(default)]
    pub(super) metabase: MetabaseTable,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct Datasets {
    /// The income statement: `compte-de-resultat` where nothing else is said.
    #[serde(deserialize_with = "id_or_table")]
    pub(super) income_statement: DatasetTable,
    /// The balance sheet that results are reconciled with: `bilan-comptable` where nothing else is said, and `""`
    /// where there is none.
    #[serde(deserialize_with = "id_or_table")]
    pub(super) balance_sheet: DatasetTable,
}

/// A dataset, and how it is asked for and read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct DatasetTable {
    /// Its identifier on the portal.
    pub(super) id: Option<String>,
    /// Which records, as a condition in ODSQL that the portal applies, as in `nature_budget = 'CA'`.
    pub(super) r#where: Option<String>,
    /// The time zone that days are meant in, as in `Europe/Paris`: the portal is asked to write moments so.
    pub(super) timezone: Option<String>,
    /// The decimal mark of amounts that are texts, `,` or `.`; spaces, `€` and any kind of minus are then
    /// understood, too.
    pub(super) decimal: Option<String>,
    /// The mark between thousands, where `1.234` is to be read as more than a thousand: the one of `,` and `.` that
    /// is not the decimal mark.
    pub(super) thousands: Option<String>,
    /// How the fiscal year is written.
    pub(super) fiscal_year: YearTable,
    /// Where each year is a column: the amount (`amount`; of a balance sheet `gross`, `depreciation`, `net`) and the
    /// portal's names with `{year}` for the year, as in `{ amount = "exercice_{year}" }`.
    pub(super) columns: BTreeMap<String, String>,
    /// Fields that may differ between rows of the same line, which are then added up.
    pub(super) ignore: Vec<String>,
}

/// A source of the edition.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SourceTable {
    /// What it has: an `income-statement`, a `balance-sheet`, `account-balances` of the DGFiP, of which both follow,
    /// `aggregates` for control totals and inhabitants as the OFGL publishes them, or `document` for official documents
    /// (CFU, TOTEM, SCDL), which have statement and balance sheet.
    pub(super) kind: Option<String>,
    /// What it is called in messages and beside its figures.
    pub(super) name: Option<String>,
    /// All sources of a preset, in the place of one that is described here.
    pub(super) preset: Option<String>,
    /// The address of its portal.
    pub(super) portal: Option<String>,
    /// The API key of that portal.
    pub(super) api_key: Option<SecretString>,
    /// The identifier of the dataset on the portal. Of account balances with `{year}` in the place of the year, where
    /// there is one for each.
    pub(super) dataset: Option<String>,
    /// Files in the place of a portal: paths, folders, patterns such as `cfu/*.xml`, addresses, or `-` for standard
    /// input. Paths begin beside this file. Records are read as CSV, JSON lines or a JSON array, as a portal exports
    /// them.
    pub(super) files: Vec<String>,
    /// Whether there need not be such a dataset.
    pub(super) optional: bool,
    /// The names of fields that are not found by themselves, as in `{ amount = "montant_total" }`.
    pub(super) fields: BTreeMap<String, String>,
    /// The SIREN number of the public body, or the SIRET number of its budget, where records name none.
    pub(super) siren: Option<String>,
    /// The name of that body.
    pub(super) body: Option<String>,
    /// The chart of accounts of documents that name none, as in `M57`.
    pub(super) nomenclature: Option<String>,
    /// Which records, as a condition in ODSQL that the portal applies.
    pub(super) r#where: Option<String>,
    /// Of account balances: the years, as in `2024` or `2010-2024`.
    pub(super) years: Option<String>,
    /// Of account balances: the public bodies that are taken, by SIREN or SIRET number, INSEE code or name; all of them
    /// where none is named.
    pub(super) bodies: Vec<String>,
    /// Of account balances: whether those that are not final are published, too.
    pub(super) provisional: bool,
    /// The time zone that days are meant in.
    pub(super) timezone: Option<String>,
    /// The decimal mark of amounts that are texts, `,` or `.`.
    pub(super) decimal: Option<String>,
    /// The mark between thousands.
    pub(super) thousands: Option<String>,
    /// How the fiscal year is written, as in `{ format = "%Y%m%d" }`.
    pub(super) fiscal_year: YearTable,
    /// Where each year is a column, as in `{ amount = "exercice_{year}" }`.
    pub(super) columns: BTreeMap<String, String>,
    /// Fields that may differ between rows of the same line, which are then added up.
    pub(super) ignore: Vec<String>,
    /// `centime` for aggregates that are published with the noise of binary fractions (`268607322.920001`): they are
    /// rounded to the nearest centime, and counted.
    pub(super) rounding: Option<String>,
}

/// How the fiscal year is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct YearTable {
    /// Its form, with `%Y` for the year, `%m` for the month and `%d` for the day, as in `%Y%m%d`.
    pub(super) format: Option<String>,
}

/// A dataset by its identifier alone, or as a table.
fn id_or_table<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DatasetTable, D::Error> {
    struct IdOrTable;

    impl<'de> Visitor<'de> for IdOrTable {
        type Value = DatasetTable;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the identifier of a dataset, or a table")
        }

        fn visit_str<E: de::Error>(self, id: &str) -> Result<DatasetTable, E> {
            Ok(DatasetTable {
                id: Some(id.to_owned()),
                ..DatasetTable::default()
            })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DatasetTable, A::Error> {
            DatasetTable::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(IdOrTable)
}

/// How much is taken of the portal, how slowly it may come, and where it may lead.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct RetrievalTable {
    /// How long the records of a dataset may take, as in `6h`, at least `1s`.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_RETRIEVAL_TIME)))]
    pub(super) time: Option<String>,
    /// How many bytes the records of a dataset may have, not compressed.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().bytes)))]
    pub(super) bytes: Option<u64>,
    /// How many more records than announced are taken, because a dataset may grow while it is read; a quarter of
    /// what is announced where that is more.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().extra_records)))]
    pub(super) extra_records: Option<u64>,
    /// How many bytes a second must come at least, over five minutes.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().bytes_per_second)))]
    pub(super) bytes_per_second: Option<u64>,
    /// Other hosts that the portal may redirect to, as in `["parisdata.opendatasoft.com"]`, which is the default for
    /// `https://opendata.paris.fr`. It may always redirect to its own.
    pub(super) hosts: Option<Vec<String>>,
    /// A folder in which account balances are kept as they were retrieved: what is unchanged is not asked for again. It
    /// may be emptied at any time.
    #[cfg_attr(test, schemars(extend("default" = "downloads in the cache folder of the user")))]
    pub(super) folder: Option<PathBuf>,
    /// Whether the names of the portal and of these hosts may lead to addresses of a private network. `localhost`, and
    /// an address in the place of a name, always may.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    pub(super) private_addresses: Option<bool>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    /// What is meant, and the portal's name for it, as in `amount = "montant_total"`.
    pub(super) income_statement: BTreeMap<String, String>,
    /// The same for the balance sheet.
    pub(super) balance_sheet: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct BodyTable {
    /// Its SIREN number, nine digits, in groups or not; or the SIRET number of its budget.
    #[serde(default)]
    pub(super) siren: String,
    /// Its name.
    pub(super) name: String,
}

/// How the site is reached, and its limits.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct SiteTable {
    /// The proxies whose `X-Forwarded-For`, `-Host`, `-Proto`, `-Prefix` and `X-Request-Id` are believed, as networks.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub(super) trusted_proxies: Vec<IpNet>,
    /// The origins that may show pages in a frame.
    pub(super) frame_ancestors: Vec<String>,
    /// How the site is reached, as in `https://comptes.example.fr`, or below a path of a host as in
    /// `https://town.example/comptes`: links begin with that path, and what others show beside a link to a page
    /// needs whole addresses.
    pub(super) public_address: Option<String>,
    /// Links at the foot of every page and of those of a copy, but not of frames, in this order: legal notice,
    /// accessibility, contact. At most twelve.
    pub(super) links: Vec<LinkTable>,
    /// How many requests each client, and each token, may make a second in the long run. A client is an IPv4 address, or
    /// an IPv6 network of 64 bits.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().rate.per_second)))]
    pub(super) requests_per_second: Option<NonZeroU32>,
    /// How many of them at once.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().rate.burst)))]
    pub(super) burst: Option<NonZeroU32>,
    /// How many connections are open at once.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().connections)))]
    pub(super) connections: Option<usize>,
    /// How many of them one client may have that is no trusted proxy.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().connections_each)))]
    pub(super) connections_each: Option<usize>,
    /// How many files, pictures and reports are made at once, of which one client has all but one; others wait for
    /// their turn, which goes round among clients, and get 503 after five seconds.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().heavy)))]
    pub(super) heavy: Option<usize>,
    /// How many mebibytes all caches of the site hold together.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().cache >> 20)))]
    pub(super) cache_mebibytes: Option<u64>,
}

/// Statements that readers of the site write themselves, at `/sql` and `/api/v1/sql`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct SqlTable {
    /// Whether they are answered.
    pub(super) enabled: bool,
    /// Who may ask: analysts (`token`), or everybody who may read the site (`public`).
    #[cfg_attr(test, schemars(extend("default" = "token")))]
    pub(super) access: Option<String>,
    /// The PostgreSQL database as a role that may read the published views and nothing else, as in
    /// `postgres://centime_reader@HOST/NAME`. A SQLite file needs none.
    #[cfg_attr(test, schemars(extend("environment" = SQL_DATABASE)))]
    pub(super) database: Option<SecretString>,
    /// A file with that address, which may hold a password.
    pub(super) database_file: Option<PathBuf>,
    /// How long a statement may take, in seconds.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_SQL_SECONDS)))]
    pub(super) seconds: Option<NonZeroU32>,
    /// How many rows a file has at most; a page shows the first 500.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_SQL_ROWS)))]
    pub(super) rows: Option<NonZeroU32>,
    /// How many MiB of rows at most.
    #[cfg_attr(test, schemars(extend("default" = DEFAULT_SQL_MEGABYTES)))]
    pub(super) megabytes: Option<NonZeroU32>,
}

/// A link at the foot of every page, also of a copy (`centime export --site`), but not of what other sites show in
/// frames.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct LinkTable {
    /// What it is called in French, as in `Mentions légales`.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) fr: LinkTitle,
    /// What it is called in English, as in `Legal notice`.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) en: LinkTitle,
    /// Where it leads: `https://…`, `http://…`, `mailto:…`, or a path of the host such as `/contact`,
    /// which is left as it is in a copy and below a path.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) address: LinkAddress,
}

/// A text that has to be of some form; where it is not, the error says so and names its line.
fn checked<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    T::try_from(text).map_err(de::Error::custom)
}

/// Where a Metabase is, who asks it, and what the site shows of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MetabaseTable {
    /// Its address for this program; `--url` wins over it.
    pub url: Option<String>,
    /// Its address for browsers, where that is another.
    pub public_url: Option<String>,
    /// The language of names, `fr` or `en`; `--language` wins over it.
    #[cfg_attr(test, schemars(extend("default" = "fr")))]
    pub language: Option<String>,
    /// What a Metabase that is set up by us is called.
    #[cfg_attr(test, schemars(extend("default" = "Centime")))]
    pub site_name: Option<String>,
    /// The e-mail address of the administrator.
    pub email: Option<String>,
    /// A file with the administrator's password; `CENTIME_METABASE_PASSWORD` holds the password itself.
    pub password_file: Option<PathBuf>,
    /// A file with an API key, in the place of the administrator; `CENTIME_METABASE_API_KEY` holds the key itself.
    pub api_key_file: Option<PathBuf>,
    /// A file with the key of signed embedding, 64 hexadecimal digits, which allows it; `CENTIME_METABASE_EMBEDDING_KEY` holds the key itself.
    pub embedding_key_file: Option<PathBuf>,
    /// The number of the dashboard that the site shows in a frame.
    pub dashboard: Option<i64>,
    /// How Metabase reaches the database.
    pub database: MetabaseDatabaseTable,
}

/// How Metabase reaches the database.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MetabaseDatabaseTable {
    /// The host, as Metabase sees it. It must be given.
    pub host: Option<String>,
    /// The port.
    #[cfg_attr(test, schemars(extend("default" = 5432)))]
    pub port: Option<u16>,
    /// The name of the database.
    #[cfg_attr(test, schemars(extend("default" = "centime")))]
    pub name: Option<String>,
    /// The role.
    #[cfg_attr(test, schemars(extend("default" = "centime_reader")))]
    pub user: Option<String>,
    /// A file with the password of the role; `CENTIME_READER_PASSWORD` holds the password itself.
    pub password_file: Option<PathBuf>,
    /// How the connection is encrypted: `disable`, `require`, `verify-ca` or `verify-full`.
    #[cfg_attr(test, schemars(extend("default" = "verify-full")))]
    pub sslmode: Option<String>,
    /// The certificate of the authority, as a file where Metabase runs.
    pub sslrootcert: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TlsTable {
    /// A PEM file with the certificate and those that certify it; read again when it changes.
    pub(super) certificate: PathBuf,
    /// A PEM file with its key.
    pub(super) key: PathBuf,
    /// An address where visitors in the clear are sent to HTTPS, as in `0.0.0.0:80`.
    pub(super) redirect: Option<String>,
}

impl File {
    /// Whether a secret stands in the file itself.
    pub(super) fn has_secret(&self) -> bool {
        let databases = [&self.database, &self.sql.database];
        let mut sources = self.source.iter();
        self.api_key.is_some()
            || sources.any(|source| source.api_key.is_some())
            || databases
                .into_iter()
                .flatten()
                .any(SecretString::has_password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_default_and_a_misspelt_setting_is_refused() {
        let file = toml::from_str::<File>("").unwrap();
        assert_eq!(file.datasets.income_statement.id, None);
        assert!(
            toml::from_str::<File>("portals = \"x\"")
                .unwrap_err()
                .to_string()
                .contains("portals")
        );
    }
}
