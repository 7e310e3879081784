//! What the pages have in common.

use centime_access::Mode;
use centime_accounts::Centimes;
use centime_analytics::{
    Analysis, Basis, Cell, ColumnName, Headline, Language, Table, analyses, columns,
};
use centime_render::dashboard::REVISION;
use centime_render::language::label::sentence_case;
use centime_render::language::{format, locale};
use centime_render::provenance::doubts;
use centime_render::provenance::identity::Known;
use centime_render::{Locale, link};
use centime_warehouse::doubt::Doubt;

pub use centime_render::language::label::{
    block_gloss, line_gloss, short_label, status, with_gloss,
};

use crate::http::assets;
use crate::http::escape::escape;
use crate::pages::cards;
use crate::request::context::RequestContext;
use crate::request::paths;
use crate::state::resolved_view::{Choice, Edition};
use crate::state::snapshot::{Published, Snapshot};

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    None,
    Home,
    Statement,
    Dashboard,
    Analyses,
    Indicators,
    Lines,
    Quality,
    Report,
    Years,
}

/// What stands around every page.
pub struct Frame<'a> {
    context: &'a RequestContext,
    section: Section,
    /// The title of the page, without that of the site.
    pub title: String,
    /// The style sheet's address.
    pub style: &'static str,
    /// The icon's address.
    pub icon: &'static str,
    /// The script's address.
    pub script: &'static str,
    /// The address of the script that draws charts.
    pub charts: &'static str,
    /// The address of the picture that is shown beside a link to the page elsewhere.
    card: Option<String>,
    /// Where the page leads that is shown of an older revision, where it is not the same address.
    newer: Option<Newer>,
    /// What is doubted of the figures on the page.
    doubts: Vec<Doubt>,
    /// Whether the page says why there is no answer.
    of_problem: bool,
}

/// What the search in the header carries: what was looked for, and whose figures are shown.
pub struct SearchForm<'a> {
    pub words: &'a str,
    pub kept: Vec<(&'static str, String)>,
}

/// What is said on a page of an older revision, and the way to the newer one.
#[derive(Clone, Debug)]
pub struct Newer {
    pub text: String,
    pub label: String,
    pub link: String,
}

/// What is said of parameters that change nothing, and the same page without them.
pub struct Unknown {
    pub text: String,
    pub link: String,
}

/// What others show beside a link to a page. Addresses are whole.
pub struct Share {
    pub url: String,
    pub image: String,
}

impl<'a> Frame<'a> {
    pub fn new(context: &'a RequestContext, title: &str, section: Section) -> Self {
        Self {
            context,
            section,
            title: title.to_owned(),
            style: &assets::STYLE_ADDRESS,
            icon: &assets::ICON_ADDRESS,
            script: &assets::SCRIPT_ADDRESS,
            charts: &assets::CHARTS_ADDRESS,
            card: match &context.choice {
                Choice::Body(snapshot) if section != Section::None => {
                    let results = &analyses::yearly_result::ANALYSIS;
                    Some(cards::of_analysis(snapshot, results, Basis::Leaf))
                }
                _ => None,
            },
            newer: None,
            doubts: match (&context.choice, section) {
                // The page of the checks says all of it itself.
                (_, Section::None | Section::Quality | Section::Report) => Vec::new(),
                (Choice::Body(snapshot), _) => snapshot.doubts.clone(),
                _ => Vec::new(),
            },
            of_problem: false,
        }
    }

    /// Around a page that says why there is no answer, which others have no use for.
    #[must_use]
    pub const fn of_problem(mut self) -> Self {
        self.of_problem = true;
        self
    }

    /// The whole address by which others should know the page; `None` where it has none.
    pub fn canonical(&self) -> Option<String> {
        if self.of_problem {
            return None;
        }
        self.context.canonical()
    }

    /// With the doubts about the years that the page shows.
    #[must_use]
    pub fn doubting(mut self, doubts: Vec<Doubt>) -> Self {
        self.doubts = doubts;
        self
    }

    /// What is doubted of the figures on the page, in a sentence.
    pub fn doubted(&self) -> Option<String> {
        doubts::sentence(&self.doubts, self.context.locale)
    }

    /// With another way to the newer revision than the same address without the older one.
    #[must_use]
    pub fn with_newer(mut self, newer: Option<Newer>) -> Self {
        self.newer = newer;
        self
    }

    /// What is said where another revision than the one that readers see is shown.
    pub fn newer(&self) -> Option<Newer> {
        let usual = || Newer {
            text: String::new(),
            label: self.text("older.same").to_owned(),
            link: self.context.without(REVISION),
        };
        let Edition::Older { shown, current } = &self.context.edition else {
            return None;
        };
        let locale = self.context.locale;
        let date = |published: &Published| {
            format::date_time(&published.revision.published_at, locale.language())
        };
        let numbers = [shown, current].map(|published| published.revision.id.to_string());
        let values = [
            ("id", &*numbers[0]),
            ("date", &*date(shown)),
            ("newer", &*numbers[1]),
            ("newer_date", &*date(current)),
        ];
        let mut newer = self.newer.clone().unwrap_or_else(usual);
        newer.text = format!("{} {}", locale.fill("older.text", &values), newer.text);
        Some(newer)
    }

    /// What is said of parameters that change nothing here.
    pub fn unknown(&self) -> Option<Unknown> {
        let context = self.context;
        if context.unknown.is_empty() {
            return None;
        }
        let values = [
            ("names", &*context.unknown_names()),
            ("allowed", &*context.allowed_names()),
        ];
        let count = number(context.unknown.len());
        Some(Unknown {
            text: context
                .locale
                .count_and_fill("unknown.text", count, &values),
            link: link::to(&context.path, &context.parameters),
        })
    }

    /// With the picture that is shown beside a link to the page elsewhere.
    #[must_use]
    pub fn with_card(mut self, address: String) -> Self {
        self.card = Some(address);
        self
    }

    /// What others show beside a link to the page; `None` where the site does not know how it is reached,
    /// and where others cannot look at it.
    pub fn share(&self) -> Option<Share> {
        let settings = &self.context.site.guard().settings;
        let public = self.context.public()?;
        let card = self.card.as_ref()?;
        if settings.mode == Mode::Token {
            return None;
        }
        let language = self.language();
        let joint = if card.contains('?') { '&' } else { '?' };
        Some(Share {
            url: format!(
                "{public}{}",
                self.context.in_language(self.context.language())
            ),
            image: format!("{public}{card}{joint}lang={language}"),
        })
    }

    /// The language as the Open Graph protocol names it.
    pub fn share_locale(&self) -> &'static str {
        match self.context.language() {
            Language::French => "fr_FR",
            Language::English => "en_GB",
        }
    }

    pub fn text(&self, key: &'static str) -> &'static str {
        self.context.locale.text(key)
    }

    /// A text of ours in which `**…**` is strong and `` `…` `` is code.
    pub fn rich(&self, key: &'static str) -> String {
        rich(self.text(key))
    }

    pub fn language(&self) -> &'static str {
        self.context.language().code()
    }

    pub fn is_language(&self, code: &str) -> bool {
        self.language() == code
    }

    /// This page in French.
    pub fn in_french(&self) -> String {
        self.context.in_language(Language::French)
    }

    /// This page in English.
    pub fn in_english(&self) -> String {
        self.context.in_language(Language::English)
    }

    /// The search in the header; `None` where nothing can be looked for.
    pub fn search(&self) -> Option<SearchForm<'a>> {
        let context = self.context;
        context.edition.published()?;
        let words = context.parameter("q");
        let words = words.filter(|_| context.path == paths::SEARCH);
        let kept = if let Choice::Body(snapshot) = &context.choice {
            snapshot.kept()
        } else {
            let older = context.older().map(|shown| shown.revision.id.to_string());
            older.map(|id| (REVISION, id)).into_iter().collect()
        };
        Some(SearchForm {
            words: words.unwrap_or_default(),
            kept,
        })
    }

    /// Where another public body is chosen for the same page.
    pub fn others(&self) -> String {
        if self.context.is_copied() || self.of_problem {
            return "/".to_owned();
        }
        self.context.of_another_body()
    }

    /// Whether what is shown is the sample edition.
    pub fn sample(&self) -> bool {
        self.context.sample()
    }

    /// An address about the public body that is shown.
    pub fn link(&self, path: &str) -> String {
        self.context.link(path, &[])
    }

    /// Whether a public body is shown, or the only one would be.
    pub fn of_body(&self) -> bool {
        !matches!(self.context.choice, Choice::NoneSelected | Choice::Unknown)
    }

    /// The public body that is shown, where there are several.
    pub fn body(&self) -> Option<&str> {
        match &self.context.choice {
            Choice::Body(snapshot) if snapshot.published.only.is_none() => {
                Some(&snapshot.body.name)
            }
            _ => None,
        }
    }

    /// What is said of the figures of the page, whatever it shows of them; nothing where it has none.
    pub fn identity(&self) -> Vec<Known> {
        match &self.context.choice {
            Choice::Body(snapshot) if self.section != Section::None => {
                snapshot.identity(self.context.locale)
            }
            _ => Vec::new(),
        }
    }

    /// Where the figures of the page come from, and under which licence; empty where it has none.
    pub fn source(&self) -> String {
        match &self.context.choice {
            Choice::Body(snapshot) => snapshot.source(self.context.locale),
            _ => String::new(),
        }
    }

    /// Whether what is shown may be out of date, because the database cannot be read.
    pub fn kept(&self) -> bool {
        matches!(self.context.edition, Edition::Stale(_))
    }

    /// The words that lead to the page to log in; `None` where login is not possible.
    pub fn account(&self) -> Option<&'static str> {
        let key = if self.context.known {
            "login.account"
        } else {
            "login.title"
        };
        let tokens = self.context.site.guard().ledger().is_some();
        tokens.then(|| self.text(key))
    }

    /// What the operator of the site links to: names and addresses.
    pub fn links(&self) -> Vec<(&str, &str)> {
        let links = self.context.site.guard().settings.links.iter();
        links
            .map(|link| (link.title(self.context.language()), link.address()))
            .collect()
    }

    /// Whether statements of readers are answered.
    pub fn sql(&self) -> bool {
        self.context.site.sql().is_some()
    }

    /// Whether the dashboard of a Metabase can be shown.
    pub fn metabase(&self) -> bool {
        self.context.site.guard().settings.metabase.is_some()
    }

    pub fn at_home(&self) -> bool {
        self.section == Section::Home
    }

    pub fn in_statement(&self) -> bool {
        self.section == Section::Statement
    }

    pub fn in_dashboard(&self) -> bool {
        self.section == Section::Dashboard
    }

    pub fn in_analyses(&self) -> bool {
        self.section == Section::Analyses
    }

    pub fn in_indicators(&self) -> bool {
        self.section == Section::Indicators
    }

    /// Whether accounts of the public body that is shown are known.
    pub fn has_accounts(&self) -> bool {
        match &self.context.choice {
            Choice::Body(snapshot) => !snapshot.account_years.is_empty(),
            _ => false,
        }
    }

    pub fn in_lines(&self) -> bool {
        self.section == Section::Lines
    }

    pub fn in_quality(&self) -> bool {
        self.section == Section::Quality
    }

    pub fn in_report(&self) -> bool {
        self.section == Section::Report
    }

    /// Whether there are reports.
    pub fn prints(&self) -> bool {
        self.context.site.reports().is_some()
    }

    /// An amount or a sum that is not known.
    pub fn missing(&self) -> String {
        missing(self.context.locale)
    }
}

/// A text of ours as HTML: escaped, with `**…**` strong and `` `…` `` code.
pub fn rich(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for (position, part) in escape(text).split("**").enumerate() {
        match position {
            0 => {}
            odd if odd % 2 == 1 => html.push_str("<strong>"),
            _ => html.push_str("</strong>"),
        }
        for (position, part) in part.split('`').enumerate() {
            match position {
                0 => {}
                odd if odd % 2 == 1 => html.push_str("<code>"),
                _ => html.push_str("</code>"),
            }
            html.push_str(part);
        }
    }
    html
}

/// An amount as HTML, its centimes set apart; a dash when there is none.
pub fn key_amount(amount: Option<Centimes>, locale: &Locale) -> String {
    let Some(amount) = amount else {
        return missing(locale);
    };
    let parts = format::euro_parts(amount, locale.language());
    format!(
        r#"<span class="amount">{}<span class="amount__cents">{}</span>{}</span>"#,
        parts.whole, parts.cents, parts.unit
    )
}

/// An amount as HTML, plain; a dash when there is none.
pub fn plain_amount(amount: Option<Centimes>, locale: &Locale) -> String {
    amount.map_or_else(
        || missing(locale),
        |amount| {
            let written = format::euros(amount, locale.language());
            format!(r#"<span class="amount">{written}</span>"#)
        },
    )
}

fn missing(locale: &Locale) -> String {
    format!(
        r#"<span class="missing"><span aria-hidden="true">—</span><span class="visually-hidden">{}</span></span>"#,
        escape(locale.text("value.missing"))
    )
}

/// An amount in a table; `None` when there is none.
pub fn table_amount(amount: Option<Centimes>, locale: &Locale) -> Option<String> {
    amount.map(|amount| format::amount(amount, locale.language()))
}

/// The key figure of an analysis.
pub struct Card {
    pub link: String,
    pub title: String,
    pub figure: String,
    pub caption: String,
    pub text: String,
}

impl Card {
    pub fn new(snapshot: &Snapshot, analysis: &Analysis, locale: &Locale) -> Self {
        let table = snapshot.table(analysis, Basis::Leaf);
        let text = analysis.text(locale.language());
        let (figure, caption) = headline(analysis, table, locale);
        Self {
            link: snapshot.link(&format!("/analyses/{}", analysis.name()), &[]),
            title: typographic(&text.title, locale),
            figure: match (figure, analysis.headline) {
                (Some(figure), _) => figure,
                (None, Headline::None) => String::new(),
                (None, _) => locale.text("value.not_computable").to_owned(),
            },
            caption,
            text: typographic(&text.summary, locale),
        }
    }
}

/// The words of an analysis with the spaces that its language wants.
pub fn typographic(text: &str, locale: &Locale) -> String {
    locale::typographic(text, locale.language())
}

/// The key figure of an analysis and what it is. Without a figure the caption stands alone.
fn headline(analysis: &Analysis, table: &Table, locale: &Locale) -> (Option<String>, String) {
    let language = locale.language();
    let caption = typographic(&analysis.text(language).headline, locale);
    let latest = Snapshot::latest(table);
    let year = latest.map_or_else(String::new, |(year, _)| year.to_string());
    let of = |part: i64, whole: i64| {
        let (part, whole) = (
            format::integer(part, language),
            format::integer(whole, language),
        );
        let values = [("count", &*part), ("total", &*whole), ("year", &*year)];
        (
            Some(locale.fill("value.part_of_whole", &values[..2])),
            locale::fill(&caption, &values),
        )
    };
    match analysis.headline {
        Headline::Latest { value } => {
            let figure = latest.and_then(|(_, row)| written(table, row, value, locale));
            (figure, locale::fill(&caption, &[("year", &year)]))
        }
        Headline::LatestKnown { value, otherwise } => {
            let years = table.rows.iter().filter_map(|row| {
                if table.cell(row, value).is_null() {
                    return None;
                }
                Some((
                    table.cell(row, columns::FISCAL_YEAR).year()?,
                    row.as_slice(),
                ))
            });
            if let Some((year, row)) = years.max_by_key(|(year, _)| *year) {
                let figure = written(table, row, value, locale);
                return (
                    figure,
                    locale::fill(&caption, &[("year", &year.to_string())]),
                );
            }
            let caption = analysis.text(language).headline_otherwise.as_deref();
            let caption = typographic(caption.unwrap_or_default(), locale);
            let figure = latest.and_then(|(_, row)| written(table, row, otherwise, locale));
            (figure, locale::fill(&caption, &[("year", &year)]))
        }
        Headline::Largest { value, category } => {
            let largest = table
                .rows
                .iter()
                .filter(|row| {
                    let row_year = table.cell(row, columns::FISCAL_YEAR).year();
                    latest.is_some_and(|(year, _)| row_year == Some(year))
                })
                .max_by_key(|row| table.cell(row, value).unitless());
            let name = largest
                .and_then(|row| table.cell(row, category).text())
                .unwrap_or_default();
            let name = sentence_case(locale.term(&category, name));
            let name = format!(
                "{}{}{}",
                locale.text("value.open"),
                name,
                locale.text("value.close")
            );
            let figure = largest.and_then(|row| written(table, row, value, locale));
            let values = [("year", &*year), ("category", &*name)];
            (figure, locale::fill(&caption, &values))
        }
        Headline::Count { value, equal } => {
            let equal = |row: &&Vec<Cell>| table.cell(row, value).text() == Some(equal);
            let count = table.rows.iter().filter(equal).count();
            of(number(count), number(table.rows.len()))
        }
        Headline::Share { part, whole } => {
            let sum = |column| {
                let values = table.rows.iter().map(|row| table.cell(row, column));
                values.filter_map(Cell::unitless).sum()
            };
            of(sum(part), sum(whole))
        }
        Headline::None => (None, String::new()),
    }
}

/// A cell with its unit; nothing for an empty one.
fn written(table: &Table, row: &[Cell], column: ColumnName, locale: &Locale) -> Option<String> {
    let language = locale.language();
    Some(match table.cell(row, column) {
        Cell::Null => return None,
        Cell::Text(text) => text.clone(),
        Cell::Status(status) => status.name().to_owned(),
        Cell::List(entries) => entries.join("\n"),
        Cell::Amount(amount) => format::euros(*amount, language),
        Cell::Rate(rate) => format::rate(*rate, language),
        Cell::Year(year) => year.to_string(),
        Cell::Count(number) => format::integer(*number, language),
        Cell::Flag(flag) => format::integer(i64::from(*flag), language),
    })
}

/// A count as a number of the data.
pub fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_is_escaped_first() {
        assert_eq!(
            rich("**a<b** & `c`"),
            "<strong>a&lt;b</strong> &amp; <code>c</code>"
        );
    }
}
