//! The addresses there are, and what every answer carries.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tower_http::compression::CompressionLayer;

use crate::problem::Problem;
use crate::reply::Reply;
use crate::site::Site;
use crate::visit::Visit;
use crate::{assets, pages};

impl Site {
    /// All addresses.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", page(pages::home::answer))
            .route("/dashboard", page(pages::dashboard::answer))
            .route("/dashboard/{file}", page(pages::dashboard::file))
            .route("/analyses", page(pages::analyses::answer))
            .route("/analyses/{name}", page(pages::analysis::answer))
            .route("/lines", page(pages::lines::answer))
            .route("/lines.csv", page(pages::lines::csv))
            .route("/lines.json", page(pages::lines::json))
            .route("/lines/{record}", page(pages::line::answer))
            .route("/quality", page(pages::quality::answer))
            .route("/healthz", get(healthz))
            .route("/assets/site.css", get(assets::style))
            .route("/assets/site.js", get(assets::script))
            .route("/assets/charts.js", get(assets::charts))
            .route("/assets/chart-regular.woff2", get(assets::regular))
            .route("/assets/chart-semibold.woff2", get(assets::semibold))
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
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
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

/// How long open requests may take to end once the site is asked to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// Serves the site on a listener until `shutdown` ends, and then until open requests are answered,
/// but no longer than five seconds: a visitor who never finishes asking keeps nobody waiting.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let asked = Arc::new(Notify::new());
    let stop = {
        let asked = Arc::clone(&asked);
        async move {
            shutdown.await;
            asked.notify_one();
        }
    };
    let too_late = async {
        asked.notified().await;
        tokio::time::sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        served = axum::serve(listener, site.router()).with_graceful_shutdown(stop) => served,
        () = too_late => Ok(()),
    }
}
