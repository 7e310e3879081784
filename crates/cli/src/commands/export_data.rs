//! `centime export --data`: all analyses and lines of one revision as Parquet and CSV, with a folder for each year.
//!
//! Everything is written beside the folder and then takes its place, so that a reader finds one revision whole or the
//! one before. The folder of a year has its year in its name (`fiscal_year=2023`), as Hive, Spark, `DuckDB`, pyarrow and
//! Polars read it; so files have no such column.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use centime_accounts::FiscalYear;
use centime_analytics::rows::{Rows, What};
use centime_analytics::{Basis, Catalogue, Cell, ColumnName, Language, analyses, columns};
use centime_render::export::rows::{Form, Writer};
use centime_render::language::format;
use centime_warehouse::doubt::Findings;
use centime_warehouse::lines::{Filter, Order, Sort};
use centime_warehouse::{Body, Revision, Warehouse};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::args::Export;
use crate::commands::revision;
use crate::commands::rows::{chosen, source_of};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;

/// The file that says what the folder holds; by it an earlier export is known.
const ABOUT: &str = "centime.json";

/// What such a file says that it is.
const KIND: &str = "centime-data";

/// The name of the column that is in the names of folders.
const YEAR: ColumnName = columns::FISCAL_YEAR;

/// The beginning of the name of a folder that is being written.
const STAGING: &str = ".centime-data-";

/// Something that is exported: a folder for each form, and in it one for each year.
struct Part {
    name: &'static str,
    title: String,
    what: What,
    years: Vec<FiscalYear>,
}

/// Writes the folder.
pub async fn export_data(config: &Config, export: &Export, into: &Path) -> Result<(), Failure> {
    let place = Place::begin(into)?;
    let (warehouse, revision) = revision(config, export.sample, export.revision).await?;
    let body = match &export.body {
        Some(text) => chosen(&warehouse, revision.id, Some(text)).await?,
        None => None,
    };
    let checks = warehouse.checks(revision.id).await?;
    let findings = Arc::new(Findings::of(&checks));
    let parts = parts(&warehouse, &revision, config.catalogue()?).await?;
    let mut about = Vec::new();
    let mut files = 0_i64;
    for part in &parts {
        let mut rows_of_years = 0_i64;
        for year in &part.years {
            let rows = Rows::new(
                &warehouse,
                &revision,
                Arc::clone(&findings),
                part.what.clone(),
                body.clone(),
                *year..=*year,
            );
            let written = write_year(
                &place,
                &warehouse,
                &revision,
                body.as_ref(),
                part,
                *year,
                rows,
            );
            let written = written.await?;
            rows_of_years += written;
            files += if written > 0 { 2 } else { 0 };
        }
        about.push(json!({
            "name": part.name,
            "title": part.title,
            "rows": rows_of_years,
            "years": part.years,
            "columns": part.what.columns().iter().map(|column| column.name)
                .filter(|name| *name != YEAR).map(ColumnName::as_str).collect::<Vec<_>>(),
        }));
    }
    let about = self::about(&warehouse, &revision, body.as_ref(), about).await?;
    place.write_about(&about)?;
    place.finish()?;
    if !config.quiet {
        print_stderr(std::format!(
            "{} files of revision {} are in {}",
            format::integer(files, Language::English),
            revision.id,
            into.display()
        ));
    }
    Ok(())
}

/// Everything that is exported: the analyses on the basis on which each euro is added once, the lines, and accounts with
/// their indicators where any are known.
async fn parts(
    warehouse: &Warehouse,
    revision: &Revision,
    catalogue: Catalogue,
) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    for analysis in catalogue.analyses() {
        parts.push(Part {
            name: analysis.model.name,
            title: analysis.text(Language::English).title.clone(),
            what: What::Analysis(analysis, Basis::Leaf),
            years: warehouse
                .years_of_mart(&analysis.model, revision.id)
                .await?,
        });
    }
    let of_lines = &analyses::yearly_result::ANALYSIS.model;
    let order = Order {
        by: Sort::Record,
        descending: true,
    };
    parts.push(Part {
        name: "lines",
        title: "Lines of the income statement".to_owned(),
        what: What::Lines(Filter::default(), order),
        years: warehouse.years_of_mart(of_lines, revision.id).await?,
    });
    let years = warehouse.years_of_accounts(revision.id).await?;
    if !years.is_empty() {
        let of_accounts = [
            ("accounts", "Accounts", What::Accounts),
            ("indicators", "Indicators", What::Indicators),
        ];
        parts.extend(of_accounts.map(|(name, title, what)| Part {
            name,
            title: title.to_owned(),
            what,
            years: years.clone(),
        }));
    }
    let years = warehouse.years_of_aggregates(revision.id).await?;
    if !years.is_empty() {
        parts.push(Part {
            name: "aggregates",
            title: "Aggregates of the OFGL".to_owned(),
            what: What::Aggregates,
            years,
        });
    }
    Ok(parts)
}

/// Writes the rows of a year in each form; gives how many there are. A year without rows has no files.
async fn write_year(
    place: &Place,
    warehouse: &Warehouse,
    revision: &Revision,
    body: Option<&Body>,
    part: &Part,
    year: FiscalYear,
    mut rows: Rows,
) -> Result<i64, Failure> {
    let mut columns = rows.columns();
    let position = columns.iter().position(|column| column.name == YEAR);
    columns.retain(|column| column.name != YEAR);
    let without = |mut row: Vec<Cell>| {
        if let Some(position) = position {
            row.remove(position);
        }
        row
    };
    let mut count = 0;
    let mut open: Option<[Written; 2]> = None;
    while let Some(read) = rows.next().await? {
        if read.is_empty() {
            continue;
        }
        count += i64::try_from(read.len()).unwrap_or(i64::MAX);
        let read: Vec<Vec<Cell>> = read.into_iter().map(without).collect();
        let files = if let Some(files) = &mut open {
            files
        } else {
            let datasets = warehouse.datasets(revision.id).await?;
            let of = source_of(
                warehouse,
                revision,
                &datasets,
                body,
                &part.title,
                Vec::new(),
            );
            let mut facts = of.await?.facts();
            facts.push((YEAR.to_string(), year.to_string()));
            let name = |form: &str| format!("{form}/{}/{YEAR}={year}/part-0.{form}", part.name);
            open.insert([
                place.open(&name("parquet"), Form::Parquet { facts }, columns.clone())?,
                place.open(&name("csv"), Form::Csv, columns.clone())?,
            ])
        };
        for file in files {
            file.add(read.clone())?;
        }
    }
    for file in open.into_iter().flatten() {
        file.end()?;
    }
    Ok(count)
}

/// What the folder says of itself.
async fn about(
    warehouse: &Warehouse,
    revision: &Revision,
    body: Option<&Body>,
    parts: Vec<Value>,
) -> Result<Value, Failure> {
    let datasets = warehouse.datasets(revision.id).await?;
    let of = source_of(warehouse, revision, &datasets, body, "All data", Vec::new());
    let facts = of.await?.facts();
    let facts: serde_json::Map<String, Value> = facts
        .into_iter()
        .filter(|(name, _)| name != "title")
        .map(|(name, value)| (name, value.into()))
        .collect();
    Ok(json!({
        "kind": KIND,
        "program": format!("Centime version {}", env!("CARGO_PKG_VERSION")),
        "layout": "FORM/NAME/fiscal_year=YEAR/part-0.FORM; the year is in the name of its folder and no column of the files",
        "basis": Basis::Leaf.name(),
        "units": "Amounts are euros and rates are percent; an empty cell or null is not zero.",
        "source": facts,
        "tables": parts,
    }))
}

/// A file that is being written.
struct Written {
    writer: Writer,
    file: BufWriter<File>,
    path: PathBuf,
}

impl Written {
    fn add(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), Failure> {
        let bytes = self.writer.add(rows)?;
        let written = self.file.write_all(&bytes);
        written.map_err(|error| unwritable(&self.path, &error))
    }

    fn end(mut self) -> Result<(), Failure> {
        let last = self.writer.end()?;
        let written = self.file.write_all(&last).and_then(|()| self.file.flush());
        let written = written.and_then(|()| self.file.get_ref().sync_all());
        written.map_err(|error| unwritable(&self.path, &error))
    }
}

/// The folder, and where it is written until it is whole.
struct Place {
    into: PathBuf,
    staging: TempDir,
}

impl Place {
    /// Begins an export. What is at its place must be nothing, an empty folder or an earlier export, and it must be
    /// possible to write beside it.
    fn begin(into: &Path) -> Result<Self, Failure> {
        let into = match fs::canonicalize(into) {
            Ok(there) => there,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && fs::symlink_metadata(into).is_err() =>
            {
                into.to_owned()
            }
            Err(error) => return Err(unwritable(into, &error)),
        };
        check_free(&into)?;
        let parent = match into.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) => Path::new("."),
            None => return Err(taken(&into)),
        };
        fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Less what the user's mask takes away, as for any new folder.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let staging = builder.prefix(STAGING).tempdir_in(parent);
        let staging = staging.map_err(|error| unwritable(parent, &error))?;
        Ok(Self { into, staging })
    }

    fn open(
        &self,
        name: &str,
        form: Form,
        columns: Vec<centime_analytics::Column>,
    ) -> Result<Written, Failure> {
        let path = self.staging.path().join(name);
        let shown = self.into.join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let file = made.and_then(|()| File::create_new(&path));
        let mut file = BufWriter::new(file.map_err(|error| unwritable(&shown, &error))?);
        let (writer, first) = Writer::begin(form, columns)?;
        file.write_all(&first)
            .map_err(|error| unwritable(&shown, &error))?;
        Ok(Written {
            writer,
            file,
            path: shown,
        })
    }

    fn write_about(&self, about: &Value) -> Result<(), Failure> {
        let path = self.staging.path().join(ABOUT);
        let written = fs::write(&path, format!("{about:#}\n"));
        written.map_err(|error| unwritable(&self.into.join(ABOUT), &error))
    }

    /// Puts the folder at its place, and takes away what was there.
    fn finish(self) -> Result<(), Failure> {
        // Others may have put something there meanwhile.
        check_free(&self.into)?;
        let failed = |error: io::Error| unwritable(&self.into, &error);
        let new = self.staging.path();
        if fs::symlink_metadata(&self.into).is_err() {
            fs::rename(new, &self.into).map_err(failed)?;
            // Its name is not there any more.
            drop(self.staging.keep());
            return Ok(());
        }
        if let Ok(before) = fs::metadata(&self.into) {
            fs::set_permissions(new, before.permissions()).map_err(failed)?;
        }
        if !centime_server::exchanged(new, &self.into).map_err(failed)? {
            // Where the file system cannot exchange them, there is a moment without either.
            let leaving = new.with_extension("old");
            fs::rename(&self.into, &leaving).map_err(failed)?;
            if let Err(error) = fs::rename(new, &self.into) {
                fs::rename(&leaving, &self.into).map_err(failed)?;
                return Err(failed(error));
            }
            fs::rename(&leaving, new).map_err(failed)?;
        }
        // What was there before is now where the new one was written.
        self.staging
            .close()
            .map_err(|error| unwritable(&self.into, &error))
    }
}

/// Refuses a place that holds something else than an earlier export.
fn check_free(into: &Path) -> Result<(), Failure> {
    let there = match fs::symlink_metadata(into) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(into, &error)),
    };
    if !there.is_dir() {
        return Err(taken(into));
    }
    let read = || -> io::Result<BTreeSet<String>> {
        let entries = fs::read_dir(into)?;
        entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect()
    };
    let mut names = read().map_err(|error| unwritable(into, &error))?;
    if names.is_empty() {
        return Ok(());
    }
    let about = fs::read(into.join(ABOUT)).ok();
    let about = about.and_then(|about| serde_json::from_slice::<Value>(&about).ok());
    let is_export = about.is_some_and(|about| about["kind"] == KIND);
    for name in [ABOUT, "parquet", "csv"] {
        names.remove(name);
    }
    if is_export && names.is_empty() {
        Ok(())
    } else {
        Err(taken(into))
    }
}

fn taken(into: &Path) -> Failure {
    Failure::Usage(format!(
        "{} holds something else than an export of data: name a new or empty folder, or one that an export has written",
        into.display()
    ))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!(
        "{} cannot be written: {error}: name a folder of your own, with room",
        path.display()
    ))
}
