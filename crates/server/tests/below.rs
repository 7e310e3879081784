//! The site below a path of a host: behind a proxy that takes the path off, behind one that passes it on, and
//! behind both kinds. No address in any answer leads out, and but for that the answers are the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::common::{Bench, FORM, Served, hidden, often_asked};
use axum::http::Method;
use centime_access::{Mode, Role};
use centime_server::{ReportService, Settings, Site};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How a site is reached.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// The path below which browsers find it.
    root: &'static str,
    /// What the configuration says.
    public: Option<&'static str>,
    /// Whether the proxy takes the path off.
    strips: bool,
    /// What the proxy says that it has taken off.
    says: Option<&'static str>,
}

/// At the root of a host: what the others are held against.
const ROOT: Way = Way {
    root: "",
    public: Some("https://town.example"),
    strips: false,
    says: None,
};

const CONFIGURED: Way = Way {
    root: "/comptes",
    public: Some("https://town.example/comptes"),
    strips: false,
    says: None,
};

const SAID: Way = Way {
    strips: true,
    says: Some("/comptes/"),
    public: Some("https://town.example"),
    ..CONFIGURED
};

const WAYS: [Way; 7] = [
    CONFIGURED,
    SAID,
    // The configuration alone knows what the proxy has taken off.
    Way {
        strips: true,
        ..CONFIGURED
    },
    Way {
        says: Some("/comptes"),
        strips: true,
        ..CONFIGURED
    },
    // The proxy says that it has taken off what it passes on.
    Way {
        strips: false,
        ..SAID
    },
    // Two proxies take off a part each.
    Way {
        root: "/ville/comptes",
        says: Some("/ville, /comptes/"),
        ..SAID
    },
    // A path that begins as one of the site's own.
    Way {
        root: "/lines",
        says: Some("/lines"),
        ..SAID
    },
];

fn settings(way: &Way, mode: Mode) -> Settings {
    Settings {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        public_address: way.public.map(str::to_owned),
        ..often_asked(mode)
    }
}

/// An answer, as it comes over the network.
#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, wanted: &str) -> &str {
        let found = self.headers.iter().find(|(name, _)| name == wanted);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn is_text(&self) -> bool {
        let kind = self.header("content-type");
        [
            "text/",
            "application/json",
            "application/problem",
            "image/svg",
        ]
        .iter()
        .any(|start| kind.starts_with(start))
    }
}

/// A browser and the proxy between.
struct Browser {
    way: Way,
    served: Served,
    cookie: String,
}

impl Browser {
    async fn new(way: Way, site: Site) -> Self {
        Self {
            way,
            served: Served::new(site).await,
            cookie: String::new(),
        }
    }

    /// Asks for an address as a browser knows it, which has to be below the path.
    async fn send(&self, method: &Method, address: &str, more: &str, body: &str) -> Answer {
        let root = self.way.root;
        let own = address.strip_prefix(root);
        let own = own.filter(|own| own.starts_with('/'));
        let own = own.unwrap_or_else(|| panic!("{address} leads out of {root}"));
        let asked = if self.way.strips { own } else { address };
        let says = self.way.says;
        let says = says.map_or_else(String::new, |said| {
            format!("x-forwarded-prefix: {said}\r\n")
        });
        let request = format!(
            "{method} {asked} HTTP/1.1\r\nhost: town.example\r\nconnection: close\r\n\
             x-forwarded-for: 203.0.113.9\r\ncookie: {}\r\n{says}{more}content-length: {}\r\n\r\n{body}",
            self.cookie,
            body.len(),
        );
        let mut stream = TcpStream::connect(self.served.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|part| part == b"\r\n\r\n");
        let (head, body) = answer.split_at(end.expect("a whole answer") + 4);
        let mut head = std::str::from_utf8(head).unwrap().lines();
        let status = head.next().unwrap().split(' ').nth(1).unwrap();
        let headers = head.filter_map(|line| line.split_once(": "));
        Answer {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_vec(),
        }
    }

    async fn get(&self, address: &str) -> Answer {
        let more = "accept: text/html, */*;q=0.1\r\naccept-language: fr\r\n";
        self.send(&Method::GET, address, more, "").await
    }

    /// Asks for an address of the site.
    async fn own(&self, address: &str) -> Answer {
        self.get(&format!("{}{address}", self.way.root)).await
    }

    async fn post(&self, address: &str, fields: &str) -> Answer {
        let more = format!("content-type: {FORM}\r\nsec-fetch-site: same-origin\r\n");
        self.send(&Method::POST, address, &more, fields).await
    }
}

/// The attributes of a page: its tag, its name and its value.
fn attributes(page: &str) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for tag in page.split('<').skip(1) {
        let name = tag.split([' ', '>', '\n']).next().unwrap_or_default();
        let mut rest = tag;
        while let Some((before, after)) = rest.split_once("=\"") {
            let Some((value, next)) = after.split_once('"') else {
                break;
            };
            if before.contains('>') {
                break;
            }
            let attribute = before.rsplit([' ', '\n']).next().unwrap_or_default();
            let value = value.replace("&#38;", "&").replace("&amp;", "&");
            found.push((name.to_owned(), attribute.to_owned(), value));
            rest = next;
        }
    }
    found
}

/// Everything in an answer that a browser or a program may ask for next.
fn addresses(at: &str, answer: &Answer) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !answer.header("location").is_empty() {
        found.insert(answer.header("location").to_owned());
    }
    if let Some((next, _)) = answer.header("link").split_once('>') {
        found.insert(next.trim_start_matches('<').to_owned());
    }
    let kind = answer.header("content-type");
    if kind.starts_with("text/html") {
        for (tag, name, value) in attributes(answer.text()) {
            // What a form sends is no address to a browser.
            if value.starts_with('/') && !(tag == "input" || tag == "option") {
                found.insert(value);
            } else if name == "href" && !value.starts_with('#') {
                assert!(value.starts_with("https://"), "{at}: {tag} {name} {value}");
            }
        }
    }
    if kind.starts_with("text/css") {
        for after in answer.text().split("url(").skip(1) {
            let named = after.split(')').next().unwrap().trim_matches('"');
            let folder = at.rsplit_once('/').unwrap().0;
            found.insert(if named.starts_with('/') {
                named.to_owned()
            } else {
                format!("{folder}/{named}")
            });
        }
    }
    found
}

/// The form of an address: numbers, the codes of lines, the names of files and the values of parameters are left out.
fn form(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut before = "";
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            let of = std::mem::replace(&mut before, part);
            match part.rsplit_once('.') {
                Some((_, extension)) if !path.contains("/assets/") => extension,
                _ if of == "statement" => "line",
                _ if part.parse::<u64>().is_ok() => "N",
                _ => part,
            }
        })
        .collect();
    let names: Vec<&str> = query
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .collect();
    format!("{}?{}", parts.join("/"), names.join("&"))
}

/// Asks for what is to be found from the home page on, one address of each form, until so many have answered.
async fn crawl(browser: &Browser, most: usize) -> BTreeMap<String, Answer> {
    let root = browser.way.root;
    let mut waiting: VecDeque<String> = [
        "/",
        "/?lang=en",
        "/nowhere",
        "/lines?year=no",
        "/dashboard?yaer=2024",
        "/embed/dashboard/result?side=nothing",
        "/dashboard?line=nothing",
        "/lines.csv?unknown=1&x=2",
        "/analyses/yearly-result/",
        "/api/v1/openapi.json",
        "/api/v1/lines?limit=400",
        "/api/v1/nowhere",
        "/robots.txt",
        "/favicon.ico",
    ]
    .iter()
    .map(|own| format!("{root}{own}"))
    .collect();
    let mut forms: BTreeSet<String> = BTreeSet::new();
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut answers = BTreeMap::new();
    while let Some(address) = waiting.pop_front() {
        let (asked, _) = address.split_once('#').unwrap_or((&address, ""));
        let answer = browser.get(asked).await;
        let expected = [200, 303, 308, 400, 404];
        assert!(
            expected.contains(&answer.status),
            "{asked}: {}",
            answer.status
        );
        for found in addresses(asked, &answer) {
            let below = found.starts_with(&format!("{root}/"));
            assert!(below, "{asked} leads to {found}");
            assert!(!found.starts_with("//"), "{asked} leads to {found}");
            if forms.insert(form(&found)) && known.insert(found.clone()) {
                waiting.push_back(found);
            }
        }
        answers.insert(address[root.len()..].to_owned(), answer);
        if answers.len() == most {
            break;
        }
    }
    answers
}

/// An answer as it would be at the root.
fn at_root(text: &str, root: &str) -> String {
    if root.is_empty() {
        return text.to_owned();
    }
    // Only as the beginning of an address, or as the path of a cookie.
    let whole = text.replace(
        &format!("https://town.example{root}/"),
        "https://town.example/",
    );
    let whole = whole.replace(
        &format!("http://town.example{root}/"),
        "http://town.example/",
    );
    let whole = whole.replace(&format!("Path={root};"), "Path=/;");
    let whole = whole.replace(&format!(": {root}/"), ": /");
    let whole = whole.replace(&format!("\"url\": \"{root}\""), "\"url\": \"/\"");
    let whole = whole.replace(&format!("<{root}/"), "</");
    // In what can be copied: citations, and frames for pages of others.
    let whole = [" ", "{", ">", "&#34;"]
        .into_iter()
        .fold(whole, |whole, before| {
            whole.replace(&format!("{before}{root}/"), &format!("{before}/"))
        });
    whole.replace(&format!("\"{root}/"), "\"/")
}

/// What says nothing of an answer but when and by whom it was asked for.
fn is_of_request(name: &str) -> bool {
    ["date", "x-request-id", "content-length", "etag"].contains(&name)
}

fn printing(site: Site) -> Site {
    site.printing(ReportService::new(|report| {
        serde_json::to_vec(report).map_err(|error| error.to_string())
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_address_leads_out_and_answers_are_else_the_same() {
    let bench = Bench::new(settings(&ROOT, Mode::Public)).await;
    let site = |way: &Way| printing(bench.site(settings(way, Mode::Public)));
    let expected = crawl(&Browser::new(ROOT, site(&ROOT)).await, usize::MAX).await;
    for (needed, count) in [
        ("/dashboard", 12),
        ("/analyses/", 10),
        ("/lines", 8),
        ("/statement/", 1),
        ("/assets/", 6),
        ("/embed/", 2),
    ] {
        let found = expected
            .keys()
            .filter(|address| address.starts_with(needed));
        assert!(found.count() >= count, "{needed}: {:?}", expected.keys());
    }
    for (position, way) in WAYS.into_iter().enumerate() {
        let browser = Browser::new(way, site(&way)).await;
        // What differs between the ways is on every page: one of them is gone through whole.
        let most = if position == 0 { expected.len() } else { 30 };
        let found = crawl(&browser, most).await;
        assert_eq!(found.len(), most, "{way:?}");
        for (address, answer) in &found {
            let expected = &expected[address];
            assert_eq!(answer.status, expected.status, "{way:?} {address}");
            for ((name, value), (_, right)) in answer.headers.iter().zip(&expected.headers) {
                if !is_of_request(name) {
                    let line = at_root(&format!("{name}: {value}"), way.root);
                    assert_eq!(line, format!("{name}: {right}"), "{way:?} {address}");
                }
            }
            if answer.is_text()
                && !answer
                    .header("content-type")
                    .starts_with("application/problem")
            {
                let text = at_root(answer.text(), way.root);
                assert!(text == expected.text(), "{way:?} {address}:\n{text}");
            } else if address.contains(".parquet") {
                // Files say where their rows are seen.
                let seen = format!("{}/", way.root);
                let has = |file: &Answer, text: &str| {
                    file.body
                        .windows(text.len())
                        .any(|part| part == text.as_bytes())
                };
                assert!(has(answer, &seen), "{way:?} {address}");
            }
        }
        let report = browser.own("/reports/income-statement.pdf").await;
        // It leads to the site where that is said to be, and never where the request says that it is.
        let view = format!("https://town.example{}/dashboard", way.root);
        let leads = report.text().contains(&view);
        assert_eq!(leads, way.public.is_some(), "{way:?}: {}", report.text());
        assert!(!report.text().contains("http://town.example"), "{way:?}");
        // A script that asks for a view gets one whose addresses are below, too.
        let drawn = "accept: text/html\r\ncentime-drawing: browser\r\n";
        let dashboard = format!("{}/dashboard?lang=fr", way.root);
        let drawn = browser.send(&Method::GET, &dashboard, drawn, "").await;
        for address in addresses("/dashboard", &drawn) {
            assert!(address.starts_with(&format!("{}/", way.root)), "{address}");
        }
        // Scripts find everything from where they are.
        let script = browser.own("/assets/site.js").await;
        let own = [
            "dashboard",
            "assets",
            "lines",
            "analyses",
            "api",
            "login",
            "admin",
        ];
        for path in own {
            for quote in ['"', '\'', '`'] {
                assert!(
                    !script.text().contains(&format!("{quote}/{path}")),
                    "{path}"
                );
            }
        }
        let document: Value =
            serde_json::from_slice(&browser.own("/api/v1/openapi.json").await.body).unwrap();
        assert_eq!(document["servers"][0]["url"], way.root);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_change_and_leave_below_the_path() {
    let bench = Bench::new(settings(&ROOT, Mode::Token)).await;
    for way in [ROOT, CONFIGURED, SAID] {
        let root = way.root;
        let (site, _runs) = bench.site_with_runs(settings(&way, Mode::Token));
        let mut browser = Browser::new(way, site).await;
        let secret = bench.token(Role::Admin, None).await;
        // They are asked who they are, and led back to where they wanted to go.
        let asked = browser.own("/lines?year=2024").await;
        assert_eq!(asked.status, 303);
        let login = asked.header("location").to_owned();
        assert_eq!(login, format!("{root}/login?next=%2Flines%3Fyear%3D2024"));
        let form = browser.get(&login).await;
        for address in addresses(&login, &form) {
            assert!(address.starts_with(&format!("{root}/")), "{address}");
        }
        let fields = format!(
            "token={}&next={}",
            secret.reveal(),
            hidden(form.text(), "next")
        );
        let entered = browser.post(&format!("{root}/login"), &fields).await;
        assert_eq!(entered.status, 303, "{}", entered.text());
        let cookie = entered.header("set-cookie").to_owned();
        // Browsers take a cookie of this name for a whole host only.
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("Path=/;"),
            "{cookie}"
        );
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut browser.cookie);
        // By way of a page that sees whether the browser kept the session.
        let back = entered.header("location");
        assert!(back.starts_with(&format!("{root}/login?")), "{back}");
        let back = browser.get(back).await;
        let wanted = format!("{root}/lines?year=2024");
        assert_eq!((back.status, back.header("location")), (303, &*wanted));
        assert_eq!(browser.get(&wanted).await.status, 200);

        let admin = browser.own("/admin").await;
        for address in addresses("/admin", &admin) {
            assert!(address.starts_with(&format!("{root}/")), "{address}");
        }
        let key = hidden(admin.text(), "form_key");
        // Another one, so that this session goes on.
        let other = bench.token(Role::Viewer, None).await;
        for (path, more, to) in [
            (
                "/admin/tokens/revoke",
                format!("&id={}", other.id()),
                "/admin?done=revoked",
            ),
            ("/admin/runs", String::new(), "/admin?done=run"),
            ("/logout", String::new(), "/login"),
        ] {
            let fields = format!("form_key={key}{more}");
            let done = browser.post(&format!("{root}{path}"), &fields).await;
            assert_eq!(done.status, 303, "{path}: {}", done.text());
            assert_eq!(done.header("location"), format!("{root}{to}"), "{path}");
        }
        // Programs are led on below the path, too.
        browser.cookie.clear();
        let shown = format!("authorization: Bearer {}\r\n", secret.reveal());
        let runs = format!("{root}/api/v1/runs");
        let run = browser.send(&Method::POST, &runs, &shown, "").await;
        assert_eq!((run.status, run.header("location")), (202, runs.as_str()));
        let lines = format!("{root}/api/v1/lines?limit=2");
        let lines = browser.send(&Method::GET, &lines, &shown, "").await;
        let next = lines.header("link").trim_start_matches('<');
        let (next, _) = next.split_once('>').unwrap();
        let next = browser.send(&Method::GET, next, &shown, "").await;
        assert_eq!(next.status, 200);
        let robots = browser.own("/robots.txt").await;
        assert_eq!(robots.text(), format!("User-agent: *\nDisallow: {root}/\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_plain_path_of_a_trusted_proxy_is_believed() {
    let bench = Bench::new(settings(&ROOT, Mode::Public)).await;
    let usual = Browser::new(ROOT, bench.site(settings(&ROOT, Mode::Public))).await;
    let home = usual.own("/quality").await;
    let mut hostile = ROOT;
    for said in [
        "//evil.example",
        "https://evil.example",
        "https:",
        "/comptes\"><script>",
        "/comptes'",
        "/..",
        "/comptes/../..",
        "/\\evil.example",
        "/compt\u{e9}s",
        "/a?b",
        "/%2f%2fevil.example",
        "evil",
    ] {
        hostile.says = Some(said);
        let browser = Browser::new(hostile, bench.site(settings(&hostile, Mode::Public))).await;
        let answer = browser.own("/quality").await;
        assert_eq!(answer.status, 200, "{said}");
        assert!(answer.body == home.body, "{said}");
        let moved = browser.own("/quality/").await;
        assert_eq!(
            (moved.status, moved.header("location")),
            (308, "/quality"),
            "{said}"
        );
    }
    // Forwarding headers of other clients than our proxy are ignored.
    hostile.says = Some("/comptes");
    let mut strangers = settings(&hostile, Mode::Public);
    strangers.trusted_proxies.clear();
    let browser = Browser::new(hostile, bench.site(strangers)).await;
    assert!(browser.own("/quality").await.body == home.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_at_the_end_leads_to_the_address_without() {
    let bench = Bench::new(settings(&ROOT, Mode::Public)).await;
    for way in [ROOT, CONFIGURED, SAID] {
        let site = printing(bench.site(settings(&way, Mode::Public)));
        let gets: Vec<&str> = site
            .declared()
            .into_iter()
            .filter(|known| known.method == Method::GET && known.path != "/")
            .map(|known| known.path.split('?').next().unwrap_or_default())
            .collect();
        let browser = Browser::new(way, site).await;
        let root = way.root;
        let more = "accept: text/html\r\n";
        for path in gets {
            let path = path.replace('{', "x").replace('}', "");
            for (slashes, query) in [("/", "?from=2019&lang=fr"), ("//", "")] {
                for method in [Method::GET, Method::HEAD] {
                    let address = format!("{root}{path}{slashes}{query}");
                    let moved = browser.send(&method, &address, more, "").await;
                    assert_eq!(moved.status, 308, "{address}");
                    assert_eq!(moved.header("location"), format!("{root}{path}{query}"));
                    assert_eq!(moved.header("cache-control"), "no-cache");
                    assert!(!moved.header("x-content-type-options").is_empty());
                }
            }
        }
        for nowhere in [
            "/nowhere/",
            "//evil.example/",
            "//evil.example//",
            "/\\evil.example/",
            "//lines/",
            "/%2f/evil.example/",
            "//",
        ] {
            let address = format!("{root}{nowhere}");
            let answer = browser.send(&Method::GET, &address, more, "").await;
            // No address has a backslash: such a request is not read at all.
            let refused = [400, 404].contains(&answer.status);
            assert!(refused && answer.header("location").is_empty(), "{address}");
        }
        // A change is not sent twice.
        let sent = browser.post(&format!("{root}/login/"), "token=x").await;
        assert_eq!(sent.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_name_the_address_by_which_others_should_know_them() {
    let bench = Bench::new(settings(&ROOT, Mode::Public)).await;
    for way in [ROOT, CONFIGURED, SAID] {
        let browser = Browser::new(way, printing(bench.site(settings(&way, Mode::Public)))).await;
        let site = format!("https://town.example{}", way.root);
        for (address, canonical) in [
            ("/", Some("/?lang=fr")),
            ("/?lang=en", Some("/?lang=en")),
            (
                "/dashboard?from=2019&side=expense&body=217500016",
                Some("/dashboard?lang=fr"),
            ),
            ("/dashboard?revision=1", Some("/dashboard?lang=fr")),
            (
                "/embed/dashboard/result?from=2019",
                Some("/dashboard?lang=fr"),
            ),
            (
                "/analyses/yearly-result?basis=naive",
                Some("/analyses/yearly-result?lang=fr"),
            ),
            (
                "/lines?year=2024&sort=amount&dir=desc",
                Some("/lines?lang=fr"),
            ),
            ("/lines?page=2", Some("/lines?page=2&lang=fr")),
            ("/lines?page=1", Some("/lines?lang=fr")),
            ("/lines/2?revision=1", Some("/lines/2?revision=1&lang=fr")),
            ("/api/v1", Some("/api/v1?lang=fr")),
            ("/report?from=2019", Some("/report?lang=fr")),
            ("/nowhere", None),
            ("/lines?year=no", None),
            ("/login", None),
        ] {
            let page = browser.own(address).await;
            let found = attributes(page.text());
            let at = found
                .iter()
                .position(|(_, name, value)| name == "rel" && value == "canonical");
            let found = at.map(|at| found[at + 1].2.clone());
            let expected = canonical.map(|canonical| format!("{site}{canonical}"));
            assert_eq!(found, expected, "{address}");
        }
        // Robots are asked not to go through all combinations of filters.
        for (address, some) in [
            ("/dashboard", 20),
            ("/lines", 10),
            ("/analyses/yearly-result", 1),
        ] {
            let page = browser.own(address).await;
            let mut unfollowed = 0;
            for tag in page.text().split("<a ").skip(1) {
                let tag = tag.split('>').next().unwrap();
                let says_so = tag.contains("nofollow");
                let chooses = [
                    "from=",
                    "side=",
                    "year=",
                    "sort=",
                    "basis=",
                    "unit=",
                    "category=",
                    "theme=",
                ]
                .iter()
                .any(|name| tag.contains(&format!("?{name}")) || tag.contains(&format!(";{name}")));
                let others = [
                    "page=",
                    "/login",
                    "line=",
                    "focus=",
                    "grouping=",
                    "role=",
                    "counted=",
                    "q=",
                ];
                let others = others.iter().any(|name| tag.contains(name));
                assert!(says_so || !chooses, "{address}: {tag}");
                assert!(!says_so || chooses || others, "{address}: {tag}");
                unfollowed += usize::from(says_so);
            }
            assert!(unfollowed >= some, "{address}: {unfollowed}");
        }
    }
    // A site that does not know how it is reached says nothing, and neither does one that is not for all.
    let unknown = Way {
        public: None,
        ..ROOT
    };
    let browser = Browser::new(unknown, bench.site(settings(&unknown, Mode::Public))).await;
    assert!(!browser.own("/dashboard").await.text().contains("canonical"));
}
