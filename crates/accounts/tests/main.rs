//! The domain against figures that were published.

mod aggregates;
mod cfu;
mod charts;
mod figures;
mod from_accounts;
mod nil;
mod random_books;
mod real_balance_sheet;
mod trade;
