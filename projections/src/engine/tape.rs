//! The register tape: a compiled pack as a list of operations on columns.
//!
//! Every register is a column, one number for each case of a batch, or one for each person of all its cases: people stand in a second, longer column space, those of a case side
//! by side. That beats unrolling people into the tape (`person 1`, `person 2` ...): the tape's length does not depend on the size of families, there is no cap on people, no lane
//! is spent on people who do not exist, and gathering over people is one pass along the column.
//!
//! A register holds whole numbers over a denominator that was fixed when the pack was compiled, so values are exact. Numbers are 64 bits wide; a batch in which any operation
//! overflows is run again with 128.
//!
//! What cannot be worked out (a parameter without a value, a division by zero) marks the lane and does not stop the batch. A mark spreads to what is worked out from the lane,
//! but not through the side of an `if` that was not chosen: that is how both sides can be worked out in columns while only the chosen one can fail.

use super::ast::{Comparison, Extreme, Over, RoundMode};
use super::civil::MonthEnd;
use super::model::{AppliesTo, Scope};

/// Index of a register in the space of its instruction, or in the one the operation says.
pub(crate) type Reg = u32;

/// One operation. `k`-named fields are constants that bring both sides to one denominator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// A constant.
    Const(i128),
    /// First day of the period.
    First,
    /// Last day of the period.
    Last,
    /// A fact, by column of the batch.
    Fact(u32),
    /// A parameter, by table.
    Load(u32),
    /// A value of the case, for each of its people.
    Spread(Reg),
    /// The same value under a rule's own register.
    Copy(Reg),
    /// `ka * a + kb * b`
    Sum { a: Reg, ka: i128, b: Reg, kb: i128 },
    /// `a * b`
    Times(Reg, Reg),
    /// `k * a`
    Scale(Reg, i128),
    /// A comparison of `ka * a` with `kb * b`.
    Compare { is: Comparison, a: Reg, ka: i128, b: Reg, kb: i128 },
    /// `a and b`
    And(Reg, Reg),
    /// `a or b`
    Or(Reg, Reg),
    /// `not a`
    Not(Reg),
    /// `ka * a` where `c` holds, else `kb * b`.
    Select { c: Reg, a: Reg, ka: i128, b: Reg, kb: i128 },
    /// The lesser or greater of `ka * a` and `kb * b`.
    Extreme { which: Extreme, a: Reg, ka: i128, b: Reg, kb: i128 },
    /// `out * round(mul * a / div)`
    Round { a: Reg, mul: i128, div: i128, mode: RoundMode, out: i128 },
    /// `out * round(ka * a / (kb * b))`
    Quotient { a: Reg, ka: i128, b: Reg, kb: i128, mode: RoundMode, out: i128 },
    /// Completed years from `a` to `b`.
    Age(Reg, Reg),
    /// A day and a number of months.
    AddMonths(Reg, Reg, MonthEnd),
    /// A day and a number of days.
    AddDays(Reg, Reg),
    /// Person registers gathered into one of the case.
    Over { what: Over, body: Option<Reg>, filter: Option<Reg> },
    /// The least or greatest `kb * body` of the people let in, or `kd * default` (of the case) without any.
    Best { which: Extreme, body: Reg, kb: i128, filter: Option<Reg>, default: Reg, kd: i128 },
    /// A person's place by key among the people let in.
    Rank { key: Reg, filter: Option<Reg> },
    /// No version of the rule is in force.
    NoVersion,
}

impl Op {
    /// The registers it reads, each with its space; `own` is the space of its result.
    pub fn reads(&self, own: Scope) -> impl Iterator<Item = (Scope, Reg)> + use<> {
        let (unit, person) = (Scope::Unit, Scope::Person);
        let none = [None, None, None];
        let regs: [Option<(Scope, Reg)>; 3] = match self {
            Op::Const(_) | Op::First | Op::Last | Op::Fact(_) | Op::Load(_) | Op::NoVersion => none,
            Op::Spread(a) => [Some((unit, *a)), None, None],
            Op::Copy(a) | Op::Scale(a, _) | Op::Not(a) | Op::Round { a, .. } => [Some((own, *a)), None, None],
            Op::Sum { a, b, .. }
            | Op::Compare { a, b, .. }
            | Op::Extreme { a, b, .. }
            | Op::Quotient { a, b, .. }
            | Op::Times(a, b)
            | Op::And(a, b)
            | Op::Or(a, b)
            | Op::Age(a, b)
            | Op::AddMonths(a, b, _)
            | Op::AddDays(a, b) => [Some((own, *a)), Some((own, *b)), None],
            Op::Select { c, a, b, .. } => [Some((own, *c)), Some((own, *a)), Some((own, *b))],
            Op::Over { body, filter, .. } => [body.map(|b| (person, b)), filter.map(|f| (person, f)), None],
            Op::Best { body, filter, default, .. } => {
                [Some((person, *body)), filter.map(|f| (person, f)), Some((unit, *default))]
            }
            Op::Rank { key, filter } => [Some((person, *key)), filter.map(|f| (person, f)), None],
        };
        regs.into_iter().flatten()
    }
}

/// An operation and where its result goes.
#[derive(Clone, Debug)]
pub(crate) struct Instr {
    pub op: Op,
    /// The space of the result.
    pub space: Scope,
    /// The register of the result.
    pub out: Reg,
    /// The rule it was first needed for.
    pub rule: usize,
}

/// A register with its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Val {
    pub space: Scope,
    pub reg: Reg,
    pub den: i128,
}

/// A parameter's values by epoch.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub leaf: usize,
    pub by: AppliesTo,
    pub narrow: Vec<i64>,
    pub wide: Vec<i128>,
    /// Index of the dated value in force in each epoch, where there is one to calculate with.
    pub value: Vec<Option<u32>>,
}

/// Days on which any parameter changes, as a look-up from day to epoch.
#[derive(Clone, Debug)]
pub(crate) struct Epochs {
    /// First day of each epoch.
    pub starts: Vec<i64>,
    /// Epoch of each day from the first, where that takes little room.
    by_day: Vec<u16>,
}

impl Epochs {
    /// Epochs that begin on these days, of which `first` is one: no period starts before it.
    pub fn new(first: i64, changes: impl IntoIterator<Item = i64>) -> Epochs {
        let mut starts: Vec<i64> = changes.into_iter().map(|day| day.max(first)).chain([first]).collect();
        starts.sort_unstable();
        starts.dedup();
        let last = starts.last().copied().unwrap_or(first);
        // Two hundred years of days at two bytes each.
        let small = last - first < 73_000 && starts.len() < usize::from(u16::MAX);
        let epoch = |day: i64| u16::try_from(starts.partition_point(|s| *s <= day).saturating_sub(1)).unwrap_or(0);
        let by_day = if small { (first..=last).map(epoch).collect() } else { Vec::new() };
        Epochs { starts, by_day }
    }

    /// The epoch of a day that is not before the first.
    pub fn of(&self, day: i64) -> u32 {
        match (self.by_day.get(usize::try_from(day - self.starts[0]).unwrap_or(0)), self.by_day.last()) {
            (Some(epoch), _) | (None, Some(epoch)) => u32::from(*epoch),
            (None, None) => u32::try_from(self.starts.partition_point(|s| *s <= day).saturating_sub(1)).unwrap_or(0),
        }
    }
}
