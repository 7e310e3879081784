//! Portals to test against, and a client in a hurry.

// Each test file uses its own part of this.
#![allow(missing_docs)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn};
use centime_portal::{Dataset, Error, Event, Observer, Portal, Retrieval, RetryPolicy, Via};

/// The path and query of a request, and its authorization.
type Seen = (String, Option<String>);

/// A server, and the requests it got.
pub struct Recorded {
    pub url: String,
    requests: Arc<Mutex<Vec<Seen>>>,
}

impl Recorded {
    pub fn paths(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(path, _)| path.clone()).collect()
    }

    pub fn keys(&self) -> Vec<Option<String>> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(_, key)| key.clone()).collect()
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// Serves a router until the test ends.
pub async fn serve(router: Router) -> Recorded {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    let router = router.layer(from_fn(move |request: Request, next: Next| {
        let key = request.headers().get(AUTHORIZATION);
        let key = key.map(|key| key.to_str().unwrap().to_owned());
        seen.lock().unwrap().push((request.uri().to_string(), key));
        next.run(request)
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    Recorded { url, requests }
}

/// Waits of a few milliseconds, three attempts.
pub fn quick() -> RetryPolicy {
    RetryPolicy {
        max_attempts: 3,
        base_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(5),
    }
}

pub fn client(url: &str) -> Portal {
    Portal::builder(url).retry(quick()).build().unwrap()
}

/// Every record as JSON, or the error that came instead.
pub async fn all(mut retrieval: Retrieval) -> Result<Vec<String>, Error> {
    let mut records = Vec::new();
    while let Some(record) = retrieval.next().await? {
        assert_eq!(record.number(), retrieval.rows());
        records.push(record.json().to_owned());
    }
    assert!(retrieval.is_complete());
    assert_eq!(retrieval.rows(), records.len() as u64);
    Ok(records)
}

pub async fn read(portal: &Portal, dataset: &Dataset, via: Via) -> Result<Vec<String>, Error> {
    all(portal.retrieve(dataset, via, &[]).await?).await
}

/// What an observer was told, in words.
#[derive(Default)]
pub struct Told(Mutex<Vec<String>>);

impl Told {
    pub fn events(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Told {
    fn event(&self, event: &Event<'_>) {
        let words = match event {
            Event::Retrying { attempt, cause, .. } => format!("retrying after {attempt}: {cause}"),
            Event::FellBackToRecords { cause } => format!("fell back: {cause}"),
            Event::Rows { rows, expected } => format!("rows {rows} of {expected:?}"),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(words);
    }
}
