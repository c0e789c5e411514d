//! Which pay counts in which period.
//!
//! Pay counts in the period in which it is paid (SI 2013/376 regs. 54 and 61). Somebody paid once a calendar month can have
//! two wages in one period because a pay day moved with a weekend; then one of them is taken into another period, so that
//! each has one (reg. 61(6); before it reg. 54 as [2020] EWCA Civ 778 reads it). The law leaves open which and where. Here
//! it is the later one and the next period, and it goes on so while that has a wage of its own, because then no period
//! that is decided already changes. Where an officer decides otherwise a fact says so.
//!
//! Weekly, fortnightly and four-weekly pay is never moved ([2021] EWCA Civ 1454). A job without a name cannot be told from
//! another, so that its pay stays where it is.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use schemas::events::{Frequency, PersonFact};
use schemas::{AssessmentPeriod, Cycle, Money};

use crate::views::{Earnings, PersonView};

/// The day of [2020] EWCA Civ 778: two monthly wages count apart in periods that end on or after it.
const JOHNSON: Date = date(2020, 6, 22);

/// What a person earned as an employee, net, that counts in a period of the cycle.
pub fn counted(person: &PersonView, cycle: Cycle, period: AssessmentPeriod) -> Money {
    let pays = || person.earnings.iter().filter(|pay| moved_to(person, pay.paid_on).is_none());
    let moved = person.earnings.iter().filter_map(|pay| Some((moved_to(person, pay.paid_on)?, pay.net)));
    let by_decision = moved.filter(|(day, _)| period.contains(*day)).map(|(_, net)| net);
    let as_paid = pays().filter(|pay| job(pay).is_none() && period.contains(pay.paid_on)).map(|pay| pay.net);
    let jobs: BTreeSet<&str> = pays().filter_map(job).collect();
    let monthly = jobs.into_iter().map(|name| {
        let mut wages: Vec<&Earnings> = pays().filter(|pay| job(pay) == Some(name)).collect();
        wages.sort_by_key(|pay| (pay.paid_on, pay.position));
        one_a_period(&wages, cycle, period)
    });
    by_decision.chain(as_paid).chain(monthly).sum()
}

/// The day on which an officer decided that the pay of a day counts (reg. 61(5) and (6)).
fn moved_to(person: &PersonView, paid_on: Date) -> Option<Date> {
    let decided = person.facts.all("pay_counts_on").filter_map(|fact| {
        let PersonFact::PayCountsOn(moved) = fact else { return None };
        (moved.paid_on == paid_on).then_some(moved.counts_on)
    });
    decided.last()
}

/// The job, where its pay may be moved: it comes once a calendar month.
fn job(pay: &Earnings) -> Option<&str> {
    match pay.frequency {
        Frequency::Monthly => pay.employment.as_deref(),
        Frequency::Weekly | Frequency::Fortnightly | Frequency::FourWeekly | Frequency::Irregular => None,
    }
}

/// What counts in a period of the wages of one job, in order of their days: the periods are gone through from that of the
/// first wage, and where there are two, the later waits for the next.
fn one_a_period(wages: &[&Earnings], cycle: Cycle, period: AssessmentPeriod) -> Money {
    let (mut waiting, mut had_none) = (None, false);
    let mut next = wages.iter().find_map(|wage| cycle.containing(wage.paid_on));
    while let Some(current) = next.filter(|current| *current <= period) {
        next = cycle.next(current);
        let was_waiting = waiting.is_some();
        let paid = wages.iter().copied().filter(|wage| current.contains(wage.paid_on));
        let mut due: Vec<&Earnings> = waiting.take().into_iter().chain(paid).collect();
        let follows = |wage: &&Earnings| wage.next_due.zip(next).is_some_and(|(day, next)| next.contains(day));
        let is_clash = was_waiting || had_none || !due.last().is_some_and(follows);
        if due.len() > 1 && is_clash && current.last() >= JOHNSON {
            waiting = due.pop();
        }
        if current == period {
            return due.iter().map(|wage| wage.net).sum();
        }
        had_none = due.is_empty();
    }
    Money::ZERO
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;
    use schemas::events::{Frequency, PayCountsOn};
    use schemas::{CommandId, EventId, PeriodKind};

    use super::*;
    use crate::facts::Record;

    fn wage(paid_on: Date, pence: i64, frequency: Frequency, next_due: Option<Date>) -> Earnings {
        let net = Money::from_pence(pence);
        let employment = Some("shop".into());
        Earnings { position: 0, paid_on, gross: net, net, frequency, next_due, employment }
    }

    fn monthly(days: &[Date]) -> PersonView {
        let wages =
            days.iter().enumerate().map(|(at, day)| wage(*day, 80_000, Frequency::Monthly, days.get(at + 1).copied()));
        PersonView { earnings: wages.collect(), ..PersonView::default() }
    }

    /// What counts in so many periods of a claim, in whole pounds.
    fn check(person: &PersonView, entitled_from: Date, pounds: &[i64]) {
        let cycle = Cycle::new(PeriodKind::Month, entitled_from);
        let periods = std::iter::successors(cycle.first(), |period| cycle.next(*period)).take(pounds.len());
        let found: Vec<i64> = periods.map(|period| counted(person, cycle, period).pence() / 100).collect();
        assert_eq!(found, pounds);
    }

    // The days of SSWP v Johnson [2020] EWCA Civ 778, three years later: periods from the 30th, pay on the last working day.
    #[test]
    fn of_two_monthly_wages_in_one_period_the_later_counts_in_the_next_that_has_none() {
        let days = [date(2020, 10, 30), date(2020, 11, 30), date(2020, 12, 29), date(2021, 1, 31), date(2021, 2, 28)];
        check(&monthly(&days), date(2020, 10, 30), &[800, 800, 800, 800, 800]);
    }

    #[test]
    fn before_the_judgment_of_22_june_2020_both_count_where_they_are_paid() {
        // The period from 20 May ends on 19 June 2020, that from 23 May on 22 June.
        let days = |first| [first, date(2020, 6, 19), date(2020, 8, 1)];
        check(&monthly(&days(date(2020, 5, 20))), date(2020, 5, 20), &[1600, 0]);
        check(&monthly(&days(date(2020, 5, 23))), date(2020, 5, 23), &[800, 800]);
    }

    #[test]
    fn where_a_late_wage_left_a_period_without_one_each_later_period_has_one() {
        let days = [date(2026, 1, 31), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 1)];
        check(&monthly(&days), date(2026, 1, 1), &[800, 0, 800, 800, 800, 800]);
    }

    #[test]
    fn a_second_payment_that_no_pay_day_explains_counts_where_it_is_paid() {
        let days = [date(2026, 1, 31), date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 31)];
        check(&monthly(&days), date(2026, 1, 1), &[800, 1600, 800]);
    }

    #[test]
    fn wages_of_two_jobs_are_not_one_another_s_second() {
        let mut person = monthly(&[date(2026, 1, 10), date(2026, 2, 10)]);
        let mut other = monthly(&[date(2026, 1, 20), date(2026, 2, 20)]);
        other.earnings.iter_mut().for_each(|pay| pay.employment = Some("bar".into()));
        person.earnings.append(&mut other.earnings);
        check(&person, date(2026, 1, 1), &[1600, 1600]);
        person.earnings.iter_mut().for_each(|pay| pay.employment = None);
        check(&person, date(2026, 1, 1), &[1600, 1600]);
    }

    // R (Pantellerisco) v SSWP [2021] EWCA Civ 1454: 13 pay days fall in 12 periods, so that one has two.
    #[test]
    fn a_year_of_four_weekly_pay_has_eleven_periods_with_one_pay_day_and_one_with_two() {
        let days = (0..13).map(|n| date(2025, 6, 12).saturating_add((28 * n).days()));
        let pays = days.map(|day| wage(day, 52_544, Frequency::FourWeekly, None));
        let person = PersonView { earnings: pays.collect(), ..PersonView::default() };
        // 12 June, 10 July, 7 August, 4 September, 2 and 30 October, then one each to 14 May 2026.
        check(&person, date(2025, 6, 1), &[525, 525, 525, 525, 1050, 525, 525, 525, 525, 525, 525, 525]);
    }

    // AF v Department for Communities [2023] NICom 18: of two wages from 28 July 2020 one went to the period before.
    #[test]
    fn an_officer_may_decide_that_a_wage_counts_in_the_period_before() {
        let mut person = monthly(&[date(2020, 6, 26), date(2020, 7, 28), date(2020, 8, 27)]);
        let fact = PersonFact::PayCountsOn(PayCountsOn { paid_on: date(2020, 7, 28), counts_on: date(2020, 7, 27) });
        let command = CommandId("01939c2e-0000-7000-8000-000000000001".parse().unwrap());
        let event = EventId { command, index: 0 };
        let (from, to) = (date(2020, 7, 27), Some(date(2020, 7, 28)));
        person.facts.add("pay_counts_on", Record { position: 1, event, from, to, told: from, value: fact });
        check(&person, date(2020, 5, 28), &[800, 800, 800]);
    }

    fn frequencies() -> impl Strategy<Value = Frequency> {
        prop_oneof![3 => Just(Frequency::Monthly), 1 => Just(Frequency::FourWeekly), 1 => Just(Frequency::Weekly)]
    }

    proptest! {
        #[test]
        fn moving_pay_never_changes_the_sum_over_periods(
            first in 0i64..31,
            pays in prop::collection::vec((0i64..400, 1i64..1000, frequencies(), prop::option::of(1i64..60)), 0..20),
        ) {
            let start = date(2025, 1, 1).saturating_add(first.days());
            let pays = pays.into_iter().map(|(day, pence, frequency, due)| {
                let paid_on = start.saturating_add(day.days());
                wage(paid_on, pence, frequency, due.map(|days| paid_on.saturating_add(days.days())))
            });
            let person = PersonView { earnings: pays.collect(), ..PersonView::default() };
            let cycle = Cycle::new(PeriodKind::Month, start);
            // After the last wage as many periods again as there are wages, so that none is still waiting.
            let periods = std::iter::successors(cycle.first(), |period| cycle.next(*period)).take(14 + 20);
            let sum: Money = periods.map(|period| counted(&person, cycle, period)).sum();
            prop_assert_eq!(sum, person.earnings.iter().map(|pay| pay.net).sum());
        }
    }
}
