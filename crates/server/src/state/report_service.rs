//! Reports: made by what the command line gives to set them on pages, and kept for those who ask again.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use centime_analytics::{Catalogue, Language};
use centime_render::Locale;
use centime_render::dashboard::{NotAllowed, PATH, Query};
use centime_render::report::{self, Report, Source};
use centime_warehouse::{Body, Revision, Warehouse};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::limits::{Shares, blocking};
use crate::settings::Settings;
use crate::state::snapshot::{Published, Snapshot};
use crate::state::view_query;

/// How long a report is, roughly, in bytes.
const USUAL: u64 = 256 << 10;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// What is looked at is not there.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The database.
    #[error(transparent)]
    Database(#[from] centime_warehouse::Error),
    /// It could not be made.
    #[error("the report could not be made: {0}")]
    Failed(String),
}

/// What a report is asked to show.
#[derive(Clone, Debug)]
pub struct ReportView<'a> {
    /// The parameters, as addresses of the dashboard have them.
    pub parameters: &'a [(String, String)],
    /// The language.
    pub language: Language,
    /// Where the site is, as in `https://example.fr`; `None` where it is not known.
    pub site: Option<&'a str>,
    /// The analyses there are.
    pub catalogue: Catalogue,
}

/// How a report is set on pages: the bytes of a PDF, or why there are none.
type Typeset = dyn Fn(&Report) -> Result<Vec<u8>, String> + Send + Sync;

/// Where reports are made.
pub struct ReportService {
    typeset: Box<Typeset>,
    /// Those asked for again before others: a client that asks for many once throws none of these away.
    kept: Cache<Key, Bytes, Length>,
    /// The maker of reports. One at a time leaves processors for pages, and those who wait for the same
    /// one find it made.
    making: Arc<tokio::sync::Mutex<()>>,
}

/// All that a report depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    revision: i64,
    fingerprint: String,
    body: String,
    view: String,
    language: &'static str,
    address: Option<String>,
}

#[derive(Clone, Debug)]
struct Length;

impl Weighter<Key, Bytes> for Length {
    fn weight(&self, key: &Key, report: &Bytes) -> u64 {
        let bytes = report.len() + key.view.len() + key.fingerprint.len();
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// A report that is wanted.
#[derive(Debug)]
pub struct ReportRequest {
    /// The public body, whose lines have been read.
    pub snapshot: Arc<Snapshot>,
    /// What is looked at.
    pub query: Query,
    /// The words.
    pub locale: &'static Locale,
    /// The address of the same view, as readers know it; `None` where it is not known.
    pub address: Option<String>,
}

/// Where the copy of a site has the view that a report shows.
#[derive(Clone, Debug)]
pub struct ViewAt(pub String);

impl ReportService {
    /// A press that sets reports in this way.
    pub fn new(
        typeset: impl Fn(&Report) -> Result<Vec<u8>, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            typeset: Box::new(typeset),
            kept: kept(Shares::of(Settings::default().cache).reports),
            making: Arc::default(),
        }
    }

    /// The same, which keeps no more than so many bytes of reports.
    #[must_use]
    pub(crate) fn keeping(mut self, bytes: u64) -> Self {
        self.kept = kept(bytes);
        self
    }

    /// The report, as it was made before or made now; or why it could not be. Making one keeps a
    /// processor busy for some tenths of a second.
    pub async fn report(self: &Arc<Self>, order: ReportRequest) -> Result<Bytes, String> {
        let key = order.key();
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let turn = Arc::clone(&self.making).lock_owned().await;
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let reports = Arc::clone(self);
        // It is finished and kept even when no request waits for it any more, and the turn ends only then.
        let made = blocking(move || {
            let made = reports.make(&order)?;
            reports.kept.insert(key, made.clone());
            drop(turn);
            Ok(made)
        });
        made.await.map_err(|error| error.to_string())?
    }

    /// The report of a published body, from the database.
    pub async fn print(
        self: &Arc<Self>,
        warehouse: &Warehouse,
        revision: Revision,
        body: Body,
        view: &ReportView<'_>,
    ) -> Result<Bytes, NoReport> {
        let published = Published::load(warehouse, revision, view.catalogue).await?;
        let published = Arc::new(published);
        let snapshot = Arc::new(Snapshot::load(warehouse, published, body).await?);
        let lines = snapshot.lines(warehouse).await?;
        snapshot.books(warehouse).await?;
        let query = view_query::read(view.parameters, &*snapshot, lines)?;
        let address = view.site.map(|site| view_at(site, &query, view.language));
        let order = ReportRequest {
            snapshot,
            query,
            locale: Locale::of(view.language),
            address,
        };
        self.report(order).await.map_err(NoReport::Failed)
    }

    fn make(&self, order: &ReportRequest) -> Result<Bytes, String> {
        let snapshot = &order.snapshot;
        let report = report::report(&Source {
            statement: &**snapshot,
            body: &snapshot.body,
            revision: &snapshot.published.revision,
            datasets: &snapshot.published.datasets,
            unpublished: &snapshot.unpublished,
            lines: snapshot.known_lines().unwrap_or_default(),
            query: &order.query,
            locale: order.locale,
            address: order.address.as_deref(),
        });
        (self.typeset)(&report).map(Bytes::from)
    }
}

fn kept(bytes: u64) -> Cache<Key, Bytes, Length> {
    let items = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
    Cache::with_weighter(items, bytes, Length)
}

impl fmt::Debug for ReportService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Press").finish_non_exhaustive()
    }
}

impl ReportRequest {
    fn key(&self) -> Key {
        let revision = &self.snapshot.published.revision;
        Key {
            revision: revision.id,
            fingerprint: revision.fingerprint.clone(),
            body: self.snapshot.body.siren.clone(),
            view: self.query.at(PATH),
            language: self.locale.language().code(),
            address: self.address.clone(),
        }
    }
}

/// The address of a view on a site.
pub fn view_at(site: &str, query: &Query, language: Language) -> String {
    let site = site.trim_end_matches('/');
    let view = query.with(&[("lang", Some(language.code()))]);
    format!("{site}{view}")
}
