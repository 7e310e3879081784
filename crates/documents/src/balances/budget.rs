//! The rows of a budget's year, as a document.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::label::normalise;
use centime_accounts::{AccountRow, BodyKind, FiscalYear, TrialBalance};

use super::row::AccountLine;
use crate::document::{
    BudgetBalances, Document, DocumentBudget, DocumentKind, Executed, FunctionPart, Standing,
};
use crate::error::{Error, Problem};
use crate::values;

fn standing(text: Option<&str>) -> Standing {
    match text {
        Some(text) if !matches!(normalise(text).as_str(), "def" | "definitive" | "") => {
            Standing::Provisional(text.chars().take(40).collect())
        }
        _ => Standing::Final,
    }
}

/// Which document a row belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    siret: String,
    year: FiscalYear,
    standing: Standing,
}

impl Key {
    pub fn of(line: &AccountLine) -> Self {
        Self {
            siret: line.siret.clone(),
            year: line.year,
            standing: standing(line.standing.as_deref()),
        }
    }
}

/// The rows of a budget's year so far.
#[derive(Debug)]
pub struct Gathered {
    name: String,
    kind: Option<centime_accounts::Budget>,
    insee: Option<String>,
    body_kind: Option<BodyKind>,
    departement: Option<&'static str>,
    nomenclature: Option<String>,
    lines: u64,
    rows: Vec<AccountRow>,
    functions: Vec<FunctionPart>,
    /// Accounts that were there, with their functions.
    seen: BTreeSet<(String, Option<String>)>,
}

impl Gathered {
    pub fn new(first: &AccountLine) -> Self {
        Self {
            name: first.name.clone().unwrap_or_else(|| first.siret.clone()),
            kind: first.budget,
            insee: first.insee.clone(),
            body_kind: first.body_kind,
            departement: first.departement,
            nomenclature: first.nomenclature.clone(),
            lines: 0,
            rows: Vec::new(),
            functions: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub fn add(&mut self, line: AccountLine) -> Result<(), Problem> {
        if line.nomenclature != self.nomenclature {
            let text = |name: &Option<String>| name.as_deref().unwrap_or("none").into();
            return Err(Problem::Several {
                what: "nomenclatures for a year of the budget",
                one: text(&self.nomenclature),
                other: text(&line.nomenclature),
                advice: "give the rows of each as a file of its own",
            });
        }
        if !self
            .seen
            .insert((line.account.clone(), line.function.clone()))
        {
            return Err(Problem::Repeated(line.account));
        }
        self.lines += 1;
        self.rows.push(AccountRow {
            record: i64::try_from(line.line).unwrap_or(i64::MAX),
            account: line.account.clone(),
            opening: Some(line.opening),
            budget: Some(line.budget_flow),
            order: line.order,
            non_budget: Some(line.non_budget),
            closing: Some(line.closing),
        });
        if let Some(function) = line.function {
            self.functions.push(FunctionPart {
                account: line.account,
                function,
                budget: line.budget_flow,
                order: line.order,
            });
        }
        Ok(())
    }

    /// The document, its accounts added up over functions.
    pub fn document(self, key: Key, file: &str) -> Result<Document, Error> {
        let of = format!("{} {}", key.siret, key.year.get());
        let trial = TrialBalance::from_rows(key.year, self.rows).map_err(|error| {
            let reason = error.to_string();
            Error::whole(file, Problem::Value { field: of, reason })
        })?;
        let kind = match key.standing {
            Standing::Final => DocumentKind::AccountBalances,
            Standing::Provisional(_) => DocumentKind::ProvisionalBalances,
        };
        let chart = self.nomenclature.as_deref();
        Ok(Document {
            file: file.to_owned(),
            kind,
            version: None,
            budget: DocumentBudget {
                siret: key.siret,
                name: self.name,
                kind: self.kind,
                insee: self.insee,
                body_kind: self.body_kind,
                departement: self.departement,
            },
            year: key.year,
            // One that is not known is kept as the table names it.
            chart: chart.and_then(|name| values::chart(name).ok()),
            population: None,
            statement: Vec::new(),
            balance: Vec::new(),
            executed: Executed::default(),
            budget_part: Executed::default(),
            balances: Some(BudgetBalances {
                nomenclature: self.nomenclature,
                standing: key.standing,
                trial,
                functions: self.functions,
            }),
            lines: self.lines,
        })
    }
}

/// Takes a provisional balance out where the final one of the same year is there.
pub fn without_provisional_of_final(budgets: &mut BTreeMap<Key, Gathered>) {
    let finals: BTreeSet<(String, FiscalYear)> = budgets
        .keys()
        .filter(|key| key.standing == Standing::Final)
        .map(|key| (key.siret.clone(), key.year))
        .collect();
    budgets.retain(|key, _| {
        key.standing == Standing::Final || !finals.contains(&(key.siret.clone(), key.year))
    });
}
