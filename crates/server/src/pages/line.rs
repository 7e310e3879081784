//! A line: how it was understood, and the record it came from.

use std::sync::Arc;

use askama::Template;
use centime_accounts::label::Match;
use centime_analytics::statement::address_of;
use centime_render::dashboard::REVISION;
use centime_render::language::format;
use centime_render::language::label::sentence_case;
use centime_render::{Locale, link};
use centime_warehouse::Subject;
use centime_warehouse::doubt::within;
use centime_warehouse::lines::{Filter, Line, Order};

use crate::http::reply::Reply;
use crate::pages::home::datasets;
use crate::pages::lines::{LineRow, counting};
use crate::pages::view::{
    Frame, Newer, Section, block_gloss, key_amount, line_gloss, plain_amount, short_label,
};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::statement_address;
use crate::state::resolved_view::Edition;
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "line.html")]
struct LinePage<'a> {
    frame: Frame<'a>,
    breadcrumb: String,
    title: String,
    gloss: &'static str,
    lead: String,
    of_revision: String,
    published_category: &'a str,
    published_label: &'a str,
    label: String,
    category: String,
    category_gloss: &'static str,
    matched: &'a str,
    nomenclature: String,
    place: String,
    role: &'static str,
    role_label: String,
    statement_link: String,
    parent: Option<String>,
    parent_link: Option<String>,
    harmonised: Option<String>,
    amount: String,
    counted: &'static str,
    counted_label: String,
    counted_why: String,
    proof: Option<Proof>,
    dataset: Option<(String, Option<String>)>,
    record: String,
    revision: i64,
    retrieved: Option<(String, String)>,
    source: String,
}

/// A line held against its parts.
struct Proof {
    parts: Vec<(String, String, String)>,
    sum: String,
    difference: String,
}

/// Answers with the page of a line.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let language = locale.language();
    let record: i64 = context
        .rest_of_path("/lines/")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let warehouse = context.warehouse()?;
    let revision = snapshot.published.revision.id;
    let siren = snapshot.body.siren.as_str();
    let line = warehouse.line(revision, siren, record).await?;
    let line = line.ok_or(PageError::NotFound)?;
    if context.parameter(REVISION).is_none() {
        // The next revision may have another line under this number, so the address names the revision.
        return Ok(Reply::elsewhere(snapshot.line(record)));
    }
    let source = warehouse
        .source(revision, siren, Subject::IncomeStatement, record)
        .await?;
    let parts = match (&line.block, &line.code) {
        (Some(_), Some(_)) => warehouse.parts(revision, &line).await?,
        _ => Vec::new(),
    };
    let row = LineRow::new(snapshot, &line, locale);
    let dataset = datasets(snapshot, locale)
        .into_iter()
        .zip(&snapshot.published.datasets)
        .filter(|(_, dataset)| dataset.subject == Subject::IncomeStatement)
        .filter(|(_, dataset)| dataset.first_record <= record)
        .max_by_key(|(_, dataset)| dataset.first_record);
    // Its number in its own dataset; the address has that among all datasets.
    let own = dataset
        .as_ref()
        .map_or(record, |(_, dataset)| dataset.own_number(record));
    let records = dataset
        .as_ref()
        .map_or_else(String::new, |(row, _)| row.records.clone());
    let number = format::integer(own, language);
    let parent = parent(&line);
    let title = short_label(line.label.trim(), locale);
    let counted = counting(&line);
    let page = LinePage {
        frame: Frame::new(
            &context,
            &locale.fill(
                "line.page_title",
                &[("label", &title), ("year", &line.fiscal_year.to_string())],
            ),
            Section::Lines,
        )
        .with_newer(newer(&context, &line).await?)
        .doubting(within(&snapshot.doubts, |year| year == line.fiscal_year)),
        breadcrumb: locale.fill("line.record_number", &[("n", &number)]),
        of_revision: locale.fill(
            "line.of_revision",
            &[
                ("n", &number),
                ("id", &revision.to_string()),
                (
                    "date",
                    &format::date_time(&snapshot.published.revision.published_at, language),
                ),
            ],
        ),
        gloss: line_gloss(&line, language),
        lead: lead(&line, locale),
        published_category: &line.published_category,
        published_label: &line.published_label,
        label: if line.matched == Match::Unknown {
            locale.text("line.not_recognised").to_owned()
        } else {
            line.label.clone()
        },
        category: sentence_case(&line.category),
        category_gloss: block_gloss(&line.category, language),
        matched: locale.term("matched", line.matched.name()),
        nomenclature: nomenclature(&line, locale),
        place: place(&line, locale),
        role: row.role,
        role_label: row.role_label,
        statement_link: statement_address::figure(snapshot, &address_of(&line), line.fiscal_year),
        parent_link: parent_record(&context, snapshot, &line, parent).await?,
        parent: parent.map(|(label, _)| label.to_owned()),
        harmonised: line
            .harmonised
            .as_deref()
            .map(|code| locale.term("harmonised_category", code).to_owned()),
        amount: plain_amount(line.amount, locale),
        counted,
        counted_label: row.counted_label,
        counted_why: why(&line, counted, locale),
        proof: proof(snapshot, &line, &parts, locale),
        record: locale.fill("line.record_of", &[("n", &number), ("total", &records)]),
        revision,
        retrieved: dataset.as_ref().map(|(row, _)| row.retrieved.clone()),
        dataset: dataset.map(|(row, _)| (row.id, row.link)),
        source: source.unwrap_or_default(),
        title,
    };
    page.frame.around(&page)
}

fn lead(line: &Line, locale: &Locale) -> String {
    let year = line.fiscal_year.to_string();
    let year = locale.fill("line.year", &[("year", &year)]);
    let counted = locale.term("counted", counting(line));
    format!("{year} · {} · {counted}", key_amount(line.amount, locale))
}

fn nomenclature(line: &Line, locale: &Locale) -> String {
    line.nomenclature.map_or_else(
        || locale.text("line.no_nomenclature").to_owned(),
        |known| format!("{}, {}", known.code, known.title),
    )
}

/// Where the line of an older revision is in the one that readers see.
async fn newer(context: &RequestContext, line: &Line) -> Result<Option<Newer>, PageError> {
    let Edition::Older { current, .. } = &context.edition else {
        return Ok(None);
    };
    let revision = current.revision.id;
    let locale = context.locale;
    let year = line.fiscal_year.to_string();
    let body = context.parameter("body").map(|siren| ("body", siren));
    let address = |path: &str, parameters: &[(&str, &str)]| {
        let parameters = body.into_iter().chain(parameters.iter().copied());
        link::to(path, &parameters.collect::<Vec<_>>())
    };
    let filter = Filter {
        years: Some(line.fiscal_year..=line.fiscal_year),
        ..Filter::default()
    };
    let found = context
        .warehouse()?
        .lines(
            revision,
            &line.siren,
            &filter,
            Order::default(),
            0,
            i64::MAX,
        )
        .await?;
    let is_same = |other: &&Line| {
        other.side == line.side
            && other.published_category == line.published_category
            && other.published_label == line.published_label
    };
    let same: Vec<&Line> = found.lines.iter().filter(is_same).collect();
    let (text, label, way) = match same[..] {
        [] => (
            "line.not_in_newer",
            "line.lines_of_year",
            address("/lines", &[("year", &year)]),
        ),
        [one] => {
            let number = revision.to_string();
            let path = format!("/lines/{}", one.record);
            (
                "line.in_newer",
                "line.there",
                address(&path, &[(REVISION, &number)]),
            )
        }
        _ => (
            "line.several_in_newer",
            "line.lines_so_called",
            address(
                "/lines",
                &[("year", &year), ("q", line.published_label.trim())],
            ),
        ),
    };
    Ok(Some(Newer {
        text: locale.text(text).to_owned(),
        label: locale.text(label).to_owned(),
        link: way,
    }))
}

/// Side, activity and block.
fn place(line: &Line, locale: &Locale) -> String {
    let side = line.side.map(|side| locale.term("side", side.name()));
    let activity = line
        .activity
        .map(|activity| locale.term("activity", activity.name()));
    let place: Vec<&str> = side.into_iter().chain(activity).collect();
    if place.is_empty() {
        locale.text("line.no_place").to_owned()
    } else {
        place.join(" · ")
    }
}

/// The label and code of the line that this one is part of.
fn parent(line: &Line) -> Option<(&'static str, &'static str)> {
    let block = line.nomenclature?.block(line.block.as_deref()?)?;
    let parent = block.line(line.parent.as_deref()?)?;
    Some((&parent.label, &parent.code))
}

/// Where the line that this one is part of is, if it was published.
async fn parent_record(
    context: &RequestContext,
    snapshot: &Snapshot,
    line: &Line,
    parent: Option<(&str, &str)>,
) -> Result<Option<String>, PageError> {
    let Some((_, code)) = parent else {
        return Ok(None);
    };
    let filter = Filter {
        years: Some(line.fiscal_year..=line.fiscal_year),
        category: Some(line.category.clone()),
        ..Filter::default()
    };
    let warehouse = context.warehouse()?;
    let block = warehouse
        .lines(
            snapshot.published.revision.id,
            &snapshot.body.siren,
            &filter,
            Order::default(),
            0,
            i64::MAX,
        )
        .await?;
    let found = block
        .lines
        .iter()
        .find(|other| other.code.as_deref() == Some(code));
    Ok(found.map(|parent| snapshot.line(parent.record)))
}

/// Why a line is added or not.
fn why(line: &Line, counted: &str, locale: &Locale) -> String {
    let group = format!("why.{counted}");
    let role = if locale.has(&group, line.role.name()) {
        line.role.name()
    } else {
        "other"
    };
    locale.term(&group, role).to_owned()
}

/// A subtotal, heading or total held against the sum of its parts.
fn proof(snapshot: &Snapshot, line: &Line, parts: &[Line], locale: &Locale) -> Option<Proof> {
    let check = snapshot.parents.iter().find(|check| {
        check.fiscal_year == line.fiscal_year
            && Some(&check.block) == line.block.as_ref()
            && Some(&check.code) == line.code.as_ref()
    })?;
    let difference = check
        .parent
        .zip(check.children)
        .map(|(parent, children)| parent - children);
    Some(Proof {
        parts: parts
            .iter()
            .map(|part| {
                (
                    snapshot.line(part.record),
                    short_label(&part.label, locale),
                    plain_amount(part.amount, locale),
                )
            })
            .collect(),
        sum: key_amount(check.children, locale),
        difference: plain_amount(difference, locale),
    })
}
