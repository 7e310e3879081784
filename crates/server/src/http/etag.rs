//! Entity tags (RFC 9110, 8.8.3), which follow from what is sent.

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in hexadecimal digits.
pub fn hash(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes.as_ref()))
}

/// Whether a header If-None-Match names this tag, be it a weak one or not.
pub fn is_known(header: &str, tag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    header
        .split(',')
        .map(str::trim)
        .any(|known| opaque(known) == opaque(tag) || known == "*")
}
