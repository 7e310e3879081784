//! The analyses, one folder each.

pub mod completeness;
pub mod exceptional_charges;
mod expense;
pub mod expense_by_category;
pub mod expense_by_harmonised_category;
pub mod financial_return;
pub mod operating_profitability;
pub mod reconciliation;
pub mod witness;
pub mod yearly_result;

use crate::Analysis;

/// Every analysis, in the order in which they are shown.
pub static ANALYSES: [&Analysis; 9] = [
    &yearly_result::ANALYSIS,
    &exceptional_charges::ANALYSIS,
    &operating_profitability::ANALYSIS,
    &expense_by_category::ANALYSIS,
    &expense_by_harmonised_category::ANALYSIS,
    &financial_return::ANALYSIS,
    &reconciliation::ANALYSIS,
    &witness::ANALYSIS,
    &completeness::ANALYSIS,
];
