//! Which parameters an address may be asked with.
//!
//! A parameter that changes nothing is reported, because a figure for another question than the one that was
//! meant is worse than none: a page says so beside what it shows, a file is refused. What those who send
//! links add to follow their readers is no question, and is dropped without a word.

use centime_render::dashboard::{PARAMETERS as OF_A_VIEW, REVISION};
use centime_render::link::Parameters;

use super::paths;
use crate::http::{query_string, theme};

/// How many unknown parameters are named.
const NAMED: usize = 5;

/// How much of the name of an unknown parameter is said again, in characters.
const LONGEST_NAME: usize = 40;

/// What the list of lines may be restricted by.
const OF_LINES: [&str; 11] = [
    "q",
    "year",
    "side",
    "activity",
    "category",
    "label",
    "role",
    "harmonised",
    "successor",
    "counted",
    "unknown",
];

/// What a mark of the dashboard says of the lines behind it.
const OF_RECORDS: [&str; 4] = ["line", "block", "successor", "lines"];

/// What those who send links add to follow their readers: the beginnings of names.
const TRACKING_BEGINNINGS: [&str; 7] = ["utm_", "mtm_", "pk_", "mc_", "at_", "hsa_", "_hs"];

/// The same: whole names.
const TRACKING: [&str; 15] = [
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "gad_source",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "li_fat_id",
    "xtor",
    "_gl",
];

/// What an address may be asked with.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The address, as it is declared.
    path: &'static str,
    /// Whether it shows a public body of a revision, which both can be named.
    of_body: bool,
    /// Its other parameters.
    lists: &'static [&'static [&'static str]],
}

const fn of_body(path: &'static str, lists: &'static [&'static [&'static str]]) -> Known {
    Known {
        path,
        of_body: true,
        lists,
    }
}

const fn of_site(path: &'static str, lists: &'static [&'static [&'static str]]) -> Known {
    Known {
        path,
        of_body: false,
        lists,
    }
}

/// Every page, frame and file. The operations of the API declare theirs themselves.
const KNOWN: &[Known] = &[
    of_body(
        "/",
        &[&["q", "page", "sort", "dir", "departement", "kind", "year"]],
    ),
    of_body(paths::SEARCH, &[&["q"]]),
    of_body(paths::YEARS, &[]),
    of_body(paths::GLOSSARY, &[]),
    of_site(paths::FEED, &[]),
    of_site(paths::SITEMAP, &[&["page"]]),
    of_body("/years/{year}", &[&["since"]]),
    of_body(paths::STATEMENT, &[&["unit", "by"]]),
    of_body("/statement.{extension}", &[&["by"]]),
    of_body("/statement/{line}", &[&["year"]]),
    of_body(paths::INDICATORS, &[]),
    of_body("/indicators.{extension}", &[]),
    of_body(paths::AGGREGATES, &[]),
    of_body("/aggregates.{extension}", &[]),
    of_body(paths::ACCOUNTS, &[&["year", "account", "indicator"]]),
    of_body("/accounts.{extension}", &[&["year"]]),
    of_body("/dashboard", &[&OF_A_VIEW, &OF_RECORDS]),
    of_body("/dashboard/{file}", &[&OF_A_VIEW]),
    of_body("/embed/dashboard/{name}", &[&OF_A_VIEW]),
    of_body("/cards/dashboard/{name}", &[&OF_A_VIEW]),
    of_body("/cards/analyses/{name}", &[&["basis"]]),
    of_body("/analyses", &[]),
    of_body("/analyses/{name}", &[&["basis"]]),
    of_body("/lines", &[&OF_LINES, &["sort", "dir", "page"]]),
    of_body("/lines.{extension}", &[&OF_LINES, &["sort", "dir"]]),
    of_body("/lines/{record}", &[]),
    of_body("/quality", &[]),
    of_body(paths::REPORT, &[&OF_A_VIEW]),
    of_body(paths::REPORT_PDF, &[&OF_A_VIEW]),
    of_body(paths::TOOLS, &[]),
    of_body("/api/v1", &[]),
    of_site("/api/v1/openapi.json", &[]),
    of_site("/metabase", &[&["body"]]),
    of_site("/sql", &[&["q"]]),
    of_site("/sql.{extension}", &[&["q"]]),
    of_site("/login", &[&["next", "opened"]]),
    of_site("/admin", &[&["done"]]),
];

/// The parameters of a request, as far as its address knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Those that say something, in the form that is the same for all ways to write them.
    pub known: Parameters,
    /// The names of those that the address does not know, or that are said twice: the first of them.
    pub unknown: Vec<String>,
    /// What the address may be asked with instead.
    pub allowed: Vec<&'static str>,
}

/// Reads a query. `path` is the address as it is declared; without one, or where the address reads its
/// parameters itself, all of them are taken as known.
pub fn read(path: Option<&str>, query: &str) -> Asked {
    let mut parameters = query_string::parse(query);
    parameters.retain(|(name, _)| !is_tracking(name));
    let declared = path.and_then(|path| KNOWN.iter().find(|known| known.path == path));
    let Some(declared) = declared else {
        return Asked {
            known: canonical(parameters),
            ..Asked::default()
        };
    };
    let allowed = declared.allowed();
    let is_known = |name: &str| {
        name == "lang" || name == theme::NAME && declared.has_theme() || allowed.contains(&name)
    };
    let mut unknown: Vec<String> = Vec::new();
    for (position, (name, value)) in parameters.iter().enumerate() {
        let mut before = parameters[..position].iter();
        let another = before.any(|(other, said)| other == name && said != value);
        let told = another || !(is_known(name) || name.is_empty() && value.is_empty());
        let name: String = crate::http::redact::redact(name)
            .chars()
            .take(LONGEST_NAME)
            .collect();
        if told && unknown.len() < NAMED && !unknown.contains(&name) {
            unknown.push(name);
        }
    }
    // In which colours a page is wanted is known otherwise, as its language is.
    parameters.retain(|(name, _)| is_known(name) && name != theme::NAME);
    Asked {
        known: canonical(parameters),
        unknown,
        allowed,
    }
}

impl Known {
    fn allowed(&self) -> Vec<&'static str> {
        let body: &[&str] = if self.of_body {
            &["body", REVISION]
        } else {
            &[]
        };
        let others = self.lists.iter().copied().flatten();
        others.chain(body).copied().collect()
    }

    /// Whether it is a page, which the reader can have in other colours. Files have those of paper.
    fn has_theme(&self) -> bool {
        let file = ["{extension}", "{file}", ".pdf", ".json"];
        !self.path.starts_with("/cards/") && !file.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// Whether a parameter follows readers and asks for nothing.
fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
}

/// The parameters in the form that is the same for all ways to write them: by name, without those that
/// say nothing, and without the language, which is known otherwise. Of two of a name the first counts.
fn canonical(parameters: Parameters) -> Parameters {
    let says = |(name, value): &(String, String)| !value.is_empty() && name != "lang";
    let mut parameters: Parameters = parameters.into_iter().filter(says).collect();
    parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
    parameters.dedup_by(|(later, _), (first, _)| later == first);
    parameters
}

/// Whether an address asks with words of the reader: they have no limit, so the answer is not cached.
pub fn asks_freely(path: &str, parameters: &Parameters) -> bool {
    path == paths::SEARCH || path == "/" && parameters.iter().any(|(name, _)| name == "q")
}

/// The names of those that choose among what a page shows, and in which order: each multiplies the addresses
/// of the same page.
pub fn choices() -> impl Iterator<Item = &'static str> {
    let others = [
        "line",
        "block",
        "lines",
        "sort",
        "dir",
        "departement",
        "kind",
        "account",
        "indicator",
        theme::NAME,
    ];
    let of_lines = OF_LINES
        .into_iter()
        .filter(|name| !OF_A_VIEW.contains(name));
    OF_A_VIEW.into_iter().chain(of_lines).chain(others)
}

/// Whether every address that can be read says what it may be asked with.
#[cfg(test)]
pub fn has(path: &str) -> bool {
    KNOWN.iter().any(|known| known.path == path)
}

#[cfg(test)]
mod tests {
    use centime_render::link;

    use super::*;

    #[test]
    fn an_address_has_one_form() {
        let of = |query| link::to("/", &read(Some("/dashboard"), query).known);
        assert_eq!(of("from=2016&to=2020"), "/?from=2016&to=2020");
        assert_eq!(
            of("to=2020&side=&lang=en&from=2016&to=9&x"),
            of("from=2016&to=2020")
        );
        assert_eq!(of("theme=dark&from=2016&to=2020"), of("from=2016&to=2020"));
        assert_ne!(of("from=2016&to=2021"), of("from=2016&to=2020"));
        assert_eq!(of("lang=fr&&="), "/");
        // What follows readers and what is not known is no part of it.
        assert_eq!(
            of("utm_source=x&from=2016&yaer=2017&fbclid=1&to=2020&UTM_Medium=y"),
            of("from=2016&to=2020")
        );
    }

    #[test]
    fn what_changes_nothing_is_named() {
        let unknown = |path, query| read(Some(path), query).unknown;
        assert_eq!(unknown("/lines", "yaer=2024&year=2024"), ["yaer"]);
        assert_eq!(
            unknown("/dashboard/{file}", "z=1&z=2&line=x"),
            ["z", "line"]
        );
        // A file has no other colours than those of paper.
        assert_eq!(unknown("/dashboard/{file}", "theme=dark"), ["theme"]);
        assert_eq!(unknown("/lines.{extension}", "theme=dark"), ["theme"]);
        // The first of two counts, so the second is one that changes nothing.
        assert_eq!(unknown("/lines", "year=2024&year=2023"), ["year"]);
        for harmless in [
            "",
            "&&=",
            "lang=fr",
            "year=2024&year=2024",
            "revision=1&body=217500016",
            "utm_campaign=lettre&gclid=1&xtor=AD-1",
            "theme=dark",
        ] {
            assert!(unknown("/lines", harmless).is_empty(), "{harmless}");
        }
        let many: Vec<String> = (0..50).map(|n| format!("p{n}={n}")).collect();
        let many = many.join("&");
        assert_eq!(unknown("/", &many).len(), NAMED);
        let long = format!("{}=1", "a".repeat(5000));
        assert_eq!(unknown("/", &long), ["a".repeat(LONGEST_NAME)]);
        // The operations of the API say themselves what they know.
        let api = read(Some("/api/v1/lines"), "yaer=1");
        assert!(api.unknown.is_empty() && api.known.len() == 1);
    }

    #[test]
    fn answers_to_free_text_are_not_cached() {
        let free = |path, query| asks_freely(path, &read(Some(path), query).known);
        assert!(free("/search", "q=dette") && free("/search", ""));
        assert!(free("/", "q=paris&page=2"));
        // What can be counted can be kept.
        assert!(!free("/", "sort=result&dir=asc&page=2"));
        assert!(!free("/years/{year}", "since=2019"));
        assert!(!free("/dashboard", "q=dette"));
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_split(query in centime_test_input::altered_text(&[
            "from=2019&to=2024&z=1&utm_source=x&lang=fr",
            "revision=1&body=217500016&&=&q=a+b&q=c",
        ])) {
            for known in KNOWN {
                let asked = read(Some(known.path), &query);
                let allowed = known.allowed();
                for (name, value) in &asked.known {
                    proptest::prop_assert!(allowed.contains(&name.as_str()) && !value.is_empty());
                }
                // What is known stays as it is when it is written again.
                let address = link::to("/", &asked.known);
                let (_, again) = address.split_once('?').unwrap_or_default();
                let again = read(Some(known.path), again);
                proptest::prop_assert!(again.unknown.is_empty());
                proptest::prop_assert_eq!(again.known, asked.known);
            }
        }
    }
}
