//! Models that other models read, so that what they share is computed once.

use crate::{Column, Form, Kind, Model};

/// The lines of each year added up by everything that an analysis asks of their labels.
pub static ITEM_SUM: Model = Model {
    name: "item_sum",
    about: "The lines of each year added up by what their labels mean. See mart.line_sum for what that is.",
    columns: &[
        Column::new("fiscal_year", Kind::Year),
        Column::new("item_id", Kind::Integer),
        Column::new("position", Kind::Integer),
        Column::new("lines", Kind::Integer),
        Column::new("published", Kind::Integer),
        Column::new("counted", Kind::Integer),
        Column::new("nil", Kind::Integer),
        Column::new("missing", Kind::Integer),
        Column::new("standing_in", Kind::Integer),
        Column::new("covered", Kind::Integer),
        Column::new("unrecognised", Kind::Integer),
        Column::new("counted_amount", Kind::Amount),
        Column::new("published_amount", Kind::Amount),
        Column::new("negative", Kind::Amount),
    ],
    sql: include_str!("item_sum.sql"),
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
        Column::new("fiscal_year", Kind::Year),
        Column::new("nomenclature", Kind::Text),
        Column::new("side", Kind::Text),
        Column::new("activity", Kind::Text),
        Column::new("category", Kind::Text),
        Column::new("published_category", Kind::Text),
        Column::new("harmonised", Kind::Text),
        Column::new("exceptional_successor", Kind::Text),
        Column::new("asset_income", Kind::Text),
        Column::new("position", Kind::Integer),
        Column::new("lines", Kind::Integer),
        Column::new("published", Kind::Integer),
        Column::new("counted", Kind::Integer),
        Column::new("nil", Kind::Integer),
        Column::new("missing", Kind::Integer),
        Column::new("standing_in", Kind::Integer),
        Column::new("covered", Kind::Integer),
        Column::new("unrecognised", Kind::Integer),
        Column::new("taken", Kind::Amount),
        Column::new("negative", Kind::Amount),
        Column::new("repeated", Kind::Amount),
    ],
    sql: include_str!("line_sum.sql"),
    order_by: "fiscal_year, position",
    bases: &[&ITEM_SUM],
    form: Form::View,
    file: None,
};
