//! A request as a command that can be pasted into a shell; secrets are variables.

use super::{
    request::Request,
    secrets::{MASK, mask_request},
};

/// The command that sends a request to the server with this address.
pub fn command(server: &str, request: &Request) -> String {
    let request = mask_request(request);
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
    words.push(quoted(&address));
    if request.uses_token {
        words.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
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

    #[test]
    fn a_request_can_be_pasted() {
        let mut request = Request::get("/api/it's?a=b");
        assert_eq!(command("http://h:1", &request), r"curl -i 'http://h:1/api/it'\''s?a=b'");
        request.method = "HEAD".to_owned();
        assert_eq!(
            command("unix:/run/x", &request),
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
            command("http://h", &post),
            "curl -i -X POST 'http://h/login' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"password\":\"'\"$SECRET\"'\"}'"
        );
    }
}
