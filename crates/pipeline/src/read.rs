//! Validate: the values of a record as years, texts and amounts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use centime_accounts::{BalanceRow, Centimes, FiscalYear, Published, StatementRow};
use centime_portal::{Fields, Value};
use centime_warehouse::Subject;

use crate::schema::Schema;
use crate::{Problem, Problems};

/// The longest label accepted, in characters. The longest of the official model has 100.
const LONGEST_TEXT: usize = 4000;

/// How many sets of labels are kept to be shared. A dataset with more only takes more memory for a
/// moment.
const SHARED_LABELS: usize = 20_000;

/// The length of a SIREN number.
const SIREN_DIGITS: usize = 9;

/// How much of a value is quoted in a message.
const QUOTED: usize = 60;

/// Reads the values of one record. What cannot be read is a problem, and gives `None`.
pub struct Reader<'a> {
    pub dataset: &'a str,
    pub record: i64,
    pub fields: Fields<'a>,
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
        }
    }

    /// The fiscal year.
    pub fn year(&self, schema: &Schema, problems: &mut Problems) -> Option<FiscalYear> {
        let name = schema.name("fiscal_year");
        let text = match self.fields.get(name) {
            Some(Value::Text(text) | Value::Number(text)) => text,
            other => {
                let reason = format!("{} is not a fiscal year", show(other));
                problems.add(self.problem(name, reason));
                return None;
            }
        };
        let year = FiscalYear::parse(text);
        year.map_err(|error| problems.add(self.problem(name, error.to_string())))
            .ok()
    }

    /// The SIREN number of the public body; `None` inside where the dataset has none.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not in this dataset, and a number differ"
    )]
    pub fn siren(&self, schema: &Schema, problems: &mut Problems) -> Option<Option<&'a str>> {
        let Some(name) = schema.optional_name("siren") else {
            return Some(None);
        };
        let found = self.fields.get(name);
        let text = match found {
            Some(Value::Text(text) | Value::Number(text)) => text.trim(),
            _ => "",
        };
        if text.len() == SIREN_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Some(text));
        }
        let reason = format!("{} is not a SIREN number of nine digits", show(found));
        problems.add(self.problem(name, reason));
        None
    }

    /// The name of the public body; `None` where the record does not say.
    pub fn body_name(&self, schema: &Schema, problems: &mut Problems) -> Option<Cow<'a, str>> {
        let name = schema.optional_name("body_name")?;
        let text = match self.text(name, problems)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(text).filter(|text| !text.is_empty())
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
        name: &str,
        rounded: &mut bool,
        problems: &mut Problems,
    ) -> Option<Option<Centimes>> {
        let text = match self.fields.get(name) {
            None | Some(Value::Null) => return Some(None),
            Some(Value::Text(text)) if text.trim().is_empty() => return Some(None),
            Some(Value::Text(text) | Value::Number(text)) => text,
            Some(other) => {
                let reason = format!("{} is not an amount", show(Some(other)));
                problems.add(self.problem(name, reason));
                return None;
            }
        };
        match Centimes::parse(text) {
            Ok(parsed) => {
                *rounded |= parsed.rounded;
                Some(Some(parsed.amount))
            }
            Err(error) => {
                problems.add(self.problem(name, error.to_string()));
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
        schema: &Schema,
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
}

impl Row for StatementRow {
    const SUBJECT: Subject = Subject::IncomeStatement;

    fn read(
        reader: &Reader<'_>,
        schema: &Schema,
        labels: &mut Labels,
        problems: &mut Problems,
    ) -> Option<Read<Self>> {
        let mut rounded = false;
        let year = reader.year(schema, problems);
        let activity = reader.text(schema.name("activity"), problems);
        let side = reader.text(schema.name("side"), problems);
        let category = reader.text(schema.name("category"), problems);
        let label = reader.text(schema.name("label"), problems);
        let amount = reader.amount(schema.name("amount"), &mut rounded, problems);
        let row = Self {
            record: reader.record,
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
}

impl Row for BalanceRow {
    const SUBJECT: Subject = Subject::BalanceSheet;

    fn read(
        reader: &Reader<'_>,
        schema: &Schema,
        _labels: &mut Labels,
        problems: &mut Problems,
    ) -> Option<Read<Self>> {
        let mut rounded = false;
        let year = reader.year(schema, problems);
        let side = reader.text(schema.name("side"), problems);
        let category = reader.text(schema.name("category"), problems);
        let label = reader.text(schema.name("label"), problems);
        let gross = reader.amount(schema.name("gross"), &mut rounded, problems);
        let depreciation = reader.amount(schema.name("depreciation"), &mut rounded, problems);
        let net = reader.amount(schema.name("net"), &mut rounded, problems);
        let row = Self {
            record: reader.record,
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
}

/// A value as it is quoted in a message.
fn show(value: Option<Value<'_>>) -> String {
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
