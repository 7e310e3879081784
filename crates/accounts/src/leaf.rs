//! The leaf rule: which lines are added, and which only repeat others.
//!
//! A statement prints the same money several times: « Dont » rows repeat their subtotal, totals
//! repeat their block. Each sum is therefore taken once, from the finest rows that are complete:
//! the children when all of them are present, else their parent. Where neither is complete the
//! missing amounts are marked, and the year has no result.
//!
//! An official form prints nothing where a line is not used. Such a line is nil where a printed amount proves it: a
//! subtotal, heading or total that equals the sum of what is printed under it, or a balance of the statement that
//! equals what its blocks come to. Without such a proof an empty amount is missing. That two amounts which were
//! left out cancel each other to the centime cannot be excluded by it.

mod balances;
mod block;

use std::collections::BTreeMap;

use crate::classify::Classifier;
use crate::money::Centimes;
use crate::nomenclature::Nomenclature;
use crate::statement::{Role, StatementLine, StatementRow};
use crate::year::FiscalYear;

/// One year of a body's income statement, understood.
#[derive(Debug)]
pub struct YearStatement {
    /// The fiscal year.
    pub year: FiscalYear,
    /// The nomenclature its blocks belong to; `None` when they belong to none that is known.
    pub nomenclature: Option<&'static Nomenclature>,
    /// All rows of the year, in the order of the official model, none left out.
    pub lines: Vec<StatementLine>,
    /// What was found where a parent and its children print the same money.
    pub parents: Vec<ParentCheck>,
    /// Whether lines are nil because a printed balance of the statement, such as its result, is what the others come to.
    pub balances_prove_nil: bool,
}

/// Which rows of a parent and its children are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// The children: all of them are present.
    Children,
    /// The parent, because a child is missing.
    Parent,
    /// Neither is complete; the children present are kept and the missing ones are marked.
    Neither,
}

impl Used {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Children, Self::Parent, Self::Neither];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Children => "children",
            Self::Parent => "parent",
            Self::Neither => "neither",
        }
    }
}

/// A parent row held against its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentCheck {
    /// The block of the parent.
    pub block: &'static str,
    /// The code of the parent line.
    pub code: &'static str,
    /// Its official label.
    pub label: &'static str,
    /// Subtotal, heading or total.
    pub role: Role,
    /// The amount published for the parent.
    pub parent: Option<Centimes>,
    /// The sum of the children, when complete.
    pub children: Option<Centimes>,
    /// Which of the two is added.
    pub used: Used,
}

impl ParentCheck {
    /// Parent minus children, when both are known.
    pub fn difference(&self) -> Option<Centimes> {
        Some(self.parent? - self.children?)
    }
}

impl YearStatement {
    /// Understands all rows of one year of one body.
    pub fn new(year: FiscalYear, rows: &[StatementRow], classifier: &mut Classifier) -> Self {
        let categories = rows.iter().map(|row| row.published.category.as_str());
        let nomenclature = Nomenclature::detect(categories);
        let edition = classifier.edition(nomenclature);
        let mut lines: Vec<StatementLine> = rows
            .iter()
            .map(|row| StatementLine {
                record: row.record,
                item: classifier.classify(nomenclature, edition, &row.published),
                amount: row.amount,
                counted: false,
                missing: false,
                nil: false,
            })
            .collect();
        lines.sort_unstable_by_key(|line| (line.item.position, line.record));

        let mut by_block: BTreeMap<Option<&str>, Vec<&mut StatementLine>> = BTreeMap::new();
        for line in &mut lines {
            by_block.entry(line.item.block).or_default().push(line);
        }
        let mut parents = Vec::new();
        let mut sums = Vec::new();
        for (code, mut lines) in by_block {
            for line in &mut lines {
                take_alone(line);
            }
            let block = nomenclature
                .zip(code)
                .and_then(|(known, code)| known.block(code));
            if let Some(block) = block {
                sums.push(block::resolve(block, &mut lines, &mut parents));
            }
        }
        let balances_prove_nil = nomenclature
            .is_some_and(|nomenclature| balances::prove(nomenclature, &mut lines, &mut sums));
        Self {
            year,
            nomenclature,
            lines,
            parents,
            balances_prove_nil,
        }
    }

    /// The sum of the counted lines of one side; `None` when an amount is missing or no line is
    /// counted at all. Lines that are nil count as such.
    pub fn total(&self, side: crate::Side) -> Option<Centimes> {
        let of_side = || {
            self.lines
                .iter()
                .filter(|line| line.item.side == Some(side))
        };
        let complete =
            !of_side().any(|line| line.missing) && of_side().any(|line| line.counted || line.nil);
        complete.then(|| {
            of_side()
                .filter(|line| line.counted)
                .filter_map(|line| line.amount)
                .sum()
        })
    }

    /// Revenue minus expense; `None` when either cannot be computed.
    pub fn result(&self) -> Option<Centimes> {
        Some(self.total(crate::Side::Revenue)? - self.total(crate::Side::Expense)?)
    }
}

/// What a row means when nothing repeats it. Parts, totals, headings and balances print money
/// that other rows hold, so on their own they are neither counted nor missing.
fn take_alone(line: &mut StatementLine) {
    let stands_alone =
        matches!(line.item.role, Role::Line | Role::Subtotal) && line.item.side.is_some();
    line.counted = stands_alone && line.amount.is_some();
    line.missing = stands_alone && line.amount.is_none();
}

/// The lines that are missing are nil after all.
fn prove_nil(line: &mut StatementLine) {
    line.nil |= line.missing;
    line.missing = false;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::Side;
    use crate::statement::Published;

    const FUNCTIONING: &str = "CHARGES DE FONCTIONNEMENT";
    const REVENUE: &str = "PRODUITS DE FONCTIONNEMENT";

    /// A 2019 statement from (category, label, amount in centimes); sides follow the category.
    fn statement(rows: &[(&str, &str, Option<i64>)]) -> YearStatement {
        let year = FiscalYear::parse("2019").unwrap();
        let rows: Vec<StatementRow> = (1..)
            .zip(rows)
            .map(|(record, (category, label, amount))| StatementRow {
                record,
                year,
                published: Arc::new(Published {
                    activity: "EXPLOITATION".into(),
                    side: if category.starts_with("PRODUITS") {
                        "PRODUITS"
                    } else {
                        "CHARGES"
                    }
                    .into(),
                    category: (*category).into(),
                    label: (*label).into(),
                }),
                amount: amount.map(Centimes::new),
            })
            .collect();
        YearStatement::new(year, &rows, &mut Classifier::default())
    }

    fn expense(rows: &[(&str, &str, Option<i64>)]) -> Option<i64> {
        statement(rows).total(Side::Expense).map(Centimes::get)
    }

    fn missing(statement: &YearStatement) -> Vec<&str> {
        let missing = statement.lines.iter().filter(|line| line.missing);
        missing.map(|line| line.item.label.as_str()).collect()
    }

    const SALARIES: &str = "Dont salaires, traitements et rémunérations diverses";

    #[test]
    fn a_subtotal_and_its_parts_are_counted_once() {
        let rows = [
            (FUNCTIONING, "Charges de personnel", Some(300)),
            (FUNCTIONING, SALARIES, Some(200)),
            (FUNCTIONING, "Dont charges sociales", Some(100)),
            (FUNCTIONING, "Impôts et taxes", Some(7)),
        ];
        let found = statement(&rows);
        assert_eq!(found.total(Side::Expense), Some(Centimes::new(307)));
        assert_eq!(found.parents.len(), 1);
        assert_eq!(found.parents[0].difference(), Some(Centimes::ZERO));
        assert_eq!(found.parents[0].used, Used::Children);
    }

    #[test]
    fn the_parent_stands_in_for_a_missing_part() {
        for social in [&[][..], &[(FUNCTIONING, "Dont charges sociales", None)]] {
            let mut rows = vec![
                (FUNCTIONING, "Charges de personnel", Some(300)),
                (FUNCTIONING, SALARIES, Some(200)),
            ];
            rows.extend_from_slice(social);
            assert_eq!(expense(&rows), Some(300));
            assert_eq!(statement(&rows).parents[0].used, Used::Parent);
        }
    }

    #[test]
    fn children_win_over_a_parent_that_differs_and_the_difference_is_reported() {
        let found = statement(&[
            (FUNCTIONING, "Charges de personnel", Some(305)),
            (FUNCTIONING, SALARIES, Some(200)),
            (FUNCTIONING, "Dont charges sociales", Some(100)),
        ]);
        assert_eq!(found.total(Side::Expense), Some(Centimes::new(300)));
        assert_eq!(found.parents[0].difference(), Some(Centimes::new(5)));
    }

    #[test]
    fn missing_is_not_zero() {
        let found = statement(&[
            (FUNCTIONING, "Charges de personnel", None),
            (FUNCTIONING, SALARIES, Some(200)),
            (FUNCTIONING, "Dont charges sociales", None),
            (FUNCTIONING, "Impôts et taxes", None),
        ]);
        assert_eq!(found.total(Side::Expense), None);
        assert_eq!(
            missing(&found),
            ["Dont charges sociales", "Impôts et taxes"]
        );
        let alone = statement(&[(FUNCTIONING, "Charges de personnel", None)]);
        assert_eq!(missing(&alone), ["Charges de personnel"]);
    }

    #[test]
    fn headings_and_totals_are_never_added_to_their_lines() {
        let rows = [
            (REVENUE, "PRODUITS AVEC CONTREPARTIE DIRECTE", None),
            (
                REVENUE,
                "Ventes de biens ou prestations de services",
                Some(10),
            ),
            (REVENUE, "Dons et legs", Some(-3)),
            (REVENUE, "Total Produits de fonctionnement (I)", Some(7)),
        ];
        let found = statement(&rows);
        assert_eq!(found.total(Side::Revenue), Some(Centimes::new(7)));
        assert_eq!(missing(&found), [""; 0]);
    }

    #[test]
    fn a_total_stands_in_for_a_block_with_missing_lines() {
        let found = statement(&[
            (REVENUE, "Ventes de biens ou prestations de services", None),
            (REVENUE, "Dons et legs", Some(3)),
            (REVENUE, "Total Produits de fonctionnement (I)", Some(70)),
        ]);
        assert_eq!(found.total(Side::Revenue), Some(Centimes::new(70)));
        assert_eq!(found.parents[0].used, Used::Parent);
    }

    #[test]
    fn a_heading_with_an_amount_stands_in_for_its_missing_line() {
        let found = statement(&[
            (REVENUE, "PRODUITS AVEC CONTREPARTIE DIRECTE", Some(50)),
            (REVENUE, "Ventes de biens ou prestations de services", None),
            (REVENUE, "Dons et legs", Some(3)),
        ]);
        assert_eq!(found.total(Side::Revenue), Some(Centimes::new(53)));
    }

    #[test]
    fn duplicated_labels_are_two_lines() {
        assert_eq!(
            expense(&[
                (FUNCTIONING, "Impôts et taxes", Some(7)),
                (FUNCTIONING, "Impôts et taxes", Some(7))
            ]),
            Some(14)
        );
    }

    #[test]
    fn a_side_without_any_line_has_no_total() {
        let found = statement(&[(FUNCTIONING, "Impôts et taxes", Some(7))]);
        assert_eq!((found.total(Side::Revenue), found.result()), (None, None));
    }

    #[test]
    fn unknown_lines_are_counted_and_unknown_parts_are_not_added() {
        let rows = [
            (FUNCTIONING, "Une charge toute nouvelle", Some(5)),
            ("BLOC INCONNU", "Dont inconnu", Some(100)),
            ("BLOC INCONNU", "Une autre", Some(1)),
        ];
        assert_eq!(expense(&rows), Some(6));
    }

    fn any_amount() -> impl Strategy<Value = Option<i64>> {
        prop_oneof![1 => Just(None), 4 => (-1_000_000_i64..1_000_000).prop_map(Some)]
    }

    proptest! {
        /// The order in which a portal sends its rows never changes a figure.
        #[test]
        fn the_order_of_rows_does_not_matter(
            amounts in proptest::collection::vec(any_amount(), 8), seed in any::<u64>()
        ) {
            let labels = [
                "Charges de personnel", SALARIES, "Dont charges sociales", "Impôts et taxes",
                "Achats et charges externes", "Total Charges de fonctionnement (II)", "Inconnu",
                "Dont inconnu",
            ];
            let rows: Vec<_> =
                labels.iter().zip(&amounts).map(|(label, amount)| (FUNCTIONING, *label, *amount)).collect();
            let mut shuffled = rows.clone();
            let mut state = seed;
            for at in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
            }
            prop_assert_eq!(expense(&rows), expense(&shuffled));
        }

        /// No row is ever lost, and no row is both counted and missing.
        #[test]
        fn every_row_is_kept(amounts in proptest::collection::vec(any_amount(), 4)) {
            let labels = ["Charges de personnel", SALARIES, "Dont charges sociales", "Inconnu"];
            let rows: Vec<_> =
                labels.iter().zip(&amounts).map(|(label, amount)| (FUNCTIONING, *label, *amount)).collect();
            let found = statement(&rows);
            prop_assert_eq!(found.lines.len(), rows.len());
            for line in &found.lines {
                prop_assert!(!(line.counted && line.missing));
                prop_assert!(!line.counted || line.amount.is_some());
            }
        }
    }
}
