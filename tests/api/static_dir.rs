//! A team's own front end in STATIC_DIR: what is served of it, how, and what never is.

mod start;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::symlink,
    process::Command,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use super::{call, cheap};
use crate::support::{
    http::{self, Response},
    server::{Server, ServerConfig},
};

const PROFILES: [&str; 3] = ["scaffold-1.0", "scaffold-2.0", "tutorial"];

/// What must never be found in an answer.
const SECRET: &str = "the secret of the other folder";

/// A folder with a front end in `site` and a secret beside it.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        for (name, text) in [
            ("index.html", "the front page"),
            ("login.html", "the login page"),
            ("home.html", "home"),
            ("css/my.css", "a {}"),
            ("js/a b.js", "1"),
            ("js/ü.js", "2"),
            ("static/js/app.js", "let x"),
            ("static/notes", "no ending"),
            ("empty.txt", ""),
            (".env", SECRET),
            (".git/config", SECRET),
            ("js/.hidden.js", SECRET),
            (".well-known/security.txt", "Contact: us"),
            (".well-known/.hidden", SECRET),
            ("../secret.txt", SECRET),
            ("../secrets/index.html", SECRET),
            ("docs/index.html", "their docs"),
            ("openapi.json", "their document"),
            ("api/file.txt", SECRET),
            ("poem-scaffold/x/docs.js", SECRET),
        ] {
            site.write(name, text);
        }
        site
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("site")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.root()).unwrap();
        let file = self.root().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn config(&self, profile: &str) -> ServerConfig {
        let root = self.root();
        cheap()
            .env("FLASK_PROFILE", profile)
            .env("STATIC_DIR", root.to_str().unwrap())
    }

    fn start(&self, profile: &str) -> Server {
        Server::start(&self.config(profile))
    }
}

fn get(server: &Server, path: &str) -> Response {
    call(server, "GET", path, None, None)
}

fn get_with(server: &Server, path: &str, headers: &[(&str, &str)]) -> Response {
    http::send(&server.base, "GET", path, headers, None)
}

/// Fails unless the answer is the page for what does not exist, which tells nothing.
fn assert_not_found(answer: &Response, what: &str) {
    let text = answer.text();
    assert_eq!(answer.status, 404, "{what}: {text}");
    assert!(text.contains("This page does not exist"), "{what}: {text}");
    assert!(!text.contains(SECRET) && !text.contains("/tmp"), "{what}: {text}");
}

#[test]
fn each_profile_serves_its_pages_and_every_file_by_its_path() {
    let site = Site::new();
    for profile in PROFILES {
        let server = site.start(profile);
        let url = format!("Front end: {}/ (from {})", server.base, site.root().display());
        assert!(server.output().contains(&url), "{}", server.output());
        for (path, text, kind) in [
            ("/", "the front page", "text/html; charset=utf-8"),
            ("/?next=/x.y", "the front page", "text/html; charset=utf-8"),
            ("/index.html", "the front page", "text/html; charset=utf-8"),
            ("/login.html", "the login page", "text/html; charset=utf-8"),
            ("/css/my.css?v=4.7.0", "a {}", "text/css; charset=utf-8"),
            ("/js/a%20b.js", "1", "text/javascript; charset=utf-8"),
            ("/js/%C3%BC.js", "2", "text/javascript; charset=utf-8"),
            ("/static/js/app.js", "let x", "text/javascript; charset=utf-8"),
            ("/static/notes", "no ending", "application/octet-stream"),
            ("/empty.txt", "", "text/plain; charset=utf-8"),
            ("/.well-known/security.txt", "Contact: us", "text/plain; charset=utf-8"),
        ] {
            let answer = get(&server, path);
            assert_eq!((answer.status, answer.text().as_str()), (200, text), "{profile} {path}");
            assert_eq!(answer.header("content-type").as_deref(), Some(kind), "{profile} {path}");
            let page = ["/", "/?next=/x.y"].contains(&path) || profile == "tutorial";
            let caching = if page { "no-cache" } else { "public, max-age=43200" };
            assert_eq!(
                answer.header("cache-control").as_deref(),
                Some(caching),
                "{profile} {path}"
            );
        }
        for path in [
            "/nope.js",
            "/static/nope",
            "/static",
            "/static/",
            "/css/",
            "/css/nope.css",
            "/LOGIN.HTML",
        ] {
            assert_not_found(&get(&server, path), path);
        }
    }
}

#[test]
fn only_1_0_has_a_login_page_of_its_own_and_only_2_0_takes_its_page_for_every_other_address() {
    let site = Site::new();
    for (profile, login, deep) in [
        ("tutorial", None, None),
        ("scaffold-1.0", Some("the login page"), None),
        ("scaffold-2.0", Some("the front page"), Some("the front page")),
    ] {
        let server = site.start(profile);
        for (path, expected) in [
            ("/login", login),
            ("/dashboard", deep),
            ("/users", deep),
            ("/users/1", deep),
            ("/post-add", deep),
            ("/css", deep),
            ("/v1.0/list", deep),
            ("/b%C3%BCcher", deep),
            ("/users/", None),
            ("/users/1.x", None),
            ("/.well-known/nope", None),
        ] {
            let answer = get(&server, path);
            let Some(text) = expected else {
                assert_not_found(&answer, &format!("{profile} {path}"));
                continue;
            };
            assert_eq!((answer.status, answer.text().as_str()), (200, text), "{profile} {path}");
            assert_eq!(
                answer.header("cache-control").as_deref(),
                Some("no-cache"),
                "{profile} {path}"
            );
        }
    }
}

#[test]
fn nothing_outside_of_the_folder_and_nothing_hidden_is_served() {
    let site = Site::new();
    let root = site.root();
    symlink("../secret.txt", root.join("link.txt")).unwrap();
    symlink("../secrets", root.join("linked")).unwrap();
    symlink("nowhere", root.join("broken.txt")).unwrap();
    symlink("loop.txt", root.join("loop.txt")).unwrap();
    symlink("css/my.css", root.join("inside.css")).unwrap();
    let fifo = Command::new("mkfifo").arg(root.join("pipe.txt")).status().unwrap();
    assert!(fifo.success());
    let long = format!("/{}.js", "a".repeat(5000));
    let deep = format!("{}x.js", "/a".repeat(3000));
    for profile in PROFILES {
        let server = site.start(profile);
        for path in [
            "/../secret.txt",
            "/css/../../secret.txt",
            "/..%2fsecret.txt",
            "/..%2Fsecret.txt",
            "/%2e%2e/secret.txt",
            "/%2e%2e%2fsecret.txt",
            "/css/%2e%2e/%2e%2e/secret.txt",
            "/..%5csecret.txt",
            "/..\\secret.txt",
            "/%252e%252e/secret.txt",
            "/..%252fsecret.txt",
            "/..%c0%afsecret.txt",
            "/..%ef%bc%8fsecret.txt",
            "/....//secret.txt",
            "/.../secret.txt",
            "/./index.html",
            "/css/./my.css",
            "//secret.txt",
            "/etc/passwd%00.txt",
            "/index.html%00",
            "/%00",
            "/css//my.css",
            "/index.html/",
            "/index.html/x.js",
            "/link.txt",
            "/linked/index.html",
            "/broken.txt",
            "/loop.txt",
            "/pipe.txt",
            "/.env",
            "/%2eenv",
            "/.git/config",
            "/js/.hidden.js",
            "/.well-known/.hidden",
            "/poem-scaffold/x",
            long.as_str(),
            deep.as_str(),
        ] {
            assert_not_found(&get(&server, path), &format!("{profile} {path}"));
            let posted = call(&server, "POST", path, None, None);
            assert_eq!(posted.status, 404, "{profile} {path}");
        }
        assert_eq!(get(&server, "/inside.css").text(), "a {}");
        for path in ["/api/file.txt", "/%61pi/file.txt", "/api%2ffile.txt", "//api/file.txt"] {
            let answer = get(&server, path);
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.json().is_some(), "{path}: {}", answer.text());
        }
        // Several slashes may begin the path of a file, but not an address of the front end.
        for path in ["//etc/passwd", "/%2fetc/passwd", "/%2fetc%2fpasswd"] {
            assert_eq!(get(&server, path).status, 404, "{profile} {path}");
        }
        assert_eq!(get(&server, "//inside.css").text(), "a {}");
        for path in ["/poem-scaffold%2fx/docs.js", "/%70oem-scaffold/x/docs.js"] {
            assert!(get(&server, path).text().contains("Swagger"), "{path}");
        }
    }
}

#[test]
fn our_docs_win_over_files_of_the_same_name() {
    let site = Site::new();
    let server = site.start("scaffold-2.0");
    assert!(get(&server, "/docs").text().contains("swagger"));
    assert!(get(&server, "/openapi.json").json().unwrap()["paths"].is_object());
    assert!(!get(&server, "/poem-scaffold/x/docs.js").text().contains(SECRET));
    assert_eq!(get(&server, "/poem-scaffold/x/docs.js").status, 200);
    assert_eq!(get(&server, "/docs/index.html").text(), "their docs");
}

#[test]
fn an_unchanged_file_is_not_sent_again() {
    let site = Site::new();
    for profile in PROFILES {
        let server = site.start(profile);
        for path in ["/", "/css/my.css"] {
            let first = get(&server, path);
            let tag = first.header("etag").unwrap();
            let time = first.header("last-modified").unwrap();
            let listed = format!("\"x\", W/{tag}");
            let past = "Tue, 24 Nov 2015 12:00:00 GMT";
            for (headers, status) in [
                (&[("If-None-Match", tag.as_str())][..], 304),
                (&[("If-None-Match", &listed)], 304),
                (&[("If-None-Match", "*")], 304),
                (&[("If-None-Match", "\"x\"")], 200),
                (&[("If-Modified-Since", &time)], 304),
                (&[("If-Modified-Since", past)], 200),
                (&[("If-Modified-Since", "yesterday")], 200),
                // The tag is what counts.
                (&[("If-None-Match", "\"x\""), ("If-Modified-Since", &time)], 200),
                (&[("If-None-Match", &tag), ("If-Modified-Since", past)], 304),
            ] {
                let answer = get_with(&server, path, headers);
                assert_eq!(answer.status, status, "{profile} {path} {headers:?}");
                assert_eq!(answer.header("etag"), Some(tag.clone()), "{profile} {path} {headers:?}");
                assert_eq!(answer.header("cache-control"), first.header("cache-control"));
                assert_eq!(answer.body.is_empty(), status == 304, "{profile} {path} {headers:?}");
                assert_eq!(answer.header("content-security-policy"), None, "{profile} {path}");
            }
        }
    }
}

#[test]
fn head_tells_what_get_would_and_ranges_are_not_promised() {
    let site = Site::new();
    let server = site.start("scaffold-2.0");
    for path in ["/", "/dashboard", "/css/my.css", "/empty.txt"] {
        let (got, head) = (get(&server, path), call(&server, "HEAD", path, None, None));
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for name in [
            "content-type",
            "content-length",
            "etag",
            "last-modified",
            "cache-control",
        ] {
            assert_eq!(head.header(name), got.header(name), "{path} {name}");
        }
        assert_eq!(got.header("content-length"), Some(got.body.len().to_string()));
    }
    assert_not_found(&get(&server, "/nope.js"), "GET");
    assert_eq!(call(&server, "HEAD", "/nope.js", None, None).status, 404);
    for range in ["bytes=1-2", "bytes=0-18446744073709551615", "bytes=5-1", "lines=1"] {
        let answer = get_with(&server, "/index.html", &[("Range", range)]);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "the front page"),
            "{range}"
        );
        assert_eq!(answer.header("accept-ranges"), None);
    }
}

#[test]
fn files_are_read_only_and_options_is_answered_everywhere() {
    let site = Site::new();
    for profile in PROFILES {
        let server = site.start(profile);
        for path in ["/", "/index.html", "/css/my.css"] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"] {
                let answer = call(&server, method, path, None, None);
                assert_eq!(answer.status, 405, "{profile} {method} {path}");
                let allow = answer.header("allow");
                assert_eq!(
                    allow.as_deref(),
                    Some("GET, HEAD, OPTIONS"),
                    "{profile} {method} {path}"
                );
            }
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"] {
            assert_eq!(call(&server, method, "/nope.js", None, None).status, 404, "{method}");
        }
        for path in ["/", "/css/my.css", "/nope", "/nope.js", "/a/../b", "/.env"] {
            let answer = call(&server, "OPTIONS", path, None, None);
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{profile} {path}");
            assert_eq!(answer.header("allow").as_deref(), Some("GET, HEAD, OPTIONS"), "{path}");
            let kind = answer.header("content-type");
            assert_eq!(kind.as_deref(), Some("text/html; charset=utf-8"), "{profile} {path}");
        }
    }
}

#[test]
fn files_may_load_what_they_like_and_errors_nothing() {
    let site = Site::new();
    for (profile, origin) in [("scaffold-1.0", None), ("scaffold-2.0", Some("https://a.example"))] {
        let server = site.start(profile);
        for (path, is_own) in [
            ("/", true),
            ("/css/my.css", true),
            ("/nope.js", false),
            ("/docs", false),
        ] {
            let answer = get_with(&server, path, &[("Origin", "https://a.example")]);
            let sniffing = answer.header("x-content-type-options");
            assert_eq!(sniffing.as_deref(), Some("nosniff"), "{profile} {path}");
            for name in ["content-security-policy", "referrer-policy"] {
                assert_eq!(answer.header(name).is_none(), is_own, "{profile} {path} {name}");
            }
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed.as_deref(), origin, "{profile} {path}");
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
}

#[test]
fn a_changed_file_and_a_new_release_are_served_at_once() {
    let site = Site::new();
    let current = site.folder.path().join("current");
    symlink(site.root(), &current).unwrap();
    let server = Server::start(&site.config("scaffold-1.0").env("STATIC_DIR", current.to_str().unwrap()));
    let first = get(&server, "/home.html");
    let tag = first.header("etag").unwrap();
    // As many bytes as before.
    site.write("home.html", "HOME");
    let second = get_with(&server, "/home.html", &[("If-None-Match", &tag)]);
    assert_eq!((second.status, second.text().as_str()), (200, "HOME"));
    assert_ne!(second.header("etag").unwrap(), tag);

    site.write("new.html", "new");
    assert_eq!(get(&server, "/new.html").text(), "new");
    fs::remove_file(site.root().join("new.html")).unwrap();
    assert_not_found(&get(&server, "/new.html"), "a removed file");

    let next = tempfile::tempdir().unwrap();
    fs::write(next.path().join("home.html"), "next release").unwrap();
    fs::remove_file(&current).unwrap();
    symlink(next.path(), &current).unwrap();
    assert_eq!(get(&server, "/home.html").text(), "next release");
    fs::remove_file(&current).unwrap();
    assert_not_found(&get(&server, "/home.html"), "no folder any more");
    assert_eq!(get(&server, "/api/users").status, 401, "the server is alive");
}

#[test]
fn a_download_survives_a_new_file_and_never_mixes_two() {
    const LENGTH: usize = 20_000_000;
    let site = Site::new();
    site.write("big.bin", vec![b'a'; LENGTH]);
    let server = site.start("scaffold-1.0");
    let begin = |path: &str| {
        let mut stream = TcpStream::connect(server.base.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut beginning = [0; 1000];
        stream.read_exact(&mut beginning).unwrap();
        stream
    };
    let rest = |mut stream: TcpStream| {
        let mut bytes = Vec::new();
        // A connection that ends early is an error or an end.
        let _ = stream.read_to_end(&mut bytes);
        bytes
    };

    // Replaced as deployments do it, grown, and cut short.
    let download = begin("/big.bin");
    site.write("new.bin", vec![b'b'; LENGTH]);
    fs::rename(site.root().join("new.bin"), site.root().join("big.bin")).unwrap();
    let bytes = rest(download);
    assert!(bytes.len() > LENGTH - 1000 && bytes.iter().all(|byte| *byte == b'a'));

    let download = begin("/big.bin");
    let mut file = fs::File::options()
        .append(true)
        .open(site.root().join("big.bin"))
        .unwrap();
    file.write_all(&vec![b'c'; LENGTH]).unwrap();
    let bytes = rest(download);
    assert!(bytes.len() < LENGTH && bytes.iter().all(|byte| *byte == b'b'));

    let download = begin("/big.bin");
    file.set_len(10).unwrap();
    assert!(rest(download).len() < 2 * LENGTH - 1000, "less than was announced");
    assert_eq!(get(&server, "/big.bin").text(), "b".repeat(10));
}

#[test]
fn files_from_before_1970_and_from_the_future_have_a_time_that_http_can_say() {
    let site = Site::new();
    let server = site.start("scaffold-1.0");
    let now = SystemTime::now();
    for time in [
        SystemTime::UNIX_EPOCH - Duration::from_secs(86400),
        now + Duration::from_secs(86400 * 365),
    ] {
        let file = fs::File::options()
            .write(true)
            .open(site.root().join("home.html"))
            .unwrap();
        file.set_modified(time).unwrap();
        let answer = get(&server, "/home.html");
        assert_eq!(answer.status, 200, "{time:?}");
        assert!(answer.header("last-modified").is_some() && answer.header("etag").is_some());
    }
}

#[test]
fn many_requests_at_once_are_all_answered_while_a_pipe_is_asked_for() {
    let site = Site::new();
    let fifo = Command::new("mkfifo")
        .arg(site.root().join("pipe.js"))
        .status()
        .unwrap();
    assert!(fifo.success());
    let server = site.start("scaffold-2.0");
    std::thread::scope(|scope| {
        for number in 0..200 {
            let server = &server;
            scope.spawn(move || {
                let (path, status) = [("/pipe.js", 404), ("/dashboard", 200), ("/css/my.css", 200)][number % 3];
                assert_eq!(get(server, path).status, status, "{path}");
            });
        }
    });
}
