//! What rules say of when awards are paid: the same for everyone under them.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::ClaimFact;
use schemas::{AssessmentPeriod, Cycle, PeriodKind};

use crate::engine::Pack;
use crate::views::ClaimView;

/// When awards are paid.
///
/// The default is what holds where rules say nothing: months, paid seven days after they end, after a first wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Which periods an award is for.
    pub periods: PeriodKind,
    /// Days after the last day of what is paid for (SI 2013/380 reg. 47(2)).
    pub days_after_period: i64,
    /// How many weeks one payment is for, counted from the first of the claim; 1 pays each period by itself.
    pub every_weeks: i64,
    /// Whether the first award waits for its period to end. Where it does not, as much again is paid on the first day.
    pub first_wait: bool,
}

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { periods: PeriodKind::Month, days_after_period: 7, every_weeks: 1, first_wait: true }
    }
}

impl Calendar {
    /// What a pack says about payment for periods starting on a day.
    pub fn of(pack: &Pack, day: Date) -> Calendar {
        let whole = |path: &str| {
            pack.parameter_on(path, day).and_then(|value| value.in_units_of(1)).and_then(|n| i64::try_from(n).ok())
        };
        let usual = Calendar::default();
        Calendar {
            periods: pack.periods(),
            days_after_period: whole("payment.days_after_period").unwrap_or(usual.days_after_period),
            every_weeks: whole("payment.every_weeks").unwrap_or(usual.every_weeks),
            first_wait: whole("payment.first_wait").map_or(usual.first_wait, |wait| wait != 0),
        }
    }

    /// The last day on which the award of a period of the claim is due by the rules, before weekends, bank holidays and
    /// the person's own choices: `PayDays` has those.
    pub fn lawful_day(self, claim: &ClaimView, period: AssessmentPeriod) -> Date {
        let (_, last) = self.paid_with(claim, period);
        last.saturating_add(self.days_after_period.days())
    }

    /// Whether each month is paid by itself, so that a person may choose its day and be paid it in parts.
    pub fn is_monthly(self) -> bool {
        self.periods == PeriodKind::Month && self.every_weeks == 1
    }

    /// Whether every period of what is paid together is decided, or will not be.
    pub fn is_decided(self, claim: &ClaimView, (first, last): (Date, Date)) -> bool {
        let Some(cycle) = claim.cycle(self.periods) else { return true };
        let periods = std::iter::successors(cycle.containing(first), |period| cycle.next(*period));
        let mut together = periods.take_while(|period| period.last() <= last);
        together.all(|period| claim.standing(period).is_some() || !claim.is_open_on(self.periods.facts_on(period)))
    }

    /// First and last day of what is paid together with a period: the period itself or, where weeks are paid together,
    /// as many weeks as are paid together, unless weekly payment was chosen by its first day.
    pub fn paid_with(self, claim: &ClaimView, period: AssessmentPeriod) -> (Date, Date) {
        let weekly = claim.fact("paid_weekly", period.first()) == Some(&ClaimFact::PaidWeekly(true));
        let start = claim.cycle(self.periods).and_then(Cycle::first).map(AssessmentPeriod::first);
        let Some(start) = start.filter(|_| self.every_weeks > 1 && !weekly) else {
            return (period.first(), period.last());
        };
        let days = 7 * self.every_weeks;
        let before = i64::from((period.first() - start).get_days()) / days * days;
        let first = start.saturating_add(before.days());
        (first, first.saturating_add((days - 1).days()))
    }
}
