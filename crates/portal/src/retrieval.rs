//! All the records of a dataset, one at a time.

use std::collections::VecDeque;
use std::fmt;

use crate::cells::Cells;
use crate::lines::Lines;
use crate::page::{PAGE, PAGES_END, stable_order};
use crate::{Dataset, Error, Event, PageRequest, Portal, Record};

/// The way records are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// The JSON Lines export, or pages when the portal has no exports.
    #[default]
    Auto,
    /// The JSON Lines export.
    Export,
    /// The CSV export: each cell is text, or null when empty.
    Csv,
    /// Pages of a hundred records, up to 10,000 in all.
    Records,
}

/// Which records are asked for, and how they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// The columns that records are sorted by first.
    pub order: &'a [&'a str],
    /// The condition that they meet, in ODSQL; all of them where there is none.
    pub filter: Option<&'a str>,
    /// The time zone in which moments are written; universal time where none is given.
    pub timezone: Option<&'a str>,
}

/// A retrieval under way. Records are delivered as they come; nothing is kept of those before.
///
/// Only a retrieval that has ended with [`None`] is whole, as far as the portal's answer tells:
/// compare [`rows`](Self::rows) with the number of records the portal announces.
pub struct Retrieval {
    portal: Portal,
    source: Source,
    via: Via,
    rows: u64,
    expected: Option<u64>,
    state: State,
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
const REPORT_EACH: u64 = 1000;

impl Retrieval {
    pub(crate) async fn start(
        portal: Portal,
        dataset: &Dataset,
        via: Via,
        request: &Request<'_>,
    ) -> Result<Self, Error> {
        // The description counts all records, whatever is asked for.
        let mut expected = dataset.records_count().filter(|_| request.filter.is_none());
        let (source, via) = match via {
            Via::Export => (lines(&portal, dataset, request).await?, via),
            Via::Csv => {
                let body = portal.export(&dataset.dataset_id, "csv", request).await?;
                (Source::Cells(Cells::new(body, dataset)), via)
            }
            Via::Records => (pages(&portal, dataset, request, &mut expected).await?, via),
            Via::Auto => match lines(&portal, dataset, request).await {
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
        let next = match &mut self.source {
            Source::Lines(lines) => lines.next().await,
            Source::Cells(cells) => cells.next().await,
            Source::Pages(pages) => pages.next(&self.portal).await,
        };
        match &next {
            Ok(Some(_)) => {
                self.rows += 1;
                let each = match self.via {
                    Via::Records => u64::from(PAGE),
                    _ => REPORT_EACH,
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

async fn lines(portal: &Portal, dataset: &Dataset, request: &Request<'_>) -> Result<Source, Error> {
    let body = portal.export(&dataset.dataset_id, "jsonl", request).await?;
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
            ready: VecDeque::new(),
        };
        let first = portal.records_page(&pages.id, &pages.request()).await?;
        if first.total_count > PAGES_END {
            return Err(Error::TooManyForPaging {
                id: pages.id,
                total: first.total_count,
                limit: PAGES_END,
            });
        }
        pages.total = first.total_count;
        pages.keep(first.results);
        Ok(pages)
    }

    async fn next(&mut self, portal: &Portal) -> Result<Option<Record>, Error> {
        if let Some(record) = self.ready.pop_front() {
            return Ok(Some(record));
        }
        if self.offset >= self.total {
            self.check_unchanged(portal).await?;
            return Ok(None);
        }
        let page = portal.records_page(&self.id, &self.request()).await?;
        if page.total_count != self.total {
            return Err(self.changed(format!(
                "it had {} records and now has {}",
                self.total, page.total_count
            )));
        }
        self.keep(page.results);
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
        let one_page = self.total <= u64::from(PAGE);
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
            limit: PAGE,
            offset: self.offset,
            order_by: self.order_by.clone(),
            filter: self.filter.clone(),
            timezone: self.timezone.clone(),
        }
    }

    fn keep(&mut self, records: Vec<Record>) {
        self.offset += records.len() as u64;
        self.ready.extend(records);
    }

    fn changed(&self, reason: String) -> Error {
        Error::ChangedDuringRetrieval {
            id: self.id.clone(),
            reason,
        }
    }
}
