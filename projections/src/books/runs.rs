//! Control totals of payment runs.

use jiff::civil::Date;
use schemas::{Digest, Money};

/// What a run was to pay, and what it paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunTotals {
    /// The day it is for; none where it was never planned.
    pub day: Option<Date>,
    /// How many payments were planned.
    pub planned: u32,
    /// Their sum.
    pub total: Money,
    /// How many times it was approved.
    pub approvals: u32,
    /// How many payments were released in it.
    pub released: u32,
    /// The sum for which these were instructed.
    pub sum: Money,
    /// What it was released with, when all had left.
    pub file: Option<Digest>,
    /// Whether it was given up.
    pub abandoned: bool,
}

impl RunTotals {
    /// Whether what left is what was planned.
    pub fn agrees(&self) -> bool {
        (self.planned, self.total) == (self.released, self.sum)
    }

    /// Whether more left than was planned. Less may: what is held, refused or meant for an account that changed stays
    /// behind, and of a run that was cut off some releases are still to be recorded.
    pub fn exceeds(&self) -> bool {
        self.planned < self.released || self.total < self.sum
    }

    /// Whether nothing was to be paid in it, and nothing was.
    pub fn is_of_nothing(&self) -> bool {
        (self.planned, self.total, self.released) == (0, Money::ZERO, 0)
    }

    /// The word for where it stands.
    pub const fn status(&self) -> &'static str {
        match (self.abandoned, self.file.is_some(), self.approvals) {
            (false, false, 0) if self.day.is_none() => "never planned",
            (true, _, _) => "abandoned",
            (false, true, _) => "released",
            (false, false, 0) => "planned",
            (false, false, _) => "approved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_may_leave_in_a_run_than_was_planned_and_more_is_found() {
        let left = |released, pence| RunTotals {
            day: None,
            planned: 2,
            total: Money::from_pence(50_000),
            approvals: 1,
            released,
            sum: Money::from_pence(pence),
            file: None,
            abandoned: false,
        };
        assert!(!left(0, 0).exceeds() && !left(1, 20_000).exceeds() && !left(2, 50_000).exceeds());
        assert!(left(3, 50_000).exceeds() && left(2, 50_001).exceeds());
    }
}
