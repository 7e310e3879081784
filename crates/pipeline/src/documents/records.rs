//! What a document says, as the records that a portal would send.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use centime_accounts::computed::Held;
use centime_accounts::label::normalise;
use centime_accounts::{
    AccountRow, Budget, Centimes, Chart, Classifier, ComputedStatement, FiscalYear, Flow,
    NatureStatement, Published, Side, StatementRow, TrialBalance, YearStatement,
};
use centime_documents::{Document, ExecutedAccount, Problem, StatementEntry, WitnessKind};
use centime_warehouse::Subject;

use super::form::{BalanceRecord, Origin, ProfileOf, StatementRecord, euros, json};
use super::restated::is_result;
use super::{COLUMNS, accounts, sheet};
use crate::error::Error;

/// The records of a slice.
pub struct Made {
    pub subject: Subject,
    pub year: FiscalYear,
    /// Which column of the document they are from.
    pub column: &'static str,
    /// JSON texts.
    pub records: Vec<String>,
}

/// The kind of a budget in the words of portals.
const fn budget_word(kind: Budget) -> &'static str {
    match kind {
        Budget::Main => "budget principal",
        Budget::Attached => "budget rattaché",
        Budget::Annex => "budget annexe",
    }
}

/// The records of a table of account balances of a budget's year, of one subject: its statement, its balance sheet or
/// its accounts.
pub fn of_balances(document: &Document, subject: Subject) -> Result<Vec<String>, Error> {
    let refused = |problem| refused(document, problem);
    let chart = chart(document, None).map_err(refused)?;
    let trial = trial_balance(document).map_err(refused)?;
    let file = shown(&document.file);
    let origin = origin(document, &file, chart.name());
    match subject {
        Subject::IncomeStatement => computed(document, &origin, &trial, &chart).map_err(refused),
        Subject::BalanceSheet => Ok(sheet::computed(&origin, &trial, &chart)),
        Subject::AccountBalances => Ok(accounts::records(document, &origin, &trial)),
        // No table of balances has totals of others.
        Subject::Aggregates => Ok(Vec::new()),
    }
}

/// The accounts of a budget's year whose chart of accounts is of no known family, as records. Nothing follows from them.
pub fn of_unknown_chart(document: &Document) -> Result<Vec<String>, Error> {
    let trial = trial_balance(document).map_err(|problem| refused(document, problem))?;
    let file = shown(&document.file);
    let balances = document.balances.as_ref();
    let named = balances.and_then(|balances| balances.nomenclature.as_deref());
    let origin = origin(document, &file, named.unwrap_or_default());
    Ok(accounts::all(document, &origin, &trial))
}

fn refused(document: &Document, problem: Problem) -> Error {
    Error::Document(centime_documents::Error {
        file: document.file.clone(),
        line: None,
        problem,
    })
}

/// What the records of the year of a document say of where they are from.
fn origin<'a>(document: &'a Document, file: &'a str, nomenclature: &'a str) -> Origin<'a> {
    Origin {
        siret: &document.budget.siret,
        collectivite: &document.budget.name,
        type_de_budget: document.budget.kind.map(budget_word),
        exercice: document.year.get(),
        document: document.kind.name(),
        fichier: file,
        colonne: COLUMNS[0],
        nomenclature,
    }
}

/// The records of a document: those of its year, and those of the year before where it prints them.
pub fn of(document: &Document, nomenclature: Option<&str>) -> Result<Vec<Made>, Error> {
    let refused = |problem| refused(document, problem);
    let chart = chart(document, nomenclature).map_err(refused)?;
    let trial = trial_balance(document).map_err(refused)?;
    let file = shown(&document.file);
    let origin = origin(document, &file, chart.name());
    let previous = FiscalYear::parse(&(document.year.get() - 1).to_string()).ok();
    let before = previous.map(|year| Origin {
        exercice: year.get(),
        colonne: COLUMNS[1],
        ..origin.clone()
    });
    let mut made = Vec::new();
    // A form that is not known could not be read line by line.
    let is_printed = !document.statement.is_empty() && chart.nomenclature().is_some();
    let statement = if is_printed {
        printed(document, &origin, &trial, &chart)
    } else {
        computed(document, &origin, &trial, &chart).map_err(refused)?
    };
    let mut add = |subject, year, column, records: Vec<String>| {
        if !records.is_empty() {
            made.push(Made {
                subject,
                year,
                column,
                records,
            });
        }
    };
    add(
        Subject::IncomeStatement,
        document.year,
        COLUMNS[0],
        statement,
    );
    let sheet = match &document.balances {
        Some(_) => sheet::computed(&origin, &trial, &chart),
        None => balance(document, &origin, false),
    };
    add(Subject::BalanceSheet, document.year, COLUMNS[0], sheet);
    add(
        Subject::AccountBalances,
        document.year,
        COLUMNS[0],
        accounts::records(document, &origin, &trial),
    );
    if let (Some(year), Some(before)) = (previous, &before) {
        let has = document
            .statement
            .iter()
            .any(|line| line.previous.is_some());
        if has && is_printed {
            let records = document
                .statement
                .iter()
                .map(|line| json(&printed_record(before, line, line.previous)));
            add(
                Subject::IncomeStatement,
                year,
                COLUMNS[1],
                records.collect(),
            );
        }
        if document.balance.iter().any(|line| line.previous.is_some()) {
            add(
                Subject::BalanceSheet,
                year,
                COLUMNS[1],
                balance(document, before, true),
            );
        }
    }
    Ok(made)
}

/// The name of a file without the folders that it is in, which may name persons or machines.
pub fn shown(file: &str) -> String {
    let (outer, inner) = match file.split_once(" › ") {
        Some((outer, inner)) => (outer, Some(inner)),
        None => (file, None),
    };
    let name = Path::new(outer).file_name();
    let name = name.map_or_else(
        || outer.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    match inner {
        Some(inner) => format!("{name} › {inner}"),
        None => name,
    }
}

/// The chart of accounts: as the document names it, or as it is set, or the one that its accounts are of.
fn chart(document: &Document, nomenclature: Option<&str>) -> Result<Chart, Problem> {
    let named = document.chart.as_ref().map(|chart| chart.name.as_str());
    if let Some(name) = named.or(nomenclature) {
        return Chart::find(name, document.year).map_err(|error| Problem::Value {
            field: "nomenclature".to_owned(),
            reason: error.to_string(),
        });
    }
    let executed = document.executed.of_result();
    let mut accounts: Vec<&str> = executed.map(|one| one.account.as_str()).collect();
    let balances = document.balances.iter();
    let balances = balances.flat_map(|balances| balances.trial.accounts());
    let of_result = balances.filter(|account| matches!(account.class(), 6 | 7));
    accounts.extend(of_result.map(|account| account.account.as_str()));
    Chart::fitting(&accounts, document.year).map_err(|reason| Problem::Value {
        field: "nomenclature".to_owned(),
        reason: format!(
            "the document names none, and {reason}: say which with --nomenclature, as in --nomenclature M57"
        ),
    })
}

/// The accounts as a trial balance: those of a table of balances, or what was executed.
fn trial_balance(document: &Document) -> Result<TrialBalance, Problem> {
    if let Some(balances) = &document.balances {
        return Ok(balances.trial.clone());
    }
    let row = |account: &ExecutedAccount| AccountRow {
        record: i64::try_from(account.line).unwrap_or(i64::MAX),
        account: account.account.clone(),
        budget: Some(Flow {
            debit: account.debit,
            credit: account.credit,
        }),
        order: Some(Flow {
            debit: account.order_debit,
            credit: account.order_credit,
        }),
        ..AccountRow::default()
    };
    let rows = accounts::booked(document).map(row);
    TrialBalance::from_rows(document.year, rows).map_err(|error| Problem::Value {
        field: "accounts".to_owned(),
        reason: error.to_string(),
    })
}

/// The printed statement, each line beside what the accounts come to.
fn printed(
    document: &Document,
    origin: &Origin<'_>,
    trial: &TrialBalance,
    chart: &Chart,
) -> Vec<String> {
    let computed = ComputedStatement::new(trial, chart).ok();
    let places = places(document);
    let lines = document.statement.iter().zip(&places);
    lines
        .map(|(line, place)| {
            let computed = computed.as_ref().zip(place.as_deref());
            let computed = computed.and_then(|(computed, place)| computed.line(place));
            let mut record = printed_record(origin, line, line.amount);
            if line.is_result() {
                record.temoins = witnesses(document, WitnessKind::Statement);
            }
            if let Some(computed) = computed {
                record.montant_des_comptes = euros(computed.amount);
                record.comptes = accounts_of(&computed.accounts);
            }
            json(&record)
        })
        .collect()
}

/// What the document says of the result elsewhere than in the part that its statement is taken from.
fn witnesses(document: &Document, taken: WitnessKind) -> BTreeMap<&'static str, String> {
    let witnesses = document.witnesses().into_iter();
    witnesses
        .filter(|witness| witness.kind != taken)
        .map(|witness| (witness.kind.name(), witness.result.to_string()))
        .collect()
}

fn accounts_of(held: &[Held]) -> BTreeMap<&str, String> {
    held.iter()
        .map(|held| (held.account.as_str(), held.amount.to_string()))
        .collect()
}

/// Where each printed line is in the official model, as [`ComputedStatement::line`] finds it.
fn places(document: &Document) -> Vec<Option<String>> {
    let rows: Vec<StatementRow> = (1..)
        .zip(&document.statement)
        .map(|(record, line)| StatementRow {
            record,
            year: document.year,
            published: Arc::new(Published {
                activity: activity(line).to_owned(),
                side: side(line).to_owned(),
                category: line.block.clone(),
                label: line.label.clone(),
            }),
            amount: line.amount,
        })
        .collect();
    let mut classifier = Classifier::default();
    classifier.begin_body(&document.budget.name);
    let understood = YearStatement::new(document.year, &rows, &mut classifier);
    let mut places = vec![None; rows.len()];
    for line in &understood.lines {
        let at = usize::try_from(line.record - 1).ok();
        let Some(place) = at.and_then(|at| places.get_mut(at)) else {
            continue;
        };
        *place = match (line.item.block, line.item.code) {
            (Some(block), Some(code)) => Some(format!("{block}/{code}")),
            (None, Some(code)) => Some(code.to_owned()),
            (_, None) => None,
        };
    }
    places
}

fn printed_record<'a>(
    origin: &'a Origin<'a>,
    line: &'a StatementEntry,
    amount: Option<Centimes>,
) -> StatementRecord<'a> {
    StatementRecord {
        origin,
        profile: ProfileOf::default(),
        ligne: Some(line.line),
        code: line.code.as_deref(),
        type_de_resultat: activity(line),
        produit_charge: side(line),
        poste: &line.block,
        detail: &line.label,
        montant: euros(amount),
        montant_des_comptes: None,
        temoins: BTreeMap::new(),
        comptes: BTreeMap::new(),
    }
}

/// The activity of a printed line in the words of portals: by its block, whose title says it.
fn activity(line: &StatementEntry) -> &'static str {
    let block = normalise(&line.block);
    if block.is_empty() {
        ""
    } else if block.contains("financ") {
        "FINANCIER"
    } else if block.contains("exception") {
        "EXCEPTIONNEL"
    } else {
        "EXPLOITATION"
    }
}

fn side(line: &StatementEntry) -> &'static str {
    match line.side {
        Some(Side::Revenue) => "PRODUITS",
        Some(Side::Expense) => "CHARGES",
        None => "",
    }
}

/// The statement that follows from the accounts: the official one, or where its model is not at hand the one by
/// nature.
fn computed(
    document: &Document,
    origin: &Origin<'_>,
    trial: &TrialBalance,
    chart: &Chart,
) -> Result<Vec<String>, Problem> {
    let wrong = |error: centime_accounts::computed::ComputedError| Problem::Value {
        field: "accounts".to_owned(),
        reason: error.to_string(),
    };
    let (rows, held): (Vec<StatementRow>, Vec<Vec<Held>>) = if chart.nomenclature().is_some() {
        let statement = ComputedStatement::new(trial, chart).map_err(wrong)?;
        let rows = statement.rows();
        let held = statement.lines.into_iter().map(|line| line.accounts);
        (rows, held.collect())
    } else {
        let statement = NatureStatement::new(trial, chart).map_err(wrong)?;
        let rows = statement.rows();
        let mut held: Vec<Vec<Held>> = statement
            .lines
            .into_iter()
            .map(|line| line.accounts)
            .collect();
        held.resize(rows.len(), Vec::new());
        (rows, held)
    };
    let first_line = |held: &[Held]| {
        let account = held.first()?;
        if document.balances.is_some() {
            let found = trial.account(&account.account)?;
            return u64::try_from(*found.records.first()?).ok();
        }
        let mut executed = document.executed.accounts.iter();
        let found = executed.find(|executed| executed.account == account.account)?;
        Some(found.line)
    };
    let profile = document.balances.as_ref();
    let profile = profile.map_or_else(ProfileOf::default, |_| ProfileOf::new(&document.budget));
    let is_result =
        |row: &StatementRow| row.published.side.is_empty() && is_result(&row.published.label);
    let records = rows.iter().zip(&held).map(|(row, held)| {
        json(&StatementRecord {
            origin,
            profile: profile.clone(),
            ligne: first_line(held),
            code: None,
            type_de_resultat: &row.published.activity,
            produit_charge: &row.published.side,
            poste: &row.published.category,
            detail: &row.published.label,
            montant: euros(row.amount),
            montant_des_comptes: None,
            temoins: if is_result(row) {
                witnesses(document, WitnessKind::Accounts)
            } else {
                BTreeMap::new()
            },
            comptes: accounts_of(held),
        })
    });
    Ok(records.collect())
}

/// The printed balance sheet, of the year or of the year before. Titles are the headings of the lines below them.
fn balance(document: &Document, origin: &Origin<'_>, before: bool) -> Vec<String> {
    let lines = document.balance.iter().filter(|line| !line.is_title());
    let records = lines.map(|line| {
        json(&BalanceRecord {
            origin,
            ligne: Some(line.line),
            code: line.code.as_deref(),
            actif_passif: if line.is_asset { "ACTIF" } else { "PASSIF" },
            poste: &line.heading,
            detail: &line.label,
            brut: euros(line.gross.filter(|_| !before)),
            amortissements_et_provisions: euros(line.depreciation.filter(|_| !before)),
            net: euros(if before { line.previous } else { line.net }),
        })
    });
    records.collect()
}
