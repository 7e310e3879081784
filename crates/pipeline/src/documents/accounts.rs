//! The accounts of a document as records.

use std::collections::BTreeMap;

use centime_accounts::label::normalise;
use centime_accounts::trial_balance::{AccountBalance, Basis};
use centime_accounts::{Centimes, TrialBalance};
use centime_documents::{Document, DocumentKind, ExecutedAccount};

use super::form::{AccountRecord, Origin, euros, json};

/// The accounts of a document, each with what it says of it.
pub fn records(document: &Document, origin: &Origin<'_>, trial: &TrialBalance) -> Vec<String> {
    // Without accounts of the result there is nothing that could be computed of them.
    if !trial.of_class(6).chain(trial.of_class(7)).any(|_| true) {
        return Vec::new();
    }
    all(document, origin, trial)
}

/// The same, also where nothing could be computed of them.
pub fn all(document: &Document, origin: &Origin<'_>, trial: &TrialBalance) -> Vec<String> {
    let titles: BTreeMap<&str, &str> = booked(document)
        .filter_map(|account| Some((account.account.as_str(), account.label.as_deref()?)))
        .collect();
    let debt = printed_debt(document);
    let accounts = trial.accounts().map(|account| {
        json(&AccountRecord {
            origin,
            ligne: account.records.first().copied(),
            compte: &account.account,
            libelle: titles.get(account.account.as_str()).copied(),
            amounts: amounts(account),
            population: document.population.filter(|number| *number > 0),
            encours_de_dette: euros(debt),
        })
    });
    accounts.collect()
}

/// What a document says of an account, under the names that the DGFiP gives it. A column that it does not have is left
/// out, and so is a closing balance that follows from the others.
fn amounts(account: &AccountBalance) -> BTreeMap<&'static str, String> {
    let given = account.closing.filter(|_| account.basis == Basis::Given);
    let columns = [
        (account.opening, ["bedeb", "becre"]),
        (account.budget, ["obnetdeb", "obnetcre"]),
        (account.order, ["oobdeb", "oobcre"]),
        (account.non_budget, ["onbdeb", "onbcre"]),
        (given, ["sd", "sc"]),
    ];
    let mut amounts = BTreeMap::new();
    for (flow, [debit, credit]) in columns {
        let Some(flow) = flow else { continue };
        amounts.insert(debit, flow.debit.to_string());
        amounts.insert(credit, flow.credit.to_string());
    }
    amounts
}

/// The accounts that a document tells. The accounting part of a CFU has what was spent on assets by operation, and not
/// by account, where it was voted so: that is taken of the budget part, which has all of it.
pub fn booked(document: &Document) -> impl Iterator<Item = &ExecutedAccount> {
    let by_operation = document.kind == DocumentKind::UnifiedAccount;
    let of_assets = |account: &&ExecutedAccount| account.class() == Some(2);
    let own = document.executed.accounts.iter();
    let own = own.filter(move |account| !by_operation || !of_assets(account));
    let of_budget = document.budget_part.accounts.iter();
    own.chain(of_budget.filter(move |account| by_operation && of_assets(account)))
}

/// The debt on 31 December, as the ratios of the document count it: bonds and loans of credit institutions. The balance
/// sheet has deposits among its other loans. A line of the form in which nothing is printed is nil.
fn printed_debt(document: &Document) -> Option<Centimes> {
    let of_loans = |label: &str| {
        let label = normalise(label);
        label == "emprunts obligataires"
            || label == "emprunts souscrits aupres des etablissements de credit"
    };
    let lines = document.balance.iter();
    let mut loans = lines.filter(|line| !line.is_asset && of_loans(&line.label));
    let first = loans.next()?.net.unwrap_or_default();
    loans.try_fold(first, |sum, line| {
        sum.checked_add(line.net.unwrap_or_default())
    })
}
