//! The browser snippets in a real Chromium, with page and server on different origins.

use crate::harness::browser::Browser;
use crate::harness::snippets::{Source, sources};
use crate::harness::{Process, eventually, tools};
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tokio::net::TcpListener;

struct Scene {
    source: Source,
    server: Process,
    page: String,
    _folder: TempDir,
}

impl Scene {
    /// A page with the snippets on its own origin, whose `/api/fail` returns 500.
    async fn start(source: Source) -> Self {
        let folder = tempdir().unwrap();
        let server = Process::start(folder.path());
        let snippets =
            ["javascript", "javascript-global", "axios"].map(|name| source.snippet(name)).join("\n");
        let entry = folder.path().join("entry.ts");
        let text = format!(
            "import axios, {{ AxiosError }} from 'axios';\nconst api = axios.create({{ baseURL: '/api' }});\n{snippets}\n\
             function fail(branch: string) {{\n\
               setTimeout(() => {{ throw new TypeError(`onerror by ${{branch}}`); }});\n\
               Promise.reject(new RangeError(`rejection by ${{branch}}`));\n\
               Promise.reject(`text by ${{branch}}`);\n\
               api.get('/fail').catch(() => {{}});\n\
             }}\n\
             Object.assign(window, {{ registerProject, fail, reportError }});\n"
        );
        std::fs::write(&entry, text).unwrap();
        let bundle = folder.path().join("bundle.js");
        tools::bundle(&entry, &bundle, &server.base);
        let script = std::fs::read_to_string(bundle).unwrap();
        let router = Router::new()
            .route(
                "/",
                get(|| async { Html("<!doctype html><title>page</title><script src=/bundle.js></script>") }),
            )
            .route("/bundle.js", get(move || async move { ([(CONTENT_TYPE, "text/javascript")], script) }))
            .route("/api/fail", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let page = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { source, server, page, _folder: folder }
    }

    async fn issue(&self, text: &str) -> Value {
        let query = format!("q={text}");
        eventually(text, || async { self.server.issues(&query).await.into_iter().next() }).await
    }
}

#[tokio::test]
async fn snippets_report_from_another_origin() {
    let browser = Browser::start().await;
    for source in sources() {
        let scene = Scene::start(source).await;
        let driver = &browser.driver;
        let project = scene.source.project("rtc_web");

        driver.goto(&scene.page).await.unwrap();
        let register = "const done = arguments[0]; registerProject().then(() => done('ok'), (error) => done(String(error)));";
        let registered = driver.execute_async(register, vec![]).await.unwrap();
        assert_eq!(registered.json(), "ok", "{source:?}");
        let registered = scene.server.get("/api/v1/projects/your_project_id").await.ok();
        assert_eq!(registered["complete"], true);

        // sendBeacon returns true even if nothing arrives, so the server is checked.
        for (branch, without_beacon) in [("beacon", false), ("fetch", true)] {
            driver.goto(&scene.page).await.unwrap();
            if without_beacon {
                let remove = "Object.defineProperty(navigator, 'sendBeacon', { value: undefined });";
                driver.execute(remove, vec![]).await.unwrap();
            }
            driver.execute(format!("fail('{branch}')"), vec![]).await.unwrap();
            let error = scene.issue(&format!("onerror+by+{branch}")).await;
            assert_eq!(error["error"]["type"], "TypeError", "{source:?} {branch}");
            assert_eq!(error["project_id"], project);
            assert_eq!(error["environment"], "production");
            let rejection = scene.issue(&format!("rejection+by+{branch}")).await;
            assert_eq!(rejection["error"]["type"], "RangeError");
            let rejection = scene.server.issue(rejection["id"].as_i64().unwrap()).await;
            assert_eq!(rejection["context"]["type"], "unhandledrejection");
            assert_eq!(rejection["context"]["url"], scene.page);
            scene.issue(&format!("text+by+{branch}")).await;
        }
        let axios = eventually("both axios reports", || async {
            let issue = scene.issue("AxiosError").await;
            (issue["count"] == 2).then_some(issue)
        });
        let axios = scene.server.issue(axios.await["id"].as_i64().unwrap()).await;
        assert_eq!(axios["context"]["status"], 500);
        assert_eq!(axios["context"]["api_url"], "/fail");
        assert_eq!(axios["context"]["method"], "get");
    }
    browser.quit().await;
}

#[tokio::test]
async fn our_snippet_reports_whatever_is_thrown() {
    let browser = Browser::start().await;
    let scene = Scene::start(Source::Documents).await;
    browser.driver.goto(&scene.page).await.unwrap();
    // The app's own handlers still run, and see the app's errors only.
    let hostile = r"
        window.seen = [];
        window.onerror = (message) => { window.seen.push(message); };
        const circle = { name: 'circle' }; circle.self = circle;
        const frames = (stack) => Object.assign(new Error('frames'), { name: stack.split('|')[0], stack: stack.split('|')[1] });
        setTimeout(() => { throw 'a thrown text'; });
        setTimeout(() => { throw { code: 'an object' }; });
        setTimeout(() => { throw null; });
        reportError(new EvalError('circular'), { circle, big: 12n, symbol: Symbol('s'), fn() {} });
        const frame = document.createElement('iframe'); document.body.append(frame);
        reportError(new frame.contentWindow.RangeError('of another window'));
        reportError(Object.assign(new TypeError('odd'), { stack: ['no', 'text'], name: { no: 'text' } }));
        reportError(new ReferenceError('unreadable'), { get broken() { throw new Error('no'); }, more: 1 });
        reportError(Object.assign(new Error('too large'), { name: 'TooLarge' }), { text: 'x'.repeat(5_000_000) });
        reportError(Object.assign(new Error('wordy ' + 'y'.repeat(5_000_000)), { name: 'Wordy' }));
        reportError(new SyntaxError('long'), { text: 'x'.repeat(100_000) });
        for (let n = 0; n < 40; n++) reportError(new URIError('burst'), { text: 'y'.repeat(10_000) });
        reportError(frames('Chrome|Error: x\n    at f (https://shop.example/assets/app.js?t=17:12:5)'));
        reportError(frames('Firefox|f@https://shop.example/assets/app.js?t=17:12:5\n@debugger eval code:1:1'));
        reportError(frames('ChromeEval|Error: x\n    at eval (eval at f (https://shop.example/assets/app.js?t=17:12:5), <anonymous>:1:1)'));
        reportError(frames('FirefoxEval|@https://shop.example/assets/app.js?t=17 line 12 > eval:1:1'));";
    // As a script of the page: browsers tell no page about the errors of injected ones.
    let run = "const script = document.createElement('script'); script.textContent = arguments[0]; document.head.append(script);";
    browser.driver.execute(run, vec![hostile.into()]).await.unwrap();
    let thrown = scene.issue("a+thrown+text").await;
    assert_eq!(
        (thrown["error"]["type"].as_str(), thrown["error"]["message"].as_str()),
        (Some("Error"), Some("a thrown text"))
    );
    assert!(thrown["error"]["line_number"].is_number(), "{thrown}");
    assert_eq!(scene.issue("an+object").await["error"]["message"], r#"{"code":"an object"}"#);
    scene.issue("Uncaught+null").await;
    let circular = scene.issue("circular").await;
    let circular = scene.server.issue(circular["id"].as_i64().unwrap()).await;
    assert_eq!(circular["context"]["circle"]["self"], "[seen above]");
    assert_eq!(circular["context"]["big"], "12");
    scene.issue("long").await;
    scene.issue("wordy").await;
    assert_eq!(scene.issue("of+another+window").await["error"]["type"], "RangeError");
    for message in ["odd", "unreadable", "too+large", "wordy"] {
        let error = scene.issue(message).await;
        let issue = scene.server.issue(error["id"].as_i64().unwrap()).await;
        assert_eq!(issue["context"]["url"], scene.page, "{message}");
    }
    eventually("the burst", || async { (scene.issue("burst").await["count"] == 40).then_some(()) }).await;
    for name in ["Chrome", "Firefox", "ChromeEval", "FirefoxEval"] {
        let issue = eventually(name, || async {
            let issues = scene.server.issues("q=frames").await;
            issues.into_iter().find(|issue| issue["error"]["type"] == name)
        });
        let error = &issue.await["error"];
        assert_eq!(error["file_path"], "https://shop.example/assets/app.js?t=17", "{name}");
        assert_eq!(error["line_number"], 12, "{name}");
    }
    let seen = browser.driver.execute("return window.seen.length", vec![]).await.unwrap();
    assert_eq!(seen.json(), 3);
    browser.quit().await;
}
