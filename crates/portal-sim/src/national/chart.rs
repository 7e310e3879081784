//! Which accounts a chart has: `national/accounts.tsv`, made by `make-accounts.py` beside it.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../national/accounts.tsv");

/// A chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    M14,
    M14A,
    M57,
    M57A,
    M52,
    M71,
    M49,
}

impl Family {
    pub const ALL: [Self; 7] = [
        Self::M14,
        Self::M14A,
        Self::M57,
        Self::M57A,
        Self::M52,
        Self::M71,
        Self::M49,
    ];

    /// Its name in the column `nomen`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::M14 => "M14",
            Self::M14A => "M14A",
            Self::M57 => "M57",
            Self::M57A => "M57A",
            Self::M52 => "M52",
            Self::M71 => "M71",
            Self::M49 => "M49",
        }
    }

    /// Its accounts, by number.
    pub fn accounts(self) -> &'static [&'static str] {
        &CHARTS[self as usize]
    }

    /// The first account whose number begins so.
    pub fn first(self, prefix: &str) -> Option<&'static str> {
        let mut accounts = self.accounts().iter().copied();
        accounts.find(|account| account.starts_with(prefix))
    }
}

static CHARTS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let lines = || TABLE.lines().filter_map(|line| line.split_once('\t'));
    let letters = TABLE.lines().filter_map(|line| line.strip_prefix("# "));
    let letter_of = |family: Family| {
        letters
            .clone()
            .filter_map(|line| line.split_once(' '))
            .find_map(|(letter, name)| (name == family.name()).then_some(letter))
    };
    let of = |family| {
        let letter = letter_of(family).expect("each chart has a letter");
        lines()
            .filter(|(_, charts)| charts.contains(letter))
            .map(|(number, _)| number)
            .collect()
    };
    Family::ALL.map(of).into()
});
