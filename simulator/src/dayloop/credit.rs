//! What is a credit, how long does it last, and in which views does it count?
//!
//! Written from `FLOOR.md` sections 1 and 2. Whether the money reached this person is not decided here.

use jiff::ToSpan;
use jiff::civil::Date;

/// An amount in 434ths of a penny (2 x 7 x 31: halves, weeks and months of 31 days are whole numbers of it).
///
/// Wide enough that no sum of amounts given in 64-bit pence can overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Units(pub u128);

/// Money that a person can use from some day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The first day on which it can be spent: not when it was decided or sent.
    pub usable: Date,
    /// The part of the payment that is this person's.
    pub amount: Units,
    /// What kind of money it is.
    pub source: Source,
    /// The series that it belongs to; none for a one-off, and always none for a top-up, whatever stands here.
    pub series: Option<Series>,
    /// Its position in the stream, which orders credits that are otherwise alike.
    pub position: u64,
}

/// A credit's place in a row of credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which row, numbered by the caller.
    pub number: u32,
    /// The day on which its next credit was due, as scheduled when this one arrived; none if none was scheduled.
    pub next_due: Option<Date>,
}

/// Where money comes from, as far as it decides how long the money lasts and whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A benefit payment for the period just ended.
    Award,
    /// A benefit payment for past days, the first and the last of which are stated.
    Arrears {
        /// The first day paid for.
        first: Date,
        /// The last day paid for.
        last: Date,
    },
    /// An advance of a benefit; it belongs to the series that it anticipates.
    Advance,
    /// A hardship payment that must be paid back.
    RecoverableHardship,
    /// A floor top-up: a grant of no series.
    TopUp,
    /// A crisis grant.
    CrisisGrant,
    /// Net pay.
    Wage,
    /// Maintenance for an adult or a child.
    Maintenance,
    /// A pension.
    Pension,
    /// A student's maintenance grant or loan, paid in instalments.
    StudentMaintenance,
    /// Any other general income.
    OtherIncome,
    /// Any other loan.
    OtherLoan,
    /// Help that is not money.
    InKind,
    /// Money paid to a landlord or another third party.
    ThirdParty,
    /// Declared accessible capital.
    Capital,
}

/// How a kind of money stands in the views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts in every view.
    Income,
    /// It must be paid back, and counts only where loans do.
    Loan,
    /// It counts only in the view with capital.
    Capital,
    /// It counts in no view.
    Never,
}

const SHORTEST_LIFE_DAYS: i32 = 31;
const LONGEST_LIFE_DAYS: i32 = 35;

impl Units {
    /// Nothing.
    pub const ZERO: Units = Units(0);

    /// A whole number of pence.
    pub fn pence(pence: u64) -> Units {
        Units(u128::from(pence) * 434)
    }
}

impl std::iter::Sum for Units {
    fn sum<I: Iterator<Item = Units>>(amounts: I) -> Units {
        Units(amounts.map(|amount| amount.0).sum())
    }
}

impl Source {
    /// Whether this money counts, and in which views. Source: `FLOOR.md` section 2.
    pub fn standing(self) -> Standing {
        match self {
            Source::Award | Source::Arrears { .. } | Source::TopUp | Source::CrisisGrant => Standing::Income,
            Source::Wage | Source::Maintenance | Source::Pension | Source::StudentMaintenance | Source::OtherIncome => {
                Standing::Income
            }
            Source::Advance | Source::RecoverableHardship | Source::OtherLoan => Standing::Loan,
            Source::InKind | Source::ThirdParty => Standing::Never,
            Source::Capital => Standing::Capital,
        }
    }
}

impl Credit {
    /// The last day on which any of it is taken to be left. Capital has none, so it gets the calendar's last day.
    pub fn last_day(&self) -> Date {
        match self.life_days() {
            Some(life) => self.usable.saturating_add((life - 1).days()),
            None => Date::MAX,
        }
    }

    /// How many days the money is expected to last, its usable day included; `None` if it never expires.
    ///
    /// Until the next credit of its series was due, at least 31 and at most 35 days; 31 days for a one-off. Arrears and
    /// student instalments may pass the ceiling and not the 31 days.
    /// Source: `FLOOR.md` section 1.
    pub fn life_days(&self) -> Option<i32> {
        match self.source {
            Source::Arrears { first, last } => Some((days_between(first, last) + 1).max(SHORTEST_LIFE_DAYS)),
            Source::StudentMaintenance => Some(self.days_to_next().max(SHORTEST_LIFE_DAYS)),
            Source::Capital => None,
            Source::Award
            | Source::Advance
            | Source::RecoverableHardship
            | Source::TopUp
            | Source::CrisisGrant
            | Source::Wage
            | Source::Maintenance
            | Source::Pension
            | Source::OtherIncome
            | Source::OtherLoan
            | Source::InKind
            | Source::ThirdParty => Some(self.days_to_next().clamp(SHORTEST_LIFE_DAYS, LONGEST_LIFE_DAYS)),
        }
    }

    /// The series that the credit belongs to. A top-up belongs to none. Source: `FLOOR.md` section 3.
    pub fn series(&self) -> Option<Series> {
        if self.source == Source::TopUp { None } else { self.series }
    }

    /// The day on which the next credit of the series was due.
    pub fn next_due(&self) -> Option<Date> {
        self.series()?.next_due
    }

    /// Days to the next due day of the series, or 0 where none was scheduled.
    fn days_to_next(&self) -> i32 {
        self.next_due().map_or(0, |next| days_between(self.usable, next))
    }
}

/// Civil days from one date to another: the number of midnights between them, whatever the clocks do.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
