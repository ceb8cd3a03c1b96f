//! Nanoseconds and allocations of several variants, which take turns: the machine drifts, and so only what ran side by side is
//! compared.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark reads the time and prints")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Counts the allocations of each thread. Set as `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

#[expect(unsafe_code, reason = "an allocator is")]
// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|number| number.set(number.get() + 1));
        // SAFETY: as the caller says.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller says.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|number| number.set(number.get() + 1));
        // SAFETY: as the caller says.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// One of the things that are compared.
#[expect(missing_debug_implementations, reason = "it holds a closure")]
pub struct Variant<'a> {
    name: &'a str,
    once: Box<dyn FnMut() + 'a>,
    rest: Box<dyn FnMut() + 'a>,
}

impl<'a> Variant<'a> {
    /// `once` is measured.
    pub fn new(name: &'a str, once: impl FnMut() + 'a) -> Self {
        Self { name, once: Box::new(once), rest: Box::new(|| ()) }
    }

    /// `rest` is run between measurements: what another thread has to do meanwhile is then done.
    #[must_use]
    pub fn resting(mut self, rest: impl FnMut() + 'a) -> Self {
        self.rest = Box::new(rest);
        self
    }
}

/// What one run of a variant takes.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Nanoseconds, the median over the rounds.
    pub nanos: f64,
    /// Allocations of its thread.
    pub allocations: f64,
}

/// Lets the variants take turns, so often, and so many runs each time.
#[must_use]
pub fn take_turns(rounds: usize, runs: u32, variants: &mut [Variant<'_>]) -> Vec<Cost> {
    let mut times = vec![Vec::new(); variants.len()];
    let mut allocations = vec![0; variants.len()];
    for round in 0..=rounds {
        for (at, variant) in variants.iter_mut().enumerate() {
            let (before, begin) = (ALLOCATIONS.get(), Instant::now());
            for _ in 0..runs {
                (variant.once)();
            }
            let (taken, made) = (begin.elapsed(), ALLOCATIONS.get() - before);
            (variant.rest)();
            // The first round warms up.
            if round > 0 {
                times[at].push(taken);
                allocations[at] = made;
            }
        }
    }
    let cost = |(mut times, allocations): (Vec<Duration>, u64)| {
        times.sort();
        let median = times[times.len() / 2].as_nanos() as f64;
        Cost { nanos: median / f64::from(runs), allocations: allocations as f64 / f64::from(runs) }
    };
    times.into_iter().zip(allocations).map(cost).collect()
}

/// Measures and prints; what each adds to the first of them.
pub fn compare(title: &str, rounds: usize, runs: u32, variants: &mut [Variant<'_>]) -> Vec<Cost> {
    println!("\n{title}\n  {:<52} {:>10} {:>10} {:>8} {:>8}", "", "ns", "adds ns", "allocs", "adds");
    let costs = take_turns(rounds, runs, variants);
    let bare = costs[0];
    for (variant, cost) in variants.iter().zip(&costs) {
        println!(
            "  {:<52} {:>10.1} {:>10.1} {:>8.1} {:>8.1}",
            variant.name,
            cost.nanos,
            cost.nanos - bare.nanos,
            cost.allocations,
            cost.allocations - bare.allocations
        );
    }
    costs
        .iter()
        .map(|cost| Cost { nanos: cost.nanos - bare.nanos, allocations: cost.allocations - bare.allocations })
        .collect()
}

/// Prints whether a figure keeps to its limit.
pub fn limit(what: &str, figure: f64, limit: f64) {
    let word = if figure <= limit { "within" } else { "OVER" };
    println!("  {what}: {figure:.3}, {word} the limit of {limit:.3}");
}
