//! Tests that live beside the code: a fix may not weaken them, and new ones are welcome.

use super::Workshop;

const AVERAGE: &str = "fn average(prices: &[u32]) -> u32 {
    prices.iter().sum::<u32>() / prices.len() as u32
}

fn main() {
    println!(\"{}\", average(&[]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages() {
        checks::same(average(&[2, 4]), 3);
    }
}

#[cfg(test)]
mod checks;
";

const CHECKS: &str = "pub(crate) fn same(left: u32, right: u32) {
    assert_eq!(left, right);
}
";

const MENDS: &str = "#!/bin/bash\nset -e\nsed -i '0,/^    prices/s//    if prices.is_empty() { return 0; }\\n    prices/' src/main.rs\n";

/// A project of these files, and a fixer: how it ends.
async fn judge(files: &[(&str, &str)], commands: &str, error: [&str; 3], fixer: &str) -> (String, String) {
    let workshop = Workshop::open().await;
    let source = workshop.path("source");
    for (name, text) in files {
        let path = source.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    workshop.forge.create("shop", &source);
    let fixer = workshop.program("fixer", fixer);
    let config = workshop.config(
        "repair-1",
        &format!(
            "[[project]]\nid = \"shop\"\nrepo = {:?}\nfixer = [{fixer:?}]\n{commands}",
            workshop.forge.address("shop"),
        ),
    );
    let [kind, file, message] = error;
    workshop.report("shop", kind, file, message).await;
    let ran = workshop.run(&config, &["once"]).await;
    let attempt = workshop.attempt(&ran.attempt()["attempt"]).await;
    ["verdict", "reason"].map(|field| attempt[field].as_str().unwrap().to_owned()).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tests_in_rust_s_source_files_stay_as_they_are() {
    let package = "name = \"shop\"\nversion = \"0.1.0\"\n";
    let manifest = format!("[package]\n{package}edition = \"2024\"\n");
    let lock = format!("version = 4\n\n[[package]]\n{package}");
    let files = [
        ("src/main.rs", AVERAGE),
        ("src/checks.rs", CHECKS),
        ("Cargo.toml", &manifest),
        ("Cargo.lock", &lock),
    ];
    let commands =
        "test = [\"cargo\", \"test\", \"--offline\"]\nreproduce = [\"cargo\", \"run\", \"--offline\"]\n";
    let error = ["panic", "src/main.rs", "attempt to divide by zero"];
    for (change, verdict, why) in [
        ("s/^        checks/        return;\\n        checks/", "guard_rejected", "changes or removes tests"),
        ("1i macro_rules! assert_eq { ($($all:tt)*) => {}; }", "guard_rejected", "changes what they check"),
        ("s/^fn main/#[cfg(not(test))]\\nfn main/", "guard_rejected", "behaves differently in tests"),
        (
            "s/^    use super.*/&\\n    #[test] fn empty() { assert_eq!(average(\\&[]), 0); }/",
            "fixed",
            "with the change 2 tests pass",
        ),
        // Nothing is wrong with the fix, but the file that checks is as it was again.
        (
            "$!d' src/checks.rs; sed -i 's/ as u32/\\n        as u32/",
            "fixed",
            "with the change 1 test passes",
        ),
        (
            "0,/return 0;/s/return 0; }/&\\n    let _ = std::io::Write::write_all(\\&mut std::io::stdout(), b\"\\\\ntest tests::more ... ok\\\\n\");/",
            "tests_failed",
            "something else than their runner wrote results",
        ),
        (
            "s/ prices.is_empty() { return 0; }/ prices.is_empty() { return 0; } return 9;/' src/main.rs; sed -i 's/^    assert.*//' src/checks.rs; sed -i '",
            "tests_failed",
            "averages",
        ),
    ] {
        let fixer = format!("{MENDS}sed -i '{change}' src/main.rs\n");
        let ended = judge(&files, commands, error, &fixer).await;
        assert_eq!(ended.0, verdict, "{change}: {}", ended.1);
        assert!(ended.1.contains(why), "{change}: {}", ended.1);
    }
}

const PYTHON: &str = "import unittest


def average(prices):
    return sum(prices) / len(prices)


class AverageTest(unittest.TestCase):
    def test_average(self):
        self.assertEqual(average([2, 4]), 3)


if __name__ == '__main__':
    average([])
";

const NODE: &str = "const test = require('node:test');
const assert = require('node:assert');

function average(prices) {
  return prices.reduce((sum, price) => sum + price).toFixed(1);
}

test('averages', () => assert.equal(average([2, 4]), '6.0'));

if (process.argv[2] === 'run') average([]);
";

const CHECK: &str = "require('./shop');\n";

/// In these languages, code reaches and changes whatever it likes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_other_languages_that_hold_tests_are_left_to_people() {
    let python = "test = [\"/usr/bin/python3\", \"-m\", \"unittest\", \"-v\", \"shop\"]\n\
        reproduce = [\"/usr/bin/python3\", \"-m\", \"shop\"]\n";
    let node = "test = [\"node\", \"check.js\"]\nreproduce = [\"node\", \"check.js\", \"run\"]\n";
    let divided = ["ZeroDivisionError", "shop.py", "division by zero"];
    let reduced = ["TypeError", "shop.js", "Reduce of empty array with no initial value"];
    let (python_files, node_files) = ([("shop.py", PYTHON)], [("shop.js", NODE), ("check.js", CHECK)]);
    for (files, commands, error, change) in [
        (&python_files[..], python, divided, "s/self.assertEqual(.*/average([2, 4])/' shop.py"),
        (&python_files, python, divided, "s/^    return/    if not prices: return 0\\n    return/' shop.py"),
        (&node_files, node, reduced, "s/assert.equal(.*/1);/' shop.js"),
        (&node_files, node, reduced, "s/sum + price)/sum + price, 0)/' shop.js"),
    ] {
        let ended = judge(files, commands, error, &format!("#!/bin/bash\nsed -i '{change}\n")).await;
        assert_eq!(ended.0, "guard_rejected", "{change}: {}", ended.1);
        assert!(ended.1.contains("holds tests beside its code"), "{change}: {}", ended.1);
    }
}
