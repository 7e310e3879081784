//! The computed result held against the published one.

use centime_accounts::YearStatus;

use crate::analyses::{witness, yearly_result};
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

/// The computed result held against the published one.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "reconciliation",
        about: "The computed result held against the published one.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::PUBLISHED_RESULT, Kind::Amount).meaning("The result that the public body enters on its balance sheet."),
            Column::new(columns::LEAF_RESULT, Kind::Amount).meaning("The result of the lines, each amount once; empty when one is missing."),
            Column::new(columns::NAIVE_RESULT, Kind::Amount).meaning("What a plain script makes of the lines."),
            Column::new(columns::DIFFERENCE, Kind::Amount).meaning("The result on this basis minus the published one."),
            Column::new(columns::STATUS, Kind::Status).meaning("reconciled: equal to the centime; different; incomplete: an amount is missing; no published result."),
            Column::new(columns::WITNESSES, Kind::Integer).meaning("How many sources say what the result is, each from other amounts than the lines: the rows of witness."),
            Column::new(columns::WITNESSES_EQUAL, Kind::Integer).meaning("How many of them are equal to the result on this basis, to the centime; empty when an amount is missing."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::new(include_str!("model.sql")),
        order_by: "fiscal_year",
        bases: &[&witness::ANALYSIS.model, &yearly_result::ANALYSIS.model],
        form: Form::Analysis(Follows::Witnesses),
        file: None,
    },
    chart: Chart::Grouped {
        values: &[columns::PUBLISHED_RESULT, columns::LEAF_RESULT, columns::NAIVE_RESULT],
    },
    headline: Headline::Count {
        value: columns::STATUS,
        equal: YearStatus::Reconciled.name(),
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};
