//! The report on the site: who may ask for which, in which frames, and how often it is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{Bench, header, send, text};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use centime_access::{Mode, Role};
use centime_server::{ReportService, Settings, Site};
use serde_json::Value;

const PDF: &str = "/reports/income-statement.pdf";

/// A press that says what it was given, and how often it was used.
fn reports(used: &Arc<AtomicUsize>) -> ReportService {
    let used = Arc::clone(used);
    ReportService::new(move |report| {
        used.fetch_add(1, Ordering::SeqCst);
        serde_json::to_vec(report).map_err(|error| error.to_string())
    })
}

fn settings(mode: Mode) -> Settings {
    Settings {
        mode,
        ..Settings::default()
    }
}

/// A site with reports, and how many were made.
fn printing(bench: &Bench, settings: Settings) -> (Site, Arc<AtomicUsize>) {
    let used = Arc::new(AtomicUsize::new(0));
    (bench.site(settings).printing(reports(&used)), used)
}

async fn get(site: &Site, address: &str, headers: &[(&str, &str)]) -> Response {
    send(site, &Method::GET, address, headers, "").await
}

/// What somebody with this role sends.
async fn bearer(bench: &Bench, role: Role) -> String {
    format!("Bearer {}", bench.token(role, None).await.reveal())
}

/// What a report says.
async fn said(site: &Site, address: &str, headers: &[(&str, &str)]) -> Value {
    let response = get(site, address, headers).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    assert_eq!(header(&response, "content-type"), "application/pdf");
    serde_json::from_str(&text(response).await).unwrap()
}

#[tokio::test]
async fn it_is_made_once_for_each_view_and_language() {
    let bench = Bench::new(settings(Mode::Public)).await;
    let (site, used) = printing(&bench, settings(Mode::Public));
    let bearer = bearer(&bench, Role::Analyst).await;
    let here = ("host", "comptes.example.fr");
    let auth = ("authorization", bearer.as_str());
    let french = said(&site, &format!("{PDF}?lang=fr"), &[here]).await;
    assert_eq!(french["language"], "fr");
    assert_eq!(french["cover"]["subtitle"], "2016 à 2024");
    assert_eq!(
        said(&site, &format!("{PDF}?lang=fr"), &[here]).await,
        french
    );
    assert_eq!(used.load(Ordering::SeqCst), 1);
    let english = said(&site, &format!("{PDF}?lang=en"), &[here]).await;
    assert_eq!(english["language"], "en");
    let view = format!("{PDF}?lang=en&from=2019&to=2023&basis=naive");
    let view = said(&site, &view, &[here, auth]).await;
    assert_eq!(view["cover"]["subtitle"], "2019 to 2023");
    assert_eq!(used.load(Ordering::SeqCst), 3);
    // Through the API it is the same one.
    let same = "/api/v1/reports/income-statement?basis=naive&to=2023&from=2019&lang=en";
    assert_eq!(said(&site, same, &[here, auth]).await, view);
    assert_eq!(used.load(Ordering::SeqCst), 3);
    // Whichever host is named in the request, it is the same report, and leads nowhere.
    for host in ["autre.example.fr:8080", "a\"b<c>", ""] {
        let other = said(&site, &format!("{PDF}?lang=fr"), &[("host", host)]).await;
        assert_eq!(other, french, "{host}");
    }
    assert_eq!(used.load(Ordering::SeqCst), 3);
    let link = |report: &Value| {
        report["cover"]["facts"].as_array().unwrap().last().unwrap()["link"].clone()
    };
    assert_eq!(link(&view), Value::Null);
    // It leads to the same view of the site where that is said to be.
    let known = Settings {
        public_address: Some("https://comptes.example.fr".to_owned()),
        ..settings(Mode::Public)
    };
    let (site, _) = printing(&bench, known);
    let address = format!("{PDF}?lang=en&from=2019&to=2023&basis=naive");
    let view = said(&site, &address, &[("host", "autre.example.fr"), auth]).await;
    assert_eq!(
        link(&view),
        "https://comptes.example.fr/dashboard?from=2019&to=2023&basis=naive&lang=en"
    );
}

#[tokio::test]
async fn readers_get_the_whole_report_and_analysts_choose() {
    let bench = Bench::new(settings(Mode::Public)).await;
    for mode in Mode::ALL {
        let (site, _) = printing(&bench, settings(mode));
        let viewer = bearer(&bench, Role::Viewer).await;
        let analyst = bearer(&bench, Role::Analyst).await;
        let view = "?from=2019&to=2023";
        for (token, whole, chosen) in [
            (Some(&viewer), 200, 403),
            (Some(&analyst), 200, 200),
            (None, if mode == Mode::Public { 200 } else { 401 }, 401),
        ] {
            let headers: Vec<(&str, &str)> = token
                .map(|token| ("authorization", token.as_str()))
                .into_iter()
                .collect();
            let status = async |address: String| get(&site, &address, &headers).await.status();
            assert_eq!(status(PDF.to_owned()).await, whole, "{mode:?} {token:?}");
            assert_eq!(status(format!("{PDF}?lang=en&body=")).await, whole);
            assert_eq!(status(format!("{PDF}{view}")).await, chosen, "{mode:?}");
            // Through the API every report is made for its request.
            for view in ["", view] {
                let address = format!("/api/v1/reports/income-statement{view}");
                assert_eq!(status(address).await, chosen, "{mode:?} {token:?} {view}");
            }
            if whole == 401 {
                continue;
            }
            let page = text(get(&site, &format!("/report{view}"), &headers).await).await;
            let shows = page.contains("<object");
            assert_eq!(shows, chosen == 200, "{page}");
            assert_eq!(
                page.contains("role analyst") || page.contains("rôle analyste"),
                !shows
            );
            let page = text(get(&site, "/report?lang=en", &headers).await).await;
            let object = r#"<object class="report" data="/reports/income-statement.pdf?lang=en""#;
            assert!(page.contains(object), "{page}");
        }
    }
}

#[tokio::test]
async fn only_the_page_shows_frames_and_only_the_document_is_framed() {
    let bench = Bench::new(settings(Mode::Public)).await;
    let own = "frame-ancestors 'self'";
    let intranet = "https://intranet.example.fr";
    for ancestors in [Vec::new(), vec![intranet.to_owned()]] {
        let named = ancestors.join(" ");
        let (site, _) = printing(
            &bench,
            Settings {
                frame_ancestors: ancestors.clone(),
                ..settings(Mode::Public)
            },
        );
        let policy = async |address: &str| {
            let response = get(&site, address, &[]).await;
            let policy = header(&response, "content-security-policy").to_owned();
            (policy, header(&response, "x-frame-options").to_owned())
        };
        let (page, framed) = policy("/report").await;
        assert!(page.contains("frame-src 'self'") && page.contains("object-src 'self'"));
        assert!(page.contains("script-src 'self'") && !page.contains("unsafe"));
        assert!(!page.contains(own), "{page}");
        assert_eq!(framed, if named.is_empty() { "DENY" } else { "" });
        let (document, framed) = policy(PDF).await;
        assert!(document.contains(own), "{document}");
        assert!(document.contains("default-src 'none'"), "{document}");
        assert!(document.contains(&named), "{document}");
        assert_eq!(framed, if named.is_empty() { "SAMEORIGIN" } else { "" });
        let (other, _) = policy("/dashboard").await;
        assert!(
            !other.contains("frame-src") && !other.contains("object-src"),
            "{other}"
        );
    }
    let (site, _) = printing(&bench, settings(Mode::Public));
    let response = get(&site, PDF, &[]).await;
    assert_eq!(
        header(&response, "content-disposition"),
        "inline; filename=\"centime-compte-de-resultat-report-2016-2024-r1-sample.pdf\""
    );
}

#[tokio::test]
async fn a_wrong_value_and_a_broken_press_are_told() {
    let bench = Bench::new(settings(Mode::Public)).await;
    let (site, used) = printing(&bench, settings(Mode::Public));
    let bearer = bearer(&bench, Role::Analyst).await;
    let headers = [("authorization", bearer.as_str())];
    for (wrong, expected) in [
        // A statement may have had it.
        ("from=1990", StatusCode::NOT_FOUND),
        ("category=%23x", StatusCode::NOT_FOUND),
        ("to=20x", StatusCode::BAD_REQUEST),
        ("side=both", StatusCode::BAD_REQUEST),
        ("basis=best", StatusCode::BAD_REQUEST),
    ] {
        for address in [format!("{PDF}?{wrong}"), format!("/report?{wrong}")] {
            let status = get(&site, &address, &headers).await.status();
            assert_eq!(status, expected, "{address}");
        }
    }
    assert_eq!(
        get(&site, &format!("{PDF}?body=9"), &[]).await.status(),
        404
    );
    // A language that there is not is left to what the reader's browser asks for.
    let fallback = [("accept-language", "en")];
    let report = said(&site, &format!("{PDF}?lang=xx"), &fallback).await;
    assert_eq!(report["language"], "en");
    assert_eq!(used.load(Ordering::SeqCst), 1);

    let broken = bench
        .site(settings(Mode::Public))
        .printing(ReportService::new(|_| Err("/secret/path".to_owned())));
    let response = get(&broken, PDF, &[]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!text(response).await.contains("secret"));

    // A site that makes no reports has none, and no way to them.
    let without = bench.site(settings(Mode::Public));
    for address in [PDF, "/report"] {
        assert_eq!(get(&without, address, &[]).await.status(), 404);
    }
    let page = text(get(&without, "/dashboard", &[]).await).await;
    assert!(!page.contains("/report"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_made_one_at_a_time_and_pages_do_not_wait_for_them() {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};

    let bench = Bench::new(settings(Mode::Public)).await;
    let bearer = bearer(&bench, Role::Analyst).await;
    // A press that says when it begins, and ends when it is told to.
    let (begun, begins): (Sender<usize>, Receiver<usize>) = channel();
    let (end, ends): (Sender<()>, Receiver<()>) = channel();
    let (ends, at_once) = (Mutex::new(ends), AtomicUsize::new(0));
    let reports = ReportService::new(move |_| {
        begun
            .send(at_once.fetch_add(1, Ordering::SeqCst) + 1)
            .unwrap();
        ends.lock().unwrap().recv().unwrap();
        at_once.fetch_sub(1, Ordering::SeqCst);
        Ok(b"made".to_vec())
    });
    let settings = Settings {
        heavy: 8,
        ..settings(Mode::Public)
    };
    let site = bench.site(settings).printing(reports);
    let ask = |view: &str| {
        let (site, bearer, address) = (site.clone(), bearer.clone(), format!("{PDF}?{view}"));
        tokio::spawn(async move {
            let response = get(&site, &address, &[("authorization", &bearer)]).await;
            response.status()
        })
    };
    let given_up = ask("basis=naive");
    assert_eq!(begins.recv().unwrap(), 1);
    given_up.abort();
    let waiting: Vec<_> = ["basis=naive", "from=2019", "from=2019", "from=2020"]
        .map(ask)
        .into();
    // Somebody who leaves makes no room for others, and pages are answered meanwhile.
    for page in ["/", "/dashboard", "/report", "/lines"] {
        assert_eq!(get(&site, page, &[]).await.status(), StatusCode::OK);
    }
    assert!(begins.try_recv().is_err());
    // Each view is made once, even for those who ask at the same time and after somebody left.
    for _ in 0..2 {
        end.send(()).unwrap();
        assert_eq!(begins.recv().unwrap(), 1);
    }
    end.send(()).unwrap();
    for asked in waiting {
        assert_eq!(asked.await.unwrap(), StatusCode::OK);
    }
    assert!(begins.try_recv().is_err());
}

#[tokio::test]
async fn many_views_of_one_client_evict_no_report_that_others_read() {
    let bench = Bench::new(settings(Mode::Public)).await;
    let used = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&used);
    // As large as a report is.
    let reports = ReportService::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(vec![0; 512 << 10])
    });
    let site = bench
        .site(crate::common::often_asked(Mode::Public))
        .printing(reports);
    let bearer = bearer(&bench, Role::Analyst).await;
    let auth = [("authorization", bearer.as_str())];
    let whole = format!("{PDF}?lang=fr");
    for _ in 0..3 {
        assert_eq!(get(&site, &whole, &[]).await.status(), StatusCode::OK);
    }
    let mut views = 0;
    for from in 2016..2024 {
        for unit in ["eur", "meur", "bneur", "percent", "share"] {
            for basis in ["leaf", "naive"] {
                let view = format!("{PDF}?lang=fr&from={from}&unit={unit}&basis={basis}");
                views += usize::from(get(&site, &view, &auth).await.status() == StatusCode::OK);
            }
        }
    }
    assert!(views > 50, "{views}");
    let before = used.load(Ordering::SeqCst);
    assert_eq!(get(&site, &whole, &[]).await.status(), StatusCode::OK);
    assert_eq!(used.load(Ordering::SeqCst), before, "it was made again");
}
