//! The tables of a revision and its slices, and the rows on their way to each.

use super::SliceOf;
use crate::bulk::{Bulk, Target};
use crate::engine::names::is_of_slices;
use crate::revision::Subject;

/// The rows on their way to each table.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) record_block: Bulk,
    pub(super) body: Bulk,
    pub(super) line_item: Bulk,
    pub(super) line: Bulk,
    pub(super) parent_check: Bulk,
    pub(super) balance_line: Bulk,
    pub(super) balance_shift: Bulk,
    pub(super) series_break: Bulk,
    pub(super) account_item: Bulk,
    pub(super) trial_balance: Bulk,
    pub(super) account: Bulk,
    pub(super) indicator: Bulk,
    pub(super) witness: Bulk,
    pub(super) aggregate: Bulk,
    pub(super) population: Bulk,
    pub(super) aggregate_standing: Bulk,
}

const RECORD_BLOCK: Target = Target {
    table: "slice.record_block",
    columns: &["siren", "subject", "first_record", "records", "json"],
    partitioned: true,
    large: true,
};
const BODY: Target = Target {
    table: "core.body",
    columns: &[
        "siren",
        "name",
        "search_text",
        "first_year",
        "last_year",
        "lines",
        "budget",
        "sample",
        "insee",
        "kind",
        "departement",
        "grouping_name",
    ],
    partitioned: true,
    large: false,
};
pub(super) const LINE_ITEM: Target = Target {
    table: "slice.line_item",
    columns: &[
        "item_id",
        "nomenclature",
        "side",
        "activity",
        "block",
        "category",
        "code",
        "label",
        "published_category",
        "published_label",
        "matched",
        "role",
        "parent",
        "harmonised",
        "exceptional_successor",
        "asset_income",
        "position",
        "search_text",
    ],
    partitioned: false,
    large: false,
};
const LINE: Target = Target {
    table: "slice.line",
    columns: &[
        "siren",
        "fiscal_year",
        "record",
        "item_id",
        "amount",
        "counted",
        "missing",
        "nil",
    ],
    partitioned: true,
    large: true,
};
const PARENT_CHECK: Target = Target {
    table: "slice.parent_check",
    columns: &[
        "siren",
        "fiscal_year",
        "block",
        "code",
        "label",
        "role",
        "parent",
        "children",
        "used",
    ],
    partitioned: true,
    large: false,
};
const BALANCE_LINE: Target = Target {
    table: "slice.balance_line",
    columns: &[
        "siren",
        "fiscal_year",
        "record",
        "published_year",
        "side",
        "category",
        "label",
        "gross",
        "depreciation",
        "net",
        "kind",
        "counted",
    ],
    partitioned: true,
    large: false,
};
const BALANCE_SHIFT: Target = Target {
    table: "slice.balance_shift",
    columns: &["siren", "earlier", "later", "total"],
    partitioned: true,
    large: false,
};
const SERIES_BREAK: Target = Target {
    table: "core.series_break",
    columns: &["siren", "fiscal_year", "kind"],
    partitioned: true,
    large: false,
};

pub(super) const ACCOUNT_ITEM: Target = Target {
    table: "slice.account_item",
    columns: &["item_id", "title", "nomenclature", "line", "no_line"],
    partitioned: false,
    large: false,
};
const TRIAL_BALANCE: Target = Target {
    table: "slice.trial_balance",
    columns: &[
        "siren",
        "fiscal_year",
        "chart",
        "chart_year",
        "accounts",
        "population",
        "debt",
        "result",
    ],
    partitioned: true,
    large: false,
};
const ACCOUNT: Target = Target {
    table: "slice.account",
    columns: &[
        "siren",
        "fiscal_year",
        "account",
        "item_id",
        "opening_debit",
        "opening_credit",
        "budget_debit",
        "budget_credit",
        "order_debit",
        "order_credit",
        "non_budget_debit",
        "non_budget_credit",
        "closing_debit",
        "closing_credit",
        "basis",
    ],
    partitioned: true,
    large: true,
};
const INDICATOR: Target = Target {
    table: "slice.indicator",
    columns: &[
        "siren",
        "fiscal_year",
        "indicator",
        "position",
        "outcome",
        "amount",
        "share",
        "years",
        "per_inhabitant",
        "missing",
    ],
    partitioned: true,
    large: false,
};
const WITNESS: Target = Target {
    table: "slice.witness",
    columns: &[
        "siren",
        "fiscal_year",
        "kind",
        "says",
        "reason",
        "against",
        "independent",
        "subject",
        "document",
        "record",
    ],
    partitioned: true,
    large: false,
};

const AGGREGATE: Target = Target {
    table: "slice.aggregate",
    columns: &[
        "siren",
        "fiscal_year",
        "budget",
        "budget_name",
        "nomenclature",
        "aggregate",
        "amount",
        "record",
    ],
    partitioned: true,
    large: true,
};
const POPULATION: Target = Target {
    table: "slice.population",
    columns: &["siren", "fiscal_year", "population", "subject"],
    partitioned: true,
    large: false,
};
const AGGREGATE_STANDING: Target = Target {
    table: "slice.aggregate_standing",
    columns: &[
        "siren",
        "fiscal_year",
        "aggregate",
        "per_inhabitant",
        "bodies",
        "place",
        "lower_quarter",
        "median",
        "upper_quarter",
        "least",
        "most",
    ],
    partitioned: true,
    large: false,
};

/// The tables that each revision has rows of its own in, apart from the marts.
pub(super) const OF_REVISION: [&Target; 2] = [&BODY, &SERIES_BREAK];

/// The tables that hold slices.
pub(super) const OF_SLICES: [&Target; 12] = [
    &RECORD_BLOCK,
    &LINE,
    &PARENT_CHECK,
    &BALANCE_LINE,
    &BALANCE_SHIFT,
    &TRIAL_BALANCE,
    &ACCOUNT,
    &INDICATOR,
    &WITNESS,
    &AGGREGATE,
    &POPULATION,
    &AGGREGATE_STANDING,
];

impl SliceOf {
    /// The tables that such a slice has rows in, of those that PostgreSQL divides by slice.
    pub(super) const fn tables(self) -> &'static [&'static Target] {
        match self {
            Self::Subject(Subject::IncomeStatement) => {
                &[&RECORD_BLOCK, &LINE, &PARENT_CHECK, &WITNESS]
            }
            Self::Subject(Subject::BalanceSheet) => {
                &[&RECORD_BLOCK, &BALANCE_LINE, &BALANCE_SHIFT, &WITNESS]
            }
            Self::Subject(Subject::Aggregates) => &[&RECORD_BLOCK, &AGGREGATE],
            Self::Subject(Subject::AccountBalances) => &[
                &RECORD_BLOCK,
                &TRIAL_BALANCE,
                &ACCOUNT,
                &INDICATOR,
                &WITNESS,
                &POPULATION,
            ],
            Self::Several => &[&WITNESS, &POPULATION, &AGGREGATE_STANDING],
        }
    }
}

impl Tables {
    /// Rows of slices have to be of one that is [begun](super::Staging::begin_slice) first.
    pub(super) fn new(revision: i64, postgres: bool) -> Self {
        let bulk = |target: &'static Target| {
            let owner = if is_of_slices(target.table) {
                0
            } else {
                revision
            };
            Bulk::new(target, owner, postgres)
        };
        Self {
            record_block: bulk(&RECORD_BLOCK),
            body: bulk(&BODY),
            line_item: bulk(&LINE_ITEM),
            line: bulk(&LINE),
            parent_check: bulk(&PARENT_CHECK),
            balance_line: bulk(&BALANCE_LINE),
            balance_shift: bulk(&BALANCE_SHIFT),
            series_break: bulk(&SERIES_BREAK),
            account_item: bulk(&ACCOUNT_ITEM),
            trial_balance: bulk(&TRIAL_BALANCE),
            account: bulk(&ACCOUNT),
            indicator: bulk(&INDICATOR),
            witness: bulk(&WITNESS),
            aggregate: bulk(&AGGREGATE),
            population: bulk(&POPULATION),
            aggregate_standing: bulk(&AGGREGATE_STANDING),
        }
    }

    pub(super) fn all(&mut self) -> [&mut Bulk; 16] {
        [
            &mut self.record_block,
            &mut self.body,
            &mut self.line_item,
            &mut self.line,
            &mut self.parent_check,
            &mut self.balance_line,
            &mut self.balance_shift,
            &mut self.series_break,
            &mut self.account_item,
            &mut self.trial_balance,
            &mut self.account,
            &mut self.indicator,
            &mut self.witness,
            &mut self.aggregate,
            &mut self.population,
            &mut self.aggregate_standing,
        ]
    }
}
