//! What can be asked of the API. Addresses, rights, the reading of parameters and the document that
//! describes them all follow from the operations.

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::{Basis, Language};
use centime_render::dashboard::REVISION;

use super::cursor;
use super::field::Record;
use super::problem::refused;
use crate::access::Work;
use crate::http::problem_details::ProblemDetails;
use crate::http::redact::redact;

/// One thing that can be asked for.
#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    /// The address; at most its last part varies, as `{…}`.
    pub path: &'static str,
    /// Who may ask.
    pub right: Right,
    /// The name that programs made from the document use.
    pub name: &'static str,
    pub summary: &'static str,
    /// What else is to be known.
    pub about: &'static str,
    pub parameters: &'static [Parameter],
    pub content: Content,
    /// What it may refuse besides what every operation may.
    pub refusals: &'static [StatusCode],
}

/// What an operation answers with.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Records of one of these kinds, as an array or a table.
    Many {
        kinds: fn() -> Vec<Record>,
        /// Whether they are of the published revision.
        of_revision: bool,
        /// Whether there may be more of them on a next page.
        paged: bool,
    },
    /// The rows of an analysis, of whichever there are.
    Analyses,
    /// One record.
    One {
        kind: fn() -> Record,
        /// Whether it is of the published revision.
        of_revision: bool,
    },
    /// A file to print.
    Document,
    /// What was made, which is returned this once.
    Made { kind: fn() -> Record },
    /// Nothing but that it was accepted.
    Accepted,
    /// Nothing but that it was done.
    Done,
}

/// A value that is asked with.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub of: Values,
    /// Whether nothing can be asked without it.
    pub required: bool,
    pub about: &'static str,
}

/// The values that a parameter may have.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text with at most so many characters.
    Text(usize),
    /// A text of several lines with at most so many characters.
    Lines(usize),
    /// The name of an analysis.
    Analysis,
}

impl Parameter {
    pub const fn new(name: &'static str, of: Values, about: &'static str) -> Self {
        Self {
            name,
            of,
            required: false,
            about,
        }
    }

    /// The same, without which nothing can be asked.
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// A public body.
    pub const BODY: Self = Self::new(
        "body",
        Values::Text(40),
        "The public body: its SIREN number, the SIRET number of a budget, or its name; not needed where there is only one.",
    );

    /// A public body, or all of them.
    pub const BODIES: Self = Self::new(
        "body",
        Values::Text(40),
        "The public body: its SIREN number, the SIRET number of a budget, or its name; `*` for all of them, one after the other; not needed where there is only one.",
    );

    /// A revision.
    pub const REVISION: Self = Self::new(
        REVISION,
        Values::Integer(1, i64::MAX),
        "The number of the revision; the published one when it is not said. One that is no longer kept is answered with 410.",
    );

    /// The first of the years.
    pub const FROM: Self = Self::new("from", YEARS, "The first fiscal year.");

    /// The last of them.
    pub const TO: Self = Self::new("to", YEARS, "The last fiscal year.");

    /// How rows are added.
    pub const BASIS: Self = Self::new(
        "basis",
        Values::Word(&[Basis::Leaf.name(), Basis::Naive.name()]),
        "leaf adds each euro once, with its sign; naive adds what a plain script does. leaf when it is not said.",
    );

    /// The language of texts.
    pub const LANGUAGE: Self = Self::new(
        "lang",
        Values::Word(&[Language::English.code(), Language::French.code()]),
        "The language of the texts; English when it is not said.",
    );

    /// The place where the page before ended.
    pub const CURSOR: Self = Self::new(
        "cursor",
        Values::Text(cursor::LONGEST),
        "Where the page before ended; taken from its Link header.",
    );

    /// How many records a page has at most.
    pub const LIMIT: Self = Self::new(
        "limit",
        Values::Integer(1, MOST),
        "How many records a page has at most; 100 when it is not said.",
    );
}

/// The form of records.
pub const FORMAT: Parameter = Parameter::new(
    "format",
    Values::Word(&["json", "csv", "parquet"]),
    "The form of the answer, whatever is accepted; an address that ends with .json, .csv or .parquet gives all records as a file.",
);

/// Fiscal years.
pub const YEARS: Values = Values::Integer(1, 9999);

/// How many records a page has at most.
pub const MOST: i64 = 1000;

/// How many records a page has when it is not said.
pub const USUAL: i64 = 100;

impl Values {
    /// Whether a text is one of the values.
    fn allow(self, text: &str) -> bool {
        match self {
            Self::Integer(first, last) => {
                let plain = text.bytes().all(|letter| letter.is_ascii_digit());
                plain
                    && text
                        .parse()
                        .is_ok_and(|number| (first..=last).contains(&number))
            }
            Self::Word(words) => words.contains(&text),
            Self::Text(longest) => {
                text.chars().count() <= longest && !text.chars().any(char::is_control)
            }
            Self::Lines(longest) => {
                let control =
                    |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
                text.chars().count() <= longest && !text.chars().any(control)
            }
            // Which there are is seen when it is looked for.
            Self::Analysis => true,
        }
    }

    /// What is allowed, in words.
    fn allowed(self) -> String {
        match self {
            Self::Integer(first, last) => format!("a whole number from {first} to {last}"),
            Self::Word(words) => words.join(", "),
            Self::Text(longest) => {
                format!("a text of at most {longest} characters, without control characters")
            }
            Self::Lines(longest) => format!("a text of at most {longest} characters"),
            Self::Analysis => "one that /api/v1/analyses lists".to_owned(),
        }
    }
}

impl Content {
    /// Whether it is a list of records, which can be had in several forms.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Many { .. } | Self::Analyses)
    }
}

impl Operation {
    /// The part of the address that varies, and what is before it.
    pub fn variable(&self) -> Option<(&'static str, &'static str)> {
        let (before, name) = self.path.split_once('{')?;
        Some((before, name.trim_end_matches('}')))
    }

    /// The parameters that are not part of the address.
    fn others(&self) -> impl Iterator<Item = &'static Parameter> {
        let in_path = self.variable().map(|(_, name)| name);
        let many = self.content.is_list();
        let parameters = self.parameters.iter().chain(many.then_some(&FORMAT));
        parameters.filter(move |parameter| Some(parameter.name) != in_path)
    }

    /// Whether a parameter says which page is wanted, or in which form: a file is whole and ends with its form.
    pub fn is_of_pages(&self, parameter: &Parameter) -> bool {
        let paged = matches!(self.content, Content::Many { paged: true, .. });
        parameter.name == FORMAT.name || paged && ["limit", "cursor"].contains(&parameter.name)
    }

    /// The parameters of the query.
    pub fn in_query(&self) -> impl Iterator<Item = &'static Parameter> {
        let changes = self.method != Method::GET;
        self.others().filter(move |_| !changes)
    }

    /// The members of the object that is sent with a change, so that nothing of it is in an address.
    pub fn in_body(&self) -> impl Iterator<Item = &'static Parameter> {
        let changes = self.method != Method::GET;
        self.others().filter(move |_| changes)
    }

    /// How much work it is.
    pub fn work(&self) -> Work {
        match self.content {
            Content::Document => Work::File,
            _ if self.right == Right::AskSql => Work::File,
            _ if self.method == Method::GET => Work::Page,
            _ => Work::Light,
        }
    }

    /// The parameter that is part of the address.
    pub fn in_path(&self) -> Option<&'static Parameter> {
        let (_, name) = self.variable()?;
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }
}

/// Refuses parameters that are not declared, are said twice, have a value that is not allowed or are not
/// said where they have to be: a figure for another question than the one that was meant is worse than none.
pub fn check(
    declared: impl Iterator<Item = &'static Parameter>,
    asked: &[(String, String)],
) -> Result<(), ProblemDetails> {
    let declared: Vec<&Parameter> = declared.collect();
    for (position, (name, value)) in asked.iter().enumerate() {
        let Some(known) = declared.iter().find(|known| known.name == name) else {
            let names: Vec<&str> = declared.iter().map(|known| known.name).collect();
            let names = if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            };
            return Err(refused(format!(
                "«{}» is no parameter of this address. Allowed: {names}.",
                short(name)
            )));
        };
        if asked[..position].iter().any(|(other, _)| other == name) {
            return Err(refused(format!("«{name}» is said twice. Say it once.")));
        }
        if !known.of.allow(value) {
            return Err(refused(format!(
                "«{name}» cannot be «{}». Allowed: {}.",
                short(value),
                known.of.allowed()
            )));
        }
    }
    let said = |known: &Parameter| asked.iter().any(|(name, _)| known.name == name);
    match declared.iter().find(|known| known.required && !said(known)) {
        Some(known) => Err(refused(format!(
            "«{}» has to be said. Allowed: {}.",
            known.name,
            known.of.allowed()
        ))),
        None => Ok(()),
    }
}

/// What was sent, as far as it is said again: not too long, and no token.
fn short(text: &str) -> String {
    redact(text).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use centime_render::link;
    use centime_test_input::altered_text;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::strategy::Union;

    use super::*;
    use crate::api::operations;
    use crate::http::query_string;

    #[test]
    fn only_what_is_declared_can_be_asked_with() {
        let lines = operations()
            .find(|operation| operation.path == "/api/v1/lines")
            .unwrap();
        let check = |query: &str| super::check(lines.in_query(), &query_string::parse(query));
        for good in [
            "",
            "year=2024&side=revenue",
            "q=d%C3%A9penses",
            "limit=1000",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "yaer=2024",
            "year=2024&year=2023",
            "year=",
            "year=%2B2024",
            "year=-1",
            "year=20240",
            "year=99999999999999999999999",
            "side=both",
            "limit=0",
            "limit=1001",
            "q=%00",
            &format!("q={}", "a".repeat(201)),
        ] {
            let problem = check(bad).unwrap_err();
            assert_eq!(problem.status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }

    #[test]
    fn what_varies_in_an_address_is_its_last_part_and_declared() {
        for operation in operations() {
            assert!(operation.path.starts_with("/api/v1/"), "{operation:?}");
            if let Some((before, name)) = operation.variable() {
                assert_eq!(format!("{before}{{{name}}}"), operation.path);
                assert!(operation.in_path().is_some(), "{operation:?}");
            }
        }
    }

    /// A value that a parameter may have, or nearly.
    fn value(of: Values) -> BoxedStrategy<String> {
        let right = match of {
            Values::Integer(first, last) => (first.saturating_sub(1)..=last)
                .prop_map(|number| number.to_string())
                .boxed(),
            Values::Word(words) => select(words).prop_map(str::to_owned).boxed(),
            Values::Text(longest) | Values::Lines(longest) => {
                vec(any::<char>(), 0..longest.min(90) + 2)
                    .prop_map(String::from_iter)
                    .boxed()
            }
            Values::Analysis => Just("yearly-result".to_owned()).boxed(),
        };
        let wrong = altered_text(&["2024", "expense", "", "MToyMDI0OjE0", "d’épenses"]);
        prop_oneof![4 => right, 1 => wrong].boxed()
    }

    /// What an operation may be asked with, or nearly; all follows from the list.
    fn asked() -> impl Strategy<Value = (&'static Operation, Vec<(String, String)>)> {
        select(operations().collect::<Vec<_>>()).prop_flat_map(|operation| {
            let declared = operation.in_path().into_iter().chain(operation.others());
            let declared =
                declared.map(|known| (Just(known.name.to_owned()), value(known.of)).boxed());
            let unknown = (altered_text(&["year", "lang"]), value(Values::Text(10))).boxed();
            let one = Union::new(declared.chain([unknown]));
            (Just(operation), vec(one, 0..5))
        })
    }

    proptest! {
        #[test]
        fn any_parameters_are_allowed_or_refused((operation, asked) in asked()) {
            // As a client writes them, and as they are read.
            let address = link::to(operation.path, &asked);
            let query = address.split_once('?').map_or("", |(_, query)| query);
            let read = query_string::parse(query);
            prop_assert_eq!(&read, &asked);
            let declared: Vec<&Parameter> = operation.others().collect();
            match check(operation.others(), &read) {
                Ok(()) => for (position, (name, value)) in read.iter().enumerate() {
                    let known = declared.iter().find(|known| known.name == name);
                    prop_assert!(known.is_some_and(|known| known.of.allow(value)));
                    prop_assert!(read[..position].iter().all(|(other, _)| other != name));
                },
                Err(problem) => {
                    prop_assert_eq!(problem.status, StatusCode::BAD_REQUEST);
                    prop_assert!(problem.detail.chars().count() < 1000);
                }
            }
        }

        #[test]
        fn any_query_is_allowed_or_refused(query in altered_text(&[
            "body=217500016&q=d%C3%A9penses&year=2024&side=revenue&counted=yes&limit=100&cursor=MTox",
            "from=2019&to=2024&basis=naive&lang=fr",
        ])) {
            let asked = query_string::parse(&query);
            for operation in operations() {
                if check(operation.in_query(), &asked).is_ok() {
                    let known: Vec<&str> = operation.in_query().map(|known| known.name).collect();
                    prop_assert!(asked.iter().all(|(name, _)| known.contains(&&**name)));
                }
            }
        }
    }
}
