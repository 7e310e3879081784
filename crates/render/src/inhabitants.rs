//! How amounts for each inhabitant are said, and the inhabitants that they are divided by.

use centime_accounts::Centimes;
use centime_warehouse::aggregates::Population;

use crate::Locale;
use crate::language::format;

/// An amount for each inhabitant, with its unit.
pub fn each(amount: Centimes, locale: &Locale) -> String {
    let amount = format::euros(amount, locale.language());
    locale.fill("indicators.per_head", &[("amount", &amount)])
}

/// How many inhabitants a year has, and which dataset says so.
pub fn said(known: &Population, locale: &Locale) -> String {
    let values = [
        ("n", &*format::integer(known.population, locale.language())),
        ("year", &*known.fiscal_year.to_string()),
        ("source", locale.term("subject", known.subject.name())),
    ];
    locale.fill("aggregates.population_of", &values)
}
