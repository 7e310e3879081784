//! Datasets that mix kinds of rows: which fields tell rows apart that would be added to each other, and what to set.

use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use centime_accounts::identifier;
use centime_accounts::label::normalise;
use centime_portal::{Fields, Value, odsql_name, odsql_text};
use centime_warehouse::Subject;

use crate::quote::{quoted, shown_value};
use crate::repeats::{Distinction, FieldKind, Repeats, ValueHash};
use crate::row::Row;

/// How many values of a field are remembered, to name some of them.
const MAX_REMEMBERED: usize = 32;

/// How many values of a field are named.
const MAX_NAMED: usize = 5;

/// The fields of a dataset that may tell rows apart, and what they turn out to do.
#[derive(Debug)]
pub struct MixedRows {
    subject: Subject,
    dataset: String,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    kind: FieldKind,
    values: Vec<Known>,
    /// The value that came last, as the identity of a body is the same on many records.
    last: Option<(String, ValueHash)>,
    found: Option<Found>,
}

/// A value of a field.
#[derive(Debug)]
struct Known {
    hash: ValueHash,
    shown: String,
    /// As a condition in ODSQL has it.
    written: String,
}

/// Rows that a field tells apart.
#[derive(Debug)]
struct Found {
    line: String,
    records: (i64, i64),
    values: (ValueHash, ValueHash),
    lines: usize,
}

impl MixedRows {
    /// Begins with the fields of a dataset and what each is.
    pub(crate) fn new(subject: Subject, dataset: &str, fields: &[(&str, FieldKind)]) -> Self {
        let field = |(name, kind): &(&str, FieldKind)| Field {
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

    /// Adds the hash of the value that a record has in each of the fields.
    pub(crate) fn hash_values(&mut self, record: Fields<'_>, hashes: &mut Vec<ValueHash>) {
        for field in &mut self.fields {
            hashes.push(field.hash(record.get(&field.name)));
        }
    }

    /// Looks for mixed rows of a body; `hashes` are those of the fields' values, row by row.
    pub(crate) fn inspect<T: Row>(
        &mut self,
        siren: &str,
        rows: &[T],
        hashes: &[ValueHash],
    ) -> Repeats {
        // A SIRET number is identity enough; other fields may only not tell equal rows apart.
        let is_budget = identifier::siret(siren).is_some();
        let kinds: Vec<FieldKind> = self
            .fields
            .iter()
            .map(|field| match field.kind {
                FieldKind::Identity if is_budget => FieldKind::Year,
                kind => kind,
            })
            .collect();
        let repeats = Repeats::of(rows, hashes, &kinds);
        for Distinction {
            field,
            rows: (one, other),
            lines,
        } in &repeats.distinctions
        {
            let value = |row: &usize| hashes[row * kinds.len() + field];
            let found = self.fields[*field].found.get_or_insert_with(|| Found {
                line: format!("{} › {}", rows[*other].year(), rows[*other].line_name()),
                records: (rows[*one].record(), rows[*other].record()),
                values: (value(one), value(other)),
                lines: 0,
            });
            found.lines += lines;
        }
        repeats
    }

    /// Whether any field mixes rows.
    pub(crate) fn any(&self) -> bool {
        self.fields.iter().any(|field| field.found.is_some())
    }
}

impl Field {
    fn hash(&mut self, value: Option<Value<'_>>) -> ValueHash {
        let text: Cow<'_, str> = match value {
            None | Some(Value::Null) => return 0,
            Some(Value::Text(text)) if text.trim().is_empty() => return 0,
            Some(Value::Bool(true)) => Cow::Borrowed("true"),
            Some(Value::Bool(false)) => Cow::Borrowed("false"),
            Some(Value::Number(text) | Value::Text(text) | Value::Json(text)) => {
                Cow::Borrowed(text)
            }
        };
        if let Some((last, hash)) = &self.last
            && *last == *text
        {
            return *hash;
        }
        let hash = match self.kind {
            FieldKind::Unread | FieldKind::Year => number(&text),
            // However the name or number is written.
            FieldKind::Identity => match identifier::digits(&text) {
                Ok(digits) => number(&digits),
                Err(_) => number(&normalise(&text)),
            },
        };
        if self.values.len() < MAX_REMEMBERED && !self.values.iter().any(|known| known.hash == hash)
        {
            let written = match value {
                Some(Value::Text(text)) => odsql_text(text),
                _ => text.to_string(),
            };
            self.values.push(Known {
                hash,
                shown: shown_value(value),
                written,
            });
        }
        self.last = Some((text.into_owned(), hash));
        hash
    }

    fn shown(&self, hash: ValueHash) -> &str {
        let known = self.values.iter().find(|known| known.hash == hash);
        match (hash, known) {
            (0, _) => "no value",
            (_, Some(known)) => &known.shown,
            (_, None) => "another value",
        }
    }
}

/// A number for a text, never zero.
fn number(text: &str) -> ValueHash {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
}

impl fmt::Display for MixedRows {
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
        let mut mixed: Vec<(&Field, &Found)> = fields
            .iter()
            .filter_map(|field| Some((field, field.found.as_ref()?)))
            .collect();
        // What has the fewest values is the likeliest to be the kind.
        mixed.sort_by_key(|(field, _)| field.values.len());
        for (field, found) in &mixed {
            let mut values: Vec<&str> =
                vec![field.shown(found.values.0), field.shown(found.values.1)];
            for known in &field.values {
                if values.len() < MAX_NAMED && !values.contains(&&*known.shown) {
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
                FieldKind::Identity => "names several bodies or budgets",
                FieldKind::Unread | FieldKind::Year => "alone tells rows of the same line apart",
            };
            writeln!(
                f,
                "  {} {rows}: {}{more}; as in records {one} and {other} ({line}); {lines} in all",
                field.name,
                values.join(", "),
            )?;
        }
        let Some((first, found)) = mixed.first() else {
            return Ok(());
        };
        let names: Vec<String> = mixed.iter().map(|(field, _)| quoted(&field.name)).collect();
        let known = |hash: ValueHash| first.values.iter().find(|known| known.hash == hash);
        let value = known(found.values.1).or_else(|| known(found.values.0));
        let condition = odsql_name(&first.name).zip(value);
        let condition =
            condition.map(|(name, value)| quoted(&format!("{name} = {}", value.written)));
        writeln!(
            f,
            "choose the rows of one kind in centime.toml, under {table}, such as where = {}",
            condition.as_deref().unwrap_or("\"…\"")
        )?;
        if first.kind == FieldKind::Identity
            || fields.iter().all(|field| field.kind != FieldKind::Identity)
        {
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
