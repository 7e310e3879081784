//! Rows of all public bodies, sent while they are read, so that memory does not follow how many there are.
//!
//! Such an answer has no length before it is made. Programs that read a part of it, or ask for its length first, are
//! answered from a file that is made once and kept for the next part.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use centime_analytics::rows::{Failed, Rows};
use centime_render::export::rows::{Form, Writer};
use centime_render::link;
use futures_util::stream::unfold;
use tokio::sync::mpsc;

use crate::http::encoding::Encoding;
use crate::http::etag::hash;
use crate::http::ranges::Part;
use crate::http::reply::EDITION;
use crate::limits::{Network, blocking};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::streams::{Kept, LONGEST, Streams, body_of};

/// How many rows a workbook may have, which is made in memory.
pub const MOST_IN_A_WORKBOOK: usize = 50_000;

/// What is asked for of all bodies.
#[derive(Debug)]
pub struct Wide {
    pub rows: Rows,
    pub form: Form,
    pub media_type: &'static str,
    /// The headers that it follows from.
    pub vary: &'static str,
    /// The name under which it is to be kept.
    pub name: Option<String>,
}

/// Why there is no file.
enum NotKept {
    /// It would be too long, or cannot be written: it is sent as it is made.
    Elsewhere,
    Failed(PageError),
}

impl From<Failed> for PageError {
    fn from(error: Failed) -> Self {
        match error {
            Failed::Database(error) => error.into(),
            Failed::Dropped(_) => {
                tracing::info!(%error, "rows could not be read to their end");
                Self::Unavailable
            }
        }
    }
}

impl Wide {
    /// The answer, with what caches need to know; nothing but that where the reader has it already.
    pub async fn answer(self, context: &RequestContext) -> Result<Response, PageError> {
        let tag = self.tag(context)?;
        // What is compressed on its way is the same to a reader, but not to the byte.
        let exact = context.encoding() == Encoding::Plain || !self.is_compressed();
        let said = if exact {
            tag.clone()
        } else {
            format!("W/{tag}")
        };
        let mut response = Response::new(Body::empty());
        self.describe(context, &said, response.headers_mut());
        if context.knows(&tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        let shared = context.site.streams().clone();
        if context.wanted.head || context.wanted.is_part() {
            let making = self.kept(&shared, context.network);
            let found = shared.files.get_or_insert_async(&tag, making).await;
            return match found {
                Ok(kept) => {
                    send_kept(context, &kept, &tag, &mut response);
                    Ok(response)
                }
                Err(NotKept::Failed(problem)) => Err(problem),
                // What is asked for in parts may be answered as a whole.
                Err(NotKept::Elsewhere) => Ok(response),
            };
        }
        response
            .headers_mut()
            .insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        *response.body_mut() = self.streamed(&shared, context.network).await?;
        Ok(response)
    }

    /// The name of the answer: of a revision, which never changes, what was asked for, and the program that says it.
    fn tag(&self, context: &RequestContext) -> Result<String, PageError> {
        let revision = &context.published()?.revision;
        let asked = [
            revision.published_at.as_str(),
            &revision.fingerprint,
            &link::to(&context.path, &context.parameters),
            context.language().code(),
            self.media_type,
            context.base.as_str(),
            env!("CARGO_PKG_VERSION"),
        ];
        let digest = hash(asked.join("\n").as_bytes());
        Ok(format!("\"r{}-{}\"", revision.id, &digest[..32]))
    }

    fn is_compressed(&self) -> bool {
        !matches!(self.form, Form::Parquet { .. })
    }

    fn describe(&self, context: &RequestContext, tag: &str, headers: &mut HeaderMap) {
        let mut add = |name, value: String| match HeaderValue::try_from(value) {
            Ok(value) => drop(headers.insert(name, value)),
            Err(error) => tracing::error!(%error, %name, "a header was left out"),
        };
        add(CONTENT_TYPE, self.media_type.to_owned());
        add(VARY, self.vary.to_owned());
        add(CACHE_CONTROL, "no-cache".to_owned());
        add(ETAG, tag.to_owned());
        if let Some(name) = &self.name {
            add(
                CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            );
        }
        if context.sample() {
            add(EDITION, "sample".to_owned());
        }
    }

    /// Sends the rows while they are read. What fails before anything is sent is a problem; what fails later
    /// ends the answer before its end, as the reader can see.
    async fn streamed(
        self,
        shared: &Arc<Streams>,
        network: Option<Network>,
    ) -> Result<Body, PageError> {
        let turn = shared.open.turn(network).await;
        let turn = turn.map_err(|none| PageError::Refused(none.into()))?;
        let mut made = Made::begin(self, network)?;
        let first = made.next(shared).await?;
        let (send, receive) = mpsc::channel::<io::Result<Bytes>>(1);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let mut next = first;
            while let Some(bytes) = next {
                if !bytes.is_empty() && send.send(Ok(bytes)).await.is_err() {
                    // The reader has gone.
                    break;
                }
                next = match made.next(&shared).await {
                    Ok(next) => next,
                    Err(problem) => {
                        tracing::error!(?problem, "an answer ends before its end");
                        let cut = io::Error::other("the rows could not be read to their end");
                        // The receiver may be gone.
                        drop(send.send(Err(cut)).await);
                        None
                    }
                };
            }
            drop(turn);
        });
        let received = unfold(receive, async |mut receive| {
            let bytes = receive.recv().await?;
            Some((bytes, receive))
        });
        Ok(Body::from_stream(received))
    }

    /// Writes the rows into a file.
    async fn kept(self, shared: &Streams, network: Option<Network>) -> Result<Arc<Kept>, NotKept> {
        let failed = |error: io::Error| {
            tracing::warn!(%error, "no file can be made for the parts of an answer");
            NotKept::Elsewhere
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        let mut made = Made::begin(self, network).map_err(NotKept::Failed)?;
        let mut length = 0;
        while let Some(bytes) = made.next(shared).await.map_err(NotKept::Failed)? {
            length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if length > LONGEST {
                return Err(NotKept::Elsewhere);
            }
            let written = blocking(move || {
                file.write_all(&bytes)?;
                Ok(file)
            });
            let written = written
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)));
            file = written.map_err(failed)?;
        }
        Ok(Arc::new(Kept { file, length }))
    }
}

/// An answer that is being made.
struct Made {
    rows: Rows,
    /// `None` where the last bytes were made.
    writer: Option<Writer>,
    /// What was written before the first rows.
    first: Vec<u8>,
    /// Whose turn it takes.
    network: Option<Network>,
}

impl Made {
    fn begin(wide: Wide, network: Option<Network>) -> Result<Self, PageError> {
        let columns = wide.rows.columns();
        let (writer, first) =
            Writer::begin(wide.form, columns).map_err(|error| unwritable(&error))?;
        Ok(Self {
            rows: wide.rows,
            writer: Some(writer),
            first,
            network,
        })
    }

    /// The bytes that come next, which may be none yet; `None` after the last.
    async fn next(&mut self, shared: &Streams) -> Result<Option<Bytes>, PageError> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(None);
        };
        let turn = shared.reading.turn(self.network).await;
        let turn = turn.map_err(|none| PageError::Refused(none.into()))?;
        let read = self.rows.next().await?;
        // Texts and columns take some milliseconds, in which others can be answered.
        let written = blocking(move || match read {
            Some(rows) => {
                let bytes = writer.add(rows)?;
                Ok((Some(writer), bytes))
            }
            None => Ok((None, writer.end()?)),
        });
        let written = written
            .await
            .map_err(|error| PageError::File(error.to_string()))?;
        let (writer, mut bytes) = written.map_err(|error| unwritable(&error))?;
        drop(turn);
        self.writer = writer;
        if !self.first.is_empty() {
            let mut whole = std::mem::take(&mut self.first);
            whole.append(&mut bytes);
            bytes = whole;
        }
        Ok(Some(bytes.into()))
    }
}

fn unwritable(error: &centime_render::export::parquet::Error) -> PageError {
    PageError::File(error.to_string())
}

/// Sends a file, or the part of it that is asked for.
fn send_kept(context: &RequestContext, kept: &Arc<Kept>, tag: &str, response: &mut Response) {
    let part = context.wanted.part(tag, kept.length);
    let mut status = StatusCode::OK;
    part.describe(&mut status, response.headers_mut(), kept.length);
    *response.status_mut() = status;
    let bytes = match part {
        Part::Whole if kept.length > 0 => 0..=kept.length - 1,
        Part::Bytes(bytes) => bytes,
        Part::Whole | Part::Beyond => return,
    };
    *response.body_mut() = if context.wanted.head {
        Body::empty()
    } else {
        body_of(kept, bytes)
    };
}
