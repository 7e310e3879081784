//! The domain against figures that were published.

mod cfu;
mod charts;
mod nil;
mod real_balance_sheet;
