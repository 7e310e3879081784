//! Elements of XML and their values, one after the other. Nothing is put in the place of entities but what XML itself
//! defines, and a document type is refused.

use std::io::Read;

use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::escape::EscapeError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::Problem;
use crate::limits::{MAX_DEPTH, MAX_VALUE_BYTES};
use crate::text::Text;
use crate::values::quoted;

/// How many attributes an element may have.
const MAX_ATTRIBUTES: usize = 64;

/// How many values a line may have.
const MAX_LINE_VALUES: usize = 512;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An element begins.
    Start,
    /// An element ends.
    End,
    /// The document ends.
    Eof,
}

/// The elements of a document. Names are without their prefix.
pub struct Elements<R: Read> {
    reader: Reader<Text<R>>,
    buffer: Vec<u8>,
    /// The names of the elements that are open, the current one included.
    open: Vec<String>,
    /// The current element, also where it ends.
    name: String,
    attributes: Vec<(String, String)>,
    line: u64,
    has_root: bool,
}

/// The values of the elements within a line of a document: `<Nature V="60611"/>`.
#[derive(Debug, Default)]
pub struct Line {
    values: Vec<(String, String)>,
    /// The line of the file that it begins in.
    pub at: u64,
}

impl Line {
    /// A value by the name of its element; `None` where there is none or it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The value of an element that may be there once only, as its amount is.
    pub fn only(&self, name: &str) -> Result<Option<&str>, Problem> {
        let many = self.values.iter().filter(|(known, _)| known == name);
        if many.count() > 1 {
            return Err(Problem::Value {
                field: name.to_owned(),
                reason: "one line has several of it".to_owned(),
            });
        }
        Ok(self.get(name))
    }
}

impl<R: Read> Elements<R> {
    pub fn new(text: Text<R>) -> Self {
        let mut reader = Reader::from_reader(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            open: Vec::new(),
            name: String::new(),
            attributes: Vec::new(),
            line: 1,
            has_root: false,
        }
    }

    /// The name of the element that begins or ends.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The line that the current element begins in.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whether an element of this name is open.
    pub fn is_within(&self, name: &str) -> bool {
        self.open.iter().any(|open| open == name)
    }

    /// The element that the one that begins stands in.
    pub fn parent(&self) -> Option<&str> {
        let place = self.open.len().checked_sub(2)?;
        self.open.get(place).map(String::as_str)
    }

    /// An attribute of the element that begins; `None` where there is none or it is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Reads on to the next beginning or end of an element.
    pub fn next(&mut self) -> Result<Step, Problem> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().begin_piece();
            self.line = self.reader.get_ref().line();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let at = self.open.last().map_or("?", String::as_str);
                    let problem = xml_problem(&error, at);
                    return Err(self.reader.get_mut().take_problem().unwrap_or(problem));
                }
            };
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    if self.open.is_empty() && self.has_root {
                        let reason = "there is a second document after the first".to_owned();
                        return Err(Problem::Xml(reason));
                    }
                    if self.open.len() == MAX_DEPTH {
                        let reason = format!("{MAX_DEPTH} elements within each other");
                        return Err(Problem::TooMuch(reason));
                    }
                    self.has_root = true;
                    start.local_name().as_ref().clone_into(&mut self.name);
                    read_attributes(&start, &mut self.attributes)?;
                    self.open.push(self.name.clone());
                    return Ok(Step::Start);
                }
                Event::End(_) => {
                    self.name = self.open.pop().unwrap_or_default();
                    self.attributes.clear();
                    return Ok(Step::End);
                }
                Event::Text(text) => {
                    if self.open.is_empty() && !text.trim().is_empty() {
                        let reason = format!("{} stands outside of any element", quoted(&text));
                        return Err(Problem::Xml(reason));
                    }
                }
                Event::GeneralRef(entity) => {
                    let known = ["amp", "lt", "gt", "quot", "apos"].contains(&&*entity);
                    if !known && !entity.starts_with('#') {
                        return Err(Problem::Entity(entity.chars().take(40).collect()));
                    }
                }
                Event::DocType(_) => return Err(Problem::DocumentType),
                Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => {
                    return match self.open.last() {
                        Some(open) => Err(Problem::Truncated(open.clone())),
                        None => Ok(Step::Eof),
                    };
                }
            }
        }
    }

    /// Reads the line that begins with the current element, to its end.
    pub fn read_line(&mut self, line: &mut Line) -> Result<(), Problem> {
        line.at = self.line;
        line.values.clear();
        let depth = self.open.len();
        while self.open.len() >= depth {
            if self.next()? == Step::Start && self.open.len() == depth + 1 {
                if line.values.len() == MAX_LINE_VALUES {
                    let reason = format!("{MAX_LINE_VALUES} values in one line");
                    return Err(Problem::TooMuch(reason));
                }
                if let Some(value) = self.attribute("V") {
                    line.values.push((self.name.clone(), value.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Reads past the current element.
    pub fn skip(&mut self) -> Result<(), Problem> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }
}

fn read_attributes(
    start: &BytesStart<'_>,
    attributes: &mut Vec<(String, String)>,
) -> Result<(), Problem> {
    attributes.clear();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| Problem::Xml(error.to_string()))?;
        if attributes.len() == MAX_ATTRIBUTES {
            let reason = format!("{MAX_ATTRIBUTES} attributes of one element");
            return Err(Problem::TooMuch(reason));
        }
        if attribute.value.len() > MAX_VALUE_BYTES {
            let reason = format!("{} KiB in one attribute", MAX_VALUE_BYTES >> 10);
            return Err(Problem::TooMuch(reason));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| xml_problem(&error, ""))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(())
}

/// What an error of the parser says of a document, within the element `open`.
fn xml_problem(error: &quick_xml::Error, open: &str) -> Problem {
    use quick_xml::Error as XmlError;
    match error {
        XmlError::IllFormed(IllFormedError::MissingEndTag(name)) => {
            Problem::Truncated(name.clone())
        }
        XmlError::Syntax(
            SyntaxError::UnclosedTag
            | SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue
            | SyntaxError::UnclosedComment
            | SyntaxError::UnclosedCData
            | SyntaxError::UnclosedPI
            | SyntaxError::UnclosedXmlDecl,
        ) => Problem::Truncated(open.to_owned()),
        XmlError::Syntax(SyntaxError::UnclosedDoctype) => Problem::DocumentType,
        XmlError::Escape(EscapeError::UnrecognizedEntity(_, name)) => {
            Problem::Entity(name.chars().take(40).collect())
        }
        other => Problem::Xml(other.to_string().chars().take(300).collect()),
    }
}
