//! The name that Flask-SQLAlchemy gave the table of a resource that Flask-Scaffold's generator made.

/// The table of the resource with this plural: `blog__posts` of `blog_posts`, and `mp3S` of `mp3s`.
///
/// The generator called the class as Python's `str.title` has the plural (`Blog_Posts`, `Mp3S`), and Flask-SQLAlchemy 2.0,
/// which it pinned, took the class's name apart at its capitals. So an underscore comes before each word, of which digits
/// begin one, and a word of one letter stays a capital. Releases up to 2.5.1 do the same; 3 does not.
pub fn tablename(plural: &str) -> String {
    let mut name = String::new();
    let mut characters = plural.chars().peekable();
    let mut is_inside = false;
    while let Some(character) = characters.next() {
        let is_letter = character.is_ascii_alphabetic();
        let is_first = is_letter && !is_inside;
        match characters.peek().is_some_and(char::is_ascii_alphanumeric) {
            true if is_first => name.extend(['_', character]),
            false if is_first => name.push(character.to_ascii_uppercase()),
            _ => name.push(character),
        }
        is_inside = is_letter;
    }
    name.trim_start_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::tablename;

    #[test]
    fn tables_are_called_as_flask_sqlalchemy_called_them() {
        let rows: Vec<Value> = serde_json::from_str(include_str!("../../tests/vectors/tables.json")).unwrap();
        assert!(rows.len() > 300, "{}", rows.len());
        for row in rows {
            let plural = row["plural"].as_str().unwrap();
            assert_eq!(Some(tablename(plural).as_str()), row["table"].as_str(), "{plural}");
        }
    }
}
