//! Bar charts over time, rendered as SVG on the server: no script, printable, each bar with its numbers on hover.

use crate::dashboard::ui::excerpt::without_middle;
use crate::dashboard::ui::page_context::Ui;
use crate::domain::{KeptDeployment, PeriodCount, SourceHour};
use askama::Template;
use askama::filters::Safe;
use logcenter_core::{Source, Timestamp};

pub(crate) const HOUR_MILLIS: i64 = 60 * 60 * 1000;
pub(crate) const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// One segment of a bar, in units of the drawing.
struct Rect {
    class: &'static str,
    x: usize,
    y: i64,
    height: i64,
}

/// The bar of one period.
struct Bar {
    x: usize,
    title: String,
    rects: Vec<Rect>,
}

/// Where something was deployed, in units of the drawing.
pub(crate) struct Mark {
    x: i64,
    title: String,
}

/// A chart with one stacked bar per period.
#[derive(Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    class: &'static str,
    label: String,
    width: usize,
    height: i64,
    bars: Vec<Bar>,
    pub(crate) marks: Vec<Mark>,
    /// Sum of all bars.
    total: i64,
    /// The highest bar's count.
    pub(crate) highest: i64,
    /// Start of the first period.
    pub(crate) from: Timestamp,
    /// Length of a period in milliseconds.
    millis: i64,
    /// The same, if the page's script may show its start in the reader's time zone. Days are
    /// UTC days.
    step: Option<i64>,
}

/// Height of a chart, in units of the drawing.
const HEIGHT: i64 = 100;

/// Width of a bar including the gap after it.
const STEP: usize = 4;

/// Counts of one period, by class.
type Counts = Vec<(&'static str, i64)>;

impl Chart {
    /// Adds a description in words for screen readers.
    pub(crate) fn with_description(mut self, ui: &Ui) -> Self {
        let total = ui.with("chart.total", ui.number(self.total));
        self.label =
            format!("{}: {total}; {}", self.label, ui.with("chart.highest", ui.number(self.highest)));
        if !self.marks.is_empty() {
            self.label += &format!("; {}: {}", ui.t("deployments.title"), self.marks.len());
        }
        self
    }

    /// Marks the deployments that fall into its time.
    pub(crate) fn with_deployments(mut self, ui: &Ui, deployments: &[KeptDeployment]) -> Self {
        let step = i64::try_from(STEP).unwrap_or_default();
        let end = i64::try_from(self.width).unwrap_or_default();
        for deployment in deployments.iter().rev() {
            let x = ((deployment.at.millis() - self.from.millis()) * step).div_euclid(self.millis);
            if !(0..end).contains(&x) {
                continue;
            }
            let (release, time) = (release(deployment), spelled(deployment.at, HOUR_MILLIS));
            let title = format!("{} {release} → {}: {time}", ui.t("deployments.one"), deployment.environment);
            match self.marks.last_mut().filter(|mark| mark.x == x) {
                Some(mark) => mark.title += &format!("\n{title}"),
                None => self.marks.push(Mark { x, title }),
            }
        }
        self
    }

    /// The chart as HTML.
    pub(crate) const fn drawn(&self) -> Safe<&Self> {
        Safe(self)
    }

    fn draw(class: &'static str, label: String, from: Timestamp, millis: i64, periods: &[Counts]) -> Self {
        let sum = |counts: &Counts| counts.iter().map(|(_, count)| count).sum::<i64>();
        let highest = periods.iter().map(sum).max().unwrap_or_default();
        let begins = |at: usize| from.minus_millis(-millis * i64::try_from(at).unwrap_or_default());
        let bars = periods.iter().enumerate().filter(|(_, counts)| sum(counts) > 0).map(|(at, counts)| {
            let (mut rects, mut base) = (Vec::new(), HEIGHT);
            for &(class, count) in counts.iter().filter(|(_, count)| *count > 0) {
                // Any count is visible, however small it is beside the others.
                let height = (i128::from(count) * i128::from(HEIGHT) / i128::from(highest)).max(3);
                let height = i64::try_from(height).unwrap_or(HEIGHT).min(base);
                base -= height;
                rects.push(Rect { class, x: at * STEP, y: base, height });
            }
            let named = counts.iter().filter(|(class, count)| !class.is_empty() && *count > 0);
            let parts: Vec<String> = named.map(|(class, count)| format!("{class} {count}")).collect();
            let parts = if parts.is_empty() { sum(counts).to_string() } else { parts.join(", ") };
            let title = format!("{}: {parts}", spelled(begins(at), millis));
            Bar { x: at * STEP, title, rects }
        });
        Self {
            class,
            label,
            width: periods.len() * STEP,
            height: HEIGHT,
            total: periods.iter().map(sum).sum(),
            highest,
            bars: bars.collect(),
            marks: Vec::new(),
            from,
            millis,
            step: (millis < DAY_MILLIS).then_some(millis),
        }
    }

    /// Events of one kind in the last `number` periods of `millis` milliseconds before `now`.
    pub(crate) fn of(
        class: &'static str,
        label: String,
        counts: &[PeriodCount],
        millis: i64,
        number: usize,
        now: Timestamp,
    ) -> Self {
        let from = first(now, millis, number);
        let mut periods = vec![vec![("", 0)]; number];
        for count in counts {
            if let Some(period) = place(count.at, from, millis).and_then(|at| periods.get_mut(at)) {
                period[0].1 += count.count;
            }
        }
        Self::draw(class, label, from, millis, &periods)
    }

    /// Events by source in the last `number` periods of `step` hours before `now`.
    pub(crate) fn by_source(
        label: String,
        hours: &[SourceHour],
        step: i64,
        number: usize,
        now: Timestamp,
    ) -> Self {
        let millis = step * HOUR_MILLIS;
        let from = first(now, millis, number);
        let none: Counts = Source::ALL.iter().map(|source| (source.as_str(), 0)).collect();
        let mut periods = vec![none; number];
        for hour in hours {
            let Some(period) = place(hour.at, from, millis).and_then(|at| periods.get_mut(at)) else {
                continue;
            };
            let count = period.iter_mut().find(|(class, _)| *class == hour.source.as_str());
            if let Some((_, count)) = count {
                *count += hour.count;
            }
        }
        Self::draw("chart", label, from, millis, &periods)
    }
}

/// What was deployed: the version, or else the commit.
pub(crate) fn release(deployment: &KeptDeployment) -> String {
    /// Longest version, in characters.
    const LONGEST: usize = 60;
    let commit = deployment.commits.first().map(|commit| commit.get(..12).unwrap_or(commit));
    without_middle(deployment.version.as_deref().or(commit).unwrap_or("–"), LONGEST)
}

/// Start of the first of the last `number` periods.
fn first(now: Timestamp, millis: i64, number: usize) -> Timestamp {
    let current = now.millis() - now.millis().rem_euclid(millis);
    Timestamp::from_millis(current - millis * (i64::try_from(number).unwrap_or_default() - 1))
}

fn place(at: Timestamp, from: Timestamp, millis: i64) -> Option<usize> {
    usize::try_from((at.millis() - from.millis()).div_euclid(millis)).ok()
}

fn spelled(at: Timestamp, millis: i64) -> String {
    let text = at.to_string();
    let length = if millis >= DAY_MILLIS { 10 } else { 16 };
    format!("{} UTC", text.get(..length).unwrap_or(&text).replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_stands_in_its_period() {
        let now = Timestamp::from_millis(100 * HOUR_MILLIS + 1);
        let at = |hour: i64, count| PeriodCount { at: Timestamp::from_millis(hour * HOUR_MILLIS), count };
        let counts = [at(76, 9), at(77, 5), at(100, 10), at(101, 7)];
        let chart = Chart::of("spark", "label".into(), &counts, HOUR_MILLIS, 24, now);
        let drawn: Vec<_> =
            chart.bars.iter().map(|bar| (bar.x, bar.rects[0].y, bar.rects[0].height)).collect();
        assert_eq!(drawn, [(0, 50, 50), (23 * STEP, 0, 100)]);
        assert_eq!(chart.highest, 10);
    }
}
