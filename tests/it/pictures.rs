//! Pictures of every page of `logcenter demo`, light and dark, wide and narrow: `scripts/pictures` makes them.

use crate::harness::browser::Browser;
use crate::harness::demo;
use std::path::Path;
use thirtyfour::prelude::*;

/// Pages that are pictured: a name, and the path. `{crash}` stands for an issue with a stack worth a look.
const PAGES: [(&str, &str); 6] = [
    ("overview", "/"),
    ("issues", "/issues"),
    ("issue", "/issues/8"),
    ("projects", "/projects"),
    ("project", "/projects/shop_api"),
    ("connect", "/connect?project=shop_api"),
];

#[tokio::test]
#[ignore = "makes pictures; run scripts/pictures"]
async fn pictures() {
    let folder = std::env::var("LOGCENTER_PICTURES").unwrap();
    let kind = std::env::var("LOGCENTER_PICTURES_KIND").unwrap_or_else(|_| "webp".into());
    let (demo, browser) = (demo::Demo::start(), Browser::start().await);
    for (language, suffix) in [("en", ""), ("zh-CN", "-zh")] {
        browser.language(language).await;
        for theme in ["light", "dark"] {
            browser.theme(theme).await;
            for (width, height, shape) in [(1280, 900, "wide"), (360, 780, "narrow")] {
                browser.resize(width, height).await;
                for (name, path) in PAGES {
                    browser.driver.goto(format!("{}{path}", demo.dashboard)).await.unwrap();
                    browser.driver.query(By::Css("main")).first().await.unwrap();
                    let file = format!("{name}-{theme}-{shape}{suffix}.{kind}");
                    browser.picture(&Path::new(&folder).join(file)).await;
                }
            }
        }
    }
    browser.quit().await;
}
