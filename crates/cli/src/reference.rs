//! The reference in `docs/`: pages made from the command line and from what `centime.toml` may hold.
//! A test holds them against the files; with `CENTIME_WRITE_DOCS` set (`make docs`) it writes them.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use clap::Arg;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::args;
use crate::config::file::File;
use crate::config::variables;

const COLUMNS: usize = 100;

#[test]
fn the_reference_says_what_the_program_does() {
    for (name, made) in [
        ("commands.md", commands()),
        ("configuration.md", configuration()),
    ] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(name);
        if env::var_os("CENTIME_WRITE_DOCS").is_some() {
            fs::write(&path, &made).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == made,
            "docs/{name} does not say what the program does: run `make docs` and commit what it writes"
        );
    }
}

fn program() -> clap::Command {
    let mut program = args::program().term_width(COLUMNS);
    program.build();
    program
}

/// A section for each command, with the text of its `--help`.
fn commands() -> String {
    let mut page = "# Commands\n\nWhat `centime COMMAND --help` says, of every command. This page is made from \
        the program: `make docs` writes it.\n"
        .to_owned();
    section(&mut page, &program(), 0);
    page
}

fn section(page: &mut String, command: &clap::Command, depth: usize) {
    // What every command takes is said once, at the program.
    let mut shown = command.clone().mut_args(|arg| {
        let everywhere = depth > 0 && arg.is_global_set() || arg.get_id() == "help";
        arg.hide(everywhere).hide_env_values(true)
    });
    let name = shown.get_bin_name().unwrap_or("centime").to_owned();
    let help = shown.render_long_help().to_string();
    let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    writeln!(page, "\n## {name}\n\n```text\n{}\n```", help.join("\n")).unwrap();
    for inner in command.get_subcommands() {
        if inner.get_name() != "help" {
            section(page, inner, depth + 1);
        }
    }
}

/// A table for each table of `centime.toml`.
fn configuration() -> String {
    let mut page = "# Configuration\n\n`centime.toml` is read from the working folder, else from the user's \
        configuration folder, or from where `--config` or `CENTIME_CONFIG` says. A flag wins over the \
        environment, that over the file, and that over the default. A key that is not listed here is an \
        error. This page is made from the program: `make docs` writes it.\n"
        .to_owned();
    let mut generator = SchemaGenerator::new(SchemaSettings::default().with(|settings| {
        settings.inline_subschemas = true;
    }));
    let schema = generator.root_schema_for::<File>().to_value();
    table(&mut page, "", &schema);
    page
}

/// The keys of a table, then the tables within it.
fn table(page: &mut String, name: &str, schema: &Value) {
    let properties = schema["properties"].as_object().unwrap();
    let (tables, keys): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(_, schema)| is_table(schema));
    if !name.is_empty() {
        writeln!(page, "\n## \\[{name}\\]\n\n{}", description(name, schema)).unwrap();
    }
    rows(page, name, schema, &keys);
    for (key, schema) in tables {
        let name = if name.is_empty() {
            key.clone()
        } else {
            format!("{name}.{key}")
        };
        match repeated(schema) {
            Some(entry) => {
                writeln!(
                    page,
                    "\n## \\[\\[{name}\\]\\]\n\n{}",
                    description(key, schema)
                )
                .unwrap();
                let keys: Vec<_> = entry["properties"].as_object().unwrap().iter().collect();
                rows(page, &name, entry, &keys);
            }
            None => table(page, &name, schema),
        }
    }
}

/// The keys of a table as rows.
fn rows(page: &mut String, name: &str, schema: &Value, keys: &[(&String, &Value)]) {
    if !keys.is_empty() {
        page.push_str(
            "\n| key | is | default | flag and environment | meaning |\n|---|---|---|---|---|\n",
        );
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (key, schema) in keys {
        let default = if required.contains(&Value::from(key.as_str())) {
            "must be given".to_owned()
        } else {
            default(schema)
        };
        let elsewhere = elsewhere(name, key, schema);
        let is = kind(schema);
        let meaning = description(key, schema);
        writeln!(
            page,
            "| `{key}` | {is} | {default} | {elsewhere} | {meaning} |"
        )
        .unwrap();
    }
}

fn is_table(schema: &Value) -> bool {
    schema.get("properties").is_some() || repeated(schema).is_some()
}

/// What each table is, where there may be several of a name.
fn repeated(schema: &Value) -> Option<&Value> {
    let entry = schema.get("items")?;
    entry.get("properties").map(|_| entry)
}

fn description(key: &str, schema: &Value) -> String {
    let text = schema["description"].as_str();
    let text =
        text.unwrap_or_else(|| panic!("`{key}` in config.rs has no comment that says what it is"));
    text.replace('\n', " ").replace('|', "\\|")
}

/// The kind of a value, in the words of TOML.
fn kind(schema: &Value) -> &'static str {
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first(),
        kind => Some(kind),
    };
    match kind.and_then(Value::as_str) {
        Some("string") => "string",
        Some("integer") => "integer",
        Some("boolean") => "boolean",
        Some("array") => "array of strings",
        Some("object") => "table of strings",
        other => panic!("a kind of value without a word for it: {other:?}"),
    }
}

fn default(schema: &Value) -> String {
    match schema.get("default") {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::Array(values)) if values.is_empty() => "none".to_owned(),
        Some(Value::Object(values)) if values.is_empty() => "none".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "none".to_owned(),
        Some(Value::String(text)) if text.contains(' ') => text.clone(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(value) => format!("`{value}`"),
    }
}

/// The flag and the variable that say the same as a key of the file.
fn elsewhere(table: &str, key: &str, schema: &Value) -> String {
    if !table.is_empty() {
        let variable = variables::name_of(table, key);
        // Links are tables, which a variable cannot hold.
        assert!(
            variable.is_some() || !matches!(table, "site" | "tls"),
            "`{key}` of [{table}] has no variable in config/variables.rs"
        );
        return variable.map_or_else(String::new, |name| format!("`{name}`"));
    }
    let program = program();
    let flag = key.replace('_', "-");
    let all = program.get_arguments().chain(
        program
            .get_subcommands()
            .flat_map(clap::Command::get_arguments),
    );
    let arg = all.into_iter().find(|arg| arg.get_long() == Some(&flag));
    let variable = arg.and_then(Arg::get_env).and_then(OsStr::to_str);
    let variable = variable.or_else(|| schema.get("environment")?.as_str());
    let variable = variable.or_else(|| variables::name_of("", key));
    let named = [
        arg.map(|_| format!("`--{flag}`")),
        variable.map(|name| format!("`{name}`")),
    ];
    named.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
