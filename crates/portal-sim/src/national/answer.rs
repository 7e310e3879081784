//! What a request for records of the national edition is answered: made body by body as it is sent.

use std::io;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;

use super::cell::Cell;
use super::edition::{KnownResult, National};
use super::table::Table;
use crate::condition::Condition;
use crate::encode::{self, Ending, Framing, INTERRUPTION};
use crate::query::{JSON, Query, Refusal};
use crate::row::Fields;

/// Up to so many bodies an answer is made before it is sent, with every fault there is.
const FEW: usize = 50;

/// A record beside the names of its columns.
struct Shown<'a> {
    table: &'a Table,
    record: &'a [Cell],
}

impl Fields for Shown<'_> {
    fn text(&self, field: &str) -> Option<String> {
        let mut columns = self.table.columns.iter();
        let place = columns.position(|(name, _)| *name == field)?;
        Some(self.record.get(place)?.text()?.into_owned())
    }

    fn texts(&self) -> Vec<String> {
        let texts = self.record.iter().filter_map(Cell::text);
        texts.map(std::borrow::Cow::into_owned).collect()
    }
}

/// Which records and columns are asked for.
#[derive(Debug)]
struct Selection {
    table: Table,
    /// The places of the columns.
    columns: Vec<usize>,
    condition: Option<Condition>,
    order: Vec<(usize, bool)>,
    places: Vec<(usize, u32)>,
}

impl Selection {
    fn new(table: &Table, query: &Query) -> Result<Self, Refusal> {
        let names: Vec<String> = table.columns.iter().map(|it| it.0.to_owned()).collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        let known = |name: &str| match place(name) {
            Some(_) => Ok(name.to_owned()),
            None => Err(Refusal::odsql(format!("Unknown field: {name}."))),
        };
        let condition = query.get("where");
        let condition = condition.map(|text| Condition::parse(text, &known));
        let condition = condition.transpose()?;
        if let Some(condition) = &condition {
            condition.check_types(&|name| place(name).map(|at| table.columns[at].1))?;
        }
        let pinned = ["siren", "ident", "insee", "ndept", "dep_code"];
        let pinned = pinned.into_iter().find_map(|column| {
            let value = condition.as_ref()?.required(column)?;
            table.places_with(column, value)
        });
        let places = pinned.unwrap_or_else(|| table.places());
        let order: Vec<(usize, bool)> = query
            .order_by(&names)?
            .into_iter()
            .filter_map(|(name, descending)| Some((place(&name)?, descending)))
            .collect();
        if let Some((first, descending)) = order.first()
            && places.len() > 1
            && (*descending || !["siren", "ident"].contains(&names[*first].as_str()))
        {
            return Err(Refusal::odsql(
                "This simulated portal orders records of several bodies by siren or ident first.",
            ));
        }
        let columns = query.names("select", &names)?;
        let columns = if columns.is_empty() {
            (0..names.len()).collect()
        } else {
            columns.iter().filter_map(|name| place(name)).collect()
        };
        Ok(Self {
            table: table.clone(),
            columns,
            condition,
            order,
            places,
        })
    }

    /// The records of a body, chosen and in order.
    fn records(&self, place: (usize, u32)) -> Vec<Vec<Cell>> {
        let mut records = self.table.records(place);
        if let Some(condition) = &self.condition {
            records.retain(|record| {
                condition.holds(&Shown {
                    table: &self.table,
                    record,
                })
            });
        }
        if !self.order.is_empty() {
            records.sort_by(|one, other| {
                let by = self.order.iter().map(|(place, descending)| {
                    let ordering = one[*place].compare(&other[*place]);
                    if *descending {
                        ordering.reverse()
                    } else {
                        ordering
                    }
                });
                by.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            });
        }
        records
    }

    fn json(&self, record: &[Cell]) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        for place in &self.columns {
            out.extend_from_slice(if out.is_empty() { b"{\"" } else { b", \"" });
            out.extend_from_slice(self.table.columns[*place].0.as_bytes());
            out.extend_from_slice(b"\": ");
            record[*place].write_json(&mut out);
        }
        out.push(b'}');
        out
    }

    fn csv(&self, record: &[Cell], delimiter: u8) -> Vec<u8> {
        let cells: Vec<String> = self
            .columns
            .iter()
            .map(|place| record[*place].text().unwrap_or_default().into_owned())
            .collect();
        encode::csv(cells.iter().map(String::as_str), delimiter)
    }

    fn total_count(&self) -> usize {
        if self.condition.is_none() {
            return self.table.len();
        }
        let places = self.places.iter();
        places.map(|place| self.records(*place).len()).sum()
    }
}

/// A page of records.
pub fn records(table: &Table, query: &Query, ending: Ending) -> Result<Response, Refusal> {
    let (offset, limit) = query.page()?;
    let selection = Selection::new(table, query)?;
    let total = selection.total_count();
    let places = selection.places.iter();
    let found = places.flat_map(|place| selection.records(*place));
    let found = found.skip(offset).take(limit);
    let records: Vec<Vec<u8>> = found.map(|record| selection.json(&record)).collect();
    let framing = Framing {
        head: format!("{{\"total_count\": {total}, \"results\": [").into_bytes(),
        between: ", ",
        after: "",
        tail: "]}",
    };
    Ok((JSON, encode::body(&framing, &records, ending)).into_response())
}

/// All records, in a form.
pub fn export(
    table: &Table,
    query: &Query,
    format: &str,
    ending: Ending,
) -> Result<Response, Refusal> {
    let (offset, limit) = query.export()?;
    let selection = Selection::new(table, query)?;
    let delimiter = query.delimiter()?;
    let is_csv = format == "csv";
    let (content_type, framing) = match format {
        "jsonl" => (
            "application/jsonl; charset=utf-8",
            Framing {
                after: "\n",
                ..Framing::default()
            },
        ),
        "json" => (
            "application/json; charset=utf-8",
            Framing {
                head: b"[".to_vec(),
                between: ",",
                tail: "]",
                ..Framing::default()
            },
        ),
        "csv" => {
            let mut head = Vec::new();
            if query.flag("with_bom", true)? {
                head.extend_from_slice("\u{feff}".as_bytes());
            }
            let uses_labels = query.flag("use_labels", false)?;
            let titles: Vec<String> = selection
                .columns
                .iter()
                .map(|place| selection.table.columns[*place].0)
                .map(|name| {
                    if uses_labels {
                        name.to_uppercase()
                    } else {
                        name.to_owned()
                    }
                })
                .collect();
            head.extend(encode::csv(titles.iter().map(String::as_str), delimiter));
            head.extend_from_slice(b"\r\n");
            (
                "text/csv; charset=utf-8",
                Framing {
                    head,
                    after: "\r\n",
                    ..Framing::default()
                },
            )
        }
        other => {
            return Err(Refusal::parameter(format!(
                "Unknown export format: {other}. This simulated portal has csv, json, jsonl."
            )));
        }
    };
    let written = move |selection: &Selection, record: &[Cell]| {
        if is_csv {
            selection.csv(record, delimiter)
        } else {
            selection.json(record)
        }
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        // Compressing would take longer than everything else.
        (header::CONTENT_ENCODING, "identity"),
    ];
    let never_ends = matches!(ending, Ending::Never | Ending::Drip(_));
    let body = if selection.places.len() <= FEW || never_ends {
        let places = selection.places.iter().take(FEW);
        let found = places.flat_map(|place| selection.records(*place));
        let found = found.skip(offset).take(limit);
        let records: Vec<Vec<u8>> = found.map(|record| written(&selection, &record)).collect();
        encode::body(&framing, &records, ending)
    } else {
        streamed(selection, framing, (offset, limit), ending, written)
    };
    Ok((headers, body).into_response())
}

/// A body that is made as it is sent, a public body at a time.
fn streamed(
    selection: Selection,
    framing: Framing,
    (offset, limit): (usize, usize),
    ending: Ending,
    written: impl Fn(&Selection, &[Cell]) -> Vec<u8> + Send + 'static,
) -> Body {
    let whole = ending == Ending::Whole;
    let many = selection.places.len();
    let kept = if whole { many } else { many / 2 };
    let (mut skipped, mut sent) = (0, 0);
    let head = framing.head;
    let pieces = (0..kept).map(move |at| {
        let mut piece = Vec::new();
        if sent < limit {
            for record in selection.records(selection.places[at]) {
                if skipped < offset {
                    skipped += 1;
                } else if sent < limit {
                    if sent > 0 {
                        piece.extend_from_slice(framing.between.as_bytes());
                    }
                    piece.extend(written(&selection, &record));
                    piece.extend_from_slice(framing.after.as_bytes());
                    sent += 1;
                }
            }
        }
        if ending == Ending::HalfRecord && at + 1 == kept {
            piece.truncate(piece.len().saturating_sub(20));
        }
        Ok(Bytes::from(piece))
    });
    let last = match ending {
        Ending::Interrupted => Some(Ok(Bytes::from_static(INTERRUPTION))),
        Ending::Reset => Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))),
        _ if whole => Some(Ok(Bytes::from_static(framing.tail.as_bytes()))),
        _ => None,
    };
    let pieces = std::iter::once(Ok(Bytes::from(head))).chain(pieces);
    Body::from_stream(stream::iter(pieces.chain(last)))
}

/// The results that are known before any account is, as CSV; those of one body where its SIREN number is given.
pub fn results(edition: &National, siren: Option<&str>) -> Response {
    const HEAD: &str = "siren,ident,cbudg,exer,nomen,bal,revenue,expense,result\n";
    let euros = |centimes| {
        Cell::Amount(centimes)
            .text()
            .unwrap_or_default()
            .into_owned()
    };
    let line = move |known: KnownResult| {
        let cells = [
            known.siren.clone(),
            known.ident.clone(),
            known.budget.to_string(),
            known.year.to_string(),
            known.nomen.to_owned(),
            if known.is_final {
                "final"
            } else {
                "provisional"
            }
            .to_owned(),
            euros(known.revenue),
            euros(known.expense),
            euros(known.result()),
        ];
        Ok::<_, io::Error>(Bytes::from(cells.join(",") + "\n"))
    };
    let siren = siren.map(str::to_owned);
    let known = edition.results();
    let known = known.filter(move |it| siren.as_ref().is_none_or(|siren| *siren == it.siren));
    let lines = std::iter::once(Ok(Bytes::from_static(HEAD.as_bytes()))).chain(known.map(line));
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (headers, Body::from_stream(stream::iter(lines))).into_response()
}
