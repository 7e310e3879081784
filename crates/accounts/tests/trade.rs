//! Balance sheets, carry-overs and indicators from accounts, held against what real documents print.

use std::collections::BTreeMap;

use centime_accounts::balance::BalanceSide;
use centime_accounts::carry_over::CarryOverBasis;
use centime_accounts::computed_sheet::SheetError;
use centime_accounts::indicators::{Computed, INDICATORS, Missing, Outcome, indicators};
use centime_accounts::{
    AccountRow, BalanceSheet, CarryOver, Centimes, Chart, ComputedSheet, ComputedStatement, Flow,
    Given, TrialBalance,
};

use crate::figures::{amount, cfu, montreuil, year};

fn all(trial: &TrialBalance, given: &Given) -> BTreeMap<&'static str, Computed> {
    let computed = indicators(trial, given);
    assert_eq!(computed.len(), INDICATORS.len());
    computed
        .into_iter()
        .map(|one| (one.indicator.code.as_str(), one))
        .collect()
}

/// What the official account says of itself: its population, and the debt of its balance sheet.
fn given() -> Given {
    Given {
        population: Some(990),
        debt: Some(amount("249941.53")),
        fiscal_potential: None,
    }
}

#[test]
fn the_ratios_that_the_official_account_prints() {
    let found = all(&cfu(), &given());
    for (code, printed) in [
        ("ratio-1", "708.54"),
        ("ratio-3", "940.59"),
        ("ratio-4", "205.04"),
        ("ratio-5", "252.47"),
        ("ratio-6", "276.37"),
        ("ratio-7", "36.82"),
        ("ratio-9", "82.20"),
        ("ratio-10", "21.80"),
        ("ratio-11", "26.84"),
        ("budget-gross-savings-rate", "24.67"),
        ("budget-net-savings-rate", "17.85"),
    ] {
        assert_eq!(found[code].value().as_deref(), Some(printed), "{code}");
    }
    let fourth_decimal = |code: &str| match found[code].outcome {
        Outcome::Rate(rate) => rate.rounded(1_000_000),
        _ => None,
    };
    assert_eq!(fourth_decimal("ratio-9"), Some(822_027));
    assert_eq!(fourth_decimal("ratio-11"), Some(268_413));
    assert_eq!(
        found["ratio-8"].outcome,
        Outcome::Missing(vec![Missing::FiscalPotential])
    );
}

#[test]
fn cash_flow_from_the_result_and_from_real_operations() {
    let found = all(&cfu(), &given());
    let of = |code: &str| found[code].value();
    for (code, expected) in [
        ("result", "217077.40"),
        ("gross-cash-flow", "229473.21"),
        ("real-savings", "229473.21"),
        ("real-revenue", "931181.38"),
        ("real-expense", "701450.06"),
        ("management-savings", "243891.68"),
        ("debt-repaid", "63537.01"),
        ("net-cash-flow", "165936.20"),
        ("equipment", "202989.91"),
        ("personnel", "258299.28"),
        ("years-to-repay", "1.09"),
    ] {
        assert_eq!(of(code).as_deref(), Some(expected), "{code}");
    }
    // Each says which accounts it used, and they add up to it.
    for computed in found.values() {
        if let Outcome::Amount(amount) = computed.outcome {
            let sum: Centimes = computed.accounts.iter().map(|(_, amount)| *amount).sum();
            let given = computed.indicator.code == "debt";
            assert!(given || sum == amount, "{}", computed.indicator.code);
        }
    }
    let personnel = &found["personnel"].accounts;
    let accounts: Vec<&str> = personnel
        .iter()
        .map(|(account, _)| account.as_str())
        .collect();
    assert_eq!(
        accounts,
        ["6218", "633", "6411", "6413", "6415", "6450", "6470", "648"]
    );
    let per_inhabitant = found["gross-cash-flow"].per_inhabitant(&given());
    assert_eq!(per_inhabitant, Some(amount("231.79")));
}

#[test]
fn the_intermediate_balances_add_up_to_the_result() {
    for trial in [cfu(), montreuil(2016), montreuil(2017), montreuil(2018)] {
        let found = all(&trial, &Given::default());
        let of = |code: &str| match found[code].outcome {
            Outcome::Amount(amount) => amount,
            _ => panic!("{code} is not computed"),
        };
        let balances: Centimes = [
            "operating-surplus",
            "allowances-balance",
            "financial-balance",
            "specific-balance",
        ]
        .into_iter()
        .map(of)
        .sum();
        assert_eq!(balances - of("tax-on-profits"), of("result"));
        assert_eq!(Some(of("result")), trial.result());
    }
}

#[test]
fn what_is_missing_is_named() {
    let found = all(&cfu(), &Given::default());
    let missing = |code: &str| match &found[code].outcome {
        Outcome::Missing(missing) => missing.clone(),
        other => panic!("{code}: {other:?}"),
    };
    assert_eq!(missing("ratio-1"), [Missing::Population]);
    // What the budget moved says nothing of balances.
    assert_eq!(missing("debt"), [Missing::BalanceSheet]);
    assert_eq!(missing("years-to-repay"), [Missing::BalanceSheet]);
    assert_eq!(
        missing("ratio-5"),
        [Missing::Population, Missing::BalanceSheet]
    );
    assert_eq!(found["ratio-5"].value(), None);
    // Without order operations told apart, and without investment.
    let row = AccountRow {
        account: "6411".into(),
        budget: Some(Flow::debit(Centimes::new(100))),
        ..AccountRow::default()
    };
    let trial = TrialBalance::from_rows(year(2020), [row]).expect("a trial balance");
    let found = all(&trial, &Given::default());
    let missing = |code: &str| found[code].outcome.clone();
    assert_eq!(
        missing("real-expense"),
        Outcome::Missing(vec![Missing::RealOperations("6411".into())])
    );
    assert_eq!(
        missing("equipment"),
        Outcome::Missing(vec![Missing::InvestmentAccounts])
    );
    assert_eq!(
        missing("gross-cash-flow"),
        Outcome::Amount(Centimes::new(-100))
    );
    for (missing, fr, en) in [
        (Missing::Population, "la population", "the population"),
        (
            Missing::Balance("16".into()),
            "le solde du compte 16",
            "the closing balance of account 16",
        ),
    ] {
        assert_eq!(
            (missing.fr().as_str(), missing.to_string().as_str()),
            (fr, en)
        );
    }
}

#[test]
fn a_debt_that_no_savings_repay_has_no_years() {
    let rows = [("6411", 100), ("73111", -100), ("1641", 0)].map(|(account, balance)| AccountRow {
        account: account.into(),
        closing: Some(Flow::debit(Centimes::new(balance))),
        ..AccountRow::default()
    });
    let trial = TrialBalance::from_rows(year(2020), rows).expect("a trial balance");
    let given = Given {
        debt: Some(Centimes::new(500)),
        ..Given::default()
    };
    let found = all(&trial, &given);
    assert_eq!(
        found["gross-cash-flow"].outcome,
        Outcome::Amount(Centimes::ZERO)
    );
    assert!(matches!(
        found["years-to-repay"].outcome,
        Outcome::Undefined(_)
    ));
    assert_eq!(found["years-to-repay"].value(), None);
}

#[test]
fn a_result_is_proven_by_what_the_next_year_carries() {
    let between = |before: u16| CarryOver::between(&montreuil(before), &montreuil(before + 1));
    let [proof] = between(2017)[..] else {
        panic!("one proof");
    };
    assert_eq!(proof.basis, CarryOverBasis::BudgetLines);
    assert_eq!(proof.result, amount("9073009.00"));
    assert_eq!(proof.brought_forward, amount("6031472.16"));
    assert_eq!(proof.difference(), Centimes::ZERO);
    // In 2017 another budget was closed into this one: 001 has a credit of 279,893.05, too.
    let [proof] = between(2016)[..] else {
        panic!("one proof");
    };
    assert_eq!(proof.result, amount("6791524.34"));
    assert_eq!(proof.difference(), amount("105029.25"));
    assert_eq!(CarryOver::between(&montreuil(2016), &montreuil(2018)), []);
    assert_eq!(CarryOver::between(&montreuil(2018), &montreuil(2018)), []);
}

/// The accounts of a small body, debit less credit: opening, and what moved them.
fn books(of: u16, accounts: &[(&str, i64, i64)]) -> TrialBalance {
    let rows = accounts.iter().map(|(account, opening, moved)| AccountRow {
        account: (*account).to_owned(),
        opening: Some(Flow::debit(Centimes::new(*opening))),
        budget: Some(Flow::debit(Centimes::new(*moved))),
        order: Some(Flow::default()),
        non_budget: Some(Flow::default()),
        closing: Some(Flow::debit(Centimes::new(opening + moved))),
        ..AccountRow::default()
    });
    TrialBalance::from_rows(year(of), rows).expect("a trial balance")
}

#[test]
fn a_balance_sheet_from_accounts() {
    let first = books(
        2022,
        &[
            ("10222", -50_000, -1_000),
            ("1068", -20_000, 0),
            ("110", -3_000, 0),
            ("1641", -10_000, 2_000),
            ("193", 700, 0),
            ("2111", 80_000, 500),
            ("21318", 9_000, 0),
            ("281318", -1_000, -400),
            ("229", -6_700, 0),
            ("261", 650, 0),
            ("276348", 50, 0),
            ("2961", -10, 0),
            ("411", 1_200, 100),
            ("491", -90, 0),
            ("401", -800, 0),
            ("515", 0, 9_300),
            ("6411", 0, 5_000),
            ("6811", 0, 400),
            ("73111", 0, -15_900),
        ],
    );
    assert_eq!(first.imbalance(), Some(Centimes::ZERO));
    let chart = Chart::find("M57A", year(2022)).expect("a chart");
    let sheet = ComputedSheet::new(&first, &chart).expect("a sheet");
    assert_eq!(sheet.result, Centimes::new(10_500));
    assert_eq!(sheet.difference(), Centimes::ZERO);
    let net = |side, code| sheet.line(side, code).map(|line| line.net().get());
    let gross = |code| {
        sheet
            .line(BalanceSide::Asset, code)
            .map(|line| line.gross.get())
    };
    assert_eq!(net(BalanceSide::Asset, "21"), Some(88_100));
    assert_eq!(gross("21"), Some(89_500));
    assert_eq!(net(BalanceSide::Asset, "26"), Some(690));
    assert_eq!(net(BalanceSide::Asset, "41"), Some(1_210));
    assert_eq!(net(BalanceSide::Asset, "51"), Some(9_300));
    assert_eq!(net(BalanceSide::Liability, "22"), Some(6_700));
    assert_eq!(net(BalanceSide::Liability, "19"), Some(-700));
    assert_eq!(net(BalanceSide::Liability, "106"), Some(20_000));
    assert_eq!(net(BalanceSide::Liability, "result"), Some(10_500));
    for line in &sheet.lines {
        let held: Centimes = line.accounts.iter().map(|held| held.amount).sum();
        assert!(line.code == "result" || held == line.net(), "{}", line.code);
    }
    // As rows, they are read as those of any source.
    let read = BalanceSheet::new(&sheet.rows());
    assert!(read.balances(year(2022)));
    assert_eq!(
        read.published_result(year(2022)),
        Some(Centimes::new(10_500))
    );
    assert_eq!(
        read.net_total(year(2022), BalanceSide::Asset),
        Some(sheet.total(BalanceSide::Asset))
    );

    // The next year opens with the result, and puts a part of it into reserves.
    let second = books(
        2023,
        &[
            ("10222", -51_000, 0),
            ("1068", -20_000, -4_000),
            ("110", -3_000, -6_500),
            ("12", -10_500, 10_500),
            ("6411", 0, 5_000),
            ("73111", 0, -5_000),
            ("515", 84_500, 0),
        ],
    );
    let [proof] = CarryOver::between(&first, &second)[..] else {
        panic!("one proof");
    };
    assert_eq!(proof.basis, CarryOverBasis::Accounts);
    assert_eq!(
        (proof.expected().get(), proof.difference().get()),
        (13_500, 0)
    );
    let chart = Chart::find("M57A", year(2023)).expect("a chart");
    let sheet = ComputedSheet::new(&second, &chart).expect("a sheet");
    let both: Vec<_> = ComputedSheet::new(&first, &chart)
        .expect("a sheet")
        .rows()
        .into_iter()
        .chain(sheet.rows())
        .collect();
    let [carried] = BalanceSheet::new(&both).brought_forward()[..] else {
        panic!("one year after another");
    };
    assert!(carried.is_explained());
}

#[test]
fn without_balances_there_is_no_sheet() {
    let chart = Chart::find("M57A", year(2023)).expect("a chart");
    let error = ComputedSheet::new(&cfu(), &chart).expect_err("flows only");
    let SheetError::Unknown(accounts) = &error else {
        panic!("{error}");
    };
    assert!(accounts.contains(&"1641".to_owned()), "{error}");
    let only = books(2023, &[("6411", 0, 5)]);
    assert_eq!(
        ComputedSheet::new(&only, &chart),
        Err(SheetError::NoAccounts)
    );
}

/// The euros of a text in hundredths, whatever separates their groups.
fn euros(text: &str, english: bool) -> Vec<i64> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('€') {
        let (word, sign) = if english {
            let after = &text[at + '€'.len_utf8()..];
            let digit = |letter: &char| letter.is_ascii_digit() || matches!(letter, ',' | '.');
            let word: String = after.chars().take_while(digit).collect();
            (
                word.trim_end_matches(['.', ',']).to_owned(),
                text[..at].chars().next_back(),
            )
        } else {
            let before = text[..at].trim_end_matches('\u{a0}');
            let digit = |letter: &char| letter.is_ascii_digit() || matches!(letter, ',' | '\u{a0}');
            let word: String = before.chars().rev().take_while(digit).collect();
            let sign = before[..before.len() - word.len()].chars().next_back();
            (word.chars().rev().collect(), sign)
        };
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        let amount: i64 = digits
            .parse()
            .unwrap_or_else(|_| panic!("«{word}» is no amount"));
        found.push(if sign == Some('−') { -amount } else { amount });
    }
    found
}

/// The page of the guide, in both languages, quotes what is computed here.
#[test]
fn the_guide_quotes_what_is_computed() {
    let english = euros(include_str!("../../../docs/accounts.md"), true);
    let french = euros(include_str!("../../../docs/comptes.md"), false);
    assert_eq!(english, french);
    let trial = cfu();
    let chart = Chart::find("M57A", year(2023)).expect("a chart");
    let statement = ComputedStatement::new(&trial, &chart).expect("a statement");
    let [exact, other] = [2017, 2016].map(|of| {
        let proofs = CarryOver::between(&montreuil(of), &montreuil(of + 1));
        proofs.into_iter().next().expect("a proof")
    });
    let mut known: Vec<Centimes> = vec![
        exact.brought_forward,
        exact.result,
        exact.found,
        other.difference(),
    ];
    for line in &statement.lines {
        known.extend(line.amount);
        known.extend(line.accounts.iter().map(|held| held.amount));
    }
    let indicators = indicators(&trial, &given());
    let value = |computed: &Computed| computed.value().map(|text| amount(&text));
    known.extend(indicators.iter().filter_map(value));
    // Revenue less expense of budget documents is part of their rate only.
    let found = all(&trial, &given());
    let of = |code: &str| value(&found[code]).expect("an amount");
    known.push(of("real-revenue") - of("real-expense"));
    for amount in english {
        assert!(
            known.contains(&Centimes::new(amount)),
            "{}",
            Centimes::new(amount)
        );
    }
}
