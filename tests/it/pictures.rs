//! Pictures of every page of `logcenter demo`, light and dark, wide and narrow: `scripts/pictures` makes them.

use crate::harness::Process;
use crate::harness::browser::Browser;
use crate::harness::demo::Demo;
use std::path::Path;

/// Pages that are pictured: a name, and the path.
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
    let (demo, browser) = (Demo::start(), Browser::start().await);
    let database = tempfile::tempdir().unwrap();
    let guarded = Process::start_with(database.path(), &["--admin-token", "picture"]);
    let pages: Vec<(&str, String)> = PAGES
        .iter()
        .map(|(name, path)| (*name, format!("{}{path}", demo.dashboard)))
        .chain([("login", format!("{}/login", guarded.dashboard.base))])
        .collect();
    let shapes = [
        ("light", 1280, 900, "wide"),
        ("dark", 1280, 900, "wide"),
        ("light", 360, 780, "narrow"),
        ("dark", 360, 780, "narrow"),
    ];
    for (language, suffix, shapes) in [("en", "", &shapes[..]), ("zh-CN", "-zh", &shapes[..1])] {
        browser.language(language).await;
        for &(theme, width, height, shape) in shapes {
            browser.theme(theme).await;
            browser.resize(width, height).await;
            for (name, address) in &pages {
                browser.goto(address).await;
                browser.find("main").await;
                let file = format!("{name}-{theme}-{shape}{suffix}.{kind}");
                browser.picture(&Path::new(&folder).join(file)).await;
            }
        }
    }
    browser.quit().await;
}
