//! Which addresses are taken, and the file of each.

use axum::http::Method;
use centime_access::{Mode, Verdict};
use centime_analytics::Language;
use centime_render::dashboard::REVISION;
use centime_render::link::{self, Parameters};

use crate::access::Declared;
use crate::http::query_string;

/// The parameters that lead to another page of the copy; all others choose a view, which only a program
/// can make.
const KEPT: [&str; 4] = ["body", "basis", "page", REVISION];

/// What a copy has no use for: no login, no API, and frames of other sites are
/// signed for each reader. Lines as one file are what is asked for: a copy has their pages.
const LEFT_OUT: [&str; 7] = [
    "/login",
    "/api",
    "/metabase",
    "/tools",
    "/healthz",
    "/readyz",
    "/lines.",
];

/// An address of the site, in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub language: Language,
    path: String,
    parameters: Parameters,
}

/// What becomes of a link.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It leads away from the site, or to another part of the same page.
    Elsewhere,
    /// The copy does not have what it leads to.
    No,
    /// It leads to this place, and there to this part.
    Yes { place: Place, fragment: String },
}

impl Place {
    /// The home page.
    pub fn home(language: Language, body: Option<&str>) -> Self {
        Self::of("/", language, body)
    }

    /// The page at a path.
    pub fn of(path: &str, language: Language, body: Option<&str>) -> Self {
        Self {
            language,
            path: path.to_owned(),
            parameters: body
                .map(|siren| ("body".to_owned(), siren.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    /// Its public body, where it names one.
    pub fn body(&self) -> Option<&str> {
        let found = self.parameters.iter().find(|(name, _)| name == "body");
        found.map(|(_, siren)| siren.as_str())
    }

    /// Its address on the site.
    pub fn address(&self) -> String {
        link::to(&self.path, &self.parameters)
    }

    /// The address on the site of what a file of this place names: one without a slash is beside it.
    pub fn beside(&self, address: &str) -> String {
        if address.starts_with('/') || address.starts_with('#') || address.contains(':') {
            return address.to_owned();
        }
        let folder = self.path.rfind('/').map_or("", |end| &self.path[..end]);
        format!("{folder}/{address}")
    }

    fn is_asset(&self) -> bool {
        self.path.starts_with("/assets/")
    }

    /// Its file, from the folder of the copy.
    pub fn file(&self) -> String {
        let path = plain(self.path.trim_start_matches('/'));
        if self.is_asset() {
            return path;
        }
        let name = if path.is_empty() { "index" } else { &path };
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                (stem, ending)
            }
            _ => (name, "html"),
        };
        let mut chosen = String::new();
        for (name, value) in &self.parameters {
            for part in [plain(name), plain(value).replace('/', "-")] {
                chosen.push('-');
                chosen.push_str(&part);
            }
        }
        format!("{}/{stem}{chosen}.{ending}", self.language)
    }

    /// The way from its file to that of another place.
    pub fn link_to(&self, other: &Self) -> String {
        let (from, to) = (self.file(), other.file());
        let up = from.matches('/').count();
        format!("{}{to}", "../".repeat(up))
    }
}

/// A part of an address as a name of files on any system.
fn plain(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    let mut plain = String::with_capacity(text.len());
    for part in text.split('/') {
        if !plain.is_empty() {
            plain.push('/');
        }
        let part: String = part
            .chars()
            .map(|letter| if fits(letter) { letter } else { '-' })
            .collect();
        // No name leads upwards or hides.
        plain.push_str(part.trim_start_matches('.'));
    }
    plain
}

/// What becomes of a link in the file of a place.
pub fn taken(address: &str, from: &Place, declared: &[Declared], body: Option<&str>) -> Taken {
    if !address.starts_with('/') || address.starts_with("//") {
        return Taken::Elsewhere;
    }
    let (address, fragment) = match address.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (address, String::new()),
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut place = Place::of(path, from.language, None);
    if place.is_asset() {
        // Its version is in its contents.
        return Taken::Yes { place, fragment };
    }
    for (name, value) in query_string::parse(query) {
        if name == "lang" {
            match value.parse() {
                Ok(language) => place.language = language,
                Err(_) => return Taken::No,
            }
        } else if name == "year" && (path.starts_with("/statement/") || path == "/accounts") {
            // The page of a line has the records of all its years in a copy, and that of accounts the accounts, each
            // under a name of its own.
        } else if KEPT.contains(&name.as_str()) {
            place.parameters.push((name, value));
        } else {
            return Taken::No;
        }
    }
    let left_out = LEFT_OUT.iter().any(|out| path.starts_with(out));
    let of_another_body = body.is_some() && place.body() != body;
    let changes_page = place.parameters.iter().any(|(name, _)| name == "basis");
    // The naive figures have a page for each analysis; another basis of the dashboard is a view.
    let a_view = changes_page && !path.starts_with("/analyses/");
    // Only the page of a line names its revision, in which alone its number is that of this line. Its file
    // does so too, so that a link to it never leads to another line of a later copy.
    let names_revision = place.parameters.iter().any(|(name, _)| name == REVISION);
    let another_revision = names_revision && !path.starts_with("/lines/");
    if left_out || of_another_body || a_view || another_revision || !is_open(path, declared) {
        return Taken::No;
    }
    Taken::Yes { place, fragment }
}

/// Whether a public site lets everyone read what is at a path.
fn is_open(path: &str, declared: &[Declared]) -> bool {
    declared.iter().any(|known| {
        known.method == Method::GET
            && known.is_at(path)
            && Mode::Public.decide(known.rule, None) == Verdict::Allowed
    })
}

#[cfg(test)]
mod tests {
    use centime_access::{Right, Rule};

    use super::*;
    use crate::access::Reuse;

    fn place(address: &str) -> Option<String> {
        let get = |path, rule| Declared {
            method: Method::GET,
            path,
            rule: Rule::Needs(rule),
            reuse: Reuse::Never,
        };
        let declared = [
            get("/", Right::Read),
            get("/lines", Right::Read),
            get("/lines/{record}", Right::Read),
            get("/analyses/{name}", Right::Read),
            get("/statement/{line}", Right::Read),
            get("/dashboard", Right::Read),
            get("/dashboard/{file}", Right::Read),
            get("/admin", Right::ManageTokens),
        ];
        let home = Place::home(Language::French, None);
        match taken(address, &home, &declared, None) {
            Taken::Yes { place, fragment } => Some(format!("{}{fragment}", home.link_to(&place))),
            Taken::No => None,
            Taken::Elsewhere => Some(address.to_owned()),
        }
    }

    #[test]
    fn each_address_has_a_file_and_the_way_to_it_is_relative() {
        for (address, expected) in [
            ("/", Some("../fr/index.html")),
            ("/?lang=en", Some("../en/index.html")),
            ("/lines?page=2#top", Some("../fr/lines-page-2.html#top")),
            ("/lines/12", Some("../fr/lines/12.html")),
            (
                "/lines/12?revision=3#source",
                Some("../fr/lines/12-revision-3.html#source"),
            ),
            ("/lines?revision=3", None),
            (
                "/statement/m57-sales?year=2024#records-2024",
                Some("../fr/statement/m57-sales.html#records-2024"),
            ),
            ("/dashboard/result.csv", Some("../fr/dashboard/result.csv")),
            ("/assets/site.css?v=1", Some("../assets/site.css")),
            (
                "/analyses/x?basis=naive",
                Some("../fr/analyses/x-basis-naive.html"),
            ),
            ("https://example.fr/", Some("https://example.fr/")),
            ("#h", Some("#h")),
            ("/dashboard?basis=naive", None),
            ("/lines?year=2020", None),
            ("/login", None),
            ("/admin", None),
            ("/nowhere", None),
            ("/lines/..%2f..%2fx", Some("../fr/lines/..-2f..-2fx.html")),
        ] {
            let expected = expected.map(|expected| expected.replace("/..-2f", "/-2f"));
            assert_eq!(place(address), expected, "{address}");
        }
    }
}
