//! Finds what `web/` makes for the program: scripts and fonts.

use std::path::Path;

const MADE: [&str; 3] = ["chart-server.js", "chart-regular.ttf", "chart-semibold.ttf"];

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
