//! What records come from: a portal, files, documents that were read, or account balances that were retrieved.

use centime_portal::{Dataset, Error, Portal};

use centime_accounts::FiscalYear;
use centime_warehouse::Subject;

use crate::balances::Balances;
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
    /// Account balances that were retrieved, as the records of a subject.
    Balances(Balances, Subject),
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
            Self::Balances(balances, _) => balances.portal().base_url(),
        }
    }

    /// The host of the portal, or what the files are called, or [`DOCUMENTS`].
    pub(crate) fn host(&self) -> String {
        match self {
            Self::Portal(portal) => portal.host(),
            Self::Files(files) => files.files.label(),
            Self::Documents(_) => DOCUMENTS.to_owned(),
            Self::Balances(balances, _) => balances.portal().host(),
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
            Self::Balances(balances, _) => {
                let described = balances.dataset();
                described.ok_or_else(|| Error::UnknownDataset {
                    id: id.to_owned(),
                    portal: balances.portal().base_url().to_owned(),
                })
            }
        }
    }

    /// The portal that each retrieval asks, where there is one.
    pub(crate) fn portal(&self) -> Option<&Portal> {
        match self {
            Self::Portal(portal) => Some(portal),
            Self::Files(_) | Self::Documents(_) | Self::Balances(..) => None,
        }
    }

    /// The documents, where they are what records come from.
    pub(crate) fn documents(&self) -> Option<&Documents> {
        match self {
            Self::Portal(_) | Self::Files(_) | Self::Balances(..) => None,
            Self::Documents(documents) => Some(documents),
        }
    }

    /// Whether its records are those of official forms, which say where they are from.
    pub(crate) fn is_of_forms(&self) -> bool {
        matches!(self, Self::Documents(_) | Self::Balances(..))
    }

    /// Whether the statement of a year was computed from accounts, so that no line of it is printed.
    pub(crate) fn is_computed(&self, siret: &str, year: FiscalYear) -> bool {
        match self {
            Self::Portal(_) | Self::Files(_) => false,
            Self::Documents(documents) => documents.is_computed(siret, year),
            Self::Balances(..) => true,
        }
    }

    /// Whether accounts are kept whose chart is of no known family: those of one budget among many.
    pub(crate) fn keeps_unknown_charts(&self) -> bool {
        self.is_of_forms()
    }

    /// Says of each budget that was read why it is not published.
    pub(crate) fn left_out(&self) -> Vec<String> {
        match self {
            Self::Balances(balances, Subject::IncomeStatement) => balances.left_out(),
            _ => Vec::new(),
        }
    }
}
