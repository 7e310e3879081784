//! What an analysis says about itself, in each language.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// French, the language of the data.
    #[default]
    French,
    /// English.
    English,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// The code of the language: `fr` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text is not the code of a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or(UnknownLanguage)
    }
}

/// What an analysis says in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Its title.
    pub title: String,
    /// What it shows, in a sentence.
    pub summary: String,
    /// What its key figure is; `{year}`, `{category}`, `{count}` and `{total}` are filled in. Empty where it has none.
    #[serde(default)]
    pub headline: String,
    /// What the other key figure is, where the analysis has one.
    #[serde(default)]
    pub headline_otherwise: Option<String>,
    /// How its figures are computed. Analyses of the program all say so.
    #[serde(default)]
    pub formula: String,
    /// What a plain script computes instead, and why that is wrong; empty where the analysis has no such rows.
    #[serde(default)]
    pub naive: String,
    /// What to know before quoting a figure of any public body.
    #[serde(default)]
    caveats: Vec<String>,
    /// What to know besides of the figures of one public body, by its SIREN number.
    #[serde(default)]
    bodies: BTreeMap<String, Vec<String>>,
}

impl Text {
    /// What to know before quoting a figure of a public body.
    pub fn caveats(&self, siren: &str) -> impl Iterator<Item = &str> {
        let own = self.bodies.get(siren).into_iter().flatten();
        self.caveats.iter().chain(own).map(String::as_str)
    }
}

/// What an analysis says, in all languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub(crate) fr: Text,
    pub(crate) en: Text,
}

/// Where the texts of an analysis come from.
#[derive(Debug)]
pub struct Words(Held);

#[derive(Debug)]
enum Held {
    /// A file that is part of the program, read when it is first asked for.
    Program(LazyLock<Texts>),
    /// A file of the operator, read when the program started.
    Own(Texts),
}

impl Words {
    /// Those of a file that is part of the program.
    pub const fn of_program(read: fn() -> Texts) -> Self {
        Self(Held::Program(LazyLock::new(read)))
    }

    /// Those of a file of the operator.
    pub(crate) const fn own(texts: Texts) -> Self {
        Self(Held::Own(texts))
    }

    /// The texts.
    pub fn texts(&self) -> &Texts {
        match &self.0 {
            Held::Program(texts) => texts,
            Held::Own(texts) => texts,
        }
    }
}

impl Texts {
    /// Reads a text file. The files are part of the program and read by the tests, so an
    /// unreadable one is a bug.
    pub(crate) fn load(source: &str) -> Self {
        toml::from_str(source).unwrap_or_else(|error| panic!("unreadable text file: {error}"))
    }

    /// The text in one language.
    pub const fn of(&self, language: Language) -> &Text {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}
