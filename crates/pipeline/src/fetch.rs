//! Fetch: what the portal is asked for, and how many records it should send. Documents give all that they have.

use std::time::Instant;

use centime_portal::{Dataset, FieldType, Request, Via};

use crate::dataset_options::DatasetOptions;
use crate::error::Error;
use crate::prefetch::Prefetcher;
use crate::schema::Schema;
use crate::transport::Transport;

/// The time zone of most French public bodies.
const PARIS: &str = "Europe/Paris";

/// Requests all records of a dataset. `schema` is what its description alone says of its fields.
pub async fn fetch(
    transport: &Transport,
    dataset: &Dataset,
    schema: Option<&Schema>,
    reading: &DatasetOptions,
    since: Instant,
) -> Result<Prefetcher, Error> {
    let portal = match transport {
        Transport::Portal(portal) => portal,
        Transport::Files(files) => return Ok(Prefetcher::of_files(files.files.find().await?)),
        Transport::Documents(documents) => {
            let records = documents.records(&dataset.dataset_id);
            return Ok(Prefetcher::of_texts(records));
        }
        Transport::Balances(balances, subject) => {
            return Ok(Prefetcher::of_balances(balances.clone(), *subject));
        }
    };
    let order = schema.map(Schema::order).unwrap_or_default();
    let request = Request {
        order: &order,
        filter: reading.filter.as_deref(),
        timezone: timezone(dataset, schema, reading),
        since: Some(since),
    };
    let retrieval = portal.request(dataset, Via::Auto, &request).await?;
    Ok(Prefetcher::of(retrieval))
}

/// The time zone in which moments are asked for: the one that is set, or that of Paris where the year is a moment.
/// In universal time the first of January of Paris is in the year before.
fn timezone<'a>(
    dataset: &Dataset,
    schema: Option<&Schema>,
    reading: &'a DatasetOptions,
) -> Option<&'a str> {
    let is_moment = || {
        let name = schema?.optional_name("fiscal_year")?;
        let field = dataset.field(name)?;
        (field.field_type == FieldType::DateTime).then_some(PARIS)
    };
    reading.timezone.as_deref().or_else(is_moment)
}
