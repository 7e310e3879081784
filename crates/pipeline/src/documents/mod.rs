//! Official documents as a source: what was read of them becomes records, as a portal would send them, so that all
//! later steps are the same. Each record says from which line of which file it is.
//!
//! A *slice* is what is said of one year of one budget: its statement, its balance sheet, or its accounts. Of several documents that
//! say it, the fullest counts: a CFU before a compte administratif, and either before the column of the year before
//! that the next CFU prints. What was imported earlier stays beside what is imported now, unless it is the same slice.

mod compare;
mod records;
mod sheet;

use std::collections::BTreeMap;

use centime_accounts::Chart;
use centime_documents::{Document, DocumentKind};
use centime_portal::Dataset;
use centime_warehouse::Subject;
use serde::Deserialize;
use serde_json::json;

use crate::error::Error;
use crate::findings::Compared;

/// What a revision says of where it came from, instead of the address of a portal.
pub const DOCUMENTS: &str = "documents";

/// What documents say, each in a dataset of its own.
pub(crate) const SUBJECTS: [Subject; 3] = [
    Subject::IncomeStatement,
    Subject::BalanceSheet,
    Subject::AccountBalances,
];

/// Documents that were read, as the datasets of a portal would be.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    slices: BTreeMap<SliceKey, Slice>,
    nomenclature: Option<String>,
    left_out: Vec<String>,
}

/// What a slice is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SliceKey {
    subject: Subject,
    siret: String,
    year: u16,
}

/// What one document says of a slice.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slice {
    rank: Rank,
    file: String,
    /// JSON texts.
    records: Vec<String>,
}

/// How full what a document says of a slice is, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A balance that is not final.
    ProvisionalBalances,
    /// The column of the year before, in a CFU of the next year.
    PreviousColumn,
    Table,
    AdministrativeAccount,
    AccountBalances,
    UnifiedAccount,
}

/// The column of the year of a document, and that of the year before.
const COLUMNS: [&str; 2] = ["N", "N-1"];

impl Rank {
    fn of(kind: DocumentKind, column: &str) -> Self {
        if column == COLUMNS[1] {
            return Self::PreviousColumn;
        }
        match kind {
            DocumentKind::ProvisionalBalances => Self::ProvisionalBalances,
            DocumentKind::AccountBalances => Self::AccountBalances,
            DocumentKind::BudgetTable => Self::Table,
            DocumentKind::AdministrativeAccount => Self::AdministrativeAccount,
            DocumentKind::UnifiedAccount => Self::UnifiedAccount,
        }
    }
}

/// What a record says of its slice.
#[derive(Deserialize)]
struct Origin {
    siret: String,
    exercice: u16,
    document: String,
    colonne: String,
    fichier: String,
}

impl Documents {
    /// No documents yet. `nomenclature` is the chart of accounts of those that name none, as in `M57`.
    pub fn new(nomenclature: Option<String>) -> Self {
        Self {
            slices: BTreeMap::new(),
            nomenclature,
            left_out: Vec::new(),
        }
    }

    /// Says of each budget of a table why it is not published though it was read: its chart of accounts is not known.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Adds what a document says.
    ///
    /// # Errors
    ///
    /// When its accounts cannot be understood, or another document says something else of the same year and budget.
    pub fn add(&mut self, document: &Document) -> Result<(), Error> {
        if let Some(unknown) = unknown_chart(document) {
            self.left_out.push(unknown);
            return Ok(());
        }
        for made in records::of(document, self.nomenclature.as_deref())? {
            let key = SliceKey {
                subject: made.subject,
                siret: document.budget.siret.clone(),
                year: made.year.get(),
            };
            let slice = Slice {
                rank: Rank::of(document.kind, made.column),
                file: document.file.clone(),
                records: made.records,
            };
            let Some(known) = self.slices.get(&key) else {
                self.slices.insert(key, slice);
                continue;
            };
            if known.rank < slice.rank {
                self.slices.insert(key, slice);
            } else if known.rank == slice.rank && !known.says_the_same(&slice) {
                return Err(two_documents(key, known, &slice));
            }
        }
        Ok(())
    }

    /// Settles which of two sources of documents says each slice: the fuller document, or the earlier source where both
    /// say the same.
    ///
    /// # Errors
    ///
    /// When two documents that are as full say something else.
    pub(crate) fn settle(&mut self, later: &mut Self) -> Result<(), Error> {
        let both: Vec<SliceKey> = self
            .slices
            .keys()
            .filter(|key| later.slices.contains_key(key))
            .cloned()
            .collect();
        for key in both {
            let (one, other) = (&self.slices[&key], &later.slices[&key]);
            if one.rank < other.rank {
                self.slices.remove(&key);
            } else if one.rank > other.rank || one.says_the_same(other) {
                later.slices.remove(&key);
            } else {
                return Err(two_documents(key, one, other));
            }
        }
        Ok(())
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// The dataset of a subject; empty where there is to be none.
    pub(crate) fn dataset_id(subject: Subject) -> &'static str {
        match subject {
            Subject::IncomeStatement => "compte-de-resultat",
            Subject::BalanceSheet => "bilan",
            Subject::AccountBalances => "comptes",
        }
    }

    /// Adds the records of what was imported before: all that is not said anew, or is said by a fuller document.
    /// Returns a sentence for each file that is not used because of one that is fuller.
    pub(crate) fn keep(&mut self, subject: Subject, records: Vec<String>) -> Vec<String> {
        let mut kept: BTreeMap<SliceKey, Slice> = BTreeMap::new();
        for record in records {
            // What is no record of a document was not imported, and stays where it is.
            let Ok(origin) = serde_json::from_str::<Origin>(&record) else {
                continue;
            };
            let kind = DocumentKind::ALL
                .into_iter()
                .find(|kind| kind.name() == origin.document);
            let Some(kind) = kind else {
                continue;
            };
            let key = SliceKey {
                subject,
                siret: origin.siret,
                year: origin.exercice,
            };
            let slice = kept.entry(key).or_insert_with(|| Slice {
                rank: Rank::of(kind, &origin.colonne),
                file: origin.fichier,
                records: Vec::new(),
            });
            slice.records.push(record);
        }
        let mut unused = Vec::new();
        for (key, slice) in kept {
            match self.slices.get(&key) {
                Some(new) if new.rank >= slice.rank => continue,
                // What a column says of the year before was only to fill a gap.
                Some(new) if new.rank != Rank::PreviousColumn => unused.push(format!(
                    "{} is not used for {} of the budget {}: {}, imported before, is the fuller document",
                    new.file, key.year, key.siret, slice.file
                )),
                _ => {}
            }
            self.slices.insert(key, slice);
        }
        unused
    }

    fn subject(id: &str) -> Option<Subject> {
        let mut subjects = SUBJECTS.into_iter();
        subjects.find(|subject| Self::dataset_id(*subject) == id)
    }

    /// The records of a dataset, in the order of budgets and years; `None` where there is no such dataset.
    pub(crate) fn records(&self, id: &str) -> Option<Vec<String>> {
        let subject = Self::subject(id)?;
        let of_subject = self.slices.iter().filter(|(key, _)| key.subject == subject);
        let records: Vec<String> = of_subject
            .flat_map(|(_, slice)| slice.records.iter().cloned())
            .collect();
        (!records.is_empty()).then_some(records)
    }

    /// The description of a dataset; `None` where there is no such dataset.
    pub(crate) fn dataset(&self, id: &str) -> Option<Dataset> {
        let many = self.records(id)?.len();
        let title = match Self::subject(id)? {
            Subject::IncomeStatement => "Comptes de résultat de documents officiels",
            Subject::BalanceSheet => "Bilans de documents officiels",
            Subject::AccountBalances => "Comptes de documents officiels",
        };
        let described = json!({
            "dataset_id": id,
            "has_records": true,
            "metas": { "default": { "title": title, "records_count": many } },
        });
        Some(serde_json::from_value(described).expect("it is the description of a dataset"))
    }

    /// Printed lines held against the accounts of the same documents.
    pub(crate) fn compared(&self) -> Compared {
        let mut compared = Compared::default();
        let is_statement = |key: &SliceKey| key.subject == Subject::IncomeStatement;
        for (key, slice) in self.slices.iter().filter(|(key, _)| is_statement(key)) {
            for record in &slice.records {
                compared.record(&key.siret, key.year, record);
            }
        }
        compared
    }
}

/// Why a budget of a table of many is not published: its chart of accounts is of no known family. A document of one
/// budget is refused instead.
fn unknown_chart(document: &Document) -> Option<String> {
    let named = document.balances.as_ref()?.nomenclature.as_deref()?;
    let error = Chart::find(named, document.year).err()?;
    let budget = &document.budget;
    Some(format!(
        "{} {}, SIRET {}: not published, because {error}",
        budget.name,
        document.year.get(),
        budget.siret
    ))
}

fn two_documents(key: SliceKey, one: &Slice, other: &Slice) -> Error {
    Error::TwoDocuments {
        siret: key.siret,
        year: key.year,
        one: one.file.clone(),
        other: other.file.clone(),
    }
}

impl Slice {
    /// Whether another one has the same records, from whichever file.
    fn says_the_same(&self, other: &Self) -> bool {
        let without_file = |record: &String| {
            let mut record: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(record).unwrap_or_default();
            for name in ["fichier", "ligne"] {
                record.remove(name);
            }
            record
        };
        self.records.len() == other.records.len()
            && self
                .records
                .iter()
                .map(without_file)
                .eq(other.records.iter().map(without_file))
    }
}
