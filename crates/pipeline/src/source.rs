//! Where a run reads from.

use std::collections::BTreeMap;

use centime_accounts::Body;
use centime_portal::Dataset;
use centime_warehouse::Subject;

use crate::documents::Documents;
use crate::error::Error;
use crate::field_names::{optional, required};
use crate::reading::Reading;
use crate::transport::Transport;

/// Where a run reads from.
#[derive(Clone, Debug)]
pub struct Source {
    /// What records come from.
    pub transport: Transport,
    /// The dataset with the income statement.
    pub income_statement: String,
    /// The dataset with the balance sheet, if there is to be one.
    pub balance_sheet: Option<String>,
    /// Fields named outright: our name and the portal's, for each subject.
    pub fields: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// How the dataset of each subject is asked for and read, where that is set.
    pub readings: BTreeMap<&'static str, Reading>,
    /// The public body, where it is not to be found from the portal.
    pub body: Option<BodyName>,
}

/// A public body as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyName {
    /// The SIREN number, or the SIRET number of a budget; empty when not known.
    pub siren: String,
    /// The name.
    pub name: String,
}

/// The names by which the configuration may name fields of a subject.
pub fn field_names(subject: Subject) -> impl Iterator<Item = &'static str> {
    let fields = required(subject).iter().chain(optional(subject));
    fields.map(|field| field.key)
}

impl Source {
    /// Official documents that were read.
    pub fn of_documents(documents: Documents) -> Self {
        Self {
            transport: Transport::Documents(documents),
            income_statement: Documents::dataset_id(Subject::IncomeStatement).to_owned(),
            balance_sheet: Some(Documents::dataset_id(Subject::BalanceSheet).to_owned()),
            fields: BTreeMap::new(),
            readings: BTreeMap::new(),
            body: None,
        }
    }

    /// The description of the balance sheet; `None` where the portal has none.
    pub(crate) async fn balance_sheet(&self) -> Result<Option<Dataset>, Error> {
        let Some(id) = &self.balance_sheet else {
            return Ok(None);
        };
        match self.transport.dataset(id).await {
            Err(centime_portal::Error::UnknownDataset { .. }) => Ok(None),
            described => Ok(Some(described?)),
        }
    }

    /// The description of the balances of accounts; `None` where there is no such dataset.
    pub(crate) async fn account_balances(&self) -> Result<Option<Dataset>, Error> {
        if self.transport.documents().is_none() {
            return Ok(None);
        }
        let id = Documents::dataset_id(Subject::AccountBalances);
        match self.transport.dataset(id).await {
            Err(centime_portal::Error::UnknownDataset { .. }) => Ok(None),
            described => Ok(Some(described?)),
        }
    }

    /// The public body of a dataset whose records name none.
    pub(crate) fn default_body(&self, statement: &Dataset) -> BodyName {
        let known = Body::find(&self.transport.host(), statement.publisher());
        match (&self.body, known) {
            (Some(named), _) => named.clone(),
            (None, Some(known)) => BodyName {
                siren: known.siren.clone(),
                name: known.name.clone(),
            },
            (None, None) => BodyName {
                siren: String::new(),
                name: statement
                    .publisher()
                    .map_or_else(|| self.transport.host(), str::to_owned),
            },
        }
    }
}
