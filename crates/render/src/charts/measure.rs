//! In which measure figures are shown.

use std::fmt;
use std::str::FromStr;

/// In which measure figures are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measure {
    /// In the unit in which they are short.
    #[default]
    Auto,
    /// In euros.
    Euros,
    /// In millions of euros.
    Millions,
    /// In billions of euros.
    Billions,
    /// In percent of the revenue of their year.
    Percent,
    /// In percent of what is stacked, so that all stacks are equally high.
    Share,
}

/// Why a text is not a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownMeasure;

impl Measure {
    /// All measures.
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::Euros,
        Self::Millions,
        Self::Billions,
        Self::Percent,
        Self::Share,
    ];

    /// The name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Euros => "eur",
            Self::Millions => "meur",
            Self::Billions => "bneur",
            Self::Percent => "percent",
            Self::Share => "share",
        }
    }

    /// The same measure where there is nothing to be a share of.
    pub(super) const fn in_euros(self) -> Self {
        match self {
            Self::Percent | Self::Share => Self::Auto,
            euros => euros,
        }
    }

    /// The size of a fixed unit in centimes, and its decimals.
    pub(crate) const fn fixed(self) -> Option<(i128, u32)> {
        match self {
            Self::Euros => Some((100, 0)),
            Self::Millions => Some((100_000_000, 1)),
            Self::Billions => Some((100_000_000_000, 2)),
            Self::Auto | Self::Percent | Self::Share => None,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    fn from_str(text: &str) -> Result<Self, UnknownMeasure> {
        Self::ALL
            .into_iter()
            .find(|measure| measure.name() == text)
            .ok_or(UnknownMeasure)
    }
}
