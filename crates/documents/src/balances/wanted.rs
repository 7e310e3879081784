//! Which bodies are taken of a table of many.

use std::collections::BTreeSet;

use centime_accounts::identifier;
use centime_accounts::label::normalise;

use super::columns::Column;
use super::row::insee;
use crate::document::DocumentBudget;
use crate::error::Problem;

/// Bodies that are wanted; all of them where none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(Vec<Named>);

/// How a body is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its SIREN number: all its budgets.
    Siren(String),
    /// One of its budgets.
    Siret(String),
    /// By the INSEE code of a commune: all budgets of bodies in it.
    Insee(String),
    /// By the name of the budget, as it was given and without accents and capitals.
    Name(String, String),
}

impl Wanted {
    /// The bodies with these numbers, codes or names: a SIREN number has nine digits, a SIRET number fourteen, an INSEE
    /// code five; anything else is a name.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let bodies = names.into_iter().map(|name| Named::of(name.as_ref()));
        Self(bodies.collect())
    }

    /// Whether all bodies are wanted.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a budget is wanted.
    pub fn takes(&self, siret: &str, code: Option<&str>, name: &str) -> bool {
        self.is_all() || self.0.iter().any(|one| one.is(siret, code, name))
    }

    /// A choice row by row, which remembers the budget of the last.
    pub(super) fn choice(&self) -> Choice<'_> {
        Choice {
            wanted: self,
            last: None,
        }
    }

    /// Holds the budgets that were found against what was wanted: every body that was named is there, and a name is
    /// that of one.
    pub fn check_found(&self, found: &BTreeSet<DocumentBudget>) -> Result<(), Problem> {
        for one in &self.0 {
            let of_it = found
                .iter()
                .filter(|it| one.is(&it.siret, it.insee.as_deref(), &it.name));
            let numbers: BTreeSet<&str> = of_it.map(|it| identifier::siren(&it.siret)).collect();
            if numbers.is_empty() {
                return Err(Problem::NoSuchBody(one.text().to_owned()));
            }
            if matches!(one, Named::Name(..)) && numbers.len() > 1 {
                let shown: Vec<&str> = numbers.into_iter().take(5).collect();
                return Err(Problem::SeveralBodies {
                    name: one.text().to_owned(),
                    numbers: shown.join(", "),
                });
            }
        }
        Ok(())
    }
}

impl Named {
    /// What a text names.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        if let Ok(digits) = identifier::digits(text) {
            return match identifier::siret(&digits) {
                Some(siret) => Self::Siret(siret.to_owned()),
                None => Self::Siren(digits.into_owned()),
            };
        }
        let is_code = text.len() == 5
            && text.bytes().filter(u8::is_ascii_digit).count() >= 4
            && text.bytes().all(|letter| letter.is_ascii_alphanumeric());
        if is_code {
            Self::Insee(text.to_ascii_uppercase())
        } else {
            Self::Name(text.to_owned(), normalise(text))
        }
    }

    fn is(&self, siret: &str, code: Option<&str>, name: &str) -> bool {
        match self {
            Self::Siren(wanted) => identifier::siren(siret) == wanted,
            Self::Siret(wanted) => siret == wanted,
            Self::Insee(wanted) => code == Some(wanted.as_str()),
            Self::Name(_, wanted) => normalise(name) == *wanted,
        }
    }

    /// The number, the code or the name, as it was given.
    pub fn text(&self) -> &str {
        match self {
            Self::Siren(text) | Self::Siret(text) | Self::Insee(text) | Self::Name(text, _) => text,
        }
    }
}

/// Which rows are taken.
pub(super) struct Choice<'a> {
    wanted: &'a Wanted,
    /// What the last row said of its budget, and whether that is wanted.
    last: Option<([String; 3], bool)>,
}

impl Choice<'_> {
    /// Whether a row is taken. Its values are asked for by column.
    pub fn takes<'a>(&mut self, value: &impl Fn(Column) -> Option<&'a str>) -> bool {
        if self.wanted.is_all() {
            return true;
        }
        let given = |column| value(column).unwrap_or_default();
        let said = [
            given(Column::Siret),
            given(Column::Insee),
            given(Column::Name),
        ];
        if let Some((last, taken)) = &self.last
            && last.iter().map(String::as_str).eq(said)
        {
            return *taken;
        }
        let digits = identifier::digits(said[0]).unwrap_or_default();
        let code = insee(value(Column::Departement), value(Column::Insee));
        let taken = self.wanted.takes(&digits, code.as_deref(), said[2]);
        self.last = Some((said.map(str::to_owned), taken));
        taken
    }
}
