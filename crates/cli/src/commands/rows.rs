//! Rows of one public body or of all, on standard output or in a file, in each form.

use std::io::{self, IsTerminal, Write};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use centime_accounts::FiscalYear;
use centime_analytics::rows::{Failed, Rows, WHOSE, What};
use centime_analytics::{Basis, Cell, ColumnName, Language, Table, analyses};
use centime_render::Locale;
use centime_render::export::formats;
use centime_render::export::rows::{Form, Writer};
use centime_render::export::terminal;
use centime_render::provenance::identity::{self, Figures};
use centime_render::provenance::source::{ALL, Filter, Source};
use centime_warehouse::doubt::Findings;
use centime_warehouse::{Body, Dataset, Revision, Warehouse};

use crate::args::{self, Format};
use crate::commands::{body, revision};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::Output;
use crate::stdout::stdout;

/// The width a table is laid out for on a terminal of unknown width.
const DEFAULT_WIDTH: u16 = 100;

/// How many rows a table for people has at most: its columns are as wide as their widest cells.
const MAX_TABLE_ROWS: usize = 100_000;

/// The names of all public bodies together.
const ALL_BODIES: [&str; 2] = ["all", ALL];

/// What was asked for, in an open database.
#[derive(Debug)]
pub struct Asked<'a> {
    pub warehouse: Warehouse,
    pub revision: Revision,
    /// The public body; `None` for all.
    pub body: Option<Body>,
    rows: &'a args::Rows,
    format: Format,
    output: Option<Output>,
    years: RangeInclusive<FiscalYear>,
}

/// What is shown of it.
#[derive(Debug)]
pub struct Shown {
    pub title: String,
    pub what: What,
    /// What restricts the rows besides their years.
    pub filters: Vec<Filter>,
    /// The columns that people are shown; `None` for all.
    pub for_people: Option<&'static [&'static str]>,
}

impl<'a> Asked<'a> {
    /// Opens the database, once it is known that the answer can be written.
    pub async fn open(config: &Config, rows: &'a args::Rows) -> Result<Self, Failure> {
        let format = format(rows.format, rows.out.as_deref())?;
        let binary = matches!(format, Format::Parquet | Format::Xlsx);
        if binary && rows.out.is_none() && io::stdout().is_terminal() {
            return Err(Failure::Usage(
                "this form is nothing for a terminal: name a file with --out, or send it on"
                    .to_owned(),
            ));
        }
        let output = rows.out.as_deref().map(Output::begin).transpose()?;
        let (warehouse, mut revision) = revision(config, rows.sample, rows.revision).await?;
        let body = chosen(&warehouse, revision.id, rows.body.as_deref()).await?;
        if let Some(body) = &body {
            // An edition may have real figures of some bodies, and invented ones of others.
            revision.sample = body.sample;
        }
        let years = match &rows.years {
            Some(years) => known_years(&warehouse, revision.id, body.as_ref(), years).await?,
            None => FiscalYear::ALL,
        };
        Ok(Self {
            warehouse,
            revision,
            body,
            rows,
            format,
            output,
            years,
        })
    }

    /// Writes the rows.
    pub async fn write(mut self, shown: Shown) -> Result<(), Failure> {
        let checks = self.warehouse.checks(self.revision.id).await?;
        let mut rows = Rows::new(
            &self.warehouse,
            &self.revision,
            Arc::new(Findings::of(&checks)),
            shown.what.clone(),
            self.body.clone(),
            self.years.clone(),
        );
        let form = match self.format {
            Format::Csv => Form::Csv,
            Format::Json => Form::json(),
            Format::Parquet => Form::Parquet {
                facts: self.facts(&shown).await?,
            },
            Format::Table => {
                let gathered = rows.gathered(MAX_TABLE_ROWS).await?;
                let table = gathered.ok_or_else(|| {
                    Failure::Usage(format!(
                        "more than {MAX_TABLE_ROWS} rows are too many for a table: give --format csv or parquet"
                    ))
                })?;
                let table = for_people(&table, shown.for_people, self.body.is_none());
                let width = if self.output.is_some() { None } else { width() };
                let mut printed = terminal::table(&table, width);
                if !printed.ends_with('\n') {
                    printed.push('\n');
                }
                self.put(printed.as_bytes())?;
                return self.finish();
            }
            Format::Xlsx => {
                let gathered = rows.gathered(usize::MAX).await?;
                let table = gathered.unwrap_or(Table {
                    columns: rows.columns(),
                    rows: Vec::new(),
                });
                let book = self.workbook(&table, &shown).await?;
                self.put(&book)?;
                return self.finish();
            }
        };
        let (mut writer, first) = Writer::begin(form, rows.columns())?;
        self.put(&first)?;
        while let Some(read) = rows.next().await? {
            let bytes = writer.add(read)?;
            self.put(&bytes)?;
        }
        let last = writer.end()?;
        self.put(&last)?;
        self.finish()
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.output {
            Some(output) => output.write(bytes),
            None => Ok(stdout().write_all(bytes)?),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self.output {
            Some(output) => output.commit(),
            None => Ok(stdout().flush()?),
        }
    }

    /// The datasets that the rows are from.
    async fn datasets(&self) -> Result<Vec<Dataset>, Failure> {
        let revision = self.revision.id;
        let all = self.warehouse.datasets(revision).await?;
        Ok(match &self.body {
            Some(body) => {
                let warehouse = &self.warehouse;
                warehouse.datasets_of(revision, &body.siren, &all).await?
            }
            None => all,
        })
    }

    async fn facts(&self, shown: &Shown) -> Result<Vec<(String, String)>, Failure> {
        let datasets = self.datasets().await?;
        Ok(self.source(shown, &datasets).await?.facts())
    }

    async fn workbook(&self, table: &Table, shown: &Shown) -> Result<Vec<u8>, Failure> {
        let datasets = self.datasets().await?;
        let source = self.source(shown, &datasets).await?;
        let form = formats::Format::by_extension("xlsx")
            .ok_or_else(|| Failure::Unexpected("workbooks cannot be written".to_owned()))?;
        let made = form.file(table, None, &source, Locale::of(Language::English));
        made.map_err(|error| Failure::Usage(error.to_string()))
    }

    async fn source<'s>(
        &'s self,
        shown: &Shown,
        datasets: &'s [Dataset],
    ) -> Result<Source<'s>, Failure> {
        let (warehouse, revision) = (&self.warehouse, &self.revision);
        source_of(
            warehouse,
            revision,
            datasets,
            self.body.as_ref(),
            &shown.title,
            self.filters(shown),
        )
        .await
    }

    fn filters(&self, shown: &Shown) -> Vec<Filter> {
        let mut filters = shown.filters.clone();
        filters.extend(self.rows.years.as_ref().map(|years| {
            let years = format!("{}-{}", years.start(), years.end());
            Filter {
                name: "years".to_owned(),
                label: "years".to_owned(),
                code: years.clone(),
                value: years,
            }
        }));
        filters
    }
}

/// What a file says of the rows of one body or of all.
pub async fn source_of<'s>(
    warehouse: &Warehouse,
    revision: &'s Revision,
    datasets: &'s [Dataset],
    body: Option<&'s Body>,
    title: &str,
    filters: Vec<Filter>,
) -> Result<Source<'s>, Failure> {
    let locale = Locale::of(Language::English);
    let mut doubts = Vec::new();
    let identity = match body {
        Some(body) => {
            let siren = body.siren.as_str();
            let model = &analyses::yearly_result::ANALYSIS.model;
            let results = warehouse
                .mart(model, revision.id, siren, Basis::Leaf)
                .await?;
            let checks = warehouse.checks(revision.id).await?;
            let choices = warehouse.choices(revision.id, siren).await?;
            doubts = Findings::of(&checks).doubts(siren, &choices.fiscal_years);
            let figures = Figures {
                body,
                revision,
                datasets,
                results: &results,
            };
            figures.identity(locale)
        }
        None => identity::of_all(locale),
    };
    Ok(Source {
        title: title.to_owned(),
        body,
        revision,
        datasets,
        identity,
        filters,
        address: String::new(),
        doubts,
    })
}

/// The form that is asked for: by its name, by how the file ends, or a table.
fn format(named: Option<Format>, out: Option<&Path>) -> Result<Format, Failure> {
    const ENDINGS: [(&str, Format); 4] = [
        ("csv", Format::Csv),
        ("json", Format::Json),
        ("parquet", Format::Parquet),
        ("xlsx", Format::Xlsx),
    ];
    let Some(out) = out else {
        return Ok(named.unwrap_or(Format::Table));
    };
    let ending = out
        .extension()
        .map(|it| it.to_string_lossy().to_ascii_lowercase());
    let by_ending = ending
        .as_deref()
        .and_then(|ending| ENDINGS.iter().find(|(known, _)| *known == ending));
    match (named, by_ending) {
        (Some(named), Some((ending, form))) if named != *form => Err(Failure::Usage(format!(
            "{} ends with .{ending}, and --format asks for another form: give one of them",
            out.display()
        ))),
        (Some(named), _) => Ok(named),
        (None, Some((_, form))) => Ok(*form),
        (None, None) => Err(Failure::Usage(format!(
            "{} does not say its form: end it with .csv, .json, .parquet or .xlsx, or give --format",
            out.display()
        ))),
    }
}

/// The public body that is meant; `None` for all of them.
pub async fn chosen(
    warehouse: &Warehouse,
    revision: i64,
    wanted: Option<&str>,
) -> Result<Option<Body>, Failure> {
    match wanted {
        Some(text) if ALL_BODIES.contains(&text) => Ok(None),
        wanted => body(warehouse, revision, wanted).await.map(Some),
    }
}

/// The years, where the statement has at least one of them: no rows would look like years without money.
async fn known_years(
    warehouse: &Warehouse,
    revision: i64,
    body: Option<&Body>,
    years: &RangeInclusive<FiscalYear>,
) -> Result<RangeInclusive<FiscalYear>, Failure> {
    let known = if let Some(body) = body {
        let mut known = warehouse.choices(revision, &body.siren).await?.fiscal_years;
        known.reverse();
        known
    } else {
        let model = &analyses::yearly_result::ANALYSIS.model;
        warehouse.years_of_mart(model, revision).await?
    };
    if known.iter().any(|year| years.contains(year)) {
        return Ok(years.clone());
    }
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    Err(Failure::Usage(format!(
        "--years: there is none of {}-{}: expected some of {}",
        years.start(),
        years.end(),
        known.join(", ")
    )))
}

/// A table for people: without the body where it is one, and without doubts where there are none.
fn for_people(table: &Table, shown: Option<&[&str]>, of_all: bool) -> Table {
    let doubts = centime_analytics::rows::DOUBTS.name;
    let is_whose = |name: ColumnName| WHOSE.iter().any(|whose| whose.name == name);
    let wanted = |(place, name): (usize, ColumnName)| {
        if is_whose(name) {
            of_all
        } else if name == doubts {
            table
                .rows
                .iter()
                .any(|row| row.get(place) != Some(&Cell::Null))
        } else {
            shown.is_none_or(|shown| shown.contains(&name.as_str()))
        }
    };
    let places: Vec<usize> = (0..table.columns.len())
        .filter(|place| wanted((*place, table.columns[*place].name)))
        .collect();
    Table {
        columns: places.iter().map(|place| table.columns[*place]).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| places.iter().map(|place| row[*place].clone()).collect())
            .collect(),
    }
}

/// The width of the terminal; `None` when the output goes elsewhere and may be as wide as it is.
fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    Some(columns.unwrap_or(DEFAULT_WIDTH))
}

impl From<Failed> for Failure {
    fn from(error: Failed) -> Self {
        match error {
            Failed::Database(error) => error.into(),
            Failed::Dropped(_) => Self::Database(error.to_string()),
        }
    }
}

impl From<centime_render::export::parquet::Error> for Failure {
    fn from(error: centime_render::export::parquet::Error) -> Self {
        Self::Unexpected(error.to_string())
    }
}
