//! Whether a browser keeps the session that it is given, and what the page says where it does not.

use crate::common::{Bench, FORM, header, hidden, send, text};
use axum::http::{Method, StatusCode};
use centime_access::{Mode, Role, Secret};
use centime_server::{Guard, Settings, Site};

const ACCEPT: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

/// What the page says of the way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Encrypted,
    ThisMachine,
    Clear,
}

/// Words of the page in a language: before a token is typed over HTTP from elsewhere, after a session was not
/// kept, and why.
type Words = (
    &'static str,
    &'static str,
    &'static str,
    [(Way, &'static str); 3],
);

const WORDS: [Words; 2] = [
    (
        "fr",
        "Cette connexion n’est pas chiffrée",
        "Votre session n’a pas été conservée",
        [
            (Way::Encrypted, "Autorisez les cookies"),
            (Way::ThisMachine, "comme Safari"),
            (Way::Clear, "faites-le remplacer"),
        ],
    ),
    (
        "en",
        "This connection is not encrypted",
        "Your session was not kept",
        [
            (Way::Encrypted, "Allow cookies"),
            (Way::ThisMachine, "like Safari"),
            (Way::Clear, "have it replaced"),
        ],
    ),
];

/// A way that a request comes to the site: the host it names, other headers of it, whether the site speaks HTTPS
/// itself, and what the page makes of it.
type Coming = (
    &'static str,
    &'static [(&'static str, &'static str)],
    bool,
    Way,
);

const COMINGS: [Coming; 13] = [
    ("127.0.0.1:8080", &[], false, Way::ThisMachine),
    ("localhost:8080", &[], false, Way::ThisMachine),
    ("[::1]:8080", &[], false, Way::ThisMachine),
    // A browser takes its own machine for secure and says so; not all of them keep the cookie.
    (
        "localhost",
        &[("sec-fetch-site", "same-origin")],
        false,
        Way::ThisMachine,
    ),
    ("comptes:8080", &[], false, Way::Clear),
    ("192.0.2.7", &[], false, Way::Clear),
    ("localhost.ville.example", &[], false, Way::Clear),
    ("comptes.ville.example", &[], true, Way::Encrypted),
    ("127.0.0.1:8443", &[], true, Way::Encrypted),
    // A proxy that is not trusted, or says nothing: the browser knows better.
    (
        "comptes.ville.example",
        &[("x-forwarded-proto", "https")],
        false,
        Way::Clear,
    ),
    (
        "comptes.ville.example",
        &[("sec-fetch-site", "same-origin")],
        false,
        Way::Encrypted,
    ),
    (
        "comptes.ville.example",
        &[("origin", "https://comptes.ville.example")],
        false,
        Way::Encrypted,
    ),
    (
        "comptes.ville.example",
        &[("origin", "http://comptes.ville.example")],
        false,
        Way::Clear,
    ),
];

fn site(bench: &Bench, https: bool) -> Site {
    bench.site(Settings {
        mode: Mode::Token,
        https,
        ..Settings::default()
    })
}

#[tokio::test]
async fn the_page_says_before_and_after_why_a_session_is_not_kept() {
    let bench = Bench::new(Settings::default()).await;
    let secret = bench.token(Role::Viewer, None).await;
    for (language, not_encrypted, not_kept, reasons) in WORDS {
        for (host, more, https, way) in COMINGS {
            let site = site(&bench, https);
            let mut headers = vec![("host", host), ACCEPT, ("accept-language", language)];
            headers.extend(more);
            let before = send(&site, &Method::GET, "/login?next=%2Flines", &headers, "").await;
            let before = text(before).await;
            let told = before.contains(not_encrypted);
            assert_eq!(told, way == Way::Clear, "{host} {more:?}: {before}");
            assert!(!before.contains(not_kept), "{before}");
            if told {
                let (warning, form) = (before.find(not_encrypted), before.find("f-token"));
                assert!(warning < form, "before a token is typed");
            }

            // A wrong token is refused as such.
            let mut sent = headers.clone();
            sent.push(("content-type", FORM));
            let wrong = Secret::generate().unwrap();
            let form = format!("token={}&next=%2Flines", wrong.reveal());
            let refused = send(&site, &Method::POST, "/login", &sent, &form).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
            let refused = text(refused).await;
            assert!(!refused.contains(not_kept) && !refused.contains(wrong.reveal()));

            let form = format!("token={}&next=%2Flines", secret.reveal());
            let opened = send(&site, &Method::POST, "/login", &sent, &form).await;
            assert_eq!(opened.status(), StatusCode::SEE_OTHER);
            let back = header(&opened, "location").to_owned();
            assert!(!back.contains(secret.reveal()));
            let cookie = header(&opened, "set-cookie");
            let cookie = cookie.split(';').next().unwrap().to_owned();

            // The browser has dropped the cookie.
            let without = send(&site, &Method::GET, &back, &headers, "").await;
            assert_eq!(without.status(), StatusCode::OK, "no way round in a circle");
            assert_eq!(header(&without, "cache-control"), "no-store");
            let without = text(without).await;
            assert!(without.contains(not_kept), "{host}: {without}");
            for (other, reason) in reasons {
                let says = without.contains(reason);
                assert_eq!(says, other == way, "{host} {more:?}: {without}");
            }
            assert_eq!(hidden(&without, "next"), "/lines", "to be tried again");
            assert!(!without.contains(secret.reveal()));

            // The browser has kept it.
            headers.push(("cookie", &cookie));
            let with = send(&site, &Method::GET, &back, &headers, "").await;
            assert_eq!(with.status(), StatusCode::SEE_OTHER);
            assert_eq!(header(&with, "location"), "/lines");
        }
    }
}

#[tokio::test]
async fn the_page_in_the_clear_leads_to_the_one_over_https() {
    let bench = Bench::new(Settings::default()).await;
    let headers = [("host", "comptes"), ACCEPT];
    for (public_address, link) in [
        (
            Some("https://comptes.ville.example"),
            Some("href=\"https://comptes.ville.example/login?next=%2Flines\""),
        ),
        (Some("http://comptes"), None),
        (None, None),
    ] {
        let site = bench.site(Settings {
            public_address: public_address.map(str::to_owned),
            ..Settings::default()
        });
        let page = send(&site, &Method::GET, "/login?next=%2Flines", &headers, "").await;
        let page = text(page).await.replace("&#38;", "&");
        let known = page.contains("Ouvrir cette page en HTTPS");
        assert_eq!(known, link.is_some(), "{page}");
        assert!(link.is_none_or(|link| page.contains(link)), "{page}");
        let asks = page.contains("Demandez à l’exploitant du site");
        assert_eq!(asks, link.is_none(), "{page}");
    }
}

#[tokio::test]
async fn who_is_sent_back_by_another_site_goes_nowhere_else() {
    let bench = Bench::new(Settings::default()).await;
    let browser = crate::common::log_in(&bench.site, &bench.token(Role::Viewer, None).await).await;
    let headers = [("cookie", browser.cookie.as_str()), ACCEPT];
    for next in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", ""] {
        let address = format!("/login?opened=yes&next={next}");
        let response = bench.get(&address, &headers).await;
        assert_eq!(header(&response, "location"), "/", "{next}");
    }
}

#[tokio::test]
async fn a_site_without_login_says_nothing_of_tokens() {
    let bench = Bench::new(Settings::default()).await;
    let site = Site::guarded(
        bench.warehouse.clone(),
        Guard::new(Settings::default(), None),
    );
    let headers = [("host", "comptes"), ACCEPT];
    let page = send(&site, &Method::GET, "/login", &headers, "").await;
    let page = text(page).await;
    assert!(
        !page.contains("pas chiffrée") && !page.contains("f-token"),
        "{page}"
    );
}

#[tokio::test]
async fn a_trusted_proxy_says_how_it_was_asked() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = Bench::new(Settings::default()).await;
    let site = bench.site(Settings {
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Settings::default()
    });
    let mut served = crate::common::Served::new(site).await;
    for (said, told) in [
        ("x-forwarded-proto: https\r\n", false),
        ("x-forwarded-proto: HTTPS, http\r\n", false),
        ("forwarded: for=192.0.2.1;proto=https\r\n", false),
        ("x-forwarded-proto: http\r\n", true),
        ("x-forwarded-for: 192.0.2.1\r\n", true),
        ("", true),
        // The proxy speaks of the part of the way before it, and the browser of all of it.
        ("x-forwarded-proto: http\r\nsec-fetch-site: none\r\n", false),
    ] {
        let mut stream = tokio::net::TcpStream::connect(served.address)
            .await
            .unwrap();
        let request = format!(
            "GET /login HTTP/1.1\r\nhost: comptes.ville.example\r\naccept: text/html\r\n{said}connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        assert!(page.contains("f-token"), "{page}");
        let clear = page.contains("Cette connexion n’est pas chiffrée");
        assert_eq!(clear, told, "{said}");
    }
    served.stop();
}
