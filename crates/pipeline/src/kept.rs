//! Documents that were imported before, beside those that are imported now.

use centime_warehouse::{Revision, Warehouse};

use crate::documents::{DOCUMENTS, SUBJECTS};
use crate::error::Error;
use crate::policy::Policy;
use crate::progress::Progress;
use crate::source::Source;
use crate::transport::Transport;

/// The documents together with those that were imported before; `None` where records come from a portal.
pub async fn kept(
    source: &Source,
    warehouse: &Warehouse,
    published: Option<&Revision>,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<Option<Source>, Error> {
    let Transport::Documents(documents) = &source.transport else {
        return Ok(None);
    };
    let mut documents = documents.clone();
    match published {
        Some(published) if published.portal == DOCUMENTS => {
            for subject in SUBJECTS {
                // Body by body, so that no more than one of them is in memory as it was kept.
                for siren in warehouse.recorded_bodies(published.id, subject).await? {
                    let records = warehouse.records_of(published.id, subject, &siren).await?;
                    for unused in documents.keep(subject, records) {
                        progress.note(&unused);
                    }
                }
            }
        }
        Some(published) if !published.sample && !policy.accept_changes.body => {
            return Err(Error::DocumentsOverPortal {
                database: warehouse.name().to_owned(),
                portal: published.portal.clone(),
            });
        }
        _ => {}
    }
    let transport = Transport::Documents(documents);
    Ok(Some(Source {
        transport,
        ..source.clone()
    }))
}
