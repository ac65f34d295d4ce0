//! Stand-ins for the originals' front ends, made of what was recorded of them, and the headers that they came with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    original::{SCAFFOLD_1_0, SCAFFOLD_2_0},
    recording::{Case, Recording},
};
use crate::support::{
    http, program,
    server::{Server, ServerConfig},
};

/// Endings whose types we send otherwise, and why.
const OTHER_TYPES: [(&str, &str, &str); 2] = [
    // Python knew no type for source maps, which are JSON.
    (".map", "application/octet-stream", "application/json"),
    // Python, on a desktop, took TypeScript for the translations of Qt's Linguist.
    (
        ".ts",
        "text/vnd.trolltech.linguist; charset=utf-8",
        "text/plain; charset=utf-8",
    ),
];

/// Lays out `folder` as the original had its front end, each file holding its own path, and gives the folder that a
/// team names in `STATIC_DIR`.
///
/// 2.0 served `/static/` from the folder around the one of its pages, sources and all.
pub fn write_stand_ins(recording: &Recording, folder: &Path) -> PathBuf {
    let pages = match has_sources_around(recording) {
        true => folder.join("dist"),
        false => folder.to_owned(),
    };
    for case in recording.cases.iter().filter(|case| is_file(case)) {
        let path = file_of(case);
        let file = match path.strip_prefix("static/") {
            Some(path) if has_sources_around(recording) => folder.join(path),
            _ => pages.join(&path),
        };
        let parent = file.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("a folder must be made");
        fs::write(&file, path).expect("a file must be written");
    }
    pages
}

/// Whether `/static/` was the folder around the pages, with the sources that they were built from.
fn has_sources_around(recording: &Recording) -> bool {
    recording.meta.app == SCAFFOLD_2_0.recording
}

/// Whether the original answered with one of its files, or with the page that is one.
fn is_file(case: &Case) -> bool {
    let path = &case.request.path;
    let has_name = path == "/" || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    case.request.method == "GET" && case.response.status == 200 && !path.starts_with("/api") && has_name
}

fn file_of(case: &Case) -> String {
    match case.request.path.trim_start_matches('/') {
        "" => "index.html".to_owned(),
        path => path.to_owned(),
    }
}

/// The type that we send in place of a recorded one.
fn expected_type(path: &str, recorded: String) -> String {
    let other = OTHER_TYPES.iter().find(|(ending, ..)| path.ends_with(ending));
    match other {
        Some((_, theirs, ours)) => {
            assert_eq!(recorded, *theirs, "{path}");
            (*ours).to_owned()
        }
        None => recorded,
    }
}

#[test]
fn pages_and_files_have_the_recorded_types_and_lifetimes() {
    for original in [SCAFFOLD_1_0, SCAFFOLD_2_0] {
        let recording = Recording::load(original.recording).expect("the recording is there");
        let folder = tempfile::tempdir().unwrap();
        let pages = write_stand_ins(&recording, folder.path());
        let config = ServerConfig::of(program()).env("BCRYPT_COST", "4");
        let config = config.env("STATIC_DIR", pages.to_str().unwrap());
        let server = Server::start(&config.env("FLASK_PROFILE", original.profile));
        let is_source = |case: &Case| has_sources_around(&recording) && case.request.path.starts_with("/static/");
        let is_answered =
            |case: &&Case| case.name.starts_with("page: GET") && case.response.status == 200 && !is_source(case);
        let mut count = 0;
        for case in recording.cases.iter().filter(is_answered) {
            let path = &case.request.path;
            let recorded = |name: &str| {
                let mut headers = case.response.headers.iter();
                headers.find(|(key, _)| key == name).map(|(_, value)| value.clone())
            };
            let no_headers: [(&str, &str); 0] = [];
            let answer = http::send(&server.base, "GET", path, &no_headers, None);
            assert_eq!(answer.status, 200, "{path}");
            let kind = expected_type(path, recorded("Content-Type").expect("Flask always tells the type"));
            assert_eq!(answer.header("Content-Type"), Some(kind), "{path}");
            // Flask said nothing of pages, which lets a browser guess.
            let caching = recorded("Cache-Control").or(Some("no-cache".to_owned()));
            assert_eq!(answer.header("Cache-Control"), caching, "{path}");
            for name in ["ETag", "Last-Modified"] {
                assert!(answer.header(name).is_some(), "{path} has no {name}");
            }
            count += 1;
        }
        assert!(count > 15, "{}: {count} cases", original.recording);
    }
}
