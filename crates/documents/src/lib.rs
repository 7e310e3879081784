//! Readers of the official documents in which French public bodies render their accounts: bytes in, typed documents
//! out. Nothing is known here of databases and networks.
//!
//! | document | what it is | what is read of it |
//! |---|---|---|
//! | CFU (`DocCFU`) | *compte financier unique*, compulsory from the accounts of 2026 on | the printed income statement and balance sheet of two years, the execution by account |
//! | TOTEM (`DocBudgetaire`) | a budget document as it is sent to the prefecture | the execution by account, where it is a *compte administratif* |
//! | SCDL budget | the national schema of a budget as open data, a CSV table | the same |
//! | account balances | what the DGFiP publishes of every budget, a CSV table of many bodies | all accounts, their opening and closing balances |
//!
//! | module | knows |
//! |---|---|
//! | [`document`] | what a document says, whatever its form |
//! | [`error`] | why a document cannot be read, and where |
//! | `limits` | how much is taken of a document before it is refused |
//! | `text` | bytes as text, in the encoding that they are in, and the line that is being read |
//! | `table` | the rows of a table, each with its line |
//! | `format` | which form a file has, by its first bytes |
//! | `xml` | elements and their values, without entities of a document's own |
//! | `values` | years, amounts and numbers of bodies, with the line they stand in |
//! | `execution` | executed lines added up by account |
//! | `cfu`, `totem`, `scdl`, [`balances`] | the four forms |
//! | `files` | files, folders, archives and standard input |
//!
//! Documents are read as streams: lines of the execution are added up by account as they come, so that memory follows
//! the number of accounts and not the length of a file.

pub mod balances;
pub mod document;
pub mod error;

mod cfu;
mod execution;
mod files;
mod format;
mod limits;
mod scdl;
mod table;
mod text;
mod totem;
mod values;
mod xml;

pub use balances::{AccountLine, Wanted};
pub use document::{
    BalanceEntry, BudgetBalances, ChartName, Document, DocumentBudget, DocumentKind, Executed,
    ExecutedAccount, FunctionPart, Standing, StatementEntry, Witness, WitnessKind,
};
pub use error::{Error, Problem};
pub use files::{Input, read_inputs, read_inputs_of};
pub use limits::Limits;

use std::io::Read;

use flate2::read::MultiGzDecoder;

use format::{Format, Head};
use text::Text;
use xml::{Elements, Step};

/// Reads one file: the documents that it holds, which are several where a table has several years of a budget.
///
/// `name` is what the file is called in errors and in what is read.
///
/// # Errors
///
/// Where it is no such document, where it is one that is no account of a year, or where something in it cannot be
/// read: the error says what, in which line, and what to do.
pub fn read(input: impl Read, name: &str, limits: &Limits) -> Result<Vec<Document>, Error> {
    read_wanted(input, name, limits, &Wanted::default())
}

/// The same of some bodies only: rows of others in a table of account balances are skipped, and other documents that
/// are of none of them are left out.
///
/// # Errors
///
/// As [`read`]. That nothing of a body is in a file is none.
pub fn read_wanted(
    input: impl Read,
    name: &str,
    limits: &Limits,
    wanted: &Wanted,
) -> Result<Vec<Document>, Error> {
    match format::sniff(input).map_err(|error| Error::unreadable(name, &error))? {
        (Format::Gzip, head) => {
            let unpacked = format::sniff(MultiGzDecoder::new(head));
            let (format, head) = unpacked.map_err(|error| Error::unreadable(name, &error))?;
            read_plain(format, head, name, limits, wanted)
        }
        (format, head) => read_plain(format, head, name, limits, wanted),
    }
}

fn read_plain<R: Read>(
    format: Format,
    head: Head<R>,
    name: &str,
    limits: &Limits,
    wanted: &Wanted,
) -> Result<Vec<Document>, Error> {
    let mut documents = match format {
        Format::Xml => {
            let text = Text::xml(head, limits.bytes);
            let text = text.map_err(|problem| Error::of(name, 1, problem))?;
            let mut elements = Elements::new(text);
            let read = read_xml(&mut elements, name, limits);
            read.map(|document| vec![document])
                .map_err(|problem| Error::of(name, elements.line(), problem))
        }
        Format::Table => scdl::read(Text::table(head, limits.bytes), name, limits),
        Format::Balances => balances::read(Text::table(head, limits.bytes), name, limits, wanted),
        Format::Archive | Format::Gzip => Err(Error::whole(name, Problem::ArchiveInside)),
        Format::Other(what) => Err(Error::whole(name, Problem::NotADocument(what))),
    }?;
    documents.retain(|document| {
        let budget = &document.budget;
        wanted.takes(&budget.siret, budget.insee.as_deref(), &budget.name)
    });
    Ok(documents)
}

/// Hands over each row of a table of account balances, as a stream, of the bodies that are wanted.
///
/// # Errors
///
/// Where it is no such table, or a row cannot be read or does not close with what moved it; and what `taken` refuses.
pub fn each_account(
    input: impl Read,
    name: &str,
    limits: &Limits,
    wanted: &Wanted,
    taken: &mut dyn FnMut(AccountLine) -> Result<(), Problem>,
) -> Result<(), Error> {
    match format::sniff(input).map_err(|error| Error::unreadable(name, &error))? {
        (Format::Balances, head) => {
            balances::each_row(Text::table(head, limits.bytes), name, limits, wanted, taken)
        }
        (Format::Gzip, head) => {
            let head = Head::of(MultiGzDecoder::new(head));
            let head = head.map_err(|error| Error::unreadable(name, &error))?;
            balances::each_row(Text::table(head, limits.bytes), name, limits, wanted, taken)
        }
        _ => {
            let what = "not a table of account balances".to_owned();
            Err(Error::whole(name, Problem::NotADocument(what)))
        }
    }
}

/// Reads an XML document by the name of its first element.
fn read_xml<R: Read>(
    elements: &mut Elements<R>,
    name: &str,
    limits: &Limits,
) -> Result<Document, Problem> {
    if elements.next()? == Step::Eof {
        return Err(Problem::NotADocument("XML without any element".to_owned()));
    }
    match elements.name() {
        "CompteFinancierUnique" => cfu::read(elements, name, limits),
        "DocumentBudgetaire" => totem::read(elements, name, limits),
        root if root.eq_ignore_ascii_case("html") => {
            Err(Problem::NotADocument("a web page".to_owned()))
        }
        root => {
            let root = values::quoted(root);
            Err(Problem::NotADocument(format!(
                "XML of another kind, which begins with {root}"
            )))
        }
    }
}
