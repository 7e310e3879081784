//! Control totals of a public body by year, for each inhabitant, and beside those of bodies like it. It is the page of a
//! body of which nothing else is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use centime_accounts::{Aggregates, Budget, Centimes, FiscalYear};
use centime_analytics::Inhabitants;
use centime_analytics::aggregates::table;
use centime_render::Locale;
use centime_render::inhabitants::said;
use centime_render::language::format;
use centime_warehouse::aggregates::{Aggregate, AggregateStanding, Profile};
use centime_warehouse::everybody::Span;

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section, plain_amount};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::{account_address, paths};
use crate::state::snapshot::Snapshot;

/// How many years the table has.
const YEARS: usize = 5;

#[derive(Template)]
#[template(path = "aggregates.html")]
struct AggregatesPage<'a> {
    frame: Frame<'a>,
    name: String,
    lead: String,
    /// What is known of the body: what it is called, and what it is.
    facts: Vec<(&'static str, String)>,
    years: Vec<FiscalYear>,
    inhabitants: Vec<String>,
    latest: String,
    rows: Vec<RowView>,
    /// With which bodies it is compared; `None` where there are none.
    peers: Option<String>,
    compared: Vec<ComparedView>,
    identities: Vec<IdentitiesView>,
    others: Vec<OtherView>,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
}

struct RowView {
    name: String,
    cells: Vec<String>,
    per_inhabitant: String,
}

struct ComparedView {
    name: String,
    own: String,
    lower: String,
    median: String,
    upper: String,
    place: String,
}

/// How the totals of a year agree with each other.
struct IdentitiesView {
    year: FiscalYear,
    held: String,
    broken: Vec<String>,
}

/// A total of a budget that is not the main one.
struct OtherView {
    budget: String,
    name: String,
    amount: String,
}

/// The totals that are shown of budgets beside the main one.
const OF_OTHERS: [&str; 3] = [
    centime_accounts::aggregates::REVENUE,
    centime_accounts::aggregates::EXPENSE,
    centime_accounts::aggregates::GROSS,
];

/// Answers with the control totals of a body.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.any_body()?;
    let locale = context.locale;
    let revision = snapshot.published.revision.id;
    let warehouse = context.warehouse()?;
    let span = Span::One(snapshot.body.siren.clone());
    let totals = warehouse.aggregates(revision, &span).await?;
    let standings = warehouse.aggregate_standings(revision, &span).await?;
    let profile = warehouse.profile(revision, &snapshot.body.siren).await?;
    let main: Vec<&Aggregate> = totals
        .iter()
        .filter(|total| total.budget == Budget::Main)
        .collect();
    let mut years: Vec<FiscalYear> = main.iter().map(|total| total.fiscal_year).collect();
    years.dedup();
    let all_years = years.clone();
    years.truncate(YEARS);
    let latest = years.first().copied();
    let of_latest: Vec<&AggregateStanding> = standings
        .iter()
        .filter(|one| Some(one.fiscal_year) == latest)
        .collect();
    let name = snapshot.body.name.clone();
    let lead = if totals.is_empty() {
        "aggregates.none"
    } else {
        "aggregates.lead"
    };
    let lead = locale.fill(lead, &[("body", &name)]);
    let page = AggregatesPage {
        frame: Frame::new(
            &context,
            locale.text("aggregates.title"),
            Section::Aggregates,
        )
        .describing(&lead),
        facts: facts(snapshot, &profile, locale),
        inhabitants: years
            .iter()
            .map(|year| inhabitants(snapshot, *year, locale))
            .collect(),
        latest: latest.map_or_else(String::new, |year| year.to_string()),
        rows: rows(&main, &years, &snapshot.inhabitants, locale),
        peers: of_latest
            .first()
            .filter(|one| one.bodies > 1)
            .map(|one| peers(one, &profile, locale)),
        compared: compared(&of_latest, &main, locale),
        identities: identities(&main, &all_years, locale),
        others: others(&totals, latest, locale),
        files: files(false, |extension| {
            snapshot.link(&format!("{}.{extension}", paths::AGGREGATES), &[])
        }),
        files_of_all: files_of_all(&context, snapshot, |extension| {
            account_address::of_all(snapshot, paths::AGGREGATES, extension)
        }),
        years,
        name,
        lead,
    };
    page.frame.around(&page)
}

/// Answers with the control totals of all years as a file: `/aggregates.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.any_body()?;
    let span = Span::One(snapshot.body.siren.clone());
    let revision = snapshot.published.revision.id;
    let totals = context.warehouse()?.aggregates(revision, &span).await?;
    let wanted = Download {
        name: "aggregates".to_owned(),
        title: context.locale.text("aggregates.title").to_owned(),
        rows: table(&totals, &snapshot.inhabitants),
        chart: None,
        statement: None,
        filters: Vec::new(),
        address: snapshot.link(paths::AGGREGATES, &[]),
        doubts: snapshot.doubts.clone(),
    };
    let beginning = format!("{}.", paths::AGGREGATES);
    let extension = context.rest_of_path(&beginning);
    download(&context, snapshot, &extension, wanted).await
}

fn euros(amount: Centimes, locale: &Locale) -> String {
    format::euros(amount, locale.language())
}

fn facts(snapshot: &Snapshot, profile: &Profile, locale: &Locale) -> Vec<(&'static str, String)> {
    let text = |key: &'static str, value: Option<String>| value.map(|value| (key, value));
    let population = snapshot.inhabitants.years().first();
    let population = population.map(|one| ("aggregates.population", said(one, locale)));
    let kind = profile.kind.map(|kind| {
        let kind = locale.term("body_kind", kind.name());
        ("aggregates.kind", kind.to_owned())
    });
    let all = [
        kind,
        text("aggregates.insee", profile.insee.clone()),
        text("aggregates.departement", profile.departement.clone()),
        text("aggregates.grouping", profile.grouping.clone()),
        population,
    ];
    all.into_iter().flatten().collect()
}

fn inhabitants(snapshot: &Snapshot, year: FiscalYear, locale: &Locale) -> String {
    snapshot.inhabitants.in_year(year).map_or_else(
        || "—".to_owned(),
        |known| format::integer(known.population, locale.language()),
    )
}

/// The totals in the order of the latest year's records, each by year.
fn rows(
    main: &[&Aggregate],
    years: &[FiscalYear],
    inhabitants: &Inhabitants,
    locale: &'static Locale,
) -> Vec<RowView> {
    let mut names: Vec<&str> = Vec::new();
    let mut amounts: BTreeMap<(&str, FiscalYear), Centimes> = BTreeMap::new();
    for total in main {
        if !names.contains(&total.aggregate.as_str()) {
            names.push(&total.aggregate);
        }
        amounts.insert((&total.aggregate, total.fiscal_year), total.amount);
    }
    // Portals give them in no order of their own.
    names.sort_by_key(|name| (place(name), *name));
    let latest = years.first();
    let of = |name: &str, year: FiscalYear| amounts.get(&(name, year)).copied();
    let row = |name: &&str| RowView {
        name: (*name).to_owned(),
        cells: years
            .iter()
            .map(|year| plain_amount(of(name, *year), locale))
            .collect(),
        per_inhabitant: {
            let each = latest.and_then(|year| inhabitants.each(of(name, *year)?, *year));
            plain_amount(each, locale)
        },
    };
    names.iter().map(row).collect()
}

/// Where a total stands: in the order in which the identities name them, then all others.
fn place(name: &str) -> usize {
    let identities = centime_accounts::aggregates::IDENTITIES;
    let of_identities = identities
        .iter()
        .flat_map(|identity| std::iter::once(&identity.total).chain(identity.added));
    let mut of_identities = of_identities.enumerate();
    let found = of_identities.find(|(_, known)| **known == name);
    found.map_or(usize::MAX, |(place, _)| place)
}

/// With which bodies it is compared.
fn peers(one: &AggregateStanding, profile: &Profile, locale: &Locale) -> String {
    let language = locale.language();
    let many = format::integer(one.bodies, language);
    let number = |population: u32| format::integer(i64::from(population), language);
    let Some(size) = one.size() else {
        return locale.fill("aggregates.peers_of_kind", &[("n", &many)]);
    };
    let least = number(size.least);
    let departement = profile.departement.as_deref().unwrap_or("—");
    let values = [
        ("n", many.as_str()),
        ("departement", departement),
        ("least", &*least),
    ];
    match size.most {
        Some(most) => {
            let most = number(most);
            let values: Vec<(&str, &str)> = values.into_iter().chain([("most", &*most)]).collect();
            locale.fill("aggregates.peers_between", &values)
        }
        None => locale.fill("aggregates.peers_from", &values),
    }
}

fn compared(
    of_latest: &[&AggregateStanding],
    main: &[&Aggregate],
    locale: &'static Locale,
) -> Vec<ComparedView> {
    let known = |one: &&&AggregateStanding| {
        one.bodies > 1 && main.iter().any(|total| total.aggregate == one.aggregate)
    };
    let mut found: Vec<&&AggregateStanding> = of_latest.iter().filter(known).collect();
    found.sort_by_key(|one| place(&one.aggregate));
    let row = |one: &&AggregateStanding| {
        let values = [
            ("place", &*one.place.to_string()),
            ("n", &*one.bodies.to_string()),
        ];
        ComparedView {
            name: one.aggregate.clone(),
            own: euros(one.per_inhabitant, locale),
            lower: euros(one.lower_quarter, locale),
            median: euros(one.median, locale),
            upper: euros(one.upper_quarter, locale),
            place: locale.fill("aggregates.place", &values),
        }
    };
    found.into_iter().map(row).collect()
}

/// How the totals of each year agree with each other.
fn identities(
    main: &[&Aggregate],
    years: &[FiscalYear],
    locale: &'static Locale,
) -> Vec<IdentitiesView> {
    let of_year = |year: &FiscalYear| {
        let mut totals = Aggregates::default();
        let mut broken = Vec::new();
        for total in main.iter().filter(|total| total.fiscal_year == *year) {
            if let Err(error) = totals.put(&total.aggregate, total.amount) {
                broken.push(error.to_string());
            }
        }
        let (held, found) = totals.check();
        broken.extend(found.iter().map(|one| {
            locale.fill(
                "aggregates.broken",
                &[
                    ("total", one.identity.total),
                    ("published", &euros(one.published, locale)),
                    ("computed", &euros(one.computed, locale)),
                ],
            )
        }));
        let many = (held + found.len()).to_string();
        let values = [("held", &*held.to_string()), ("n", &*many)];
        IdentitiesView {
            year: *year,
            held: locale.fill("aggregates.held", &values),
            broken,
        }
    };
    years.iter().map(of_year).collect()
}

/// Totals of budgets beside the main one, which are never added to it.
fn others(
    totals: &[Aggregate],
    latest: Option<FiscalYear>,
    locale: &'static Locale,
) -> Vec<OtherView> {
    let shown = totals.iter().filter(|total| {
        total.budget != Budget::Main
            && Some(total.fiscal_year) == latest
            && OF_OTHERS.contains(&total.aggregate.as_str())
    });
    let row = |total: &Aggregate| OtherView {
        budget: total
            .budget_name
            .clone()
            .unwrap_or_else(|| locale.term("budget", total.budget.name()).to_owned()),
        name: total.aggregate.clone(),
        amount: plain_amount(Some(total.amount), locale),
    };
    shown.map(row).collect()
}
