//! Everything that can go wrong between a portal and a record.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

/// Why a request or a retrieval failed.
///
/// Messages are sentence fragments that name what failed, where, and the remedy when there is one;
/// [`Error::remedy`] gives that last part alone. No message holds an API key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text given as the portal's address is not one.
    #[error("{url:?} is not the address of a portal: {reason}")]
    InvalidUrl {
        /// The address as given, without user, password or query.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A text given as another host of the portal is none.
    #[error(
        "retrieval.hosts: «{host}» is not the name of a host: expected one such as parisdata.opendatasoft.com"
    )]
    InvalidHost {
        /// The text.
        host: String,
    },
    /// The API key cannot be sent.
    #[error("the API key holds characters that no HTTP header can carry; {KEY_REMEDY}")]
    InvalidApiKey,
    /// The HTTP client could not be made, usually for want of system certificates.
    #[error("the HTTP client could not start: {reason}")]
    Client {
        /// What the HTTP library said.
        reason: String,
    },
    /// The host's name does not resolve.
    #[error("the host {host} was not found ({reason}); {HOST_REMEDY}")]
    UnknownHost {
        /// The host asked for.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// The host does not take connections.
    #[error("{host} could not be reached ({reason}); {HOST_REMEDY}")]
    Unreachable {
        /// The host, with its port when it is not the usual one.
        host: String,
        /// What the operating system said.
        reason: String,
    },
    /// The proxy of the environment does not take connections, or does not pass them on.
    #[error(
        "the proxy {proxy}, through which {host} is asked, did not pass the request on ({reason}); {PROXY_REMEDY}"
    )]
    Proxy {
        /// The proxy, as the environment names it.
        proxy: String,
        /// The portal's host, with its port when it is not the usual one.
        host: String,
        /// What the operating system or the proxy said.
        reason: String,
    },
    /// No secure connection could be made.
    #[error("no secure connection to {host} ({reason}); {TLS_REMEDY}")]
    Tls {
        /// The host, with its port when it is not the usual one.
        host: String,
        /// What the TLS library said.
        reason: String,
    },
    /// The portal was silent for too long.
    #[error("{url} {what} within {after:?}")]
    Timeout {
        /// The address asked for.
        url: String,
        /// What did not happen.
        what: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection broke, or the answer to a short request stopped midway.
    #[error("the answer of {url} was lost: {reason}")]
    Lost {
        /// The address asked for.
        url: String,
        /// How it was lost.
        reason: String,
    },
    /// The portal sends the client from one address to another without end, or to an unsafe one.
    #[error("{url} redirects badly: {reason}")]
    Redirect {
        /// The address asked for.
        url: String,
        /// What is wrong with the redirects.
        reason: String,
    },
    /// The portal leads to a host that is not configured.
    #[error("{url} redirects to another host, {host}: it was not followed; {HOSTS_REMEDY}")]
    OtherHost {
        /// The address asked for.
        url: String,
        /// The host, with its port when it is not the usual one.
        host: String,
    },
    /// The name of the host leads into a private network, or to this machine.
    #[error(
        "{host} leads to {address}, which is not an address of the internet: it was not asked; {PRIVATE_REMEDY}"
    )]
    NotPublic {
        /// The host asked for.
        host: String,
        /// What its name resolves to.
        address: IpAddr,
    },
    /// The portal gives more than is taken, or too slowly.
    #[error("{place}: {excess}; {}", limit.remedy())]
    Limit {
        /// Which limit.
        limit: Limit,
        /// What is too much: a dataset or an address.
        place: String,
        /// What it has too much of.
        excess: String,
    },
    /// The portal answered with an error status.
    #[error("{url} answered {status}{}", refusal(code.as_deref(), message.as_deref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The address asked for.
        url: String,
        /// The portal's `error_code`.
        code: Option<String>,
        /// The portal's message.
        message: Option<String>,
    },
    /// The portal is closed for a while and says until when.
    #[error("{url} answered {status}: unavailable until {until}; {LATER_REMEDY}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The address asked for.
        url: String,
        /// When the portal expects to be back.
        until: Timestamp,
    },
    /// The portal has no such dataset.
    #[error("{portal} has no dataset {id:?}; {DATASET_REMEDY}")]
    UnknownDataset {
        /// The identifier asked for.
        id: String,
        /// The portal's address.
        portal: String,
    },
    /// The portal wants to know who asks, or does not let this key in.
    #[error("{url} is not open to this request ({status}); {}", access_remedy(*keyed))]
    Unauthorized {
        /// The HTTP status, 401 or 403.
        status: u16,
        /// The address asked for.
        url: String,
        /// Whether an API key was sent.
        keyed: bool,
    },
    /// The portal counts requests, and there were too many.
    #[error(
        "{host} refused the request as one too many{}; {}",
        quota(message.as_deref(), *until),
        quota_remedy(*keyed)
    )]
    QuotaExhausted {
        /// The portal's host.
        host: String,
        /// When requests are taken again, if the portal says so.
        until: Option<Timestamp>,
        /// The portal's message.
        message: Option<String>,
        /// Whether an API key was sent.
        keyed: bool,
    },
    /// Every attempt failed.
    #[error("gave up after {attempts} attempts: {last}")]
    TooManyRetries {
        /// How many attempts were made.
        attempts: u32,
        /// Why the last one failed.
        last: Box<Error>,
    },
    /// The portal answered with something that is not data, such as a maintenance page.
    #[error("{url} did not answer with data but with {excerpt:?}; {NOT_DATA_REMEDY}")]
    NotJson {
        /// The address asked for.
        url: String,
        /// The beginning of the answer.
        excerpt: String,
    },
    /// The answer is JSON, or CSV, of another shape than the API's.
    #[error("{url} answered in an unexpected shape: {reason}; {NOT_DATA_REMEDY}")]
    Unexpected {
        /// The address asked for.
        url: String,
        /// What was expected.
        reason: String,
    },
    /// A retrieval ended before its end.
    #[error("the retrieval was cut short after {}: {reason}", records(*rows))]
    Truncated {
        /// How many whole records came before.
        rows: u64,
        /// How the end was noticed.
        reason: String,
    },
    /// A record cannot be read.
    #[error("record {record} cannot be read: {reason}")]
    Malformed {
        /// Which record, from 1, in the order of the retrieval.
        record: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A record is too long to be one.
    #[error("record {record} is longer than {limit} bytes, more than any record of a statement")]
    LineTooLong {
        /// Which record, from 1, in the order of the retrieval.
        record: u64,
        /// The longest accepted.
        limit: usize,
    },
    /// The dataset was published anew while it was being read.
    #[error("the dataset {id} changed while it was read: {reason}; {AGAIN_REMEDY}")]
    ChangedDuringRetrieval {
        /// The dataset.
        id: String,
        /// What changed.
        reason: String,
    },
    /// The dataset is too large for its records to be paged.
    #[error("the dataset {id} has {total} records, and pages stop at {limit}; {PAGING_REMEDY}")]
    TooManyForPaging {
        /// The dataset.
        id: String,
        /// How many records it has.
        total: u64,
        /// How many can be paged.
        limit: u64,
    },
}

const KEY_REMEDY: &str = "copy it again from the portal's account page";
const HOST_REMEDY: &str = "check the portal's address and the network";
const PROXY_REMEDY: &str =
    "check http_proxy and https_proxy in the environment, or name the portal's host in no_proxy";
const TLS_REMEDY: &str = "check the portal's address, the clock and the system's certificates";
const LATER_REMEDY: &str = "try again after that";
const DATASET_REMEDY: &str = "look its identifier up in the portal's catalog";
const NOT_DATA_REMEDY: &str =
    "check that the address is that of an Opendatasoft portal, or try again later";
const AGAIN_REMEDY: &str = "read it again";
const PAGING_REMEDY: &str = "use the export";
const HOSTS_REMEDY: &str =
    "if it is the portal's, name it in hosts under [retrieval] in centime.toml";
const PRIVATE_REMEDY: &str = "where the portal is in a network of your own, set private_addresses = true under [retrieval] in centime.toml";

/// What a portal has too much of, or gives too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// More records than are announced.
    Records,
    /// More bytes of records.
    Bytes,
    /// Longer than a retrieval may take.
    Time,
    /// Fewer bytes a second.
    Rate,
    /// Longer texts, more fields or deeper values than any statement has.
    Shape,
}

impl Limit {
    const fn remedy(self) -> &'static str {
        match self {
            Self::Records => {
                "if there really are as many, raise extra_records under [retrieval] in centime.toml"
            }
            Self::Bytes => {
                "if it really is as large, raise bytes under [retrieval] in centime.toml"
            }
            Self::Time => "try again later, or raise time under [retrieval] in centime.toml",
            Self::Rate => {
                "try again later, or lower bytes_per_second under [retrieval] in centime.toml"
            }
            Self::Shape => {
                "no statement has as much, and no setting allows it: check the dataset, or tell the portal's publisher"
            }
        }
    }
}

impl Error {
    /// Whether starting the whole retrieval again at once may succeed. False once the client has
    /// itself given up after several attempts.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::ChangedDuringRetrieval { .. } | Self::Truncated { .. } => true,
            Self::QuotaExhausted { .. } | Self::Unavailable { .. } => false,
            other => other.patience() != Patience::None,
        }
    }

    /// Whether time alone may mend it: the portal or the network is away, closed or busy. False where the request
    /// or the data would have to be others.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::TooManyRetries { last, .. } => last.may_pass(),
            Self::Refused { status, .. } => *status >= 500 || matches!(status, 408 | 425),
            Self::UnknownHost { .. }
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Lost { .. }
            | Self::Unavailable { .. }
            | Self::QuotaExhausted { .. }
            | Self::NotJson { .. }
            | Self::Truncated { .. }
            | Self::ChangedDuringRetrieval { .. } => true,
            Self::Limit { limit, .. } => matches!(limit, Limit::Time | Limit::Rate),
            Self::InvalidUrl { .. }
            | Self::InvalidHost { .. }
            | Self::InvalidApiKey
            | Self::Client { .. }
            | Self::Redirect { .. }
            | Self::OtherHost { .. }
            | Self::NotPublic { .. }
            | Self::UnknownDataset { .. }
            | Self::Unauthorized { .. }
            | Self::Unexpected { .. }
            | Self::Malformed { .. }
            | Self::LineTooLong { .. }
            | Self::TooManyForPaging { .. } => false,
        }
    }

    /// Until when the portal says that it does not answer, where it says so.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::TooManyRetries { last, .. } => last.until(),
            Self::Unavailable { until, .. } => Some(*until),
            Self::QuotaExhausted { until, .. } => *until,
            _ => None,
        }
    }

    /// What the reader can do about it. The message already says so.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::InvalidApiKey => Some(KEY_REMEDY),
            Self::UnknownHost { .. } | Self::Unreachable { .. } => Some(HOST_REMEDY),
            Self::Proxy { .. } => Some(PROXY_REMEDY),
            Self::Tls { .. } => Some(TLS_REMEDY),
            Self::Unavailable { .. } => Some(LATER_REMEDY),
            Self::UnknownDataset { .. } => Some(DATASET_REMEDY),
            Self::Unauthorized { keyed, .. } => Some(access_remedy(*keyed)),
            Self::QuotaExhausted { keyed, .. } => Some(quota_remedy(*keyed)),
            Self::TooManyRetries { last, .. } => last.remedy(),
            Self::NotJson { .. } | Self::Unexpected { .. } => Some(NOT_DATA_REMEDY),
            Self::ChangedDuringRetrieval { .. } => Some(AGAIN_REMEDY),
            Self::TooManyForPaging { .. } => Some(PAGING_REMEDY),
            Self::OtherHost { .. } => Some(HOSTS_REMEDY),
            Self::NotPublic { .. } => Some(PRIVATE_REMEDY),
            Self::Limit { limit, .. } => Some(limit.remedy()),
            Self::InvalidUrl { .. }
            | Self::InvalidHost { .. }
            | Self::Client { .. }
            | Self::Timeout { .. }
            | Self::Lost { .. }
            | Self::Redirect { .. }
            | Self::Refused { .. }
            | Self::Truncated { .. }
            | Self::Malformed { .. }
            | Self::LineTooLong { .. } => None,
        }
    }

    /// How often a request that failed this way is worth making again.
    pub(crate) fn patience(&self) -> Patience {
        match self {
            Self::Refused {
                status: 500 | 502 | 503 | 504,
                ..
            }
            | Self::Timeout { .. }
            | Self::Lost { .. }
            | Self::Unavailable { .. }
            | Self::QuotaExhausted { .. } => Patience::Full,
            // A mistyped address fails the same way each time: it should not take long to say so.
            Self::UnknownHost { .. }
            | Self::Unreachable { .. }
            | Self::Proxy { .. }
            | Self::NotJson { .. } => Patience::Short,
            _ => Patience::None,
        }
    }
}

/// How often a failed request is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    None,
    Short,
    Full,
}

fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        _ => format!("{count} records"),
    }
}

fn refusal(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!(" ({code}): {message}"),
        (None, Some(message)) => format!(": {message}"),
        (Some(code), None) => format!(" ({code})"),
        (None, None) => String::new(),
    }
}

fn quota(message: Option<&str>, until: Option<Timestamp>) -> String {
    let said = message.map_or_else(String::new, |message| format!(" ({message:?})"));
    let until = until.map_or_else(String::new, |until| format!(", until {until}"));
    said + &until
}

fn access_remedy(keyed: bool) -> &'static str {
    if keyed {
        "check that the API key is still valid and may read this dataset"
    } else {
        "give an API key of an account that may read this dataset"
    }
}

fn quota_remedy(keyed: bool) -> &'static str {
    if keyed {
        "wait until then, or ask the portal for a larger quota"
    } else {
        "wait until then, or give an API key, which has a quota of its own"
    }
}

/// A short, printable beginning of something unexpected.
pub(crate) fn excerpt(text: &str) -> String {
    const LENGTH: usize = 120;
    let mut words = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        if words.len() > 4 * LENGTH {
            break;
        }
    }
    if words.chars().count() <= LENGTH {
        return words;
    }
    words.chars().take(LENGTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
