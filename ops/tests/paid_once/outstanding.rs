//! What is left when all is quiet: of each person and period what is due and was not paid, and why.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::{AssessmentPeriod, ClaimId, Money, PaymentId, PersonId};

use crate::statement::{Payment, Stage, Statement, Whose, entitled, is_award, owner};

/// A difference between what is due for a period and what was paid. What a landlord gets is the money of the person it is
/// paid for (SI 2013/384 reg. 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub claim: ClaimId,
    /// The period, and all for which something was paid together with it.
    pub periods: BTreeSet<AssessmentPeriod>,
    pub whose: PersonId,
    pub due: Money,
    pub paid: Money,
    /// Why nothing more leaves, where the raw events say it.
    pub excused: Option<&'static str>,
}

impl Statement {
    /// Every difference between due and paid, of periods whose award should be usable by a day.
    pub fn differences(&self, by: Date) -> Vec<Difference> {
        let mut found = Vec::new();
        for (id, claim) in &self.claims {
            for period in claim.standing.keys().filter(|period| self.paid_by(**period) <= by) {
                for whose in self.whose(*id, *period) {
                    let (periods, paid) = self.paid_together(*id, Whose::Own(whose), BTreeSet::from([*period]));
                    let due: Money = periods.iter().map(|period| self.due(*id, *period, Whose::Own(whose), true)).sum();
                    // Nobody had what was kept back: it counts as far as it was due, and is never too much.
                    let kept = self.kept_back(*id, Whose::Own(whose), &periods).min((due - paid).at_least_zero());
                    let paid = paid + kept;
                    if due != paid {
                        let excused = self.excuse(*id, &periods, whose, by);
                        found.push(Difference { claim: *id, periods, whose, due, paid, excused });
                    }
                }
            }
        }
        found
    }

    /// Seven days after the period (SI 2013/380 reg. 47(2)); in parts, the last one within a month of that (reg. 47(1)).
    fn paid_by(&self, period: AssessmentPeriod) -> Date {
        period.last().saturating_add(if self.in_parts { 31.days() } else { 7.days() })
    }

    /// Everybody to whom a decision on the period gives something, or who was paid something for it.
    fn whose(&self, claim: ClaimId, period: AssessmentPeriod) -> BTreeSet<PersonId> {
        let decision = &self.claims[&claim].standing[&period];
        let given = decision.lines.iter().map(|line| owner(entitled(decision, line), line.payee));
        let orders = self.payments.values().filter(|payment| is_award(&payment.order));
        let paid = orders
            .filter(|Payment { order, .. }| order.claim == Some(claim) && self.periods_of(order).contains(&period));
        given.chain(paid.map(|payment| owner(payment.person, payment.order.payee))).collect()
    }

    /// Why nothing leaves for somebody: they died or are held, or somebody who is entitled to what they are given; or a
    /// payment came back, which is sent again when it is known where to.
    fn excuse(
        &self,
        claim: ClaimId,
        periods: &BTreeSet<AssessmentPeriod>,
        whose: PersonId,
        by: Date,
    ) -> Option<&'static str> {
        let decisions = periods.iter().map(|period| &self.claims[&claim].standing[period]);
        let theirs = decisions.flat_map(|decision| {
            let lines = decision.lines.iter().map(move |line| (entitled(decision, line), line.payee));
            lines.filter(|(entitled, payee)| owner(*entitled, *payee) == whose).map(|(entitled, _)| entitled)
        });
        let people: BTreeSet<PersonId> = theirs.chain([whose]).collect();
        let dead = |person: &PersonId| self.deaths.get(person).is_some_and(|died| *died <= by);
        let came_back = self.payments.values().any(|Payment { person, order, stage, .. }| {
            let of_it = order.claim == Some(claim) && !self.periods_of(order).is_disjoint(periods);
            *stage == Stage::Returned && of_it && owner(*person, order.payee) == whose
        });
        if people.iter().any(dead) {
            Some("dead")
        } else if people.iter().any(|person| self.held.contains(person)) {
            Some("held")
        } else {
            came_back.then_some("came back")
        }
    }

    /// Months of an open claim that ended by a day and were never decided, each by its first day and its last, which may be
    /// a few days off where the claim began at the end of a month (SI 2013/376 reg. 21(2)).
    pub fn undecided(&self, by: Date) -> Vec<(ClaimId, Date, Date)> {
        let mut found = Vec::new();
        for (id, claim) in &self.claims {
            let month = |month: i32| claim.from.saturating_add(month.months());
            let months = (0..24).map(|n| (month(n), month(n + 1).yesterday().unwrap()));
            for (first, last) in months.filter(|(_, last)| last.saturating_add(3.days()) < by) {
                let middle = first.saturating_add(14.days());
                let decided = claim.standing.keys().any(|period| period.first() <= middle && middle <= period.last());
                if !decided && !self.has_ended(claim, last) {
                    found.push((*id, first, last));
                }
            }
        }
        found
    }

    /// Payments that were ordered, never left, and nobody holds back or called off. One whose payee died waits for somebody to
    /// say who is paid instead.
    pub fn never_left(&self, by: Date) -> Vec<PaymentId> {
        let waits = self.payments.iter().filter(|(_, payment)| payment.stage == Stage::Instructed);
        let free = waits.filter(|(_, payment)| {
            let dead = |person: PersonId| self.deaths.get(&person).is_some_and(|died| *died <= by);
            let receives = owner(payment.person, payment.order.payee);
            !self.held.contains(&payment.person) && !dead(payment.person) && !dead(receives)
        });
        free.map(|(id, _)| *id).collect()
    }
}
