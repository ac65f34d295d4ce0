//! Lists of scaffolded resources: searched, ordered, paged, exported, and what was deleted restored.

use serde_json::json;

use super::{person, resource::fill, visit::Visit};
use crate::api::{call, token};

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
    browser.reads("#rows td.dt-empty", "No posts match the search.").await;
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
        .reads("#notices .toast-body", "Restored: Some headline, with the new id 3")
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

const WORDS: [&str; 7] = ["Zebra", "10", "éclair", "<b>&amp;</b>", "9", "Ärger", "apple"];
const VIEWS: [&str; 7] = [
    "9007199254740993",
    "9",
    "-5",
    "9007199254740992",
    "100",
    "10",
    "9007199254740994",
];
const PRICES: [&str; 7] = [
    "100.00",
    "20.5",
    "-3",
    "12345678901234567890.2",
    "12345678901234567890.1",
    "9.90",
    "0",
];

/// The order of each column.
const ORDERED: [(u8, [&str; 7]); 3] = [
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
];

#[tokio::test]
async fn words_and_numbers_are_ordered_and_found_as_people_expect() {
    let Some(visit) = Visit::start("scaffold-1.0").await else {
        return;
    };
    let browser = &visit.browser;
    let category = visit.add_category("Rust");
    for (index, word) in WORDS.iter().enumerate() {
        let mut article = visit.example("articles");
        article["title"] = json!(format!("Row {index}"));
        article["subtitle"] = json!(word);
        article["views"] = json!(VIEWS[index]);
        article["price"] = json!(PRICES[index]);
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
    for (column, expected) in ORDERED {
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
