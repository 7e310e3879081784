//! How a browser keeps others out of the pages, as far as the configuration decides it.

use axum::http::header::{CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::Settings;

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What no page needs.
const NOTHING: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()";

/// In a year the browser asks again.
const INSIST: &str = "max-age=31536000";

/// What the policy of every answer says of frames, before the configuration is looked at.
const NO_FRAMES: &str = "frame-ancestors 'none'";

/// Completes the headers of an answer.
pub fn hardened(headers: &mut HeaderMap, settings: &Settings) {
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(NOTHING));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if settings.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(INSIST));
    }
    if settings.frame_ancestors.is_empty() {
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        return;
    }
    let framed = headers
        .get(CONTENT_SECURITY_POLICY)
        .and_then(|policy| policy.to_str().ok())
        .map(|policy| {
            let ancestors = settings.frame_ancestors.join(" ");
            policy.replace(NO_FRAMES, &format!("frame-ancestors {ancestors}"))
        })
        .and_then(|policy| HeaderValue::try_from(policy).ok());
    if let Some(policy) = framed {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}
