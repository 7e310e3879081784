//! Finds what `web/` makes for the program: scripts and fonts.

include!("../../web/carry.rs");

fn main() {
    carry(&[
        "chart-regular.ttf",
        "chart-semibold.ttf",
        "report-regular.ttf",
        "report-semibold.ttf",
    ]);
}
