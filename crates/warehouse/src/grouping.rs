//! Which category a line belongs to, as SQL: written from the one definition, [`centime_accounts::grouping`].

use centime_accounts::Side;
use centime_accounts::grouping::{Grouping, Term};

/// The category of a line: an expression over the columns `side`, `activity`, `category` and `harmonised`, with what
/// stands before their names, such as `line.`.
pub fn category(grouping: Grouping, prefix: &str) -> String {
    let side = format!("{prefix}side");
    category_over(grouping, &side, |term| column(term, prefix))
}

/// The category of a line whose side is known.
pub fn category_of_side(grouping: Grouping, side: Side, prefix: &str) -> String {
    first(grouping.terms(Some(side)), &|term| column(term, prefix))
}

/// The category of a line by other expressions than those columns. One for each [`Term`] that is no code is asked for;
/// a code is given as the value that stands for it.
pub fn category_over(
    grouping: Grouping,
    side: &str,
    expression: impl Fn(Term) -> String,
) -> String {
    let [of_expense, otherwise] =
        [Some(Side::Expense), None].map(|side| first(grouping.terms(side), &expression));
    if of_expense == otherwise {
        return of_expense;
    }
    format!(
        "CASE WHEN {side} = '{}' THEN {of_expense} ELSE {otherwise} END",
        Side::Expense
    )
}

fn column(term: Term, prefix: &str) -> String {
    match term {
        Term::Category => format!("{prefix}category"),
        Term::Comparable => format!("{prefix}harmonised"),
        Term::Activity => format!("{prefix}activity"),
        Term::Code(code) => format!("'{code}'"),
    }
}

fn first(terms: &[Term], expression: &impl Fn(Term) -> String) -> String {
    let expressions: Vec<String> = terms.iter().map(|term| expression(*term)).collect();
    match expressions.as_slice() {
        [only] => only.clone(),
        several => format!("COALESCE({})", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_written_as_sql() {
        assert_eq!(category(Grouping::Published, "line."), "line.category");
        assert_eq!(
            category(Grouping::Harmonised, "line."),
            "CASE WHEN line.side = 'expense' THEN COALESCE(line.harmonised, 'unrecognised') \
             ELSE COALESCE(line.activity, 'unrecognised') END"
        );
        assert_eq!(
            category_of_side(Grouping::Harmonised, Side::Expense, "line."),
            "COALESCE(line.harmonised, 'unrecognised')"
        );
    }
}
