//! Datasets that are written in another way than that of Paris: which rows are of one statement, and what values
//! mean. The right figures, or a stop that says what to set; never another figure.

use std::collections::BTreeMap;

use crate::common::{Bench, Silent, serve};
use centime_accounts::{Budget, Centimes};
use centime_analytics::columns;
use centime_pipeline::{
    AcceptedChanges, BodyName, DatasetOptions, DatasetSettings, Edition, Error, Policy,
    RecordSource, Source, Summary,
};
use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::{Basis, Cell, Named, Outcome, Subject};
use serde_json::{Map, Value, json};

/// The lines of a small statement: what its labels are, and its amounts of 2022 and of 2023.
const LINES: [(&str, &str, &str, &str, &str, &str); 6] = [
    (
        "EXPLOITATION",
        "PRODUITS",
        "RECETTES COURANTES",
        "Contributions des habitants",
        "5000000.10",
        "5500000.11",
    ),
    (
        "EXPLOITATION",
        "PRODUITS",
        "RECETTES COURANTES",
        "Droits d'entrée de la piscine",
        "250000.25",
        "260000.26",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "DEPENSES COURANTES",
        "Traitements des agents",
        "3100000.33",
        "3300000.44",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "DEPENSES COURANTES",
        "Énergie et fluides",
        "900000.47",
        "1050000.50",
    ),
    (
        "FINANCIER",
        "CHARGES",
        "DEPENSES FINANCIERES",
        "Intérêts des emprunts",
        "120000.99",
        "110000.88",
    ),
    (
        "EXCEPTIONNEL",
        "PRODUITS",
        "RECETTES EXCEPTIONNELLES",
        "Ventes de terrains",
        "80000.01",
        "30999.88",
    ),
];

/// Its results in centimes.
const RESULTS: [(i64, Option<i64>); 2] = [(2022, Some(120_999_857)), (2023, Some(133_099_843))];

/// The records of both years, each changed by a function.
fn records(change: impl Fn(&mut Map<String, Value>)) -> Vec<String> {
    let mut records = Vec::new();
    for year in [2022, 2023] {
        for (activity, side, category, label, before, after) in LINES {
            let amount = if year == 2022 { before } else { after };
            let amount: serde_json::Number = amount.parse().unwrap();
            let mut record = json!({
                "exercice_comptable": year.to_string(), "type_de_resultat": activity, "produit_charge": side,
                "poste": category, "detail_postes": label, "montant_en_eur": amount,
            });
            change(record.as_object_mut().unwrap());
            records.push(record.to_string());
        }
    }
    records
}

fn clean() -> Vec<String> {
    records(|_| {})
}

/// The same with a value in one more field.
fn with(field: &str, value: impl Into<Value>) -> Vec<String> {
    let value = value.into();
    records(|record| drop(record.insert(field.to_owned(), value.clone())))
}

/// The same with another value for a field, made from its text.
fn rewritten(field: &str, write: impl Fn(&str) -> Value) -> Vec<String> {
    records(|record| {
        let text = match &record[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        record.insert(field.to_owned(), write(&text));
    })
}

/// A dataset of these records, whose fields are those of its first.
fn dataset(id: &str, records: &[String], types: &[(&str, &str)]) -> SimDataset {
    let first: Map<String, Value> = serde_json::from_str(&records[0]).unwrap();
    let kind = |name: &str| {
        let found = types.iter().find(|(typed, _)| *typed == name);
        found.map_or("text", |(_, kind)| *kind)
    };
    let columns: Vec<(&str, &str)> = first
        .keys()
        .map(|name| (name.as_str(), kind(name)))
        .collect();
    SimDataset::new(id, &columns, records.iter().map(String::as_str)).unwrap()
}

/// A run over an income statement, with what is set for it.
struct Case {
    bench: Bench,
    datasets: Vec<SimDataset>,
    income_statement: DatasetSettings,
    balance_sheet: Option<DatasetSettings>,
    fields: BTreeMap<String, String>,
    siren: &'static str,
}

impl Case {
    async fn new(records: &[String]) -> Self {
        Self::typed(records, &[]).await
    }

    async fn typed(records: &[String], types: &[(&str, &str)]) -> Self {
        Self {
            bench: Bench::new().await,
            datasets: vec![dataset("compte-de-resultat", records, types)],
            income_statement: DatasetSettings::default(),
            balance_sheet: None,
            fields: BTreeMap::new(),
            siren: "217500016",
        }
    }

    fn set(mut self, set: impl FnOnce(&mut DatasetSettings)) -> Self {
        set(&mut self.income_statement);
        self
    }

    async fn run(&self) -> Result<Summary, Error> {
        self.run_with(false).await
    }

    async fn run_with(&self, accept: bool) -> Result<Summary, Error> {
        let portal = serve(Simulator::from_datasets(self.datasets.clone())).await;
        let portal = crate::common::portal_at(&portal.url());
        let body = BodyName {
            siren: self.siren.to_owned(),
            name: "Commune d'Essai".to_owned(),
        };
        let source = |subject, id: &str, settings: &DatasetSettings| RecordSource {
            reading: DatasetOptions::new(subject, settings).unwrap(),
            body: Some(body.clone()),
            ..RecordSource::new(subject, portal.clone(), id)
        };
        let statement = RecordSource {
            fields: self.fields.clone(),
            ..source(
                Subject::IncomeStatement,
                "compte-de-resultat",
                &self.income_statement,
            )
        };
        let balance = self.balance_sheet.as_ref().map(|settings| RecordSource {
            optional: true,
            ..source(Subject::BalanceSheet, "bilan-comptable", settings)
        });
        let sources = std::iter::once(statement).chain(balance);
        let source: Edition = sources.map(Source::from).collect();
        let models = centime_analytics::models();
        let policy = Policy {
            keep: 3,
            accept_changes: if accept {
                AcceptedChanges::ALL
            } else {
                AcceptedChanges::NONE
            },
        };
        centime_pipeline::run(&source, &self.bench.warehouse, &models, policy, &Silent).await
    }

    /// The results of a body.
    async fn results(&self, siren: &str) -> Vec<(i64, Option<i64>)> {
        let revision = self.bench.warehouse.current().await.unwrap();
        let analysis = centime_analytics::by_name("reconciliation").unwrap();
        let table = self
            .bench
            .warehouse
            .mart(&analysis.model, revision.id, siren, Basis::Leaf);
        let table = table.await.unwrap();
        let result = |row: &Vec<Cell>| {
            let year = table.cell(row, columns::FISCAL_YEAR).year().unwrap();
            let result = table.cell(row, columns::LEAF_RESULT).amount();
            (year.into(), result.map(Centimes::get))
        };
        table.rows.iter().map(result).collect()
    }

    async fn publishes(&self, why: &str) {
        let summary = self
            .run()
            .await
            .unwrap_or_else(|error| panic!("{why}: {error}"));
        assert!(summary.published, "{why}");
        assert_eq!(self.results(self.siren).await, RESULTS, "{why}");
    }

    async fn stops(&self, why: &str, words: &[&str]) {
        let message = match self.run().await {
            Ok(_) => panic!("{why}: it was published"),
            Err(error) => error.to_string(),
        };
        for word in words {
            assert!(
                message.contains(word),
                "{why}: «{word}» is not in: {message}"
            );
        }
        assert!(
            self.bench.warehouse.published().await.unwrap().is_none(),
            "{why}"
        );
    }
}

#[tokio::test]
async fn the_clean_statement_is_right() {
    Case::new(&clean()).await.publishes("clean").await;
}

#[tokio::test]
async fn budgets_of_a_body_are_kept_apart_by_their_siret_numbers() {
    let bodies = [
        ("21750001600019", "Commune d'Essai", "1"),
        ("217 500 016 00027", "Budget annexe Eau", "3"),
        ("26750888800013", "CCAS d'Essai", "1"),
    ];
    let of = |(siret, name, budget): (&str, &str, &str)| {
        records(|record| {
            for (key, value) in [
                ("siret", siret),
                ("nom_collectivite", name),
                ("cbudg", budget),
            ] {
                record.insert(key.to_owned(), value.into());
            }
            if budget == "3" {
                record["montant_en_eur"] = json!(1.5);
            }
        })
    };
    let case = Case::new(&bodies.map(of).concat()).await;
    case.run().await.unwrap();
    assert_eq!(case.results("21750001600019").await, RESULTS);
    assert_eq!(case.results("26750888800013").await, RESULTS);
    assert_eq!(
        case.results("21750001600027").await,
        [(2022, Some(0)), (2023, Some(0))]
    );
    let warehouse = &case.bench.warehouse;
    for (text, siren, name) in [
        ("21750001600027", "21750001600027", "Budget annexe Eau"),
        ("217 500 016 00027", "21750001600027", "Budget annexe Eau"),
        // The main budget, where the body alone is named.
        ("217 500 016", "21750001600019", "Commune d'Essai"),
        ("217500016.0", "21750001600019", "Commune d'Essai"),
        ("267508888", "26750888800013", "CCAS d'Essai"),
        ("COMMUNE D’ESSAI", "21750001600019", "Commune d'Essai"),
        ("ccas d'essai", "26750888800013", "CCAS d'Essai"),
    ] {
        match warehouse.named_body(1, text).await.unwrap() {
            Named::One(body) => assert_eq!(
                (body.siren.as_str(), body.name.as_str()),
                (siren, name),
                "{text}"
            ),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["217500017", "26750888800021", "Commune", ""] {
        assert_eq!(
            warehouse.named_body(1, text).await.unwrap(),
            Named::None,
            "{text}"
        );
    }
    let body = warehouse.body(1, "21750001600027").await.unwrap().unwrap();
    assert_eq!(
        (body.siret(), body.siren_number()),
        (Some("21750001600027"), "217500016")
    );
    assert_eq!(body.budget, Some(Budget::Annex));
}

#[tokio::test]
async fn several_budgets_without_a_main_one_are_not_chosen_among() {
    let of = |siret: &str| with("siret", siret);
    let case = Case::new(&[of("21750001600019"), of("21750001600027")].concat()).await;
    case.run().await.unwrap();
    let found = case
        .bench
        .warehouse
        .named_body(1, "217500016")
        .await
        .unwrap();
    assert!(
        matches!(found, Named::Several(ref bodies) if bodies.len() == 2),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_number_of_a_body_is_read_as_people_write_it() {
    for (value, siren) in [
        (json!("217 500 016"), "217500016"),
        (json!("217500016.0"), "217500016"),
        (json!(217_500_016), "217500016"),
        (json!("21750001600019"), "21750001600019"),
        (json!("217\u{a0}500\u{a0}016\u{a0}00019"), "21750001600019"),
    ] {
        let case = Case {
            siren,
            ..Case::new(&with("siren", value.clone())).await
        };
        case.publishes(&value.to_string()).await;
    }
    for value in [
        json!("2.17500016E8"),
        json!("Paris"),
        json!(null),
        json!("21750001"),
        json!(21_750_001.5),
    ] {
        let case = Case::new(&with("siren", value.clone())).await;
        case.stops(&value.to_string(), &["siren", "nine digits", "record 1"])
            .await;
    }
}

#[tokio::test]
async fn numbers_that_contradict_each_other_stop_a_run() {
    let both = records(|record| {
        record.insert("siren".to_owned(), "217500016".into());
        record.insert("siret".to_owned(), "26750888800013".into());
    });
    let case = Case::new(&both).await;
    case.stops("another body", &["siret", "another body than 217500016"])
        .await;
    let mut half = records(|record| {
        record.insert("siren".to_owned(), "217500016".into());
        record.insert("siret".to_owned(), "21750001600019".into());
    });
    half[3] = half[3].replace("\"21750001600019\"", "null");
    let case = Case::new(&half).await;
    case.stops("half told", &["record 12", "no SIRET number"])
        .await;
}

#[tokio::test]
async fn a_number_with_a_wrong_check_digit_is_told() {
    let case = Case::new(&with("siren", "217500017")).await;
    let summary = case.run().await.unwrap();
    let check = summary
        .checks
        .iter()
        .find(|check| check.name == "identifiers-valid")
        .unwrap();
    assert_eq!(
        (check.outcome, check.subjects.as_slice()),
        (Outcome::Warn, &["217500017".to_owned()][..])
    );
}

#[tokio::test]
async fn a_field_that_tells_equal_rows_apart_stops_a_run() {
    let two =
        |field: &str, one: Value, other: Value| [with(field, one), with(field, other)].concat();
    for (field, one, other) in [
        ("nature_budget", json!("BP"), json!("CA")),
        ("version", json!(1), json!(2)),
        ("definitif", json!(true), json!(false)),
        ("budget", json!("Budget principal"), json!("Eau")),
        ("commune", json!("A"), json!("B")),
        (
            "date_de_publication",
            json!("2024-01-05"),
            json!("2024-02-05"),
        ),
        ("observation", json!(null), json!("révisé")),
        ("fonction", json!("01"), json!("020")),
        // Read, but not as a number of the body.
        ("collectivite", json!("A"), json!("B")),
        ("lbudg", json!("PRINCIPAL"), json!("EAU")),
        ("cbudg", json!("1"), json!("3")),
        (
            "autre_siret",
            json!("21750001600019"),
            json!("21750001600027"),
        ),
    ] {
        let case = Case::new(&two(field, one, other)).await;
        case.stops(
            field,
            &[
                field,
                "records",
                "where = ",
                "ignore = [",
                "[datasets.income_statement]",
            ],
        )
        .await;
    }
    // The same year by another name.
    let again: Vec<String> = clean()
        .into_iter()
        .chain(rewritten("exercice_comptable", |year| {
            json!(format!("{year}-06-30"))
        }))
        .collect();
    Case::new(&again)
        .await
        .stops("half a year", &["exercice_comptable", "2022-06-30"])
        .await;
}

#[tokio::test]
async fn names_of_several_bodies_stop_a_run_even_where_they_share_no_line() {
    let mut records = records(|record| drop(record.insert("collectivite".to_owned(), "A".into())));
    for record in &mut records[..3] {
        *record = record.replace("\"collectivite\":\"A\"", "\"collectivite\":\"B\"");
    }
    let case = Case::new(&records).await;
    case.stops(
        "names",
        &["collectivite", "«A»", "«B»", "several bodies", "siret = "],
    )
    .await;
}

#[tokio::test]
async fn a_field_that_does_not_tell_equal_rows_apart_is_no_matter() {
    let number = std::cell::Cell::new(0);
    let numbered = records(|record| {
        number.set(number.get() + 1);
        record.insert("numero".to_owned(), number.get().into());
    });
    Case::new(&numbered)
        .await
        .publishes("a number of the row")
        .await;
    let of_line = records(|record| {
        let code = format!("R{}", record["detail_postes"].to_string().len());
        record.insert("code".to_owned(), code.into());
    });
    Case::new(&of_line)
        .await
        .publishes("a code of the line")
        .await;
    let of_year = records(|record| {
        let year = record["exercice_comptable"].clone();
        record.insert("publie_en".to_owned(), year);
    });
    Case::new(&of_year)
        .await
        .publishes("something of the year")
        .await;
    Case::new(&with("geo", json!([1.5, 2.5])))
        .await
        .publishes("the same everywhere")
        .await;
}

#[tokio::test]
async fn rows_are_chosen_by_the_portal_and_the_choice_is_kept_with_the_data() {
    let mut voted = records(|record| {
        record.insert("nature_budget".to_owned(), "BP".into());
        record["montant_en_eur"] = json!(7.25);
    });
    voted.extend(with("nature_budget", "CA"));
    let case = Case::new(&voted)
        .await
        .set(|set| set.filter = Some("nature_budget = 'CA'".to_owned()));
    let summary = case.run().await.unwrap();
    assert_eq!(summary.records, 12);
    assert_eq!(case.results(case.siren).await, RESULTS);
    let datasets = case.bench.warehouse.datasets(1).await.unwrap();
    assert_eq!(datasets[0].filter.as_deref(), Some("nature_budget = 'CA'"));
    assert!(!case.run().await.unwrap().published, "nothing has changed");
    // Another choice is another statement.
    let other = case.set(|set| set.filter = Some("nature_budget = 'BP'".to_owned()));
    assert!(other.run().await.unwrap().published);
    assert_ne!(other.results(other.siren).await, RESULTS);
    for (filter, words) in [
        ("nature_budget = 'XX'", ["no records that meet", "where"]),
        ("nature = 'CA'", ["Unknown field: nature", "400"]),
    ] {
        let case = Case::new(&voted)
            .await
            .set(|set| set.filter = Some(filter.to_owned()));
        case.stops(filter, &words).await;
    }
}

#[tokio::test]
async fn a_field_may_be_said_not_to_matter() {
    let mut records = with("commentaire", json!(null));
    records.push(records[0].replace("\"commentaire\":null", "\"commentaire\":\"solde\""));
    Case::new(&records)
        .await
        .stops("a remark", &["commentaire", "«solde»"])
        .await;
    let case = Case::new(&records)
        .await
        .set(|set| set.ignore = vec!["commentaire".to_owned()]);
    let summary = case.run().await.unwrap();
    let found = |name: &str| {
        summary
            .checks
            .iter()
            .find(|check| check.name == name)
            .unwrap()
            .outcome
    };
    assert_eq!(found("no-duplicates"), Outcome::Warn);
    assert_eq!(found("years-published-once"), Outcome::Pass);
    let reading = case.bench.warehouse.datasets(1).await.unwrap()[0]
        .reading
        .clone();
    assert_eq!(reading.as_deref(), Some("ignore = [\"commentaire\"]"));
}

#[tokio::test]
async fn a_year_that_is_published_twice_is_refused_unless_accepted() {
    let twice = [clean(), clean()].concat();
    let others = [
        clean(),
        rewritten("montant_en_eur", |amount| {
            json!(
                format!("{}9", amount.trim_end_matches('0'))
                    .parse::<serde_json::Number>()
                    .unwrap()
            )
        }),
    ]
    .concat();
    let nearly = [clean(), clean()[1..].to_vec()].concat();
    let three = [clean(), clean(), clean()].concat();
    for (why, records) in [
        ("twice", twice),
        ("other amounts", others),
        ("nearly", nearly),
        ("three times", three),
    ] {
        let case = Case::new(&records).await;
        let words = [
            "published several times",
            "2022",
            "2023",
            "--accept-changes=years",
        ];
        case.stops(why, &words).await;
        let summary = case.run_with(true).await.unwrap();
        let check = summary
            .checks
            .iter()
            .find(|check| check.name == "years-published-once")
            .unwrap();
        assert_eq!((check.outcome, check.found), (Outcome::Warn, 2), "{why}");
        assert!(
            check.subjects[0].starts_with("2022: "),
            "{:?}",
            check.subjects
        );
    }
    // What was right before stays.
    let case = Case::new(&clean()).await;
    case.publishes("first").await;
    let case = Case {
        datasets: vec![dataset(
            "compte-de-resultat",
            &[clean(), clean()].concat(),
            &[],
        )],
        ..case
    };
    assert!(case.run().await.is_err());
    assert_eq!(case.results(case.siren).await, RESULTS);
}

/// An amount as people write it in French.
fn french(amount: &str, space: &str) -> String {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push_str(space);
        }
        grouped.push(digit);
    }
    format!("{grouped},{fraction:0<2}")
}

/// A form in which something is written, and its name.
type Form<T> = (&'static str, fn(&str) -> T);

#[tokio::test]
async fn amounts_are_read_as_the_configuration_says_they_are_written() {
    let forms: [Form<String>; 5] = [
        ("commas", |amount| french(amount, "")),
        ("narrow spaces", |amount| french(amount, "\u{202f}")),
        ("points", |amount| french(amount, ".")),
        ("euros", |amount| format!("{} €", french(amount, "\u{a0}"))),
        ("currency first", |amount| {
            format!("EUR {}", french(amount, " "))
        }),
    ];
    for (why, write) in forms {
        let records = rewritten("montant_en_eur", |amount| json!(write(amount)));
        let case = Case::new(&records).await;
        case.stops(
            why,
            &["record 1, montant_en_eur", "decimal = \",\"", "1234.56"],
        )
        .await;
        let case = case.set(|set| set.decimal = Some(",".to_owned()));
        case.publishes(why).await;
    }
    // JSON numbers are numbers whatever is set.
    let case = Case::new(&clean())
        .await
        .set(|set| set.decimal = Some(",".to_owned()));
    case.publishes("numbers").await;
    for value in ["1 23,4", "1,234.56", "--1", "12 k€", "n/a", "1.234"] {
        let records = rewritten("montant_en_eur", |_| json!(value));
        let case = Case::new(&records)
            .await
            .set(|set| set.decimal = Some(",".to_owned()));
        case.stops(value, &[&format!("«{value}»"), "such as 1 234,56"])
            .await;
    }
    let case = Case::new(&rewritten("montant_en_eur", |_| json!("1.234"))).await;
    case.stops("1.234", &["«1.234» may be one of two amounts"])
        .await;
}

#[tokio::test]
async fn negative_amounts_are_negative_in_every_form() {
    for (written, centimes) in [
        ("-12,50", -1250),
        ("12,50-", -1250),
        ("(12,50)", -1250),
        ("− 12,50 €", -1250),
    ] {
        let records = rewritten("montant_en_eur", |_| json!(written));
        let case = Case::new(&records)
            .await
            .set(|set| set.decimal = Some(",".to_owned()));
        case.run().await.unwrap();
        // Three lines of revenue and three of expense.
        assert_eq!(
            case.results(case.siren).await[0],
            (2022, Some(0)),
            "{written}"
        );
        let naive = case.bench.warehouse.statement(1, case.siren).await.unwrap();
        assert!(
            naive
                .iter()
                .all(|line| line.amount == Some(Centimes::new(centimes))),
            "{written}"
        );
    }
}

#[tokio::test]
async fn years_are_read_in_every_form_that_means_one_year() {
    let forms: [Form<Value>; 6] = [
        ("a day", |year| json!(format!("31/12/{year}"))),
        ("words", |year| json!(format!("Exercice {year}"))),
        ("a month", |year| json!(format!("12/{year}"))),
        ("a number", |year| json!(year.parse::<i64>().unwrap())),
        ("a decimal", |year| json!(format!("{year}.0"))),
        ("a moment", |year| {
            json!(format!("{year}-01-01T00:00:00+00:00"))
        }),
    ];
    for (why, write) in forms {
        Case::new(&rewritten("exercice_comptable", write))
            .await
            .publishes(why)
            .await;
    }
    let compact = rewritten("exercice_comptable", |year| json!(format!("{year}1231")));
    let case = Case::new(&compact).await;
    case.stops(
        "digits",
        &["«20221231»", "fiscal_year = { format = ", "31/12/2023"],
    )
    .await;
    case.set(|set| set.year_format = Some("%Y%m%d".to_owned()))
        .publishes("a form")
        .await;
}

#[tokio::test]
async fn the_first_of_january_does_not_slip_into_the_year_before() {
    // As a portal in universal time shows the first of January of Paris.
    let slipped = rewritten("exercice_comptable", |year| {
        let before = year.parse::<i64>().unwrap() - 1;
        json!(format!("{before}-12-31T23:00:00+00:00"))
    });
    let as_text = Case::new(&slipped).await;
    as_text
        .stops(
            "text",
            &["«2021-12-31T23:00:00+00:00»", "timezone = \"Europe/Paris\""],
        )
        .await;
    as_text
        .set(|set| set.timezone = Some("Europe/Paris".to_owned()))
        .publishes("the zone is said")
        .await;
    // The portal is asked to write moments as Paris sees them.
    let moments = [("exercice_comptable", "datetime")];
    Case::typed(&slipped, &moments)
        .await
        .publishes("moments")
        .await;
    let in_noumea = rewritten("exercice_comptable", |year| {
        let before = year.parse::<i64>().unwrap() - 1;
        json!(format!("{before}-12-31T13:00:00+00:00"))
    });
    Case::typed(&in_noumea, &moments)
        .await
        .stops("elsewhere", &["timezone"])
        .await;
    let said = Case::typed(&in_noumea, &moments).await;
    said.set(|set| set.timezone = Some("Pacific/Noumea".to_owned()))
        .publishes("Nouméa")
        .await;
}

#[tokio::test]
async fn years_may_be_columns_as_paris_published_them_once() {
    let records: Vec<String> = LINES
        .iter()
        .map(|(activity, side, category, label, before, after)| {
            format!(
                "{{\"type_de_resultat\":{},\"produit_charge\":{},\"poste\":{},\"detail_postes\":{},\
                 \"exercice_2023\":{after},\"exercice_2022\":{before},\"empty\":null}}",
                json!(activity),
                json!(side),
                json!(category),
                json!(label)
            )
        })
        .collect();
    let balance: Vec<String> = ["ACTIF", "PASSIF"]
        .iter()
        .map(|side| {
            let label = if *side == "ACTIF" { "Terrains" } else { "Résultat de l'exercice" };
            let poste = if *side == "ACTIF" { "ACTIF IMMOBILISE" } else { "FONDS PROPRES" };
            json!({
                "actif_passif": side, "poste": poste, "detail": label, "2023_brut": "1 330 998,43",
                "2023_amortissements_et_provisions": null, "2023_net": 1_330_998.43, "2022_net": 1_209_998.57,
            })
            .to_string()
        })
        .collect();
    let mut case = Case::new(&records).await;
    case.stops("nothing set", &["exercice_{year}", "columns = { amount = "])
        .await;
    case.datasets
        .push(dataset("bilan-comptable", &balance, &[]));
    let columns = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()));
        owned.collect::<BTreeMap<String, String>>()
    };
    case.balance_sheet = Some(DatasetSettings {
        decimal: Some(",".to_owned()),
        columns: columns(&[
            ("gross", "{year}_brut"),
            ("depreciation", "{year}_amortissements_et_provisions"),
            ("net", "{year}_net"),
        ]),
        ..DatasetSettings::default()
    });
    let case = case.set(|set| set.columns = columns(&[("amount", "exercice_{year}")]));
    let summary = case.run().await.unwrap();
    assert_eq!(summary.records, 8);
    assert_eq!(case.results(case.siren).await, RESULTS);
    let statuses = case.bench.statuses().await;
    assert_eq!(statuses, ["reconciled", "reconciled"]);
    // Each line leads to its record.
    let (warehouse, revision) = (&case.bench.warehouse, summary.revision);
    let lines = warehouse.statement(revision, case.siren).await.unwrap();
    assert_eq!(lines.len(), 12);
    for line in &lines {
        let record = warehouse.line(revision, case.siren, line.record).await;
        assert_eq!(record.unwrap().unwrap(), *line);
    }
}

#[tokio::test]
async fn a_balance_sheet_without_siret_numbers_is_that_of_the_only_budget() {
    let balance = vec![
        json!({"exercice_comptable": "2023", "actif_passif": "PASSIF", "poste": "FONDS PROPRES",
            "detail": "Résultat de l'exercice", "brut": 1_330_998.43, "amortissements": null, "net": 1_330_998.43,
            "siren": "217500016"})
        .to_string(),
    ];
    let one = with("siret", "21750001600019");
    let sheet = || dataset("bilan-comptable", &balance, &[]);
    let case = |records: Vec<String>| async move {
        let mut case = Case::new(&records).await;
        case.datasets.push(sheet());
        case.balance_sheet = Some(DatasetSettings::default());
        case
    };
    let only = case(one.clone()).await;
    only.run().await.unwrap();
    let statuses = only.bench.statuses().await;
    assert_eq!(statuses[1], "reconciled", "{statuses:?}");
    let two = case([one, with("siret", "21750001600027")].concat()).await;
    two.stops(
        "two budgets",
        &[
            "several budgets of the body 217500016",
            "[fields.balance_sheet]",
        ],
    )
    .await;
}
