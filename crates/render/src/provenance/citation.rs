//! How a figure or a chart is cited: as a sentence, and as an entry of BibTeX.

use centime_warehouse::{Dataset, Revision};

use crate::Locale;
use crate::language::format;
use crate::provenance::identity;

/// What is cited.
#[derive(Clone, Copy, Debug)]
pub struct Citation<'a> {
    /// A name of it that is not another's in the same revision: `result`.
    pub name: &'a str,
    /// What it is called on its page.
    pub title: &'a str,
    /// The name of the public body.
    pub body: &'a str,
    /// The number of the public body.
    pub siren: &'a str,
    /// The revision that it is of.
    pub revision: &'a Revision,
    /// What the revision was made from.
    pub datasets: &'a [Dataset],
    /// Where it is, in this revision; `None` where that is not known.
    pub address: Option<&'a str>,
}

impl Citation<'_> {
    /// A sentence with the source, the licence, the revision and its date.
    pub fn text(&self, locale: &Locale) -> String {
        let values = [
            ("body", self.body),
            ("title", self.title),
            ("note", &*self.note(locale)),
        ];
        let text = locale.fill("cite.text", &values);
        match self.address {
            Some(address) => format!("{text} {address}"),
            None => text,
        }
    }

    /// An entry of BibTeX.
    pub fn bibtex(&self, locale: &Locale) -> String {
        let revision = self.revision;
        let language = match locale.language() {
            centime_analytics::Language::French => "french",
            centime_analytics::Language::English => "english",
        };
        let day = revision.published_at.get(..10).unwrap_or_default();
        let mut entry = format!(
            "@misc{{centime-{}-r{}-{},\n",
            key(self.siren),
            revision.id,
            key(self.name)
        );
        let mut add = |name: &str, value: &str| {
            for part in ["  ", name, " = {", value, "},\n"] {
                entry.push_str(part);
            }
        };
        add("author", &format!("{{{}}}", tex(self.body)));
        add("title", &format!("{{{}}}", tex(self.title)));
        add("year", day.get(..4).unwrap_or_default());
        add("date", day);
        add("note", &tex(&self.note(locale)));
        if let Some(address) = self.address {
            add("url", address);
        }
        add("language", language);
        entry.push('}');
        entry
    }

    fn note(&self, locale: &Locale) -> String {
        let revision = self.revision;
        let note = locale.fill(
            "cite.note",
            &[
                (
                    "origin",
                    &identity::origin(self.body, self.datasets, locale),
                ),
                ("id", &revision.id.to_string()),
                (
                    "date",
                    &format::date(&revision.published_at, locale.language()),
                ),
            ],
        );
        if revision.sample {
            format!("{note} {}", locale.text("sample.title"))
        } else {
            note
        }
    }
}

/// A text as a part of the key of an entry.
fn key(text: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    text.chars().filter(plain).collect()
}

/// A text as BibTeX has it: nothing in it is a command.
fn tex(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '%' | '$' | '#' | '_' => {
                written.push('\\');
                written.push(letter);
            }
            '{' => written.push('('),
            '}' => written.push(')'),
            '\\' => written.push_str("\\textbackslash{}"),
            '~' => written.push_str("\\textasciitilde{}"),
            '^' => written.push_str("\\textasciicircum{}"),
            '\u{a0}' | '\u{202f}' => written.push('~'),
            letter => written.push(letter),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;

    use super::*;
    use crate::provenance::source::tests::source;

    #[test]
    fn a_citation_names_the_source_its_licence_the_revision_and_its_date() {
        let source = source();
        let citation = Citation {
            name: "result",
            title: "Résultat de chaque exercice",
            body: "Ville d’Essai",
            siren: "217500016",
            revision: source.revision,
            datasets: source.datasets,
            address: Some("https://comptes.example.fr/dashboard?revision=3#result"),
        };
        let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(
            plain(citation.text(Locale::of(Language::French))),
            "Ville d’Essai, « Résultat de chaque exercice ». Source : Ville d’Essai, compte-de-resultat, Licence \
             Ouverte. Calculs : Centime, révision 3 du 8 juillet 2025. Données d’exemple, pas des chiffres officiels. \
             https://comptes.example.fr/dashboard?revision=3#result"
        );
        assert_eq!(
            citation.bibtex(Locale::of(Language::English)),
            "@misc{centime-217500016-r3-result,\n  author = {{Ville d’Essai}},\n  title = {{Résultat de chaque \
             exercice}},\n  year = {2025},\n  date = {2025-07-08},\n  note = {Source: Ville d’Essai, \
             compte-de-resultat, Licence Ouverte. Calculations: Centime, revision 3 of 8~July 2025. Sample data, not \
             official figures.},\n  url = {https://comptes.example.fr/dashboard?revision=3#result},\n  language = \
             {english},\n}"
        );
    }

    #[test]
    fn no_name_is_a_command_of_tex() {
        assert_eq!(
            tex("R&D_50 % \\input{x} {"),
            "R\\&D\\_50 \\% \\textbackslash{}input(x) ("
        );
        let citation = Citation {
            name: "a,b}",
            title: "}",
            body: "{",
            siren: "1",
            revision: source().revision,
            datasets: &[],
            address: None,
        };
        let entry = citation.bibtex(Locale::of(Language::French));
        assert!(entry.starts_with("@misc{centime-1-r3-ab,\n"), "{entry}");
        assert_eq!(entry.matches('{').count(), entry.matches('}').count());
        assert!(!entry.contains("url"));
    }
}
