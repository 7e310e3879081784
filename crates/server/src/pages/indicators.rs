//! The indicators of local finance, from accounts: their values by year, how they are computed and by which source.

use std::sync::Arc;

use askama::Template;
use centime_accounts::FiscalYear;
use centime_accounts::indicators::{Group as About, Indicator, Unit};
use centime_analytics::accounts::{Books, Series, Value};
use centime_render::language::format;
use centime_render::{Locale, indicators};

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::{account_address, paths};
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "indicators.html")]
struct IndicatorsPage<'a> {
    frame: Frame<'a>,
    lead: String,
    groups: Vec<Group>,
    accounts: String,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
}

/// Indicators about one thing.
struct Group {
    id: &'static str,
    heading: &'static str,
    caption: String,
    years: Vec<FiscalYear>,
    /// The year that is compared with the one before; `None` where there is one year only.
    changes: Option<String>,
    rows: Vec<RowView>,
}

struct RowView {
    code: &'static str,
    name: String,
    formula: String,
    source: String,
    cells: Vec<CellView>,
    change: Option<String>,
    /// The latest amount divided by the population.
    per_inhabitant: Option<String>,
}

/// A value on a page.
pub struct CellView {
    /// The value with its unit; `None` where there is none.
    pub value: Option<String>,
    /// The accounts it adds up; `None` where it adds up none.
    pub link: Option<String>,
    /// Why there is no value.
    pub why: String,
}

/// Answers with all indicators.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let has = !snapshot.account_years.is_empty();
    let groups = if has {
        let books = context.books(snapshot).await?;
        groups(snapshot, books, locale)
    } else {
        Vec::new()
    };
    let page = IndicatorsPage {
        frame: Frame::new(
            &context,
            locale.text("indicators.title"),
            Section::Indicators,
        ),
        lead: lead(snapshot, locale),
        groups,
        accounts: snapshot.link(paths::ACCOUNTS, &[]),
        files: if has {
            files(false, |extension| {
                snapshot.link(&format!("{}.{extension}", paths::INDICATORS), &[])
            })
        } else {
            Vec::new()
        },
        files_of_all: files_of_all(&context, snapshot, |extension| {
            account_address::of_all(snapshot, paths::INDICATORS, extension)
        }),
    };
    page.frame.around(&page)
}

/// Answers with all indicators and years as a file: `/indicators.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let books = context.books(snapshot).await?;
    let wanted = Download {
        name: "indicators".to_owned(),
        title: context.locale.text("indicators.title").to_owned(),
        rows: books.table_of_indicators(),
        chart: None,
        statement: None,
        filters: Vec::new(),
        address: snapshot.link(paths::INDICATORS, &[]),
        doubts: snapshot.doubts.clone(),
    };
    let beginning = format!("{}.", paths::INDICATORS);
    let extension = context.rest_of_path(&beginning);
    download(&context, snapshot, &extension, wanted).await
}

fn lead(snapshot: &Snapshot, locale: &Locale) -> String {
    let known = &snapshot.account_years;
    let name = ("body", snapshot.body.name.as_str());
    match (known.last(), known.first()) {
        (Some(first), Some(last)) => {
            let years = locale.years(first.fiscal_year, last.fiscal_year);
            locale.fill("indicators.lead", &[name, ("years", &years)])
        }
        _ => locale.fill("indicators.none", &[name]),
    }
}

fn groups(snapshot: &Snapshot, books: &Books, locale: &'static Locale) -> Vec<Group> {
    let series = books.series(snapshot.series_breaks());
    let years: Vec<FiscalYear> = books.years.iter().map(|year| year.fiscal_year).collect();
    let period = snapshot
        .account_years
        .last()
        .zip(snapshot.account_years.first())
        .map_or_else(String::new, |(first, last)| {
            locale.years(first.fiscal_year, last.fiscal_year)
        });
    About::ALL
        .into_iter()
        .map(|about| {
            let of_group = series.iter().filter(|one| one.indicator.group == about);
            let heading = locale.term("indicators.group", about.name());
            Group {
                id: about.name(),
                heading,
                caption: locale.fill(
                    "indicators.caption",
                    &[("group", heading), ("years", &period)],
                ),
                years: years.clone(),
                changes: years
                    .first()
                    .filter(|_| years.len() > 1)
                    .map(|year| locale.fill("indicators.change", &[("year", &year.to_string())])),
                rows: of_group.map(|one| row(snapshot, one, locale)).collect(),
            }
        })
        .collect()
}

fn row(snapshot: &Snapshot, series: &Series<'_>, locale: &'static Locale) -> RowView {
    let indicator = series.indicator;
    let latest = series.values.first();
    let per_inhabitant = latest
        .filter(|_| indicator.unit == Unit::Euros)
        .and_then(|value| value.stored?.per_inhabitant);
    RowView {
        code: &indicator.code,
        name: indicators::name(indicator, locale),
        formula: indicators::formula(indicator, locale),
        source: indicators::source(indicator, locale),
        cells: series
            .values
            .iter()
            .map(|value| cell(snapshot, indicator, value, locale))
            .collect(),
        change: latest
            .and_then(|value| value.change)
            .map(|change| indicators::change(indicator.unit, change, locale)),
        per_inhabitant: per_inhabitant.map(|amount| format::euros(amount, locale.language())),
    }
}

/// A value with the way to the accounts it adds up.
pub fn cell(
    snapshot: &Snapshot,
    indicator: &Indicator,
    value: &Value<'_>,
    locale: &Locale,
) -> CellView {
    let written = value
        .hundredths()
        .map(|hundredths| indicators::written(indicator.unit, hundredths, locale));
    // The debt may be what a balance sheet prints, and then no account is behind it.
    let printed = snapshot
        .account_years
        .iter()
        .any(|year| year.fiscal_year == value.fiscal_year && year.debt.is_some());
    let of_debt = indicator.adds_debt();
    CellView {
        link: written
            .as_ref()
            .filter(|_| !(printed && of_debt))
            .map(|_| account_address::of_indicator(snapshot, &indicator.code, value.fiscal_year)),
        why: indicators::why_not(value, locale).unwrap_or_default(),
        value: written,
    }
}

/// What a year comes to, as the page of the year has it.
pub struct OfYear {
    pub rows: Vec<(String, CellView)>,
    pub all: String,
    pub accounts: String,
}

/// The indicators that the page of a year has.
const SHOWN_OF_YEAR: [&str; 7] = [
    "gross-cash-flow",
    "net-cash-flow",
    "gross-savings-rate",
    "debt",
    "years-to-repay",
    "ratio-1",
    "ratio-3",
];

/// The indicators of a year; `None` where its accounts are not known.
pub fn of_year(
    snapshot: &Snapshot,
    books: &Books,
    fiscal_year: FiscalYear,
    locale: &Locale,
) -> Option<OfYear> {
    books.year(fiscal_year)?;
    let series = books.series(snapshot.series_breaks());
    let shown = SHOWN_OF_YEAR.iter().filter_map(|code| {
        let one = series.iter().find(|one| one.indicator.code == *code)?;
        let mut values = one.values.iter();
        let value = values.find(|value| value.fiscal_year == fiscal_year)?;
        let name = indicators::name(one.indicator, locale);
        Some((name, cell(snapshot, one.indicator, value, locale)))
    });
    Some(OfYear {
        rows: shown.collect(),
        all: snapshot.link(paths::INDICATORS, &[]),
        accounts: account_address::of_year(snapshot, fiscal_year),
    })
}
