//! How a Metabase is reached, and which of its dashboards the site shows.

use std::path::Path;
use std::time::Duration;

use centime_analytics::Language;
use centime_metabase::{Connection, Credentials, Secret, Settings, SslMode};

use super::file::MetabaseTable;
use crate::args::MetabaseArgs;
use crate::failure::Failure;
use crate::secret::{self, Kind};

/// The environment variables of secrets, in the place of files.
const API_KEY: &str = "CENTIME_METABASE_API_KEY";
const PASSWORD: &str = "CENTIME_METABASE_PASSWORD";
const READER_PASSWORD: &str = "CENTIME_READER_PASSWORD";
const EMBEDDING_KEY: &str = "CENTIME_METABASE_EMBEDDING_KEY";

/// How this program reaches Metabase, and Metabase the database.
pub fn settings(table: &MetabaseTable, at: &MetabaseArgs) -> Result<Settings, Failure> {
    let missing = |name: &str| {
        Failure::Usage(format!(
            "{name} is not set: the configuration says where Metabase is and how it reaches the database"
        ))
    };
    let url = at.url.as_ref().or(table.url.as_ref());
    let database = &table.database;
    let ssl = database.sslmode.as_deref().unwrap_or("verify-full");
    let ssl = SslMode::named(ssl).ok_or_else(|| {
        let names = SslMode::ALL.map(SslMode::name).join(", ");
        Failure::Usage(format!(
            "metabase.database.sslmode is «{ssl}»: expected one of {names}"
        ))
    })?;
    Ok(Settings {
        url: url.ok_or_else(|| missing("metabase.url"))?.clone(),
        credentials: credentials(table)?,
        site_name: table
            .site_name
            .clone()
            .unwrap_or_else(|| "Centime".to_owned()),
        connection: Connection {
            host: database
                .host
                .clone()
                .ok_or_else(|| missing("metabase.database.host"))?,
            port: database.port.unwrap_or(5432),
            database: database
                .name
                .clone()
                .unwrap_or_else(|| "centime".to_owned()),
            user: database
                .user
                .clone()
                .unwrap_or_else(|| "centime_reader".to_owned()),
            password: load(
                Kind::AsciiPassword,
                READER_PASSWORD,
                database.password_file.as_deref(),
            )?,
            ssl,
            authority: database.sslrootcert.clone(),
        },
        send_password: false,
        public_link: false,
        embedding_key: embedding_key(table)?,
        any_version: at.any_version,
        wait: Duration::ZERO,
    })
}

/// The language of names in Metabase.
pub fn language(table: &MetabaseTable, at: &MetabaseArgs) -> Result<Language, Failure> {
    let code = at.language.as_ref().or(table.language.as_ref());
    let Some(code) = code else {
        return Ok(Language::default());
    };
    code.parse().map_err(|_| {
        Failure::Usage(format!(
            "«{code}» is no language of Metabase's names: expected fr or en"
        ))
    })
}

/// An API key where there is one, or else the administrator.
fn credentials(table: &MetabaseTable) -> Result<Option<Credentials>, Failure> {
    if let Some(key) = load(Kind::Password, API_KEY, table.api_key_file.as_deref())? {
        return Ok(Some(Credentials::ApiKey(key)));
    }
    let password = load(Kind::Password, PASSWORD, table.password_file.as_deref())?;
    match (&table.email, password) {
        (Some(email), Some(password)) => Ok(Some(Credentials::Administrator {
            email: email.clone(),
            password,
        })),
        (None, Some(_)) => Err(Failure::Usage(
            "metabase.email is not set: a password alone does not log in to Metabase".to_owned(),
        )),
        (_, None) => Ok(None),
    }
}

fn embedding_key(table: &MetabaseTable) -> Result<Option<Secret>, Failure> {
    load(
        Kind::Key,
        EMBEDDING_KEY,
        table.embedding_key_file.as_deref(),
    )
}

fn load(kind: Kind, variable: &str, file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let secret = secret::load(kind, variable, file)?;
    Ok(secret.map(|secret| Secret::new(secret.reveal())))
}

/// The dashboard that the site shows in a frame, where the configuration names one.
pub fn frame(table: &MetabaseTable) -> Result<Option<centime_server::Metabase>, Failure> {
    let Some(dashboard) = table.dashboard else {
        return Ok(None);
    };
    let wrong = |reason: &str| {
        Failure::Usage(format!(
            "the site cannot show dashboard {dashboard} of Metabase: {reason}"
        ))
    };
    let key =
        embedding_key(table)?.ok_or_else(|| wrong("metabase.embedding_key_file is not set"))?;
    let address = table.public_url.as_ref().or(table.url.as_ref());
    let address = address.ok_or_else(|| wrong("metabase.public_url is not set"))?;
    let address = address.trim_end_matches('/');
    let origin = origin(address).ok_or_else(|| {
        wrong("metabase.public_url is not an address such as https://metabase.example.fr")
    })?;
    Ok(Some(centime_server::Metabase {
        address: address.to_owned(),
        origin: origin.to_owned(),
        dashboard,
        key: key.reveal().to_owned(),
    }))
}

/// The scheme, host and port of an address. Anything that could end a policy or a header is none.
fn origin(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    let plain = |letter: u8| {
        letter.is_ascii_alphanumeric() || matches!(letter, b'.' | b'-' | b':' | b'[' | b']')
    };
    let known = matches!(scheme, "http" | "https");
    let tail_is_plain = rest.bytes().all(|letter| {
        letter.is_ascii_graphic() && !matches!(letter, b'"' | b'#' | b'?' | b';' | b',')
    });
    (known && host.bytes().all(plain) && tail_is_plain)
        .then(|| &address[..scheme.len() + "://".len() + host.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_may_be_in_a_frame() {
        for (address, expected) in [
            (
                "https://metabase.example.fr",
                Some("https://metabase.example.fr"),
            ),
            (
                "http://127.0.0.1:3000/metabase",
                Some("http://127.0.0.1:3000"),
            ),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("https://a.example; script-src *", None),
            ("https://a.example,b", None),
            ("https://", None),
            ("javascript://a.example", None),
            ("metabase.example.fr", None),
        ] {
            assert_eq!(origin(address), expected, "{address}");
        }
    }

    #[test]
    fn a_frame_needs_a_key_and_an_address() {
        let table = MetabaseTable {
            dashboard: Some(3),
            ..MetabaseTable::default()
        };
        assert!(frame(&MetabaseTable::default()).unwrap().is_none());
        let refused = frame(&table).unwrap_err().to_string();
        assert!(refused.contains("embedding_key_file"), "{refused}");
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "too short\n").unwrap();
        let table = MetabaseTable {
            embedding_key_file: Some(key.clone()),
            ..table
        };
        let refused = frame(&table).unwrap_err().to_string();
        assert!(refused.contains("openssl"), "{refused}");
        std::fs::write(&key, "0d".repeat(32)).unwrap();
        assert!(
            frame(&table)
                .unwrap_err()
                .to_string()
                .contains("public_url")
        );
        let table = MetabaseTable {
            public_url: Some("https://metabase.example.fr/".to_owned()),
            ..table
        };
        let frame = frame(&table).unwrap().unwrap();
        assert_eq!(frame.address, "https://metabase.example.fr");
    }

    #[test]
    fn secrets_are_not_in_what_is_printed_of_the_settings() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let embedding = "0d".repeat(32);
        let secrets = [
            "of-the-admin",
            "of-the-group",
            "of-the-role",
            embedding.as_str(),
        ];
        let mut table = MetabaseTable {
            url: Some("https://metabase.example.fr".to_owned()),
            public_url: Some("https://metabase.example.fr".to_owned()),
            email: Some("a@example.fr".to_owned()),
            password_file: kept("password", secrets[0]),
            embedding_key_file: kept("embedding", secrets[3]),
            dashboard: Some(3),
            ..MetabaseTable::default()
        };
        table.database.host = Some("db".to_owned());
        table.database.password_file = kept("reader", secrets[2]);
        let at = MetabaseArgs {
            url: None,
            language: None,
            any_version: false,
        };
        let by_password = settings(&table, &at).unwrap();
        assert!(matches!(
            by_password.credentials,
            Some(Credentials::Administrator { .. })
        ));
        table.api_key_file = kept("key", secrets[1]);
        let by_key = settings(&table, &at).unwrap();
        assert!(matches!(by_key.credentials, Some(Credentials::ApiKey(_))));
        let frame = frame(&table).unwrap().unwrap();
        let printed = format!("{by_password:?} {by_key:?} {frame:?} {table:?}");
        for secret in secrets {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
