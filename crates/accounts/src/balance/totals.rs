//! Which rows of a balance sheet only repeat others.
//!
//! A row whose label begins with « total » is a total where it equals the rows since the last one, or earlier totals
//! together; else it is a line, as in short forms that print no detail of it. Capitals and numerals (« (III) »)
//! make no total. The choice is proven by « TOTAL GÉNÉRAL »: the lines come to it. A portal may send the rows in any
//! order, so that those of which the official order makes no sense are read backwards, or as if each were a total,
//! where that is proven.

use crate::money::Centimes;

/// A row: its label, normalised, and its amount.
type Row = (String, Option<Centimes>);

/// How many of the rows before it a total may be the sum of, besides those since the last total and all of them.
/// Official forms have fewer.
const FAR: usize = 64;

/// Which rows of the two sides of a sheet repeat others.
pub(super) fn of_sheet(sides: &[Vec<Row>; 2]) -> [Vec<bool>; 2] {
    let [assets, liabilities] = sides.each_ref().map(|rows| candidates(rows));
    let sum = |rows: &[Row], repeated: &[bool]| lines(rows, repeated);
    let pairs = assets
        .iter()
        .flat_map(|asset| liabilities.iter().map(move |other| (asset, other)));
    let balanced = pairs.into_iter().find(|(asset, liability)| {
        let count = sides[0].len() + sides[1].len();
        let difference = sum(&sides[0], asset) - sum(&sides[1], liability);
        difference.abs() <= rounding(count)
    });
    match balanced {
        Some((asset, liability)) => [asset.clone(), liability.clone()],
        None => [assets[0].clone(), liabilities[0].clone()],
    }
}

/// The sum of the rows of a side, each amount once.
pub(super) fn sum(rows: &[Row]) -> Centimes {
    lines(rows, &candidates(rows)[0])
}

fn lines(rows: &[Row], repeated: &[bool]) -> Centimes {
    let counted = rows
        .iter()
        .zip(repeated)
        .filter(|(_, repeated)| !**repeated);
    counted.filter_map(|((_, amount), _)| *amount).sum()
}

/// The readings of a side, the likeliest first; those that « TOTAL GÉNÉRAL » proves, if it proves any.
fn candidates(rows: &[Row]) -> Vec<Vec<bool>> {
    let forwards = in_order(rows.iter());
    if !rows.iter().any(|(label, _)| is_total(label)) {
        return vec![forwards];
    }
    let mut backwards = in_order(rows.iter().rev());
    backwards.reverse();
    let all = rows.iter().map(|(label, _)| is_total(label)).collect();
    let readings = vec![forwards, backwards, all];
    let general = rows
        .iter()
        .find(|(label, amount)| is_general(label) && amount.is_some());
    let Some((_, Some(general))) = general else {
        return readings;
    };
    let proven: Vec<Vec<bool>> = readings
        .iter()
        .filter(|repeated| (lines(rows, repeated) - *general).abs() <= rounding(rows.len()))
        .cloned()
        .collect();
    if proven.is_empty() { readings } else { proven }
}

fn is_total(label: &str) -> bool {
    label == "total" || label.starts_with("total ") || label.starts_with("totaux ")
}

/// Never a line, whatever it comes to.
fn is_general(label: &str) -> bool {
    label.starts_with("total general")
}

/// By how much the sum of so many amounts may differ from their total when each is rounded to the centime.
fn rounding(amounts: usize) -> Centimes {
    let halves = i64::try_from(amounts).unwrap_or(i64::MAX).saturating_add(1);
    Centimes::new(if amounts == 1 { 0 } else { halves / 2 })
}

/// Takes each total for the sum of rows before it, where it is.
fn in_order<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<bool> {
    // What is not part of a total yet: lines and totals.
    let mut open: Vec<(Centimes, bool)> = Vec::new();
    let mut repeated = Vec::new();
    for (label, amount) in rows {
        let Some(amount) = *amount else {
            repeated.push(is_total(label));
            continue;
        };
        let found = if is_total(label) {
            reach(&open, amount)
        } else {
            None
        };
        if let Some(far) = found {
            let sum = open
                .drain(open.len() - far..)
                .map(|(amount, _)| amount)
                .sum();
            open.push((sum, true));
        } else if !is_general(label) {
            open.push((amount, false));
        }
        repeated.push(found.is_some() || is_general(label));
    }
    repeated
}

/// How many of the last open rows an amount is the sum of.
fn reach(open: &[(Centimes, bool)], amount: Centimes) -> Option<usize> {
    let since_total = open
        .iter()
        .rev()
        .take_while(|(_, is_total)| !is_total)
        .count();
    let is_sum = |far: &usize| {
        let of = &open[open.len() - far..];
        let sum: Centimes = of.iter().map(|(amount, _)| *amount).sum();
        *far > 0 && (sum - amount).abs() <= rounding(*far)
    };
    [since_total, open.len()]
        .into_iter()
        .chain(1..=open.len().min(FAR))
        .find(is_sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(rows: &[(&str, i64)]) -> Vec<Row> {
        let row =
            |(label, amount): &(&str, i64)| ((*label).to_owned(), Some(Centimes::new(*amount)));
        rows.iter().map(row).collect()
    }

    fn repeated(found: &[(&str, i64)]) -> Vec<bool> {
        candidates(&rows(found))[0].clone()
    }

    #[test]
    fn totals_are_told_from_lines_by_their_amounts() {
        let found = [
            ("reserves", 70),
            ("total fonds propres i", 70),
            ("total provisions pour risques et charges 1", 9),
            ("emprunts", 20),
            ("autres emprunts", 3),
            ("total dettes financieres 2", 23),
            ("total tresorerie 4", 1),
            ("total passif ii 1 2 3 4", 33),
            ("comptes de regularisation iii", 4),
            ("total general i ii iii iv", 107),
        ];
        assert_eq!(
            repeated(&found),
            [
                false, true, false, false, false, true, false, true, false, true
            ]
        );
    }

    #[test]
    fn rows_in_another_order_are_understood_where_the_general_total_proves_it() {
        let mut found = vec![
            ("total general", 30),
            ("total a", 12),
            ("one", 5),
            ("two", 7),
            ("total b", 18),
            ("three", 18),
        ];
        assert_eq!(lines(&rows(&found), &repeated(&found)).get(), 30);
        found.swap(1, 5);
        assert_eq!(lines(&rows(&found), &repeated(&found)).get(), 30);
    }

    #[test]
    fn a_total_that_equals_nothing_is_a_line_and_the_general_one_never_is() {
        assert_eq!(repeated(&[("one", 5), ("total two", 6)]), [false, false]);
        assert_eq!(repeated(&[("one", 5), ("total general", 6)]), [false, true]);
        assert_eq!(repeated(&[("totalite des biens", 5)]), [false]);
    }

    #[test]
    fn what_balances_decides_where_no_general_total_does() {
        // Backwards the first side has a total of one and two; forwards it has three lines.
        let sides = [
            rows(&[("total a", 3), ("one", 1), ("two", 2)]),
            rows(&[("dettes", 3)]),
        ];
        assert_eq!(of_sheet(&sides), [vec![true, false, false], vec![false]]);
    }

    proptest! {
        /// Whatever the lines of a form are, their sum is found again among its totals.
        #[test]
        fn totals_never_add_to_a_sheet(
            blocks in proptest::collection::vec(
                proptest::collection::vec(-1_000_000_i64..1_000_000, 1..8), 1..6)
        ) {
            let mut found: Vec<(&str, i64)> = Vec::new();
            for block in &blocks {
                found.extend(block.iter().map(|amount| ("ligne", *amount)));
                found.push(("total du bloc", block.iter().sum()));
            }
            let sum: i64 = blocks.iter().flatten().sum();
            found.push(("total general", sum));
            prop_assert_eq!(lines(&rows(&found), &repeated(&found)).get(), sum);
        }
    }
}
