// Included by the build scripts of the crates that carry what `web/` makes.

/// Names the folder of what `web/` makes as `CENTIME_WEB`, once all of these files are there.
fn carry(made: &[&str]) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/assets");
    for name in made {
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
