//! `centime import`: official documents, read, checked and published, once.

use std::io::Write;
use std::sync::Arc;
use std::thread;

use centime_documents::{Document, DocumentKind, Input, Limits, Wanted, read_inputs_of};
use centime_pipeline::{Documents, Edition, Error as RunError, Source, Summary};
use centime_warehouse::Warehouse;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::args::{Import, ListFormat};
use crate::commands::run::{self, close_soon};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::progress::Display;
use crate::stdout::stdout;
use crate::stop::Stop;

/// How many budgets that are left out are named.
const MOST_SAID: usize = 20;

/// What was read of the files.
struct Read {
    documents: Documents,
    /// What each document is, for people and for programs.
    found: Vec<Value>,
    /// What was left out because it is not final.
    provisional: Vec<String>,
}

impl Read {
    /// Says what was read and is not published.
    fn left_out(&self) -> impl Iterator<Item = &String> {
        self.documents.left_out().iter().chain(&self.provisional)
    }
}

/// Why a balance is not taken.
fn provisional(document: &Document) -> String {
    format!(
        "{} {}, SIRET {}: not published, because the balance is not final; --provisional takes it",
        document.budget.name,
        document.year.get(),
        document.budget.siret
    )
}

/// Reads documents, and publishes them together with those that were imported before.
pub async fn import(config: &Config, import: &Import) -> Result<(), Failure> {
    let stop = Stop::listen();
    let policy = config.policy(&import.accepting)?;
    let url = config.database(false)?;
    let display = Display::of_files(config.quiet);
    let read = tokio::select! {
        read = read(import, Arc::clone(&display)) => read?,
        signal = stop.asked() => return Err(Failure::Interrupted(signal)),
    };
    if read.documents.is_empty() {
        let mut all = read.left_out();
        return Err(Failure::Audit(match (all.next(), all.count()) {
            (Some(first), 0) => first.clone(),
            (Some(first), others) => format!("{first} (and {others} others)"),
            (None, _) => "there is no document of these bodies in the files".to_owned(),
        }));
    }
    if !config.quiet {
        for left_out in read.left_out().take(MOST_SAID) {
            print_stderr(format!("  {left_out}"));
        }
        let more = read.left_out().count().saturating_sub(MOST_SAID);
        if more > 0 {
            print_stderr(format!("  and {more} others that are not published"));
        }
    }
    let warehouse = run::open(&url, &stop).await?;
    let edition = Edition::from(&Source::of_documents(read.documents));
    let ran = run::of_edition(config, &edition, policy, &display, &warehouse, &stop).await;
    let outcome = match ran {
        Ok(Some(summary)) => say(config, import, &warehouse, &summary, &read.found).await,
        Ok(None) => {
            close_soon(&warehouse).await;
            return Err(Failure::Interrupted(stop.asked().await));
        }
        Err(not) => Err(not.into()),
    };
    warehouse.close().await;
    outcome
}

/// Reads all files on a thread of its own; a process that is asked to stop does not wait for it.
async fn read(import: &Import, display: Arc<Display>) -> Result<Read, Failure> {
    let inputs: Vec<Input> = import
        .files
        .iter()
        .map(|file| Input::of_argument(file))
        .collect();
    let nomenclature = import.nomenclature.clone();
    let wanted = Wanted::new(&import.bodies);
    let takes_provisional = import.provisional;
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        let mut read = Read {
            documents: Documents::new(nomenclature),
            found: Vec::new(),
            provisional: Vec::new(),
        };
        let ended = read_inputs_of(
            &inputs,
            &Limits::default(),
            &wanted,
            &mut |file| display.file(file),
            &mut |document| {
                if document.kind == DocumentKind::ProvisionalBalances && !takes_provisional {
                    read.provisional.push(provisional(&document));
                    return Ok(());
                }
                let left_out = read.documents.left_out().len();
                read.documents.add(&document)?;
                if read.documents.left_out().len() == left_out {
                    read.found.push(as_json(&document));
                }
                Ok::<_, RunError>(())
            },
        );
        // A process that is asked to stop has dropped the receiver.
        drop(sender.send(ended.map(|_files| read)));
    });
    let ended = receiver
        .await
        .map_err(|_| Failure::Unexpected("reading files has stopped".to_owned()))?;
    Ok(ended?)
}

fn as_json(document: &Document) -> Value {
    let witnesses = document.witnesses();
    let result = witnesses.first().map(|witness| witness.result);
    let agreeing = witnesses
        .iter()
        .filter(|witness| Some(witness.result) == result)
        .count();
    let each: Vec<Value> = witnesses
        .iter()
        .map(|witness| json!({"of": witness.kind.name(), "result": witness.result.to_string()}))
        .collect();
    json!({
        "file": document.file,
        "kind": document.kind.name(),
        "siret": document.budget.siret,
        "name": document.budget.name,
        "fiscal_year": document.year.get(),
        "nomenclature": document.chart.as_ref().map(|chart| &chart.name),
        "population": document.population,
        "accounts": document.balances.as_ref().map_or(document.executed.accounts.len(), |balances| {
            balances.trial.accounts().count()
        }),
        "printed_lines": document.statement.len() + document.balance.len(),
        "result": result.map(|result| result.to_string()),
        "witnesses": each,
        "agreeing": agreeing,
    })
}

/// Says what was read and what came of it.
async fn say(
    config: &Config,
    import: &Import,
    warehouse: &Warehouse,
    summary: &Summary,
    found: &[Value],
) -> Result<(), Failure> {
    if matches!(import.format, ListFormat::Json) {
        let checks: Vec<Value> = summary
            .checks
            .iter()
            .map(|check| {
                json!({
                    "name": check.name,
                    "outcome": check.outcome.name(),
                    "found": check.found,
                    "subjects": check.subjects,
                })
            })
            .collect();
        let answer = json!({
            "published": summary.published,
            "revision": summary.revision,
            "run": summary.run,
            "records": summary.records,
            "documents": found,
            "checks": checks,
        });
        writeln!(stdout(), "{answer:#}")?;
        return Ok(());
    }
    if config.quiet {
        return Ok(());
    }
    for document in found {
        let text = |name: &str| document[name].as_str().unwrap_or("—").to_owned();
        let witnesses = document["witnesses"].as_array().map_or(0, Vec::len);
        print_stderr(format!(
            "  {}: {} {}, SIRET {}, result {} € ({} of {witnesses} parts of the document agree)",
            text("file"),
            text("name"),
            document["fiscal_year"],
            text("siret"),
            text("result"),
            document["agreeing"],
        ));
    }
    run::summarise(warehouse, summary).await
}
