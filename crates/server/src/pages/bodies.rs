//! The list of public bodies, where there are several, beside each other, and the page that asks for one where one is
//! needed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use centime_accounts::label::normalise;
use centime_accounts::{BodyKind, FiscalYear};
use centime_render::language::format;
use centime_render::{Locale, link};
use centime_warehouse::standing::{BodySort, Comparable, Compared, Standing, StandingsQuery};

use crate::http::address::is_api;
use crate::http::escape::escape;
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section, plain_amount};
use crate::request::context::RequestContext;
use crate::request::lines_query::{LAST_PAGE, LONGEST_TEXT, PAGE, bad, number, one_of, text};
use crate::request::page_error::PageError;

#[derive(Template)]
#[template(path = "bodies.html")]
struct BodiesPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    lead: String,
    /// What the search asks, under which name, and what it carries besides.
    action: String,
    field: &'static str,
    words: &'a str,
    /// What bodies can be chosen by, as far as there is a choice.
    selects: Vec<SelectView>,
    kept: Vec<(String, String)>,
    count: String,
    caption: String,
    columns: Vec<ColumnView>,
    groups: Vec<GroupView>,
    /// That there are more than are shown, and where all of them are.
    all: Option<String>,
    previous: Option<String>,
    next: Option<String>,
}

struct SelectView {
    name: &'static str,
    label: &'static str,
    /// What stands for all; `None` where one is always chosen.
    all: Option<&'static str>,
    options: Vec<OptionView>,
}

struct OptionView {
    value: String,
    label: String,
    selected: bool,
}

struct ColumnView {
    label: String,
    /// Where the list is sorted by it; empty where it is not.
    link: String,
    aria_sort: &'static str,
    number: bool,
}

/// Bodies that follow each other, under a heading where they are grouped.
struct GroupView {
    heading: Option<String>,
    rows: Vec<BodyRow>,
}

struct BodyRow {
    link: String,
    name: String,
    /// What it is, and where.
    what: String,
    /// In a sample edition: whether its figures are real or invented.
    mark: Option<&'static str>,
    /// The other columns, as HTML, each with whether it is a number.
    cells: Vec<(String, bool)>,
}

/// A column of the list besides the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Siren,
    Years,
    Result,
    Margin,
    Lines,
    Population,
    Each(Compared),
}

impl Shown {
    /// What it is sorted by, with its name in addresses.
    const fn sort(self) -> Option<(&'static str, BodySort)> {
        Some(match self {
            Self::Siren => return None,
            Self::Years => ("year", BodySort::Year),
            Self::Result => ("result", BodySort::Result),
            Self::Margin => ("margin", BodySort::Margin),
            Self::Lines => ("lines", BodySort::Lines),
            Self::Population => ("population", BodySort::Population),
            Self::Each(compared) => (compared.name(), BodySort::PerInhabitant(compared)),
        })
    }

    const fn is_number(self) -> bool {
        !matches!(self, Self::Siren | Self::Years)
    }

    /// Its heading. Figures for each inhabitant say their year.
    fn label(self, year: FiscalYear, locale: &'static Locale) -> String {
        let key = match self {
            Self::Siren => "bodies.siren",
            Self::Years => "bodies.years",
            Self::Result => "bodies.result",
            Self::Margin => "bodies.margin",
            Self::Lines => "bodies.lines",
            Self::Population => {
                return locale.fill("bodies.population", &[("year", &year.to_string())]);
            }
            Self::Each(compared) => return locale.term("bodies.each", compared.name()).to_owned(),
        };
        locale.text(key).to_owned()
    }
}

const NAME: &str = "name";
const DEPARTEMENT: &str = "departement";
const KIND: &str = "kind";
const YEAR: &str = "year";

/// What can be sorted by: the name in addresses, what it is, and whether its first order is descending.
const SORTS: [(&str, BodySort, bool); 11] = [
    (NAME, BodySort::Name, false),
    (DEPARTEMENT, BodySort::Departement, false),
    ("year", BodySort::Year, true),
    ("result", BodySort::Result, true),
    ("margin", BodySort::Margin, true),
    ("lines", BodySort::Lines, true),
    ("population", BodySort::Population, true),
    (
        Compared::Revenue.name(),
        BodySort::PerInhabitant(Compared::Revenue),
        true,
    ),
    (
        Compared::Expense.name(),
        BodySort::PerInhabitant(Compared::Expense),
        true,
    ),
    (
        Compared::Gross.name(),
        BodySort::PerInhabitant(Compared::Gross),
        true,
    ),
    (
        Compared::Debt.name(),
        BodySort::PerInhabitant(Compared::Debt),
        true,
    ),
];

/// The order that an address asks for.
#[derive(Clone, Copy)]
struct Order {
    by: BodySort,
    descending: bool,
}

impl Order {
    /// Those with a statement first, each by name, where no order is asked for.
    fn read(context: &RequestContext, there: &Comparable) -> Result<Self, PageError> {
        let (by, descends) = match context.parameter("sort") {
            None if there.without_statement == 0 => (BodySort::Name, false),
            None => (BodySort::Known, false),
            Some(asked) => {
                let found = SORTS.iter().find(|(name, ..)| *name == asked);
                let Some((_, by, descends)) = found else {
                    let names = SORTS.map(|(name, ..)| name);
                    return Err(bad(context.locale, "sort", asked, &names));
                };
                (*by, *descends)
            }
        };
        let descending = match context.parameter("dir") {
            None => descends,
            Some("desc") => true,
            Some("asc") => false,
            Some(other) => return Err(bad(context.locale, "dir", other, &["asc", "desc"])),
        };
        Ok(Self { by, descending })
    }
}

/// The columns of a revision. The one that is sorted by stands beside the name, where narrow screens show it.
fn shown(there: &Comparable, by: BodySort) -> Vec<Shown> {
    let results = [Shown::Years, Shown::Result, Shown::Margin, Shown::Lines];
    let results = results.into_iter().filter(|_| there.with_statement > 0);
    if !there.has_population {
        return std::iter::once(Shown::Siren).chain(results).collect();
    }
    let each = Compared::ALL.map(Shown::Each);
    let mut columns: Vec<Shown> = std::iter::once(Shown::Population).chain(each).collect();
    columns.extend(results);
    columns.push(Shown::Siren);
    let sorted = columns
        .iter()
        .position(|column| column.sort().is_some_and(|(_, sort)| sort == by));
    if let Some(place) = sorted {
        columns[..=place].rotate_right(1);
    }
    columns
}

/// The headings; with links where the list can be sorted.
fn columns(
    shown: &[Shown],
    year: FiscalYear,
    sorting: Option<(Order, &LinkWith<'_>)>,
    has_departements: bool,
    locale: &'static Locale,
) -> Vec<ColumnView> {
    let heading = |label: String, sort: Option<(&str, BodySort)>, number: bool| {
        let (mut link, mut aria_sort) = (String::new(), "");
        if let Some(((order, with), (name, by))) = sorting.zip(sort) {
            let first = SORTS.iter().find(|(_, sort, _)| *sort == by);
            let current = order.by == by;
            let down = if current {
                !order.descending
            } else {
                first.is_some_and(|(.., descends)| *descends)
            };
            let direction = if down { "desc" } else { "asc" };
            link = with(&[("sort", name), ("dir", direction)]);
            aria_sort = match (current, order.descending) {
                (false, _) => "",
                (true, true) => "descending",
                (true, false) => "ascending",
            };
        }
        ColumnView {
            label,
            link,
            aria_sort,
            number,
        }
    };
    let name = locale.text("bodies.name").to_owned();
    let mut columns = vec![heading(name, Some((NAME, BodySort::Name)), false)];
    if has_departements {
        let label = locale.text("bodies.by_departement").to_owned();
        let sort = Some((DEPARTEMENT, BodySort::Departement));
        columns.push(heading(label, sort, false));
    }
    columns.extend(shown.iter().map(|column| {
        heading(
            column.label(year, locale),
            column.sort(),
            column.is_number(),
        )
    }));
    columns
}

/// The address of the list with some parameters put in place of others.
type LinkWith<'a> = dyn Fn(&[(&str, &str)]) -> String + 'a;

/// What bodies can be chosen by, and what is chosen.
struct Choices<'a> {
    departement: Option<&'a str>,
    kind: Option<BodyKind>,
    year: FiscalYear,
}

impl<'a> Choices<'a> {
    fn read(context: &'a RequestContext, there: &Comparable) -> Result<Self, PageError> {
        let departement = context.parameter(DEPARTEMENT);
        if let Some(asked) = departement {
            let known = departements(there);
            if !known.iter().any(|(name, _)| *name == asked) {
                let names: Vec<&str> = known.into_iter().map(|(name, _)| name).collect();
                return Err(bad(context.locale, DEPARTEMENT, asked, &names));
            }
        }
        let kind = one_of(context, KIND, &BodyKind::ALL.map(BodyKind::name))?;
        let (first, last) = (i64::from(there.first_year), i64::from(there.last_year));
        let year = number(context, YEAR, first..=last, "bodies.allowed_year")?;
        let year = year.and_then(|year| FiscalYear::parse(&year.to_string()).ok());
        Ok(Self {
            departement,
            kind: kind.and_then(BodyKind::named),
            year: year.unwrap_or(there.last_year),
        })
    }

    /// The parameters that are not what they are without being said.
    fn parameters(&self, there: &Comparable) -> Vec<(&'static str, String)> {
        let departement = self.departement.map(|name| (DEPARTEMENT, name.to_owned()));
        let kind = self.kind.map(|kind| (KIND, kind.name().to_owned()));
        let year = (self.year != there.last_year).then(|| (YEAR, self.year.to_string()));
        [departement, kind, year].into_iter().flatten().collect()
    }

    /// The lists to choose from, where there is more than one thing to choose.
    fn selects(&self, there: &Comparable, locale: &'static Locale) -> Vec<SelectView> {
        let language = locale.language();
        let counted =
            |name: &str, bodies: i64| format!("{name} ({})", format::integer(bodies, language));
        let departements = departements(there)
            .into_iter()
            .map(|(name, bodies)| OptionView {
                value: name.to_owned(),
                label: counted(name, bodies),
                selected: self.departement == Some(name),
            });
        let kinds = kinds(there).into_iter().map(|(kind, bodies)| OptionView {
            value: kind.name().to_owned(),
            label: counted(locale.term("body_kind", kind.name()), bodies),
            selected: self.kind == Some(kind),
        });
        let (first, last) = (i64::from(there.first_year), i64::from(there.last_year));
        let years = (first..=last).rev().filter(|_| there.has_population);
        let years = years.map(|year| OptionView {
            // The latest is what is shown where none is said.
            value: if year == last {
                String::new()
            } else {
                year.to_string()
            },
            label: year.to_string(),
            selected: year == i64::from(self.year),
        });
        let all = Some(locale.text("bodies.every"));
        let selects = [
            (
                DEPARTEMENT,
                "aggregates.departement",
                all,
                departements.collect::<Vec<_>>(),
            ),
            (KIND, "aggregates.kind", all, kinds.collect()),
            (YEAR, "bodies.year", None, years.collect()),
        ];
        let selects = selects
            .into_iter()
            .filter(|(.., options)| options.len() > 1);
        selects
            .map(|(name, label, all, options)| SelectView {
                name,
                label: locale.text(label),
                all,
                options,
            })
            .collect()
    }
}

/// The départements of a revision in the order of their names, each with how many bodies are in it.
fn departements(there: &Comparable) -> Vec<(&str, i64)> {
    let mut found: Vec<(&str, i64)> = Vec::new();
    for group in &there.groups {
        let Some(name) = group.departement.as_deref() else {
            continue;
        };
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, bodies)) => *bodies += group.bodies,
            None => found.push((name, group.bodies)),
        }
    }
    found.sort_by_cached_key(|(name, _)| normalise(name));
    found
}

/// The kinds of body of a revision, each with how many there are.
fn kinds(there: &Comparable) -> Vec<(BodyKind, i64)> {
    let of = |kind: BodyKind| {
        let groups = there.groups.iter().filter(|group| group.kind == Some(kind));
        (kind, groups.map(|group| group.bodies).sum::<i64>())
    };
    let all = BodyKind::ALL.into_iter().map(of);
    all.filter(|(_, bodies)| *bodies > 0).collect()
}

/// Answers with the public bodies whose name or number has the words asked for.
pub async fn answer(context: &RequestContext) -> Result<Reply, PageError> {
    let locale = context.locale;
    let revision = context.published()?.revision.id;
    let words = text(context)?;
    let page = number(context, "page", 1..=LAST_PAGE, "lines.allowed_page")?.unwrap_or(1);
    let warehouse = context.warehouse()?;
    let there = warehouse.comparable(revision).await?;
    let there = there.ok_or(PageError::NotFound)?;
    let order = Order::read(context, &there)?;
    let chosen = Choices::read(context, &there)?;
    let asked = StandingsQuery {
        words,
        departement: chosen.departement,
        kind: chosen.kind,
        year: chosen.year,
        sort: order.by,
        descending: order.descending,
        offset: (page - 1) * PAGE,
        limit: PAGE,
    };
    let found = warehouse.standings(revision, &asked).await?;
    if page > 1 && found.bodies.is_empty() {
        return Err(PageError::NotFound);
    }
    let filters = chosen.parameters(&there);
    let words_asked = (!words.is_empty()).then_some(("q", words)).into_iter();
    let filters = filters.iter().map(|(name, value)| (*name, value.as_str()));
    let asked_with: Vec<(&str, &str)> = words_asked.chain(filters).collect();
    let with = |parameters: &[(&str, &str)]| {
        let parameters: Vec<(&str, &str)> = asked_with
            .iter()
            .copied()
            .chain(parameters.iter().copied())
            .collect();
        context.link("/", &parameters)
    };
    let sorted = ["sort", "dir"]
        .into_iter()
        .filter_map(|name| Some((name, context.parameter(name)?)));
    let sorted: Vec<(&str, &str)> = sorted.collect();
    let on_page = |page: i64| {
        let page = page.to_string();
        with(&[&sorted[..], &[("page", page.as_str())]].concat())
    };
    let kept = sorted
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let revision = context.older().map(|shown| shown.revision.id.to_string());
    let revision = revision.map(|number| ("revision".to_owned(), number));
    let shown = shown(&there, order.by);
    let has_departements = departements(&there).len() > 1;
    let of_body = |standing: &Standing| {
        let link = context.link("/", &[("body", &standing.body.siren)]);
        row(context, standing, &shown, has_departements, link)
    };
    let page = BodiesPage {
        frame: Frame::new(context, locale.text("bodies.title"), Section::Home),
        title: locale.text("bodies.title"),
        lead: lead(&there, locale),
        action: "/".to_owned(),
        field: "q",
        words,
        selects: chosen.selects(&there, locale),
        kept: kept.chain(revision).collect(),
        count: locale.count("bodies.found", found.matching),
        caption: caption(&there, chosen.year, locale),
        columns: columns(
            &shown,
            chosen.year,
            Some((order, &with)),
            has_departements,
            locale,
        ),
        groups: groups(&found.bodies, order.by, locale, of_body),
        all: None,
        previous: (page > 1).then(|| on_page(page - 1)),
        next: (page * PAGE < found.matching).then(|| on_page(page + 1)),
    };
    page.frame.around(&page)
}

/// What the list is for.
fn lead(there: &Comparable, locale: &Locale) -> String {
    let key = if there.without_statement > 0 {
        "bodies.lead_totals"
    } else {
        "bodies.lead"
    };
    locale.text(key).to_owned()
}

/// What the table has; with where figures for each inhabitant are from.
fn caption(there: &Comparable, year: FiscalYear, locale: &Locale) -> String {
    if there.has_population {
        locale.fill("bodies.caption_each", &[("year", &year.to_string())])
    } else {
        locale.text("bodies.caption").to_owned()
    }
}

/// The bodies as they follow each other; under their départements where they are sorted by these.
fn groups(
    bodies: &[Standing],
    by: BodySort,
    locale: &'static Locale,
    row: impl Fn(&Standing) -> BodyRow,
) -> Vec<GroupView> {
    let departement = |standing: &Standing| standing.profile.departement.clone();
    let grouped = by == BodySort::Departement;
    bodies
        .chunk_by(|one, next| !grouped || departement(one) == departement(next))
        .map(|bodies| GroupView {
            heading: grouped.then(|| {
                let name = bodies.first().and_then(departement);
                name.unwrap_or_else(|| locale.text("bodies.no_departement").to_owned())
            }),
            rows: bodies.iter().map(&row).collect(),
        })
        .collect()
}

fn row(
    context: &RequestContext,
    standing: &Standing,
    shown: &[Shown],
    has_departements: bool,
    link: String,
) -> BodyRow {
    let locale = context.locale;
    let language = locale.language();
    let (body, profile) = (&standing.body, &standing.profile);
    let dash = || plain_amount(None, locale);
    let cell = |column: &Shown| {
        let written = match column {
            Shown::Siren => body.siren.clone(),
            Shown::Years => locale.years(body.first_year, body.last_year),
            Shown::Result if !body.has_statement() => dash(),
            Shown::Result => format!(
                r#"{} <span class="gloss">{}</span>"#,
                plain_amount(standing.result, locale),
                body.last_year
            ),
            Shown::Margin => standing
                .margin
                .map_or_else(dash, |margin| format::rate(margin, language)),
            Shown::Lines => format::integer(body.lines, language),
            Shown::Population => standing
                .population
                .map_or_else(dash, |number| format::integer(number, language)),
            Shown::Each(compared) => {
                let amounts = Compared::ALL.iter().zip(standing.per_inhabitant);
                let amount = amounts
                    .filter(|(known, _)| *known == compared)
                    .find_map(|(_, amount)| amount);
                plain_amount(amount, locale)
            }
        };
        (written, column.is_number())
    };
    let mut cells: Vec<(String, bool)> = shown.iter().map(cell).collect();
    if has_departements {
        let name = profile.departement.as_deref();
        cells.insert(0, (name.map_or_else(dash, escape), false));
    }
    let kind = profile
        .kind
        .map(|kind| locale.term("body_kind", kind.name()));
    // Budgets of one body stand beside each other, and are never added.
    let budget = body
        .budget
        .map(|budget| locale.term("budget", budget.name()));
    let what = [budget, kind, profile.insee.as_deref()];
    BodyRow {
        link,
        name: body.name.clone(),
        what: what.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        mark: (context.is_sample_edition() && context.has_real_figures()).then(|| {
            let mark = if body.sample {
                "sample.invented"
            } else {
                "sample.real"
            };
            locale.text(mark)
        }),
        cells,
    }
}

/// Asks which public body is meant where a page needs one and none was named, or not so that it is one; says any other
/// problem as it is.
pub async fn ask_or_refuse(context: &RequestContext, problem: PageError) -> Response {
    let asks = matches!(
        problem,
        PageError::WhichBody | PageError::UnknownBody { .. }
    ) && !context.is_file()
        && !context.is_embedded()
        && !is_api(&context.path);
    if !asks {
        return context.refuse(&problem);
    }
    match ask(context, &problem).await {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    }
}

/// The page that asks which public body is meant: those whose name or number has what was said, each with the same view of
/// it. Where none has, it says so and is an error.
async fn ask(context: &RequestContext, problem: &PageError) -> Result<Reply, PageError> {
    let locale = context.locale;
    let published = context.published()?;
    let words = context.parameter("body").unwrap_or_default();
    let words = if words.chars().count() > LONGEST_TEXT {
        ""
    } else {
        words
    };
    let (warehouse, revision) = (context.warehouse()?, published.revision.id);
    let there = warehouse.comparable(revision).await?;
    let there = there.ok_or(PageError::NotFound)?;
    let asked = StandingsQuery {
        words,
        departement: None,
        kind: None,
        year: there.last_year,
        sort: BodySort::Known,
        descending: false,
        offset: 0,
        limit: PAGE,
    };
    let found = warehouse.standings(revision, &asked).await?;
    let shown = shown(&there, asked.sort);
    let has_departements = departements(&there).len() > 1;
    let page = context.of_another_body();
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    let others = crate::http::query_string::parse(query);
    let of_body = |siren: &str| {
        let mut parameters = others.clone();
        parameters.push(("body".to_owned(), siren.to_owned()));
        link::to(path, &parameters)
    };
    let unknown = found.matching == 0;
    let title = locale.term("problem_title", problem.name());
    let lead = if unknown || words.is_empty() && matches!(problem, PageError::UnknownBody { .. }) {
        problem.lead(locale)
    } else {
        locale.text("bodies.ask").to_owned()
    };
    let page = BodiesPage {
        frame: Frame::new(context, title, Section::None).of_problem(),
        title,
        lead,
        action: path.to_owned(),
        field: "body",
        words,
        kept: others.clone(),
        selects: Vec::new(),
        count: locale.count("bodies.found", found.matching),
        caption: caption(&there, asked.year, locale),
        columns: columns(&shown, asked.year, None, has_departements, locale),
        groups: groups(&found.bodies, asked.sort, locale, |standing| {
            let link = of_body(&standing.body.siren);
            row(context, standing, &shown, has_departements, link)
        }),
        all: (found.matching > PAGE).then(|| context.link("/", &[])),
        previous: None,
        next: None,
    };
    let reply = page.frame.around(&page)?;
    Ok(if unknown {
        reply.with_status(StatusCode::NOT_FOUND)
    } else {
        reply
    })
}
