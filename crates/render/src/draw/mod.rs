//! Charts: what they show, and how that becomes a picture.
//!
//! | module | knows |
//! |---|---|
//! | `spec` | what a chart shows |
//! | `scale` | how values are written, and round steps |
//! | `palette` | colours |
//! | `metrics` | how wide texts are |
//! | `option` | a chart as an option of `ECharts`, which draws in browsers |
//! | `canvas` | shapes and texts as SVG |
//! | `narrow` | a chart as drawn for narrow places |
//! | `series` | where marks of several years are |
//! | `wide` | a chart as drawn for wide places |
//! | `picture` | drawings on their own: SVG and PNG |
//! | `xml` | texts within SVG |
//! | `card` | the picture beside a link to a chart |

mod canvas;
pub mod card;
pub(crate) mod metrics;
pub mod narrow;
pub mod option;
pub mod palette;
pub mod picture;
pub mod scale;
mod series;
pub mod spec;
pub mod wide;
mod xml;
