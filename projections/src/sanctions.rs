//! How many days of a period a person's sanctions take, and whether a hardship payment is recovered in it. What a day
//! costs is a rule of the pack.

use jiff::civil::Date;
use ledger::sanction_days::{Reduction, Run, schedule};
use schemas::events::{Days, PersonFact, SanctionRate};
use schemas::{AssessmentPeriod, DebtId};

use crate::views::{PersonView, Sanction};

/// What sanctions do to a person in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduced {
    /// Days of reduction that fall in it, suspended days aside (reg. 110, step 1).
    pub days: i64,
    /// The rate stated with the last of them. The pack asks for circumstances at the end of the period (reg. 111): a rate
    /// stated as reduced stands where no fact says so, and one stated as full says nothing.
    pub rate: SanctionRate,
}

/// What sanctions do to a person in a period.
pub fn reduced(view: &PersonView, period: AssessmentPeriod) -> Reduced {
    let (sanctions, suspended) = (in_force(view, period), suspended(view, period.last()));
    let reduction =
        |sanction: &&Sanction| Reduction { from: sanction.from, days: sanction.days, ended: sanction.ended };
    let runs = schedule(&sanctions.iter().map(reduction).collect::<Vec<_>>(), &suspended);
    let held = |run: &Run| Days::new(period.first(), period.last()).map_or(0, |days| run.days_in(days, &suspended));
    let last = runs.iter().zip(&sanctions).rev().find(|(run, _)| held(run) > 0);
    Reduced {
        days: runs.iter().map(held).sum(),
        rate: last.and_then(|(_, sanction)| sanction.rate).unwrap_or(SanctionRate::Full),
    }
}

/// Whether a hardship payment is recovered from the award of a period: not while a reduction lasts, not in a period with
/// earnings at the threshold, and no longer once they lasted long enough after it was awarded (reg. 119). Any other debt is.
pub fn recovers(view: &PersonView, debt: DebtId, period: AssessmentPeriod) -> bool {
    let Some((_, awarded)) = view.hardship.iter().find(|(known, _)| *known == debt) else { return true };
    let earns = view.fact("earns_threshold", period.last()) == Some(&PersonFact::EarnsThreshold(true));
    let extinguished = sustained(view, period).is_some_and(|day| day > *awarded);
    !earns && !extinguished && reduced(view, period).days == 0
}

/// Sanctions that sustained earnings did not end (reg. 109(1) and (2): from the beginning of the period in which they were
/// reached), in the order in which they run.
fn in_force(view: &PersonView, period: AssessmentPeriod) -> Vec<&Sanction> {
    let reached = sustained(view, period);
    let lasting = view.sanctions.iter().filter(|sanction| reached.is_none_or(|day| sanction.failure_on >= day));
    let mut sanctions: Vec<&Sanction> = lasting.collect();
    sanctions.sort_by_key(|sanction| (sanction.from, sanction.position));
    sanctions
}

/// The day on which earnings had been at the threshold for long enough, by the end of the period.
fn sustained(view: &PersonView, period: AssessmentPeriod) -> Option<Date> {
    let days = view.facts.all("sustained_earnings_on");
    let days = days.filter_map(|fact| if let PersonFact::SustainedEarningsOn(day) = fact { Some(*day) } else { None });
    days.filter(|day| *day <= period.last()).max()
}

/// Days of a penalty for fraud up to a day (reg. 108).
fn suspended(view: &PersonView, until: Date) -> Vec<Days> {
    let penalty = view.facts.timeline("fraud_penalty");
    let applies = penalty.spans(Date::MIN, until).filter(|span| *span.value == Some(&PersonFact::FraudPenalty(true)));
    applies.filter_map(|span| Days::new(span.from, span.to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Record;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use schemas::{CommandId, Cycle, EventId, SanctionId};
    use uuid::Uuid;

    const DEBT: DebtId = DebtId(Uuid::from_u128(1));

    fn month(month: i8) -> AssessmentPeriod {
        AssessmentPeriod::starting(date(2026, month, 1)).unwrap()
    }

    fn sanction(position: u64, from: Date, days: u16) -> Sanction {
        let id = SanctionId(Uuid::from_u128(position.into()));
        Sanction { id, position, failure_on: from, from, days: Some(days), ended: None, rate: None }
    }

    fn record(view: &mut PersonView, fact: PersonFact, from: Date, to: Option<Date>) {
        let event = EventId { command: CommandId(Uuid::from_u128(1)), index: 0 };
        let position = view.facts.all(fact.key()).count() as u64;
        view.facts.add(fact.key(), Record { position, event, from, to, told: from, value: fact });
    }

    fn sanctioned(sanctions: Vec<Sanction>) -> PersonView {
        PersonView { sanctions, ..PersonView::default() }
    }

    #[track_caller]
    fn check(view: &PersonView, days: [i64; 4]) {
        assert_eq!([6, 7, 8, 9].map(|number| reduced(view, month(number)).days), days);
    }

    #[test]
    fn sanctions_run_one_after_another_whatever_rates_were_stated() {
        let first = Sanction { rate: Some(SanctionRate::Reduced), ..sanction(1, date(2026, 6, 1), 28) };
        let second = Sanction { rate: Some(SanctionRate::Full), ..sanction(2, date(2026, 6, 1), 28) };
        let view = sanctioned(vec![second, first]);
        check(&view, [30, 26, 0, 0]);
        assert_eq!(reduced(&view, month(6)).rate, SanctionRate::Full);
        let other = Sanction { days: Some(3), position: 3, ..view.sanctions[1].clone() };
        assert_eq!(reduced(&sanctioned(vec![other]), month(6)).rate, SanctionRate::Reduced);
    }

    #[test]
    fn a_sanction_until_compliance_takes_every_day_until_its_days_are_known() {
        let open = Sanction { days: None, ..sanction(1, date(2026, 7, 1), 0) };
        check(&sanctioned(vec![open]), [0, 31, 31, 30]);
        check(&sanctioned(vec![sanction(1, date(2026, 7, 1), 40)]), [0, 31, 9, 0]);
    }

    #[test]
    fn a_penalty_for_fraud_suspends_a_sanction() {
        let mut view = sanctioned(vec![sanction(1, date(2026, 6, 1), 40)]);
        record(&mut view, PersonFact::FraudPenalty(true), date(2026, 6, 11), Some(date(2026, 7, 10)));
        check(&view, [10, 21, 9, 0]); // 10, then 11 to 31 July, and 9 of the 40 are left
    }

    /// Reg. 109(2): from the beginning of the period in which the day falls. A later failure is not ended by it.
    #[test]
    fn sustained_earnings_end_every_sanction_for_failures_before_them() {
        let mut view = sanctioned(vec![sanction(1, date(2026, 6, 1), 91), sanction(2, date(2026, 9, 10), 28)]);
        record(&mut view, PersonFact::SustainedEarningsOn(date(2026, 8, 20)), date(2026, 8, 20), None);
        check(&view, [30, 31, 0, 21]);
    }

    #[test]
    fn hardship_is_recovered_once_no_sanction_lasts_and_not_from_sustained_earnings() {
        let mut view = sanctioned(vec![sanction(1, date(2026, 6, 1), 61)]);
        view.hardship.push((DEBT, date(2026, 7, 5)));
        let recovered = |view: &PersonView| [6, 7, 8, 9].map(|number| recovers(view, DEBT, month(number)));
        assert_eq!(recovered(&view), [false, false, true, true]);
        record(&mut view, PersonFact::EarnsThreshold(true), date(2026, 8, 1), Some(date(2026, 8, 31)));
        assert_eq!(recovered(&view), [false, false, false, true]);
        record(&mut view, PersonFact::SustainedEarningsOn(date(2026, 9, 30)), date(2026, 9, 30), None);
        assert_eq!(recovered(&view), [false, false, false, false]);
        assert!(recovers(&view, DebtId(Uuid::from_u128(2)), month(6)), "another debt");
    }

    proptest! {
        #[test]
        fn sanctions_take_every_day_they_were_given_and_none_twice(
            drawn in proptest::collection::vec((0..60i64, 1..40u16), 0..4)
        ) {
            let start = date(2026, 6, 1);
            let given = (1..).zip(&drawn).map(|(position, (day, days))| {
                sanction(position, start.saturating_add((*day).days()), *days)
            });
            let view = sanctioned(given.collect());
            let months = Cycle::Monthly { from: start };
            let periods: Vec<_> = std::iter::successors(months.first(), |period| months.next(*period)).take(12).collect();
            let taken: Vec<i64> = periods.iter().map(|period| reduced(&view, *period).days).collect();
            prop_assert!(periods.iter().zip(&taken).all(|(period, days)| *days <= period.days()));
            prop_assert_eq!(taken.iter().sum::<i64>(), drawn.iter().map(|(_, days)| i64::from(*days)).sum::<i64>());
        }
    }
}
