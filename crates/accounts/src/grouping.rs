//! Which category a line belongs to, and which figures a total leaves unknown.
//!
//! The only definition: SQL is written from the same table of [`Term`]s, so that no surface has a rule of its own.

use crate::statement::{Activity, Role, Side};

/// The comparable category of lines that no nomenclature explains.
pub const UNRECOGNISED: &str = "unrecognised";

/// The comparable category of an expense total that stands in for lines of several categories.
pub const UNDETAILED: &str = "undetailed";

/// What lines are added up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Categories of each year's nomenclature, which end where it does.
    #[default]
    Published,
    /// Categories that can be compared across nomenclatures.
    Harmonised,
}

/// What a line is grouped by, as far as the line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// The label of its block: the official one, or the published one where the block is not recognised.
    Category,
    /// Its comparable category in the nomenclature.
    Comparable,
    /// The name of its activity.
    Activity,
    /// This code, which every line has.
    Code(&'static str),
}

/// What of a line decides which category it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// Revenue or expense.
    pub side: Option<Side>,
    /// The activity.
    pub activity: Option<Activity>,
    /// The label of its block.
    pub category: &'a str,
    /// Its comparable category in the nomenclature.
    pub comparable: Option<&'a str>,
}

impl Grouping {
    /// Both groupings.
    pub const ALL: [Self; 2] = [Self::Published, Self::Harmonised];

    /// The name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Harmonised => "harmonised",
        }
    }

    /// What a line of a side is grouped by: the first of these that it has.
    ///
    /// Only expense has categories that can be compared; of revenue it is the activity. Where neither is known, the
    /// line is of the category [`UNRECOGNISED`].
    pub const fn terms(self, side: Option<Side>) -> &'static [Term] {
        match (self, side) {
            (Self::Published, _) => &[Term::Category],
            (Self::Harmonised, Some(Side::Expense)) => {
                &[Term::Comparable, Term::Code(UNRECOGNISED)]
            }
            (Self::Harmonised, _) => &[Term::Activity, Term::Code(UNRECOGNISED)],
        }
    }

    /// The category of a line.
    pub fn of<'a>(self, line: impl Into<Labels<'a>>) -> &'a str {
        let line = line.into();
        let terms = self.terms(line.side).iter();
        let mut known = terms.filter_map(|term| term.of(line));
        known.next().unwrap_or(line.category)
    }
}

impl Term {
    fn of(self, line: Labels<'_>) -> Option<&str> {
        match self {
            Self::Category => Some(line.category),
            Self::Comparable => line.comparable,
            Self::Activity => line.activity.map(Activity::name),
            Self::Code(code) => Some(code),
        }
    }
}

/// Whether a line is a total that is added in place of its lines.
pub const fn stands_in(role: Role, counted: bool) -> bool {
    counted && matches!(role, Role::Total | Role::Heading)
}

/// Whether a line is one whose money a total may hold: neither added, nor nil, nor missing.
pub const fn is_covered(role: Role, counted: bool, nil: bool, missing: bool) -> bool {
    matches!(role, Role::Line | Role::Subtotal) && !counted && !nil && !missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(side: Side, activity: Option<Activity>, comparable: Option<&str>) -> Labels<'_> {
        Labels {
            side: Some(side),
            activity,
            category: "POSTE",
            comparable,
        }
    }

    #[test]
    fn a_line_that_is_not_recognised_has_a_category_of_its_own() {
        let operating = Some(Activity::Operating);
        let of = |side, activity, comparable| {
            Grouping::ALL.map(|grouping| grouping.of(labels(side, activity, comparable)))
        };
        assert_eq!(
            of(Side::Expense, operating, Some("taxes")),
            ["POSTE", "taxes"]
        );
        assert_eq!(of(Side::Expense, operating, None), ["POSTE", UNRECOGNISED]);
        assert_eq!(of(Side::Expense, None, None), ["POSTE", UNRECOGNISED]);
        assert_eq!(of(Side::Revenue, operating, None), ["POSTE", "operating"]);
        assert_eq!(of(Side::Revenue, None, None), ["POSTE", UNRECOGNISED]);
    }

    #[test]
    fn every_side_ends_with_a_term_that_each_line_has() {
        for grouping in Grouping::ALL {
            for side in [None, Some(Side::Revenue), Some(Side::Expense)] {
                let last = grouping.terms(side).last();
                assert!(matches!(last, Some(Term::Category | Term::Code(_))));
            }
        }
    }
}
