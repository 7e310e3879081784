//! Rows and charts as files to keep.

use std::sync::Arc;

use centime_analytics::Table;
use centime_render::doubts::with_doubts;
use centime_render::draw::spec::Chart;
use centime_render::formats::Format;
use centime_render::source::{Filter, Source};
use centime_warehouse::doubt::Doubt;

use crate::problem::Problem;
use crate::reply::Reply;
use crate::snapshot::Snapshot;
use crate::visit::Visit;

/// The longest part of a file's name that comes from the data or from the address, in characters.
const LONGEST_PART: usize = 40;

/// What is to be kept.
#[derive(Debug)]
pub struct Download {
    /// What it is, as a part of the file's name.
    pub name: String,
    /// What it is, in the reader's words.
    pub title: String,
    pub rows: Table,
    pub chart: Option<Chart>,
    /// What restricts the rows.
    pub filters: Vec<Filter>,
    /// Where they are seen.
    pub address: String,
    /// What is doubted of the years that are shown.
    pub doubts: Vec<Doubt>,
}

/// A way to a file: what its form is called, and its address.
#[derive(Debug)]
pub struct FileLink {
    pub name: String,
    pub address: String,
}

/// The ways to the forms of something, of which `address` gives the address with an extension.
pub fn files(with_chart: bool, address: impl Fn(&str) -> String) -> Vec<FileLink> {
    Format::offered(with_chart)
        .map(|format| FileLink {
            name: format.name(),
            address: address(format.extension),
        })
        .collect()
}

/// Answers with a file in the form that its extension names.
pub async fn download(
    visit: &Arc<Visit>,
    snapshot: &Arc<Snapshot>,
    extension: &str,
    wanted: Download,
) -> Result<Reply, Problem> {
    let format = Format::offered(wanted.chart.is_some())
        .find(|format| format.extension == extension)
        .ok_or(Problem::NotFound)?;
    let name = file_name(snapshot, &wanted.name, &wanted.filters, extension);
    let (locale, snapshot) = (visit.locale, Arc::clone(snapshot));
    let address = visit.base.place(&wanted.address);
    // A picture takes some tens of milliseconds, in which others can be answered.
    let made = tokio::task::spawn_blocking(move || {
        let source = Source {
            title: wanted.title,
            body: &snapshot.body,
            revision: &snapshot.published.revision,
            datasets: &snapshot.published.datasets,
            identity: snapshot.identity(locale),
            filters: wanted.filters,
            address,
            doubts: wanted.doubts,
        };
        let rows = with_doubts(&wanted.rows, &source.doubts);
        format.file(&rows, wanted.chart.as_ref(), &source, locale)
    });
    match made.await {
        Ok(Ok(bytes)) => Ok(Reply::file(name, format, bytes)),
        Ok(Err(error)) => Err(Problem::File(error.to_string())),
        Err(error) => Err(Problem::File(error.to_string())),
    }
}

/// The name of a file: the dataset, the public body where there are several, what it shows of which
/// revision, and what restricts it.
pub fn file_name(snapshot: &Snapshot, name: &str, filters: &[Filter], extension: &str) -> String {
    let published = &snapshot.published;
    let mut parts = vec!["centime".to_owned()];
    let dataset = published.datasets.first();
    parts.extend(dataset.map(|dataset| plain(&dataset.dataset_id)));
    parts.extend(snapshot.parameter().map(|(_, siren)| plain(siren)));
    parts.push(name.to_owned());
    parts.extend(filters.iter().map(|filter| plain(&filter.code)));
    parts.push(format!("r{}", published.revision.id));
    if published.revision.sample {
        parts.push("sample".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    format!("{}.{extension}", parts.join("-"))
}

/// A text as part of a file's name on any system.
fn plain(text: &str) -> String {
    let letters = text.chars().take(LONGEST_PART);
    let plain: String = letters
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_harmless_in_a_name() {
        for (text, expected) in [
            ("compte-de-resultat", "compte-de-resultat"),
            ("Produits & Charges", "produits-charges"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\"\r\nb", "a-b"),
            ("…", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"a".repeat(200)).len(), LONGEST_PART);
    }
}
