//! Catalog and records pages, and the order that makes paging stable.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Dataset, Error, Record};

/// The most records a page holds.
pub(crate) const PAGE_RECORDS: u32 = 100;

/// How far pages go.
pub(crate) const MAX_PAGED_RECORDS: u64 = 10_000;

/// What to look for in a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchRequest {
    /// Words to find; everything when none.
    pub text: Option<String>,
    /// The most datasets wanted, up to 100.
    pub limit: u32,
    /// How many datasets to skip.
    pub offset: u64,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            text: None,
            limit: 10,
            offset: 0,
        }
    }
}

impl SearchRequest {
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("limit", self.limit.to_string()),
            ("offset", self.offset.to_string()),
        ];
        if let Some(text) = &self.text {
            query.push(("where", literal(text)));
        }
        query
    }
}

/// A page of a catalog.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Catalog {
    /// How many datasets the search found.
    pub total_count: u64,
    /// The datasets of this page.
    #[serde(rename = "results")]
    pub datasets: Vec<Dataset>,
}

/// Which records to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The most records wanted, up to 100.
    pub limit: u32,
    /// How many records to skip.
    pub offset: u64,
    /// The order, in ODSQL. Without it, two pages may repeat and miss records.
    pub order_by: Option<String>,
    /// A condition, in ODSQL.
    pub filter: Option<String>,
    /// The time zone in which moments are written; universal time where none is given.
    pub timezone: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: 10,
            offset: 0,
            order_by: None,
            filter: None,
            timezone: None,
        }
    }
}

impl PageRequest {
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("limit", self.limit.to_string()),
            ("offset", self.offset.to_string()),
        ];
        query.extend(self.order_by.clone().map(|order| ("order_by", order)));
        query.extend(self.filter.clone().map(|filter| ("where", filter)));
        let timezone = self.timezone.clone();
        query.extend(timezone.map(|timezone| ("timezone", timezone)));
        query
    }
}

/// A page of records.
#[derive(Clone, Debug)]
pub struct RecordsPage {
    /// How many records the dataset holds, or the condition keeps.
    pub total_count: u64,
    /// The records of this page, numbered from the offset of the request.
    pub results: Vec<Record>,
}

/// A page as it comes.
#[derive(Deserialize)]
pub(crate) struct RawPage {
    total_count: u64,
    results: Vec<Box<RawValue>>,
}

impl RawPage {
    pub(crate) fn into_page(self, offset: u64) -> Result<RecordsPage, Error> {
        let results = self
            .results
            .into_iter()
            .zip(offset + 1..)
            .map(|(json, record)| {
                Record::parse(json.get(), record)
                    .map_err(|reason| Error::Malformed { record, reason })
            })
            .collect::<Result<_, _>>()?;
        Ok(RecordsPage {
            total_count: self.total_count,
            results,
        })
    }
}

/// An order over every column that has one: two records that compare equal are then the same, and
/// pages neither repeat nor miss any. Some columns may have to come first.
pub(crate) fn stable_order(dataset: &Dataset, first: &[&str]) -> Option<String> {
    let names: Vec<String> = dataset
        .fields
        .iter()
        .filter(|field| field.field_type.is_sortable() && !field.is_annotated("multivalued"))
        .map(|field| field.name.as_str())
        .filter(|name| !first.contains(name))
        .filter_map(field_name)
        .collect();
    let names: Vec<String> = first
        .iter()
        .filter_map(|name| field_name(name))
        .chain(names)
        .collect();
    (!names.is_empty()).then(|| names.join(","))
}

/// An order over some columns, in ODSQL; empty for none.
pub(crate) fn written_order(columns: &[&str]) -> String {
    let names: Vec<String> = columns.iter().filter_map(|name| field_name(name)).collect();
    names.join(",")
}

/// A column's name as ODSQL wants it. A name that holds a back-quote cannot be written.
pub fn field_name(name: &str) -> Option<String> {
    if name.is_empty() || name.contains('`') {
        return None;
    }
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    let keyword = KEYWORDS.iter().any(|it| it.eq_ignore_ascii_case(name));
    if plain && !keyword {
        Some(name.to_owned())
    } else {
        Some(format!("`{name}`"))
    }
}

/// A text in quotes, as ODSQL wants it.
pub fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

/// Words with a meaning in ODSQL. One too many costs two back-quotes.
const KEYWORDS: &[&str] = &[
    "and",
    "as",
    "asc",
    "avg",
    "between",
    "boundingbox",
    "by",
    "bbox",
    "count",
    "date",
    "date_format",
    "day",
    "dayofweek",
    "desc",
    "disjunctive",
    "distance",
    "distinct",
    "envelope",
    "equi",
    "exclude",
    "false",
    "geo_cluster",
    "geometry",
    "geom",
    "group",
    "hour",
    "in",
    "include",
    "is",
    "like",
    "limit",
    "max",
    "median",
    "millisecond",
    "min",
    "minute",
    "month",
    "near",
    "not",
    "now",
    "null",
    "offset",
    "or",
    "order",
    "percentile",
    "polygon",
    "quarter",
    "random",
    "range",
    "refine",
    "search",
    "second",
    "select",
    "startswith",
    "suggest",
    "sum",
    "true",
    "where",
    "within",
    "year",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_only_when_they_must_be() {
        for (name, expected) in [
            ("montant_en_eur", "montant_en_eur"),
            ("2019", "`2019`"),
            ("2019_montant", "`2019_montant`"),
            ("date", "`date`"),
            ("Year", "`Year`"),
            ("date_de_fin", "date_de_fin"),
            ("code-postal", "`code-postal`"),
            ("intitulé", "`intitulé`"),
        ] {
            assert_eq!(field_name(name).as_deref(), Some(expected));
        }
        assert_eq!(field_name("a`b"), None);
        assert_eq!(field_name(""), None);
    }

    #[test]
    fn the_order_is_over_every_column_that_has_one() {
        let dataset: Dataset = serde_json::from_str(
            r#"{"dataset_id": "x", "fields": [
                {"name": "exercice", "type": "date"}, {"name": "order", "type": "text"},
                {"name": "tags", "type": "text", "annotations": {"multivalued": [","]}},
                {"name": "lieu", "type": "geo_point_2d"}, {"name": "new", "type": "hologram"},
                {"name": "montant", "type": "double"}]}"#,
        )
        .unwrap();
        assert_eq!(
            stable_order(&dataset, &[]).as_deref(),
            Some("exercice,`order`,montant")
        );
        let bare: Dataset = serde_json::from_str(r#"{"dataset_id": "x"}"#).unwrap();
        assert_eq!(stable_order(&bare, &[]), None);
    }

    #[test]
    fn searched_words_are_one_literal() {
        let request = SearchRequest {
            text: Some(r#"a "b" \c"#.into()),
            ..SearchRequest::default()
        };
        assert_eq!(request.query()[2], ("where", r#""a \"b\" \\c""#.to_owned()));
    }

    #[test]
    fn records_of_a_page_are_numbered_from_its_offset() {
        let page: RawPage =
            serde_json::from_str(r#"{"total_count": 187, "results": [{"a": 1.10}, {"a": null}]}"#)
                .unwrap();
        let page = page.into_page(100).unwrap();
        assert_eq!(page.results[1].number(), 102);
        assert_eq!(page.results[0].json(), r#"{"a": 1.10}"#);
        let page: RawPage =
            serde_json::from_str(r#"{"total_count": 1, "results": [7], "links": []}"#).unwrap();
        assert!(page.into_page(0).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_read_or_refused(
            text in centime_test_input::altered_text(&[
                r#"{"total_count": 187, "results": [{"a": 1.10, "b": "x"}, {"a": null}]}"#,
                r#"{"total_count": 1, "results": [{"a": {"lon": 2.3}}], "links": []}"#,
            ]),
            offset in 0_u64..10_000,
        ) {
            if let Ok(raw) = serde_json::from_str::<RawPage>(&text)
                && let Ok(page) = raw.into_page(offset)
            {
                for record in page.results {
                    let _ = record.fields().map(|fields| fields.iter().count());
                }
            }
        }

        #[test]
        fn any_description_is_read_or_refused(text in centime_test_input::altered_text(&[
            r#"{"dataset_id": "x", "fields": [{"name": "a", "type": "double", "label": "A", "annotations": {"id": []}}], "metas": {"default": {"title": "T", "records_count": 3, "license": null}}}"#,
            r#"{"dataset_id": "x", "has_records": null, "data_visible": false, "fields": null}"#,
        ])) {
            if let Ok(dataset) = serde_json::from_str::<Dataset>(&text) {
                let _ = (dataset.title(), dataset.license_url(), dataset.records_count());
                let _ = (dataset.modified(), dataset.publisher(), stable_order(&dataset, &["a"]));
            }
        }
    }
}
