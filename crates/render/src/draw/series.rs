//! Where the marks of figures over years are, for narrow and for wide drawings.

use super::canvas::{Length, part};
use super::option::segments;
use super::scale::Scale;
use super::spec::{Series, Years};

/// The place of a panel from top to bottom, with its scale.
pub(super) struct Upright {
    pub(super) top: Length,
    pub(super) height: Length,
    pub(super) scale: Scale,
}

impl Upright {
    /// How far down a value is.
    pub(super) fn y(&self, value: i128) -> Length {
        let Scale { low, high, .. } = self.scale;
        self.top + part(self.height, high - value, high - low)
    }
}

/// How far the parts of a stack reach in each year, to both sides of zero.
pub(super) struct Stacked(Vec<[i128; 2]>);

impl Stacked {
    /// Nothing is stacked yet, in so many years.
    pub(super) fn new(years: usize) -> Self {
        Self(vec![[0; 2]; years])
    }

    /// Puts a value onto the others of its year and sign; gives where it begins and ends.
    pub(super) fn put(&mut self, at: usize, value: i64) -> [i128; 2] {
        let reached = &mut self.0[at][usize::from(value < 0)];
        let from = *reached;
        *reached += i128::from(value);
        [from, *reached]
    }
}

/// The lines of a series, each through points of years that can be compared, none of which is missing.
pub(super) fn lines(
    series: &Series,
    years: &Years,
    point: impl Fn(usize, i64) -> [Length; 2],
) -> Vec<Vec<[Length; 2]>> {
    let mut lines = Vec::new();
    for (from, to) in segments(years) {
        let mut line = Vec::new();
        for at in from..to {
            match series.values.get(at).and_then(Option::as_ref) {
                Some(figure) => line.push(point(at, figure.value)),
                None => lines.push(std::mem::take(&mut line)),
            }
        }
        lines.push(line);
    }
    lines
}
