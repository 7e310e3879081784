//! The words, numbers and labels of both languages.
//!
//! | module | makes |
//! |---|---|
//! | `sanitize` | texts of the data without characters that command a terminal or turn the direction of a text |
//! | `number` | amounts, rates and counts in digits |
//! | [`locale`] | the words of the product, from `locales/*.toml` |
//! | [`mod@format`] | amounts in prose and dates, besides those in digits |
//! | [`label`] | labels of the data as tables show them |

pub mod format;
pub mod label;
pub mod locale;
mod number;
pub mod sanitize;
