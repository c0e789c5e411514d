//! Recoverable hardship payments (SI 2013/376 regs. 115-118): for whom, how much a day, and for how many days. Their
//! recovery is that of a debt.

use jiff::civil::Date;
use schemas::events::{HardshipAwarded, SanctionLevel};
use schemas::{Amount, AssessmentPeriod, DebtId, Money, PeriodKind, PersonId, SanctionId};

use crate::person;
use crate::sanction::{Sanction, claims};
use crate::sanction_days::Run;
use crate::sanction_length::{after, age};
use crate::world::World;

/// Days after the end of a period on which its award is normally paid (SI 2013/380 reg. 47(2)).
const DAYS_AFTER_PERIOD: i64 = 7;

/// A payment for no more days than these goes on to the next pay day (reg. 117(2)).
const SHORT: i64 = 7;

/// What an officer asks for, who found the conditions that no record here shows: application, evidence, acceptance of
/// recovery, requirements met in the last seven days, and hardship (reg. 116(1)(c) to (g)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The debt that the payment creates.
    pub debt: DebtId,
    /// The day on which all conditions are met.
    pub from: Date,
    /// How many days; what the law gives where none are stated.
    pub days: Option<u16>,
    /// For one day; likewise.
    pub per_day: Option<Amount>,
}

/// Why no hardship payment may be awarded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About the person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// Hardship follows from a sanction.
    #[error(
        "from: no sanction that counts has begun by {from}; hardship payments are for people under one (SI 2013/376 reg. 116(1))"
    )]
    NoSanction {
        /// First day of the hardship payment.
        from: Date,
    },
    /// They are for adults.
    #[error("from: the person is under 18 on {from} (SI 2013/376 reg. 116(1)(a))")]
    Under18 {
        /// First day of the hardship payment.
        from: Date,
    },
    /// The compliance condition comes first.
    #[error("sanction {sanction} waits for a compliance condition to be met (SI 2013/376 reg. 116(1)(b))")]
    NotComplied {
        /// Which.
        sanction: SanctionId,
    },
    /// The amount rests on the decision of the period before.
    #[error(
        "{field}: no decision of the period before {from} is recorded, from which SI 2013/376 {provision} takes it: state it"
    )]
    NotKnown {
        /// The field.
        field: &'static str,
        /// First day of the hardship payment.
        from: Date,
        /// The regulation.
        provision: &'static str,
    },
    /// The period before was not reduced, or not at the full rate.
    #[error(
        "from: the award of the period before {from} was not reduced at the full rate (SI 2013/376 regs. 116(1)(h) and 118)"
    )]
    NotReduced {
        /// First day of the hardship payment.
        from: Date,
    },
    /// The figures are those of the law.
    #[error("{field}: {stated} is stated, and SI 2013/376 {provision} gives {by_law}")]
    Other {
        /// The field.
        field: &'static str,
        /// What was given.
        stated: String,
        /// What the law gives.
        by_law: String,
        /// The regulation.
        provision: &'static str,
    },
    /// The payment comes to nothing or does not fit.
    #[error("per_day: {per_day} for {days} days is no amount that can be paid")]
    NoAmount {
        /// For one day.
        per_day: Money,
        /// How many.
        days: u16,
    },
    /// The debt it would create exists.
    #[error("debt {debt} is registered already")]
    DebtExists {
        /// Which.
        debt: DebtId,
    },
}

/// Awards what the law gives from the recorded decision of the period before; figures that are stated must be these.
pub(crate) fn award(world: &World, person: PersonId, asked: Asked) -> Result<HardshipAwarded, Refusal> {
    let Asked { debt, from, days, per_day } = asked;
    let born = person::living(world, person, from)?;
    let history = world.person(person);
    let runs = history.sanctions.runs();
    let begun: Vec<&(SanctionId, Sanction, Run)> = runs.iter().filter(|(_, _, run)| run.first <= from).collect();
    if begun.is_empty() {
        return Err(Refusal::NoSanction { from });
    }
    if age(born, from) < 18 {
        return Err(Refusal::Under18 { from });
    }
    let waits =
        |(_, sanction, _): &&&(SanctionId, Sanction, Run)| sanction.open && sanction.level == SanctionLevel::Low;
    if let Some((sanction, ..)) = begun.iter().find(waits) {
        return Err(Refusal::NotComplied { sanction: *sanction });
    }
    if history.debts.by_id.contains_key(&debt) {
        return Err(Refusal::DebtExists { debt });
    }
    let by_law = by_law(world, person, from, begun.iter().map(|(_, _, run)| *run).max_by_key(|run| run.after));
    if by_law.is_some_and(|by_law| by_law.per_day == Money::ZERO) {
        return Err(Refusal::NotReduced { from });
    }
    let daily = by_law.and_then(|by_law| Amount::new(by_law.per_day).ok());
    let per_day = settled(from, ("per_day", "reg. 118"), per_day, daily)?;
    let days = settled(from, ("days", "reg. 117"), days, by_law.map(|by_law| by_law.days))?;
    let awarded = HardshipAwarded { debt, from, days, per_day };
    match awarded.amount() {
        Some(amount) if amount > Money::ZERO => Ok(awarded),
        Some(_) | None => Err(Refusal::NoAmount { per_day: per_day.money(), days }),
    }
}

/// The figure stated, the figure of the law, or both where they are the same.
fn settled<T: Copy + PartialEq + ToString>(
    from: Date,
    (field, provision): (&'static str, &'static str),
    stated: Option<T>,
    by_law: Option<T>,
) -> Result<T, Refusal> {
    match (stated, by_law) {
        (Some(stated), Some(by_law)) if stated != by_law => {
            Err(Refusal::Other { field, stated: stated.to_string(), by_law: by_law.to_string(), provision })
        }
        (Some(figure), _) | (None, Some(figure)) => Ok(figure),
        (None, None) => Err(Refusal::NotKnown { field, from, provision }),
    }
}

/// What the law gives.
#[derive(Clone, Copy)]
struct ByLaw {
    per_day: Money,
    days: u16,
}

/// Sixty percent of a day of the reduction in the period before, as it was decided (reg. 118), from a day to the one before
/// the pay day of its period (reg. 117). None where that period is not decided here.
fn by_law(world: &World, person: PersonId, from: Date, last_run: Option<Run>) -> Option<ByLaw> {
    let of_claim = |claim| {
        let history = world.claim(claim);
        let cycle = history.claim.cycle(PeriodKind::Month)?;
        let period = cycle.containing(from)?;
        let before = cycle.containing(period.first().yesterday().ok()?)?;
        let per_day = history.assessments.decided(before)?.hardship_daily?;
        let days = days_until_paid(from, period, cycle.next(period)?, last_run?);
        Some(ByLaw { per_day, days: u16::try_from(days).ok()? })
    };
    claims(world, person).find_map(of_claim)
}

/// To the day before the normal pay day of the period; where that is a week or less, to the pay day of the next period or
/// the last day of the reduction, whichever comes first (reg. 117(1) and (2)).
fn days_until_paid(from: Date, period: AssessmentPeriod, next: AssessmentPeriod, last_run: Run) -> i64 {
    let pay_day = |period: AssessmentPeriod| after(period.last(), DAYS_AFTER_PERIOD);
    let held = |until: Date| i64::from((until - from).get_days());
    let short = held(pay_day(period));
    let longer = held(after(pay_day(next), 1).min(last_run.after));
    if short > SHORT || longer <= 0 { short } else { longer }
}
