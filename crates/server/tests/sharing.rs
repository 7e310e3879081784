//! How others find, cite, link and embed what the site shows.

use std::collections::BTreeSet;

use axum::http::Method;
use calamine::Reader;
use centime_access::{Mode, Role};
use centime_server::{Scope, Settings, Site};
use quick_xml::events::Event;

use crate::common::{Bench, header, often_asked, send, text};

const PUBLIC: &str = "https://comptes.example.fr/ville";

fn reached(mode: Mode) -> Settings {
    Settings {
        public_address: Some(PUBLIC.to_owned()),
        ..often_asked(mode)
    }
}

async fn get(site: &Site, address: &str) -> (u16, String, String) {
    let headers = [("host", "comptes.example.fr")];
    let response = send(site, &Method::GET, address, &headers, "").await;
    let status = response.status().as_u16();
    let kind = header(&response, "content-type").to_owned();
    (status, kind, text(response).await)
}

async fn page(site: &Site, address: &str) -> String {
    let (status, _, page) = get(site, address).await;
    assert_eq!(status, 200, "{address}: {page}");
    page.replace("&#38;", "&").replace("&amp;", "&")
}

/// The texts of the elements of a document, and the values of one attribute of others.
fn read(xml: &str, element: &str, attribute: Option<&str>) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found = Vec::new();
    let mut inside = false;
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Eof => return found,
            Event::Start(start) | Event::Empty(start) if start.name().as_ref() == element => {
                if let Some(name) = attribute {
                    let value = start.try_get_attribute(name).unwrap();
                    found.extend(value.map(|value| value.value.replace("&amp;", "&")));
                } else {
                    inside = true;
                    found.push(String::new());
                }
            }
            Event::Text(part) if inside => {
                found.last_mut().unwrap().push_str(&part);
            }
            Event::GeneralRef(part) if inside => {
                let letter = match &*part {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "apos" => "'",
                    "quot" => "\"",
                    other => panic!("{other}"),
                };
                found.last_mut().unwrap().push_str(letter);
            }
            Event::End(_) => inside = false,
            _ => {}
        }
    }
}

fn after<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("{start}"));
    rest.split_once(end).unwrap().0
}

#[tokio::test]
async fn search_engines_find_each_page_once_in_each_language_and_no_view_of_one() {
    let bench = Bench::new(reached(Mode::Public)).await;
    let (status, kind, map) = get(&bench.site, "/sitemap.xml").await;
    assert_eq!(
        (status, kind.as_str()),
        (200, "application/xml; charset=utf-8")
    );
    let addresses = read(&map, "loc", None);
    let distinct: BTreeSet<&String> = addresses.iter().collect();
    assert_eq!(distinct.len(), addresses.len());
    assert!(addresses.len() > 50, "{}", addresses.len());
    for address in &addresses {
        let path = address.strip_prefix(PUBLIC).unwrap();
        let page = page(&bench.site, path).await;
        let canonical = after(&page, "rel=\"canonical\" href=\"", "\"");
        assert_eq!(canonical, address, "the page says another address");
    }
    let others = read(&map, "xhtml:link", Some("href"));
    assert_eq!(others.len(), 2 * addresses.len());
    assert!(others.iter().all(|other| distinct.contains(other)));
    for path in [
        "/",
        "/dashboard",
        "/analyses/yearly-result",
        "/years/2023",
        "/glossary",
    ] {
        assert!(
            addresses.contains(&format!("{PUBLIC}{path}?lang=fr")),
            "{path}"
        );
    }
    let (_, _, robots) = get(&bench.site, "/robots.txt").await;
    assert!(
        robots.ends_with(&format!("\n\nSitemap: {PUBLIC}/sitemap.xml\n")),
        "{robots}"
    );
    // Without a public address the site says what it was asked by.
    let plain = bench.site(often_asked(Mode::Public));
    let (_, _, map) = get(&plain, "/sitemap.xml").await;
    assert!(
        map.contains("<loc>http://comptes.example.fr/glossary?lang=fr</loc>"),
        "{map}"
    );
    assert_eq!(get(&plain, "/sitemap.xml?page=2").await.0, 404);
    assert_eq!(get(&plain, "/sitemap.xml?page=x").await.0, 400);
    assert_eq!(get(&plain, "/sitemap.xml?side=expense").await.0, 400);
}

#[tokio::test]
async fn a_site_of_many_bodies_has_a_list_of_lists() {
    let bench = crate::bodies::several(300).await;
    let (_, _, index) = get(&bench.site, "/sitemap.xml").await;
    let parts = read(&index, "loc", None);
    assert!(
        index.contains("<sitemapindex") && parts.len() == 2,
        "{index}"
    );
    let mut homes = BTreeSet::new();
    for part in &parts {
        let (_, address) = part.split_once("comptes.example.fr").unwrap();
        let (status, _, map) = get(&bench.site, address).await;
        assert_eq!(status, 200);
        assert!(map.len() < 10_000_000);
        let found = read(&map, "loc", None);
        homes.extend(
            found
                .into_iter()
                .filter(|at| at.contains("/?body=") && at.ends_with("lang=fr")),
        );
    }
    assert_eq!(homes.len(), 300);
    assert_eq!(get(&bench.site, "/sitemap.xml?page=3").await.0, 404);
}

#[tokio::test]
async fn revisions_are_a_feed_that_pages_name_and_only_readers_get() {
    let bench = Bench::new(reached(Mode::Public)).await;
    let home = page(&bench.site, "/?lang=fr").await;
    let link = "type=\"application/atom+xml\" href=\"/revisions.atom?lang=fr\"";
    assert!(home.contains(&link.replace("=\"/", "=\"/ville/")), "{home}");
    let (status, kind, feed) = get(&bench.site, "/revisions.atom?lang=fr").await;
    assert_eq!(
        (status, kind.as_str()),
        (200, "application/atom+xml; charset=utf-8")
    );
    assert_eq!(read(&feed, "entry", None).len(), 1);
    let links = read(&feed, "link", Some("href"));
    assert_eq!(
        links,
        [
            format!("{PUBLIC}/revisions.atom?lang=fr"),
            format!("{PUBLIC}/?lang=fr"),
            format!("{PUBLIC}/?revision=1&lang=fr"),
        ]
    );
    page(&bench.site, "/?revision=1&lang=fr").await;
    let ids = read(&feed, "id", None);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2);
    assert!(ids.iter().all(|id| id.starts_with(PUBLIC)), "{ids:?}");
    let updated = read(&feed, "updated", None);
    assert!(
        updated.iter().all(|at| at.ends_with('Z') && at.len() == 20),
        "{updated:?}"
    );
    assert!(
        feed.contains("Données d’exemple") && feed.contains("xml:lang=\"fr\""),
        "{feed}"
    );

    let closed = bench.site(reached(Mode::Token));
    for address in ["/revisions.atom", "/sitemap.xml"] {
        assert_eq!(get(&closed, address).await.0, 401, "{address}");
    }
    let viewer = bench.token(Role::Viewer, None).await;
    let bearer = format!("Bearer {}", viewer.reveal());
    let headers = [("authorization", bearer.as_str())];
    let home = text(send(&closed, &Method::GET, "/", &headers, "").await).await;
    assert!(!home.contains("atom+xml"));
    let (_, _, robots) = get(&closed, "/robots.txt").await;
    assert!(!robots.contains("Sitemap"), "{robots}");
}

#[tokio::test]
async fn every_page_says_what_it_is_and_whose_figures_it_shows() {
    let bench = Bench::new(reached(Mode::Public)).await;
    let mut descriptions = BTreeSet::new();
    for path in [
        "/",
        "/statement",
        "/dashboard",
        "/analyses",
        "/analyses/reconciliation",
        "/lines",
        "/quality",
        "/years/2023",
    ] {
        for language in ["fr", "en"] {
            let page = page(&bench.site, &format!("{path}?lang={language}")).await;
            let title = after(&page, "<title>", "</title>");
            assert!(title.contains("Ville de Paris"), "{path}: {title}");
            let description = after(&page, "name=\"description\" content=\"", "\"");
            assert!(
                (60..=400).contains(&description.chars().count()),
                "{description}"
            );
            assert!(
                descriptions.insert(description.to_owned()),
                "{path} says what another says"
            );
            assert!(description.starts_with(if language == "fr" {
                "Données d’exemple"
            } else {
                "Sample data"
            }));
            // Its figures can be cited, with their revision, from the foot of each printed sheet, too.
            let printed = after(
                &page,
                "<p class=\"print-source\" aria-hidden=\"true\">",
                "</p>",
            );
            let own = format!("{PUBLIC}{path}?revision=1&lang={language}");
            assert!(printed.starts_with(&own), "{printed}");
            assert!(page.contains("@misc{centime-217500016-r1-"), "{path}");
            assert!(page.contains(&format!("url = {{{own}}}")), "{path}");
        }
    }
}

#[tokio::test]
async fn a_chart_can_be_cited_and_shown_elsewhere_only_where_that_is_allowed() {
    let bench = Bench::new(reached(Mode::Public)).await;
    let allowing = bench.site(Settings {
        frame_ancestors: vec!["https://gazette.example".to_owned()],
        ..reached(Mode::Public)
    });
    let address = "/dashboard?from=2019&lang=fr";
    let closed = page(&bench.site, address).await;
    assert!(
        !closed.contains("/embed/") && !closed.contains("iframe"),
        "no frame is allowed"
    );
    assert!(closed.contains("<code>site.frame_ancestors</code>"));
    let open = page(&allowing, address).await;
    let snippet = after(&open, "id=\"frame-result\"", "</textarea>")
        .replace("&#60;", "<")
        .replace("&#34;", "\"")
        .replace("&#62;", ">");
    let source = format!("<iframe src=\"{PUBLIC}/embed/dashboard/result?from=2019&lang=fr\"");
    assert!(snippet.contains(&source), "{snippet}");
    for site in [&bench.site, &allowing] {
        let page = page(site, address).await;
        let cited = after(&page, "id=\"cite-result\"", "</textarea>");
        let lasting = format!("{PUBLIC}/dashboard?from=2019&revision=1&lang=fr#result");
        assert!(cited.ends_with(&lasting), "{cited}");
        for part in ["Déficit de 231,1", "CC0 1.0", "révision 1 du"] {
            assert!(cited.contains(part), "{cited}");
        }
    }
    // What is framed may be, and only then.
    let framed = |site| async move {
        let at = "/embed/dashboard/result?from=2019&lang=fr";
        let response = send(site, &Method::GET, at, &[], "").await;
        assert_eq!(response.status(), 200);
        header(&response, "content-security-policy").to_owned()
    };
    assert!(framed(&bench.site).await.contains("frame-ancestors 'none'"));
    assert!(
        framed(&allowing)
            .await
            .contains("frame-ancestors https://gazette.example")
    );
}

#[tokio::test]
async fn the_words_of_the_site_are_explained_where_they_stand_and_on_a_page() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let glossary = page(&bench.site, "/glossary?lang=fr").await;
    for entry in centime_render::glossary::entries(centime_analytics::Language::French) {
        assert!(
            glossary.contains(&format!("<div id=\"{}\">", entry.id)),
            "{}",
            entry.id
        );
    }
    for path in [
        "/analyses/operating-profitability",
        "/analyses/reconciliation",
        "/quality",
    ] {
        let page = page(&bench.site, &format!("{path}?lang=fr")).await;
        let described: Vec<&str> = page
            .split("aria-describedby=\"term-")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(described.len() > 3, "{path}");
        for id in described {
            let text = format!("role=\"tooltip\" id=\"term-{id}\">");
            assert_eq!(page.matches(&text).count(), 1, "{path}: {id}");
        }
    }
}

#[tokio::test]
async fn spreadsheets_of_a_french_page_are_in_french_and_say_whose_rows_they_have() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let (status, kind, file) = get(
        &bench.site,
        "/dashboard/changes.excel.csv?lang=fr&focus=2023&against=2022",
    )
    .await;
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    let mut lines = file.lines();
    let head = lines.next().unwrap();
    assert!(
        head.starts_with(
            "\u{feff}SIREN;Collectivité;Sens;Poste;Ligne;Exercice d’avant;Exercice d’après;"
        ),
        "{head}"
    );
    for line in lines {
        assert!(line.starts_with("217500016;"), "{line}");
        assert!(line.contains(";2022;2023;"), "{line}");
        assert!(!line.contains('.') || line.contains(','), "{line}");
    }
    let (_, _, technical) = get(
        &bench.site,
        "/dashboard/changes.csv?lang=fr&focus=2023&against=2022",
    )
    .await;
    assert!(
        technical.starts_with(
            "siren,body_name,side,category,label,year_before,year_after,before,after,"
        ),
        "{technical}"
    );

    let (_, _, lines) = get(
        &bench.site,
        "/lines.excel.csv?lang=fr&year=2023&side=revenue",
    )
    .await;
    assert!(
        lines.contains(";Produit;Activité;") && !lines.contains(";revenue;"),
        "{lines}"
    );
    let (_, _, all) = get(
        &bench.site,
        "/lines.excel.csv?lang=fr&year=2023&side=revenue&body=*",
    )
    .await;
    assert_eq!(
        all, lines,
        "the rows of all bodies are those of the only one"
    );
    let response = send(&bench.site, &Method::GET, "/lines.xlsx?lang=fr", &[], "").await;
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let heads: Vec<String> = sheet
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        heads[..6],
        [
            "SIREN",
            "Collectivité",
            "Exercice",
            "Nomenclature",
            "Sens",
            "Partie du compte"
        ]
    );
    // The file of a page is named as one that a spreadsheet opens.
    let response = send(
        &bench.site,
        &Method::GET,
        "/analyses/yearly-result.excel.csv?lang=fr",
        &[],
        "",
    )
    .await;
    assert!(header(&response, "content-disposition").ends_with(".excel.csv\""));
    let page = page(&bench.site, "/analyses/yearly-result?lang=fr").await;
    assert!(
        page.contains("/analyses/yearly-result.excel.csv\" download>CSV (Excel)</a>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_copy_has_a_list_of_its_pages_and_a_feed_with_addresses_of_its_own() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let folder = tempfile::tempdir().unwrap();
    let at = "https://pages.example.fr/comptes";
    for (address, has) in [(Some(at), true), (None, false)] {
        let into = folder.path().join(if has { "at" } else { "anywhere" });
        let scope = Scope {
            address,
            ..Scope::default()
        };
        bench.site.export(&into, &scope, |_| {}).await.unwrap();
        assert_eq!(into.join("sitemap.xml").is_file(), has);
        assert_eq!(into.join("fr/revisions.atom").is_file(), has);
        assert!(
            !into.join("robots.txt").exists(),
            "the host has one of its own"
        );
        let dashboard = std::fs::read_to_string(into.join("fr/dashboard.html")).unwrap();
        assert!(
            dashboard.contains("fr/embed/dashboard/result.html\""),
            "a copy can be framed"
        );
        if !has {
            assert!(!dashboard.contains("atom+xml") && !dashboard.contains("sitemap"));
            continue;
        }
        let map = std::fs::read_to_string(into.join("sitemap.xml")).unwrap();
        let pages = read(&map, "loc", None);
        assert!(pages.len() > 100);
        for page in &pages {
            let file = page
                .strip_prefix("https://pages.example.fr/comptes/")
                .unwrap();
            assert!(into.join(file).is_file(), "{file}");
        }
        let feed = std::fs::read_to_string(into.join("fr/revisions.atom")).unwrap();
        let links = read(&feed, "link", Some("href"));
        assert_eq!(links[0], format!("{at}/fr/revisions.atom"));
        assert!(
            links[1..]
                .iter()
                .all(|link| *link == format!("{at}/index.html")),
            "{links:?}"
        );
        assert!(dashboard.contains(&format!("{at}/fr/dashboard.html#result")));
    }
}
