//! What was kept back of money owed late, because a top-up had been paid for the same days (FLOOR.md section 3): never
//! more than the top-up came to for those days, never twice, and never more than is owed.

use schemas::events::{Days, Payee, PaymentKind, TopUpRecovered};
use schemas::{AssessmentPeriod, ClaimId, Money, PaymentId, PersonId};

use crate::overpaid::overlap;
use crate::payment::{Payment, Payments, Stage};
use crate::world::World;

/// Something that was kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptBack {
    /// Which top-up.
    pub top_up: PaymentId,
    /// Whom that was paid for.
    pub for_whom: PersonId,
    /// Of which of its days.
    pub days: Days,
    /// How much.
    pub amount: Money,
    /// Who would have received it.
    pub payee: Payee,
    /// Of the award of which claim and period.
    pub of: (ClaimId, AssessmentPeriod),
}

/// Why nothing may be kept back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only a top-up that reached the same payee is recovered.
    #[error("top_up: {top_up} is no top-up that was paid to this payee and did not come back")]
    NoTopUp {
        /// Which.
        top_up: PaymentId,
    },
    /// Other days than those the top-up was paid for, or than those that were owed.
    #[error("days: {} to {} are not among the days of the top-up that money was owed for", days.first(), days.last())]
    OtherDays {
        /// The days stated.
        days: Days,
    },
    /// More than the top-up came to for the days.
    #[error("amount: {amount} is more than the {left} left of what the top-up came to for these days")]
    MoreThanToppedUp {
        /// How much would be kept back.
        amount: Money,
        /// What is left of the days' share.
        left: Money,
    },
}

/// What of a top-up falls to some of its days. Its amount is shared evenly among its days, each sum of days rounded down
/// to a penny as they come, so that the shares of all days are exactly what was paid.
pub fn share(amount: Money, covers: Days, days: Days) -> Money {
    let whole = i64::from((covers.last() - covers.first()).get_days()) + 1;
    let first = i64::from((days.first() - covers.first()).get_days()).clamp(0, whole);
    let after = (i64::from((days.last() - covers.first()).get_days()) + 1).clamp(first, whole);
    let up_to = |day: i64| i128::from(amount.pence()) * i128::from(day) / i128::from(whole);
    Money::from_pence(i64::try_from(up_to(after) - up_to(first)).unwrap_or(0))
}

/// Whether as much of a top-up may be kept back, whatever is owed.
///
/// # Errors
/// [`Refusal`].
pub(crate) fn may_be_recovered(world: &World, person: PersonId, new: &TopUpRecovered) -> Result<(), Refusal> {
    let TopUpRecovered { top_up, for_whom, days, period, payee, .. } = *new;
    let paid = world.person(for_whom).payments.by_id.get(&top_up);
    let paid = paid.filter(|paid| paid.kind == PaymentKind::TopUp && paid.payee == payee && is_paid(paid));
    let paid = paid.ok_or(Refusal::NoTopUp { top_up })?;
    let covers = paid.covers.filter(|covers| covers.first() <= days.first() && days.last() <= covers.last());
    let covers = covers.filter(|_| period.first() <= days.first()).ok_or(Refusal::OtherDays { days })?;
    let same = |known: &&KeptBack| known.top_up == top_up && overlap(known.days, days);
    let before: Money = world.person(person).payments.kept_back.iter().filter(same).map(|known| known.amount).sum();
    let (amount, left) = (new.amount.money(), share(paid.amount, covers, days) - before);
    if amount > left { Err(Refusal::MoreThanToppedUp { amount, left }) } else { Ok(()) }
}

/// What was kept back of what a payee is owed for periods that share a day with these, under a claim: as long as the
/// top-up did not come back.
pub(crate) fn kept_back(world: &World, payments: &Payments, claim: ClaimId, payee: Payee, days: Days) -> Money {
    let of_it = payments.kept_back.iter().filter(|known| {
        let (under, period) = known.of;
        let same = under == claim && known.payee == payee;
        same && Days::new(period.first(), period.last()).is_some_and(|own| overlap(own, days))
    });
    let stands =
        |known: &&KeptBack| world.person(known.for_whom).payments.by_id.get(&known.top_up).is_none_or(Payment::counts);
    of_it.filter(stands).map(|known| known.amount).sum()
}

fn is_paid(payment: &Payment) -> bool {
    match payment.stage {
        Stage::Released | Stage::Accepted | Stage::Settled | Stage::Reissued => true,
        Stage::Instructed | Stage::Returned | Stage::Cancelled => false,
    }
}

impl KeptBack {
    pub(crate) fn of(new: &TopUpRecovered) -> KeptBack {
        let TopUpRecovered { top_up, for_whom, days, claim, period, payee, .. } = *new;
        KeptBack { top_up, for_whom, days, amount: new.amount.money(), payee, of: (claim, period) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{DeterminationOrder, PaymentOrder, RunOrder};
    use crate::testing::{Step, TODAY, amount, check, claim, event, june, make_claim, payment, person, register, run};
    use jiff::civil::{Date, date};
    use schemas::Digest;
    use schemas::events::{Channel, PayeeLine, Purpose};

    const KEPT: Result<&[&str], &str> = Ok(&["footing.payment.top_up_recovered.v1"]);

    fn line(purpose: Purpose, pence: i64) -> PayeeLine {
        PayeeLine { amount: amount(pence), purpose, for_whom: person(1), payee: Payee::Person(person(1)) }
    }

    fn pay(number: u128, kind: PaymentKind, pence: i64) -> Step {
        let of_award = kind != PaymentKind::TopUp;
        let purpose = if of_award { Purpose::StandardAllowance } else { Purpose::TopUp };
        PaymentOrder::Instruct {
            person: person(1),
            payment: payment(number),
            kind,
            payee: Payee::Person(person(1)),
            account_holders: vec![person(1)],
            lines: vec![line(purpose, pence)],
            amount: amount(pence),
            due_on: date(2026, 6, 20),
            next_due: None,
            series: None,
            channel: Channel::FasterPayments,
            claim: Some(claim(1)),
            period: of_award.then_some(june(0).period),
            instalment: 1,
            for_days: Days::new(date(2026, 6, 20), date(2026, 7, 1)).filter(|_| !of_award),
            cause: event(3),
            account: None,
            nominal_on: None,
            because: None,
        }
        .into()
    }

    fn release(number: u128) -> Step {
        PaymentOrder::Release { person: person(1), payment: payment(number), run: run(1), file: Digest([0; 32]) }.into()
    }

    fn come_back(number: u128) -> Step {
        let (payment, code, on) = (payment(number), "0".into(), date(2026, 7, 2));
        PaymentOrder::Return { person: person(1), payment, code, on }.into()
    }

    fn keep_back(first: Date, last: Date, pence: i64) -> Step {
        PaymentOrder::RecoverTopUp {
            person: person(1),
            top_up: payment(9),
            for_whom: person(1),
            days: Days::new(first, last).unwrap(),
            claim: claim(1),
            period: june(0).period,
            payee: Payee::Person(person(1)),
            lines: vec![line(Purpose::StandardAllowance, pence)],
            amount: amount(pence),
            cause: event(3),
        }
        .into()
    }

    fn in_june(pence: i64) -> Step {
        keep_back(date(2026, 6, 20), date(2026, 6, 30), pence)
    }

    /// The run in which the top-up leaves.
    fn approved_run() -> Vec<Step> {
        let (run, digest, total) = (run(1), Digest([1; 32]), amount(14_400));
        let plan = RunOrder::Plan { run, day: TODAY, digest, payments: 1, total, approvals: None };
        vec![plan.into(), RunOrder::Approve { run, digest }.into()]
    }

    /// June gives 400.00, and a top-up of 144.00 was paid for 20 June to 1 July: 12.00 a day, 132.00 for its days in June.
    fn topped_up() -> Vec<Step> {
        let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(40_000) };
        let top_up = vec![register(1), make_claim(), determine.into(), pay(9, PaymentKind::TopUp, 14_400)];
        [top_up, approved_run(), vec![release(9)]].concat()
    }

    #[test]
    fn no_more_is_kept_back_than_the_top_up_came_to_for_the_days_and_none_of_it_twice() {
        check(&topped_up(), in_june(13_200), KEPT);
        check(&topped_up(), in_june(13_201), Err("132.01 is more than the 132.00 left"));
        let some = [topped_up(), vec![in_june(10_000)]].concat();
        check(&some, in_june(3_200), KEPT);
        check(&some, in_june(3_201), Err("32.01 is more than the 32.00 left"));
        // 1 July has a share of its own: 12.00.
        let (july, over) = (date(2026, 7, 1), date(2026, 7, 2));
        check(&[topped_up(), vec![in_june(13_200)]].concat(), keep_back(july, july, 1_200), KEPT);
        check(&topped_up(), keep_back(july, over, 1_200), Err("2026-07-01 to 2026-07-02 are not among the days"));
        let may = date(2026, 5, 31);
        check(&topped_up(), keep_back(may, may, 1), Err("are not among the days of the top-up"));
    }

    #[test]
    fn no_more_is_kept_back_than_is_owed_and_what_is_kept_back_is_owed_no_more() {
        // 300.00 of the 400.00 were paid: 100.00 are owed.
        let owed = [topped_up(), vec![pay(1, PaymentKind::Award, 30_000)]].concat();
        check(&owed, in_june(10_000), KEPT);
        check(&owed, in_june(10_001), Err("100.01 with the 300.00 instructed already is more than the 400.00 due"));
        let kept = [owed, vec![in_june(4_500)]].concat();
        check(&kept, pay(2, PaymentKind::Arrears, 5_500), Ok(&["footing.payment.instructed.v2"]));
        check(&kept, pay(2, PaymentKind::Arrears, 5_501), Err("55.01 with the 345.00 instructed already"));
    }

    #[test]
    fn nothing_is_kept_back_for_a_top_up_that_did_not_reach_anybody() {
        let back = [topped_up(), vec![come_back(9)]].concat();
        check(&back, in_june(100), Err("is no top-up that was paid to this payee and did not come back"));
        let mut unsent = topped_up();
        unsent.pop();
        check(&unsent, in_june(100), Err("is no top-up that was paid"));
        // What was kept back for one that came back since is owed again.
        let since = [topped_up(), vec![pay(1, PaymentKind::Award, 30_000), in_june(10_000)]].concat();
        check(&since, pay(2, PaymentKind::Arrears, 1), Err("0.01 with the 400.00"));
        let since = [since, vec![come_back(9)]].concat();
        check(&since, pay(2, PaymentKind::Arrears, 10_000), Ok(&["footing.payment.instructed.v2"]));
    }

    #[test]
    fn the_shares_of_all_days_of_a_top_up_are_what_was_paid() {
        let day = |day| date(2026, 6, day);
        let covers = Days::new(day(1), day(3)).unwrap();
        let of = |first, last| share(Money::from_pence(10_000), covers, Days::new(day(first), day(last)).unwrap());
        // 100.00 over three days: 33.33, then up to 66.66, then the rest.
        assert_eq!([of(1, 1), of(2, 2), of(3, 3)].map(Money::pence), [3_333, 3_333, 3_334]);
        assert_eq!([of(1, 3), of(2, 3)].map(Money::pence), [10_000, 6_667]);
    }
}
