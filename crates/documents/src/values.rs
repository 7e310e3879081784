//! Years, amounts, accounts and numbers of bodies, as documents write them.

use centime_accounts::chart::ChartError;
use centime_accounts::identifier;
use centime_accounts::label::normalise;
use centime_accounts::money::{AmountError, ParsedAmount};
use centime_accounts::{AmountForm, Centimes, Chart, FiscalYear};

use crate::document::ChartName;
use crate::error::Problem;
use crate::execution::Flow;

/// How long the number of an account may be.
const MAX_ACCOUNT_DIGITS: usize = 12;

/// The most of a value that a message quotes.
const MAX_QUOTED_LETTERS: usize = 60;

/// A value in a message.
pub fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(MAX_QUOTED_LETTERS).collect();
    let plain: String = shown
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    format!("«{}»", plain.trim())
}

fn wrong(field: &str, reason: String) -> Problem {
    Problem::Value {
        field: field.to_owned(),
        reason,
    }
}

/// An amount in euros: a plain decimal number, or one written for people, as `1 792,90`.
pub fn amount(field: &str, text: &str) -> Result<Centimes, Problem> {
    read_amount(field, text, Centimes::parse)
}

/// The same in a table, where the point of `1.234` may as well part thousands, and is refused.
pub fn amount_of_table(field: &str, text: &str) -> Result<Centimes, Problem> {
    read_amount(field, text, Centimes::parse_text)
}

fn read_amount(
    field: &str,
    text: &str,
    plain: fn(&str) -> Result<ParsedAmount, AmountError>,
) -> Result<Centimes, Problem> {
    let read = if text.contains(',') {
        let form = AmountForm::new(",", true).expect("a comma is a decimal mark");
        form.read(text)
    } else if text.trim().contains(char::is_whitespace) {
        let form = AmountForm::new(".", true).expect("a point is a decimal mark");
        form.read(text)
    } else {
        plain(text)
    };
    let parsed = read.map_err(|error| wrong(field, error.to_string()))?;
    Ok(parsed.amount)
}

/// An amount where one is given; `None` where the text is empty.
pub fn optional_amount(field: &str, text: Option<&str>) -> Result<Option<Centimes>, Problem> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| amount(field, text)).transpose()
}

/// A fiscal year.
pub fn year(field: &str, text: &str) -> Result<FiscalYear, Problem> {
    FiscalYear::parse(text).map_err(|error| wrong(field, error.to_string()))
}

/// The number of an account.
pub fn account<'a>(field: &str, text: &'a str) -> Result<&'a str, Problem> {
    let account = text.trim();
    let is_account = (1..=MAX_ACCOUNT_DIGITS).contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_digit());
    if is_account {
        Ok(account)
    } else {
        let reason = format!("{} is not the number of an account", quoted(text));
        Err(wrong(field, reason))
    }
}

/// Which way an amount goes: `D` or `R`, or the words.
pub fn flow(field: &str, text: Option<&str>) -> Result<Flow, Problem> {
    let text = text.unwrap_or_default();
    match normalise(text).as_str() {
        "d" | "depense" | "depenses" => Ok(Flow::Debit),
        "r" | "recette" | "recettes" => Ok(Flow::Credit),
        _ => {
            let reason = format!(
                "{} is neither D (dépense) nor R (recette), so the amount has no sign",
                quoted(text)
            );
            Err(wrong(field, reason))
        }
    }
}

/// A SIRET number whose check digits are right.
pub fn siret(field: &str, text: &str) -> Result<String, Problem> {
    let digits = identifier::digits(text).map_err(|error| wrong(field, error.to_string()))?;
    let Some(siret) = identifier::siret(&digits) else {
        let reason = format!(
            "{} is a SIREN number: the fourteen digits of a SIRET number say which budget it is",
            quoted(text)
        );
        return Err(wrong(field, reason));
    };
    if identifier::is_valid(siret) {
        Ok(siret.to_owned())
    } else {
        Err(Problem::WrongNumber {
            field: field.to_owned(),
            number: siret.to_owned(),
        })
    }
}

/// A chart of accounts as documents name it: `M57-M57_A`, `M14-M14_COM_SUP3500`, `M4-M49_D`, `M57_A`, `M57 abrégée`.
/// Whether the family has such a form is known with the year: see [`check_chart`].
pub fn chart(text: &str) -> Result<ChartName, Problem> {
    let text = text.trim();
    let (before, name) = match text.split_once('-') {
        Some((before, name)) => (Some(before), name),
        None => (None, text),
    };
    let any_year = FiscalYear::MIN;
    let family = match Chart::find(name, any_year) {
        Ok(chart) => Some(chart.family()),
        Err(ChartError::Form { family, .. }) => Some(family),
        Err(ChartError::Family(_)) => None,
    };
    // The chart is of the family that it is said to be of; those of services begin with their group, as in `M4-M49_D`.
    let is_group = |before: &str, family: &str| {
        before == family || (before == "M4" && family.starts_with(before))
    };
    let family = family.filter(|family| before.is_none_or(|before| is_group(before, family)));
    let is_short = name.len() <= MAX_QUOTED_LETTERS;
    match family.filter(|_| is_short) {
        Some(family) => Ok(ChartName {
            family: family.to_owned(),
            name: name.to_owned(),
        }),
        None => Err(Problem::UnknownNomenclature(
            quoted(text).trim_matches(['«', '»']).to_owned(),
        )),
    }
}

/// A name, and the chart of accounts that some editors write behind it, as in «COMMUNE DE X (M57)».
pub fn name_and_chart(text: &str) -> (String, Option<ChartName>) {
    let text = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    let parted = text.strip_suffix(')').and_then(|text| {
        let (name, inside) = text.rsplit_once('(')?;
        let name = name.trim_end();
        Some((name.to_owned(), chart(inside).ok()?)).filter(|(name, _)| !name.is_empty())
    });
    match parted {
        Some((name, chart)) => (name, Some(chart)),
        None => (text, None),
    }
}

/// Refuses a chart of accounts that the family does not have.
pub fn check_chart(chart: &ChartName, year: FiscalYear) -> Result<(), Problem> {
    let found = Chart::find(&chart.name, year);
    found
        .map(drop)
        .map_err(|error| wrong("Nomenclature", error.to_string()))
}

/// What a value that should be one only says, after what another place has said.
pub fn same<T: PartialEq + Clone + ToString>(
    known: &mut Option<T>,
    found: T,
    what: &'static str,
    advice: &'static str,
) -> Result<(), Problem> {
    match known {
        Some(known) if *known != found => Err(Problem::Several {
            what,
            one: known.to_string().into(),
            other: found.to_string().into(),
            advice,
        }),
        Some(_) => Ok(()),
        none => {
            *none = Some(found);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_editors_write_them() {
        for (text, centimes) in [
            ("1851.09", 185_109),
            ("-206.17", -20_617),
            ("0", 0),
            ("1 792,90", 179_290),
            ("1944,50", 194_450),
            ("1\u{a0}234\u{202f}567.5", 123_456_750),
            ("1.234,5", 123_450),
        ] {
            assert_eq!(amount("MtReal", text).unwrap().get(), centimes, "{text}");
        }
        for text in ["36.82 %", "", "1,2,3", "x", "99999999999999999999"] {
            let message = amount("MtReal", text).unwrap_err().to_string();
            assert!(message.starts_with("MtReal: "), "{message}");
        }
    }

    #[test]
    fn charts_are_of_a_known_family() {
        let name = |text: &str| chart(text).map(|chart| (chart.family, chart.name));
        let of = |family: &str, name: &str| (family.to_owned(), name.to_owned());
        assert_eq!(name("M57-M57_A").unwrap(), of("M57", "M57_A"));
        assert_eq!(name("M57_A").unwrap(), of("M57", "M57_A"));
        assert_eq!(
            name("M14-M14_COM_SUP3500").unwrap(),
            of("M14", "M14_COM_SUP3500")
        );
        assert_eq!(name("M4-M4").unwrap(), of("M4", "M4"));
        assert_eq!(name("M4-M43_D").unwrap(), of("M43", "M43_D"));
        assert_eq!(name("M4-M49_A").unwrap(), of("M49", "M49_A"));
        assert_eq!(name("M57 abrégée").unwrap(), of("M57", "M57 abrégée"));
        for text in [
            "",
            "M99-M99_A",
            "M57-M14_A",
            "M49-M4",
            "M57-M49_A",
            "PCG",
            "Morbihan",
        ] {
            assert!(chart(text).is_err(), "{text}");
        }
    }
}
