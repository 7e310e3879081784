//! The files of `deploy/`, as far as they can be held against something without an engine for containers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{Place, Running, stderr};
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
const DATABASES: [&str; 5] = [
    "database",
    "database-encrypted",
    "coordinator",
    "worker-1",
    "worker-2",
];

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
    let encrypted = ["database-encrypted", "encryption"];
    let servers = ["coordinator", "nodes", "worker-1", "worker-2"];
    let others = || team.into_iter().filter(|name| *name != "database");
    let expected = BTreeMap::from([
        ("minimal", BTreeSet::from(["centime"])),
        ("team", BTreeSet::from(team)),
        ("encrypted", others().chain(encrypted).collect()),
        ("cluster", others().chain(servers).collect()),
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
        // Else as much again may be swapped out.
        assert_eq!(service["memswap_limit"], service["mem_limit"], "{name}");
        if DATABASES.contains(&name.as_str()) {
            assert_eq!(service["cap_add"].as_array().map(Vec::len), Some(5));
        } else {
            let user = service["user"].as_str().unwrap_or("0");
            assert!(!user.starts_with('0') && user != "root", "{name} is root");
            assert!(service["cap_add"].is_null(), "{name}");
        }
        let once = ONCE.contains(&name.as_str());
        // What is not stopped stays down after a crash of the engine with any other.
        let restart = if once { "no" } else { "always" };
        assert_eq!(service["restart"], restart, "{name}");
        // Images of ours bring their check along.
        let ours = !service["build"].is_null();
        let checked = ours || !service["healthcheck"].is_null();
        assert!(checked, "nobody knows whether {name} is well");
        let waited_for = !once;
        let quick = &service["healthcheck"]["start_interval"];
        assert_eq!(!quick.is_null(), waited_for, "{name} is looked at too late");
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
    let option = "com.docker.network.bridge.enable_ip_masquerade";
    assert_eq!(
        compose["networks"]["visitors"]["driver_opts"][option],
        "false"
    );
    for (name, service) in services(&compose) {
        let alone = name == "centime";
        let ports = texts(&service["ports"]);
        assert_eq!(!ports.is_empty(), alone || name == "site", "{name}");
        for port in ports {
            assert!(
                port.starts_with("${CENTIME_PUBLISH:-127.0.0.1:"),
                "{name}: {port}"
            );
        }
        let networks = names(&service["networks"]);
        // Nobody but the coordinator reaches the other servers of a cluster.
        let server = matches!(&**name, "coordinator" | "worker-1" | "worker-2" | "nodes");
        assert_eq!(networks.contains(&"nodes"), server, "{name}");
        assert_eq!(networks.contains(&"data") && server, name == "coordinator");
        assert_eq!(networks.contains(&"visitors"), name == "site", "{name}");
        let retrieves = alone || name == "pipeline";
        assert_eq!(networks.contains(&"portal"), retrieves, "{name}");
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
    // Compose forgets what is reset where an alias repeats it.
    let text = read("compose.proxy.yaml");
    assert_eq!(text.matches("ports: !reset []").count(), 2);
    assert!(!text.contains(": *") && !text.contains(": &"));
    let configuration = read("nginx/nginx.conf");
    for (name, service) in services(&proxy) {
        let networks = names(&service["networks"]);
        assert!(networks.contains(&"front"), "{name}");
        if name == "proxy" {
            assert_eq!(networks, ["front", "visitors"]);
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
    // Room for as many connections as a site takes when nothing is set, and for the files of a database.
    let site = read("systemd/centime-site.service");
    let files = site
        .lines()
        .find_map(|line| line.strip_prefix("LimitNOFILE="));
    let files: usize = files.expect("a limit").parse().expect("a number");
    assert!(files > 2 * 1024, "{files}");
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
    // It would have to be had from a registry, whatever the bases are.
    assert!(!text.contains("# syntax"));
    // Whatever is not named stays out of the builder, secrets first of all.
    let ignored = read("Dockerfile.dockerignore");
    assert!(ignored.lines().any(|line| line == "**"));
    assert!(!ignored.contains("!deploy"));
}

#[test]
fn scripts_can_be_read_by_their_shell() {
    use std::os::unix::fs::PermissionsExt;

    let mut tried = 0;
    for folder in ["", "metabase", "nginx", "postgres", "systemd", "test"] {
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
            let text = fs::read_to_string(&path).expect("a script");
            let mode = fs::metadata(&path).expect("a file").permissions().mode();
            let started = text.starts_with("#!/bin/sh\n") && mode & 0o100 != 0;
            assert!(started, "{} cannot be started", path.display());
            tried += 1;
        }
    }
    assert_eq!(tried, 14);
}

/// Whether a pattern of an ignore file names a path or a folder above it. A `*` stands within a name and `**` for
/// any number of folders.
fn names_path(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, _) => true,
        (Some((&"**", rest)), _) => (0..=path.len()).any(|at| names_path(rest, &path[at..])),
        (Some(_), None) => false,
        (Some((&"*", rest)), Some((_, inner))) => names_path(rest, inner),
        (Some((name, rest)), Some((found, inner))) => name == found && names_path(rest, inner),
    }
}

/// Copies what an ignore file lets through, as the builder gets it. What is built here stays here.
fn copy_for_builder(from: &Path, to: &Path, rules: &[(bool, Vec<&str>)], at: &mut Vec<String>) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        if [".git", "target", "node_modules", "dist"].contains(&&*name) {
            continue;
        }
        at.push(name);
        let path: Vec<&str> = at.iter().map(String::as_str).collect();
        let last = rules.iter().rev().find(|(_, rule)| names_path(rule, &path));
        if entry.file_type().expect("a type").is_dir() {
            copy_for_builder(&entry.path(), to, rules, at);
        } else if last.is_none_or(|(taken, _)| *taken) {
            let to = to.join(path.join("/"));
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            fs::copy(entry.path(), to).expect("a copy");
        }
        at.pop();
    }
}

#[test]
fn the_builder_gets_a_workspace_that_is_whole() {
    let root = deploy().join("..");
    let ignored = read("Dockerfile.dockerignore");
    let rules: Vec<(bool, Vec<&str>)> = ignored
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.strip_prefix('!') {
            Some(taken) => (true, taken.split('/').collect()),
            None => (false, line.split('/').collect()),
        })
        .collect();
    let place = Place::new();
    let tree = place.path("tree");
    copy_for_builder(&root, &tree, &rules, &mut Vec::new());
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--locked", "--format-version=1"])
        .current_dir(&tree)
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", stderr(&output));
    let found: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    for package in found["packages"].as_array().expect("packages") {
        for target in package["targets"].as_array().expect("targets") {
            let path = target["src_path"].as_str().expect("a path");
            assert!(Path::new(path).exists(), "the builder does not get {path}");
        }
    }
    for secret in ["deploy", ".env", "docs", "target"] {
        assert!(!tree.join(secret).exists(), "the builder gets {secret}");
    }
}

#[test]
fn a_disk_in_the_clear_is_refused_before_anything_is_stored() {
    let compose = compose();
    for name in DATABASES {
        let service = &compose["services"][name];
        let volumes = texts(&service["volumes"]);
        assert!(volumes.contains(&"./postgres/encrypted.sh:/etc/centime/encrypted.sh:ro"));
        assert_eq!(texts(&service["entrypoint"]), ["/etc/centime/start.sh"]);
        let asked = service["environment"]["CENTIME_POSTGRES_ENCRYPTED"].as_str();
        let expected = match name {
            "database-encrypted" => "required",
            _ => "${CENTIME_POSTGRES_ENCRYPTED:-}",
        };
        assert_eq!(asked, Some(expected), "{name}");
    }
    // Otherwise a failed check is passed over with a warning.
    let on = &compose["services"]["database-encrypted"]["depends_on"]["encryption"];
    assert_eq!(on["condition"], "service_completed_successfully");
    assert!(on["required"].is_null());
    let start = read("postgres/start.sh");
    let at = |what: &str| start.find(what).unwrap_or_else(|| panic!("no {what}"));
    let first = ["exec 9>", "install ", "rm -rf", "docker-ensure-initdb.sh"].map(at);
    assert!(
        first
            .iter()
            .all(|then| at("encrypted.sh \"$data\"") < *then)
    );
    // The password of the superuser is not in the environment of the server that stays.
    assert!(at("docker-ensure-initdb.sh") < at("exec docker-entrypoint.sh"));
}

#[test]
fn only_what_the_kernel_encrypts_is_encrypted() {
    use std::os::unix::fs::{MetadataExt, symlink};

    let place = Place::new();
    let (data, sys) = (place.path("data"), place.path("sys"));
    fs::create_dir_all(&data).expect("a folder");
    let device = fs::metadata(&data).expect("a folder").dev();
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & 0xffff_f000);
    let minor = (device & 0xff) | ((device >> 12) & 0xffff_ff00);
    // Devices as the kernel shows them: a disk with a partition, and what is made of them.
    let devices = sys.join("devices");
    let make = |name: &str, uuid: Option<&str>, of: &[&str]| {
        let folder = devices.join(name);
        fs::create_dir_all(folder.join("slaves")).expect("a folder");
        if let Some(uuid) = uuid {
            fs::create_dir_all(folder.join("dm")).expect("a folder");
            fs::write(folder.join("dm/uuid"), uuid).expect("a file");
        }
        for below in of {
            let name = below.replace('/', "-");
            symlink(devices.join(below), folder.join("slaves").join(name)).expect("a link");
        }
    };
    make("sda", None, &[]);
    make("sda/sda1", None, &[]);
    fs::write(devices.join("sda/sda1/partition"), "1\n").expect("a file");
    make("crypt", Some("CRYPT-LUKS2-abc\n"), &["sda/sda1"]);
    make("crypt/part", None, &[]);
    fs::write(devices.join("crypt/part/partition"), "1\n").expect("a file");
    make("linear", Some("LVM-abc\n"), &["sda/sda1"]);
    make("lvm", Some("LVM-def\n"), &["crypt"]);
    make("half", Some("LVM-ghi\n"), &["crypt", "sda/sda1"]);
    make("raid", None, &["crypt", "lvm"]);
    let block = sys.join("dev/block");
    fs::create_dir_all(&block).expect("a folder");
    let shown = block.join(format!("{major}:{minor}"));
    let ask = || {
        let mut command = Command::new(deploy().join("postgres/encrypted.sh"));
        command.arg(&data).arg(&sys).output().expect("a shell")
    };
    // A file system without a device of its own, as in memory.
    assert!(!ask().status.success());
    for (name, encrypted) in [
        ("sda", false),
        ("sda/sda1", false),
        ("crypt", true),
        ("crypt/part", true),
        ("linear", false),
        ("lvm", true),
        ("half", false),
        ("raid", true),
    ] {
        symlink(devices.join(name), &shown).expect("a link");
        let output = ask();
        assert_eq!(output.status.success(), encrypted, "{name}");
        assert_eq!(stderr(&output).contains("encrypted-volume.sh"), !encrypted);
        fs::remove_file(&shown).expect("a link");
    }
}

/// What a container of ours has in its environment when nothing is set outside, for a site on this machine.
fn environment_of(service: &str, place: &Place) -> Vec<(String, String)> {
    let compose = compose();
    let environment = &compose["services"][service]["environment"];
    let mut found = vec![
        ("CENTIME_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("CENTIME_LOG_FORMAT".to_owned(), "json".to_owned()),
    ];
    for (name, value) in environment.as_object().expect("an environment") {
        let Some(value) = value.as_str() else {
            continue;
        };
        let value = match value.split_once(":-") {
            Some((_, default)) => default.trim_end_matches('}').to_owned(),
            None => value
                .replace(
                    "/etc/centime",
                    place.folder.path().to_str().expect("a path"),
                )
                .replace("/data/", place.path("").to_str().expect("a path")),
        };
        found.push((name.clone(), value));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_the_file_hold_in_containers() {
    let compose = compose();
    for (name, service) in services(&compose) {
        // A flag would go before the file without a word.
        for argument in texts(&service["command"]) {
            for flag in [
                "--access",
                "--allow-public",
                "--listen",
                "--database",
                "--refresh",
            ] {
                assert_ne!(argument.split('=').next(), Some(flag), "{name}");
            }
        }
        if !service["build"].is_null() {
            let environment = service["environment"].as_object().expect("an environment");
            for passed in ["CENTIME_ACCESS", "CENTIME_LOG"] {
                assert_eq!(environment.get(passed), Some(&Value::Null), "{name}");
            }
            let file = "./centime.toml:/etc/centime/centime.toml:ro";
            assert!(texts(&service["volumes"]).contains(&file), "{name}");
        }
    }
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.expect("a client");
    let published = read("centime.toml");
    assert!(published.contains("\naccess = \"public\"\n"));
    for (settings, environment, expected, warned) in [
        (published.clone(), None, 200, false),
        (
            published.replace("\"public\"", "\"token\""),
            None,
            401,
            false,
        ),
        (
            published.replace("\"public\"", "\"token\""),
            Some("public"),
            200,
            true,
        ),
        (published, Some("token"), 401, false),
    ] {
        let place = Place::new();
        fs::write(place.path("centime.toml"), settings).expect("settings");
        let mut command = place.centime(&["up", "--sample"]);
        command.envs(environment_of("centime", &place));
        command.envs(environment.map(|access| ("CENTIME_ACCESS", access)));
        let site = Running::start(command);
        let url = format!("{}/api/v1/analyses/yearly-result", site.address);
        let answer = client.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), expected);
        let said = site
            .said
            .iter()
            .any(|line| line.contains("configuration file says"));
        assert_eq!(said, warned, "{:?}", site.said);
        for line in &site.said {
            let event: Map<String, Value> = serde_json::from_str(line).expect("an event");
            assert!(event.contains_key("message"), "{line}");
        }
    }
}

#[test]
fn every_line_of_a_log_in_json_is_an_event() {
    let place = Place::new();
    for (arguments, code) in [
        (&["run", "--sample"][..], 0),
        (&["run", "--sample"][..], 0),
        (&["run", "--nonsense"][..], 2),
        (
            &["run", "--sample", "--portal", "http://127.0.0.1:1"][..],
            2,
        ),
        (&["serve"][..], 5),
        (&["serve", "--sample", "--listen", "nowhere"][..], 2),
        (
            &["db", "status", "--database", "postgres://127.0.0.1:1/x"][..],
            5,
        ),
        (&["token", "create", "--role", "viewer", "--sample"][..], 0),
    ] {
        let mut command = place.centime(arguments);
        let output = command
            .env("CENTIME_LOG_FORMAT", "json")
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let said = stderr(&output);
        assert!(!said.is_empty(), "{arguments:?}");
        for line in said.lines() {
            let event: Map<String, Value> =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{arguments:?}: {line}"));
            assert!(event.contains_key("message"), "{line}");
            let failed = event["level"] == "ERROR";
            assert!(!failed || code != 0, "{line}");
        }
        assert_eq!(said.contains("\"ERROR\""), code != 0, "{said}");
    }
    // Help is for people, whoever asks.
    let mut command = place.centime(&["run", "--help", "--log-format=json"]);
    let output = command.output().expect("it starts");
    assert!(output.stderr.is_empty() && output.stdout.starts_with(b"Retrieve"));
}

#[test]
fn the_address_of_a_database_is_read_from_a_file() {
    let place = Place::new();
    let file = place.path("address");
    let ask = || {
        let mut command = place.centime(&["db", "status"]);
        command
            .env("CENTIME_DATABASE_URL_FILE", &file)
            .output()
            .expect("it starts")
    };
    fs::write(
        &file,
        format!("sqlite:{}\n", place.path("there.db").display()),
    )
    .expect("a file");
    let output = ask();
    assert!(stderr(&output).contains("there.db"), "{}", stderr(&output));
    for wrong in ["", "\n", "sqlite:a\nsqlite:b\n"] {
        fs::write(&file, wrong).expect("a file");
        let output = ask();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("one line such as"),
            "{}",
            stderr(&output)
        );
    }
    fs::remove_file(&file).expect("a file");
    assert_eq!(ask().status.code(), Some(2));
}

#[test]
fn a_clone_with_converted_line_ends_works() {
    let root = deploy().join("..");
    let place = Place::new();
    let clone = place.path("clone");
    let git = |arguments: &[&str], at: &Path| {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(at)
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("HOME", place.folder.path()).output()
    };
    if !git(&["rev-parse", "HEAD"], &root).is_ok_and(|output| output.status.success()) {
        eprintln!("NOT RUN: this is no clone of git, so there is nothing to clone");
        return;
    }
    let source = root.canonicalize().expect("a path");
    let source = source.to_str().expect("a path");
    let to = clone.to_str().expect("a path");
    let arguments = [
        "clone",
        "--quiet",
        "--config",
        "core.autocrlf=true",
        source,
        to,
    ];
    let output = git(&arguments, &root).expect("git");
    assert!(output.status.success(), "{}", stderr(&output));
    let output = git(&["ls-files", "--eol"], &clone).expect("git");
    let files = String::from_utf8(output.stdout).expect("names");
    assert!(files.lines().count() > 100);
    for line in files.lines() {
        assert!(
            !line.contains("w/crlf") && !line.contains("w/mixed"),
            "{line}"
        );
    }
    let output = Command::new(clone.join("deploy/secrets.sh"))
        .arg(place.path("secrets"))
        .output();
    let output = output.expect("the script starts");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn what_containers_read_can_be_read_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let copy = place.path("deploy");
    let output = Command::new("sh")
        .args([
            "-c",
            "cp -R \"$0\" \"$1\" && rm -rf \"$1/secrets\" && chmod -R go= \"$1\"",
        ])
        .arg(deploy())
        .arg(&copy)
        .output();
    assert!(output.expect("a shell").status.success());
    let output = Command::new(copy.join("secrets.sh")).output();
    let output = output.expect("the script starts");
    assert!(output.status.success(), "{}", stderr(&output));
    for service in services(&compose())
        .values()
        .chain(services(&proxy()).values())
    {
        for volume in texts(&service["volumes"]) {
            let Some(file) = volume.strip_prefix("./") else {
                continue;
            };
            let mut open = vec![copy.join(file.split(':').next().expect("a path"))];
            while let Some(path) = open.pop() {
                let mode = fs::metadata(&path).expect("a file").permissions().mode();
                let (read, enter) = (mode & 0o004 != 0, mode & 0o001 != 0);
                assert!(read && (enter || !path.is_dir()), "{}", path.display());
                if path.is_dir() {
                    let inner = fs::read_dir(&path).expect("a folder");
                    open.extend(inner.map(|entry| entry.expect("an entry").path()));
                } else if path.extension().is_some_and(|end| end == "sh") {
                    assert!(enter, "{} cannot be started", path.display());
                }
            }
        }
    }
    let mode = fs::metadata(copy.join("secrets"))
        .expect("a folder")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
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
        let told = ["", "_total"].map(|end| format!("# TYPE centime_{name}{end} "));
        assert!(
            told.iter().any(|told| counted.contains(told)),
            "nobody counts centime_{name}:\n{counted}"
        );
    }
    let _: Value = serde_saphyr::from_str(&read("prometheus/alerts.yml")).expect("alerts");
    let _: Value =
        serde_json::from_str(&read("grafana/dashboards/centime.json")).expect("a dashboard");
}

/// What a file of `deploy/` names as the images of variables: `VARIABLE` and the name.
fn images(text: &str) -> BTreeSet<(String, String)> {
    let named = text.lines().filter_map(|line| {
        let line = line.trim_start_matches("ARG ");
        if line.starts_with('#') {
            return None;
        }
        let (variable, image) = match line.split_once("${") {
            Some((_, rest)) => rest.split_once('}')?.0.split_once(":-")?,
            None => line.split_once('=')?,
        };
        let image = image.split('@').next()?;
        let is_image = variable.ends_with("_IMAGE") && variable != "CENTIME_IMAGE";
        is_image.then(|| (variable.to_owned(), image.to_owned()))
    });
    named.collect()
}

#[test]
fn every_image_has_one_name_and_is_pinned_by_one_command() {
    let files = ["compose.yaml", "compose.proxy.yaml", "Dockerfile"];
    let named: BTreeSet<(String, String)> =
        files.iter().flat_map(|name| images(&read(name))).collect();
    assert_eq!(
        named,
        images(&read("images.env")),
        "images.env names others: run deploy/pin.sh"
    );
    let variables: BTreeSet<&str> = named
        .iter()
        .map(|(variable, _)| variable.as_str())
        .collect();
    assert_eq!(variables.len(), named.len(), "{named:?}");
    for line in read("images.env").lines().filter(|line| line.contains('@')) {
        let digest = line.split_once("@sha256:").expect("a digest").1;
        assert!(
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{line}"
        );
    }

    let place = Place::new();
    let here = place.path("deploy");
    fs::create_dir(&here).expect("a folder");
    for name in files.iter().chain(&["images.env", "pin.sh"]) {
        fs::copy(deploy().join(name), here.join(name)).expect("a copy");
    }
    let unpinned: String = read("images.env")
        .lines()
        .flat_map(|line| [line.split('@').next().unwrap_or_default(), "\n"])
        .collect();
    fs::write(here.join("images.env"), unpinned).expect("a file");
    let digest = "0d".repeat(32);
    let docker = format!("#!/bin/sh\necho \"Name:   $4\"\necho \"Digest:    sha256:{digest}\"\n");
    script(&here.join("docker"), &docker);
    let path = format!(
        "{}:{}",
        here.display(),
        std::env::var("PATH").expect("a path")
    );
    let pin = |arguments: &[&str]| {
        let mut command = Command::new(here.join("pin.sh"));
        command
            .args(arguments)
            .env("PATH", &path)
            .output()
            .expect("pin.sh runs")
    };
    let before = pin(&["--check"]);
    assert_eq!(before.status.code(), Some(1));
    let (_, one) = named.first().expect("an image");
    assert!(stderr(&before).contains(one), "{}", stderr(&before));
    let pinned = pin(&[]);
    assert!(pinned.status.success(), "{}", stderr(&pinned));
    let after = pin(&["--check"]);
    assert!(after.status.success(), "{}", stderr(&after));
    let text = fs::read_to_string(here.join("images.env")).expect("a file");
    assert_eq!(images(&text), named);
    assert_eq!(
        text.matches(&format!("@sha256:{digest}")).count(),
        named.len()
    );
    // A tag that is changed in the files is not the one that was pinned.
    let moved = read("compose.yaml").replace("postgres:17-bookworm", "postgres:18-bookworm");
    fs::write(here.join("compose.yaml"), moved).expect("a file");
    assert_eq!(pin(&["--check"]).status.code(), Some(1));
    script(&here.join("docker"), "#!/bin/sh\necho nothing\n");
    let silent = pin(&[]);
    assert!(!silent.status.success() && stderr(&silent).contains("gives no digest"));
    assert_eq!(
        fs::read_to_string(here.join("images.env")).expect("a file"),
        text
    );
}

/// A file that can be run.
fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;

    fs::write(path, text).expect("a script");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

#[test]
fn scripts_write_through_no_link_that_somebody_planted() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    let precious = place.path("precious");
    fs::write(&precious, "").expect("a file");
    let folder = place.path("secrets");
    let theirs = place.path("theirs");
    for folder in [&folder, &theirs] {
        fs::create_dir(folder).expect("a folder");
    }
    let link = folder.join("superuser");
    symlink(&precious, &link).expect("a link");
    let other = Some(65_534);
    if std::os::unix::fs::lchown(&link, other, other).is_ok() {
        std::os::unix::fs::chown(&theirs, other, other).expect("another owner");
        for folder in [&folder, &theirs] {
            let output = Command::new(deploy().join("secrets.sh"))
                .arg(folder)
                .output()
                .expect("secrets.sh runs");
            assert!(!output.status.success());
            let said = stderr(&output);
            assert!(said.contains("belongs to another user"), "{said}");
        }
        assert_eq!(fs::read_dir(&theirs).expect("a folder").count(), 0);
        assert_eq!(fs::read_to_string(&precious).expect("a file"), "");
    } else {
        centime_test_input::skipped("links of others", "files cannot be given to another user");
    }

    // The name under which a backup is written cannot be known before.
    let backups = place.path("backups");
    fs::create_dir(&backups).expect("a folder");
    let run = place.path("run");
    script(
        &run,
        "#!/bin/sh\ncase $1 in pg_dump) ls -A \"$BACKUPS\" >&2; echo dump ;; *) cat > /dev/null ;; esac\n",
    );
    let output = Command::new(deploy().join("backup.sh"))
        .arg(&backups)
        .arg("accounts")
        .env("RUN", &run)
        .env("BACKUPS", &backups)
        .output()
        .expect("backup.sh runs");
    assert!(output.status.success(), "{}", stderr(&output));
    let while_written = stderr(&output);
    assert!(
        while_written.starts_with(".accounts-") && !while_written.contains(".dump"),
        "{while_written}"
    );
    let names: Vec<String> = fs::read_dir(&backups)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(
        matches!(names.as_slice(), [one] if one.starts_with("accounts-") && one.strip_suffix(".dump").is_some()),
        "{names:?}"
    );
}
