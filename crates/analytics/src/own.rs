//! Analyses and checks of the operator's own, read from files.
//!
//! An analysis is `NAME.sql`, a model as those of the program are, and `NAME.toml`, which says what its columns are,
//! how it is drawn and, in `[fr]` and `[en]`, what it says about itself: the same text that an analysis of the program
//! has in its `text.toml`. A check is `NAME.sql` alone, or with a `NAME.toml` that says what its rows mean.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use centime_warehouse::{Follows, Form, Kind, Model, Outcome, OwnCheck, Titles};
use serde::Deserialize;

use crate::catalogue::{Catalogue, Check};
use crate::text::{Text, Texts, Words};
use crate::{ANALYSES, Analysis, Chart, Column, ColumnName, Headline, ModelSql, bases, columns};

/// How many files of each kind there may be in a folder.
const MOST: usize = 100;

/// How many bytes a file may have.
const LONGEST: u64 = 256 << 10;

/// How many letters a name may have.
const LONGEST_NAME: usize = 40;

/// Names that views of what is published have besides those of the analyses.
const TAKEN: [&str; 7] = [
    "balance_sheet",
    "body",
    "check_result",
    "dataset",
    "raw_record",
    "run",
    "statement_line",
];

/// Columns that every row has besides those that are declared.
const KEYS: [&str; 5] = [
    "revision_id",
    "siren",
    "basis",
    "body_name",
    "year_complete",
];

/// Why a file of the operator cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", file.display())]
pub struct NotOurs {
    /// The file or folder.
    pub file: PathBuf,
    /// What is wrong, and what to do.
    pub reason: String,
}

/// A folder with files of the operator.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Whether it is named in the configuration, so that it has to be there.
    pub named: bool,
}

/// What says what an analysis is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnalysisFile {
    #[serde(default)]
    order: Vec<String>,
    columns: Vec<ColumnFile>,
    chart: Option<ChartFile>,
    headline: Option<HeadlineFile>,
    fr: Text,
    en: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    name: String,
    kind: KindFile,
    fr: Option<String>,
    en: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindFile {
    Year,
    Integer,
    Text,
    Amount,
    Rate,
    List,
    Flag,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "form")]
enum ChartFile {
    Bars {
        value: String,
        reference: Option<String>,
    },
    Grouped {
        values: Vec<String>,
    },
    Stacked {
        category: String,
        value: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "of")]
enum HeadlineFile {
    Latest { value: String },
    LatestKnown { value: String, otherwise: String },
    Largest { value: String, category: String },
    Count { value: String, equal: String },
    Share { part: String, whole: String },
}

/// What says what the rows of a check mean.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckFile {
    outcome: Option<OutcomeFile>,
    fr: Option<String>,
    en: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OutcomeFile {
    Warn,
    Fail,
}

/// The two files of a name.
#[derive(Debug, Default)]
struct Pair {
    sql: Option<PathBuf>,
    toml: Option<PathBuf>,
}

impl Catalogue {
    /// The analyses of the program, and those and the checks in the folders of the operator. `taken` are the names
    /// of the program's own checks.
    pub fn load(analyses: Folder<'_>, checks: Folder<'_>, taken: &[&str]) -> Result<Self, NotOurs> {
        let found = pairs(analyses)?;
        let names: Vec<String> = found.keys().map(|name| snake(name)).collect();
        for name in found.keys() {
            is_free(analyses.path, name)?;
        }
        let mut own: Vec<&'static Analysis> = Vec::with_capacity(found.len());
        for (name, pair) in &found {
            own.push(analysis(analyses.path, name, pair, &names)?);
        }
        let mut own_checks = Vec::new();
        for (name, pair) in &pairs(checks)? {
            own_checks.push(check(checks.path, name, pair, taken)?);
        }
        Ok(Self::with(own, own_checks))
    }
}

/// Whether a name is not one that the program has.
fn is_free(folder: &Path, name: &str) -> Result<(), NotOurs> {
    let table = snake(name);
    let models = Catalogue::built_in().models();
    let taken = models.iter().any(|model| model.name == table)
        || TAKEN.contains(&table.as_str())
        || table.ends_with("_by_basis");
    if taken {
        return Err(wrong(
            &folder.join(format!("{name}.sql")),
            format!("«{name}» is the name of something that the program has: choose another one"),
        ));
    }
    Ok(())
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

fn wrong(file: &Path, reason: impl Into<String>) -> NotOurs {
    NotOurs {
        file: file.to_owned(),
        reason: reason.into(),
    }
}

/// The files of a folder by their names, in order. What is hidden, and what is neither SQL nor TOML, is not ours.
fn pairs(folder: Folder<'_>) -> Result<BTreeMap<String, Pair>, NotOurs> {
    let mut found: BTreeMap<String, Pair> = BTreeMap::new();
    let unreadable =
        |error: std::io::Error| wrong(folder.path, format!("it cannot be read: {error}"));
    let entries = match fs::read_dir(folder.path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound && !folder.named => return Ok(found),
        Err(error) => return Err(unreadable(error)),
    };
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let Some(file) = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
        else {
            continue;
        };
        let Some((name, ending)) = file.rsplit_once('.').filter(|(name, _)| !name.is_empty())
        else {
            continue;
        };
        if file.starts_with('.') || !matches!(ending, "sql" | "toml") {
            continue;
        }
        is_name(name).map_err(|reason| wrong(&path, reason))?;
        let pair = found.entry(name.to_owned()).or_default();
        let place = if ending == "sql" {
            &mut pair.sql
        } else {
            &mut pair.toml
        };
        *place = Some(path);
        if found.len() > MOST {
            return Err(wrong(
                folder.path,
                format!("it has more than {MOST} names: leave some out"),
            ));
        }
    }
    let names: Vec<&String> = found.keys().collect();
    for (place, name) in names.iter().enumerate() {
        let same = |other: &&&String| snake(other) == snake(name);
        if let Some(other) = names[..place].iter().find(same) {
            return Err(wrong(
                folder.path,
                format!("{other} and {name} are the same name: keep one of them"),
            ));
        }
    }
    Ok(found)
}

/// Whether a text can be a name in addresses, on the command line and in the database.
fn is_name(name: &str) -> Result<(), String> {
    let letters = |letter: u8| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, b'-' | b'_')
    };
    let begins = name
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_lowercase());
    if begins && name.len() <= LONGEST_NAME && name.bytes().all(letters) {
        Ok(())
    } else {
        Err(format!(
            "«{}» cannot be a name: expected at most {LONGEST_NAME} letters a to z, digits, - and _, beginning with a letter",
            name.escape_debug()
        ))
    }
}

/// The text of a file.
fn read(path: &Path) -> Result<String, NotOurs> {
    let unreadable = |error: std::io::Error| wrong(path, format!("it cannot be read: {error}"));
    let file = fs::File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(wrong(path, "it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err(wrong(
            path,
            format!("it is longer than {} KiB", LONGEST >> 10),
        ));
    }
    let bytes = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .map_or(bytes.as_slice(), |rest| rest);
    String::from_utf8(bytes.to_vec())
        .map_err(|_| wrong(path, "it is not in UTF-8: save it again in this encoding"))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, NotOurs> {
    toml::from_str(&read(path)?).map_err(|error| wrong(path, error.to_string().trim_end()))
}

/// What stays as long as the program.
fn kept(text: impl Into<String>) -> &'static str {
    String::leak(text.into())
}

/// The file as messages name it: within its folder.
fn named(folder: &Path, file: &Path) -> &'static str {
    let within = folder.file_name().map_or(folder, Path::new);
    let name = file.file_name().map_or(file, Path::new);
    kept(within.join(name).display().to_string())
}

fn analysis(
    folder: &Path,
    name: &str,
    pair: &Pair,
    own: &[String],
) -> Result<&'static Analysis, NotOurs> {
    let sql_file = folder.join(format!("{name}.sql"));
    let toml_file = folder.join(format!("{name}.toml"));
    match pair {
        Pair { sql: None, .. } => {
            return Err(wrong(
                &toml_file,
                format!("there is no {name}.sql beside it: an analysis has both"),
            ));
        }
        Pair { toml: None, .. } => {
            return Err(wrong(
                &sql_file,
                format!(
                    "there is no {name}.toml beside it, which says what its columns are and what it is called"
                ),
            ));
        }
        Pair { .. } => {}
    }
    let table = snake(name);
    let file: AnalysisFile = parse(&toml_file)?;
    let sql = read(&sql_file)?;
    let bad = |reason: String| wrong(&toml_file, reason);
    let columns = declared(&file.columns).map_err(bad)?;
    let known = Known(&columns);
    let order_by = known.order(&file.order).map_err(bad)?;
    let chart = known.chart(file.chart).map_err(bad)?;
    let headline = known.headline(file.headline).map_err(bad)?;
    for (language, text) in [("fr", &file.fr), ("en", &file.en)] {
        if text.title.trim().is_empty() {
            return Err(bad(format!("{language}.title is empty")));
        }
        if headline != Headline::None && text.headline.trim().is_empty() {
            return Err(bad(format!(
                "{language}.headline is not set: it says what the key figure is"
            )));
        }
    }
    if let Some(other) = reads(&sql).find(|read| own.iter().any(|name| name == read)) {
        return Err(wrong(
            &sql_file,
            format!(
                "it reads mart.{other}, and analyses of one's own cannot read each other: write what it shares into both"
            ),
        ));
    }
    let program = ANALYSES
        .into_iter()
        .map(|analysis| &analysis.model)
        .chain([&bases::ITEM_SUM, &bases::LINE_SUM]);
    let read: Vec<&str> = reads(&sql).collect();
    let bases: Vec<&'static Model> = program.filter(|model| read.contains(&model.name)).collect();
    Ok(Box::leak(Box::new(Analysis {
        model: Model {
            name: kept(table),
            about: kept(file.en.summary.clone()),
            columns: Vec::leak(columns),
            sql: ModelSql::new(kept(sql)),
            order_by,
            bases: Vec::leak(bases),
            form: Form::Analysis(Follows::Revision),
            file: Some(named(folder, &sql_file)),
        },
        chart,
        headline,
        texts: Words::own(Texts {
            fr: file.fr,
            en: file.en,
        }),
    })))
}

/// The marts that SQL names.
fn reads(sql: &str) -> impl Iterator<Item = &str> {
    sql.split("mart.").skip(1).map(|rest| {
        let end = rest.find(|letter: char| {
            !letter.is_ascii_lowercase() && !letter.is_ascii_digit() && letter != '_'
        });
        &rest[..end.unwrap_or(rest.len())]
    })
}

fn declared(files: &[ColumnFile]) -> Result<Vec<Column>, String> {
    let mut columns: Vec<Column> = Vec::with_capacity(files.len());
    for file in files {
        let name = file.name.as_str();
        is_name(name)?;
        if name.contains('-') {
            return Err(format!("the column «{name}» has a -: write _ in its place"));
        }
        if KEYS.contains(&name) || name.ends_with("_eur") {
            return Err(format!(
                "«{name}» cannot be declared as a column: every row has it, or may have"
            ));
        }
        if columns.iter().any(|column| &*column.name == name) {
            return Err(format!("the column «{name}» is declared twice"));
        }
        let kind = match file.kind {
            KindFile::Year => Kind::Year,
            KindFile::Integer => Kind::Integer,
            KindFile::Text => Kind::Text,
            KindFile::Amount => Kind::Amount,
            KindFile::Rate => Kind::Rate,
            KindFile::List => Kind::List,
            KindFile::Flag => Kind::Flag,
        };
        let column = Column::new(ColumnName::new(kept(name)), kind);
        columns.push(match (&file.fr, &file.en) {
            (Some(fr), Some(en)) => {
                let (fr, en) = (kept(fr.as_str()), kept(en.as_str()));
                column
                    .titled(Titles { fr, en })
                    .meaning(kept(format!("{en}.")))
            }
            (None, None) => column,
            _ => {
                return Err(format!(
                    "the column «{name}» has a title in one language only: give it in fr and en, or in none"
                ));
            }
        });
    }
    let has_year = columns
        .iter()
        .any(|column| column.name == columns::FISCAL_YEAR && column.kind == Kind::Year);
    if has_year {
        Ok(columns)
    } else {
        Err(
            "there is no column fiscal_year of the kind year: every row is of a fiscal year"
                .to_owned(),
        )
    }
}

/// The columns that are declared, by which others are named.
struct Known<'a>(&'a [Column]);

impl Known<'_> {
    /// A column that is named somewhere, of one of these kinds.
    fn column(&self, place: &str, name: &str, kinds: &[Kind]) -> Result<ColumnName, String> {
        let names: Vec<&str> = self.0.iter().map(|column| column.name.as_str()).collect();
        let found = self.0.iter().find(|column| &*column.name == name);
        let column = found.ok_or_else(|| {
            format!(
                "{place} names a column «{name}» that is not declared: expected one of {}",
                names.join(", ")
            )
        })?;
        if kinds.contains(&column.kind) {
            Ok(column.name)
        } else {
            Err(format!(
                "{place} names the column «{name}», which is of a kind that cannot stand there"
            ))
        }
    }

    fn order(&self, order: &[String]) -> Result<&'static str, String> {
        let any = [
            Kind::Year,
            Kind::Integer,
            Kind::Text,
            Kind::Amount,
            Kind::Rate,
            Kind::List,
            Kind::Flag,
        ];
        let mut terms = Vec::with_capacity(order.len());
        for term in order {
            let (name, direction) = match term.split_once(' ') {
                None => (term.as_str(), ""),
                Some((name, "desc")) => (name, " DESC"),
                Some(_) => {
                    return Err(format!(
                        "order names «{term}»: expected a column, or one with desc behind it"
                    ));
                }
            };
            let column = self.column("order", name, &any)?;
            // Where nothing is known is the same place on both engines.
            terms.push(format!("{column} IS NULL, {column}{direction}"));
        }
        if terms.is_empty() {
            return Ok(columns::FISCAL_YEAR.as_str());
        }
        Ok(kept(terms.join(", ")))
    }

    fn chart(&self, chart: Option<ChartFile>) -> Result<Chart, String> {
        let number = |name: &str| {
            let numbers = [Kind::Amount, Kind::Rate, Kind::Integer];
            self.column("chart", name, &numbers)
        };
        Ok(match chart {
            None => Chart::None,
            Some(ChartFile::Bars { value, reference }) => Chart::Bars {
                value: number(&value)?,
                reference: reference.as_deref().map(number).transpose()?,
            },
            Some(ChartFile::Grouped { values }) => {
                if values.is_empty() || values.len() > 6 {
                    return Err("chart.values names from one to six columns".to_owned());
                }
                let values: Result<Vec<ColumnName>, String> =
                    values.iter().map(|value| number(value)).collect();
                Chart::Grouped {
                    values: Vec::leak(values?),
                }
            }
            Some(ChartFile::Stacked { category, value }) => Chart::Stacked {
                category: self.column("chart", &category, &[Kind::Text])?,
                value: self.column("chart", &value, &[Kind::Amount])?,
            },
        })
    }

    fn headline(&self, headline: Option<HeadlineFile>) -> Result<Headline, String> {
        let number = |name: &str| {
            let numbers = [Kind::Amount, Kind::Rate, Kind::Integer];
            self.column("headline", name, &numbers)
        };
        let text = |name: &str| self.column("headline", name, &[Kind::Text]);
        Ok(match headline {
            None => Headline::None,
            Some(HeadlineFile::Latest { value }) => Headline::Latest {
                value: number(&value)?,
            },
            Some(HeadlineFile::LatestKnown { value, otherwise }) => Headline::LatestKnown {
                value: number(&value)?,
                otherwise: number(&otherwise)?,
            },
            Some(HeadlineFile::Largest { value, category }) => Headline::Largest {
                value: number(&value)?,
                category: text(&category)?,
            },
            Some(HeadlineFile::Count { value, equal }) => Headline::Count {
                value: text(&value)?,
                equal: kept(equal),
            },
            Some(HeadlineFile::Share { part, whole }) => Headline::Share {
                part: number(&part)?,
                whole: number(&whole)?,
            },
        })
    }
}

fn check(folder: &Path, name: &str, pair: &Pair, taken: &[&str]) -> Result<Check, NotOurs> {
    let sql_file = folder.join(format!("{name}.sql"));
    let toml_file = folder.join(format!("{name}.toml"));
    if pair.sql.is_none() {
        return Err(wrong(
            &toml_file,
            format!("there is no {name}.sql beside it"),
        ));
    }
    let kebab = name.replace('_', "-");
    if taken.contains(&kebab.as_str()) {
        return Err(wrong(
            &sql_file,
            format!("«{name}» is the name of a check of the program: choose another one"),
        ));
    }
    let file: CheckFile = match &pair.toml {
        Some(path) => parse(path)?,
        None => CheckFile::default(),
    };
    let title = |text: Option<String>| text.unwrap_or_else(|| kebab.clone());
    Ok(Check {
        titles: [title(file.fr), title(file.en)],
        check: OwnCheck {
            file: named(folder, &sql_file),
            sql: kept(read(&sql_file)?),
            outcome: match file.outcome {
                Some(OutcomeFile::Fail) => Outcome::Fail,
                Some(OutcomeFile::Warn) | None => Outcome::Warn,
            },
            name: kept(kebab),
        },
    })
}
