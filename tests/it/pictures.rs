//! Screenshots of every page of `logcenter demo`, light and dark, wide and narrow: those in `docs/images`, which
//! `scripts/pictures` makes with this test.

use crate::harness::Process;
use crate::harness::browser::Browser;
use crate::harness::demo::Demo;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The pages to capture: name and path.
const PAGES: [(&str, &str); 6] = [
    ("overview", "/"),
    ("issues", "/issues"),
    ("issue", "/issues/8"),
    ("projects", "/projects"),
    ("project", "/projects/shop_api"),
    ("connect", "/connect?project=shop_api"),
];

/// Size limits of a picture in bytes: it must show something, and be small enough for a document.
const BYTES: std::ops::Range<u64> = 5_000..150_000;

#[tokio::test]
async fn every_page_has_its_pictures_and_the_documents_show_them() {
    let temporary = tempfile::tempdir().unwrap();
    let made_for = std::env::var_os("LOGCENTER_PICTURES").map(PathBuf::from);
    let folder = made_for.as_deref().unwrap_or(temporary.path());
    let made = picture_all(folder).await;

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let kept = std::fs::read_dir(root.join("docs/images")).unwrap();
    let kept: BTreeSet<String> = kept.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(made, kept, "run scripts/pictures, and remove what is left over");
    for folder in [folder, &root.join("docs/images")] {
        for file in &made {
            let bytes = std::fs::read(folder.join(file)).unwrap();
            assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WEBP"[..]), "{file}");
            assert!(BYTES.contains(&(bytes.len() as u64)), "{file} has {} bytes", bytes.len());
        }
    }
    for document in ["README.md", "README.zh-CN.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let shown: Vec<&str> =
            text.split("docs/images/").skip(1).map(|rest| rest.split(['"', ')']).next().unwrap()).collect();
        assert!(shown.len() > 2, "{document} shows {shown:?}");
        assert!(shown.iter().all(|file| made.contains(*file)), "{document} shows {shown:?}");
    }
}

/// Makes the pictures and returns their file names.
async fn picture_all(folder: &Path) -> BTreeSet<String> {
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
    let mut made = BTreeSet::new();
    for (language, suffix, shapes) in [("en", "", &shapes[..]), ("zh-CN", "-zh", &shapes[..1])] {
        browser.language(language).await;
        for &(theme, width, height, shape) in shapes {
            browser.theme(theme).await;
            browser.resize(width, height).await;
            for (name, address) in &pages {
                browser.goto(address).await;
                browser.find("main").await;
                let file = format!("{name}-{theme}-{shape}{suffix}.webp");
                browser.picture(&folder.join(&file)).await;
                made.insert(file);
            }
        }
    }
    browser.quit().await;
    made
}
