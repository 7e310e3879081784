//! A database in a folder of its own, and runs against simulated portals.

use std::time::Duration;

use centime_accounts::Centimes;
use centime_analytics::columns;
use centime_pipeline::{AcceptedChanges, Edition, Error, Policy, Progress, Summary};
use centime_portal::{Limits, Portal, RetryPolicy, Timeouts};
use centime_portal_sim::{Running, SimDataset, Simulator};
use centime_test_database::Prepared;
use centime_warehouse::{Basis, Cell, Table};
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use tempfile::TempDir;

pub const STATEMENT_DESCRIPTION: &str =
    include_str!("../../../portal-sim/sample/compte-de-resultat/dataset.json");
pub const STATEMENT: &str =
    include_str!("../../../portal-sim/sample/compte-de-resultat/records.jsonl");
pub const BALANCE_DESCRIPTION: &str =
    include_str!("../../../portal-sim/sample/bilan-comptable/dataset.json");
pub const BALANCE: &str = include_str!("../../../portal-sim/sample/bilan-comptable/records.jsonl");

/// What the accounts of Paris were published to come to, in centimes, and what a plain script
/// makes of the sample edition. 2018 cannot be computed.
pub const RESULTS: [(i64, Option<i64>, i64, i64); 9] = [
    (2016, Some(21_103_749_668), 21_103_749_668, 31_887_310_681),
    (2017, Some(18_865_531_434), 18_865_531_434, 30_514_295_622),
    (2018, None, 36_490_324_045, -213_191_821_166),
    (2019, Some(39_584_564_009), 39_584_564_009, -383_206_546_189),
    (
        2020,
        Some(-23_685_905_406),
        -23_685_905_406,
        -457_193_575_690,
    ),
    (2021, Some(4_451_299_787), 4_451_299_787, -427_010_173_645),
    (2022, Some(14_903_104_184), 14_903_104_184, -426_692_083_980),
    (2023, Some(32_527_362_259), 32_527_362_259, -434_007_863_158),
    (
        2024,
        Some(-23_113_922_049),
        -23_113_922_049,
        -492_138_663_746,
    ),
];

/// Year, leaf result, published result and naive result, in centimes.
pub type Year = (i64, Option<i64>, Option<i64>, Option<i64>);

pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str) {}
    fn restarting(&self, _: &str, _: &str) {}
}

/// The tables of this version, which each test begins with.
static TABLES: Prepared = Prepared::new();

async fn make_tables(address: &str) {
    let url: DatabaseUrl = address.parse().expect("an address");
    let warehouse = Warehouse::open(&url, OpenMode::Write).await;
    warehouse.expect("a database").close().await;
}

/// A database.
pub struct Bench {
    _folder: TempDir,
    pub address: String,
    pub warehouse: Warehouse,
}

impl Bench {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = TABLES.copy(folder.path(), make_tables).await;
        Self::open(folder, address).await
    }

    /// A database that is there already.
    pub async fn at(address: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::open(folder, address.to_owned()).await
    }

    async fn open(folder: TempDir, address: String) -> Self {
        let url: DatabaseUrl = address.parse().expect("an address");
        let warehouse = Warehouse::open(&url, OpenMode::Write)
            .await
            .expect("a database");
        Self {
            _folder: folder,
            address,
            warehouse,
        }
    }

    pub async fn run(&self, portal: &Running) -> Result<Summary, Error> {
        self.run_with(portal, false).await
    }

    pub async fn run_with(&self, portal: &Running, accept: bool) -> Result<Summary, Error> {
        let accepted = if accept {
            AcceptedChanges::ALL
        } else {
            AcceptedChanges::NONE
        };
        self.run_accepting(portal, accepted).await
    }

    pub async fn run_accepting(
        &self,
        portal: &Running,
        accept_changes: AcceptedChanges,
    ) -> Result<Summary, Error> {
        self.run_source(&source(&portal.url()), accept_changes)
            .await
    }

    /// A run on any source.
    pub async fn run_source(
        &self,
        source: impl Into<Edition>,
        accept_changes: AcceptedChanges,
    ) -> Result<Summary, Error> {
        let models = centime_analytics::models();
        let policy = Policy {
            keep: 3,
            accept_changes,
        };
        centime_pipeline::run(source, &self.warehouse, &models, policy, &Silent).await
    }

    /// The published rows of an analysis.
    pub async fn table(&self, analysis: &str, basis: Basis) -> Table {
        let revision = self.warehouse.current().await.expect("a revision");
        let analysis = centime_analytics::by_name(analysis).expect("an analysis");
        self.warehouse
            .mart(&analysis.model, revision.id, &self.siren().await, basis)
            .await
            .expect("a mart")
    }

    /// The SIREN number of the only public body.
    pub async fn siren(&self) -> String {
        let revision = self.warehouse.current().await.expect("a revision");
        let only = self.warehouse.only_body(revision.id).await;
        only.expect("bodies").expect("one body").siren
    }

    /// All published rows of all analyses.
    pub async fn everything(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        for analysis in centime_analytics::ANALYSES {
            for basis in Basis::ALL {
                tables.push(self.table(&analysis.name(), basis).await);
            }
        }
        tables
    }

    /// The results of each published year.
    pub async fn results(&self) -> Vec<Year> {
        let table = self.table("reconciliation", Basis::Leaf).await;
        let amount = |row: &[Cell], column| table.cell(row, column).amount().map(Centimes::get);
        let result = |row: &Vec<Cell>| {
            let year = table.cell(row, columns::FISCAL_YEAR).year();
            (
                year.expect("a year").into(),
                amount(row, columns::LEAF_RESULT),
                amount(row, columns::PUBLISHED_RESULT),
                amount(row, columns::NAIVE_RESULT),
            )
        };
        table.rows.iter().map(result).collect()
    }

    /// The statuses of the published years.
    pub async fn statuses(&self) -> Vec<String> {
        let table = self.table("reconciliation", Basis::Leaf).await;
        let status = |row: &Vec<Cell>| {
            table
                .cell(row, columns::STATUS)
                .text()
                .expect("one")
                .to_owned()
        };
        table.rows.iter().map(status).collect()
    }
}

/// The sample's results as [`Bench::results`] gives them.
pub fn expected() -> Vec<Year> {
    RESULTS
        .map(|(year, leaf, published, naive)| (year, leaf, Some(published), Some(naive)))
        .to_vec()
}

pub fn portal_at(url: &str) -> Portal {
    Portal::builder(url)
        .retry(RetryPolicy {
            max_attempts: 4,
            base_delay: Duration::from_millis(1),
            max_delay: Duration::from_secs(5),
        })
        .timeouts(Timeouts {
            connect: Duration::from_secs(2),
            first_byte: Duration::from_millis(500),
            idle: Duration::from_secs(2),
        })
        .limits(Limits {
            window: Duration::from_secs(2),
            ..Limits::default()
        })
        .build()
        .expect("a portal")
}

pub fn source(url: &str) -> Edition {
    let portal = portal_at(url);
    Edition::of_portal(&portal, "compte-de-resultat", Some("bilan-comptable"), None)
}

pub async fn serve(simulator: Simulator) -> Running {
    simulator.bind("127.0.0.1:0").await.expect("a portal")
}

/// A portal with these records of an income statement, and the sample's balance sheet.
pub async fn portal_with(statement: &str) -> Running {
    serve(Simulator::from_datasets(vec![
        statement_of(statement),
        balance(),
    ]))
    .await
}

/// An income statement that is not the sample edition.
pub fn statement_of(records: &str) -> SimDataset {
    SimDataset::from_texts(&official(STATEMENT_DESCRIPTION), records).expect("a dataset")
}

pub fn balance() -> SimDataset {
    SimDataset::from_texts(&official(BALANCE_DESCRIPTION), BALANCE).expect("a dataset")
}

/// A description without the mark of the sample edition.
fn official(description: &str) -> String {
    description
        .replace("\"sample_edition\": true", "\"sample_edition\": false")
        .replace("Centime (sample edition)", "Mairie de Paris")
}
