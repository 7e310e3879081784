//! What robots are asked to leave alone.
//!
//! Each filter of a page multiplies its addresses: a robot that follows all of them asks for millions of views
//! of the same lines. So links that choose among what a page shows say `nofollow`, `robots.txt` closes the
//! addresses that they lead to, and each page names the address that it has without choices.

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use centime_access::Mode;

use crate::access::Client;
use crate::http::base::Base;
use crate::request::crawling::{CLOSED, PAGED};
use crate::request::{parameters, paths};
use crate::state::site::Site;

/// Where they are asked.
pub const PATH: &str = "/robots.txt";

/// Programs that fetch a page because a person shows a link to it, views among them: they make its preview.
const PREVIEWERS: [&str; 8] = [
    "facebookexternalhit",
    "Twitterbot",
    "LinkedInBot",
    "Slackbot-LinkExpanding",
    "TelegramBot",
    "WhatsApp",
    "Discordbot",
    "Mastodon",
];

/// Answers with what robots are asked. They look for it at the root of a host only, so below a path it is for
/// those who keep the host to take over.
pub async fn answer(State(site): State<Site>, Extension(client): Extension<Client>) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    let settings = &site.guard().settings;
    let public = settings.public_address.as_deref().map(|known| {
        if site.guard().base.is_empty() {
            format!("{known}{}", client.base)
        } else {
            known.to_owned()
        }
    });
    let text = text(settings.mode, &client.base, public.as_deref());
    (headers, text).into_response()
}

/// `public` is how the site is reached from outside, where it knows.
fn text(mode: Mode, base: &Base, public: Option<&str>) -> String {
    let lines: Vec<String> = match mode {
        Mode::Token => {
            // A page that needs a token shows robots nothing but the way to log in.
            vec!["User-agent: *".to_owned(), format!("Disallow: {base}/")]
        }
        Mode::Public => {
            let previewers = PREVIEWERS.map(|name| format!("User-agent: {name}"));
            let closed = CLOSED.map(|path| format!("Disallow: {base}{path}"));
            let choices = parameters::choices().map(|name| format!("Disallow: {base}/*?*{name}="));
            previewers
                .into_iter()
                .chain(closed.clone())
                .chain([String::new(), "User-agent: *".to_owned()])
                .chain(closed)
                .chain(choices)
                .chain([format!("Disallow: {base}{PAGED}?*page=")])
                .chain(public.map(|public| format!("\nSitemap: {public}{}", paths::SITEMAP)))
                .collect()
        }
    };
    format!("{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::crawling::{is_closed, is_unfollowed};

    /// Whether a rule of robots.txt fits an address (RFC 9309, 2.2.3).
    fn fits(rule: &str, address: &str) -> bool {
        let mut parts = rule.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = address.strip_prefix(first) else {
            return false;
        };
        parts.all(|part| match rest.find(part) {
            Some(start) => {
                rest = &rest[start + part.len()..];
                true
            }
            None => false,
        })
    }

    /// Whether any robot may ask for an address.
    fn is_allowed(text: &str, address: &str) -> bool {
        let (_, all) = text.split_once("User-agent: *\n").unwrap();
        let (all, _) = all.split_once("\n\n").unwrap_or((all, ""));
        let mut rules = all
            .lines()
            .map(|line| line.strip_prefix("Disallow: ").unwrap());
        !rules.any(|rule| fits(rule, address))
    }

    const PAGES: [&str; 13] = [
        "/",
        "/?page=2&lang=fr",
        "/dashboard",
        "/dashboard?body=217500016&lang=en",
        "/analyses/yearly-result?lang=fr",
        "/lines",
        "/lines/12?revision=3",
        "/quality?body=217500016&revision=3",
        "/api/v1",
        "/cards/analyses/yearly-result.png?lang=fr",
        "/glossary?lang=fr",
        "/revisions.atom?lang=fr",
        "/sitemap.xml?page=2",
    ];

    const VIEWS: [&str; 9] = [
        "/dashboard?from=2019",
        "/dashboard?body=217500016&side=expense&to=2020",
        "/lines?year=2024",
        "/lines?page=2",
        "/lines?dir=desc&sort=amount",
        "/?q=paris",
        "/analyses/yearly-result?basis=naive",
        "/login?next=%2Flines",
        "/admin",
    ];

    #[test]
    fn pages_are_for_robots_and_views_of_them_are_not() {
        for path in ["", "/comptes"] {
            let base = Base::parse(path).unwrap();
            let text = text(Mode::Public, &base, Some("https://example.fr"));
            assert!(text.ends_with("\n\nSitemap: https://example.fr/sitemap.xml\n"));
            for page in PAGES {
                assert!(is_allowed(&text, &base.place(page)), "{page}");
                assert!(!is_unfollowed(page), "{page}");
            }
            for view in VIEWS {
                assert!(!is_allowed(&text, &base.place(view)), "{view}");
                assert!(is_unfollowed(view), "{view}");
            }
            for line in text.lines().filter(|line| line.starts_with("Disallow")) {
                assert!(line.starts_with(&format!("Disallow: {base}/")), "{line}");
            }
            let closed = super::text(Mode::Token, &base, Some("https://example.fr"));
            assert!(
                PAGES
                    .iter()
                    .all(|page| !is_allowed(&closed, &base.place(page)))
            );
        }
        for elsewhere in ["https://example.fr/?from=1", "#x", "//example.fr/login"] {
            assert!(!is_unfollowed(elsewhere), "{elsewhere}");
        }
        assert!(is_closed("/admin/tokens") && !is_closed("/administration"));
    }
}
