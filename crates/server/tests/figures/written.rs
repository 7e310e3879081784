//! Numbers as they are printed, held against what they state.

use super::statement::{round, share};

/// What a number states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// An amount in centimes.
    Amount(i64),
    /// A rate in hundredths of a percent.
    Rate(i64),
    /// A part of a whole, as a rate.
    Share(i64, i64),
    /// A number of something.
    Count(i64),
}

/// What was compared.
#[derive(Debug, Default)]
pub struct Tally {
    /// Whether numbers are written as in French.
    pub french: bool,
    pub numbers: usize,
    pub wrong: Vec<String>,
}

impl Tally {
    pub fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Holds a number with its unit, or with the unit that stands beside the chart, against what it states.
    pub fn holds(&mut self, at: &str, printed: &str, unit: Option<i128>, stated: Stated) {
        self.numbers += 1;
        if let Err(why) = states(printed, self.french, unit, stated) {
            self.wrong(format!(
                "{at}: «{printed}» does not state {stated:?}: {why}"
            ));
        }
    }

    /// Holds a number in full against what it states, if anything.
    pub fn holds_exactly(&mut self, at: &str, printed: &str, stated: Option<i64>) {
        self.numbers += 1;
        let digits: String = printed.replace('\u{2212}', "-");
        let digits: String = digits
            .chars()
            .filter(|letter| letter.is_ascii_digit() || *letter == '-')
            .collect();
        let said = digits.parse::<i64>().ok();
        if said != stated {
            self.wrong(format!("{at}: «{printed}» does not state {stated:?}"));
        }
    }

    pub fn same(&mut self, at: &str, printed: &str, expected: &str) {
        self.numbers += printed
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .count();
        if printed != expected {
            self.wrong(format!("{at}: «{printed}» should be «{expected}»"));
        }
    }

    pub fn needs(&mut self, at: &str, holds: bool) {
        if !holds {
            self.wrong(at.to_owned());
        }
    }
}

/// The size of a unit in centimes, or of a percent in its hundredths.
const UNITS: [(&str, i128); 15] = [
    ("milliardsd’euros", 100_000_000_000),
    ("milliardd’euros", 100_000_000_000),
    ("billion", 100_000_000_000),
    ("millionsd’euros", 100_000_000),
    ("milliond’euros", 100_000_000),
    ("million", 100_000_000),
    ("euros", 100),
    ("euro", 100),
    ("Md€", 100_000_000_000),
    ("bn", 100_000_000_000),
    ("M€", 100_000_000),
    ("m", 100_000_000),
    ("k€", 100_000),
    ("k", 100_000),
    ("€", 100),
];

/// A number as it is printed: its digits, how many are decimals, and its unit.
pub struct Printed {
    pub digits: i128,
    pub decimals: u32,
    pub size: Option<i128>,
    pub percent: bool,
    pub less: Option<char>,
}

impl Printed {
    pub fn read(text: &str, french: bool) -> Option<Self> {
        let mut text: String = text
            .chars()
            // A joiner keeps a sign in the line of its amount.
            .filter(|letter| !letter.is_whitespace() && *letter != '\u{2060}')
            .collect();
        let less = text
            .chars()
            .next()
            .filter(|letter| matches!(letter, '<' | '>'));
        text = text
            .trim_start_matches(['<', '>', '+'])
            .replace('\u{2212}', "-");
        let percent = text.ends_with('%');
        let mut size = percent.then_some(100);
        text = text.trim_end_matches('%').to_owned();
        let english = text.contains('€') && !text.ends_with('€');
        if size.is_none() {
            let found = UNITS.iter().find(|(unit, _)| text.ends_with(unit));
            size = found.map(|(_, size)| *size).or(english.then_some(100));
            if let Some((unit, _)) = found {
                text.truncate(text.len() - unit.len());
            }
        }
        text = text.replace('€', "");
        let decimal = text.rfind(if french { ',' } else { '.' });
        let decimals = decimal.map_or(0, |at| text.len() - at - 1);
        let digits: String = text.chars().filter(|l| !matches!(l, '.' | ',')).collect();
        Some(Self {
            digits: digits.parse().ok()?,
            decimals: u32::try_from(decimals).ok()?,
            size,
            percent,
            less,
        })
    }
}

/// Whether a printed number is what it states, rounded to the digits that are printed, and zero only of zero.
pub fn states(
    printed: &str,
    french: bool,
    unit: Option<i128>,
    stated: Stated,
) -> Result<(), String> {
    let read = Printed::read(printed, french).ok_or("it is no number")?;
    let rate = matches!(stated, Stated::Rate(_) | Stated::Share(..));
    let (value, not_zero) = match stated {
        Stated::Amount(value) | Stated::Count(value) | Stated::Rate(value) => (value, value != 0),
        Stated::Share(part, whole) => (share(part, whole).ok_or("there is no share")?, part != 0),
    };
    if let Some(sign) = read.less {
        let least = if sign == '<' { 1 } else { -1 };
        let small =
            matches!(stated, Stated::Share(part, _) if value == 0 && part.signum() == least);
        return (small && read.digits == least.into())
            .then_some(())
            .ok_or("it is not so small".to_owned());
    }
    let size = match stated {
        Stated::Count(_) => 1,
        _ => read.size.or(unit).ok_or("it has no unit")?,
    };
    if read.percent && !rate {
        return Err("it is in percent".to_owned());
    }
    let expected = round(i128::from(value) * 10_i128.pow(read.decimals), size);
    if read.digits != expected {
        return Err(format!(
            "rounded, it is {expected} with {} decimals",
            read.decimals
        ));
    }
    if not_zero && read.digits == 0 {
        return Err("it is not zero".to_owned());
    }
    Ok(())
}
