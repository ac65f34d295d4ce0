//! The pictures in `docs/images/`: a list and a form of the sample blog, as a person sees them.
//!
//! `docs/images/make.sh` runs this; a run of all tests leaves it out.

use serde_json::json;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of, token_of},
};
use crate::{
    api::{call, cheap},
    support::{
        project::{Project, build, keep, sample},
        server::Server,
    },
};

/// Title, text, author, day, whether it is published.
const POSTS: [(&str, &str, &str, &str, u8); 8] = [
    (
        "Why we moved to Rust",
        "The server that ran on four machines now runs on one.",
        "Ann Miller",
        "2026-09-02",
        1,
    ),
    (
        "Baking bread at home",
        "Flour, water, salt and a long night in the fridge.",
        "Tom Okafor",
        "2026-09-14",
        1,
    ),
    (
        "Ten walks near the lake",
        "All of them start at the old station.",
        "Zoë Laurent",
        "2026-09-21",
        1,
    ),
    (
        "A small garden in winter",
        "What to cover, what to cut and what to leave alone.",
        "Tom Okafor",
        "2026-10-05",
        1,
    ),
    (
        "Notes from the conference",
        "Three talks that changed how we write tests.",
        "Ann Miller",
        "2026-10-19",
        1,
    ),
    (
        "How to read a map",
        "Contour lines first, colours second.",
        "Zoë Laurent",
        "2026-10-30",
        1,
    ),
    (
        "Our reading list",
        "Seven books for long evenings.",
        "Ann Miller",
        "2026-11-11",
        0,
    ),
    (
        "Repairing an old bicycle",
        "Part one: the chain.",
        "Tom Okafor",
        "2026-11-20",
        0,
    ),
];

#[tokio::test]
#[ignore = "makes pictures, by docs/images/make.sh"]
async fn of_a_list_and_a_form() {
    let Some(browser) = Browser::start().await else { return };
    let project = Project::called("blog");
    project.must(&["scaffold", &sample("scaffold/blog.yaml")]);
    let program = build(&keep(&project, "blog"));
    let folder = tempfile::tempdir().unwrap();
    let config = cheap()
        .binary(&program)
        .folder(folder.path())
        .env("PAGES_TITLE", "Blog");
    let server = Server::start(&config);
    let password = password_of(&server);
    let token = token_of(&server, "scaffold-1.0", &password).unwrap();
    for (title, body, author, day, published) in POSTS {
        let attributes = json!({
            "title": title, "body": body, "author": author, "creation_date": day, "published": published,
        });
        let document = json!({"data": {"type": "posts", "attributes": attributes}});
        let answer = call(&server, "POST", "/api/v1/posts.json", Some(&token), Some(&document));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    browser.set_width(1280).await;
    person::sign_in(&browser, &server.base, ADMIN, &password).await;
    browser.open(&format!("{}/posts", server.base)).await;
    browser.shown("#rows tbody tr").await;
    browser.idle().await;
    browser.screenshot("list").await;
    browser.open(&format!("{}/posts/2/edit", server.base)).await;
    browser.shown("#form[data-ready]").await;
    browser.idle().await;
    browser.screenshot("form").await;
}
