//! Which lines of a balance sheet the analyses use, told by label and place.

use std::collections::BTreeSet;

use super::{BalanceLine, BalanceSide};
use crate::label::normalise;
use crate::year::FiscalYear;

/// The lines of the balance sheet that the analyses use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceKind {
    /// The result for the year (*résultat de l'exercice*).
    Result,
    /// Results brought forward (*report à nouveau*).
    BroughtForward,
    /// Financial assets: equity interests, loans, securities and long-term receivables.
    FinancialAsset,
    /// Reserves (*réserves*).
    Reserves,
    /// Any other line.
    Other,
}

impl BalanceKind {
    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::BroughtForward => "brought_forward",
            Self::FinancialAsset => "financial_asset",
            // Nothing is computed from reserves but a check of the sheet.
            Self::Reserves | Self::Other => "other",
        }
    }
}

/// Where the heading of financial assets has an amount, it is their sum; where it has none, they have their own.
pub(super) fn mark_financial_assets(lines: &mut [BalanceLine]) {
    let is_sum = |line: &BalanceLine| {
        line.side == Some(BalanceSide::Asset)
            && line.net.is_some()
            && normalise(&line.label).starts_with(FINANCIAL_ASSETS)
    };
    let summed: BTreeSet<FiscalYear> = lines
        .iter()
        .filter(|line| is_sum(line))
        .map(|line| line.year)
        .collect();
    // Where the block beside a row does not say so, long-term assets are those above the total of fixed assets.
    let is_end = |line: &BalanceLine| normalise(&line.label).starts_with("total actif immobilise");
    let mut above: BTreeSet<FiscalYear> = lines
        .iter()
        .filter(|line| is_end(line))
        .map(|line| line.year)
        .collect();
    for line in lines
        .iter_mut()
        .filter(|line| line.side == Some(BalanceSide::Asset))
    {
        let (category, label) = (normalise(&line.category), normalise(&line.label));
        if is_end(line) {
            above.remove(&line.year);
        }
        let long_term = category == "actif immobilise"
            || category.starts_with(FINANCIAL_ASSETS)
            || above.contains(&line.year);
        let part = line.counted
            && long_term
            && FINANCIAL_ASSET_PARTS.contains(&label.as_str())
            && !summed.contains(&line.year);
        if part {
            line.kind = BalanceKind::FinancialAsset;
        }
    }
}

/// The heading of financial assets, normalised; forms go on with « (nettes) ».
const FINANCIAL_ASSETS: &str = "immobilisations financieres";

/// What it may be divided into: M57 prints one line, M14 its parts.
const FINANCIAL_ASSET_PARTS: [&str; 6] = [
    "participations de creances rattachees",
    "participations et creances rattachees",
    "autres titres immobilises",
    "prets",
    "avances en garanties d emprunt",
    "autres creances",
];

/// What a line is for the analyses, by its label.
pub(super) fn of(side: Option<BalanceSide>, label: &str) -> BalanceKind {
    let label = normalise(label);
    match side {
        Some(BalanceSide::Liability) => {
            if label.starts_with("resultat de l exercice") && !label.contains("precedent") {
                BalanceKind::Result
            } else if label.starts_with("report a nouveau") {
                BalanceKind::BroughtForward
            } else if label == "reserves" {
                BalanceKind::Reserves
            } else {
                BalanceKind::Other
            }
        }
        Some(BalanceSide::Asset)
            if label.starts_with(FINANCIAL_ASSETS)
                || label.starts_with("valeurs mobilieres de placement") =>
        {
            BalanceKind::FinancialAsset
        }
        _ => BalanceKind::Other,
    }
}
