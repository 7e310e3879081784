//! What indicators are called and counted in, as expressions over their names.

use centime_accounts::indicators::{INDICATORS, Indicator};

/// A text of an indicator, and what stands for it in a view.
type Text = (&'static str, fn(&Indicator) -> &str);

const TEXTS: [Text; 6] = [
    ("{indicator_unit}", |one| one.unit.name()),
    ("{indicator_group}", |one| one.group.name()),
    ("{indicator_name_fr}", |one| &one.name.fr),
    ("{indicator_name_en}", |one| &one.name.en),
    ("{indicator_formula_fr}", |one| &one.formula.fr),
    ("{indicator_formula_en}", |one| &one.formula.en),
];

/// A statement with the texts of indicators where something stands for them.
pub(super) fn named(select: &str) -> String {
    TEXTS
        .iter()
        .fold(select.to_owned(), |select, (name, text)| {
            if select.contains(name) {
                select.replace(name, &expression(*text))
            } else {
                select
            }
        })
}

fn expression(text: fn(&Indicator) -> &str) -> String {
    let mut cases = String::from("CASE own.indicator");
    for indicator in INDICATORS.iter() {
        let text = text(indicator).replace('\'', "''");
        cases.push_str(" WHEN '");
        cases.push_str(&indicator.code);
        cases.push_str("' THEN '");
        cases.push_str(&text);
        cases.push('\'');
    }
    cases + " END"
}
