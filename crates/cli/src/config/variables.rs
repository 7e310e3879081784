//! Settings of `centime.toml` that have an environment variable and no flag.

use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use super::file::{File, TlsTable};
use crate::failure::Failure;

/// A variable, and the setting that it gives.
struct Variable {
    name: &'static str,
    /// The table and the key that it stands for; no table where the key is in none.
    setting: (&'static str, &'static str),
    set: fn(&mut File, &str) -> Result<(), String>,
}

const fn variable(
    name: &'static str,
    setting: (&'static str, &'static str),
    set: fn(&mut File, &str) -> Result<(), String>,
) -> Variable {
    Variable { name, setting, set }
}

const VARIABLES: &[Variable] = &[
    variable(
        "CENTIME_REFRESH_RETRY",
        ("", "refresh_retry"),
        |file, text| read(text, &mut file.refresh_retry),
    ),
    variable("CENTIME_AUDIT_KEEP", ("", "audit_keep"), |file, text| {
        read(text, &mut file.audit_keep)
    }),
    variable(
        "CENTIME_KEEP_REVISIONS",
        ("", "keep_revisions"),
        |file, text| number(text, &mut file.keep_revisions),
    ),
    variable(
        "CENTIME_SITE_TRUSTED_PROXIES",
        ("site", "trusted_proxies"),
        |file, text| list(text, &mut file.site.trusted_proxies),
    ),
    variable(
        "CENTIME_SITE_FRAME_ANCESTORS",
        ("site", "frame_ancestors"),
        |file, text| list(text, &mut file.site.frame_ancestors),
    ),
    variable(
        "CENTIME_SITE_PUBLIC_ADDRESS",
        ("site", "public_address"),
        |file, text| read(text, &mut file.site.public_address),
    ),
    variable(
        "CENTIME_SITE_REQUESTS_PER_SECOND",
        ("site", "requests_per_second"),
        |file, text| number(text, &mut file.site.requests_per_second),
    ),
    variable("CENTIME_SITE_BURST", ("site", "burst"), |file, text| {
        number(text, &mut file.site.burst)
    }),
    variable(
        "CENTIME_SITE_CONNECTIONS",
        ("site", "connections"),
        |file, text| number(text, &mut file.site.connections),
    ),
    variable(
        "CENTIME_SITE_CONNECTIONS_EACH",
        ("site", "connections_each"),
        |file, text| number(text, &mut file.site.connections_each),
    ),
    variable("CENTIME_SITE_HEAVY", ("site", "heavy"), |file, text| {
        number(text, &mut file.site.heavy)
    }),
    variable(
        "CENTIME_SITE_CACHE_MEBIBYTES",
        ("site", "cache_mebibytes"),
        |file, text| number(text, &mut file.site.cache_mebibytes),
    ),
    variable(
        "CENTIME_TLS_CERTIFICATE",
        ("tls", "certificate"),
        |file, text| {
            tls(file).certificate = PathBuf::from(text);
            Ok(())
        },
    ),
    variable("CENTIME_TLS_KEY", ("tls", "key"), |file, text| {
        tls(file).key = PathBuf::from(text);
        Ok(())
    }),
    variable("CENTIME_TLS_REDIRECT", ("tls", "redirect"), |file, text| {
        tls(file).redirect = Some(text.to_owned());
        Ok(())
    }),
];

/// The variable that gives a setting, if there is one.
#[cfg(test)]
pub(crate) fn name_of(table: &str, key: &str) -> Option<&'static str> {
    let found = VARIABLES.iter().find(|one| one.setting == (table, key));
    found.map(|found| found.name)
}

/// Puts what the environment says over what a file says. A variable that is empty is as good as not set.
pub(super) fn apply(
    file: &mut File,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<(), Failure> {
    for variable in VARIABLES {
        let Some(text) = environment(variable.name).filter(|text| !text.is_empty()) else {
            continue;
        };
        let set = match text.to_str() {
            Some(text) => (variable.set)(file, text.trim()),
            None => Err("it is not UTF-8".to_owned()),
        };
        set.map_err(|reason| {
            let (text, (table, key)) = (text.to_string_lossy(), variable.setting);
            let dot = if table.is_empty() { "" } else { "." };
            Failure::Usage(format!(
                "{}=«{text}» cannot be used as {table}{dot}{key}: {reason}",
                variable.name
            ))
        })?;
    }
    let half =
        |tls: &TlsTable| tls.certificate.as_os_str().is_empty() || tls.key.as_os_str().is_empty();
    if file.tls.as_ref().is_some_and(half) {
        return Err(Failure::Usage(
            "CENTIME_TLS_CERTIFICATE and CENTIME_TLS_KEY are given together, or [tls] in the configuration file has both"
                .to_owned(),
        ));
    }
    Ok(())
}

/// A text, which is looked at where it is used.
#[expect(clippy::unnecessary_wraps, reason = "as those that can fail")]
fn read(text: &str, to: &mut Option<String>) -> Result<(), String> {
    *to = Some(text.to_owned());
    Ok(())
}

fn number<T: FromStr>(text: &str, to: &mut Option<T>) -> Result<(), String> {
    let number = text.parse();
    *to = Some(number.map_err(|_| "expected a whole number of at least 1".to_owned())?);
    Ok(())
}

/// What commas part.
fn list<T: FromStr<Err: Display>>(text: &str, to: &mut Vec<T>) -> Result<(), String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let read = parts.map(|part| {
        part.parse()
            .map_err(|error: T::Err| format!("«{part}»: {error}"))
    });
    *to = read.collect::<Result<_, _>>()?;
    Ok(())
}

fn tls(file: &mut File) -> &mut TlsTable {
    file.tls.get_or_insert_with(|| TlsTable {
        certificate: PathBuf::new(),
        key: PathBuf::new(),
        redirect: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, variables: &[(&str, &str)]) -> Result<File, String> {
        let mut file: File = toml::from_str(text).unwrap();
        let applied = apply(&mut file, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        });
        applied
            .map(|()| file)
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file_and_an_empty_variable_does_not() {
        let text = "keep_revisions = 4\nrefresh_retry = \"1min\"\n[site]\nburst = 7\nheavy = 3";
        let file = with(
            text,
            &[
                ("CENTIME_KEEP_REVISIONS", "5"),
                ("CENTIME_REFRESH_RETRY", ""),
                ("CENTIME_SITE_BURST", " 9 "),
                ("CENTIME_SITE_HEAVY", ""),
                ("CENTIME_SITE_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8,"),
                ("CENTIME_SITE_PUBLIC_ADDRESS", "https://comptes.example.fr"),
                ("CENTIME_TLS_CERTIFICATE", "a.crt"),
                ("CENTIME_TLS_KEY", "a.key"),
            ],
        )
        .unwrap();
        assert_eq!(file.keep_revisions, Some(5));
        assert_eq!(file.refresh_retry.as_deref(), Some("1min"));
        assert_eq!(file.site.burst.map(std::num::NonZeroU32::get), Some(9));
        assert_eq!(file.site.heavy, Some(3));
        assert_eq!(file.site.trusted_proxies.len(), 2);
        assert_eq!(file.tls.unwrap().key, PathBuf::from("a.key"));
    }

    #[test]
    fn a_wrong_value_names_its_variable() {
        for (name, value) in [
            ("CENTIME_KEEP_REVISIONS", "many"),
            ("CENTIME_SITE_BURST", "0"),
            ("CENTIME_SITE_TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.0/33"),
            ("CENTIME_SITE_CONNECTIONS", "-1"),
            ("CENTIME_TLS_CERTIFICATE", "a.crt"),
        ] {
            let message = with("", &[(name, value)]).err().unwrap_or_default();
            assert!(message.contains(name), "{name}={value}: {message}");
        }
    }
}
