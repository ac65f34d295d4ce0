//! Reads HAR files, which browsers and proxies write.

use std::collections::HashMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::request::{Request, clean_target};

/// What a HAR file has.
#[derive(Debug, Default, PartialEq)]
pub struct Har {
    /// The requests to the origin that most requests go to, in their order.
    pub requests: Vec<Request>,
    /// That origin.
    pub origin: String,
    /// How many requests to other origins were left out.
    pub others: usize,
    /// How many entries cannot be read.
    pub unreadable: usize,
}

/// Reads the text of a file.
///
/// # Errors
/// What is wrong with it, with its line where it is not JSON.
pub fn read(text: &[u8]) -> Result<Har, String> {
    // Some programs begin their files with a byte order mark.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let document: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let entries = document.pointer("/log/entries").and_then(Value::as_array);
    let entries = entries.ok_or("expected an object with `log.entries`, as browsers export it")?;
    let read: Vec<Option<(String, Request)>> = entries.iter().map(entry).collect();
    let unreadable = read.iter().filter(|entry| entry.is_none()).count();
    let origin = most_frequent(read.iter().flatten().map(|(origin, _)| origin));
    let all = read.iter().flatten().count();
    let of_origin = read.into_iter().flatten().filter(|(other, _)| *other == origin);
    let requests: Vec<Request> = of_origin.map(|(_, request)| request).collect();
    Ok(Har {
        others: all - requests.len(),
        requests,
        origin,
        unreadable,
    })
}

/// The origin of most requests; of two, the one that came first.
fn most_frequent<'a>(origins: impl Iterator<Item = &'a String>) -> String {
    let mut counts: HashMap<&String, (usize, usize)> = HashMap::new();
    for (position, origin) in origins.enumerate() {
        counts.entry(origin).or_insert((0, usize::MAX - position)).0 += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(origin, _)| origin.clone()).unwrap_or_default()
}

/// The origin and the request of an entry.
fn entry(entry: &Value) -> Option<(String, Request)> {
    let sent = entry.get("request")?;
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    let method = text("method")?.to_ascii_uppercase();
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let address = text("url")?;
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let target = match &rest[host.len()..] {
        query if query.starts_with('?') => format!("/{query}"),
        "" => "/".to_owned(),
        target => target.to_owned(),
    };
    let mut request = Request {
        // Our own tests call their requests so.
        name: entry
            .get("comment")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        method,
        target: clean_target(&target)?,
        body: body(sent),
        ..Request::default()
    };
    let headers = sent.get("headers").and_then(Value::as_array).into_iter().flatten();
    for header in headers {
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        request.add_header(text("name")?, text("value")?);
    }
    let is_web = ["http", "https"].contains(&scheme) && is_method;
    is_web.then(|| (format!("{scheme}://{host}").to_ascii_lowercase(), request))
}

fn body(sent: &Value) -> Vec<u8> {
    let Some(data) = sent.get("postData") else {
        return Vec::new();
    };
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
    let is_base64 = data.get("encoding").and_then(Value::as_str) == Some("base64");
    match BASE64_STANDARD.decode(text) {
        Ok(bytes) if is_base64 => bytes,
        _ => text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(method: &str, url: &str) -> Value {
        json!({"request": {"method": method, "url": url, "headers": [{"name": "Accept", "value": "*/*"}]}})
    }

    fn file(entries: Vec<Value>) -> Vec<u8> {
        json!({"log": {"version": "1.2", "entries": entries}})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn the_requests_of_one_origin_are_read() {
        let mut post = entry("POST", "https://blog.example/api/login");
        post["request"]["postData"] = json!({"mimeType": "application/json", "text": "{}"});
        let har = read(&file(vec![
            entry("GET", "https://cdn.example/x.js"),
            entry("get", "https://blog.example?x=1#y"),
            post,
            entry("GET", "data:text/plain,x"),
            json!({"request": 5}),
            json!([]),
        ]));
        let har = har.unwrap();
        let lines: Vec<String> = har
            .requests
            .iter()
            .map(|r| format!("{} {}", r.method, r.target))
            .collect();
        assert_eq!(lines, ["GET /?x=1", "POST /api/login"]);
        assert_eq!(har.requests[1].body, b"{}");
        assert_eq!(har.requests[0].headers, [("Accept".to_owned(), "*/*".to_owned())]);
        assert_eq!(
            (har.origin.as_str(), har.others, har.unreadable),
            ("https://blog.example", 1, 3)
        );
    }

    #[test]
    fn what_is_not_a_har_file_is_refused_with_its_place() {
        assert!(read(b"{\"log\": {\"entries\": [").unwrap_err().contains("line 1"));
        assert!(read(b"{}").unwrap_err().contains("log.entries"));
        assert!(read(b"\xff").is_err());
        assert_eq!(read(&file(vec![])).unwrap(), Har::default());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let seed = file(vec![
            entry("GET", "https://blog.example/a?b#c"),
            entry("PUT", "http://x/ä"),
        ]);
        crate::parity::source::tests::mutations(&seed, |bytes| drop(read(bytes)));
    }
}
