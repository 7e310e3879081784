//! How a browser keeps others out of the pages, as far as the configuration decides it.

use axum::http::header::{CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::settings::Settings;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
pub const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What no page needs.
const NOTHING: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()";

/// In a year the browser asks again.
const INSIST: &str = "max-age=31536000";

/// What the policy of every answer says of frames, before the configuration is looked at.
const NO_FRAMES: &str = "frame-ancestors 'none'";

/// What the policy of a document says that this site shows in frames.
const OWN_FRAMES: &str = "frame-ancestors 'self'";

/// What an answer has to do with frames; most have nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// It shows a document of this site in a frame.
    Shows,
    /// It shows a page of this other site in a frame.
    ShowsOther(String),
    /// It is such a document, which the browser's own viewer shows.
    Shown,
}

impl Framing {
    /// The policy of an answer, from that of all others.
    pub fn policy(&self, usual: &str) -> String {
        match self {
            Self::Shows => format!("{usual}; frame-src 'self'; object-src 'self'"),
            Self::ShowsOther(origin) => format!("{usual}; frame-src {origin}"),
            // Viewers are pages that browsers write around a document, with styles of their own.
            Self::Shown => format!(
                "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; {OWN_FRAMES}"
            ),
        }
    }
}

/// Completes the headers of an answer.
pub fn hardened(headers: &mut HeaderMap, settings: &Settings) {
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(NOTHING));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if settings.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(INSIST));
    }
    let policy = headers.get(CONTENT_SECURITY_POLICY);
    let policy = policy
        .and_then(|policy| policy.to_str().ok())
        .unwrap_or_default();
    let own = policy.contains(OWN_FRAMES);
    if settings.frame_ancestors.is_empty() {
        let frames = if own { "SAMEORIGIN" } else { "DENY" };
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static(frames));
        return;
    }
    let ancestors = settings.frame_ancestors.join(" ");
    let policy = policy
        .replace(NO_FRAMES, &format!("frame-ancestors {ancestors}"))
        .replace(OWN_FRAMES, &format!("{OWN_FRAMES} {ancestors}"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}
