//! Ingest throughput compared with its ceiling: a bare axum server that parses the same JSON and responds.
//!
//! ```sh
//! cargo bench -p logcenter-server --bench ingest                                  # everything, about ten minutes
//! cargo bench -p logcenter-server --bench ingest -- --connections 64 --repeats 3  # one row of each load
//! cargo bench -p logcenter-server --bench ingest --features postgres -- --connections 64 --postgres postgres://…
//! ```
//!
//! Each server runs in its own process, one after the other, on one core; the load generator runs on another. Only the
//! ratios are meaningful: machines drift.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it measures time and prints what it measured"
)]

#[path = "ingest/bare.rs"]
mod bare;
#[path = "ingest/center.rs"]
mod center;
#[path = "ingest/load.rs"]
mod load;
#[path = "ingest/measure.rs"]
mod measure;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize| args.get(at).map(String::as_str);
    match word(0) {
        Some("serve-bare") => bare::serve(),
        Some("serve-center") => center::serve(word(1).expect("a database")),
        Some("load") => load::run(&args[1..]),
        _ => measure::all(&args),
    }
}
