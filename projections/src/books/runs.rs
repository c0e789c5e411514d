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

    /// Whether more left than was planned.
    pub fn exceeds(&self) -> bool {
        self.planned < self.released || self.total < self.sum
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
