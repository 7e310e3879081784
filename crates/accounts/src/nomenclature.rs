//! The official structures of the income statement, read from `data/*.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::label::normalise;
use crate::statement::{Activity, Role, Side};

/// A chart of accounts and the statement it prescribes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nomenclature {
    /// `M14` or `M57`.
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
    normalised: String,
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
    /// Account prefixes included.
    #[serde(default)]
    pub accounts: String,
    /// Account prefixes excluded from those included.
    #[serde(default)]
    pub accounts_excluded: String,
    /// Account prefixes subtracted.
    #[serde(default)]
    pub accounts_subtracted: String,
    /// The category comparable across nomenclatures.
    pub harmonised: Option<String>,
    /// `exact` or `mixed`, for lines that took over what M14 called exceptional.
    pub exceptional_successor: Option<String>,
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
    /// The label, normalised; filled in on loading.
    #[serde(skip)]
    pub(crate) normalised: String,
}

const fn line_role() -> Role {
    Role::Line
}

/// The nomenclatures Centime knows, oldest first. To add one, add its file to `data/` and name it
/// here.
pub static NOMENCLATURES: LazyLock<[Nomenclature; 2]> = LazyLock::new(|| {
    [
        load(include_str!("../data/m14.toml")),
        load(include_str!("../data/m57.toml")),
    ]
});

/// Reads a structure file, and normalises its labels, since they are compared with every published one.
/// The files are part of the program and covered by the tests below, so an unreadable one is a bug.
fn load(text: &str) -> Nomenclature {
    let mut nomenclature: Nomenclature =
        toml::from_str(text).unwrap_or_else(|error| panic!("unreadable structure file: {error}"));
    for block in &mut nomenclature.blocks {
        block.normalised = normalise(&block.label);
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

    /// The block with this code.
    pub fn block(&self, code: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.code == code)
    }

    /// The nomenclature to which most of these block labels belong; `None` when none of them is
    /// known, or when two nomenclatures fit equally well.
    pub fn detect<'a>(categories: impl IntoIterator<Item = &'a str>) -> Option<&'static Self> {
        // The rows of a year have few categories between them.
        let mut rows: HashMap<&str, usize> = HashMap::new();
        for category in categories {
            *rows.entry(category).or_default() += 1;
        }
        let mut votes = [0_usize; 2];
        for (category, rows) in rows {
            let normalised = normalise(category);
            for (vote, nomenclature) in votes.iter_mut().zip(NOMENCLATURES.iter()) {
                if nomenclature.block_by_label(&normalised).is_some() {
                    *vote += rows;
                }
            }
        }
        match votes[0].cmp(&votes[1]) {
            std::cmp::Ordering::Greater => Some(&NOMENCLATURES[0]),
            std::cmp::Ordering::Less => Some(&NOMENCLATURES[1]),
            std::cmp::Ordering::Equal => None,
        }
    }
}

impl Block {
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
                    let comparable = line.harmonised.is_some();
                    let countable = !matches!(line.role, Role::Total | Role::Heading);
                    assert_eq!(
                        comparable,
                        block.side == Side::Expense && countable,
                        "{}: every expense line has a harmonised category, nothing else has",
                        line.code
                    );
                }
            }
        }
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
        assert_eq!(detect(&["Dépenses diverses"]), None);
        assert_eq!(detect(&[]), None);
    }
}
