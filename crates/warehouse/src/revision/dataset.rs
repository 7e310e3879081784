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
    /// *Agrégats*: control totals, and how many inhabitants there are.
    Aggregates,
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
    /// From files, as a portal exports them.
    Files,
}

/// A dataset that a revision was made from. There may be several of a subject.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Dataset {
    /// What it is about.
    #[sqlx(try_from = "Read<Subject>")]
    pub subject: Subject,
    /// Its place among the datasets of its subject, from 1.
    pub source: i64,
    /// The number of its first record among those of its subject, which are numbered through all of its datasets.
    pub first_record: i64,
    /// What the configuration calls its source; `None` where it has no name.
    pub name: Option<String>,
    /// The address of its portal, or what records come from instead.
    pub portal: String,
    /// Whether its figures are invented.
    pub sample: bool,
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
        Aggregates = "aggregates",
        AccountBalances = "account_balances",
    }
    RetrievalMethod = "a way in which records are retrieved" {
        Export = "export",
        Csv = "csv",
        Records = "records",
        Documents = "documents",
        Files = "files",
    }
}

impl Warehouse {
    /// The datasets a revision was made from.
    pub async fn datasets(&self, revision: i64) -> Result<Vec<Dataset>> {
        let query = Query::new(
            "SELECT * FROM ops.dataset WHERE revision_id = $1
             ORDER BY CASE subject
                 WHEN 'income_statement' THEN 0 WHEN 'balance_sheet' THEN 1 WHEN 'account_balances' THEN 2 ELSE 3 END, source",
        )
        .bind(revision);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// Those of the datasets of a revision that have records of a body.
    pub async fn datasets_of(
        &self,
        revision: i64,
        siren: &str,
        datasets: &[Dataset],
    ) -> Result<Vec<Dataset>> {
        if datasets.iter().all(|dataset| dataset.source == 1) {
            return Ok(datasets.to_vec());
        }
        let query = Query::new(
            "SELECT subject, first_record FROM raw.record_block
             WHERE revision_id = $1 AND siren = $2",
        )
        .bind(revision)
        .bind(siren);
        let found: sqlx::Result<Vec<BlockOfBody>> = self.engine.all(query).await;
        let found = found.map_err(|error| self.failed(error))?;
        let from =
            |block: &BlockOfBody| Dataset::of_record(datasets, block.subject, block.first_record);
        let used: Vec<&Dataset> = found.iter().filter_map(from).collect();
        let of_body = datasets.iter().filter(|dataset| used.contains(dataset));
        Ok(of_body.cloned().collect())
    }
}

/// Where records of a body are.
#[derive(FromRow)]
struct BlockOfBody {
    #[sqlx(try_from = "Read<Subject>")]
    subject: Subject,
    first_record: i64,
}

impl Dataset {
    /// The dataset that the record of a number is from.
    pub fn of_record(datasets: &[Self], subject: Subject, record: i64) -> Option<&Self> {
        let before = datasets
            .iter()
            .filter(|dataset| dataset.subject == subject && dataset.first_record <= record);
        before.max_by_key(|dataset| dataset.first_record)
    }

    /// The number that a record has in its dataset alone, by its number among those of its subject.
    pub const fn own_number(&self, record: i64) -> i64 {
        record - self.first_record + 1
    }
}
