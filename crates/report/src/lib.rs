//! The report set on pages: an accessible, archivable PDF.
//!
//! What the report says is a [`Report`], made by `centime-render`; here Typst sets it by the sheet
//! `typst/report.typ`. The sheet gets the report as data, never as markup, so a label cannot become any.
//! It has the fonts and files of the program and nothing else: no fonts of the system, no packages, no
//! network, no clock.
//!
//! The PDF is PDF/UA-1 and PDF/A-3a, which Typst holds it against while writing; where it does not hold,
//! there is no PDF. PDF/A-3 is the part of the standard under which data may be attached as CSV.

mod paper;

use centime_render::report::Report;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::ecow::EcoVec;
use typst::foundations::{Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use paper::Paper;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The report cannot be told as data.
    #[error("the report could not be handed over to be typeset: {0}")]
    Data(#[from] serde_json::Error),
    /// It could not be set on pages.
    #[error("the report could not be typeset: {0}")]
    Pages(String),
    /// It does not hold what PDF/UA-1 and PDF/A-3a ask for.
    #[error("the report could not be written as PDF/UA-1 and PDF/A-3a: {0}")]
    Standard(String),
}

/// Sets a report on pages. The same report always gives the same bytes.
pub fn pdf(report: &Report) -> Result<Vec<u8>, Error> {
    let written = written(report);
    // What was computed on the way is not kept: another view has little in common with this one.
    comemo::evict(0);
    written
}

fn written(report: &Report) -> Result<Vec<u8>, Error> {
    let paper = Paper::new(report)?;
    let document = typst::compile::<PagedDocument>(&paper)
        .output
        .map_err(|errors| Error::Pages(told(&errors)))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
        .map_err(|error| Error::Standard(error.message().to_string()))?;
    let options = PdfOptions {
        creator: Smart::Custom(Some(format!("Centime {}", env!("CARGO_PKG_VERSION")))),
        timestamp: moment(&report.published_at).map(typst_pdf::Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| Error::Standard(told(&errors)))
}

/// A time in RFC 3339, as the PDF is dated; `None` when it is none.
fn moment(time: &str) -> Option<Datetime> {
    let time = TimeZone::UTC.to_datetime(time.parse::<Timestamp>().ok()?);
    let part = |number: i8| u8::try_from(number).ok();
    Datetime::from_ymd_hms(
        time.year().into(),
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
    )
}

fn told(errors: &EcoVec<SourceDiagnostic>) -> String {
    let told: Vec<String> = errors
        .iter()
        .map(|error| {
            let hints = error.hints.iter().map(|hint| hint.v.as_str());
            std::iter::once(error.message.as_str())
                .chain(hints)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    told.join("; ")
}
