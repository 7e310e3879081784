//! Links that the operator of a site puts at the foot of its pages: legal notice, accessibility, contact.

use std::fmt;

use centime_analytics::Language;

/// How many there may be: more would hide what the page itself leads to.
pub const MOST_LINKS: usize = 12;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 80;

/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2000;

/// A link at the foot of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterLink {
    /// What it is called in French.
    pub french: LinkTitle,
    /// What it is called in English.
    pub english: LinkTitle,
    /// Where it leads.
    pub address: LinkAddress,
}

impl FooterLink {
    /// What it is called in a language.
    pub fn title(&self, language: Language) -> &str {
        match language {
            Language::French => &self.french.0,
            Language::English => &self.english.0,
        }
    }

    /// Where it leads.
    pub fn address(&self) -> &str {
        &self.address.0
    }
}

/// What a link is called: some words on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTitle(String);

/// Where a link may lead: a page of the web, a mailbox, or a path of the host. Nothing that a browser runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAddress(String);

/// Why a link is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NotALink(String);

impl fmt::Display for NotALink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LinkTitle {
    type Error = NotALink;

    fn try_from(text: String) -> Result<Self, NotALink> {
        let title = text.trim();
        if title.is_empty() || title.chars().any(hidden) || title.chars().count() > LONGEST_TITLE {
            return Err(NotALink(format!(
                "«{}» is no title of a link: expected words on one line, at most {LONGEST_TITLE} characters",
                shown(&text)
            )));
        }
        Ok(Self(title.to_owned()))
    }
}

impl TryFrom<String> for LinkAddress {
    type Error = NotALink;

    fn try_from(text: String) -> Result<Self, NotALink> {
        let plain = |letter: char| !(hidden(letter) || letter.is_whitespace() || letter == '\\');
        let fits = text.len() <= LONGEST_ADDRESS && text.chars().all(plain);
        let leads = match scheme(&text) {
            // A second slash would name another host.
            None => text.starts_with('/') && !text.starts_with("//"),
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "https" | "http" => rest.strip_prefix("//").is_some_and(has_host),
                "mailto" => is_mailbox(rest),
                _ => false,
            },
        };
        if fits && leads {
            return Ok(Self(text));
        }
        Err(NotALink(format!(
            "«{}» is no address that a link may have: expected https://…, http://…, mailto:… or a path of the host such as /contact",
            shown(&text)
        )))
    }
}

/// The scheme of an address and what follows it; `None` for a path.
fn scheme(address: &str) -> Option<(&str, &str)> {
    let end = address.find([':', '/', '?', '#'])?;
    address[end..]
        .strip_prefix(':')
        .map(|rest| (&address[..end], rest))
}

fn has_host(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before the host, as in `https://ville.fr@example.net`, is there to mislead.
    let is_host = |letter: char| letter.is_alphanumeric() || "-._:[]".contains(letter);
    host.chars().any(char::is_alphanumeric) && host.chars().all(is_host)
}

fn is_mailbox(rest: &str) -> bool {
    let mailbox = rest.split('?').next().unwrap_or_default();
    let parts = mailbox.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.contains('@') && has_host(host))
}

/// Letters that a reader does not see, or that change how others are seen.
fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || ('\u{2028}'..='\u{202e}').contains(&letter)
        || ('\u{2060}'..='\u{2069}').contains(&letter)
}

/// A text as a message may say it again.
fn shown(text: &str) -> String {
    let shown = text.chars().take(LONGEST_TITLE);
    shown
        .map(|letter| if hidden(letter) { '\u{fffd}' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_a_mailbox_or_a_path() {
        for good in [
            "https://www.ville.example/mentions-legales",
            "HTTPS://www.ville.example",
            "http://intranet:8080/accessibilité?a=1&b=2#c",
            "https://[2001:db8::1]/x",
            "mailto:comptes@ville.example",
            "mailto:comptes@ville.example?subject=Comptes%20publics",
            "/",
            "/mentions-legales",
            "/page:1?x=javascript:1",
        ] {
            let address = LinkAddress::try_from(good.to_owned());
            assert_eq!(address.map(|it| it.0).as_deref(), Ok(good));
        }
        for wrong in [
            "",
            " ",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\nscript:alert(1)",
            " javascript:alert(1)",
            "\u{1}javascript:alert(1)",
            "vbscript:x",
            "data:text/html,<script>alert(1)</script>",
            "file:///etc/passwd",
            "blob:https://x",
            "tel:+33100000000",
            "https:",
            "https://",
            "https:///x",
            "https:ville.example",
            "https://ville.example@example.net/",
            "https://a b.example",
            "mailto:",
            "mailto:comptes",
            "mailto:a@b@c.example",
            "//example.net/x",
            "/\\example.net",
            "\\\\example.net",
            "/a\tb",
            "mentions-legales",
            "www.ville.example",
            "#contact",
            "?x",
        ] {
            let refused = LinkAddress::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.to_string().contains("https://…"), "{refused}");
        }
        let long = format!("https://ville.example/{}", "x".repeat(LONGEST_ADDRESS));
        assert!(LinkAddress::try_from(long).is_err());
    }

    #[test]
    fn a_title_is_some_words_on_one_line() {
        for (given, read) in [
            ("Mentions légales", Some("Mentions légales")),
            (" <b>Contact</b> ", Some("<b>Contact</b>")),
            ("", None),
            ("  ", None),
            ("a\nb", None),
            ("a\u{202e}b", None),
        ] {
            let found = LinkTitle::try_from(given.to_owned()).ok();
            assert_eq!(found.map(|it| it.0).as_deref(), read, "{given:?}");
        }
        assert!(LinkTitle::try_from("é".repeat(LONGEST_TITLE)).is_ok());
        assert!(LinkTitle::try_from("é".repeat(LONGEST_TITLE + 1)).is_err());
    }
}
