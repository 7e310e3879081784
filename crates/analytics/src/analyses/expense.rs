//! Expense by category, as the two analyses that group it have it: one template, and what differs.

use centime_accounts::Side;
use centime_accounts::grouping::{Grouping, UNDETAILED};
use centime_warehouse::{ColumnName, grouping};

use crate::columns;
use crate::template::written;

/// What differs between analyses of expense by category.
pub(super) struct Expense {
    /// What the query is, as its first comment.
    pub(super) about: &'static str,
    /// What expense is grouped by.
    pub(super) grouping: Grouping,
    /// The column of the categories.
    pub(super) column: ColumnName,
    /// The years whose changes cannot be told, with `series_break`.
    pub(super) breaks: &'static str,
}

impl Expense {
    /// The query.
    pub(super) fn sql(&self) -> String {
        let category = grouping::category_of_side(self.grouping, Side::Expense, "own.");
        let of_basis = match self.grouping {
            // A plain script takes the categories as they are written.
            Grouping::Published => format!(
                "CASE WHEN own.basis = 'leaf' THEN {category} ELSE own.{} END",
                columns::PUBLISHED_CATEGORY
            ),
            Grouping::Harmonised => category.clone(),
        };
        let (hidden, undetailed) = match self.grouping {
            // A total is of one block, and so of one category.
            Grouping::Published => ("0".to_owned(), "0".to_owned()),
            Grouping::Harmonised => (
                format!(
                    "CASE
    WHEN own.harmonised IS NULL OR own.harmonised = '{UNDETAILED}' THEN 0
    WHEN SUM(own.standing_in) FILTER (WHERE own.harmonised = '{UNDETAILED}')
        OVER (PARTITION BY own.siren, own.fiscal_year, own.basis, own.category) > 0 THEN own.covered
    ELSE 0
END"
                ),
                format!(
                    "CASE WHEN own.harmonised = '{UNDETAILED}' THEN own.standing_in ELSE 0 END"
                ),
            ),
        };
        written(
            include_str!("expense.sql"),
            &[
                ("about", self.about),
                ("category", &of_basis),
                ("missing_category", &category),
                ("hidden", &hidden),
                ("undetailed", &undetailed),
                ("column", &self.column),
                ("breaks", self.breaks),
            ],
        )
    }
}
