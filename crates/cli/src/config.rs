//! Settings: a flag wins over the environment, the environment over `centime.toml`, and that over
//! the default.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use centime_access::Mode;
use centime_access::time::duration;
use centime_accounts::identifier;
use centime_analytics::Catalogue;
use centime_analytics::own::Folder;
use centime_pipeline::checks::CHECKS as CHECKS_OF_A_RUN;
use centime_pipeline::{AcceptedChanges, BodyName, Policy, Reading, ReadingSettings, Source};
use centime_portal::{Limits, Portal};
use centime_server::{Base, FooterLink, LinkAddress, LinkTitle, MOST_LINKS, Rate, Settings, Tls};
use centime_warehouse::access::SHORTEST_RETENTION;
use centime_warehouse::key::NotAKey;
use centime_warehouse::sql;
use centime_warehouse::{DatabaseUrl, Key, Subject};
use directories::ProjectDirs;
use ipnet::IpNet;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::args::{At, Change, Common, From};
use crate::failure::Failure;
use crate::tell::tell;

pub(crate) mod variables;

const PORTAL: &str = "https://opendata.paris.fr";
/// The other name of that portal, which the same server answers to.
const PORTAL_TOO: &str = "parisdata.opendatasoft.com";
const INCOME_STATEMENT: &str = "compte-de-resultat";
const BALANCE_SHEET: &str = "bilan-comptable";
const LISTEN: &str = "127.0.0.1:8080";
const REFRESH: &str = "1d";
const RETRY: &str = "5min";
/// How long the records of a dataset may take: `Limits::default`, as people write it.
const TIME: &str = "6h";
const KEEP_REVISIONS: u32 = 10;
const AUDIT_KEEP: &str = "365d";
const FILE: &str = "centime.toml";
const ANALYSES: &str = "analyses.d";
const CHECKS: &str = "checks.d";
const SQL_SECONDS: u32 = 5;
const SQL_ROWS: u32 = 100_000;
const SQL_MEGABYTES: u32 = 32;

/// The environment variable with the database that statements of readers are asked of: it may hold a password.
const SQL_DATABASE: &str = "CENTIME_SQL_DATABASE_URL";

/// The fewest revisions that are kept: those who read the one before the current one can finish.
const FEWEST_REVISIONS: u32 = 2;

/// The environment variable with the portal's API key. There is no flag for it, because other
/// users of a machine can read command lines.
const API_KEY: &str = "CENTIME_API_KEY";

/// The environment variable with the key of an encrypted SQLite file, which has no flag either.
const DATABASE_KEY: &str = "CENTIME_DATABASE_KEY";

/// The environment variable with the key that `centime db rekey` gives it.
const NEW_DATABASE_KEY: &str = "CENTIME_NEW_DATABASE_KEY";

/// A setting that is a secret, or may hold one.
#[derive(Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Hidden(String);

impl FromStr for Hidden {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl Hidden {
    /// Whether it is the address of a database with a password in it.
    fn has_password(&self) -> bool {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (user, _) = rest.rsplit_once('@').unwrap_or_default();
        user.contains(':') || rest.contains("password=")
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The settings that were given.
#[derive(Debug)]
pub struct Config {
    file: File,
    database: Option<Hidden>,
    key_file: Option<PathBuf>,
    /// Where the configuration file is, or would be: its relative paths begin here.
    folder: Option<PathBuf>,
    /// The analyses and checks, once they have been read.
    catalogue: OnceLock<Catalogue>,
    /// Say nothing but errors.
    pub quiet: bool,
}

/// How statements of readers are answered.
pub struct SqlSettings {
    /// The database, as whoever may read what is published and nothing else.
    pub database: DatabaseUrl,
    /// How much a statement may ask for.
    pub limits: sql::Limits,
    /// Whether all who may read the site may ask.
    pub open: bool,
}

/// What `centime.toml` may hold. The texts are those of `docs/configuration.md`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The Opendatasoft portal that the statement comes from.
    #[cfg_attr(test, schemars(extend("default" = PORTAL)))]
    portal: Option<String>,
    /// The API key of the portal. It has no flag, so that no other user of the machine sees it.
    #[cfg_attr(test, schemars(extend("environment" = API_KEY)))]
    api_key: Option<Hidden>,
    /// The database: `sqlite:PATH` or `postgres://USER@HOST/NAME`. The sample edition has a file of its
    /// own unless a flag or the environment names a database.
    #[cfg_attr(test, schemars(extend("default" = "a file in the user's data folder")))]
    database: Option<Hidden>,
    /// A file with the key of an encrypted SQLite database: 64 hexadecimal digits.
    #[serde(rename = "database_key_file")]
    database_key: Option<PathBuf>,
    /// The address that the site listens on.
    #[cfg_attr(test, schemars(extend("default" = LISTEN)))]
    listen: Option<String>,
    /// The time between two regular runs of `centime up`, as in `6h` or `1d`; `never` runs once.
    #[cfg_attr(test, schemars(extend("default" = REFRESH)))]
    refresh: Option<String>,
    /// How long `centime up` waits after a run that found the portal or the database away, as in `5min`, at least
    /// `1s`. Each further one doubles the wait, up to the time between two runs.
    #[cfg_attr(test, schemars(extend("default" = RETRY)))]
    refresh_retry: Option<String>,
    /// How long the audit log keeps what was done: a run deletes what is older. At least 90 days, or `never` for what is
    /// never deleted.
    #[cfg_attr(test, schemars(extend("default" = AUDIT_KEEP)))]
    audit_keep: Option<String>,
    /// How many published revisions are kept, at least 2.
    #[cfg_attr(test, schemars(extend("default" = KEEP_REVISIONS)))]
    keep_revisions: Option<u32>,
    /// Who may read the site: everyone (`public`) or whoever has a token (`token`).
    #[cfg_attr(test, schemars(extend("default" = "public on this machine only, else token")))]
    access: Option<String>,
    /// A folder with analyses of your own, beside this file unless the path begins elsewhere.
    #[cfg_attr(test, schemars(extend("default" = ANALYSES)))]
    analyses: Option<PathBuf>,
    /// A folder with checks of your own.
    #[cfg_attr(test, schemars(extend("default" = CHECKS)))]
    checks: Option<PathBuf>,
    /// How the site is reached, and its limits.
    #[serde(default)]
    site: SiteTable,
    /// Statements that readers of the site write themselves.
    #[serde(default)]
    sql: SqlTable,
    /// The certificate of a site that speaks HTTPS itself.
    tls: Option<TlsTable>,
    /// The datasets of the portal: each by its identifier, as in `balance_sheet = "bilan-comptable"`, or as a table
    /// that says how it is asked for and read, too.
    #[serde(default)]
    datasets: Datasets,
    /// How much is taken of the portal, how slowly it may come, and where it may lead.
    #[serde(default)]
    retrieval: RetrievalTable,
    /// The names of fields that are not found by themselves.
    #[serde(default)]
    fields: Fields,
    /// The public body, only where the portal does not say.
    body: Option<BodyTable>,
    /// A Metabase over what is published.
    #[serde(default)]
    metabase: MetabaseTable,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Datasets {
    /// The income statement: `compte-de-resultat` where nothing else is said.
    #[serde(deserialize_with = "id_or_table")]
    income_statement: DatasetTable,
    /// The balance sheet that results are reconciled with: `bilan-comptable` where nothing else is said, and `""`
    /// where there is none.
    #[serde(deserialize_with = "id_or_table")]
    balance_sheet: DatasetTable,
}

/// A dataset, and how it is asked for and read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct DatasetTable {
    /// Its identifier on the portal.
    id: Option<String>,
    /// Which records, as a condition in ODSQL that the portal applies, as in `nature_budget = 'CA'`.
    r#where: Option<String>,
    /// The time zone that days are meant in, as in `Europe/Paris`: the portal is asked to write moments so.
    timezone: Option<String>,
    /// The decimal mark of amounts that are texts, `,` or `.`; spaces, `€` and any kind of minus are then
    /// understood, too.
    decimal: Option<String>,
    /// The mark between thousands, where `1.234` is to be read as more than a thousand: the one of `,` and `.` that
    /// is not the decimal mark.
    thousands: Option<String>,
    /// How the fiscal year is written.
    fiscal_year: YearTable,
    /// Where each year is a column: the amount (`amount`; of a balance sheet `gross`, `depreciation`, `net`) and the
    /// portal's names with `{year}` for the year, as in `{ amount = "exercice_{year}" }`.
    columns: BTreeMap<String, String>,
    /// Fields that may differ between rows of the same line, which are then added up.
    ignore: Vec<String>,
}

/// How the fiscal year is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct YearTable {
    /// Its form, with `%Y` for the year, `%m` for the month and `%d` for the day, as in `%Y%m%d`.
    format: Option<String>,
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

impl DatasetTable {
    /// How it is asked for and read.
    fn reading(&self, subject: Subject) -> Result<Reading, Failure> {
        let settings = ReadingSettings {
            filter: self.r#where.clone(),
            timezone: self.timezone.clone(),
            decimal: self.decimal.clone(),
            thousands: self.thousands.clone(),
            year_format: self.fiscal_year.format.clone(),
            columns: self.columns.clone(),
            ignore: self.ignore.clone(),
        };
        Reading::new(subject, &settings)
            .map_err(|error| Failure::Usage(format!("datasets.{}.{error}", subject.name())))
    }
}

/// How much is taken of the portal, how slowly it may come, and where it may lead.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct RetrievalTable {
    /// How long the records of a dataset may take, as in `6h`, at least `1s`.
    #[cfg_attr(test, schemars(extend("default" = TIME)))]
    time: Option<String>,
    /// How many bytes the records of a dataset may have, not compressed.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().bytes)))]
    bytes: Option<u64>,
    /// How many more records than announced are taken, because a dataset may grow while it is read; a quarter of
    /// what is announced where that is more.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().extra_records)))]
    extra_records: Option<u64>,
    /// How many bytes a second must come at least, over five minutes.
    #[cfg_attr(test, schemars(extend("default" = Limits::default().bytes_per_second)))]
    bytes_per_second: Option<u64>,
    /// Other hosts that the portal may redirect to, as in `["parisdata.opendatasoft.com"]`, which is the default for
    /// `https://opendata.paris.fr`. It may always redirect to its own.
    hosts: Option<Vec<String>>,
    /// Whether the names of the portal and of these hosts may lead to addresses of a private network. `localhost`, and
    /// an address in the place of a name, always may.
    #[cfg_attr(test, schemars(extend("default" = false)))]
    private_addresses: Option<bool>,
}

impl RetrievalTable {
    fn limits(&self) -> Result<Limits, Failure> {
        let usual = Limits::default();
        let time = match &self.time {
            None => usual.time,
            Some(text) => duration(text)
                .filter(|found| *found >= Duration::from_secs(1))
                .ok_or_else(|| {
                    Failure::Usage(format!(
                        "retrieval.time = «{text}» is not a time: expected such as {TIME} or 30min, at least 1s"
                    ))
                })?,
        };
        Ok(Limits {
            time,
            bytes: self.bytes.unwrap_or(usual.bytes),
            extra_records: self.extra_records.unwrap_or(usual.extra_records),
            bytes_per_second: self.bytes_per_second.unwrap_or(usual.bytes_per_second),
            window: usual.window,
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Fields {
    /// What is meant, and the portal's name for it, as in `amount = "montant_total"`.
    income_statement: BTreeMap<String, String>,
    /// The same for the balance sheet.
    balance_sheet: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct BodyTable {
    /// Its SIREN number, nine digits, in groups or not; or the SIRET number of its budget.
    #[serde(default)]
    siren: String,
    /// Its name.
    name: String,
}

/// How the site is reached, and its limits.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct SiteTable {
    /// The proxies whose `X-Forwarded-For`, `-Host`, `-Proto`, `-Prefix` and `X-Request-Id` are believed, as networks.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    trusted_proxies: Vec<IpNet>,
    /// The origins that may show pages in a frame.
    frame_ancestors: Vec<String>,
    /// How the site is reached, as in `https://comptes.example.fr`, or below a path of a host as in
    /// `https://town.example/comptes`: links begin with that path, and what others show beside a link to a page
    /// needs whole addresses.
    public_address: Option<String>,
    /// Links at the foot of every page and of those of a copy, but not of frames, in this order: legal notice,
    /// accessibility, contact. At most twelve.
    links: Vec<LinkTable>,
    /// How many requests each client, and each token, may make a second in the long run. A client is an IPv4 address, or
    /// an IPv6 network of 64 bits.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().rate.per_second)))]
    requests_per_second: Option<NonZeroU32>,
    /// How many of them at once.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().rate.burst)))]
    burst: Option<NonZeroU32>,
    /// How many connections are open at once.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().connections)))]
    connections: Option<usize>,
    /// How many of them one client may have that is no trusted proxy.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().connections_each)))]
    connections_each: Option<usize>,
    /// How many files, pictures and reports are made at once, of which one client has all but one; others wait for
    /// their turn, which goes round among clients, and get 503 after five seconds.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().heavy)))]
    heavy: Option<usize>,
    /// How many mebibytes all caches of the site hold together.
    #[cfg_attr(test, schemars(extend("default" = Settings::default().cache >> 20)))]
    cache_mebibytes: Option<u64>,
}

/// Statements that readers of the site write themselves, at `/sql` and `/api/v1/sql`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct SqlTable {
    /// Whether they are answered.
    enabled: bool,
    /// Who may ask: analysts (`token`), or everybody who may read the site (`public`).
    #[cfg_attr(test, schemars(extend("default" = "token")))]
    access: Option<String>,
    /// The PostgreSQL database as a role that may read the published views and nothing else, as in
    /// `postgres://centime_reader@HOST/NAME`. A SQLite file needs none.
    #[cfg_attr(test, schemars(extend("environment" = SQL_DATABASE)))]
    database: Option<Hidden>,
    /// A file with that address, which may hold a password.
    database_file: Option<PathBuf>,
    /// How long a statement may take, in seconds.
    #[cfg_attr(test, schemars(extend("default" = SQL_SECONDS)))]
    seconds: Option<NonZeroU32>,
    /// How many rows a file has at most; a page shows the first 500.
    #[cfg_attr(test, schemars(extend("default" = SQL_ROWS)))]
    rows: Option<NonZeroU32>,
    /// How many MiB of rows at most.
    #[cfg_attr(test, schemars(extend("default" = SQL_MEGABYTES)))]
    megabytes: Option<NonZeroU32>,
}

/// A link at the foot of every page, also of a copy (`centime export --site`), but not of what other sites show in
/// frames.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct LinkTable {
    /// What it is called in French, as in `Mentions légales`.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    fr: LinkTitle,
    /// What it is called in English, as in `Legal notice`.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    en: LinkTitle,
    /// Where it leads: `https://…`, `http://…`, `mailto:…`, or a path of the host such as `/contact`,
    /// which is left as it is in a copy and below a path.
    #[serde(deserialize_with = "checked")]
    #[cfg_attr(test, schemars(with = "String"))]
    address: LinkAddress,
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
struct TlsTable {
    /// A PEM file with the certificate and those that certify it; read again when it changes.
    certificate: PathBuf,
    /// A PEM file with its key.
    key: PathBuf,
    /// An address where visitors in the clear are sent to HTTPS, as in `0.0.0.0:80`.
    redirect: Option<String>,
}

impl File {
    /// Whether a secret stands in the file itself.
    fn has_secret(&self) -> bool {
        let databases = [&self.database, &self.sql.database];
        self.api_key.is_some() || databases.into_iter().flatten().any(Hidden::has_password)
    }
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
            (None, Some(path)) => Some(address_in(path)?),
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
            address.filter(|_| self.database.as_ref().is_some_and(Hidden::has_password)),
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
            if crate::exposed::is_exposed(file) {
                tell(format!(
                    "warning: {} holds a secret, and every user of this machine may read it: chmod o-r {0}",
                    file.display()
                ));
            }
        }
    }

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
            place(self.file.analyses.as_ref(), ANALYSES),
            place(self.file.checks.as_ref(), CHECKS),
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
        let given = std::env::var(SQL_DATABASE)
            .ok()
            .filter(|text| !text.is_empty());
        let given = given.map(Hidden).or_else(|| table.database.clone());
        let given = match (given, &table.database_file) {
            (Some(url), _) => Some(url),
            (None, Some(path)) => Some(address_in(path)?),
            (None, None) => None,
        };
        let database = match (given, site.path()) {
            (None, Some(_)) => site.clone(),
            (Some(_), Some(_)) => {
                return Err(Failure::Usage(
                    "sql.database is set, and the database of the site is a file, which has no roles: take it out".to_owned(),
                ));
            }
            (Some(url), None) => url
                .0
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
        let seconds = table.seconds.map_or(SQL_SECONDS, NonZeroU32::get);
        Ok(Some(SqlSettings {
            database,
            limits: sql::Limits {
                time: Duration::from_secs(seconds.into()),
                rows: number(table.rows, SQL_ROWS),
                bytes: number(table.megabytes, SQL_MEGABYTES).saturating_mul(1 << 20),
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
                .0
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

    /// What a run reads from, unless it is the sample edition at this address.
    pub fn source(&self, from: &From, sample: Option<&str>) -> Result<Source, Failure> {
        // What the file says of a portal is not about the sample edition.
        let usual = File::default();
        let (portal, file) = if let Some(url) = sample {
            (Portal::builder(url), &usual)
        } else {
            let url = from.portal.as_ref().or(self.file.portal.as_ref());
            let api_key = std::env::var(API_KEY)
                .ok()
                .filter(|key| !key.is_empty())
                .or_else(|| self.file.api_key.clone().map(|key| key.0));
            let url = url.map_or(PORTAL, String::as_str);
            let retrieval = &self.file.retrieval;
            let usual = || {
                let is_usual = url.trim().trim_end_matches('/') == PORTAL;
                is_usual
                    .then(|| PORTAL_TOO.to_owned())
                    .into_iter()
                    .collect()
            };
            let portal = Portal::builder(url)
                .api_key(api_key)
                .limits(retrieval.limits()?)
                .hosts(retrieval.hosts.clone().unwrap_or_else(usual))
                .private_addresses(retrieval.private_addresses.unwrap_or(false));
            (portal, &self.file)
        };
        let Datasets {
            income_statement,
            balance_sheet,
        } = &file.datasets;
        let id = |table: &DatasetTable, usual: &str| {
            let id = table.id.as_deref().map(str::trim);
            id.unwrap_or(usual).to_owned()
        };
        let named = |subject: Subject, fields: &BTreeMap<String, String>| {
            let known: Vec<&str> = centime_pipeline::field_names(subject).collect();
            match fields.keys().find(|key| !known.contains(&key.as_str())) {
                None => Ok((subject.name(), fields.clone())),
                Some(unknown) => Err(Failure::Usage(format!(
                    "fields.{}: there is no «{unknown}»: expected one of {}",
                    subject.name(),
                    known.join(", ")
                ))),
            }
        };
        let (statement, sheet) = (Subject::IncomeStatement, Subject::BalanceSheet);
        Ok(Source {
            portal: portal.build()?,
            income_statement: id(income_statement, INCOME_STATEMENT),
            balance_sheet: Some(id(balance_sheet, BALANCE_SHEET)).filter(|id| !id.is_empty()),
            fields: BTreeMap::from([
                named(statement, &file.fields.income_statement)?,
                named(sheet, &file.fields.balance_sheet)?,
            ]),
            readings: BTreeMap::from([
                (statement.name(), income_statement.reading(statement)?),
                (sheet.name(), balance_sheet.reading(sheet)?),
            ]),
            body: file.body.as_ref().map(body_name).transpose()?,
        })
    }

    /// How a run publishes.
    pub fn policy(&self, from: &From) -> Result<Policy, Failure> {
        let keep = self.file.keep_revisions.unwrap_or(KEEP_REVISIONS);
        if keep < FEWEST_REVISIONS {
            return Err(Failure::Usage(format!(
                "keep_revisions = {keep} is too few: at least {FEWEST_REVISIONS}, so that those who read the revision before the current one can finish"
            )));
        }
        let has = |change: Change| {
            from.accept_changes.contains(&Change::All) || from.accept_changes.contains(&change)
        };
        Ok(Policy {
            keep,
            accept_changes: AcceptedChanges {
                years: has(Change::Years),
                body: has(Change::Body),
                reconciliation: has(Change::Reconciliation),
            },
        })
    }

    /// The tables of the file that are about a portal and its data, which the sample edition does not need.
    pub fn about_a_portal(&self) -> Vec<&'static str> {
        let (datasets, fields) = (&self.file.datasets, &self.file.fields);
        let given = [
            ("[datasets]", *datasets != Datasets::default()),
            ("[fields]", *fields != Fields::default()),
            ("[body]", self.file.body.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| name).collect()
    }

    /// The address to listen on.
    pub fn listen(&self, at: &At) -> String {
        self.listens(at.listen.as_deref())
    }

    /// Whether somebody chose the address to listen on.
    pub fn chooses_listen(&self, at: &At) -> bool {
        at.listen.is_some() || self.file.listen.is_some()
    }

    /// The address that a site listens on, with this flag.
    pub fn listens(&self, flag: Option<&str>) -> String {
        flag.map(str::to_owned)
            .or_else(|| self.file.listen.clone())
            .unwrap_or_else(|| LISTEN.to_owned())
    }

    /// Who may read; `None` where nobody has said so.
    pub fn access(&self, at: &At) -> Result<Option<Mode>, Failure> {
        let text = at.access.as_ref().or(self.file.access.as_ref());
        let mode = text.map(|text| text.parse::<Mode>()).transpose();
        mode.map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Whether the configuration file closes a site that a flag or the environment opens, so that somebody who
    /// reads the file alone would be mistaken.
    pub fn is_opened(&self, at: &At) -> bool {
        let mode = |text: Option<&str>| text.and_then(|text| text.parse::<Mode>().ok());
        mode(at.access.as_deref()) == Some(Mode::Public)
            && mode(self.file.access.as_deref()) == Some(Mode::Token)
    }

    /// The certificate of the site, where it has one.
    pub fn tls(&self) -> Result<Option<Tls>, Failure> {
        let tls = self.file.tls.as_ref();
        let tls = tls.map(|tls| Tls::open(&tls.certificate, &tls.key));
        tls.transpose()
            .map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Whether the site speaks HTTPS itself.
    pub const fn is_https(&self) -> bool {
        self.file.tls.is_some()
    }

    /// Where visitors who do not speak encrypted are told where the site is.
    pub fn redirect(&self) -> Option<&str> {
        self.file.tls.as_ref()?.redirect.as_deref()
    }

    /// What is said of Metabase.
    pub const fn metabase(&self) -> &MetabaseTable {
        &self.file.metabase
    }

    /// The settings of the site.
    pub fn site(&self, mode: Mode) -> Result<Settings, Failure> {
        let site = &self.file.site;
        for origin in &site.frame_ancestors {
            let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, ';' | ',');
            if origin.is_empty() || !origin.chars().all(plain) {
                return Err(Failure::Usage(format!(
                    "«{origin}» cannot show pages in a frame: expected an origin such as https://intranet.example.fr"
                )));
            }
        }
        let public_address = site.public_address.as_deref().map(public_address);
        let usual = Settings::default();
        let at_least_one = |given: Option<usize>, usual: usize| given.unwrap_or(usual).max(1);
        Ok(Settings {
            mode,
            trusted_proxies: site.trusted_proxies.clone(),
            frame_ancestors: site.frame_ancestors.clone(),
            metabase: crate::commands::metabase::shown(&self.file.metabase)?,
            public_address: public_address.transpose()?,
            links: self.links()?,
            https: self.file.tls.is_some(),
            rate: Rate {
                per_second: site.requests_per_second.unwrap_or(usual.rate.per_second),
                burst: site.burst.unwrap_or(usual.rate.burst),
            },
            connections: at_least_one(site.connections, usual.connections),
            connections_each: at_least_one(site.connections_each, usual.connections_each),
            heavy: at_least_one(site.heavy, usual.heavy),
            cache: site
                .cache_mebibytes
                .map_or(usual.cache, |mebibytes| mebibytes.saturating_mul(1 << 20)),
            ..usual
        })
    }

    /// The links at the foot of every page.
    pub fn links(&self) -> Result<Vec<FooterLink>, Failure> {
        let links = &self.file.site.links;
        if links.len() > MOST_LINKS {
            return Err(Failure::Usage(format!(
                "[[site.links]] is there {} times: a page shows at most {MOST_LINKS} links at its foot",
                links.len()
            )));
        }
        let link = |table: &LinkTable| FooterLink {
            french: table.fr.clone(),
            english: table.en.clone(),
            address: table.address.clone(),
        };
        Ok(links.iter().map(link).collect())
    }

    /// How long to wait between two runs; `None` for ever.
    pub fn refresh(&self, flag: Option<&str>) -> Result<Option<Duration>, Failure> {
        let text = flag.or(self.file.refresh.as_deref()).unwrap_or(REFRESH);
        if text == "never" {
            return Ok(None);
        }
        match duration(text).filter(|found| *found >= Duration::from_mins(1)) {
            Some(found) => Ok(Some(found)),
            None => Err(Failure::Usage(format!(
                "«{text}» is not a time between runs: expected such as 6h or 1d, at least 1min, or never"
            ))),
        }
    }

    /// How long the audit log keeps what was done; `None` for ever.
    pub fn audit_keep(&self) -> Result<Option<Duration>, Failure> {
        let text = self.file.audit_keep.as_deref().unwrap_or(AUDIT_KEEP);
        if text == "never" {
            return Ok(None);
        }
        match duration(text).filter(|found| *found >= SHORTEST_RETENTION) {
            Some(found) => Ok(Some(found)),
            None => Err(Failure::Usage(format!(
                "audit_keep = «{text}» is not a time to keep the audit log: expected such as 365d, at least 90d, or never"
            ))),
        }
    }

    /// How long to wait after a run that found something away.
    pub fn refresh_retry(&self) -> Result<Duration, Failure> {
        let text = self.file.refresh_retry.as_deref().unwrap_or(RETRY);
        let found = duration(text).filter(|found| *found >= Duration::from_secs(1));
        found.ok_or_else(|| {
            Failure::Usage(format!(
                "refresh_retry = «{text}» is not a time to wait: expected such as 5min or 30s, at least 1s"
            ))
        })
    }
}

/// The address of a database that is alone in a file.
fn address_in(path: &Path) -> Result<Hidden, Failure> {
    let unusable = |reason: &str| {
        Failure::Usage(format!(
            "{} cannot be used as the address of a database ({reason}): expected one line such as postgres://USER@HOST/NAME",
            path.display()
        ))
    };
    let text = fs::read_to_string(path).map_err(|error| unusable(&error.to_string()))?;
    match text.trim() {
        "" => Err(unusable("it is empty")),
        text if text.contains('\n') => Err(unusable("it has several lines")),
        text => Ok(Hidden(text.to_owned())),
    }
}

/// The public body that the file names.
fn body_name(body: &BodyTable) -> Result<BodyName, Failure> {
    let siren = match body.siren.trim() {
        "" => String::new(),
        text => {
            let digits = identifier::digits(text);
            let digits = digits.map_err(|error| Failure::Usage(format!("body.siren: {error}")))?;
            digits.into_owned()
        }
    };
    Ok(BodyName {
        siren,
        name: body.name.clone(),
    })
}

/// Makes a folder, and those above it, that nobody else enters. Those that are there are not touched.
fn make_for_oneself(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "centime")
}

/// The configuration file that is used where none is named, and what it says.
fn found() -> Result<(Option<PathBuf>, File), Failure> {
    let of_the_user = folders().map(|folders| folders.config_dir().join(FILE));
    for path in std::iter::once(PathBuf::from(FILE)).chain(of_the_user) {
        if let Some(file) = read(&path)? {
            return Ok((Some(path), file));
        }
    }
    Ok((None, File::default()))
}

/// Reads a configuration file; `None` when there is no such file.
fn read(path: &Path) -> Result<Option<File>, Failure> {
    match fs::read(path) {
        Ok(bytes) => parse(&bytes)
            .map(Some)
            .map_err(|reason| Failure::Usage(format!("{}: {reason}", path.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Usage(format!(
            "{} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Reads the settings in a file, or says where they are wrong.
fn parse(bytes: &[u8]) -> Result<File, String> {
    const HOW: &str = "save it again as UTF-8, which editors offer as the encoding of a file";
    let has = |mark: &[u8]| bytes.starts_with(mark);
    // A byte order mark, or every other byte of plain letters.
    if has(b"\xff\xfe") || has(b"\xfe\xff") || bytes.iter().take(2).any(|byte| *byte == 0) {
        return Err(format!("the file is in UTF-16: {HOW}"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        format!(
            "line {line} has letters that are not in UTF-8, probably in Windows-1252 or Latin-1: {HOW}"
        )
    })?;
    toml::from_str(text).map_err(|error| misread(text, &error))
}

/// What is wrong with the settings in a text: where and why, but not what stands there, which may be a password.
fn misread(text: &str, error: &toml::de::Error) -> String {
    let reason = without_value(error.message());
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return reason;
    };
    let line = before.matches('\n').count();
    let column = before
        .chars()
        .rev()
        .take_while(|letter| *letter != '\n')
        .count()
        + 1;
    // Settings have names of such letters only; anything else could be a part of a text.
    let is_name = |name: &str| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.');
        !name.is_empty() && name.bytes().all(letter)
    };
    let lines = text.lines().take(line + 1);
    let table = lines.filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
    let table = table.map(|name| name.trim_matches(['[', ']'])).last();
    let name = text.lines().nth(line).and_then(|line| line.split_once('='));
    let table = table
        .filter(|name| is_name(name))
        .map(|name| format!("[{name}]"));
    let name = name
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| is_name(name));
    let setting: Vec<String> = table.into_iter().chain(name).collect();
    let setting = match setting.as_slice() {
        [] => String::new(),
        setting => format!(", {}", setting.join(" ")),
    };
    format!("line {}, column {column}{setting}: {reason}", line + 1)
}

/// A message about a value of a wrong type without the value.
fn without_value(message: &str) -> String {
    let told = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| {
            let (value, expected) = message.strip_prefix(start)?.rsplit_once(", expected ")?;
            let kind = value
                .split(['"', '`', ','])
                .next()
                .unwrap_or_default()
                .trim();
            Some(format!("{start}{kind}, expected {expected}"))
        });
    told.unwrap_or_else(|| message.trim().to_owned())
}

/// An address of a site, without a slash at its end.
fn public_address(text: &str) -> Result<String, Failure> {
    let wrong = |expected: &str| {
        // Whoever put a password there need not find it in a log.
        let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
        Failure::Usage(format!(
            "site.public_address = «{shown}»: expected {expected}"
        ))
    };
    let address = text.strip_suffix('/').unwrap_or(text);
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]_".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(wrong(
            "an address such as https://comptes.example.fr or https://town.example/comptes",
        ));
    }
    match Base::parse(path) {
        Some(base) if base.is_own() => Err(wrong(&format!(
            "a path that does not begin as one of the site's own, which {base} does"
        ))),
        Some(_) => Ok(address.to_owned()),
        None => Err(wrong(
            "a plain path behind the host, of letters, digits and -._~, such as /comptes",
        )),
    }
}

/// The key in an environment variable or in a file; never both.
fn key(variable: &str, file: Option<&Path>) -> Result<Option<Key>, Failure> {
    let unusable = |place: &str, reason: &dyn std::fmt::Display| {
        Failure::Usage(format!("{place} cannot be used as a key: {reason}"))
    };
    let given = std::env::var_os(variable).filter(|text| !text.is_empty());
    match (given, file) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "a key is given both in {variable} and in a file: give one of them"
        ))),
        (Some(text), None) => {
            let key = text.to_string_lossy().parse();
            key.map(Some)
                .map_err(|error: NotAKey| unusable(variable, &error))
        }
        (None, Some(path)) => {
            let place = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| unusable(&place, &error))?;
            let key = text.parse();
            key.map(Some)
                .map_err(|error: NotAKey| unusable(&place, &error))
        }
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;

    use super::*;

    fn config(text: &str) -> Result<File, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn everything_has_a_default_and_a_misspelt_setting_is_refused() {
        let file = config("").unwrap();
        assert_eq!(file.datasets.income_statement.id, None);
        assert!(
            config("portals = \"x\"")
                .unwrap_err()
                .to_string()
                .contains("portals")
        );
    }

    fn source(text: &str) -> Result<Source, String> {
        let config = Config {
            file: config(text).map_err(|error| error.to_string())?,
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        let from = From {
            portal: None,
            sample: false,
            accept_changes: Vec::new(),
        };
        let source = config.source(&from, None);
        source.map_err(|failure| match failure {
            Failure::Usage(message) => message,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_dataset_is_an_identifier_or_a_table() {
        let usual = source("").unwrap();
        assert_eq!(usual.income_statement, "compte-de-resultat");
        assert_eq!(usual.balance_sheet.as_deref(), Some("bilan-comptable"));
        let text = "[datasets]\nincome_statement = \"a\"\nbalance_sheet = \"\"";
        let named = source(text).unwrap();
        assert_eq!(
            (named.income_statement.as_str(), named.balance_sheet),
            ("a", None)
        );
        let text = "[datasets.income_statement]\nid = \"b\"\nwhere = \"x = 1\"\ndecimal = \",\"\n\
            fiscal_year = { format = \"%Y%m%d\" }\nignore = [\"c\"]\n[datasets.balance_sheet]\ntimezone = \"Europe/Paris\"";
        let table = source(text).unwrap();
        assert_eq!(table.income_statement, "b");
        assert_eq!(table.balance_sheet.as_deref(), Some("bilan-comptable"));
        for (text, words) in [
            ("[datasets.income_statement]\nwere = \"x\"", "were"),
            (
                "[datasets]\nincome_statement = 7",
                "the identifier of a dataset, or a table",
            ),
            (
                "[datasets.income_statement]\ndecimal = \";\"",
                "datasets.income_statement.decimal: «;»",
            ),
            (
                "[datasets.balance_sheet]\ntimezone = \"Paris\"",
                "datasets.balance_sheet.timezone: «Paris»",
            ),
            (
                "[datasets.balance_sheet]\ncolumns = { amount = \"{year}\" }",
                "datasets.balance_sheet.columns: there is no «amount»: expected gross, depreciation, net",
            ),
            (
                "[datasets.income_statement]\nfiscal_year = { form = \"x\" }",
                "form",
            ),
            (
                "[fields.income_statement]\nmontant = \"x\"",
                "fields.income_statement: there is no «montant»",
            ),
        ] {
            let message = source(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn the_number_of_a_body_is_read_as_it_is_written_or_refused() {
        let siren = |siren: &str| {
            let text = format!("[body]\nname = \"X\"\nsiren = \"{siren}\"");
            source(&text).map(|source| source.body.unwrap().siren)
        };
        assert_eq!(siren("217 500 016").unwrap(), "217500016");
        assert_eq!(siren("217 500 016 00019").unwrap(), "21750001600019");
        assert_eq!(siren("").unwrap(), "");
        for wrong in ["21750001", "2175000160", "Paris", "217500016x"] {
            let message = siren(wrong).unwrap_err();
            assert!(
                message.starts_with("body.siren: ") && message.contains("nine digits"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_told_from_a_wrong_one() {
        let text = "[body]\nname = \"Évry\"";
        let utf_16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = mark.then_some(0xfeff);
            mark.into_iter()
                .chain(text.encode_utf16())
                .flat_map(bytes)
                .collect()
        };
        for (bytes, said) in [
            (utf_16(true, u16::to_le_bytes), "UTF-16"),
            (utf_16(true, u16::to_be_bytes), "UTF-16"),
            (utf_16(false, u16::to_le_bytes), "UTF-16"),
            (utf_16(false, u16::to_be_bytes), "UTF-16"),
            (b"[body]\nname = \"\xc9vry\"".to_vec(), "line 2"),
        ] {
            let reason = parse(&bytes).unwrap_err();
            assert!(
                reason.contains(said) && reason.contains("UTF-8"),
                "{reason}"
            );
        }
        for mark in ["", "\u{feff}"] {
            let file = parse(format!("{mark}{text}").as_bytes()).unwrap();
            assert_eq!(file.body.unwrap().name, "Évry");
        }
        assert!(parse(b"\r\nportal = \"https://a.example\"\r\n").is_ok());
        assert!(parse(b"").is_ok());
    }

    #[test]
    fn the_site_s_settings_are_read_and_wrong_ones_refused() {
        let text = "access = \"token\"\n[site]\ntrusted_proxies = [\"10.0.0.0/8\"]\nburst = 7\n\
            frame_ancestors = [\"https://intranet.example.fr\"]";
        let with = |file| Config {
            file,
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        let at = At {
            listen: None,
            access: None,
            allow_public: false,
        };
        let read = with(config(text).unwrap());
        assert_eq!(read.access(&at).unwrap(), Some(Mode::Token));
        let site = read.site(Mode::Token).unwrap();
        assert_eq!(site.rate.burst.get(), 7);
        assert_eq!(site.trusted_proxies.len(), 1);
        assert!(!site.https);
        for wrong in [
            "[site]\ntrusted_proxies = [\"10.0.0.0/33\"]",
            "[site]\nburst = 0",
            "[site]\nbrust = 1",
            "[tls]\ncertificate = \"a\"",
        ] {
            assert!(config(wrong).is_err(), "{wrong}");
        }
        for wrong in ["a; script-src *", "", "a b"] {
            let file = config(&format!("[site]\nframe_ancestors = [\"{wrong}\"]")).unwrap();
            assert!(with(file).site(Mode::Token).is_err(), "{wrong}");
        }
        for (given, read) in [
            (
                "https://comptes.example.fr/",
                Some("https://comptes.example.fr"),
            ),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("comptes.example.fr", None),
            ("https://", None),
            (
                "https://town.example/ville/comptes/",
                Some("https://town.example/ville/comptes"),
            ),
            ("https://example.fr/x\\\"", None),
            ("https://example.fr//x", None),
            ("https://example.fr/a/../x", None),
            ("https://example.fr/é", None),
            ("https://example.fr/x?y", None),
            ("https://evil@example.fr/x", None),
            ("https://example.fr/dashboard", None),
            ("https://example.fr/api/comptes", None),
        ] {
            let file = config(&format!("[site]\npublic_address = \"{given}\"")).unwrap();
            let found = with(file).site(Mode::Public).ok();
            let found = found.and_then(|site| site.public_address);
            assert_eq!(found.as_deref(), read, "{given}");
        }
        let wrong = with(config("access = \"open\"").unwrap());
        assert!(wrong.access(&at).is_err());
    }

    #[test]
    fn links_at_the_foot_of_pages_are_read_or_refused_with_their_line() {
        let link = |address: &str| {
            format!(
                "[[site.links]]\nfr = \"Mentions légales\"\nen = \"Legal notice\"\naddress = \"{address}\"\n"
            )
        };
        let with = |text: &str| {
            parse(text.as_bytes()).map(|file| Config {
                file,
                database: None,
                key_file: None,
                folder: None,
                catalogue: OnceLock::new(),
                quiet: false,
            })
        };
        let text = [
            "https://ville.example/legal",
            "mailto:a@ville.example",
            "/contact",
        ]
        .map(link);
        let site = with(&text.concat()).unwrap().site(Mode::Public).unwrap();
        let found: Vec<&str> = site.links.iter().map(FooterLink::address).collect();
        assert_eq!(
            found,
            [
                "https://ville.example/legal",
                "mailto:a@ville.example",
                "/contact"
            ]
        );
        assert_eq!(site.links[0].title(Language::French), "Mentions légales");
        assert_eq!(site.links[0].title(Language::English), "Legal notice");
        let good = link("/contact");
        for (text, words) in [
            (
                link("javascript:alert(1)"),
                "«javascript:alert(1)» is no address",
            ),
            (link("data:text/html,x"), "«data:text/html,x» is no address"),
            (good.replace("Legal notice", " "), "is no title"),
            (
                good.replace("en = \"Legal notice\"\n", ""),
                "missing field `en`",
            ),
            (good.replace("address", "adress"), "adress"),
            (good.replace("[[site.links]]", "[site.links]"), "links"),
        ] {
            let message = with(&text).unwrap_err();
            assert!(
                message.contains(words) && message.contains("line "),
                "{message}"
            );
        }
        let message = with(&link("javascript:alert(1)")).unwrap_err();
        assert!(message.contains("line 4"), "{message}");
        let many = with(&good.repeat(MOST_LINKS + 1)).unwrap();
        assert!(many.site(Mode::Public).is_err());
        assert!(with(&good.repeat(MOST_LINKS)).unwrap().links().is_ok());
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_without_what_stands_there() {
        for (text, words) in [
            (
                "portal = \"https://me:s3cret@a\"\napi_key = \"s3cret\n",
                "line 2, column 18, api_key: ",
            ),
            ("api_key = \"s3cret\" s3cret", "line 1, column "),
            (
                "database = postgres://me:s3cret@a/b",
                "line 1, column 12, database: ",
            ),
            ("database \"postgres://me:s3cret@a/b\"", "line 1, column "),
            ("s3cret", "line 1, column "),
            ("x = \"\"\"\ns3cret = 1", "column "),
            (
                "keep_revisions = \"s3cret\"",
                "line 1, column 18, keep_revisions: invalid type: string, expected u32",
            ),
            (
                "keep_revisions = -53",
                "invalid value: integer, expected u32",
            ),
            (
                "api_key = 1234567890",
                "invalid type: integer, expected a string",
            ),
            (
                "access = [\"s3cret, expected\"]",
                "invalid type: sequence, expected a string",
            ),
            (
                "[site]\nburst = \"s3cret, expected x\"",
                "line 2, column 9, [site] burst: invalid type: string",
            ),
            (
                "api_kye = \"s3cret\"",
                "unknown field `api_kye`, expected one of `portal`",
            ),
            ("[tls]\ncertificate = \"s3cret\"", "missing field `key`"),
            ("api_key = \"a\"\napi_key = \"s3cret\"", "line 2"),
        ] {
            let message = parse(text.as_bytes()).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
            for secret in ["s3cret", "1234567890", "53"] {
                assert!(!message.contains(secret), "{text}: {message}");
            }
            assert!(!message.contains('\n'), "{text}: {message}");
        }
        let file = config("[site]\npublic_address = \"https://me:s3cret@a\"").unwrap();
        let config = Config {
            file,
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        let failure = config.site(Mode::Public).unwrap_err().to_string();
        assert!(!failure.contains("s3cret"), "{failure}");
    }

    #[test]
    fn limits_of_a_retrieval_are_read_or_refused() {
        let limits = |text: &str| {
            let file = config(text).map_err(|error| error.to_string())?;
            file.retrieval
                .limits()
                .map_err(|failure| failure.to_string())
        };
        let usual = limits("").unwrap();
        assert_eq!(usual, Limits::default());
        assert_eq!(duration(TIME), Some(usual.time));
        let text =
            "[retrieval]\ntime = \"30min\"\nbytes = 1000\nextra_records = 5\nbytes_per_second = 0";
        let set = limits(text).unwrap();
        assert_eq!((set.time, set.bytes), (Duration::from_mins(30), 1000));
        assert_eq!((set.extra_records, set.bytes_per_second), (5, 0));
        for (wrong, words) in [
            ("time = \"soon\"", "retrieval.time = «soon»"),
            ("time = \"0s\"", "retrieval.time = «0s»"),
            ("bytes = -1", "invalid value"),
            ("tmie = \"1h\"", "tmie"),
        ] {
            let message = limits(&format!("[retrieval]\n{wrong}")).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
        let message = source("[retrieval]\nhosts = [\"https://a.example\"]").unwrap_err();
        assert!(message.contains("retrieval.hosts"), "{message}");
    }

    #[test]
    fn a_refresh_is_a_duration_or_never() {
        let config = Config {
            file: File::default(),
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        assert_eq!(
            config.refresh(None).unwrap(),
            Some(Duration::from_hours(24))
        );
        assert_eq!(
            config.refresh(Some("6h")).unwrap(),
            Some(Duration::from_hours(6))
        );
        assert_eq!(config.refresh(Some("never")).unwrap(), None);
        for wrong in ["", "soon", "-1h", "1s", "0"] {
            assert!(config.refresh(Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(config.refresh_retry().unwrap(), Duration::from_mins(5));
        for (text, expected) in [
            ("30s", Some(30)),
            ("1h", Some(3600)),
            ("0s", None),
            ("never", None),
        ] {
            let config = Config {
                file: self::config(&format!("refresh_retry = \"{text}\"")).unwrap(),
                database: None,
                key_file: None,
                folder: None,
                catalogue: OnceLock::new(),
                quiet: false,
            };
            let found = config.refresh_retry().ok();
            assert_eq!(found, expected.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn a_database_of_the_command_line_wins_over_the_file() {
        let file = config("database = \"sqlite:in-file.db\"").unwrap();
        let mut config = Config {
            file,
            database: None,
            key_file: None,
            folder: None,
            catalogue: OnceLock::new(),
            quiet: false,
        };
        assert_eq!(
            config.database(false).unwrap().name(),
            DatabaseUrl::sqlite("in-file.db").name()
        );
        config.database = Some(Hidden("sqlite:flag.db".to_owned()));
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
            database: Some(Hidden("postgres://me:s3cret@a/c".to_owned())),
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
