//! Whether what is shown is invented: all of a sample edition, or the figures of some of its bodies.

use centime_render::provenance::source::has_real;
use centime_warehouse::Dataset;

use crate::request::context::RequestContext;
use crate::state::resolved_view::Choice;

impl RequestContext {
    /// Whether what is shown has figures that are invented: those of the body, or of any where none is shown.
    pub fn sample(&self) -> bool {
        if let Choice::Body(snapshot) = &self.choice {
            return snapshot.body.sample;
        }
        self.is_sample_edition()
    }

    /// Whether a dataset of what is shown has figures that are not invented.
    pub fn has_real_figures(&self) -> bool {
        let published = self.edition.published();
        published.is_some_and(|published| has_real(&published.datasets))
    }

    /// The datasets of the body that is shown.
    pub fn shown_datasets(&self) -> Option<&[Dataset]> {
        match &self.choice {
            Choice::Body(snapshot) => Some(&snapshot.published.datasets),
            _ => None,
        }
    }

    /// Whether it is of a sample edition, which may have real figures of some bodies, too.
    pub fn is_sample_edition(&self) -> bool {
        let published = self.edition.published();
        published.is_some_and(|published| published.revision.sample)
    }
}
