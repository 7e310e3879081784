//! The views of where the figures come from: records, datasets, runs and their checks.

use super::super::columns::As;
use super::{BODY_NAME, Fixed, SIREN};

pub(super) const RAW_RECORD: Fixed = Fixed {
    name: "raw_record",
    about: "Each record that is published, as the portal sent it. Ask with siren: by its number alone every record is opened.",
    columns: &[
        ("siren", "own.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        (
            "subject",
            "own.subject",
            As::Itself,
            "income_statement or balance_sheet.",
        ),
        (
            "record",
            "own.record",
            As::Itself,
            "The number of the record among those of its subject, from 1, in the order received: see published.dataset.",
        ),
        (
            "json",
            "own.json",
            As::Itself,
            "Its JSON text, byte for byte.",
        ),
        (
            "data",
            "own.json",
            As::Record,
            "The same, to be asked for its fields; empty where it has letters or numbers that the server cannot hold.",
        ),
    ],
    from: "raw.record AS own
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
        WHERE own.revision_id = {now}",
};

pub(super) const DATASET: Fixed = Fixed {
    name: "dataset",
    about: "The datasets that what is published was made from, with their licence.",
    columns: &[
        (
            "subject",
            "dataset.subject",
            As::Itself,
            "income_statement or balance_sheet.",
        ),
        (
            "source",
            "dataset.source",
            As::Itself,
            "Its place among the datasets of its subject, from 1.",
        ),
        (
            "first_record",
            "dataset.first_record",
            As::Itself,
            "The number of its first record: records are numbered through all datasets of a subject.",
        ),
        (
            "source_name",
            "dataset.name",
            As::Itself,
            "What the configuration calls it, where it has a name.",
        ),
        (
            "portal",
            "dataset.portal",
            As::Itself,
            "The address of its portal, or documents, or files.",
        ),
        (
            "sample",
            "dataset.sample",
            As::Itself,
            "Whether its figures are invented.",
        ),
        (
            "dataset_id",
            "dataset.dataset_id",
            As::Itself,
            "The identifier on the portal.",
        ),
        (
            "title",
            "dataset.title",
            As::Itself,
            "The title on the portal.",
        ),
        (
            "publisher",
            "dataset.publisher",
            As::Itself,
            "Who publishes it.",
        ),
        (
            "license",
            "dataset.license",
            As::Itself,
            "The name of the licence.",
        ),
        (
            "license_url",
            "dataset.license_url",
            As::Itself,
            "The address of the licence.",
        ),
        (
            "records",
            "dataset.records",
            As::Itself,
            "How many records were retrieved.",
        ),
        (
            "retrieved_at",
            "dataset.retrieved_at",
            As::Moment,
            "When they were retrieved.",
        ),
    ],
    from: "ops.dataset AS dataset WHERE dataset.revision_id = {now}",
};

pub(super) const CHECK_RESULT: Fixed = Fixed {
    name: "check_result",
    about: "What the checks found in the run that published what is published.",
    columns: &[
        ("run_id", "found.run_id", As::Itself, "The run."),
        (
            "position",
            "found.position",
            As::Itself,
            "The place of the check, from 1.",
        ),
        (
            "check_name",
            "found.name",
            As::Itself,
            "The name of the check.",
        ),
        (
            "outcome",
            "found.outcome",
            As::Itself,
            "pass, or warn: something to know.",
        ),
        (
            "found",
            "found.found",
            As::Itself,
            "How many cases were found: remarks where there are any, else cases that passed.",
        ),
        (
            "subjects",
            "found.subjects",
            As::List,
            "What they are, in the words of the data.",
        ),
    ],
    from: "ops.check_result AS found
        JOIN ops.run AS run ON run.run_id = found.run_id
        WHERE run.revision_id = {now} AND run.outcome = 'published'",
};

pub(super) const RUN: Fixed = Fixed {
    name: "run",
    about: "The runs of the pipeline, those that published nothing among them.",
    columns: &[
        (
            "run_id",
            "run.run_id",
            As::Itself,
            "The number of the run, from 1.",
        ),
        (
            "is_current",
            "run.outcome = 'published' AND run.revision_id IS NOT NULL AND run.revision_id = {now}",
            As::Itself,
            "Whether it published what is published.",
        ),
        ("started_at", "run.started_at", As::Moment, "When it began."),
        (
            "finished_at",
            "run.finished_at",
            As::Moment,
            "When it ended; empty while it runs.",
        ),
        (
            "portal",
            "run.portal",
            As::Itself,
            "The address of the portal.",
        ),
        (
            "outcome",
            "run.outcome",
            As::Itself,
            "running, published, unchanged, failed or interrupted.",
        ),
        (
            "revision_id",
            "run.revision_id",
            As::Itself,
            "The revision it published, or found unchanged.",
        ),
        (
            "records",
            "run.records",
            As::Itself,
            "How many records it retrieved.",
        ),
        (
            "cause",
            "run.cause",
            As::Itself,
            "Whose failure it was: source, data or database.",
        ),
        ("message", "run.message", As::Itself, "Why it failed."),
    ],
    from: "ops.run AS run",
};
