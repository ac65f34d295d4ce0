//! Which texts marshmallow took for a mail address.

/// Whether marshmallow 1.2.6, which the tutorial used, takes `text` for a mail address.
///
/// The tutorial lists every other stored address as `null`. The local part is a dot-atom of ASCII or a quoted
/// string. The domain is `localhost`, an IPv4 literal in brackets, or labels whose last has two characters or
/// more; a domain in other letters is judged in its IDNA form. One line feed at the end passes, as `$` in a
/// Python pattern lets it.
pub fn is_address_for_marshmallow_1(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    (is_dot_atom(local) || is_quoted(local)) && is_place(domain)
}

fn is_place(domain: &str) -> bool {
    domain == "localhost"
        || is_domain(domain)
        || is_ipv4_literal(domain)
        || idna::domain_to_ascii(domain).is_ok_and(|ascii| ascii != domain && is_domain(&ascii))
}

/// Whether marshmallow 2, which both Flask-Scaffolds used, takes `text` for a mail address.
///
/// As version 1, but letters and digits of the local part may be of any script.
pub fn is_address_for_marshmallow_2(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        (is_dot_atom_of(local, char::is_alphanumeric) || is_quoted(local)) && is_place(domain)
    })
}

fn is_dot_atom(local: &str) -> bool {
    is_dot_atom_of(local, |c| c.is_ascii_alphanumeric())
}

fn is_dot_atom_of(local: &str, is_letter: impl Fn(char) -> bool) -> bool {
    let fits = |c| is_letter(c) || "-!#$%&'*+/=?^_`{}|~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(fits))
}

fn is_quoted(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut bytes = inner.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'\\' => bytes
                .next()
                .is_some_and(|next| matches!(next, 1..=9 | 11 | 12 | 14..=127)),
            1..=8 | 11 | 12 | 14..=31 | b'!' | b'#'..=b'[' | b']'..=127 => true,
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    local.len() >= 2
}

fn is_domain(domain: &str) -> bool {
    let domain = domain.strip_suffix('\n').unwrap_or(domain);
    let Some((labels, last)) = domain.rsplit_once('.') else {
        return false;
    };
    let letters = |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    last.len() >= 2
        && letters(last)
        && labels.split('.').all(|label| {
            (1..=63).contains(&label.len()) && letters(label) && !label.starts_with('-') && !label.ends_with('-')
        })
}

fn is_ipv4_literal(domain: &str) -> bool {
    let domain = domain.strip_suffix('\n').unwrap_or(domain);
    let Some(inner) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    let numbers: Vec<&str> = inner.split('.').collect();
    numbers.len() == 4
        && numbers.iter().all(|number| {
            (1..=3).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && number.parse::<u16>().is_ok_and(|value| value <= 255)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verdicts of marshmallow 1.2.6 itself on Python 3.6.
    #[test]
    fn verdicts_are_those_of_marshmallow() {
        let long = |count| format!("a@{}.com", "x".repeat(count));
        for address in [
            "a@b.co",
            "a@localhost",
            "a@[1.2.3.4]",
            "\"x\"@e.com",
            "a@bücher.de",
            "a@e.com\n",
            "A.B+c@E.Com",
            "a@x.toolongtld",
            "a@x.123456",
            "a@x.12",
            "a@x.a-",
            "a'!#$%&*+/=?^_`{}|~-@e.com",
            "a@sub.e.com",
            &long(63),
        ] {
            assert!(is_address_for_marshmallow_1(address), "{address:?}");
        }
        for text in [
            "",
            "a@b",
            "a@b.c",
            "a@1.2.3.4",
            "kö@e.com",
            "a b@e.com",
            "a..b@e.com",
            ".a@e.com",
            "a@e-.com",
            "a@-e.com",
            "a@e.com.",
            "a@@e.com",
            "a@b@e.com",
            "a@x_y.com",
            "a@[256.1.1.1]",
            "\"@e.com",
            &long(64),
        ] {
            assert!(!is_address_for_marshmallow_1(text), "{text:?}");
        }
    }

    #[test]
    fn version_2_takes_letters_of_any_script() {
        for address in [
            "a@b.co",
            "üser@example.com",
            "user@exämple.com",
            "a+b@c.de",
            "a@b.co\n",
            "a@[1.2.3.4]",
        ] {
            assert!(is_address_for_marshmallow_2(address), "{address:?}");
        }
        for text in [
            "bad",
            "a@b",
            "a@b.co ",
            " a@b.co",
            "\"a b\"@c.de",
            "a@1.2.3.4",
            "a..b@c.de",
            "a@b@c.de",
            "a@",
            "",
        ] {
            assert!(!is_address_for_marshmallow_2(text), "{text:?}");
        }
    }
}
