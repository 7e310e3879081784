//! How the addresses in a page are replaced: by the way from file to file in a copy, and by what a browser has
//! to ask for where the site is below a path of its host.
//!
//! The pages are the site's own: every attribute is in double quotes, and no text has a bare `<`.

/// The attributes that hold addresses.
const ADDRESSES: [&str; 6] = ["href", "src", "data", "action", "formaction", "data-charts"];

/// What becomes of an address.
#[derive(Debug, PartialEq, Eq)]
pub enum Address {
    /// It stays, as it is written.
    Same,
    /// It is another.
    Now(String),
    /// This stands before it, letters that need no reference.
    Below(String),
    /// Its attribute is taken away.
    Gone,
}

/// What is done with the addresses of a page.
pub trait Rule {
    /// What becomes of an address.
    fn address(&mut self, address: &str) -> Address;

    /// Whether robots are asked not to follow links to an address.
    fn is_unfollowed(&self, _address: &str) -> bool {
        false
    }
}

/// A page with what a rule makes of its addresses.
pub fn page(html: &str, rule: &mut impl Rule) -> String {
    let mut written = String::with_capacity(html.len() + html.len() / 16);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, from_tag) = rest.split_at(start);
        written.push_str(text);
        let end = tag_end(from_tag);
        tag(&from_tag[..end], &mut written, rule);
        rest = &from_tag[end..];
    }
    written.push_str(rest);
    written
}

/// A page in whose lines no sign is parted from its amount: Unicode allows a break between a sign and that of a
/// currency (UAX 14, two prefixes). Texts in attributes and drawings are in no lines.
pub fn with_signs_kept(html: String) -> String {
    const SIGNS: [(&str, &str); 2] = [("−€", "−\u{2060}€"), ("+€", "+\u{2060}€")];
    if !SIGNS.iter().any(|(sign, _)| html.contains(sign)) {
        return html;
    }
    let mut written = String::with_capacity(html.len() + html.len() / 64);
    let mut rest = &*html;
    while let Some(start) = rest.find('<') {
        let (text, from_tag) = rest.split_at(start);
        if text.contains('€') {
            let kept = |text: String, (sign, kept): &(&str, &str)| text.replace(sign, kept);
            written.push_str(&SIGNS.iter().fold(text.to_owned(), kept));
        } else {
            written.push_str(text);
        }
        let whole = ["svg", "script"].into_iter().find(|name| {
            let after = from_tag[1..].strip_prefix(name);
            after.is_some_and(|after| after.starts_with([' ', '>', '\n']))
        });
        let end = match whole {
            Some(name) => from_tag.find(&format!("</{name}>")),
            None => Some(tag_end(from_tag)),
        };
        let end = end.unwrap_or(from_tag.len());
        written.push_str(&from_tag[..end]);
        rest = &from_tag[end..];
    }
    written.push_str(rest);
    written
}

/// A page without its forms and scripts.
pub fn without_programs(html: &str) -> String {
    let mut written = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, from_tag) = rest.split_at(start);
        written.push_str(text);
        let dropped = ["form", "script"].into_iter().find(|name| {
            let after = from_tag[1..].strip_prefix(name);
            after.is_some_and(|after| after.starts_with([' ', '>', '\n']))
        });
        if let Some(name) = dropped {
            let close = format!("</{name}>");
            let end = from_tag.find(&close).map(|end| end + close.len());
            rest = &from_tag[end.unwrap_or(from_tag.len())..];
            continue;
        }
        let end = tag_end(from_tag);
        written.push_str(&from_tag[..end]);
        rest = &from_tag[end..];
    }
    written.push_str(rest);
    written
}

/// Where a tag ends, past its `>`; a `>` within quotes ends nothing.
fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return position + 1,
            _ => {}
        }
    }
    text.len()
}

/// The attributes of a tag: what stands before each, its name and its value as they are written. What stands
/// behind the last is given with an empty name.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut rest = Some(tag);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let found = text.find("=\"").and_then(|quote| {
            let (before, after) = (&text[..quote], &text[quote + 2..]);
            Some((before, after, after.find('"')?))
        });
        let Some((before, after, end)) = found else {
            return Some((text, "", ""));
        };
        rest = Some(&after[end + 1..]);
        let name = before.rfind([' ', '\n']).map_or(0, |space| space + 1);
        Some((&before[..name], &before[name..], &after[..end]))
    })
}

/// Writes a tag with what a rule makes of its addresses.
///
/// What is said to lead elsewhere (`rel="external"`) leads there from everywhere.
fn tag(tag: &str, written: &mut String, rule: &mut impl Rule) {
    let leads_elsewhere = attributes(tag)
        .any(|(_, name, value)| name == "rel" && value.split(' ').any(|word| word == "external"));
    if leads_elsewhere {
        written.push_str(tag);
        return;
    }
    let is_link = tag[1..].starts_with("a ") || tag[1..].starts_with("a\n");
    let unfollowed = is_link
        && attributes(tag)
            .any(|(_, name, value)| name == "href" && rule.is_unfollowed(&unescaped(value)));
    let mut says_so = !unfollowed;
    for (before, name, value) in attributes(tag) {
        let mut put = |value: &str| {
            written.push_str(before);
            written.push_str(name);
            written.push_str("=\"");
            written.push_str(value);
            written.push('"');
        };
        if name.is_empty() {
            let close = before.rfind('>').unwrap_or(before.len());
            written.push_str(&before[..close]);
            if !says_so {
                written.push_str(" rel=\"nofollow\"");
            }
            written.push_str(&before[close..]);
        } else if ADDRESSES.contains(&name) {
            match rule.address(&unescaped(value)) {
                Address::Same => put(value),
                Address::Below(before) => put(&format!("{before}{value}")),
                Address::Now(address) => put(&crate::http::escape::escape(&address)),
                Address::Gone => written.push_str(before.trim_end()),
            }
        } else if name == "rel" && !says_so {
            says_so = true;
            put(&format!("{value} nofollow"));
        } else {
            put(value);
        }
    }
}

/// A style sheet with its addresses replaced, which are in quotes or not.
pub fn style(css: &str, link: &mut impl FnMut(&str) -> Option<String>) -> String {
    let mut written = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("url(") {
        let (before, after) = rest.split_at(start + "url(".len());
        let end = after.find(')').unwrap_or(after.len());
        let address = after[..end].trim_matches(['"', '\'', ' ']);
        written.push_str(before);
        written.push('"');
        written.push_str(&link(address).unwrap_or_default());
        written.push('"');
        rest = &after[end..];
    }
    written.push_str(rest);
    written
}

/// The text of an attribute. References are read once, so that what a reference spells stays text.
fn unescaped(text: &str) -> String {
    const REFERENCES: [(&str, char); 9] = [
        ("&amp;", '&'),
        ("&#38;", '&'),
        ("&lt;", '<'),
        ("&#60;", '<'),
        ("&gt;", '>'),
        ("&#62;", '>'),
        ("&quot;", '"'),
        ("&#34;", '"'),
        ("&#39;", '\''),
    ];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let known = REFERENCES.iter().find(|(known, _)| rest.starts_with(known));
        let (length, letter) = known.map_or((1, '&'), |(known, letter)| (known.len(), *letter));
        plain.push(letter);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts an `x` before addresses, and takes one away.
    struct Changed;

    impl Rule for Changed {
        fn address(&mut self, address: &str) -> Address {
            match address {
                "/gone" => Address::Gone,
                "/same?a&b" => Address::Same,
                "/under?a&b" => Address::Below("/x".to_owned()),
                address => Address::Now(format!("x{address}")),
            }
        }

        fn is_unfollowed(&self, address: &str) -> bool {
            address.contains('?')
        }
    }

    fn changed(html: &str) -> String {
        page(html, &mut Changed)
    }

    #[test]
    fn addresses_are_replaced_and_nothing_else() {
        for (html, expected) in [
            (
                "<p>href=\"/a\" <b class=\"b\" href=\"/a?b=1&#38;c=2\" title=\"> /x\">t</b></p>",
                "<p>href=\"/a\" <b class=\"b\" href=\"x/a?b=1&amp;c=2\" title=\"> /x\">t</b></p>",
            ),
            (
                "<a href=\"/gone\" class=\"c\">t</a><object data=\"/p\"></object>",
                "<a class=\"c\">t</a><object data=\"x/p\"></object>",
            ),
            (
                "<link href=\"/same?a&#38;b\"><input disabled value=\"/v\"><br>é <",
                "<link href=\"/same?a&#38;b\"><input disabled value=\"/v\"><br>é <",
            ),
            (
                "<a rel=\"external\" href=\"/a?b\">t</a>",
                "<a rel=\"external\" href=\"/a?b\">t</a>",
            ),
            (
                "<link href=\"/under?a&#38;b\">",
                "<link href=\"/x/under?a&#38;b\">",
            ),
            (
                "<form method=\"post\"\n  action=\"/f\"><button formaction=\"/g\" hidden>",
                "<form method=\"post\"\n  action=\"x/f\"><button formaction=\"x/g\" hidden>",
            ),
        ] {
            assert_eq!(changed(html), expected);
        }
    }

    #[test]
    fn robots_are_asked_not_to_follow_links_alone() {
        for (html, expected) in [
            ("<a href=\"/a\">", "<a href=\"x/a\">"),
            (
                "<a href=\"/a?b\" download>",
                "<a href=\"x/a?b\" download rel=\"nofollow\">",
            ),
            (
                "<a rel=\"next\" href=\"/a?b\" id=\"i\">",
                "<a rel=\"next nofollow\" href=\"x/a?b\" id=\"i\">",
            ),
            (
                "<a class=\"c\"\n href=\"/same?a&#38;b\">",
                "<a class=\"c\"\n href=\"/same?a&#38;b\" rel=\"nofollow\">",
            ),
            ("<link href=\"/a?b\">", "<link href=\"x/a?b\">"),
        ] {
            assert_eq!(changed(html), expected);
        }
    }

    #[test]
    fn a_sign_stays_with_its_amount_where_lines_break() {
        let joined = "−\u{2060}€12";
        for (html, expected) in [
            ("<p>by −€12</p>", format!("<p>by {joined}</p>")),
            ("<b>+€1</b> −12 €", "<b>+\u{2060}€1</b> −12 €".to_owned()),
            (
                "<i title=\"−€12\">−€12</i>",
                format!("<i title=\"−€12\">{joined}</i>"),
            ),
            (
                "<svg a=\"b\"><text>−€12</text></svg><script>\"−€12\"</script><b>−€12</b>",
                format!(
                    "<svg a=\"b\"><text>−€12</text></svg><script>\"−€12\"</script><b>{joined}</b>"
                ),
            ),
            ("<p>€12", "<p>€12".to_owned()),
        ] {
            assert_eq!(with_signs_kept(html.to_owned()), expected);
        }
    }

    #[test]
    fn what_needs_a_program_is_left_out() {
        assert_eq!(
            without_programs(
                "a<form action=\"/x\"><input></form>b<script src=\"/s\"></script>c<formula>"
            ),
            "abc<formula>"
        );
    }

    #[test]
    fn style_sheets_have_addresses_too() {
        let css = style("a{src:url(\"/f\")}b", &mut |address| {
            Some(format!("x{address}"))
        });
        assert_eq!(css, "a{src:url(\"x/f\")}b");
    }

    #[test]
    fn a_reference_is_read_once() {
        assert_eq!(unescaped("&amp;lt;&#38;amp;&x"), "&lt;&amp;&x");
    }
}
