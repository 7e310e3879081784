//! The statement by nature, from accounts: two digits of each, which bodies of all families have.

use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{
    Classifier, FiscalYear, NatureStatement, StatementLine, StatementRow, YearStatement,
};
use centime_warehouse::lines::Line;
use centime_warehouse::quality::SeriesBreak;

use super::{Books, chart};
use crate::statement::Statement;

/// The statement by nature of a body, the latest year first. It has no records: what its lines add up is accounts.
pub fn by_nature(books: &Books, siren: &str, name: &str, breaks: &[SeriesBreak]) -> Statement {
    let mut statement = Statement::of(&lines(books, siren, name), breaks);
    let stretches = statement.stretches.iter_mut();
    let rows = stretches.flat_map(|stretch| &mut stretch.rows);
    for figure in rows.flat_map(|row| &mut row.figures) {
        figure.records.clear();
    }
    statement
}

fn lines(books: &Books, siren: &str, name: &str) -> Vec<Line> {
    let mut classifier = Classifier::default();
    classifier.begin_body(name);
    let mut lines = Vec::new();
    for year in &books.years {
        let found = books.trial(year.fiscal_year).zip(chart(year));
        let statement = found.and_then(|(trial, chart)| NatureStatement::new(&trial, &chart).ok());
        let Some(statement) = statement else {
            continue;
        };
        let rows: Vec<StatementRow> = statement.rows();
        let understood = YearStatement::new(statement.year, &rows, &mut classifier);
        lines.extend(
            understood
                .lines
                .iter()
                .map(|line| stored(line, siren, year.fiscal_year)),
        );
    }
    lines
}

/// A line as it would be read of the warehouse.
fn stored(line: &StatementLine, siren: &str, fiscal_year: FiscalYear) -> Line {
    let item = &*line.item;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Line {
        siren: siren.to_owned(),
        record: line.record,
        fiscal_year,
        nomenclature: item.nomenclature.and_then(Nomenclature::by_code),
        side: item.side,
        activity: item.activity,
        block: owned(item.block),
        category: item.category.clone(),
        code: owned(item.code),
        label: item.label.clone(),
        published_category: item.published.category.clone(),
        published_label: item.published.label.clone(),
        matched: item.matched,
        role: item.role,
        parent: owned(item.parent),
        harmonised: owned(item.harmonised),
        amount: line.amount,
        counted: line.counted,
        missing: line.missing,
        nil: line.nil,
    }
}
