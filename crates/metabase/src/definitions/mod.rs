//! What there is to be in Metabase, read from the files in `definitions/`.
//!
//! A question is a file: its names, how it is drawn, and its SQL. `{shown}`, `{years}`, `{line}` and
//! `{named}` stand for the parts of `definitions/shared/`, `{language}` for the code of the language, and `{words.status}` for the words that the
//! site has for such codes, as rows. `{{…}}` and `[[…]]` are Metabase's own. Models are made from the
//! analyses, so that a new analysis has one by itself.

mod analyses;
mod object;

use std::collections::BTreeMap;

use centime_accounts::grouping::{Grouping, Term, UNDETAILED, UNRECOGNISED};
use centime_analytics::category_over;
use centime_analytics::template::rate;
use centime_analytics::{Catalogue, Language};
use centime_render::Locale;
use centime_render::charts::known_colors;
use centime_render::draw::palette::Palette;
use serde::Deserialize;

pub use object::{
    BODIES, Card, CardKind, ColumnKind, Dashboard, Filter, FilterKind, Key, Named, Place, Table,
    Values,
};

use analyses::{bodies, model, table};

/// The questions, in the order in which they are made: the filters of the dashboard name the first two.
const QUESTIONS: [(&str, &str); 20] = [
    (
        "bodies",
        include_str!("../../definitions/questions/bodies.toml"),
    ),
    (
        "category-names",
        include_str!("../../definitions/questions/category-names.toml"),
    ),
    (
        "shown",
        include_str!("../../definitions/questions/shown.toml"),
    ),
    (
        "result-of-year",
        include_str!("../../definitions/questions/result-of-year.toml"),
    ),
    (
        "result",
        include_str!("../../definitions/questions/result.toml"),
    ),
    (
        "steps",
        include_str!("../../definitions/questions/steps.toml"),
    ),
    (
        "categories",
        include_str!("../../definitions/questions/categories.toml"),
    ),
    (
        "changes",
        include_str!("../../definitions/questions/changes.toml"),
    ),
    (
        "flow",
        include_str!("../../definitions/questions/flow.toml"),
    ),
    (
        "operating",
        include_str!("../../definitions/questions/operating.toml"),
    ),
    (
        "exceptional",
        include_str!("../../definitions/questions/exceptional.toml"),
    ),
    (
        "financial",
        include_str!("../../definitions/questions/financial.toml"),
    ),
    (
        "reconciliation",
        include_str!("../../definitions/questions/reconciliation.toml"),
    ),
    (
        "witness",
        include_str!("../../definitions/questions/witness.toml"),
    ),
    (
        "completeness",
        include_str!("../../definitions/questions/completeness.toml"),
    ),
    (
        "presence",
        include_str!("../../definitions/questions/presence.toml"),
    ),
    (
        "lines",
        include_str!("../../definitions/questions/lines.toml"),
    ),
    (
        "statement",
        include_str!("../../definitions/questions/statement.toml"),
    ),
    (
        "indicators",
        include_str!("../../definitions/questions/indicators.toml"),
    ),
    (
        "expense-by-harmonised-category",
        include_str!("../../definitions/questions/expense-by-harmonised-category.toml"),
    ),
];

/// The parts that questions share.
const SHARED: [(&str, &str); 4] = [
    (
        "{shown}",
        include_str!("../../definitions/shared/shown.sql"),
    ),
    (
        "{years}",
        include_str!("../../definitions/shared/years.sql"),
    ),
    ("{line}", include_str!("../../definitions/shared/line.sql")),
    (
        "{named}",
        include_str!("../../definitions/shared/named.sql"),
    ),
];

const DASHBOARD: &str = include_str!("../../definitions/dashboard.toml");

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
    /// The groupings whose categories are its series.
    #[serde(default)]
    series_of: Vec<String>,
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
    let mut visualization = file.visualization;
    let groupings = file.series_of.iter().map(|name| {
        let mut known = Grouping::ALL.into_iter();
        known
            .find(|grouping| grouping.name() == name)
            .unwrap_or_else(|| panic!("unknown grouping {name} of {key}"))
    });
    for (name, color) in groupings.flat_map(|grouping| known_colors(grouping, words)) {
        let series = visualization
            .entry("series_settings")
            .or_insert_with(|| serde_json::json!({}));
        series[&name]["color"] = Palette::Paper.of(color).into();
    }
    visualization.values_mut().for_each(colored);
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
        visualization,
    }
}

/// Puts the colours of charts where a setting names one of them: `--chart-1`.
fn colored(setting: &mut serde_json::Value) {
    match setting {
        serde_json::Value::String(text) if text.starts_with("--") => {
            *text = Palette::Paper.named(text);
        }
        serde_json::Value::Object(settings) => settings.values_mut().for_each(colored),
        _ => {}
    }
}

/// The SQL with the shared parts and the words in their places.
fn expand(sql: &str, words: &Locale) -> String {
    let mut sql = sql.to_owned();
    for (name, part) in SHARED {
        sql = sql.replace(name, part.trim());
    }
    for (name, code) in [
        ("{undetailed}", UNDETAILED),
        ("{unrecognised}", UNRECOGNISED),
    ] {
        sql = sql.replace(name, &literal(code));
    }
    sql = sql.replace("{language}", words.language().code());
    for grouping in Grouping::ALL {
        let name = format!("{{category.{}}}", grouping.name());
        sql = sql.replace(&name, &category(grouping, words));
    }
    while let Some(start) = sql.find("{rate(") {
        let rest = &sql[start + "{rate(".len()..];
        let (arguments, _) = rest
            .split_once(")}")
            .unwrap_or_else(|| panic!("a rate without its end: {rest}"));
        let (numerator, denominator) = arguments
            .split_once(", ")
            .unwrap_or_else(|| panic!("a rate of one argument: {arguments}"));
        let end = start + "{rate()}".len() + arguments.len();
        sql.replace_range(start..end, &rate(numerator, denominator));
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

/// The word for the category of a line, where the words of its comparable category and of its activity are joined.
fn category(grouping: Grouping, words: &Locale) -> String {
    category_over(grouping, "line.side", |term| match term {
        Term::Category => "line.category".to_owned(),
        Term::Comparable => "harmonised.word".to_owned(),
        Term::Activity => "activity.word".to_owned(),
        Term::Code(code) => literal(words.term("harmonised_category", code)),
    })
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
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

    /// What a question says of a series.
    fn color<'a>(definitions: &'a Definitions, question: &str, series: &str) -> &'a str {
        let mut cards = definitions.cards.iter();
        let is_question = |card: &&Card| matches!(card.kind, CardKind::Question);
        let card = cards
            .find(|card| is_question(card) && card.key == question)
            .unwrap();
        let color = &card.visualization["series_settings"][series]["color"];
        color.as_str().unwrap_or_default()
    }

    #[test]
    fn a_series_has_the_colour_that_it_has_on_the_site() {
        let definitions = Definitions::of(Language::French);
        let paper = |name| Palette::Paper.named(name);
        for (question, series, variable) in [
            ("categories", "CHARGES DE FONCTIONNEMENT", "--chart-2"),
            ("categories", "CHARGES D'INTERVENTION", "--chart-3"),
            ("categories", "Personnel", "--chart-1"),
            ("categories", "Activité", "--chart-1"),
            ("categories", "Financier", "--chart-5"),
            ("categories", "Exceptionnel", "--chart-3"),
            ("expense-by-harmonised-category", "Personnel", "--chart-1"),
            ("operating", "operating_revenue", "--chart-1"),
            ("operating", "operating_expense", "--signal"),
            ("result", "published_result", "--ink"),
        ] {
            let found = color(&definitions, question, series);
            assert_eq!(found, paper(variable), "{question}: {series}");
        }
        // No name of a colour is left that only the site knows.
        for card in &definitions.cards {
            let settings = serde_json::to_string(&card.visualization).unwrap();
            assert!(!settings.contains("\"--"), "{}: {settings}", card.key);
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
