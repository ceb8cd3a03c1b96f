//! Fingerprints, checked against implementations that share no code with ours.

use crate::harness::tools;
use logcenter_core::Report;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::tempdir;

fn fingerprint(report: &Value) -> String {
    Report::from_json(report.to_string().as_bytes()).unwrap().fingerprint.to_string()
}

#[test]
fn the_contract_s_texts_as_md5sum_says() {
    let report = |project: &str, source: &str, error: Value, context: Value| {
        json!({"project_id": project, "environment": "e", "level": "ERROR", "source": source, "error": error,
               "context": context})
    };
    let error = |kind: &str| json!({"type": kind, "message": ""});
    let rows = [
        (
            "rtc_backend|ValueError|apps/users/views.py|42",
            report(
                "rtc_backend",
                "runtime",
                json!({"type": "ValueError", "message": "", "file_path": "apps/users/views.py", "line_number": 42}),
                Value::Null,
            ),
        ),
        (
            "rtc_backend|cicd|CICDFailure|build-and-deploy|build",
            report(
                "rtc_backend",
                "cicd",
                error("CICDFailure"),
                json!({"job_name": "build-and-deploy", "step_name": "build"}),
            ),
        ),
        (
            "rtc_backend|deployment|CrashLoopBackOff|default|rtc-backend",
            report(
                "rtc_backend",
                "deployment",
                error("CrashLoopBackOff"),
                json!({"namespace": "default", "deployment_name": "rtc-backend"}),
            ),
        ),
        ("your_project_id|ProjectInit||", report("your_project_id", "runtime", error("ProjectInit"), Value::Null)),
        (
            "p|cicd|E|7.50|",
            // A number counts as its JSON text; anything that is neither a string nor a number is empty.
            serde_json::from_str(
                r#"{"project_id":"p","environment":"e","level":"ERROR","source":"cicd","error":{"type":"E","message":""},
                    "context":{"job_name":"seven","step_name":[1]}}"#,
            )
            .unwrap(),
        ),
    ];
    for (at, (text, report)) in rows.into_iter().enumerate() {
        let mut md5sum = Command::new("md5sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        md5sum.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = String::from_utf8(md5sum.wait_with_output().unwrap().stdout).unwrap();
        let expected = output.split_whitespace().next().unwrap();
        // A number keeps its text only if it does not pass through a parser.
        let body = if at == 4 { report.to_string().replace("\"seven\"", "7.50") } else { report.to_string() };
        assert_eq!(Report::from_json(body.as_bytes()).unwrap().fingerprint.to_string(), expected, "{text}");
    }
}

/// Small and deterministic; quality does not matter here.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn text(&mut self) -> String {
        const CHARACTERS: [char; 12] =
            ['a', 'Z', '|', '"', '\\', '最', '\n', '\u{0}', '😀', ' ', '/', '\u{7f}'];
        (0..self.next(12)).map(|_| CHARACTERS[self.next(12) as usize]).collect()
    }

    fn value(&mut self) -> Value {
        match self.next(8) {
            0 => Value::Null,
            1 => true.into(),
            2 => self.next(1000).into(),
            3 => (-(self.next(1000) as i64)).into(),
            4 => json!([1]),
            _ => self.text().into(),
        }
    }

    fn report(&mut self) -> Value {
        let source = ["runtime", "cicd", "deployment"][self.next(3) as usize];
        let mut error = json!({"type": format!("E{}", self.text()), "message": self.text()});
        if self.next(4) > 0 {
            error["file_path"] = if self.next(5) == 0 { Value::Null } else { self.text().into() };
        }
        if self.next(4) > 0 {
            error["line_number"] = if self.next(5) == 0 { Value::Null } else { self.next(1 << 40).into() };
        }
        let mut context = json!({});
        for key in ["job_name", "step_name", "namespace", "deployment_name", "other"] {
            if self.next(3) > 0 {
                context[key] = self.value();
            }
        }
        let mut report = json!({"project_id": format!("p{}", self.next(50)), "environment": "e", "level": "ERROR",
                                "source": source, "error": error});
        if self.next(5) > 0 {
            report["context"] = context;
        }
        report
    }
}

/// The contract's formula again, in Python, over the same JSON.
const PYTHON: &str = r#"
import hashlib, json, sys
def part(value):
    if isinstance(value, str): return value.replace("\0", "\ufffd")
    if isinstance(value, bool) or not isinstance(value, (int, float)): return ""
    return json.dumps(value)
for line in sys.stdin:
    r = json.loads(line)
    e, c = r["error"], r.get("context") or {}
    kind = part(e["type"])
    if r["source"] == "runtime":
        number = e.get("line_number")
        parts = [r["project_id"], kind, part(e.get("file_path")), "" if number is None else str(number)]
    else:
        a, b = ("job_name", "step_name") if r["source"] == "cicd" else ("namespace", "deployment_name")
        parts = [r["project_id"], r["source"], kind, part(c.get(a)), part(c.get(b))]
    print(hashlib.md5("|".join(parts).encode()).hexdigest())
"#;

#[test]
fn ten_thousand_random_reports_as_python_says() {
    let mut random = Random(7);
    let reports: Vec<Value> = (0..10_000).map(|_| random.report()).collect();
    let folder = tempdir().unwrap();
    let lines: String = reports.iter().map(|report| format!("{report}\n")).collect();
    std::fs::write(folder.path().join("reports"), lines).unwrap();
    let input = std::fs::File::open(folder.path().join("reports")).unwrap();
    let output = tools::run(tools::python().args(["-c", PYTHON]).stdin(input));
    let expected: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    assert_eq!(expected.len(), reports.len());
    let distinct: std::collections::HashSet<_> = expected.iter().collect();
    assert!(distinct.len() > 5_000, "the reports are too much alike to prove anything");
    for (report, expected) in reports.iter().zip(expected) {
        assert_eq!(fingerprint(report), expected, "{report}");
    }
}
