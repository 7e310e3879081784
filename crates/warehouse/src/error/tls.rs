//! Why an encrypted connection to a server is not to be trusted, and what to do.

use std::error::Error as _;

use rustls::{CertificateError, Error as TlsError};

/// What is wrong with the encryption of a connection, and what to do; `None` when it is something
/// else that failed.
pub(super) fn reason(error: &sqlx::Error) -> Option<String> {
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
