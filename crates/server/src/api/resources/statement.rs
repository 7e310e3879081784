//! The income statement by line and year.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_accounts::LineAddress;
use centime_analytics::accounts;
use centime_analytics::rows::What;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_analytics::statement::{Known, RowKind, Statement};
use centime_analytics::{Table, columns};

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::http::problem_details::ProblemDetails;
use crate::request::statement_form::{BY, NATURE};

/// The longest address of a line.
const LONGEST: usize = 240;

/// What the rows of a statement are.
const KINDS: [&str; 7] = [
    RowKind::Block.name(),
    RowKind::Heading.name(),
    RowKind::Line.name(),
    RowKind::Subtotal.name(),
    RowKind::Part.name(),
    RowKind::Total.name(),
    RowKind::Balance.name(),
];

/// How figures are known. A year without the line has no record.
const KNOWN: [&str; 7] = [
    Known::Published.name(),
    Known::Repeats.name(),
    Known::Computed.name(),
    Known::Differs.name(),
    Known::Nil.name(),
    Known::Missing.name(),
    Known::Empty.name(),
];

/// The statement.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/statement",
        right: Right::Export,
        name: "getStatement",
        summary: "The income statement: each line of the official form by fiscal year",
        about: "The latest year first, and each year in the order of the official form, with its subtotals, totals and balances. Sums are those of the lines that are added, each once; what was printed for them stands beside.",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
            Parameter::new(
                BY,
                Values::Word(&[NATURE]),
                "nature gives accounts of two digits, which bodies of all charts of accounts have: empty for those whose accounts are not known. The official form when it is not said.",
            ),
        ],
        content: Content::Many {
            kinds: || vec![figure()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(list(ask)),
};

/// A line of it.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/statement/{line}",
        right: Right::Export,
        name: "getStatementLine",
        summary: "A line of the income statement by fiscal year",
        about: "Unlike the number of a record, the name of a line means the same line in every revision.",
        parameters: &[
            Parameter::new(
                "line",
                Values::Text(LONGEST),
                "The name of the line, as the statement has it: m57-personnel.",
            ),
            Parameter::BODY,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Many {
            kinds: || vec![figure()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(one(ask)),
};

fn figure() -> Record {
    let [siren, name] = Field::whose();
    Record {
        name: "StatementFigure".to_owned(),
        about: "A line of the income statement in a year.".into(),
        fields: vec![
            siren,
            name,
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::optional(
                "nomenclature",
                Type::Text,
                "M14 or M57, whose official form the rows follow, or NATURE; null when not recognised.",
            ),
            Field::new(
                "line",
                Type::Text,
                "The name of the line, the same in every revision.",
            ),
            Field::optional(
                "block",
                Type::Text,
                "The name of its block; null for balances.",
            ),
            Field::optional(
                "parent",
                Type::Text,
                "The name of the heading or subtotal that it belongs to.",
            ),
            Field::new("role", Type::Word(&KINDS), "What it is in the statement."),
            Field::optional(
                "side",
                Type::Word(&SIDES),
                "Revenue or expense; null for balances.",
            ),
            Field::optional("activity", Type::Word(&ACTIVITIES), "The activity."),
            Field::new(
                "label",
                Type::Text,
                "Its official label, or the published one.",
            ),
            Field::new(
                "recognised",
                Type::Flag,
                "Whether the official form has the line; else the published label is kept.",
            ),
            Field::optional(
                "amount",
                Type::Amount,
                "The amount in euros, of a sum what is added of the lines that it sums; null when not known.",
            ),
            Field::new(
                "known",
                Type::Word(&KNOWN),
                "How the amount is known, or why not: published and added; published, and repeats other lines; computed from lines where nothing was printed; differs from what was printed; nil, as a printed total proves; missing; empty, where none is needed.",
            ),
            Field::new(
                "counted",
                Type::Flag,
                "Whether the amount is added as such: the others repeat or sum those that are.",
            ),
            Field::optional(
                "printed_amount",
                Type::Amount,
                "What was printed in the line, in euros.",
            ),
            Field::optional(
                "revenue_share",
                Type::Rate,
                "The amount as a share of all revenue of the year, in percent.",
            ),
            Field::optional(
                "per_inhabitant",
                Type::Amount,
                "The amount divided by the population of the year, in euros; null where that is not known.",
            ),
            Field::optional(
                "population",
                Type::Integer,
                "The number of inhabitants that the amount is divided by.",
            ),
            Field::optional(
                "difference",
                Type::Amount,
                "The amount less that of the year before, in euros; null where the series breaks.",
            ),
            Field::optional(
                "change",
                Type::Rate,
                "That difference as a share of the amount of the year before, in percent.",
            ),
            Field::new(
                "records",
                Type::Texts,
                "The numbers of the records that add up to the amount, in this revision.",
            ),
            Field::doubts(),
        ],
    }
}

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let by_nature = ask.text(BY).is_some();
    if ask.context.is_of_all() {
        let what = if by_nature {
            What::ByNature
        } else {
            What::Statement
        };
        let rows = ask.rows(what, ask.years()?)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    if by_nature {
        let snapshot = ask.snapshot()?;
        let books = ask.context.books(snapshot).await?;
        let (body, breaks) = (&snapshot.body, snapshot.series_breaks());
        let statement = accounts::by_nature(books, &body.siren, &body.name, breaks);
        let statement = statement.divided_by(&snapshot.inhabitants);
        return answer(&ask, &statement.table(), |_| true);
    }
    let statement = statement(&ask).await?;
    answer(&ask, &statement.table(), |_| true)
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let line: LineAddress = ask.named().parse().map_err(|_| nothing_there())?;
    let statement = statement(&ask).await?;
    if statement.row(&line).is_none() {
        return Err(nothing_there());
    }
    answer(&ask, &statement.table(), |name| name == line.as_str())
}

async fn statement(ask: &Ask) -> Result<Statement, ProblemDetails> {
    let snapshot = ask.snapshot()?;
    Ok(ask.context.statement(snapshot).await?)
}

/// The rows of the years that are asked for, of lines that are wanted.
fn answer(
    ask: &Ask,
    table: &Table,
    wanted: impl Fn(&str) -> bool,
) -> Result<Answer, ProblemDetails> {
    Answer::of_body(ask, table, |row| {
        let line = table.cell(row, columns::LINE).text();
        line.is_some_and(&wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        let columns = What::Statement.columns();
        let names = columns.iter().map(|column| column.name.as_str());
        assert!(names.eq(figure().fields.iter().map(|field| field.name)));
    }

    #[test]
    fn every_word_of_a_record_is_declared() {
        assert!(RowKind::ALL.iter().all(|kind| KINDS.contains(&kind.name())));
        let known = Known::ALL
            .into_iter()
            .filter(|known| *known != Known::Absent);
        assert!(known.into_iter().all(|known| KNOWN.contains(&known.name())));
    }
}
