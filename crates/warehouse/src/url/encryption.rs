//! How far the connection to a server has to be encrypted, where its address does not say.

use std::net::IpAddr;
use std::path::PathBuf;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Gives the options their mode: the one asked for, else that a certificate must be valid and of
/// this host, unless the server is on this machine.
///
/// `asked` tells whether a mode was asked for, in the address or in `PGSSLMODE`.
pub(super) fn with_mode(options: PgConnectOptions, asked: bool) -> PgConnectOptions {
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
