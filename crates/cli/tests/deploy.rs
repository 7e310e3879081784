//! The files of `deploy/`, as far as they can be held against something without an engine for containers.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Place, stderr};
use serde_json::{Map, Value};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn read(name: &str) -> String {
    let path = deploy().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn compose() -> Value {
    serde_saphyr::from_str(&read("compose.yaml")).expect("a compose file")
}

fn services(compose: &Value) -> &Map<String, Value> {
    compose["services"].as_object().expect("services")
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What the names of a list are, or of a map in its place.
fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => map.keys().map(String::as_str).collect(),
        _ => texts(value),
    }
}

/// Those that end when their work is done.
const ONCE: [&str; 4] = ["encryption", "metabase-sync", "nodes", "roles"];

/// Those that take their key as root and go on as another.
const DATABASES: [&str; 4] = ["database", "coordinator", "worker-1", "worker-2"];

/// The compose file of the reverse proxy. What a tag of Compose takes away is an empty list to others.
fn proxy() -> Value {
    serde_saphyr::from_str(&read("compose.proxy.yaml").replace("!reset ", ""))
        .expect("a compose file")
}

#[test]
fn each_profile_starts_what_it_says() {
    let compose = compose();
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, service) in services(&compose) {
        let profiles = texts(&service["profiles"]);
        assert!(
            !profiles.is_empty(),
            "{name} would start with every profile"
        );
        for profile in profiles {
            found.entry(profile).or_default().insert(name);
        }
    }
    let team = [
        "database",
        "metabase",
        "metabase-sync",
        "pipeline",
        "roles",
        "site",
    ];
    let encrypted = team.into_iter().chain(["encryption"]);
    let servers = ["coordinator", "nodes", "worker-1", "worker-2"];
    let cluster = team.into_iter().filter(|name| *name != "database");
    let expected = BTreeMap::from([
        ("minimal", BTreeSet::from(["centime"])),
        ("team", BTreeSet::from(team)),
        ("encrypted", encrypted.collect()),
        ("cluster", cluster.chain(servers).collect()),
        ("observe", BTreeSet::from(["grafana", "prometheus"])),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn every_container_has_the_least_that_it_needs() {
    let compose = compose();
    let proxy = proxy();
    let proxy = services(&proxy).iter().filter(|(name, _)| *name == "proxy");
    for (name, service) in services(&compose).iter().chain(proxy) {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(
            texts(&service["security_opt"]),
            ["no-new-privileges:true"],
            "{name}"
        );
        for limit in ["mem_limit", "cpus", "pids_limit"] {
            assert!(!service[limit].is_null(), "{name} has no {limit}");
        }
        if DATABASES.contains(&name.as_str()) {
            assert_eq!(service["cap_add"].as_array().map(Vec::len), Some(5));
        } else {
            let user = service["user"].as_str().unwrap_or("0");
            assert!(!user.starts_with('0') && user != "root", "{name} is root");
            assert!(service["cap_add"].is_null(), "{name}");
        }
        let once = ONCE.contains(&name.as_str());
        let restart = if once { "no" } else { "unless-stopped" };
        assert_eq!(service["restart"], restart, "{name}");
        // Images of ours bring their check along.
        let ours = !service["build"].is_null();
        let checked = ours || !service["healthcheck"].is_null();
        assert!(checked, "nobody knows whether {name} is well");
        let image = service["image"].as_str().expect("an image");
        assert!(
            ours || !image.ends_with(":latest}"),
            "{name}: {image} is not pinned"
        );
        for (on, how) in service["depends_on"].as_object().into_iter().flatten() {
            let expected = if ONCE.contains(&on.as_str()) {
                "service_completed_successfully"
            } else {
                "service_healthy"
            };
            assert_eq!(how["condition"], expected, "{name} on {on}");
            // What another profile has instead must not be waited for.
            let there = texts(&compose["services"][on]["profiles"]);
            let profiles = texts(&service["profiles"]);
            let always = profiles.iter().all(|profile| there.contains(profile));
            assert_eq!(how["required"] == false, !always, "{name} on {on}");
        }
    }
}

#[test]
fn only_the_site_is_reached_and_only_the_pipeline_reaches_out() {
    let compose = compose();
    for network in ["data", "nodes"] {
        assert_eq!(compose["networks"][network]["internal"], true);
    }
    for (name, service) in services(&compose) {
        let of_the_site = matches!(name.as_str(), "centime" | "site");
        let ports = texts(&service["ports"]);
        assert_eq!(!ports.is_empty(), of_the_site, "{name}");
        for port in ports {
            assert!(
                port.starts_with("${CENTIME_PUBLISH:-127.0.0.1:"),
                "{name}: {port}"
            );
        }
        let networks = names(&service["networks"]);
        // Nobody but the coordinator reaches the other servers of a cluster.
        let node = DATABASES[1..].contains(&name.as_str()) || name == "nodes";
        assert_eq!(networks.contains(&"nodes"), node, "{name}");
        assert_eq!(networks.contains(&"data") && node, name == "coordinator");
        assert_eq!(networks.contains(&"outside"), of_the_site, "{name}");
        assert_eq!(networks.contains(&"portal"), name == "pipeline", "{name}");
    }
    let doors: Value = serde_saphyr::from_str(&read("compose.doors.yaml")).expect("a compose file");
    for (name, service) in services(&doors) {
        for port in texts(&service["ports"]) {
            assert!(port.contains(":-127.0.0.1:"), "{name}: {port}");
        }
    }
}

#[test]
fn behind_the_proxy_nobody_else_is_reached_and_only_it_is_believed() {
    let proxy = proxy();
    let front = &proxy["networks"]["front"];
    assert_eq!(front["internal"], true);
    let subnet = front["ipam"]["config"][0]["subnet"].as_str();
    let settings: toml::Table = toml::from_str(&read("centime.toml")).expect("settings");
    let believed = settings["site"]["trusted_proxies"][0].as_str();
    assert_eq!(believed, subnet);
    assert!(read("compose.proxy.yaml").contains("ports: !reset []"));
    let configuration = read("nginx/nginx.conf");
    for (name, service) in services(&proxy) {
        let networks = names(&service["networks"]);
        assert!(networks.contains(&"front"), "{name}");
        if name == "proxy" {
            assert_eq!(networks, ["front", "outside"]);
            for port in texts(&service["ports"]) {
                let inside = port.rsplit(':').next().expect("a port");
                assert!(
                    configuration.contains(&format!("listen {inside}")),
                    "{port}"
                );
            }
        } else {
            assert_eq!(service["ports"], Value::Array(Vec::new()), "{name}");
            let address = service["networks"]["front"]["ipv4_address"].as_str();
            let address = address.expect("an address");
            assert!(configuration.contains(&format!("server {address}:8080;")));
        }
    }
}

/// Runs the script that makes secrets.
fn secrets(folder: &Path) -> std::process::Output {
    let output = Command::new(deploy().join("secrets.sh"))
        .arg(folder)
        .output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

#[test]
fn secrets_are_in_files_and_nowhere_else() {
    use std::os::unix::fs::PermissionsExt;

    let compose = compose();
    let place = Place::new();
    let folder = place.path("secrets");
    let output = secrets(&folder);
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("ca.key")), 0o600);
    let proxy = proxy();
    let declared = [&compose, &proxy].map(|file| file["secrets"].as_object().expect("secrets"));
    let declared: BTreeMap<_, _> = declared.into_iter().flatten().collect();
    for (name, secret) in &declared {
        let file = secret["file"].as_str().expect("a file");
        let path = folder.join(file.strip_prefix("./secrets/").expect("in the folder"));
        assert!(path.exists(), "{name}: secrets.sh does not make {file}");
    }
    let mut used = BTreeSet::new();
    for (name, service) in services(&compose).iter().chain(services(&proxy)) {
        for secret in service["secrets"].as_array().into_iter().flatten() {
            let secret = secret.as_str().or_else(|| secret["source"].as_str());
            let secret = secret.expect("a secret's name").to_owned();
            assert!(declared.contains_key(&secret), "{name} wants {secret}");
            used.insert(secret);
        }
        for (key, value) in service["environment"].as_object().into_iter().flatten() {
            let upper = key.to_uppercase();
            let secret = ["PASS", "SECRET", "KEY", "TOKEN"]
                .iter()
                .any(|word| upper.contains(word));
            assert!(
                !secret || upper.ends_with("FILE"),
                "{name} has {key} in its environment"
            );
            let text = value.as_str().unwrap_or_default();
            assert!(!text.contains('@'), "{name}: {key} may hold a password");
        }
        for volume in texts(&service["volumes"]) {
            if let Some(file) = volume.strip_prefix("./") {
                let file = file.split(':').next().expect("a path");
                assert!(deploy().join(file).exists(), "{name} mounts {file}");
                assert!(volume.ends_with(":ro"), "{name} may write {file}");
            }
        }
    }
    assert_eq!(used.len(), declared.len(), "a secret that nobody uses");
    // Every secret is its own, none is told, and a second run keeps them.
    let kept = |name: &str| fs::read_to_string(folder.join(name)).expect("a secret");
    let names = [
        "superuser",
        "owner",
        "loader",
        "site",
        "reader",
        "metabase-database",
        "metabase-admin",
    ];
    let before: BTreeSet<String> = names.map(kept).into();
    assert_eq!(before.len(), names.len());
    let said = stderr(&output) + &String::from_utf8_lossy(&output.stdout);
    assert!(before.iter().all(|secret| !said.contains(secret.trim())));
    secrets(&folder);
    assert_eq!(before, names.map(kept).into());
    let configuration = kept("site-config.toml");
    assert!(configuration.contains(kept("site").trim()));
    assert!(!configuration.contains(kept("loader").trim()));
}

#[test]
fn every_command_of_ours_is_one() {
    let compose = compose();
    let place = Place::new();
    let mut tried = 0;
    for (name, service) in services(&compose) {
        if service["build"].is_null() {
            continue;
        }
        // The names of its own variables stand for their defaults.
        let mut arguments = texts(&service["command"]);
        for argument in &mut arguments {
            if let Some((_, default)) = argument.split_once(":-") {
                *argument = default.trim_end_matches('}');
            }
        }
        arguments.push("--help");
        let output = place.output(&arguments);
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        tried += 1;
    }
    assert_eq!(tried, 5);
    for unit in ["centime-site.service", "centime-run.service"] {
        let text = read(&format!("systemd/{unit}"));
        let command = text
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/centime "));
        let mut arguments: Vec<&str> = command.expect("a command").split(' ').collect();
        arguments.push("--help");
        assert!(place.output(&arguments).status.success(), "{unit}");
    }
}

#[test]
fn the_image_is_the_program_and_nothing_else() {
    let text = read("Dockerfile");
    let (_, last) = text.rsplit_once("\nFROM ").expect("stages");
    assert!(last.starts_with("${RUNTIME_IMAGE}\n"));
    assert!(text.contains("ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot"));
    let after_user = last.split_once("\nUSER 65532:65532\n").expect("a user").1;
    assert!(!after_user.contains("USER"));
    assert!(!last.contains("\nRUN "), "there is no shell");
    for start in [
        "ENTRYPOINT [",
        "CMD [",
        "    CMD [\"/usr/local/bin/centime\", \"health\"]",
    ] {
        assert!(last.lines().any(|line| line.starts_with(start)), "{start}");
    }
    for label in ["title", "description", "licenses", "version", "revision"] {
        assert!(
            last.contains(&format!("org.opencontainers.image.{label}=")),
            "{label}"
        );
    }
    // Whatever is not named stays out of the builder, secrets first of all.
    let ignored = read("Dockerfile.dockerignore");
    assert!(ignored.lines().any(|line| line == "**"));
    assert!(!ignored.contains("!deploy"));
}

#[test]
fn scripts_can_be_read_by_their_shell() {
    let mut tried = 0;
    for folder in ["", "postgres", "metabase"] {
        for entry in fs::read_dir(deploy().join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|extension| extension != "sh") {
                continue;
            }
            let output = Command::new("sh")
                .arg("-n")
                .arg(&path)
                .output()
                .expect("a shell");
            assert!(output.status.success(), "{}", stderr(&output));
            let output = Command::new(&path).env("PATH", "/nowhere").output();
            assert!(output.is_ok(), "{} cannot be started", path.display());
            tried += 1;
        }
    }
    assert_eq!(tried, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_is_counted() {
    let place = Place::new();
    place.stdout(&["run", "--sample"]);
    let token = place.stdout(&["token", "create", "--role", "viewer", "--sample"]);
    let site = place.start(&["serve", "--sample", "--listen", "127.0.0.1:0"]);
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let ask = client.get(format!("{}/metrics", site.address));
    // What never happened is not told: somebody comes in vain first.
    let without = ask
        .try_clone()
        .expect("a request")
        .send()
        .await
        .expect("an answer");
    assert_eq!(without.status(), 401);
    let ask = ask.bearer_auth(token.trim());
    let counted = ask
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    let mut watched = BTreeSet::new();
    for file in ["prometheus/alerts.yml", "grafana/dashboards/centime.json"] {
        let text = read(file);
        for rest in text.split("centime_").skip(1) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            watched.insert(name);
        }
    }
    assert!(watched.len() > 8, "{watched:?}");
    for name in watched {
        let name = ["_total", "_bucket"]
            .iter()
            .fold(name.as_str(), |name, end| {
                name.strip_suffix(end).unwrap_or(name)
            });
        let told = format!("# TYPE centime_{name} ");
        assert!(
            counted.contains(&told),
            "nobody counts centime_{name}:\n{counted}"
        );
    }
    let _: Value = serde_saphyr::from_str(&read("prometheus/alerts.yml")).expect("alerts");
    let _: Value =
        serde_json::from_str(&read("grafana/dashboards/centime.json")).expect("a dashboard");
}
