//! The text that a reader of an HTML page sees.

/// The text without tags, scripts and styles, each run of white space as one space.
pub fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        text.push(' ');
        rest = after_tag(&rest[start..]);
    }
    text.push_str(rest);
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#34;", "\""),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let text = plain
        .iter()
        .fold(text, |text, (entity, plain)| text.replace(entity, plain));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What follows a tag, a comment, or an element whose content is not shown.
fn after_tag(html: &str) -> &str {
    let ending = |end: &str| html.find(end).map_or("", |at| &html[at + end.len()..]);
    if html.starts_with("<!--") {
        return ending("-->");
    }
    let lower: String = html.chars().take(8).collect::<String>().to_ascii_lowercase();
    let hidden = ["script", "style"]
        .into_iter()
        .find(|name| lower[1..].starts_with(name));
    match hidden {
        Some(name) => {
            let rest = closing_tag(html, name).unwrap_or_default();
            rest.find('>').map_or("", |at| &rest[at + 1..])
        }
        None => ending(">"),
    }
}

/// The text from the tag on that closes an element of this name.
fn closing_tag<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let mut tags = html.match_indices("</").map(|(at, tag)| (at, at + tag.len()));
    let is_of_element = |start: usize| {
        let found = html.get(start..start + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    tags.find(|(_, start)| is_of_element(*start)).map(|(at, _)| &html[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_is_read_of_it() {
        let page = "<!DOCTYPE html><title>Not  Found</title>\n<Script>if (a < b) {}</script><!-- a > b --><p class=\"x\">It&#39;s\n<b>gone</b>";
        assert_eq!(visible_text(page), "Not Found It's gone");
        let many = "<script>a</SCRIPT><style>b</style>c".repeat(20_000);
        assert_eq!(visible_text(&many).len(), 2 * 20_000 - 1);
        for broken in ["<", "<script", "<!--", "a<b", "<style><", "<ä", "&amp"] {
            visible_text(broken);
        }
    }
}
