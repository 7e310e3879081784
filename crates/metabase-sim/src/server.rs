//! The stub as a server: every request is recorded, held against the document, and answered.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::document::validate;
use crate::state::{Metabase, Sent, Table};

/// A stub on a port.
pub struct Stub {
    /// Its address.
    pub url: String,
    address: SocketAddr,
    serving: JoinHandle<()>,
    state: Arc<Mutex<Metabase>>,
}

fn serve(listener: TcpListener, state: Arc<Mutex<Metabase>>) -> JoinHandle<()> {
    let router = Router::new().fallback(handle).with_state(state);
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("a listener");
    })
}

impl Stub {
    /// A Metabase that has not been set up yet, and that will find these tables.
    pub async fn new(found: Vec<Table>) -> Self {
        let state = Arc::new(Mutex::new(Metabase {
            version: "v0.58.3".to_owned(),
            set_up: false,
            administrator: true,
            starting: 0,
            slow: 1,
            pending: 0,
            syncing: false,
            never_syncs: false,
            faults: Vec::new(),
            sent: Vec::new(),
            violations: Vec::new(),
            databases: BTreeMap::new(),
            collections: BTreeMap::new(),
            cards: BTreeMap::new(),
            dashboards: BTreeMap::new(),
            tables: Vec::new(),
            settings: Map::new(),
            open_sessions: 0,
            found,
            next: 1,
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Self {
            url: format!("http://{address}"),
            address,
            serving: serve(listener, state.clone()),
            state,
        }
    }

    /// Ends as a process that is killed does; what it knows is in its database.
    pub async fn kill(&mut self) {
        self.serving.abort();
        // It has ended, one way or the other.
        drop((&mut self.serving).await);
    }

    /// Starts again after [`Stub::kill`], at the same address.
    pub async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("its port");
        self.serving = serve(listener, self.state.clone());
    }

    /// What it knows, to be looked at and changed.
    pub fn state(&self) -> MutexGuard<'_, Metabase> {
        self.state.lock().expect("no test has panicked with it")
    }

    /// What was sent since this was last asked, after checking that the document allows all of it.
    pub fn sent(&self) -> Vec<Sent> {
        let mut state = self.state();
        assert_eq!(state.violations, Vec::<String>::new());
        std::mem::take(&mut state.sent)
    }

    /// Of what was sent, what could change something; sessions are none of it.
    pub fn writes(&self) -> Vec<Sent> {
        let mut sent = self.sent();
        sent.retain(|sent| sent.method != Method::GET && sent.path != "/api/session/");
        sent
    }
}

async fn handle(
    State(state): State<Arc<Mutex<Metabase>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let mut state = state.lock().expect("no test has panicked with it");
    let path = uri.path().to_owned();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    state.sent.push(Sent {
        method: method.clone(),
        path: path.clone(),
        body: body.clone(),
    });
    let fault = state
        .faults
        .iter()
        .position(|fault| fault.method == method && path.starts_with(fault.path));
    if let Some(fault) = fault {
        let fault = state.faults.remove(fault);
        let status = StatusCode::from_u16(fault.status).expect("a status");
        let mut response = (status, fault.body).into_response();
        for (name, value) in fault.headers {
            response
                .headers_mut()
                .insert(name, value.parse().expect("a header"));
        }
        return response;
    }
    if let Err(violation) = validate(&method, &path, uri.query().unwrap_or_default(), &body) {
        state
            .violations
            .push(format!("{method} {path}: {violation}"));
        return (
            StatusCode::BAD_REQUEST,
            json!({ "errors": violation }).to_string(),
        )
            .into_response();
    }
    match state.answer(
        &method,
        &path,
        &headers,
        uri.query().unwrap_or_default(),
        &body,
    ) {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(answer) => answer.to_string().into_response(),
        Err((status, answer)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let text = answer
                .as_str()
                .map_or_else(|| answer.to_string(), str::to_owned);
            (status, text).into_response()
        }
    }
}
