//! Who comes in: every address of the router by everyone who may ask, and what each may do.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::common::{
    Bench, Browser, FORM, Served, header, hidden, log_in, often_asked, send, text,
};
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use centime_access::{Mode, Right, Role, Rule, Secret};
use centime_server::{Declared, Rate, ReportService, Settings, Site};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visitor {
    NoToken,
    Expired,
    Revoked,
    Malformed,
    Unknown,
    Token(Role),
    Session(Role),
    /// A page of another site sends the browser of an administrator here.
    CrossSite,
    /// So does a page of ours that was made for another session.
    WrongForm,
    /// The cookie of a session that was closed.
    Replayed,
}

const VISITORS: [Visitor; 14] = [
    Visitor::NoToken,
    Visitor::Expired,
    Visitor::Revoked,
    Visitor::Malformed,
    Visitor::Unknown,
    Visitor::Token(Role::Viewer),
    Visitor::Token(Role::Analyst),
    Visitor::Token(Role::Admin),
    Visitor::Session(Role::Viewer),
    Visitor::Session(Role::Analyst),
    Visitor::Session(Role::Admin),
    Visitor::CrossSite,
    Visitor::WrongForm,
    Visitor::Replayed,
];

/// What each role may do, written down again: the right, then viewer, analyst and admin, and whether a
/// public site gives it to everyone.
const RIGHTS: [(Right, [bool; 3], bool); 8] = [
    (Right::Read, [true, true, true], true),
    (Right::Export, [false, true, true], true),
    (Right::Report, [false, true, true], false),
    (Right::AskSql, [false, true, true], false),
    (Right::Observe, [true, true, true], false),
    (Right::StartRuns, [false, false, true], false),
    (Right::ManageTokens, [false, false, true], false),
    (Right::ReadAudit, [false, false, true], false),
];

/// Every address there is, with its rule, written down again: a new one has to be thought about here.
const TABLE: &[(&str, &str, Option<Right>)] = &[
    ("GET", "/api/v1/revisions", Some(Right::Read)),
    ("GET", "/api/v1/revisions/{revision}", Some(Right::Read)),
    ("GET", "/api/v1/datasets", Some(Right::Read)),
    ("GET", "/api/v1/bodies", Some(Right::Read)),
    ("GET", "/api/v1/bodies/{siren}", Some(Right::Read)),
    ("GET", "/api/v1/analyses", Some(Right::Read)),
    ("GET", "/api/v1/analyses/{name}", Some(Right::Read)),
    ("GET", "/api/v1/statement", Some(Right::Export)),
    ("GET", "/api/v1/statement/{line}", Some(Right::Export)),
    ("GET", "/api/v1/accounts", Some(Right::Export)),
    ("GET", "/api/v1/indicators", Some(Right::Export)),
    ("GET", "/api/v1/aggregates", Some(Right::Export)),
    ("GET", "/api/v1/lines", Some(Right::Export)),
    ("GET", "/api/v1/lines/{record}", Some(Right::Export)),
    ("GET", "/api/v1/quality/checks", Some(Right::Read)),
    ("GET", "/api/v1/quality/reconciliation", Some(Right::Read)),
    ("GET", "/api/v1/quality/missing-amounts", Some(Right::Read)),
    ("GET", "/api/v1/quality/parents", Some(Right::Read)),
    ("GET", "/api/v1/reports", Some(Right::Read)),
    ("GET", "/api/v1/reports/{name}", Some(Right::Report)),
    ("GET", "/api/v1/sql", Some(Right::AskSql)),
    ("GET", "/api/v1/runs", Some(Right::Read)),
    ("POST", "/api/v1/runs", Some(Right::StartRuns)),
    ("GET", "/api/v1/tokens", Some(Right::ManageTokens)),
    ("POST", "/api/v1/tokens", Some(Right::ManageTokens)),
    ("GET", "/api/v1/tokens/{token}", Some(Right::ManageTokens)),
    (
        "DELETE",
        "/api/v1/tokens/{token}",
        Some(Right::ManageTokens),
    ),
    ("GET", "/api/v1/revisions.{form}", Some(Right::Read)),
    ("GET", "/api/v1/datasets.{form}", Some(Right::Read)),
    ("GET", "/api/v1/bodies.{form}", Some(Right::Read)),
    ("GET", "/api/v1/analyses.{form}", Some(Right::Read)),
    ("GET", "/api/v1/statement.{form}", Some(Right::Export)),
    ("GET", "/api/v1/accounts.{form}", Some(Right::Export)),
    ("GET", "/api/v1/indicators.{form}", Some(Right::Export)),
    ("GET", "/api/v1/aggregates.{form}", Some(Right::Export)),
    ("GET", "/api/v1/lines.{form}", Some(Right::Export)),
    ("GET", "/api/v1/quality/checks.{form}", Some(Right::Read)),
    (
        "GET",
        "/api/v1/quality/reconciliation.{form}",
        Some(Right::Read),
    ),
    (
        "GET",
        "/api/v1/quality/missing-amounts.{form}",
        Some(Right::Read),
    ),
    ("GET", "/api/v1/quality/parents.{form}", Some(Right::Read)),
    ("GET", "/api/v1/reports.{form}", Some(Right::Read)),
    ("GET", "/api/v1/runs.{form}", Some(Right::Read)),
    ("GET", "/api/v1/tokens.{form}", Some(Right::ManageTokens)),
    ("GET", "/api/v1", Some(Right::Read)),
    ("GET", "/api/v1/openapi.json", Some(Right::Read)),
    ("GET", "/", Some(Right::Read)),
    ("GET", "/statement", Some(Right::Read)),
    ("GET", "/statement.{extension}", Some(Right::Export)),
    ("GET", "/statement/{line}", Some(Right::Read)),
    ("GET", "/indicators", Some(Right::Read)),
    ("GET", "/indicators.{extension}", Some(Right::Export)),
    ("GET", "/aggregates", Some(Right::Read)),
    ("GET", "/aggregates.{extension}", Some(Right::Export)),
    ("GET", "/accounts", Some(Right::Read)),
    ("GET", "/accounts.{extension}", Some(Right::Export)),
    ("GET", "/search", Some(Right::Read)),
    ("GET", "/glossary", Some(Right::Read)),
    ("GET", "/revisions.atom", Some(Right::Read)),
    ("GET", "/sitemap.xml", Some(Right::Read)),
    ("GET", "/years", Some(Right::Read)),
    ("GET", "/years/{year}", Some(Right::Read)),
    ("GET", "/dashboard", Some(Right::Read)),
    ("GET", "/dashboard/{file}", Some(Right::Read)),
    ("GET", "/embed/dashboard/{name}", Some(Right::Read)),
    ("GET", "/cards/dashboard/{name}", Some(Right::Read)),
    ("GET", "/cards/analyses/{name}", Some(Right::Read)),
    ("GET", "/analyses", Some(Right::Read)),
    ("GET", "/analyses/{name}", Some(Right::Read)),
    ("GET", "/lines", Some(Right::Read)),
    ("GET", "/lines.{extension}", Some(Right::Export)),
    ("GET", "/lines/{record}", Some(Right::Read)),
    ("GET", "/quality", Some(Right::Read)),
    ("GET", "/tools", Some(Right::Read)),
    ("GET", "/metabase", Some(Right::Read)),
    ("GET", "/sql", Some(Right::AskSql)),
    ("GET", "/sql.{extension}", Some(Right::AskSql)),
    ("GET", "/report", Some(Right::Read)),
    ("GET", "/reports/income-statement.pdf", Some(Right::Read)),
    (
        "GET",
        "/reports/income-statement.pdf?basis=naive",
        Some(Right::Report),
    ),
    ("GET", "/login", None),
    ("POST", "/login", None),
    ("POST", "/logout", None),
    ("GET", "/admin", Some(Right::ManageTokens)),
    ("POST", "/admin/tokens", Some(Right::ManageTokens)),
    ("POST", "/admin/tokens/revoke", Some(Right::ManageTokens)),
    ("POST", "/admin/runs", Some(Right::StartRuns)),
    ("GET", "/healthz", None),
    ("GET", "/readyz", None),
    ("GET", "/metrics", Some(Right::Observe)),
    ("GET", "/robots.txt", None),
    ("GET", "/favicon.ico", None),
    ("GET", "/assets/site.css", None),
    ("GET", "/assets/site.js", None),
    ("GET", "/assets/charts.js", None),
    ("GET", "/assets/chart-regular.woff2", None),
    ("GET", "/assets/chart-semibold.woff2", None),
    ("GET", "/assets/icon.svg", None),
];

/// How a request has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    GoesOn,
    WhoIsIt,
    NotAllowed,
}

fn expected(mode: Mode, declared: &Declared, visitor: Visitor) -> Ending {
    let changes = !declared.method.is_safe();
    let role = match visitor {
        Visitor::Expired | Visitor::Revoked | Visitor::Malformed | Visitor::Unknown => {
            // A wrong token is never taken for none, except where no token is needed.
            let no_token_needed = declared.rule == Rule::Anyone && !changes;
            return if no_token_needed {
                Ending::GoesOn
            } else {
                Ending::WhoIsIt
            };
        }
        Visitor::CrossSite | Visitor::WrongForm if changes => return Ending::NotAllowed,
        Visitor::CrossSite | Visitor::WrongForm => Some(Role::Admin),
        Visitor::NoToken | Visitor::Replayed => None,
        Visitor::Token(role) | Visitor::Session(role) => Some(role),
    };
    let Rule::Needs(right) = declared.rule else {
        return Ending::GoesOn;
    };
    let (_, roles, public) = RIGHTS
        .into_iter()
        .find(|(known, ..)| *known == right)
        .expect("a right that the test knows");
    match role {
        _ if public && mode == Mode::Public => Ending::GoesOn,
        None => Ending::WhoIsIt,
        Some(role) => {
            let place = Role::ALL.iter().position(|known| *known == role);
            if roles[place.unwrap()] {
                Ending::GoesOn
            } else {
                Ending::NotAllowed
            }
        }
    }
}

/// How a request ended. Refusals are problem details, so that an answer of a page is not taken for one.
fn ending(response: &Response) -> Ending {
    let refused = header(response, "content-type") == "application/problem+json";
    match response.status() {
        StatusCode::UNAUTHORIZED if refused => Ending::WhoIsIt,
        StatusCode::FORBIDDEN if refused => Ending::NotAllowed,
        status => {
            let other = [
                StatusCode::TOO_MANY_REQUESTS,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            assert!(!status.is_server_error() || other.contains(&status));
            assert!(!other.contains(&status), "{status}");
            Ending::GoesOn
        }
    }
}

/// An address of this form.
fn example(path: &str) -> String {
    path.replace("/reports/{name}", "/reports/income-statement")
        .replace("{name}", "yearly-result")
        .replace("{token}", "ctm_AbCd1234")
        .replace("/lines/{record}", "/lines/2?revision=1")
        .replace("{line}", "m57-personnel")
        .replace("{revision}", "1")
        .replace("{siren}", "217500016")
        .replace("{extension}", "csv")
        .replace("{form}", "parquet")
}

/// Everything that visitors bring.
struct Keys {
    expired: Secret,
    revoked: Secret,
    unknown: Secret,
    roles: [Secret; 3],
}

impl Keys {
    async fn new(bench: &Bench) -> Self {
        Self {
            expired: bench.token(Role::Admin, Some("2020-01-01T00:00:00Z")).await,
            revoked: bench.revoked(Role::Admin).await,
            unknown: Secret::generate().unwrap(),
            roles: [
                bench.token(Role::Viewer, None).await,
                bench.token(Role::Analyst, None).await,
                bench.token(Role::Admin, None).await,
            ],
        }
    }

    fn of(&self, role: Role) -> &Secret {
        let place = Role::ALL.iter().position(|known| *known == role);
        &self.roles[place.unwrap()]
    }

    async fn ask(&self, site: &Router, declared: &Declared, visitor: Visitor) -> Response {
        let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
        let mut headers = vec![("content-type", FORM.to_owned())];
        let mut body = String::new();
        let in_session = async |role: Role| -> Browser { log_in(site, self.of(role)).await };
        match visitor {
            Visitor::NoToken => {}
            Visitor::Expired => headers.push(bearer(self.expired.reveal())),
            Visitor::Revoked => headers.push(bearer(self.revoked.reveal())),
            Visitor::Unknown => headers.push(bearer(self.unknown.reveal())),
            Visitor::Malformed => headers.push(bearer("ctm_nonsense")),
            Visitor::Token(role) => headers.push(bearer(self.of(role).reveal())),
            Visitor::Session(role) => {
                let browser = in_session(role).await;
                headers.push(("cookie", browser.cookie));
                headers.push(("sec-fetch-site", "same-origin".to_owned()));
                body = format!("form_key={}", browser.form_key);
            }
            Visitor::CrossSite => {
                let browser = in_session(Role::Admin).await;
                headers.push(("cookie", browser.cookie));
                headers.push(("sec-fetch-site", "cross-site".to_owned()));
                body = format!("form_key={}", browser.form_key);
            }
            Visitor::WrongForm => {
                let browser = in_session(Role::Admin).await;
                let other = in_session(Role::Admin).await;
                headers.push(("cookie", browser.cookie));
                headers.push(("sec-fetch-site", "same-origin".to_owned()));
                body = format!("form_key={}", other.form_key);
            }
            Visitor::Replayed => {
                let browser = in_session(Role::Admin).await;
                let with = [
                    ("cookie", &*browser.cookie),
                    ("content-type", FORM),
                    ("sec-fetch-site", "same-origin"),
                ];
                let leave = format!("form_key={}", browser.form_key);
                let left = send(site, &Method::POST, "/logout", &with, &leave).await;
                assert!(header(&left, "set-cookie").contains("Max-Age=0"));
                headers.push(("cookie", browser.cookie));
                headers.push(("sec-fetch-site", "same-origin".to_owned()));
                body = leave;
            }
        }
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let address = example(declared.path);
        send(site, &declared.method, &address, &headers, &body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_lets_in_only_whom_its_rule_names() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let keys = Keys::new(&bench).await;
    let declared = bench.site.declared();
    let table: Vec<(&str, &str, Option<Right>)> = declared
        .iter()
        .map(|address| {
            let right = match address.rule {
                Rule::Anyone => None,
                Rule::Needs(right) => Some(right),
            };
            (address.method.as_str(), address.path, right)
        })
        .collect();
    assert_eq!(table, TABLE, "an address or a rule is not in the table");
    let mut asked = 0;
    for mode in Mode::ALL {
        let reports = ReportService::new(|_| Ok(b"%PDF".to_vec()));
        let site = bench.site(often_asked(mode)).printing(reports).router();
        for address in &declared {
            for visitor in VISITORS {
                let response = keys.ask(&site, address, visitor).await;
                let found = ending(&response);
                let wanted = expected(mode, address, visitor);
                assert_eq!(found, wanted, "{mode}: {visitor:?} asks for {address:?}");
                if found == Ending::WhoIsIt {
                    assert!(header(&response, "www-authenticate").starts_with("Bearer"));
                }
                asked += 1;
            }
        }
        // What is nowhere, or is asked for in another way, tells a stranger nothing more.
        for (method, address) in [
            (Method::GET, "/nowhere"),
            (Method::GET, "/admin/"),
            (Method::GET, "/LINES"),
            (Method::PUT, "/lines"),
            (Method::DELETE, "/healthz"),
        ] {
            let response = send(&site, &method, address, &[], "").await;
            let status = match mode {
                Mode::Token => StatusCode::UNAUTHORIZED,
                Mode::Public if address == "/admin/" => StatusCode::PERMANENT_REDIRECT,
                Mode::Public if method == Method::GET => StatusCode::NOT_FOUND,
                Mode::Public => StatusCode::METHOD_NOT_ALLOWED,
            };
            assert_eq!(response.status(), status, "{mode}: {method} {address}");
        }
    }
    assert_eq!(asked, 2 * TABLE.len() * VISITORS.len());
}

#[tokio::test]
async fn a_person_is_led_to_the_form_and_back() {
    let bench = Bench::new(often_asked(Mode::Token)).await;
    let accept = ("accept", "text/html,*/*;q=0.8");
    let response = bench.get("/lines?q=dette&year=2024", &[accept]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let to = header(&response, "location").to_owned();
    assert_eq!(to, "/login?next=%2Flines%3Fq%3Ddette%26year%3D2024");
    let page = text(bench.get(&to, &[accept]).await).await;
    assert!(!page.contains("Ville"), "nothing of the data is said");
    let next = hidden(&page, "next").replace("&#38;", "&");
    assert_eq!(next, "/lines?q=dette&year=2024");
    let response = bench.get("/lines?lang=en", &[accept]).await;
    let to = header(&response, "location").to_owned();
    assert_eq!(to, "/login?next=%2Flines%3Flang%3Den&lang=en");
    let page = text(bench.get(&to, &[accept]).await).await;
    assert!(page.contains("<html lang=\"en\""));
    let secret = bench.token(Role::Viewer, None).await;
    let form = format!("token={}&next=%2Flines%3Fq%3Ddette", secret.reveal());
    let headers = [("content-type", FORM), accept];
    let response = bench.send(&Method::POST, "/login", &headers, &form).await;
    // By way of the page that notices whether the browser keeps the session.
    let back = header(&response, "location");
    assert_eq!(back, "/login?opened=yes&next=%2Flines%3Fq%3Ddette");
    let cookie = header(&response, "set-cookie");
    for part in [
        "__Host-centime=",
        "Path=/",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    // No redirect leads to another site.
    let form = format!("token={}&next=//evil.example", secret.reveal());
    let response = bench.send(&Method::POST, "/login", &headers, &form).await;
    assert_eq!(header(&response, "location"), "/login?opened=yes&next=%2F");
    // A page for one visitor is kept by no cache between us.
    let browser = log_in(&bench.site, &secret).await;
    let response = bench.get("/", &[("cookie", &browser.cookie)]).await;
    assert_eq!(header(&response, "cache-control"), "private, no-cache");
    // What a viewer may not do is said on a page.
    let response = bench
        .get("/lines.csv", &[("cookie", &browser.cookie), accept])
        .await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(text(response).await.contains("Ce n’est pas de votre rôle"));
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one visit from beginning to end")]
async fn an_administrator_makes_and_revokes_tokens_and_reads_what_was_done() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let (site, runs) = bench.site_with_runs(often_asked(Mode::Public));
    let admin = bench.token(Role::Admin, None).await;
    let browser = log_in(&site, &admin).await;
    let headers = [
        ("cookie", &*browser.cookie),
        ("content-type", FORM),
        ("sec-fetch-site", "same-origin"),
        ("accept", "text/html"),
    ];
    let post = async |address: &str, fields: &str| {
        let body = format!("form_key={}&{fields}", browser.form_key);
        send(&site, &Method::POST, address, &headers, &body).await
    };
    let made = post(
        "/admin/tokens",
        "role=analyst&name=Cl%C3%A9+%3Cb%3E&expires=90d",
    )
    .await;
    assert_eq!(made.status(), StatusCode::OK);
    assert_eq!(header(&made, "cache-control"), "no-store");
    let page = text(made).await;
    assert!(!page.contains("<b>"), "{page}");
    let (_, rest) = page.split_once("<code id=\"secret\">").unwrap();
    let secret = Secret::parse(rest.split('<').next().unwrap()).unwrap();
    let bearer = format!("Bearer {}", secret.reveal());
    let with = [("authorization", &*bearer)];
    let metrics = send(&site, &Method::GET, "/metrics", &with, "").await;
    assert_eq!(metrics.status(), StatusCode::OK);
    let metrics = text(metrics).await;
    assert!(
        metrics.contains(
            "centime_requests_total{method=\"POST\",route=\"/admin/tokens\",status=\"200\"} 1"
        ),
        "{metrics}"
    );
    assert!(
        metrics.contains("centime_published_revision 1"),
        "{metrics}"
    );

    for wrong in [
        "role=root&expires=90d",
        "role=viewer&expires=soon",
        &format!("role=viewer&name={}", "a".repeat(81)),
    ] {
        let refused = post("/admin/tokens", wrong).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    // The form of another session is not taken, and nothing is done.
    let body = format!("form_key=x&id={}", secret.id());
    let refused = send(
        &site,
        &Method::POST,
        "/admin/tokens/revoke",
        &headers,
        &body,
    )
    .await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(
        bench
            .ledger
            .token(&secret.id())
            .await
            .unwrap()
            .unwrap()
            .is_valid()
    );

    let revoked = post("/admin/tokens/revoke", &format!("id={}", secret.id())).await;
    assert_eq!(header(&revoked, "location"), "/admin?done=revoked");
    let refused = send(&site, &Method::GET, "/metrics", &with, "").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let again = post("/admin/tokens/revoke", &format!("id={}", secret.id())).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);

    let asked = post("/admin/runs", "").await;
    assert_eq!(header(&asked, "location"), "/admin?done=run");
    runs.asked().await;
    let session = log_in(&bench.site, &admin).await;
    let with = [("cookie", &*session.cookie), ("content-type", FORM)];
    let body = format!("form_key={}", session.form_key);
    let refused = bench.send(&Method::POST, "/admin/runs", &with, &body).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);

    // A session ends with its token.
    let page = send(&site, &Method::GET, "/admin?lang=en", &headers, "").await;
    let page = text(page).await;
    for said in [
        "Cl&#233;",
        "token created",
        "token revoked",
        "login",
        "update asked for",
        "cross-site",
    ] {
        let said = said.replace("Cl&#233;", "Clé");
        assert!(page.contains(&said), "{said}: {page}");
    }
    assert!(!page.contains(&secret.reveal()[12..]) && !page.contains(&secret.hash().to_hex()));
    let event =
        centime_warehouse::ledger::Event::now("t", centime_warehouse::ledger::AuditOutcome::Done);
    bench.ledger.revoke(&admin.id(), &event).await.unwrap();
    let ended = send(&site, &Method::GET, "/admin", &headers, "").await;
    assert_eq!(ended.status(), StatusCode::SEE_OTHER);

    let events = bench.ledger.events(200).await.unwrap();
    let noted = format!("{events:?}");
    for secret in [&admin, &secret] {
        assert!(!noted.contains(&secret.reveal()[12..]), "{noted}");
    }
    let used = bench.ledger.token(&admin.id()).await.unwrap().unwrap();
    assert!(used.last_used_at.is_some());
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let bench = Bench::new(often_asked(Mode::Token)).await;
    let secret = bench.token(Role::Viewer, None).await;
    let site = bench.site(Settings {
        session_longest: Duration::ZERO,
        ..often_asked(Mode::Token)
    });
    let body = format!("token={}", secret.reveal());
    let headers = [("content-type", FORM)];
    let opened = send(&site, &Method::POST, "/login", &headers, &body).await;
    let cookie = header(&opened, "set-cookie").split(';').next().unwrap();
    let response = send(&site, &Method::GET, "/", &[("cookie", cookie)], "").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

/// Sends a request over the network and gives the answer: its head, and all of it.
async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // An answer that was cut is what some of these tests look for.
    drop(stream.read_to_end(&mut answer).await);
    String::from_utf8_lossy(&answer).into_owned()
}

fn ask(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: centime.example\r\nconnection: close\r\n{headers}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_locked_out_and_readers_are_not() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let site = bench.site(Settings {
        failed_attempts: 3,
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..often_asked(Mode::Public)
    });
    let served = Served::new(site).await;
    let secret = bench.token(Role::Admin, None).await;
    let from = async |visitor: &str, token: &str| {
        let headers = format!("x-forwarded-for: {visitor}\r\nauthorization: Bearer {token}\r\n");
        raw(served.address, &ask("/metrics", &headers)).await
    };
    let good = secret.reveal();
    for _ in 0..3 {
        let wrong = Secret::generate().unwrap();
        let answer = from("203.0.113.1", wrong.reveal()).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
        assert!(!answer.contains(wrong.reveal()), "{answer}");
    }
    let wrong = Secret::generate().unwrap();
    let locked = from("203.0.113.1", wrong.reveal()).await;
    assert!(locked.starts_with("HTTP/1.1 429"), "{locked}");
    assert!(locked.contains("retry-after: "), "{locked}");
    let reading = ask("/quality", "x-forwarded-for: 203.0.113.1\r\n");
    assert!(
        raw(served.address, &reading)
            .await
            .starts_with("HTTP/1.1 200")
    );
    // The form to log in is closed to guesses, too.
    let log_in = async |token: &str| {
        let body = format!("token={token}");
        let form = format!(
            "POST /login HTTP/1.1\r\nhost: centime.example\r\nx-forwarded-for: 203.0.113.1\r\n\
             content-type: {FORM}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        raw(served.address, &form).await
    };
    let refused = log_in(wrong.reveal()).await;
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    // A right token is never kept out by what others behind the same address guess.
    for visitor in ["203.0.113.1", "203.0.113.2"] {
        let answer = from(visitor, good).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{visitor}: {answer}");
    }
    let logged_in = log_in(good).await;
    assert!(logged_in.starts_with("HTTP/1.1 303"), "{logged_in}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_a_proxy_asks_for_is_no_token() {
    let schemes = [
        "Basic ZXNzYWk6ZXNzYWk=",
        "Digest username=\"essai\"",
        "Negotiate YII=",
    ];
    for mode in [Mode::Public, Mode::Token] {
        let bench = Bench::new(often_asked(mode)).await;
        let site = bench.site(Settings {
            failed_attempts: 2,
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            ..often_asked(mode)
        });
        let served = Served::new(site).await;
        for scheme in schemes.iter().cycle().take(9) {
            let headers = format!(
                "x-forwarded-for: 203.0.113.1\r\nauthorization: {scheme}\r\naccept: text/html\r\n"
            );
            let answer = raw(served.address, &ask("/quality", &headers)).await;
            // A person is led to the form of the site as without the proxy's password.
            let expected = if mode == Mode::Public { "200" } else { "303" };
            assert_eq!(answer.get(9..12), Some(expected), "{scheme}: {answer}");
        }
        let secret = bench.token(Role::Viewer, None).await;
        let headers = format!(
            "x-forwarded-for: 203.0.113.1\r\nauthorization: {}\r\nauthorization: Bearer {}\r\n",
            schemes[0],
            secret.reveal()
        );
        let answer = raw(served.address, &ask("/metrics", &headers)).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_may_ask_so_often_and_so_much() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let two = NonZeroU32::new(2).unwrap();
    let site = bench.site(Settings {
        rate: Rate {
            per_second: NonZeroU32::MIN,
            burst: two,
        },
        ..often_asked(Mode::Public)
    });
    let served = Served::new(site.clone()).await;
    let mut answers = Vec::new();
    for _ in 0..6 {
        let answer = raw(served.address, &ask("/analyses", "")).await;
        answers.push(answer.get(9..12).unwrap_or_default().to_owned());
        if answers.last().is_some_and(|status| status == "429") {
            assert!(answer.contains("retry-after: "), "{answer}");
        }
    }
    assert_eq!(answers[..2], ["200", "200"]);
    assert!(answers.contains(&"429".to_owned()), "{answers:?}");
    // Health is answered all the same.
    let health = raw(served.address, &ask("/healthz", "")).await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    // A token has a rate of its own, from wherever it is shown.
    let secret = bench.token(Role::Viewer, None).await;
    let bearer = format!("Bearer {}", secret.reveal());
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let with = [("authorization", &*bearer)];
        let response = send(&site, &Method::GET, "/metrics", &with, "").await;
        statuses.push(response.status().as_u16());
    }
    assert!(
        statuses.contains(&429) && statuses[0] == 200,
        "{statuses:?}"
    );

    let large = "x".repeat(20_000);
    let headers = [("content-type", FORM)];
    let response = bench.send(&Method::POST, "/login", &headers, &large).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_hold_no_other_up() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let site = bench.site(Settings {
        ask_within: Duration::from_millis(200),
        connections_each: 3,
        ..often_asked(Mode::Public)
    });
    let mut served = Served::new(site).await;
    // A head that never ends is not waited for.
    let begun = "GET / HTTP/1.1\r\nhost: centime.example\r\nx-slow: ";
    let cut = raw(served.address, begun).await;
    assert!(cut.is_empty() || cut.starts_with("HTTP/1.1 408"), "{cut}");
    // Nor is a head that is too large read.
    let large = ask("/", &format!("x-large: {}\r\n", "x".repeat(64 * 1024)));
    let refused = raw(served.address, &large).await;
    assert!(
        refused.is_empty() || refused.starts_with("HTTP/1.1 431"),
        "{refused}"
    );
    // One address has only so many connections.
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            .await
            .unwrap();
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        held.push(stream);
    }
    let refused = raw(served.address, &ask("/healthz", "")).await;
    assert!(refused.is_empty(), "{refused}");
    drop(held);
    // A visitor who never asks does not keep the site from ending.
    let _silent = TcpStream::connect(served.address).await.unwrap();
    served.stop();
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn frames_are_allowed_to_those_named_and_browsers_are_told_to_insist() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let response = bench.get("/", &[]).await;
    assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(header(&response, "x-frame-options"), "DENY");
    assert_eq!(header(&response, "strict-transport-security"), "");
    assert!(header(&response, "permissions-policy").contains("camera=()"));
    assert_eq!(header(&response, "server"), "");
    assert_eq!(header(&response, "x-request-id").len(), 16);
    let site = bench.site(Settings {
        frame_ancestors: vec!["https://intranet.example".to_owned()],
        https: true,
        ..often_asked(Mode::Public)
    });
    let response = send(&site, &Method::GET, "/", &[], "").await;
    let policy = header(&response, "content-security-policy");
    assert!(
        policy.ends_with("frame-ancestors https://intranet.example"),
        "{policy}"
    );
    assert_eq!(header(&response, "x-frame-options"), "");
    assert_eq!(
        header(&response, "strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn without_tokens_no_one_logs_in_and_reading_goes_on() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let site = Site::new(bench.warehouse.clone());
    let secret = bench.token(Role::Admin, None).await;
    let bearer = format!("Bearer {}", secret.reveal());
    let with = [("authorization", &*bearer)];
    let response = send(&site, &Method::GET, "/metrics", &with, "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let response = send(&site, &Method::GET, "/", &[], "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!text(response).await.contains("/login"));
    let ready = send(&site, &Method::GET, "/readyz", &[], "").await;
    assert_eq!(ready.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_are_kept_for_all_and_say_nothing_of_who_asked_for_them() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let mut admins = Vec::new();
    for _ in 0..2 {
        let secret = bench.token(Role::Admin, None).await;
        let browser = log_in(&bench.site, &secret).await;
        admins.push((secret.id().as_str().to_owned(), browser));
    }
    let (log_in_words, account_words) = (">Connexion</a>", ">Compte</a>");
    for address in [
        "/",
        "/statement",
        "/dashboard",
        "/analyses",
        "/lines",
        "/quality",
    ] {
        // Others are not told of them, in whichever order they ask.
        for (_, browser) in &admins {
            let headers = [("cookie", browser.cookie.as_str())];
            let response = bench.get(address, &headers).await;
            assert_eq!(header(&response, "cache-control"), "private, no-cache");
            assert!(header(&response, "vary").contains("cookie"));
            let page = text(response).await;
            assert!(page.contains(account_words), "{address}: {page}");
            for (id, browser) in &admins {
                assert!(!page.contains(id), "{address}");
                assert!(!page.contains(&browser.form_key), "{address}");
            }
        }
        let page = text(bench.get(address, &[]).await).await;
        assert!(page.contains(log_in_words), "{address}: {page}");
        assert!(!page.contains(account_words), "{address}");
    }
    // What is about one visitor is made for them alone, however often it is asked for.
    for address in ["/login", "/admin"] {
        for _ in 0..2 {
            for (own, (id, browser)) in admins.iter().enumerate() {
                let headers = [("cookie", browser.cookie.as_str())];
                let page = text(bench.get(address, &headers).await).await;
                let other = &admins[1 - own].1;
                assert!(page.contains(&browser.form_key), "{address}");
                assert!(!page.contains(&other.form_key), "{address}");
                assert!(page.contains(id), "{address}");
            }
        }
    }
    let page = text(bench.get("/login", &[]).await).await;
    assert!(!page.contains("form_key"), "{page}");
}

#[tokio::test]
async fn a_page_that_others_cannot_see_names_no_picture_of_it() {
    let reached = |mode| Settings {
        public_address: Some("https://comptes.example.fr".to_owned()),
        ..often_asked(mode)
    };
    let bench = Bench::new(reached(Mode::Public)).await;
    let viewer = bench.token(Role::Viewer, None).await;
    let bearer = format!("Bearer {}", viewer.reveal());
    let closed = bench.site(reached(Mode::Token));
    for (site, named) in [(&bench.site, true), (&closed, false)] {
        let headers = [("authorization", bearer.as_str())];
        let response = send(site, &Method::GET, "/", &headers, "").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(response).await.contains("og:image"), named);
    }
}
