//! The forms in which tables and charts can be kept. A form that is added to [`FORMATS`] is offered
//! wherever there is something to keep.

use centime_analytics::Table;

use crate::Locale;
use crate::draw::picture;
use crate::draw::spec::Chart;
use crate::export::words::Words;
use crate::export::{csv, json, parquet, spreadsheet, xlsx};
use crate::provenance::source::Source;

/// A form in which a table or a chart can be kept.
#[derive(Debug)]
pub struct Format {
    /// The end of a file's name, which also names the form in addresses.
    pub extension: &'static str,
    /// The media type.
    pub media_type: &'static str,
    /// What it is called.
    pub name: &'static str,
    write: Write,
}

/// What a form is made of.
#[derive(Debug)]
enum Write {
    Rows(fn(&Table, &Source<'_>, &Locale) -> Result<Vec<u8>, Error>),
    Chart(fn(&Chart, &Source<'_>, &Locale) -> Result<Vec<u8>, Error>),
}

/// All forms, the plainest first.
pub static FORMATS: [Format; 7] = [
    Format {
        extension: "csv",
        media_type: "text/csv; charset=utf-8",
        name: "CSV",
        write: Write::Rows(|rows, _, _| Ok(csv::table(rows).into_bytes())),
    },
    Format {
        extension: "excel.csv",
        media_type: "text/csv; charset=utf-8",
        name: "CSV (Excel)",
        write: Write::Rows(|rows, source, locale| {
            let words = Words::of(source, locale.language());
            Ok(spreadsheet::table(rows, words).into_bytes())
        }),
    },
    Format {
        extension: "xlsx",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        name: "XLSX",
        write: Write::Rows(|rows, source, locale| Ok(xlsx::workbook(rows, source, locale)?)),
    },
    Format {
        extension: "json",
        media_type: "application/json; charset=utf-8",
        name: "JSON",
        write: Write::Rows(|rows, _, _| Ok(json::table(rows).into_bytes())),
    },
    Format {
        extension: "parquet",
        media_type: "application/vnd.apache.parquet",
        name: "Parquet",
        write: Write::Rows(|rows, source, _| Ok(parquet::file(rows, source)?)),
    },
    Format {
        extension: "svg",
        media_type: "image/svg+xml",
        name: "SVG",
        write: Write::Chart(|chart, source, locale| {
            Ok(picture::svg(chart, &source.below(locale)).into_bytes())
        }),
    },
    Format {
        extension: "png",
        media_type: "image/png",
        name: "PNG",
        write: Write::Chart(|chart, source, locale| {
            Ok(picture::png(&picture::svg(chart, &source.below(locale)))?)
        }),
    },
];

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The chart could not be made a picture.
    #[error(transparent)]
    Picture(#[from] picture::Error),
    /// The rows do not fit into a workbook.
    #[error(transparent)]
    Workbook(#[from] xlsx::Error),
    /// The rows could not be written as Parquet.
    #[error(transparent)]
    Parquet(#[from] parquet::Error),
    /// The form needs a chart, and there is none.
    #[error("{extension} shows a chart, and there is none here")]
    NoChart {
        /// The form.
        extension: &'static str,
    },
}

impl Format {
    /// The form that a file's name ends with.
    pub fn by_extension(extension: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.extension == extension)
    }

    /// The forms of rows alone, or of rows and their chart.
    pub fn offered(with_chart: bool) -> impl Iterator<Item = &'static Self> {
        FORMATS
            .iter()
            .filter(move |format| with_chart || matches!(format.write, Write::Rows(_)))
    }

    /// The name of a file and its extension, of which some have two parts: `result` and `excel.csv`.
    pub fn split_name(file: &str) -> Option<(&str, &str)> {
        let known = FORMATS.iter().filter_map(|format| {
            let name = file.strip_suffix(format.extension)?.strip_suffix('.')?;
            Some((name, format.extension))
        });
        let longest = known.max_by_key(|(_, extension)| extension.len());
        longest.or_else(|| file.rsplit_once('.'))
    }

    /// The bytes of a file.
    pub fn file(
        &self,
        rows: &Table,
        chart: Option<&Chart>,
        source: &Source<'_>,
        locale: &Locale,
    ) -> Result<Vec<u8>, Error> {
        match (&self.write, chart) {
            (Write::Rows(write), _) => write(rows, source, locale),
            (Write::Chart(write), Some(chart)) => write(chart, source, locale),
            (Write::Chart(_), None) => Err(Error::NoChart {
                extension: self.extension,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_may_have_two_parts() {
        for (file, expected) in [
            ("result.csv", Some(("result", "csv"))),
            ("result.excel.csv", Some(("result", "excel.csv"))),
            ("a.b.json", Some(("a.b", "json"))),
            ("result.option", Some(("result", "option"))),
            ("csv", None),
        ] {
            assert_eq!(Format::split_name(file), expected, "{file}");
        }
    }
}
