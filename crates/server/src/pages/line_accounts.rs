//! The accounts that a line of the statement adds up, as its page lists them.

use centime_accounts::address::Modelled;
use centime_accounts::nomenclature::Line as ModelLine;
use centime_accounts::{Centimes, FiscalYear, LineAddress, Role};
use centime_analytics::accounts::{Books, added};
use centime_analytics::statement::Row;
use centime_render::Locale;
use centime_render::language::label::sentence_case;
use centime_warehouse::accounts::Account;

use crate::pages::view::{key_amount, plain_amount};
use crate::request::account_address;
use crate::state::snapshot::Snapshot;

/// The accounts that a line adds up in a year.
pub struct AccountsOfLine {
    pub id: String,
    pub heading: String,
    pub rows: Vec<OfLine>,
    pub sum: String,
}

/// An account of a line.
pub struct OfLine {
    pub account: String,
    pub title: String,
    pub link: String,
    pub amount: String,
}

/// The accounts that a line of the statement adds up in a year, and their sum; `None` where none is known to be in it.
fn of_line(
    snapshot: &Snapshot,
    books: &Books,
    lines: &[LineAddress],
    fiscal_year: FiscalYear,
    locale: &Locale,
) -> Option<(Vec<OfLine>, Option<Centimes>)> {
    let is_in = |account: &&Account| {
        let line = account.line.as_deref();
        line.is_some_and(|line| lines.iter().any(|wanted| wanted.as_str() == line))
    };
    let accounts: Vec<&Account> = books.of_year(fiscal_year).filter(is_in).collect();
    if accounts.is_empty() {
        return None;
    }
    let sum = accounts
        .iter()
        .map(|account| added(account))
        .try_fold(Centimes::ZERO, |sum, amount| {
            Some(sum.saturating_add(amount?))
        });
    let rows = accounts.into_iter().map(|account| OfLine {
        account: account.account.clone(),
        title: account
            .title
            .as_deref()
            .map(sentence_case)
            .unwrap_or_default(),
        link: account_address::of_account(snapshot, &account.account, fiscal_year),
        amount: plain_amount(added(account), locale),
    });
    Some((rows.collect(), sum))
}

/// The accounts that a line adds up in a year; `None` where none is known to be in it.
pub fn accounts_of(
    snapshot: &Snapshot,
    books: &Books,
    row: &Row,
    year: FiscalYear,
    locale: &Locale,
) -> Option<AccountsOfLine> {
    let lines = lines_under(row);
    let (rows, sum) = of_line(snapshot, books, &lines, year, locale)?;
    Some(AccountsOfLine {
        id: format!("accounts-{year}"),
        heading: locale.fill("accounts.of_line", &[("year", &year.to_string())]),
        rows,
        sum: key_amount(sum, locale),
    })
}

/// The lines of the model whose accounts a row adds up: its own, those of its parts, or all of its block.
fn lines_under(row: &Row) -> Vec<LineAddress> {
    let (nomenclature, block, of) = match row.modelled() {
        Some(Modelled::Line(nomenclature, block, line)) => (nomenclature, block, Some(line)),
        Some(Modelled::Block(nomenclature, block)) => (nomenclature, block, None),
        Some(Modelled::Balance(..)) | None => return Vec::new(),
    };
    let is_under = |line: &&ModelLine| match of {
        None => true,
        Some(of) if of.role == Role::Total => true,
        Some(of) => {
            let code = Some(of.code.as_str());
            line.code == of.code || line.parent.as_deref() == code || line.within.as_deref() == code
        }
    };
    let lines = block.lines.iter().filter(is_under);
    lines
        .map(|line| LineAddress::of_model(&nomenclature.code, &line.code))
        .collect()
}
