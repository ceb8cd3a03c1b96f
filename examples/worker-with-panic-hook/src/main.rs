//! A program without async code: threads that process jobs. One job fails, one panics, and both are reported.
//!
//! cargo run --bin worker-with-panic-hook
//!
//! Then look at Log Center (LOG_CENTER_URL, default http://localhost:8002).

use logcenter_client::{Level, capture};
use std::thread;

fn main() {
    // Reports are sent until this guard is dropped at the end of main, which waits two seconds at most.
    let _guard =
        logcenter_client::init(logcenter_client::Config::from_env().app(logcenter_client::app_info!()));
    logcenter_panic::install();

    let jobs = [1, 0, 5].map(|size| {
        thread::Builder::new().name(format!("job of {size}")).spawn(move || work(size)).expect("a thread")
    });
    for job in jobs {
        match job.join() {
            Ok(Ok(done)) => println!("done: {done}"),
            Ok(Err(error)) => println!("failed: {error}"),
            Err(_) => println!("panicked, which was reported"),
        }
    }
}

fn work(size: usize) -> Result<usize, std::num::TryFromIntError> {
    let parts = [10, 20, 30];
    if size == 0 {
        let size = u8::try_from(-1);
        if let Err(error) = &size {
            capture(error).level(Level::Warning).context("job", "resize").send(); // reported: error
        }
        return size.map(usize::from);
    }
    Ok(parts[size]) // reported: panic
}
