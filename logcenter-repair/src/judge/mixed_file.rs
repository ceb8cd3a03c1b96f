//! Source files that hold tests beside the code, in languages in which code can reach and change anything, or that are not
//! read here. Nothing shows that a change to such a file leaves its tests what they were.

/// What begins a line of a test, by the ending of the file.
const MARKS: [(&[&str], &[&str]); 9] = [
    (&["zig"], &["test \"", "test {"]),
    (&["d"], &["unittest"]),
    (&["java", "kt", "groovy", "scala"], &["@Test", "@ParameterizedTest"]),
    (&["cs"], &["[Test]", "[Fact]", "[Theory]", "[TestMethod]"]),
    (&["swift"], &["@Test", "final class XCT", "class XCT"]),
    (&["rb"], &["RSpec.describe", "describe ", "it \"", "it '"]),
    (&["php"], &["#[Test]"]),
    (&["c", "cc", "cpp", "cxx", "h", "hpp"], &["TEST_CASE(", "TEST(", "TEST_F(", "BOOST_AUTO_TEST_CASE("]),
    (&["dart"], &["test('", "test(\"", "testWidgets(", "group('"]),
];

const PYTHON: [&str; 3] = ["py", "pyw", "pyi"];

const JAVASCRIPT: [&str; 11] =
    ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "astro"];

/// What declares tests in JavaScript, before a title.
const DECLARING: [&str; 9] =
    ["describe", "suite", "test", "it", "bench", "QUnit.module", "QUnit.test", "Deno.test", "module.test"];

/// Where JavaScript gets them from.
const RUNNERS: [&str; 10] =
    ["node:test", "bun:test", "vitest", "@jest/globals", "ava", "tap", "tape", "uvu", "mocha", "jasmine"];

/// Whether a file of the base holds tests, by the conventions of its language's runners.
pub(super) fn holds_tests(ending: &str, text: &str) -> bool {
    if PYTHON.contains(&ending) {
        return is_python_test(text);
    }
    if JAVASCRIPT.contains(&ending) {
        return text.contains("import.meta.vitest") || text.lines().any(is_javascript_test);
    }
    let marks = MARKS.iter().filter(|(endings, _)| endings.contains(&ending)).flat_map(|(_, marks)| *marks);
    marks.into_iter().any(|mark| text.lines().any(|line| line.trim_start().starts_with(mark)))
}

/// Classes of unittest, classes and functions of pytest, fixtures, and files that run their tests themselves.
fn is_python_test(text: &str) -> bool {
    // Whether the line is in a class or function that may be a test.
    let (mut in_class, mut in_function) = (false, false);
    text.lines().any(|line| {
        let words = line.trim_start();
        let definition = words.strip_prefix("async ").unwrap_or(words).trim_start();
        let named = |keyword: &str| definition.strip_prefix(keyword).map(str::trim_start);
        let is_test = named("def ").is_some_and(|name| name.starts_with("test"));
        if line.len() == words.len() && !words.is_empty() && !words.starts_with(['#', ')', ']', '}', '@']) {
            in_class = named("class ").is_some_and(|name| name.starts_with("Test"));
            in_function = is_test;
        }
        let checks = || {
            words.starts_with("assert")
                || ["assert_", "raises", "check", "expect"].iter().any(|word| words.contains(word))
        };
        named("class ").is_some_and(|name| name.contains("TestCase"))
            || in_class && is_test
            || in_function && checks()
            || ["@pytest.", "@fixture", "unittest.main(", "pytest.main("]
                .iter()
                .any(|start| words.starts_with(start))
    })
}

fn is_javascript_test(line: &str) -> bool {
    let words = line.trim_start();
    let has_title = |called: &str| {
        // As `describe.each([…])('title'`, whose rest is not read.
        let rest = called.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '.');
        let title = rest.strip_prefix('(').map(str::trim_start);
        title.is_some_and(|title| {
            title.starts_with(['\'', '"', '`', '[']) || called.starts_with('(') && title.is_empty()
        })
    };
    let declares = DECLARING.iter().filter_map(|name| words.strip_prefix(name));
    let imports = words.starts_with("import") || words.contains("require(");
    let is_runner =
        |runner: &&str| ["'", "\""].iter().any(|quote| words.contains(&format!("{quote}{runner}{quote}")));
    declares.filter(|called| called.starts_with(['(', '.'])).any(has_title)
        || imports && RUNNERS.iter().any(is_runner)
}

#[cfg(test)]
mod tests {
    use super::holds_tests;

    #[test]
    fn tests_beside_the_code_are_seen() {
        for (ending, text) in [
            ("py", "class HalfTest(unittest.TestCase):\n    pass\n"),
            ("py", "class Checks(base.ShopTestCase):\n"),
            (
                "py",
                "class TestHalf:\n    def setup(self): pass\n    async def test_half(self):\n        self.same(1)\n",
            ),
            ("py", "def test_half():\n    n = half(4)\n\n    assert n == 2\n"),
            ("py", "def test_half():\n    with raises(ValueError):\n        half('')\n"),
            ("py", "def test_half(): check(half(4), 2)\n"),
            ("py", "@pytest.fixture\ndef four():\n    return 4\n"),
            ("py", "if __name__ == '__main__':\n    unittest.main()\n"),
            ("ts", "if (import.meta.vitest) {\n"),
            ("js", "const test = require('node:test');\n"),
            ("mjs", "import t from \"tap\";\n"),
            ("jsx", "  it(`halves`, () => {});\n"),
            ("js", "describe.each([1, 2])('halves', (n) => {});\n"),
            ("js", "test(\n  'halves',\n"),
            ("js", "Deno.test(\"halves\", () => {});\n"),
            ("zig", "test \"halves\" {\n"),
            ("java", "  @Test\n  void halves() {}\n"),
            ("cpp", "TEST_CASE(\"halves\") {\n"),
        ] {
            assert!(holds_tests(ending, text), "{text}");
        }
    }

    #[test]
    fn code_is_not_taken_for_tests() {
        for (ending, text) in [
            ("py", "def half(n):\n    assert n\n    return n\n\nclass TestBench:\n    def run(self): pass\n"),
            ("py", "def test_connection(url):\n    return get(url)\n\n\ndef half(n):\n    assert n\n"),
            ("py", "class Runner:\n    def test_connection(self):\n        return self.check()\n"),
            ("js", "const found = test(text);\nif (pattern.test(text)) it.next();\nit(found);\n"),
            ("js", "export function test(value) {}\nimport { tap } from 'rxjs';\n"),
            ("ts", "describe(found);\n// describe('as in tests', it)\n"),
            ("rs", "test \"x\" {\n"),
            ("css", "@Test"),
        ] {
            assert!(!holds_tests(ending, text), "{text}");
        }
    }
}
