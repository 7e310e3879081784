//! The official structures of the income statement, read from `data/*.toml`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::account::Accounts;
use crate::grouping::UNDETAILED;
use crate::label::normalise;
use crate::statement::{Activity, Role, Side};

/// A chart of accounts and the statement it prescribes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nomenclature {
    /// `M14` or `M57`; `NATURE` for the statement by nature.
    pub code: String,
    /// The name of the instruction.
    pub title: String,
    /// Where the structure was taken from.
    pub source: String,
    /// The blocks, in the order of the official model.
    #[serde(rename = "block")]
    pub blocks: Vec<Block>,
    /// The balances between blocks.
    #[serde(rename = "balance")]
    pub balances: Vec<Balance>,
    /// The forms of the chart of accounts, by kind of body and by year; none for the statement by nature, which all
    /// charts have alike.
    #[serde(rename = "edition", default)]
    pub editions: Vec<Edition>,
}

/// A form of a chart of accounts: full, abridged or developed, for one kind of body or for some years. The statement
/// is the same but for the lines that no account of the edition feeds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Stable identifier within the nomenclature.
    pub code: String,
    /// The official names of the charts, as documents give them (`M57_A`).
    pub charts: Vec<String>,
    /// Its first fiscal year.
    pub from: u16,
    /// Its last fiscal year; `None` when it goes on.
    pub to: Option<u16>,
    /// The lines that it does not have, as `block/line`.
    #[serde(default)]
    pub without: BTreeSet<String>,
    /// Accounts of classes 6 and 7 that are part of the result and of no line of the statement.
    #[serde(default)]
    pub unplaced: Accounts,
    /// Accounts that it has in another line than other editions, by code: `block/line`.
    #[serde(default)]
    pub moved: BTreeMap<String, String>,
    /// Words in the name of the bodies that use it and no other.
    #[serde(default)]
    pub bodies: Vec<String>,
    /// Lines, as `block/line`, whose category comparable across nomenclatures is another one for these bodies.
    #[serde(default)]
    pub harmonised: BTreeMap<String, String>,
}

/// A block of lines with one side and one activity (*poste*).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Stable identifier within the nomenclature.
    pub code: String,
    /// The official French label.
    pub label: String,
    /// The English gloss.
    pub gloss: String,
    /// Revenue or expense.
    pub side: Side,
    /// The activity.
    pub activity: Activity,
    /// The lines, in the order of the official model.
    #[serde(rename = "line")]
    pub lines: Vec<Line>,
    /// The label, normalised; filled in on loading.
    #[serde(skip)]
    pub(crate) normalised: String,
}

/// A line of a block.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Stable identifier within the block.
    pub code: String,
    /// The official French label.
    pub label: String,
    /// The English gloss.
    pub gloss: String,
    /// What the row is.
    #[serde(default = "line_role")]
    pub role: Role,
    /// The code of the subtotal or heading it belongs to.
    pub parent: Option<String>,
    /// The code of a subtotal whose amount may hold that of this line, which stands beside it.
    pub within: Option<String>,
    /// Accounts included.
    #[serde(default)]
    pub accounts: Accounts,
    /// Accounts excluded from those included.
    #[serde(default)]
    pub accounts_excluded: Accounts,
    /// Accounts subtracted.
    #[serde(default)]
    pub accounts_subtracted: Accounts,
    /// The category comparable across nomenclatures. A heading or total has the one that all its lines have, or
    /// [`UNDETAILED`]; filled in on loading.
    pub harmonised: Option<String>,
    /// `exact` or `mixed`, for lines that took over what M14 called exceptional. A heading or total over one is
    /// `mixed`; filled in on loading.
    pub exceptional_successor: Option<String>,
    /// `exact` or `mixed`, for lines with the income of financial assets; of headings and totals likewise.
    pub asset_income: Option<String>,
    /// Other wordings of the label that were published.
    #[serde(default)]
    pub variants: Vec<String>,
    /// The position in the official model, from 0; filled in on loading.
    #[serde(skip)]
    pub position: u16,
    /// The label, normalised; filled in on loading.
    #[serde(skip)]
    pub(crate) normalised: String,
    /// The variants, normalised; filled in on loading.
    #[serde(skip)]
    pub(crate) normalised_variants: Vec<String>,
}

/// A difference between blocks, such as the result.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Stable identifier within the nomenclature.
    pub code: String,
    /// The official French label.
    pub label: String,
    /// The English gloss.
    pub gloss: String,
    /// The blocks that it adds.
    pub plus: Vec<String>,
    /// The blocks that it subtracts.
    pub minus: Vec<String>,
    /// The label, normalised; filled in on loading.
    #[serde(skip)]
    pub(crate) normalised: String,
}

const fn line_role() -> Role {
    Role::Line
}

/// The nomenclatures Centime knows, oldest first, and the statement by nature. To add one, add its file to `data/` and
/// name it here.
pub static NOMENCLATURES: LazyLock<[Nomenclature; 3]> = LazyLock::new(|| {
    [
        load(include_str!("../data/m14.toml")),
        load(include_str!("../data/m57.toml")),
        load(include_str!("../data/nature.toml")),
    ]
});

/// The code of the statement by nature.
pub const NATURE: &str = "NATURE";

/// Reads a structure file, and normalises its labels, since they are compared with every published one.
/// The files are part of the program and covered by the tests below, so an unreadable one is a bug.
fn load(text: &str) -> Nomenclature {
    let mut nomenclature: Nomenclature =
        toml::from_str(text).unwrap_or_else(|error| panic!("unreadable structure file: {error}"));
    for block in &mut nomenclature.blocks {
        block.normalised = normalise(&block.label);
        block.describe_sums();
    }
    let lines = nomenclature
        .blocks
        .iter_mut()
        .flat_map(|block| &mut block.lines);
    for (position, line) in (0_u16..).zip(lines) {
        line.position = position;
        line.normalised = normalise(&line.label);
        line.normalised_variants = line.variants.iter().map(|one| normalise(one)).collect();
    }
    for balance in &mut nomenclature.balances {
        balance.normalised = normalise(&balance.label);
    }
    nomenclature
}

/// They are distinguished by their codes.
impl PartialEq for Nomenclature {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Nomenclature {}

impl Nomenclature {
    /// The nomenclature with this code.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        NOMENCLATURES
            .iter()
            .find(|nomenclature| nomenclature.code == code)
    }

    /// The block with this published label, whatever its case, accents and spaces.
    pub fn block_by_label(&self, normalised: &str) -> Option<&Block> {
        self.blocks
            .iter()
            .find(|block| block.normalised == normalised)
    }

    /// The edition of the bodies with such a name; `None` for bodies that may use any other.
    pub fn edition_of_body(&self, name: &str) -> Option<&Edition> {
        let name = format!(" {} ", normalise(name));
        let names = |words: &String| name.contains(&format!(" {words} "));
        self.editions
            .iter()
            .find(|edition| edition.bodies.iter().any(names))
    }

    /// The edition of a chart of accounts in a year.
    pub fn edition_of_chart(&self, chart: &str, year: u16) -> Option<&Edition> {
        self.editions.iter().find(|edition| {
            edition.charts.iter().any(|known| known == chart)
                && edition.from <= year
                && edition.to.is_none_or(|to| year <= to)
        })
    }

    /// The lines that hold an account in an edition: one, or none for the accounts that the edition names. A
    /// subtotal is left out, as its parts hold the same accounts.
    pub fn lines_of_account<'a>(
        &'static self,
        edition: &'static Edition,
        account: &'a str,
    ) -> impl Iterator<Item = (&'static Block, &'static Line)> + use<'a> {
        let moved = edition
            .moved
            .iter()
            .find(|(code, _)| account.starts_with(code.as_str()));
        self.lines().filter(move |(block, line)| match moved {
            Some((_, place)) => *place == line.place(block),
            None => line.role != Role::Subtotal && line.holds(account),
        })
    }

    /// All lines with their blocks, in the order of the official model.
    pub fn lines(&self) -> impl Iterator<Item = (&Block, &Line)> {
        self.blocks
            .iter()
            .flat_map(|block| block.lines.iter().map(move |line| (block, line)))
    }

    /// The block with this code.
    pub fn block(&self, code: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.code == code)
    }

    /// The nomenclature to which most of these block labels belong; `None` when none of them is
    /// known, or when several nomenclatures fit equally well.
    pub fn detect<'a>(categories: impl IntoIterator<Item = &'a str>) -> Option<&'static Self> {
        // The rows of a year have few categories between them.
        let mut rows: HashMap<&str, usize> = HashMap::new();
        for category in categories {
            *rows.entry(category).or_default() += 1;
        }
        let mut votes = NOMENCLATURES.each_ref().map(|known| (0_usize, known));
        for (category, rows) in rows {
            let normalised = normalise(category);
            for (vote, nomenclature) in &mut votes {
                if nomenclature.block_by_label(&normalised).is_some() {
                    *vote += rows;
                }
            }
        }
        votes.sort_by_key(|(vote, _)| std::cmp::Reverse(*vote));
        let [(most, nomenclature), (next, _), ..] = votes;
        (most > next).then_some(nomenclature)
    }
}

impl Line {
    /// Where it is in its nomenclature, as `block/line`.
    pub fn place(&self, block: &Block) -> String {
        format!("{}/{}", block.code, self.code)
    }

    /// Whether it holds an account, added or subtracted.
    pub fn holds(&self, account: &str) -> bool {
        self.accounts_subtracted.have(account)
            || (self.accounts.have(account) && !self.accounts_excluded.have(account))
    }
}

impl Block {
    /// Fills in what a heading or total means where it stands in for its lines.
    fn describe_sums(&mut self) {
        for at in 0..self.lines.len() {
            let sum = &self.lines[at];
            if !matches!(sum.role, Role::Heading | Role::Total) {
                continue;
            }
            let below = |line: &&Line| match sum.role {
                Role::Total => !matches!(line.role, Role::Total | Role::Heading),
                _ => line.parent.as_deref() == Some(sum.code.as_str()),
            };
            let lines: Vec<&Line> = self.lines.iter().filter(below).collect();
            let categories: BTreeSet<&str> = lines
                .iter()
                .filter_map(|line| line.harmonised.as_deref())
                .collect();
            let harmonised = (self.side == Side::Expense).then(|| {
                let only = if categories.len() == 1 {
                    categories.first()
                } else {
                    None
                };
                (*only.unwrap_or(&UNDETAILED)).to_owned()
            });
            let mixed = |marked: bool| marked.then(|| "mixed".to_owned());
            let successor = mixed(
                lines
                    .iter()
                    .any(|line| line.exceptional_successor.is_some()),
            );
            let income = mixed(lines.iter().any(|line| line.asset_income.is_some()));
            let sum = &mut self.lines[at];
            sum.harmonised = harmonised;
            sum.exceptional_successor = successor;
            sum.asset_income = income;
        }
    }

    /// The line with this code.
    pub fn line(&self, code: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.code == code)
    }

    /// The lines that belong to this parent.
    pub fn children<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines
            .iter()
            .filter(move |line| line.parent.as_deref() == Some(parent))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_structure_is_sound() {
        for nomenclature in NOMENCLATURES.iter() {
            for block in &nomenclature.blocks {
                let codes: BTreeSet<_> = block.lines.iter().map(|line| &line.code).collect();
                assert_eq!(
                    codes.len(),
                    block.lines.len(),
                    "{}: codes repeat",
                    block.code
                );
                let labels: BTreeSet<_> = block
                    .lines
                    .iter()
                    .map(|line| normalise(&line.label))
                    .collect();
                assert_eq!(
                    labels.len(),
                    block.lines.len(),
                    "{}: labels repeat",
                    block.code
                );
                for line in &block.lines {
                    assert!(!line.gloss.is_empty());
                    if let Some(parent) = &line.parent {
                        let parent = block.line(parent).expect("a parent is in the same block");
                        assert!(matches!(parent.role, Role::Subtotal | Role::Heading));
                    }
                    if line.role == Role::Part {
                        assert!(line.parent.is_some(), "{} is part of nothing", line.code);
                    }
                    if line.role == Role::Subtotal {
                        assert!(block.children(&line.code).count() >= 2);
                    }
                    assert_eq!(
                        line.harmonised.is_some(),
                        block.side == Side::Expense,
                        "{}: every expense line has a harmonised category, nothing else has",
                        line.code
                    );
                    if let Some(within) = &line.within {
                        let subtotal = block.line(within).expect("a subtotal is in the same block");
                        assert_eq!((subtotal.role, line.role), (Role::Subtotal, Role::Line));
                        assert_eq!(line.parent, None);
                    }
                    // The leaf rule takes headings to be over plain lines.
                    if line.parent.as_ref().is_some_and(|parent| {
                        block
                            .line(parent)
                            .is_some_and(|parent| parent.role == Role::Heading)
                    }) {
                        assert_eq!(line.role, Role::Line, "{}", line.code);
                    }
                }
            }
        }
    }

    #[test]
    fn every_balance_and_edition_names_what_there_is() {
        for nomenclature in NOMENCLATURES.iter() {
            for balance in &nomenclature.balances {
                for block in balance.plus.iter().chain(&balance.minus) {
                    assert!(nomenclature.block(block).is_some(), "{block}");
                }
            }
            let places: BTreeSet<String> = nomenclature
                .lines()
                .map(|(block, line)| line.place(block))
                .collect();
            for edition in &nomenclature.editions {
                let named = edition
                    .without
                    .iter()
                    .chain(edition.moved.values())
                    .chain(edition.harmonised.keys());
                for place in named {
                    assert!(places.contains(place), "{}: {place}", edition.code);
                }
                for words in &edition.bodies {
                    assert_eq!(*words, normalise(words), "{}", edition.code);
                }
            }
        }
    }

    #[test]
    fn the_edition_of_a_body_follows_from_whole_words_of_its_name() {
        let m14 = Nomenclature::by_code("M14").unwrap();
        let of = |name: &str| m14.edition_of_body(name).map(|found| found.code.as_str());
        assert_eq!(of("CCAS de Vannes"), Some("M14_CCAS"));
        assert_eq!(of("Centre communal d’action sociale"), Some("M14_CCAS"));
        assert_eq!(of("Caisse des Écoles du 11e"), Some("M14_CE"));
        assert_eq!(of("Commune de Ccassis"), None);
        assert_eq!(of("Ville de Paris"), None);
    }

    #[test]
    fn totals_mean_what_all_their_lines_mean() {
        let m57 = Nomenclature::by_code("M57").unwrap();
        let category = |block: &str, line: &str| {
            let found = m57.block(block).unwrap().line(line).unwrap();
            found.harmonised.as_deref().unwrap()
        };
        assert_eq!(
            category("operating-expense", "operating-expense-total"),
            UNDETAILED
        );
        assert_eq!(
            category("intervention-expense", "intervention-total"),
            "interventions"
        );
        assert_eq!(
            category("financial-expense", "financial-expense-total"),
            "financial"
        );
    }

    #[test]
    fn the_years_of_the_change_are_told_apart_by_their_blocks() {
        let detect = |labels: &[&str]| {
            Nomenclature::detect(labels.iter().copied()).map(|found| found.code.as_str())
        };
        assert_eq!(
            detect(&["CHARGES COURANTES FINANCIERES", "PRODUITS EXCEPTIONNELS"]),
            Some("M14")
        );
        assert_eq!(
            detect(&["Charges d’intervention", "PRODUITS FINANCIERS"]),
            Some("M57")
        );
        assert_eq!(detect(&["Charges financières par nature"]), Some(NATURE));
        assert_eq!(detect(&["Dépenses diverses"]), None);
        assert_eq!(detect(&[]), None);
    }
}
