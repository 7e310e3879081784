//! Trial balances of any amounts: what is computed from them adds up, however their rows are written.

use std::collections::BTreeMap;

use centime_accounts::balance::BalanceSide;
use centime_accounts::indicators::{Outcome, indicators};
use centime_accounts::trial_balance::{AccountBalance, TrialBalanceError};
use centime_accounts::{
    AccountRow, Centimes, Chart, Classifier, ComputedSheet, ComputedStatement, Flow, Given,
    NatureStatement, Role, Side, TrialBalance, YearStatement,
};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::figures::year;

/// Charts of all kinds: with a model and without, with accounts that have no line.
const CHARTS: [(&str, u16); 8] = [
    ("M57A", 2023),
    ("M57", 2018),
    ("M57D", 2024),
    ("M14", 2017),
    ("M14A", 2020),
    ("M14_CE", 2015),
    ("M49", 2020),
    ("M52", 2018),
];

/// What an account opens with (debit less credit), and what the budget and others move in it.
#[derive(Clone, Copy, Debug)]
struct Book {
    opening: i64,
    budget: (i64, i64),
    order: (i64, i64),
    non_budget: (i64, i64),
}

type Books = BTreeMap<String, Book>;

const fn flow(debit: i64, credit: i64) -> Flow {
    Flow::new(Centimes::new(debit), Centimes::new(credit))
}

/// A balance on its side.
const fn on_side(balance: i64) -> Flow {
    if balance < 0 {
        flow(0, -balance)
    } else {
        flow(balance, 0)
    }
}

impl Book {
    const fn closing(self) -> i64 {
        self.opening + self.budget.0 - self.budget.1 + self.non_budget.0 - self.non_budget.1
    }

    fn row(self, account: &str) -> AccountRow {
        AccountRow {
            record: 1,
            account: account.to_owned(),
            opening: Some(on_side(self.opening)),
            budget: Some(flow(self.budget.0, self.budget.1)),
            order: Some(flow(self.order.0, self.order.1)),
            non_budget: Some(flow(self.non_budget.0, self.non_budget.1)),
            closing: Some(on_side(self.closing())),
        }
    }

    /// The first part of it, by a share in per cent, and the rest.
    fn cut(self, percent: i64) -> [Self; 2] {
        let part = |amount: i64| amount * percent / 100;
        let pair = |(a, b): (i64, i64)| (part(a), part(b));
        let first = Self {
            opening: part(self.opening),
            budget: pair(self.budget),
            order: pair(self.order),
            non_budget: pair(self.non_budget),
        };
        let rest = |(a, b): (i64, i64), (x, y): (i64, i64)| (a - x, b - y);
        let second = Self {
            opening: self.opening - first.opening,
            budget: rest(self.budget, first.budget),
            order: rest(self.order, first.order),
            non_budget: rest(self.non_budget, first.non_budget),
        };
        [first, second]
    }
}

fn any_book() -> impl Strategy<Value = Book> {
    let amount = || prop_oneof![2 => Just(0_i64), 5 => -1_000_000_i64..5_000_000];
    let pair = move || (amount(), amount());
    (amount(), pair(), pair()).prop_map(|(opening, budget, non_budget)| Book {
        opening,
        budget,
        order: (budget.0 / 3, budget.1 / 2),
        non_budget,
    })
}

/// Accounts of a chart, and some that no chart has, with a cash account that makes them balance.
fn books(chart: &Chart, accounts: &[(Option<Index>, String, Book)]) -> Books {
    let usable: Vec<&str> = chart
        .accounts()
        .filter(|account| {
            account.usable
                && account
                    .number
                    .starts_with(['1', '2', '3', '4', '5', '6', '7'])
        })
        .map(|account| account.number)
        .collect();
    let mut books = Books::new();
    let mut cash = Book {
        opening: 0,
        budget: (0, 0),
        order: (0, 0),
        non_budget: (0, 0),
    };
    for (index, other, book) in accounts {
        let account = index.map_or(other.as_str(), |index| usable[index.index(usable.len())]);
        let mut book = *book;
        // The income statement opens with nothing, and nothing beside the budget moves it.
        if account.starts_with(['6', '7']) {
            book.opening = 0;
            book.non_budget = (0, 0);
        }
        if account.starts_with("515") || books.contains_key(account) {
            continue;
        }
        cash.opening -= book.opening;
        cash.non_budget.1 += book.closing() - book.opening;
        books.insert(account.to_owned(), book);
    }
    books.insert("515".to_owned(), cash);
    books
}

fn any_books() -> impl Strategy<Value = (Chart, Books)> {
    let account = (
        proptest::option::weighted(0.9, any::<Index>()),
        "[1-7][0-9]{1,6}",
        any_book(),
    );
    let accounts = proptest::collection::vec(account, 1..20);
    (0..CHARTS.len(), accounts).prop_map(|(chart, accounts)| {
        let (text, of) = CHARTS[chart];
        let chart = Chart::find(text, year(of)).expect("a chart");
        let books = books(&chart, &accounts);
        (chart, books)
    })
}

fn trial(chart: &Chart, rows: Vec<AccountRow>) -> Result<TrialBalance, TrialBalanceError> {
    TrialBalance::from_rows(chart.year(), rows)
}

fn rows(books: &Books) -> Vec<AccountRow> {
    books
        .iter()
        .map(|(account, book)| book.row(account))
        .collect()
}

/// What is computed from accounts, sides of balances aside.
fn balances(trial: &TrialBalance) -> Vec<(String, [Option<Centimes>; 5])> {
    let columns = trial.accounts().map(|account| {
        let columns = [
            account.opening,
            account.budget,
            account.order,
            account.non_budget,
            account.closing,
        ];
        (
            account.account.clone(),
            columns.map(|flow| flow.map(Flow::balance)),
        )
    });
    columns.collect()
}

fn result(books: &Books) -> i64 {
    let of_result = books
        .iter()
        .filter(|(account, _)| account.starts_with(['6', '7']));
    -of_result.map(|(_, book)| book.closing()).sum::<i64>()
}

/// Everything that is computed from a trial balance adds up.
fn adds_up(chart: &Chart, trial: &TrialBalance, books: &Books) -> Result<(), TestCaseError> {
    let result = Centimes::new(result(books));
    let of_result = books
        .keys()
        .filter(|account| account.starts_with(['6', '7']))
        .count();
    if of_result == 0 {
        prop_assert!(ComputedStatement::new(trial, chart).is_err());
        prop_assert!(NatureStatement::new(trial, chart).is_err());
    } else {
        prop_assert_eq!(trial.result(), Some(result));
        let by_nature = NatureStatement::new(trial, chart).expect("a statement");
        prop_assert_eq!(by_nature.result, result);
        let held: usize = by_nature.lines.iter().map(|line| line.accounts.len()).sum();
        prop_assert_eq!(held, of_result);
        let computed = indicators(trial, &Given::default());
        let found = computed.iter().find(|one| one.indicator.code == "result");
        prop_assert_eq!(
            &found.expect("the result").outcome,
            &Outcome::Amount(result)
        );
    }
    if let Some(model) = chart.nomenclature().filter(|_| of_result > 0) {
        let computed = ComputedStatement::new(trial, chart).expect("a statement");
        prop_assert_eq!(computed.result, result);
        let mut total = Centimes::ZERO;
        let mut accounts = 0;
        // Accounts without a line are rows of their own at the end.
        for line in computed
            .lines
            .iter()
            .filter(|line| matches!(line.role, Role::Line | Role::Part))
        {
            let held: Centimes = line.accounts.iter().map(|held| held.amount).sum();
            prop_assert_eq!(Some(held), line.amount, "{}", &line.label);
            accounts += line.accounts.len();
            total = match line.side {
                Some(Side::Expense) => total - held,
                _ => total + held,
            };
        }
        prop_assert_eq!((total, accounts), (result, of_result));
        prop_assert_eq!(
            computed.line("result").and_then(|line| line.amount),
            Some(result)
        );
        let read = YearStatement::new(chart.year(), &computed.rows(), &mut Classifier::default());
        prop_assert_eq!(read.result(), Some(result));
        prop_assert_eq!(
            read.nomenclature.map(|found| &found.code),
            Some(&model.code)
        );
        for check in &read.parents {
            prop_assert_eq!(check.difference(), Some(Centimes::ZERO), "{}", check.label);
        }
    }
    let sheet = ComputedSheet::new(trial, chart).expect("a sheet");
    prop_assert_eq!(sheet.result, result);
    prop_assert_eq!(sheet.difference(), Centimes::ZERO);
    let held: usize = sheet.lines.iter().map(|line| line.accounts.len()).sum();
    prop_assert_eq!(held + of_result, books.len());
    let assets: Centimes = sheet
        .rows()
        .iter()
        .filter(|row| row.side == "ACTIF")
        .filter_map(|row| row.net)
        .sum();
    prop_assert_eq!(assets, sheet.total(BalanceSide::Asset));
    Ok(())
}

/// Fewer than usual unless more are asked for: each of them takes a whole budget.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let cases = asked.and_then(|cases| cases.parse().ok()).unwrap_or(40);
    ProptestConfig::with_cases(cases)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lines_and_accounts_without_a_line_add_up_to_the_result((chart, books) in any_books()) {
        let trial = trial(&chart, rows(&books)).expect("a trial balance");
        prop_assert_eq!(trial.imbalance(), Some(Centimes::ZERO));
        adds_up(&chart, &trial, &books)?;
    }

    #[test]
    fn the_order_of_rows_and_their_division_by_function_change_nothing(
        (chart, books) in any_books(),
        percents in proptest::collection::vec(0_i64..=100, 24),
        order in Just(()).prop_perturb(|(), mut random| random.random::<u64>()),
    ) {
        let whole = trial(&chart, rows(&books)).expect("a trial balance");
        let parts = books.iter().zip(&percents).flat_map(|((account, book), percent)| {
            book.cut(*percent).map(|part| part.row(account))
        });
        let mut parts: Vec<AccountRow> = parts.collect();
        let mut state = order;
        for at in (1..parts.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let other = usize::try_from(state >> 33).expect("a small number") % (at + 1);
            parts.swap(at, other);
        }
        match trial(&chart, parts) {
            Ok(divided) => prop_assert_eq!(balances(&divided), balances(&whole)),
            // Two halves that nothing moved are as likely the same balance twice.
            Err(TrialBalanceError::RepeatedOrDivided { account, .. }) => {
                let book = books[&account];
                prop_assert!(book.opening % 2 == 0 && book.opening == book.closing());
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn an_opening_balance_in_each_row_is_taken_once_or_refused(
        (chart, books) in any_books(),
        percents in proptest::collection::vec(0_i64..=100, 24),
        closing_too in any::<bool>(),
    ) {
        let whole = trial(&chart, rows(&books)).expect("a trial balance");
        let parts = books.iter().zip(&percents).flat_map(|((account, book), percent)| {
            let [first, second] = book.cut(*percent);
            let rows = [first.row(account), second.row(account)];
            rows.map(|row| AccountRow {
                opening: Some(on_side(book.opening)),
                closing: if closing_too { Some(on_side(book.closing())) } else { row.closing },
                ..row
            })
        });
        match trial(&chart, parts.collect()) {
            Ok(once) => {
                prop_assert_eq!(balances(&once), balances(&whole));
                adds_up(&chart, &once, &books)?;
            }
            Err(TrialBalanceError::RepeatedOrDivided { account, .. }) => {
                prop_assert!(books.contains_key(&account));
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_missing_column_changes_no_figure(
        (chart, books) in any_books(),
        kept in proptest::array::uniform5(any::<bool>()),
    ) {
        let keep = |row: AccountRow| AccountRow {
            opening: row.opening.filter(|_| kept[0]),
            budget: row.budget.filter(|_| kept[1]),
            order: row.order.filter(|_| kept[2]),
            non_budget: row.non_budget.filter(|_| kept[3]),
            closing: row.closing.filter(|_| kept[4]),
            ..row
        };
        let found = trial(&chart, rows(&books).into_iter().map(keep).collect());
        if kept == [false; 5] {
            let empty = matches!(found, Err(TrialBalanceError::Empty { .. }));
            prop_assert!(empty);
            return Ok(());
        }
        let found = found.expect("a trial balance");
        let whole = trial(&chart, rows(&books)).expect("a trial balance");
        match NatureStatement::new(&found, &chart) {
            Ok(by_nature) => prop_assert_eq!(Ok(by_nature), NatureStatement::new(&whole, &chart)),
            Err(_) => prop_assert!(whole.result().is_none() || !(kept[1] || kept[4])),
        }
        match ComputedSheet::new(&found, &chart) {
            Ok(sheet) => prop_assert_eq!(Ok(sheet), ComputedSheet::new(&whole, &chart)),
            Err(_) => prop_assert!(!(kept[4] || kept[0] && kept[1] && kept[3])),
        }
        for (with, without) in indicators(&whole, &Given::default()).iter().zip(indicators(&found, &Given::default())) {
            let missing = matches!(without.outcome, Outcome::Missing(_));
            prop_assert!(missing || without.outcome == with.outcome, "{}", with.indicator.code);
        }
    }

    #[test]
    fn an_account_that_does_not_close_is_refused_and_named(
        (chart, books) in any_books(), at in any::<Index>(), wrong in prop_oneof![-9_999_i64..=-2, 2_i64..9_999],
    ) {
        let mut rows = rows(&books);
        let at = at.index(rows.len());
        let account = rows[at].account.clone();
        let closing = books[&account].closing() + wrong;
        rows[at].closing = Some(on_side(closing));
        let error = trial(&chart, rows).expect_err("an account that does not close");
        let said = error.to_string();
        prop_assert!(said.contains(&format!("account {account} closes with {},", Centimes::new(closing))), "{}", said);
    }
}

fn row(account: &str, amount: i64) -> AccountRow {
    AccountRow {
        record: 7,
        account: account.to_owned(),
        budget: Some(flow(amount, 0)),
        ..AccountRow::default()
    }
}

fn refused(rows: Vec<AccountRow>) -> String {
    let refused = TrialBalance::from_rows(year(2020), rows).expect_err("rows that are refused");
    refused.to_string()
}

#[test]
fn rows_that_are_no_accounts_or_too_large_are_refused() {
    for text in ["", "  ", "60A", "6-1", "Total", "1234567890123", "６０"] {
        let said = refused(vec![row(text, 1)]);
        assert!(said.starts_with("record 7: «"), "{said}");
    }
    assert!(refused(vec![row(&"x".repeat(10_000), 1)]).len() < 200);
    let limit = Centimes::LIMIT.get();
    assert!(
        refused(vec![row("60", limit + 1)]).contains("account 60: 10000000000000.01 is beyond")
    );
    for amount in [i64::MIN, i64::MAX, -limit - 1] {
        assert!(
            refused(vec![row("60", amount)]).contains("is beyond"),
            "{amount}"
        );
    }
    // Many amounts that are each possible: their sum must not overflow.
    let many = (0..20_000)
        .map(|number| row(&format!("6{number}"), limit))
        .collect();
    assert!(refused(many).contains("is beyond"));
    let none = AccountRow {
        account: "60".into(),
        ..AccountRow::default()
    };
    assert!(refused(vec![none]).contains("account 60 has no amounts"));
    // White space around a number, as some files have it, and lines that are no accounts.
    let trial = TrialBalance::from_rows(year(2020), [row(" 6411\t", 5), row("002", 9)]);
    let trial = trial.expect("a trial balance");
    assert_eq!(trial.result(), Some(Centimes::new(-5)));
}

#[test]
fn a_column_that_some_rows_lack_is_taken_where_the_balance_proves_it() {
    let full = AccountRow {
        account: "2111".into(),
        opening: Some(flow(100, 0)),
        budget: Some(flow(10, 0)),
        non_budget: Some(flow(0, 0)),
        closing: Some(flow(110, 0)),
        ..AccountRow::default()
    };
    let second = AccountRow {
        opening: None,
        closing: Some(flow(5, 0)),
        budget: Some(flow(5, 0)),
        ..full.clone()
    };
    let trial = TrialBalance::from_rows(year(2020), [full.clone(), second.clone()]);
    let trial = trial.expect("a trial balance");
    let balance = trial.account("2111").and_then(AccountBalance::balance);
    assert_eq!(balance, Some(Centimes::new(115)));
    let wrong = AccountRow {
        closing: Some(flow(50, 0)),
        ..second
    };
    let said = refused(vec![full.clone(), wrong]);
    assert!(
        said.contains("account 2111: some of its 2 rows have no opening balance"),
        "{said}"
    );
    let unchecked = AccountRow {
        closing: None,
        opening: None,
        ..full.clone()
    };
    let first = AccountRow {
        closing: None,
        ..full
    };
    let said = refused(vec![first, unchecked]);
    assert!(said.contains("have no opening balance"), "{said}");
}

#[test]
fn a_centime_of_rounding_is_noted_and_no_more() {
    let of = |closing: i64| AccountRow {
        closing: Some(flow(closing, 0)),
        ..Book {
            opening: 100,
            budget: (10, 0),
            order: (0, 0),
            non_budget: (0, 0),
        }
        .row("2111")
    };
    let trial = TrialBalance::from_rows(year(2020), [of(111)]).expect("a trial balance");
    assert_eq!(trial.off_by_roundings, ["2111"]);
    let balance = trial.account("2111").and_then(AccountBalance::balance);
    assert_eq!(balance, Some(Centimes::new(111)));
    assert!(refused(vec![of(112)]).contains("which makes 1.10"));
}
