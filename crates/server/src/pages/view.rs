//! What the pages have in common.

use std::cell;
use std::fmt::Display;

use askama::Template;
use centime_access::Mode;
use centime_accounts::Centimes;
use centime_analytics::{Analysis, Basis, Headline, Language, analyses};
use centime_render::dashboard::REVISION;
use centime_render::language::{format, locale};
use centime_render::provenance::doubts;
use centime_render::provenance::identity::Known;
use centime_render::provenance::source::{explanation, has_real};
use centime_render::{Locale, glossary, link};
use centime_warehouse::doubt::Doubt;

pub use centime_render::language::label::{
    block_gloss, line_gloss, short_label, status, with_gloss,
};

use crate::http::assets;
use crate::http::escape::escape;
use crate::http::reply::Reply;
use crate::http::theme::Theme;
use crate::pages::budgets::BudgetBar;
use crate::pages::cards;
use crate::pages::headline::headline;
use crate::pages::sharing::{self, ShareView};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::{paths, reply};
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
    Aggregates,
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
    /// What the page is, for those who see no more of it than a link.
    description: Option<String>,
    /// How many words of the page have been explained.
    explained: cell::Cell<usize>,
    /// What the style sheet calls pages of this kind, where they are set otherwise than most.
    class: Option<&'static str>,
}

/// A whole page. What stands inside is written by a template of its own: if each page were an extension of this template,
/// all of it would be compiled again for each.
#[derive(Template)]
#[template(path = "frame.html")]
struct WholePage<'a> {
    frame: &'a Frame<'a>,
    main: &'a dyn Display,
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
                Choice::Body(snapshot)
                    if section != Section::None && snapshot.body.has_statement() =>
                {
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
            description: None,
            explained: cell::Cell::new(0),
            class: None,
        }
    }

    /// The answer with this around what the template of a page writes.
    pub fn around(&self, main: &dyn Display) -> Result<Reply, PageError> {
        reply::page(&WholePage { frame: self, main })
    }

    /// Around a page that is set as the style sheet says of this class.
    #[must_use]
    pub const fn of_class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// What the style sheet calls pages of this kind, where they are set otherwise than most.
    pub const fn class(&self) -> Option<&'static str> {
        self.class
    }

    /// With what the page is, in a sentence or two.
    #[must_use]
    pub fn describing(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// What the page is, for those who see no more of it than a link.
    pub fn description(&self) -> String {
        let locale = self.context.locale;
        let told = self.description.clone();
        let text = told.unwrap_or_else(|| match &self.context.choice {
            Choice::Body(snapshot) => {
                let period = snapshot.period();
                let years =
                    period.map_or_else(String::new, |(first, last)| locale.years(first, last));
                let values = [
                    ("title", self.title.as_str()),
                    ("body", &snapshot.body.name),
                    ("years", &years),
                ];
                if self.title == snapshot.body.name {
                    locale.fill("frame.description_of_body", &values)
                } else {
                    locale.fill("frame.description", &values)
                }
            }
            _ => format!(
                "{} {}",
                self.text("footer.promise"),
                self.text("footer.text")
            ),
        });
        if self.sample() {
            format!("{} {text}", self.text("sample.title"))
        } else {
            text
        }
    }

    /// The title of the page, with the public body that it is about.
    pub fn whole_title(&self) -> String {
        match &self.context.choice {
            Choice::Body(snapshot)
                if self.section != Section::None && !self.title.contains(&snapshot.body.name) =>
            {
                format!("{} · {}", self.title, snapshot.body.name)
            }
            _ => self.title.clone(),
        }
    }

    /// The address of the feed of revisions, where everyone may read it and knows where to find it.
    pub fn feed(&self) -> Option<String> {
        let context = self.context;
        let public = context.site.guard().settings.mode == Mode::Public;
        let placed = !context.is_copied() || context.canonical().is_some();
        let language = [("lang", self.language())];
        (public && placed && !self.of_problem).then(|| link::to(paths::FEED, &language))
    }

    /// How the page may be cited; `None` where it shows no figures.
    pub fn shared(&self) -> Option<ShareView> {
        match &self.context.choice {
            Choice::Body(snapshot) if self.section != Section::None && !self.of_problem => Some(
                ShareView::of_page(self.context, snapshot, &self.whole_title()),
            ),
            _ => None,
        }
    }

    /// Whether pages of others may show charts in a frame.
    pub fn allows_frames(&self) -> bool {
        self.context.allows_frames()
    }

    /// The sizes in which frames are offered: what each is called, its width and its height.
    pub fn frame_sizes(&self) -> Vec<(&'static str, u32, u32)> {
        let sizes = sharing::SIZES.into_iter();
        sizes
            .map(|(key, width, height)| (self.text(key), width, height))
            .collect()
    }

    /// What stands at the foot of each printed page: where the page is, and of which revision; `None` where it shows no
    /// figures.
    pub fn printed(&self) -> Option<String> {
        let share = self.shared()?;
        let published = self.context.edition.published()?;
        let locale = self.context.locale;
        let date = format::date(&published.revision.published_at, locale.language());
        let id = published.revision.id.to_string();
        let values = [("address", &*share.link), ("id", &*id), ("date", &*date)];
        Some(locale.fill("frame.printed", &values))
    }

    /// A word with what it means, as HTML, where the glossary knows what is called so.
    pub fn explained(&self, name: &str, word: &str) -> String {
        self.with_meaning(glossary::by_name(name), word)
    }

    /// A word with the meaning of an entry of the glossary, as HTML.
    pub fn meaning_of(&self, id: &str, word: &str) -> String {
        self.with_meaning(glossary::by_id(id), word)
    }

    fn with_meaning(&self, entry: Option<&glossary::Entry>, word: &str) -> String {
        let word = escape(word);
        let Some(entry) = entry else {
            return word;
        };
        let number = self.explained.replace(self.explained.get() + 1);
        let meaning = escape(&entry.in_language(self.context.language()).meaning);
        format!(
            r#"<span class="term"><button type="button" class="term__word" aria-describedby="term-{number}">{word}</button><span class="term__text" role="tooltip" id="term-{number}">{meaning}</span></span>"#
        )
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

    /// In which colours the page is; `None` where the reader's system says it.
    pub fn theme(&self) -> Option<&'static str> {
        let theme = self.context.theme;
        (theme != Theme::System).then(|| theme.name())
    }

    /// The colours that the page tells the browser it has.
    pub const fn color_scheme(&self) -> &'static str {
        self.context.theme.color_scheme()
    }

    /// This page in each of the colours there are: the word for them, the address, and whether it is in them. A copy of
    /// the site has nothing that would remember them.
    pub fn themes(&self) -> Vec<(&'static str, String, bool)> {
        if self.context.is_copied() {
            return Vec::new();
        }
        let choice = |theme: Theme| {
            (
                self.context.locale.term("theme", theme.name()),
                self.context.in_theme(theme),
                theme == self.context.theme,
            )
        };
        Theme::ALL.map(choice).into()
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

    /// Whether what is shown has figures that are invented.
    pub fn sample(&self) -> bool {
        self.context.sample()
    }

    /// What a page of a sample edition says of its figures: a title and a sentence.
    pub fn of_sample(&self) -> Option<(&'static str, &'static str)> {
        if !self.context.is_sample_edition() {
            return None;
        }
        let keys = match (self.context.shown_datasets(), self.context.sample()) {
            (Some(_), false) => ("sample.real_title", "sample.real_text"),
            (Some(datasets), true) if has_real(datasets) => ("sample.title", "sample.part_text"),
            (None, _) if self.context.has_real_figures() => {
                ("sample.mixed_title", "sample.mixed_text")
            }
            _ => ("sample.title", "sample.text"),
        };
        Some((self.text(keys.0), self.text(keys.1)))
    }

    /// What the page about the data explains of a sample edition.
    pub fn sample_explained(&self) -> &'static str {
        let datasets = self.context.shown_datasets().unwrap_or_default();
        self.text(explanation(datasets))
    }

    /// Whether what is shown is of official documents, and not of a portal.
    pub fn of_documents(&self) -> bool {
        let snapshot = self.context.snapshot();
        snapshot.is_ok_and(|snapshot| snapshot.published.revision.is_of_documents())
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

    /// Which budget of the body the figures of the page are of, where it has several.
    pub fn budget(&self) -> Option<BudgetBar> {
        match &self.context.choice {
            Choice::Body(snapshot) => BudgetBar::of(snapshot, self.context.locale),
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

    /// Whether the pages about an income statement are there: not of a body of which aggregates alone are known.
    pub fn of_statement(&self) -> bool {
        match &self.context.choice {
            Choice::Body(snapshot) => snapshot.body.has_statement(),
            _ => self.of_body(),
        }
    }

    pub fn in_aggregates(&self) -> bool {
        self.section == Section::Aggregates
    }

    /// Whether aggregates of the public body that is shown are known.
    pub fn has_aggregates(&self) -> bool {
        match &self.context.choice {
            Choice::Body(snapshot) => snapshot.has_aggregates,
            _ => false,
        }
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
