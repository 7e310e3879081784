//! The routes, and what each one answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Path, Query as QueryPairs, State};
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;

use crate::condition::Condition;
use crate::edition::Edition;
use crate::encode::{self, Ending, Framing};
use crate::fault::Fault;
use crate::national::answer;
use crate::query::{JSON, Query, Refusal, compare, searched};
use crate::row::Row;
use crate::served::{Published, Served};
use crate::transport_faults::{ALIAS, inject};

const API_ROOT: &str = "/api/explore/v2.1";

pub(crate) fn router(served: Arc<Served>) -> Router {
    let api = Router::new()
        .route("/catalog/datasets", get(catalog))
        .route("/catalog/datasets/{id}", get(description))
        .route("/catalog/datasets/{id}/records", get(records))
        .route("/catalog/datasets/{id}/exports", get(formats))
        .route("/catalog/datasets/{id}/exports/{format}", get(export));
    Router::new()
        .nest(&format!("{ALIAS}{API_ROOT}"), api.clone())
        .nest(API_ROOT, api)
        .route("/known/results.csv", get(known_results))
        .fallback(nothing_here)
        .layer(from_fn_with_state(Arc::clone(&served), inject))
        .layer(CompressionLayer::new())
        .with_state(served)
}

type Parameters = QueryPairs<Vec<(String, String)>>;

/// What the results of the national edition are, by which what is read of its accounts can be judged.
async fn known_results(
    State(served): State<Arc<Served>>,
    QueryPairs(pairs): Parameters,
) -> Result<Response, Refusal> {
    let mut datasets = served.datasets.iter();
    let table = datasets.find_map(|it| it.dataset.national.as_ref());
    let table = table.ok_or_else(|| {
        Refusal::not_found("Results are known of the national edition, which this is not.")
    })?;
    let query = Query::new(pairs);
    Ok(answer::results(&table.edition, query.get("siren")))
}

async fn nothing_here() -> Refusal {
    Refusal::not_found("The requested URL was not found on the server.")
}

async fn catalog(
    State(served): State<Arc<Served>>,
    QueryPairs(pairs): Parameters,
) -> Result<Response, Refusal> {
    let query = Query::new(pairs);
    query.refuse_unsupported(&["select", "group_by", "refine", "exclude", "order_by"])?;
    let (offset, limit) = query.page()?;
    let words = query.get("where").map(searched);
    let found: Vec<Value> = served
        .datasets
        .iter()
        .map(|it| it.edition(&served.faults).description())
        .filter(|it| words.as_deref().is_none_or(|words| mentions(it, words)))
        .collect();
    let total_count = found.len();
    let results: Vec<Value> = found.into_iter().skip(offset).take(limit).collect();
    Ok(json_body(
        &json!({"total_count": total_count, "results": results}),
    ))
}

fn mentions(description: &Value, words: &str) -> bool {
    let metas = &description["metas"]["default"];
    [
        &description["dataset_id"],
        &metas["title"],
        &metas["description"],
        &metas["publisher"],
    ]
    .into_iter()
    .filter_map(Value::as_str)
    .any(|text| text.to_lowercase().contains(words))
}

async fn description(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let published = served.find(&id)?;
    Ok(json_body(&published.edition(&served.faults).description()))
}

async fn records(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
    QueryPairs(pairs): Parameters,
) -> Result<Response, Refusal> {
    let query = Query::new(pairs);
    let published = served.find(&id)?;
    query.refuse_unsupported(&["refine", "exclude", "group_by"])?;
    if let Some(table) = &published.dataset.national {
        return answer::records(table, &query, served.ending());
    }
    let (offset, limit) = query.page()?;
    let edition = published.edition(&served.faults);
    let (total, records): (u64, Vec<Vec<u8>>) = if let Some(many) = &published.dataset.many {
        query.refuse_unsupported(&["select", "where"])?;
        refuse_other_orders(&query)?;
        let asked = (offset..many.len()).take(limit);
        let records = asked.map(|index| many.record(index)).collect();
        (many.len() as u64, records)
    } else {
        let selection = Selection::new(&edition, &query)?;
        let rows = selection.rows(&served, &edition, offset, limit);
        let written = rows
            .iter()
            .map(|row| encode::json(row, selection.columns.as_deref()));
        (selection.total_count(&edition), written.collect())
    };
    let framing = Framing {
        head: format!("{{\"total_count\": {total}, \"results\": [").into_bytes(),
        between: ", ",
        after: "",
        tail: "]}",
    };
    published.publish_again(&served.faults);
    let body = encode::body(&framing, &records, served.ending());
    Ok((JSON, body).into_response())
}

const FORMATS: [&str; 3] = ["csv", "json", "jsonl"];

async fn formats(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    served.find(&id)?;
    served.refuse_exports()?;
    let link = |rel: &str, href: String| json!({"rel": rel, "href": href});
    let here = format!("{API_ROOT}/catalog/datasets/{id}/exports");
    let links: Vec<Value> = std::iter::once(link("self", here.clone()))
        .chain(FORMATS.map(|format| link(format, format!("{here}/{format}"))))
        .collect();
    Ok(json_body(&json!({"links": links})))
}

async fn export(
    State(served): State<Arc<Served>>,
    Path((id, format)): Path<(String, String)>,
    QueryPairs(pairs): Parameters,
) -> Result<Response, Refusal> {
    let query = Query::new(pairs);
    let published = served.find(&id)?;
    served.refuse_exports()?;
    query.refuse_unsupported(&["refine", "exclude", "group_by"])?;
    if let Some(table) = &published.dataset.national {
        return answer::export(table, &query, &format, served.export_ending());
    }
    let (offset, limit) = query.export()?;
    if let Some(many) = &published.dataset.many {
        query.refuse_unsupported(&["select", "where", "offset"])?;
        refuse_other_orders(&query)?;
        if format != "jsonl" {
            return Err(Refusal::parameter(
                "This simulated portal exports many bodies as jsonl only.",
            ));
        }
        let headers = [
            (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
            // Compressing would take longer than everything else.
            (header::CONTENT_ENCODING, "identity"),
        ];
        return Ok((headers, many.export(served.ending())).into_response());
    }
    let edition = published.edition(&served.faults);
    let selection = Selection::new(&edition, &query)?;
    let rows = selection.rows(&served, &edition, offset, limit);
    let columns = selection.columns.as_deref();
    let as_json = || rows.iter().map(|row| encode::json(row, columns)).collect();
    let (content_type, framing, mut records): (_, _, Vec<Vec<u8>>) = match format.as_str() {
        "jsonl" => {
            let framing = Framing {
                after: "\n",
                ..Framing::default()
            };
            ("application/jsonl; charset=utf-8", framing, as_json())
        }
        "json" => {
            let framing = Framing {
                head: b"[".to_vec(),
                between: ",",
                tail: "]",
                ..Framing::default()
            };
            ("application/json; charset=utf-8", framing, as_json())
        }
        "csv" => {
            let (framing, records) = selection.csv(&query, &rows)?;
            ("text/csv; charset=utf-8", framing, records)
        }
        other => {
            return Err(Refusal::parameter(format!(
                "Unknown export format: {other}. This simulated portal has {}.",
                FORMATS.join(", ")
            )));
        }
    };
    if format != "json" && served.faults.strikes(Fault::GarbageLines) {
        let middle = records.len() / 2;
        records.insert(middle, b"\x00\x01\xff\xfe%%\x1b[31m".to_vec());
        records.insert(middle, b"%%% ligne illisible %%%".to_vec());
    }
    published.publish_again(&served.faults);
    let ending = served.export_ending();
    let body = encode::body(&framing, &records, ending);
    let mut response = ([(header::CONTENT_TYPE, content_type)], body).into_response();
    if matches!(ending, Ending::Never | Ending::Drip(_)) {
        // What compresses would keep what drips to itself.
        let plain = header::HeaderValue::from_static("identity");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, plain);
    }
    Ok(response)
}

/// Many bodies are served in the order of their numbers, and no other.
fn refuse_other_orders(query: &Query) -> Result<(), Refusal> {
    let order = query.get("order_by").unwrap_or("siren");
    if order.trim_start_matches('`').starts_with("siren") {
        Ok(())
    } else {
        Err(Refusal::odsql(
            "This simulated portal orders many bodies by siren only.",
        ))
    }
}

fn json_body(value: &Value) -> Response {
    (JSON, value.to_string()).into_response()
}

/// Which records and columns a request asks for.
struct Selection {
    /// Every column, by its name and label.
    known: Vec<(String, String)>,
    /// Those asked for, unless all.
    columns: Option<Vec<String>>,
    order: Vec<(String, bool)>,
    condition: Option<Condition>,
    /// The columns of moments, and the time zone in which they are written.
    moments: Vec<String>,
    timezone: Option<TimeZone>,
}

impl Selection {
    fn new(edition: &Edition<'_>, query: &Query) -> Result<Self, Refusal> {
        let description = edition.description();
        let text = |field: &Value, key: &str| field[key].as_str().map(str::to_owned);
        let known: Vec<(String, String)> = description["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|field| {
                let name = text(field, "name")?;
                let label = text(field, "label").unwrap_or_else(|| name.clone());
                Some((name, label))
            })
            .collect();
        let names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
        let columns = query.names("select", &names)?;
        let order = query
            .order_by(&names)?
            .into_iter()
            .map(|(name, descending)| (edition.stored_name(&name).to_owned(), descending))
            .collect();
        let stored = |name: &str| {
            if names.iter().any(|known| known == name) {
                Ok(edition.stored_name(name).to_owned())
            } else {
                Err(Refusal::odsql(format!("Unknown field: {name}.")))
            }
        };
        let condition = query.get("where");
        let condition = condition.map(|text| Condition::parse(text, &stored));
        let moments = description["fields"].as_array().into_iter().flatten();
        let moments = moments.filter(|field| field["type"] == "datetime");
        let timezone = query.get("timezone").map(|name| {
            TimeZone::get(name).map_err(|_unknown| {
                Refusal::parameter(format!("Invalid value for timezone API parameter: {name}."))
            })
        });
        Ok(Self {
            columns: (!columns.is_empty()).then_some(columns),
            order,
            condition: condition.transpose()?,
            moments: moments.filter_map(|field| text(field, "name")).collect(),
            timezone: timezone.transpose()?,
            known,
        })
    }

    /// How many records are announced.
    fn total_count(&self, edition: &Edition<'_>) -> u64 {
        let Some(condition) = &self.condition else {
            return edition.total_count();
        };
        let rows = edition.rows();
        let kept = rows.iter().filter(|row| condition.holds(*row)).count();
        edition.total_count() - (rows.len() - kept) as u64
    }

    /// A record with its moments in the time zone that is asked for.
    fn in_zone(&self, mut row: Row) -> Row {
        let Some(timezone) = &self.timezone else {
            return row;
        };
        for (_, value) in row
            .0
            .iter_mut()
            .filter(|(name, _)| self.moments.contains(name))
        {
            let moment = serde_json::from_str::<String>(value.get());
            let moment = moment.ok().and_then(|text| text.parse::<Timestamp>().ok());
            if let Some(moment) = moment {
                let there = moment.to_zoned_datetime(timezone.clone());
                let there = there.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
                *value = to_raw_value(&there).unwrap_or_default();
            }
        }
        row
    }

    fn rows(
        &self,
        served: &Served,
        edition: &Edition<'_>,
        offset: usize,
        limit: usize,
    ) -> Vec<Row> {
        let kept = |row: &Row| {
            let condition = self.condition.as_ref();
            condition.is_none_or(|condition| condition.holds(row))
        };
        let rows = edition.rows().iter().enumerate();
        let mut rows: Vec<(usize, &Row)> = rows.filter(|(_, row)| kept(row)).collect();
        if !self.order.is_empty() {
            rows.sort_by(|(_, left), (_, right)| compare(left, right, &self.order));
        } else if served.faults.strikes(Fault::UnstableOrder) && !rows.is_empty() {
            let turn = served.turn.fetch_add(1, Ordering::Relaxed);
            let by = usize::try_from(turn).unwrap_or(0).wrapping_mul(37) % rows.len();
            rows.rotate_left(by);
        }
        rows.into_iter()
            .skip(offset)
            .take(limit)
            .map(|(index, row)| self.in_zone(edition.publish(row, index).into_owned()))
            .collect()
    }

    fn csv(&self, query: &Query, rows: &[Row]) -> Result<(Framing, Vec<Vec<u8>>), Refusal> {
        let delimiter = query.delimiter()?;
        let labels = query.flag("use_labels", false)?;
        let shown: Vec<&(String, String)> = match &self.columns {
            None => self.known.iter().collect(),
            Some(columns) => columns
                .iter()
                .filter_map(|column| self.known.iter().find(|(name, _)| name == column))
                .collect(),
        };
        let mut head = Vec::new();
        if query.flag("with_bom", true)? {
            head.extend_from_slice("\u{feff}".as_bytes());
        }
        let titles = shown.iter().map(|(name, label)| {
            let title = if labels { label } else { name };
            title.as_str()
        });
        head.extend(encode::csv(titles, delimiter));
        head.extend_from_slice(b"\r\n");
        let records = rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = shown
                    .iter()
                    .map(|(name, _)| encode::cell(row.get(name)))
                    .collect();
                encode::csv(cells.iter().map(String::as_str), delimiter)
            })
            .collect();
        let framing = Framing {
            head,
            after: "\r\n",
            ..Framing::default()
        };
        Ok((framing, records))
    }
}

impl Served {
    fn find(&self, id: &str) -> Result<&Published, Refusal> {
        self.datasets
            .iter()
            .find(|it| it.dataset.id == id)
            .ok_or_else(|| Refusal::not_found(format!("Unknown dataset: {id}.")))
    }

    fn refuse_exports(&self) -> Result<(), Refusal> {
        if self.faults.strikes(Fault::NoExports) {
            return Err(Refusal::not_found(
                "The requested URL was not found on the server.",
            ));
        }
        Ok(())
    }

    fn export_ending(&self) -> Ending {
        if self.faults.strikes(Fault::Endless) {
            Ending::Never
        } else if self.faults.strikes(Fault::Drip) {
            Ending::Drip(self.slow)
        } else {
            self.ending()
        }
    }

    fn ending(&self) -> Ending {
        if self.faults.strikes(Fault::Truncated) {
            Ending::Interrupted
        } else if self.faults.strikes(Fault::Cut) {
            Ending::HalfRecord
        } else if self.faults.strikes(Fault::Reset) {
            Ending::Reset
        } else {
            Ending::Whole
        }
    }
}
