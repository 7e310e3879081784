//! What can be asked of the API. Addresses, rights, the reading of parameters and the document that
//! describes them all follow from the operations.

use std::pin::Pin;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;

use super::answer::Answer;
use super::ask::Ask;
use super::cursor;
use super::field::Record;
use super::problem::Trouble;

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
    pub handler: Handler,
}

/// What answers. Whoever asks waits for it.
pub type Handler = fn(Arc<Ask>) -> Pin<Box<dyn Future<Output = Result<Answer, Trouble>> + Send>>;

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
    /// One record.
    One {
        kind: fn() -> Record,
        /// Whether it is of the published revision.
        of_revision: bool,
    },
    /// Nothing but that it was accepted.
    Accepted,
}

/// A value that is asked with.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    pub name: &'static str,
    pub of: Values,
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
}

impl Parameter {
    pub const fn new(name: &'static str, of: Values, about: &'static str) -> Self {
        Self { name, of, about }
    }

    /// A public body.
    pub const BODY: Self = Self::new(
        "body",
        Values::Text(40),
        "The SIREN number of the public body; not needed where there is only one.",
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
        }
    }
}

impl Operation {
    /// The part of the address that varies, and what is before it.
    pub fn variable(&self) -> Option<(&'static str, &'static str)> {
        let (before, name) = self.path.split_once('{')?;
        Some((before, name.trim_end_matches('}')))
    }

    /// The parameters of the query.
    pub fn in_query(&self) -> impl Iterator<Item = &'static Parameter> {
        let in_path = self.variable().map(|(_, name)| name);
        let parameters = self.parameters.iter();
        parameters.filter(move |parameter| Some(parameter.name) != in_path)
    }

    /// The parameter that is part of the address.
    pub fn in_path(&self) -> Option<&'static Parameter> {
        let (_, name) = self.variable()?;
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    /// Refuses parameters that are not declared, are said twice or have a value that is not allowed:
    /// a figure for another question than the one that was meant is worse than none.
    pub fn check(&self, asked: &[(String, String)]) -> Result<(), Trouble> {
        for (position, (name, value)) in asked.iter().enumerate() {
            let Some(known) = self.in_query().find(|known| known.name == name) else {
                let names: Vec<&str> = self.in_query().map(|known| known.name).collect();
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
        Ok(())
    }
}

/// A parameter that cannot be as it is.
pub fn refused(detail: String) -> Trouble {
    Trouble::new(
        StatusCode::BAD_REQUEST,
        "bad-parameter",
        "This value is not allowed",
        detail,
    )
}

/// What was sent, as far as it is said again: not too long, and no token.
fn short(text: &str) -> String {
    crate::observe::harmless(text).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::OPERATIONS;

    #[test]
    fn only_what_is_declared_can_be_asked_with() {
        let lines = OPERATIONS
            .into_iter()
            .find(|operation| operation.path == "/api/v1/lines")
            .unwrap();
        let check = |query: &str| lines.check(&centime_render::link::parse(query));
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
            let trouble = check(bad).unwrap_err();
            assert_eq!(trouble.status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }

    #[test]
    fn what_varies_in_an_address_is_its_last_part_and_declared() {
        for operation in OPERATIONS {
            assert!(operation.path.starts_with("/api/v1/"), "{operation:?}");
            if let Some((before, name)) = operation.variable() {
                assert_eq!(format!("{before}{{{name}}}"), operation.path);
                assert!(operation.in_path().is_some(), "{operation:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_allowed_or_refused(query in centime_test_input::altered_text(&[
            "body=217500016&q=d%C3%A9penses&year=2024&side=revenue&counted=yes&limit=100&cursor=MTox",
            "from=2019&to=2024&basis=naive&lang=fr",
        ])) {
            let asked = centime_render::link::parse(&query);
            for operation in OPERATIONS {
                if operation.check(&asked).is_ok() {
                    let known: Vec<&str> = operation.in_query().map(|known| known.name).collect();
                    proptest::prop_assert!(asked.iter().all(|(name, _)| known.contains(&&**name)));
                }
            }
        }
    }
}
