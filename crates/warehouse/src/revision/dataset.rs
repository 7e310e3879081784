//! The datasets that a revision was made from.

use sqlx::FromRow;

use crate::engine::Query;
use crate::stored::{Read, stored_words};
use crate::{Result, Warehouse};

/// What a dataset is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// *Compte de résultat*.
    IncomeStatement,
    /// *Bilan*.
    BalanceSheet,
    /// *Balance des comptes*: what each account held and what moved it.
    AccountBalances,
}

/// How the records of a dataset were retrieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetrievalMethod {
    /// As an export of the portal, in lines of JSON.
    Export,
    /// As an export of the portal, in CSV.
    Csv,
    /// Page by page.
    Records,
    /// From official documents.
    Documents,
}

/// The dataset a revision was made from.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Dataset {
    /// What it is about.
    #[sqlx(try_from = "Read<Subject>")]
    pub subject: Subject,
    /// The identifier on the portal.
    pub dataset_id: String,
    /// The title on the portal.
    pub title: String,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The name of the licence.
    pub license: Option<String>,
    /// The address of the licence.
    pub license_url: Option<String>,
    /// How many records were retrieved.
    pub records: i64,
    /// When the portal last processed the data, as it says.
    pub data_processed: Option<String>,
    /// When the publisher last changed the data, as the portal says.
    pub modified: Option<String>,
    /// When it was retrieved, in RFC 3339 and UTC.
    pub retrieved_at: String,
    /// How.
    #[sqlx(try_from = "Read<RetrievalMethod>")]
    pub retrieved_via: RetrievalMethod,
    /// The SHA-256 of its records, whatever their order.
    pub content_hash: String,
    /// Which records were asked for, as a condition in ODSQL; `None` for all of them.
    pub filter: Option<String>,
    /// How its records were read, as in the configuration; `None` where nothing was set.
    pub reading: Option<String>,
}

stored_words! {
    Subject = "a subject of a dataset" {
        IncomeStatement = "income_statement",
        BalanceSheet = "balance_sheet",
        AccountBalances = "account_balances",
    }
    RetrievalMethod = "a way in which records are retrieved" {
        Export = "export",
        Csv = "csv",
        Records = "records",
        Documents = "documents",
    }
}

impl Warehouse {
    /// The datasets a revision was made from.
    pub async fn datasets(&self, revision: i64) -> Result<Vec<Dataset>> {
        let query = Query::new(
            "SELECT * FROM ops.dataset WHERE revision_id = $1
             ORDER BY CASE subject WHEN 'income_statement' THEN 0 WHEN 'balance_sheet' THEN 1 ELSE 2 END",
        )
        .bind(revision);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }
}
