//! Lists and forms of scaffolded resources, in a build that has every type of field.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    driver::Browser,
    person::{self, ADMIN, password_of},
    resource::fill,
};
use crate::{
    api::{call, cheap, token},
    scaffold::wide,
    support::server::Server,
};

/// A browser that is signed in to a server with scaffolded resources.
pub struct Visit {
    pub browser: Browser,
    pub server: Server,
    pub token: String,
    folder: TempDir,
}

impl Visit {
    /// `None` where no browser is installed.
    pub async fn start(profile: &str) -> Option<Self> {
        let browser = Browser::start().await?;
        let folder = tempfile::tempdir().unwrap();
        let config = cheap().binary(wide::binary()).folder(folder.path());
        let server = Server::start(&config.env("FLASK_PROFILE", profile));
        person::sign_in(&browser, &server.base, ADMIN, &password_of(&server)).await;
        let token = match profile {
            "scaffold-2.0" => person::token_of(&server, profile, &password_of(&server)).unwrap(),
            _ => token(&server, ADMIN, &password_of(&server)),
        };
        Some(Self {
            browser,
            server,
            token,
            folder,
        })
    }

    /// The folder with the database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds a row through the API and gives it.
    pub fn add(&self, plural: &str, attributes: Value) -> Value {
        let document = json!({"data": {"type": plural, "attributes": attributes}});
        let path = format!("/api/v1/{plural}.json");
        let answer = call(&self.server, "POST", &path, Some(&self.token), Some(&document));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json().unwrap()["data"].take()
    }

    /// Adds a category and gives its id.
    pub fn add_category(&self, name: &str) -> Value {
        let mut category = self.example("categories");
        category["name"] = json!(name);
        category["code"] = json!(null);
        category["parent"] = json!(null);
        self.add("categories", category)["id"].take()
    }

    /// Attributes that are good for a new row.
    pub fn example(&self, plural: &str) -> Value {
        let project = wide::binary().ancestors().nth(3).unwrap();
        let path = project.join(format!("src/app/{plural}/example.json"));
        let mut document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        document["data"]["attributes"].take()
    }

    /// The attributes of a row.
    pub fn attributes(&self, plural: &str, id: i64) -> Value {
        let answer = call(
            &self.server,
            "GET",
            &format!("/api/v1/{plural}/{id}.json"),
            Some(&self.token),
            None,
        );
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()["data"]["attributes"].take()
    }

    pub async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.server.base)).await;
        self.browser.idle().await;
    }

    /// Opens a form and waits until it is ready.
    pub async fn open_form(&self, path: &str) {
        self.open(path).await;
        self.browser.shown("#form[data-ready]").await;
    }

    /// Waits until the first cells of a column read so.
    async fn column_begins(&self, number: u8, texts: &[&str]) {
        let count = texts.len();
        let code = format!(
            "return [...document.querySelectorAll('#rows tbody td:nth-child({number})')]
               .slice(0, {count}).map((cell) => cell.innerText)"
        );
        self.browser.gives(&code, texts).await;
    }

    /// Adds so many posts, `Post 001` and so on; their `tittle` is spelled as Flask-Scaffold's sample has it.
    fn add_posts(&self, count: usize) {
        for number in 1..=count {
            let mut post = self.example("posts");
            post["tittle"] = json!(format!("Post {number:03}"));
            post["author"] = json!(["Zoë", "ann", "Bob"][number % 3]);
            post["published"] = json!(number % 2);
            self.add("posts", post);
        }
    }
}

#[tokio::test]
async fn a_list_is_searched_ordered_paged_and_remembers_its_columns() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_posts(60);
    visit.open("/posts").await;
    browser.reads(".dt-info", "1 to 25 of 60 posts").await;
    // The newest first.
    visit.column_begins(2, &["Post 060", "Post 059"]).await;
    browser.click("button.page-link[data-dt-idx='next']").await;
    browser.reads(".dt-info", "26 to 50 of 60 posts").await;
    browser.set("select.dt-input, .dt-length select", "100").await;
    browser.reads(".dt-info", "1 to 60 of 60 posts").await;
    browser.click("thead th:nth-child(2) .dt-column-order").await;
    visit.column_begins(2, &["Post 001", "Post 002"]).await;
    browser.fill(".dt-search input", "zoë post 03").await;
    browser.reads(".dt-info", "1 to 5 of 5 posts (of 60)").await;
    visit
        .column_begins(2, &["Post 003", "Post 030", "Post 033", "Post 036", "Post 039"])
        .await;
    browser.screenshot("list").await;

    browser.click("#export").await;
    let csv = browser.downloaded("posts.csv").await;
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert_eq!(lines[0], "id,tittle,body,author,creation_date,published");
    assert_eq!(lines[1], "3,Post 003,Some body,Zoë,2026-01-02,1");
    assert_eq!(lines.len(), 7, "five rows and the end: {csv}");

    browser.click("#columns summary").await;
    browser.click("#column-body").await;
    browser.screenshot("columns").await;
    person::check_accessible(browser).await;
    browser.reload().await;
    browser.reads(".dt-info", "1 to 5 of 5 posts (of 60)").await;
    // The column stays away, search and order stay.
    visit.column_begins(3, &["Zoë"; 5]).await;
    // The box with the columns goes when the focus does.
    browser.click("#columns summary").await;
    browser.shown("#column-tittle").await;
    browser.script("document.getElementById('export').focus()").await;
    browser
        .gives("return document.getElementById('columns').open", false)
        .await;
    browser.fill(".dt-search input", "nothing like it").await;
    browser.reads("#rows td.dt-empty", "No posts fit the search.").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_row_that_was_added_is_in_sight_and_searches_are_forgotten_at_the_end() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_posts(30);
    visit.open("/posts").await;
    browser.fill(".dt-search input", "Post 001").await;
    browser.reads(".dt-info", "1 to 1 of 1 posts (of 30)").await;
    browser.click("#new").await;
    fill(browser, &visit.example("posts")).await;
    browser.click("#save").await;
    browser.at("/posts").await;
    browser.shown("#row-31").await;
    browser.reads(".dt-info", "1 to 25 of 31 posts").await;
    // The notice lets nothing shine through.
    browser
        .gives(
            "return getComputedStyle(document.querySelector('.toast')).backgroundColor",
            "rgb(255, 255, 255)",
        )
        .await;
    browser.screenshot("added").await;
    browser.fill(".dt-search input", "secret search").await;
    browser.shown("#rows td.dt-empty").await;
    browser.click("#sign-out").await;
    browser.at("/login").await;
    browser
        .gives("return JSON.stringify(sessionStorage).includes('secret search')", false)
        .await;
}

#[tokio::test]
async fn only_what_comes_back_as_it_was_can_be_taken_back() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let ann =
        json!({"name": "Ann", "email": "ann@example.com", "password": "correct horse", "role": "admin", "active": 1});
    visit.add("users", ann);
    let ann = token(&visit.server, "ann@example.com", "correct horse");
    let document = json!({"data": {"type": "news", "attributes": visit.example("news")}});
    let answer = call(&visit.server, "POST", "/api/v1/news.json", Some(&ann), Some(&document));
    assert_eq!(answer.status, 201, "{}", answer.text());
    visit.open("/news").await;
    let has_undo = "return document.querySelectorAll('#notices button.btn-outline-primary').length > 0";
    // Ann's would become the administrator's.
    browser.click("#rows button.delete").await;
    browser.click("#question-yes").await;
    browser.reads("#notices .toast-body", "Deleted: Some headline").await;
    browser.gives(has_undo, false).await;
    visit.add("news", visit.example("news"));
    let shown = |id: i64| {
        let path = format!("/api/v1/news/{id}.json");
        let answer = call(&visit.server, "GET", &path, Some(&visit.token), None);
        answer.json().unwrap()["data"]["attributes"].clone()
    };
    let before = shown(2);
    visit.open("/news").await;
    browser.click("#rows button.delete").await;
    browser.click("#question-yes").await;
    browser.click("#notices button.btn-outline-primary").await;
    browser
        .reads("#notices .toast-body", "Restored: Some headline, as number 3")
        .await;
    assert_eq!(shown(3), before);
    // A role would come back without its description, and without those who have it.
    visit.add("roles", json!({"name": "editor"}));
    visit.open("/roles").await;
    browser.click("#rows button.delete").await;
    browser.click("#question-yes").await;
    browser.reads("#notices .toast-body", "Deleted: editor").await;
    browser.gives(has_undo, false).await;
}

#[tokio::test]
async fn a_row_with_times_cannot_be_taken_back_where_the_clock_sets_them() {
    for (profile, expected) in [("scaffold-1.0", true), ("scaffold-2.0", false)] {
        let Some(visit) = Visit::start(profile).await else {
            return;
        };
        let mut article = visit.example("articles");
        article["category"] = visit.add_category("Rust");
        visit.add("articles", article);
        visit.open("/articles").await;
        visit.browser.click("#rows button.delete").await;
        visit.browser.click("#question-yes").await;
        visit.browser.shown("#notices .toast-body").await;
        let has_undo = "return document.querySelectorAll('#notices button.btn-outline-primary').length > 0";
        visit.browser.gives(has_undo, expected).await;
    }
}

#[tokio::test]
async fn words_and_numbers_are_ordered_and_found_as_people_expect() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let category = visit.add_category("Rust");
    let words = ["Zebra", "10", "éclair", "<b>&amp;</b>", "9", "Ärger", "apple"];
    let views = [
        "9007199254740993",
        "9",
        "-5",
        "9007199254740992",
        "100",
        "10",
        "9007199254740994",
    ];
    let prices = [
        "100.00",
        "20.5",
        "-3",
        "12345678901234567890.2",
        "12345678901234567890.1",
        "9.90",
        "0",
    ];
    for (index, word) in words.iter().enumerate() {
        let mut article = visit.example("articles");
        article["title"] = json!(format!("Row {index}"));
        article["subtitle"] = json!(word);
        article["views"] = json!(views[index]);
        article["price"] = json!(prices[index]);
        article["category"] = category.clone();
        article["reviewer"] = json!(1);
        article["slug"] = json!(index.to_string());
        article["token"] = json!(format!("67e55044-10b1-426f-9247-bb680e5fe0c{index}"));
        visit.add("articles", article);
    }
    visit.open("/articles").await;
    browser.shown("#rows tbody tr").await;
    browser.screenshot("wide-list").await;
    let only = "for (const box of document.querySelectorAll('#columns input'))
        if (box.checked !== ['column-subtitle', 'column-views', 'column-price'].includes(box.id)) box.click()";
    browser.script(only).await;
    for (column, expected) in [
        (2, ["<b>&amp;</b>", "9", "10", "apple", "Ärger", "éclair", "Zebra"]),
        (
            3,
            [
                "-5",
                "9",
                "10",
                "100",
                "9007199254740992",
                "9007199254740993",
                "9007199254740994",
            ],
        ),
        (
            4,
            [
                "-3",
                "0",
                "9.90",
                "20.5",
                "100.00",
                "12345678901234567890.1",
                "12345678901234567890.2",
            ],
        ),
    ] {
        browser
            .click(&format!("thead th:nth-child({column}) .dt-column-order"))
            .await;
        visit.column_begins(column, &expected).await;
    }
    for (typed, found) in [("<b>", 1), ("&amp;", 1), ("zebra", 1), ("1234567890", 2)] {
        browser.fill(".dt-search input", typed).await;
        let rows = "return document.querySelectorAll('#rows tbody tr[id]').length";
        browser.gives(rows, found).await;
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_wide_list_fits_the_screen_at_first() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let mut article = visit.example("articles");
    article["title"] = json!("A title that is rather long, as titles often are in lists");
    article["category"] = visit.add_category("Rust");
    article["reviewer"] = json!(1);
    article["meta_data"] = json!({"a": [1, 2], "b": {"c": null}});
    visit.add("articles", article);
    for width in [360, 700, 1100, 1440] {
        browser.set_width(width).await;
        visit.open("/articles").await;
        browser.shown("#rows tbody tr").await;
        browser.screenshot(&format!("wide-list-{width}")).await;
        let code = "const table = document.querySelector('.dt-layout-table').getBoundingClientRect();
            const content = document.getElementById('rows').getBoundingClientRect();
            const { scrollWidth, clientWidth } = document.querySelector('.dt-layout-table');
            return table.left >= content.left && table.right <= content.right && scrollWidth <= clientWidth
                && document.querySelectorAll('#rows thead th').length >= 3";
        browser.gives(code, true).await;
        person::check_accessible(browser).await;
    }
    visit.open("/articles/1").await;
    let json = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}";
    browser.reads("dd[data-name=meta_data]", json).await;
    browser.screenshot("detail-json").await;
}

#[tokio::test]
async fn spreadsheets_take_no_text_of_an_export_for_a_formula() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let mut post = visit.example("posts");
    post["tittle"] = json!("=HYPERLINK(\"http://evil.example\")");
    post["body"] = json!("two\nlines, \"quoted\"");
    post["author"] = json!("-5");
    visit.add("posts", post);
    visit.open("/posts").await;
    visit.browser.click("#export").await;
    let csv = visit.browser.downloaded("posts.csv").await;
    let row = "1,\"'=HYPERLINK(\"\"http://evil.example\"\")\",\"two\nlines, \"\"quoted\"\"\",-5,2026-01-02,1\r\n";
    assert!(csv.ends_with(row), "{csv}");
    // The function of the page itself: each value with the cell that it becomes.
    for (value, expected) in [
        (json!("x;=1+1"), "\"x;'=1+1\""),
        (json!("x; =1+1"), "\"x;' =1+1\""),
        (json!("x;;@SUM(1)"), "\"x;;'@SUM(1)\""),
        (json!("a\n+1+1"), "\"a\n'+1+1\""),
        (json!("a\r\n-1+1"), "\"a\r\n'-1+1\""),
        (json!("x;\"=1"), "\"x;'\"\"=1\""),
        (json!("\t=1"), "\"'\t=1\""),
        (json!("\r=1"), "\"'\r'=1\""),
        (json!("\u{ff1d}1+1"), "'\u{ff1d}1+1"),
        (json!("\u{ff0b}1+1"), "'\u{ff0b}1+1"),
        (json!("\u{ff0d}1+1"), "'\u{ff0d}1+1"),
        (json!("\u{ff20}SUM"), "'\u{ff20}SUM"),
        (json!("\u{2212}1+1"), "'\u{2212}1+1"),
        (json!("\u{200b}=1"), "'\u{200b}=1"),
        (json!("x;\u{ff1d}1"), "\"x;'\u{ff1d}1\""),
        (json!("-5"), "-5"),
        (json!("+4.5e-3"), "+4.5e-3"),
        (json!("-5;-6"), "\"-5;-6\""),
        (json!("-5;=6"), "\"-5;'=6\""),
        (json!("-5x"), "'-5x"),
        (json!("-"), "'-"),
        (json!("1.2.3"), "1.2.3"),
        (json!("a, b - c = d"), "\"a, b - c = d\""),
        (json!(-5), "-5"),
        (json!(true), "true"),
        (json!(null), ""),
        (json!({"a": "x;=1"}), "\"{\"\"a\"\":\"\"x;'=1\"\"}\""),
    ] {
        let module = "document.querySelector('script[src$=\"list.js\"]').src.replace('list.js', 'csv.js')";
        let code = format!("return import({module}).then(({{ cell }}) => cell({value}))");
        visit.browser.gives(&code, expected).await;
    }
}

#[tokio::test]
async fn what_the_form_refuses_stands_beside_its_field_and_nothing_is_sent() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_category("Rust");
    visit.open_form("/articles/new").await;
    for (field, typed, text) in [
        ("title", "ab", "At least 3 characters, please; this has 2."),
        ("body", "", "Please fill this in."),
        ("category", "no such one", "Please choose one of the list."),
        ("rating", "6", "At most 5, please."),
        ("stock", "-6", "At least -5, please."),
        ("words", "1.5", "This is not a whole number."),
        ("views", "9223372036854775808", "At most 9223372036854775807, please."),
        ("score", "0.4", "At least 0.5, please."),
        ("token", "123", "This is not a UUID."),
        ("contact", "bad", "This is not a mail address."),
        ("link", "javascript:x", "This is not a URL such as https://example.com."),
    ] {
        browser.fill(&format!("#field-{field}"), typed).await;
        browser.click("#save").await;
        browser.reads(&format!("#wrong-{field}"), text).await;
    }
    browser.fill("#field-meta_data", "{").await;
    browser.click("#save").await;
    let text = browser.shown("#wrong-meta_data").await.text().await.unwrap();
    assert!(text.starts_with("This is not JSON"), "{text}");
    // The first of them.
    browser.gives("return document.activeElement.id", "field-title").await;
    browser.screenshot("form-refused").await;
    person::check_accessible(browser).await;
    let sent = browser.sent().await;
    assert!(
        sent.iter()
            .all(|sent| sent.method == "GET" || sent.url.contains("login")),
        "{sent:#?}"
    );
    // Characters are counted as the server counts them.
    browser.fill("#field-title", "😀é!").await;
    browser.click("#save").await;
    let code = "return document.getElementById('wrong-title').textContent";
    browser.gives(code, "").await;
}

#[tokio::test]
async fn what_the_server_refuses_stands_beside_its_field() {
    // In 2.0 the errors come as the text that Python writes for them.
    for profile in ["scaffold-1.0", "scaffold-2.0"] {
        let Some(visit) = Visit::start(profile).await else {
            return;
        };
        let browser = &visit.browser;
        visit.open_form("/modules/new").await;
        let mut module = visit.example("modules");
        module["contact"] = json!("\"it's no\"@example.com");
        if profile == "scaffold-2.0" {
            module.as_object_mut().unwrap().remove("updated_at");
        }
        fill(browser, &module).await;
        browser.click("#save").await;
        browser.reads("#wrong-contact", "Not a valid email address.").await;
        browser.gives("return document.activeElement.id", "field-contact").await;
        browser.screenshot(&format!("server-refused-{profile}")).await;

        visit.add_category("Rust");
        visit.open_form("/categories/new").await;
        let mut category = visit.example("categories");
        category["name"] = json!("Rust");
        category["code"] = json!(null);
        category["parent"] = json!(null);
        if profile == "scaffold-2.0" {
            category.as_object_mut().unwrap().remove("born");
        }
        fill(browser, &category).await;
        browser.click("#save").await;
        let taken = "This is taken already: it must be unique.";
        browser.reads("#wrong-name", taken).await;
        // Of two that are unique, it is still this one.
        browser.fill("#field-code", "c").await;
        browser.click("#save").await;
        browser.reads("#wrong-name", taken).await;
        browser.shown("#field-name[aria-invalid=true]").await;
        browser
            .gives("return document.querySelectorAll('[aria-invalid=true]').length", 1)
            .await;
    }
}

#[tokio::test]
async fn only_what_was_changed_is_sent() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let category = visit.add_category("Rust");
    let other = visit.add_category("Flask");
    let mut article = visit.example("articles");
    article["category"] = category;
    article["reviewer"] = json!(1);
    article["begins_at"] = json!("2026-01-02T03:04:05.678901+00:00");
    article["views"] = json!("9007199254740993");
    let before = visit.add("articles", article)["attributes"].clone();
    visit.open_form("/articles/1/edit").await;
    // Beyond what JavaScript's numbers hold.
    browser
        .gives(
            "return document.getElementById('field-views').value",
            "9007199254740993",
        )
        .await;
    browser.fill("#field-subtitle", "").await;
    browser.click("#field-category").await;
    browser.fill("#field-category", "fla").await;
    browser
        .click(&format!("#choices-category [data-value='{other}']"))
        .await;
    browser.click("#save").await;
    browser.at("/articles/1").await;
    let mut expected = before;
    expected["subtitle"] = json!(null);
    expected["category"] = other;
    assert_eq!(visit.attributes("articles", 1), expected);
    browser.reads("dd[data-name=category]", "Flask").await;
    browser.screenshot("detail").await;
}

#[tokio::test]
async fn times_are_those_of_the_readers_zone() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    browser.set_time_zone("Asia/Kolkata").await;
    let category = visit.add_category("Rust");
    let mut article = visit.example("articles");
    article["category"] = category;
    article["reviewer"] = json!(null);
    article["begins_at"] = json!("2026-01-31T20:00:00+00:00");
    article["due"] = json!("2026-01-31");
    visit.add("articles", article);
    visit.open("/articles/1").await;
    let text = browser
        .shown("dd[data-name=begins_at] time")
        .await
        .text()
        .await
        .unwrap();
    assert!(text.starts_with("Feb 1, 2026, 1:30:00"), "{text}");
    browser.reads("dd[data-name=due]", "Jan 31, 2026").await;
    visit.open_form("/articles/1/edit").await;
    let code = "return document.getElementById('field-begins_at').value.padEnd(19, ':00')";
    browser.gives(code, "2026-02-01T01:30:00").await;
    browser.set("#field-begins_at", "2026-02-01T01:45:00").await;
    browser.click("#save").await;
    browser.at("/articles/1").await;
    let changed = visit.attributes("articles", 1);
    assert_eq!(changed["begins_at"], "2026-01-31T20:15:00+00:00");
    assert_eq!(changed["due"], "2026-01-31");
}

#[tokio::test]
async fn in_2_0_a_new_row_is_not_asked_for_times() {
    let Some(visit) = Visit::start("scaffold-2.0").await else {
        return;
    };
    let browser = &visit.browser;
    visit.add_category("Rust");
    visit.open_form("/categories/new").await;
    browser
        .gives("return document.querySelectorAll('[data-kind=datetime]').length", 0)
        .await;
    browser.fill("#field-name", "Flask").await;
    fill(browser, &json!({"rank_of": 2})).await;
    browser.click("#save").await;
    browser.at("/categories").await;
    browser.shown("#row-2").await;
    visit.open_form("/categories/2/edit").await;
    browser
        .gives("return document.querySelectorAll('[data-kind=datetime]').length", 1)
        .await;
}
