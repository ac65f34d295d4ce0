//! The page of a parity report: readable by everybody, from a file, without anything from elsewhere.

use std::path::Path;

use super::{driver::Browser, person};

#[tokio::test]
async fn a_report_is_a_page_that_can_be_read() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    // The page that the library's own test compares.
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/reports/report.html");
    browser.open(&format!("file://{}", page.display())).await;
    browser.reads("h1", "Parity report").await;
    browser.shown("table tbody tr:nth-of-type(3)").await;
    person::check_accessible(&browser).await;
    browser.click("details summary").await;
    browser.shown("details pre").await;
    browser.screenshot("parity-report").await;
    browser.set_dark().await;
    person::check_accessible(&browser).await;
    browser.screenshot("parity-report-dark").await;
    browser.set_width(360).await;
    browser
        .gives("return document.documentElement.scrollWidth <= innerWidth", true)
        .await;
}
