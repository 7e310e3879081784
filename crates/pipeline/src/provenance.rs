//! What is kept of the datasets of a revision, and what tells whether another revision would be the same.

use centime_warehouse::OwnCheck;
use centime_warehouse::revision::NewRevision;

use crate::extract::Extracted;
use crate::hash;

/// What decides whether a revision would be another one.
pub fn fingerprint(new: &NewRevision, extracted: &[&Extracted], checks: &[OwnCheck]) -> String {
    let rules = new.rules_version.to_string();
    let sample = new.sample.to_string();
    let mut texts = vec![rules.as_str(), &sample];
    let first = extracted.first().map(|dataset| &dataset.default);
    texts.extend(first.into_iter().flatten().map(String::as_str));
    let is_alone = |dataset: &Extracted| {
        let mut same = extracted.iter();
        same.all(|other| other.subject != dataset.subject || std::ptr::eq(*other, dataset))
    };
    for dataset in extracted {
        // Where there are several of a subject, it matters whose records are those that name no body.
        if !is_alone(dataset) {
            texts.push(&dataset.address);
            texts.extend(dataset.default.iter().map(String::as_str));
        }
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

/// What is kept of a dataset, which has this place among those of its subject.
pub fn provenance(
    extracted: &Extracted,
    source: usize,
    retrieved_at: &str,
) -> centime_warehouse::Dataset {
    let dataset = &extracted.dataset;
    centime_warehouse::Dataset {
        subject: extracted.subject,
        source: i64::try_from(source).unwrap_or(i64::MAX),
        first_record: extracted.first_record,
        name: extracted.name.clone(),
        portal: extracted.address.clone(),
        sample: extracted.sample,
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
