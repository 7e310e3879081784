//! Official statements from the accounts of real bodies.

use std::collections::BTreeMap;

use centime_accounts::computed::{ComputedError, NoLine};
use centime_accounts::label::normalise;
use centime_accounts::nomenclature::{Line, NATURE, Nomenclature};
use centime_accounts::{
    AccountRow, Activity, Centimes, Chart, Classifier, ComputedStatement, Flow, NatureStatement,
    Role, Side, TrialBalance, YearStatement,
};

use crate::figures::{amount, cfu, montreuil, printed, year};

/// The official rows of a state of the printed account, with empty lines as nothing where they are lines.
fn official() -> Vec<(String, Option<Centimes>)> {
    printed("CR", 2023)
}

fn chart(text: &str, of: u16) -> Chart {
    Chart::find(text, year(of)).expect("a chart")
}

#[test]
fn every_row_of_the_official_account_comes_from_its_accounts() {
    let computed = ComputedStatement::new(&cfu(), &chart("M57-M57_A", 2023)).expect("a statement");
    let official = official();
    assert_eq!((official.len(), computed.lines.len()), (56, 56));
    for ((label, printed), line) in official.iter().zip(&computed.lines) {
        let (ours, theirs) = (normalise(&line.label), normalise(label));
        assert!(
            ours == theirs || ours.starts_with("dotations aux amortissement aux"),
            "{label}: {}",
            line.label
        );
        // The form prints nothing in a line without an amount.
        let ours = line.amount.filter(|amount| *amount != Centimes::ZERO);
        let text = |amount: Option<Centimes>| amount.map(|it| it.to_string()).unwrap_or_default();
        println!("{:>14} {:>14}  {label}", text(*printed), text(ours));
        assert_eq!(ours, *printed, "{label}");
        let held: Centimes = line.accounts.iter().map(|held| held.amount).sum();
        if matches!(line.role, Role::Line | Role::Part | Role::Subtotal) {
            assert_eq!(Some(held), line.amount, "{label}");
        } else {
            assert!(line.accounts.is_empty(), "{label}");
        }
    }
    assert_eq!(computed.unplaced, []);
}

#[test]
fn the_result_is_the_same_three_ways() {
    let trial = cfu();
    let chart = chart("M57A", 2023);
    let result = amount("217077.40");
    let computed = ComputedStatement::new(&trial, &chart).expect("a statement");
    let by_nature = NatureStatement::new(&trial, &chart).expect("a statement");
    assert_eq!(trial.result(), Some(result));
    assert_eq!(computed.result, result);
    assert_eq!(by_nature.result, result);
    // The sheet of the same account, and the rows read as those of any source.
    let sheet = printed("BI_P", 2023);
    let printed = sheet
        .iter()
        .find(|(label, _)| label.starts_with("RÉSULTAT"));
    assert_eq!(printed.expect("the result").1, Some(result));
    for rows in [computed.rows(), by_nature.rows()] {
        let read = YearStatement::new(year(2023), &rows, &mut Classifier::default());
        assert_eq!(read.result(), Some(result));
        assert!(read.lines.iter().all(|line| !line.missing));
    }
}

/// The rows are read as those of a source: each in its line, nothing missing, no parent that differs.
#[test]
fn the_rows_are_understood_as_those_of_a_source() {
    let computed = ComputedStatement::new(&cfu(), &chart("M57A", 2023)).expect("a statement");
    let rows = computed.rows();
    let read = YearStatement::new(year(2023), &rows, &mut Classifier::default());
    assert_eq!(
        read.nomenclature.map(|known| known.code.as_str()),
        Some("M57")
    );
    for line in &read.lines {
        let ours = computed
            .lines
            .iter()
            .find(|ours| ours.record == line.record);
        let ours = ours.expect("the computed row");
        assert_eq!(line.item.role, ours.role, "{}", ours.label);
        assert_eq!(line.amount, ours.amount);
        if ours.role != Role::Heading {
            assert_eq!(line.item.code, ours.code, "{}", ours.label);
        }
        let counted = matches!(ours.role, Role::Line | Role::Part);
        assert_eq!(line.counted, counted, "{}", ours.label);
    }
    assert_eq!(read.parents.len(), 7);
    for check in &read.parents {
        assert_eq!(check.difference(), Some(Centimes::ZERO), "{}", check.label);
    }
}

#[test]
fn refunds_and_restitutions_are_subtracted_by_their_sign() {
    let computed = ComputedStatement::new(&cfu(), &chart("M57A", 2023)).expect("a statement");
    let held = |place: &str, account: &str| {
        let line = computed.line(place).expect("the line");
        let held = line.accounts.iter().find(|held| held.account == account);
        held.map(|held| held.amount)
    };
    for (place, account, expected) in [
        ("operating-revenue/taxes-received", "7391111", "-950.00"),
        ("operating-revenue/taxes-received", "73111", "348219.00"),
        ("operating-expense/salaries", "6419", "-462.20"),
        ("operating-expense/personnel", "6419", "-462.20"),
        (
            "operating-expense/disposed-assets-book-value",
            "6751",
            "4282.60",
        ),
        (
            "operating-revenue/asset-disposal-proceeds",
            "7751",
            "3690.60",
        ),
    ] {
        assert_eq!(held(place, account), Some(amount(expected)), "{account}");
    }
    assert_eq!(
        computed.line("net-activity").and_then(|line| line.amount),
        Some(amount("231492.81"))
    );
}

#[test]
fn the_statement_by_nature_has_two_digits() {
    let found = NatureStatement::new(&cfu(), &chart("M57A", 2023)).expect("a statement");
    let amounts: BTreeMap<&str, Centimes> = found
        .lines
        .iter()
        .map(|line| (line.code.as_str(), line.amount))
        .collect();
    assert_eq!(amounts["64"], amount("251248.96"));
    assert_eq!(amounts["73"], amount("466125.57"));
    assert_eq!(amounts["79"], Centimes::ZERO);
    let first = found.lines.first().expect("a line");
    let sales = "Produits des services, du domaine et ventes diverses";
    assert_eq!(first.title, Some(sales));
    // Families call an account by other names; the line has one.
    let water = NatureStatement::new(&cfu(), &chart("M49", 2023)).expect("a statement");
    let other = water.lines.first().expect("a line");
    assert_ne!(other.title, first.title);
    assert_eq!((&other.label, other.amount), (&first.label, first.amount));
    let read = YearStatement::new(year(2023), &found.rows(), &mut Classifier::default());
    let code = read.nomenclature.map(|known| known.code.as_str());
    assert_eq!(code, Some("NATURE"));
    for line in &read.lines {
        assert!(line.item.code.is_some(), "{}", line.item.label);
        let is_line = line.item.role == Role::Line;
        assert_eq!(line.counted, is_line, "{}", line.item.label);
    }
    assert_eq!(
        found.total(Side::Revenue) - found.total(Side::Expense),
        found.result
    );
}

#[test]
fn the_results_of_a_town_under_m14() {
    for (of, result) in [
        (2016, "6791524.34"),
        (2017, "9073009.00"),
        (2018, "10045832.18"),
    ] {
        let chart = chart("M14-M14_COM_SUP3500", of);
        let trial = montreuil(of);
        let computed = ComputedStatement::new(&trial, &chart).expect("a statement");
        assert_eq!(computed.result, amount(result), "{of}");
        assert_eq!(computed.unplaced, [], "{of}");
        let balance = |code| {
            computed
                .line(code)
                .and_then(|line| line.amount)
                .expect("a balance")
        };
        assert_eq!(
            balance("current-total-result") + balance("exceptional-result"),
            computed.result
        );
        assert_eq!(
            balance("revenue-total") - balance("expense-total"),
            computed.result
        );
        let read = YearStatement::new(year(of), &computed.rows(), &mut Classifier::default());
        assert_eq!(read.result(), Some(amount(result)));
        assert_eq!(
            read.nomenclature.map(|known| known.code.as_str()),
            Some("M14")
        );
        let by_nature = NatureStatement::new(&trial, &chart).expect("a statement");
        assert_eq!(by_nature.result, computed.result);
    }
}

fn row(account: &str, debit: i64, credit: i64) -> AccountRow {
    AccountRow {
        account: account.to_owned(),
        budget: Some(Flow::new(Centimes::new(debit), Centimes::new(credit))),
        ..AccountRow::default()
    }
}

/// Exceptional accounts of M57 lived until 2019: they are in the result, and in no line.
#[test]
fn accounts_without_a_line_are_kept_and_named() {
    let rows = [
        row("64111", 500, 0),
        row("6711", 70, 0),
        row("7711", 0, 30),
        row("73111", 0, 900),
        row("6999", 1, 0),
    ];
    let trial = TrialBalance::from_rows(year(2019), rows).expect("a trial balance");
    let computed = ComputedStatement::new(&trial, &chart("M57", 2019)).expect("a statement");
    let unplaced: Vec<(&str, i64, NoLine)> = computed
        .unplaced
        .iter()
        .map(|one| (one.held.account.as_str(), one.held.amount.get(), one.reason))
        .collect();
    assert_eq!(
        unplaced,
        [
            ("6711", 70, NoLine::Edition),
            ("6999", 1, NoLine::Unknown),
            ("7711", 30, NoLine::Edition)
        ]
    );
    assert_eq!(computed.result, Centimes::new(359));
    let result = computed.line("result").and_then(|line| line.amount);
    assert_eq!(result, Some(Centimes::new(359)));
    let activity = computed.line("net-activity").and_then(|line| line.amount);
    assert_eq!(activity, Some(Centimes::new(400)));
    let read = YearStatement::new(year(2019), &computed.rows(), &mut Classifier::default());
    assert_eq!(read.result(), Some(computed.result));
    let named = read
        .lines
        .iter()
        .find(|line| line.item.label.starts_with("6711 "));
    let named = named.expect("the account");
    assert!(named.counted);
    assert_eq!(named.item.activity.map(Activity::name), Some("exceptional"));
    // The next year has no such accounts.
    let computed = ComputedStatement::new(&trial, &chart("M57", 2021)).expect("a statement");
    assert!(
        computed
            .unplaced
            .iter()
            .all(|one| one.reason == NoLine::Unknown)
    );
    assert_eq!(computed.result, Centimes::new(359));
}

#[test]
fn a_family_without_a_model_has_the_statement_by_nature_only() {
    let trial = TrialBalance::from_rows(year(2020), [row("701", 0, 900), row("6411", 1000, 0)])
        .expect("a trial balance");
    let error = ComputedStatement::new(&trial, &chart("M49", 2020)).expect_err("no model");
    assert_eq!(error, ComputedError::NoModel("M49"));
    assert!(error.to_string().contains("M49"), "{error}");
    for family in ["M4", "M41", "M49", "M52", "M61", "M71"] {
        let found = NatureStatement::new(&trial, &chart(family, 2020)).expect("a statement");
        assert_eq!(found.result, Centimes::new(-100), "{family}");
        let read = YearStatement::new(year(2020), &found.rows(), &mut Classifier::default());
        assert_eq!(read.result(), Some(Centimes::new(-100)));
    }
}

#[test]
fn without_accounts_or_their_balances_there_is_no_statement() {
    let chart = chart("M57A", 2023);
    let only_assets = TrialBalance::from_rows(year(2023), [row("2111", 1, 0)]).expect("accounts");
    let error = ComputedStatement::new(&only_assets, &chart).expect_err("no account");
    assert_eq!(error, ComputedError::NoAccounts);
    let opened = AccountRow {
        account: "6411".into(),
        opening: Some(Flow::default()),
        ..AccountRow::default()
    };
    let trial = TrialBalance::from_rows(year(2023), [opened]).expect("accounts");
    for error in [
        ComputedStatement::new(&trial, &chart).expect_err("unknown"),
        NatureStatement::new(&trial, &chart).expect_err("unknown"),
    ] {
        assert_eq!(error, ComputedError::Unknown(vec!["6411".into()]));
    }
}

/// Every account of classes 6 and 7 of every chart is in a titled line of two digits.
#[test]
fn every_family_has_all_its_accounts_by_nature() {
    let by_nature = Nomenclature::by_code(NATURE).expect("the statement by nature");
    for chart in Chart::all() {
        let accounts = chart
            .accounts()
            .filter(|account| account.usable && account.number.starts_with(['6', '7']));
        for account in accounts {
            let title = account.number.get(..2).and_then(|code| chart.account(code));
            assert!(
                title.is_some(),
                "{} {}: {}",
                chart.name(),
                chart.year(),
                account.number
            );
            let holds = |line: &Line| line.holds(account.number);
            assert_eq!(by_nature.lines().filter(|(_, line)| holds(line)).count(), 1);
        }
    }
}

/// Rows of the DGFiP's files: each closes with what it opened with and what moved it.
#[test]
fn real_rows_of_balances_keep_their_identity() {
    let mut rows = 0;
    let text = include_str!("data/dgfip-2024-rows.tsv");
    for cells in text.lines().filter(|row| !row.starts_with('#')) {
        let cells: Vec<&str> = cells.split('\t').collect();
        let chart = chart(cells[0], 2024);
        let flow = |at: usize| Some(Flow::new(amount(cells[at]), amount(cells[at + 1])));
        let row = AccountRow {
            record: 1,
            account: cells[1].to_owned(),
            opening: flow(2),
            budget: flow(4),
            order: flow(6),
            non_budget: flow(8),
            closing: flow(10),
        };
        assert!(chart.title(&row.account).is_some(), "{}", row.account);
        let trial = TrialBalance::from_rows(year(2024), [row]).expect("a row that closes");
        assert_eq!(trial.off_by_roundings, [""; 0]);
        rows += 1;
    }
    assert_eq!(rows, 20);
}
