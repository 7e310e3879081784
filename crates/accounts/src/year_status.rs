//! What is known of the figures of a fiscal year.

/// What is known of the figures of a fiscal year, and whether they were held against others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YearStatus {
    /// Every amount that is needed was published.
    Complete,
    /// An amount that is needed was not published.
    Incomplete,
    /// Amounts were published as totals over what is asked for.
    NotDetailed,
    /// Nothing was checked: rows are added as they were published.
    Unchecked,
    /// The result is that of the balance sheet, to the centime.
    Reconciled,
    /// The result is not that of the balance sheet.
    Different,
    /// There is a result, and no balance sheet to hold it against.
    NoPublishedResult,
    /// There are no financial assets that money could have been earned with.
    NoFinancialAssets,
    /// What the financial assets are worth is not known.
    AssetsNotEstablished,
}

impl YearStatus {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Complete,
        Self::Incomplete,
        Self::NotDetailed,
        Self::Unchecked,
        Self::Reconciled,
        Self::Different,
        Self::NoPublishedResult,
        Self::NoFinancialAssets,
        Self::AssetsNotEstablished,
    ];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name in the warehouse and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::NotDetailed => "not detailed",
            Self::Unchecked => "unchecked",
            Self::Reconciled => "reconciled",
            Self::Different => "different",
            Self::NoPublishedResult => "no published result",
            Self::NoFinancialAssets => "no financial assets",
            Self::AssetsNotEstablished => "assets not established",
        }
    }
}
