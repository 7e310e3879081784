//! Datasets that are kept by themselves, as slices: one that is unchanged since a revision that is kept is named by the
//! next one, and neither read nor written again.
//!
//! What is known before records are read decides: the dataset, which of its records, when the portal published it, how
//! they are read, and the control totals that accounts are held against. With a slice is kept what was found in it, so
//! that the checks of a run are about all of its years. What one year says of another is held against it once all are
//! there: see [`crate::claims`].

use centime_accounts::RULES_VERSION;
use centime_warehouse::{RetrievalMethod, Subject};
use serde::{Deserialize, Serialize};

use crate::balances::{Balances, LeftOut};
use crate::bodies::Bodies;
use crate::claims::{Claims, KeptClaims};
use crate::error::Error;
use crate::extract::{Extracted, Extractor, described};
use crate::findings::Findings;
use crate::hash::of_texts;
use crate::mixed::MixedRows;
use crate::parts::Part;
use crate::record_error::RecordErrors;
use crate::schema::Schema;
use crate::transform::TransformRow;
use crate::transport::Transport;
use crate::validate::ReadRow;

/// What is kept with a slice.
#[derive(Debug, Deserialize, Serialize)]
struct Kept {
    rows: u64,
    hash: String,
    /// The names of the fields that were read.
    fields: Vec<String>,
    /// The number of each body, with its first record.
    bodies: Vec<(String, i64)>,
    claims: KeptClaims,
    findings: Findings,
    left_out: LeftOut,
}

/// What a slice came to, whether it was read or is kept.
struct Slice {
    extracted: Extracted,
    claims: Claims,
    findings: Findings,
    left_out: LeftOut,
}

impl Extractor<'_> {
    /// Retrieves all records of a dataset, as [`Extractor::extract`] does; those that are kept slice by slice as far as
    /// they are not there. `beside` are the datasets that were extracted before.
    pub async fn extract_slices<T: TransformRow + ReadRow>(
        &mut self,
        part: &Part,
        bodies: Option<&Bodies>,
        beside: &[Extracted],
    ) -> Result<(Extracted, Option<Claims>), Error> {
        let Transport::Balances(balances, subject) = &part.transport else {
            return Box::pin(self.extract::<T>(part, bodies)).await;
        };
        let mut whole: Option<(Extracted, Claims, Vec<String>)> = None;
        let mut datasets: Vec<String> = Vec::new();
        let mut nothing = None;
        for (place, each) in balances.each().enumerate() {
            let follows_from = follows_from(&each, *subject, part, self.stored, beside);
            let slice = match self.kept(part, follows_from.as_deref(), *subject).await? {
                Some(slice) => slice,
                None => match self
                    .read::<T>(part, bodies, &each, follows_from.as_deref())
                    .await
                {
                    // Nothing of a year may be such as is published.
                    Err(error @ (Error::Empty { .. } | Error::NoneChosen { .. })) => {
                        balances.leave_out(each.has_left_out());
                        nothing = Some(error);
                        continue;
                    }
                    read => read?,
                },
            };
            balances.leave_out(slice.left_out);
            self.findings.append(slice.findings);
            self.stored += slice.extracted.stored;
            if let Some((extracted, claims, hashes)) = &mut whole {
                let joined = claims.join(slice.claims, place);
                joined.map_err(|(siret, year)| Error::TwoDocuments {
                    siret,
                    year: year.get(),
                    one: datasets.join(", "),
                    other: each.dataset_id().to_owned(),
                })?;
                extracted.rows += slice.extracted.rows;
                extracted.stored += slice.extracted.stored;
                hashes.push(slice.extracted.hash);
                let both = [&extracted.bodies, &slice.extracted.bodies];
                extracted.bodies = Bodies::of_all(both);
            } else {
                let hash = slice.extracted.hash.clone();
                whole = Some((slice.extracted, slice.claims, vec![hash]));
            }
            datasets.push(each.dataset_id().to_owned());
        }
        let Some((mut extracted, claims, hashes)) = whole else {
            let dataset = part.dataset.dataset_id.clone();
            return Err(nothing.unwrap_or(Error::Empty { dataset }));
        };
        if hashes.len() > 1 {
            extracted.hash = of_texts(hashes.iter().map(String::as_str));
        }
        Ok((extracted, Some(claims)))
    }

    /// A slice that is kept; `None` where it has to be read.
    async fn kept(
        &mut self,
        part: &Part,
        follows_from: Option<&str>,
        subject: Subject,
    ) -> Result<Option<Slice>, Error> {
        let Some(follows_from) = follows_from else {
            return Ok(None);
        };
        let Some(known) = self.staging.kept_slice(follows_from).await? else {
            return Ok(None);
        };
        let Ok(kept) = serde_json::from_str::<Kept>(&known.found) else {
            return Ok(None);
        };
        let Some(claims) = kept.claims.read() else {
            return Ok(None);
        };
        let fields: Vec<&str> = kept.fields.iter().map(String::as_str).collect();
        let found = Schema::find(subject, &part.dataset, &fields, &part.fields, &part.reading);
        let Ok(schema) = found else {
            return Ok(None);
        };
        self.staging.name_slice(known.number, self.stored).await?;
        let extracted = Extracted {
            subject,
            name: part.name.clone(),
            address: part.transport.address().to_owned(),
            group: part.group.clone(),
            sample: part.is_sample(),
            default: [part.default.siren.clone(), part.default.name.clone()],
            first_record: self.stored.saturating_add(1),
            stored: i64::try_from(kept.rows).unwrap_or(i64::MAX),
            fields: described(&part.dataset),
            dataset: part.dataset.clone(),
            schema,
            rows: kept.rows,
            stale_count: None,
            hash: kept.hash,
            via: RetrievalMethod::Export,
            bodies: Bodies::new(kept.bodies.into_iter().collect()),
            filter: part.reading.filter.clone(),
            reading: part.reading.written().map(str::to_owned),
        };
        Ok(Some(Slice {
            extracted,
            claims,
            findings: kept.findings,
            left_out: kept.left_out,
        }))
    }

    /// Reads a slice, and keeps it for later runs where nothing is wrong with it.
    async fn read<T: TransformRow + ReadRow>(
        &mut self,
        part: &Part,
        bodies: Option<&Bodies>,
        each: &Balances,
        follows_from: Option<&str>,
    ) -> Result<Slice, Error> {
        let alone = Part {
            transport: Transport::Balances(each.clone(), T::SUBJECT),
            ..part.clone()
        };
        let mut findings = Findings::default();
        let mut errors = RecordErrors::default();
        let mut mixed: Vec<MixedRows> = Vec::new();
        let mut extractor = Extractor {
            staging: &mut *self.staging,
            findings: &mut findings,
            errors: &mut errors,
            mixed: &mut mixed,
            stored: self.stored,
            // What its other years are like is not known.
            is_one_of_several: true,
            totals: self.totals,
            progress: self.progress,
        };
        let read = Box::pin(extractor.extract::<T>(&alone, bodies)).await;
        let (extracted, claims) = read?;
        let claims = claims.unwrap_or_default();
        let is_whole = !errors.any() && mixed.is_empty();
        self.errors.append(errors);
        self.mixed.extend(mixed);
        let left_out = each.has_left_out();
        if let Some(follows_from) = follows_from
            && is_whole
        {
            let numbers = extracted.bodies.numbers().iter();
            let kept = Kept {
                rows: extracted.rows,
                hash: extracted.hash.clone(),
                fields: extracted.schema.used().map(str::to_owned).collect(),
                bodies: numbers
                    .map(|(number, first)| (number.clone(), *first))
                    .collect(),
                claims: claims.kept(),
                findings,
                left_out: left_out.clone(),
            };
            // What it has are texts, numbers and lists of them, which JSON can always say.
            let found = serde_json::to_string(&kept).unwrap_or_default();
            self.staging.keep_slice(follows_from, &found).await?;
            findings = kept.findings;
        }
        Ok(Slice {
            extracted,
            claims,
            findings,
            left_out,
        })
    }
}

/// A hash of all that a slice follows from; `None` where that is not known before it is read.
fn follows_from(
    each: &Balances,
    subject: Subject,
    part: &Part,
    stored: i64,
    beside: &[Extracted],
) -> Option<String> {
    let of_dataset = each.follow_from()?;
    let rules = RULES_VERSION.to_string();
    let sample = part.is_sample().to_string();
    let stored = stored.to_string();
    let mut texts = vec![
        env!("CARGO_PKG_VERSION"),
        &rules,
        subject.name(),
        &sample,
        &part.default.siren,
        &part.default.name,
    ];
    texts.extend(of_dataset);
    if subject == Subject::AccountBalances {
        // Accounts are divided by inhabitants of control totals and held against them, by the numbers of their records.
        for other in beside.iter().filter(|it| it.subject == Subject::Aggregates) {
            texts.extend([other.dataset.dataset_id.as_str(), &other.hash]);
            texts.extend(other.schema.used());
            texts.extend(
                [&other.filter, &other.reading].map(|text| text.as_deref().unwrap_or_default()),
            );
            texts.push(&stored);
        }
    }
    Some(of_texts(texts))
}
