//! A request as a command that can be pasted into a shell; secrets are variables.

use super::{
    request::{Request, WRONG_TOKEN},
    secrets::{MASK, mask_request},
};
use crate::config::TokenCarrier;

/// The command that sends a request to the server with this address, which looks for tokens there.
pub fn command(server: &str, request: &Request, carrier: &TokenCarrier) -> String {
    let mut request = mask_request(request);
    let token = match request.take_wrong_token() {
        true => Some(WRONG_TOKEN),
        false => request.uses_token.then_some("$TOKEN"),
    };
    let mut words = vec!["curl".to_owned(), "-i".to_owned()];
    match request.method.as_str() {
        "GET" if request.body.is_empty() => {}
        "HEAD" => words[1] = "-I".to_owned(),
        method => words.push(format!("-X {method}")),
    }
    let address = match server.strip_prefix("unix:") {
        Some(socket) => {
            words.push(format!("--unix-socket {}", quoted(socket)));
            format!("http://localhost{}", request.target)
        }
        None => format!("{server}{}", request.target),
    };
    // A variable stands in double quotes.
    let query = token
        .map(|token| carrier.query(&address, token))
        .filter(|query| !query.is_empty());
    let query = query.map_or(String::new(), |query| format!("\"{query}\""));
    words.push(quoted(&address) + &query);
    if let Some((name, value)) = token.and_then(|token| carrier.header(token)) {
        words.push(format!("-H \"{name}: {value}\""));
    }
    let headers = request.headers.iter();
    words.extend(headers.map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))));
    if !request.body.is_empty() {
        words.push(match std::str::from_utf8(&request.body) {
            Ok(body) => format!("--data-raw {}", quoted(body)),
            Err(_) => "--data-binary @BODY".to_owned(),
        });
    }
    words.join(" ")
}

/// A word for a shell; what stands for a secret is a variable there.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\'', r"'\''");
    format!("'{}'", escaped.replace(MASK, &format!("'\"{MASK}\"'")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parity::request::WRONG_AUTHORIZATION;

    fn usual(server: &str, request: &Request) -> String {
        command(server, request, &TokenCarrier::default())
    }

    #[test]
    fn a_request_can_be_pasted() {
        let mut request = Request::get("/api/it's?a=b");
        assert_eq!(usual("http://h:1", &request), r"curl -i 'http://h:1/api/it'\''s?a=b'");
        request.method = "HEAD".to_owned();
        assert_eq!(
            usual("unix:/run/x", &request),
            r"curl -I --unix-socket '/run/x' 'http://localhost/api/it'\''s?a=b'"
        );
        let mut post = Request {
            method: "POST".to_owned(),
            body: br#"{"password": "hunter2"}"#.to_vec(),
            uses_token: true,
            ..Request::get("/login")
        };
        post.add_header("Content-Type", "application/json");
        assert_eq!(
            usual("http://h", &post),
            "curl -i -X POST 'http://h/login' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"password\":\"'\"$SECRET\"'\"}'"
        );
    }

    #[test]
    fn a_token_stands_where_the_app_looks_for_it() {
        let header = TokenCarrier::Header {
            name: "x-access-token".to_owned(),
            before: String::new(),
        };
        let mut right = Request::get("/a?b=1");
        right.uses_token = true;
        let mut wrong = Request::get("/a");
        wrong.add_header("Authorization", WRONG_AUTHORIZATION);
        for (carrier, of_right, of_wrong) in [
            (
                &header,
                r#"curl -i 'http://h/a?b=1' -H "x-access-token: $TOKEN""#,
                r#"curl -i 'http://h/a' -H "x-access-token: not.a.token""#,
            ),
            (
                &TokenCarrier::Query("jwt".to_owned()),
                r#"curl -i 'http://h/a?b=1'"&jwt=$TOKEN""#,
                r#"curl -i 'http://h/a'"?jwt=not.a.token""#,
            ),
            (
                &TokenCarrier::Cookie("access".to_owned()),
                r#"curl -i 'http://h/a?b=1' -H "Cookie: access=$TOKEN""#,
                r#"curl -i 'http://h/a' -H "Cookie: access=not.a.token""#,
            ),
        ] {
            assert_eq!(command("http://h", &right, carrier), of_right);
            assert_eq!(command("http://h", &wrong, carrier), of_wrong);
        }
    }
}
