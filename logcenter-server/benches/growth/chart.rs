//! Figures, and the picture of them.

use std::fmt::Write as _;

/// What an operation takes, in milliseconds.
pub(crate) struct Figure {
    operation: &'static str,
    store: &'static str,
    issues: u64,
    median: f64,
    p99: f64,
    bytes: usize,
}

impl Figure {
    pub(crate) fn of(
        operation: &'static str,
        store: &'static str,
        issues: u64,
        mut times: Vec<f64>,
        bytes: usize,
    ) -> Self {
        times.sort_by(f64::total_cmp);
        let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        Self { operation, store, issues, median, p99, bytes }
    }

    /// What grows faster than the logarithm of the number of issues: a tenfold adds more than the tenfold before, by more
    /// than the noise of a median (a half, and half a millisecond).
    pub(crate) fn grows_too_fast(&self, all: &[Self]) -> Option<String> {
        let median = |issues: u64| {
            let is_same = |other: &&Self| (other.operation, other.store) == (self.operation, self.store);
            all.iter().filter(is_same).find(|other| other.issues == issues).map(|other| other.median)
        };
        let (before, first) = (median(self.issues / 10)?, median(self.issues / 100)?);
        let step = (before - first).max(0.0);
        (self.median > before + step + before / 2.0 + 0.5).then(|| {
            format!("{} on {}: {first:.2}, {before:.2}, {:.2} ms", self.operation, self.store, self.median)
        })
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { operation, store, issues, median, p99, bytes } = self;
        write!(f, "{store:<10} {issues:>9} issues  {operation:<13} {median:>7.2} ms (p99 {p99:>7.2})")?;
        if *bytes > 0 {
            write!(f, "  {:>5.1} KB", *bytes as f64 / 1024.0)?;
        }
        Ok(())
    }
}

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 130.0;

/// One small diagram per operation: issues to the right and milliseconds upwards, both in powers of ten.
pub(crate) fn draw(figures: &[Figure]) -> String {
    let mut operations: Vec<&str> = Vec::new();
    for figure in figures {
        if !operations.contains(&figure.operation) {
            operations.push(figure.operation);
        }
    }
    let width = operations.len() as f64 * (WIDTH + 40.0) + 10.0;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" font-family=\"sans-serif\" font-size=\"10\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        HEIGHT + 70.0
    );
    for (at, operation) in operations.iter().enumerate() {
        let left = at as f64 * (WIDTH + 40.0) + 40.0;
        let x = |issues: f64| left + (issues.log10() - 4.0) / 2.0 * (WIDTH - 20.0);
        let y = |time: f64| 30.0 + HEIGHT - (time.max(0.1).log10() + 1.0) / 3.0 * HEIGHT;
        let _ = writeln!(picture, "<text x=\"{left}\" y=\"18\" font-weight=\"bold\">{operation}</text>");
        for time in [0.1, 1.0, 10.0, 100.0] {
            let (y, right) = (y(time), left + WIDTH - 20.0);
            let _ = writeln!(
                picture,
                "<path d=\"M{left} {y}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{time} ms</text>",
                left - 3.0,
                y + 3.0
            );
        }
        for (issues, name) in [(1e4, "10⁴"), (1e5, "10⁵"), (1e6, "10⁶")] {
            let _ = writeln!(
                picture,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text>",
                x(issues),
                HEIGHT + 44.0
            );
        }
        for (store, colour) in [("SQLite", "#1d6fb8"), ("PostgreSQL", "#b8541d")] {
            let of_store =
                figures.iter().filter(|figure| figure.operation == *operation && figure.store == store);
            for (dashes, time) in
                [("", (|figure| figure.median) as fn(&Figure) -> f64), ("3", |figure| figure.p99)]
            {
                let points: Vec<String> = of_store
                    .clone()
                    .map(|figure| format!("{:.1},{:.1}", x(figure.issues as f64), y(time(figure))))
                    .collect();
                let _ = writeln!(
                    picture,
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"{dashes}\"/>",
                    points.join(" ")
                );
            }
        }
    }
    let _ = writeln!(
        picture,
        "<text x=\"40\" y=\"{0}\" fill=\"#1d6fb8\">SQLite</text><text x=\"90\" y=\"{0}\" fill=\"#b8541d\">PostgreSQL</text>\
         <text x=\"160\" y=\"{0}\">median (line) and 99th percentile (dashes) by number of issues</text>\n</svg>",
        HEIGHT + 62.0
    );
    picture
}
