//! A real Chromium.

use super::tools;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

/// A Chromium with its driver, in their own process group.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    process: Child,
}

/// After a failed test nobody answers the pages any more, so the browser is killed instead of asked to quit.
impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.wait();
    }
}

/// Starts the driver; returns it with its port.
fn start_driver() -> (Child, String) {
    let mut said = String::new();
    // It takes a port that is free with IPv6, and exits if another program has that one with IPv4.
    for _ in 0..10 {
        let mut process = tools::chromedriver()
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        for line in BufReader::new(process.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((_, port)) = line.split_once("successfully on port ") {
                return (process, port.trim_end_matches('.').to_owned());
            }
            said = line;
        }
        process.wait().unwrap();
    }
    panic!("chromedriver does not start: {said}");
}

impl Browser {
    pub(crate) async fn start() -> Self {
        // The driver's client requires a crypto provider, though it never uses TLS. Another test may have installed one
        // already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (process, port) = start_driver();
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--lang=en",
            "--hide-scrollbars",
        ] {
            capabilities.add_arg(flag).unwrap();
        }
        capabilities.set_browser_log_level(thirtyfour::LoggingPrefsLogLevel::All).unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        let browser = Self { driver, process };
        browser.wide().await;
        browser
    }

    pub(crate) async fn quit(self) {
        self.driver.clone().quit().await.unwrap();
    }

    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        self.driver.cdp().send_raw(command, params).await.unwrap()
    }

    /// Sets the window's size, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub(crate) async fn wide(&self) {
        self.resize(1280, 900).await;
    }

    /// Sets the system's colour scheme: `light` or `dark`.
    pub(crate) async fn theme(&self, theme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Sets the language that the browser asks for, such as `zh-CN`.
    pub(crate) async fn language(&self, tag: &str) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setExtraHTTPHeaders", json!({"headers": {"Accept-Language": tag}})).await;
    }

    pub(crate) async fn goto(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Waits for the first matching element.
    pub(crate) async fn find(&self, css: &str) -> WebElement {
        self.driver.query(By::Css(css)).first().await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Does something with the first matching element, and retries if the page replaced it in the meantime.
    async fn with<T>(&self, css: &str, act: impl AsyncFn(&WebElement) -> WebDriverResult<T>) -> T {
        super::eventually(css, || async {
            match act(&self.find(css).await).await {
                Ok(done) => Some(done),
                Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => None,
                Err(error) => panic!("{css}: {error}"),
            }
        })
        .await
    }

    pub(crate) async fn click(&self, css: &str) {
        self.with(css, WebElement::click).await;
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.with(css, async |field| {
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// The visible text of the first matching element.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.with(css, WebElement::text).await
    }

    /// Runs a script and returns its result.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.driver
            .execute(script, vec![])
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// Waits until a condition on the page, given as an expression, holds.
    pub(crate) async fn until(&self, condition: &str) {
        super::eventually(condition, || async {
            // A page that is just navigating cannot be queried.
            let asked = self.driver.execute(format!("return Boolean({condition})"), vec![]).await;
            asked.ok().filter(|holds| holds.json() == true).map(|_| ())
        })
        .await;
    }

    /// Waits until an element shows a text.
    pub(crate) async fn until_shows(&self, css: &str, text: &str) {
        self.until(&format!("document.querySelector({css:?})?.innerText.includes({text:?})")).await;
    }

    /// Waits until the page is subscribed to the event stream.
    pub(crate) async fn until_live(&self) {
        self.until("document.documentElement.dataset.listening").await;
    }

    /// Checks that nothing bad was logged, nothing was loaded from another host, and nothing is wider than the window.
    pub(crate) async fn is_clean(&self) {
        let log = self.driver.get_log("browser").await.unwrap();
        let bad: Vec<_> =
            log.iter().filter(|entry| matches!(entry.level.as_str(), "SEVERE" | "WARNING")).collect();
        assert!(bad.is_empty(), "{bad:?}");
        let foreign = "return performance.getEntriesByType('resource').map((one) => one.name).filter((name) => !name.startsWith(location.origin + '/'))";
        assert_eq!(self.run(foreign).await, json!([]));
        let wide = self.run("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(
            wide.as_i64().unwrap() <= 0,
            "{} is {wide} pixels too wide",
            self.driver.current_url().await.unwrap()
        );
    }

    /// Saves a screenshot of the window as WebP.
    pub(crate) async fn picture(&self, file: &std::path::Path) {
        let params = json!({"format": "webp", "quality": 82});
        let picture = self.devtools("Page.captureScreenshot", params).await;
        let mut decode = Command::new("base64")
            .arg("-d")
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(file).unwrap())
            .spawn()
            .unwrap();
        let text = picture["data"].as_str().unwrap().as_bytes();
        std::io::Write::write_all(&mut decode.stdin.take().unwrap(), text).unwrap();
        assert!(decode.wait().unwrap().success());
    }

    /// Sets whether pages may run scripts.
    pub(crate) async fn scripts(&self, run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({"value": !run})).await;
    }
}
