//! A dataset: its description, and the records of one body.

use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use super::balances::Column;
use super::bodies::{Bodies, BodyKind};
use super::cell::Cell;
use super::edition::National;
use super::{aggregates, balances};

/// A dataset of the national edition.
#[derive(Clone, Debug)]
pub struct Table {
    pub id: String,
    title: String,
    content: Content,
    years: RangeInclusive<u16>,
    pub columns: Vec<Column>,
    /// All bodies that it has records of, in the order of their numbers.
    bodies: Vec<Bodies>,
    pub edition: National,
    count: Arc<OnceLock<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Balances { by_function: bool },
    Aggregates,
}

/// All datasets of an edition, named as the real ones.
pub fn all(edition: &National) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut add = |id: String, content, years: RangeInclusive<u16>, columns, kinds: &[BodyKind]| {
        let edition = edition.of_years(&years);
        let bodies = kinds.iter().map(|kind| edition.bodies(*kind));
        tables.push(Table {
            title: format!("{} (exemple)", id.replace('-', " ")),
            id,
            content,
            years,
            columns,
            bodies: bodies.collect(),
            edition,
            count: Arc::default(),
        });
    };
    let by_nature = Content::Balances { by_function: false };
    for year in edition.years() {
        add(
            format!("balances-comptables-des-communes-en-{year}"),
            by_nature,
            year..=year,
            balances::columns(Some(year), false),
            &[BodyKind::Commune],
        );
    }
    for (id, kind) in [
        (
            "balances-comptables-des-departements",
            BodyKind::Departement,
        ),
        ("balances-comptables-des-regions-", BodyKind::Region),
        (
            "balances-comptables-des-groupements-a-fiscalite-propre-depuis-2010",
            BodyKind::Grouping,
        ),
        (
            "balances-comptables-des-syndicats-depuis-2010",
            BodyKind::Syndicat,
        ),
        (
            "balances-comptables-des-etablissements-publics-locaux-depuis-2010",
            BodyKind::Establishment,
        ),
    ] {
        let columns = balances::columns(None, false);
        add(id.to_owned(), by_nature, edition.years(), columns, &[kind]);
    }
    for year in edition.years().filter(|year| *year >= 2019) {
        add(
            by_function_id(year),
            Content::Balances { by_function: true },
            year..=year,
            balances::columns(Some(year), true),
            &BodyKind::ALL,
        );
    }
    for (id, kind) in [
        ("ofgl-base-communes", BodyKind::Commune),
        ("ofgl-base-departements", BodyKind::Departement),
        ("ofgl-base-regions", BodyKind::Region),
    ] {
        let columns = aggregates::columns(kind);
        add(
            id.to_owned(),
            Content::Aggregates,
            edition.years(),
            columns,
            &[kind],
        );
    }
    tables
}

/// The name of the dataset by nature and function, which follows no rule.
fn by_function_id(year: u16) -> String {
    let stem = "balances-comptables-des-collectivites-et-des-etablissements-publics-locaux";
    match year {
        ..=2021 => format!("{stem}-avec{}", year - 2013),
        2022 => format!("{stem}-2022"),
        2023 => "balances-comptables-des-collectivites-et-des-epl-avec-fonction-2023".to_owned(),
        _ => format!("{stem}-avec-la-presentation-croisee-nature-fonction-{year}"),
    }
}

impl Table {
    /// The body of `/catalog/datasets/{id}`, without the number of records.
    pub fn description(&self) -> Map<String, Value> {
        let fields = self.columns.iter().map(|(name, kind)| {
            let annotations = match *kind {
                "date" => json!({"timeserie_precision": ["year"]}),
                _ => json!({}),
            };
            json!({"name": name, "label": name.to_uppercase(), "description": null, "type": kind,
                "annotations": annotations})
        });
        let described = json!({
            "dataset_id": self.id,
            "dataset_uid": format!("da_{}", self.id),
            "has_records": true,
            "data_visible": true,
            "features": ["analyze"],
            "attachments": [],
            "fields": fields.collect::<Vec<Value>>(),
            "metas": {"default": {
                "title": self.title,
                "publisher": "Centime: invented bodies and amounts",
                "data_processed": self.edition.published_at(),
                "metadata_processed": "2026-01-01T00:00:00.000000+00:00",
                "modified": "2026-01-01T00:00:00+00:00",
            }},
        });
        match described {
            Value::Object(described) => described,
            _ => Map::new(),
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        *self.count.get_or_init(|| {
            let places = self.places().into_iter();
            places.map(|place| self.len_of(place)).sum()
        })
    }

    fn len_of(&self, (kind, index): (usize, u32)) -> usize {
        let body = self.bodies[kind].body(index);
        let years = || self.years.clone();
        match self.content {
            Content::Balances { by_function } => {
                let budgets = body.budgets.iter();
                budgets
                    .flat_map(|budget| {
                        years().map(move |year| balances::count(budget, year, by_function))
                    })
                    .sum()
            }
            Content::Aggregates => years().count() * aggregates::count(),
        }
    }

    /// Where all its bodies are.
    pub fn places(&self) -> Vec<(usize, u32)> {
        let kinds = self.bodies.iter().enumerate();
        let places = kinds.flat_map(|(kind, bodies)| (0..bodies.count()).map(move |it| (kind, it)));
        places.collect()
    }

    /// Where the bodies are that a column may have this value of; `None` where that is not known from it.
    pub fn places_with(&self, column: &str, value: &str) -> Option<Vec<(usize, u32)>> {
        let kinds = self.bodies.iter().enumerate();
        match column {
            "siren" | "ident" => {
                let found = kinds.filter_map(|(kind, it)| Some((kind, it.with_number(value)?)));
                Some(found.collect())
            }
            "ndept" | "dep_code" | "insee" => {
                let departement = match (column, value.get(..2)) {
                    ("ndept", _) => value.to_owned(),
                    ("dep_code", _) => format!("{value:0>3}"),
                    ("insee", Some(start)) if value.len() == 5 => format!("{start:0>3}"),
                    _ => return None,
                };
                let found = kinds.flat_map(|(kind, it)| {
                    it.of_departement(&departement)
                        .map(move |index| (kind, index))
                });
                Some(found.collect())
            }
            _ => None,
        }
    }

    /// The records of a body, budget by budget and year by year.
    pub fn records(&self, (kind, index): (usize, u32)) -> Vec<Vec<Cell>> {
        let body = self.bodies[kind].body(index);
        let mut records = Vec::new();
        let mut add = |record| records.push(record);
        for budget in &body.budgets {
            for year in self.years.clone() {
                match self.content {
                    Content::Balances { .. } => {
                        balances::records(&self.columns, &body, budget, year, &mut add);
                    }
                    Content::Aggregates if budget.code == 1 => {
                        aggregates::records(&self.columns, &body, budget, year, &mut add);
                    }
                    Content::Aggregates => {}
                }
            }
        }
        records
    }
}
