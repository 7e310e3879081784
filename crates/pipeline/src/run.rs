//! Runs the pipeline once: stages a revision, and publishes it or leaves nothing but the record of the run.

use std::future::Future;
use std::pin::pin;

use centime_accounts::{BalanceRow, Body, RULES_VERSION, StatementRow};
use centime_warehouse::revision::{NewRevision, RunOutcome, RunReport, Step};
use centime_warehouse::staging::SliceOf;
use centime_warehouse::{CheckResult, Outcome, Revision, Staging, Subject, Warehouse};
use centime_warehouse::{Model, OwnCheck};
use jiff::Timestamp;

use crate::account_entry::AccountEntry;
use crate::aggregate_entry::AggregateEntry;
use crate::bodies::Bodies;
use crate::claims::{AllClaims, Claims};
use crate::documents::Documents;
use crate::error::Error;
use crate::extract::{Extracted, Extractor};
use crate::findings::{Compared, Findings};
use crate::kept::with_documents;
use crate::parts::{self, Part};
use crate::policy::Policy;
use crate::progress::{Progress, Stopwatch};
use crate::provenance::{fingerprint, provenance};
use crate::record_error::RecordErrors;
use crate::source::Edition;

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
    edition: impl Into<Edition>,
    warehouse: &Warehouse,
    definitions: impl Into<Definitions<'a>>,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<Summary, Error> {
    let never = std::future::pending();
    match run_until(edition, warehouse, definitions, policy, progress, never).await? {
        Some(summary) => Ok(summary),
        None => unreachable!("nothing stops it"),
    }
}

/// Runs the whole pipeline once, until it has ended or is asked to stop, whichever is first; `None` when it was
/// stopped. It is then recorded as interrupted, and nothing of it is left. What is ready to be published when it is
/// asked to stop is published. After a run that was stopped the warehouse is not to be used any more: its connections
/// may be in the middle of a statement. Open it [afresh](Warehouse::afresh).
pub async fn run_until<'a>(
    edition: impl Into<Edition>,
    warehouse: &Warehouse,
    definitions: impl Into<Definitions<'a>>,
    policy: Policy,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Option<Summary>, Error> {
    let edition: Edition = edition.into();
    let definitions: Definitions<'_> = definitions.into();
    let models = definitions.models;
    let mut stop = pin!(stop);
    // What a run holds while it waits is large: it is kept aside, so that those who start one stay small.
    let begin = Box::pin(async {
        let lock = warehouse.lock().await?;
        warehouse.prepare_marts(models).await?;
        warehouse.look_at_checks(definitions.checks).await?;
        Ok::<_, Error>(lock)
    });
    let _lock = tokio::select! {
        biased;
        () = &mut stop => return Ok(None),
        lock = begin => lock?,
    };
    let run = warehouse.begin_run(&now(), &edition.address()).await?;
    let mut watch = Stopwatch::new(progress);
    let attempted = tokio::select! {
        // Being stopped is looked at first: an attempt that has much to do uses up what a task may do at a time, and
        // whatever is looked at after it is put off, again and again.
        biased;
        () = stop => None,
        attempted = Box::pin(attempt(&edition, warehouse, definitions, policy, &mut watch)) => Some(attempted),
    };
    let Some(attempted) = attempted else {
        watch.stop();
        Box::pin(interrupted(warehouse, run, watch.steps)).await;
        return Ok(None);
    };
    if let Ok(AttemptOutcome::Staged { .. }) = &attempted {
        watch.step("publish");
    }
    watch.stop();
    let steps = watch.steps;
    let ended = Box::pin(end(warehouse, run, attempted, policy, steps.clone())).await;
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
    edition: &Edition,
    warehouse: &Warehouse,
    definitions: Definitions<'_>,
    policy: Policy,
    watch: &mut Stopwatch<'_>,
) -> Result<AttemptOutcome, Error> {
    watch.step("describe");
    let published = warehouse.published().await?;
    let before = published.as_ref();
    let edition = with_documents(edition, warehouse, before, policy, watch.progress).await?;
    let parts = parts::describe(&edition, watch.progress).await?;
    let has_statement =
        |part: &Part| matches!(part.subject, Subject::IncomeStatement | Subject::Aggregates);
    if !parts.iter().any(has_statement) {
        return Err(Error::NoStatement);
    }
    let new = NewRevision {
        created_at: now(),
        portal: edition.address(),
        sample: parts.iter().any(Part::is_sample),
        rules_version: RULES_VERSION,
    };
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
        parts,
        definitions,
        policy,
        published,
        new,
    };
    match Box::pin(builder.fill(&mut staging, watch)).await {
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

/// What a staged revision is filled from, and what it is held against.
struct RevisionBuilder<'a> {
    /// Its datasets, income statements first.
    parts: Vec<Part>,
    definitions: Definitions<'a>,
    policy: Policy,
    published: Option<Revision>,
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
    /// Stages what official documents say of their results besides their statements.
    async fn stage_witnesses(&self, staging: &mut Staging) -> Result<(), Error> {
        for documents in documents(&self.parts) {
            for found in documents.witnesses() {
                let subject = Subject::IncomeStatement;
                staging
                    .witness(&found.siret, subject, &found.witness, Some(&found.file))
                    .await?;
            }
        }
        Ok(())
    }

    /// Retrieves a part by the form of its rows; `None` where it is as good as not there.
    async fn extract(
        &self,
        extractor: &mut Extractor<'_>,
        part: &Part,
        extracted: &[Extracted],
        claims: &AllClaims,
    ) -> Result<Option<(Extracted, Option<Claims>)>, Error> {
        let read = match part.subject {
            Subject::IncomeStatement => {
                extractor
                    .extract_slices::<StatementRow>(part, None, extracted)
                    .await
            }
            Subject::BalanceSheet => {
                let bodies = statement_bodies(extracted, part);
                match extractor
                    .extract_slices::<BalanceRow>(part, Some(&bodies), extracted)
                    .await
                {
                    // As good as no balance sheet, and the audit will say so.
                    Err(Error::Empty { .. }) => return Ok(None),
                    read => read,
                }
            }
            Subject::Aggregates => {
                let bodies = main_bodies(extracted, &self.parts, claims);
                extractor
                    .extract::<AggregateEntry>(part, Some(&bodies))
                    .await
            }
            Subject::AccountBalances => {
                let bodies = statement_bodies(extracted, part);
                extractor
                    .extract_slices::<AccountEntry>(part, Some(&bodies), extracted)
                    .await
            }
        };
        read.map(Some)
    }

    async fn fill(
        &self,
        staging: &mut Staging,
        watch: &mut Stopwatch<'_>,
    ) -> Result<FillOutcome, Error> {
        let mut findings = Findings::default();
        let mut errors = RecordErrors::default();
        let mut mixed = Vec::new();
        let mut claims = AllClaims::default();
        let mut extracted: Vec<Extracted> = Vec::new();
        // They say more of bodies, which are staged when that is known.
        let has_totals = self
            .parts
            .iter()
            .any(|part| part.subject == Subject::Aggregates);
        for part in &self.parts {
            let is_of_subject = |other: &&Part| other.subject == part.subject;
            let before = extracted
                .iter()
                .rfind(|other| other.subject == part.subject);
            let mut extractor = Extractor {
                staging: &mut *staging,
                findings: &mut findings,
                errors: &mut errors,
                mixed: &mut mixed,
                stored: before.map_or(0, |before| before.first_record - 1 + before.stored),
                is_one_of_several: has_totals
                    || self.parts.iter().filter(is_of_subject).count() > 1,
                totals: &claims.totals,
                progress: watch.progress,
            };
            let read = self
                .extract(&mut extractor, part, &extracted, &claims)
                .await;
            for left_out in part.transport.left_out() {
                watch.progress.note(&left_out);
            }
            let Some((read, claimed)) = read? else {
                continue;
            };
            extracted.push(read);
            if let Some(claimed) = claimed {
                claims.add(part.label(), claimed)?;
            }
        }
        staging.begin_slice(SliceOf::Several, 0).await?;
        claims.stage(staging, &mut findings).await?;
        let all: Vec<&Extracted> = extracted.iter().collect();
        let rows: u64 = all.iter().map(|extracted| extracted.rows).sum();
        let records = i64::try_from(rows).unwrap_or(i64::MAX);
        let fingerprint = fingerprint(&self.new, &all, self.definitions.checks);
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

        findings.compared = compared(&self.parts);
        self.stage_witnesses(staging).await?;

        watch.step("load");
        stage_datasets(&all, staging).await?;
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

/// Stages where records are from, each dataset by its place among those of its subject.
async fn stage_datasets(all: &[&Extracted], staging: &mut Staging) -> Result<(), Error> {
    let retrieved_at = now();
    for extracted in all {
        let source = all
            .iter()
            .take_while(|other| !std::ptr::eq(**other, *extracted))
            .filter(|other| other.subject == extracted.subject)
            .count();
        let dataset = provenance(extracted, source + 1, &retrieved_at);
        staging.dataset(&dataset, &extracted.fields).await?;
    }
    Ok(())
}

/// The public bodies that a balance sheet is read beside: those of statements from the same place, else all of them.
fn statement_bodies(extracted: &[Extracted], part: &Part) -> Bodies {
    let statements = || {
        extracted
            .iter()
            .filter(|other| other.subject == Subject::IncomeStatement)
    };
    let beside = statements().filter(|other| other.group == part.group);
    let beside: Vec<&Bodies> = beside.map(|other| &other.bodies).collect();
    if beside.is_empty() {
        return Bodies::of_all(statements().map(|other| &other.bodies));
    }
    Bodies::of_all(beside)
}

/// The public bodies that control totals are of: those of all statements, and any others.
fn main_bodies(extracted: &[Extracted], parts: &[Part], claims: &AllClaims) -> Bodies {
    let statements = extracted
        .iter()
        .filter(|other| other.subject == Subject::IncomeStatement);
    let all = Bodies::of_all(statements.map(|other| &other.bodies));
    let known = Body::all().filter_map(|body| Some((body.insee.clone()?, body.siren.clone())));
    let of_documents = documents(parts).flat_map(Documents::communes);
    let of_documents = of_documents.map(|(code, number)| (code.clone(), number.clone()));
    Bodies::of_main(
        &all,
        &claims.main_budgets(),
        &known.chain(of_documents).collect(),
    )
}

/// Printed lines of all documents held against their accounts; `None` where there are no documents.
fn compared(parts: &[Part]) -> Option<Compared> {
    documents(parts)
        .map(Documents::compared)
        .reduce(|mut all, other| {
            all.append(other);
            all
        })
}

/// The official documents of an edition, each source of them once.
fn documents(parts: &[Part]) -> impl Iterator<Item = &Documents> {
    parts
        .iter()
        .filter(|part| part.subject == Subject::IncomeStatement)
        .filter_map(|part| part.transport.documents())
}

fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
