//! Bodies that can be compared: of one kind, département and size, by what each has for an inhabitant.

use crate::aggregates::{EXPENSE, GROSS, REVENUE};
use crate::indicators::Fraction;
use crate::money::Centimes;

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyKind {
    /// *Commune*.
    Commune,
    /// *Groupement à fiscalité propre*: communes that do some things together.
    Grouping,
    /// *Département*.
    Departement,
    /// *Région*.
    Region,
}

impl BodyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Commune,
        Self::Grouping,
        Self::Departement,
        Self::Region,
    ];

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Grouping => "grouping",
            Self::Departement => "departement",
            Self::Region => "region",
        }
    }

    /// The kind with this name, as it is stored.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The aggregates by which bodies are compared, as the OFGL calls them.
pub const COMPARED: [&str; 10] = [
    REVENUE,
    EXPENSE,
    "Frais de personnel",
    "Impôts locaux",
    "Dotation globale de fonctionnement",
    GROSS,
    "Epargne nette",
    "Dépenses d'équipement",
    "Annuité de la dette",
    "Encours de dette",
];

/// Where the sizes of communes are divided, in inhabitants: a size begins with each.
const SIZES: [u32; 9] = [
    250, 500, 2_000, 3_500, 5_000, 10_000, 20_000, 50_000, 100_000,
];

/// The sizes of bodies that are compared: the fewest inhabitants and the most, where there is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// The fewest inhabitants.
    pub least: u32,
    /// The most inhabitants; `None` without a limit.
    pub most: Option<u32>,
}

impl Size {
    /// The size of a commune with so many inhabitants.
    pub fn of(population: u32) -> Self {
        let at = SIZES.partition_point(|begins| *begins <= population);
        Self {
            least: at.checked_sub(1).map_or(0, |before| SIZES[before]),
            most: SIZES.get(at).map(|next| next - 1),
        }
    }
}

/// A body among those that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How many there are, this one included.
    pub bodies: usize,
    /// Its place, 1 for the highest amount. Equal amounts share a place.
    pub place: usize,
    /// What a quarter of them is at or below.
    pub lower_quarter: Centimes,
    /// What half of them is at or below.
    pub median: Centimes,
    /// What three quarters of them are at or below.
    pub upper_quarter: Centimes,
}

/// The places of amounts, in the order in which these are given.
pub fn places(amounts: &[Centimes]) -> Vec<Place> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable();
    let at = |share: usize| quantile(&sorted, share);
    let [lower_quarter, median, upper_quarter] = [1, 2, 3].map(at);
    let place = |amount: &Centimes| Place {
        bodies: sorted.len(),
        place: sorted.len() - sorted.partition_point(|other| other <= amount) + 1,
        lower_quarter,
        median,
        upper_quarter,
    };
    amounts.iter().map(place).collect()
}

/// The amount at so many quarters of sorted amounts; between two of them, what is as far from each as the quarter is.
fn quantile(sorted: &[Centimes], quarters: usize) -> Centimes {
    let Some(last) = sorted.len().checked_sub(1) else {
        return Centimes::ZERO;
    };
    let fourths = last * quarters;
    let (below, part) = (fourths / 4, fourths % 4);
    let (one, other) = (sorted[below], sorted[last.min(below + 1)]);
    let between = Fraction {
        numerator: other.saturating_sub(one).get(),
        denominator: 4,
    };
    let part = u32::try_from(part).unwrap_or_default();
    let step = between.rounded(part).unwrap_or_default();
    one + Centimes::new(step)
}

/// An amount for each inhabitant; `None` without inhabitants.
pub fn per_inhabitant(amount: Centimes, population: u32) -> Option<Centimes> {
    let fraction = Fraction {
        numerator: amount.get(),
        denominator: i64::from(population),
    };
    fraction.per_inhabitant()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_begin_and_end_where_the_next_one_does() {
        let size = |least, most| Size { least, most };
        assert_eq!(Size::of(0), size(0, Some(249)));
        assert_eq!(Size::of(249), size(0, Some(249)));
        assert_eq!(Size::of(250), size(250, Some(499)));
        assert_eq!(Size::of(993), size(500, Some(1_999)));
        assert_eq!(Size::of(99_999), size(50_000, Some(99_999)));
        assert_eq!(Size::of(2_149_216), size(100_000, None));
    }

    #[test]
    fn equal_amounts_share_a_place_and_quarters_lie_between_amounts() {
        let amounts = [30, 10, 20, 20, -5].map(Centimes::new);
        let found = places(&amounts);
        let of: Vec<usize> = found.iter().map(|place| place.place).collect();
        assert_eq!(of, [1, 4, 2, 2, 5]);
        assert!(found.iter().all(|place| place.bodies == 5));
        let [lower, median, upper] = [10, 20, 20].map(Centimes::new);
        assert_eq!(
            (
                found[0].lower_quarter,
                found[0].median,
                found[0].upper_quarter
            ),
            (lower, median, upper)
        );
        // Between 0 and 10: a quarter of the way, half, three quarters, halves rounded away from zero.
        let two = places(&[0, 10].map(Centimes::new));
        let quarters = [3, 5, 8].map(Centimes::new);
        assert_eq!(
            [two[0].lower_quarter, two[0].median, two[0].upper_quarter],
            quarters
        );
        let alone = places(&[Centimes::new(7)]);
        assert_eq!((alone[0].place, alone[0].median), (1, Centimes::new(7)));
    }

    #[test]
    fn nothing_is_divided_by_nobody() {
        assert_eq!(per_inhabitant(Centimes::new(100), 0), None);
        assert_eq!(
            per_inhabitant(Centimes::new(-101), 2),
            Some(Centimes::new(-51))
        );
    }
}
