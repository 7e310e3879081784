//! Which versions of Metabase the requests were held against.

use std::ops::RangeInclusive;

/// The versions that are supported: the second number of `v0.NN.x` and `v1.NN.x`.
///
/// The requests follow the document of 0.61. Metabase's API changelog names no break of any of them
/// since 0.50; flow charts are there since 0.54.
pub const SUPPORTED: RangeInclusive<u32> = 54..=61;

/// The second number of a version such as `v0.58.3` or `v1.61.0.2-beta`; `None` where it is not one.
pub fn number(tag: &str) -> Option<u32> {
    let mut parts = tag.strip_prefix('v')?.split('.');
    match parts.next()? {
        "0" | "1" => parts.next()?.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_anything_else_is_none() {
        for (tag, expected) in [
            ("v0.58.3", Some(58)),
            ("v1.61.0.2-beta", Some(61)),
            ("v0.54", Some(54)),
            ("vLOCAL_DEV", None),
            ("v2.58.3", None),
            ("0.58.3", None),
            ("", None),
        ] {
            assert_eq!(number(tag), expected, "{tag}");
        }
    }
}
