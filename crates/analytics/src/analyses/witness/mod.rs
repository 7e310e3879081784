//! What else says what the result of a year is, each source with its difference.

use crate::analyses::yearly_result;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

/// What else says what the result of a year is, each source with its difference.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "witness",
        about: "What else says what the result of a year is, each source with its difference.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::WITNESS, Kind::Text).meaning("Which source it is. balance_sheet: its line of the result; printed_result: the last line of the statement; accounts: class 7 less class 6 of the document; budget_part: the same of its budget part; carry_over: what is brought forward to the next year less what was to this one; next_document: the column of the year before in the next year's document; sheet_totals: liabilities, held against assets; ofgl_revenue, ofgl_expense, ofgl_management, ofgl_gross, ofgl_net, ofgl_annuity, ofgl_debt: totals that the OFGL publishes, held against the same sums of accounts."),
            Column::new(columns::SAYS, Kind::Amount).meaning("What it says; empty where it says nothing."),
            Column::new(columns::HELD_AGAINST, Kind::Amount).meaning("What it is held against: the result on this basis, of sheet_totals the assets, or of totals of the OFGL the same sum of accounts; empty when an amount is missing."),
            Column::new(columns::DIFFERENCE, Kind::Amount).meaning("What it is held against minus what it says."),
            Column::new(columns::STATUS, Kind::Text).meaning("reconciled: equal to the centime; different; not conclusive: what is carried over differs, which other entries explain as well, or a total is defined otherwise, and is not counted; incomplete: there is nothing to hold it against; not computable: it says nothing."),
            Column::new(columns::REASON, Kind::Text).meaning("Why it says nothing, or why a difference says nothing. not_printed: its line has no amount; no_line: there is no line of it; several: its lines differ; incomplete: an amount is missing; perimeter: the next year is of another public body; definition: what it says is defined otherwise than what it is held against."),
            Column::new(columns::INDEPENDENCE, Kind::Text).meaning("independent: it follows from other amounts than what it is held against; derived: it does not, and is not counted."),
            Column::new(columns::SUBJECT, Kind::Text).meaning("The dataset it is read from: income_statement, balance_sheet, account_balances or aggregates."),
            Column::new(columns::DOCUMENT, Kind::Text).meaning("The file it is read from, of official documents."),
            Column::new(columns::RECORD, Kind::Integer).meaning("The number of the record it is read from, where it is one."),
        ],
        sql: ModelSql::new(include_str!("model.sql")),
        order_by: "fiscal_year, witness",
        bases: &[&yearly_result::ANALYSIS.model],
        form: Form::Analysis(Follows::Witnesses),
        file: None,
    },
    chart: Chart::None,
    headline: Headline::Count {
        value: columns::STATUS,
        equal: "reconciled",
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};
