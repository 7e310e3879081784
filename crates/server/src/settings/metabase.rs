//! The Metabase whose dashboard is shown in a frame, where the configuration names one.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use centime_render::link;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;

/// How long a signature is good for, in seconds. The filters of an open page ask with it, too.
const GOOD_FOR: i64 = 60 * 60;

/// The dashboard of a Metabase that is shown in a frame.
#[derive(Clone)]
pub struct Metabase {
    /// The address of Metabase as browsers see it, without a slash at its end.
    pub address: String,
    /// Its scheme, host and port, which may be shown in a frame.
    pub origin: String,
    /// The number of the dashboard.
    pub dashboard: i64,
    /// The key that Metabase checks signatures with.
    pub key: String,
}

impl fmt::Debug for Metabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metabase")
            .field("address", &self.address)
            .field("dashboard", &self.dashboard)
            .finish_non_exhaustive()
    }
}

impl Metabase {
    /// A signature that lets show the dashboard for a while: a JSON Web Token (RFC 7519) with
    /// HMAC-SHA-256.
    fn signature(&self, now: Timestamp) -> String {
        let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "alg": "HS256", "typ": "JWT" }));
        let claims = part(json!({
            "resource": { "dashboard": self.dashboard },
            "params": {},
            "exp": now.as_second().saturating_add(GOOD_FOR),
        }));
        let signed = format!("{head}.{claims}");
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes())
            .expect("a key of any length is allowed");
        mac.update(signed.as_bytes());
        let seal = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{seal}")
    }

    /// What is shown in a frame, with the public body that its filter begins with.
    pub fn source(&self, now: Timestamp, body: Option<&str>) -> String {
        let page = format!("/embed/dashboard/{}", self.signature(now));
        let body: Vec<(&str, &str)> = body.map(|body| ("body", body)).into_iter().collect();
        format!(
            "{}{}#bordered=false&titled=false",
            self.address,
            link::to(&page, &body)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metabase() -> Metabase {
        Metabase {
            address: "https://metabase.example.fr".to_owned(),
            origin: "https://metabase.example.fr".to_owned(),
            dashboard: 7,
            key: "f00d".repeat(16),
        }
    }

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // Made with `openssl dgst -sha256 -hmac` over the same two parts.
        let signature = metabase().signature(Timestamp::from_second(1_700_000_000).unwrap());
        let parts: Vec<&str> = signature.split('.').collect();
        let text =
            |part: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert_eq!(text(parts[0]), r#"{"alg":"HS256","typ":"JWT"}"#);
        assert_eq!(
            text(parts[1]),
            r#"{"resource":{"dashboard":7},"params":{},"exp":1700003600}"#
        );
        assert_eq!(parts[2], "JizatkpA7X4INVllk7Szqzp_6lFnzqTbNodmqX48kmY");
    }

    #[test]
    fn the_key_is_in_no_address_and_no_log() {
        let metabase = metabase();
        let source = metabase.source(Timestamp::UNIX_EPOCH, Some("Ville & Cie (1)"));
        assert!(source.contains("?body=Ville+%26+Cie+%281%29#"), "{source}");
        assert!(!source.contains("f00d") && !format!("{metabase:?}").contains("f00d"));
    }
}
