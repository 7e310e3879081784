//! Models that other models read, so that what they share is computed once.

use crate::{Column, Form, Kind, Model, ModelSql, columns};

/// The lines of each year added up by everything that an analysis asks of their labels.
pub static ITEM_SUM: Model = Model {
    name: "item_sum",
    about: "The lines of each year added up by what their labels mean. See mart.line_sum for what that is.",
    columns: &[
        Column::new(columns::FISCAL_YEAR, Kind::Year),
        Column::new(columns::ITEM_ID, Kind::Integer),
        Column::new(columns::POSITION, Kind::Integer),
        Column::new(columns::LINES, Kind::Integer),
        Column::new(columns::PUBLISHED, Kind::Integer),
        Column::new(columns::COUNTED, Kind::Integer),
        Column::new(columns::NIL, Kind::Integer),
        Column::new(columns::MISSING, Kind::Integer),
        Column::new(columns::STANDING_IN, Kind::Integer),
        Column::new(columns::COVERED, Kind::Integer),
        Column::new(columns::UNRECOGNISED, Kind::Integer),
        Column::new(columns::COUNTED_AMOUNT, Kind::Amount),
        Column::new(columns::PUBLISHED_AMOUNT, Kind::Amount),
        Column::new(columns::NEGATIVE, Kind::Amount),
    ],
    sql: ModelSql::new(include_str!("item_sum.sql")),
    order_by: "fiscal_year, position",
    bases: &[],
    form: Form::Sums,
    file: None,
};

/// The same on each basis, with what the labels mean.
pub static LINE_SUM: Model = Model {
    name: "line_sum",
    about: "The lines of each year added up, by all that the analyses ask of a line.",
    columns: &[
        Column::new(columns::FISCAL_YEAR, Kind::Year),
        Column::new(columns::NOMENCLATURE, Kind::Text),
        Column::new(columns::SIDE, Kind::Text),
        Column::new(columns::ACTIVITY, Kind::Text),
        Column::new(columns::CATEGORY, Kind::Text),
        Column::new(columns::PUBLISHED_CATEGORY, Kind::Text),
        Column::new(columns::HARMONISED, Kind::Text),
        Column::new(columns::EXCEPTIONAL_SUCCESSOR, Kind::Text),
        Column::new(columns::ASSET_INCOME, Kind::Text),
        Column::new(columns::POSITION, Kind::Integer),
        Column::new(columns::LINES, Kind::Integer),
        Column::new(columns::PUBLISHED, Kind::Integer),
        Column::new(columns::COUNTED, Kind::Integer),
        Column::new(columns::NIL, Kind::Integer),
        Column::new(columns::MISSING, Kind::Integer),
        Column::new(columns::STANDING_IN, Kind::Integer),
        Column::new(columns::COVERED, Kind::Integer),
        Column::new(columns::UNRECOGNISED, Kind::Integer),
        Column::new(columns::TAKEN, Kind::Amount),
        Column::new(columns::NEGATIVE, Kind::Amount),
        Column::new(columns::REPEATED, Kind::Amount),
    ],
    sql: ModelSql::new(include_str!("line_sum.sql")),
    order_by: "fiscal_year, position",
    bases: &[&ITEM_SUM],
    form: Form::View,
    file: None,
};
