//! The pages of fiscal years: the sentences that answer, the figures, what moved them, and what cannot be said.

use axum::http::StatusCode;
use centime_access::Mode;

use crate::common::{Bench, often_asked, text};

/// A page as a reader sees it: without tags, spaces of any kind as one.
fn words(page: &str) -> String {
    let mut words = String::new();
    for part in page.split('<') {
        words.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        words.push(' ');
    }
    let words = words.replace(['\u{a0}', '\u{202f}'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn page(bench: &Bench, address: &str) -> String {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    text(response).await
}

#[tokio::test]
async fn a_year_answers_in_a_sentence_and_says_since_when() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for (address, expected) in [
        (
            "/years/2023?lang=fr",
            [
                "En 2023, les produits ont dépassé les charges de 325,3 millions d’euros .",
                "C’est le troisième excédent d’affilée : le résultat est positif depuis 2021.",
            ],
        ),
        (
            "/years/2023?lang=en",
            [
                "In 2023, revenue exceeded expenses by €325.3 million .",
                "It is the third surplus in a row: the result has been positive since 2021.",
            ],
        ),
        (
            "/years/2024?lang=en",
            [
                "In 2024, expenses exceeded revenue by €231.1 million .",
                "It is the first deficit since 2020.",
            ],
        ),
        (
            "/years/2020?lang=en",
            [
                "expenses exceeded revenue",
                "It is the first deficit since at least 2019: the reporting scope changes in 2019",
            ],
        ),
        (
            "/years/2019?lang=en",
            [
                "It cannot be placed among earlier years: the reporting scope changes in 2019",
                "Nothing is compared from 2018 to 2019: the reporting scope changes in 2019",
            ],
        ),
    ] {
        let said = words(&page(&bench, address).await);
        for sentence in expected {
            assert!(said.contains(sentence), "{address}: {sentence}\n{said}");
        }
    }
}

#[tokio::test]
async fn a_year_that_is_not_computed_says_what_is_missing_and_shows_no_number() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let page = page(&bench, "/years/2018?lang=en").await;
    let said = words(&page);
    assert!(
        said.contains("The result of 2018 cannot be computed"),
        "{said}"
    );
    assert!(said.contains("What is missing"), "{said}");
    assert!(page.contains("counted=missing"), "{page}");
    assert!(!page.contains("class=\"moves\""), "{page}");
    let ledger = page.split("<dl class=\"ledger\">").nth(1).unwrap();
    let ledger = ledger.split("</dl>").next().unwrap();
    assert!(!ledger.contains("ledger__change"), "{ledger}");
}

/// The amounts of a list, in centimes, as they are written.
fn effects(page: &str) -> Vec<i64> {
    let list = page.split("<ol class=\"moves\">").nth(1).unwrap();
    let list = list.split("</ol>").next().unwrap();
    list.split("move__effect")
        .filter(|part| part.starts_with("\">") || part.starts_with("--"))
        .map(|part| {
            let written = part.split('>').nth(1).unwrap().split('<').next().unwrap();
            let negative = written.contains('−');
            let digits: String = written.chars().filter(char::is_ascii_digit).collect();
            let size: i64 = digits.parse().unwrap();
            if negative { -size } else { size }
        })
        .collect()
}

#[tokio::test]
async fn the_effects_of_the_lines_add_up_to_the_change_of_the_result() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let results = page(&bench, "/analyses/yearly-result.json").await;
    let results: Vec<serde_json::Value> = serde_json::from_str(&results).unwrap();
    let result = |year: i64| {
        let row = results
            .iter()
            .find(|row| row["fiscal_year"] == year)
            .unwrap();
        let written = row["result"].as_str().unwrap().replace('.', "");
        written.parse::<i64>().unwrap()
    };
    for (year, since) in [(2023, 2022), (2023, 2019), (2024, 2020), (2017, 2016)] {
        let address = format!("/years/{year}?since={since}&lang=en");
        let page = page(&bench, &address).await;
        let effects = effects(&page);
        assert!(effects.len() > 3, "{address}: {effects:?}");
        let sum: i64 = effects.iter().sum();
        assert_eq!(sum, result(year) - result(since), "{address}");
        let ranked = &effects[..effects.len().min(10)];
        assert!(
            ranked.is_sorted_by_key(|effect| std::cmp::Reverse(effect.abs())),
            "{address}: {ranked:?}"
        );
        // Each leads to the page of its line.
        assert!(page.contains("href=\"/statement/m"), "{address}");
    }
    let said = words(&page(&bench, "/years/2023?since=2019&lang=en").await);
    assert!(
        said.contains("From 2019 to 2023, revenue rose by"),
        "{said}"
    );
    assert!(
        said.contains("In expense, the largest rise is that of"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_no_year_is_refused_with_a_way_on() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for (address, status, expected) in [
        ("/years/1999?lang=en", StatusCode::NOT_FOUND, "/years/2016"),
        ("/years/soon", StatusCode::NOT_FOUND, ""),
        (
            "/years/2023?since=2024&lang=en",
            StatusCode::BAD_REQUEST,
            "an earlier year, such as 2022",
        ),
        ("/years/2023?since=x", StatusCode::BAD_REQUEST, "since"),
        ("/years/2023?since=1990", StatusCode::BAD_REQUEST, "since"),
    ] {
        let response = bench.get(address, &[]).await;
        assert_eq!(response.status(), status, "{address}");
        let page = text(response).await;
        assert!(page.contains(expected), "{address}: {page}");
    }
    // Not comparable is no mistake of the reader's.
    let said = words(&page(&bench, "/years/2023?since=2017&lang=en").await);
    assert!(
        said.contains("Nothing is compared from 2017 to 2023"),
        "{said}"
    );
}

#[tokio::test]
async fn home_is_the_latest_year_that_is_computed_and_the_list_has_all() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let home = words(&page(&bench, "/?lang=en").await);
    assert!(
        home.contains("It is the first deficit since 2020."),
        "{home}"
    );
    let list = page(&bench, "/years?lang=en").await;
    for year in 2016..=2024 {
        assert!(list.contains(&format!("href=\"/years/{year}\"")), "{year}");
    }
    let year = page(&bench, "/years/2023").await;
    for link in [
        "/years/2022",
        "/years/2024",
        "/years",
        "/lines.csv?year=2023",
    ] {
        assert!(year.contains(&format!("href=\"{link}\"")), "{link}");
    }
}
