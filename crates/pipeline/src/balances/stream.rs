//! Budgets of several files, each ordered by budget, as records of one subject: one budget with all its years after the
//! other.

use std::iter::Peekable;

use centime_accounts::BodyKind;
use centime_documents::balances::Gatherer;
use centime_documents::{AccountLine, Document, DocumentKind};
use centime_portal::Record;
use centime_warehouse::Subject;

use super::Retrieved;
use super::columns::at;
use super::download::Download;
use crate::documents::{not_final, records_of_balances, records_of_unknown_chart, unknown_chart};
use crate::error::Error;

type Rows<'a> = Peekable<Box<dyn Iterator<Item = Result<AccountLine, Error>> + 'a>>;

/// Hands over the records of a subject, until no more are taken. What is left out is noted when statements are read.
pub fn read(
    retrieved: &Retrieved,
    downloads: &[Download],
    subject: Subject,
    taken: &mut dyn FnMut(String) -> bool,
    note: &mut dyn FnMut(String),
) -> Result<(), Error> {
    let mut files: Vec<(&Download, Rows<'_>)> = Vec::new();
    for download in downloads {
        files.push((download, rows(download)?));
    }
    let mut last = String::new();
    while let Some(siret) = next(&mut files)? {
        if siret < last {
            let (download, _) = &files[0];
            return Err(Error::Scattered {
                dataset: download.dataset.dataset_id.clone(),
                siren: siret,
            });
        }
        for document in budget(&mut files, &siret)? {
            let records = match retrieved.leaves_out(&document) {
                None => records_of_balances(&document, subject)?,
                Some(LeavesOut::Accounts(_)) if subject == Subject::AccountBalances => {
                    records_of_unknown_chart(&document)?
                }
                Some(LeavesOut::Accounts(why) | LeavesOut::All(why)) => {
                    if subject == Subject::IncomeStatement {
                        note(why);
                    }
                    continue;
                }
            };
            for record in records {
                if !taken(record) {
                    return Ok(());
                }
            }
        }
        last = siret;
    }
    Ok(())
}

/// What is not published of a budget's year, and why.
enum LeavesOut {
    /// Nothing of it is.
    All(String),
    /// Its accounts are kept, and nothing follows from them.
    Accounts(String),
}

impl Retrieved {
    /// What is not published of a budget's year; `None` where all of it is.
    fn leaves_out(&self, document: &Document) -> Option<LeavesOut> {
        if document.kind == DocumentKind::ProvisionalBalances && !self.provisional {
            return Some(LeavesOut::All(not_final(document)));
        }
        unknown_chart(document).map(LeavesOut::Accounts)
    }
}

/// The rows of a file.
fn rows(download: &Download) -> Result<Rows<'_>, Error> {
    let id = download.dataset.dataset_id.as_str();
    let rows = (1_u64..).zip(download.lines()?).map(move |(number, line)| {
        let record = Record::parse(&line?, number).map_err(|reason| {
            Error::from(centime_portal::Error::Malformed {
                record: number,
                reason,
            })
        })?;
        let read = download.fields.read(record.fields()?, number);
        read.map_err(|problem| at(id, Some(number), problem))
    });
    let rows: Box<dyn Iterator<Item = Result<AccountLine, Error>> + '_> = Box::new(rows);
    Ok(rows.peekable())
}

/// The budget that comes next in any of the files.
fn next(files: &mut [(&Download, Rows<'_>)]) -> Result<Option<String>, Error> {
    let mut first: Option<String> = None;
    for (_, rows) in files {
        match rows.peek() {
            Some(Ok(line)) if first.as_ref().is_none_or(|known| line.siret < *known) => {
                first = Some(line.siret.clone());
            }
            None | Some(Ok(_)) => {}
            Some(Err(_)) => {
                if let Some(Err(error)) = rows.next() {
                    return Err(error);
                }
            }
        }
    }
    Ok(first)
}

/// The years of a budget, in their order.
fn budget(files: &mut [(&Download, Rows<'_>)], siret: &str) -> Result<Vec<Document>, Error> {
    let mut documents: Vec<Document> = Vec::new();
    for (download, rows) in files {
        let id = download.dataset.dataset_id.as_str();
        let kind = kind_of(id);
        let mut gatherer = Gatherer::default();
        let is_of_it =
            |line: &Result<AccountLine, Error>| line.as_ref().is_ok_and(|line| line.siret == siret);
        while let Some(line) = rows.next_if(is_of_it) {
            let line = line?;
            let number = line.line;
            let added = gatherer.add(line);
            added.map_err(|problem| at(id, Some(number), problem))?;
        }
        let mut of_dataset = gatherer.documents(id)?;
        for document in &mut of_dataset {
            let budget = &mut document.budget;
            budget.body_kind = budget.body_kind.or(kind);
        }
        documents.extend(of_dataset);
    }
    documents.sort_by_key(|document| document.year);
    let mut pairs = documents.iter().zip(documents.iter().skip(1));
    if let Some((one, other)) = pairs.find(|(one, other)| one.year == other.year) {
        return Err(Error::TwoDocuments {
            siret: siret.to_owned(),
            year: one.year.get(),
            one: one.file.clone(),
            other: other.file.clone(),
        });
    }
    Ok(documents)
}

/// What the bodies of a dataset are, by its name, where they are of one kind: columns that say it are not in all years.
fn kind_of(dataset: &str) -> Option<BodyKind> {
    let kinds = [
        ("balances-comptables-des-communes", BodyKind::Commune),
        (
            "balances-comptables-des-departements",
            BodyKind::Departement,
        ),
        ("balances-comptables-des-regions", BodyKind::Region),
        ("balances-comptables-des-groupements", BodyKind::Grouping),
    ];
    let found = kinds.iter().find(|(start, _)| dataset.starts_with(start));
    found.map(|(_, kind)| *kind)
}
