//! What there is to be in Metabase, read from the files in `definitions/`.
//!
//! A question is a file: its names, how it is drawn, and its SQL. `{shown}`, `{years}`, `{line}` and
//! `{named}` stand for the parts of `definitions/shared/`, and `{words.status}` for the words that the
//! site has for such codes, as rows. `{{…}}` and `[[…]]` are Metabase's own. Models are made from the
//! analyses, so that a new analysis has one by itself.

use std::collections::BTreeMap;
use std::fmt::Write;

use centime_analytics::{Analysis, Catalogue, Kind, Language, Model};
use centime_render::Locale;
use serde::Deserialize;

/// The questions, in the order in which they are made: the filters of the dashboard name the first two.
const QUESTIONS: [(&str, &str); 17] = [
    (
        "bodies",
        include_str!("../definitions/questions/bodies.toml"),
    ),
    (
        "category-names",
        include_str!("../definitions/questions/category-names.toml"),
    ),
    ("shown", include_str!("../definitions/questions/shown.toml")),
    (
        "result-of-year",
        include_str!("../definitions/questions/result-of-year.toml"),
    ),
    (
        "result",
        include_str!("../definitions/questions/result.toml"),
    ),
    ("steps", include_str!("../definitions/questions/steps.toml")),
    (
        "categories",
        include_str!("../definitions/questions/categories.toml"),
    ),
    (
        "changes",
        include_str!("../definitions/questions/changes.toml"),
    ),
    ("flow", include_str!("../definitions/questions/flow.toml")),
    (
        "operating",
        include_str!("../definitions/questions/operating.toml"),
    ),
    (
        "exceptional",
        include_str!("../definitions/questions/exceptional.toml"),
    ),
    (
        "financial",
        include_str!("../definitions/questions/financial.toml"),
    ),
    (
        "reconciliation",
        include_str!("../definitions/questions/reconciliation.toml"),
    ),
    (
        "completeness",
        include_str!("../definitions/questions/completeness.toml"),
    ),
    (
        "presence",
        include_str!("../definitions/questions/presence.toml"),
    ),
    ("lines", include_str!("../definitions/questions/lines.toml")),
    (
        "expense-by-harmonised-category",
        include_str!("../definitions/questions/expense-by-harmonised-category.toml"),
    ),
];

/// The parts that questions share.
const SHARED: [(&str, &str); 4] = [
    ("{shown}", include_str!("../definitions/shared/shown.sql")),
    ("{years}", include_str!("../definitions/shared/years.sql")),
    ("{line}", include_str!("../definitions/shared/line.sql")),
    ("{named}", include_str!("../definitions/shared/named.sql")),
];

const DASHBOARD: &str = include_str!("../definitions/dashboard.toml");

/// Everything there is to be, in one language.
#[derive(Clone, Debug)]
pub struct Definitions {
    /// The language of names and words.
    pub language: Language,
    /// The name of the database in Metabase.
    pub database: Named,
    /// The collection that holds everything.
    pub collection: Named,
    /// Models and questions, in the order in which they are made.
    pub cards: Vec<Card>,
    /// The dashboard.
    pub dashboard: Dashboard,
    /// The tables that are needed, with their columns.
    pub tables: Vec<Table>,
}

/// What an object is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
}

/// A question or a model.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its name in the files; that of the analysis for a model.
    pub key: String,
    /// What it is.
    pub kind: CardKind,
    /// What it is called.
    pub named: Named,
    /// Metabase's name of how it is drawn.
    pub display: String,
    /// Its SQL, with Metabase's own variables.
    pub sql: String,
    /// What its columns are, with their titles.
    pub columns: Vec<(String, ColumnKind, String)>,
    /// Metabase's own settings of how it is drawn.
    pub visualization: serde_json::Map<String, serde_json::Value>,
}

/// Whether a card is a question or a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKind {
    /// Rows that other questions can be asked of.
    Model,
    /// A question.
    Question,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// An amount in euros.
    Amount,
    /// A share of one.
    Rate,
    /// A fiscal year.
    Year,
    /// A whole number.
    Number,
    /// A text.
    Text,
}

/// A dashboard: its filters, and which question is where.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// What it is called.
    pub named: Named,
    /// Its filters, in order.
    pub filters: Vec<Filter>,
    /// The questions on its grid.
    pub places: Vec<Place>,
}

/// A filter, and the variable of that name in the SQL of questions.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The name of the variable.
    pub tag: String,
    /// What it is called.
    pub name: String,
    /// What its values are.
    pub kind: FilterKind,
    /// Where its values come from.
    pub values: Values,
    /// The value it has when none is chosen; a filter without may be left empty.
    pub default: Option<String>,
}

/// What the values of a filter are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum FilterKind {
    /// A text.
    #[serde(rename = "string/=")]
    Text,
    /// A number.
    #[serde(rename = "number/=")]
    Number,
}

/// Where the values of a filter come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// The reader types them.
    Typed,
    /// A list of codes with their words.
    Words(Vec<(String, String)>),
    /// A column of a question.
    Question {
        /// The question.
        key: String,
        /// Its column.
        column: String,
    },
}

/// A question on the grid of 24 columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The question.
    pub key: String,
    /// Its column and row.
    pub at: (u32, u32),
    /// Its width and height.
    pub size: (u32, u32),
}

/// A table of the database, as far as it is described to Metabase.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its schema.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub fields: Vec<Field>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub title: String,
    /// What its values are; `None` for what readers need not see.
    pub kind: Option<ColumnKind>,
    /// What it names, where it is a key.
    pub key: Option<Key>,
}

/// What a column names. Views have no keys that Metabase could find by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The row that it is in.
    Own,
    /// A public body: a row of [`BODIES`].
    Body,
}

/// The view of public bodies, and its key.
pub const BODIES: (&str, &str, &str) = ("published", "body", "siren");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bilingual {
    fr: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    name: Bilingual,
    description: Bilingual,
    display: String,
    columns: toml::Table,
    #[serde(default)]
    titles: BTreeMap<String, Bilingual>,
    sql: String,
    #[serde(default)]
    visualization: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DashboardFile {
    name: Bilingual,
    description: Bilingual,
    collection: Bilingual,
    collection_description: Bilingual,
    database: Bilingual,
    database_description: Bilingual,
    filters: Vec<FilterFile>,
    cards: Vec<PlaceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterFile {
    tag: String,
    #[serde(rename = "type")]
    kind: FilterKind,
    name: Bilingual,
    words: Option<String>,
    question: Option<ColumnFile>,
    default: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    name: String,
    column: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceFile {
    question: String,
    at: (u32, u32),
    size: (u32, u32),
}

impl Bilingual {
    fn of(&self, language: Language) -> String {
        let text = match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        };
        centime_render::language::locale::typographic(text, language)
    }
}

impl Definitions {
    /// Everything, in a language. The files are part of the program and read by the tests, so an
    /// unreadable one is a bug.
    pub fn of(language: Language) -> Self {
        Self::of_all(language, Catalogue::built_in())
    }

    /// The same, with these analyses.
    pub fn of_all(language: Language, catalogue: Catalogue) -> Self {
        let file: DashboardFile = read("dashboard", DASHBOARD);
        let words = Locale::of(language);
        let models = catalogue.analyses().map(|analysis| model(analysis, words));
        let questions = QUESTIONS
            .iter()
            .map(|(key, source)| question(key, source, words));
        let named = |name: &Bilingual, description: &Bilingual| Named {
            name: name.of(language),
            description: description.of(language),
        };
        Self {
            language,
            database: named(&file.database, &file.database_description),
            collection: named(&file.collection, &file.collection_description),
            cards: models.chain(questions).collect(),
            dashboard: Dashboard {
                named: named(&file.name, &file.description),
                filters: file
                    .filters
                    .into_iter()
                    .map(|filter| filter.of(words))
                    .collect(),
                places: file
                    .cards
                    .into_iter()
                    .map(|place| Place {
                        key: place.question,
                        at: place.at,
                        size: place.size,
                    })
                    .collect(),
            },
            tables: catalogue
                .analyses()
                .map(|analysis| table(&analysis.model, words))
                .chain([bodies(words)])
                .collect(),
        }
    }

    /// The filter that fills a variable.
    pub fn filter(&self, tag: &str) -> Option<&Filter> {
        self.dashboard
            .filters
            .iter()
            .find(|filter| filter.tag == tag)
    }
}

impl FilterFile {
    fn of(self, words: &Locale) -> Filter {
        let values = match (self.words, self.question) {
            (Some(group), _) => Values::Words(
                words
                    .terms(&group)
                    .map(|(code, word)| (code.to_owned(), word.to_owned()))
                    .collect(),
            ),
            (None, Some(question)) => Values::Question {
                key: question.name,
                column: question.column,
            },
            (None, None) => Values::Typed,
        };
        Filter {
            tag: self.tag,
            name: self.name.of(words.language()),
            kind: self.kind,
            values,
            default: self.default,
        }
    }
}

impl Card {
    /// The variables of its SQL, each once, in the order of their names.
    pub fn tags(&self) -> Vec<&str> {
        let names = self.sql.split("{{").skip(1);
        let mut tags: Vec<&str> = names
            .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name.trim()))
            .collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

fn read<T: serde::de::DeserializeOwned>(name: &str, source: &str) -> T {
    toml::from_str(source).unwrap_or_else(|error| panic!("unreadable definition {name}: {error}"))
}

fn question(key: &str, source: &str, words: &Locale) -> Card {
    let file: QuestionFile = read(key, source);
    let language = words.language();
    let columns = file.columns.into_iter().map(|(name, kind)| {
        let kind: ColumnKind = kind
            .try_into()
            .unwrap_or_else(|error| panic!("unreadable column {name} of {key}: {error}"));
        let title = file.titles.get(&name).map_or_else(
            || words.term("column", &name).to_owned(),
            |title| title.of(language),
        );
        (name, kind, title)
    });
    Card {
        key: key.to_owned(),
        kind: CardKind::Question,
        named: Named {
            name: file.name.of(language),
            description: file.description.of(language),
        },
        display: file.display,
        columns: columns.collect(),
        sql: expand(file.sql.trim(), words),
        visualization: file.visualization,
    }
}

/// The SQL with the shared parts and the words in their places.
fn expand(sql: &str, words: &Locale) -> String {
    let mut sql = sql.to_owned();
    for (name, part) in SHARED {
        sql = sql.replace(name, part.trim());
    }
    while let Some(start) = sql.find("{words.") {
        let rest = &sql[start..];
        let Some(end) = rest.find('}') else {
            panic!("a name of words without its end: {rest}");
        };
        let group = rest["{words.".len()..end].to_owned();
        let rows: Vec<String> = words
            .terms(&group)
            .map(|(code, word)| format!("({}, {})", literal(code), literal(word)))
            .collect();
        assert!(!rows.is_empty(), "there are no words named {group}");
        sql.replace_range(
            start..=start + end,
            &format!("(VALUES {})", rows.join(", ")),
        );
    }
    sql
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn column_kind(kind: Kind) -> ColumnKind {
    match kind {
        Kind::Amount => ColumnKind::Amount,
        Kind::Rate => ColumnKind::Rate,
        Kind::Year => ColumnKind::Year,
        Kind::Integer | Kind::Flag => ColumnKind::Number,
        Kind::Text | Kind::List => ColumnKind::Text,
    }
}

/// The rows of an analysis, in euros, for everybody's own questions.
fn model(analysis: &Analysis, words: &Locale) -> Card {
    let text = analysis.text(words.language());
    let mut select =
        String::from("SELECT\n    own.body_name AS body,\n    own.siren,\n    own.basis");
    let mut columns = vec![
        (
            "body".to_owned(),
            ColumnKind::Text,
            words.text("metabase.body").to_owned(),
        ),
        ("siren".to_owned(), ColumnKind::Text, "SIREN".to_owned()),
        (
            "basis".to_owned(),
            ColumnKind::Text,
            words.text("dashboard.basis").to_owned(),
        ),
    ];
    for column in analysis.model.columns {
        let name = column.name;
        select += ",\n    ";
        // Writing to a string cannot fail.
        let _ = match column.kind {
            Kind::Amount => write!(select, "own.{name}_eur AS {name}"),
            Kind::Rate => write!(select, "own.{name}_percent * 0.01 AS {name}"),
            Kind::List => write!(select, "array_to_string(own.{name}, E'\\n') AS {name}"),
            _ => write!(select, "own.{name}"),
        };
        let title = words.heading(column).to_owned();
        columns.push((name.to_string(), column_kind(column.kind), title));
    }
    Card {
        key: analysis.name(),
        kind: CardKind::Model,
        named: Named {
            name: words.fill("metabase.model", &[("title", &text.title)]),
            description: format!("{} {}", text.summary, text.formula),
        },
        display: "table".to_owned(),
        columns,
        sql: format!(
            "{select}\nFROM published.{}_by_basis AS own\nORDER BY own.body_name, own.basis, own.{}",
            analysis.model.name, analysis.model.order_by
        ),
        visualization: serde_json::Map::new(),
    }
}

/// The view of an analysis. Of amounts and rates readers see euros and percent; what these are kept in stays for those
/// who look.
fn table(model: &Model, words: &Locale) -> Table {
    let mut fields = Vec::new();
    for column in model.columns {
        let title = words.heading(column).to_owned();
        let kind = column_kind(column.kind);
        if kind == ColumnKind::Amount {
            fields.push(Field {
                name: format!("{}_eur", column.name),
                title: title.clone(),
                kind: Some(kind),
                key: None,
            });
            fields.push(Field {
                name: column.name.to_string(),
                title: words.fill("metabase.centimes", &[("title", &title)]),
                kind: None,
                key: None,
            });
        } else if kind == ColumnKind::Rate {
            fields.push(Field {
                name: format!("{}_percent", column.name),
                title: words.fill("metabase.percent", &[("title", &title)]),
                kind: Some(ColumnKind::Number),
                key: None,
            });
            fields.push(Field {
                name: column.name.to_string(),
                title: words.fill("metabase.hundredths", &[("title", &title)]),
                kind: None,
                key: None,
            });
        } else {
            fields.push(Field {
                name: column.name.to_string(),
                title,
                kind: Some(kind),
                key: None,
            });
        }
    }
    fields.push(siren(Key::Body));
    Table {
        schema: BODIES.0,
        name: model.name,
        fields,
    }
}

fn siren(key: Key) -> Field {
    Field {
        name: BODIES.2.to_owned(),
        title: "SIREN".to_owned(),
        kind: Some(ColumnKind::Text),
        key: Some(key),
    }
}

/// The view of public bodies, as far as others lead to it.
fn bodies(words: &Locale) -> Table {
    let name = Field {
        name: "body_name".to_owned(),
        title: words.text("metabase.body").to_owned(),
        kind: Some(ColumnKind::Text),
        key: None,
    };
    Table {
        schema: BODIES.0,
        name: BODIES.1,
        fields: vec![siren(Key::Own), name],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_files_say_the_same_in_both_languages_with_other_words() {
        let [french, english] = Language::ALL.map(Definitions::of);
        assert_eq!(french.cards.len(), english.cards.len());
        for (one, other) in french.cards.iter().zip(&english.cards) {
            assert_eq!((&one.key, one.tags()), (&other.key, other.tags()));
            assert_ne!(
                one.named.description, other.named.description,
                "{}",
                one.key
            );
        }
    }

    #[test]
    fn every_variable_has_a_filter_and_every_filter_a_use() {
        let definitions = Definitions::of(Language::French);
        let used: BTreeSet<&str> = definitions.cards.iter().flat_map(Card::tags).collect();
        let filters: BTreeSet<&str> = definitions
            .dashboard
            .filters
            .iter()
            .map(|filter| filter.tag.as_str())
            .collect();
        assert_eq!(used, filters);
    }

    #[test]
    fn every_column_has_a_title_in_every_language() {
        for language in Language::ALL {
            for card in Definitions::of(language).cards {
                for (name, _, title) in &card.columns {
                    assert_ne!(name, title, "{} {name} in {language}", card.key);
                }
                assert!(!card.sql.contains("{words"), "{}", card.key);
            }
            for table in Definitions::of(language).tables {
                for field in &table.fields {
                    assert_ne!(field.name, field.title, "{} in {language}", table.name);
                }
            }
        }
    }

    #[test]
    fn the_dashboard_shows_questions_side_by_side() {
        let definitions = Definitions::of(Language::English);
        let places = &definitions.dashboard.places;
        for place in places {
            assert!(place.at.0 + place.size.0 <= 24, "{place:?}");
            let known = definitions
                .cards
                .iter()
                .any(|card| card.kind == CardKind::Question && card.key == place.key);
            assert!(known, "{place:?}");
        }
        for (number, one) in places.iter().enumerate() {
            for other in &places[number + 1..] {
                let apart = one.at.0 + one.size.0 <= other.at.0
                    || other.at.0 + other.size.0 <= one.at.0
                    || one.at.1 + one.size.1 <= other.at.1
                    || other.at.1 + other.size.1 <= one.at.1;
                assert!(apart, "{one:?} lies on {other:?}");
            }
        }
    }
}
