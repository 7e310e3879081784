//! The query of a model about one slice of lines, instead of a whole revision.
//!
//! What a model reads of a revision is put in place by what a slice has of it, under the same name and with the same
//! columns. Slices are named in the text, so that PostgreSQL opens the tables of these and no others: where it joins
//! slices by the revision that names them, it reads those of all revisions that are kept.

use crate::model::{Follows, Form, Model};

/// The slices that rows of one slice of lines follow from.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    /// The slice of the lines.
    pub lines: i64,
    /// Those of lines of the years before, which are in other slices.
    pub before: Vec<i64>,
    /// Those of balance sheets of the same years.
    pub sheets: Vec<i64>,
    /// Those that say something of the results of the same years.
    pub witnesses: Vec<i64>,
    /// Where the lines are added up.
    pub sums: i64,
    /// Where those of the years before are.
    pub sums_before: Vec<i64>,
    /// The years before those of the lines.
    pub years_before: Vec<i64>,
    /// Where the rows of analyses are that follow from lines and balance sheets; 0 before there are any.
    pub statements: i64,
    /// Where the rows of analyses are that follow from witnesses, too; 0 before there are any.
    pub witnessed: i64,
}

impl Sources {
    /// The query of a model about these, with the revision as `$1`.
    pub fn restrict(&self, model: &Model) -> String {
        let with_before =
            model.form == Form::Analysis(Follows::YearAndBefore) && !self.before.is_empty();
        let own = if with_before {
            self.clone()
        } else {
            Self {
                before: Vec::new(),
                sums_before: Vec::new(),
                ..self.clone()
            }
        };
        let bases = model.with_bases();
        let sql = own.in_place(model.sql.trim().trim_end_matches(';'), &bases);
        let added_up = bases.iter().find(|base| base.form == Form::Sums);
        match added_up {
            // The years before are read, and have rows of their own elsewhere.
            Some(sums) if with_before => format!(
                "SELECT * FROM ({sql}) AS both_years
                 WHERE EXISTS (SELECT 1 FROM {} AS own WHERE own.slice_id = {}
                     AND own.siren = both_years.siren AND own.fiscal_year = both_years.fiscal_year)",
                sums.kept_in(),
                self.sums,
            ),
            _ => sql,
        }
    }

    /// A query with what it reads of a revision in place.
    fn in_place(&self, sql: &str, bases: &[Model]) -> String {
        let mut out = String::with_capacity(sql.len() * 2);
        for line in sql.split_inclusive('\n') {
            // What a comment names stays as it is.
            let (code, comment) = line.split_at(line.find("--").unwrap_or(line.len()));
            let mut rest = code;
            while let Some((before, name, after)) = next_name(rest) {
                out.push_str(before);
                match self.rows_of(name, bases) {
                    None => out.push_str(name),
                    Some(rows) => {
                        out.push_str(&rows);
                        if !after.trim_start().starts_with("AS ") {
                            out.push_str(" AS ");
                            out.push_str(name.split('.').next_back().unwrap_or(name));
                        }
                    }
                }
                rest = after;
            }
            out.push_str(rest);
            out.push_str(comment);
        }
        out
    }

    /// What these slices have of a table or a view of revisions; `None` where it is read as it is.
    fn rows_of(&self, name: &str, bases: &[Model]) -> Option<String> {
        let lines = || {
            let own = std::iter::once(self.lines);
            own.chain(self.before.iter().copied()).collect::<Vec<i64>>()
        };
        Some(match name {
            "core.line" => rows("slice.line", &lines()),
            "core.line_item" => rows("slice.line_item", &lines()),
            "core.balance_line" => rows("slice.balance_line", &self.sheets),
            "core.published_result" => format!(
                "(SELECT revision_id, siren, fiscal_year, MIN(net) AS published_result FROM {} AS sheet
                 WHERE kind = 'result' AND net IS NOT NULL GROUP BY revision_id, siren, fiscal_year
                 HAVING MIN(net) = MAX(net))",
                rows("slice.balance_line", &self.sheets)
            ),
            "core.missing_line" => format!(
                "(SELECT CAST($1 AS BIGINT) AS revision_id, line.siren, line.fiscal_year, line.record, item.position,
                     item.side, item.activity, item.category, item.harmonised, item.exceptional_successor,
                     item.category || ' › ' || item.label AS named
                 FROM slice.line AS line
                 JOIN slice.line_item AS item ON item.slice_id = line.slice_id AND item.item_id = line.item_id
                 WHERE line.slice_id = {} AND line.missing)",
                self.lines
            ),
            "core.witness" => format!(
                "(SELECT named.revision_id, own.siren, own.fiscal_year, own.kind, own.says, own.reason, own.against,
                     own.independent, own.subject, own.document, own.record + named.shift AS record
                 FROM core.revision_slice AS named
                 JOIN slice.witness AS own ON own.slice_id = named.slice_id
                 WHERE named.revision_id = $1 AND own.slice_id IN ({}))",
                list(&self.witnesses)
            ),
            _ => {
                let base = name.strip_prefix("mart.")?;
                let base = bases.iter().find(|model| model.name == base)?;
                match base.form {
                    Form::View => format!("({})", self.in_place(base.sql.trim(), bases)),
                    Form::Sums if self.sums_before.is_empty() => {
                        rows(&base.kept_in(), &[self.sums])
                    }
                    Form::Sums => format!(
                        "(SELECT CAST($1 AS BIGINT) AS revision_id, own.* FROM {} AS own
                         WHERE own.slice_id = {}
                             OR own.slice_id IN ({}) AND own.fiscal_year IN ({}))",
                        base.kept_in(),
                        self.sums,
                        list(&self.sums_before),
                        list(&self.years_before)
                    ),
                    Form::Analysis(Follows::Year | Follows::YearAndBefore) => {
                        rows(&base.kept_in(), &[self.statements])
                    }
                    Form::Analysis(Follows::Witnesses) => {
                        rows(&base.kept_in(), &[self.witnessed])
                    }
                    Form::Analysis(Follows::Revision) => return None,
                }
            }
        })
    }
}

/// The rows that slices have in a table, as those of the revision.
fn rows(table: &str, slices: &[i64]) -> String {
    format!(
        "(SELECT CAST($1 AS BIGINT) AS revision_id, own.* FROM {table} AS own WHERE own.slice_id IN ({}))",
        list(slices)
    )
}

/// Numbers as a list of SQL; where there are none, one that nothing has.
pub(super) fn list(numbers: &[i64]) -> String {
    if numbers.is_empty() {
        return "0".to_owned();
    }
    let numbers = numbers.iter().map(i64::to_string);
    numbers.collect::<Vec<_>>().join(", ")
}

/// The first name of a table of `core` or `mart` in a text, with what is before and after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let mut from = 0;
    loop {
        let found = ["core.", "mart."]
            .iter()
            .filter_map(|schema| text[from..].find(schema));
        let start = from + found.min()?;
        if text[..start].ends_with(is_word) {
            from = start + 1;
            continue;
        }
        let rest = &text[start..];
        let end = rest
            .find(|letter: char| !is_word(letter))
            .unwrap_or(rest.len());
        return Some((&text[..start], &rest[..end], &rest[end..]));
    }
}
