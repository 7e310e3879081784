//! How the site shows who it is: a certificate and its key, read from files and again when they change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, io::Error),
    /// A file holds something else.
    #[error("{0} has no {1} in PEM: {2}")]
    NotPem(PathBuf, &'static str, rustls::pki_types::pem::Error),
    /// The key is not that of the certificate, or of a kind that is not known.
    #[error("the key in {1} is not that of the certificate in {0}: {2}")]
    Unfit(PathBuf, PathBuf, rustls::Error),
    /// No protocol could be agreed on with this program's own settings.
    #[error("encryption cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// A certificate and its key, as the site shows them.
#[derive(Clone, Debug)]
pub struct Tls {
    keys: Arc<Keys>,
    config: Arc<ServerConfig>,
}

#[derive(Debug)]
struct Keys {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    seen: Mutex<Stamps>,
}

/// By what a changed file is known: when it was written, and how long it is.
type Stamps = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads a certificate, with those that certify it, and its key. TLS 1.2 and 1.3.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let seen = stamps(certificate, key);
        let current = read(certificate, key, &provider)?;
        let keys = Arc::new(Keys {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(current)),
            seen: Mutex::new(seen),
        });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(keys.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            keys,
            config: Arc::new(config),
        })
    }

    /// What speaks encrypted on a connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }

    /// Reads the files again when they have changed. Files that do not fit, as in the middle of a
    /// change, leave the certificate as it was.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let keys = &self.keys;
        let now = stamps(&keys.certificate, &keys.key);
        let mut seen = keys.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return Ok(false);
        }
        *seen = now;
        let read = read(&keys.certificate, &keys.key, self.config.crypto_provider())?;
        *keys.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(true)
    }

    /// Looks at the files for ever.
    pub(crate) async fn watch(&self) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            let tls = self.clone();
            // Reading files may take its time, and others wait for this thread.
            let reloaded = tokio::task::spawn_blocking(move || tls.reload()).await;
            match reloaded {
                Ok(Ok(true)) => tracing::info!("the certificate was read again"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, "the certificate stays as it was");
                }
                Err(error) => tracing::error!(%error, "the certificate was not looked at"),
            }
        }
    }
}

impl ResolvesServerCert for Keys {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

fn stamps(certificate: &Path, key: &Path) -> Stamps {
    [certificate, key].map(|path| {
        let found = fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

fn read(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let bytes =
        |path: &Path| fs::read(path).map_err(|error| TlsError::Unreadable(path.to_owned(), error));
    let chain = CertificateDer::pem_slice_iter(&bytes(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|chain| {
            if chain.is_empty() {
                Err(rustls::pki_types::pem::Error::NoItemsFound)
            } else {
                Ok(chain)
            }
        })
        .map_err(|error| TlsError::NotPem(certificate.to_owned(), "certificate", error))?;
    let private = PrivateKeyDer::from_pem_slice(&bytes(key)?)
        .map_err(|error| TlsError::NotPem(key.to_owned(), "private key", error))?;
    CertifiedKey::from_der(chain, private, provider)
        .map_err(|error| TlsError::Unfit(certificate.to_owned(), key.to_owned(), error))
}
