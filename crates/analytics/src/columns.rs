//! The names of the columns of analyses, of the rows of lines and bodies, and of the views of a dashboard.
//!
//! Definitions and readers name a column by the same constant, so that one that is misspelt does not compile.

use centime_warehouse::ColumnName;

/// Declares constants for names that are written as the constants are, in lower case.
macro_rules! names {
    ($($constant:ident = $name:literal;)*) => {
        $(
            #[doc = concat!("The column `", $name, "`.")]
            pub const $constant: ColumnName = ColumnName::new($name);
        )*

        #[cfg(test)]
        const ALL: &[(&str, ColumnName)] = &[$((stringify!($constant), $constant)),*];
    };
}

names! {
    ACCOUNT = "account";
    ACTIVITY = "activity";
    AFTER = "after";
    AGGREGATE = "aggregate";
    AMOUNT = "amount";
    ASSET_INCOME = "asset_income";
    BEFORE = "before";
    BLOCK = "block";
    BODY_NAME = "body_name";
    BUDGET = "budget";
    BUDGET_CREDIT = "budget_credit";
    BUDGET_DEBIT = "budget_debit";
    BUDGET_NAME = "budget_name";
    CATEGORY = "category";
    CHANGE = "change";
    CHILDREN = "children";
    CLOSING_BASIS = "closing_basis";
    CLOSING_CREDIT = "closing_credit";
    CLOSING_DEBIT = "closing_debit";
    CODE = "code";
    COUNTED = "counted";
    COUNTED_AMOUNT = "counted_amount";
    COUNTED_TWICE = "counted_twice";
    COVERED = "covered";
    CUMULATIVE_SHARE = "cumulative_share";
    DEPARTEMENT = "departement";
    DIFFERENCE = "difference";
    DOCUMENT = "document";
    DOUBTS = "doubts";
    DROPPED_NEGATIVE = "dropped_negative";
    EXCEPTIONAL_CHARGES = "exceptional_charges";
    EXCEPTIONAL_SUCCESSOR = "exceptional_successor";
    EXPENSE = "expense";
    FINANCIAL_ASSETS = "financial_assets";
    FINANCIAL_EXPENSE = "financial_expense";
    FINANCIAL_REVENUE = "financial_revenue";
    FIRST_YEAR = "first_year";
    FISCAL_YEAR = "fiscal_year";
    FORMULA = "formula";
    GROUPING_NAME = "grouping_name";
    HARMONISED = "harmonised";
    HARMONISED_CATEGORY = "harmonised_category";
    HELD_AGAINST = "held_against";
    INDEPENDENCE = "independence";
    INDICATOR = "indicator";
    INSEE = "insee";
    ITEM_ID = "item_id";
    KIND = "kind";
    KNOWN = "known";
    LABEL = "label";
    LAST_YEAR = "last_year";
    LEAF_RESULT = "leaf_result";
    LINE = "line";
    LINES = "lines";
    LINE_AMOUNT = "line_amount";
    MARGIN = "margin";
    MATCHED = "matched";
    MISSING = "missing";
    MISSING_LINES = "missing_lines";
    MIXED_CHARGES = "mixed_charges";
    MIXED_INCOME = "mixed_income";
    NAIVE_RESULT = "naive_result";
    NAME = "name";
    NEEDED = "needed";
    NEGATIVE = "negative";
    NET_FINANCIAL_RESULT = "net_financial_result";
    NIL = "nil";
    NOMENCLATURE = "nomenclature";
    NON_BUDGET_CREDIT = "non_budget_credit";
    NON_BUDGET_DEBIT = "non_budget_debit";
    NO_LINE = "no_line";
    OPENING_CREDIT = "opening_credit";
    OPENING_DEBIT = "opening_debit";
    OPERATING_EXPENSE = "operating_expense";
    OPERATING_RESULT = "operating_result";
    OPERATING_REVENUE = "operating_revenue";
    ORDER_CREDIT = "order_credit";
    ORDER_DEBIT = "order_debit";
    OUTCOME = "outcome";
    OTHER_BUDGETS = "other_budgets";
    PARENT = "parent";
    PER_INHABITANT = "per_inhabitant";
    POPULATION = "population";
    POPULATION_YEAR = "population_year";
    POSITION = "position";
    PRINTED_AMOUNT = "printed_amount";
    PUBLISHED = "published";
    PUBLISHED_AMOUNT = "published_amount";
    PUBLISHED_CATEGORY = "published_category";
    PUBLISHED_LABEL = "published_label";
    PUBLISHED_RESULT = "published_result";
    RANK = "rank";
    RATE_OF_RETURN = "rate_of_return";
    REASON = "reason";
    RECOGNISED = "recognised";
    RECORD = "record";
    RECORDS = "records";
    REPEATED = "repeated";
    RESULT = "result";
    REVENUE = "revenue";
    REVENUE_SHARE = "revenue_share";
    ROLE = "role";
    ROWS = "rows";
    SAYS = "says";
    SERIES_BREAK = "series_break";
    SHARE = "share";
    SIDE = "side";
    SIREN = "siren";
    SIRET = "siret";
    STANDING_IN = "standing_in";
    STATE = "state";
    STATUS = "status";
    STEP = "step";
    SUBJECT = "subject";
    SUCCESSOR_CHARGES = "successor_charges";
    TAKEN = "taken";
    TITLE = "title";
    UNIT = "unit";
    UNPUBLISHED = "unpublished";
    UNRECOGNISED = "unrecognised";
    USED = "used";
    WITNESS = "witness";
    WITNESSES = "witnesses";
    WITNESSES_EQUAL = "witnesses_equal";
    YEARS = "years";
    YEAR_AFTER = "year_after";
    YEAR_BEFORE = "year_before";
    YEAR_COMPLETE = "year_complete";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn a_constant_is_called_as_its_column() {
        for (constant, name) in ALL {
            assert_eq!(constant.to_lowercase(), name.as_str());
        }
    }
}
