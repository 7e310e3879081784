//! Finds what `web/` makes for the pages: scripts and fonts.

use std::path::Path;

const MADE: [&str; 4] = [
    "site.js",
    "charts.js",
    "chart-regular.woff2",
    "chart-semibold.woff2",
];

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/assets");
    for name in MADE {
        let file = folder.join(name);
        println!("cargo::rerun-if-changed={}", file.display());
        assert!(
            file.is_file(),
            "there is no {}: run `make web` first",
            file.display()
        );
    }
    println!("cargo::rustc-env=CENTIME_WEB={}", folder.display());
}
