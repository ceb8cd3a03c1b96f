//! When batches of several replicas take turns.
//!
//! A batch that waits for issues that another replica is recording was gathered too early: what arrives meanwhile is left for
//! the next one. So none waits: one that finds an issue taken lets go of all it holds, and is recorded in its turn, with what
//! has arrived until then. Where that keeps happening, as with one error that all replicas report, further batches wait for
//! their turn at once.

/// The most batches in a row that wait for their turn before one tries without.
const LONGEST: u32 = 63;

/// Which batches of a replica wait for their turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// How many of the next ones do.
    ahead: u32,
    /// How many did when one had to for the last time.
    streak: u32,
}

impl Turns {
    /// Whether the next batch waits for its turn.
    pub(super) const fn are_taken(&self) -> bool {
        self.ahead > 0
    }

    /// A batch was recorded in its turn.
    pub(super) const fn taken(&mut self) {
        self.ahead = self.ahead.saturating_sub(1);
    }

    /// A batch found an issue taken, and waits for its turn.
    pub(super) fn collided(&mut self) {
        self.streak = (self.streak * 2 + 1).min(LONGEST);
        self.ahead = self.streak;
    }

    /// A batch that did not wait for its turn found none taken.
    pub(super) const fn passed(&mut self) {
        self.streak /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of a hundred batches are recorded in their turn, and how many of those try without before, if every `nth` that
    /// tries finds an issue taken.
    fn hundred(nth: usize) -> (usize, usize) {
        let (mut turns, mut tried, mut collided, mut waited) = (Turns::default(), 0, 0, 0);
        for _ in 0..100 {
            if !turns.are_taken() {
                tried += 1;
                if tried % nth != 0 {
                    turns.passed();
                    continue;
                }
                turns.collided();
                collided += 1;
            }
            turns.taken();
            waited += 1;
        }
        (waited, collided)
    }

    #[test]
    fn batches_begin_by_waiting_for_their_turn_where_they_keep_colliding() {
        assert_eq!([1, 2, 10, 1000].map(hundred), [(100, 6), (50, 50), (10, 10), (0, 0)]);
    }
}
