//! All the records of a dataset, one at a time.

use std::collections::VecDeque;
use std::fmt;
use std::time::Instant;

use tokio::time::timeout;

use crate::cells::Cells;
use crate::error::Limit;
use crate::limits::Deadline;
use crate::lines::Lines;
use crate::page::{MAX_PAGED_RECORDS, PAGE_RECORDS, stable_order};
use crate::{Dataset, Error, Event, PageRequest, Portal, Record, Request, Via};

/// A retrieval under way. Records are delivered as they come; nothing is kept of those before.
///
/// Only a retrieval that has ended with [`None`] is whole, as far as the portal's answer shows:
/// compare [`rows`](Self::rows) with the number of records the portal announces.
pub struct Retrieval {
    portal: Portal,
    source: Source,
    via: Via,
    rows: u64,
    expected: Option<u64>,
    state: State,
    id: String,
    filter: Option<String>,
    /// How many records are taken before the portal is asked how many there are, or refused.
    most: u64,
    described: Option<u64>,
    /// How many there are, once that was asked for.
    counted: Option<u64>,
    deadline: Deadline,
}

enum Source {
    Lines(Lines),
    Cells(Cells),
    Pages(Pages),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Complete,
    Failed,
}

/// How many records between two reports.
const REPORT_INTERVAL_RECORDS: u64 = 1000;

impl Portal {
    /// Begins to read all the records of a dataset, sorted by these columns first.
    pub async fn retrieve(
        &self,
        dataset: &Dataset,
        via: Via,
        order: &[&str],
    ) -> Result<Retrieval, Error> {
        let request = Request {
            order,
            ..Request::default()
        };
        self.request(dataset, via, &request).await
    }

    /// Begins to read the records of a dataset that a request asks for.
    pub async fn request(
        &self,
        dataset: &Dataset,
        via: Via,
        request: &Request<'_>,
    ) -> Result<Retrieval, Error> {
        Retrieval::start(self.clone(), dataset, via, request).await
    }
}

impl Retrieval {
    async fn start(
        portal: Portal,
        dataset: &Dataset,
        via: Via,
        request: &Request<'_>,
    ) -> Result<Self, Error> {
        let limits = portal.limits();
        let deadline = Deadline::from(request.since.unwrap_or_else(Instant::now), limits.time);
        // A condition chooses some of the records that are described.
        let described = dataset.records_count();
        let most = limits.records(described.unwrap_or(0));
        // The description counts all records, whatever is asked for.
        let mut expected = described.filter(|_| request.filter.is_none());
        let (source, via) = match via {
            Via::Export => (lines(&portal, dataset, request, deadline).await?, via),
            Via::Csv => {
                let id = &dataset.dataset_id;
                let body = portal.export(id, "csv", request, deadline).await?;
                (Source::Cells(Cells::new(body, dataset)), via)
            }
            Via::Records => (pages(&portal, dataset, request, &mut expected).await?, via),
            Via::Auto => match lines(&portal, dataset, request, deadline).await {
                Ok(source) => (source, Via::Export),
                Err(cause) if has_no_export(&cause) => {
                    tracing::info!(%cause, "no export, paging the records instead");
                    portal
                        .observer()
                        .event(&Event::FellBackToRecords { cause: &cause });
                    (
                        pages(&portal, dataset, request, &mut expected).await?,
                        Via::Records,
                    )
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Self {
            portal,
            source,
            via,
            rows: 0,
            expected,
            state: State::Open,
            id: dataset.dataset_id.clone(),
            filter: request.filter.map(str::to_owned),
            most,
            described,
            counted: None,
            deadline,
        })
    }

    /// The next record, or nothing after the last.
    ///
    /// An error ends the retrieval: records delivered before it are not the whole dataset. When
    /// [`Error::is_transient`], the retrieval is worth starting again.
    pub async fn next(&mut self) -> Result<Option<Record>, Error> {
        match self.state {
            State::Open => {}
            State::Complete => return Ok(None),
            State::Failed => {
                return Err(Error::Truncated {
                    rows: self.rows,
                    reason: "it has already failed".to_owned(),
                });
            }
        }
        let mut next = match &mut self.source {
            Source::Lines(lines) => lines.next().await,
            Source::Cells(cells) => cells.next().await,
            Source::Pages(pages) => pages.next(&self.portal, self.deadline).await,
        };
        if let Ok(Some(_)) = next
            && self.rows >= self.most
            && let Err(error) = self.count_again().await
        {
            next = Err(error);
        }
        match &next {
            Ok(Some(_)) => {
                self.rows += 1;
                let each = match self.via {
                    Via::Records => u64::from(PAGE_RECORDS),
                    _ => REPORT_INTERVAL_RECORDS,
                };
                if self.rows.is_multiple_of(each) {
                    self.report();
                }
            }
            Ok(None) => {
                self.state = State::Complete;
                self.report();
            }
            Err(_) => self.state = State::Failed,
        }
        next
    }

    /// Asks the portal how many records there are, once more came than were described: the description may be older
    /// than the records, by much where a whole year was added. Nothing more is believed after that.
    async fn count_again(&mut self) -> Result<(), Error> {
        if self.counted.is_none() {
            let now = self.portal.count(&self.id, self.filter.as_deref()).await?;
            self.counted = now.or(self.described);
            self.most = match self.counted {
                Some(count) => self.portal.limits().records(count),
                // A portal that announces nothing cannot be contradicted: time and bytes end it.
                None => u64::MAX,
            };
        }
        if self.rows < self.most {
            return Ok(());
        }
        Err(Error::Limit {
            limit: Limit::Records,
            place: format!("the dataset {}", self.id),
            excess: format!(
                "more than {} records came, and the portal announces {}",
                self.most,
                self.counted.unwrap_or_default()
            ),
        })
    }

    /// How many records were delivered so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many records the portal announced: its metadata for an export, its pages when paging.
    pub fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// The way that was taken: never [`Via::Auto`].
    pub fn via(&self) -> Via {
        self.via
    }

    /// Whether the last record has been delivered.
    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    fn report(&self) {
        self.portal.observer().event(&Event::Rows {
            rows: self.rows,
            expected: self.expected,
        });
    }
}

impl fmt::Debug for Retrieval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrieval")
            .field("via", &self.via)
            .field("rows", &self.rows)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

async fn lines(
    portal: &Portal,
    dataset: &Dataset,
    request: &Request<'_>,
    deadline: Deadline,
) -> Result<Source, Error> {
    let id = &dataset.dataset_id;
    let body = portal.export(id, "jsonl", request, deadline).await?;
    Ok(Source::Lines(Lines::new(body)))
}

async fn pages(
    portal: &Portal,
    dataset: &Dataset,
    request: &Request<'_>,
    expected: &mut Option<u64>,
) -> Result<Source, Error> {
    let pages = Pages::start(portal, dataset, request).await?;
    *expected = Some(pages.total);
    Ok(Source::Pages(pages))
}

fn has_no_export(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused {
            status: 400 | 404 | 405 | 501,
            ..
        }
    )
}

/// The records of a dataset, page by page.
struct Pages {
    id: String,
    data_processed: Option<String>,
    order_by: Option<String>,
    filter: Option<String>,
    timezone: Option<String>,
    total: u64,
    offset: u64,
    bytes: u64,
    ready: VecDeque<Record>,
}

impl Pages {
    async fn start(
        portal: &Portal,
        dataset: &Dataset,
        request: &Request<'_>,
    ) -> Result<Self, Error> {
        let mut pages = Self {
            id: dataset.dataset_id.clone(),
            data_processed: dataset.data_processed().map(str::to_owned),
            order_by: stable_order(dataset, request.order),
            filter: request.filter.map(str::to_owned),
            timezone: request.timezone.map(str::to_owned),
            total: 0,
            offset: 0,
            bytes: 0,
            ready: VecDeque::new(),
        };
        let first = portal.records_page(&pages.id, &pages.request()).await?;
        if first.total_count > MAX_PAGED_RECORDS {
            return Err(Error::TooManyForPaging {
                id: pages.id,
                total: first.total_count,
                limit: MAX_PAGED_RECORDS,
            });
        }
        pages.total = first.total_count;
        pages.keep(first.results, portal)?;
        Ok(pages)
    }

    async fn next(&mut self, portal: &Portal, deadline: Deadline) -> Result<Option<Record>, Error> {
        if let Some(record) = self.ready.pop_front() {
            return Ok(Some(record));
        }
        if self.offset >= self.total {
            self.check_unchanged(portal).await?;
            return Ok(None);
        }
        let late = || deadline.error(&format!("the dataset {}", self.id));
        let left = deadline.left().ok_or_else(late)?;
        let request = self.request();
        let page = timeout(left, portal.records_page(&self.id, &request)).await;
        let page = page.map_err(|_elapsed| late())??;
        if page.total_count != self.total {
            return Err(self.changed(format!(
                "it had {} records and now has {}",
                self.total, page.total_count
            )));
        }
        self.keep(page.results, portal)?;
        match self.ready.pop_front() {
            Some(record) => Ok(Some(record)),
            None => Err(Error::Truncated {
                rows: self.offset,
                reason: format!(
                    "the next page is empty, before the {} announced",
                    self.total
                ),
            }),
        }
    }

    /// Pages read from two editions can add up to the right count.
    async fn check_unchanged(&self, portal: &Portal) -> Result<(), Error> {
        let one_page = self.total <= u64::from(PAGE_RECORDS);
        let Some(before) = &self.data_processed else {
            return Ok(());
        };
        if one_page {
            return Ok(());
        }
        let now = portal.dataset(&self.id).await?;
        match now.data_processed() {
            Some(after) if after != before => {
                Err(self.changed(format!("it was published again at {after}")))
            }
            _ => Ok(()),
        }
    }

    fn request(&self) -> PageRequest {
        PageRequest {
            limit: PAGE_RECORDS,
            offset: self.offset,
            order_by: self.order_by.clone(),
            filter: self.filter.clone(),
            timezone: self.timezone.clone(),
        }
    }

    fn keep(&mut self, records: Vec<Record>, portal: &Portal) -> Result<(), Error> {
        let most = portal.limits().bytes;
        let bytes: usize = records.iter().map(|record| record.json().len()).sum();
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > most {
            return Err(Error::Limit {
                limit: Limit::Bytes,
                place: format!("the dataset {}", self.id),
                excess: format!("its records are longer than {most} bytes"),
            });
        }
        self.offset += records.len() as u64;
        self.ready.extend(records);
        Ok(())
    }

    fn changed(&self, reason: String) -> Error {
        Error::ChangedDuringRetrieval {
            id: self.id.clone(),
            reason,
        }
    }
}
