//! How far the connection to a server is to be trusted, and why it is not.

use std::error::Error as _;
use std::net::IpAddr;
use std::path::PathBuf;

use rustls::{CertificateError, Error as TlsError};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Gives the options their mode: the one asked for, else that a certificate must be valid and of
/// this host, unless the server is on this machine.
///
/// `asked` tells whether a mode was asked for, in the address or in `PGSSLMODE`.
pub(crate) fn with_mode(options: PgConnectOptions, asked: bool) -> PgConnectOptions {
    let local = options.get_socket().is_some() || is_loopback(options.get_host());
    let options = if asked || local {
        options
    } else {
        options.ssl_mode(PgSslMode::VerifyFull)
    };
    with_default_files(options)
}

/// The files in which libpq, too, looks for certificates when none are named.
fn with_default_files(mut options: PgConnectOptions) -> PgConnectOptions {
    let Some(home) = std::env::var_os("HOME") else {
        return options;
    };
    let folder = PathBuf::from(home).join(".postgresql");
    let named = |variable: &str| std::env::var_os(variable).is_some();
    let root = folder.join("root.crt");
    if root.exists() && !named("PGSSLROOTCERT") {
        options = options.ssl_root_cert(root);
    }
    let (certificate, key) = (folder.join("postgresql.crt"), folder.join("postgresql.key"));
    if certificate.exists() && key.exists() && !named("PGSSLCERT") && !named("PGSSLKEY") {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

fn is_loopback(host: &str) -> bool {
    // A path is a socket, which never leaves the machine.
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// What is wrong with the encryption of a connection, and what to do; `None` when it is something
/// else that failed.
pub(crate) fn reason(error: &sqlx::Error) -> Option<String> {
    if let Some(found) = tls_error(error) {
        return Some(explain(&found));
    }
    match error {
        sqlx::Error::Tls(cause) if cause.to_string().contains("does not support TLS") => Some(
            "the server does not offer encryption: turn it on there (ssl = on), or say sslmode=disable where the network is yours"
                .to_owned(),
        ),
        sqlx::Error::Tls(cause) => Some(cause.to_string()),
        _ => None,
    }
}

/// The failure of the encryption among the causes of an error.
fn tls_error(error: &sqlx::Error) -> Option<TlsError> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = match error {
        sqlx::Error::Io(error) => error.get_ref().map(|inner| inner as _),
        sqlx::Error::Tls(inner) => Some(&**inner),
        other => other.source(),
    };
    while let Some(found) = cause {
        if let Some(tls) = found.downcast_ref::<TlsError>() {
            return Some(tls.clone());
        }
        cause = match found.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => found.source(),
        };
    }
    None
}

fn explain(error: &TlsError) -> String {
    use CertificateError as C;
    match error {
        TlsError::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => {
            "the server's certificate has expired: have it renewed".to_owned()
        }
        TlsError::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => {
            "the server's certificate is not valid yet: check the clocks of both machines".to_owned()
        }
        TlsError::InvalidCertificate(C::UnknownIssuer) => {
            "the server's certificate is signed by an authority that is not trusted here: name its file with sslrootcert=FILE"
                .to_owned()
        }
        TlsError::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
            "the server's certificate is for another host name: use the name it is for, or have one made for this name"
                .to_owned()
        }
        TlsError::AlertReceived(alert) => {
            format!("the server refused the encryption ({alert:?}): it may ask for a client certificate (sslcert=FILE&sslkey=FILE)")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_trusted_without_a_certificate() {
        for (address, trusted) in [
            ("postgres://localhost/x", true),
            ("postgres://127.0.0.9/x", true),
            ("postgres://[::1]/x", true),
            ("postgres:///x?host=/run/postgresql", true),
            ("postgres://db.example/x", false),
            ("postgres://10.0.0.1/x", false),
        ] {
            let options: PgConnectOptions = address.parse().unwrap();
            let verified = matches!(
                with_mode(options, false).get_ssl_mode(),
                PgSslMode::VerifyFull
            );
            assert_eq!(verified, !trusted, "{address}");
        }
        let asked: PgConnectOptions = "postgres://db.example/x?sslmode=disable".parse().unwrap();
        let mode = with_mode(asked, true).get_ssl_mode();
        assert!(matches!(mode, PgSslMode::Disable));
    }
}
