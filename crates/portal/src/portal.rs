//! A portal, and what can be asked of it.

use std::fmt;
use std::sync::Arc;

use reqwest::Url;
use serde::de::DeserializeOwned;

use crate::address::Address;
use crate::cells::DELIMITER;
use crate::http::{ApiKey, Body, Http, Timeouts};
use crate::limits::{Deadline, Limits, MAX_ANSWER_BYTES, MAX_DESCRIPTION_BYTES, Meter};
use crate::page::{RawPage, written_order};
use crate::reach::Reach;
use crate::retry::retrying;
use crate::{
    Catalog, Dataset, Error, Observer, PageRequest, RecordsPage, Request, RetryPolicy,
    SearchRequest,
};

/// A portal. Cheap to clone: clones share their connections.
#[derive(Clone)]
pub struct Portal {
    inner: Arc<Inner>,
    observer: Arc<dyn Observer>,
}

#[derive(Debug)]
struct Inner {
    address: Address,
    http: Http,
    retry: RetryPolicy,
    limits: Limits,
}

impl Portal {
    /// Begins with the portal's address: `https://host`, or the root of its API,
    /// `https://host/api/explore/v2.1`.
    pub fn builder(base_url: &str) -> PortalBuilder {
        PortalBuilder {
            base_url: base_url.to_owned(),
            api_key: None,
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            hosts: Vec::new(),
            private: false,
        }
    }

    /// The same portal, followed by an observer.
    #[must_use]
    pub fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            observer,
        }
    }

    /// The root of the portal's API.
    pub fn base_url(&self) -> &str {
        self.inner.address.as_str()
    }

    /// The portal's host, with its port when it is not the usual one.
    pub fn host(&self) -> String {
        self.inner.address.host()
    }

    /// Describes a dataset.
    pub async fn dataset(&self, id: &str) -> Result<Dataset, Error> {
        let url = self.dataset_url(id, &[], &[])?;
        let dataset = self.get_json::<Dataset>(&url, MAX_DESCRIPTION_BYTES).await;
        let dataset = dataset.map_err(|error| self.unknown_when_404(error, id))?;
        dataset.check()?;
        Ok(dataset)
    }

    /// Looks for datasets in the catalog.
    pub async fn search(&self, request: &SearchRequest) -> Result<Catalog, Error> {
        let query = request.query();
        let query: Vec<(&str, &str)> = query.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let url = self
            .inner
            .address
            .endpoint(&["catalog", "datasets"], &query);
        self.get_json(&url, MAX_ANSWER_BYTES).await
    }

    /// Reads one page of a dataset's records.
    pub async fn records_page(
        &self,
        id: &str,
        request: &PageRequest,
    ) -> Result<RecordsPage, Error> {
        let query = request.query();
        let query: Vec<(&str, &str)> = query.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let url = self.dataset_url(id, &["records"], &query)?;
        let page: RawPage = self
            .get_json(&url, MAX_ANSWER_BYTES)
            .await
            .map_err(|error| self.unknown_when_404(error, id))?;
        page.into_page(request.offset)
    }

    /// How many records a dataset holds, counted now. The metadata may be a little older. Nothing
    /// when the portal does not serve records.
    pub async fn total_count(&self, id: &str) -> Result<Option<u64>, Error> {
        self.count(id, None).await
    }

    /// The same of the records that meet a condition in ODSQL, where one is given.
    pub async fn count(&self, id: &str, filter: Option<&str>) -> Result<Option<u64>, Error> {
        let request = PageRequest {
            limit: 1,
            filter: filter.map(str::to_owned),
            ..PageRequest::default()
        };
        match self.records_page(id, &request).await {
            Ok(page) => Ok(Some(page.total_count)),
            Err(
                Error::UnknownDataset { .. }
                | Error::Unexpected { .. }
                | Error::Refused {
                    status: 400..500, ..
                },
            ) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins an export of everything that is asked for.
    pub(crate) async fn export(
        &self,
        id: &str,
        format: &str,
        request: &Request<'_>,
        deadline: Deadline,
    ) -> Result<Body, Error> {
        let delimiter = char::from(DELIMITER).to_string();
        let mut query = vec![("limit", "-1")];
        if format == "csv" {
            query.extend([("delimiter", delimiter.as_str()), ("use_labels", "false")]);
        }
        let order = written_order(request.order);
        if !order.is_empty() {
            query.push(("order_by", &order));
        }
        query.extend(request.filter.map(|filter| ("where", filter)));
        query.extend(request.timezone.map(|timezone| ("timezone", timezone)));
        let url = self.dataset_url(id, &["exports", format], &query)?;
        let Inner { http, retry, .. } = &*self.inner;
        let response = retrying(retry, self.observer(), || http.get(&url, "*/*")).await?;
        let meter = Meter::dataset(id, self.inner.limits, deadline);
        Ok(Body::new(response, http.idle(), meter))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.inner.limits
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.observer
    }

    async fn get_json<T: DeserializeOwned>(&self, url: &Url, most: u64) -> Result<T, Error> {
        let Inner { http, retry, .. } = &*self.inner;
        retrying(retry, self.observer(), || http.get_json(url, most)).await
    }

    fn dataset_url(&self, id: &str, rest: &[&str], query: &[(&str, &str)]) -> Result<Url, Error> {
        // These would climb out of the catalog instead of naming a dataset.
        if matches!(id.trim(), "" | "." | "..") {
            return Err(self.unknown(id));
        }
        let segments = [&["catalog", "datasets", id], rest].concat();
        Ok(self.inner.address.endpoint(&segments, query))
    }

    fn unknown_when_404(&self, error: Error, id: &str) -> Error {
        match error {
            Error::Refused { status: 404, .. } => self.unknown(id),
            other => other,
        }
    }

    fn unknown(&self, id: &str) -> Error {
        Error::UnknownDataset {
            id: id.to_owned(),
            portal: self.base_url().to_owned(),
        }
    }
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal")
            .field("base_url", &self.base_url())
            .finish_non_exhaustive()
    }
}

/// How to reach a portal.
#[derive(Clone)]
pub struct PortalBuilder {
    base_url: String,
    api_key: Option<String>,
    retry: RetryPolicy,
    timeouts: Timeouts,
    limits: Limits,
    hosts: Vec<String>,
    private: bool,
}

impl PortalBuilder {
    /// Sends a key with each request. A blank key is none.
    #[must_use]
    pub fn api_key(mut self, key: Option<String>) -> Self {
        self.api_key = key;
        self
    }

    /// How often a failed request is made again.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long the portal may be silent.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How much is taken of the portal, and how slowly it may come.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Other hosts that the portal may redirect to, without a port on the usual ones. It may always redirect to
    /// its own.
    #[must_use]
    pub fn hosts(mut self, hosts: Vec<String>) -> Self {
        self.hosts = hosts;
        self
    }

    /// Whether the names of those hosts may lead to addresses of a private network or of this machine. An address
    /// that is given as such, and `localhost`, always may.
    #[must_use]
    pub fn private_addresses(mut self, allowed: bool) -> Self {
        self.private = allowed;
        self
    }

    /// Checks the address and the key. Makes no request.
    pub fn build(self) -> Result<Portal, Error> {
        let address = Address::parse(&self.base_url)?;
        let key = match self.api_key.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(key) => Some(ApiKey::new(key)?),
        };
        let reach = Reach::new(address.url(), &self.hosts, self.private)?;
        let http = Http::new(address.url(), reach, key, self.timeouts, self.limits)?;
        Ok(Portal {
            inner: Arc::new(Inner {
                address,
                http,
                retry: self.retry,
                limits: self.limits,
            }),
            observer: Arc::new(()),
        })
    }
}

impl fmt::Debug for PortalBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address is not printed before it has been checked for secrets.
        f.debug_struct("PortalBuilder")
            .field("api_key", &self.api_key.as_ref().map(|_key| "redacted"))
            .field("retry", &self.retry)
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
