//! The public bodies of a dataset, and the numbers that their accounts are kept by.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use centime_accounts::identifier;

/// The public bodies of a dataset, by the numbers they are kept by.
#[derive(Debug, Default)]
pub struct Bodies {
    /// Each with its first record.
    numbers: HashMap<String, i64>,
    /// The budgets of each SIREN number, where there is any.
    budgets: BTreeMap<String, Vec<String>>,
}

impl Bodies {
    pub fn new(numbers: HashMap<String, i64>) -> Self {
        let mut budgets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for siret in numbers
            .keys()
            .filter_map(|number| identifier::siret(number))
        {
            let of_body = budgets
                .entry(identifier::siren(siret).to_owned())
                .or_default();
            of_body.push(siret.to_owned());
        }
        Self { numbers, budgets }
    }

    /// The bodies that control totals are of. Where the records of a body name its budgets, this is the main one. A body
    /// is found by its INSEE code, too.
    pub fn of_main(
        all: &Self,
        main: &BTreeMap<&str, &str>,
        codes: &BTreeMap<String, String>,
    ) -> Self {
        let mut budgets = BTreeMap::new();
        for (siren, of_body) in &all.budgets {
            let main = main.get(siren.as_str()).map(|number| (*number).to_owned());
            let only = of_body.first().filter(|_| of_body.len() == 1).cloned();
            if let Some(number) = main.or(only) {
                budgets.insert(siren.clone(), vec![number]);
            }
        }
        for (code, number) in codes {
            let known = |number: &str| all.numbers.contains_key(number);
            let siren = identifier::siren(number);
            let kept = budgets.get(siren).and_then(|of| of.first().cloned());
            let kept = kept.or_else(|| {
                [number.as_str(), siren]
                    .into_iter()
                    .find(|it| known(it))
                    .map(str::to_owned)
            });
            if let Some(kept) = kept {
                budgets.insert(code.clone(), vec![kept]);
            }
        }
        Self {
            numbers: HashMap::new(),
            budgets,
        }
    }

    /// The number of each body, with its first record.
    pub fn numbers(&self) -> &HashMap<String, i64> {
        &self.numbers
    }

    /// All bodies of several datasets.
    pub fn of_all<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let numbers = all.into_iter().flat_map(|bodies| bodies.numbers.clone());
        Self::new(numbers.collect())
    }

    /// The number of the only one.
    pub fn only(&self) -> Option<&str> {
        let mut numbers = self.numbers.keys();
        numbers
            .next()
            .filter(|_| numbers.next().is_none())
            .map(String::as_str)
    }

    /// Whether budgets are kept together under the SIREN number of their body.
    pub fn are_merged(&self) -> bool {
        self.budgets.is_empty()
    }

    /// The number that accounts with this number are kept by; the number itself as the error where it could be one of
    /// several budgets.
    pub fn number<'a>(&'a self, number: Cow<'a, str>) -> Result<Cow<'a, str>, Cow<'a, str>> {
        if self.numbers.contains_key(&*number) {
            return Ok(number);
        }
        match self.budgets.get(&*number).map(Vec::as_slice) {
            None => Ok(number),
            Some([only]) => Ok(Cow::Borrowed(only)),
            Some(_) => Err(number),
        }
    }

    /// Bodies that have some records with the number of a budget and others without, with the first of those.
    pub fn partly_numbered(&self) -> impl Iterator<Item = (&str, i64)> {
        let siren = self.budgets.keys();
        siren.filter_map(|siren| Some((siren.as_str(), *self.numbers.get(siren)?)))
    }
}
