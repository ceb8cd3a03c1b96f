//! JavaScript and TypeScript files that hold tests beside the code: vitest's `import.meta.vitest`, and calls of `describe`,
//! `test` and `it`. <https://vitest.dev/guide/in-source>

use super::statement::{self, File, Role, Rules, Statement};
use super::syntax::{Syntax, holds, visit};
use tree_sitter::{Language, Node};
use tree_sitter_typescript::{LANGUAGE_TSX, LANGUAGE_TYPESCRIPT};

const RULES: Rules =
    Rules { looked_for: &[], reaching: &["globalThis", "global", "eval", "Function", "Reflect"] };

/// What declares tests, and what runs around them.
const DECLARING: [&str; 12] = [
    "describe",
    "suite",
    "test",
    "it",
    "bench",
    "Deno",
    "before",
    "after",
    "beforeEach",
    "afterEach",
    "beforeAll",
    "afterAll",
];

/// Why the tests of a file are no longer what they were.
pub(super) fn changed(ending: &str, base: &str, changed: &str) -> Option<&'static str> {
    let may_test = ["vitest", "test", "describe", "suite", "it("].iter().any(|word| base.contains(word));
    // All JavaScript is read as TypeScript with JSX is.
    let language =
        if ["ts", "mts", "cts"].contains(&ending) { LANGUAGE_TYPESCRIPT } else { LANGUAGE_TSX }.into();
    let (before, after) = (may_test.then(|| read(&language, base))??, read(&language, changed)?);
    statement::changed(&before, &after, &RULES)
}

fn read<'t>(language: &Language, text: &'t str) -> Option<File<'t>> {
    let syntax = Syntax::read(language, text)?;
    let nodes = syntax.statements();
    let own: Vec<&str> = nodes.iter().filter_map(|node| function(&syntax, *node)).collect();
    let statements = nodes.into_iter().map(|node| statement(&syntax, node, &own)).collect();
    // JavaScript ends lines, and in scripts begins comments, otherwise there.
    let is_odd = text.replace("\r\n", "\n").contains(['\r', '\u{2028}', '\u{2029}', '\0'])
        || text.contains("<!--")
        || text.contains("-->");
    Some(File { is_whole: syntax.is_whole() && !is_odd, statements })
}

/// The name of a function that a statement declares.
fn function<'t>(syntax: &Syntax<'t>, node: Node<'_>) -> Option<&'t str> {
    let node = node.child_by_field_name("declaration").unwrap_or(node);
    let name = node.child_by_field_name("name").filter(|_| node.kind().contains("function"));
    name.map(|name| syntax.text(name))
}

fn statement<'t>(syntax: &Syntax<'t>, node: Node<'_>, own: &[&str]) -> Statement<'t> {
    let mut read = Statement {
        text: syntax.text(node),
        role: role(syntax, node, own),
        mentions: Default::default(),
        binds: Vec::new(),
        imports: Vec::new(),
        alters: Vec::new(),
    };
    let mut inner_until = 0;
    visit(node, |inner| {
        let is_outer = inner.start_byte() >= inner_until;
        match inner.kind() {
            "identifier" | "shorthand_property_identifier" | "type_identifier" => {
                *read.mentions.entry(syntax.text(inner)).or_default() += 1;
            }
            "import_statement" => {
                imports(syntax, inner, &mut read);
                return false;
            }
            "variable_declarator" | "for_in_statement" if is_outer => {
                let field = if inner.kind() == "for_in_statement" { "left" } else { "name" };
                let targets = inner.child_by_field_name(field);
                targets.into_iter().for_each(|targets| bound(syntax, targets, &mut read));
            }
            "assignment_expression" | "augmented_assignment_expression" => {
                let left = inner.child_by_field_name("left");
                read.alters.extend(left.and_then(|left| syntax.root_name(left)));
            }
            "update_expression" | "unary_expression" => {
                let is_altering =
                    inner.kind() == "update_expression" || syntax.text(inner).starts_with("delete");
                let argument = inner.child_by_field_name("argument").filter(|_| is_altering);
                read.alters.extend(argument.and_then(|argument| syntax.root_name(argument)));
            }
            kind if is_outer && (kind.ends_with("_declaration") || kind.contains("function")) => {
                let is_named = kind.ends_with("_declaration");
                let name = inner.child_by_field_name("name").filter(|_| is_named);
                read.binds.extend(name.map(|name| syntax.text(name)));
                if kind.contains("function") || kind.contains("class") {
                    inner_until = inner.end_byte();
                }
            }
            _ => {}
        }
        true
    });
    read
}

fn bound<'t>(syntax: &Syntax<'t>, targets: Node<'_>, read: &mut Statement<'t>) {
    visit(targets, |target| {
        if matches!(target.kind(), "identifier" | "shorthand_property_identifier_pattern") {
            read.binds.push(syntax.text(target));
        }
        true
    });
}

fn imports<'t>(syntax: &Syntax<'t>, node: Node<'_>, read: &mut Statement<'t>) {
    let from = node.child_by_field_name("source").map_or("", |source| syntax.text(source));
    visit(node, |inner| {
        let name = match inner.kind() {
            "import_specifier" => {
                inner.child_by_field_name("alias").or_else(|| inner.child_by_field_name("name"))
            }
            "import_clause" => inner.named_child(0).filter(|name| name.kind() == "identifier"),
            "namespace_import" => inner.named_child(0),
            _ => None,
        };
        if let Some(name) = name.map(|name| syntax.text(name)) {
            let what = if inner.kind() == "import_clause" { "default" } else { syntax.text(inner) };
            read.binds.push(name);
            read.imports.push((name, format!("{from} {what}")));
        }
        true
    });
}

fn role(syntax: &Syntax<'_>, node: Node<'_>, own: &[&str]) -> Role {
    let is_test = |inner: Node<'_>| match inner.kind() {
        "member_expression" => syntax.text(inner).starts_with("import.meta.vitest"),
        "call_expression" => {
            let name = inner.child_by_field_name("function").and_then(|function| syntax.root_name(function));
            name.is_some_and(|name| DECLARING.contains(&name) && !own.contains(&name))
        }
        _ => false,
    };
    let asserts = |inner: Node<'_>| {
        let is_name = inner.kind() == "identifier";
        is_name && ["assert", "expect"].iter().any(|word| syntax.text(inner).starts_with(word))
    };
    let is_code = |inner: Node<'_>| {
        matches!(inner.kind(), "arrow_function" | "function_expression" | "class" | "generator_function")
    };
    let is_value =
        matches!(node.kind(), "lexical_declaration" | "variable_declaration") && !holds(node, is_code);
    if holds(node, is_test) {
        Role::Test
    } else if is_value || holds(node, asserts) {
        Role::Aid
    } else {
        Role::Code
    }
}

#[cfg(test)]
mod tests {
    use super::changed;

    const SHOP: &str = "import Big, { round as nearest } from 'big';\n\nconst CASES = [[4, 2]];\n\
        const same = (a, b) => expect(a).toBe(b);\nlet rate = 2;\n\nexport function half(n) {\n  return n / rate;\n}\n\n\
        export const double = (n) => nearest(n * rate);\n\nif (import.meta.vitest) {\n  \
        const { it, expect } = import.meta.vitest;\n  it('halves', () => {\n    \
        for (const [n, wanted] of CASES) expect(half(n)).toBe(wanted);\n    same(nearest(Big(2)), 2);\n  });\n}\n";

    fn is_weaker(from: &str, to: &str) -> bool {
        assert!(SHOP.contains(from), "{from}");
        changed("ts", SHOP, &SHOP.replacen(from, to, 1)).is_some()
    }

    #[test]
    fn the_code_may_change() {
        for (from, to) in [
            (
                "return n / rate",
                "if (!n) return 0;\n  const by = rate; let total; total = n / by;\n  return total",
            ),
            ("let rate = 2", "let rate = 3"),
            ("(n) => nearest(n * rate)", "(n) => { rate += 1; return nearest(n); }"),
            ("round as nearest }", "round as nearest, floor }"),
            ("import Big", "import path from 'path';\nimport Big"),
            ("export const", "class Price { half = 1; total() { return half(this.half); } }\nexport const"),
        ] {
            assert!(!is_weaker(from, to), "{to}");
        }
        let plain = "function test(n) { return n; }\ntest(1);\n";
        assert_eq!(changed("js", plain, "eval(1);"), None);
        assert_eq!(changed("tsx", "const a = <p>it(</p>;\n", "const a = <b/>;\n"), None);
    }

    #[test]
    fn tests_and_what_they_mean_stay_as_they_were() {
        for (from, to) in [
            ("expect(half(n)).toBe(wanted)", "half(n)"),
            ("[[4, 2]]", "[]"),
            ("expect(a).toBe(b);\n", "a;\n"),
            ("if (import.meta.vitest) {", "if (import.meta.vitest && false) {"),
            ("if (import", "if (0) if (import"),
            ("let rate", "function expect() {}\nlet rate"),
            ("let rate", "CASES.length = 0;\nlet rate"),
            ("let rate", "CASES.pop();\nlet rate"),
            ("return n / rate", "CASES.pop(); return n / rate"),
            ("return n / rate", "Big.prototype = 1; return n / rate"),
            ("return n / rate", "globalThis.same = 1; return n / rate"),
            ("import Big,", "import { Big } from 'fake'; import {"),
            ("'big'", "'fake'"),
            ("let rate", "// \u{2028}CASES.pop();\nlet rate"),
            ("let rate", "<!-- \nlet rate"),
            ("return n / rate", "return (n / rate"),
        ] {
            assert!(is_weaker(from, to), "{to}");
        }
        assert!(changed("ts", SHOP, "").is_some());
        let node = "const test = require('node:test');\nconst half = (n) => n;\n\
            test('halves', () => assert.equal(half(4), 2));\n";
        assert!(changed("cjs", node, &node.replace("half(4), 2", "half(4), half(4)")).is_some());
        assert!(changed("cjs", node, &node.replace("=> n;", "=> n / 2;")).is_none());
        assert!(changed("cjs", node, &node.replace("require('node:test')", "(name, run) => {}")).is_some());
        let deno = "Deno.test('halves', () => {});\nexport const half = 1;\n";
        assert!(changed("js", deno, &deno.replace("{}", "1")).is_some());
    }
}
