//! A site over the sample edition, and those who ask for its pages.

pub mod invented;
pub mod statement;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{Method, Request};
use axum::response::Response;
use centime_access::{Mode, Role, Secret};
use centime_pipeline::{AcceptedChanges, Edition, Policy, Progress};
use centime_portal::Portal;
use centime_portal_sim::Simulator;
use centime_server::{Guard, Listeners, Rate, Settings, Site, Upkeep};
use centime_test_database::Prepared;
use centime_warehouse::ledger::{AuditOutcome, Event, NewToken};
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::ServiceExt;

pub const FORM: &str = "application/x-www-form-urlencoded";

/// A site over the sample edition, with the folder of its database.
pub struct Bench {
    pub folder: TempDir,
    pub warehouse: Warehouse,
    pub ledger: Ledger,
    pub site: Site,
    /// The addresses of the site: to gather them for each request takes longer than most answers.
    router: Router,
}

/// What requests are sent to.
pub trait Answers {
    fn router(&self) -> Router;
}

impl Answers for Site {
    fn router(&self) -> Router {
        Self::router(self)
    }
}

impl Answers for Router {
    fn router(&self) -> Router {
        self.clone()
    }
}

/// A site of this mode that may be asked more often than a person asks.
pub fn often_asked(mode: Mode) -> Settings {
    let often = NonZeroU32::MAX;
    Settings {
        mode,
        rate: Rate {
            per_second: often,
            burst: often,
        },
        ..Settings::default()
    }
}

pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str) {}
    fn restarting(&self, _: &str, _: &str) {}
}

/// A request.
pub fn request(
    method: &Method,
    address: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The value of a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Publishes what a portal has.
pub async fn publish(warehouse: &Warehouse, portal: &str) {
    run(warehouse, portal, Some("bilan-comptable")).await;
}

/// The sample edition, which most tests look at.
static SAMPLE: Prepared = Prepared::new();

async fn publish_sample(address: &str) {
    let url: DatabaseUrl = address.parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    publish(&warehouse, &portal.url()).await;
    warehouse.close().await;
}

/// Publishes the statements that a portal has, without balance sheets.
pub async fn publish_statement(warehouse: &Warehouse, portal: &str) {
    run(warehouse, portal, None).await;
}

async fn run(warehouse: &Warehouse, portal: &str, balance_sheet: Option<&str>) {
    let portal = Portal::builder(portal).build().unwrap();
    let source = Edition::of_portal(&portal, "compte-de-resultat", balance_sheet, None);
    let policy = Policy {
        keep: 2,
        accept_changes: AcceptedChanges::NONE,
    };
    let models = centime_analytics::models();
    centime_pipeline::run(&source, warehouse, &models, policy, &Silent)
        .await
        .unwrap();
}

impl Bench {
    /// The sample edition, under these settings.
    pub async fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = SAMPLE.copy(folder.path(), publish_sample).await;
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let ledger = Ledger::open(&url).await.unwrap();
        let guard = Guard::new(settings, Some(ledger.clone()));
        Self::of(folder, warehouse, ledger, guard)
    }

    /// A site over a database, which is in a folder.
    pub fn of(folder: TempDir, warehouse: Warehouse, ledger: Ledger, guard: Guard) -> Self {
        let site = Site::guarded(warehouse.clone(), guard);
        Self {
            folder,
            warehouse,
            ledger,
            router: site.router(),
            site,
        }
    }

    /// The same database, under other settings.
    pub fn site(&self, settings: Settings) -> Site {
        let guard = Guard::new(settings, Some(self.ledger.clone()));
        Site::guarded(self.warehouse.clone(), guard)
    }

    /// The same database, with somebody who starts runs.
    pub fn site_with_runs(&self, settings: Settings) -> (Site, Arc<Upkeep>) {
        let runs = Arc::new(Upkeep::default());
        let guard = Guard::new(settings, Some(self.ledger.clone())).starting_runs(runs.clone());
        (Site::guarded(self.warehouse.clone(), guard), runs)
    }

    /// A token; `expires_at` in RFC 3339.
    pub async fn token(&self, role: Role, expires_at: Option<&str>) -> Secret {
        let secret = Secret::generate().unwrap();
        let token = NewToken {
            id: secret.id(),
            name: format!("of a {role}"),
            role,
            hash: secret.hash(),
            expires_at: expires_at.map(str::to_owned),
        };
        let event = Event::now("token-created", AuditOutcome::Done);
        self.ledger.create(&token, &event).await.unwrap();
        secret
    }

    pub async fn revoked(&self, role: Role) -> Secret {
        let secret = self.token(role, None).await;
        let event = Event::now("token-revoked", AuditOutcome::Done);
        assert!(self.ledger.revoke(&secret.id(), &event).await.unwrap());
        secret
    }

    pub async fn send(
        &self,
        method: &Method,
        address: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        send(&self.router, method, address, headers, body).await
    }

    pub async fn get(&self, address: &str, headers: &[(&str, &str)]) -> Response {
        self.send(&Method::GET, address, headers, "").await
    }
}

pub async fn send(
    site: &impl Answers,
    method: &Method,
    address: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let request = request(method, address, headers, body);
    site.router().oneshot(request).await.unwrap()
}

/// A session of a browser: its cookie, and what its forms send.
pub struct Browser {
    pub cookie: String,
    pub form_key: String,
}

/// Logs in, as a browser does.
pub async fn log_in(site: &impl Answers, secret: &Secret) -> Browser {
    let body = format!("token={}", secret.reveal());
    let headers = [("content-type", FORM), ("sec-fetch-site", "same-origin")];
    let response = send(site, &Method::POST, "/login", &headers, &body).await;
    assert_eq!(response.status(), 303);
    let set = response.headers()[SET_COOKIE].to_str().unwrap();
    let cookie = set.split(';').next().unwrap().to_owned();
    let page = send(
        site,
        &Method::GET,
        "/login",
        &[(COOKIE.as_str(), &cookie)],
        "",
    )
    .await;
    let form_key = hidden(&text(page).await, "form_key");
    Browser { cookie, form_key }
}

/// A site on a port, until it is dropped.
pub struct Served {
    pub address: SocketAddr,
    pub redirect: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    pub ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub async fn new(site: Site) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::at(Listeners::from(listener), site)
    }

    pub fn at(doors: Listeners, site: Site) -> Self {
        let address = doors.listener.local_addr().unwrap();
        let redirect = doors
            .redirect
            .as_ref()
            .map(|listener| listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let asked = async {
            // Dropping the other end asks as well.
            drop(stopped.await);
        };
        let ended = tokio::spawn(centime_server::serve(doors, site, asked));
        Self {
            address,
            redirect,
            stop: Some(stop),
            ended,
        }
    }

    pub fn stop(&mut self) {
        self.stop = None;
    }
}
