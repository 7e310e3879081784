//! What changed between two years, in sentences, for pages and the report alike.

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side};
use centime_analytics::years::{Change, Move};
use centime_warehouse::lines::Line;

use crate::Locale;
use crate::language::format;
use crate::language::label::{apart, line_gloss, quoted, sentence_case, with_gloss};

/// A rate of change with its sign; `None` for one that reads as zero, which would deny the change beside it.
pub fn signed_rate(rate: BasisPoints, locale: &Locale) -> Option<String> {
    let nothing = BasisPoints::default();
    let written = format::rate(rate, locale.language());
    match rate.cmp(&nothing) {
        std::cmp::Ordering::Less => Some(written),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(format!("+{written}")),
    }
}

/// An amount with its sign, exact.
pub fn signed_euros(amount: Centimes, locale: &Locale) -> String {
    let written = format::euros(amount, locale.language());
    if amount > Centimes::ZERO {
        format!("+{written}")
    } else {
        written
    }
}

/// The direction of a change, as keys have it.
const fn direction(difference: Centimes) -> &'static str {
    match difference.get().signum() {
        1 => "up",
        -1 => "down",
        _ => "same",
    }
}

/// A sentence about the total of a side in two years.
pub fn changed(
    side: Side,
    (from, before): (FiscalYear, Centimes),
    (to, after): (FiscalYear, Centimes),
    locale: &Locale,
) -> Option<String> {
    let change = Change::between(Some(before), Some(after))?;
    let rounded = |amount: Centimes| format::rounded_euros(amount, locale.language());
    let rate = change.rate.and_then(|rate| signed_rate(rate, locale));
    let key = match (direction(change.difference), rate.is_some()) {
        ("same", _) => format!("report.{side}_same"),
        (direction, true) => format!("report.{side}_{direction}"),
        // What was zero or below has no rate of change.
        (direction, false) => format!("report.{side}_{direction}_no_rate"),
    };
    Some(locale.fill(
        &key,
        &[
            ("before", &from.to_string()),
            ("after", &to.to_string()),
            ("amount", &rounded(change.difference.abs())),
            ("rate", &rate.unwrap_or_default()),
            ("total", &rounded(after)),
        ],
    ))
}

/// A sentence about the result in two years.
pub fn result_changed(
    from: FiscalYear,
    to: FiscalYear,
    change: &Change,
    locale: &Locale,
) -> String {
    let rounded = |amount: Centimes| format::rounded_euros(amount, locale.language());
    let key = format!("year.result_{}", direction(change.difference));
    locale.fill(
        &key,
        &[
            ("before", &from.to_string()),
            ("after", &to.to_string()),
            ("first", &rounded(change.before)),
            ("second", &rounded(change.after)),
            ("amount", &rounded(change.difference.abs())),
        ],
    )
}

/// A line in a sentence: its official label in the reader's quotation marks, with its gloss for English readers.
pub fn named_line(line: &Line, locale: &Locale) -> String {
    let name = quoted(&apart(&sentence_case(line.label.trim())), locale);
    with_gloss(&name, &apart(line_gloss(line, locale.language())))
}

/// Which line of a side grew most, and how much of the growth of the side that is; where none grew, which one fell most.
/// `None` where nothing changed on this side.
pub fn grew_most(moves: &[Move<'_>], side: Side, locale: &Locale) -> Option<String> {
    let of_side = || moves.iter().filter(|moved| moved.side == side);
    let grew = of_side()
        .filter(|moved| moved.difference > Centimes::ZERO)
        .max_by_key(|moved| moved.difference);
    let found = grew.or_else(|| of_side().min_by_key(|moved| moved.difference))?;
    let whole = BasisPoints::new(10_000);
    // More than all of a rise that others took back is no part of it.
    let share = found.share.filter(|share| *share <= whole);
    let form = if share.is_some() { "_share" } else { "" };
    let key = format!("year.{side}_{}{form}", direction(found.difference));
    let language = locale.language();
    let share = share.map(|share| format::rate(share, language));
    Some(locale.fill(
        &key,
        &[
            ("name", &named_line(found.line, locale)),
            (
                "amount",
                &format::rounded_euros(found.difference.abs(), language),
            ),
            ("share", &share.unwrap_or_default()),
        ],
    ))
}
