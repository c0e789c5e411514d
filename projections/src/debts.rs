//! What became of each debt of a person: taken from awards, paid back, set off, waived, written off, and what is left.
//!
//! What is taken counts when the decision that took it stands, whether its payment has arrived or not: a debt is not asked
//! for twice. Where the award had ended nothing is paid of it, and nothing taken. Everything adds up: what was registered is what became of it and what is left.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{DebtKind, Frequency};
use schemas::{AssessmentPeriod, ClaimId, DebtId, Money, PersonId};

use crate::award_end::is_overtaken;
use crate::views::{Debt, Instalments, MemoryViews};

/// What became of a debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which.
    pub debt: DebtId,
    /// Where it comes from.
    pub kind: DebtKind,
    /// What was owed when it was registered.
    pub registered: Money,
    /// What decisions that stand took, by claim and period, in order; nothing of an award that had ended.
    pub deducted: Vec<(ClaimId, AssessmentPeriod, Money)>,
    /// What was paid back otherwise, with the day the money came.
    pub repaid: Vec<(Date, Money)>,
    /// What came due after all.
    pub set_off: Money,
    /// What was given up for the person's sake.
    pub waived: Money,
    /// What was given up as not collectable.
    pub written_off: Money,
    /// What is left. Less than nothing where more was taken than was owed, until it is paid back.
    pub left: Money,
    /// The instalments agreed last.
    pub plan: Option<Instalments>,
}

impl Account {
    /// What was paid back: taken from awards or otherwise.
    pub fn recovered(&self) -> Money {
        let deducted = self.deducted.iter().map(|(_, _, amount)| *amount).sum::<Money>();
        deducted + self.repaid.iter().map(|(_, amount)| *amount).sum()
    }

    /// What should have been paid by a day under the instalments agreed, and was not.
    pub fn missed(&self, day: Date) -> Money {
        let Some(plan) = self.plan else { return Money::ZERO };
        let paid: Money =
            self.repaid.iter().filter(|(on, _)| plan.from <= *on && *on <= day).map(|(_, sum)| *sum).sum();
        let due = (0..plan.due_by(day)).map(|_| plan.each).sum::<Money>();
        (due - paid).min(self.left).at_least_zero()
    }
}

/// What became of every debt of a person, in the order registered.
pub fn of(person: PersonId, world: &MemoryViews) -> Vec<Account> {
    let debts = world.person(person).into_iter().flat_map(|view| &view.debts);
    debts.map(|debt| account(person, debt, world)).collect()
}

/// What became of one debt of a person.
pub fn account(person: PersonId, debt: &Debt, world: &MemoryViews) -> Account {
    let deducted = deducted(person, debt.id, world);
    let taken: Money = deducted.iter().map(|(_, _, amount)| *amount).sum();
    Account {
        debt: debt.id,
        kind: debt.kind,
        registered: debt.registered,
        left: debt.owed - taken,
        deducted,
        repaid: debt.repaid.clone(),
        set_off: debt.set_off,
        waived: debt.waived,
        written_off: debt.written_off,
        plan: debt.plan,
    }
}

fn deducted(person: PersonId, debt: DebtId, world: &MemoryViews) -> Vec<(ClaimId, AssessmentPeriod, Money)> {
    let claims = world.person(person).into_iter().flat_map(|view| &view.claims);
    let mut deducted = Vec::new();
    for (id, claim) in claims.filter_map(|id| Some((*id, world.claim(*id)?))) {
        for made in &claim.determined {
            let stands = claim.standing(made.period).is_some_and(|standing| standing.event == made.event);
            let paid = stands && !is_overtaken(claim, made, world);
            let of_it = made.deducted.iter().filter(|of| paid && of.debt == debt);
            let amount: Money = of_it.map(|of| of.amount.money()).sum();
            if amount > Money::ZERO {
                deducted.push((id, made.period, amount));
            }
        }
    }
    deducted.sort_by_key(|(_, period, _)| *period);
    deducted
}

impl Instalments {
    /// How many have come due by a day.
    fn due_by(self, day: Date) -> usize {
        let days = match self.every {
            Frequency::Weekly => 7.days(),
            Frequency::Fortnightly => 14.days(),
            Frequency::FourWeekly => 28.days(),
            Frequency::Monthly => 1.month(),
            Frequency::Irregular => return 0,
        };
        self.from.series(days).take_while(|due| *due <= day).count()
    }
}
