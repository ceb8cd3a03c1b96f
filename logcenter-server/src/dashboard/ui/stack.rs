//! Stack traces for people: in-app frames stand out, library frames are folded.
//!
//! Which lines are frames, and whose, is decided by `logcenter_core::stack`.

use crate::dashboard::ui::excerpt::excerpt;
use crate::dashboard::ui::forge;
use logcenter_core::stack::{self, Kind};

/// Maximum number of lines and bytes to show, unless everything is query for. The middle of a longer stack is left out.
const SHOWN: usize = 150;
const BYTES: usize = 28 * 1024;

/// A line of a stack trace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Text before the location.
    pub(crate) before: String,
    /// `file:line`, if the line names one.
    pub(crate) place: String,
    /// Text after the location.
    pub(crate) after: String,
    /// Link to the source line.
    pub(crate) href: Option<String>,
    /// Whether this is an in-app frame.
    pub(crate) own: bool,
}

/// How lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    /// Shown.
    Open,
    /// Library frames, folded.
    Library,
    /// The middle of a long stack trace: only counted.
    Middle,
}

/// Consecutive lines that are shown the same way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) fold: Fold,
    pub(crate) lines: Vec<Line>,
}

/// What is needed to link frames to the repository.
pub(crate) struct Repository<'a> {
    pub(crate) repo_url: Option<&'a str>,
    pub(crate) commit: Option<&'a str>,
    pub(crate) local_path: Option<&'a str>,
}

impl Repository<'_> {
    /// Link to a line of a file.
    pub(crate) fn href(&self, file: &str, line: Option<i64>) -> Option<String> {
        // A bare file name, as in Java, is not a path, and a URL not one in the repository.
        if !file.contains('/') && (file.ends_with(".java") || file.ends_with(".kt")) || file.contains("://") {
            return None;
        }
        let inside =
            self.local_path.and_then(|root| file.strip_prefix(root.trim_end_matches('/'))?.strip_prefix('/'));
        forge::line(self.repo_url?, self.commit?, inside.unwrap_or(file), line)
    }
}

/// Parses a stack trace, whole or as much as fits a page. Also returns whether a line was shortened.
pub(crate) fn read(text: &str, repository: &Repository<'_>, whole: bool) -> (Vec<Group>, bool) {
    let mut texts: Vec<String> = text.lines().map(str::to_owned).collect();
    // The failing line comes first in some languages, last in others.
    let middle = if !whole && texts.len() > SHOWN { SHOWN / 2..texts.len() - SHOWN / 2 } else { 0..0 };
    let shown = texts.iter_mut().enumerate().filter(|(at, _)| !middle.contains(at));
    let shortened = !whole && excerpt(shown.map(|(_, text)| text), BYTES);
    let mut lines: Vec<(Option<bool>, Line)> = Vec::new();
    for text in &texts {
        let read = line(text, repository);
        // Python shows a frame's code below it, Rust's standard library its location: these lines belong to their
        // frame.
        let belongs = text.starts_with("    ") && read.0.is_none();
        match lines.last() {
            Some((Some(own), _)) if belongs && !text.trim_start().starts_with("File ") => {
                lines.push((Some(*own), read.1))
            }
            _ => lines.push(read),
        }
    }
    for at in (0..lines.len()).rev() {
        if lines[at].0.is_none()
            && texts.get(at + 1).is_some_and(|next| stack::has_location_below(&texts[at], next))
        {
            lines[at].0 = lines[at + 1].0;
        }
    }
    let any_own = lines.iter().any(|(own, _)| *own == Some(true));
    let mut groups: Vec<Group> = Vec::new();
    for (at, (own, line)) in lines.into_iter().enumerate() {
        let fold = match own {
            _ if middle.contains(&at) => Fold::Middle,
            Some(false) if any_own => Fold::Library,
            _ => Fold::Open,
        };
        match groups.last_mut() {
            Some(group) if group.fold == fold => group.lines.push(line),
            _ => groups.push(Group { fold, lines: vec![line] }),
        }
    }
    for group in &mut groups {
        // Folding a single line gains nothing.
        if group.fold == Fold::Library && group.lines.len() == 1 {
            group.fold = Fold::Open;
        }
    }
    (groups, shortened)
}

/// Parses one line. `Some(true)` is an in-app frame, `Some(false)` a library frame.
fn line(text: &str, repository: &Repository<'_>) -> (Option<bool>, Line) {
    let own = match stack::kind(text) {
        Kind::InApp => Some(true),
        Kind::Library => Some(false),
        Kind::Text => None,
    };
    let Some(at) = stack::location(text) else {
        let (place, after) = (String::new(), String::new());
        return (own, Line { before: text.to_owned(), place, after, href: None, own: false });
    };
    let is_library = own == Some(false) || stack::is_library_file(at.file);
    let line = Line {
        before: text[..at.start].into(),
        place: text[at.start..at.end].into(),
        after: text[at.end..].into(),
        href: if is_library { None } else { repository.href(at.file, i64::try_from(at.line).ok()) },
        own: own == Some(true),
    };
    (own, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOWHERE: Repository<'_> = Repository { repo_url: None, commit: None, local_path: None };

    /// For each group, whether it is folded, and the locations in it.
    fn groups(text: &str) -> Vec<(bool, Vec<String>)> {
        let (stack, _) = read(text, &NOWHERE, false);
        stack
            .into_iter()
            .map(|group| {
                (
                    group.fold != Fold::Open,
                    group
                        .lines
                        .into_iter()
                        .map(|line| line.place)
                        .filter(|place| !place.is_empty())
                        .collect(),
                )
            })
            .collect()
    }

    #[test]
    fn python() {
        let text = "Traceback (most recent call last):\n  File \"/usr/local/lib/python3.12/site-packages/django/core.py\", line 55, in inner\n    response = get_response(request)\n  File \"/usr/local/lib/python3.12/site-packages/django/base.py\", line 197, in _get\n    response = wrapped()\n  File \"apps/users/views.py\", line 42, in get_user\n    id = int(raw)\nValueError: invalid literal for int() with base 10: 'abc'";
        let read = groups(text);
        assert_eq!(read.iter().map(|(folded, _)| *folded).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(read[2].1, ["apps/users/views.py\", line 42"]);
        assert_eq!(read[1].1.len(), 2);
    }

    #[test]
    fn javascript() {
        let text = "TypeError: x is undefined\n    at load (https://shop.example/assets/app.js:10:5)\n    at a (/srv/node_modules/vue/dist/vue.js:3:7)\n    at b (node:internal/process/task_queues:95:5)\n    at /srv/node_modules/x/y.mjs:9:1";
        let read = groups(text);
        assert_eq!(read[0].1, ["https://shop.example/assets/app.js:10:5"]);
        assert!(read[1].0);
        assert_eq!(
            groups("load@https://shop.example/app.js:10:5")[0].1,
            ["https://shop.example/app.js:10:5"]
        );
    }

    #[test]
    fn rust() {
        let text = "shop::pay at src/pay.rs:17\ncore::ops::call at std:core/src/ops.rs:250\ntokio::run at dep:tokio/src/run.rs:9\nmain at src/main.rs:3";
        let read = groups(text);
        assert_eq!(read[0], (false, vec!["src/pay.rs:17".to_owned()]));
        assert!(read[1].0);
        assert_eq!(read[2].1, ["src/main.rs:3"]);
    }

    #[test]
    fn frames_with_their_place_below() {
        let rust = "thread 'main' panicked at src/pay.rs:17:5:\nno\n   0: rust_begin_unwind\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5\n   1: core::panicking::panic_fmt\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14\n   2: shop::pay\n             at ./src/pay.rs:17:5\n   3: main";
        let (stack, _) = read(rust, &NOWHERE, false);
        let shown: Vec<_> = stack.iter().map(|group| (group.fold, group.lines.len())).collect();
        assert_eq!(shown, [(Fold::Open, 2), (Fold::Library, 4), (Fold::Open, 3)]);
        let go = "panic: no\n\ngoroutine 1 [running]:\nmain.pay(0x0)\n\t/srv/shop/pay.go:17 +0x1d\nnet/http.HandlerFunc.ServeHTTP(0x1)\n\t/usr/local/go/src/net/http/server.go:2136 +0x29\nmain.main()\n\t/srv/shop/main.go:3 +0x1";
        let (stack, _) = read(go, &NOWHERE, false);
        let shown: Vec<_> = stack.iter().map(|group| (group.fold, group.lines.len())).collect();
        assert_eq!(shown, [(Fold::Open, 5), (Fold::Library, 2), (Fold::Open, 2)]);
        assert_eq!(stack[2].lines[1].place, "/srv/shop/main.go:3");
    }

    #[test]
    fn java() {
        let text = "java.lang.IllegalStateException: no\n\tat com.shop.Cart.total(Cart.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:750)\n\tat org.springframework.web.Servlet.go(Servlet.java:9)";
        let read = groups(text);
        assert_eq!(read[0].1, ["Cart.java:12"]);
        assert!(read[1].0);
    }

    #[test]
    fn a_line_of_nothing_but_colons_costs_nothing() {
        assert_eq!(groups(&":1".repeat(500_000)), [(false, vec![])]);
    }

    #[test]
    fn dart_and_logs() {
        let text = "#0      Cart.total (package:shop/cart.dart:12:9)\n#1      State.setState (package:flutter/src/framework.dart:1139:30)\n#2      _run (dart:async/zone.dart:1399:13)";
        let read = groups(text);
        assert_eq!(read[0].1, ["package:shop/cart.dart:12:9"]);
        assert!(read[1].0);
        let log =
            "Step 4/9 : RUN npm ci\nnpm ERR! code ERESOLVE\n12:30:45 src/a.ts(3,1): error\nprocess exited: 1";
        assert_eq!(groups(log), [(false, vec![])]);
    }

    #[test]
    fn own_frames_are_linked_and_a_long_stack_ends() {
        let repository = Repository {
            repo_url: Some("https://github.com/a/b"),
            commit: Some("c0ffee"),
            local_path: Some("/srv/app/"),
        };
        let (stack, _) = read("    at f (/srv/app/src/x.ts:7:1)", &repository, false);
        let href = stack[0].lines[0].href.as_deref();
        assert_eq!(href, Some("https://github.com/a/b/blob/c0ffee/src/x.ts#L7"));
        let long = "    at f (src/x.ts:7:1)\n".repeat(1000);
        let lengths = |whole| -> Vec<(Fold, usize)> {
            let (stack, shortened) = read(&long, &NOWHERE, whole);
            assert!(!shortened);
            stack.iter().map(|group| (group.fold, group.lines.len())).collect()
        };
        let ends = (Fold::Open, SHOWN / 2);
        assert_eq!(lengths(false), [ends, (Fold::Middle, 1000 - SHOWN), ends]);
        assert_eq!(lengths(true), [(Fold::Open, 1000)]);
        // In Python the last frame failed, in a log the last line.
        let library = "  File \"/usr/lib/python3/site-packages/django/x.py\", line 1, in f\n".repeat(300);
        let (stack, _) = read(
            &format!("{library}  File \"apps/views.py\", line 42, in g\nValueError: x"),
            &NOWHERE,
            false,
        );
        let last = stack.last().unwrap();
        assert_eq!((last.fold, last.lines[0].own, last.lines.len()), (Fold::Open, true, 2));
        let (stack, shortened) = read(&"x".repeat(2 * BYTES), &NOWHERE, false);
        assert!(shortened && stack[0].lines[0].before.len() < BYTES + 4);
    }
}
