//! Empty lines that a printed amount proves to be nil, in statements of any amounts.

use std::sync::Arc;

use centime_accounts::nomenclature::NOMENCLATURES;
use centime_accounts::{
    Centimes, Classifier, FiscalYear, Published, Role, Side, StatementRow, YearStatement,
};
use proptest::prelude::*;

/// What a statement prints besides its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    Totals,
    Result,
    Nothing,
}

/// A statement of a nomenclature whose lines have these amounts, and whether each of those that are nothing is left
/// out; in `hidden` are lines that are left out although they are something. With it comes the true result.
fn statement(
    nomenclature: usize,
    amounts: &[i64],
    blanks: &[bool],
    hidden: &[usize],
    proof: Proof,
) -> (YearStatement, Centimes) {
    let year = FiscalYear::parse("2023").expect("a year");
    let nomenclature = &NOMENCLATURES[nomenclature];
    let mut rows = Vec::new();
    let mut row = |category: &str, side: &str, label: &str, amount: Option<i64>| {
        rows.push(StatementRow {
            record: 1 + i64::try_from(rows.len()).expect("few rows"),
            year,
            published: Arc::new(Published {
                activity: String::new(),
                side: side.into(),
                category: category.into(),
                label: label.into(),
            }),
            amount: amount.map(Centimes::new),
        });
    };
    let mut result = 0;
    let mut at = 0;
    for block in &nomenclature.blocks {
        let side = if block.side == Side::Revenue {
            "PRODUITS"
        } else {
            "CHARGES"
        };
        let mut total = 0;
        for line in &block.lines {
            match line.role {
                Role::Line | Role::Part => {
                    let amount = amounts[at % amounts.len()];
                    let blank = amount == 0 && blanks[at % blanks.len()];
                    let printed = (!blank && !hidden.contains(&at)).then_some(amount);
                    row(&block.label, side, &line.label, printed);
                    total += amount;
                    at += 1;
                }
                // Headings, and subtotals that leave the detail to their parts.
                Role::Heading | Role::Subtotal => row(&block.label, side, &line.label, None),
                Role::Total if proof == Proof::Totals => {
                    row(&block.label, side, &line.label, Some(total));
                }
                _ => {}
            }
        }
        result += if block.side == Side::Revenue {
            total
        } else {
            -total
        };
    }
    if proof == Proof::Result {
        let balance = nomenclature
            .balances
            .iter()
            .find(|balance| balance.code == "result");
        row("", "", &balance.expect("the result").label, Some(result));
    }
    let statement = YearStatement::new(year, &rows, &mut Classifier::default());
    (statement, Centimes::new(result))
}

fn amounts() -> impl Strategy<Value = Vec<i64>> {
    // No two of them cancel: that is the one thing that no total can prove.
    proptest::collection::vec(prop_oneof![3 => 1_i64..1_000_000_000, 2 => Just(0)], 45)
}

proptest! {
    /// Lines left out because they are nothing change no result where a total or the result is printed.
    #[test]
    fn nil_lines_never_change_a_result(
        nomenclature in 0_usize..2, amounts in amounts(),
        blanks in proptest::collection::vec(any::<bool>(), 45),
    ) {
        for proof in [Proof::Totals, Proof::Result] {
            let (found, result) = statement(nomenclature, &amounts, &blanks, &[], proof);
            prop_assert_eq!(found.result(), Some(result), "{:?}", proof);
            for line in &found.lines {
                prop_assert!(!line.missing);
                if matches!(line.item.role, Role::Line | Role::Part) {
                    prop_assert_eq!(line.nil, line.amount.is_none(), "{}", line.item.label);
                }
            }
        }
    }

    /// A line left out although it is something is never said to be nil: its total stands in, or the year has no
    /// result.
    #[test]
    fn hidden_lines_are_never_nil(
        nomenclature in 0_usize..2, amounts in amounts(),
        blanks in proptest::collection::vec(any::<bool>(), 45), at in 0_usize..40,
    ) {
        prop_assume!(amounts[at] != 0);
        let hidden = [at];
        let (found, result) = statement(nomenclature, &amounts, &blanks, &hidden, Proof::Totals);
        prop_assert_eq!(found.result(), Some(result));
        for proof in [Proof::Result, Proof::Nothing] {
            let (found, _) = statement(nomenclature, &amounts, &blanks, &hidden, proof);
            let lines: usize = NOMENCLATURES[nomenclature]
                .lines()
                .filter(|(_, line)| matches!(line.role, Role::Line | Role::Part))
                .count();
            if at < lines {
                prop_assert_eq!(found.result(), None, "{:?}", proof);
                prop_assert!(found.lines.iter().all(|line| !line.nil));
            }
        }
    }

    /// Without any printed sum an empty line is missing.
    #[test]
    fn nothing_proves_nothing(nomenclature in 0_usize..2, amounts in amounts()) {
        prop_assume!(amounts[..30].contains(&0));
        let (found, _) = statement(nomenclature, &amounts, &[true], &[], Proof::Nothing);
        prop_assert_eq!(found.result(), None);
    }
}
