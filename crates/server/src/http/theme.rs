//! In which colours a reader wants pages: those that an address asks for, that were chosen before, or those of the
//! reader's system.

use std::fmt;
use std::str::FromStr;

use axum::http::HeaderMap;

use crate::http::{cookies, query_string};

/// The parameter and the cookie.
pub const NAME: &str = "theme";

/// The colours of pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Those that the reader's system prefers.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// That a text names no colours of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTheme;

impl Theme {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As addresses and cookies have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What a page tells the browser of the colours that it has.
    pub const fn color_scheme(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The colours that an address asks for.
    pub fn of_query(query: &str) -> Option<Self> {
        let parameters = query_string::parse(query);
        let (_, name) = parameters.iter().find(|(known, _)| known == NAME)?;
        name.parse().ok()
    }

    /// Those that were chosen before.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        cookies::values(headers, NAME)
            .find_map(|name| name.parse().ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Theme {
    type Err = UnknownTheme;

    fn from_str(text: &str) -> Result<Self, UnknownTheme> {
        let mut all = Self::ALL.into_iter();
        all.find(|theme| theme.name() == text).ok_or(UnknownTheme)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

    use super::*;

    #[test]
    fn an_address_and_a_cookie_choose_and_others_say_nothing() {
        assert_eq!(Theme::of_query("side=x&theme=dark"), Some(Theme::Dark));
        assert_eq!(Theme::of_query("theme=system"), Some(Theme::System));
        for nothing in ["", "theme=", "theme=DARK", "themes=dark"] {
            assert_eq!(Theme::of_query(nothing), None, "{nothing}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(Theme::of_headers(&headers), Theme::System);
        headers.append(COOKIE, "lang=fr; theme=blue; theme=light".parse().unwrap());
        assert_eq!(Theme::of_headers(&headers), Theme::Light);
    }
}
