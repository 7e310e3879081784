//! What records come from: a portal, files, or documents that were read.

use centime_portal::{Dataset, Error, Portal};

use crate::documents::{DOCUMENTS, Documents};
use crate::record_files::{FILES, RecordFiles};

/// What records come from.
#[derive(Clone, Debug)]
pub enum Transport {
    /// A portal.
    Portal(Portal),
    /// Files, as a portal exports them.
    Files(RecordFiles),
    /// Official documents.
    Documents(Documents),
}

impl From<Portal> for Transport {
    fn from(portal: Portal) -> Self {
        Self::Portal(portal)
    }
}

impl Transport {
    /// The address of the portal, or [`FILES`] or [`DOCUMENTS`].
    pub fn address(&self) -> &str {
        match self {
            Self::Portal(portal) => portal.base_url(),
            Self::Files(_) => FILES,
            Self::Documents(_) => DOCUMENTS,
        }
    }

    /// The host of the portal, or what the files are called, or [`DOCUMENTS`].
    pub(crate) fn host(&self) -> String {
        match self {
            Self::Portal(portal) => portal.host(),
            Self::Files(files) => files.files.label(),
            Self::Documents(_) => DOCUMENTS.to_owned(),
        }
    }

    /// Describes a dataset.
    pub(crate) async fn dataset(&self, id: &str) -> Result<Dataset, Error> {
        match self {
            Self::Portal(portal) => portal.dataset(id).await,
            Self::Files(files) => Ok(files.dataset(id)),
            Self::Documents(documents) => {
                let described = documents.dataset(id);
                described.ok_or_else(|| Error::UnknownDataset {
                    id: id.to_owned(),
                    portal: DOCUMENTS.to_owned(),
                })
            }
        }
    }

    /// The documents, where they are what records come from.
    pub(crate) fn documents(&self) -> Option<&Documents> {
        match self {
            Self::Portal(_) | Self::Files(_) => None,
            Self::Documents(documents) => Some(documents),
        }
    }
}
