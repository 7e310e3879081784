//! How links become relative to the file they stand in.
//!
//! The pages are the site's own: every attribute is in double quotes, and no text has a bare `<`.

/// The attributes that hold addresses.
const ADDRESSES: [&str; 5] = ["href", "src", "data", "action", "data-charts"];

/// A page without its forms and scripts, each address in it replaced by what `link` says, or taken away
/// where it says nothing.
pub fn page(html: &str, link: &mut impl FnMut(&str) -> Option<String>) -> String {
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
        tag(&from_tag[..end], &mut written, link);
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

/// Writes a tag with its addresses replaced.
fn tag(tag: &str, written: &mut String, link: &mut impl FnMut(&str) -> Option<String>) {
    let mut rest = tag;
    while let Some(quote) = rest.find("=\"") {
        let (before, after) = (&rest[..quote], &rest[quote + 2..]);
        let Some(end) = after.find('"') else {
            break;
        };
        let (value, next) = (&after[..end], &after[end + 1..]);
        let name_start = before.rfind([' ', '\n']).map_or(0, |space| space + 1);
        let name = &before[name_start..];
        if ADDRESSES.contains(&name) {
            match link(&unescaped(value)) {
                Some(address) => {
                    written.push_str(before);
                    written.push_str("=\"");
                    written.push_str(&crate::view::escape(&address));
                    written.push('"');
                }
                None => written.push_str(before[..name_start].trim_end()),
            }
        } else {
            written.push_str(&rest[..=quote + 2 + end]);
        }
        rest = next;
    }
    written.push_str(rest);
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

    fn changed(html: &str) -> String {
        page(html, &mut |address| match address {
            "/gone" => None,
            address => Some(format!("x{address}")),
        })
    }

    #[test]
    fn addresses_are_replaced_and_nothing_else() {
        assert_eq!(
            changed(
                "<p>href=\"/a\" <a class=\"b\" href=\"/a?b=1&#38;c=2\" title=\"> /x\">t</a></p>"
            ),
            "<p>href=\"/a\" <a class=\"b\" href=\"x/a?b=1&amp;c=2\" title=\"> /x\">t</a></p>"
        );
        assert_eq!(
            changed("<a href=\"/gone\" class=\"c\">t</a><object data=\"/p\"></object>"),
            "<a class=\"c\">t</a><object data=\"x/p\"></object>"
        );
    }

    #[test]
    fn what_needs_a_program_is_left_out() {
        assert_eq!(
            changed("a<form action=\"/x\"><input></form>b<script src=\"/s\"></script>c<formula>"),
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
