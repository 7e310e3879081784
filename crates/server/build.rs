//! Finds what `web/` makes for the pages: scripts and fonts.

include!("../../web/carry.rs");

fn main() {
    carry(&[
        "site.css",
        "site.css.br",
        "site.css.gz",
        "site.js",
        "site.js.br",
        "site.js.gz",
        "charts.js",
        "charts.js.br",
        "charts.js.gz",
        "chart-regular.woff2",
        "chart-semibold.woff2",
    ]);
}
