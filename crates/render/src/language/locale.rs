//! The words of the product, read from `locales/*.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use centime_accounts::FiscalYear;
use centime_analytics::{Column, Language};

use crate::language::number;

/// The words of one language, by key. A key is the path to its entry: `status.reconciled`.
#[derive(Debug)]
pub struct Locale {
    language: Language,
    entries: BTreeMap<String, String>,
}

static FRENCH: LazyLock<Locale> =
    LazyLock::new(|| Locale::load(Language::French, include_str!("../../locales/fr.toml")));
static ENGLISH: LazyLock<Locale> =
    LazyLock::new(|| Locale::load(Language::English, include_str!("../../locales/en.toml")));

impl Locale {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }

    /// Reads a file of words. The files are part of the program and read by the tests, so an
    /// unreadable one is a bug.
    fn load(language: Language, source: &str) -> Self {
        let table: toml::Table = source
            .parse()
            .unwrap_or_else(|error| panic!("unreadable file of words: {error}"));
        let mut entries = BTreeMap::new();
        flatten("", &table, &mut entries);
        for text in entries.values_mut() {
            *text = typographic(text, language);
        }
        Self { language, entries }
    }

    /// The language.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// The entry with this key. A key without an entry stands for itself, which the tests find.
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.entries.get(key).map_or(key, String::as_str)
    }

    /// The word for a stored code, such as `reconciled` among `status`; a code without a word is
    /// shown as it is.
    pub fn term<'a>(&'a self, group: &str, code: &'a str) -> &'a str {
        self.entries
            .get(&format!("{group}.{code}"))
            .map_or(code, String::as_str)
    }

    /// The word for a stored code; `None` for a code without one.
    pub fn word(&self, group: &str, code: &str) -> Option<&str> {
        let word = self.entries.get(&format!("{group}.{code}"));
        word.map(String::as_str)
    }

    /// What a column is called.
    pub fn heading(&self, column: &Column) -> &str {
        match (column.titles, self.language) {
            (Some(titles), Language::French) => titles.fr,
            (Some(titles), Language::English) => titles.en,
            (None, _) => self.term("column", column.name.as_str()),
        }
    }

    /// The words for all stored codes of a group, in the order of the codes.
    pub fn terms<'a>(&'a self, group: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let prefix = format!("{group}.");
        let from = self.entries.range(prefix.clone()..);
        from.map_while(move |(key, word)| Some((key.strip_prefix(&prefix)?, word.as_str())))
            .filter(|(code, _)| !code.contains('.'))
    }

    /// Whether there is an entry for a stored code.
    pub fn has(&self, group: &str, code: &str) -> bool {
        self.entries.contains_key(&format!("{group}.{code}"))
    }

    /// The entry with this key, with a value in the place of each `{name}`.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    /// The entry for so many things: `key.one` or `key.many`, with the number as `{n}`. French
    /// takes the singular for 0 and 1, English for 1 only.
    pub fn count(&self, key: &str, number: i64) -> String {
        self.count_and_fill(key, number, &[])
    }

    /// The entry for so many things, with more values filled in.
    pub fn count_and_fill(&self, key: &str, number: i64, values: &[(&str, &str)]) -> String {
        let form = if self.is_singular(number) {
            "one"
        } else {
            "many"
        };
        let written = number::integer(number, self.language);
        let mut values = values.to_vec();
        values.push(("n", &written));
        fill(self.term(key, form), &values)
    }

    /// Some years: `2016 to 2024`, or one.
    pub fn years(&self, first: FiscalYear, last: FiscalYear) -> String {
        let (first, last) = (first.to_string(), last.to_string());
        if first == last {
            return first;
        }
        self.fill("chart.period", &[("first", &first), ("last", &last)])
    }

    const fn is_singular(&self, number: i64) -> bool {
        match self.language {
            Language::French => number == 0 || number == 1,
            Language::English => number == 1,
        }
    }
}

/// A text with the spaces that its language wants: in French, no line ends before `;`, `:`, `!`
/// and `?`, nor just inside « guillemets ». The spaces are as wide as others: screens hardly show a narrow one.
pub fn typographic(text: &str, language: Language) -> String {
    match language {
        Language::English => text.to_owned(),
        Language::French => [
            (" ;", "\u{a0};"),
            (" :", "\u{a0}:"),
            (" !", "\u{a0}!"),
            (" ?", "\u{a0}?"),
            ("« ", "«\u{a0}"),
            (" »", "\u{a0}»"),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (plain, fine)| {
            text.replace(plain, fine)
        }),
    }
}

fn flatten(prefix: &str, table: &toml::Table, entries: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::String(text) => {
                entries.insert(key, text.clone());
            }
            toml::Value::Table(table) => flatten(&key, table, entries),
            other => panic!("{key} is not a text: {other}"),
        }
    }
}

/// A text with a value in the place of each `{name}`; a name without a value stays as it is.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, after) = rest.split_at(start);
        filled.push_str(before);
        let named = after
            .find('}')
            .and_then(|end| Some((end, value_of(&after[1..end], values)?)));
        if let Some((end, value)) = named {
            filled.push_str(value);
            rest = &after[end + 1..];
        } else {
            filled.push('{');
            rest = &after[1..];
        }
    }
    filled.push_str(rest);
    filled
}

fn value_of<'a>(name: &str, values: &[(&str, &'a str)]) -> Option<&'a str> {
    values
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use centime_analytics::ANALYSES;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (french, english) = (Locale::of(Language::French), Locale::of(Language::English));
        let keys = |locale: &'static Locale| locale.entries.keys().collect::<BTreeSet<_>>();
        assert_eq!(keys(french), keys(english));
        for key in french.entries.keys() {
            assert_eq!(
                placeholders(french.text(key)),
                placeholders(english.text(key)),
                "{key} is given other values in the other language"
            );
        }
    }

    #[test]
    fn every_column_has_a_heading() {
        for language in Language::ALL {
            let locale = Locale::of(language);
            for column in ANALYSES.iter().flat_map(|analysis| analysis.model.columns) {
                assert!(locale.has("column", &column.name), "{}", column.name);
            }
        }
    }

    #[test]
    fn every_key_in_use_has_an_entry() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut sources = Vec::new();
        for folder in std::fs::read_dir(&crates).unwrap() {
            let folder = folder.unwrap().path().join("src");
            if folder.is_dir() {
                files(&folder, "rs", &mut sources);
            }
        }
        files(&crates.join("server/templates"), "html", &mut sources);
        assert!(sources.len() > 100, "{sources:?}");
        for path in sources {
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            for (call, suffix) in [
                (".text(\"", ""),
                (".fill(\"", ""),
                (".rich(\"", ""),
                (".count(\"", ".one"),
                (".count(\"", ".many"),
                (".count_and_fill(\"", ".many"),
            ] {
                for used in code.split(call).skip(1) {
                    let key = format!("{}{suffix}", used.split('"').next().unwrap());
                    if !key.contains('.') {
                        // Every key has a group: this is a parameter of the API, or a colour of a drawing.
                        continue;
                    }
                    let found = Locale::of(Language::French).entries.contains_key(&key);
                    assert!(found, "{} uses {key}", path.display());
                }
            }
        }
    }

    #[test]
    fn french_has_unbreakable_spaces_before_its_punctuation() {
        let locale = Locale::of(Language::French);
        for key in locale.entries.keys() {
            // What stands between backticks is code.
            let text: String = locale.text(key).split('`').step_by(2).collect();
            for wrong in [" ;", " :", " !", " ?", "« ", " »", "'"] {
                assert!(!text.contains(wrong), "{key} has «{wrong}»: {text}");
            }
        }
    }

    /// Words of ours that officers of the accounts corrected, and that must not come back: what they say is not
    /// what the figure is, or another word says the same thing elsewhere.
    const CORRECTED: [(&str, &[&str]); 2] = [
        (
            "fr",
            &[
                "relevé",
                "Côté",
                "rganisme",
                "Budget {year}",
                "Rendement",
                "endement des",
                "Rentabilité",
                "d’exploitation",
                "Exploitation",
                "où vient l’argent",
                "ù va l’argent",
                "mêlé",
                "succèd",
                "à signer",
                "a rapporté",
                "a coûté",
                "regardé",
                "poste harmonisé",
                "ostes comparables",
                "à savoir",
                "n’est pas au compte",
                "Résultat exact",
                "chiffres exacts",
                "simple addition",
                "Chaque euro public",
                "Seul le budget principal",
                "a supprimé l’exceptionnel",
                "indépendant",
                "gardent leur sens",
                "libellé nᵒ",
            ],
        ),
        (
            "en",
            &[
                "perimeter",
                "\"to know\"",
                "o know before quoting",
                "looked at",
                "here the money",
                "profitability",
                "Return on",
                "financial return",
                "percent ",
                "percent\"",
                "succeed them",
                "succeeded them",
                "succeeded exceptional",
                "to sign",
                "brought in",
                "selection cost",
                "keep their meaning",
                "mean the same",
                "Exact result",
                "exact figure",
                "not in the accounts",
                "Every public euro",
                "Only the main budget",
                "no exceptional items",
                "independent",
                "earned and spent",
                "nomenclature of",
                "Stored and capitalised",
                "Works carried out",
                "elected officials",
                "private legal persons",
                "called guarantees",
                "Budget {year}",
            ],
        ),
    ];

    /// What a file says in one language: its quoted texts, or the pages that are in it as a whole.
    fn said(path: &Path, language: &str) -> String {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let kept: Vec<&str> = match name {
            // Both languages, one after the other.
            "text.toml" => {
                let (french, english) = text.split_once("[en]").unwrap();
                vec![if language == "fr" { french } else { english }]
            }
            "m14.toml" | "m57.toml" => {
                let glosses = text.lines().filter(|line| line.starts_with("gloss = "));
                glosses.filter(|_| language == "en").collect()
            }
            _ if path
                .components()
                .any(|part| part.as_os_str() == "definitions") =>
            {
                let marked = format!("{language} = \"");
                let texts = text.split(&*marked).skip(1);
                texts.filter_map(|rest| rest.split('"').next()).collect()
            }
            // Keys are no words of ours.
            "fr.toml" | "en.toml" => {
                let lines = text.lines();
                lines
                    .filter_map(|line| Some(line.split_once(" = ")?.1))
                    .collect()
            }
            _ => vec![&text],
        };
        kept.join("\n")
    }

    fn files(folder: &Path, extension: &str, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, extension, found);
            } else if path.extension() == Some(extension.as_ref()) {
                found.push(path);
            }
        }
    }

    #[test]
    fn corrected_words_do_not_come_back() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut common = Vec::new();
        for folder in [
            "analytics/src/analyses",
            "metabase/definitions",
            "accounts/data",
        ] {
            files(&crates.join(folder), "toml", &mut common);
        }
        common.retain(|path| !path.ends_with("bodies.toml"));
        assert!(common.len() > 20, "{common:?}");
        for (language, words) in CORRECTED {
            let own = match language {
                "fr" => ["render/locales/fr.toml", "../docs/chiffres.md"],
                _ => ["render/locales/en.toml", "../docs/figures.md"],
            };
            for path in own.map(|path| crates.join(path)).iter().chain(&common) {
                // Typographic spaces are no matter here.
                let said = said(path, language).replace(['\u{a0}', '\u{202f}'], " ");
                for word in words {
                    assert!(
                        !said.contains(word),
                        "{} says «{word}» in {language}",
                        path.display()
                    );
                }
            }
        }
    }

    #[test]
    fn values_are_filled_in_once() {
        let filled = fill("{a} of {b}, {c}", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(filled, "{b} of 2, {c}");
        assert_eq!(fill("{", &[]), "{");
        assert_eq!(fill("é{a}è", &[("a", "ù")]), "éùè");
    }

    #[test]
    fn the_singular_is_that_of_the_language() {
        let cases = |language, number| Locale::of(language).count("quality.cases", number);
        assert_eq!(cases(Language::French, 0), "0 cas vérifié.");
        assert_eq!(cases(Language::French, 1), "1 cas vérifié.");
        assert_eq!(cases(Language::French, 2), "2 cas vérifiés.");
        assert_eq!(cases(Language::English, 0), "0 cases checked.");
        assert_eq!(cases(Language::English, 1), "1 case checked.");
    }
}
