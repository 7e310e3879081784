//! The accounts of a year: what each opened with, what moved it, what it closed with, and the line that it is in.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use centime_accounts::computed::NoLine;
use centime_accounts::indicators::{INDICATORS, Indicator};
use centime_accounts::{Centimes, FiscalYear, Flow, LineAddress};
use centime_analytics::accounts::{Books, chart};
use centime_render::language::label::sentence_case;
use centime_render::provenance::source::Filter;
use centime_render::{Locale, indicators};
use centime_warehouse::accounts::{Account, AccountYear};
use centime_warehouse::doubt::within;

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::statement::label;
use crate::pages::view::{Frame, Section, number, table_amount};
use crate::request::absent::absent;
use crate::request::context::RequestContext;
use crate::request::lines_query::number as whole_number;
use crate::request::page_error::PageError;
use crate::request::statement_address::{self, YEAR};
use crate::request::{account_address, paths};
use crate::state::snapshot::Snapshot;

/// The longest beginning of an account's number that an address may name.
const LONGEST_ACCOUNT: usize = 12;

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage<'a> {
    frame: Frame<'a>,
    lead: String,
    /// What the accounts are restricted by, and the way to all of them.
    restricted: Option<(String, String)>,
    /// The years to choose from; none in a copy, which shows all of them.
    years: Vec<(FiscalYear, String, bool)>,
    tables: Vec<TableView>,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
}

/// The accounts of a year.
struct TableView {
    id: String,
    heading: String,
    /// Which chart they follow, and what is known beside them.
    notes: Vec<String>,
    caption: String,
    /// The columns that the source has.
    columns: Vec<&'static str>,
    /// How many columns the table has in all.
    span: usize,
    /// What the indicator adds, where the accounts are those of one.
    adds: Option<&'static str>,
    groups: Vec<Group>,
    /// The sum of what the indicator adds.
    sum: Option<(String, String)>,
    /// What is not shown, where no account is left.
    empty: bool,
}

/// The accounts of a class, or of the first two digits within it.
struct Group {
    heading: String,
    rows: Vec<RowView>,
}

struct RowView {
    account: String,
    title: String,
    /// Debit and credit of each column.
    cells: Vec<Option<String>>,
    added: Option<String>,
    line: Option<(String, String)>,
    /// Why it is in no line, where it should be in one.
    no_line: &'static str,
}

/// What the accounts that are shown are restricted by.
struct Restriction<'r> {
    /// The beginning of their numbers.
    account: Option<&'r str>,
    /// The indicator that adds them up.
    indicator: Option<&'static Indicator>,
}

/// A column of accounts: its word, and what it is of one.
type Column = (&'static str, fn(&Account) -> Option<Flow>);

const COLUMNS: [Column; 5] = [
    ("accounts.opening", Account::opening),
    ("accounts.budget", Account::budget),
    ("accounts.order", Account::order),
    ("accounts.non_budget", Account::non_budget),
    ("accounts.closing", Account::closing),
];

/// Answers with the accounts of a year.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let wanted = whole_number(&context, YEAR, 1..=9999, "lines.allowed_year")?;
    let restriction = Restriction::read(&context)?;
    let newest = snapshot.account_years.first();
    let shown = match wanted {
        None => newest.map(|year| year.fiscal_year),
        Some(wanted) => {
            let mut years = snapshot.account_years.iter();
            let is_wanted = |year: &&AccountYear| i64::from(year.fiscal_year) == wanted;
            let Some(year) = years.find(is_wanted) else {
                return Err(absent(&context, snapshot, YEAR, &wanted.to_string(), &[]).await);
            };
            Some(year.fiscal_year)
        }
    };
    let books = if newest.is_some() {
        Some(context.books(snapshot).await?)
    } else {
        None
    };
    let names = line_names(&context, snapshot).await?;
    let tables: Vec<TableView> = snapshot
        .account_years
        .iter()
        .filter(|year| context.is_copied() || Some(year.fiscal_year) == shown)
        .filter_map(|year| Some(table(snapshot, books?, year, &restriction, &names, locale)))
        .collect();
    let years = if context.is_copied() {
        Vec::new()
    } else {
        let all = snapshot.account_years.iter();
        all.map(|year| {
            let year = year.fiscal_year;
            let link = account_address::same(&context, year);
            (year, link, Some(year) == shown)
        })
        .collect()
    };
    let doubted = |year: FiscalYear| context.is_copied() || Some(year) == shown;
    let page = AccountsPage {
        frame: Frame::new(&context, locale.text("accounts.title"), Section::Indicators)
            .doubting(within(&snapshot.doubts, doubted)),
        lead: lead(snapshot, locale),
        restricted: restriction.said(locale).map(|text| {
            let whole = shown.map_or_else(
                || snapshot.link(paths::ACCOUNTS, &[]),
                |year| account_address::of_year(snapshot, year),
            );
            (text, whole)
        }),
        years,
        tables,
        files: if newest.is_some() {
            files(false, |extension| {
                snapshot.link(&format!("{}.{extension}", paths::ACCOUNTS), &[])
            })
        } else {
            Vec::new()
        },
        files_of_all: files_of_all(&context, snapshot, |extension| {
            account_address::of_all(snapshot, paths::ACCOUNTS, extension)
        }),
    };
    page.frame.around(&page)
}

/// Answers with the accounts as a file: `/accounts.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let wanted = whole_number(&context, YEAR, 1..=9999, "lines.allowed_year")?;
    let books = context.books(snapshot).await?;
    let mut rows = books.table_of_accounts();
    let year_of = centime_analytics::columns::FISCAL_YEAR;
    if let Some(year) = wanted {
        let all = std::mem::take(&mut rows.rows);
        let of_year = |row: &Vec<_>| rows.cell(row, year_of).year().map(i64::from) == Some(year);
        let kept: Vec<_> = all.into_iter().filter(of_year).collect();
        rows.rows = kept;
    }
    let filters = wanted.map(|year| Filter {
        name: YEAR.to_owned(),
        label: locale.text("column.fiscal_year").to_owned(),
        code: year.to_string(),
        value: year.to_string(),
    });
    let wanted = Download {
        name: "accounts".to_owned(),
        title: locale.text("accounts.title").to_owned(),
        rows,
        chart: None,
        statement: None,
        filters: filters.into_iter().collect(),
        address: snapshot.link(paths::ACCOUNTS, &[]),
        doubts: snapshot.doubts.clone(),
    };
    let beginning = format!("{}.", paths::ACCOUNTS);
    let extension = context.rest_of_path(&beginning);
    download(&context, snapshot, &extension, wanted).await
}

impl<'r> Restriction<'r> {
    fn read(context: &'r RequestContext) -> Result<Self, PageError> {
        let account = context.parameter("account");
        let is_number = |text: &str| {
            text.len() <= LONGEST_ACCOUNT && text.bytes().all(|digit| digit.is_ascii_digit())
        };
        if let Some(wrong) = account.filter(|text| !is_number(text)) {
            return Err(PageError::BadParameter {
                name: "account",
                value: wrong.to_owned(),
                allowed: context.locale.text("accounts.allowed").to_owned(),
            });
        }
        let indicator = match context.parameter("indicator") {
            None => None,
            Some(code) => Some(Indicator::by_code(code).ok_or_else(|| {
                let codes: Vec<&str> = INDICATORS.iter().map(|one| one.code.as_str()).collect();
                PageError::BadParameter {
                    name: "indicator",
                    value: code.to_owned(),
                    allowed: codes.join(context.locale.text("problem.between_values")),
                }
            })?),
        };
        Ok(Self { account, indicator })
    }

    /// What is shown, in words; `None` where all accounts are.
    fn said(&self, locale: &Locale) -> Option<String> {
        let of_account = self
            .account
            .map(|account| locale.fill("accounts.of_account", &[("account", account)]));
        let of_indicator = self.indicator.map(|indicator| {
            let name = indicators::name(indicator, locale);
            locale.fill("accounts.of_indicator", &[("indicator", &name)])
        });
        let said: Vec<String> = of_account.into_iter().chain(of_indicator).collect();
        (!said.is_empty()).then(|| said.join(" "))
    }
}

fn lead(snapshot: &Snapshot, locale: &Locale) -> String {
    let known = &snapshot.account_years;
    let name = ("body", snapshot.body.name.as_str());
    match (known.last(), known.first()) {
        (Some(first), Some(last)) => {
            let years = locale.years(first.fiscal_year, last.fiscal_year);
            locale.fill("accounts.lead", &[name, ("years", &years)])
        }
        _ => locale.fill("accounts.none", &[name]),
    }
}

/// What the lines of the statement are called, by their addresses.
async fn line_names(
    context: &RequestContext,
    snapshot: &Arc<Snapshot>,
) -> Result<BTreeMap<String, String>, PageError> {
    if snapshot.account_years.is_empty() {
        return Ok(BTreeMap::new());
    }
    let statement = context.statement(snapshot).await?;
    let rows = statement.stretches.iter().flat_map(|stretch| &stretch.rows);
    let named = rows.map(|row| {
        let name = label(row, context.locale);
        (row.address.as_str().to_owned(), name)
    });
    Ok(named.collect())
}

fn table(
    snapshot: &Snapshot,
    books: &Books,
    year: &AccountYear,
    restriction: &Restriction<'_>,
    names: &BTreeMap<String, String>,
    locale: &'static Locale,
) -> TableView {
    let fiscal_year = year.fiscal_year;
    let used: Option<BTreeMap<String, Centimes>> = restriction.indicator.map(|indicator| {
        books
            .used(&indicator.code, fiscal_year)
            .into_iter()
            .collect()
    });
    let wanted = |account: &&Account| {
        let begins = restriction.account;
        begins.is_none_or(|start| account.account.starts_with(start))
            && used
                .as_ref()
                .is_none_or(|used| used.contains_key(&account.account))
    };
    let accounts: Vec<&Account> = books.of_year(fiscal_year).filter(wanted).collect();
    let columns: Vec<Column> = COLUMNS
        .into_iter()
        .filter(|(_, of)| accounts.iter().any(|account| of(account).is_some()))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    for of_group in accounts.chunk_by(|one, other| group_of(one) == group_of(other)) {
        let rows = of_group
            .iter()
            .map(|account| row(snapshot, account, &columns, used.as_ref(), names, locale));
        groups.push(Group {
            heading: heading(year, group_of(of_group[0]), locale),
            rows: rows.collect(),
        });
    }
    let name = fiscal_year.to_string();
    let sum = restriction.indicator.and_then(|indicator| {
        let all = used.as_ref()?.values().copied();
        let sum = all.fold(Centimes::ZERO, Centimes::saturating_add);
        (restriction.account.is_none() && !accounts.is_empty())
            .then(|| {
                (
                    indicators::name(indicator, locale),
                    table_amount(Some(sum), locale),
                )
            })
            .and_then(|(name, sum)| Some((name, sum?)))
    });
    TableView {
        id: account_address::part_of(fiscal_year),
        heading: locale.fill("accounts.heading", &[("year", &name)]),
        notes: notes(year, locale),
        caption: locale.count_and_fill(
            "accounts.caption",
            number(accounts.len()),
            &[("year", &name)],
        ),
        columns: columns.iter().map(|&(word, _)| locale.text(word)).collect(),
        span: columns.len() * 2 + 2 + usize::from(used.is_some()),
        adds: used.as_ref().map(|_| locale.text("accounts.adds")),
        empty: groups.is_empty(),
        groups,
        sum,
    }
}

/// The first two digits of an account, by which it is shown; those of class 0 are budget lines and no accounts.
fn group_of(account: &Account) -> &str {
    let number = account.account.as_str();
    number.get(..2).unwrap_or(number)
}

fn heading(year: &AccountYear, group: &str, locale: &Locale) -> String {
    let title = chart(year).and_then(|chart| chart.account(group));
    match title {
        Some(account) => format!("{group} {}", sentence_case(account.title)),
        None if group.starts_with('0') => locale.text("accounts.budget_lines").to_owned(),
        None => group.to_owned(),
    }
}

/// What is said of a year above its accounts.
fn notes(year: &AccountYear, locale: &Locale) -> Vec<String> {
    let language = locale.language();
    let mut notes = vec![locale.fill("accounts.chart", &[("chart", &year.chart)])];
    if year.chart_year != year.fiscal_year {
        let of = year.chart_year.to_string();
        notes.push(locale.fill("accounts.chart_year", &[("year", &of)]));
    }
    notes.extend(year.population.map(|population| {
        let population = centime_render::language::format::integer(population, language);
        locale.fill("accounts.population", &[("n", &population)])
    }));
    notes.extend(year.result.map(|result| {
        let result = centime_render::language::format::euros(result, language);
        locale.fill("accounts.result", &[("amount", &result)])
    }));
    notes
}

fn row(
    snapshot: &Snapshot,
    account: &Account,
    columns: &[Column],
    used: Option<&BTreeMap<String, Centimes>>,
    names: &BTreeMap<String, String>,
    locale: &'static Locale,
) -> RowView {
    let cells = columns.iter().flat_map(|(_, of)| {
        let flow = of(account);
        [flow.map(|flow| flow.debit), flow.map(|flow| flow.credit)]
    });
    let line = account.line.as_deref().and_then(|line| {
        let address: LineAddress = line.parse().ok()?;
        let name = names.get(line)?;
        let link = statement_address::figure(snapshot, &address, account.fiscal_year);
        Some((name.clone(), link))
    });
    let used = used.and_then(|used| used.get(&account.account).copied());
    RowView {
        account: account.account.clone(),
        title: account
            .title
            .as_deref()
            .map(sentence_case)
            .unwrap_or_default(),
        cells: cells
            .map(|amount| {
                let there = amount.filter(|amount| *amount != Centimes::ZERO);
                // A column that the source has, and nothing in it, is left blank as on paper.
                match (amount, there) {
                    (Some(_), None) => Some(String::new()),
                    (_, there) => table_amount(there, locale),
                }
            })
            .collect(),
        added: table_amount(used, locale),
        line,
        no_line: match account.no_line {
            None => "",
            Some(NoLine::Edition) => locale.text("accounts.no_line.edition"),
            Some(NoLine::Unknown) => locale.text("accounts.no_line.unknown"),
        },
    }
}
