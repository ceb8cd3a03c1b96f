//! A project whose bug a script mends in no time.

use super::Workshop;
use serde_json::Value;
use std::path::PathBuf;

pub(super) const FIXER: &str =
    "#!/bin/bash\nsed -i 's/^    return/    if not prices:\\n        return 0\\n    return/' shop.py\n";

/// A workshop with one project, whose bug the fixer mends.
pub(super) async fn shop() -> Workshop {
    let workshop = Workshop::open().await;
    let source = workshop.path("source");
    std::fs::create_dir_all(source.join("tests")).unwrap();
    for (name, text) in [
        ("shop.py", "def average(prices):\n    return sum(prices) / len(prices)\n"),
        ("tests/__init__.py", ""),
        (
            "tests/test_shop.py",
            "import unittest\nfrom shop import average\n\n\nclass ShopTest(unittest.TestCase):\n    def test_average(self):\n        \
             self.assertEqual(average([2, 4]), 3)\n",
        ),
    ] {
        std::fs::write(source.join(name), text).unwrap();
    }
    workshop.forge.create("shop", &source);
    workshop.program("fixer", FIXER);
    workshop.program(
        "reproduce.py",
        "import sys\nsys.path.insert(0, '.')\nfrom shop import average\naverage([])\n",
    );
    workshop
}

impl Workshop {
    pub(super) fn agent(&self, name: &str) -> PathBuf {
        let reproduce = self.path("reproduce.py");
        let table = format!(
            "[[project]]\nid = \"shop\"\nrepo = {:?}\nfixer = [{:?}]\nreadable = [{reproduce:?}]\n\
             test = [\"/usr/bin/python3\", \"-m\", \"unittest\", \"discover\", \"-v\"]\n\
             reproduce = [\"/usr/bin/python3\", {reproduce:?}]\nuntrusted_stage = \"pull-request\"\n\
             limits = {{ attempts_per_day = 1000 }}\n",
            self.forge.address("shop"),
            self.path("fixer"),
        );
        self.config(name, &table)
    }

    pub(super) async fn broken(&self) -> i64 {
        self.report("shop", "ZeroDivisionError", "shop.py", "division by zero").await;
        self.admin.issues("project_id=shop&status=NEW").await[0]["id"].as_i64().unwrap()
    }

    pub(super) async fn attempts(&self, id: i64) -> Vec<Value> {
        let attempts = self.admin.get(&format!("/api/v1/issues/{id}/attempts")).await.ok();
        attempts["attempts"].as_array().unwrap().clone()
    }
}
