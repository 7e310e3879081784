//! The home page.

use std::sync::Arc;

use askama::Template;
use centime_accounts::{Centimes, Side};
use centime_analytics::{Basis, Cell, Table, analyses, columns};
use centime_render::Locale;
use centime_render::charts::side_column;
use centime_render::dashboard::outcome::outcome;
use centime_render::language::format;
use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{Run, Subject};

use crate::http::reply::Reply;
use crate::pages::bodies;
use crate::pages::chart_view::{ChartView, of_analysis};
use crate::pages::view::{
    Card, Frame, Section, key_amount, number, plain_amount, rich, typographic,
};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::reply;
use crate::state::resolved_view::Choice;
use crate::state::snapshot::Snapshot;

/// Among how many runs the latest one that has ended is looked for: one may be going on, and one
/// process may have been stopped.
const RECENT_RUNS: u32 = 5;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    frame: Frame<'a>,
    failed_run: Option<String>,
    kicker: String,
    body: &'a str,
    lead: String,
    ledger: Vec<LedgerRow>,
    verdict: Verdict,
    chart_heading: String,
    chart: ChartView,
    chart_link: String,
    analyses_heading: String,
    cards: Vec<Card>,
    naive: Option<Card>,
    published: String,
    published_at: &'a str,
    checked: Option<(String, String)>,
    portal: &'a str,
    datasets: Vec<DatasetRow>,
}

struct LedgerRow {
    class: &'static str,
    label: String,
    amount: String,
}

struct Verdict {
    class: &'static str,
    text: String,
}

pub struct DatasetRow {
    pub id: String,
    pub link: Option<String>,
    pub title: String,
    pub contents: String,
    pub publisher: Option<String>,
    pub records: String,
    pub modified: Option<(String, String)>,
    pub retrieved: (String, String),
    pub license: Option<String>,
    pub license_link: Option<String>,
    pub hash: String,
}

/// Answers with the home page.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    if matches!(context.choice, Choice::NoneSelected) {
        return bodies::answer(&context).await;
    }
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let language = locale.language();
    let results = snapshot.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf);
    let latest = Snapshot::latest(results);
    // Without its history of runs the page still has everything else.
    let runs = match context.warehouse() {
        Ok(warehouse) => warehouse
            .runs(RECENT_RUNS)
            .await
            .inspect_err(|error| tracing::error!(%error, "the history of runs cannot be read")),
        Err(_) => Ok(Vec::new()),
    };
    let chart = of_analysis(
        snapshot,
        &analyses::yearly_result::ANALYSIS,
        Basis::Leaf,
        locale,
    )
    .await;
    let passing = runs.is_err() || chart.failed;
    let runs = runs.unwrap_or_default();
    let run = runs.iter().find(|run| run.outcome != RunOutcome::Running);
    let year = latest.map_or_else(String::new, |(year, _)| year.to_string());
    let revision = &snapshot.published.revision;
    let published = [
        ("id", &*revision.id.to_string()),
        (
            "date",
            &*format::date_time(&revision.published_at, language),
        ),
    ];
    let page = reply::page(&HomePage {
        frame: Frame::new(&context, &snapshot.body.name, Section::Home),
        failed_run: run.and_then(|run| failed(run, locale)),
        kicker: locale.fill("home.kicker", &[("year", &year)]),
        body: &snapshot.body.name,
        lead: latest.map_or_else(String::new, |(year, row)| lead(snapshot, year, row, locale)),
        ledger: latest.map_or_else(Vec::new, |(year, row)| ledger(results, year, row, locale)),
        verdict: verdict(snapshot, results, latest, locale),
        chart_heading: match snapshot.period() {
            Some((only, last)) if only == last => {
                locale.fill("home.chart_one", &[("year", &only.to_string())])
            }
            Some((first, last)) => locale.fill(
                "home.chart",
                &[("first", &first.to_string()), ("last", &last.to_string())],
            ),
            None => String::new(),
        },
        chart,
        chart_link: snapshot.link(
            &format!("/analyses/{}", analyses::yearly_result::ANALYSIS.name()),
            &[],
        ),
        analyses_heading: locale.count(
            "home.analyses",
            number(snapshot.catalogue().analyses().len()),
        ),
        cards: snapshot
            .catalogue()
            .analyses()
            .map(|analysis| Card::new(snapshot, analysis, locale))
            .collect(),
        naive: naive(snapshot, locale),
        published: locale.fill("home.published", &published),
        published_at: &revision.published_at,
        checked: run.and_then(|run| checked(run, locale)),
        portal: &revision.portal,
        datasets: datasets(snapshot, locale),
    })?;
    Ok(page.uncacheable_if(passing))
}

/// The latest year in a sentence or two.
fn lead(snapshot: &Snapshot, year: i64, row: &[Cell], locale: &Locale) -> String {
    let results = snapshot.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf);
    let said = outcome(results, year, &snapshot.breaks(locale), locale).unwrap_or_else(|| {
        let missing = number(results.cell(row, columns::MISSING_LINES).list().count());
        let one_sided = one_sided(results, &year.to_string(), row, missing, locale);
        one_sided.unwrap_or_else(|| {
            locale.count_and_fill(
                "home.lead_incomplete",
                missing,
                &[("year", &year.to_string())],
            )
        })
    });
    rich(&said)
}

/// Why there is no result where no amount is missing: one of the sides has no line.
fn one_sided(
    results: &Table,
    year: &str,
    row: &[Cell],
    missing: i64,
    locale: &Locale,
) -> Option<String> {
    let known = |side: &Side| !results.cell(row, side_column(*side)).is_null();
    let side = Side::ALL.into_iter().find(known)?;
    let key = format!("home.one_sided.{side}");
    (missing == 0).then(|| locale.fill(&key, &[("year", year)]))
}

fn ledger(results: &Table, year: i64, row: &[Cell], locale: &Locale) -> Vec<LedgerRow> {
    let amount = |column| results.cell(row, column).amount();
    let line = |class, label: &str, amount| LedgerRow {
        class,
        label: label.to_owned(),
        amount,
    };
    let result = locale.fill("home.result_of", &[("year", &year.to_string())]);
    vec![
        line(
            "",
            locale.text("column.revenue"),
            key_amount(amount(columns::REVENUE), locale),
        ),
        line(
            "",
            locale.text("column.expense"),
            key_amount(amount(columns::EXPENSE), locale),
        ),
        line(
            " ledger__row--sum",
            &result,
            key_amount(amount(columns::RESULT), locale),
        ),
        line(
            " ledger__row--proof",
            locale.text("home.published_result"),
            plain_amount(amount(columns::PUBLISHED_RESULT), locale),
        ),
        line(
            " ledger__row--proof",
            locale.text("column.difference"),
            plain_amount(amount(columns::DIFFERENCE), locale),
        ),
    ]
}

fn verdict(
    snapshot: &Snapshot,
    results: &Table,
    latest: Option<(i64, &[Cell])>,
    locale: &Locale,
) -> Verdict {
    let Some((year, row)) = latest else {
        let text = locale.text("home.no_year").to_owned();
        return Verdict {
            class: "warn",
            text,
        };
    };
    let completeness = snapshot.table(&analyses::completeness::ANALYSIS, Basis::Leaf);
    let counts = completeness
        .rows
        .iter()
        .find(|row| completeness.cell(row, columns::FISCAL_YEAR).year() == Some(year));
    let count = |column| {
        let cell = counts.map(|row| completeness.cell(row, column));
        cell.and_then(Cell::count).unwrap_or_default()
    };
    let (class, text) = match results.cell(row, columns::STATUS).text() {
        Some("reconciled") => (
            "pass",
            locale.count("home.verdict_reconciled", count(columns::COUNTED)),
        ),
        Some("different") => ("fail", locale.text("home.verdict_different").to_owned()),
        Some("incomplete") if count(columns::MISSING) == 0 => (
            "warn",
            one_sided(results, &year.to_string(), row, 0, locale)
                .unwrap_or_else(|| locale.text("home.verdict_unpublished").to_owned()),
        ),
        Some("incomplete") => (
            "warn",
            locale.count("home.verdict_incomplete", count(columns::MISSING)),
        ),
        _ => ("warn", locale.text("home.verdict_unpublished").to_owned()),
    };
    Verdict { class, text }
}

/// What a plain sum makes of the latest year whose result is known, where it is wrong.
fn naive(snapshot: &Snapshot, locale: &Locale) -> Option<Card> {
    let analysis = &analyses::reconciliation::ANALYSIS;
    let table = snapshot.table(analysis, Basis::Leaf);
    let known = |row: &Vec<Cell>| {
        let of = |column| table.cell(row, column).amount();
        let year = table.cell(row, columns::FISCAL_YEAR).year()?;
        Some((year, of(columns::LEAF_RESULT)?, of(columns::NAIVE_RESULT)?))
    };
    let (year, leaf, naive) = table.rows.iter().filter_map(known).max()?;
    let error = naive.checked_sub(leaf)?;
    if error == Centimes::ZERO {
        return None;
    }
    let language = locale.language();
    let error = format::rounded_euros(error.abs(), language);
    let yearly = &analyses::yearly_result::ANALYSIS;
    Some(Card {
        link: snapshot.link(
            &format!("/analyses/{}", yearly.name()),
            &[("basis", "naive")],
        ),
        title: locale.fill("home.naive_title", &[("amount", &error)]),
        figure: format::euros(naive, language),
        caption: locale.fill("home.naive_caption", &[("year", &year.to_string())]),
        text: typographic(&yearly.text(language).naive, locale),
    })
}

/// When the portal was last looked at, and what came of it.
fn checked(run: &Run, locale: &Locale) -> Option<(String, String)> {
    let finished = run.finished_at.as_ref()?;
    if !matches!(run.outcome, RunOutcome::Unchanged | RunOutcome::Published) {
        return None;
    }
    let date = format::date_time(finished, locale.language());
    let text = locale.fill("home.checked", &[("date", &date)]);
    Some((finished.clone(), text))
}

/// What to say when the latest run failed, which leaves older data in place.
fn failed(run: &Run, locale: &Locale) -> Option<String> {
    if !matches!(run.outcome, RunOutcome::Failed | RunOutcome::Interrupted) {
        return None;
    }
    let at = run.finished_at.as_ref().unwrap_or(&run.started_at);
    let date = format::date_time(at, locale.language());
    Some(locale.fill("home.failed_run", &[("date", &date)]))
}

/// Where a revision comes from.
pub fn datasets(snapshot: &Snapshot, locale: &Locale) -> Vec<DatasetRow> {
    let language = locale.language();
    let revision = &snapshot.published.revision;
    let period = snapshot.period();
    let row = |dataset: &centime_warehouse::Dataset| {
        let subject = locale.term("subject", dataset.subject.name());
        let contents = match (dataset.subject, period) {
            (Subject::IncomeStatement, Some((first, last))) => {
                format!("{subject}, {}", locale.years(first, last))
            }
            _ => subject.to_owned(),
        };
        let chosen = [
            ("dataset.filter", &dataset.filter),
            ("dataset.reading", &dataset.reading),
        ];
        let chosen = chosen
            .into_iter()
            .filter_map(|(name, value)| Some((locale.text(name), value.as_deref()?)));
        let contents = chosen.fold(contents, |contents, (name, value)| {
            format!("{contents} · {name} {value}")
        });
        let modified = dataset
            .data_processed
            .as_ref()
            .or(dataset.modified.as_ref());
        let dated = |time: &String| (time.clone(), format::date_time(time, language));
        DatasetRow {
            id: dataset.dataset_id.clone(),
            link: (!revision.sample && is_web(&revision.portal)).then(|| {
                let portal = revision.portal.trim_end_matches('/');
                format!("{portal}/explore/dataset/{}/", dataset.dataset_id)
            }),
            title: dataset.title.clone(),
            contents,
            publisher: dataset.publisher.clone(),
            records: format::integer(dataset.records, language),
            modified: modified.map(dated),
            retrieved: dated(&dataset.retrieved_at),
            license: dataset.license.clone(),
            license_link: dataset.license_url.clone().filter(|url| is_web(url)),
            hash: dataset.content_hash.clone(),
        }
    };
    snapshot.published.datasets.iter().map(row).collect()
}

/// Whether an address from the data may be a link: never one that runs something.
fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
