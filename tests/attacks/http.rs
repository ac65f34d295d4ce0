//! Requests as no client should send them, byte for byte, and how many answers each gets, of which kind.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use super::{EMAIL, Target, on_each_target};

/// How long an answer may take: less than the ten seconds after which the server gives up a silent client.
const PATIENCE: Duration = Duration::from_secs(9);

/// What the last answer has.
#[derive(Clone, Copy)]
enum Answer {
    /// An error, as JSON in the profile's own form.
    Refusal,
    /// A refusal that names the allowed methods.
    WithAllow,
    /// This text in its body.
    With(&'static str),
    /// A body of any kind.
    Other,
}
use Answer::{Other, Refusal, With, WithAllow};

/// A name, the bytes, the statuses that come back until the server closes (`|` between two that the RFC allows), and
/// what the last one has.
type Case = (&'static str, Vec<u8>, &'static str, Answer);

/// A request with these header lines, each with its line break.
fn open(method: &str, path: &str, lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nHost: attack.test\r\n{lines}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

/// The last request of its connection.
fn last(method: &str, path: &str, lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    open(method, path, &format!("{lines}Connection: close\r\n"), body)
}

fn get(path: &str, lines: &str) -> Vec<u8> {
    last("GET", path, lines, "")
}

fn post(path: &str, lines: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let lines = format!("{lines}Content-Length: {}\r\n", body.as_ref().len());
    last("POST", path, &lines, body)
}

fn chunked(path: &str, chunks: impl AsRef<[u8]>) -> Vec<u8> {
    last("POST", path, "Transfer-Encoding: chunked\r\n", chunks)
}

fn authorization(target: &Target) -> String {
    format!("Authorization: Bearer {}\r\n", target.token)
}

/// Too much of everything.
#[rustfmt::skip]
fn sizes(target: &Target) -> Vec<Case> {
    let (login, list) = (target.login(), target.list());
    let long = "a".repeat(66_000);
    let headers: String = (0..101).map(|number| format!("X-{number}: y\r\n")).collect();
    let header = |length| format!("X-Long: {}\r\n", &"a".repeat(length));
    let chunk = format!("10000\r\n{}\r\n", &long[..0x1_0000]);
    let endless = chunk.repeat(20);
    let credentials = target.credentials().to_string();
    let padded = |length: usize| credentials.clone() + &" ".repeat(length - credentials.len());
    // Nobody needs as much to log in, but the originals took it.
    let (beyond, shape) = if target.is_safe() {
        ("413", Refusal)
    } else {
        ("200", With("token"))
    };
    let to_list = if target.profile == "tutorial" { "405" } else { "401" };
    vec![
        ("body of 64 KiB", post(login, "", padded(64 << 10)), "200", With("token")),
        ("body of a byte more", post(login, "", padded((64 << 10) + 1)), beyond, shape),
        ("body beyond 1 MiB", post(login, "", padded((1 << 20) + 1)), "413", Refusal),
        ("length beyond 1 MiB, no body", last("POST", login, "Content-Length: 1048577\r\n", ""), "413", Refusal),
        ("length of 2^63, no body", last("POST", login, "Content-Length: 9223372036854775808\r\n", ""), "413", Refusal),
        ("chunks beyond 1 MiB", chunked(login, format!("{endless}0\r\n\r\n")), "413", Refusal),
        ("chunks without end", chunked(login, &endless), "413", Refusal),
        ("chunk of 2^64 bytes", chunked(login, format!("FFFFFFFFFFFFFFFF\r\n{}", padded((1 << 20) + 1))), "413", Refusal),
        ("body that nobody reads", post(list, "", vec![b' '; 900_000]), to_list, Refusal),
        ("chunk size of 17 digits", chunked(login, "FFFFFFFFFFFFFFFFF\r\na\r\n"), "400", Refusal),
        ("chunk extension of 64 KB", chunked(login, format!("1;{}\r\na\r\n0\r\n\r\n", &long[..65_536])), "400", Refusal),
        ("trailers of 64 KB", chunked(login, format!("0\r\nX: {}\r\n\r\n", &long[..65_536])), "400", Refusal),
        ("more than 100 headers", get(list, &headers), "431", Refusal),
        ("head of 33 KB", get(list, &header(33_000)), "431", Refusal),
        ("head of 500 KB", get(list, &header(500_000)), "431", Refusal),
        ("name of 40 KB", get(list, &format!("{}: a\r\n", &long[..40_000])), "431", Refusal),
        ("token of 30 KB", get(list, &format!("Authorization: Bearer {}\r\n", &long[..30_000])), "401", Refusal),
        ("address of 40 KB", get(&format!("/api/{}", &long[..40_000]), ""), "414", Refusal),
        ("address of 66 KB", get(&format!("/{long}"), ""), "414", Refusal),
        ("address of 500 KB", get(&format!("/{}", "a".repeat(500_000)), ""), "414", Refusal),
        ("query of 66 KB", get(&format!("{list}?{long}"), ""), "414", Refusal),
        ("method of 40 KB", last(&"A".repeat(40_000), list, "", ""), "431", Refusal),
        ("method of 500 KB", last(&"A".repeat(500_000), list, "", ""), "431", Refusal),
    ]
}

/// Bodies whose end two readers could see in different places: what follows is no request of its own.
#[rustfmt::skip]
fn framing(target: &Target) -> Vec<Case> {
    let (login, list) = (target.login(), target.list());
    let hidden = open("GET", list, &authorization(target), "");
    let hidden = String::from_utf8(hidden).unwrap();
    let body = target.credentials().to_string();
    let length = body.len();
    let whole = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    let smuggled = |lines: &str, body: &str| open("POST", login, lines, format!("{body}{hidden}"));
    let line = |line: &str| smuggled(&format!("{line}\r\n"), &body);
    let both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
    vec![
        ("length and chunks", smuggled(both, &whole), "200|400", Other),
        ("chunks and length", smuggled(&format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"), &whole), "200|400", Other),
        ("length and no chunk", smuggled(both, "0\r\n\r\n"), "400", Refusal),
        ("two lengths", line(&format!("Content-Length: {length}\r\nContent-Length: 0")), "400", Refusal),
        ("two lengths in one", line(&format!("Content-Length: {length}, 0")), "400", Refusal),
        ("length +3", line("Content-Length: +3"), "400", Refusal),
        ("length -1", line("Content-Length: -1"), "400", Refusal),
        ("length 0x3", line("Content-Length: 0x3"), "400", Refusal),
        ("length 3.0", line("Content-Length: 3.0"), "400", Refusal),
        ("length 1e1", line("Content-Length: 1e1"), "400", Refusal),
        ("length empty", line("Content-Length: "), "400", Refusal),
        ("length of 2^64", line("Content-Length: 18446744073709551616"), "400", Refusal),
        ("blank before the colon", line("Transfer-Encoding : chunked"), "400", Refusal),
        ("tab before the colon", line("Transfer-Encoding\t: chunked"), "400", Refusal),
        ("coding xchunked", line("Transfer-Encoding: xchunked"), "400", Refusal),
        ("coding identity", line("Transfer-Encoding: identity"), "400", Refusal),
        ("coding chunked, identity", line("Transfer-Encoding: chunked, identity"), "400", Refusal),
        ("coding of HTTP/1.0", format!("POST {login} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n{whole}{hidden}").into_bytes(), "400", Refusal),
        ("coding on a line of its own", line("Transfer-Encoding:\r\n chunked"), "400", Refusal),
        ("folded header", line("X: a\r\n b"), "400", Refusal),
        ("NUL in a header", line("X: a\0b"), "400", Refusal),
        ("NUL in a name", line("X\0: a"), "400", Refusal),
        ("CR in a header", line("X: b\rTransfer-Encoding: chunked"), "400", Refusal),
        ("header without name", line(": b"), "400", Refusal),
        ("header without colon", line("chunked"), "400", Refusal),
        ("blank in a name", line("Content Length: 3"), "400", Refusal),
        ("blank before the first header", line(" X: a"), "400", Refusal),
        ("chunk size no number", chunked(login, "xyz\r\na\r\n0\r\n\r\n"), "400", Refusal),
        ("chunk size -1", chunked(login, "-1\r\na\r\n0\r\n\r\n"), "400", Refusal),
        ("chunk size 0x1", chunked(login, "0x1\r\na\r\n0\r\n\r\n"), "400", Refusal),
        ("chunk size empty", chunked(login, "\r\na\r\n0\r\n\r\n"), "400", Refusal),
        ("chunk longer than its size", chunked(login, format!("1\r\n{body}\r\n0\r\n\r\n")), "400", Refusal),
        ("chunk extensions", chunked(login, format!("{length:x};a=b;c\r\n{body}\r\n0\r\n\r\n")), "200", With("token")),
        ("trailers", chunked(login, format!("{length:x}\r\n{body}\r\n0\r\nContent-Length: 3\r\n\r\n")), "200", With("token")),
    ]
}

/// Versions, hosts, upgrades, and more than one request.
#[rustfmt::skip]
fn heads(target: &Target) -> Vec<Case> {
    let (login, list) = (target.login(), target.list());
    let body = target.credentials().to_string();
    let token = authorization(target);
    let raw = |line: &str, lines: &str| format!("{line}\r\n{lines}\r\n").into_bytes();
    let (good, close) = (open("GET", list, &token, ""), get(list, &token));
    let length = format!("Content-Length: {0}\r\n", body.len());
    let users = With(EMAIL);
    vec![
        ("HTTP/1.0 without host", raw(&format!("GET {list} HTTP/1.0"), &token), "200", users),
        ("no host", raw(&format!("GET {list} HTTP/1.1"), "Connection: close\r\n"), "400", Refusal),
        ("two hosts", get(list, &format!("{token}Host: other.test\r\n")), "400", Refusal),
        ("HTTP/0.9", raw(&format!("GET {list}"), ""), "400", Refusal),
        ("HTTP/1.2", raw(&format!("GET {list} HTTP/1.2"), "Host: a\r\n"), "400", Refusal),
        ("HTTP/3.0", raw(&format!("GET {list} HTTP/3.0"), "Host: a\r\n"), "400", Refusal),
        ("HTTP in small letters", raw(&format!("GET {list} http/1.1"), "Host: a\r\n"), "400", Refusal),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), "400", Refusal),
        ("HTTP/2 preface and settings", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(), "400", Refusal),
        ("TLS", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03abcdefgh\r\n\r\n".to_vec(), "400", Refusal),
        ("upgrade to HTTP/2", last("GET", list, "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", ""), "401", Refusal),
        ("upgrade to a socket", get(list, "Upgrade: websocket\r\nSec-WebSocket-Key: x\r\n"), "401", Refusal),
        ("whole URL", get(&format!("http://elsewhere.test{list}"), &token), "200", users),
        ("tunnel", last("CONNECT", "elsewhere.test:443", "", ""), "400|404|405", Other),
        ("options of the server", last("OPTIONS", "*", "", ""), "200|404", Other),
        ("one word", raw("GET", "Host: a\r\n"), "400", Refusal),
        ("four words", raw(&format!("GET {list} x HTTP/1.1"), "Host: a\r\n"), "400", Refusal),
        ("tabs between the words", raw(&format!("GET\t{list}\tHTTP/1.1"), "Host: a\r\n"), "400", Refusal),
        ("no method", raw(&format!(" {list} HTTP/1.1"), "Host: a\r\n"), "400", Refusal),
        ("NUL in the address", raw(&format!("GET {list}\0 HTTP/1.1"), "Host: a\r\n"), "400", Refusal),
        ("line feeds alone", String::from_utf8_lossy(&close).replace('\r', "").into_bytes(), "200", users),
        ("two requests", [good.clone(), close.clone()].concat(), "200 200", users),
        ("request after a refused one", [get(list, "X: b\0c\r\n"), close.clone()].concat(), "400", Refusal),
        ("refused request after one", [good.clone(), get(list, "X: b\0c\r\n")].concat(), "200 400", Refusal),
        ("HTTP/2 preface after one", [good.clone(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()].concat(), "200 400", Refusal),
        ("too much after one", [good.clone(), get(&format!("/{}", "a".repeat(66_000)), "")].concat(), "200 414", Refusal),
        ("line breaks before it", [b"\r\n\r\n".to_vec(), close.clone()].concat(), "200", users),
        ("chunks of a GET", last("GET", list, &format!("{token}Transfer-Encoding: chunked\r\n"), "1\r\na\r\n0\r\n\r\n"), "200", users),
        ("request after a last one", [close.clone(), close.clone()].concat(), "200", users),
        ("request after a body", [open("POST", login, &length, &body), close].concat(), "200 200", users),
        ("awaited body", post(login, "Expect: 100-continue\r\n", &body), "100 200", With("token")),
        ("unknown expectation", post(login, "Expect: x\r\n", &body), "200|417", Other),
        ("two tokens", get(list, &format!("{token}{token}")), "401", Refusal),
        ("length twice", post(login, &length, &body), "200|400", Other),
        ("foreign origin", get(list, &format!("{token}Origin: http://evil.test\r\n")), "200", users),
        ("another address of the client", get(list, "X-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /\r\n"), "401", Refusal),
    ]
}

/// JSON that is none, or not what was meant.
#[rustfmt::skip]
fn bodies(target: &Target) -> Vec<Case> {
    let login = target.login();
    let good = target.credentials().to_string();
    let sent = |body: &[u8]| post(login, "Content-Type: application/json\r\n", body);
    let with = |new: &str| sent(good.replace(&format!("\"{EMAIL}\""), new).as_bytes());
    let typed = |line: &str| post(login, line, &good);
    let twice = good.replace("\"password\":", "\"password\":\"wrong\",\"password\":");
    vec![
        ("no body", sent(b""), "400", Refusal),
        ("null", sent(b"null"), "400", Refusal),
        ("list", sent(b"[]"), "400", Refusal),
        ("text", sent(b"\"x\""), "400", Refusal),
        ("bytes that are not UTF-8", sent(b"{\"email\":\"\xff\xfe\"}"), "400", Refusal),
        ("UTF-16", sent(&good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()), "400", Refusal),
        ("byte order mark", sent(format!("\u{feff}{good}").as_bytes()), "400", Refusal),
        ("half of it", sent(&good.as_bytes()[..good.len() - 1]), "400", Refusal),
        ("something after it", sent(format!("{good}x").as_bytes()), "400", Refusal),
        ("two texts", sent(format!("{good}{good}").as_bytes()), "400", Refusal),
        ("single quotes", sent(good.replace('"', "'").as_bytes()), "400", Refusal),
        ("128 brackets", sent(format!("{}{}", "[".repeat(128), "]".repeat(128)).as_bytes()), "400", Refusal),
        ("60 000 brackets", sent(&[b'['; 60_000]), "400", Refusal),
        ("10 000 objects", sent("{\"a\":".repeat(10_000).as_bytes()), "400", Refusal),
        ("half a surrogate", with("\"\\ud800\""), "400", Refusal),
        ("1e400", with("1e400"), "400", Refusal),
        ("400 digits", with(&"9".repeat(400)), "400", Refusal),
        ("number for a text", with("1"), "400", Refusal),
        ("list for a text", with(&format!("[\"{EMAIL}\"]")), "400", Refusal),
        ("object for a text", with("{\"$ne\":null}"), "400", Refusal),
        ("NaN", with("NaN"), "400|401", Refusal),
        ("NUL in a text", with(&format!("\"{EMAIL}\\u0000\"")), "400|401", Refusal),
        ("SQL in a text", with("\"' or 1=1 --\""), "401", Refusal),
        ("the last of two", sent(twice.as_bytes()), "200", With("token")),
        ("no type", typed(""), "200", With("token")),
        ("type text", typed("Content-Type: text/plain\r\n"), "200", With("token")),
        ("type form", typed("Content-Type: application/x-www-form-urlencoded\r\n"), "200", With("token")),
        ("type JSON:API", typed("Content-Type: application/vnd.api+json\r\n"), "200", With("token")),
        ("type that is none", typed("Content-Type: ;;;\r\n"), "200", With("token")),
        ("unknown charset", typed("Content-Type: application/json; charset=nosuch\r\n"), "400", Refusal),
        ("coding of the body", typed("Content-Encoding: gzip\r\n"), "200", With("token")),
    ]
}

/// Paths that lead elsewhere, and methods that nobody has.
#[rustfmt::skip]
fn addresses(target: &Target) -> Vec<Case> {
    let (login, list) = (target.login(), target.list());
    let token = authorization(target);
    let get = |path: &str| get(path, &token);
    let by = |method: &str, path: &str| last(method, path, &token, "");
    let raw = [
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n",
        token.as_bytes(),
        b"Connection: close\r\n\r\n",
    ]
    .concat();
    let mut cases = vec![
        ("up, encoded", get("/%2e%2e/%2e%2e/etc/passwd"), "404", Other),
        ("up, half encoded", get("/..%2f..%2fetc/passwd"), "404", Other),
        ("up, encoded twice", get("/%252e%252e/%252e%252e/etc/passwd"), "404", Other),
        ("root, encoded", get("/%2fetc%2fpasswd"), "404", Other),
        ("up", get("/../../etc/passwd"), "404", Other),
        ("up from the assets", get("/poem-scaffold/x/../../../.env"), "404", Other),
        ("settings", get("/.env"), "404", Other),
        ("backslashes", get("/..\\..\\etc\\passwd"), "400|404", Other),
        ("two slashes", get("//etc/passwd"), "404", Other),
        ("two slashes in the API", get(&list.replace("/api/", "/api//")), "404", Refusal),
        ("slash at the end", get(&format!("{list}/")), "404", Refusal),
        ("capitals", get(&list.to_uppercase()), "404", Other),
        ("dots in the API", get(&format!("/api/x/..{list}")), "404", Refusal),
        ("NUL, encoded", get(&format!("{list}%00")), "404", Refusal),
        ("half a character", get(&format!("{list}%ff")), "404", Refusal),
        ("half an escape", get(&format!("{list}%")), "404", Refusal),
        ("line break, encoded", get(&format!("{list}%0d%0aX:%20y")), "404", Refusal),
        ("byte beyond ASCII", raw, "400|404", Other),
        ("put", by("PUT", list), "405", WithAllow),
        ("trace", by("TRACE", list), "405", WithAllow),
        ("method of one's own", by("FOO", list), "405", WithAllow),
        ("method in small letters", by("get", list), "405", WithAllow),
        ("method of 2000 letters", by(&"A".repeat(2000), list), "405", WithAllow),
        ("get where one posts", by("GET", login), "405", WithAllow),
        ("options", by("OPTIONS", list), "200", Other),
        ("head", by("HEAD", list), "200", Other),
        ("head of a page", by("HEAD", "/"), "200", Other),
        ("method by header", last("POST", list, "X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n", ""), "401|405", Refusal),
    ];
    if target.profile != "tutorial" {
        let user = |id: &str| get(&format!("/api/v1/users/{id}.json"));
        cases.push(("id with a zero", user("01"), "200", With(EMAIL)));
        let wrong = [
            ("id with a sign", "+1"),
            ("id with an encoded sign", "%2B1"),
            ("id below zero", "-1"),
            ("id of 2^63", "9223372036854775808"),
            ("id with a point", "1.0"),
            ("id in other digits", "%D9%A1"),
            ("id with a NUL", "1%00"),
            ("id with SQL", "1%20or%201=1"),
            ("id with a path", "1%2f..%2f2"),
            ("id split off", "1/"),
        ];
        cases.extend(wrong.map(|(name, id)| (name, user(id), "404", Refusal)));
        cases.push(("id of 400 digits", user(&"9".repeat(400)), "404", Refusal));
    }
    cases
}

/// Requests whose client ends them half-way.
#[rustfmt::skip]
fn cut_off(target: &Target) -> Vec<Case> {
    let (login, list) = (target.login(), target.list());
    vec![
        ("end in the request line", b"GET /ap".to_vec(), "", Other),
        ("end in a header", format!("GET {list} HTTP/1.1\r\nHost: a").into_bytes(), "", Other),
        ("end in a body", last("POST", login, "Content-Length: 100\r\n", "{"), "400", Refusal),
        ("end in a chunk", chunked(login, "ff\r\n{"), "400", Refusal),
        ("end in a chunk's size", chunked(login, "f"), "400", Refusal),
        ("end after a request", get(list, &authorization(target)), "200", With(EMAIL)),
    ]
}

/// Sends these bytes and gives all that comes back until the server closes.
fn exchange(target: &Target, bytes: &[u8], cut_off: bool) -> Result<Vec<u8>, String> {
    let stream = TcpStream::connect(target.server.base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let started = Instant::now();
    let mut answers = Vec::new();
    thread::scope(|scope| {
        // The server may answer and close before it has read everything.
        scope.spawn(|| {
            let _ = (&stream).write_all(bytes);
            if cut_off {
                let _ = stream.shutdown(Shutdown::Write);
            }
        });
        let ended = (&stream).read_to_end(&mut answers);
        let _ = stream.shutdown(Shutdown::Both);
        match ended {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(format!("open after {:?}", started.elapsed())),
            Err(error) => Err(error.to_string()),
            Ok(_) => Ok(()),
        }
    })
    .map_err(|problem| format!("{problem}, after {:?}", String::from_utf8_lossy(&answers)))?;
    Ok(answers)
}

/// The statuses of the answers, and the last one's head in small letters and its body.
fn read(answers: &[u8]) -> (Vec<String>, String, String) {
    let text = String::from_utf8_lossy(answers);
    let starts = text.match_indices("HTTP/1.").map(|(start, _)| start);
    let status = |start: usize| text[start..].split(' ').nth(1).unwrap_or_default().to_owned();
    let last = starts.clone().last().unwrap_or_default();
    let (head, body) = text[last..].split_once("\r\n\r\n").unwrap_or_default();
    (starts.map(status).collect(), head.to_ascii_lowercase(), body.to_owned())
}

/// What is wrong with the answers.
fn problem(target: &Target, expected: &str, answer: Answer, answers: &[u8]) -> Option<String> {
    let (statuses, head, body) = read(answers);
    let expected: Vec<&str> = expected.split_ascii_whitespace().collect();
    let fits = |(status, allowed): (&String, &&str)| allowed.split('|').any(|one| one == status);
    if statuses.len() != expected.len() || !statuses.iter().zip(&expected).all(fits) {
        return Some(format!("expected {expected:?}"));
    }
    if statuses.is_empty() {
        return (!answers.is_empty()).then(|| "expected nothing".to_owned());
    }
    let has = |line: &str| head.contains(&format!("\r\n{line}"));
    let safe_headers = [
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "content-security-policy: ",
    ];
    if let Some(missing) = safe_headers.into_iter().find(|header| !has(header)) {
        return Some(format!("there is no {missing}"));
    }
    if has("server:") || (target.profile != "scaffold-2.0" && has("access-control-")) {
        return Some("a header too much".to_owned());
    }
    let is_refusal = || {
        let status = statuses
            .last()
            .and_then(|status| status.parse().ok())
            .unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        let text = json[target.error_key(status)].as_str().unwrap_or_default();
        has("content-type: application/json") && has("cache-control: no-store") && !text.is_empty()
    };
    let is_right = match answer {
        Other => true,
        Refusal => is_refusal(),
        WithAllow => has("allow: ") && is_refusal(),
        With(text) => body.contains(text),
    };
    (!is_right).then(|| "another answer was expected".to_owned())
}

#[test]
fn every_request_is_answered_as_it_should_be_and_harms_nothing() {
    on_each_target(|target| {
        let whole = [
            sizes(target),
            framing(target),
            heads(target),
            bodies(target),
            addresses(target),
        ]
        .concat();
        assert!(whole.len() >= 74, "{}", whole.len());
        let whole = whole.into_iter().map(|case| (case, false));
        let cut_off = cut_off(target).into_iter().map(|case| (case, true));
        let mut problems = Vec::new();
        for ((name, bytes, expected, answer), is_cut_off) in whole.chain(cut_off) {
            let found = match exchange(target, &bytes, is_cut_off) {
                Err(found) => Some(found),
                Ok(answers) => problem(target, expected, answer, &answers)
                    .or_else(|| target.harm(&answers))
                    .map(|found| format!("{found}: {:.400?}", String::from_utf8_lossy(&answers))),
            };
            problems.extend(found.map(|found| format!("{name}: {found}")));
        }
        problems
    });
}
