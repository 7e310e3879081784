//! Who asks for what, in which language.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::{ACCEPT, ACCEPT_ENCODING, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use centime_access::Mode;
use centime_analytics::Language;
use centime_analytics::accounts::Books;
use centime_analytics::statement::Statement;
use centime_render::Locale;
use centime_warehouse::lines::Line;
use centime_warehouse::{PublicationState, Warehouse};

use crate::access::{Client, Identified, Refusal};
use crate::http::base::Base;
use crate::http::encoding::Encoding;
use crate::http::query_string;
use crate::http::ranges::Wanted;
use crate::http::reply::DRAWING;
use crate::http::theme::{self, Theme};
use crate::http::{address, language};
use crate::limits::Network;
use crate::request::crawling;
use crate::request::page_error::PageError;
use crate::request::parameters::{self, Asked};
use crate::request::paths;
use crate::state::resolved_view::{Choice, Edition, ResolvedView};
use crate::state::response_cache::{Copied, Key, RenderTarget};
use crate::state::site::Site;
use crate::state::snapshot::{Published, Snapshot};
use centime_render::dashboard::{PATH, REVISION};
use centime_render::export::formats::Format;
use centime_render::link::{self, Parameters};
use centime_render::provenance::source::ALL;

/// That the answer tells nothing of the data, so that nothing is asked of the database for it.
#[derive(Clone, Copy, Debug)]
pub struct WithoutData;

/// A request, as far as pages need it.
#[derive(Debug)]
pub struct RequestContext {
    pub site: Site,
    /// What there is to show.
    pub edition: Edition,
    /// What that follows from; `None` where there is nothing to show.
    publication: Option<Arc<PublicationState>>,
    /// The public body that is asked for.
    pub choice: Choice,
    /// The words of the reader's language.
    pub locale: &'static Locale,
    /// The language that the address asks for, to be remembered.
    pub chosen: Option<Language>,
    /// In which colours the reader wants pages.
    pub theme: Theme,
    /// The colours that the address asks for, to be remembered.
    pub chosen_theme: Option<Theme>,
    /// The path, as asked for.
    pub path: String,
    /// The parameters that the address knows, in the form that is the same for all ways to write them.
    pub parameters: Parameters,
    /// Parameters that change nothing here, by name.
    pub unknown: Vec<String>,
    /// What the address may be asked with instead.
    pub allowed: Vec<&'static str>,
    /// Whether a person with a browser is asking, not a program.
    pub reads_pages: bool,
    /// The number of the request.
    pub request_id: String,
    /// How a file is asked for.
    pub wanted: Wanted,
    /// The tag of what the reader has already.
    pub known_tag: Option<String>,
    /// Whether the browser draws charts itself.
    draws: bool,
    /// How the browser reads answers compressed.
    encoding: Encoding,
    /// Whether the visitor has shown who they are.
    pub known: bool,
    /// The path of the host below which the visitor finds the site. Addresses get it where the answer goes out.
    pub base: Base,
    /// For a file of a copy: such pages are not for robots of this site, and have an address of their own.
    copied: Option<Copied>,
    /// What limits are counted by; `None` where there is no network.
    pub network: Option<Network>,
    /// The authenticated client; `None` where the answer is for others, too.
    pub identified: Identified,
}

impl FromRequestParts<Site> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let chosen = language::of_query(query);
        let language = chosen.unwrap_or_else(|| language::of_headers(&parts.headers));
        let chosen_theme = Theme::of_query(query);
        let declared = parts.extensions.get::<MatchedPath>();
        let Asked {
            known: parameters,
            unknown,
            allowed,
        } = parameters::read(declared.map(MatchedPath::as_str), query);
        let of = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        let identified = Identified::of(&parts.extensions);
        let client = parts.extensions.get::<Client>();
        let network = client.and_then(Client::network);
        let mode = site.guard().settings.mode;
        let open = mode == Mode::Public || identified.identity.is_some();
        let ResolvedView {
            edition,
            choice,
            publication,
        } = if open && parts.extensions.get::<WithoutData>().is_none() {
            let body = of("body").filter(|body| *body != ALL);
            // On the heap, as other large futures below: those that wait for each other would else be one value, too large
            // for the stack of a thread.
            Box::pin(site.resolve(body, of(REVISION), network)).await
        } else {
            ResolvedView::nothing_said()
        };
        let parameters = named_once(parameters, &edition, &choice);
        let wanted = Wanted::of(&parts.method, &parts.headers);
        // A part is one of the bytes that are not compressed.
        let encoding = if wanted.is_part() {
            Encoding::Plain
        } else {
            Encoding::accepted(header(&parts.headers, &ACCEPT_ENCODING))
        };
        let copied = parts.extensions.get::<Copied>().cloned();
        // The files of a copy are beside each other, wherever it will be.
        let placed = client.filter(|_| copied.is_none());
        Ok(Self {
            site: site.clone(),
            edition,
            publication,
            choice,
            locale: Locale::of(language),
            chosen,
            theme: chosen_theme.unwrap_or_else(|| Theme::of_headers(&parts.headers)),
            chosen_theme,
            path: parts.uri.path().to_owned(),
            parameters,
            unknown,
            allowed,
            reads_pages: header(&parts.headers, &ACCEPT).contains("text/html"),
            request_id: client.map_or_else(String::new, |client| client.request_id.clone()),
            base: placed.map_or_else(Base::default, |client| client.base.clone()),
            copied,
            draws: header(&parts.headers, &DRAWING) == "browser",
            known_tag: Some(header(&parts.headers, &IF_NONE_MATCH).to_owned())
                .filter(|tag| !tag.is_empty() && parts.method.is_safe()),
            encoding,
            wanted,
            known: identified.identity.is_some(),
            network,
            identified,
        })
    }
}

impl RequestContext {
    /// The language of the reader.
    pub fn language(&self) -> Language {
        self.locale.language()
    }

    /// How the browser reads answers compressed.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Everything that the answer follows from; `None` where there is nothing to show, where the page says that
    /// parameters change nothing, and where words are looked for: neither has a limit.
    pub fn key(&self) -> Option<Key> {
        if !self.unknown.is_empty() || parameters::asks_freely(&self.path, &self.parameters) {
            return None;
        }
        Some(Key {
            publication: self.publication.clone()?,
            address: link::to(&self.path, &self.parameters),
            base: self.base.clone(),
            copied: self.copied.clone(),
            language: self.language(),
            theme: self.theme,
            drawn_by: self.drawn_by(),
            encoding: self.encoding,
            known: self.known,
            kept: matches!(self.edition, Edition::Stale(_)),
            upkeep: self.site.guard().upkeep().map_or(0, |state| state.version),
        })
    }

    /// Who draws the charts of the page.
    pub const fn drawn_by(&self) -> RenderTarget {
        if self.draws {
            RenderTarget::Browser
        } else {
            RenderTarget::Server
        }
    }

    /// The revision to show.
    pub fn published(&self) -> Result<&Arc<Published>, PageError> {
        match &self.edition {
            Edition::Current(published)
            | Edition::Stale(published)
            | Edition::Older {
                shown: published, ..
            } => Ok(published),
            Edition::Missing(missing) => Err(PageError::NoRevision(missing.clone())),
            Edition::Nothing => Err(PageError::NothingPublished),
            Edition::Unreadable | Edition::NotSaid => Err(PageError::Unavailable),
        }
    }

    /// The public body to show, which has an income statement.
    pub fn snapshot(&self) -> Result<&Arc<Snapshot>, PageError> {
        let snapshot = self.any_body()?;
        if snapshot.body.has_statement() {
            return Ok(snapshot);
        }
        Err(PageError::NoStatement {
            body: snapshot.body.name.clone(),
            totals: snapshot.link(paths::AGGREGATES, &[]),
        })
    }

    /// The public body to show, also one of which aggregates alone are known.
    pub fn any_body(&self) -> Result<&Arc<Snapshot>, PageError> {
        self.published()?;
        match &self.choice {
            Choice::Body(snapshot) => Ok(snapshot),
            Choice::NoneSelected => Err(PageError::WhichBody),
            Choice::Unknown => Err(PageError::UnknownBody {
                siren: self.parameter("body").unwrap_or_default().to_owned(),
            }),
            Choice::Unreadable => Err(PageError::Unavailable),
            Choice::NoTurn(none) => Err(PageError::Refused(Refusal::from(*none))),
        }
    }

    /// Whether all public bodies are asked for.
    pub fn is_of_all(&self) -> bool {
        self.parameter("body") == Some(ALL)
    }

    /// The database, for what is not held in memory.
    pub fn warehouse(&self) -> Result<&Warehouse, PageError> {
        match self.edition {
            Edition::Current(_)
            | Edition::Older { .. }
            | Edition::Missing(_)
            | Edition::Nothing => Ok(self.site.warehouse()),
            Edition::Stale(_) | Edition::Unreadable | Edition::NotSaid => {
                Err(PageError::Unavailable)
            }
        }
    }

    /// All lines of the public body to show: those in memory when the database is away.
    pub async fn lines<'s>(&self, snapshot: &'s Arc<Snapshot>) -> Result<&'s [Line], PageError> {
        if let Some(lines) = snapshot.known_lines() {
            return Ok(lines);
        }
        let lines = snapshot.lines(self.warehouse()?).await?;
        self.site.weigh_again(snapshot);
        Ok(lines)
    }

    /// All accounts and indicators of the public body to show: those in memory when the database is away.
    pub async fn books<'s>(&self, snapshot: &'s Arc<Snapshot>) -> Result<&'s Books, PageError> {
        if let Some(books) = snapshot.known_books() {
            return Ok(books);
        }
        let books = snapshot.books(self.warehouse()?).await?;
        self.site.weigh_again(snapshot);
        Ok(books)
    }

    /// The same; `None` when the database is away and they are not in memory, and where there are none.
    pub async fn books_at_hand<'s>(
        &self,
        snapshot: &'s Arc<Snapshot>,
    ) -> Result<Option<&'s Books>, PageError> {
        if snapshot.account_years.is_empty() {
            return Ok(None);
        }
        match self.books(snapshot).await {
            Ok(books) => Ok(Some(books)),
            Err(PageError::Unavailable) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// All lines; `None` when the database is away and they are not in memory.
    pub async fn lines_at_hand<'s>(
        &self,
        snapshot: &'s Arc<Snapshot>,
    ) -> Result<Option<&'s [Line]>, PageError> {
        match self.lines(snapshot).await {
            Ok(lines) => Ok(Some(lines)),
            Err(PageError::Unavailable) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// The income statement of the public body to show, from its lines.
    pub async fn statement(&self, snapshot: &Arc<Snapshot>) -> Result<Statement, PageError> {
        let lines = self.lines(snapshot).await?;
        let statement = Statement::of(lines, snapshot.series_breaks());
        Ok(statement.divided_by(&snapshot.inhabitants))
    }

    /// An address about the same body.
    pub fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        if let Choice::Body(snapshot) = &self.choice {
            snapshot.link(path, parameters)
        } else {
            self.link_without_body(path, parameters)
        }
    }

    /// The revision that is shown, where it is not the one that readers see when none is named.
    pub fn older(&self) -> Option<&Arc<Published>> {
        match &self.edition {
            Edition::Older { shown, .. } => Some(shown),
            _ => None,
        }
    }

    /// Refuses a revision that is not there, and to make a file that is asked for with parameters that change
    /// nothing in it: what it would show is not what was meant, and a file has no room to say so.
    pub fn understood(&self) -> Result<(), PageError> {
        if let Edition::Missing(missing) = &self.edition {
            return Err(PageError::NoRevision(missing.clone()));
        }
        if self.unknown.is_empty() || !self.is_file() {
            return Ok(());
        }
        Err(PageError::UnknownParameter {
            names: self.unknown_names(),
            allowed: self.allowed_names(),
        })
    }

    /// The parameters that change nothing, in words.
    pub fn unknown_names(&self) -> String {
        let quoted = self.unknown.iter().map(|name| {
            let (open, close) = (
                self.locale.text("value.open"),
                self.locale.text("value.close"),
            );
            format!("{open}{name}{close}")
        });
        let quoted: Vec<String> = quoted.collect();
        quoted.join(self.locale.text("problem.between_values"))
    }

    /// What the address may be asked with, in words.
    pub fn allowed_names(&self) -> String {
        if self.allowed.is_empty() {
            return self.locale.text("unknown.none").to_owned();
        }
        self.allowed
            .join(self.locale.text("problem.between_values"))
    }

    /// The page of this address without one of its parameters.
    pub fn without(&self, left_out: &str) -> String {
        let others = self.parameters.iter().filter(|(name, _)| name != left_out);
        link::to(&self.page_path(), &others.cloned().collect::<Vec<_>>())
    }

    /// This page of another public body, which is yet to be chosen: with everything that the address asks for but the
    /// body. A record is one of its body, so there it is the list of lines.
    pub fn of_another_body(&self) -> String {
        let path = self.page_path();
        if path.starts_with("/lines/") {
            return self.link_without_body("/lines", &[]);
        }
        let others = self.parameters.iter().filter(|(name, _)| name != "body");
        link::to(&path, &others.cloned().collect::<Vec<_>>())
    }

    /// An address in the revision that is shown, of no public body.
    fn link_without_body(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let revision = self.older().map(|shown| shown.revision.id.to_string());
        let named = revision.as_deref().map(|number| (REVISION, number));
        let parameters = named.into_iter().chain(parameters.iter().copied());
        link::to(path, &parameters.collect::<Vec<_>>())
    }

    /// The page of this address in another revision.
    pub fn in_revision(&self, number: i64) -> String {
        let others = self.parameters.iter().filter(|(name, _)| name != REVISION);
        let mut parameters: Parameters = others.cloned().collect();
        parameters.push((REVISION.to_owned(), number.to_string()));
        link::to(&self.page_path(), &parameters)
    }

    /// The path of the page that shows what is at this address: the same for a page, and for a file, a
    /// picture and a chart alone the page that they belong to.
    pub fn page_path(&self) -> String {
        let path = self.path.as_str();
        if path == paths::REPORT_PDF {
            return paths::REPORT.to_owned();
        }
        let path = path
            .strip_prefix("/embed")
            .or_else(|| path.strip_prefix("/cards"))
            .unwrap_or(path);
        if path.starts_with(&format!("{PATH}/")) {
            return PATH.to_owned();
        }
        match Format::split_name(path) {
            Some((page, extension)) if !extension.contains('/') => page.to_owned(),
            _ => path.to_owned(),
        }
    }

    /// Whether the answer is for a file of a copy of the site.
    pub const fn is_copied(&self) -> bool {
        self.copied.is_some()
    }

    /// How the site is reached from outside, without a slash at its end; `None` where it does not know.
    pub fn public(&self) -> Option<String> {
        let guard = self.site.guard();
        let known = guard.settings.public_address.as_deref()?;
        Some(if guard.base.is_empty() {
            format!("{known}{}", self.base)
        } else {
            known.to_owned()
        })
    }

    /// How the visitor reaches the site, without a slash at the end: as it is configured, or as it was asked for.
    pub fn reached(&self, client: &Client) -> String {
        if let Some(public) = self.public() {
            return public;
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter);
        let host = Some(client.host.as_str());
        let host = host.filter(|host| !host.is_empty() && host.chars().all(plain));
        let settings = &self.site.guard().settings;
        let scheme = if settings.https || client.proxied_https {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}{}", host.unwrap_or("localhost"), self.base)
    }

    /// The whole address of the page, by which others should know it: without what only chooses among what it
    /// shows, and of the revision that readers see. `None` where no other client may look at it, and where the
    /// site does not know how it is reached.
    pub fn canonical(&self) -> Option<String> {
        if let Some(copied) = &self.copied {
            return copied.address.clone();
        }
        let path = self.page_path();
        if self.site.guard().settings.mode == Mode::Token || crawling::is_closed(&path) {
            return None;
        }
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        if let Choice::Body(snapshot) = &self.choice {
            parameters.extend(snapshot.parameter());
        }
        parameters.extend(self.parameters.iter().filter_map(|(name, value)| {
            let names_document = match name.as_str() {
                "page" => value != "1",
                // A record has its number in one revision only.
                REVISION => path.starts_with("/lines/"),
                _ => false,
            };
            names_document.then_some((name.as_str(), value.as_str()))
        }));
        parameters.push(("lang", self.language().code()));
        Some(format!(
            "{}{}",
            self.public()?,
            link::to(&path, &parameters)
        ))
    }

    /// Whether the address is that of a page within a page of others.
    pub fn is_embedded(&self) -> bool {
        self.path.starts_with("/embed/")
    }

    /// Whether the address is that of a file.
    pub fn is_file(&self) -> bool {
        address::is_file(&self.path)
    }

    /// A parameter; `None` when it is not there or empty.
    pub fn parameter(&self, wanted: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    }

    /// The part of the path after a beginning.
    pub fn rest_of_path(&self, beginning: &str) -> String {
        query_string::decode(self.path.strip_prefix(beginning).unwrap_or_default())
    }

    /// The same address in another language.
    pub fn in_language(&self, language: Language) -> String {
        let mut parameters: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        parameters.push(("lang", language.code()));
        link::to(&self.path, &parameters)
    }

    /// The same address in other colours.
    pub fn in_theme(&self, theme: Theme) -> String {
        let others = self
            .parameters
            .iter()
            .filter(|(name, _)| name != theme::NAME);
        let mut parameters: Parameters = others.cloned().collect();
        parameters.push((theme::NAME.to_owned(), theme.name().to_owned()));
        link::to(&self.path, &parameters)
    }
}

/// The parameters, in which a body and a revision have one name each however they were written: they can be named in more
/// ways than answers can be kept for.
fn named_once(parameters: Parameters, edition: &Edition, choice: &Choice) -> Parameters {
    let named = |name: &str, value: String| match (name, choice, edition) {
        ("body", Choice::Body(snapshot), _) => snapshot.body.siren.clone(),
        (REVISION, _, Edition::Current(shown) | Edition::Older { shown, .. }) => {
            shown.revision.id.to_string()
        }
        _ => value,
    };
    let parameters = parameters.into_iter();
    parameters
        .map(|(name, value)| {
            let value = named(&name, value);
            (name, value)
        })
        .collect()
}

/// A header as text; empty when it is not there or no text.
fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
