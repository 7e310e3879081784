//! A server that only speaks encrypted and only believes passwords, with certificates of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::Cluster;

/// A certification authority of one test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate in PEM.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

impl Authority {
    /// A new authority, which is known nowhere else.
    pub fn new(name: &str) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters
            .distinguished_name
            .push(DnType::CommonName, name.to_owned());
        let key = KeyPair::generate().expect("a key");
        Self {
            issuer: CertifiedIssuer::self_signed(parameters, key).expect("an authority"),
        }
    }

    /// Writes its certificate.
    pub fn write(&self, path: &Path) {
        fs::write(path, self.issuer.pem()).expect("a certificate");
    }

    /// Certifies a name, from yesterday for so many days; zero or less for one that has expired.
    pub fn certify(&self, folder: &Path, name: &str, days: i64) -> Identity {
        let mut parameters =
            CertificateParams::new(vec![name.to_owned()]).expect("a name for a certificate");
        parameters
            .distinguished_name
            .push(DnType::CommonName, name.to_owned());
        let now = OffsetDateTime::now_utc();
        parameters.not_before = now - Duration::days(30);
        parameters.not_after = now + Duration::days(days) - Duration::hours(1);
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters
            .signed_by(&key, &self.issuer)
            .expect("a signature");
        let identity = Identity {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        fs::write(&identity.certificate, certificate.pem()).expect("a certificate");
        fs::write(&identity.key, key.serialize_pem()).expect("a key");
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&identity.key, private).expect("a private key");
        identity
    }
}

/// The password of the superuser of an encrypted server.
pub const PASSWORD: &str = "un mot de passe & long";

/// Starts a server that refuses unencrypted connections, and believes passwords (`scram`)
/// or, for the role `certified`, certificates only. It shows a certificate for `name`.
pub fn start(authority: &Authority, name: &str, days: i64) -> Cluster {
    let access = "hostssl all certified 127.0.0.1/32 cert clientcert=verify-full\n\
                  hostssl all all 127.0.0.1/32 scram-sha-256\n";
    let settings = [
        ("ssl", "on"),
        ("ssl_ca_file", "../ca.crt"),
        ("ssl_cert_file", "../server.crt"),
        ("ssl_key_file", "../server.key"),
        ("password_encryption", "scram-sha-256"),
    ];
    let cluster = Cluster::start_with(access, &settings, |folder| {
        authority.write(&folder.join("ca.crt"));
        let identity = authority.certify(folder, name, days);
        fs::rename(identity.certificate, folder.join("server.crt")).expect("a certificate");
        fs::rename(identity.key, folder.join("server.key")).expect("a key");
    });
    cluster.sql(
        "postgres",
        &format!(
            "ALTER ROLE postgres PASSWORD '{PASSWORD}'; CREATE ROLE certified LOGIN SUPERUSER"
        ),
    );
    cluster
}
