//! Where the site's own paths begin and end: the path of the host that stands before them, and a slash behind
//! them that says nothing.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, LINK, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Client, Declared};
use crate::http::base::{Base, is_local};
use crate::state::site::Site;

/// Takes the base off the path of a request, where a proxy has not done so, and puts it before the addresses
/// in the headers of the answer. What is in bodies is placed where bodies are made.
pub async fn placed(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let guard = site.guard();
    let mut client = Client::of(&parts, &guard.settings.trusted_proxies);
    if !guard.base.is_empty() {
        client.base = guard.base.clone();
    }
    let base = client.base.clone();
    // Below a base that begins as a path of ours does, only a proxy can know what it has taken off.
    if !base.is_own()
        && let Some(path) = base.strip(parts.uri.path())
        && let Some(uri) = at(path, &parts.uri)
    {
        parts.uri = uri;
    }
    parts.extensions.insert(client);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if !base.is_empty() {
        place(response.headers_mut(), &base);
    }
    response
}

/// The same address at another path.
fn at(path: &str, uri: &Uri) -> Option<Uri> {
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(whole).ok()?);
    Uri::from_parts(parts).ok()
}

fn place(headers: &mut HeaderMap, base: &Base) {
    let placed = [
        (
            LOCATION,
            headers.get(LOCATION).and_then(|to| {
                let to = to.to_str().ok()?;
                is_local(to).then(|| base.place(to))
            }),
        ),
        (
            LINK,
            headers.get(LINK).and_then(|link| {
                let (to, rest) = link.to_str().ok()?.strip_prefix('<')?.split_once('>')?;
                is_local(to).then(|| format!("<{}>{rest}", base.place(to)))
            }),
        ),
    ];
    for (name, value) in placed {
        match value.map(HeaderValue::try_from) {
            Some(Ok(value)) => drop(headers.insert(name, value)),
            Some(Err(error)) => tracing::error!(%error, %name, "an address was not placed"),
            None => {}
        }
    }
}

/// Leads from an address with a slash at its end, where nothing is, to the same without; `None` where nothing is
/// there either.
pub fn without_slash(declared: &[Declared], method: &Method, uri: &Uri) -> Option<Response> {
    let path = uri.path();
    let plain = path.trim_end_matches('/');
    let reads = [Method::GET, Method::HEAD].contains(method);
    // What is at an address begins with one slash, so this leads to no other host.
    let mut gets = declared.iter().filter(|known| known.method == Method::GET);
    if !reads || plain.is_empty() || plain == path || !gets.any(|known| known.is_at(plain)) {
        return None;
    }
    let address = match uri.query() {
        Some(query) => format!("{plain}?{query}"),
        None => plain.to_owned(),
    };
    let mut response = Response::default();
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::try_from(address).ok()?);
    // It is another below another path.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}
