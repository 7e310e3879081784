//! Official documents as a source: what was read of them becomes records, as a portal would send them, so that all
//! later steps are the same. Each record says from which line of which file it is.
//!
//! A *slice* is what is said of one year of one budget: its statement, its balance sheet, or its accounts. Of several documents that
//! say it, the fullest counts: a CFU before a compte administratif, and either before the column of the year before
//! that the next CFU prints. What was imported earlier stays beside what is imported now, unless it is the same slice.

mod accounts;
mod compare;
mod form;
mod packed;
mod records;
mod restated;
mod sheet;
mod witnesses;

use std::collections::BTreeMap;

use centime_accounts::{Chart, FiscalYear, Witness, identifier};
use centime_documents::{Document, DocumentKind};
use centime_portal::Dataset;
use centime_warehouse::Subject;
use serde::Deserialize;
use serde_json::json;

use crate::error::Error;
use crate::findings::Compared;
use packed::Packed;
use records::Made;
pub(crate) use records::of_balances as records_of_balances;
pub(crate) use records::of_unknown_chart as records_of_unknown_chart;
use restated::Restated;

pub use centime_warehouse::revision::DOCUMENTS;

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
    /// What the document of the next year prints for a slice.
    restated: BTreeMap<SliceKey, Restated>,
    /// The SIREN numbers of communes whose INSEE code a document says, by that code.
    communes: BTreeMap<String, String>,
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
#[derive(Clone, Debug)]
struct Slice {
    rank: Rank,
    file: String,
    records: Packed,
    /// Whether its statement was computed from accounts, and is not printed.
    is_computed: bool,
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

/// What a document says of a result besides its lines, and where.
pub(crate) struct DocumentWitness {
    pub siret: String,
    pub witness: Witness,
    pub file: String,
}

impl Documents {
    /// No documents yet. `nomenclature` is the chart of accounts of those that name none, as in `M57`.
    pub fn new(nomenclature: Option<String>) -> Self {
        Self {
            slices: BTreeMap::new(),
            restated: BTreeMap::new(),
            communes: BTreeMap::new(),
            nomenclature,
            left_out: Vec::new(),
        }
    }

    /// Says of each budget of a table why it has no statement though it was read: its chart of accounts is not known, or
    /// its balance not final.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Notes of a budget why it is not published.
    pub(crate) fn leave_out(&mut self, why: String) {
        self.left_out.push(why);
    }

    /// Adds what a document says.
    ///
    /// # Errors
    ///
    /// When its accounts cannot be understood, or another document says something else of the same year and budget.
    pub fn add(&mut self, document: &Document) -> Result<(), Error> {
        if let Some(unknown) = unknown_chart(document) {
            self.left_out.push(unknown);
            let made = Made {
                subject: Subject::AccountBalances,
                year: document.year,
                column: COLUMNS[0],
                records: records_of_unknown_chart(document)?,
            };
            return self.add_slice(document, &made);
        }
        if let Some(code) = &document.budget.insee {
            let siren = identifier::siren(&document.budget.siret);
            self.communes.insert(code.clone(), siren.to_owned());
        }
        for made in records::of(document, self.nomenclature.as_deref())? {
            self.add_slice(document, &made)?;
        }
        Ok(())
    }

    /// Adds a slice of a document, unless a fuller one says it.
    fn add_slice(&mut self, document: &Document, made: &Made) -> Result<(), Error> {
        let key = SliceKey {
            subject: made.subject,
            siret: document.budget.siret.clone(),
            year: made.year.get(),
        };
        let slice = Slice::new(
            Rank::of(document.kind, made.column),
            &document.file,
            &made.records,
        );
        if slice.rank == Rank::PreviousColumn {
            let shown = records::shown(&document.file);
            let restated = Restated::of_column(&shown, &made.records);
            self.restated.insert(key.clone(), restated);
        }
        let Some(known) = self.slices.get(&key) else {
            self.slices.insert(key, slice);
            return Ok(());
        };
        if known.rank < slice.rank {
            self.slices.insert(key, slice);
        } else if known.rank == slice.rank && !known.says_the_same(&slice) {
            return Err(two_documents(key, known, &slice));
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

    /// The SIREN numbers of communes whose INSEE code a document says, by that code.
    pub(crate) fn communes(&self) -> &BTreeMap<String, String> {
        &self.communes
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
            Subject::Aggregates => "agregats",
            Subject::AccountBalances => "comptes",
        }
    }

    /// Adds the records of what was imported before: all that is not said anew, or is said by a fuller document.
    /// Returns a sentence for each file that is not used because of one that is fuller.
    pub(crate) fn keep(&mut self, subject: Subject, records: Vec<String>) -> Vec<String> {
        let mut kept: BTreeMap<SliceKey, (Rank, String, Vec<String>)> = BTreeMap::new();
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
            let rank = Rank::of(kind, &origin.colonne);
            let (.., records) = kept
                .entry(key)
                .or_insert_with(|| (rank, origin.fichier, Vec::new()));
            records.push(record);
        }
        let mut unused = Vec::new();
        for (key, (rank, file, records)) in kept {
            if !self.restated.contains_key(&key) {
                let restated = if rank == Rank::PreviousColumn {
                    Some(Restated::of_column(&file, &records))
                } else {
                    Restated::beside(&records)
                };
                if let Some(restated) = restated {
                    self.restated.insert(key.clone(), restated);
                }
            }
            let records: Vec<String> = records.into_iter().map(restated::alone).collect();
            let slice = Slice::new(rank, &file, &records);
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

    /// The slices of a dataset, in the order of budgets and years.
    fn of_dataset<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a SliceKey, &'a Slice)> {
        self.slices
            .iter()
            .filter(move |(key, _)| Self::dataset_id(key.subject) == id)
    }

    /// The records of a dataset, unpacked slice by slice.
    pub(crate) fn records(&self, id: &str) -> impl Iterator<Item = String> + Send + use<> {
        let slices: Vec<(Packed, Option<Restated>)> = self
            .of_dataset(id)
            .map(|(key, slice)| (slice.records.clone(), self.beside(key, slice).cloned()))
            .collect();
        slices.into_iter().flat_map(|(packed, restated)| {
            let records = packed.texts();
            match restated {
                Some(restated) => restated.annotate(records),
                None => records,
            }
        })
    }

    /// What the document of the next year prints for a slice that has a document of its own.
    fn beside(&self, key: &SliceKey, slice: &Slice) -> Option<&Restated> {
        let restated = self.restated.get(key);
        restated.filter(|_| slice.rank > Rank::PreviousColumn)
    }

    /// The description of a dataset; `None` where there is no such dataset.
    pub(crate) fn dataset(&self, id: &str) -> Option<Dataset> {
        let many: usize = self
            .of_dataset(id)
            .map(|(_, slice)| slice.records.len())
            .sum();
        if many == 0 {
            return None;
        }
        let title = match Self::subject(id)? {
            Subject::IncomeStatement => "Comptes de résultat de documents officiels",
            Subject::BalanceSheet => "Bilans de documents officiels",
            Subject::Aggregates => "Agrégats de documents officiels",
            Subject::AccountBalances => "Comptes de documents officiels",
        };
        let described = json!({
            "dataset_id": id,
            "has_records": true,
            "metas": { "default": { "title": title, "records_count": many } },
        });
        Some(serde_json::from_value(described).expect("it is the description of a dataset"))
    }

    /// Whether the statement of a year was computed from accounts, so that no line of it is printed.
    pub(crate) fn is_computed(&self, siret: &str, year: FiscalYear) -> bool {
        let slice = self.slice(Subject::IncomeStatement, siret, year);
        slice.is_some_and(|slice| slice.is_computed)
    }

    /// The file that says the statement or the balance sheet of a year.
    pub(crate) fn file(&self, subject: Subject, siret: &str, year: FiscalYear) -> Option<String> {
        let slice = self.slice(subject, siret, year)?;
        Some(records::shown(&slice.file))
    }

    fn slice(&self, subject: Subject, siret: &str, year: FiscalYear) -> Option<&Slice> {
        let key = SliceKey {
            subject,
            siret: siret.to_owned(),
            year: year.get(),
        };
        self.slices.get(&key)
    }

    /// Looks at each slice of a subject, with the number of its first record among all.
    fn each_slice(
        &self,
        subject: Subject,
        mut look: impl FnMut(&SliceKey, &Slice, i64, &[String]),
    ) {
        let mut first = 1;
        for (key, slice) in self.of_dataset(Self::dataset_id(subject)) {
            let records = slice.records.texts();
            let records = match self.beside(key, slice) {
                Some(restated) => restated.annotate(records),
                None => records,
            };
            look(key, slice, first, &records);
            first += i64::try_from(records.len()).unwrap_or(i64::MAX);
        }
    }

    /// What the documents say of results besides the lines that are added and their balance sheets.
    pub(crate) fn witnesses(&self) -> Vec<DocumentWitness> {
        let mut found = Vec::new();
        self.each_slice(Subject::IncomeStatement, |key, slice, first, records| {
            let Ok(year) = FiscalYear::try_from(i64::from(key.year)) else {
                return;
            };
            for (number, record) in (first..).zip(records) {
                for of_record in witnesses::of_record(year, number, record) {
                    let file = of_record.file;
                    found.push(DocumentWitness {
                        siret: key.siret.clone(),
                        witness: of_record.witness,
                        file: file.unwrap_or_else(|| records::shown(&slice.file)),
                    });
                }
            }
        });
        found
    }

    /// Printed lines held against the accounts of the same documents, and against the documents of the next year.
    pub(crate) fn compared(&self) -> Compared {
        let mut compared = Compared::default();
        for subject in [Subject::IncomeStatement, Subject::BalanceSheet] {
            self.each_slice(subject, |key, _, _, records| {
                for record in records {
                    compared.record(&key.siret, key.year, record);
                }
            });
        }
        compared
    }
}

/// Why a balance that is not final is not published.
pub(crate) fn not_final(document: &Document) -> String {
    format!(
        "{} {}, SIRET {}: not published, because the balance is not final; --provisional takes it",
        document.budget.name,
        document.year.get(),
        document.budget.siret
    )
}

/// Why no statement follows from a budget of a table of many: its chart of accounts is of no known family. A document of
/// one budget is refused instead.
pub(crate) fn unknown_chart(document: &Document) -> Option<String> {
    let named = document.balances.as_ref()?.nomenclature.as_deref()?;
    let error = Chart::find(named, document.year).err()?;
    let budget = &document.budget;
    Some(format!(
        "{} {}, SIRET {}: its accounts are kept, and no statement follows from them, because {error}",
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
    fn new(rank: Rank, file: &str, records: &[String]) -> Self {
        Self {
            rank,
            file: file.to_owned(),
            records: Packed::new(records),
            is_computed: records.iter().any(|record| is_of_accounts(record)),
        }
    }

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
        let (own, others) = (self.records.texts(), other.records.texts());
        own.len() == others.len()
            && own
                .iter()
                .map(without_file)
                .eq(others.iter().map(without_file))
    }
}

/// Whether a record is of a line that was computed from accounts: a printed one has what they come to beside it.
fn is_of_accounts(record: &str) -> bool {
    #[derive(Deserialize)]
    struct Record {
        montant_des_comptes: Option<String>,
        #[serde(default)]
        comptes: BTreeMap<String, String>,
    }
    let record: Option<Record> = serde_json::from_str(record).ok();
    record.is_some_and(|record| record.montant_des_comptes.is_none() && !record.comptes.is_empty())
}
