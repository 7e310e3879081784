//! `centime up` while the portal is away, closed, or sends what is refused.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::common::team::until;
use crate::common::{Place, Running, get, sqlite, stderr};

/// The settings of a site that tries again soon.
fn place() -> Place {
    let place = Place::new();
    fs::write(place.path("centime.toml"), "refresh_retry = \"1s\"\n").expect("settings");
    place
}

/// The address of a portal on this machine that is not there yet.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

fn up(place: &Place, portal: &str) -> Running {
    let portal = format!("http://{}", portal.trim_start_matches("http://"));
    let database = database(place);
    let up = [
        "up",
        "--portal",
        &portal,
        "--listen",
        "127.0.0.1:0",
        "--database",
        &database,
    ];
    place.start(&up)
}

fn database(place: &Place) -> String {
    sqlite(&place.path("centime.db"))
}

fn simulator(place: &Place, more: &[&str]) -> Running {
    place.start(&[&["portal-sim", "--listen", "127.0.0.1:0"], more].concat())
}

/// The next attempt that `/readyz` names.
fn next_attempt(answer: &str) -> Option<jiff::Timestamp> {
    let (_, time) = answer.split_once("the next attempt is at ")?;
    time.split_whitespace().next()?.parse().ok()
}

/// Asks a process to end, and waits until it has.
fn end(site: &mut Running) {
    let id = site.child.id().to_string();
    let asked = Command::new("kill").args(["-TERM", &id]).status();
    assert!(asked.expect("kill").success());
    let mut status = None;
    until("the end", || {
        status = site.child.try_wait().expect("a process");
        status.is_some()
    });
    assert!(status.expect("it ended").success());
}

#[test]
fn a_site_is_there_before_its_portal_and_fills_when_the_portal_comes() {
    let place = place();
    let address = nowhere();
    let mut site = up(&place, &address);
    let told = site.said.join("\n");
    assert!(told.contains("the next attempt is at"), "{told}");
    let ready = || get(&site.address, "/readyz", "en");
    until("a failure in words", || {
        let said = ready();
        said.starts_with("HTTP/1.1 503")
            && said.contains(
                "nothing is published yet; the last attempt failed: the portal could not be read",
            )
    });
    assert!(get(&site.address, "/healthz", "en").starts_with("HTTP/1.1 200"));
    // A run is under way every other second.
    for (language, words) in [
        (
            "fr",
            [
                "Rien n’est encore publié",
                "le portail n’a pas pu être lu",
                "La prochaine tentative est prévue le",
                "UTC",
            ],
        ),
        (
            "en",
            [
                "Nothing is published yet",
                "the portal could not be read",
                "The next attempt is due on",
                "UTC",
            ],
        ),
    ] {
        until(language, || {
            let page = get(&site.address, "/", language);
            assert!(page.starts_with("HTTP/1.1 503"), "{page}");
            assert!(
                !page.contains("centime run"),
                "there is nothing to do by hand"
            );
            words.iter().all(|words| page.contains(words))
        });
    }

    let portal = place.start(&["portal-sim", "--listen", &address]);
    until("the first publication", || {
        ready().starts_with("HTTP/1.1 200")
    });
    until("the next time", || {
        let page = get(&site.address, "/quality", "fr");
        page.starts_with("HTTP/1.1 200")
            && page.contains("La prochaine mise à jour est prévue le")
            && !page.contains("a échoué le")
    });
    drop(portal);
    end(&mut site);
    // The file is left for readers, too.
    assert!(!place.path("centime.db-wal").exists());
}

#[test]
fn the_portal_is_not_asked_before_the_time_that_it_names() {
    let place = place();
    let portal = simulator(&place, &["--fault", "429-quota=always"]);
    let mut site = up(&place, &portal.address);
    let mut next = None;
    until("the next attempt", || {
        next = next_attempt(&get(&site.address, "/readyz", "en"));
        next.is_some()
    });
    let wait = next.expect("a time").duration_since(jiff::Timestamp::now());
    assert!(wait.as_mins() > 30, "{wait:?}");
    end(&mut site);
}

#[test]
fn what_is_refused_is_not_tried_again_before_its_time() {
    let place = place();
    let portal = simulator(&place, &["--fault", "garbage=always"]);
    let database = database(&place);
    let first = [
        "up",
        "--portal",
        &portal.address,
        "--listen",
        "127.0.0.1:0",
        "--database",
        &database,
    ];
    // With nothing to show, waiting would mend nothing.
    let refused = place.output(&first);
    assert_eq!(refused.status.code(), Some(4), "{}", stderr(&refused));
    assert!(
        stderr(&refused).contains("cannot be read as a statement"),
        "{}",
        stderr(&refused)
    );
    let mut wrong = first.to_vec();
    wrong[2] = "nothing";
    let wrong = place.output(&wrong);
    assert_eq!(wrong.status.code(), Some(2), "{}", stderr(&wrong));

    let good = simulator(&place, &[]);
    place.publish(&good.address, &database);
    let mut site = up(&place, &portal.address);
    until("the refusal", || {
        let page = get(&site.address, "/quality", "en");
        page.starts_with("HTTP/1.1 200") && page.contains("data were refused")
    });
    let page = get(&site.address, "/quality", "fr");
    assert!(
        page.contains("La prochaine tentative est prévue le"),
        "{page}"
    );
    end(&mut site);
    // Another process that only serves knows it from the database.
    let site = place.start(&["serve", "--listen", "127.0.0.1:0", "--database", &database]);
    let page = get(&site.address, "/quality", "en");
    assert!(page.contains("data were refused"), "{page}");
    assert!(
        !page.contains("The next attempt"),
        "it does not run by itself"
    );
}

#[test]
fn a_site_ends_when_it_is_asked_to_while_the_portal_makes_it_wait() {
    let place = place();
    let good = simulator(&place, &[]);
    let database = database(&place);
    place.publish(&good.address, &database);
    let portal = simulator(&place, &["--fault", "slow=always"]);
    let mut site = up(&place, &portal.address);
    until("a run", || {
        get(&site.address, "/quality", "en").contains("An update is under way.")
    });
    end(&mut site);
    let results = ["analyse", "yearly-result", "--database", &database];
    assert!(place.stdout(&results).lines().count() > 5);
}
