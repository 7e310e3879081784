//! The site over HTTPS: its certificate, read again when it changes, and the way there.

use std::path::Path;
use std::sync::Arc;

use crate::common::{Bench, Served};
use centime_server::{Listeners, Settings, Tls, TlsError};
use centime_test_database::tls::Authority;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

/// Asks for a page, believing one authority; the certificate shown and the answer.
async fn ask(
    served: &Served,
    authority: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<(Vec<u8>, String)> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_file(authority).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(served.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let request = b"GET /quality HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok((shown, String::from_utf8_lossy(&answer).into_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_shows_its_certificate_and_a_new_one_once_it_is_there() {
    let bench = Bench::new(Settings::default()).await;
    let folder = bench.folder.path();
    let authority = Authority::new("Centime test authority");
    let root = folder.join("ca.crt");
    authority.write(&root);
    let first = authority.certify(folder, "localhost", 1);
    let (certificate, key) = (folder.join("site.crt"), folder.join("site.key"));
    std::fs::copy(&first.certificate, &certificate).unwrap();
    std::fs::copy(&first.key, &key).unwrap();
    let tls = Tls::open(&certificate, &key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let redirect = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let doors = Listeners {
        listener,
        tls: Some(tls.clone()),
        redirect: Some(redirect),
    };
    let site = bench.site(Settings {
        https: true,
        ..Settings::default()
    });
    let served = Served::at(doors, site);

    let both: [&'static SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];
    let mut shown = Vec::new();
    for one in both {
        let (certificate, answer) = ask(&served, &root, &[one]).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=31536000"));
        shown = certificate;
    }
    // Who speaks in the clear is not answered there, and shown the way elsewhere.
    let request = b"GET /lines?q=dette HTTP/1.1\r\nhost: localhost:80\r\nconnection: close\r\n\r\n";
    for (address, expected) in [
        (served.address, None),
        (
            served.redirect.unwrap(),
            Some(format!(
                "location: https://localhost:{}/lines?q=dette",
                served.address.port()
            )),
        ),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        match expected {
            Some(expected) => assert!(answer.contains(&expected), "{answer}"),
            None => assert!(!answer.contains("HTTP/1.1"), "{answer}"),
        }
    }

    assert!(!tls.reload().unwrap(), "nothing has changed");
    let second = authority.certify(folder, "localhost", 2);
    // In the middle of a change the key is that of another certificate: nothing changes yet.
    std::fs::copy(&second.certificate, &certificate).unwrap();
    let error = tls.reload().unwrap_err();
    assert!(matches!(error, TlsError::Unfit(..)), "{error}");
    assert_eq!(ask(&served, &root, &both).await.unwrap().0, shown);
    std::fs::copy(&second.key, &key).unwrap();
    assert!(tls.reload().unwrap());
    assert_ne!(ask(&served, &root, &both).await.unwrap().0, shown);
    // Who believes another authority does not believe the site.
    let other = folder.join("other.crt");
    Authority::new("Somebody else").write(&other);
    ask(&served, &other, &both).await.unwrap_err();
}

#[test]
fn files_that_are_no_certificate_are_refused_with_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let identity = Authority::new("Centime test authority").certify(folder.path(), "localhost", 1);
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let missing = folder.path().join("missing");
    for (certificate, key, name) in [
        (&missing, &identity.key, "missing"),
        (&identity.certificate, &missing, "missing"),
        (&empty, &identity.key, "empty"),
        (&identity.certificate, &empty, "empty"),
        (
            &identity.certificate,
            &identity.certificate,
            "localhost.crt",
        ),
    ] {
        let error = Tls::open(certificate, key).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}
