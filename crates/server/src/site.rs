//! The site: which revision readers see, and the addresses there are.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use centime_warehouse::Warehouse;
use tokio::net::TcpListener;
use tower_http::compression::CompressionLayer;

use crate::reply::{Problem, Reply};
use crate::snapshot::Snapshot;
use crate::visit::Visit;
use crate::{assets, pages};

/// The site, over a warehouse. Clones share what is held in memory.
#[derive(Clone, Debug)]
pub struct Site {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    warehouse: Warehouse,
    held: RwLock<Option<Arc<Snapshot>>>,
}

/// What there is to show.
#[derive(Clone, Debug)]
pub enum Edition {
    /// The published revision.
    Current(Arc<Snapshot>),
    /// The revision read last: the database cannot be read now.
    Kept(Arc<Snapshot>),
    /// Nothing has been published yet.
    Nothing,
    /// The database cannot be read, and never was.
    Unreadable,
}

impl Edition {
    /// The revision to show, if there is one.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        match self {
            Self::Current(snapshot) | Self::Kept(snapshot) => Some(snapshot),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

impl Site {
    /// The site over an open warehouse, whose marts are those of this version's analyses.
    pub fn new(warehouse: Warehouse) -> Self {
        Self {
            shared: Arc::new(Shared {
                warehouse,
                held: RwLock::new(None),
            }),
        }
    }

    /// All addresses.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", page(pages::home::answer))
            .route("/analyses", page(pages::analyses::answer))
            .route("/analyses/{name}", page(pages::analysis::answer))
            .route("/lines", page(pages::lines::answer))
            .route("/lines.csv", page(pages::lines::csv))
            .route("/lines.json", page(pages::lines::json))
            .route("/lines/{record}", page(pages::line::answer))
            .route("/quality", page(pages::quality::answer))
            .route("/healthz", get(healthz))
            .route("/assets/site.css", get(assets::style))
            .route("/assets/icon.svg", get(assets::icon))
            .route("/favicon.ico", get(assets::icon))
            .fallback(|visit: Visit| async move { visit.refuse(&Problem::NotFound) })
            .method_not_allowed_fallback(|visit: Visit| async move {
                visit.refuse(&Problem::MethodNotAllowed)
            })
            .layer(CompressionLayer::new())
            .layer(map_response(secured))
            .with_state(self.clone())
    }

    /// The database.
    pub(crate) fn warehouse(&self) -> &Warehouse {
        &self.shared.warehouse
    }

    /// What there is to show now: the revision in memory, unless another one was published.
    pub(crate) async fn edition(&self) -> Edition {
        match self.current().await {
            Ok(Some(snapshot)) => Edition::Current(snapshot),
            Ok(None) => Edition::Nothing,
            Err(error) => {
                tracing::error!(%error, "the database cannot be read");
                self.held().map_or(Edition::Unreadable, Edition::Kept)
            }
        }
    }

    async fn current(&self) -> centime_warehouse::Result<Option<Arc<Snapshot>>> {
        let warehouse = self.warehouse();
        let mut published = warehouse.published().await?;
        loop {
            let Some(revision) = published else {
                return Ok(None);
            };
            if let Some(held) = self.held().filter(|held| held.revision == revision) {
                return Ok(Some(held));
            }
            let snapshot = Snapshot::load(warehouse, revision).await?;
            // A revision may be superseded and dropped while it is read; then it is not whole.
            published = warehouse.published().await?;
            if published.as_ref() == Some(&snapshot.revision) {
                self.hold(snapshot);
            }
        }
    }

    fn held(&self) -> Option<Arc<Snapshot>> {
        let held = self.shared.held.read();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, snapshot: Snapshot) {
        let held = self.shared.held.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(snapshot));
    }
}

/// A page, for any way to ask for it by GET or HEAD.
fn page<F, Fut>(answer: F) -> MethodRouter<Site>
where
    F: Fn(Arc<Visit>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, Problem>> + Send,
{
    get(move |visit: Visit| async move {
        let visit = Arc::new(visit);
        match answer(visit.clone()).await {
            Ok(reply) => visit.respond(reply),
            Err(problem) => visit.refuse(&problem),
        }
    })
}

/// Says whether the process runs and its database answers.
async fn healthz(State(site): State<Site>) -> Response {
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    match site.warehouse().published().await {
        Ok(_) => (kind, "ok\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "the database cannot be read");
            let unavailable = StatusCode::SERVICE_UNAVAILABLE;
            (unavailable, kind, "the database cannot be read\n").into_response()
        }
    }
}

/// Adds the headers by which a browser keeps others out of the pages.
async fn secured(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Serves the site on a listener until `shutdown` ends, and then until open requests are answered.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, site.router())
        .with_graceful_shutdown(shutdown)
        .await
}
