//! The lines of stack traces: where an error is, and which frames are the program's own.
//!
//! Reads the formats of Rust (ours and the standard library's), Python, JavaScript (V8, Firefox, Safari), Dart, Java and
//! Kotlin, Go, PHP, Ruby and .NET. Any other line, such as one of a container's log, is no frame.

mod library;
mod location;

pub use library::{is_library_file, is_library_function};
pub use location::{Location, location};

/// What a line of a stack trace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A frame of the program itself.
    InApp,
    /// A frame of a library, or of the language.
    Library,
    /// No frame: a message, or code that is shown with a frame.
    Text,
}

/// What a line is.
///
/// ```
/// use logcenter_core::stack::{Kind, kind};
///
/// assert_eq!(kind("  File \"apps/users/views.py\", line 42, in get_user"), Kind::InApp);
/// assert_eq!(kind("    at b (node:internal/process/task_queues:95:5)"), Kind::Library);
/// assert_eq!(kind("npm ERR! code ERESOLVE"), Kind::Text);
/// ```
#[must_use]
pub fn kind(line: &str) -> Kind {
    let is_library_call = is_library_function(line);
    match location(line) {
        Some(at) if is_frame(line) && !is_library_call && !is_library_file(at.file) => Kind::InApp,
        Some(_) if is_frame(line) => Kind::Library,
        None if is_library_call => Kind::Library,
        _ => Kind::Text,
    }
}

/// Whether a line names a function whose location is on the next line, as Rust's standard library and Go write frames.
#[must_use]
pub fn has_location_below(line: &str, next: &str) -> bool {
    let is_numbered =
        || line.trim_start().split_once(": ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    if next.trim_start().starts_with("at ") {
        is_numbered()
    } else {
        next.starts_with('\t') && line.ends_with(')') && location(next).is_some()
    }
}

/// Where an error with this stack trace occurred: the innermost frame of the program itself, or else of all.
///
/// ```
/// use logcenter_core::stack::place;
///
/// let trace = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n  File \"b.py\", line 2, in g\nValueError: no";
/// let at = place(trace).unwrap();
/// assert_eq!((at.file, at.line), ("b.py", 2));
/// ```
#[must_use]
pub fn place(trace: &str) -> Option<Location<'_>> {
    // Python shows the innermost frame last.
    let is_last = trace.contains("(most recent call last)");
    let of = |wanted: Kind| {
        let mut frames = trace.lines().filter(|line| kind(line) == wanted);
        location(if is_last { frames.next_back()? } else { frames.next()? })
    };
    of(Kind::InApp).or_else(|| of(Kind::Library))
}

/// Whether a line with a location is a frame rather than a message that mentions a file.
fn is_frame(line: &str) -> bool {
    let trimmed = line.trim_start();
    trimmed.starts_with("at ")
        || trimmed.starts_with("File \"")
        || trimmed.starts_with('#')
        || trimmed.contains(" at ")
        || line.starts_with('\t')
        || trimmed.contains('@')
        // Ruby: `cart.rb:12:in 'total'`. Dart for the web: `cart.dart 12:9  total`.
        || trimmed.contains(":in ")
        || trimmed.contains(".dart ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn kinds(trace: &str) -> Vec<Kind> {
        trace.lines().map(kind).collect()
    }

    #[test]
    fn each_language_tells_its_own_frames_from_libraries() {
        use Kind::{InApp, Library, Text};
        for (trace, expected, at) in [
            (
                "goroutine 1 [running]:\nmain.pay(0x0)\n\t/srv/shop/pay.go:17 +0x1d\n\t/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go:174 +0x29\n\tgithub.com/gin-gonic/gin@v1.9.1/context.go:174 +0x1\n\tC:/Program Files/Go/src/net/http/server.go:2136",
                &[Text, Text, InApp, Library, Library, Library][..],
                ("/srv/shop/pay.go", 17),
            ),
            (
                "java.lang.IllegalStateException: no\n\tat kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:106)\n\tat com.shop.Cart.total(Cart.kt:12)\n\tat androidx.fragment.app.Fragment.go(Fragment.java:3)",
                &[Text, Library, InApp, Library],
                ("Cart.kt", 12),
            ),
            (
                "TypeError: no\n    at call (https://cdn.jsdelivr.net/npm/vue@3/dist/vue.global.js:3:7)\n    at g (https://unpkg.com/lodash@4.17.21/lodash.js:1:1)\n    at load (https://shop.example/src/App.vue?t=1795683600123:10:5)\n    at d (https://shop.example/node_modules/.vite/deps/vue.js?v=3f2a:9:1)\n    at e (chrome-extension://abc/x.js:1:1)",
                &[Text, Library, Library, InApp, Library, Library],
                ("https://shop.example/src/App.vue", 10),
            ),
            (
                "#0 /var/www/vendor/laravel/framework/src/Router.php(123): run()\n#1 /var/www/app/Cart.php(12): total()\n#2 {main}",
                &[Library, InApp, Text],
                ("/var/www/app/Cart.php", 12),
            ),
            (
                "/usr/lib/ruby/gems/3.2.0/gems/rails-7.1/lib/base.rb:9:in `call'\napp/models/cart.rb:12:in 'Cart#total'\n<internal:kernel>:187:in `loop'",
                &[Library, InApp, Library],
                ("app/models/cart.rb", 12),
            ),
            (
                "System.InvalidOperationException: no\n   at System.Linq.Enumerable.First[T](IEnumerable`1 source)\n   at Shop.Cart.Total() in C:\\src\\Cart.cs:line 12\n   at Microsoft.AspNetCore.Mvc.Run() in /_/src/Mvc.cs:line 3",
                &[Text, Library, InApp, Library],
                ("C:\\src\\Cart.cs", 12),
            ),
            (
                "Traceback (most recent call last):\n  File \"C:\\Python312\\Lib\\site-packages\\django\\core.py\", line 55, in inner\n  File \"C:\\shop\\apps\\views.py\", line 42, in get\n  File \"C:\\Python312\\Lib\\asyncio\\runners.py\", line 5, in run\nValueError: no",
                &[Text, Library, InApp, Library, Text],
                ("C:\\shop\\apps\\views.py", 42),
            ),
            (
                "packages/shop/cart.dart 12:9                total\npackages/flutter/src/widgets/framework.dart 5017:11  rebuild\norg-dartlang-sdk:///lib/async/zone.dart 1399:13  _run\n#0      Cart.total (package:shop/cart.dart:12:9)\n#1      run (dart:async/zone.dart:1399:13)",
                &[InApp, Library, Library, InApp, Library],
                ("packages/shop/cart.dart", 12),
            ),
            (
                "shop::pay at src/pay.rs:17\ncore::ops::call at std:core/src/ops.rs:250\ntokio::run at dep:tokio/src/run.rs:9\nmain at src/main.rs:3",
                &[InApp, Library, Library, InApp],
                ("src/pay.rs", 17),
            ),
            (
                "load@https://shop.example/app.js:10:5\nf@https://cdn.example/npm/react@18/react.js:1:1",
                &[InApp, Library],
                ("https://shop.example/app.js", 10),
            ),
        ] {
            assert_eq!(kinds(trace), expected, "{trace}");
            let found = place(trace).map(|at| (at.file, at.line));
            assert_eq!(found, Some(at), "{trace}");
        }
        let log =
            "Step 4/9 : RUN npm ci\nnpm ERR! code ERESOLVE\n12:30:45 src/a.ts(3,1): error\nprocess exited: 1";
        assert!(kinds(log).iter().all(|kind| *kind == Text));
        assert_eq!(place(log), None);
        assert_eq!(place(&":1".repeat(100_000)), None);
    }
}
