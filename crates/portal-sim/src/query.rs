//! The parameters of a request, and the documented refusals.

use std::cmp::Ordering;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use serde_json::value::RawValue;

use crate::row::Row;

/// How far a page or an offset goes.
const PAGES_END: u64 = 10_000;

/// A refusal in the documented shape.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "InvalidRESTParameterError",
            message: message.into(),
        }
    }

    pub(crate) fn odsql(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "ODSQLError",
            message: message.into(),
        }
    }

    /// A comparison of a field with what is of another type.
    pub(crate) fn incompatible_types(field: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "IncompatibleTypesInComparisonFilter",
            message: format!(
                "ODSQL query is malformed: the field {field} is compared with a value of another type. \
                 Clause(s) containing the error(s): where."
            ),
        }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "NotFoundError",
            message: message.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error_code": self.code, "message": self.message}).to_string();
        (self.status, JSON, body).into_response()
    }
}

pub(crate) const JSON: [(header::HeaderName, &str); 1] =
    [(header::CONTENT_TYPE, "application/json; charset=utf-8")];

/// The parameters of a request.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find_map(|(other, value)| (other == name).then_some(value.as_str()))
    }

    /// The part of a list asked for: where it starts and how many items it has.
    pub(crate) fn page(&self) -> Result<(usize, usize), Refusal> {
        let limit = match self.number("limit", 10)? {
            -1 => 100,
            limit @ 0..=100 => limit.unsigned_abs(),
            limit => {
                return Err(Refusal::parameter(format!(
                    "Invalid value for limit API parameter: {limit} was found but -1 <= limit <= \
                     100 is expected."
                )));
            }
        };
        let offset = self.offset()?;
        within_pages(offset, limit)?;
        Ok((size(offset), size(limit)))
    }

    /// The part of an export asked for. An offset brings the limit of pages back.
    pub(crate) fn export(&self) -> Result<(usize, usize), Refusal> {
        let offset = self.offset()?;
        let limit = match self.number("limit", -1)? {
            -1 if offset == 0 => return Ok((0, usize::MAX)),
            -1 => PAGES_END.saturating_sub(offset),
            limit @ 0.. => limit.unsigned_abs(),
            limit => {
                return Err(Refusal::parameter(format!(
                    "Invalid value for limit API parameter: {limit} was found but -1 <= limit is \
                     expected."
                )));
            }
        };
        if offset > 0 {
            within_pages(offset, limit)?;
        }
        Ok((size(offset), size(limit)))
    }

    /// What this simulator does not do, it refuses rather than ignores.
    pub(crate) fn refuse_unsupported(&self, names: &[&str]) -> Result<(), Refusal> {
        match names.iter().find(|name| self.get(name).is_some()) {
            Some(name) => Err(Refusal::odsql(format!(
                "This simulated portal does not support {name}."
            ))),
            None => Ok(()),
        }
    }

    /// What parts the columns of CSV.
    pub(crate) fn delimiter(&self) -> Result<u8, Refusal> {
        match self.get("delimiter").unwrap_or(";").as_bytes() {
            [delimiter @ (b';' | b',' | b'\t' | b'|')] => Ok(*delimiter),
            _ => Err(Refusal::parameter(
                "Invalid value for delimiter API parameter: one of ; , tab | is expected.",
            )),
        }
    }

    /// A boolean parameter.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(Refusal::parameter(format!(
                "Invalid value for {name} API parameter: {other} was found but true or false is \
                 expected."
            ))),
        }
    }

    /// The names of a comma-separated list, without back-quotes, checked against known ones.
    pub(crate) fn names(&self, parameter: &str, known: &[String]) -> Result<Vec<String>, Refusal> {
        let names = self.get(parameter).unwrap_or_default().split(',');
        names
            .map(str::trim)
            .filter(|name| !name.is_empty() && *name != "*")
            .map(|name| known_name(name, known))
            .collect()
    }

    /// The columns to sort by, and whether each goes down.
    pub(crate) fn order_by(&self, known: &[String]) -> Result<Vec<(String, bool)>, Refusal> {
        let parts = self.get("order_by").unwrap_or_default().split(',');
        parts
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, direction) = part.rsplit_once(' ').unwrap_or((part, "asc"));
                let descending = match direction.to_ascii_lowercase().as_str() {
                    "asc" => false,
                    "desc" => true,
                    _ => {
                        return Err(Refusal::odsql(format!(
                            "ODSQL query is malformed: {part}. Clause(s) containing the error(s): \
                             order_by."
                        )));
                    }
                };
                Ok((known_name(name.trim(), known)?, descending))
            })
            .collect()
    }

    fn offset(&self) -> Result<u64, Refusal> {
        let offset = self.number("offset", 0)?;
        u64::try_from(offset).map_err(|_negative| {
            Refusal::parameter(format!(
                "Invalid value for offset API parameter: {offset} was found but 0 <= offset is \
                 expected."
            ))
        })
    }

    fn number(&self, name: &str, default: i64) -> Result<i64, Refusal> {
        let Some(value) = self.get(name) else {
            return Ok(default);
        };
        value.parse().map_err(|_invalid| {
            Refusal::parameter(format!(
                "Invalid value for {name} API parameter: {value} was found but an integer is \
                 expected."
            ))
        })
    }
}

fn within_pages(offset: u64, limit: u64) -> Result<(), Refusal> {
    if offset.saturating_add(limit) <= PAGES_END {
        return Ok(());
    }
    Err(Refusal::parameter(format!(
        "Invalid value for offset + limit API parameter: {} was found but offset + limit <= \
         {PAGES_END} is expected.",
        offset.saturating_add(limit)
    )))
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn known_name(name: &str, known: &[String]) -> Result<String, Refusal> {
    let name = name
        .strip_prefix('`')
        .and_then(|name| name.strip_suffix('`'))
        .unwrap_or(name);
    if known.iter().any(|known| known == name) {
        Ok(name.to_owned())
    } else {
        Err(Refusal::odsql(format!("Unknown field: {name}.")))
    }
}

/// The words of a `where` clause that searches: `search("words")`, `"words"` or plain words.
pub(crate) fn searched(clause: &str) -> String {
    let inner = clause.trim();
    let inner = inner
        .strip_prefix("search(")
        .and_then(|inner| inner.strip_suffix(')'))
        .map_or(inner, |inner| {
            inner.trim_start_matches(|c: char| c == '*' || c == ',' || c.is_whitespace())
        });
    let inner = inner.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| inner.strip_prefix(quote)?.strip_suffix(quote))
        .map_or_else(
            || inner.to_owned(),
            |inner| inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        )
        .to_lowercase()
}

/// Which of two records comes first by the columns asked for. Null comes last.
pub(crate) fn compare(left: &Row, right: &Row, order: &[(String, bool)]) -> Ordering {
    order
        .iter()
        .map(|(name, descending)| {
            let ordering = compare_values(value(left, name), value(right, name));
            if *descending {
                ordering.reverse()
            } else {
                ordering
            }
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn value<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name)
        .map(RawValue::get)
        .filter(|text| *text != "null")
}

fn compare_values(left: Option<&str>, right: Option<&str>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            // Only the order passes through a binary number: what is served is the text.
            let numbers = (left.parse::<f64>(), right.parse::<f64>());
            let by_size = match numbers {
                (Ok(left), Ok(right)) => left.total_cmp(&right),
                _ => Ordering::Equal,
            };
            by_size.then_with(|| left.cmp(right))
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Query::new(pairs.collect())
    }

    #[test]
    fn pages_have_the_documented_bounds() {
        assert_eq!(query(&[]).page().unwrap(), (0, 10));
        assert_eq!(query(&[("limit", "-1")]).page().unwrap(), (0, 100));
        assert_eq!(
            query(&[("limit", "100"), ("offset", "9900")])
                .page()
                .unwrap(),
            (9900, 100)
        );
        for pairs in [
            [("limit", "101"), ("offset", "0")],
            [("limit", "-2"), ("offset", "0")],
            [("limit", "ten"), ("offset", "0")],
            [("limit", "10"), ("offset", "-1")],
            [("limit", "100"), ("offset", "9901")],
        ] {
            assert!(query(&pairs).page().is_err(), "{pairs:?}");
        }
    }

    #[test]
    fn an_export_is_whole_unless_it_has_an_offset() {
        assert_eq!(query(&[]).export().unwrap(), (0, usize::MAX));
        assert_eq!(query(&[("limit", "20000")]).export().unwrap(), (0, 20_000));
        assert_eq!(query(&[("offset", "5")]).export().unwrap(), (5, 9_995));
        assert!(
            query(&[("offset", "5"), ("limit", "20000")])
                .export()
                .is_err()
        );
    }

    #[test]
    fn searched_words_come_in_three_forms() {
        for clause in [
            "search(\"Compte\")",
            "search(*, \"compte\")",
            "\"Compte\"",
            "'compte'",
            " compte ",
        ] {
            assert_eq!(searched(clause), "compte", "{clause}");
        }
    }

    #[test]
    fn numbers_are_in_order_of_size_and_nulls_last() {
        let rows = ["{\"a\":10.0}", "{\"a\":-3}", "{\"a\":null}", "{\"a\":9.5}"];
        let mut rows: Vec<Row> = rows
            .iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        rows.sort_by(|left, right| compare(left, right, &[("a".to_owned(), false)]));
        let order: Vec<&str> = rows.iter().map(|row| row.get("a").unwrap().get()).collect();
        assert_eq!(order, ["-3", "9.5", "10.0", "null"]);
    }
}
