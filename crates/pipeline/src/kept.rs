//! Documents that were imported before, beside those that are imported now.

use centime_warehouse::{Revision, Warehouse};

use crate::documents::{DOCUMENTS, Documents, SUBJECTS};
use crate::error::Error;
use crate::policy::Policy;
use crate::progress::Progress;
use crate::source::{DocumentSource, DocumentsOf, Edition, Source};

/// The edition with all documents read: those in files, and beside those that are imported the ones that were before.
pub async fn with_documents(
    edition: &Edition,
    warehouse: &Warehouse,
    published: Option<&Revision>,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<Edition, Error> {
    let mut sources = Vec::with_capacity(edition.sources.len());
    for source in &edition.sources {
        let Source::Documents(documents) = source else {
            sources.push(source.clone());
            continue;
        };
        let of = match &documents.of {
            DocumentsOf::Files(files) => DocumentsOf::Read(files.read(progress).await?),
            DocumentsOf::Read(documents) => DocumentsOf::Read(documents.clone()),
            DocumentsOf::Import(documents) => {
                let mut documents = documents.clone();
                keep(&mut documents, warehouse, published, policy, progress).await?;
                DocumentsOf::Import(documents)
            }
        };
        sources.push(Source::Documents(DocumentSource {
            of,
            ..documents.clone()
        }));
    }
    Ok(Edition { sources })
}

/// Adds the documents that were imported before.
async fn keep(
    documents: &mut Documents,
    warehouse: &Warehouse,
    published: Option<&Revision>,
    policy: Policy,
    progress: &dyn Progress,
) -> Result<(), Error> {
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
            Ok(())
        }
        Some(published) if !published.sample && !policy.accept_changes.body => {
            Err(Error::DocumentsOverPortal {
                database: warehouse.name().to_owned(),
                portal: published.portal.clone(),
            })
        }
        _ => Ok(()),
    }
}
