//! Connections: how many there are, how long they may take, and how they end.
//!
//! No client can hold the site by being slow: to finish a handshake, to send the head of a request, to
//! receive an answer, each has a time; and one network has only so many connections.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HOST, LOCATION};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::access::{Guard, Peer, is_among};
use crate::limits::Network;
use crate::listen::tls::Tls;
use crate::monitoring::in_flight::InFlight;
use crate::state::site::Site;

/// How long open requests may take to end once the site is asked to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// How large the head of a request may be, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;

/// How long to wait after no connection could be accepted, as when too many files are open.
const BREATHE: Duration = Duration::from_millis(100);

/// Where the site is served.
#[derive(Debug)]
pub struct Listeners {
    /// Where the site is.
    pub listener: TcpListener,
    /// The certificate, where the site speaks HTTPS itself.
    pub tls: Option<Tls>,
    /// Where unencrypted requests are redirected to the site.
    pub redirect: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(listener: TcpListener) -> Self {
        Self {
            listener,
            tls: None,
            redirect: None,
        }
    }
}

/// Serves the site until `shutdown` ends, and then until open requests are answered, but no longer
/// than five seconds: a client that never finishes its request delays no other.
pub async fn serve(
    doors: impl Into<Listeners>,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let doors = doors.into();
    let port = doors.listener.local_addr()?.port();
    let (stop, stopped) = watch::channel(());
    let router = site.router();
    let served = accept(
        doors.listener,
        site.clone(),
        doors.tls.clone(),
        Asked::Site(router),
        stopped.clone(),
    );
    let redirected = async {
        match doors.redirect {
            Some(listener) => {
                let asked = Asked::Elsewhere(port);
                accept(listener, site.clone(), None, asked, stopped).await;
            }
            None => drop(stopped),
        }
    };
    let reloading = async {
        match &doors.tls {
            Some(tls) => tls.watch().await,
            None => std::future::pending().await,
        }
    };
    let stopping = async {
        shutdown.await;
        drop(stop);
    };
    tokio::select! {
        ((), (), ()) = async { tokio::join!(served, redirected, stopping) } => {}
        () = reloading => unreachable!("it looks at the files for ever"),
    }
    // A database that is away is not waited for: what could not be noted is in the log.
    if tokio::time::timeout(LAST_ANSWERS, site.guard().settle())
        .await
        .is_err()
    {
        tracing::warn!("not all of what was done could be noted in the audit log");
    }
    Ok(())
}

/// What a connection is for.
#[derive(Clone)]
enum Asked {
    /// The site.
    Site(Router),
    /// Being told that the site is at another port, encrypted.
    Elsewhere(u16),
}

/// Accepts connections until it is asked to stop, and then waits for those that are open.
async fn accept(
    listener: TcpListener,
    site: Site,
    tls: Option<Tls>,
    asked: Asked,
    mut stopped: watch::Receiver<()>,
) {
    let guard = site.guard();
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(guard.settings.connections));
    let each = Arc::new(PerIpLimit::default());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Its other end is dropped when the site is asked to stop.
            _closed = stopped.changed() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATHE).await;
                continue;
            }
        };
        let trusted = is_among(peer.ip(), &guard.settings.trusted_proxies);
        let most = if trusted {
            usize::MAX
        } else {
            guard.settings.connections_each
        };
        let place = places.clone().try_acquire_owned().ok();
        let (Some(place), Some(seat)) = (place, each.take(Network::of(peer.ip()), most)) else {
            guard.metrics.turned_away.inc();
            continue;
        };
        let watcher = graceful.watcher();
        let (site, tls, asked) = (site.clone(), tls.clone(), asked.clone());
        tokio::spawn(async move {
            let _held = (place, seat);
            let _counted = InFlight::new(&site.guard().metrics.connections);
            let Some(stream) = greet(stream, tls.as_ref(), site.guard()).await else {
                return;
            };
            let service = service_fn(move |request| answer(asked.clone(), peer, request));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(site.guard().settings.ask_within)
                .max_buf_size(LARGEST_HEAD)
                .serve_connection(TokioIo::new(stream), service);
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
        });
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(LAST_ANSWERS) => {
            tracing::info!("some visitors had not finished asking");
        }
    }
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Gives a connection its time limits, and its encryption; `None` when the visitor is too slow or does
/// not speak it.
async fn greet(stream: TcpStream, tls: Option<&Tls>, guard: &Guard) -> Option<Box<dyn Stream>> {
    // Answers are sent at once; without that they only come a little later.
    drop(stream.set_nodelay(true));
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(guard.settings.receive_within));
    let stream: Pin<Box<TimeoutStream<TcpStream>>> = Box::pin(stream);
    let Some(tls) = tls else {
        return Some(Box::new(stream));
    };
    let handshake = tls.acceptor().accept(stream);
    match tokio::time::timeout(guard.settings.ask_within, handshake).await {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a visitor does not speak encrypted as we do");
            None
        }
        Err(_elapsed) => None,
    }
}

async fn answer(
    asked: Asked,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if let Err((status, why)) = is_well_formed(&request) {
        return Ok(refused(status, why));
    }
    match asked {
        Asked::Site(router) => {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.oneshot(request).await
        }
        Asked::Elsewhere(port) => Ok(elsewhere(&request, port)),
    }
}

/// Refuses what has a head that is too large, although it was read in one piece, and what does not name its host once
/// (RFC 9112, 3.2): a proxy in front may have understood another one than we would.
fn is_well_formed<B>(request: &Request<B>) -> Result<(), (StatusCode, &'static str)> {
    // Each header takes four bytes more, as the request line does with the version.
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 4);
    let line = request.uri().path_and_query();
    let line = line.map_or(0, |line| line.as_str().len()) + request.method().as_str().len() + 12;
    if headers.sum::<usize>() + line > LARGEST_HEAD {
        return Err((
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The head of the request is too large.\n",
        ));
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => Ok(()),
        (None, _) if request.version() < Version::HTTP_11 => Ok(()),
        _ => Err((
            StatusCode::BAD_REQUEST,
            "A request names its host in one Host header.\n",
        )),
    }
}

fn refused(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(why));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Tells where the site is, encrypted.
fn elsewhere<B>(request: &Request<B>, port: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| host.parse::<axum::http::uri::Authority>().ok());
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let address = host.filter(|_| path.starts_with('/')).map(|host| {
        let host = host.host();
        if port == 443 {
            format!("https://{host}{path}")
        } else {
            format!("https://{host}:{port}{path}")
        }
    });
    match address.and_then(|address| HeaderValue::try_from(address).ok()) {
        Some(address) => {
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response.headers_mut().insert(LOCATION, address);
        }
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

/// How many connections each network has.
#[derive(Debug, Default)]
struct PerIpLimit(Mutex<HashMap<Network, usize>>);

/// A connection of a network, until it is dropped.
struct ConnectionPermit(Arc<PerIpLimit>, Network);

impl PerIpLimit {
    fn take(self: &Arc<Self>, network: Network, most: usize) -> Option<ConnectionPermit> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(ConnectionPermit(self.clone(), network))
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_sent_to_the_same_page_encrypted() {
        for (host, port, expected) in [
            ("centime.example", 443, "https://centime.example/lines?q=1"),
            (
                "centime.example:80",
                8443,
                "https://centime.example:8443/lines?q=1",
            ),
            ("[::1]:80", 443, "https://[::1]/lines?q=1"),
            ("evil.example@x", 443, "https://x/lines?q=1"),
        ] {
            let request = Request::builder().uri("/lines?q=1").header(HOST, host);
            let response = elsewhere(&request.body(()).unwrap(), port);
            assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
            assert_eq!(response.headers()[LOCATION], expected);
        }
        for host in ["", "a b", "a/b"] {
            let request = Request::builder().uri("/").header(HOST, host);
            let response = elsewhere(&request.body(()).unwrap(), 443);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{host}");
        }
    }

    #[test]
    fn a_network_has_so_many_connections_and_no_more() {
        let each = Arc::new(PerIpLimit::default());
        let network = |address: &str| Network::of(address.parse().unwrap());
        let first = each.take(network("2001:db8::1"), 1);
        assert!(first.is_some() && each.take(network("2001:db8::2"), 1).is_none());
        assert!(each.take(network("2001:db8:0:1::1"), 1).is_some());
        drop(first);
        assert!(each.take(network("2001:db8::2"), 1).is_some());
        assert!(each.0.lock().unwrap().is_empty(), "nothing is left behind");
    }
}
