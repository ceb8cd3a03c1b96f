//! The projects that a repair agent mends in its tests, as they run in production: they fail, and report it.

#[path = "../../repaired/rust-average/before/src/lib.rs"]
mod average;
#[path = "../../repaired/rust-excerpt/before/src/lib.rs"]
mod excerpt;
#[path = "../../repaired/rust-invoice/before/src/lib.rs"]
mod invoice;
#[path = "../../repaired/rust-pages/before/src/lib.rs"]
mod pages;
#[path = "../../repaired/rust-query/before/src/lib.rs"]
mod query;

use logcenter_client::{Config, app_info, capture, init};

pub(crate) fn fail(project: &str) {
    let config = Config::from_env().app(app_info!()).project(project);
    let _guard = init(config);
    logcenter_panic::install();
    let failed = std::panic::catch_unwind(|| match project {
        "rust-average" => drop(average::average(&[])),
        "rust-excerpt" => drop(excerpt::excerpt("caf\u{e9} au lait", 4)),
        "rust-invoice" => drop(invoice::total_cents(1000, 50_000)),
        "rust-pages" => drop(pages::page(&[1, 2, 3, 4], 1, 3)),
        "rust-query" => {
            if let Err(error) = query::page_number(" 12") {
                capture(&error).send();
            }
        }
        other => println!("there is no project {other:?}"),
    });
    assert_eq!(failed.is_err(), project != "rust-query");
}
