//! Values of arguments.

use std::ops::RangeInclusive;

use centime_accounts::FiscalYear;

/// Two years, or one for both.
pub fn years(text: &str) -> Result<(String, String), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let is_year = |year: &str| year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
    if !is_year(first) || !is_year(last) {
        return Err("expected years such as 2019-2023 or 2023".to_owned());
    }
    if first > last {
        return Err(format!(
            "there is no year from {first} to {last}: the first year comes first, as in {last}-{first}"
        ));
    }
    Ok((first.to_owned(), last.to_owned()))
}

/// The same as numbers.
pub fn fiscal_years(text: &str) -> Result<RangeInclusive<FiscalYear>, String> {
    let (first, last) = years(text)?;
    let number = |year: &str| {
        year.parse::<FiscalYear>()
            .map_err(|error| error.to_string())
    };
    Ok(number(&first)?..=number(&last)?)
}

/// An address on the web.
pub fn web_address(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host)
            if !host.is_empty()
                && !text.contains(|c: char| c.is_whitespace() || c.is_control()) =>
        {
            Ok(text.to_owned())
        }
        _ => Err("expected an address such as https://example.fr".to_owned()),
    }
}
