//! Where rows come from, and which of them there are: what a file says of itself.

use centime_warehouse::doubt::Doubt;
use centime_warehouse::{Body, Dataset, Revision};

use crate::Locale;
use crate::language::format;
use crate::provenance::doubts;
use crate::provenance::identity::{self, Known};

/// Where rows come from, and which of them there are.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// What the rows are, in the reader's words.
    pub title: String,
    /// The public body; `None` for all that the revision has.
    pub body: Option<&'a Body>,
    /// The published revision.
    pub revision: &'a Revision,
    /// What the revision was made from.
    pub datasets: &'a [Dataset],
    /// What is said of the figures, whatever their rows.
    pub identity: Vec<Known>,
    /// What restricts the rows.
    pub filters: Vec<Filter>,
    /// The address on the site where the rows are seen.
    pub address: String,
    /// What is doubted of the years that are shown.
    pub doubts: Vec<Doubt>,
}

/// What restricts rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The name of the parameter.
    pub name: String,
    /// The name in the reader's words.
    pub label: String,
    /// The value as addresses have it.
    pub code: String,
    /// The value in the reader's words.
    pub value: String,
}

/// One line that says where figures come from, by the name of the body, and under which licence.
pub fn line(body: &str, revision: &Revision, datasets: &[Dataset], locale: &Locale) -> String {
    let text = locale.fill(
        "dashboard.source",
        &[
            ("origin", &identity::origin(body, datasets, locale)),
            ("id", &revision.id.to_string()),
            (
                "date",
                &format::date(&revision.published_at, locale.language()),
            ),
        ],
    );
    if revision.sample {
        format!("{text} {}", locale.text("sample.title"))
    } else {
        text
    }
}

/// What names all public bodies instead of one, in addresses and files.
pub const ALL: &str = "*";

/// What a file says of its figures besides the facts that have names of their own.
const OF_IDENTITY: [&str; 6] = [
    "identifiers",
    "budget",
    "model",
    "state",
    "basis",
    "standing",
];

impl Source<'_> {
    /// One line that says where a picture comes from.
    pub fn line(&self, locale: &Locale) -> String {
        let all = locale.text("export.all_bodies");
        let body = self.body.map_or(all, |body| &body.name);
        line(body, self.revision, self.datasets, locale)
    }

    /// What stands below a picture: what is doubted of its figures, and where they come from.
    pub fn below(&self, locale: &Locale) -> String {
        let doubted = doubts::sentence(&self.doubts, locale);
        let sentences: Vec<String> = doubted.into_iter().chain([self.line(locale)]).collect();
        sentences.join(" ")
    }

    /// Everything that is known of it, by name: `revision`, `income_statement.license`. What is not known
    /// is left out.
    pub fn facts(&self) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                facts.push((name.to_owned(), value.to_owned()));
            }
        };
        let revision = self.revision;
        add("title", &self.title);
        match self.body {
            Some(body) => {
                add("body", &body.name);
                add("siren", &body.siren);
            }
            None => add("body", ALL),
        }
        add("revision", &revision.id.to_string());
        add("published_at", &revision.published_at);
        add("portal", &revision.portal);
        if revision.sample {
            add("edition", "sample");
        }
        add("address", &self.address);
        for known in &self.identity {
            // The body and its number, the revision and the datasets have facts of their own.
            if OF_IDENTITY.contains(&known.code) {
                add(&format!("identity.{}", known.code), &known.value);
            }
        }
        for Filter { name, code, .. } in &self.filters {
            add(&format!("filter.{name}"), code);
        }
        for Doubt { check, years } in &self.doubts {
            let years: Vec<String> = years.iter().map(ToString::to_string).collect();
            add(&format!("doubts.{check}"), &years.join(" "));
        }
        for dataset in self.datasets {
            // The first of a subject has its name alone, and a further one a number as well.
            let subject = match dataset.source {
                1 => dataset.subject.name().to_owned(),
                number => format!("{}_{number}", dataset.subject.name()),
            };
            let optional = |value: &Option<String>| value.clone().unwrap_or_default();
            for (name, value) in [
                ("dataset", dataset.dataset_id.clone()),
                ("source", optional(&dataset.name)),
                ("edition", edition(dataset, self.datasets)),
                ("title", dataset.title.clone()),
                ("publisher", optional(&dataset.publisher)),
                ("license", optional(&dataset.license)),
                ("license_url", optional(&dataset.license_url)),
                ("modified", optional(&dataset.modified)),
                ("retrieved_at", dataset.retrieved_at.clone()),
                ("records", dataset.records.to_string()),
                ("content_hash", dataset.content_hash.clone()),
                ("filter", optional(&dataset.filter)),
                ("reading", optional(&dataset.reading)),
            ] {
                add(&format!("{subject}.{name}"), &value);
            }
        }
        facts
    }
}

/// Whether a dataset among these has real figures.
pub fn has_real(datasets: &[Dataset]) -> bool {
    datasets.iter().any(|dataset| !dataset.sample)
}

/// What is explained of a body whose lines are invented: its balance sheet may be real all the same.
pub fn explanation(datasets: &[Dataset]) -> &'static str {
    if has_real(datasets) {
        "sample.part_explained"
    } else {
        "sample.explained"
    }
}

/// Whether a dataset is invented or real, where others are the other thing.
fn edition(dataset: &Dataset, all: &[Dataset]) -> String {
    let differ = all.iter().any(|other| other.sample != dataset.sample);
    match (differ, dataset.sample) {
        (false, _) => String::new(),
        (true, true) => "sample".to_owned(),
        (true, false) => "real".to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::LazyLock;

    use centime_accounts::FiscalYear;
    use centime_warehouse::Subject;

    use super::*;

    static BODY: LazyLock<Body> = LazyLock::new(|| Body {
        siren: "217500016".to_owned(),
        name: "Ville d’Essai".to_owned(),
        budget: None,
        first_year: FiscalYear::new(2016),
        last_year: FiscalYear::new(2024),
        lines: 8,
        sample: true,
    });

    static REVISION: LazyLock<Revision> = LazyLock::new(|| Revision {
        id: 3,
        published_at: "2025-07-08T14:05:31Z".to_owned(),
        portal: "https://example.org".to_owned(),
        sample: true,
        fingerprint: String::new(),
    });

    static DATASETS: LazyLock<[Dataset; 1]> = LazyLock::new(|| {
        [Dataset {
            subject: Subject::IncomeStatement,
            source: 1,
            first_record: 1,
            name: None,
            portal: "https://example.org".to_owned(),
            sample: true,
            dataset_id: "compte-de-resultat".to_owned(),
            title: "Compte de résultat".to_owned(),
            publisher: None,
            license: Some("Licence Ouverte".to_owned()),
            license_url: None,
            records: 8,
            data_processed: None,
            modified: None,
            retrieved_at: "2025-07-08T14:05:00Z".to_owned(),
            retrieved_via: centime_warehouse::RetrievalMethod::Export,
            content_hash: "ab".repeat(32),
            filter: None,
            reading: None,
        }]
    });

    /// A source for tests of files.
    pub(crate) fn source() -> Source<'static> {
        Source {
            title: "Expense by category".to_owned(),
            body: Some(&BODY),
            revision: &REVISION,
            datasets: &*DATASETS,
            identity: vec![Known {
                code: "budget",
                label: "Budget".to_owned(),
                value: "not stated".to_owned(),
            }],
            filters: vec![Filter {
                name: "side".to_owned(),
                label: "Side".to_owned(),
                code: "expense".to_owned(),
                value: "expenses".to_owned(),
            }],
            address: "/dashboard?side=expense".to_owned(),
            doubts: vec![Doubt {
                check: "no-duplicates".to_owned(),
                years: [2016, 2018].map(FiscalYear::new).to_vec(),
            }],
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let facts = source().facts();
        let names: Vec<&str> = facts.iter().map(|(name, _)| &**name).collect();
        assert!(names.contains(&"income_statement.license"), "{names:?}");
        assert!(!names.contains(&"income_statement.publisher"), "{names:?}");
        assert!(names.contains(&"filter.side"), "{names:?}");
        assert!(names.contains(&"identity.budget"), "{names:?}");
        let doubted = ("doubts.no-duplicates".to_owned(), "2016 2018".to_owned());
        assert!(facts.contains(&doubted), "{facts:?}");
    }
}
