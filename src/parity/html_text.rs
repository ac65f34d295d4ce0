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
            let close = html.to_ascii_lowercase().find(&format!("</{name}"));
            let rest = close.map_or("", |at| &html[at..]);
            rest.find('>').map_or("", |at| &rest[at + 1..])
        }
        None => ending(">"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_is_read_of_it() {
        let page = "<!DOCTYPE html><title>Not  Found</title>\n<Script>if (a < b) {}</script><!-- a > b --><p class=\"x\">It&#39;s\n<b>gone</b>";
        assert_eq!(visible_text(page), "Not Found It's gone");
        for broken in ["<", "<script", "<!--", "a<b", "<style><", "<ä", "&amp"] {
            visible_text(broken);
        }
    }
}
