//! The values of a row.

use centime_accounts::label::normalise;
use centime_accounts::{BodyKind, Centimes, Flow, departement};

use super::columns::Column;
use crate::error::Problem;
use crate::values;
use crate::values::quoted;

/// What a row of a table says. Amounts are in euros, exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLine {
    /// The line of the table.
    pub line: u64,
    /// The year.
    pub year: centime_accounts::FiscalYear,
    /// The SIRET number of the budget.
    pub siret: String,
    /// What the budget is called.
    pub name: Option<String>,
    /// Which budget of its body it is.
    pub budget: Option<centime_accounts::Budget>,
    /// The INSEE code of the commune, with its département.
    pub insee: Option<String>,
    /// What the body is, where the table says so.
    pub body_kind: Option<BodyKind>,
    /// The INSEE code of the département that the body is in.
    pub departement: Option<&'static str>,
    /// The chart of accounts as published: `M57`, `M14A`.
    pub nomenclature: Option<String>,
    /// What the table says of the balance: `DEF` of a final one.
    pub standing: Option<String>,
    /// The account.
    pub account: String,
    /// The function, in tables by nature and function.
    pub function: Option<String>,
    /// What it opened with.
    pub opening: Flow,
    /// Operations of the budget, order operations included.
    pub budget_flow: Flow,
    /// Operations beside the budget.
    pub non_budget: Flow,
    /// The order operations among those of the budget; `None` where the table does not say.
    pub order: Option<Flow>,
    /// What it closed with.
    pub closing: Flow,
}

impl AccountLine {
    /// Reads a row, whose values are asked for by column, and holds it against its identity. Rows of a table by
    /// function are held against it as accounts, when they are added up: a balance may stand in each of them.
    ///
    /// # Errors
    ///
    /// When a value is none, or the account does not close with what it opened with and what moved it.
    pub fn read<'a>(
        value: &impl Fn(Column) -> Option<&'a str>,
        line: u64,
    ) -> Result<Self, Problem> {
        let given = |column| {
            let text = value(column).map(str::trim);
            text.filter(|text| !text.is_empty())
        };
        let needed = |column: Column| {
            given(column).ok_or_else(|| Problem::Missing(format!("value of {}", column.name())))
        };
        let flow = |debit, credit| -> Result<Option<Flow>, Problem> {
            let debit = given(debit).map(|text| amount(debit, text)).transpose()?;
            let credit = given(credit).map(|text| amount(credit, text)).transpose()?;
            Ok(Flow::balance_of(debit, credit))
        };
        let opening = flow(Column::OpeningDebit, Column::OpeningCredit)?;
        let budget_flow = flow(Column::BudgetDebit, Column::BudgetCredit)?;
        let non_budget = flow(Column::NonBudgetDebit, Column::NonBudgetCredit)?;
        let order = flow(Column::OrderDebit, Column::OrderCredit)?;
        let closing = flow(Column::ClosingDebit, Column::ClosingCredit)?;
        let code = values::siret(Column::Siret.name(), needed(Column::Siret)?)?;
        let read = Self {
            line,
            year: values::year(Column::Year.name(), needed(Column::Year)?)?,
            siret: code,
            name: given(Column::Name).map(str::to_owned),
            budget: given(Column::Budget).and_then(budget),
            insee: insee(given(Column::Departement), given(Column::Insee)),
            body_kind: body_kind(given(Column::Category), given(Column::BodyType)),
            departement: given(Column::Departement).and_then(departement::of_dgfip),
            nomenclature: given(Column::Nomenclature).map(str::to_owned),
            standing: given(Column::Standing).map(str::to_owned),
            account: values::account(Column::Account.name(), needed(Column::Account)?)?.to_owned(),
            function: given(Column::Function).map(str::to_owned),
            // Where a column is empty the identity proves that there is nothing in it.
            opening: opening.unwrap_or_default(),
            budget_flow: budget_flow.unwrap_or_default(),
            non_budget: non_budget.unwrap_or_default(),
            order,
            closing: closing.unwrap_or_default(),
        };
        if [opening, budget_flow, non_budget, closing]
            .iter()
            .all(Option::is_none)
        {
            return Err(Problem::Value {
                field: Column::Account.name().to_owned(),
                reason: format!("the account {} has no amounts", read.account),
            });
        }
        if read.function.is_none() {
            read.check()?;
        }
        Ok(read)
    }

    /// What it should close with, debit less credit.
    fn expected(&self) -> Option<Centimes> {
        let balances = [self.opening, self.budget_flow, self.non_budget].map(balance);
        balances
            .into_iter()
            .try_fold(Centimes::ZERO, |sum, balance| sum.checked_add(balance?))
    }

    fn check(&self) -> Result<(), Problem> {
        let range = || Problem::OutOfRange(self.account.clone());
        let expected = self.expected().ok_or_else(range)?;
        let closing = balance(self.closing).ok_or_else(range)?;
        let difference = closing.checked_sub(expected).ok_or_else(range)?;
        if difference.abs() <= Centimes::new(1) {
            return Ok(());
        }
        Err(Problem::NotClosed {
            account: self.account.clone(),
            closing: closing.to_string(),
            expected: expected.to_string(),
        })
    }
}

fn balance(flow: Flow) -> Option<Centimes> {
    flow.debit.checked_sub(flow.credit)
}

/// An amount; a fraction of a centime is none.
fn amount(column: Column, text: &str) -> Result<Centimes, Problem> {
    let whole = text.split_once('.').is_none_or(|(_, decimals)| {
        decimals.len() <= 2
            || decimals.trim_end_matches('0').len() <= 2
            || decimals.contains(['e', 'E'])
    });
    if !whole {
        return Err(Problem::Value {
            field: column.name().to_owned(),
            reason: format!("{} has a fraction of a centime", quoted(text)),
        });
    }
    values::amount(column.name(), text)
}

/// Which budget it is, by its code, or before 2016 by `BP` and `BA`.
fn budget(text: &str) -> Option<centime_accounts::Budget> {
    match text {
        "BP" => Some(centime_accounts::Budget::Main),
        "BA" => Some(centime_accounts::Budget::Annex),
        _ => centime_accounts::Budget::parse(text),
    }
}

/// What a body is, by its category (`CATEG`, before 2016 `type`), else by the code of its type (`CTYPE`). Paris has a
/// category and a code of its own since 2019. Other kinds of body, such as syndicates, have no name of ours.
fn body_kind(category: Option<&str>, code: Option<&str>) -> Option<BodyKind> {
    let of_category = category.and_then(|category| match normalise(category).as_str() {
        "commune" | "paris" => Some(BodyKind::Commune),
        "gfp" => Some(BodyKind::Grouping),
        "dept" | "departement" => Some(BodyKind::Departement),
        "reg" | "region" => Some(BodyKind::Region),
        _ => None,
    });
    match (category, of_category, code) {
        (None, _, Some("101" | "702")) => Some(BodyKind::Commune),
        (_, found, _) => found,
    }
}

/// The département and the code within it that the DGFiP writes for a commune: `038` and `185` of `38185`.
pub fn codes(insee: &str) -> Option<(String, String)> {
    let is_code = insee.len() == 5 && insee.bytes().all(|it| it.is_ascii_alphanumeric());
    let (departement, code) = insee.split_at_checked(2).filter(|_| is_code)?;
    if departement == "97" {
        // Overseas the third digit is part of both.
        return Some((format!("10{}", &code[..1]), code.to_owned()));
    }
    Some((format!("0{departement}"), code.to_owned()))
}

/// The INSEE code of a commune: of `038` and `185`, or of `38` and `185`. Départements overseas are numbered 101 to 106
/// by the DGFiP, and their communes 101 to 699.
pub fn insee(departement: Option<&str>, code: Option<&str>) -> Option<String> {
    let (departement, code) = (departement?.trim(), code?.trim());
    let code = code.strip_suffix(".0").unwrap_or(code);
    if code.len() == 5 {
        return Some(code.to_owned());
    }
    let is_number =
        !code.is_empty() && code.len() <= 3 && code.bytes().all(|it| it.is_ascii_digit());
    if !is_number {
        return None;
    }
    let short = departement.trim_start_matches('0');
    let is_overseas = departement.len() == 3 && short.len() == 3;
    let start = if is_overseas { "97" } else { short };
    (start.len() <= 2 && !start.is_empty()).then(|| format!("{start:0>2}{code:0>3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_commune_is_found_however_it_is_published() {
        let of = |departement, code| insee(Some(departement), Some(code));
        assert_eq!(of("038", "185").as_deref(), Some("38185"));
        assert_eq!(of("38", "53").as_deref(), Some("38053"));
        assert_eq!(of("001", "4").as_deref(), Some("01004"));
        assert_eq!(of("02A", "004").as_deref(), Some("2A004"));
        assert_eq!(of("104", "411").as_deref(), Some("97411"));
        assert_eq!(of("075", "75056").as_deref(), Some("75056"));
        assert_eq!(of("075", ""), None);
    }

    #[test]
    fn what_a_body_is_follows_from_its_category_or_the_code_of_its_type() {
        let of = |category, code| body_kind(category, code);
        assert_eq!(of(Some("Commune"), Some("101")), Some(BodyKind::Commune));
        assert_eq!(of(Some("PARIS"), Some("702")), Some(BodyKind::Commune));
        assert_eq!(of(Some("DEPT"), None), Some(BodyKind::Departement));
        assert_eq!(of(Some("GFP"), None), Some(BodyKind::Grouping));
        // 2016 has neither a category nor a type.
        assert_eq!(of(None, Some("101")), Some(BodyKind::Commune));
        assert_eq!(of(Some("EPL"), Some("101")), None);
        assert_eq!(of(None, Some("536")), None);
    }

    #[test]
    fn the_code_of_a_commune_is_taken_apart_as_it_is_put_together() {
        for code in ["38185", "01004", "2A004", "97411", "75056"] {
            let (departement, within) = codes(code).unwrap();
            assert_eq!(
                insee(Some(&departement), Some(&within)).as_deref(),
                Some(code)
            );
        }
        assert_eq!(codes("3818"), None);
    }
}
