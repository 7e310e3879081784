//! Which lines an address asks for.

use centime_accounts::grouping::{UNDETAILED, UNRECOGNISED};
use centime_accounts::{Activity, FiscalYear, Role, Side};
use centime_analytics::analyses;
use centime_analytics::selection::{ACTIVITIES, SIDES};
pub use centime_render::dashboard::SUCCESSORS;
use centime_render::dashboard::{REVISION, Statement};
use centime_render::provenance::source::ALL;
use centime_render::{Locale, link};
use centime_warehouse::Warehouse;
use centime_warehouse::lines::{Counting, Filter, Order, Sort};

use crate::request::absent::absent;
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::snapshot::{Published, Snapshot};
use centime_render::language::label::{sentence_case, short_label};
use centime_render::provenance::source::Filter as Restriction;

/// The longest text that can be searched for, in characters.
pub const LONGEST_TEXT: usize = 200;

/// How many lines a page has.
pub const PAGE: i64 = 50;

/// The furthest page that can be asked for.
pub const LAST_PAGE: i64 = 1_000_000;

/// What a line is in its block.
pub const ROLES: [&str; 6] = ["line", "part", "subtotal", "total", "heading", "balance"];
/// Whether a line is added.
pub const COUNTINGS: [(&str, Counting); 6] = [
    ("yes", Counting::Counted),
    ("no", Counting::NotCounted),
    ("missing", Counting::Missing),
    ("nil", Counting::Nil),
    ("unpublished", Counting::Unpublished),
    ("naive", Counting::Naive),
];
/// The categories of expense that can be compared across nomenclatures, and that of lines without one.
pub const HARMONISED: [&str; 10] = [
    "personnel",
    "purchases",
    "interventions",
    "taxes",
    "depreciation",
    "disposals",
    "financial",
    "other",
    UNDETAILED,
    UNRECOGNISED,
];
/// What can be sorted by, and whether its first order is descending.
const SORTS: [(&str, Sort, bool); 5] = [
    ("year", Sort::Year, true),
    ("label", Sort::Label, false),
    ("category", Sort::Category, false),
    ("side", Sort::Side, false),
    ("amount", Sort::Amount, true),
];

/// What an address asks for.
#[derive(Clone, Debug)]
pub struct LinesQuery {
    pub filter: Filter,
    pub order: Order,
    /// The page, from 1.
    pub page: i64,
    /// The filters that are set, as in the address.
    pub filters: Vec<(&'static str, String)>,
    /// What is sorted by, as in the address.
    pub sort: &'static str,
    /// What every address about the statement carries: its public body and its revision, as far as they
    /// have to be named.
    pub kept: Vec<(&'static str, String)>,
}

impl LinesQuery {
    /// Reads the parameters; a value that is not allowed is a problem that says what is, and a category that
    /// the statement no longer has a problem that leads on.
    pub async fn read(context: &RequestContext, snapshot: &Snapshot) -> Result<Self, PageError> {
        let choices = &snapshot.choices;
        let query = Self::asked(context, snapshot.context())?;
        if let Some(value) = &query.filter.category
            && !choices.categories.contains(value)
        {
            return Err(absent(context, snapshot, "category", value, &choices.categories).await);
        }
        Ok(query)
    }

    /// What restricts the lines, in the reader's words.
    pub fn restrictions(&self, locale: &Locale) -> Vec<Restriction> {
        self.filters
            .iter()
            .map(|(name, code)| Restriction {
                name: (*name).to_owned(),
                label: locale
                    .term("lines.field", if *name == "q" { "text" } else { name })
                    .to_owned(),
                code: code.clone(),
                value: match *name {
                    "q" => format!(
                        "{}{code}{}",
                        locale.text("value.open"),
                        locale.text("value.close")
                    ),
                    "side" => locale.term("sides", code).to_owned(),
                    "harmonised" => locale.term("harmonised_category", code).to_owned(),
                    "category" | "label" => short_label(&sentence_case(code), locale),
                    "successor" => locale.term("successor", code).to_owned(),
                    "unknown" => locale.text("role.unknown").to_owned(),
                    "activity" | "role" | "counted" => locale.term(name, code).to_owned(),
                    _ => code.clone(),
                },
            })
            .collect()
    }

    /// The same of all public bodies, one after the other.
    pub async fn read_of_all(
        context: &RequestContext,
        published: &Published,
    ) -> Result<Self, PageError> {
        let revision = context.older().map(|older| older.revision.id.to_string());
        let mut kept = vec![("body", ALL.to_owned())];
        kept.extend(revision.map(|number| (REVISION, number)));
        let query = Self::asked(context, kept)?;
        let warehouse = context.warehouse()?;
        if let Some(years) = &query.filter.years {
            // No line of a year that no body has would look like a year without money.
            let known = years_of_all(warehouse, published).await?;
            if !known.iter().any(|year| years.contains(year)) {
                let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                let asked = query.value("year");
                return Err(bad(context.locale, "year", asked, &known));
            }
        }
        if let Some(value) = &query.filter.category
            && !warehouse.has_category(published.revision.id, value).await?
        {
            let allowed = [context.locale.text("lines.allowed_category")];
            return Err(bad(context.locale, "category", value, &allowed));
        }
        Ok(query)
    }

    /// What is asked for, of any public body.
    fn asked(
        context: &RequestContext,
        kept: Vec<(&'static str, String)>,
    ) -> Result<Self, PageError> {
        let one_of = |name, allowed: &[&'static str]| one_of(context, name, allowed);
        let fiscal_year = number(context, "year", 1..=9999, "lines.allowed_year")?;
        let counting = one_of("counted", &COUNTINGS.map(|(name, _)| name))?;
        let unknown = one_of("unknown", &["yes"])?.is_some();
        let category = context.parameter("category").map(str::to_owned);
        let filter = Filter {
            text: text(context)?.to_owned(),
            years: fiscal_year.map(|year| FiscalYear::between(Some(year), Some(year))),
            side: one_of("side", &SIDES)?.and_then(Side::named),
            activity: one_of("activity", &ACTIVITIES)?.and_then(Activity::named),
            category,
            label: context.parameter("label").map(str::to_owned),
            role: one_of("role", &ROLES)?.and_then(Role::named),
            harmonised: one_of("harmonised", &HARMONISED)?.map(str::to_owned),
            successor: one_of("successor", &SUCCESSORS)?.map(str::to_owned),
            counting: counting.and_then(|wanted| {
                let found = COUNTINGS.iter().find(|(name, _)| *name == wanted);
                found.map(|(_, counting)| *counting)
            }),
            unknown,
        };
        let (sort, by, first) = match one_of("sort", &SORTS.map(|(name, ..)| name))? {
            Some(wanted) => SORTS.into_iter().find(|(name, ..)| *name == wanted),
            None => None,
        }
        .unwrap_or(SORTS[0]);
        let descending = one_of("dir", &["asc", "desc"])?.map_or(first, |dir| dir == "desc");
        let page = number(context, "page", 1..=LAST_PAGE, "lines.allowed_page")?.unwrap_or(1);
        let mut filters = Vec::new();
        for (name, value) in [
            (
                "q",
                Some(filter.text.clone()).filter(|text| !text.is_empty()),
            ),
            ("year", fiscal_year.map(|year| year.to_string())),
            ("side", filter.side.map(|side| side.name().to_owned())),
            (
                "activity",
                filter.activity.map(|activity| activity.name().to_owned()),
            ),
            ("category", filter.category.clone()),
            ("label", filter.label.clone()),
            ("role", filter.role.map(|role| role.name().to_owned())),
            ("harmonised", filter.harmonised.clone()),
            ("successor", filter.successor.clone()),
            ("counted", counting.map(str::to_owned)),
            ("unknown", unknown.then(|| "yes".to_owned())),
        ] {
            filters.extend(value.map(|value| (name, value)));
        }
        Ok(Self {
            filter,
            order: Order { by, descending },
            page,
            filters,
            sort,
            kept,
        })
    }

    /// The value of a filter; empty when it is not set.
    pub fn value(&self, wanted: &str) -> &str {
        let found = self.filters.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, value)| value)
    }

    /// How lines are sorted, as parameters; none in the first order.
    pub fn ordering(&self) -> Vec<(&'static str, String)> {
        if self.order == Order::default() {
            return Vec::new();
        }
        let direction = if self.order.descending { "desc" } else { "asc" };
        vec![
            ("sort", self.sort.to_owned()),
            ("dir", direction.to_owned()),
        ]
    }

    /// The same lines of all public bodies.
    #[must_use]
    pub fn of_all(mut self) -> Self {
        self.kept.retain(|(name, _)| *name != "body");
        self.kept.insert(0, ("body", ALL.to_owned()));
        self
    }

    fn link(&self, path: &str, filters: &[(&'static str, String)], page: i64) -> String {
        let mut parameters = self.kept.clone();
        parameters.extend_from_slice(filters);
        parameters.extend(self.ordering());
        if page > 1 {
            parameters.push(("page", page.to_string()));
        }
        link::to(path, &parameters)
    }

    /// The same lines in a file.
    pub fn download(&self, extension: &str) -> String {
        self.link(&format!("/lines.{extension}"), &self.filters, 1)
    }

    /// Another page of the same lines.
    pub fn on_page(&self, page: i64) -> String {
        self.link("/lines", &self.filters, page)
    }

    /// The lines without one of the filters.
    pub fn without(&self, name: &str) -> String {
        let others = self.filters.iter().filter(|(other, _)| *other != name);
        self.link("/lines", &others.cloned().collect::<Vec<_>>(), 1)
    }

    /// The same lines sorted by a column: in the other direction where it is the one in use.
    pub fn sorted_by(&self, sort: &'static str) -> String {
        let first = SORTS.iter().any(|(name, _, first)| *name == sort && *first);
        let descending = if sort == self.sort {
            !self.order.descending
        } else {
            first
        };
        let direction = if descending { "desc" } else { "asc" };
        let mut parameters = self.kept.clone();
        parameters.extend_from_slice(&self.filters);
        parameters.push(("sort", sort.to_owned()));
        parameters.push(("dir", direction.to_owned()));
        link::to("/lines", &parameters)
    }

    /// The value of `aria-sort` for a column; empty where it is not the one in use.
    pub fn aria_sort(&self, sort: &str) -> &'static str {
        match (sort == self.sort, self.order.descending) {
            (false, _) => "",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }
}

/// The fiscal years that any public body has.
pub async fn years_of_all(
    warehouse: &Warehouse,
    published: &Published,
) -> Result<Vec<FiscalYear>, PageError> {
    let model = &analyses::completeness::ANALYSIS.model;
    let years = warehouse.years_of_mart(model, published.revision.id);
    Ok(years.await?)
}

pub fn one_of(
    context: &RequestContext,
    name: &'static str,
    allowed: &[&'static str],
) -> Result<Option<&'static str>, PageError> {
    let Some(value) = context.parameter(name) else {
        return Ok(None);
    };
    match allowed.iter().find(|known| **known == value) {
        Some(known) => Ok(Some(known)),
        None => Err(bad(context.locale, name, value, allowed)),
    }
}

/// The words searched for, few enough for one question to the database.
pub fn text(context: &RequestContext) -> Result<&str, PageError> {
    let text = context.parameter("q").unwrap_or_default().trim();
    if text.chars().count() > LONGEST_TEXT {
        let allowed = context.locale.text("lines.allowed_text");
        return Err(bad(context.locale, "q", text, &[allowed]));
    }
    Ok(text)
}

pub fn number(
    context: &RequestContext,
    name: &'static str,
    range: std::ops::RangeInclusive<i64>,
    allowed: &'static str,
) -> Result<Option<i64>, PageError> {
    let Some(value) = context.parameter(name) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(number) if range.contains(&number) => Ok(Some(number)),
        _ => Err(PageError::BadParameter {
            name,
            value: value.to_owned(),
            allowed: context.locale.text(allowed).to_owned(),
        }),
    }
}

/// A value that is not among those allowed.
pub fn bad(
    locale: &Locale,
    name: &'static str,
    value: &str,
    allowed: &[impl AsRef<str>],
) -> PageError {
    let allowed: Vec<&str> = allowed.iter().map(AsRef::as_ref).collect();
    PageError::BadParameter {
        name,
        value: value.chars().take(80).collect(),
        allowed: allowed.join(locale.text("problem.between_values")),
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::nomenclature::NOMENCLATURES;
    use centime_analytics::Language;

    use super::*;

    #[test]
    fn every_comparable_category_can_be_asked_for_and_has_a_name() {
        let blocks = NOMENCLATURES.iter().flat_map(|known| &known.blocks);
        for code in blocks
            .flat_map(|block| &block.lines)
            .filter_map(|line| line.harmonised.as_deref())
        {
            assert!(HARMONISED.contains(&code), "{code}");
            for language in Language::ALL {
                assert!(Locale::of(language).has("harmonised_category", code));
            }
        }
    }
}
