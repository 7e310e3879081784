//! The tables of a revision, and the rows on their way to each.

use crate::bulk::{Bulk, Target};

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
    table: "raw.record_block",
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
    table: "core.line_item",
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
    table: "core.line",
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
    table: "core.parent_check",
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
    table: "core.balance_line",
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
    table: "core.balance_shift",
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
    table: "core.account_item",
    columns: &["item_id", "title", "nomenclature", "line", "no_line"],
    partitioned: false,
    large: false,
};
const TRIAL_BALANCE: Target = Target {
    table: "core.trial_balance",
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
    table: "core.account",
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
    table: "core.indicator",
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
    table: "core.witness",
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
    table: "core.aggregate",
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
    table: "core.population",
    columns: &["siren", "fiscal_year", "population", "subject"],
    partitioned: true,
    large: false,
};
const AGGREGATE_STANDING: Target = Target {
    table: "core.aggregate_standing",
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

/// The tables that PostgreSQL divides by revision, apart from the marts.
pub(super) const PARTITIONED: [&Target; 14] = [
    &RECORD_BLOCK,
    &BODY,
    &LINE,
    &PARENT_CHECK,
    &BALANCE_LINE,
    &BALANCE_SHIFT,
    &SERIES_BREAK,
    &TRIAL_BALANCE,
    &ACCOUNT,
    &INDICATOR,
    &WITNESS,
    &AGGREGATE,
    &POPULATION,
    &AGGREGATE_STANDING,
];

impl Tables {
    pub(super) fn new(revision: i64, postgres: bool) -> Self {
        let bulk = |target| Bulk::new(target, revision, postgres);
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
