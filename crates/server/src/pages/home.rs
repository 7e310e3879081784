//! The home page.

use std::sync::Arc;

use askama::Template;
use centime_accounts::Centimes;
use centime_analytics::{Basis, Cell, analyses, columns};
use centime_render::Locale;
use centime_render::language::format;
use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{RetrievalMethod, Revision, Run, Subject};

use crate::http::reply::Reply;
use crate::pages::budgets::BudgetsView;
use crate::pages::chart_view::{ChartView, of_analysis};
use crate::pages::view::{Card, Frame, Section, number, typographic};
use crate::pages::year_view::{self, YearView};
use crate::pages::{aggregates, bodies, year};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
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
    /// The latest year that is computed, or the latest where none is.
    view: Option<YearView>,
    /// That a later year is not computed, and its page.
    newer: Option<(String, String)>,
    chart_heading: String,
    chart: ChartView,
    chart_link: String,
    /// The budgets of the body, where it has several.
    budgets: Option<BudgetsView>,
    analyses_heading: String,
    cards: Vec<Card>,
    naive: Option<Naive>,
    published: String,
    published_at: &'a str,
    checked: Option<(String, String)>,
    places: String,
    datasets: Vec<DatasetRow>,
}

/// What a plain sum makes of the years, beside what they come to.
struct Naive {
    card: Card,
    chart: ChartView,
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
    if context
        .any_body()
        .is_ok_and(|shown| !shown.body.has_statement())
    {
        return aggregates::answer(context).await;
    }
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let language = locale.language();
    let years = year::of_body(snapshot);
    let latest = years.last();
    let shown = years.iter().rfind(|year| year.result.is_some()).or(latest);
    let lines = context.lines_at_hand(snapshot).await?;
    let runs = recent_runs(&context).await;
    let chart = of_analysis(
        snapshot,
        &analyses::yearly_result::ANALYSIS,
        Basis::Leaf,
        locale,
    );
    let naive = naive(snapshot, locale).map(|card| Naive {
        card,
        chart: of_analysis(
            snapshot,
            &analyses::reconciliation::ANALYSIS,
            Basis::Leaf,
            locale,
        ),
    });
    let passing = runs.is_err();
    let runs = runs.unwrap_or_default();
    let run = runs.iter().find(|run| run.outcome != RunOutcome::Running);
    let named = shown.map_or_else(String::new, |year| year.fiscal_year.to_string());
    let newer = latest.filter(|latest| shown.is_some_and(|shown| shown != *latest));
    let revision = &snapshot.published.revision;
    let published = [
        ("id", &*revision.id.to_string()),
        (
            "date",
            &*format::date_time(&revision.published_at, language),
        ),
    ];
    let page = HomePage {
        frame: Frame::new(&context, &snapshot.body.name, Section::Home),
        failed_run: run.and_then(|run| failed(run, locale)),
        kicker: locale.fill("home.kicker", &[("year", &named)]),
        body: &snapshot.body.name,
        view: shown.map(|shown| {
            let since = year_view::before(shown.fiscal_year);
            YearView::new(&context, snapshot, lines, &years, shown, since)
        }),
        newer: newer.map(|newer| {
            let name = newer.fiscal_year.to_string();
            let text = locale.fill("year.newer_incomplete", &[("year", &name)]);
            (text, year_view::address(snapshot, newer.fiscal_year))
        }),
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
        budgets: BudgetsView::of(snapshot, locale),
        analyses_heading: locale.count(
            "home.analyses",
            number(snapshot.catalogue().analyses().len()),
        ),
        cards: snapshot
            .catalogue()
            .analyses()
            .map(|analysis| Card::new(snapshot, analysis, locale))
            .collect(),
        naive,
        published: locale.fill("home.published", &published),
        published_at: &revision.published_at,
        checked: run.and_then(|run| checked(run, locale)),
        places: places(snapshot, locale),
        datasets: datasets(snapshot, locale),
    };
    let page = page.frame.around(&page)?;
    Ok(page.uncacheable_if(passing))
}

/// The latest runs. Without its history of runs the page still has everything else.
async fn recent_runs(context: &RequestContext) -> centime_warehouse::Result<Vec<Run>> {
    let Ok(warehouse) = context.warehouse() else {
        return Ok(Vec::new());
    };
    let runs = warehouse.runs(RECENT_RUNS).await;
    runs.inspect_err(|error| tracing::error!(%error, "the history of runs cannot be read"))
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

/// Where the datasets of a body are from: portals, documents and files, each once.
fn places(snapshot: &Snapshot, locale: &Locale) -> String {
    let mut places: Vec<String> = Vec::new();
    for dataset in &snapshot.published.datasets {
        let place = match dataset.retrieved_via {
            RetrievalMethod::Documents => locale.text("home.documents").to_owned(),
            RetrievalMethod::Files => locale.text("home.files").to_owned(),
            RetrievalMethod::Export | RetrievalMethod::Csv | RetrievalMethod::Records => {
                format!("{} {}", locale.text("home.datasets"), dataset.portal)
            }
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.join(" · ")
}

/// Where a revision comes from.
pub fn datasets(snapshot: &Snapshot, locale: &Locale) -> Vec<DatasetRow> {
    let language = locale.language();
    let revision = &snapshot.published.revision;
    let period = snapshot.period();
    let all = &snapshot.published.datasets;
    let differ = all.iter().any(|dataset| dataset.sample != all[0].sample);
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
        let contents = match &dataset.name {
            Some(name) => format!("{name} · {contents}"),
            None => contents,
        };
        // Where all of it is invented, the page says so.
        let contents = if differ {
            let mark = if dataset.sample {
                "sample.invented"
            } else {
                "sample.real"
            };
            format!("{contents} · {}", locale.text(mark))
        } else {
            contents
        };
        let modified = dataset
            .data_processed
            .as_ref()
            .or(dataset.modified.as_ref());
        let dated = |time: &String| (time.clone(), format::date_time(time, language));
        DatasetRow {
            id: dataset.dataset_id.clone(),
            link: link_of(dataset, revision),
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

/// Where a dataset is on its portal. That of a sample edition is gone with the run.
fn link_of(dataset: &centime_warehouse::Dataset, revision: &Revision) -> Option<String> {
    let portal = dataset.portal.trim_end_matches('/');
    let is_served = !dataset.sample && !revision.sample && is_web(portal);
    is_served.then(|| format!("{portal}/explore/dataset/{}/", dataset.dataset_id))
}

/// Whether an address from the data may be a link: never one that runs something.
fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
