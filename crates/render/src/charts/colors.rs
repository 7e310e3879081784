//! Which colour a category has: the same in every view and chart, on pages and in files.
//!
//! It follows from the place of the category in the official models, those of today first, and of one that they do not
//! have from its place in the statement; not from its size in a view: another year, another side, another filter or
//! another public body changes no colour.

use centime_accounts::nomenclature::{Block, NOMENCLATURES};
use centime_accounts::{Activity, Grouping, Side};

use super::view::View;
use crate::draw::palette::CATEGORIES;
use crate::draw::spec::Color;
use crate::language::locale::Locale;

/// The categories that can be compared across nomenclatures, in the order of their colours.
const HARMONISED: [&str; CATEGORIES] = [
    "personnel",
    "interventions",
    "purchases",
    "taxes",
    "financial",
    "depreciation",
    "disposals",
    "other",
    "unrecognised",
];

/// The place of a category that can be compared: of expense its own, of revenue that of its activity.
fn harmonised_place(name: &str) -> Option<usize> {
    let of_expense = HARMONISED.iter().position(|known| *known == name);
    of_expense.or_else(|| {
        let activity = Activity::named(name)?;
        Activity::ALL.iter().position(|known| *known == activity)
    })
}

impl View<'_> {
    /// The colours of categories, as `Selection::name_of` gives them, or of lines within one.
    pub(super) fn colors(&self, names: &[&str]) -> Vec<Color> {
        let place = |name: &str| match (&self.selection.category, self.selection.grouping) {
            (Some(_), _) => self.labels.iter().position(|known| known == name),
            (None, Grouping::Harmonised) => harmonised_place(name),
            (None, Grouping::Published) => self.block_place(name),
        };
        distinct(&names.iter().map(|name| place(name)).collect::<Vec<_>>())
    }

    /// The colours of blocks, whatever the view groups lines by.
    pub(super) fn block_colors(&self, blocks: &[&str]) -> Vec<Color> {
        let place = |block: &&str| self.block_place(block);
        distinct(&blocks.iter().map(place).collect::<Vec<_>>())
    }

    fn block_place(&self, name: &str) -> Option<usize> {
        let known = official().iter().position(|block| block.label == name);
        known.or_else(|| self.blocks.iter().position(|block| block == name))
    }
}

/// The blocks of the official models, those of today first.
fn official() -> Vec<&'static Block> {
    let [m14, m57, by_nature] = &*NOMENCLATURES;
    let models = [m57, m14, by_nature].into_iter();
    models.flat_map(|model| &model.blocks).collect()
}

/// The categories that are known of a grouping, under the names that other programs show, with the colours that they
/// have in charts of expense or of revenue alone.
pub fn known_colors(grouping: Grouping, locale: &Locale) -> Vec<(String, Color)> {
    match grouping {
        Grouping::Published => {
            let blocks = official();
            let of_side = |side: Side| {
                // Models share some names, and so the colour of the first of them.
                let first = |place: &usize| {
                    let same = |block: &&Block| block.label == blocks[*place].label;
                    blocks.iter().position(same) == Some(*place)
                };
                let beside = |place: &usize| blocks[*place].side == side;
                let places = (0..blocks.len()).filter(first).filter(beside);
                let places: Vec<Option<usize>> = places.map(Some).collect();
                let colors = distinct(&places);
                let named = places.into_iter().flatten().zip(colors);
                named
                    .map(|(place, color)| (blocks[place].label.clone(), color))
                    .collect::<Vec<_>>()
            };
            Side::ALL.into_iter().flat_map(of_side).collect()
        }
        Grouping::Harmonised => {
            let of_expense = HARMONISED.map(|code| ("harmonised_category", code));
            let of_revenue = Activity::ALL.map(|activity| ("activity", activity.name()));
            let named = of_expense.into_iter().chain(of_revenue);
            named
                .filter_map(|(words, code)| {
                    let color = Color::Category(harmonised_place(code)?);
                    Some((locale.term(words, code).to_owned(), color))
                })
                .collect()
        }
    }
}

/// The colours of places: that of its number, or another one where there are more places than colours and it is
/// taken, so that two of a chart are the same only where it has more of them than colours.
fn distinct(places: &[Option<usize>]) -> Vec<Color> {
    let mut taken = [false; CATEGORIES];
    let mut colors: Vec<Option<usize>> = places
        .iter()
        .map(|place| {
            let number = place.filter(|place| *place < CATEGORIES && !taken[*place])?;
            taken[number] = true;
            Some(number)
        })
        .collect();
    let mut free: Vec<usize> = (0..CATEGORIES).filter(|number| !taken[*number]).collect();
    free.reverse();
    for (at, color) in colors.iter_mut().enumerate() {
        color.get_or_insert_with(|| free.pop().unwrap_or(at % CATEGORIES));
    }
    colors
        .into_iter()
        .map(|number| Color::Category(number.unwrap_or_default()))
        .collect()
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;

    use super::*;

    #[test]
    fn an_activity_has_the_same_colour_beside_others_and_alone() {
        let of = |names: &[&str]| {
            let places = names.iter().map(|name| harmonised_place(name));
            distinct(&places.collect::<Vec<_>>())
        };
        let known = known_colors(Grouping::Harmonised, Locale::of(Language::French));
        let all = of(&["exceptional", "operating", "financial"]);
        for (name, (word, color)) in [
            ("exceptional", ("Exceptionnel", all[0])),
            ("operating", ("Activité", all[1])),
            ("financial", ("Financier", all[2])),
        ] {
            assert_eq!(of(&[name]), [color]);
            assert!(known.contains(&(word.to_owned(), color)), "{known:?}");
        }
    }

    #[test]
    fn a_place_has_its_colour_and_no_two_have_the_same() {
        let of = |places: &[Option<usize>]| -> Vec<usize> {
            distinct(places)
                .into_iter()
                .map(|color| match color {
                    Color::Category(number) => number,
                    other => panic!("{other:?}"),
                })
                .collect()
        };
        assert_eq!(of(&[Some(3), Some(0)]), [3, 0]);
        assert_eq!(of(&[Some(0), Some(3)]), [0, 3]);
        // The tenth category, and one that the statement does not have.
        assert_eq!(of(&[Some(9), Some(0), None]), [1, 0, 2]);
        let mut all = of(&(0..9).map(|place| Some(place * 2)).collect::<Vec<_>>());
        all.sort_unstable();
        assert_eq!(all, (0..9).collect::<Vec<_>>());
        assert_eq!(of(&[None; 12]).len(), 12);
    }
}
