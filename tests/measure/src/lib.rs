//! Measures time and allocations of several variants. The variants take turns: machines drift, so only what ran side by
//! side is comparable.
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
// SAFETY: the system allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|number| number.set(number.get() + 1));
        // SAFETY: the caller upholds the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|number| number.set(number.get() + 1));
        // SAFETY: the caller upholds the contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// One of the variants to compare.
#[expect(missing_debug_implementations, reason = "it holds a closure")]
pub struct Variant<'a> {
    name: &'a str,
    once: Box<dyn FnMut() + 'a>,
    rest: Box<dyn FnMut() + 'a>,
}

impl<'a> Variant<'a> {
    /// A variant that measures `once`.
    pub fn new(name: &'a str, once: impl FnMut() + 'a) -> Self {
        Self { name, once: Box::new(once), rest: Box::new(|| ()) }
    }

    /// Runs `rest` between measurements, so that another thread's pending work is done by then.
    #[must_use]
    pub fn resting(mut self, rest: impl FnMut() + 'a) -> Self {
        self.rest = Box::new(rest);
        self
    }
}

/// The cost of one run of a variant.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Nanoseconds: the median over the rounds.
    pub nanos: f64,
    /// Allocations on its own thread.
    pub allocations: f64,
}

/// Measures the variants in turns: `rounds` times, with `runs` runs each.
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

/// Measures and prints the variants, and what each adds to the first.
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

/// Prints whether a figure is within its limit.
pub fn limit(what: &str, figure: f64, limit: f64) {
    let word = if figure <= limit { "within" } else { "OVER" };
    println!("  {what}: {figure:.3}, {word} the limit of {limit:.3}");
}
