//! Datasets that mix kinds of rows: which fields tell rows apart that would be added to each other, and what to set.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use centime_accounts::identifier;
use centime_accounts::label::normalise;
use centime_portal::{Fields, Value, odsql_name, odsql_text};
use centime_warehouse::Subject;

use crate::read::{Row, show};
use crate::reading::quoted;
use crate::repeats::{Apart, Kind, Repeats, Told};

/// How many values of a field are remembered, to name some of them.
const REMEMBERED: usize = 32;

/// How many values of a field are named.
const NAMED: usize = 5;

/// The fields of a dataset that may tell rows apart, and what they turn out to do.
#[derive(Debug)]
pub struct Mixed {
    subject: Subject,
    dataset: String,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    kind: Kind,
    values: Vec<Known>,
    /// The value that came last, as the identity of a body is the same on many records.
    last: Option<(String, Told)>,
    found: Option<Found>,
}

/// A value of a field.
#[derive(Debug)]
struct Known {
    told: Told,
    shown: String,
    /// As a condition in ODSQL has it.
    written: String,
}

/// Rows that a field tells apart.
#[derive(Debug)]
struct Found {
    line: String,
    records: (i64, i64),
    values: (Told, Told),
    lines: usize,
}

impl Mixed {
    /// Begins with the fields of a dataset and what each is.
    pub(crate) fn new(subject: Subject, dataset: &str, fields: &[(&str, Kind)]) -> Self {
        let field = |(name, kind): &(&str, Kind)| Field {
            name: (*name).to_owned(),
            kind: *kind,
            values: Vec::new(),
            last: None,
            found: None,
        };
        Self {
            subject,
            dataset: dataset.to_owned(),
            fields: fields.iter().map(field).collect(),
        }
    }

    /// Notes what a record says in each of the fields.
    pub(crate) fn told(&mut self, record: Fields<'_>, told: &mut Vec<Told>) {
        for field in &mut self.fields {
            told.push(field.told(record.get(&field.name)));
        }
    }

    /// Looks through the rows of a body, in which the fields say these things.
    pub(crate) fn look<T: Row>(&mut self, siren: &str, rows: &[T], told: &[Told]) -> Repeats {
        // A SIRET number is identity enough; other fields may only not tell equal rows apart.
        let is_budget = identifier::siret(siren).is_some();
        let kinds: Vec<Kind> = self
            .fields
            .iter()
            .map(|field| match field.kind {
                Kind::Identity if is_budget => Kind::Year,
                kind => kind,
            })
            .collect();
        let repeats = Repeats::of(rows, told, &kinds);
        for Apart {
            field,
            rows: (one, other),
            lines,
        } in &repeats.apart
        {
            let value = |row: &usize| told[row * kinds.len() + field];
            let found = self.fields[*field].found.get_or_insert_with(|| Found {
                line: format!("{} › {}", rows[*other].year(), rows[*other].named()),
                records: (rows[*one].record(), rows[*other].record()),
                values: (value(one), value(other)),
                lines: 0,
            });
            found.lines += lines;
        }
        repeats
    }

    /// Whether rows are mixed.
    pub(crate) fn any(&self) -> bool {
        self.fields.iter().any(|field| field.found.is_some())
    }
}

impl Field {
    fn told(&mut self, value: Option<Value<'_>>) -> Told {
        let text: Cow<'_, str> = match value {
            None | Some(Value::Null) => return 0,
            Some(Value::Text(text)) if text.trim().is_empty() => return 0,
            Some(Value::Bool(true)) => Cow::Borrowed("true"),
            Some(Value::Bool(false)) => Cow::Borrowed("false"),
            Some(Value::Number(text) | Value::Text(text) | Value::Json(text)) => {
                Cow::Borrowed(text)
            }
        };
        if let Some((last, told)) = &self.last
            && *last == *text
        {
            return *told;
        }
        let told = match self.kind {
            Kind::Unread | Kind::Year => number(&text),
            // However the name or number is written.
            Kind::Identity => match identifier::digits(&text) {
                Ok(digits) => number(&digits),
                Err(_) => number(&normalise(&text)),
            },
        };
        if self.values.len() < REMEMBERED && !self.values.iter().any(|known| known.told == told) {
            let written = match value {
                Some(Value::Text(text)) => odsql_text(text),
                _ => text.to_string(),
            };
            self.values.push(Known {
                told,
                shown: show(value),
                written,
            });
        }
        self.last = Some((text.into_owned(), told));
        told
    }

    fn shown(&self, told: Told) -> &str {
        let known = self.values.iter().find(|known| known.told == told);
        match (told, known) {
            (0, _) => "no value",
            (_, Some(known)) => &known.shown,
            (_, None) => "another value",
        }
    }
}

/// A number for a text, never zero.
fn number(text: &str) -> Told {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
}

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            dataset,
            fields,
        } = self;
        let table = format!("[datasets.{}]", subject.name());
        writeln!(
            f,
            "the dataset {dataset} has rows of several kinds, and adding them up would count amounts more than once:"
        )?;
        let mut told: Vec<(&Field, &Found)> = fields
            .iter()
            .filter_map(|field| Some((field, field.found.as_ref()?)))
            .collect();
        // What has the fewest values is the likeliest to be the kind.
        told.sort_by_key(|(field, _)| field.values.len());
        for (field, found) in &told {
            let mut values: Vec<&str> =
                vec![field.shown(found.values.0), field.shown(found.values.1)];
            for known in &field.values {
                if values.len() < NAMED && !values.contains(&&*known.shown) {
                    values.push(&known.shown);
                }
            }
            let more = field.values.len().saturating_sub(values.len());
            let more = if more > 0 { ", …" } else { "" };
            let Found {
                line,
                records: (one, other),
                lines,
                ..
            } = found;
            let rows = match field.kind {
                Kind::Identity => "names several bodies or budgets",
                Kind::Unread | Kind::Year => "alone tells rows of the same line apart",
            };
            writeln!(
                f,
                "  {} {rows}: {}{more}; as in records {one} and {other} ({line}); {lines} in all",
                field.name,
                values.join(", "),
            )?;
        }
        let Some((first, found)) = told.first() else {
            return Ok(());
        };
        let names: Vec<String> = told.iter().map(|(field, _)| quoted(&field.name)).collect();
        let known = |told: Told| first.values.iter().find(|known| known.told == told);
        let value = known(found.values.1).or_else(|| known(found.values.0));
        let condition = odsql_name(&first.name).zip(value);
        let condition =
            condition.map(|(name, value)| quoted(&format!("{name} = {}", value.written)));
        writeln!(
            f,
            "choose the rows of one kind in centime.toml, under {table}, such as where = {}",
            condition.as_deref().unwrap_or("\"…\"")
        )?;
        if first.kind == Kind::Identity || fields.iter().all(|field| field.kind != Kind::Identity) {
            writeln!(
                f,
                "where each kind is a public body of its own, name the field with its number under [fields.{}]: siret = \"…\", or siren",
                subject.name()
            )?;
        }
        writeln!(
            f,
            "where such rows are to be added all the same, set ignore = [{}] under {table}",
            names.join(", ")
        )?;
        write!(f, "nothing was published")
    }
}
