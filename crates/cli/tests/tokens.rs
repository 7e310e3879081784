//! Tokens on the command line.

use crate::common::{Place, sqlite, stderr};
use centime_warehouse::Ledger;
use centime_warehouse::ledger::{AuditOutcome, Event};
use serde_json::Value;

#[test]
fn a_token_is_shown_once_listed_and_revoked() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let with = |args: &[&str]| place.output(&[args, &["--database", &database]].concat());
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

/// Sends a request over the network and gives the answer.
fn ask(address: &str, request: &str) -> String {
    use std::io::{Read, Write};
    let address = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_site_is_not_open_to_others_by_accident() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let run = place.output(&["run", "--sample", "--database", &database, "--quiet"]);
    assert!(run.status.success(), "{}", stderr(&run));
    let serve = ["serve", "--database", &database, "--listen", "0.0.0.0:0"];
    let mut public = serve.to_vec();
    public.extend(["--access", "public"]);
    let refused = place.output(&public);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("--allow-public"),
        "{}",
        stderr(&refused)
    );
    let mut open = serve.to_vec();
    open.extend(["--access", "open"]);
    let wrong = place.output(&open);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        stderr(&wrong).contains("public or token"),
        "{}",
        stderr(&wrong)
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one visit from beginning to end")]
fn no_secret_is_in_the_log_the_list_of_processes_an_answer_or_the_database() {
    use std::io::Read;
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let api_key = "a-key-that-only-the-portal-is-told";
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let run = ["run", "--portal", &portal.address, "--database", &database];
    let run = place
        .centime(&run)
        .env("CENTIME_API_KEY", api_key)
        .env("CENTIME_LOG", "trace")
        .output()
        .expect("the program starts");
    assert!(run.status.success(), "{}", stderr(&run));
    assert!(stderr(&run).contains("TRACE"));
    assert!(!stderr(&run).contains(api_key));
    let create = [
        "token",
        "create",
        "--role",
        "admin",
        "--database",
        &database,
    ];
    let token = place.stdout(&create);
    let token = token.trim_end();
    let secret = &token[12..];

    let log = place.path("log");
    let mut child = place
        .centime(&["serve", "--database", &database, "--listen", "127.0.0.1:0"])
        .env("CENTIME_ACCESS", "token")
        .env("CENTIME_LOG", "trace")
        .env("CENTIME_LOG_FORMAT", "json")
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let said = || {
        let mut text = String::new();
        std::fs::File::open(&log)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    let address = loop {
        let text = said();
        if let Some((_, rest)) = text.split_once("Centime is at http://") {
            break rest.split_whitespace().next().unwrap().to_owned();
        }
        assert!(child.try_wait().unwrap().is_none(), "{text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    let head = "HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n";
    let form = format!("token={token}");
    let wrong = format!("{}A", &token[..51]);
    // Only the page about an address that a person made up says that address again.
    ask(
        &address,
        &format!("GET /{token} {head}authorization: Bearer {token}\r\n\r\n"),
    );
    let mut answers = String::new();
    for request in [
        format!("GET /metrics {head}authorization: Bearer {token}\r\n\r\n"),
        format!("GET /lines?q={token} {head}\r\n"),
        format!("GET /api/v1/lines?limit={token} {head}authorization: Bearer {token}\r\n\r\n"),
        format!("GET /api/v1/lines?cursor={token} {head}authorization: Bearer {token}\r\n\r\n"),
        format!("GET /api/v1/runs?{token}=1 {head}authorization: Bearer {token}\r\n\r\n"),
        format!("GET /?token={token} {head}authorization: Bearer {wrong}\r\n\r\n"),
        format!(
            "POST /login {head}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        ),
    ] {
        answers.push_str(&ask(&address, &request));
    }
    assert!(!answers.contains(secret), "{answers}");
    assert!(answers.contains("HTTP/1.1 200") && answers.contains("HTTP/1.1 303"));
    // A token that is made through the API is in its answer and nowhere else.
    let body = r#"{"role": "viewer"}"#;
    let made = ask(
        &address,
        &format!(
            "POST /api/v1/tokens {head}authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let (_, made) = made.split_once("\"secret\":\"ctm_").unwrap();
    let made = made.split('"').next().unwrap()[8..].to_owned();
    let (_, cookie) = answers.split_once("__Host-centime=").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let processes = std::process::Command::new("ps")
        .args(["-eww", "-o", "args"])
        .output();
    if let Ok(processes) = processes {
        let listed = String::from_utf8_lossy(&processes.stdout).into_owned();
        assert!(!listed.contains(secret), "{listed}");
    }
    let text = said();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        text.contains("\"answered\"") && text.contains("\"status\":200"),
        "{text}"
    );
    let mut stored = std::fs::read(place.path("file.db")).unwrap();
    stored.extend(std::fs::read(place.path("file.db-wal")).unwrap_or_default());
    let holds = |text: &str| {
        stored
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds(&token[..12]));
    for secret in [secret, &wrong[12..], cookie, api_key, &made] {
        assert!(!text.contains(secret), "{text}");
        assert!(!holds(secret));
    }
}

#[test]
fn what_was_done_is_listed_and_what_is_old_deleted() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let with = |args: &[&str]| place.output(&[args, &["--database", &database]].concat());
    let list = |args: &[&str]| -> Vec<Value> {
        let json = with(&[&["audit", "list", "--format", "json"], args].concat()).stdout;
        serde_json::from_slice(&json).unwrap()
    };
    for role in ["viewer", "admin"] {
        with(&["token", "create", "--role", role, "--name", "Équipe"]);
    }
    assert_eq!(list(&[]).len(), 2);
    assert_eq!(list(&["--limit", "1"])[0]["action"], "token-created");
    let table = String::from_utf8(with(&["audit", "list"]).stdout).unwrap();
    assert_eq!(table.lines().count(), 2, "{table}");
    let kept = with(&["audit", "prune", "--older-than", "1h"]);
    assert!(kept.status.success() && stderr(&kept).contains("Nothing"));
    assert_eq!(list(&[]).len(), 2);
    for wrong in ["0d", "soon", "-1d"] {
        let age = format!("--older-than={wrong}");
        let refused = with(&["audit", "prune", &age]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }
    note(&database, "2020-01-01T00:00:00Z");
    let deleted = with(&["audit", "prune", "--older-than", "365d"]);
    assert!(
        stderr(&deleted).contains("Deleted one event"),
        "{}",
        stderr(&deleted)
    );
    let left: Vec<Value> = list(&[])
        .iter()
        .map(|event| event["action"].clone())
        .collect();
    assert_eq!(left, ["audit-pruned", "token-created", "token-created"]);
}

/// Notes something at a moment, as a site did at that time.
#[tokio::main]
async fn note(database: &str, at: &str) {
    let ledger = Ledger::open(&database.parse().unwrap()).await.unwrap();
    let event = Event {
        at: at.to_owned(),
        ..Event::now("login", AuditOutcome::Done)
    };
    ledger.note(&[event], &[]).await.unwrap();
    ledger.close().await;
}
