//! Validate: the values of a record as years, texts and amounts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use centime_accounts::identifier;
use centime_accounts::money::AmountError;
use centime_accounts::year::YearError;
use centime_accounts::{BalanceRow, Budget, Centimes, FiscalYear, Published, StatementRow};
use centime_portal::{Fields, Value};
use centime_warehouse::Subject;

use crate::error::Hint;
use crate::reading::Reading;
use crate::repeats::LineNumbers;
use crate::schema::{Schema, YearColumns};
use crate::{Problem, Problems};

/// The longest label accepted, in characters. The longest of the official model has 100.
const LONGEST_TEXT: usize = 4000;

/// How many sets of labels are kept to be shared. A dataset with more only takes more memory for a
/// moment.
const SHARED_LABELS: usize = 20_000;

/// How much of a value is quoted in a message.
const QUOTED: usize = 60;

/// Reads the values of one record. What cannot be read is a problem, and gives `None`.
pub struct Reader<'a> {
    pub dataset: &'a str,
    /// The number of the portal's record.
    pub record: i64,
    /// The number that it is kept by: another where a record is one of several years.
    pub kept: i64,
    pub fields: Fields<'a>,
    pub schema: &'a Schema,
    pub reading: &'a Reading,
    /// The year and its columns, where years are columns.
    pub columns: Option<&'a YearColumns>,
}

/// A row, and whether one of its amounts had to be rounded to a whole centime.
pub struct Read<T> {
    pub row: T,
    pub rounded: bool,
}

impl<'a> Reader<'a> {
    fn problem(&self, field: &str, reason: String) -> Problem {
        Problem {
            dataset: self.dataset.to_owned(),
            record: self.record,
            field: field.to_owned(),
            reason,
            hint: None,
        }
    }

    /// A problem that something may be set for.
    fn settable(&self, field: &str, reason: String, hint: Hint) -> Problem {
        Problem {
            hint: Some(hint),
            ..self.problem(field, reason)
        }
    }

    /// The fiscal year.
    pub fn year(&self, problems: &mut Problems) -> Option<FiscalYear> {
        if let Some(columns) = self.columns {
            return Some(columns.year);
        }
        let name = self.schema.name("fiscal_year");
        let text = match self.fields.get(name) {
            Some(Value::Text(text) | Value::Number(text)) => text,
            other => {
                let reason = format!("{} is not a fiscal year", show(other));
                problems.add(self.problem(name, reason));
                return None;
            }
        };
        let year = self.reading.years.read(text);
        year.map_err(|error| {
            let hint = match error {
                YearError::Moment(_) => Hint::TimeZone,
                YearError::NotAYear(_) | YearError::Form { .. } => Hint::YearFormat,
            };
            problems.add(self.settable(name, error.to_string(), hint));
        })
        .ok()
    }

    /// The number of the public body: its SIREN number, or the SIRET number of a budget; `None` inside where the
    /// dataset has neither. Budgets are not told apart where `merged` says so.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not in this dataset, and a number differ"
    )]
    #[expect(clippy::similar_names, reason = "numbers as they are called")]
    pub fn number(&self, merged: bool, problems: &mut Problems) -> Option<Option<Cow<'a, str>>> {
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
                let value = show(self.fields.get(name));
                let reason = format!(
                    "{value} is not a SIREN number of nine digits, nor a SIRET number of fourteen"
                );
                problems.add(self.problem(name, reason));
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
                    problems.add(self.problem(name, reason));
                    return None;
                }
                siret
            }
            (Some((_, digits)), None) | (None, Some(digits)) => digits,
            (None, None) => {
                let value = show(self.fields.get(required));
                problems.add(self.problem(
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

    /// The name of the public body; `None` where the record does not say.
    pub fn body_name(&self, problems: &mut Problems) -> Option<Cow<'a, str>> {
        let name = self.schema.optional_name("body_name")?;
        let text = match self.text(name, problems)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text by our name for it.
    fn label(&self, key: &str, problems: &mut Problems) -> Option<Cow<'a, str>> {
        self.text(self.schema.name(key), problems)
    }

    /// A text; empty when there is none. Line ends and other control characters become spaces.
    fn text(&self, name: &str, problems: &mut Problems) -> Option<Cow<'a, str>> {
        let text = match self.fields.get(name) {
            None | Some(Value::Null) => return Some(Cow::Borrowed("")),
            Some(Value::Text(text) | Value::Number(text)) => text,
            Some(other) => {
                let reason = format!("{} is not a text", show(Some(other)));
                problems.add(self.problem(name, reason));
                return None;
            }
        };
        // No text has more characters than bytes.
        if text.len() > LONGEST_TEXT {
            let length = text.chars().count();
            if length > LONGEST_TEXT {
                let reason = format!(
                    "a text of {length} characters, where {LONGEST_TEXT} are more than any label has"
                );
                problems.add(self.problem(name, reason));
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
    fn amount(
        &self,
        key: &str,
        rounded: &mut bool,
        problems: &mut Problems,
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
                let reason = format!("{} is not an amount", show(Some(other)));
                problems.add(self.problem(name, reason));
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
                problems.add(match error {
                    AmountError::OutOfRange(_) => self.problem(name, reason),
                    _ => self.settable(name, reason, Hint::Decimal),
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
        if self.known.len() >= SHARED_LABELS {
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

/// A row of a dataset.
pub trait Row: Sized + Send {
    /// What the dataset is about.
    const SUBJECT: Subject;

    /// Reads a row. Every field is read before giving up, so that all problems are told at once.
    fn read(
        reader: &Reader<'_>,
        labels: &mut Labels,
        problems: &mut Problems,
    ) -> Option<Read<Self>>;

    /// The number of its record.
    fn record(&self) -> i64;

    /// The fiscal year it is labelled with.
    fn year(&self) -> FiscalYear;

    /// About how much memory it takes, in bytes.
    fn size(&self) -> usize;

    /// The amounts of the row, by column.
    fn amounts(&self) -> Vec<Option<Centimes>>;

    /// A number for what the row is about: equal for rows with the same labels, whatever their case and accents.
    fn line(&self, numbers: &mut LineNumbers) -> u32;

    /// The line in the words of the data.
    fn named(&self) -> String;
}

impl Row for StatementRow {
    const SUBJECT: Subject = Subject::IncomeStatement;

    fn read(
        reader: &Reader<'_>,
        labels: &mut Labels,
        problems: &mut Problems,
    ) -> Option<Read<Self>> {
        let mut rounded = false;
        let year = reader.year(problems);
        let activity = reader.label("activity", problems);
        let side = reader.label("side", problems);
        let category = reader.label("category", problems);
        let label = reader.label("label", problems);
        let amount = reader.amount("amount", &mut rounded, problems);
        let row = Self {
            record: reader.kept,
            year: year?,
            published: labels.share([&activity?, &side?, &category?, &label?]),
            amount: amount?,
        };
        Some(Read { row, rounded })
    }

    fn record(&self) -> i64 {
        self.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        vec![self.amount]
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        let published = &*self.published;
        let Published {
            activity,
            side,
            category,
            label,
        } = published;
        let place = std::ptr::from_ref(published).addr();
        numbers.of_shared(place, [activity, side, category, label])
    }

    fn named(&self) -> String {
        let Published {
            category, label, ..
        } = &*self.published;
        format!("{} › {}", category.trim(), label.trim())
    }
}

impl Row for BalanceRow {
    const SUBJECT: Subject = Subject::BalanceSheet;

    fn read(
        reader: &Reader<'_>,
        _labels: &mut Labels,
        problems: &mut Problems,
    ) -> Option<Read<Self>> {
        let mut rounded = false;
        let year = reader.year(problems);
        let side = reader.label("side", problems);
        let category = reader.label("category", problems);
        let label = reader.label("label", problems);
        let gross = reader.amount("gross", &mut rounded, problems);
        let depreciation = reader.amount("depreciation", &mut rounded, problems);
        let net = reader.amount("net", &mut rounded, problems);
        let row = Self {
            record: reader.kept,
            year: year?,
            side: side?.into_owned(),
            category: category?.into_owned(),
            label: label?.into_owned(),
            gross: gross?,
            depreciation: depreciation?,
            net: net?,
        };
        Some(Read { row, rounded })
    }

    fn record(&self) -> i64 {
        self.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.side.len() + self.category.len() + self.label.len()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        vec![self.gross, self.depreciation, self.net]
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        numbers.of_labels(["", &self.side, &self.category, &self.label])
    }

    fn named(&self) -> String {
        format!("{} › {}", self.category.trim(), self.label.trim())
    }
}

/// A value as it is quoted in a message.
pub fn show(value: Option<Value<'_>>) -> String {
    let text = match value {
        None => return "an absent value".to_owned(),
        Some(Value::Null) => return "null".to_owned(),
        Some(Value::Bool(value)) => return value.to_string(),
        Some(Value::Number(text) | Value::Text(text) | Value::Json(text)) => text,
    };
    let start: String = text.chars().take(QUOTED).collect();
    if start.len() < text.len() {
        format!("«{start}…»")
    } else {
        format!("«{start}»")
    }
}
