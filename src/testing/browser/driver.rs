//! Drives a headless Chromium through a chromedriver of its own.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use poem::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use url::{ParseError, Url};

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often chromedriver is started before a test gives up.
const TRIES: u32 = 5;

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// Keeps Chromium quiet: it runs as any user, shows nothing and fetches nothing on its own account.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A page that still scrolls smoothly moves away from under a click.
    "--force-prefers-reduced-motion",
];

/// One browser at a time: several would only wait for each other on a small machine.
static TURN: Mutex<()> = Mutex::const_new(());

/// A request that a page has sent.
#[derive(Debug)]
pub struct Sent {
    /// Its method.
    pub method: String,
    /// Its whole address.
    pub url: String,
    headers: Value,
}

impl Sent {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.headers.as_object()?;
        let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str()
    }
}

/// A running Chromium with one tab; it ends when this is dropped.
pub struct Browser {
    client: Client,
    // Fields are dropped in this order: the driver ends before its folder goes and the next test begins.
    _driver: ChromeDriver,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts Chromium; `None`, said loudly, where it or chromedriver is not installed.
    ///
    /// # Panics
    /// If one is missing although `REQUIRE_SERVICES=1`.
    pub async fn start() -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (find(&["chromium", "google-chrome"]), find(&["chromedriver"]))
        else {
            return left_out();
        };
        let turn = TURN.lock().await;
        let folder = tempfile::tempdir().expect("a temporary folder must be made");
        let driver = ChromeDriver::start(&chromedriver, folder.path());
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&chromium, &folder.path().join("profile")))
            .connect(&driver.base)
            .await
            .expect("chromium must start");
        let browser = Self {
            client,
            _driver: driver,
            folder,
            _turn: turn,
        };
        let downloads = json!({"behavior": "allow", "downloadPath": browser.folder.path()});
        browser.cdp("Browser.setDownloadBehavior", downloads).await;
        Some(browser)
    }

    /// Loads an address and waits until the page is there.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the page must load");
    }

    /// Loads the page again, as F5 does, but without the fragment: Swagger UI would scroll to what it
    /// names, away from under a click.
    pub async fn reload(&self) {
        self.script("history.replaceState(null, '', location.pathname)").await;
        self.client.refresh().await.expect("the page must load again");
    }

    /// Makes the tab as narrow as a phone; a window cannot be.
    pub async fn set_width(&self, width: u32) {
        let parameters = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", parameters).await;
    }

    /// Shows pages as on a screen that is dark.
    pub async fn set_dark(&self) {
        let feature = json!({"name": "prefers-color-scheme", "value": "dark"});
        self.cdp("Emulation.setEmulatedMedia", json!({"features": [feature]}))
            .await;
    }

    /// Shows pages as on paper.
    pub async fn set_print(&self) {
        self.cdp("Emulation.setEmulatedMedia", json!({"media": "print"})).await;
    }

    /// Forgets the files that were loaded before.
    pub async fn forget_files(&self) {
        self.cdp("Network.clearBrowserCache", json!({})).await;
    }

    /// Waits until the page is loaded and does not wait for the server.
    pub async fn idle(&self) {
        self.until("the page is idle", async || {
            let code = "return document.readyState === 'complete' && document.body.ariaBusy !== 'true'";
            (self.script(code).await == true).then_some(())
        })
        .await;
    }

    /// Puts the browser into a time zone, such as `Asia/Kolkata`.
    pub async fn set_time_zone(&self, zone: &str) {
        self.cdp("Emulation.setTimezoneOverride", json!({"timezoneId": zone}))
            .await;
    }

    /// Waits for a file that the page has given to download, and reads it.
    pub async fn downloaded(&self, file: &str) -> String {
        let path = self.folder.path().join(file);
        let read = async || fs::read_to_string(&path).ok().filter(|text| !text.is_empty());
        self.until(&format!("{file} is downloaded"), read).await
    }

    /// Sends keys to whatever has the focus.
    pub async fn press(&self, keys: impl AsRef<str>) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(keys.as_ref()).await.expect("keys must be taken");
    }

    /// Waits until an element that fits the selector can be seen.
    pub async fn shown(&self, css: &str) -> Element {
        self.until(&format!("{css} is shown"), async || self.visible(css).await)
            .await
    }

    /// Clicks on an element, once it stands still and can be clicked.
    pub async fn click(&self, css: &str) {
        self.until(&format!("{css} can be clicked"), async || {
            let element = self.visible(css).await?;
            let before = element.rectangle().await.ok()?;
            tokio::time::sleep(PAUSE).await;
            let now = element.rectangle().await.ok()?;
            if now == before {
                element.click().await.ok()
            } else {
                None
            }
        })
        .await;
    }

    /// Types into a field in place of what it holds.
    pub async fn fill(&self, css: &str, text: &str) {
        self.until(&format!("{css} can be filled"), async || {
            let field = self.visible(css).await?;
            field.clear().await.ok()?;
            field.send_keys(text).await.ok()
        })
        .await;
    }

    /// Waits until an element that can be seen reads exactly so.
    pub async fn reads(&self, css: &str, text: &str) {
        self.until(&format!("{css} reads {text:?}"), async || {
            let seen = self.visible(css).await?.text().await.ok()?;
            (seen == text).then_some(())
        })
        .await;
    }

    /// Sets the value of a field whose keys depend on the language, such as a date's.
    pub async fn set(&self, css: &str, value: &str) {
        self.shown(css).await;
        let code = format!(
            "const field = document.querySelector({css:?}); field.value = {value:?};
             for (const name of ['input', 'change']) field.dispatchEvent(new Event(name, {{ bubbles: true }}))"
        );
        self.script(&code).await;
    }

    /// Waits until the address has this path, and the page of it is there.
    pub async fn at(&self, path: &str) {
        self.until(&format!("the address is {path}"), async || {
            let code = "return document.readyState === 'complete' ? location.pathname : ''";
            let here = self.client.execute(code, vec![]).await.ok()?;
            (here == path).then_some(())
        })
        .await;
    }

    /// Waits until a script in the page returns a value.
    pub async fn gives(&self, code: &str, expected: impl Into<Value>) {
        let expected = expected.into();
        self.until(&format!("{code} gives {expected}"), async || {
            // A page that is being loaded has no answer.
            let answer = self.client.execute(code, vec![]).await.ok()?;
            (answer == expected).then_some(())
        })
        .await;
    }

    /// What a script in the page hands to its last argument, a function.
    pub async fn script_that_waits(&self, code: &str) -> Value {
        let answer = self.client.execute_async(code, vec![]).await;
        answer.expect("the script must run")
    }

    /// What a script in the page returns.
    pub async fn script(&self, code: &str) -> Value {
        self.client.execute(code, vec![]).await.expect("the script must run")
    }

    /// The errors and warnings in the console since they were last asked for: broken policies,
    /// failed requests, exceptions.
    pub async fn complaints(&self) -> Vec<String> {
        self.log("browser")
            .await
            .iter()
            .filter(|entry| ["SEVERE", "WARNING"].contains(&entry["level"].as_str().unwrap_or_default()))
            .filter_map(|entry| entry["message"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// How many bytes came over the network since they were last asked for, or [`Browser::sent`] was.
    pub async fn received(&self) -> u64 {
        let events = self.network("Network.loadingFinished").await;
        let sizes = events.iter().filter_map(|event| event["encodedDataLength"].as_f64());
        sizes.sum::<f64>() as u64
    }

    /// The parameters of the events of a kind since any were last asked for.
    async fn network(&self, kind: &str) -> Vec<Value> {
        let log = self.log("performance").await;
        log.iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == kind)
            .map(|mut event| event["message"]["params"].take())
            .collect()
    }

    /// The requests over the network since they were last asked for.
    pub async fn sent(&self) -> Vec<Sent> {
        let events = self.network("Network.requestWillBeSent").await;
        events
            .iter()
            .filter_map(|event| {
                let request = &event["request"];
                Some(Sent {
                    method: request["method"].as_str()?.to_owned(),
                    url: request["url"].as_str()?.to_owned(),
                    headers: request["headers"].clone(),
                })
            })
            // The empty tab that Chromium opens first is made of pages of its own.
            .filter(|sent| {
                !["chrome:", "data:", "about:", "blob:"]
                    .iter()
                    .any(|own| sent.url.starts_with(own))
            })
            .collect()
    }

    /// Saves what the tab shows as `NAME.png` in the folder that `SCREENSHOTS` names, if it names one.
    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = env::var_os("SCREENSHOTS").map(PathBuf::from) else {
            return;
        };
        let picture = self.client.screenshot().await.expect("the tab must be shown");
        fs::create_dir_all(&folder).expect("the folder for screenshots must be there");
        fs::write(folder.join(name).with_extension("png"), picture).expect("a screenshot must be saved");
    }

    async fn visible(&self, css: &str) -> Option<Element> {
        for element in self.client.find_all(Locator::Css(css)).await.ok()? {
            // One that React has replaced meanwhile is an error: not visible.
            if element.is_displayed().await.unwrap_or(false) {
                return Some(element);
            }
        }
        None
    }

    /// Waits until a check gives something.
    pub async fn until<T>(&self, what: &str, check: impl AsyncFn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = check().await {
                return found;
            }
            if Instant::now() > end {
                self.screenshot("timeout").await;
                let page = self.script("return document.body.innerText").await;
                panic!(
                    "waited in vain until {what}\npage: {}\nconsole: {:#?}",
                    page.as_str().unwrap_or_default(),
                    self.complaints().await
                );
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn cdp(&self, command: &str, parameters: Value) {
        let command = json!({"cmd": command, "params": parameters});
        self.extension("goog/cdp/execute", command).await;
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.extension("se/log", json!({"type": kind})).await;
        entries.as_array().cloned().unwrap_or_default()
    }

    /// Sends one of chromedriver's commands that WebDriver does not know.
    async fn extension(&self, path: &'static str, body: Value) -> Value {
        self.client
            .issue_cmd(Extension { path, body })
            .await
            .expect("chromedriver must know the command")
    }
}

#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A chromedriver process on a port that it has chosen.
struct ChromeDriver {
    base: String,
    child: Child,
}

impl ChromeDriver {
    /// Starts it with `folder` for the files that it and Chromium leave behind.
    ///
    /// It chooses a port that is free for IPv4, and ends if another program has that port for IPv6.
    fn start(chromedriver: &Path, folder: &Path) -> Self {
        let mut tries = (0..TRIES).map(|_| Self::try_start(chromedriver, folder));
        tries
            .find_map(|driver| driver)
            .expect("chromedriver must tell its port")
    }

    /// Starts it; `None` if it has ended, or says nothing.
    fn try_start(chromedriver: &Path, folder: &Path) -> Option<Self> {
        let mut child = Command::new(chromedriver)
            .arg("--port=0")
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver must start");
        let output = child.stdout.take().expect("stdout is piped");
        let mut driver = Self {
            base: String::new(),
            child,
        };
        let (sender, port) = mpsc::channel();
        // Reads on to the end, so that chromedriver never blocks on a full pipe.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(port) = announced_port(&line) {
                    // The start may have been given up; then nobody listens here any more.
                    let _ = sender.send(port);
                }
            }
        });
        let port = port.recv_timeout(PATIENCE).ok()?;
        driver.base = format!("http://127.0.0.1:{port}");
        Some(driver)
    }

    /// Asks chromedriver to end, for then it ends Chromium too.
    fn shut_down(&self) -> io::Result<()> {
        let address = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        // All fail only if it is gone already.
        let _ = self.shut_down();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The port in `ChromeDriver was started successfully on port 4444.`
fn announced_port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("started successfully on port ")?;
    rest.trim_end().trim_end_matches('.').parse().ok()
}

fn capabilities(chromium: &Path, profile: &Path) -> Capabilities {
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).into();
    flags.push(format!("--user-data-dir={}", profile.display()));
    flags.push("--window-size=1100,900".to_owned());
    [
        (
            "goog:chromeOptions".to_owned(),
            json!({"binary": chromium, "args": flags}),
        ),
        (
            "goog:loggingPrefs".to_owned(),
            json!({"browser": "ALL", "performance": "ALL"}),
        ),
    ]
    .into_iter()
    .collect()
}

/// The first of the programs that stands in PATH.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Says that the browser tests do not run; a machine that must run them all sets REQUIRE_SERVICES=1.
fn left_out<T>() -> Option<T> {
    let message = "chromium and chromedriver not found: every test in a browser IS LEFT OUT";
    assert!(
        env::var_os("REQUIRE_SERVICES").is_none_or(|value| value != "1"),
        "{message}, although REQUIRE_SERVICES=1"
    );
    // Past the test harness, which would swallow what a passing test prints.
    let _ = writeln!(io::stderr(), "\n*** {message} ***\n");
    None
}
