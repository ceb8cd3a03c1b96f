//! Python files that hold tests beside the code: classes of unittest, functions of pytest, what runs as a program.

use super::statement::{self, File, Role, Rules, Statement};
use super::syntax::{Syntax, holds, visit};
use std::collections::HashSet;
use tree_sitter::Node;

const RULES: Rules = Rules {
    looked_for: &[
        "load_tests",
        "setUpModule",
        "tearDownModule",
        "setup_module",
        "teardown_module",
        "setup_function",
        "teardown_function",
        "pytestmark",
        "__getattr__",
    ],
    reaching: &[
        "globals",
        "locals",
        "vars",
        "setattr",
        "delattr",
        "exec",
        "eval",
        "compile",
        "builtins",
        "__builtins__",
        "__import__",
        "importlib",
        "gc",
        "inspect",
        "autouse",
    ],
};

/// Why the tests of a file are no longer what they were.
pub(super) fn changed(base: &str, changed: &str) -> Option<&'static str> {
    let may_test = ["test", "Test", "__main__"].iter().any(|word| base.contains(word));
    let (before, after) = (may_test.then(|| read(base))??, read(changed)?);
    let encoding = |text: &'_ str| -> Vec<String> {
        text.lines().take(2).filter(|line| line.contains("coding")).map(str::to_owned).collect()
    };
    let after = File { is_whole: after.is_whole && encoding(base) == encoding(changed), ..after };
    statement::changed(&before, &after, &RULES)
}

fn read(text: &str) -> Option<File<'_>> {
    let syntax = Syntax::read(&tree_sitter_python::LANGUAGE.into(), text)?;
    let nodes = syntax.statements();
    let mut statements: Vec<Statement<'_>> = nodes.iter().map(|node| statement(&syntax, *node)).collect();
    // What a class of tests derives from runs with it.
    let mut bases: Vec<&str> = Vec::new();
    for (node, _) in nodes.iter().zip(&statements).filter(|(_, statement)| statement.role == Role::Test) {
        visit(*node, |inner| {
            let of_class = inner.child_by_field_name("superclasses");
            bases.extend(
                of_class
                    .iter()
                    .flat_map(|of_class| of_class.named_children(&mut of_class.walk()).collect::<Vec<_>>())
                    .filter_map(|base| syntax.root_name(base)),
            );
            true
        });
    }
    let is_base = |statement: &&mut Statement<'_>| {
        statement.imports.is_empty() && statement.binds.iter().any(|name| bases.contains(name))
    };
    statements.iter_mut().filter(is_base).for_each(|statement| statement.role = Role::Test);
    // Python ends lines and counts blanks otherwise there.
    let is_odd = text.replace("\r\n", "\n").contains(['\r', '\u{b}', '\u{c}', '\0']);
    Some(File { is_whole: syntax.is_whole() && !is_odd, statements })
}

fn statement<'t>(syntax: &Syntax<'t>, node: Node<'_>) -> Statement<'t> {
    let mut read = Statement {
        text: syntax.text(node),
        role: role(syntax, node),
        mentions: Default::default(),
        binds: Vec::new(),
        imports: Vec::new(),
        alters: Vec::new(),
    };
    let (mut inner_until, mut after_dots) = (0, HashSet::new());
    visit(node, |inner| {
        let is_outer = inner.start_byte() >= inner_until;
        match inner.kind() {
            "identifier" if !after_dots.contains(&inner.id()) => {
                *read.mentions.entry(syntax.text(inner)).or_default() += 1;
            }
            "attribute" | "keyword_argument" => {
                let field = if inner.kind() == "attribute" { "attribute" } else { "name" };
                after_dots.extend(inner.child_by_field_name(field).map(|name| name.id()));
            }
            "function_definition" | "class_definition" if is_outer => {
                read.binds.extend(inner.child_by_field_name("name").map(|name| syntax.text(name)));
                inner_until = inner.end_byte();
            }
            "lambda" if is_outer => inner_until = inner.end_byte(),
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                imports(syntax, inner, &mut read, is_outer);
                return false;
            }
            "global_statement" => targeted(syntax, inner, &mut read, true),
            "assignment" | "augmented_assignment" | "for_statement" | "type_alias_statement" => {
                let targets = inner.child_by_field_name("left");
                targets.into_iter().for_each(|targets| targeted(syntax, targets, &mut read, is_outer));
            }
            "named_expression" => {
                let name = inner.child_by_field_name("name");
                name.into_iter().for_each(|name| targeted(syntax, name, &mut read, is_outer));
            }
            "as_pattern_target" | "case_pattern" | "delete_statement" => {
                targeted(syntax, inner, &mut read, is_outer);
            }
            _ => {}
        }
        true
    });
    read
}

/// The names that are bound, and those that something in them is given to.
fn targeted<'t>(syntax: &Syntax<'t>, targets: Node<'_>, read: &mut Statement<'t>, is_outer: bool) {
    visit(targets, |target| match target.kind() {
        "identifier" if is_outer => {
            read.binds.push(syntax.text(target));
            false
        }
        "attribute" | "subscript" => {
            read.alters.extend(syntax.root_name(target));
            false
        }
        _ => true,
    });
}

fn imports<'t>(syntax: &Syntax<'t>, node: Node<'_>, read: &mut Statement<'t>, is_outer: bool) {
    let module = node.child_by_field_name("module_name").map(|module| syntax.text(module));
    let mut cursor = node.walk();
    for name in node.children_by_field_name("name", &mut cursor) {
        let path = name.child_by_field_name("name").unwrap_or(name);
        let bound = name.child_by_field_name("alias").or_else(|| path.named_child(0));
        let Some(bound) = bound.map(|bound| syntax.text(bound)).filter(|_| is_outer) else { continue };
        read.binds.push(bound);
        read.imports.push((bound, format!("{} {}", module.unwrap_or_default(), syntax.text(name))));
    }
    if holds(node, |inner| inner.kind() == "wildcard_import") {
        read.binds.push("*");
        read.imports.push(("*", module.unwrap_or_default().to_owned()));
    }
}

fn role(syntax: &Syntax<'_>, node: Node<'_>) -> Role {
    let has_runner = ["unittest", "pytest"].iter().any(|runner| syntax.all().contains(runner));
    let named = |inner: Node<'_>| inner.child_by_field_name("name").map_or("", |name| syntax.text(name));
    let asserts = |inner: Node<'_>| holds(inner, |inner| is_assertion(syntax, inner));
    let is_test = |inner: Node<'_>| match inner.kind() {
        "function_definition" => {
            RULES.looked_for.contains(&named(inner))
                || named(inner).starts_with("test") && (has_runner || asserts(inner))
        }
        "class_definition" => {
            let bases = inner.child_by_field_name("superclasses").map_or("", |bases| syntax.text(bases));
            let is_named = named(inner).starts_with("Test")
                || named(inner).ends_with("Test")
                || named(inner).ends_with("Tests");
            let has_tests =
                |inner: Node<'_>| inner.kind() == "function_definition" && named(inner).starts_with("test");
            bases.contains("TestCase") || is_named && holds(inner, has_tests)
        }
        "decorator" => syntax.text(inner).contains("fixture"),
        "call" => {
            let function = inner.child_by_field_name("function").map_or("", |function| syntax.text(function));
            ["unittest.main", "pytest.main", "doctest.testmod", "doctest.testfile"].contains(&function)
        }
        "if_statement" => {
            let condition =
                inner.child_by_field_name("condition").map_or("", |condition| syntax.text(condition));
            condition.contains("__main__") && asserts(inner)
        }
        _ => false,
    };
    let is_value = |inner: Node<'_>| {
        let right = inner.child_by_field_name("right").filter(|_| inner.kind() == "assignment");
        right.is_some_and(|right| right.kind() != "lambda")
    };
    if holds(node, is_test) {
        Role::Test
    } else if asserts(node) || node.kind() == "expression_statement" && holds(node, is_value) {
        Role::Aid
    } else {
        Role::Code
    }
}

/// `assert`, and calls of what is named like it.
fn is_assertion(syntax: &Syntax<'_>, node: Node<'_>) -> bool {
    let called = || {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
        syntax.text(function).rsplit('.').next()
    };
    node.kind() == "assert_statement"
        || called().is_some_and(|name| ["assert", "fail", "raises"].iter().any(|word| name.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::changed;

    const SHOP: &str = "import os\nimport unittest\nfrom decimal import Decimal\n\nRATE = Decimal('0.2')\nCASES = [\n    (4, 2),\n]\n\n\n\
        def half(n):\n    return n / 2\n\n\ndef same(got, wanted):\n    assert got == wanted\n\n\n\
        class Prices:\n    def total(self):\n        self.sum = RATE\n\n\n\
        class Base:\n    def setUp(self):\n        self.prices = Prices()\n\n\n\
        class HalfTest(Base, unittest.TestCase):\n    def test_half(self):\n        for n, wanted in CASES:\n            \
        self.assertEqual(half(n), wanted)\n            same(half(int(n)), wanted)\n            Decimal(n)\n\n\n\
        if __name__ == '__main__':\n    unittest.main()\n";

    fn is_weaker(from: &str, to: &str) -> bool {
        assert!(SHOP.contains(from), "{from}");
        changed(SHOP, &SHOP.replacen(from, to, 1)).is_some()
    }

    #[test]
    fn the_code_may_change_and_tests_may_come() {
        for (from, to) in [
            ("return n / 2", "return n // 2 if n else 0"),
            ("def half(n):", "@cache\ndef half(n, by=2):"),
            ("import os", "import os\nimport math"),
            ("import Decimal", "import Decimal, ROUND_UP"),
            ("RATE = Decimal('0.2')", "RATE = Decimal('0.25')  # more"),
            ("self.sum = RATE", "self.sum = self.assertions = RATE * sum(n for n in [1])"),
            ("class Prices", "def double(n):\n    number = n\n    return number * 2\n\n\nclass Prices"),
            (
                "class Base",
                "class DoubleTest(unittest.TestCase):\n    def test_it(self):\n        self.fail()\n\n\nclass Base",
            ),
            ("    return n / 2\n", "    if True:\n        import math\n    return math.floor(n)\n"),
            ("import os", "# Prices.\nimport os"),
        ] {
            assert!(!is_weaker(from, to), "{to}");
        }
        let plain = "def half(n):\n    assert n\n    return n\n\n\nclass TestBench:\n    def run(self):\n        pass\n";
        assert_eq!(changed(plain, "exec(1)\n"), None);
    }

    #[test]
    fn tests_and_what_they_mean_stay_as_they_were() {
        for (from, to) in [
            ("self.assertEqual(half(n), wanted)", "half(n)"),
            ("wanted)\n            same", "wanted)\n            return\n            same"),
            ("    (4, 2),\n", ""),
            ("assert got == wanted", "pass"),
            ("self.prices = Prices()", "self.assertEqual = print"),
            ("def setUp(self):", "def assertEqual(self, a, b):\n        pass\n\n    def setUp(self):"),
            ("class HalfTest", "@skipped\nclass HalfTest"),
            ("class HalfTest(Base, unittest.TestCase)", "class HalfTest(Base)"),
            ("class HalfTest", "if 0:\n  class HalfTest"),
            ("if __name__", "HalfTest = Base\n\n\nif __name__"),
            ("if __name__", "class HalfTest:\n    pass\n\n\nif __name__"),
            ("if __name__", "for HalfTest in []:\n    pass\n\n\nif __name__"),
            ("if __name__", "del HalfTest\n\n\nif __name__"),
            ("if __name__", "def load_tests(loader, tests, pattern):\n    return tests\n\n\nif __name__"),
            ("unittest.main()", "print('OK')"),
            ("import os", "import os\nunittest.TestCase.assertEqual = print"),
            ("import os", "import os\nT = unittest.TestCase\nT.assertEqual = print"),
            ("self.sum = RATE", "unittest.TestCase.assertEqual = print"),
            ("self.sum = RATE", "setattr(T, 'assertEqual', print)"),
            ("self.sum = RATE", "globals()['same'] = print"),
            ("self.sum = RATE", "global same\n        same = print"),
            ("self.sum = RATE", "CASES.clear()"),
            ("import os", "import os\nfrom prices import *"),
            ("import os", "import os\nfrom fakes import same"),
            ("import os", "import os\n\n\ndef int(n):\n    return 4\n"),
            ("import os", "import os\nif (int := print):\n    pass"),
            ("import os", "import os\nwith open(os) as int:\n    pass"),
            ("import unittest", "import fakes as unittest"),
            ("import os", "import os\n\u{ff49}nt = print"),
            ("import os", "# coding: utf-7\nimport os"),
            ("import os", "import os  # \rHalfTest = 1"),
            ("def half(n):", "def half(n:"),
        ] {
            assert!(is_weaker(from, to), "{to}");
        }
        assert!(changed(SHOP, "").is_some());
        let pytest = "import pytest\n\n\n@pytest.fixture\ndef four():\n    return 4\n\n\ndef test_four(four):\n    check(four)\n";
        assert!(changed(pytest, &pytest.replace("return 4", "return 5")).is_some());
        assert!(changed(pytest, &pytest.replace("check(four)", "pass")).is_some());
        let program = "def half(n):\n    return n\n\n\nif __name__ == '__main__':\n    assert half(4) == 2\n";
        assert!(changed(program, &program.replace("half(4) == 2", "half(4)")).is_some());
        assert!(changed(program, &program.replace("return n", "return n / 2")).is_none());
    }
}
