//! How many records a portal announces, held against how many came.

use centime_portal::{Dataset, Portal};

use crate::error::Error;

/// How many records there should be. The description of a dataset may be a little behind its
/// records; the portal's own count of them settles it. What is no portal announces nothing.
pub async fn announced(
    portal: Option<&Portal>,
    dataset: &Dataset,
    filter: Option<&str>,
    rows: u64,
) -> Result<(u64, Option<u64>), Error> {
    let Some(portal) = portal else {
        return Ok((rows, None));
    };
    // The description counts all records, whatever is asked for.
    let described = dataset.records_count().filter(|_| filter.is_none());
    if described == Some(rows) {
        return Ok((rows, None));
    }
    let counted = portal.count(&dataset.dataset_id, filter).await?;
    Ok(match (counted, described) {
        (Some(counted), _) => (counted, described.filter(|_| counted == rows)),
        (None, Some(described)) => (described, None),
        // A portal that announces nothing cannot be contradicted.
        (None, None) => (rows, None),
    })
}
