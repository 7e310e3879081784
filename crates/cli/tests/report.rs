//! The report and the copy of the site, as a person makes them.

use std::fs;

use crate::common::{Place, stderr};

/// The sample edition, published.
fn published() -> Place {
    let place = Place::new();
    place.stdout(&["run", "--sample"]);
    place
}

#[test]
fn a_report_is_written_whole_and_again_the_same() {
    let place = published();
    let report = |more: &[&str]| {
        let mut args = vec!["report", "--sample"];
        args.extend(more);
        place.output(&args)
    };
    let view = ["--lang", "en", "--years", "2019-2023", "--side", "expense"];
    let first = report(&view);
    assert!(first.status.success(), "{}", stderr(&first));
    assert!(first.stdout.starts_with(b"%PDF-1.7"));
    assert!(stderr(&first).contains("Sample data"));
    let mut to_file = view.to_vec();
    to_file.extend(["--out", "report.pdf"]);
    assert!(report(&to_file).status.success());
    assert_eq!(fs::read(place.path("report.pdf")).unwrap(), first.stdout);
    // Nothing else is left behind.
    let names = fs::read_dir(place.folder.path()).unwrap();
    let left = names.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".new-")
    });
    assert_eq!(left.count(), 0);

    for (wrong, told) in [
        (["--years", "1990-2023"], "there is no «1990»"),
        (["--years", "20x"], "expected years such as 2019-2023"),
        (["--lang", "de"], "possible values: fr, en"),
        (["--category", "Nulle part"], "there is no «Nulle part»"),
        (
            ["--body", "999999999"],
            "there is no public body «999999999»",
        ),
        (["--url", "javascript:x"], "expected an address"),
        (
            ["--out", "nowhere/report.pdf"],
            "nowhere/report.pdf cannot be written: its folder does not exist",
        ),
    ] {
        let output = report(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty(), "{wrong:?}");
        assert!(
            stderr(&output).contains(told),
            "{wrong:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_report_needs_something_published() {
    let place = Place::new();
    let output = place.output(&["report", "--out", "report.pdf"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(!place.path("report.pdf").exists());
}

#[test]
fn a_folder_that_is_no_copy_is_left_alone() {
    let place = published();
    fs::create_dir(place.path("mine")).unwrap();
    fs::write(place.path("mine/file.txt"), "mine").unwrap();
    let output = place.output(&["export", "--sample", "--site", "mine"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("is no copy of a site"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_to_string(place.path("mine/file.txt")).unwrap(),
        "mine"
    );
    let body = ["export", "--sample", "--site", "new", "--body", "999999999"];
    let output = place.output(&body);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!place.path("new").exists());
}
