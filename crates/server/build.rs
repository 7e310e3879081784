//! Finds what `web/` makes for the pages: scripts and fonts.

include!("../../web/carry.rs");

fn main() {
    carry(&[
        "site.js",
        "charts.js",
        "chart-regular.woff2",
        "chart-semibold.woff2",
    ]);
}
