//! Rows and charts as files to keep.

use std::ops::RangeInclusive;
use std::sync::Arc;

use centime_accounts::FiscalYear;
use centime_analytics::rows::{Rows, WHOSE, What, of_one};
use centime_analytics::statement::Statement;
use centime_analytics::{Analysis, Table};
use centime_render::draw::spec::Chart;
use centime_render::export;
use centime_render::export::formats::Format;
use centime_render::export::rows::Form;
use centime_render::export::words::Words;
use centime_render::language::locale;
use centime_render::link;
use centime_render::provenance::doubts::with_doubts;
use centime_render::provenance::identity;
use centime_render::provenance::source::{ALL, Filter, Source};
use centime_warehouse::doubt::Doubt;

use crate::files::all_bodies::{MOST_IN_A_WORKBOOK, Wide};
use crate::http::reply::Reply;
use crate::limits::blocking;
use crate::request::basis::{basis, of_basis};
use crate::request::context::RequestContext;
use crate::request::lines_query::{LinesQuery, bad};
use crate::request::page_error::PageError;
use crate::request::paths;
use crate::request::statement_form;
use crate::state::snapshot::{Published, Snapshot};

/// All years.
pub const WHOLE: RangeInclusive<FiscalYear> = FiscalYear::ALL;

/// The longest part of a file's name that comes from the data or from the address, in characters.
const LONGEST_PART: usize = 40;

/// What is to be kept.
#[derive(Debug)]
pub struct Download {
    /// What it is, as a part of the file's name.
    pub name: String,
    /// What it is, in the reader's words.
    pub title: String,
    pub rows: Table,
    pub chart: Option<Chart>,
    /// The statement that the rows are of, where they are all of one.
    pub statement: Option<Statement>,
    /// What restricts the rows.
    pub filters: Vec<Filter>,
    /// Where they are seen.
    pub address: String,
    /// What is doubted of the years that are shown.
    pub doubts: Vec<Doubt>,
}

/// A way to a file: what its form is called, and its address.
#[derive(Debug)]
pub struct FileLink {
    pub name: String,
    pub address: String,
}

/// The ways to the forms of something, of which `address` gives the address with an extension.
pub fn files(with_chart: bool, address: impl Fn(&str) -> String) -> Vec<FileLink> {
    Format::offered(with_chart)
        .map(|format| FileLink {
            name: format.name.to_owned(),
            address: address(format.extension),
        })
        .collect()
}

/// The ways to the forms of the same of all public bodies, where there are several and the site itself answers.
pub fn files_of_all(
    context: &RequestContext,
    snapshot: &Snapshot,
    address: impl Fn(&str) -> String,
) -> Vec<FileLink> {
    if snapshot.parameter().is_none() || context.is_copied() {
        return Vec::new();
    }
    let mut links = files(false, address);
    // What is made in memory is for few bodies.
    links.retain(|link| link.name != "XLSX");
    links
}

/// Answers with a file in the form that its extension names.
pub async fn download(
    context: &Arc<RequestContext>,
    snapshot: &Arc<Snapshot>,
    extension: &str,
    wanted: Download,
) -> Result<Reply, PageError> {
    let format = Format::offered(wanted.chart.is_some())
        .find(|format| format.extension == extension)
        .ok_or(PageError::NotFound)?;
    let name = file_name(snapshot, &wanted.name, &wanted.filters, extension);
    let (locale, snapshot) = (context.locale, Arc::clone(snapshot));
    let address = context.base.place(&wanted.address);
    // A picture takes some tens of milliseconds, in which others can be answered.
    let made = blocking(move || {
        let source = Source {
            title: wanted.title,
            body: Some(&snapshot.body),
            revision: &snapshot.published.revision,
            datasets: &snapshot.published.datasets,
            identity: snapshot.identity(locale),
            filters: wanted.filters,
            address,
            doubts: wanted.doubts,
        };
        let mut rows = with_doubts(&wanted.rows, &source.doubts);
        if rows.position(WHOSE[0].name).is_none() {
            rows = of_one(&rows, &snapshot.body);
        }
        match wanted.statement.filter(|_| format.extension == "xlsx") {
            Some(statement) => {
                let book = export::statement::workbook(&statement, &rows, &source, locale);
                Ok(book?)
            }
            None => format.file(&rows, wanted.chart.as_ref(), &source, locale),
        }
    });
    match made.await {
        Ok(Ok(bytes)) => Ok(Reply::file(name, format, bytes)),
        Ok(Err(error)) => Err(PageError::File(error.to_string())),
        Err(error) => Err(PageError::File(error.to_string())),
    }
}

/// A file of all public bodies.
#[derive(Debug)]
pub enum OfAll {
    /// Its rows, which are sent while they are read.
    Rows(Box<Wide>),
    /// The file.
    Whole(Reply),
}

/// The file that is asked for of all public bodies; `None` where it is one of a single body.
pub async fn of_all(context: &Arc<RequestContext>) -> Option<Result<OfAll, PageError>> {
    if !context.is_of_all() || !context.is_file() {
        return None;
    }
    if let Some(extension) = context.path.strip_prefix("/lines.") {
        return Some(lines_of_all(context, extension).await);
    }
    for (path, what) in [
        (paths::ACCOUNTS, What::Accounts),
        (paths::INDICATORS, What::Indicators),
        (paths::AGGREGATES, What::Aggregates),
    ] {
        let rest = context.path.strip_prefix(path);
        if let Some(extension) = rest.and_then(|rest| rest.strip_prefix('.')) {
            return Some(of_all_accounts(context, extension, path, what).await);
        }
    }
    if let Some(extension) = context.path.strip_prefix("/statement.") {
        return Some(statement_of_all(context, extension).await);
    }
    let (name, extension) = Format::split_name(context.path.strip_prefix("/analyses/")?)?;
    let analysis = context.site.catalogue().by_name(name)?;
    Some(analysis_of_all(context, analysis, extension).await)
}

async fn lines_of_all(context: &Arc<RequestContext>, extension: &str) -> Result<OfAll, PageError> {
    let published = context.published()?;
    let query = LinesQuery::read_of_all(context, published).await?;
    let wanted = Wanted {
        name: "lines",
        title: context.locale.text("lines.title").to_owned(),
        filters: query.restrictions(context.locale),
    };
    let what = What::Lines(query.filter, query.order);
    wide(context, published, extension, wanted, what).await
}

async fn of_all_accounts(
    context: &Arc<RequestContext>,
    extension: &str,
    path: &'static str,
    what: What,
) -> Result<OfAll, PageError> {
    let published = context.published()?;
    let title = match path {
        paths::ACCOUNTS => "accounts.title",
        paths::AGGREGATES => "aggregates.title",
        _ => "indicators.title",
    };
    let wanted = Wanted {
        name: path.trim_start_matches('/'),
        title: context.locale.text(title).to_owned(),
        filters: Vec::new(),
    };
    wide(context, published, extension, wanted, what).await
}

async fn statement_of_all(
    context: &Arc<RequestContext>,
    extension: &str,
) -> Result<OfAll, PageError> {
    let published = context.published()?;
    let (name, title, what) = if statement_form::is_by_nature(context)? {
        ("statement-by-nature", "statement.by_nature", What::ByNature)
    } else {
        ("statement", "statement.title", What::Statement)
    };
    let wanted = Wanted {
        name,
        title: context.locale.text(title).to_owned(),
        filters: Vec::new(),
    };
    wide(context, published, extension, wanted, what).await
}

async fn analysis_of_all(
    context: &Arc<RequestContext>,
    analysis: &'static Analysis,
    extension: &str,
) -> Result<OfAll, PageError> {
    let published = context.published()?;
    let basis = basis(context)?;
    let text = analysis.text(context.locale.language());
    let wanted = Wanted {
        name: &analysis.name(),
        title: locale::typographic(&text.title, context.locale.language()),
        filters: vec![of_basis(basis, context.locale)],
    };
    let what = What::Analysis(analysis, basis);
    wide(context, published, extension, wanted, what).await
}

/// What is to be kept of all public bodies.
struct Wanted<'a> {
    name: &'a str,
    title: String,
    filters: Vec<Filter>,
}

async fn wide(
    context: &Arc<RequestContext>,
    published: &Arc<Published>,
    extension: &str,
    wanted: Wanted<'_>,
    what: What,
) -> Result<OfAll, PageError> {
    let locale = context.locale;
    let format = Format::offered(false)
        .find(|format| format.extension == extension)
        .ok_or(PageError::NotFound)?;
    let name = name_of(
        published,
        Some("all"),
        wanted.name,
        &wanted.filters,
        extension,
    );
    let mut rows = rows_of_all(context, published, what, WHOLE)?;
    let source = Source {
        title: wanted.title,
        body: None,
        revision: &published.revision,
        datasets: &published.datasets,
        identity: identity::of_all(locale),
        filters: wanted.filters,
        address: context
            .base
            .place(&link::to(&context.path, &context.parameters)),
        doubts: Vec::new(),
    };
    let form = match extension {
        "csv" => Form::Csv,
        "excel.csv" => Form::Spreadsheet(Words::of(&source, locale.language())),
        "json" => Form::json(),
        "parquet" => Form::Parquet {
            facts: source.facts(),
        },
        // What cannot be written before all rows are there is made in memory.
        _ => {
            let gathered = rows.gathered(MOST_IN_A_WORKBOOK).await?;
            let table = gathered.ok_or_else(|| {
                let most = i64::try_from(MOST_IN_A_WORKBOOK).unwrap_or(i64::MAX);
                let most = centime_render::language::format::integer(most, locale.language());
                let allowed = locale.fill("export.allowed_in_a_workbook", &[("n", &most)]);
                bad(locale, "body", ALL, &[allowed])
            })?;
            let file = format.file(&table, None, &source, locale);
            let bytes = file.map_err(|error| PageError::File(error.to_string()))?;
            return Ok(OfAll::Whole(Reply::file(name, format, bytes)));
        }
    };
    Ok(OfAll::Rows(Box::new(Wide {
        rows,
        form,
        media_type: format.media_type,
        vary: "accept-language, cookie",
        name: Some(name),
    })))
}

/// The rows of all public bodies of what a visitor is shown.
pub fn rows_of_all(
    context: &RequestContext,
    published: &Published,
    what: What,
    years: RangeInclusive<FiscalYear>,
) -> Result<Rows, PageError> {
    let findings = Arc::clone(&published.findings);
    let warehouse = context.warehouse()?;
    Ok(Rows::new(
        warehouse,
        &published.revision,
        findings,
        what,
        None,
        years,
    ))
}

/// The name of a file: the dataset, the public body where there are several, what it shows of which
/// revision, and what restricts it.
pub fn file_name(snapshot: &Snapshot, name: &str, filters: &[Filter], extension: &str) -> String {
    let siren = snapshot.parameter().map(|(_, siren)| siren);
    name_of(&snapshot.published, siren, name, filters, extension)
}

fn name_of(
    published: &Published,
    body: Option<&str>,
    name: &str,
    filters: &[Filter],
    extension: &str,
) -> String {
    let mut parts = vec!["centime".to_owned()];
    let dataset = published.datasets.first();
    parts.extend(dataset.map(|dataset| plain(&dataset.dataset_id)));
    parts.extend(body.map(plain));
    parts.push(name.to_owned());
    parts.extend(filters.iter().map(|filter| plain(&filter.code)));
    parts.push(format!("r{}", published.revision.id));
    if published.revision.sample {
        parts.push("sample".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    format!("{}.{extension}", parts.join("-"))
}

/// A text as part of a file's name on any system.
pub fn plain(text: &str) -> String {
    let letters = text.chars().take(LONGEST_PART);
    let plain: String = letters
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_harmless_in_a_name() {
        for (text, expected) in [
            ("compte-de-resultat", "compte-de-resultat"),
            ("Produits & Charges", "produits-charges"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\"\r\nb", "a-b"),
            ("…", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"a".repeat(200)).len(), LONGEST_PART);
    }
}
