//! What the operator of a site links to stands at the foot of its pages, in the language of the visitor.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::{send, statement, text};
use axum::http::Method;
use centime_server::{FooterLink, Guard, LinkAddress, LinkTitle, Scope, Settings, Site};
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};

const LINKS: [(&str, &str, &str); 5] = [
    (
        "Mentions légales",
        "Legal notice",
        "https://www.ville.example/legal?a=1&b=2",
    ),
    (
        "Accessibilité : partiellement conforme",
        "Accessibility: partially compliant",
        "/accessibilite",
    ),
    ("Contact", "Contact", "mailto:comptes@ville.example"),
    (
        "<b>\"L’open data\"</b>",
        "<i>Open data</i>",
        "http://data.ville.example",
    ),
    ("Toutes les analyses", "All analyses", "/analyses"),
];

async fn site(links: &[(&str, &str, &str)], address: Option<&str>) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let rows = [
        (
            "PRODUITS",
            "PRODUITS DE FONCTIONNEMENT",
            "Impôts et taxes",
            100_000,
        ),
        (
            "CHARGES",
            "CHARGES DE FONCTIONNEMENT",
            "Achats et charges externes",
            40_000,
        ),
    ];
    statement::publish(&warehouse, &rows, &["2022", "2023"]).await;
    let title = |text: &str| LinkTitle::try_from(text.to_owned()).unwrap();
    let links = links.iter().map(|(french, english, address)| FooterLink {
        french: title(french),
        english: title(english),
        address: LinkAddress::try_from((*address).to_owned()).unwrap(),
    });
    let settings = Settings {
        links: links.collect(),
        public_address: address.map(str::to_owned),
        ..Settings::default()
    };
    (folder, Site::guarded(warehouse, Guard::new(settings, None)))
}

/// The links of the operator on a page: address and words.
fn links(page: &str, label: &str) -> Vec<(String, String)> {
    let start = format!("<nav class=\"site-footer__links\" aria-label=\"{label}\">");
    let Some((_, rest)) = page.split_once(&start) else {
        return Vec::new();
    };
    let (inside, _) = rest.split_once("</nav>").unwrap();
    let plain = |text: &str| {
        let mut text = text.to_owned();
        for (code, letter) in [
            ("#60", "<"),
            ("#62", ">"),
            ("#34", "\""),
            ("lt", "<"),
            ("gt", ">"),
            ("quot", "\""),
            ("#38", "&"),
            ("amp", "&"),
        ] {
            text = text.replace(&format!("&{code};"), letter);
        }
        text
    };
    inside
        .split("<a rel=\"external\" href=\"")
        .skip(1)
        .map(|link| {
            let (address, rest) = link.split_once("\">").unwrap();
            let (words, _) = rest.split_once("</a>").unwrap();
            assert!(!words.contains('<'), "{words}");
            (plain(address), plain(words))
        })
        .collect()
}

const PAGES: [(&str, u16); 14] = [
    ("/", 200),
    ("/dashboard", 200),
    ("/analyses", 200),
    ("/analyses/yearly-result", 200),
    ("/statement", 200),
    ("/statement/m57-purchases", 200),
    ("/lines", 200),
    ("/lines/2?revision=1", 200),
    ("/quality", 200),
    ("/api/v1", 200),
    ("/login", 200),
    ("/nowhere", 404),
    ("/lines?year=x", 400),
    ("/quality?revision=77", 404),
];

const LANGUAGES: [(&str, &str); 2] = [("fr", "À propos de ce site"), ("en", "About this site")];

#[tokio::test]
async fn every_page_has_the_links_and_no_frame_has() {
    let (_folder, linked) = site(&LINKS, None).await;
    let (_other, plain) = site(&[], None).await;
    for (language, label) in LANGUAGES {
        let headers = [("accept", "text/html"), ("accept-language", language)];
        let expected: Vec<(String, String)> = LINKS
            .iter()
            .map(|(french, english, address)| {
                let title = if language == "fr" { french } else { english };
                ((*address).to_owned(), (*title).to_owned())
            })
            .collect();
        for (address, status) in PAGES {
            let response = send(&linked, &Method::GET, address, &headers, "").await;
            assert_eq!(response.status(), status, "{address}");
            let page = text(response).await;
            assert_eq!(links(&page, label), expected, "{language} {address}");
            let response = send(&plain, &Method::GET, address, &headers, "").await;
            let page = text(response).await;
            assert!(!page.contains("site-footer__links"), "{address}");
        }
        for address in [
            "/embed/dashboard/result",
            "/embed/dashboard/nothing",
            "/embed/dashboard/result?revision=77",
        ] {
            let page = text(send(&linked, &Method::GET, address, &headers, "").await).await;
            assert!(!page.contains("ville.example"), "{address}");
        }
    }
}

#[tokio::test]
async fn below_a_path_the_links_stay_as_they_are() {
    let (_folder, site) = site(&LINKS, Some("https://town.example/comptes")).await;
    let headers = [("accept", "text/html"), ("accept-language", "fr")];
    for address in ["/comptes/analyses", "/comptes/nowhere"] {
        let page = text(send(&site, &Method::GET, address, &headers, "").await).await;
        assert!(page.contains("href=\"/comptes/"), "{page}");
        let found = links(&page, "À propos de ce site");
        let found: Vec<&str> = found.iter().map(|(address, _)| &**address).collect();
        assert_eq!(found, LINKS.map(|(.., address)| address), "{address}");
    }
}

fn files(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|end| end == "html") {
            let name = path.to_string_lossy().into_owned();
            into.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn a_copy_has_the_links_too() {
    let (folder, site) = site(&LINKS, None).await;
    let into = folder.path().join("copy");
    let exported = site.export(&into, &Scope::default(), |_| {}).await.unwrap();
    assert_eq!(exported.left_out, []);
    let mut pages = BTreeMap::new();
    files(&into, &mut pages);
    let mut seen = 0;
    for (name, page) in &pages {
        let Some((_, label)) = LANGUAGES
            .into_iter()
            .find(|(language, _)| page.contains(&format!("<html lang=\"{language}\"")))
        else {
            continue;
        };
        if !page.contains("<footer") {
            continue;
        }
        let found: Vec<String> = links(page, label)
            .into_iter()
            .map(|(address, _)| address)
            .collect();
        // They lead where the operator said, not to a file of the copy.
        let given: Vec<&str> = LINKS.iter().map(|(.., address)| *address).collect();
        assert_eq!(found, given, "{name}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}
