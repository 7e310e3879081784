//! All that the sheet can see: its own text, the report and the fonts.

use std::collections::HashMap;
use std::sync::LazyLock;

use centime_render::report::{FONTS, Report};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const SHEET: &str = include_str!("../typst/report.typ");

static LIBRARY: LazyLock<LazyHash<Library>> =
    LazyLock::new(|| LazyHash::new(Library::builder().build()));

static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FACES.iter())));

static FACES: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let faces = FONTS.into_iter();
    faces
        .filter_map(|font| Font::new(Bytes::new(font), 0))
        .collect()
});

static MAIN: LazyLock<Source> =
    LazyLock::new(|| Source::new(named("report.typ"), SHEET.to_owned()));

/// What a report is set from.
pub struct Paper {
    files: HashMap<FileId, Bytes>,
}

impl Paper {
    /// The report, its drawings and its files, by the names that the sheet knows.
    pub fn new(report: &Report) -> Result<Self, serde_json::Error> {
        let mut files = HashMap::new();
        let said = Bytes::new(serde_json::to_vec(report)?);
        files.insert(named("report.json"), said);
        for (number, drawing) in report.drawings.iter().enumerate() {
            let name = format!("drawing-{number}.svg");
            files.insert(named(&name), Bytes::from_string(drawing.clone()));
        }
        for (number, file) in report.files.iter().enumerate() {
            let name = format!("file-{number}.csv");
            files.insert(named(&name), Bytes::from_string(file.contents.clone()));
        }
        Ok(Self { files })
    }
}

/// A file by its name. There are a few dozen names, which Typst never forgets.
fn named(name: &str) -> FileId {
    let path = VirtualPath::new(name)
        .unwrap_or_else(|error| unreachable!("{name} is a plain name: {error:?}"));
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn absent(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        MAIN.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == MAIN.id() {
            Ok(MAIN.clone())
        } else {
            Err(absent(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| absent(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FACES.get(index).cloned()
    }

    /// There is no clock: a report is dated by its revision.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
