//! The dashboard, and its charts and tables as files.

use std::sync::Arc;

use askama::Template;
use centime_accounts::{Activity, FiscalYear, Side};
use centime_analytics::{Basis, Grouping};
use centime_render::charts::{self, Measure};
use centime_render::dashboard::{
    PATH, PRESENCE, Panel, Query, Statement, TableView, panel, panels, table,
};
use centime_render::export::formats::Format;
use centime_render::provenance::source::Filter;
use centime_warehouse::doubt::{Doubt, within};

use crate::files::download::{Download, FileLink, download, files};
use crate::http::reply::Reply;
use crate::pages::cards;
use crate::pages::chart_view::{ChartView, drawn};
use crate::pages::dashboard_view::{Answer, Shared};
use crate::pages::sharing::ShareView;
use crate::pages::view::{Frame, Section, block_gloss, short_label, with_gloss};
use crate::request::context::RequestContext;
use crate::request::dashboard_query::query;
use crate::request::page_error::PageError;
use crate::request::paths;
use crate::request::reply;
use crate::state::response_cache::RenderTarget;
use crate::state::snapshot::Snapshot;

/// What most readers choose; the rest of the form unfolds.
const FIRST: [&str; 4] = ["focus", "against", "side", "grouping"];

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    lead: String,
    naive: bool,
    crumbs: Vec<Crumb>,
    answer: Answer,
    /// What most readers choose, and what few do, with whether any of that is chosen.
    first: Vec<Select>,
    others: Vec<Select>,
    others_chosen: bool,
    kept: Vec<(&'static str, String)>,
    chips: Vec<Chip>,
    clear: String,
    report: String,
    panels: Vec<PanelView>,
    /// What several charts say alike.
    shared: Shared,
    hidden: String,
    /// Where the lines of each year are.
    presence: String,
}

struct Crumb {
    label: String,
    link: Option<String>,
}

struct Select {
    name: &'static str,
    label: &'static str,
    options: Vec<Choice>,
    /// What is shown when the address does not say; a script leaves it out of addresses.
    usual: String,
}

struct Choice {
    value: String,
    label: String,
    selected: bool,
}

struct Chip {
    label: String,
    link: String,
}

struct PanelView {
    chart: ChartView,
    wide: bool,
    table: TableView,
    files: Vec<FileLink>,
    share: ShareView,
}

/// Answers with the page.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let lines = context.lines(snapshot).await?;
    let query = query(&context, snapshot, lines).await?;
    if let Some(records) = &query.records {
        return Ok(Reply::elsewhere(query.records(records)));
    }
    let locale = context.locale;
    let (mut shown, hidden) = panels(&**snapshot, lines, &query, locale);
    let answer = Answer::new(snapshot, lines, &query, &shown, locale);
    // Which lines there are tells of the data: it is on the page of their quality.
    shown.retain(|panel| panel.chart.name != PRESENCE);
    let tables: Vec<TableView> = shown
        .iter()
        .map(|panel| table(&panel.rows, &query, locale))
        .collect();
    let ways: Vec<Vec<Option<String>>> = shown
        .iter()
        .map(|panel| {
            let keys = panel.chart.legend.iter();
            keys.map(|key| (!key.link_params.is_empty()).then(|| query.link_url(&key.link_params)))
                .collect()
        })
        .collect();
    let charts: Vec<_> = shown.into_iter().map(|panel| panel.chart).collect();
    let mut views = drawn(&charts, context.drawn_by());
    for (chart, ways) in views.iter_mut().zip(ways) {
        for (entry, link) in chart.legend.iter_mut().zip(ways) {
            entry.link = link;
        }
    }
    let shared = Shared::of(&mut views);
    let first = views.first().map(|chart| chart.name);
    let panels = views
        .into_iter()
        .zip(tables)
        .map(|(mut chart, table)| {
            chart.cites = false;
            PanelView {
                wide: chart.name == "flow",
                files: files(true, |extension| {
                    query.at(&format!("{PATH}/{}.{extension}", chart.name))
                }),
                share: ShareView::of_panel(&context, snapshot, &query, chart.name, &chart.title),
                chart,
                table,
            }
        })
        .collect();
    let (first_selects, others) = selects(&context, &query)
        .into_iter()
        .partition::<Vec<Select>, _>(|select| FIRST.contains(&select.name));
    let title = locale.text("dashboard.title");
    let selection = &query.selection;
    let naive = selection.basis == Basis::Naive;
    let frame = Frame::new(&context, title, Section::Dashboard)
        .doubting(doubted(snapshot, &query))
        .of_class("page--dashboard");
    let page = DashboardPage {
        frame: match first {
            Some(name) => frame.with_card(cards::of_dashboard(&query, name)),
            None => frame,
        },
        title,
        lead: locale.fill(
            "dashboard.lead",
            &[
                ("body", &snapshot.body.name),
                (
                    "years",
                    &locale.years(*selection.years.start(), *selection.years.end()),
                ),
            ],
        ),
        naive,
        crumbs: crumbs(&context, &query),
        answer,
        first: first_selects,
        others_chosen: others
            .iter()
            .any(|select| !query.value(select.name).is_empty()),
        others,
        kept: snapshot.context(),
        chips: chips(&context, &query),
        clear: snapshot.link(PATH, &[]),
        report: query.at(paths::REPORT),
        hidden: match hidden {
            0 => String::new(),
            hidden => locale.count("dashboard.hidden", crate::pages::view::number(hidden)),
        },
        panels,
        shared,
        presence: snapshot.link("/quality", &[]),
    };
    page.frame.around(&page)
}

/// Answers with a chart or its rows as a file: `/dashboard/result.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let rest = context.rest_of_path("/dashboard/");
    let (name, form) = Format::split_name(&rest).ok_or(PageError::NotFound)?;
    let lines = context.lines(snapshot).await?;
    let query = query(&context, snapshot, lines).await?;
    let found = panel(name, &**snapshot, lines, &query, context.locale);
    let Some(Panel {
        chart,
        subject,
        rows,
    }) = found
    else {
        return Err(PageError::NotFound);
    };
    if form == "option" {
        let view = ChartView::of(&chart, RenderTarget::Browser);
        let option = view.option.ok_or(PageError::NotFound)?;
        return Ok(Reply::data(option));
    }
    let wanted = Download {
        name: format!("dashboard-{name}"),
        title: subject,
        rows,
        chart: Some(chart),
        statement: None,
        filters: filters(&context, &query),
        address: query.at(PATH),
        doubts: doubted(snapshot, &query),
    };
    download(&context, snapshot, form, wanted).await
}

/// A chart alone, for the pages of others.
#[derive(Template)]
#[template(path = "embed.html")]
struct EmbedPage<'a> {
    frame: Frame<'a>,
    chart: ChartView,
    table: TableView,
    link: String,
}

/// Answers with a chart alone, which configured sites may show in a frame.
pub async fn embed(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let name = context.rest_of_path("/embed/dashboard/");
    let lines = context.lines(snapshot).await?;
    let query = query(&context, snapshot, lines).await?;
    let found = panel(&name, &**snapshot, lines, &query, context.locale);
    let Some(Panel { chart, rows, .. }) = found else {
        return Err(PageError::NotFound);
    };
    let title = chart.title.clone();
    let chart = ChartView::of(&chart, RenderTarget::Server);
    let page = reply::page(&EmbedPage {
        frame: Frame::new(&context, &title, Section::Dashboard)
            .with_card(cards::of_dashboard(&query, &name))
            .doubting(doubted(snapshot, &query)),
        chart,
        table: table(&rows, &query, context.locale),
        link: query.at(PATH),
    })?;
    Ok(page)
}

/// What is doubted of the years that are looked at.
fn doubted(snapshot: &Snapshot, query: &Query) -> Vec<Doubt> {
    let years = &query.selection.years;
    within(&snapshot.doubts, |year| years.contains(&year))
}

/// Where in the statement the reader is, from the whole to a category.
fn crumbs(context: &RequestContext, query: &Query) -> Vec<Crumb> {
    let locale = context.locale;
    let selection = &query.selection;
    let mut crumbs: Vec<(String, String)> = vec![(
        locale.text("dashboard.title").to_owned(),
        query.with(&[("side", None), ("activity", None), ("category", None)]),
    )];
    if let Some(side) = selection.side {
        crumbs.push((
            locale.term("side", side.name()).to_owned(),
            query.with(&[("activity", None), ("category", None)]),
        ));
    }
    if let Some(activity) = selection.activity {
        crumbs.push((
            locale.term("activity", activity.name()).to_owned(),
            query.with(&[("category", None)]),
        ));
    }
    if let Some(category) = &selection.category {
        crumbs.push((category_name(context, query, category), query.with(&[])));
    }
    let last = crumbs.len() - 1;
    crumbs
        .into_iter()
        .enumerate()
        .map(|(position, (label, link))| Crumb {
            label,
            link: (position < last).then_some(link),
        })
        .collect()
}

fn category_name(context: &RequestContext, query: &Query, name: &str) -> String {
    let (grouping, locale) = (query.selection.grouping, context.locale);
    let side = query.selection.shown_side();
    let shown = short_label(&charts::category_name(name, grouping, side, locale), locale);
    let gloss = match grouping {
        Grouping::Published => block_gloss(name, locale.language()),
        Grouping::Harmonised => "",
    };
    with_gloss(&shown, gloss)
}

/// The form: every parameter of a view.
fn selects(context: &RequestContext, query: &Query) -> Vec<Select> {
    let locale = context.locale;
    let selection = &query.selection;
    let text = |key: &'static str| locale.text(key).to_owned();
    let choice = |value: &str, label: String, selected: bool| Choice {
        value: value.to_owned(),
        label,
        selected,
    };
    let years = |chosen: FiscalYear| -> Vec<Choice> {
        let years = query.choices.years.iter();
        years
            .map(|year| choice(&year.to_string(), year.to_string(), *year == chosen))
            .collect()
    };
    let all = |whole: bool| choice("", text("dashboard.all"), whole);
    let mut sides = vec![all(selection.side.is_none())];
    sides.extend(Side::ALL.into_iter().map(|side| {
        let label = locale.term("side", side.name()).to_owned();
        choice(side.name(), label, selection.side == Some(side))
    }));
    let mut activities = vec![all(selection.activity.is_none())];
    let known = Activity::ALL.into_iter();
    activities.extend(
        known
            .filter(|activity| query.choices.activities.contains(activity))
            .map(|activity| {
                let label = locale.term("activity", activity.name()).to_owned();
                choice(activity.name(), label, selection.activity == Some(activity))
            }),
    );
    let mut categories = vec![all(selection.category.is_none())];
    categories.extend(query.choices.categories.iter().map(|category| {
        let label = category_name(context, query, category);
        choice(
            category,
            label,
            selection.category.as_ref() == Some(category),
        )
    }));
    let groupings = Grouping::ALL.map(|grouping| {
        let label = locale.term("grouping", grouping.name()).to_owned();
        choice(grouping.name(), label, grouping == selection.grouping)
    });
    let bases = Basis::ALL.map(|basis| {
        let label = locale.term("basis", basis.name()).to_owned();
        choice(basis.name(), label, basis == selection.basis)
    });
    let measures = Measure::ALL.map(|measure| {
        let label = locale.term("measure", measure.name()).to_owned();
        choice(measure.name(), label, measure == query.measure)
    });
    [
        ("focus", "dashboard.focus", years(selection.focus)),
        ("against", "dashboard.against", years(selection.against)),
        ("side", "dashboard.side", sides),
        ("grouping", "dashboard.grouping", groupings.into()),
        ("category", "dashboard.category", categories),
        ("activity", "dashboard.activity", activities),
        ("from", "dashboard.from", years(*selection.years.start())),
        ("to", "dashboard.to", years(*selection.years.end())),
        ("basis", "dashboard.basis", bases.into()),
        ("unit", "dashboard.unit", measures.into()),
    ]
    .into_iter()
    .map(|(name, label, options)| {
        let years = &query.choices.years;
        let usual = match name {
            "from" => years.first().map(ToString::to_string),
            "to" => years.last().map(ToString::to_string),
            "focus" | "against" => options
                .iter()
                .find(|option| option.selected && query.value(name).is_empty())
                .map(|option| option.value.clone()),
            _ => options.first().map(|option| option.value.clone()),
        };
        Select {
            name,
            label: locale.text(label),
            options,
            usual: usual.unwrap_or_default(),
        }
    })
    .collect()
}

/// What restricts the view.
fn filters(context: &RequestContext, query: &Query) -> Vec<Filter> {
    let locale = context.locale;
    query
        .set()
        .iter()
        .map(|(name, code)| Filter {
            name: (*name).to_owned(),
            label: locale.term("dashboard", name).to_owned(),
            code: code.clone(),
            value: match *name {
                "side" | "activity" | "grouping" | "basis" => locale.term(name, code).to_owned(),
                "unit" => locale.term("measure", code).to_owned(),
                "category" => category_name(context, query, code),
                _ => code.clone(),
            },
        })
        .collect()
}

/// What restricts the view, each with the way to take it away.
fn chips(context: &RequestContext, query: &Query) -> Vec<Chip> {
    let chip = |filter: Filter| Chip {
        label: context.locale.fill(
            "chart.bar",
            &[("year", &filter.label), ("n", &filter.value)],
        ),
        link: query.with(&[(&filter.name, None)]),
    };
    filters(context, query).into_iter().map(chip).collect()
}
