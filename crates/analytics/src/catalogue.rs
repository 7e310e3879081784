//! The analyses and checks that there are: those of the program, and the operator's own.

use centime_warehouse::model::once;
use centime_warehouse::{Model, OwnCheck};

use crate::text::Language;
use crate::{ANALYSES, Analysis};

/// The analyses there are, in the order in which they are shown, and the operator's own checks.
///
/// Files of the operator are read once, when the program starts, and are there as long as it runs: so a catalogue is
/// as cheap to hand on as a reference.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    analyses: &'static [&'static Analysis],
    checks: &'static [Check],
}

/// A check of the operator's own, with its words.
#[derive(Debug)]
pub struct Check {
    /// What is run.
    pub check: OwnCheck,
    /// What it is called in each language, in the order of [`Language::ALL`]; its name where nothing else is said.
    pub(crate) titles: [String; 2],
}

impl Check {
    /// What it is called.
    pub fn title(&self, language: Language) -> &str {
        let [french, english] = &self.titles;
        match language {
            Language::French => french,
            Language::English => english,
        }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Catalogue {
    /// The analyses of the program alone.
    pub const fn built_in() -> Self {
        Self {
            analyses: &ANALYSES,
            checks: &[],
        }
    }

    /// The analyses of the program with others behind them, and checks.
    pub(crate) fn with(own: Vec<&'static Analysis>, checks: Vec<Check>) -> Self {
        if own.is_empty() && checks.is_empty() {
            return Self::built_in();
        }
        let analyses: Vec<&'static Analysis> = ANALYSES.into_iter().chain(own).collect();
        Self {
            analyses: Vec::leak(analyses),
            checks: Vec::leak(checks),
        }
    }

    /// The analyses, in the order in which they are shown.
    pub fn analyses(self) -> impl ExactSizeIterator<Item = &'static Analysis> + Clone {
        self.analyses.iter().copied()
    }

    /// The analyses that are the operator's own.
    pub fn own(self) -> impl Iterator<Item = &'static Analysis> {
        self.analyses()
            .filter(|analysis| analysis.model.file.is_some())
    }

    /// The analysis with this name in kebab case.
    pub fn by_name(self, name: &str) -> Option<&'static Analysis> {
        self.analyses().find(|analysis| analysis.name() == name)
    }

    /// The models of all analyses and of what they share, in the order in which they build on each other.
    pub fn models(self) -> Vec<Model> {
        once(
            self.analyses()
                .flat_map(|analysis| analysis.model.with_bases())
                .collect(),
        )
    }

    /// The operator's own checks.
    pub const fn checks(self) -> &'static [Check] {
        self.checks
    }

    /// The operator's own checks, as a run asks for them.
    pub fn own_checks(self) -> Vec<OwnCheck> {
        self.checks.iter().map(|check| check.check).collect()
    }

    /// The operator's own check of this name.
    pub fn check(self, name: &str) -> Option<&'static Check> {
        self.checks.iter().find(|check| check.check.name == name)
    }
}
