//! Money from elsewhere: pay that employers report, and other income.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{EarningsReported, Event, IncomeReceived, OutflowReported};

use crate::command::Command;
use crate::order::IncomeOrder;
use crate::person;
use crate::world::{World, recorded_day};

/// How far ahead of a day of payment a report of it is taken: employers report on or before the day, and a month covers
/// every ordinary pay run, while a mistyped year is caught.
const AHEAD_DAYS: i32 = 31;

/// Why income may not be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About the person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// Pay of the far future.
    #[error("{field}: {day} is more than {AHEAD_DAYS} days after the day of recording, {recorded}")]
    InTheFuture {
        /// The field.
        field: &'static str,
        /// The day given.
        day: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// More is taken off than there is.
    #[error("gross: tax, national insurance and pension add up to more than the pay before them")]
    MoreTakenThanPaid,
    /// The next of a series comes after this one.
    #[error("next_due: {next_due} does not come after {day}")]
    NextNotAfter {
        /// The next day given.
        next_due: Date,
        /// This day.
        day: Date,
    },
    /// No money at all.
    #[error("amount: it is nothing")]
    Nothing,
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &IncomeOrder) -> Result<Event, Refusal> {
    person::living(world, *subject(order), command.effective_from)?;
    let recorded = recorded_day(command);
    Ok(match order {
        IncomeOrder::ReportEarnings {
            person: _,
            paid_on,
            gross,
            tax,
            national_insurance,
            pension,
            frequency,
            next_due,
            employment,
        } => {
            not_far_ahead("paid_on", *paid_on, recorded)?;
            comes_after(*next_due, *paid_on)?;
            if tax.money() + national_insurance.money() + pension.money() > gross.money() {
                return Err(Refusal::MoreTakenThanPaid);
            }
            EarningsReported {
                paid_on: *paid_on,
                gross: *gross,
                tax: *tax,
                national_insurance: *national_insurance,
                pension: *pension,
                frequency: *frequency,
                next_due: *next_due,
                employment: employment.clone(),
            }
            .into()
        }
        IncomeOrder::ReceiveIncome { person: _, on, amount, kind, next_due } => {
            not_far_ahead("on", *on, recorded)?;
            comes_after(*next_due, *on)?;
            if amount.money() == schemas::Money::ZERO {
                return Err(Refusal::Nothing);
            }
            IncomeReceived { on: *on, amount: *amount, kind: *kind, next_due: *next_due }.into()
        }
        IncomeOrder::ReportOutflow { person: _, on, amount, kind } => {
            not_far_ahead("on", *on, recorded)?;
            if amount.money() == schemas::Money::ZERO {
                return Err(Refusal::Nothing);
            }
            OutflowReported { on: *on, amount: *amount, kind: *kind }.into()
        }
    })
}

const fn subject(order: &IncomeOrder) -> &schemas::PersonId {
    match order {
        IncomeOrder::ReportEarnings { person, .. }
        | IncomeOrder::ReceiveIncome { person, .. }
        | IncomeOrder::ReportOutflow { person, .. } => person,
    }
}

fn not_far_ahead(field: &'static str, day: Date, recorded: Date) -> Result<(), Refusal> {
    if day > recorded.saturating_add(AHEAD_DAYS.days()) {
        return Err(Refusal::InTheFuture { field, day, recorded });
    }
    Ok(())
}

fn comes_after(next_due: Option<Date>, day: Date) -> Result<(), Refusal> {
    match next_due {
        Some(next_due) if next_due <= day => Err(Refusal::NextNotAfter { next_due, day }),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TODAY, amount, check, person, register};
    use jiff::civil::date;
    use schemas::events::{Frequency, IncomeKind};

    fn earnings(paid_on: Date, gross: i64, tax: i64, next_due: Option<Date>) -> IncomeOrder {
        IncomeOrder::ReportEarnings {
            person: person(1),
            paid_on,
            gross: amount(gross),
            tax: amount(tax),
            national_insurance: amount(0),
            pension: amount(0),
            frequency: Frequency::Monthly,
            next_due,
            employment: None,
        }
    }

    #[test]
    fn earnings_are_taken_of_a_registered_person_up_to_a_month_ahead() {
        let reported: Result<&[&str], &str> = Ok(&["footing.earnings.reported.v1"]);
        check(&[], earnings(TODAY, 100_000, 0, None), Err("is not registered"));
        check(&[register(1)], earnings(TODAY, 100_000, 0, None), reported);
        check(&[register(1)], earnings(date(2026, 7, 16), 100_000, 0, None), reported);
        check(
            &[register(1)],
            earnings(date(2026, 7, 17), 100_000, 0, None),
            Err("paid_on: 2026-07-17 is more than 31"),
        );
    }

    #[test]
    fn no_more_is_taken_off_pay_than_there_is_and_the_next_pay_comes_later() {
        check(&[register(1)], earnings(TODAY, 100, 101, None), Err("add up to more than the pay"));
        check(&[register(1)], earnings(TODAY, 100, 0, Some(TODAY)), Err("next_due: 2026-06-15 does not come after"));
    }

    #[test]
    fn income_of_nothing_is_no_income() {
        let receive = |pence| IncomeOrder::ReceiveIncome {
            person: person(1),
            on: TODAY,
            amount: amount(pence),
            kind: IncomeKind::Maintenance,
            next_due: None,
        };
        check(&[register(1)], receive(1), Ok(&["footing.income.received.v1"]));
        check(&[register(1)], receive(0), Err("amount: it is nothing"));
    }
}
