//! The SQL of a model.

use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

/// The SQL of a model: a text, or one that is written from a template when it is first read.
#[derive(Clone, Copy)]
pub struct ModelSql(Form);

#[derive(Clone, Copy)]
enum Form {
    Text(&'static str),
    Written(&'static LazyLock<String>),
}

impl ModelSql {
    /// A text.
    pub const fn new(text: &'static str) -> Self {
        Self(Form::Text(text))
    }

    /// What is written from a template.
    pub const fn written(text: &'static LazyLock<String>) -> Self {
        Self(Form::Written(text))
    }

    /// The text.
    pub fn text(self) -> &'static str {
        match self.0 {
            Form::Text(text) => text,
            Form::Written(text) => text.as_str(),
        }
    }
}

impl Deref for ModelSql {
    type Target = str;

    fn deref(&self) -> &str {
        self.text()
    }
}

impl fmt::Display for ModelSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for ModelSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text(), f)
    }
}
