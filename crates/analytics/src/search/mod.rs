//! What a few words mean: lines of the statement whichever nomenclature names them, accounts, years and analyses.
//!
//! Everyday words are data, `words.toml`. Which of the lines a public body has, and which bodies have such a name, is
//! the business of the caller: nothing here knows of a body.

mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

use centime_accounts::identifier;
use centime_accounts::nomenclature::{Block, Line, NATURE, NOMENCLATURES, Nomenclature};
use centime_accounts::{FiscalYear, Role, label};

use crate::{Analysis, Catalogue, Language};
use words::{BEGINS, Closeness, MEANINGS, Meaning, SAME, best, closeness};

/// How many words of a question are looked for.
const MOST_WORDS: usize = 8;

/// How many digits the number of an account has.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 2..=8;

/// What is looked for, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The words, normalised.
    words: Vec<String>,
    /// Fiscal years that are named.
    pub years: Vec<FiscalYear>,
    /// Numbers that may be those of accounts of classes 6 and 7.
    pub accounts: Vec<String>,
    /// The SIREN or SIRET number that the whole is, without spaces.
    pub identifier: Option<String>,
}

/// A line of a statement that was found.
#[derive(Clone, Copy, Debug)]
pub struct FoundLine {
    /// The nomenclature that has it.
    pub nomenclature: &'static Nomenclature,
    /// Its block.
    pub block: &'static Block,
    /// Itself.
    pub line: &'static Line,
    /// Whether one of its accounts is what was looked for.
    pub by_account: bool,
    score: Closeness,
}

/// Lines that were found.
#[derive(Clone, Debug, Default)]
pub struct FoundLines {
    /// The lines, those that fit best first.
    pub lines: Vec<FoundLine>,
    /// Whether no line has all of the words, so that these have some of them.
    pub partly: bool,
}

impl Question {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let identifier = identifier::digits(text).ok();
        if let Some(digits) = identifier {
            return Self {
                identifier: Some(digits.into_owned()),
                ..Self::default()
            };
        }
        let mut question = Self::default();
        for word in words::words(text).into_iter().take(MOST_WORDS) {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            if let Ok(year) = word.parse() {
                question.years.push(year);
            } else if is_number
                && word.starts_with(['6', '7'])
                && ACCOUNT_DIGITS.contains(&word.len())
            {
                question.accounts.push(word);
            } else {
                question.words.push(word);
            }
        }
        question
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What everyday words mean that are among those looked for, with which of these they cover.
    fn meanings(&self) -> Vec<(&'static Meaning, Vec<usize>)> {
        MEANINGS
            .iter()
            .map(|meaning| (meaning, meaning.covers(&self.words)))
            .filter(|(_, covered)| !covered.is_empty())
            .collect()
    }

    /// What has to be known of the lines that are found.
    pub fn notes(&self, language: Language) -> Vec<&'static str> {
        let meanings = self.meanings();
        let longest = meanings.iter().map(|(_, covered)| covered.len()).max();
        meanings
            .into_iter()
            .filter(|(_, covered)| Some(covered.len()) == longest)
            .filter_map(|(meaning, _)| meaning.note(language))
            .collect()
    }

    /// The lines that the words and numbers mean, in every nomenclature.
    pub fn lines(&self) -> FoundLines {
        let meanings = self.meanings();
        let (by_nature, official): (Vec<_>, Vec<_>) = NOMENCLATURES
            .iter()
            .rev()
            .partition(|known| known.code == NATURE);
        let of_all = official
            .into_iter()
            .chain(by_nature)
            .flat_map(|nomenclature| {
                let lines = nomenclature.lines();
                lines.map(move |(block, line)| (nomenclature, block, line))
            });
        let mut all = Vec::new();
        let mut some = Vec::new();
        for (nomenclature, block, line) in of_all {
            let account = self.account_of(line);
            if !self.accounts.is_empty() && !account {
                continue;
            }
            let scores = self.scores(nomenclature, block, line, &meanings);
            let score = scores.iter().sum::<Closeness>() + self.names(line);
            let found = FoundLine {
                nomenclature,
                block,
                line,
                by_account: account,
                score,
            };
            let whole = scores.iter().all(|score| *score > 0);
            if whole && (account || !scores.is_empty()) {
                all.push(found);
            } else if scores.iter().any(|score| *score > 0) {
                some.push(found);
            }
        }
        let partly = all.is_empty() && !some.is_empty();
        let mut lines = if partly { some } else { all };
        lines.sort_by_key(|found| std::cmp::Reverse((found.score, found.is_plain())));
        FoundLines { lines, partly }
    }

    /// Whether a line has one of the accounts that are looked for, or one below it.
    fn account_of(&self, line: &Line) -> bool {
        let lists = [&line.accounts, &line.accounts_subtracted];
        let has = |account: &String| {
            lists.iter().any(|list| list.touches(account)) && !line.accounts_excluded.have(account)
                || line.accounts_subtracted.have(account)
        };
        self.accounts.iter().any(has)
    }

    /// What a line is worth more whose whole label is asked for.
    fn names(&self, line: &Line) -> Closeness {
        let own = words::words(&line.label);
        let is_said = |word: &String| best(word, &self.words) == SAME;
        if own.len() == self.words.len() && own.iter().all(is_said) {
            4 * SAME
        } else {
            0
        }
    }

    /// How well each of the words fits a line: by its label first, by what everyday words mean, and by its block.
    fn scores(
        &self,
        nomenclature: &Nomenclature,
        block: &Block,
        line: &Line,
        meanings: &[(&Meaning, Vec<usize>)],
    ) -> Vec<Closeness> {
        let own: Vec<String> = words::words(&line.label);
        let others: Vec<String> = std::iter::once(&line.gloss)
            .chain(&line.variants)
            .flat_map(|text| words::words(text))
            .collect();
        let of_block: Vec<String> = [&block.label, &block.gloss]
            .into_iter()
            .flat_map(|text| words::words(text))
            .collect();
        let place = line.place(block);
        let score = |(at, word): (usize, &String)| {
            let meant = meanings.iter().filter(|(meaning, covered)| {
                covered.contains(&at) && meaning.lines(&nomenclature.code).contains(&place)
            });
            // The first that a meaning names is what it means most.
            let meant = meant.map(|(meaning, covered)| {
                let lines = meaning.lines(&nomenclature.code);
                let rank = lines.iter().position(|known| *known == place).unwrap_or(0);
                let several = if covered.len() > 1 { SAME } else { 0 };
                let rank = Closeness::try_from(rank).unwrap_or(Closeness::MAX);
                2 * SAME + several + SAME.saturating_sub(rank)
            });
            let label = best(word, &own) * 2;
            let text = best(word, &others);
            let block = Closeness::from(best(word, &of_block) == SAME);
            [label, text, block]
                .into_iter()
                .chain(meant)
                .max()
                .unwrap_or(0)
        };
        self.words.iter().enumerate().map(score).collect()
    }

    /// Whether a text has all of the words.
    pub fn fits(&self, text: &str) -> bool {
        let said = words::words(text);
        !self.words.is_empty() && self.words.iter().all(|word| best(word, &said) > 0)
    }

    /// Whether there are words besides years, accounts and numbers of bodies.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// The analyses whose title or summary has all of the words, or that everyday words mean.
    pub fn analyses<'c>(&self, catalogue: &'c Catalogue, language: Language) -> Vec<&'c Analysis> {
        if self.words.is_empty() {
            return Vec::new();
        }
        let meanings = self.meanings();
        let mut found: Vec<(Closeness, &Analysis)> = catalogue
            .analyses()
            .filter_map(|analysis| {
                let text = analysis.text(language);
                let (title, summary) = (words::words(&text.title), words::words(&text.summary));
                let name = analysis.name();
                let has_meaning = |at: usize| {
                    meanings.iter().any(|(meaning, covered)| {
                        covered.contains(&at) && meaning.analyses.contains(&name)
                    })
                };
                let scores = self.words.iter().enumerate().map(|(at, word)| {
                    let meant = if has_meaning(at) { SAME } else { 0 };
                    // A summary has too many words for those that are written nearly so.
                    let said = best(word, &summary);
                    let said = if said >= BEGINS { said } else { 0 };
                    (best(word, &title) * 2).max(said).max(meant)
                });
                let scores: Vec<Closeness> = scores.collect();
                let whole = scores.iter().all(|score| *score > 0);
                whole.then(|| (scores.iter().sum(), analysis))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, analysis)| analysis).collect()
    }

    /// A text in pieces, each with whether it is a word that was looked for.
    pub fn marked<'t>(&self, text: &'t str) -> Vec<(bool, &'t str)> {
        let mut pieces = Vec::new();
        let mut plain = 0;
        for word in spans(text) {
            let normal = label::normalise(&text[word.clone()]);
            let is_wanted = self
                .words
                .iter()
                .chain(&self.accounts)
                .any(|wanted| closeness(wanted, &normal) > 0)
                || normal
                    .parse()
                    .is_ok_and(|year: FiscalYear| self.years.contains(&year));
            if is_wanted && !normal.is_empty() {
                pieces.push((false, &text[plain..word.start]));
                pieces.push((true, &text[word.clone()]));
                plain = word.end;
            }
        }
        pieces.push((false, &text[plain..]));
        pieces.retain(|(_, piece)| !piece.is_empty());
        pieces
    }
}

impl FoundLine {
    /// Whether it is a line of its own and no sum of others.
    fn is_plain(&self) -> bool {
        !matches!(self.line.role, Role::Heading | Role::Total)
    }
}

/// Where the words of a text are.
fn spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |letter: char| letter.is_alphanumeric() || is_accent(letter);
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_part)?;
        let length = text[start..]
            .find(|letter| !is_part(letter))
            .unwrap_or(text.len() - start);
        from = start + length;
        Some(start..from)
    })
}

/// An accent that is written as a letter of its own.
const fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}
