//! The snippets that users paste, run as they would run them, against the real binary.

use crate::harness::snippets::{Source, sources};
use crate::harness::{Process, eventually, tools};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::{TempDir, tempdir};

struct Scene {
    source: Source,
    server: Process,
    folder: TempDir,
}

/// One scene per source of snippets.
fn scenes() -> impl Iterator<Item = Scene> {
    sources().into_iter().map(|source| {
        let folder = tempdir().unwrap();
        Scene { source, server: Process::start(folder.path()), folder }
    })
}

impl Scene {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Runs Python in the scene's folder.
    fn python(&self, program: &str) -> String {
        self.write("program.py", program);
        let mut python = tools::python();
        python.arg("program.py").current_dir(self.path());
        python.env("LOG_CENTER_URL", &self.server.base).env("ENVIRONMENT", "staging");
        String::from_utf8(tools::run(&mut python).stdout).unwrap()
    }

    /// The only issue of this type, in full, once it exists.
    async fn issue(&self, error_type: &str) -> Value {
        let query = format!("q={error_type}");
        let found = eventually(error_type, || async {
            let issues = self.server.issues(&query).await;
            assert!(issues.len() < 2, "{issues:?}");
            issues.into_iter().next()
        });
        self.server.issue(found.await["id"].as_i64().unwrap()).await
    }
}

#[tokio::test]
async fn curl_registers_a_project() {
    for scene in scenes() {
        let mut shell = Command::new("bash");
        shell.arg("-ec").arg(scene.source.snippet("curl")).env("LOG_CENTER_URL", &scene.server.base);
        let output = String::from_utf8(tools::run(&mut shell).stdout).unwrap();
        assert!(output.starts_with(r#"{"message":"Log reported","id":1}"#), "{output}");
        let issue = scene.server.issue(1).await;
        assert_eq!(issue["error"]["type"], "ProjectInit");
        assert_eq!(issue["level"], "WARNING");
        let project = scene.server.get("/api/v1/projects/your_project_id").await.ok();
        assert_eq!(project["complete"], true, "{project}");
        // The fourth text of the contract.
        assert_eq!(issue["fingerprint"], "f746323356cdf1c47145c18538c9c5d1");
        let again = String::from_utf8(tools::run(&mut shell).stdout).unwrap();
        assert!(again.starts_with(r#"{"message":"Log deduplicated","id":1,"status":"NEW"}"#), "{again}");
    }
}

#[tokio::test]
async fn python_registers_and_reports() {
    for scene in scenes() {
        scene.write("snippet.py", &scene.source.snippet("python"));
        scene.python(
            "from snippet import register_project, report_error\n\
             register_project()\n\
             def fail():\n    int('abc')\n\
             try:\n    fail()\n\
             except ValueError as error:\n    report_error(error, {'url': '/users/最'})\n",
        );
        let registered = scene.server.get("/api/v1/projects/your_project_id").await.ok();
        assert_eq!(registered["complete"], true);
        let issue = scene.issue("ValueError").await;
        assert_eq!(issue["project_id"], scene.source.project("rtc_backend"));
        assert_eq!(issue["environment"], "staging");
        assert_eq!(issue["error"]["message"], "invalid literal for int() with base 10: 'abc'");
        assert!(issue["error"]["file_path"].as_str().unwrap().ends_with("program.py"));
        assert_eq!(issue["error"]["line_number"], 4);
        assert_eq!(issue["context"], json!({"url": "/users/最"}));
        let stack = issue["error"]["stack_trace"].as_array().unwrap();
        assert_eq!(stack[0], "Traceback (most recent call last):");
        assert!(stack.iter().all(|line| !line.as_str().unwrap().contains('\n')), "{stack:?}");
        assert_eq!(stack.last().unwrap(), "ValueError: invalid literal for int() with base 10: 'abc'");
    }
}

#[tokio::test]
async fn our_python_snippet_survives_whatever_it_is_given() {
    let source = Source::Documents;
    let folder = tempdir().unwrap();
    let scene = Scene { source, server: Process::start(folder.path()), folder };
    scene.write("snippet.py", &source.snippet("python"));
    scene.python(
        "import datetime, decimal, uuid\n\
         from snippet import report_error\n\
         class Broken:\n    def __str__(self):\n        raise RuntimeError('no text')\n\
         class BrokenError(Exception):\n    def __str__(self):\n        raise RuntimeError('no text')\n\
         circle = []\ncircle.append(circle)\n\
         context = {'when': datetime.datetime(2026, 1, 2), 'price': decimal.Decimal('1.50'), 'id': uuid.UUID(int=7),\n\
             'tags': {'a'}, 'raw': b'\\xff', 'nan': float('nan'), ('a', 1): 'tuple', None: 'none', 'circle': circle,\n\
             'broken': Broken(), 'surrogate': '\\ud800', 'huge': 'x' * 5_000_000, 'big': 10 ** 30, 'flag': True,\n\
             'digits': 10 ** 5000, 'wide': {i: {j: [object()] * 200 for j in range(200)} for i in range(200)}}\n\
         try:\n    raise KeyError('hostile')\n\
         except KeyError as error:\n    report_error(error, context)\n\
         try:\n    raise BrokenError()\n\
         except BrokenError as error:\n    report_error(error, ['no', 'object'])\n\
         try:\n    raise LookupError('long ' * 1_000_000)\n\
         except LookupError as error:\n    report_error(error, {'long': ['错' * 5_000] * 1_000})\n\
         report_error('no exception')\n\
         report_error(ValueError('never raised'))\n",
    );
    let context = &scene.issue("KeyError").await["context"];
    for (key, value) in [
        ("when", json!("2026-01-02 00:00:00")),
        ("price", json!("1.50")),
        ("id", json!("00000000-0000-0000-0000-000000000007")),
        ("tags", json!(["a"])),
        ("raw", json!("b'\\xff'")),
        ("nan", json!("nan")),
        ("('a', 1)", json!("tuple")),
        ("None", json!("none")),
        ("broken", json!("<Broken>")),
        ("surrogate", json!("\u{FFFD}")),
        ("flag", json!(true)),
    ] {
        assert_eq!(context[key], value, "{key}");
    }
    assert_eq!(context["huge"].as_str().unwrap().len(), 2000);
    let long = &scene.issue("LookupError").await["context"]["long"];
    assert!(long.to_string().contains("9519"), "{long}");
    assert_eq!(scene.issue("BrokenError").await["error"]["message"], "<BrokenError>");
    assert_eq!(scene.issue("ValueError").await["error"]["line_number"], Value::Null);
}

#[tokio::test]
async fn django_reports_what_a_view_raises() {
    for scene in scenes() {
        let (report, handler) = (scene.source.snippet("python"), scene.source.snippet("django"));
        scene.write("handlers.py", &format!("{report}\n{handler}"));
        scene.python(
            "import django\nfrom django.conf import settings\n\
             settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'], SECRET_KEY='x',\n\
                 INSTALLED_APPS=['rest_framework'], REST_FRAMEWORK={'UNAUTHENTICATED_USER': None,\n\
                 'DEFAULT_AUTHENTICATION_CLASSES': [], 'EXCEPTION_HANDLER': 'handlers.custom_exception_handler'})\n\
             django.setup()\n\
             from django.urls import path\nfrom rest_framework.views import APIView\nfrom django.test import Client\n\
             class Orders(APIView):\n    def get(self, request):\n        raise KeyError('order 7')\n\
             urlpatterns = [path('orders/', Orders.as_view())]\n\
             answer = Client(raise_request_exception=False).get('/orders/')\n\
             assert answer.status_code == 500, answer\n",
        );
        let issue = scene.issue("KeyError").await;
        assert_eq!(issue["context"]["request_path"], "/orders/");
        assert!(issue["context"]["view"].as_str().unwrap().contains("Orders"));
        assert_eq!(issue["error"]["line_number"], 12);
    }
}

#[tokio::test]
async fn fastapi_reports_what_a_route_raises() {
    for scene in scenes() {
        let (report, handler) = (scene.source.snippet("python"), scene.source.snippet("fastapi"));
        scene.write("handlers.py", &report);
        scene.write(
            "service.py",
            &format!(
                "from fastapi import FastAPI\nfrom handlers import report_error\napp = FastAPI()\n{handler}\n\
                 @app.get('/boom')\ndef boom():\n    raise ZeroDivisionError('boom')\n"
            ),
        );
        // A real server; whatever the handler does after reporting, the client sees a 500.
        scene.python(
            "import socket, threading, requests, uvicorn\nfrom service import app\n\
             listener = socket.create_server(('127.0.0.1', 0))\n\
             server = uvicorn.Server(uvicorn.Config(app, log_level='critical'))\n\
             thread = threading.Thread(target=server.run, kwargs={'sockets': [listener]})\nthread.start()\n\
             answer = requests.get(f'http://127.0.0.1:{listener.getsockname()[1]}/boom', timeout=30)\n\
             server.should_exit = True\nthread.join()\n\
             assert answer.status_code == 500, answer\n",
        );
        let issue = scene.issue("ZeroDivisionError").await;
        assert_eq!(issue["context"]["method"], "GET");
        assert!(issue["context"]["url"].as_str().unwrap().ends_with("/boom"));
        assert!(issue["error"]["file_path"].as_str().unwrap().ends_with("service.py"));
    }
}

/// The value of a Dart expression in the payload.
fn dart_value(expression: &str) -> Value {
    let stack = json!([
        "#0      Cart.total (package:shop/cart.dart:42:7)",
        "#1      main (package:shop/main.dart:9:3)",
        ""
    ]);
    let literal = expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match expression {
        _ if literal.is_some() => literal.into(),
        _ if expression.contains("fromEnvironment") => "development".into(),
        _ if expression.contains("runtimeType") => "RangeError".into(),
        _ if expression.starts_with("error.toString()") => "价格 \"不\" in range: \u{1}\u{7f}/\\".into(),
        _ if expression.contains("group(1)") => "package:shop/cart.dart".into(),
        _ if expression.contains("group(2)") => 42.into(),
        _ if expression.starts_with("stack") => stack,
        _ if expression.starts_with("context") => json!({}),
        "now" => "2026-01-02T03:04:05.678901Z".into(),
        other => panic!("the payload has a new expression: {other}"),
    }
}

/// The payload as Dart's `jsonEncode` writes it: in the order of the literal, without whitespace, with no more escapes
/// than JSON requires, and `\u` escapes in lower case.
fn dart_json(snippet: &str) -> String {
    let (_, literal) = snippet.split_once("final payload = {").unwrap();
    let mut json = String::from("{");
    for line in literal.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some((key, value)) = line.strip_prefix('\'').and_then(|line| line.split_once("': ")) {
            let value = value.trim_end_matches(',');
            let value = if value == "{" { value.to_owned() } else { dart_value(value).to_string() + "," };
            json.push_str(&format!("\"{key}\":{value}"));
        } else {
            json = json.trim_end_matches(',').to_owned() + "}";
            if line == "};" {
                return json;
            }
            json.push(',');
        }
    }
    panic!("the payload does not end: {json}");
}

#[tokio::test]
async fn flutter_reports_what_json_encode_gives() {
    for scene in scenes() {
        let body = dart_json(&scene.source.snippet("flutter"));
        let answer = scene.server.report_bytes(body).await;
        assert_eq!(answer.text, r#"{"message":"Log reported","id":1}"#);
        let issue = scene.server.issue(1).await;
        assert_eq!(issue["error"]["type"], "RangeError");
        assert_eq!(issue["error"]["message"], "价格 \"不\" in range: \u{1}\u{7f}/\\");
        assert_eq!(issue["error"]["file_path"], "package:shop/cart.dart");
        assert_eq!(issue["error"]["line_number"], 42);
        let event = &scene.server.get("/api/v1/issues/1/events").await.ok()["events"][0];
        assert_eq!(event["repaired"], false);
    }
}

/// A typical build log: quotes, backslashes, tabs, colours, Chinese.
const LOG: &str = "\x1b[31merror\x1b[0m:\tcannot find \"crate\" in C:\\build\\x\n\
                   warning: \\\"quoted\\\", then more\n\
                   构建失败：\"找不到文件\"\n\
                   path = \"a\\tb\"\n\
                   error: build failed, last line";

#[tokio::test]
async fn a_pipeline_reports_a_log_that_is_no_proper_json() {
    for scene in scenes() {
        scene.write("build.log", LOG);
        let log = scene.path().join("build.log");
        let script = scene.source.snippet("pipeline");
        let filled = [
            ("${{ steps.build.outcome }}", "failure"),
            ("${{ steps.deploy.outcome }}", "skipped"),
            ("${{ github.ref_name }}", "main"),
            ("${{ github.sha }}", "abc1234def5678"),
            ("${{ github.workflow }}", "Build and Deploy"),
            ("${{ github.run_number }}", "24"),
            ("${{ github.actor }}", "zyc"),
            ("${{ github.repository }}", "zyc/rtc_backend"),
            ("/tmp/build.log", log.to_str().unwrap()),
        ];
        let script = filled.iter().fold(script, |script, (name, value)| script.replace(name, value));
        // Replace the address, whatever host it names.
        let script = match script.split_once("curl -s -X POST \"") {
            Some((before, rest)) => {
                let (_, after) = rest.split_once("/api/").unwrap();
                format!("{before}curl -s -X POST \"{}/api/{after}", scene.server.base)
            }
            None => panic!("no curl in {script}"),
        };
        let mut shell = Command::new("bash");
        shell.arg("-c").arg(&script).env("LOG_FILE", &log).stdin(Stdio::null());
        shell.env("BRANCH", "main").env("COMMIT", "abc1234def5678").env("RUN_NUMBER", "24");
        let output = String::from_utf8(tools::run(&mut shell).stdout).unwrap();
        assert_eq!(output, r#"{"message":"Log reported","id":1}"#, "{:?}", scene.source);

        let issue = scene.server.issue(1).await;
        assert_eq!(issue["source"], "cicd");
        assert_eq!(issue["environment"], "main");
        assert_eq!(issue["commit_hash"], "abc1234def5678");
        assert_eq!(issue["error"]["type"], "DockerBuildError");
        assert_eq!(issue["context"]["step_name"], "build");
        assert_eq!(issue["context"]["run_id"], "24");
        let stack = issue["error"]["stack_trace"].as_array().unwrap();
        assert_eq!(stack.len(), LOG.lines().count(), "{stack:#?}");
        assert_eq!(stack[2], LOG.lines().nth(2).unwrap());
        assert_eq!(stack.last().unwrap(), "error: build failed, last line");
        let event = &scene.server.get("/api/v1/issues/1/events").await.ok()["events"][0];
        assert_eq!(event["repaired"], true);
    }
}

#[tokio::test]
async fn the_examples_of_reports_are_taken() {
    for scene in scenes() {
        let examples = match scene.source {
            Source::Documents => vec![("kubernetes", None)],
            Source::Guide => vec![
                ("runtime-example", Some("0aef4a677dc8df671fac47d8a86a8452")),
                ("cicd-example", Some("03339f74c4a325ca624e18dd8d1653ee")),
                ("kubernetes", Some("1b93ba2b83a40bf9f9b4e873d831ff2c")),
            ],
        };
        for (at, (name, fingerprint)) in examples.into_iter().enumerate() {
            let id = at as i64 + 1;
            let text = scene.source.snippet(name);
            let first = scene.server.report_bytes(text.clone()).await;
            assert_eq!(first.text, format!(r#"{{"message":"Log reported","id":{id}}}"#), "{name}");
            let second = scene.server.report_bytes(text.clone()).await;
            assert_eq!(second.text, format!(r#"{{"message":"Log deduplicated","id":{id},"status":"NEW"}}"#));
            scene.server.force(id, "FIXED").await;
            let third = scene.server.report_bytes(text.clone()).await;
            assert_eq!(third.text, format!(r#"{{"message":"Regression detected, reopened","id":{id}}}"#));

            let (issue, sent) = (scene.server.issue(id).await, serde_json::from_str::<Value>(&text).unwrap());
            assert_eq!(issue["context"], sent["context"]);
            assert_eq!(issue["error"]["stack_trace"], sent["error"]["stack_trace"]);
            assert_eq!(issue["count"], 3);
            if let Some(fingerprint) = fingerprint {
                assert_eq!(issue["fingerprint"], fingerprint);
            }
        }
    }
}
