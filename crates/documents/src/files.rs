//! Files, folders, archives and standard input: where documents are read from.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::balances::Wanted;
use crate::document::{Document, DocumentBudget};
use crate::error::{Error, Problem};
use crate::format::{self, Format};
use crate::limits::Limits;

/// How deep folders are looked into.
const MAX_FOLDERS: usize = 16;

/// How many bytes of an archive are taken from standard input, which has to be held as a whole.
const MAX_HELD_BYTES: u64 = 512 << 20;

/// What all files together are called.
const ALL: &str = "the files";

/// What a file is called that comes from standard input.
const STDIN: &str = "standard input";

/// Where documents are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file, an archive, or a folder with all that is in it.
    Path(PathBuf),
    /// Standard input: a file or an archive.
    Stdin,
}

impl Input {
    /// What an argument means: `-` is standard input.
    pub fn of_argument(argument: &Path) -> Self {
        if argument == Path::new("-") {
            Self::Stdin
        } else {
            Self::Path(argument.to_owned())
        }
    }
}

/// Reads all documents, one file after the other, and hands each over as soon as it is read. Returns how many files
/// there were.
///
/// `begins` gets the name of each file before it is read.
///
/// # Errors
///
/// The first error ends it.
pub fn read_inputs<E: From<Error>>(
    inputs: &[Input],
    limits: &Limits,
    begins: &mut dyn FnMut(&str),
    taken: &mut dyn FnMut(Document) -> Result<(), E>,
) -> Result<usize, E> {
    read_inputs_of(inputs, limits, &Wanted::default(), begins, taken)
}

/// The same of some bodies only.
///
/// # Errors
///
/// The first error ends it; a body that is in no file is one, and a name that several bodies have.
pub fn read_inputs_of<E: From<Error>>(
    inputs: &[Input],
    limits: &Limits,
    wanted: &Wanted,
    begins: &mut dyn FnMut(&str),
    taken: &mut dyn FnMut(Document) -> Result<(), E>,
) -> Result<usize, E> {
    let mut reading = Reading {
        limits,
        wanted,
        begins,
        taken,
        files: 0,
        found: BTreeSet::new(),
    };
    for input in inputs {
        match input {
            Input::Path(path) => reading.path(path)?,
            Input::Stdin => reading.standard_input()?,
        }
    }
    let found = wanted.check_found(&reading.found);
    found.map_err(|problem| Error::whole(ALL, problem))?;
    Ok(reading.files)
}

struct Reading<'a, E> {
    limits: &'a Limits,
    wanted: &'a Wanted,
    begins: &'a mut dyn FnMut(&str),
    taken: &'a mut dyn FnMut(Document) -> Result<(), E>,
    files: usize,
    /// The budgets of bodies that are named.
    found: BTreeSet<DocumentBudget>,
}

impl<E: From<Error>> Reading<'_, E> {
    fn path(&mut self, path: &Path) -> Result<(), E> {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| Error::unreadable(&name, &error);
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            return self.file(path);
        }
        let mut found = Vec::new();
        documents_in(path, self.limits, MAX_FOLDERS, &mut found)?;
        if found.is_empty() {
            return Err(Error::whole(&name, Problem::NoFiles).into());
        }
        found.sort_unstable();
        found.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<(), E> {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| Error::unreadable(&name, &error);
        let file = File::open(path).map_err(unreadable)?;
        let (form, head) = format::sniff(&file).map_err(unreadable)?;
        if form == Format::Archive {
            drop(head);
            let mut file = BufReader::new(file);
            file.rewind().map_err(unreadable)?;
            return self.archive(file, &name);
        }
        self.one(head, &name)
    }

    fn standard_input(&mut self) -> Result<(), E> {
        let unreadable = |error: io::Error| Error::unreadable(STDIN, &error);
        let (form, mut head) = format::sniff(io::stdin().lock()).map_err(unreadable)?;
        if form != Format::Archive {
            return self.one(head, STDIN);
        }
        let mut bytes = Vec::new();
        let limit = MAX_HELD_BYTES + 1;
        head.by_ref()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length == limit) {
            let much = format!("{} MiB as an archive", MAX_HELD_BYTES >> 20);
            return Err(Error::whole(STDIN, Problem::TooMuch(much)).into());
        }
        self.archive(Cursor::new(bytes), STDIN)
    }

    fn archive(&mut self, archive: impl Read + Seek, name: &str) -> Result<(), E> {
        let wrong = |error: ZipError| Error::whole(name, Problem::Archive(error.to_string()));
        let mut archive = ZipArchive::new(archive).map_err(wrong)?;
        if archive.len() > self.limits.files {
            let much = format!("{} files", self.limits.files);
            return Err(Error::whole(name, Problem::TooMuch(much)).into());
        }
        let is_workbook = archive
            .file_names()
            .any(|inner| inner.is_ok_and(|inner| inner == "xl/workbook.xml"));
        if is_workbook {
            let what = "a workbook of a spreadsheet".to_owned();
            return Err(Error::whole(name, Problem::NotADocument(what)).into());
        }
        let mut left = self.limits.bytes;
        let before = self.files;
        for place in 0..archive.len() {
            let mut file = archive.by_index(place).map_err(wrong)?;
            let inner = file.name().map_err(wrong)?.into_owned();
            if file.is_dir() || !is_named_as_document(&inner) {
                continue;
            }
            let inner = format!("{name} › {inner}");
            // All files of an archive together are no larger than one document may be.
            let mut counted = Counted {
                input: &mut file,
                left,
            };
            self.one(&mut counted, &inner)?;
            left = counted.left;
        }
        if self.files == before {
            return Err(Error::whole(name, Problem::NoFiles).into());
        }
        Ok(())
    }

    fn one(&mut self, input: impl Read, name: &str) -> Result<(), E> {
        if self.files == self.limits.files {
            let much = format!("{} files before it", self.limits.files);
            return Err(Error::whole(name, Problem::TooMuch(much)).into());
        }
        self.files += 1;
        (self.begins)(name);
        let documents = crate::read_wanted(input, name, self.limits, self.wanted)?;
        if !self.wanted.is_all() {
            let found = documents.iter().map(|document| document.budget.clone());
            self.found.extend(found);
        }
        documents.into_iter().try_for_each(&mut *self.taken)
    }
}

/// The files in a folder, and in those within it, that are named as documents are.
fn documents_in(
    folder: &Path,
    limits: &Limits,
    deep: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let name = folder.display().to_string();
    let unreadable = |error: io::Error| Error::unreadable(&name, &error);
    if deep == 0 {
        let much = format!("{MAX_FOLDERS} folders within each other");
        return Err(Error::whole(&name, Problem::TooMuch(much)));
    }
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let inside = path.file_name().unwrap_or_default().to_string_lossy();
        if inside.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            documents_in(&path, limits, deep - 1, found)?;
        } else if is_named_as_document(&inside) {
            if found.len() == limits.files {
                let much = format!("{} files", limits.files);
                return Err(Error::whole(&name, Problem::TooMuch(much)));
            }
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file of a folder or an archive is one to read, by the end of its name.
fn is_named_as_document(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let last = last.to_ascii_lowercase();
    let plain = last.strip_suffix(".gz").unwrap_or(&last);
    let is_hidden = last.starts_with('.') || name.starts_with("__MACOSX/");
    !is_hidden
        && [".xml", ".csv", ".zip"]
            .iter()
            .any(|end| plain.ends_with(end))
}

/// What may still be unpacked of an archive.
struct Counted<'a, R> {
    input: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count).ok_or_else(|| {
            io::Error::other("the files of the archive are together larger than any account")
        })?;
        Ok(read)
    }
}
