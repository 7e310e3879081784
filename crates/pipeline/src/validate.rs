//! Validate: the values of a record as years, texts and amounts.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use centime_accounts::identifier;
use centime_accounts::money::AmountError;
use centime_accounts::year::YearError;
use centime_accounts::{
    BalanceRow, BodyKind, Budget, Centimes, FiscalYear, Published, StatementRow,
};
use centime_portal::{Fields, Record, Value};
use centime_warehouse::Subject;

use crate::bodies::Bodies;
use crate::dataset_options::DatasetOptions;
use crate::quote::shown_value;
use crate::record_error::{Hint, RecordError, RecordErrors};
use crate::repeats::FieldKind;
use crate::row::Row;
use crate::schema::{Schema, YearColumns};

/// The longest label accepted, in characters. The longest of the official model has 100.
const MAX_TEXT_CHARS: usize = 4000;

/// How many sets of labels are kept to be shared. A dataset with more only takes more memory for a
/// moment.
const MAX_SHARED_LABELS: usize = 20_000;

/// Validates the records of a dataset, one after the other.
pub struct Validator<'a> {
    dataset: &'a str,
    reading: &'a DatasetOptions,
    /// The bodies of the income statement where the dataset is its balance sheet.
    statement_bodies: Option<&'a Bodies>,
    /// The number of the body of records that name none.
    default: &'a str,
    labels: Labels,
    /// Bodies that could be one of several budgets.
    ambiguous: BTreeSet<String>,
    /// How many records of the subject are stored already.
    stored_before: i64,
}

/// What a record of a statement says of its body besides its accounts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile<'a> {
    /// The INSEE code of a commune, or of a département.
    pub insee: Option<&'a str>,
    /// What the body is.
    pub kind: Option<BodyKind>,
    /// The name of its département.
    pub departement: Option<&'a str>,
}

/// The valid values of a record.
pub struct Validated<'a, T> {
    /// The number that the accounts of its body are kept by; `None` where it has no valid one.
    pub siren: Option<Cow<'a, str>>,
    /// The name of the body.
    pub name: Option<Cow<'a, str>>,
    /// What the budget is beside the others of its body.
    pub budget: Option<Budget>,
    /// What else it says of the body.
    pub profile: Profile<'a>,
    /// Its valid rows: at most one, or one for each year where years are columns.
    pub rows: Vec<ParsedRow<T>>,
}

impl<'a> Validator<'a> {
    /// `default` is the number of the body of records that name none.
    pub fn new(
        dataset: &'a str,
        reading: &'a DatasetOptions,
        statement_bodies: Option<&'a Bodies>,
        default: &'a str,
    ) -> Self {
        Self {
            dataset,
            reading,
            statement_bodies,
            // A balance sheet that names no body is that of the only one.
            default: statement_bodies.and_then(Bodies::only).unwrap_or(default),
            labels: Labels::default(),
            ambiguous: BTreeSet::new(),
            stored_before: 0,
        }
    }

    /// The same, after so many records of other datasets of the subject: a record is stored under its number among
    /// all of them.
    pub fn after(mut self, stored: i64) -> Self {
        self.stored_before = stored;
        self
    }

    /// Whether budgets are kept together because the income statement does not tell them apart.
    fn is_merged(&self) -> bool {
        self.statement_bodies.is_some_and(Bodies::are_merged)
    }

    /// The fields that may tell rows apart that are otherwise equal, and what each is.
    pub fn distinguishing<'s>(&self, schema: &'s Schema) -> Vec<(&'s str, FieldKind)> {
        let mut fields = schema.distinguishing(&self.reading.ignore);
        if !self.is_merged() {
            fields.retain(|(name, _)| schema.optional_name("siret") != Some(*name));
        }
        fields
    }

    /// Reads all values of a record, and adds an error for each that is invalid.
    pub fn validate<'r, T: ReadRow>(
        &mut self,
        record: &'r Record,
        fields: Fields<'r>,
        schema: &'r Schema,
        errors: &mut RecordErrors,
    ) -> Validated<'r, T>
    where
        'a: 'r,
    {
        let number = record_number(record);
        let mut reader: RecordReader<'r> = RecordReader {
            dataset: self.dataset,
            record: number,
            stored_as: self.stored_before.saturating_add(number),
            fields,
            schema,
            reading: self.reading,
            columns: None,
        };
        let named = T::number(&reader, self.is_merged(), errors);
        let named = named.map(|named| named.unwrap_or(Cow::Borrowed(self.default)));
        let siren = named.and_then(|named| self.account_number(named, number, errors));
        let name = reader.body_name(errors);
        let budget = reader.budget();
        let profile = if T::SUBJECT == Subject::IncomeStatement {
            reader.profile()
        } else {
            Profile::default()
        };
        let years = schema.years.len();
        let mut rows = Vec::with_capacity(years.max(1));
        for place in 0..years.max(1) {
            reader.columns = schema.years.get(place);
            if reader.columns.is_some() {
                // A record for each year, since a line is found by the number of its record.
                let of_year = record_of_year(number, years, place);
                reader.stored_as = self.stored_before.saturating_add(of_year);
            }
            rows.extend(T::read(&reader, &mut self.labels, errors));
        }
        Validated {
            siren,
            name,
            budget,
            profile,
            rows,
        }
    }

    /// The number that accounts of a body are kept by; an error where it could be one of several budgets.
    fn account_number<'r>(
        &mut self,
        named: Cow<'r, str>,
        record: i64,
        errors: &mut RecordErrors,
    ) -> Option<Cow<'r, str>>
    where
        'a: 'r,
    {
        let Some(bodies) = self.statement_bodies else {
            return Some(named);
        };
        match bodies.number(named) {
            Ok(number) => Some(number),
            Err(named) => {
                if !self.ambiguous.contains(&*named) {
                    errors.add(RecordError {
                        dataset: self.dataset.to_owned(),
                        record,
                        field: "siret".to_owned(),
                        reason: format!(
                            "the income statement has several budgets of the body {named}, and this says of none"
                        ),
                        hint: Some(Hint::Budget),
                    });
                    self.ambiguous.insert(named.into_owned());
                }
                None
            }
        }
    }
}

/// A record's number as the warehouse keeps it. No portal serves as many as a 64-bit number holds.
pub fn record_number(record: &Record) -> i64 {
    i64::try_from(record.number()).unwrap_or(i64::MAX)
}

/// The number of the record of one of several years that a record of the portal holds.
fn record_of_year(record: i64, years: usize, place: usize) -> i64 {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let before = record.saturating_sub(1).saturating_mul(number(years));
    before.saturating_add(number(place)).saturating_add(1)
}

/// Reads the values of one record. What cannot be read is an error, and gives `None`.
pub struct RecordReader<'a> {
    pub dataset: &'a str,
    /// The number of the portal's record.
    pub record: i64,
    /// The number that it is stored as: another where a record is one of several years.
    pub stored_as: i64,
    pub fields: Fields<'a>,
    pub schema: &'a Schema,
    pub reading: &'a DatasetOptions,
    /// The year and its columns, where years are columns.
    pub columns: Option<&'a YearColumns>,
}

/// A row, and whether one of its amounts had to be rounded to a whole centime.
pub struct ParsedRow<T> {
    pub row: T,
    pub rounded: bool,
}

impl<'a> RecordReader<'a> {
    pub fn error(&self, field: &str, reason: String) -> RecordError {
        RecordError {
            dataset: self.dataset.to_owned(),
            record: self.record,
            field: field.to_owned(),
            reason,
            hint: None,
        }
    }

    /// An error that a setting may avoid.
    fn avoidable(&self, field: &str, reason: String, hint: Hint) -> RecordError {
        RecordError {
            hint: Some(hint),
            ..self.error(field, reason)
        }
    }

    /// The fiscal year.
    pub fn year(&self, errors: &mut RecordErrors) -> Option<FiscalYear> {
        if let Some(columns) = self.columns {
            return Some(columns.year);
        }
        let name = self.schema.name("fiscal_year");
        let text = match self.fields.get(name) {
            Some(Value::Text(text) | Value::Number(text)) => text,
            other => {
                let reason = format!("{} is not a fiscal year", shown_value(other));
                errors.add(self.error(name, reason));
                return None;
            }
        };
        let year = self.reading.years.read(text);
        year.map_err(|error| {
            let hint = match error {
                YearError::Moment(_) => Hint::TimeZone,
                YearError::NotAYear(_) | YearError::Form { .. } => Hint::YearFormat,
            };
            errors.add(self.avoidable(name, error.to_string(), hint));
        })
        .ok()
    }

    /// The number of the public body: its SIREN number, or the SIRET number of a budget; `None` inside where the
    /// dataset has neither. Budgets are not told apart where `merged` says so.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not in this dataset, and a number differ"
    )]
    #[expect(clippy::similar_names, reason = "the names of the two numbers")]
    pub fn number(&self, merged: bool, errors: &mut RecordErrors) -> Option<Option<Cow<'a, str>>> {
        let schema = self.schema;
        let (siren, siret) = (schema.optional_name("siren"), schema.optional_name("siret"));
        let Some(required) = siren.or(siret) else {
            return Some(None);
        };
        let text = |name: &str| match self.fields.get(name) {
            Some(Value::Text(text) | Value::Number(text)) => text.trim(),
            _ => "",
        };
        let mut read = |name: &str| {
            let digits = identifier::digits(text(name));
            digits.map_err(|_| {
                let value = shown_value(self.fields.get(name));
                let reason = format!(
                    "{value} is not a SIREN number of nine digits, nor a SIRET number of fourteen"
                );
                errors.add(self.error(name, reason));
            })
        };
        let siret = match siret.filter(|name| !text(name).is_empty()) {
            Some(name) => Some((name, read(name).ok()?)),
            None => None,
        };
        let siren = match siren.filter(|name| siret.is_none() || !text(name).is_empty()) {
            Some(name) => Some(read(name).ok()?),
            None => None,
        };
        let digits = match (siret, siren) {
            (Some((name, siret)), Some(siren)) => {
                if identifier::siren(&siret) != identifier::siren(&siren) {
                    let reason =
                        format!("«{siret}» is a SIRET number of another body than {siren}");
                    errors.add(self.error(name, reason));
                    return None;
                }
                siret
            }
            (Some((_, digits)), None) | (None, Some(digits)) => digits,
            (None, None) => {
                let value = shown_value(self.fields.get(required));
                errors.add(self.error(
                    required,
                    format!("{value} is not a SIRET number of fourteen digits"),
                ));
                return None;
            }
        };
        if !merged {
            return Some(Some(digits));
        }
        Some(Some(match digits {
            Cow::Borrowed(digits) => Cow::Borrowed(identifier::siren(digits)),
            Cow::Owned(digits) => Cow::Owned(identifier::siren(&digits).to_owned()),
        }))
    }

    /// What the budget is beside the others of its body, where the record says so.
    pub fn budget(&self) -> Option<Budget> {
        match self.fields.get(self.schema.optional_name("budget")?) {
            Some(Value::Text(text) | Value::Number(text)) => Budget::parse(text),
            _ => None,
        }
    }

    /// A text that a record may have; `None` where it has none, or the dataset has no such field.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        match self.fields.get(self.schema.optional_name(key)?) {
            Some(Value::Text(text) | Value::Number(text)) => {
                Some(text.trim()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// What the record of a statement says of the body besides its accounts.
    fn profile(&self) -> Profile<'a> {
        Profile {
            insee: self.value("insee"),
            kind: self.value("kind").and_then(BodyKind::named),
            departement: self.value("departement_name"),
        }
    }

    /// The name of the public body; `None` where the record does not say.
    pub fn body_name(&self, errors: &mut RecordErrors) -> Option<Cow<'a, str>> {
        let name = self.schema.optional_name("body_name")?;
        let text = match self.text(name, errors)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text by our name for it.
    pub fn label(&self, key: &str, errors: &mut RecordErrors) -> Option<Cow<'a, str>> {
        self.text(self.schema.name(key), errors)
    }

    /// A text; empty when there is none. Line ends and other control characters become spaces.
    fn text(&self, name: &str, errors: &mut RecordErrors) -> Option<Cow<'a, str>> {
        let text = match self.fields.get(name) {
            None | Some(Value::Null) => return Some(Cow::Borrowed("")),
            Some(Value::Text(text) | Value::Number(text)) => text,
            Some(other) => {
                let reason = format!("{} is not a text", shown_value(Some(other)));
                errors.add(self.error(name, reason));
                return None;
            }
        };
        // No text has more characters than bytes.
        if text.len() > MAX_TEXT_CHARS {
            let length = text.chars().count();
            if length > MAX_TEXT_CHARS {
                let reason = format!(
                    "a text of {length} characters, where {MAX_TEXT_CHARS} are more than any label has"
                );
                errors.add(self.error(name, reason));
                return None;
            }
        }
        if !text.bytes().any(may_begin_control) {
            return Some(Cow::Borrowed(text));
        }
        let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
        Some(text.chars().map(plain).collect())
    }

    /// An amount; nothing when none was published. Notes when it was rounded.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not published, and an amount differ"
    )]
    pub fn amount(
        &self,
        key: &str,
        rounded: &mut bool,
        errors: &mut RecordErrors,
    ) -> Option<Option<Centimes>> {
        let name = match self.columns {
            None => self.schema.name(key),
            Some(columns) => match columns.name(key) {
                Some(name) => name,
                // The year has no such column, so nothing was published.
                None => return Some(None),
            },
        };
        let read = match self.fields.get(name) {
            None | Some(Value::Null) => return Some(None),
            Some(Value::Text(text)) if text.trim().is_empty() => return Some(None),
            // A number of JSON has one form whatever is set.
            Some(Value::Number(text)) => Centimes::parse(text),
            Some(Value::Text(text)) => match self.reading.amounts {
                Some(form) => form.read(text),
                None => Centimes::parse_text(text),
            },
            Some(other) => {
                let reason = format!("{} is not an amount", shown_value(Some(other)));
                errors.add(self.error(name, reason));
                return None;
            }
        };
        match read {
            Ok(parsed) => {
                *rounded |= parsed.rounded;
                Some(Some(parsed.amount))
            }
            Err(error) => {
                let reason = error.to_string();
                errors.add(match error {
                    AmountError::OutOfRange(_) => self.error(name, reason),
                    _ => self.avoidable(name, reason, Hint::Decimal),
                });
                None
            }
        }
    }
}

/// Whether a control character begins with this byte; few others do.
const fn may_begin_control(byte: u8) -> bool {
    // The second lot of control characters is U+0080 to U+009F.
    byte < b' ' || byte == 0x7f || byte == 0xc2
}

/// Labels already read, to be shared by the many rows that have the same.
#[derive(Debug, Default)]
pub struct Labels {
    known: HashMap<String, Arc<Published>>,
    key: String,
}

impl Labels {
    fn share(&mut self, texts: [&str; 4]) -> Arc<Published> {
        self.key.clear();
        for text in texts {
            self.key.push_str(text);
            // No text has one: control characters are read as spaces.
            self.key.push('\0');
        }
        if let Some(known) = self.known.get(&self.key) {
            return Arc::clone(known);
        }
        if self.known.len() >= MAX_SHARED_LABELS {
            self.known.clear();
        }
        let [activity, side, category, label] = texts.map(str::to_owned);
        let labels = Arc::new(Published {
            activity,
            side,
            category,
            label,
        });
        self.known.insert(self.key.clone(), Arc::clone(&labels));
        labels
    }
}

/// A row that is read from the fields of a record.
pub trait ReadRow: Row {
    /// The number of the body that a record is about: see [`RecordReader::number`].
    #[expect(
        clippy::option_option,
        reason = "unreadable, not in this dataset, and a number differ"
    )]
    fn number<'a>(
        reader: &RecordReader<'a>,
        merged: bool,
        errors: &mut RecordErrors,
    ) -> Option<Option<Cow<'a, str>>> {
        reader.number(merged, errors)
    }

    /// Reads a row. Every field is read before giving up, so that all errors are reported at once.
    fn read(
        reader: &RecordReader<'_>,
        labels: &mut Labels,
        errors: &mut RecordErrors,
    ) -> Option<ParsedRow<Self>>;
}

impl ReadRow for StatementRow {
    fn read(
        reader: &RecordReader<'_>,
        labels: &mut Labels,
        errors: &mut RecordErrors,
    ) -> Option<ParsedRow<Self>> {
        let mut rounded = false;
        let year = reader.year(errors);
        let activity = reader.label("activity", errors);
        let side = reader.label("side", errors);
        let category = reader.label("category", errors);
        let label = reader.label("label", errors);
        let amount = reader.amount("amount", &mut rounded, errors);
        let row = Self {
            record: reader.stored_as,
            year: year?,
            published: labels.share([&activity?, &side?, &category?, &label?]),
            amount: amount?,
        };
        Some(ParsedRow { row, rounded })
    }
}

impl ReadRow for BalanceRow {
    fn read(
        reader: &RecordReader<'_>,
        _labels: &mut Labels,
        errors: &mut RecordErrors,
    ) -> Option<ParsedRow<Self>> {
        let mut rounded = false;
        let year = reader.year(errors);
        let side = reader.label("side", errors);
        let category = reader.label("category", errors);
        let label = reader.label("label", errors);
        let gross = reader.amount("gross", &mut rounded, errors);
        let depreciation = reader.amount("depreciation", &mut rounded, errors);
        let net = reader.amount("net", &mut rounded, errors);
        let row = Self {
            record: reader.stored_as,
            year: year?,
            side: side?.into_owned(),
            category: category?.into_owned(),
            label: label?.into_owned(),
            gross: gross?,
            depreciation: depreciation?,
            net: net?,
        };
        Some(ParsedRow { row, rounded })
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::StatementRow;

    use super::*;
    use crate::repeats::Repeats;

    #[test]
    fn rows_repeat_each_other_when_their_labels_are_no_longer_shared() {
        let mut labels = Labels::default();
        let texts = ["FINANCIER", "CHARGES", "CHARGES FINANCIERES", "Intérêts"];
        let first = labels.share(texts);
        for number in 0..MAX_SHARED_LABELS {
            labels.share(["", "", "", &number.to_string()]);
        }
        let again = labels.share(texts);
        assert!(!Arc::ptr_eq(&first, &again));
        let row = |record, published| StatementRow {
            record,
            year: FiscalYear::parse("2023").unwrap(),
            published,
            amount: Some(Centimes::new(100)),
        };
        let rows = [row(1, first), row(2, again)];
        assert_eq!(Repeats::of(&rows, &[], &[]).identical, [1]);
    }
}
