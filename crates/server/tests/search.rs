//! The search in the header: what everyday words lead to, on one body and on several.

use axum::http::StatusCode;
use centime_access::Mode;

use crate::common::{Bench, often_asked, text};

async fn found(bench: &Bench, address: &str) -> String {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    text(response).await
}

#[tokio::test]
async fn everyday_words_lead_to_the_lines_of_both_nomenclatures() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for (words, lines) in [
        (
            "salaires",
            ["/statement/m57-salaries", "/statement/m14-salaries"],
        ),
        (
            "subvention",
            [
                "/statement/m57-intervention-schemes",
                "/statement/m14-subsidies-paid",
            ],
        ),
        (
            "int%C3%A9r%C3%AAts",
            ["/statement/m57-interest", "/statement/m14-interest"],
        ),
        (
            "dette",
            ["/statement/m57-interest", "/statement/m14-interest"],
        ),
        ("cantine", ["/statement/m57-sales", "/statement/m14-sales"]),
        (
            "641",
            ["/statement/m57-salaries", "/statement/m14-salaries"],
        ),
    ] {
        let page = found(&bench, &format!("/search?q={words}&lang=fr")).await;
        for line in lines {
            assert!(
                page.contains(&format!("href=\"{line}\"")),
                "{words}: {page}"
            );
        }
    }
    let page = found(&bench, "/search?q=salaires").await;
    assert!(page.contains("<mark>salaires</mark>"), "{page}");
    let page = found(&bench, "/search?q=2023&lang=en").await;
    assert!(
        page.contains("href=\"/years/2023\"") && page.contains("€325.3"),
        "{page}"
    );
    let page = found(&bench, "/search?q=rapprochement&lang=fr").await;
    assert!(page.contains("href=\"/analyses/reconciliation\""), "{page}");
    let page = found(&bench, "/search?q=ville+de+paris&lang=fr").await;
    assert!(page.contains("href=\"/\"><mark>"), "{page}");
}

#[tokio::test]
async fn nothing_and_no_match_are_sentences_with_a_way_on() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for (address, said) in [
        ("/search?lang=en", "What are you looking for?"),
        ("/search?q=+&lang=en", "What are you looking for?"),
        ("/search?q=qwertyuiop&lang=en", "Nothing fits."),
        ("/search?q=qwertyuiop&lang=fr", "Rien ne correspond."),
    ] {
        let page = found(&bench, address).await;
        assert!(page.contains(said), "{address}: {page}");
        assert!(page.contains("href=\"/search?q=personnel\""), "{address}");
    }
    let long = "x".repeat(201);
    let response = bench.get(&format!("/search?q={long}"), &[]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_looked_for_becomes_no_markup_and_no_address_for_robots() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let page = found(
        &bench,
        "/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22+salaires",
    )
    .await;
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains("rel=\"canonical\""), "{page}");
    let robots = found(&bench, "/robots.txt").await;
    assert!(robots.contains("Disallow: /search"), "{robots}");
    // The form is on every page, and leads here without a script.
    for address in ["/", "/quality", "/years/2023", "/search?q=dette"] {
        let page = found(&bench, address).await;
        assert!(page.contains("action=\"/search\""), "{address}");
    }
    let page = found(&bench, "/search?q=dette").await;
    assert!(page.contains("name=\"q\" value=\"dette\""), "{page}");
}
