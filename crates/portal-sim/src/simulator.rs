//! Where datasets come from, and how they are served.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fault::Faults;
use crate::routes::router;
use crate::served::{Published, Quota, Served};
use crate::{Error, Injection, National, SimDataset, demo, national};

/// The description and the records of each dataset of the sample edition.
const SAMPLE: [(&str, &str); 2] = [
    (
        include_str!("../sample/compte-de-resultat/dataset.json"),
        include_str!("../sample/compte-de-resultat/records.jsonl"),
    ),
    (
        include_str!("../sample/bilan-comptable/dataset.json"),
        include_str!("../sample/bilan-comptable/records.jsonl"),
    ),
];

/// The balance sheet that the City of Paris published for 2016 to 2024.
const DEMO_BALANCE_SHEET: (&str, &str) = (
    include_str!("../demo/bilan-comptable/dataset.json"),
    include_str!("../demo/bilan-comptable/records.jsonl"),
);

/// A portal to be served, with its datasets and its faults.
#[derive(Clone, Debug)]
pub struct Simulator {
    datasets: Vec<SimDataset>,
    faults: Vec<Injection>,
    slow: Duration,
    retry_after: u32,
    quota: Option<u32>,
}

impl Simulator {
    /// The sample edition: invented accounts that behave like real ones.
    ///
    /// # Panics
    ///
    /// Never: the sample is part of the program, and the tests read it.
    pub fn sample() -> Self {
        let datasets = SAMPLE.map(|(description, records)| {
            SimDataset::from_texts(description, records)
                .expect("the embedded sample is read by the tests")
        });
        Self::from_datasets(datasets.into())
    }

    /// The portal of the demonstration: the statement of the sample edition, beside the balance sheet that the City of
    /// Paris published, and the control totals of the communes of a département.
    ///
    /// # Panics
    ///
    /// Never: the datasets are part of the program, and the tests read them.
    pub fn demo() -> Self {
        let texts = [SAMPLE[0], DEMO_BALANCE_SHEET].into_iter();
        let datasets = texts
            .map(|(description, records)| SimDataset::from_texts(description, records))
            .chain(std::iter::once_with(demo::aggregates))
            .collect::<Result<_, _>>()
            .expect("the embedded datasets are read by the tests");
        Self::from_datasets(datasets)
    }

    /// The sample edition's income statement for so many public bodies, each with amounts of its own.
    /// Only the first has a balance sheet.
    pub fn sample_of_bodies(count: u32) -> Self {
        let mut sample = Self::sample();
        let statement = sample.datasets.remove(0);
        let many = statement.with_many_bodies(count, "exercice_comptable", "montant_en_eur");
        sample.datasets.insert(0, many);
        sample
    }

    /// The national edition: account balances and aggregates of many invented bodies, made as they are sent.
    pub fn national(edition: &National) -> Self {
        let tables = national::all(edition).into_iter();
        Self::from_datasets(tables.map(SimDataset::of_table).collect())
    }

    /// The datasets of a folder: each a folder with `dataset.json` and `records.jsonl`.
    pub fn from_dir(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let unreadable = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let mut folders = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let folder = entry.map_err(unreadable)?.path();
            if folder.join("dataset.json").is_file() {
                folders.push(folder);
            }
        }
        if folders.is_empty() {
            return Err(Error::NoDatasets {
                path: path.to_owned(),
            });
        }
        folders.sort();
        let datasets = folders.iter().map(|folder| SimDataset::from_dir(folder));
        Ok(Self::from_datasets(datasets.collect::<Result<_, _>>()?))
    }

    /// These datasets.
    pub fn from_datasets(datasets: Vec<SimDataset>) -> Self {
        Self {
            datasets,
            faults: Vec::new(),
            slow: Duration::from_secs(5),
            retry_after: 1,
            quota: None,
        }
    }

    /// The same portal with faults, besides those it had.
    #[must_use]
    pub fn with_faults<F: Into<Injection>>(mut self, faults: impl IntoIterator<Item = F>) -> Self {
        self.faults.extend(faults.into_iter().map(Into::into));
        self
    }

    /// How late the first byte is when the portal is slow: five seconds unless said.
    #[must_use]
    pub fn with_slowness(mut self, late: Duration) -> Self {
        self.slow = late;
        self
    }

    /// How many seconds a portal with too many requests asks to wait: one unless said.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = seconds;
        self
    }

    /// The same portal with a quota: so many requests are answered, each with what is left of them, and none after.
    #[must_use]
    pub fn with_quota(mut self, requests: Option<u32>) -> Self {
        self.quota = requests;
        self
    }

    /// The routes, to be served by the caller. Each router counts its faults from the start.
    pub fn router(&self) -> Router {
        let datasets = self.datasets.iter().cloned().map(|dataset| Published {
            dataset,
            version: AtomicU64::new(0),
        });
        router(Arc::new(Served {
            datasets: datasets.collect(),
            faults: Faults::new(&self.faults),
            slow: self.slow,
            retry_after: self.retry_after,
            turn: AtomicU64::new(0),
            quota: self.quota.map(Quota::new),
        }))
    }

    /// Serves on an address, such as `127.0.0.1:0` for a free port, until the result is dropped.
    pub async fn bind(&self, address: &str) -> Result<Running, Error> {
        let failed = |source| Error::Listen {
            address: address.to_owned(),
            source,
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, self.router()).with_graceful_shutdown(async {
            // A sender that is dropped says stop as well.
            let _dropped = stopped.await;
        });
        let task = tokio::spawn(async {
            if let Err(error) = server.await {
                tracing::error!(%error, "simulated portal stopped");
            }
        });
        tracing::info!(%addr, "simulated portal listening");
        Ok(Running {
            addr,
            stop: Some(stop),
            task,
        })
    }
}

/// A portal being served. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The portal's address, as a client wants it.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Serves until something else ends the program.
    pub async fn wait(mut self) {
        self.join().await;
    }

    /// Takes no more requests, and waits for those under way.
    pub async fn shutdown(mut self) {
        self.stop = None;
        self.join().await;
    }

    async fn join(&mut self) {
        if let Err(error) = (&mut self.task).await {
            tracing::error!(%error, "simulated portal failed");
        }
    }
}
