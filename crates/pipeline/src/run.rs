//! Runs the pipeline once: stages a revision, and publishes it or leaves nothing but the record of the run.

use std::future::Future;
use std::pin::pin;

use centime_accounts::{BalanceRow, RULES_VERSION, StatementRow};
use centime_portal::Dataset;
use centime_warehouse::revision::{NewRevision, RunOutcome, RunReport, Step};
use centime_warehouse::{CheckResult, Outcome, Revision, Staging, Subject, Warehouse};
use centime_warehouse::{Model, OwnCheck};
use jiff::Timestamp;

use crate::account_entry::AccountEntry;
use crate::error::Error;
use crate::extract::{Extracted, Extractor};
use crate::findings::Findings;
use crate::hash;
use crate::kept::kept;
use crate::policy::Policy;
use crate::progress::{Progress, Stopwatch};
use crate::record_error::RecordErrors;
use crate::source::{BodyName, Source};

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The number of the run.
    pub run: i64,
    /// Whether a new revision was published; otherwise the source had not changed.
    pub published: bool,
    /// The revision that readers see now.
    pub revision: i64,
    /// How many records were retrieved.
    pub records: i64,
    /// What the checks found; none when nothing had changed.
    pub checks: Vec<CheckResult>,
    /// How long each step took.
    pub steps: Vec<Step>,
}

/// What an attempt came to before anything is made visible.
enum AttemptOutcome {
    Staged {
        revision: i64,
        records: i64,
        checks: Vec<CheckResult>,
    },
    Unchanged {
        revision: i64,
        records: i64,
    },
}

/// What a run computes and looks for besides what it knows itself.
#[derive(Clone, Copy, Debug)]
pub struct Definitions<'a> {
    /// The models of the analyses; one of them is `reconciliation`, which the audit reads in the warehouse.
    pub models: &'a [Model],
    /// The checks of the operator's own.
    pub checks: &'a [OwnCheck],
}

impl<'a> From<&'a Vec<Model>> for Definitions<'a> {
    fn from(models: &'a Vec<Model>) -> Self {
        Self {
            models,
            checks: &[],
        }
    }
}

/// Runs the whole pipeline once, with the models of the analyses, and with checks of the operator's own where there
/// are any.
pub async fn run<'a>(
    source: &Source,
    warehouse: &Warehouse,
    definitions: impl Into<Definitions<'a>>,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let never = std::future::pending();
    match run_until(source, warehouse, definitions, policy, progress, never).await? {
        Some(summary) => Ok(summary),
        None => unreachable!("nothing stops it"),
    }
}

/// Runs the whole pipeline once, until it has ended or is asked to stop, whichever is first; `None` when it was
/// stopped. It is then recorded as interrupted, and nothing of it is left. What is ready to be published when it is
/// asked to stop is published. After a run that was stopped the warehouse is not to be used any more: its connections
/// may be in the middle of a statement. Open it [afresh](Warehouse::afresh).
pub async fn run_until<'a>(
    source: &Source,
    warehouse: &Warehouse,
    definitions: impl Into<Definitions<'a>>,
    policy: Policy,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Option<Summary>, Error> {
    let definitions: Definitions<'_> = definitions.into();
    let models = definitions.models;
    let mut stop = pin!(stop);
    let begin = async {
        let lock = warehouse.lock().await?;
        warehouse.prepare_marts(models).await?;
        warehouse.look_at_checks(definitions.checks).await?;
        Ok::<_, Error>(lock)
    };
    let _lock = tokio::select! {
        biased;
        () = &mut stop => return Ok(None),
        lock = begin => lock?,
    };
    let run = warehouse
        .begin_run(&now(), source.transport.address())
        .await?;
    let mut watch = Stopwatch::new(progress);
    let attempted = tokio::select! {
        // Being stopped is looked at first: an attempt that has much to do uses up what a task may do at a time, and
        // whatever is looked at after it is put off, again and again.
        biased;
        () = stop => None,
        attempted = attempt(source, warehouse, definitions, policy, &mut watch) => Some(attempted),
    };
    let Some(attempted) = attempted else {
        watch.stop();
        interrupted(warehouse, run, watch.steps).await;
        return Ok(None);
    };
    if let Ok(AttemptOutcome::Staged { .. }) = &attempted {
        watch.step("publish");
    }
    watch.stop();
    let steps = watch.steps;
    let ended = end(warehouse, run, attempted, policy, steps.clone()).await;
    if let Err(error) = &ended {
        let report = RunReport {
            finished_at: now(),
            outcome: RunOutcome::Failed,
            revision: None,
            records: None,
            cause: Some(error.cause()),
            message: Some(error.to_string()),
            steps,
            checks: match error {
                Error::Audit { checks } => checks.clone(),
                _ => Vec::new(),
            },
        };
        // The reason of the failure matters more than that it could not be noted, as on a full
        // disk; the next run will note this one as interrupted.
        if let Err(unnoted) = warehouse.end_run(run, &report).await {
            tracing::warn!(%unnoted, "the failed run could not be recorded");
        }
    }
    ended.map(Some)
}

/// Removes what a run has staged that was given up, and records it as interrupted. What cannot be done now, the
/// next run does.
async fn interrupted(warehouse: &Warehouse, run: i64, steps: Vec<Step>) {
    // A connection that was given up may be in the middle of a transaction, which must not be kept.
    let afresh = warehouse.afresh().await;
    let warehouse = afresh.as_ref().unwrap_or(warehouse);
    if let Err(left) = warehouse.discard_staged().await {
        tracing::warn!(%left, "what the interrupted run had staged could not be removed; the next run removes it");
    }
    let report = RunReport {
        finished_at: now(),
        outcome: RunOutcome::Interrupted,
        revision: None,
        records: None,
        cause: None,
        message: Some("it was asked to stop before it had ended".to_owned()),
        steps,
        checks: Vec::new(),
    };
    if let Err(unnoted) = warehouse.end_interrupted(run, &report).await {
        tracing::warn!(%unnoted, "the interrupted run could not be recorded; the next run records it");
    }
    tracing::info!(run, "run interrupted");
}

/// Publishes what an attempt has staged, or notes that nothing had changed.
async fn end(
    warehouse: &Warehouse,
    run: i64,
    attempted: Result<AttemptOutcome, Error>,
    policy: Policy,
    steps: Vec<Step>,
) -> Result<Summary, Error> {
    let (published, revision, records, checks) = match attempted? {
        AttemptOutcome::Staged {
            revision,
            records,
            checks,
        } => (true, revision, records, checks),
        AttemptOutcome::Unchanged { revision, records } => (false, revision, records, Vec::new()),
    };
    let report = RunReport {
        finished_at: now(),
        outcome: if published {
            RunOutcome::Published
        } else {
            RunOutcome::Unchanged
        },
        revision: Some(revision),
        records: Some(records),
        cause: None,
        message: None,
        steps,
        checks,
    };
    if published {
        warehouse
            .publish(run, revision, policy.keep, &report)
            .await?;
    } else {
        warehouse.end_run(run, &report).await?;
    }
    tracing::info!(run, revision, published, records, "run complete");
    Ok(Summary {
        run,
        published,
        revision,
        records,
        checks: report.checks,
        steps: report.steps,
    })
}

async fn attempt(
    source: &Source,
    warehouse: &Warehouse,
    definitions: Definitions<'_>,
    policy: Policy,
    watch: &mut Stopwatch<'_>,
) -> Result<AttemptOutcome, Error> {
    watch.step("describe");
    let published = warehouse.published().await?;
    let with_kept = kept(
        source,
        warehouse,
        published.as_ref(),
        policy,
        watch.progress,
    )
    .await?;
    let source = with_kept.as_ref().unwrap_or(source);
    let described = Described {
        statement: source.transport.dataset(&source.income_statement).await?,
        balance: source.balance_sheet().await?,
        accounts: source.account_balances().await?,
    };
    let new = describe(source, &described.statement);
    if new.sample
        && published
            .as_ref()
            .is_some_and(|published| !published.sample)
    {
        let database = warehouse.name().to_owned();
        return Err(Error::SampleOverOfficial { database });
    }

    watch.step("extract");
    let mut staging = warehouse.stage(&new).await?;
    let builder = RevisionBuilder {
        source,
        definitions,
        policy,
        published,
        default: source.default_body(&described.statement),
        new,
    };
    // What a run holds while it waits is large: it is kept aside, so that those who start one stay small.
    match Box::pin(builder.fill(&mut staging, described, watch)).await {
        Ok(FillOutcome::Changed {
            records,
            checks,
            fingerprint,
        }) => {
            let revision = staging.commit(&fingerprint).await?;
            Ok(AttemptOutcome::Staged {
                revision,
                records,
                checks,
            })
        }
        Ok(FillOutcome::Unchanged { revision, records }) => {
            staging.abandon().await?;
            Ok(AttemptOutcome::Unchanged { revision, records })
        }
        Err(error) => {
            // Why it failed matters more than what it leaves, which the next run removes.
            if let Err(left) = staging.abandon().await {
                tracing::warn!(%left, "the revision that failed could not be removed");
            }
            Err(error)
        }
    }
}

/// The datasets of a source, as they are described.
struct Described {
    statement: Dataset,
    balance: Option<Dataset>,
    accounts: Option<Dataset>,
}

/// What a staged revision is filled from, and what it is held against.
struct RevisionBuilder<'a> {
    source: &'a Source,
    definitions: Definitions<'a>,
    policy: Policy,
    published: Option<Revision>,
    /// The body of records that name none.
    default: BodyName,
    new: NewRevision,
}

/// What a staged revision holds.
enum FillOutcome {
    Changed {
        records: i64,
        checks: Vec<CheckResult>,
        fingerprint: String,
    },
    /// The same as the published one.
    Unchanged { revision: i64, records: i64 },
}

impl RevisionBuilder<'_> {
    async fn fill(
        &self,
        staging: &mut Staging,
        described: Described,
        watch: &mut Stopwatch<'_>,
    ) -> Result<FillOutcome, Error> {
        let mut findings = Findings::default();
        let mut errors = RecordErrors::default();
        let mut mixed = Vec::new();
        let mut extractor = Extractor {
            transport: &self.source.transport,
            fields: &self.source.fields,
            readings: &self.source.readings,
            staging,
            findings: &mut findings,
            errors: &mut errors,
            mixed: &mut mixed,
            default: &self.default,
            progress: watch.progress,
        };
        let statement = extractor
            .extract::<StatementRow>(described.statement, None)
            .await?;
        let balance = match described.balance {
            Some(dataset) => match extractor
                .extract::<BalanceRow>(dataset, Some(&statement.bodies))
                .await
            {
                // As good as no balance sheet, and the audit will say so.
                Err(Error::Empty { .. }) => None,
                extracted => Some(extracted?),
            },
            None => None,
        };
        let accounts = match described.accounts {
            Some(dataset) => {
                let bodies = Some(&statement.bodies);
                Some(extractor.extract::<AccountEntry>(dataset, bodies).await?)
            }
            None => None,
        };
        let all = std::iter::once(&statement).chain(&balance).chain(&accounts);
        let all: Vec<&Extracted> = all.collect();
        let rows: u64 = all.iter().map(|extracted| extracted.rows).sum();
        let records = i64::try_from(rows).unwrap_or(i64::MAX);
        let fingerprint = fingerprint(&self.new, &self.default, &all, self.definitions.checks);
        let same = |found: &&Revision| found.fingerprint == fingerprint;
        if let Some(published) = self.published.as_ref().filter(same) {
            return Ok(FillOutcome::Unchanged {
                revision: published.id,
                records,
            });
        }
        if errors.any() {
            return Err(errors.into());
        }
        if !mixed.is_empty() {
            return Err(Error::Mixed { datasets: mixed });
        }

        if let Some(documents) = self.source.transport.documents() {
            findings.compared = Some(documents.compared());
            for found in documents.witnesses() {
                let subject = Subject::IncomeStatement;
                staging
                    .witness(&found.siret, subject, &found.witness, Some(&found.file))
                    .await?;
            }
        }

        watch.step("load");
        let retrieved_at = now();
        for extracted in &all {
            staging
                .dataset(&provenance(extracted, &retrieved_at), &extracted.fields)
                .await?;
        }
        staging.complete().await?;

        watch.step("analyse");
        staging.materialise(self.definitions.models).await?;

        watch.step("audit");
        let results = staging.results().await?;
        let losses = match &self.published {
            // What replaces the sample edition owes it nothing.
            Some(published) if published.sample == self.new.sample => {
                Some(staging.losses(published.id).await?)
            }
            _ => None,
        };
        let accept = self.policy.accept_changes;
        let mut checks = findings.checks(&all, &results, losses.as_ref(), accept);
        checks.extend(staging.own_checks(self.definitions.checks).await?);
        if checks.iter().any(|check| check.outcome == Outcome::Fail) {
            return Err(Error::Audit { checks });
        }
        Ok(FillOutcome::Changed {
            records,
            checks,
            fingerprint,
        })
    }
}

/// What the revision is of.
fn describe(source: &Source, statement: &Dataset) -> NewRevision {
    NewRevision {
        created_at: now(),
        portal: source.transport.address().to_owned(),
        sample: statement
            .meta("centime", "sample_edition")
            .is_some_and(|mark| mark == true),
        rules_version: RULES_VERSION,
    }
}

/// What decides whether a revision would be another one.
fn fingerprint(
    new: &NewRevision,
    body: &BodyName,
    extracted: &[&Extracted],
    checks: &[OwnCheck],
) -> String {
    let rules = new.rules_version.to_string();
    let sample = new.sample.to_string();
    let mut texts = vec![rules.as_str(), &sample, &body.siren, &body.name];
    for dataset in extracted {
        texts.extend([dataset.dataset.dataset_id.as_str(), dataset.hash.as_str()]);
        // The same records read by other fields are another statement.
        texts.extend(dataset.schema.used());
        // So are those chosen by another condition or read in another form.
        texts.extend(
            [&dataset.filter, &dataset.reading].map(|text| text.as_deref().unwrap_or_default()),
        );
    }
    // What was published is held against a check that is new, or was changed.
    for check in checks {
        texts.extend([check.name, check.sql, check.outcome.name()]);
    }
    hash::of_texts(texts)
}

fn provenance(extracted: &Extracted, retrieved_at: &str) -> centime_warehouse::Dataset {
    let dataset = &extracted.dataset;
    centime_warehouse::Dataset {
        subject: extracted.subject,
        dataset_id: dataset.dataset_id.clone(),
        title: dataset.title().unwrap_or(&dataset.dataset_id).to_owned(),
        publisher: dataset.publisher().map(str::to_owned),
        license: dataset.license().map(str::to_owned),
        license_url: dataset.license_url().map(str::to_owned),
        records: i64::try_from(extracted.rows).unwrap_or(i64::MAX),
        data_processed: dataset.data_processed().map(str::to_owned),
        modified: dataset.modified().map(str::to_owned),
        retrieved_at: retrieved_at.to_owned(),
        retrieved_via: extracted.via,
        content_hash: extracted.hash.clone(),
        filter: extracted.filter.clone(),
        reading: extracted.reading.clone(),
    }
}

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
