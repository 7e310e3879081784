//! The addresses there are, and what every answer carries.

pub mod below;
pub mod health;
pub mod observe;
pub mod robots;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::{Extension, Router};
use centime_access::{Right, Rule};
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::access::{
    Client, Declared, Framing, Identified, Refusal, RefusalPage, Reuse, Routes, share,
};
use crate::files::download;
use crate::files::download::OfAll;
use crate::http::address::is_api;
use crate::http::assets;
use crate::http::reply::Reply;
use crate::limits::holding;
use crate::request::context::{RequestContext, WithoutData};
use crate::request::page_error::PageError;
use crate::request::paths;
use crate::router::observe::observe;
use crate::state::response_cache::packed;
use crate::state::site::Site;
use crate::{api, pages};

impl Site {
    /// The table of addresses before there is one in it.
    fn no_routes(&self) -> Routes<Self> {
        let site = self.clone();
        let refusal_page = RefusalPage::new(move |mut parts, refusal| {
            let site = site.clone();
            Box::pin(async move {
                // Who is refused is shown nothing of the data, and costs no question to the database.
                parts.extensions.insert(WithoutData);
                let Ok(context) = RequestContext::from_request_parts(&mut parts, &site).await;
                context.refuse(&PageError::Refused(refusal))
            })
        });
        let sql_is_open = self.sql().is_some_and(|sql| sql.is_open());
        Routes::new(self.guard().clone(), refusal_page, sql_is_open)
    }

    /// All addresses, each with its rule.
    fn addresses(&self) -> Routes<Self> {
        use Right::{AskSql, Export, ManageTokens, Observe, Read, StartRuns};
        let first = api::add(self.no_routes())
            .get("/api/v1", Read, page(api::reference::answer))
            .get("/api/v1/openapi.json", Read, page(api::document))
            .reused(Reuse::Always)
            .get("/", Read, page(pages::home::answer));
        let pages = of_statement(first)
            .get(paths::SEARCH, Read, page(pages::search::answer))
            .get(paths::GLOSSARY, Read, page(pages::glossary::answer))
            .get(paths::FEED, Read, pages::feed::answer)
            .reused(Reuse::Always)
            .get(paths::SITEMAP, Read, pages::sitemap::answer)
            .get(paths::YEARS, Read, page(pages::year::list))
            .get("/years/{year}", Read, page(pages::year::answer))
            .get("/dashboard", Read, page(pages::dashboard::answer))
            .get("/dashboard/{file}", Read, page(pages::dashboard::file))
            .reused(Reuse::Always)
            .get(
                "/embed/dashboard/{name}",
                Read,
                page(pages::dashboard::embed),
            )
            .get(
                "/cards/dashboard/{name}",
                Read,
                page(pages::cards::dashboard),
            )
            .reused(Reuse::Always)
            .get("/cards/analyses/{name}", Read, page(pages::cards::analysis))
            .reused(Reuse::Always)
            .get("/analyses", Read, page(pages::analyses::answer))
            .get("/analyses/{name}", Read, page(pages::analysis::answer))
            .reused(Reuse::Files)
            .get("/lines", Read, page(pages::lines::answer))
            .get("/lines.{extension}", Export, page(pages::lines::file))
            .reused(Reuse::Always)
            .get("/lines/{record}", Read, page(pages::line::answer))
            .get("/quality", Read, page(pages::quality::answer))
            .get(paths::TOOLS, Read, pages::tools::answer)
            .get("/metabase", Read, pages::metabase::answer)
            .get("/sql", AskSql, page(pages::sql::answer))
            .get("/sql.{extension}", AskSql, page(pages::sql::file))
            .reused(Reuse::Always)
            .get(paths::REPORT, Read, pages::report::answer)
            .get_file_conditional(
                paths::REPORT_PDF,
                Read,
                pages::report::OF_A_VIEW,
                pages::report::pdf,
            )
            .reused(Reuse::Always)
            .open("/login", pages::login::answer)
            .post("/login", Rule::Anyone, pages::login::submit)
            .post("/logout", Rule::Anyone, pages::login::leave)
            .get("/admin", ManageTokens, pages::admin::answer)
            .post(
                "/admin/tokens",
                Rule::Needs(ManageTokens),
                pages::admin::create,
            )
            .post(
                "/admin/tokens/revoke",
                Rule::Needs(ManageTokens),
                pages::admin::revoke,
            )
            .post(
                "/admin/runs",
                Rule::Needs(StartRuns),
                pages::admin::start_run,
            )
            .uncounted("/healthz", health::alive)
            .uncounted("/readyz", health::ready)
            .get("/metrics", Observe, health::metrics)
            .open(robots::PATH, robots::answer)
            .uncounted("/favicon.ico", assets::icon);
        assets::ASSETS.into_iter().fold(pages, |routes, asset| {
            routes.uncounted(asset.path, async |uri: Uri, headers: HeaderMap| {
                asset.asked(&uri, &headers)
            })
        })
    }

    /// What may be asked for, and who may.
    pub fn declared(&self) -> Vec<Declared> {
        self.addresses().declared().to_vec()
    }

    /// All addresses.
    pub fn router(&self) -> Router {
        let settings = &self.guard().settings;
        let too_long =
            TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, settings.answer_within);
        let addresses = self.addresses();
        let reusable = addresses.reusable();
        let declared: Arc<[Declared]> = addresses.declared().into();
        let router = addresses
            .finish(not_found, method_not_allowed)
            .layer(Extension(declared))
            .layer(too_long)
            .layer(RequestBodyLimitLayer::new(settings.largest_body))
            .layer(CatchPanicLayer::custom(health::panicked))
            .layer(CompressionLayer::new().compress_when(compressible()))
            .layer(from_fn(api::explained))
            .layer(map_response(secured))
            .layer(from_fn_with_state(self.clone(), observe))
            .layer(from_fn_with_state(reusable, share))
            .with_state(self.clone());
        // The path has to be the site's own before the router looks at it.
        let placed = from_fn_with_state(self.clone(), below::placed).layer(router);
        Router::new().fallback_service(placed)
    }
}

async fn not_found(
    context: RequestContext,
    Extension(client): Extension<Client>,
    Extension(declared): Extension<Arc<[Declared]>>,
    method: Method,
    uri: Uri,
) -> Response {
    if let Some(moved) = below::without_slash(&declared, &method, &uri) {
        return moved;
    }
    if is_api(&context.path) {
        return api::not_found(&client);
    }
    context.refuse(&PageError::NotFound)
}

async fn method_not_allowed(
    context: RequestContext,
    Extension(client): Extension<Client>,
) -> Response {
    if is_api(&context.path) {
        return api::method_not_allowed(&client);
    }
    context.refuse(&PageError::MethodNotAllowed)
}

/// What is compressed on its way: nothing that is read in parts, or is compressed by itself.
fn compressible() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new(
            "application/vnd.apache.parquet",
        ))
        .and(NotForContentType::const_new(
            "application/vnd.openxmlformats",
        ))
        .and(NotForContentType::const_new("application/pdf"))
        .and(repeatable)
}

/// A page that all who may read share: it is made without knowing who asks, and kept for the next.
fn page<F, Fut>(
    answer: F,
) -> impl Fn(RequestContext) -> Pin<Box<dyn Future<Output = Response> + Send>>
+ Clone
+ Send
+ Sync
+ 'static
where
    F: Fn(Arc<RequestContext>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, PageError>> + Send + 'static,
{
    move |mut context: RequestContext| {
        context.identified = Identified::default();
        let context = Arc::new(context);
        let answer = answer.clone();
        Box::pin(async move {
            if let Err(problem) = context.understood() {
                return context.refuse(&problem);
            }
            let key = context.key();
            let pages = context.site.response_cache();
            if let Some(packed) = key.as_ref().and_then(|key| pages.get(key)) {
                return context.send(&packed);
            }
            let lanes = &context.site.guard().lanes;
            // A statement is as much work as a file, also on its page.
            let lane = if context.is_file() || context.path == paths::SQL {
                &lanes.files
            } else {
                &lanes.pages
            };
            // Each waits for a turn of its own, also for what another one is making already: else a client could make
            // others wait in the place of their own network.
            let turn = match lane.turn(context.network).await {
                Ok(turn) => turn,
                Err(none) => {
                    let refusal = Refusal::from(none);
                    context.site.guard().metrics.refuse(refusal.name());
                    return context.refuse(&PageError::Refused(refusal));
                }
            };
            let answered = async {
                if let Some(wide) = Box::pin(download::of_all(&context)).await {
                    let answered = match wide {
                        Ok(OfAll::Rows(wide)) => Box::pin(wide.answer(&context)).await,
                        Ok(OfAll::Whole(reply)) => Ok(context.respond(reply)),
                        Err(problem) => Err(problem),
                    };
                    return answered.unwrap_or_else(|problem| context.refuse(&problem));
                }
                let made = Box::pin(answer(context.clone()));
                let made = async { Ok::<Reply, PageError>(context.finish(made.await?)) };
                let packed = match key {
                    Some(key) => pages.answer(key, made).await,
                    None => match made.await {
                        Ok(reply) => Ok(Arc::new(packed(reply, context.encoding()).await)),
                        Err(problem) => Err(problem),
                    },
                };
                match packed {
                    Ok(packed) => context.send(&packed),
                    Err(problem) => pages::bodies::ask_or_refuse(&context, problem).await,
                }
            };
            holding(turn, answered).await
        })
    }
}

/// Whether an answer may be compressed: not one that is for one visitor and this once. It may hold a secret beside what
/// the request says, and the length of both together tells an attacker who makes a browser ask of the secret (BREACH).
fn repeatable(_: StatusCode, _: Version, headers: &HeaderMap, _: &axum::http::Extensions) -> bool {
    let control = headers.get(CACHE_CONTROL);
    control.is_none_or(|control| control.as_bytes() != b"no-store")
}

/// Adds the headers by which a browser keeps others out of the pages.
async fn secured(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let framing = response.extensions_mut().remove::<Framing>();
    let policy = framing.map_or(Ok(HeaderValue::from_static(POLICY)), |framing| {
        HeaderValue::try_from(framing.policy(POLICY))
    });
    let policy = policy.unwrap_or_else(|error| {
        tracing::error!(%error, "a frame is not allowed");
        HeaderValue::from_static(POLICY)
    });
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    let headers: [(HeaderName, &'static str); 3] = [
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

/// The statement, line by line, and what follows from its accounts.
fn of_statement(routes: Routes<Site>) -> Routes<Site> {
    use Right::{Export, Read};
    routes
        .get(paths::STATEMENT, Read, page(pages::statement::answer))
        .get(
            "/statement.{extension}",
            Export,
            page(pages::statement::file),
        )
        .reused(Reuse::Always)
        .get(
            "/statement/{line}",
            Read,
            page(pages::statement_line::answer),
        )
        .get(paths::INDICATORS, Read, page(pages::indicators::answer))
        .get(
            "/indicators.{extension}",
            Export,
            page(pages::indicators::file),
        )
        .reused(Reuse::Always)
        .get(paths::AGGREGATES, Read, page(pages::aggregates::answer))
        .get(
            "/aggregates.{extension}",
            Export,
            page(pages::aggregates::file),
        )
        .reused(Reuse::Always)
        .get(paths::ACCOUNTS, Read, page(pages::accounts::answer))
        .get("/accounts.{extension}", Export, page(pages::accounts::file))
        .reused(Reuse::Always)
}

#[cfg(test)]
mod tests {
    use centime_warehouse::{OpenMode, Warehouse};

    use super::*;
    use crate::http::base::Base;
    use crate::request::parameters;

    /// What programs ask how the site is doing, and what has one form: neither reads a query.
    const WITHOUT_QUERY: [&str; 5] = [
        "/healthz",
        "/readyz",
        "/metrics",
        "/favicon.ico",
        robots::PATH,
    ];

    #[tokio::test]
    async fn every_first_part_of_a_path_is_known_to_be_the_site_s_own() {
        let folder = tempfile::tempdir().unwrap();
        let url = centime_test_database::fresh(folder.path()).parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        for declared in Site::new(warehouse).declared() {
            // With what varies at the end of a part written out.
            let path = declared.path.split(['?', '{']).next().unwrap_or_default();
            let base = Base::parse(path.trim_end_matches(['/', '.']));
            let own = base.is_some_and(|base| base.is_own());
            assert!(own || declared.path == "/", "{}", declared.path);
        }
    }

    #[tokio::test]
    async fn every_page_and_file_says_what_it_may_be_asked_with() {
        let folder = tempfile::tempdir().unwrap();
        let url = centime_test_database::fresh(folder.path()).parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        for declared in Site::new(warehouse).declared() {
            let path = declared.path.split('?').next().unwrap_or_default();
            let read_elsewhere = WITHOUT_QUERY.contains(&path)
                || path.starts_with("/assets/")
                || api::has_operation(path);
            if declared.method == Method::GET && !read_elsewhere {
                assert!(parameters::has(path), "{path}");
            }
        }
    }
}
