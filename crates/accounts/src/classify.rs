//! Which line of which statement a published row is.
//!
//! A label that fits no line of the model is never dropped and never silently guessed: the row keeps
//! its own label, its role follows from its form alone (« Dont … », « Total … »), and it is marked
//! [`Match::Unknown`] for the reports.

use std::collections::HashMap;
use std::sync::Arc;

use crate::label::{Match, abbreviates, normalise};
use crate::nomenclature::{Block, Edition, Line, Nomenclature};
use crate::statement::{Activity, LineItem, Published, Role, Side};

/// The position of rows that the official model does not have.
const AFTER_ALL_OTHERS: u16 = u16::MAX;

/// How many meanings are remembered. A statement has a few hundred labels; a dataset with more
/// than this only makes the same work be done again.
const REMEMBERED: usize = 20_000;

/// Understands labels, and remembers what they mean: thousands of bodies print the same ones.
#[derive(Debug, Default)]
pub struct Classifier {
    /// The name of the body whose labels are understood.
    body: String,
    // The remembered item keeps the labels alive.
    known: HashMap<Wanted, Arc<LineItem>>,
}

/// What a meaning follows from: the nomenclature, the edition, and the place of the labels in memory.
type Wanted = (Option<&'static str>, Option<&'static str>, usize);

impl Classifier {
    /// Says whose labels come next: bodies of some kinds mean something else by a line.
    pub fn begin_body(&mut self, name: &str) {
        name.clone_into(&mut self.body);
    }

    /// The edition that the body uses and no other kind of body does.
    pub fn edition(&self, nomenclature: Option<&'static Nomenclature>) -> Option<&'static Edition> {
        nomenclature.and_then(|known| known.edition_of_body(&self.body))
    }

    /// What the labels of a row mean under the nomenclature of its year, or by their form alone
    /// when the year has none. `edition` is [`Classifier::edition`] of the nomenclature.
    pub fn classify(
        &mut self,
        nomenclature: Option<&'static Nomenclature>,
        edition: Option<&'static Edition>,
        published: &Arc<Published>,
    ) -> Arc<LineItem> {
        let code = nomenclature.map(|known| known.code.as_str());
        let of_edition = edition.map(|edition| edition.code.as_str());
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let item = self
            .known
            .entry((code, of_edition, Arc::as_ptr(published).addr()))
            .or_insert_with(|| Arc::new(classify(nomenclature, edition, published)));
        Arc::clone(item)
    }
}

/// Understands labels under the nomenclature of their year, or by their form alone when the year
/// has none.
pub fn classify(
    nomenclature: Option<&'static Nomenclature>,
    edition: Option<&'static Edition>,
    published: &Arc<Published>,
) -> LineItem {
    let side = Side::parse(&published.side);
    let activity = Activity::parse(&published.activity);
    let label = normalise(&published.label);
    let category = normalise(&published.category);

    let block = nomenclature
        .and_then(|known| known.block_by_label(&category))
        .filter(|block| side.is_none_or(|side| side == block.side));
    let found = match (block, nomenclature) {
        (Some(block), _) => find_line(&[block], &published.label, &label),
        (None, Some(known)) => {
            find_line(&blocks_of(known, side, activity), &published.label, &label)
        }
        (None, None) => None,
    };

    let item = match found {
        Some((block, line, matched)) => {
            let item = known_line(published, block, line, matched);
            let other = edition.and_then(|edition| edition.harmonised.get(&line.place(block)));
            LineItem {
                harmonised: other.map(String::as_str).or(item.harmonised),
                ..item
            }
        }
        None => unknown_line(nomenclature, block, side, activity, &label, published),
    };
    LineItem {
        nomenclature: nomenclature.map(|known| known.code.as_str()),
        ..item
    }
}

/// The blocks a row can belong to when its own block label is not a known one.
fn blocks_of(
    nomenclature: &'static Nomenclature,
    side: Option<Side>,
    activity: Option<Activity>,
) -> Vec<&'static Block> {
    match (side, activity) {
        (Some(side), Some(activity)) => nomenclature
            .blocks
            .iter()
            .filter(|block| block.side == side && block.activity == activity)
            .collect(),
        _ => Vec::new(),
    }
}

/// The line of these blocks that a label names, by the closest kind of match. An abbreviation that
/// fits several lines names none.
fn find_line(
    blocks: &[&'static Block],
    published: &str,
    normalised: &str,
) -> Option<(&'static Block, &'static Line, Match)> {
    let lines = || {
        blocks
            .iter()
            .flat_map(|block| block.lines.iter().map(|line| (*block, line)))
    };
    let unique = |matched: Match, fits: &dyn Fn(&Line) -> bool| {
        let mut fitting = lines().filter(|(_, line)| fits(line));
        match (fitting.next(), fitting.next()) {
            (Some((block, line)), None) => Some((block, line, matched)),
            _ => None,
        }
    };
    if normalised.is_empty() {
        return None;
    }
    unique(Match::Exact, &|line| line.label == published)
        .or_else(|| unique(Match::Normalised, &|line| line.normalised == normalised))
        .or_else(|| {
            unique(Match::Variant, &|line| {
                line.normalised_variants
                    .iter()
                    .any(|variant| variant == normalised)
                    || without_dont(&line.normalised) == Some(normalised)
            })
        })
        .or_else(|| {
            unique(Match::Abbreviated, &|line| {
                abbreviates(normalised, &line.normalised)
            })
        })
}

/// The label of a part without its leading « Dont ».
fn without_dont(normalised: &str) -> Option<&str> {
    normalised.strip_prefix("dont ")
}

fn known_line(
    published: &Arc<Published>,
    block: &'static Block,
    line: &'static Line,
    matched: Match,
) -> LineItem {
    LineItem {
        published: Arc::clone(published),
        nomenclature: None,
        side: Some(block.side),
        activity: Some(block.activity),
        block: Some(&block.code),
        category: block.label.clone(),
        code: Some(&line.code),
        label: line.label.clone(),
        matched,
        role: line.role,
        parent: line.parent.as_deref(),
        harmonised: line.harmonised.as_deref(),
        exceptional_successor: line.exceptional_successor.as_deref(),
        asset_income: line.asset_income.as_deref(),
        position: line.position,
    }
}

fn unknown_line(
    nomenclature: Option<&'static Nomenclature>,
    block: Option<&'static Block>,
    side: Option<Side>,
    activity: Option<Activity>,
    label: &str,
    published: &Arc<Published>,
) -> LineItem {
    let balance = nomenclature.and_then(|known| {
        known
            .balances
            .iter()
            .find(|balance| balance.normalised == label)
    });
    // The form prints the name of a block as a row above its lines.
    let title = block.filter(|block| block.normalised == label);
    let role = match (balance, title) {
        // The official list of balances has the statement's grand totals too.
        (Some(_), _) => Role::Balance,
        (None, Some(_)) => Role::Heading,
        (None, None) => role_by_form(label),
    };
    let parent = match (role, block) {
        (Role::Part, Some(block)) => only_subtotal(block),
        _ => None,
    };
    LineItem {
        published: Arc::clone(published),
        nomenclature: None,
        side: side.or_else(|| block.map(|block| block.side)),
        activity: activity.or_else(|| block.map(|block| block.activity)),
        block: block.map(|block| block.code.as_str()),
        category: block.map_or_else(|| published.category.clone(), |block| block.label.clone()),
        code: balance.map(|balance| balance.code.as_str()),
        label: balance
            .map(|balance| &balance.label)
            .or(title.map(|block| &block.label))
            .unwrap_or(&published.label)
            .clone(),
        matched: if balance.is_some() || title.is_some() {
            Match::Normalised
        } else {
            Match::Unknown
        },
        role,
        parent,
        harmonised: None,
        exceptional_successor: None,
        asset_income: None,
        position: title
            .and_then(|block| block.lines.first())
            .map_or(AFTER_ALL_OTHERS, |first| first.position),
    }
}

/// What the form of a label alone says about its role.
fn role_by_form(label: &str) -> Role {
    let mut words = label.split(' ');
    match words.next().unwrap_or_default() {
        "dont" => Role::Part,
        "total" | "totaux" => Role::Total,
        "sous" if matches!(words.next(), Some("total" | "totaux")) => Role::Total,
        "resultat" | "solde" => Role::Balance,
        _ => Role::Line,
    }
}

/// The subtotal an unknown part must belong to, when its block has just one.
fn only_subtotal(block: &'static Block) -> Option<&'static str> {
    let mut subtotals = block
        .lines
        .iter()
        .filter(|line| line.role == Role::Subtotal);
    match (subtotals.next(), subtotals.next()) {
        (Some(only), None) => Some(&only.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(activity: &str, side: &str, category: &str, label: &str) -> Arc<Published> {
        Arc::new(Published {
            activity: activity.into(),
            side: side.into(),
            category: category.into(),
            label: label.into(),
        })
    }

    fn m57(side: &str, category: &str, label: &str) -> LineItem {
        let activity = if category.contains("FINANC") {
            "FINANCIER"
        } else {
            "EXPLOITATION"
        };
        classify(
            Nomenclature::by_code("M57"),
            None,
            &row(activity, side, category, label),
        )
    }

    fn m14(side: &str, category: &str, label: &str) -> LineItem {
        classify(
            Nomenclature::by_code("M14"),
            None,
            &row("EXPLOITATION", side, category, label),
        )
    }

    #[test]
    fn meanings_are_remembered_for_each_nomenclature() {
        let mut classifier = Classifier::default();
        let labels = row("", "CHARGES", "CHARGES FINANCIERES", "Charges d'intérêts");
        let under = |code| Nomenclature::by_code(code);
        let first = classifier.classify(under("M57"), None, &labels);
        assert!(Arc::ptr_eq(
            &first,
            &classifier.classify(under("M57"), None, &labels)
        ));
        assert_ne!(first, classifier.classify(under("M14"), None, &labels));
        assert_eq!(*first, classify(under("M57"), None, &labels));
    }

    #[test]
    fn official_labels_and_their_typography_are_recognised() {
        for (label, matched) in [
            ("Charges de personnel", Match::Exact),
            ("CHARGES  DE PERSONNEL ", Match::Normalised),
            ("Charges de pers.", Match::Abbreviated),
        ] {
            let line = m57("CHARGES", "CHARGES DE FONCTIONNEMENT", label);
            assert_eq!(
                (line.code, line.matched),
                (Some("personnel"), matched),
                "{label}"
            );
            assert_eq!(line.role, Role::Subtotal);
            assert_eq!(line.label, "Charges de personnel");
            assert_eq!(line.published.label, label);
        }
        let part = m57("CHARGES", "CHARGES D’INTERVENTION", "ménages");
        assert_eq!(
            (part.code, part.matched),
            (Some("intervention-households"), Match::Variant)
        );
        assert_eq!(part.parent, Some("intervention-schemes"));
    }

    #[test]
    fn the_same_label_on_both_sides_is_two_lines() {
        let revenue = m57("PRODUITS", "PRODUITS DE FONCTIONNEMENT", "IMPOTS ET TAXES");
        let expense = m57("CHARGES", "CHARGES DE FONCTIONNEMENT", "IMPOTS ET TAXES");
        assert_eq!(revenue.code, Some("taxes-received"));
        assert_eq!(expense.code, Some("taxes-paid"));
    }

    #[test]
    fn an_unknown_block_is_inferred_only_when_one_line_fits() {
        let line = m57("CHARGES", "Autre intitulé", "Indemnités des élus");
        assert_eq!(
            (line.code, line.block),
            (Some("elected-officials"), Some("operating-expense"))
        );
        let other = m57(
            "CHARGES",
            "Autre intitulé",
            "Autres charges de quelque chose",
        );
        assert_eq!((other.code, other.matched), (None, Match::Unknown));
        assert_eq!(other.category, "Autre intitulé");
    }

    #[test]
    fn ambiguous_abbreviations_name_no_line() {
        let line = m14("CHARGES", "CHARGES COURANTES NON FINANCIERES", "Dotations");
        assert_eq!(line.matched, Match::Unknown);
        let line = m14(
            "CHARGES",
            "CHARGES COURANTES NON FINANCIERES",
            "Dot amort charges à répartir",
        );
        assert_eq!(line.code, Some("deferred-charge-amortisation"));
    }

    #[test]
    fn unknown_labels_keep_their_text_and_take_the_role_of_their_form() {
        for (label, role, parent) in [
            ("Dont quelque chose", Role::Part, Some("personnel")),
            ("Total général", Role::Total, None),
            ("Sous-total", Role::Total, None),
            ("Résultat courant", Role::Balance, None),
            ("<script>alert(1)</script>", Role::Line, None),
            ("", Role::Line, None),
        ] {
            let line = m57("CHARGES", "CHARGES DE FONCTIONNEMENT", label);
            assert_eq!(
                (line.role, line.parent, line.code),
                (role, parent, None),
                "{label}"
            );
            assert_eq!((line.label.as_str(), line.matched), (label, Match::Unknown));
        }
    }

    #[test]
    fn balances_and_rows_without_a_side_are_not_lines_of_a_block() {
        let result = classify(
            Nomenclature::by_code("M57"),
            None,
            &row("", "", "", "Résultat de l’exercice (VIII = IV + VII)"),
        );
        assert_eq!((result.code, result.role), (Some("result"), Role::Balance));
        let lost = classify(
            Nomenclature::by_code("M57"),
            None,
            &row("", "", "", "Charges d'intérêts"),
        );
        assert_eq!((lost.side, lost.matched), (None, Match::Unknown));
    }

    #[test]
    fn the_name_of_a_block_above_its_lines_is_a_heading() {
        let title = m57(
            "CHARGES",
            "CHARGES DE FONCTIONNEMENT",
            "Charges de fonctionnement",
        );
        assert_eq!(
            (title.role, title.matched),
            (Role::Heading, Match::Normalised)
        );
        assert_eq!((title.code, title.position), (None, 17));
    }

    #[test]
    fn aid_is_intervention_where_aid_is_what_a_body_is_for() {
        let mut classifier = Classifier::default();
        let nomenclature = Nomenclature::by_code("M14");
        let labels = row(
            "EXPLOITATION",
            "CHARGES",
            "CHARGES COURANTES NON FINANCIERES",
            "Autres charges",
        );
        for (body, category) in [
            ("Ville de Vannes", "other"),
            ("C.C.A.S. de Vannes", "interventions"),
            ("CCAS de Vannes", "interventions"),
            ("CAISSE DES ECOLES DE VANNES", "interventions"),
            ("Ville de Vannes", "other"),
        ] {
            classifier.begin_body(body);
            let edition = classifier.edition(nomenclature);
            let item = classifier.classify(nomenclature, edition, &labels);
            assert_eq!(item.harmonised, Some(category), "{body}");
        }
    }

    #[test]
    fn a_block_that_contradicts_its_side_is_not_believed() {
        let line = m57(
            "PRODUITS",
            "CHARGES DE FONCTIONNEMENT",
            "Charges de personnel",
        );
        assert_eq!((line.side, line.code), (Some(Side::Revenue), None));
    }
}
