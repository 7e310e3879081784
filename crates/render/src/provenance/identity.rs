//! What official publications always say of their figures: whose they are and of which budget, after which
//! model, whether the accounts are final, on which basis they are kept, in which unit and from where.
//!
//! What the data do not say is said to be unknown, never guessed.

use centime_accounts::{Budget, FiscalYear, body};
use centime_analytics::{Table, columns};
use centime_warehouse::{Body, Dataset, Revision};

use crate::Locale;
use crate::language::format;
use crate::language::label::short_label;

/// What is said of some figures.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    /// The public body.
    pub body: &'a Body,
    /// The revision.
    pub revision: &'a Revision,
    /// What the revision was made from.
    pub datasets: &'a [Dataset],
    /// The results of its years, which have the chart of accounts of each.
    pub results: &'a Table,
}

/// Something that is said, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name in files: `budget`.
    pub code: &'static str,
    /// Its name in the reader's words.
    pub label: String,
    /// What it is, in the reader's words.
    pub value: String,
}

impl Figures<'_> {
    /// All that is said, in the order in which it is read.
    pub fn identity(&self, locale: &Locale) -> Vec<Known> {
        [
            ("body", self.body.name.clone()),
            ("identifiers", self.identifiers(locale)),
            ("budget", self.budget(locale)),
            ("model", self.models(locale)),
            ("state", locale.text("identity.state_unknown").to_owned()),
            ("basis", locale.text("identity.basis_text").to_owned()),
            ("unit", locale.text("identity.unit_text").to_owned()),
            ("source", origin(&self.body.name, self.datasets, locale)),
            ("revision", dated(self.revision, locale)),
            ("standing", locale.text("identity.standing_text").to_owned()),
        ]
        .into_iter()
        .map(|(code, value)| Known {
            code,
            label: locale.term("identity", code).to_owned(),
            value,
        })
        .collect()
    }

    #[expect(clippy::similar_names, reason = "numbers as they are called")]
    fn identifiers(&self, locale: &Locale) -> String {
        match (self.body.siren_number(), self.body.siret()) {
            ("", _) => locale.text("identity.no_identifiers").to_owned(),
            (siren, Some(siret)) => locale.fill(
                "identity.siren_and_siret",
                &[("siren", siren), ("siret", siret)],
            ),
            (siren, None) => locale.fill("identity.siren_alone", &[("siren", siren)]),
        }
    }

    /// What the data say of the budget or, where they distinguish no budgets, what is known of the body.
    fn budget(&self, locale: &Locale) -> String {
        let known = || {
            let alone = self.body.siret().is_none();
            let body = body::Body::by_siren(&self.body.siren).filter(|_| alone)?;
            body.budget
        };
        let budget = self.body.budget.or_else(known);
        locale
            .term("budget", budget.map_or("unknown", Budget::name))
            .to_owned()
    }

    /// The models, each with its years: `M14 (2016 to 2017), M57 (2018 to 2024)`.
    fn models(&self, locale: &Locale) -> String {
        let mut runs: Vec<(Option<&str>, FiscalYear, FiscalYear)> = Vec::new();
        for row in &self.results.rows {
            let Some(year) = self.results.cell(row, columns::FISCAL_YEAR).year() else {
                continue;
            };
            let model = self.results.cell(row, columns::NOMENCLATURE).text();
            match runs.last_mut() {
                Some((known, _, last)) if *known == model => *last = year,
                _ => runs.push((model, year, year)),
            }
        }
        let models: Vec<String> = runs
            .into_iter()
            .map(|(model, first, last)| {
                let model = model.unwrap_or(locale.text("line.no_nomenclature"));
                let years = locale.years(first, last);
                locale.fill(
                    "identity.model_years",
                    &[("model", model), ("years", &years)],
                )
            })
            .collect();
        if models.is_empty() {
            return locale.text("line.no_nomenclature").to_owned();
        }
        let models = models.join(", ");
        locale.fill("identity.model_text", &[("models", &models)])
    }
}

/// What is said of the figures of any public body, whatever the data say of it.
pub fn of_all(locale: &Locale) -> Vec<Known> {
    [
        ("state", "state_unknown"),
        ("basis", "basis_text"),
        ("unit", "unit_text"),
        ("standing", "standing_text"),
    ]
    .map(|(code, value)| Known {
        code,
        label: locale.term("identity", code).to_owned(),
        value: locale.term("identity", value).to_owned(),
    })
    .to_vec()
}

/// Where figures come from, by the name of the body: `Ville de Paris, compte-de-resultat and bilan-comptable, Licence Ouverte`.
pub fn origin(body: &str, datasets: &[Dataset], locale: &Locale) -> String {
    let publisher = datasets
        .iter()
        .filter_map(|dataset| dataset.publisher.as_deref())
        .map(str::trim)
        .find(|publisher| !publisher.is_empty());
    let mut parts = vec![short_label(publisher.unwrap_or(body), locale)];
    // Datasets under one licence share it.
    let mut licences: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
    for dataset in datasets {
        let licence = dataset.license.as_deref().map(str::trim);
        let licence = licence.filter(|licence| !licence.is_empty());
        match licences.iter_mut().find(|(known, _)| *known == licence) {
            Some((_, ids)) => ids.push(&dataset.dataset_id),
            None => licences.push((licence, vec![&dataset.dataset_id])),
        }
    }
    for (licence, ids) in licences {
        parts.push(short_label(&listed(&ids, locale), locale));
        parts.push(licence.map_or_else(
            || locale.text("identity.no_licence").to_owned(),
            |licence| short_label(licence, locale),
        ));
    }
    parts.join(", ")
}

/// Names in a sentence: `a, b and c`.
fn listed(names: &[&str], locale: &Locale) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => names.join(", ") + locale.text("identity.and") + last,
    }
}

/// The revision and its day.
fn dated(revision: &Revision, locale: &Locale) -> String {
    let date = format::date(&revision.published_at, locale.language());
    let id = revision.id.to_string();
    locale.fill("identity.revision_text", &[("id", &id), ("date", &date)])
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Cell, Column, Kind, Language};

    use super::*;
    use crate::provenance::source::tests::source;

    fn results(of: &[(u16, Option<&str>)]) -> Table {
        Table {
            columns: vec![
                Column::new(columns::FISCAL_YEAR, Kind::Year),
                Column::new(columns::NOMENCLATURE, Kind::Text),
            ],
            rows: of
                .iter()
                .map(|(year, model)| {
                    let model = model.map_or(Cell::Null, |model| Cell::Text(model.to_owned()));
                    vec![Cell::Year(FiscalYear::new(*year)), model]
                })
                .collect(),
        }
    }

    fn said(body: &Body, results: &Table, language: Language) -> Vec<(&'static str, String)> {
        let source = source();
        let figures = Figures {
            body,
            revision: source.revision,
            datasets: source.datasets,
            results,
        };
        let said = figures.identity(Locale::of(language));
        let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
        said.into_iter()
            .map(|known| (known.code, plain(known.value)))
            .collect()
    }

    fn of<'a>(said: &'a [(&'static str, String)], code: &str) -> &'a str {
        &said.iter().find(|(known, _)| *known == code).unwrap().1
    }

    #[test]
    fn models_have_their_years_and_what_is_not_known_is_said() {
        let years = [
            (2016, Some("M14")),
            (2017, Some("M14")),
            (2018, Some("M57")),
            (2019, None),
        ];
        let paris = said(source().body.unwrap(), &results(&years), Language::French);
        assert_eq!(
            of(&paris, "model"),
            "M14 (2016 à 2017), M57 (2018), non reconnue (2019) ; édition du modèle non précisée"
        );
        assert_eq!(of(&paris, "budget"), "budget principal");
        assert!(of(&paris, "identifiers").contains("217500016"));
        assert_eq!(
            of(&paris, "source"),
            "Ville d’Essai, compte-de-resultat, Licence Ouverte"
        );
        let unknown = Body {
            siren: String::new(),
            ..source().body.unwrap().clone()
        };
        for language in Language::ALL {
            let said = said(&unknown, &results(&[]), language);
            for (code, value) in &said {
                assert!(!value.is_empty(), "{code}");
                assert!(!value.contains(['{', '}']), "{code}: {value}");
            }
            assert_ne!(of(&said, "budget"), "budget principal");
            assert!(!of(&said, "budget").starts_with("main"), "{said:?}");
        }
    }

    #[test]
    fn a_budget_that_the_data_tell_apart_is_named_by_its_own_number() {
        let annex = Body {
            siren: "21750001600027".to_owned(),
            budget: Some(Budget::Annex),
            ..source().body.unwrap().clone()
        };
        let said_of_annex = said(&annex, &results(&[]), Language::French);
        assert_eq!(of(&said_of_annex, "budget"), "budget annexe");
        assert_eq!(
            of(&said_of_annex, "identifiers"),
            "SIREN 217500016, SIRET du budget 21750001600027"
        );
        // What is known of the body is not known of each of its budgets.
        let silent = Body {
            budget: None,
            ..annex
        };
        let said_of_silent = said(&silent, &results(&[]), Language::French);
        assert!(of(&said_of_silent, "budget").contains("ne dit pas"));
    }

    #[test]
    fn each_licence_stands_after_its_datasets() {
        let source = source();
        let body = source.body.unwrap();
        let dataset = |id: &str, licence: Option<&str>| Dataset {
            dataset_id: id.to_owned(),
            license: licence.map(str::to_owned),
            publisher: Some("Mairie d'Essai".to_owned()),
            ..source.datasets[0].clone()
        };
        let locale = Locale::of(Language::English);
        let both = [dataset("one", Some("ODbL")), dataset("two", Some("ODbL"))];
        assert_eq!(
            origin(&body.name, &both, locale),
            "Mairie d’Essai, one and two, ODbL"
        );
        let differ = [dataset("one", Some("ODbL")), dataset("two", Some(" "))];
        assert_eq!(
            origin(&body.name, &differ, locale),
            "Mairie d’Essai, one, ODbL, two, licence not stated"
        );
    }
}
