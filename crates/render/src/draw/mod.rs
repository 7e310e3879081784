//! Charts: what they show, and how that becomes a picture.
//!
//! | module | knows |
//! |---|---|
//! | `spec` | what a chart shows |
//! | `scale` | how values are written, and round steps |
//! | `palette` | colours |
//! | `metrics` | how wide texts are |
//! | `option` | a chart as an option of `ECharts` |
//! | `narrow` | a chart as drawn for narrow places |
//! | `engine` | the interpreters in which `ECharts` draws |
//! | `picture` | drawings on their own: SVG and PNG |
//! | `card` | the picture beside a link to a chart |

pub mod card;
pub mod engine;
pub(crate) mod metrics;
pub mod narrow;
pub mod option;
pub mod palette;
pub mod picture;
pub mod scale;
pub mod spec;
