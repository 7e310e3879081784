//! Why a document cannot be read, and where.

use std::fmt;
use std::io;

/// Why a document cannot be read: the file, the line where it is known, and the problem.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    /// The file.
    pub file: String,
    /// The line, from 1; `None` where it is about the whole file.
    pub line: Option<u64>,
    /// What is wrong, and what to do.
    pub problem: Problem,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl Error {
    /// A problem in a line.
    pub(crate) fn of(file: &str, line: u64, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(line),
            problem,
        }
    }

    /// A problem of the whole file.
    pub(crate) fn whole(file: &str, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            problem,
        }
    }

    /// A file that the system does not give.
    pub(crate) fn unreadable(file: &str, error: &io::Error) -> Self {
        Self::whole(file, Problem::Unreadable(error.to_string()))
    }

    /// Whether the file could not be had at all, unlike one that says something wrong.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.problem, Problem::Unreadable(_) | Problem::NoFiles)
    }
}

/// What is wrong with a document, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The system does not give it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// A folder or an archive without documents.
    #[error(
        "there is no document in it: expected files that end with .xml, .csv or .zip, or with .gz after that"
    )]
    NoFiles,
    /// Something else altogether.
    #[error(
        "this is {0}, not an account of a public body: give the XML file of a compte financier unique or of a compte administratif (TOTEM), a budget table of the SCDL schema, or account balances of the DGFiP (CSV)"
    )]
    NotADocument(String),
    /// An archive in an archive.
    #[error("it is an archive within an archive: unpack it, and give the files or the folder")]
    ArchiveInside,
    /// A file of an archive that cannot be unpacked.
    #[error("the archive cannot be unpacked: {0}; make it anew, or give the files themselves")]
    Archive(String),
    /// More than is taken.
    #[error("it has more than {0}, which no account has; nothing of it was kept")]
    TooMuch(String),
    /// The bytes are not text of the encoding that they are said to be in.
    #[error(
        "the bytes are not {0}, the encoding that the document declares: save it again in the encoding that its first line names"
    )]
    Encoding(String),
    /// An encoding that is not known.
    #[error("the encoding «{0}» is not known: save the document as UTF-8 or ISO-8859-1")]
    UnknownEncoding(String),
    /// A file whose letters are of two encodings.
    #[error("some letters are UTF-8 and others are not: save it again, all of it in one encoding")]
    MixedEncodings,
    /// It is not XML.
    #[error("this is not XML: {0}; the document was damaged, so get it anew from who made it")]
    Xml(String),
    /// It ends too soon.
    #[error("the document ends within <{0}>: it was cut, so get the whole of it")]
    Truncated(String),
    /// A document type declaration.
    #[error(
        "the document has a DOCTYPE, which official documents have not and which could make a program read other files or fill its memory: take the line out if you trust the rest"
    )]
    DocumentType,
    /// A reference to an entity that XML itself does not know.
    #[error(
        "the entity «&{0};» is not one of XML (&amp; &lt; &gt; &quot; &apos; and numbers): nothing is put in its place"
    )]
    Entity(String),
    /// A value that is not what it should be.
    #[error("{field}: {reason}")]
    Value {
        /// The element, attribute or column.
        field: String,
        /// Why not.
        reason: String,
    },
    /// Something that is needed is not there.
    #[error("there is no {0}: the document is not whole, so get it anew from who made it")]
    Missing(String),
    /// A voted budget.
    #[error(
        "this is {what}: a voted budget is not an account. Give the compte administratif (NatDec 09) or the compte financier unique of the year"
    )]
    Voted {
        /// Which one.
        what: String,
    },
    /// A kind of document that is not known.
    #[error(
        "«{0}» is not a kind of budget document: expected 01 to 03 (budgets), 09 (compte administratif) or 10 (compte financier unique)"
    )]
    UnknownKind(String),
    /// A project that was not voted.
    #[error("it is a project (ProjetBudget), not an account that was voted: give the voted one")]
    Project,
    /// A number with a wrong check digit.
    #[error(
        "{field}: «{number}» is not a valid SIRET number, as its check digit is wrong: look it up at annuaire-entreprises.data.gouv.fr and correct the document"
    )]
    WrongNumber {
        /// The element or column.
        field: String,
        /// The number.
        number: String,
    },
    /// Two places name different budgets, years or nomenclatures.
    #[error("it names two {what}: «{one}» and «{other}»: {advice}")]
    Several {
        /// What there are two of.
        what: &'static str,
        /// One of them.
        one: Box<str>,
        /// The other.
        other: Box<str>,
        /// What to do.
        advice: &'static str,
    },
    /// A nomenclature that is not known.
    #[error(
        "the nomenclature «{0}» is not known: expected M14, M52, M57, M61, M71, M4 or one of M41 to M49"
    )]
    UnknownNomenclature(String),
    /// No line of accounts at all.
    #[error("it has no line of accounts: {0}")]
    NoLines(String),
    /// An account that does not close with what moved it.
    #[error(
        "the account {account} closes with {closing} €, but what it opened with and what moved it come to {expected} € (debit less credit): the table was damaged or changed, so get it anew from data.economie.gouv.fr"
    )]
    NotClosed {
        /// The account.
        account: String,
        /// What it closes with.
        closing: String,
        /// What it should close with.
        expected: String,
    },
    /// A row that was there.
    #[error(
        "the account {0} has another row before it, of the same budget and year: rows are in the table twice, or it has functions and no column FONCTION"
    )]
    Repeated(String),
    /// More budgets than are held.
    #[error(
        "it has more than {0} rows that are wanted: take fewer bodies, each by its SIREN number, INSEE code or name, as in --body 213801855"
    )]
    TooManyBudgets(usize),
    /// A body that is wanted and not there.
    #[error(
        "no budget in them is of «{0}»: give the SIREN number of the body, its INSEE code, or its name as the files write it"
    )]
    NoSuchBody(String),
    /// A name that several bodies have.
    #[error(
        "«{name}» is the name of several bodies: give the SIREN number of one, such as {numbers}"
    )]
    SeveralBodies {
        /// The name.
        name: String,
        /// SIREN numbers of some of them.
        numbers: String,
    },
    /// The amounts of an account are more than a number holds.
    #[error("the amounts of the account {0} add up to more than a number can hold")]
    OutOfRange(String),
}
