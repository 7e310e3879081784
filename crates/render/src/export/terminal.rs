//! Tables for a terminal, in English words and signs.

use centime_analytics::{Cell, Kind, Language, Table};
use comfy_table::{CellAlignment, LineStyle, TableStyle};

use crate::language::format;
use crate::language::sanitize::sanitize;

/// Between the columns.
const GAP: usize = 2;

/// The widest a column of texts may be, in characters.
const WIDEST: usize = 44;

/// A list with as few characters as this is shown where it is; a longer one below the table.
const SHORT_LIST: usize = 26;

pub(crate) const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A column ready to be laid out.
struct Column {
    header: String,
    cells: Vec<String>,
    right: bool,
    width: usize,
}

/// A table for people: amounts in euros with separated thousands, at the right, and `—` for what
/// is not known. Wider than `width` characters, it is laid out in several parts that each begin
/// with the same first columns; without a width it is as wide as it needs to be. Long lists are
/// counted in the table and written out below it.
pub fn table(table: &Table, width: Option<u16>) -> String {
    let columns: Vec<Column> = (0..table.columns.len())
        .map(|position| column(table, position))
        .collect();
    let keys = leading_columns(table).min(columns.len());
    let (leading, others) = columns.split_at(keys);
    let room = width.map_or(usize::MAX, usize::from);
    let mut parts = Vec::new();
    let mut part: Vec<&Column> = leading.iter().collect();
    for column in others {
        let used: usize = part.iter().map(|column| column.width + GAP).sum();
        if used + column.width > room && part.len() > keys {
            parts.push(laid_out(&part));
            part = leading.iter().collect();
        }
        part.push(column);
    }
    if !part.is_empty() {
        parts.push(laid_out(&part));
    }
    parts.extend(lists(table, keys));
    parts.join("\n")
}

/// How many columns say what a row is about: the year, and a text that names a part of it.
fn leading_columns(table: &Table) -> usize {
    match table.columns.get(1) {
        Some(second) if second.kind == Kind::Text => 2,
        _ => 1,
    }
}

fn column(table: &Table, position: usize) -> Column {
    let column = &table.columns[position];
    let cells: Vec<String> = table
        .rows
        .iter()
        .map(|row| wrapped(&cell(&row[position]), WIDEST))
        .collect();
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    let widest_cell = cells.iter().filter_map(|cell| widest(cell)).max();
    let title = column.name.replace('_', " ");
    let longest_word = title.split(' ').map(|word| word.chars().count()).max();
    let width = widest_cell.max(longest_word).unwrap_or_default();
    Column {
        header: wrapped(&title, width),
        cells,
        right: !matches!(column.kind, Kind::Text | Kind::Status | Kind::List),
        width,
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => "—".to_owned(),
        Cell::Year(year) => year.to_string(),
        Cell::Count(count) => format::integer(*count, Language::English),
        Cell::Amount(amount) => format::amount(*amount, Language::English),
        Cell::Rate(rate) => format::rate(*rate, Language::English),
        Cell::Flag(flag) => i64::from(*flag).to_string(),
        Cell::Text(text) => sanitize(text),
        Cell::Status(status) => status.name().to_owned(),
        Cell::List(entries) => match (is_short(entries), entries.len()) {
            (true, _) => sanitize(&entries.join(", ")),
            (false, 1) => "1 line".to_owned(),
            (false, count) => format!("{count} lines"),
        },
    }
}

/// Whether a list has few characters, with one between two entries.
fn is_short(entries: &[String]) -> bool {
    let letters: usize = entries.iter().map(|entry| entry.chars().count()).sum();
    letters + entries.len().saturating_sub(1) <= SHORT_LIST
}

/// A text broken into lines of at most so many characters, between words where they fit.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let mut letters = word.chars();
        let mut rest = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + rest <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => loop {
                lines.push(letters.by_ref().take(width.max(1)).collect());
                rest = rest.saturating_sub(width.max(1));
                if rest == 0 {
                    break;
                }
            },
        }
    }
    lines.join("\n")
}

fn laid_out(columns: &[&Column]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(STYLE);
    table.set_header(columns.iter().map(|column| column.header.as_str()));
    let rows = columns.iter().map(|column| column.cells.len()).max();
    for row in 0..rows.unwrap_or_default() {
        table.add_row(columns.iter().map(|column| column.cells[row].as_str()));
    }
    for (position, column) in columns.iter().enumerate() {
        if let Some(laid) = table.column_mut(position) {
            // The separator of the columns is the other half of the gap.
            laid.set_padding((0, 1));
            if column.right {
                laid.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// The lists too long for the table, each under what it belongs to.
fn lists(table: &Table, keys: usize) -> Vec<String> {
    let mut lists = Vec::new();
    for row in &table.rows {
        let of: Vec<String> = table
            .columns
            .iter()
            .zip(row)
            .take(keys)
            .map(|(_, value)| cell(value))
            .collect();
        for (column, value) in table.columns.iter().zip(row) {
            if let Cell::List(entries) = value
                && !is_short(entries)
            {
                let name = column.name.replace('_', " ");
                let entries: Vec<String> = entries
                    .iter()
                    .map(|entry| format!("  {}\n", sanitize(entry)))
                    .collect();
                lists.push(format!("{}, {name}:\n{}", of.join(", "), entries.concat()));
            }
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use centime_accounts::{Centimes, FiscalYear};
    use centime_analytics::columns;

    use super::*;

    fn sample() -> Table {
        let column = |name, kind| centime_analytics::Column::new(name, kind);
        Table {
            columns: vec![
                column(columns::FISCAL_YEAR, Kind::Year),
                column(columns::NOMENCLATURE, Kind::Text),
                column(columns::REVENUE, Kind::Amount),
                column(columns::EXPENSE, Kind::Amount),
                column(columns::RESULT, Kind::Amount),
                column(columns::PUBLISHED_RESULT, Kind::Amount),
                column(columns::DIFFERENCE, Kind::Amount),
                column(columns::MISSING_LINES, Kind::List),
            ],
            rows: vec![
                vec![
                    Cell::Year(FiscalYear::new(2018)),
                    Cell::Text("M57".into()),
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Amount(Centimes::new(36_490_324_045)),
                    Cell::Null,
                    Cell::List(vec![
                        "Charges › Achats de toute nature".into(),
                        "Charges › \u{1b}[31m\u{202e}\u{2066}Autres".into(),
                    ]),
                ],
                vec![
                    Cell::Year(FiscalYear::new(2024)),
                    Cell::Text("M57".into()),
                    Cell::Amount(Centimes::new(803_874_846_440)),
                    Cell::Amount(Centimes::new(826_988_768_489)),
                    Cell::Amount(Centimes::new(-23_113_922_049)),
                    Cell::Amount(Centimes::new(-23_113_922_049)),
                    Cell::Amount(Centimes::new(0)),
                    Cell::Null,
                ],
            ],
        }
    }

    #[test]
    fn amounts_end_in_one_column() {
        let text = table(&sample(), None);
        let end = |line: &str, of: &str| {
            let at = line.find(of).map(|at| line[..at].chars().count());
            at.unwrap_or_else(|| panic!("{text}")) + of.chars().count()
        };
        let row = |year: &str| text.lines().find(|line| line.contains(year)).unwrap();
        assert_eq!(
            end(row("2018"), "364,903,240.45"),
            end(row("2024"), "−231,139,220.49  −231,139,220.49")
        );
    }

    #[test]
    fn a_narrow_terminal_gets_parts_with_the_same_first_columns() {
        let text = table(&sample(), Some(80));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.matches("2024").count() > 1, "{text}");
        assert!(text.contains("2 lines"), "{text}");
    }

    #[test]
    fn long_lists_are_written_out_and_cannot_command_the_terminal() {
        let text = table(&sample(), None);
        assert!(text.contains("2018, M57, missing lines:\n  Charges › Achats de toute nature\n"));
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{2066}']), "{text}");
    }

    #[test]
    fn a_word_too_long_for_its_column_is_broken() {
        assert_eq!(wrapped("ab cdefgh i", 3), "ab\ncde\nfgh\ni");
        assert_eq!(wrapped("", 3), "");
        let mut long = sample();
        long.rows[0][1] = Cell::Text("é".repeat(70));
        let text = table(&long, Some(80));
        assert!(
            text.lines()
                .filter(|line| !line.contains("missing lines:"))
                .all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(text.contains(&"é".repeat(WIDEST)), "{text}");
    }

    #[test]
    fn an_empty_table_has_its_header() {
        let empty = Table {
            rows: Vec::new(),
            ..sample()
        };
        assert!(table(&empty, Some(100)).contains("revenue"));
    }
}
