//! Tokens on the command line.

mod common;

use common::{Place, sqlite, stderr};
use serde_json::Value;

#[test]
fn a_token_is_shown_once_listed_and_revoked() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let with = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--database", &database]);
        place.output(&all)
    };
    let made = with(&[
        "token",
        "create",
        "--role",
        "analyst",
        "--expires",
        "90d",
        "--name",
        "Équipe",
    ]);
    assert!(made.status.success(), "{}", stderr(&made));
    let token = String::from_utf8(made.stdout.clone()).unwrap();
    let token = token.trim_end();
    assert!(token.starts_with("ctm_") && token.len() == 52, "{token}");
    assert!(!stderr(&made).contains(token));
    let again = with(&["token", "create", "--role", "admin", "--quiet"]);
    assert!(stderr(&again).is_empty());

    let id = &token[..12];
    let list = String::from_utf8(with(&["token", "list"]).stdout).unwrap();
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains(id) && list.contains("Équipe"), "{list}");
    assert!(!list.contains(token), "{list}");
    let revoked = with(&["token", "revoke", id]);
    assert!(revoked.status.success(), "{}", stderr(&revoked));
    for (wrong, why) in [
        (id, "revoked before"),
        ("ctm_AAAAAAAA", "no token"),
        (token, "beginning"),
    ] {
        let refused = with(&["token", "revoke", wrong]);
        assert_eq!(refused.status.code(), Some(2));
        let said = stderr(&refused);
        assert!(said.contains(why) && !said.contains(token), "{said}");
    }
    let json = with(&["token", "list", "--format", "json"]).stdout;
    let listed: Vec<Value> = serde_json::from_slice(&json).unwrap();
    let of = |role: &str| listed.iter().find(|token| token["role"] == role).unwrap();
    assert_eq!(of("analyst")["state"], "revoked");
    assert_eq!(of("admin")["state"], "valid");
    assert!(of("admin")["expires_at"].is_null());
    // The file has the beginning of the token and not the rest.
    let mut bytes = std::fs::read(place.path("file.db")).unwrap();
    bytes.extend(std::fs::read(place.path("file.db-wal")).unwrap_or_default());
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds(id) && !holds(&token[12..]));
}

#[test]
fn a_wrong_wish_is_refused() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    for (args, why) in [
        (&["--role", "root"][..], "viewer"),
        (&[], "--role"),
        (&["--role", "viewer", "--expires", "soon"], "90d"),
        (&["--role", "viewer", "--name", "a\nb"], "one line"),
    ] {
        let mut all = vec!["token", "create", "--database", &database];
        all.extend(args);
        let refused = place.output(&all);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(stderr(&refused).contains(why), "{}", stderr(&refused));
        assert!(refused.stdout.is_empty());
    }
}
