//! Charts of simple forms for wide places, drawn here and not by `ECharts`: bars from left to right, and streams.
//!
//! Those are of one year, so each view has its own, and a view that was never asked for waits for them. The picture is
//! that of the option (`draw::option`), which a browser draws in the same place: a test holds one against the other.
//!
//! | module | draws |
//! |---|---|
//! | `across` | steps and ranks |
//! | `flow` | streams from sources to destinations |

mod across;
mod flow;

use std::sync::Arc;

use super::canvas::{Length, REMARK, TEXT, px};
use super::engine::{self, Job};
use super::option;
use super::palette::Palette;
use super::spec::{Chart, Plot};

/// A drawing that is made.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The drawing, as SVG.
    pub svg: Arc<str>,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

/// A drawing that is made, or is to be made by `ECharts`.
#[derive(Clone, Debug)]
pub enum Drawing {
    /// It is made.
    Done(Drawn),
    /// It is to be made.
    Wanted(Job),
}

impl Drawing {
    /// The drawing of a plot.
    pub fn of(plot: &Plot, palette: Palette) -> Self {
        match plot {
            Plot::Steps(steps) => Self::Done(across::steps(steps, palette)),
            Plot::Ranks(ranks) => Self::Done(across::ranks(ranks, palette)),
            Plot::Flow(flow) => Self::Done(flow::drawing(flow, palette)),
            Plot::Years(_) | Plot::Grid(_) => Self::Wanted(option::job(plot, palette)),
        }
    }

    /// Its width and its height in pixels.
    pub const fn size(&self) -> (u32, u32) {
        match self {
            Self::Done(drawn) => (drawn.width, drawn.height),
            Self::Wanted(job) => (job.width, job.height),
        }
    }

    /// Waits for drawings, each in its place.
    pub fn finish(drawings: Vec<Self>) -> Vec<Result<Drawn, engine::Error>> {
        let wanted = drawings.iter().filter_map(|drawing| match drawing {
            Self::Done(_) => None,
            Self::Wanted(job) => Some(job.clone()),
        });
        let mut answers = engine::draw_all(wanted.collect()).into_iter();
        let mut finished = Vec::new();
        for drawing in drawings {
            finished.push(match drawing {
                Self::Done(drawn) => Ok(drawn),
                Self::Wanted(job) => {
                    let answer = answers.next().unwrap_or(Err(engine::Error::Gone));
                    answer.map(|svg| Drawn {
                        svg,
                        width: job.width,
                        height: job.height,
                    })
                }
            });
        }
        finished
    }
}

impl Chart {
    /// Its drawing for wide places; `None` when there is nothing to draw.
    pub fn drawing(&self, palette: Palette) -> Option<Drawing> {
        let plot = self.plot.as_ref();
        plot.map(|plot| Drawing::of(plot, palette))
    }
}

/// The base line of a text whose middle is at a height.
fn middle(y: Length, size: u32) -> Length {
    y + px(size) * 35 / 100
}

/// The base lines of a name of one or two lines around the middle of its row.
fn lines(name: &str, y: Length, line: Length) -> Vec<(Length, &str)> {
    let count = name.lines().count();
    let last = Length::try_from(count.saturating_sub(1)).unwrap_or_default();
    let first = y - last * line / 2;
    let rows = (0..).map(|number: Length| middle(first + number * line, TEXT));
    rows.zip(name.lines()).collect()
}
