//! A row of a dataset of control totals, and what becomes of those of a body.

use std::borrow::Cow;
use std::collections::BTreeMap;

use centime_accounts::aggregates::{self, Aggregates, NoAmount};
use centime_accounts::{BodyKind, Budget, Centimes, FiscalYear, identifier};
use centime_portal::Value;
use centime_warehouse::Subject;
use centime_warehouse::staging::{NewAggregate, NewProfile};

use crate::error::Error;
use crate::findings::prefix;
use crate::gather::Group;
use crate::quote::shown_value;
use crate::record_error::{Hint, RecordError, RecordErrors};
use crate::row::{LineNumbers, Row};
use crate::totals::OfBody;
use crate::transform::{TransformRow, Transformer};
use crate::validate::{Labels, ParsedRow, ReadRow, RecordReader};

/// What a record says of a control total.
#[derive(Clone, Debug)]
pub struct AggregateEntry {
    record: i64,
    year: FiscalYear,
    aggregate: Box<str>,
    /// What is published; `None` where nothing is.
    amount: Option<Centimes>,
    /// Whether noise was taken away from it.
    denoised: bool,
    budget: Budget,
    budget_name: Box<str>,
    nomenclature: Box<str>,
    population: Option<u32>,
    name: Box<str>,
    profile: NewProfile,
}

/// What is said of a body whose name is not.
const NAMES: [(&str, BodyKind); 4] = [
    ("commune", BodyKind::Commune),
    ("grouping", BodyKind::Grouping),
    ("departement_name", BodyKind::Departement),
    ("region_name", BodyKind::Region),
];

impl Row for AggregateEntry {
    const SUBJECT: Subject = Subject::Aggregates;

    fn record(&self) -> i64 {
        self.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        let texts = [
            &self.aggregate,
            &self.budget_name,
            &self.nomenclature,
            &self.name,
        ];
        let NewProfile {
            insee,
            kind: _,
            departement,
            grouping,
        } = &self.profile;
        let known = [insee, departement, grouping].into_iter().flatten();
        size_of::<Self>()
            + texts.map(|text| text.len()).iter().sum::<usize>()
            + known.map(String::len).sum::<usize>()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        vec![self.amount]
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        numbers.of_labels(["", "", &self.budget_name, &self.aggregate])
    }

    fn line_name(&self) -> String {
        self.aggregate.trim().to_owned()
    }
}

impl ReadRow for AggregateEntry {
    /// The SIREN number where the record has one, or the code of a commune, département or region.
    fn number<'a>(
        reader: &RecordReader<'a>,
        _merged: bool,
        errors: &mut RecordErrors,
    ) -> Option<Option<Cow<'a, str>>> {
        for key in ["siren", "siret"] {
            if let Some(text) = reader.value(key) {
                return match identifier::digits(text) {
                    Ok(Cow::Borrowed(digits)) => {
                        Some(Some(Cow::Borrowed(identifier::siren(digits))))
                    }
                    Ok(Cow::Owned(digits)) => {
                        Some(Some(Cow::Owned(identifier::siren(&digits).to_owned())))
                    }
                    Err(error) => {
                        let name = reader.schema.optional_name(key).unwrap_or(key);
                        errors.add(reader.error(name, error.to_string()));
                        None
                    }
                };
            }
        }
        if let Some(code) = reader.value("insee") {
            if let Some(code) = commune(code) {
                return Some(Some(code));
            }
            let name = reader.schema.optional_name("insee").unwrap_or("insee");
            let reason = format!(
                "«{}» is not the INSEE code of a commune, as in 56134 or 2A004",
                code.chars().take(40).collect::<String>()
            );
            errors.add(reader.error(name, reason));
            return None;
        }
        for (key, of) in [("departement", "DEP"), ("region", "REG")] {
            if let Some(code) = reader.value(key) {
                return Some(Some(Cow::Owned(format!("{of}-{}", code.to_uppercase()))));
            }
        }
        let names = ["siren", "insee", "departement", "region"];
        let name = names
            .iter()
            .find_map(|key| reader.schema.optional_name(key));
        errors.add(reader.error(
            name.unwrap_or("siren"),
            "no SIREN number, no INSEE code, and no number of a département or a region: whose figures they are is not said"
                .to_owned(),
        ));
        None
    }

    fn read(
        reader: &RecordReader<'_>,
        _labels: &mut Labels,
        errors: &mut RecordErrors,
    ) -> Option<ParsedRow<Self>> {
        let year = reader.year(errors);
        let aggregate = reader.label("aggregate", errors);
        let amount = reader.total(errors);
        let budget = reader.kind_of_budget(errors);
        let population = reader.inhabitants(errors);
        let text = |key: &str| reader.value(key).map(str::to_owned);
        let boxed = |key: &str| Box::from(reader.value(key).unwrap_or_default());
        let kind = reader.kind();
        let insee = match kind {
            Some(BodyKind::Departement) => text("departement"),
            Some(BodyKind::Region) => text("region"),
            _ => reader.value("insee").and_then(commune).map(Cow::into_owned),
        };
        let name = NAMES
            .iter()
            .find(|(_, of)| Some(*of) == kind)
            .map_or("", |(key, _)| *key);
        let (amount, denoised) = amount?;
        let row = Self {
            record: reader.stored_as,
            year: year?,
            aggregate: Box::from(aggregate?.trim()),
            amount,
            denoised,
            budget: budget?,
            budget_name: boxed("budget_name"),
            nomenclature: boxed("chart"),
            population: population?,
            name: boxed(name),
            profile: NewProfile {
                insee,
                kind,
                departement: text("departement_name").or_else(|| text("departement")),
                grouping: text("grouping").filter(|_| kind == Some(BodyKind::Commune)),
            },
        };
        if row.aggregate.is_empty() {
            let name = reader.schema.name("aggregate");
            errors.add(reader.error(name, "no name of an aggregate".to_owned()));
            return None;
        }
        Some(ParsedRow {
            row,
            // Noise is counted by itself: no figure is in doubt because of it.
            rounded: false,
        })
    }
}

/// The INSEE code of a commune, with the zero that a spreadsheet takes from its beginning.
fn commune(code: &str) -> Option<Cow<'_, str>> {
    let is_code = code.len() == 5
        && code.starts_with(|first: char| first.is_ascii_digit())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_code && !code.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Some(Cow::Borrowed(code));
    }
    if is_code {
        return Some(Cow::Owned(code.to_ascii_uppercase()));
    }
    let is_cut = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_cut.then(|| Cow::Owned(format!("0{code}")))
}

/// What only rows of control totals have.
impl RecordReader<'_> {
    /// What the body is, as far as the fields that it has say it: records of communes name their département and
    /// region, too.
    fn kind(&self) -> Option<BodyKind> {
        let has = |keys: &[&str]| keys.iter().any(|key| self.value(key).is_some());
        if has(&["insee", "commune"]) {
            return Some(BodyKind::Commune);
        }
        if has(&["grouping"]) {
            return Some(BodyKind::Grouping);
        }
        if has(&["departement", "departement_name"]) {
            return Some(BodyKind::Departement);
        }
        has(&["region", "region_name"]).then_some(BodyKind::Region)
    }

    /// Which budget it is of: the main one where the dataset does not tell budgets apart.
    fn kind_of_budget(&self, errors: &mut RecordErrors) -> Option<Budget> {
        let Some(name) = self.schema.optional_name("budget") else {
            return Some(Budget::Main);
        };
        let found = self.budget();
        if found.is_none() {
            let reason = format!(
                "{} is no kind of budget: expected Budget principal or Budget annexe. Sums over several budgets are not read",
                shown_value(self.fields.get(name))
            );
            errors.add(self.error(name, reason));
        }
        found
    }

    /// The amount, and whether noise was taken away from it.
    fn total(&self, errors: &mut RecordErrors) -> Option<(Option<Centimes>, bool)> {
        let name = self.schema.name("amount");
        let text = match self.fields.get(name) {
            Some(Value::Number(text)) => text,
            Some(Value::Text(text)) if self.reading.amounts.is_none() => text,
            _ => {
                let mut rounded = false;
                let amount = self.amount("amount", &mut rounded, errors)?;
                if rounded {
                    let shown = shown_value(self.fields.get(name));
                    errors.add(self.error(name, format!("{shown} has a fraction of a centime")));
                    return None;
                }
                return Some((amount, false));
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Some((None, false));
        }
        match aggregates::amount(text) {
            Ok(read) if read.denoised && !self.reading.rounds => {
                errors.add(RecordError {
                    hint: Some(Hint::Rounding),
                    ..self.error(name, format!("{text} has a fraction of a centime"))
                });
                None
            }
            Ok(read) => Some((Some(read.amount), read.denoised)),
            Err(NoAmount::Amount(error)) => {
                errors.add(self.error(name, error.to_string()));
                None
            }
            Err(error @ NoAmount::Fraction(_)) => {
                let reason = format!("{error} that no rounding of binary numbers explains");
                errors.add(self.error(name, reason));
                None
            }
        }
    }
}

impl TransformRow for AggregateEntry {
    /// Stages the control totals of a body, and notes what statements are held against and divided by.
    async fn store(
        transformer: &mut Transformer<'_>,
        dataset: &str,
        group: Group<Self>,
    ) -> Result<(), Error> {
        let Group { siren, rows, .. } = group;
        if transformer.errors.any() {
            return Ok(());
        }
        transformer.findings.totals.body(&siren);
        let mut of_body = OfBody::default();
        for row in &rows {
            transformer.findings.totals.denoised += i64::from(row.denoised);
            let Some(amount) = row.amount else {
                continue;
            };
            transformer.findings.totals.amounts += 1;
            let some = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let (budget_name, nomenclature) = (some(&row.budget_name), some(&row.nomenclature));
            transformer
                .staging
                .aggregate(&NewAggregate {
                    siren: &siren,
                    year: row.year,
                    budget: row.budget,
                    budget_name: budget_name.as_deref(),
                    nomenclature: nomenclature.as_deref(),
                    aggregate: &row.aggregate,
                    amount,
                    record: row.record,
                })
                .await?;
            // Those of other budgets are kept beside these and added to nothing.
            if row.budget != Budget::Main {
                continue;
            }
            if let Err(reason) = of_body.add(row.year, &row.aggregate, amount, row.record) {
                transformer
                    .errors
                    .add(wrong(dataset, row, "aggregate", &siren, &reason));
            }
        }
        let main = || rows.iter().filter(|row| row.budget == Budget::Main);
        let mut populations: BTreeMap<FiscalYear, (u32, i64)> = BTreeMap::new();
        for row in main() {
            let Some(population) = row.population else {
                continue;
            };
            let (known, first) = *populations
                .entry(row.year)
                .or_insert((population, row.record));
            if known != population {
                let reason = format!("record {first} gives {known} inhabitants for the same year");
                transformer
                    .errors
                    .add(wrong(dataset, row, "population", &siren, &reason));
            }
        }
        for (year, aggregates) in of_body.years() {
            check(transformer, &siren, year, aggregates);
        }
        of_body.populations = populations
            .into_iter()
            .map(|(year, (population, _))| (year, population))
            .collect();
        // What the latest record says: names and groupings change.
        let latest = rows.iter().max_by_key(|row| (row.year, -row.record));
        if let (Some(latest), Some(claims)) = (latest, &mut transformer.claims) {
            of_body.name = latest.name.to_string();
            of_body.profile = latest.profile.clone();
            of_body.every_year = rows.iter().map(|row| row.year).collect();
            of_body.sample = transformer.sample;
            claims.totals.insert(siren, of_body);
        }
        Ok(())
    }
}

/// Holds the totals of a year against each other.
fn check(transformer: &mut Transformer<'_>, siren: &str, year: FiscalYear, of: &Aggregates) {
    let (held, broken) = of.check();
    let totals = &mut transformer.findings.totals;
    totals.held += i64::try_from(held).unwrap_or(i64::MAX);
    for found in broken {
        totals.broken.add(|| {
            format!(
                "{}{year} › {}: {} €, {} €",
                prefix(siren),
                found.identity.total,
                found.published,
                found.computed
            )
        });
    }
}

fn wrong(
    dataset: &str,
    row: &AggregateEntry,
    field: &str,
    siren: &str,
    reason: &str,
) -> RecordError {
    RecordError {
        dataset: dataset.to_owned(),
        record: row.record,
        field: field.to_owned(),
        reason: format!("{} of {siren}: {reason}", row.year),
        hint: None,
    }
}
