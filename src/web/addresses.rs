//! The addresses in a page, which begin at the root in its template and are relative where it is sent.

/// Writes the addresses of a page, which its template writes from the root, relative to the page's own path.
///
/// A proxy may show this server below a path of which only the browser knows.
pub(super) fn relative(html: &str, path: &str) -> String {
    let root = match path.matches('/').count() {
        0 | 1 => "./".to_owned(),
        slashes => "../".repeat(slashes - 1),
    };
    [" href=\"", " src=\""].iter().fold(html.to_owned(), |html, attribute| {
        let begins_at_root = format!("{attribute}/");
        let mut parts = html.split(&begins_at_root);
        let mut written = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // Two slashes begin the address of another server.
            let start = if part.starts_with('/') { "/" } else { &root };
            written.extend([attribute, start, part]);
        }
        written
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_from_the_root_become_relative_to_the_page_and_others_stay() {
        let html = r#"<a href="/">x</a><a class="y" href="/users/new">z</a><img src="/a.png"><a href="//b.example/">"#;
        let rest = r#"<a href="https://c.example/"><a href="./d"><p data-href="/e"> "/f"</p>"#;
        for (path, root) in [
            ("/", "./"),
            ("/login", "./"),
            ("/users/7", "../"),
            ("/users/7/edit", "../../"),
            ("//login", "../"),
            ("*", "./"),
        ] {
            let expected = format!(
                r#"<a href="{root}">x</a><a class="y" href="{root}users/new">z</a><img src="{root}a.png"><a href="//b.example/">"#
            );
            assert_eq!(relative(&format!("{html}{rest}"), path), expected + rest, "{path}");
        }
    }
}
