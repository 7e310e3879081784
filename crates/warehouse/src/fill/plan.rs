//! What marts of a revision are made of: which of their rows are kept of before, and which have to be computed.
//!
//! Each slice of lines has up to three slices of rows of marts beside it: the sums of its lines, what follows from these
//! and from balance sheets, and what follows from witnesses. Each is kept under all that its rows follow from, so that a
//! revision in which that is the same names it. What a revision says for itself (breaks of series, and what follows from
//! several sources together) is compared by what it says, year by year.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::restrict::Sources;
use crate::engine::{Query, Transaction};
use crate::model::{Model, Share};

/// What marks the slices of marts among all slices.
pub(crate) const MARTS: &str = "marts";

/// What fills one table for a slice or a revision.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub model: Model,
    /// The number of the slice or the revision.
    pub owner: i64,
    /// The query of its rows, with the revision as `$1`.
    pub query: String,
    /// What has to be there before it.
    pub needs: Vec<JobKey>,
}

/// The model and the number of the slice or the revision.
pub(super) type JobKey = (&'static str, i64);

impl Job {
    pub fn key(&self) -> JobKey {
        (self.model.name, self.owner)
    }
}

/// What a revision says for itself, by year: a hash of the rows of that year.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Said {
    /// Where series break.
    pub breaks: BTreeMap<i64, String>,
    /// What else says what results are, and follows from several sources together.
    pub witnesses: BTreeMap<i64, String>,
}

/// The years that a slice has something of.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Holds {
    lines: BTreeSet<i64>,
    sheets: BTreeSet<i64>,
    witnesses: BTreeSet<i64>,
}

/// A slice of a source.
#[derive(Clone, Debug)]
struct Slice {
    number: i64,
    shift: i64,
    holds: Holds,
}

/// A slice as the database has it.
#[derive(FromRow)]
struct Stored {
    slice_id: i64,
    shift: i64,
    holds: Option<String>,
    said: Option<String>,
}

/// What a revision is made of.
struct Made {
    slices: Vec<Slice>,
    /// What it says for itself, and the slice in which it does; `None` where that was not noted.
    said: Option<(i64, Said)>,
}

/// Names the slices of marts that are kept, makes those that are not there, and says how these are filled; and the marts
/// that each revision has of its own.
pub(super) async fn plan(
    transaction: &mut Transaction,
    models: &[Model],
    revision: i64,
    postgres: bool,
) -> sqlx::Result<Vec<Job>> {
    let mut jobs = Vec::new();
    if models.iter().any(|model| model.share().is_some()) {
        let made = Made::read(transaction, revision).await?;
        let mut planner = Planner {
            transaction,
            models,
            revision,
            postgres,
            jobs: &mut jobs,
        };
        planner.plan(&made).await?;
    }
    let of_revision = models
        .iter()
        .filter(|model| model.is_table() && model.share().is_none());
    for model in of_revision {
        let bases = model.with_bases();
        let reads = |job: &&Job| bases.iter().any(|base| base.name == job.model.name);
        jobs.push(Job {
            model: *model,
            owner: revision,
            query: model.sql.trim().trim_end_matches(';').to_owned(),
            needs: jobs.iter().filter(reads).map(Job::key).collect(),
        });
    }
    Ok(jobs)
}

impl Made {
    async fn read(transaction: &mut Transaction, revision: i64) -> sqlx::Result<Self> {
        let select = Query::new(
            "SELECT own.slice_id, named.shift, own.holds,
                 CASE WHEN own.subject IS NULL THEN own.found END AS said
             FROM core.revision_slice AS named
             JOIN ops.slice AS own ON own.slice_id = named.slice_id
             WHERE named.revision_id = $1 AND COALESCE(own.subject, '') <> $2
             ORDER BY own.slice_id",
        )
        .bind(revision)
        .bind(MARTS);
        let stored: Vec<Stored> = transaction.all(select).await?;
        let mut slices = Vec::with_capacity(stored.len());
        let mut said = None;
        for slice in stored {
            let number = slice.slice_id;
            let of_slice = slice.said.and_then(|said| serde_json::from_str(&said).ok());
            said = said.or(of_slice.map(|said| (number, said)));
            let known = slice
                .holds
                .and_then(|holds| serde_json::from_str(&holds).ok());
            let holds = match known {
                Some(holds) => holds,
                None => look(transaction, number).await?,
            };
            slices.push(Slice {
                number,
                shift: slice.shift,
                holds,
            });
        }
        Ok(Self { slices, said })
    }

    /// The numbers of the slices that hold something of years.
    fn of_years(&self, years: &BTreeSet<i64>, held: fn(&Holds) -> &BTreeSet<i64>) -> Vec<i64> {
        let slices = self.slices.iter();
        let of_years = slices.filter(|slice| !held(&slice.holds).is_disjoint(years));
        of_years.map(|slice| slice.number).collect()
    }
}

/// Notes for each slice of which years it has something, where that is not noted yet. On a cluster this has to be committed
/// before tables of slices are made: Citus does not make them in a transaction that has read others.
pub(crate) async fn note_years(transaction: &mut Transaction) -> sqlx::Result<()> {
    let select = Query::new(
        "SELECT slice_id FROM ops.slice WHERE holds IS NULL AND COALESCE(subject, '') <> $1",
    );
    let slices: Vec<(i64,)> = transaction.all(select.bind(MARTS)).await?;
    for (slice,) in slices {
        look(transaction, slice).await?;
    }
    Ok(())
}

/// Looks of which years a slice has something, and notes it.
async fn look(transaction: &mut Transaction, number: i64) -> sqlx::Result<Holds> {
    let holds = Holds {
        lines: years_in(transaction, "slice.line", number).await?,
        sheets: years_in(transaction, "slice.balance_line", number).await?,
        witnesses: years_in(transaction, "slice.witness", number).await?,
    };
    // Numbers in lists can always be written.
    let written = serde_json::to_string(&holds).unwrap_or_default();
    let note = Query::new("UPDATE ops.slice SET holds = $2 WHERE slice_id = $1")
        .bind(number)
        .bind(&written);
    transaction.execute(note).await?;
    Ok(holds)
}

async fn years_in(
    transaction: &mut Transaction,
    table: &str,
    slice: i64,
) -> sqlx::Result<BTreeSet<i64>> {
    let select = Query::new(format!(
        "SELECT DISTINCT CAST(fiscal_year AS BIGINT) FROM {table} WHERE slice_id = {slice}"
    ));
    let years: Vec<(i64,)> = transaction.all(select).await?;
    Ok(years.into_iter().map(|(year,)| year).collect())
}

struct Planner<'a> {
    transaction: &'a mut Transaction,
    models: &'a [Model],
    revision: i64,
    postgres: bool,
    jobs: &'a mut Vec<Job>,
}

impl Planner<'_> {
    async fn plan(&mut self, made: &Made) -> sqlx::Result<()> {
        let of_lines = || made.slices.iter().filter(|it| !it.holds.lines.is_empty());
        // The sums of all of them first: those of one are read beside those of the next year.
        let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
        for slice in of_lines() {
            let number = slice.number;
            let found = self.slice(Share::Sums, Some(number.to_string())).await?;
            if found.is_new {
                let sources = Sources {
                    lines: number,
                    ..Sources::default()
                };
                self.fill(Share::Sums, found.number, &sources);
            }
            sums.insert(number, found.number);
        }
        for slice in of_lines() {
            self.plan_slice(made, slice, &sums).await?;
        }
        Ok(())
    }

    /// Plans what follows from the lines of a slice, beside their sums.
    async fn plan_slice(
        &mut self,
        made: &Made,
        slice: &Slice,
        sums: &BTreeMap<i64, i64>,
    ) -> sqlx::Result<()> {
        let years = &slice.holds.lines;
        let years_before: BTreeSet<i64> = years.iter().map(|year| year - 1).collect();
        let mut before = made.of_years(&years_before, |holds| &holds.lines);
        before.retain(|number| *number != slice.number);
        let mut sources = Sources {
            lines: slice.number,
            sheets: made.of_years(years, |holds| &holds.sheets),
            witnesses: made.of_years(years, |holds| &holds.witnesses),
            sums: sums[&slice.number],
            sums_before: before.iter().map(|number| sums[number]).collect(),
            before,
            years_before: years_before.into_iter().collect(),
            ..Sources::default()
        };

        let said = made.said.as_ref();
        let of_years = |by_year: &BTreeMap<i64, String>| {
            let of_years = years.iter().filter_map(|year| by_year.get_key_value(year));
            let of_years = of_years.map(|(year, hash)| format!("{year} {hash}"));
            of_years.collect::<Vec<_>>().join(" ")
        };
        let follows_from = said.map(|(_, said)| {
            let Sources {
                lines,
                before,
                sheets,
                ..
            } = &sources;
            let breaks = of_years(&said.breaks);
            format!("{lines} before {before:?} sheets {sheets:?} breaks {breaks}")
        });
        let statements = self.slice(Share::Statements, follows_from).await?;
        sources.statements = statements.number;
        if statements.is_new {
            self.fill(Share::Statements, statements.number, &sources);
        }

        let follows_from = said.map(|(in_slice, said)| {
            // The number of a record is that in the revision.
            let slices = made.slices.iter();
            let read = slices
                .filter(|it| it.number != *in_slice && sources.witnesses.contains(&it.number));
            let read: Vec<(i64, i64)> = read.map(|it| (it.number, it.shift)).collect();
            let witnesses = of_years(&said.witnesses);
            format!("{} read {read:?} several {witnesses}", statements.number)
        });
        let witnessed = self.slice(Share::Witnesses, follows_from).await?;
        sources.witnessed = witnessed.number;
        if witnessed.is_new {
            self.fill(Share::Witnesses, witnessed.number, &sources);
        }
        Ok(())
    }

    /// The slice of marts that follows from this, named by the revision: one that is kept, or a new one. What follows from
    /// something that is not known is no other's.
    async fn slice(&mut self, share: Share, follows_from: Option<String>) -> sqlx::Result<Found> {
        let follows_from = follows_from.map(|of| {
            let text = format!("{MARTS} {share:?} {of}");
            BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()))
        });
        let mut known: Option<i64> = None;
        if let Some(follows_from) = &follows_from {
            let select = Query::new(
                "SELECT slice_id FROM ops.slice WHERE follows_from = $1 ORDER BY slice_id LIMIT 1",
            );
            let found: Vec<(i64,)> = self.transaction.all(select.bind(follows_from)).await?;
            known = found.into_iter().next().map(|(number,)| number);
        }
        let number = match known {
            Some(number) => number,
            None => self.new_slice(share, follows_from.as_deref()).await?,
        };
        let name = Query::new(
            "INSERT INTO core.revision_slice (revision_id, slice_id, shift) VALUES ($1, $2, 0)",
        )
        .bind(self.revision)
        .bind(number);
        self.transaction.execute(name).await?;
        Ok(Found {
            number,
            is_new: known.is_none(),
        })
    }

    async fn new_slice(&mut self, share: Share, follows_from: Option<&str>) -> sqlx::Result<i64> {
        let insert = Query::new(
            "INSERT INTO ops.slice (subject, follows_from) VALUES ($1, $2) RETURNING slice_id",
        )
        .bind(MARTS)
        .bind(follows_from);
        let (number,): (i64,) = self.transaction.one(insert).await?;
        if self.postgres {
            let tables: Vec<String> = self.of_share(share).map(Model::kept_in).collect();
            let create = Query::new("SELECT ops.create_slice($1, string_to_array($2, ' '))")
                .bind(number)
                .bind(tables.join(" "));
            self.transaction.execute(create).await?;
        }
        Ok(number)
    }

    fn of_share(&self, share: Share) -> impl Iterator<Item = &Model> {
        let models = self.models.iter();
        models.filter(move |model| model.share() == Some(share))
    }

    /// Plans how the tables of a new slice are filled.
    fn fill(&mut self, share: Share, owner: i64, sources: &Sources) {
        let models: Vec<Model> = self.of_share(share).copied().collect();
        for model in models {
            let mut needs = Vec::new();
            let bases = model.with_bases();
            for base in bases.iter().filter(|base| base.name != model.name) {
                let mut is_in = |owner: i64| needs.push((base.name, owner));
                match base.share() {
                    None => {}
                    Some(Share::Sums) => {
                        is_in(sources.sums);
                        sources.sums_before.iter().copied().for_each(is_in);
                    }
                    Some(Share::Statements) => is_in(sources.statements),
                    Some(Share::Witnesses) => is_in(owner),
                }
            }
            self.jobs.push(Job {
                model,
                owner,
                query: sources.restrict(&model),
                needs,
            });
        }
    }
}

/// A slice of marts.
struct Found {
    number: i64,
    is_new: bool,
}
