//! What left and was never confirmed, and what came back and was not made good: how long it has been so.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::arrears::is_still_due;
use projections::law::Law;
use projections::plan::reissues;
use projections::views::{MemoryViews, PaymentStep, PaymentView};
use schemas::events::{Channel, GapCause, Nation, Payee, PaymentKind};
use schemas::return_code::{Next, Reason, reason};
use schemas::working_days::{WorkingDays, is_weekend};
use schemas::{Money, PaymentId, PersonId};

/// A payment that should be usable and of which the bank said nothing final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// On whom it stands.
    pub person: PersonId,
    /// Which.
    pub payment: PaymentId,
    /// How it travels. Of Bacs no news is good news: it reports what fails.
    pub channel: Channel,
    /// How much.
    pub amount: Money,
    /// The day it should be usable.
    pub due_on: Date,
    /// Working days of the banks since then.
    pub age: u32,
}

/// How old, as the list groups it.
pub const AGES: [(&str, u32, u32); 4] =
    [("same day", 0, 0), ("1 to 3", 1, 3), ("4 to 10", 4, 10), ("more than 10", 11, u32::MAX)];

/// Everything released that is due by a day and never confirmed, oldest first.
pub fn unconfirmed(world: &MemoryViews, on: Date) -> Vec<Unconfirmed> {
    let waits = |payment: &&PaymentView| match payment.steps.last().map(|progress| &progress.step) {
        Some(PaymentStep::Released(..) | PaymentStep::Accepted) => payment.usable_on().is_some_and(|due| due <= on),
        // Sent again is not yet released again.
        None | Some(PaymentStep::Reissued(_) | PaymentStep::Settled(_)) => false,
        Some(PaymentStep::Returned(..) | PaymentStep::Cancelled) => false,
    };
    let of = |person, payment: &PaymentView| {
        let due_on = payment.usable_on().unwrap_or(payment.due_on);
        let (channel, amount, age) = (payment.channel, payment.amount, working_days(due_on, on));
        Unconfirmed { person, payment: payment.id, channel, amount, due_on, age }
    };
    let mut all: Vec<Unconfirmed> = world
        .people()
        .flat_map(|(person, view)| view.payments.iter().filter(waits).map(move |payment| of(person, payment)))
        .collect();
    all.sort_unstable_by_key(|one| (one.due_on, one.payment));
    all
}

/// A payment that came back and is not made good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outstanding {
    /// On whom it stands.
    pub person: PersonId,
    /// Which.
    pub payment: PaymentId,
    /// Who was to receive it.
    pub payee: Payee,
    /// How much.
    pub amount: Money,
    /// The day the return was known.
    pub returned_on: Date,
    /// The bank's code.
    pub code: String,
    /// What the code means, and what is needed.
    pub reason: Reason,
    /// The payee's death, where one is recorded.
    pub died_on: Option<Date>,
    /// Why it was made.
    pub kind: PaymentKind,
    /// Whether the next run sends it again, because other details are known since.
    pub is_sent_again: bool,
    /// Whether it is due as it was: less of it may be since, or nothing.
    pub is_still_due: bool,
    /// Calendar days since the return.
    pub days: i32,
    /// Top-ups since the return that were paid because of it.
    pub topped_up: Money,
}

/// Everything returned by a day and not sent again, oldest first.
pub fn outstanding(world: &MemoryViews, law: &Law, on: Date) -> Vec<Outstanding> {
    let again: BTreeSet<PaymentId> = reissues(on, world, law).iter().map(|again| again.payment.payment).collect();
    let mut all = Vec::new();
    for (person, view) in world.people() {
        for payment in &view.payments {
            let Some(last) = payment.steps.last() else { continue };
            let PaymentStep::Returned(returned_on, code) = &last.step else { continue };
            if *returned_on > on {
                continue;
            }
            let receiver = match payment.payee {
                Payee::Person(receiver) => world.person(receiver),
                Payee::Landlord | Payee::Creditor(_) => None,
            };
            let because = |top_up: &&PaymentView| {
                top_up.kind == PaymentKind::TopUp
                    && top_up.because == Some(GapCause::ReturnedPayment)
                    && top_up.position > last.position
                    && top_up.usable_on().is_some()
            };
            all.push(Outstanding {
                person,
                payment: payment.id,
                payee: payment.payee,
                amount: payment.amount,
                returned_on: *returned_on,
                code: code.clone(),
                reason: reason(code),
                died_on: receiver.and_then(|receiver| receiver.died),
                kind: payment.kind,
                is_sent_again: again.contains(&payment.id),
                is_still_due: is_still_due(payment, world, law),
                days: (on - *returned_on).get_days(),
                topped_up: view.payments.iter().filter(because).map(|top_up| top_up.amount).sum(),
            });
        }
    }
    all.sort_unstable_by_key(|one| (one.returned_on, one.payment));
    all
}

impl Outstanding {
    /// What is needed, in one line.
    pub fn needed(&self) -> String {
        match (self.died_on, self.is_sent_again) {
            (Some(died_on), _) => format!("death recorded on {died_on}; what is owed is for the estate to claim"),
            (None, true) => "new details are recorded; the next run sends it again".into(),
            (None, false) if !self.is_still_due => {
                "not due as it was: what is left of it is paid as arrears when new details are recorded".into()
            }
            (None, false) if self.kind == PaymentKind::TopUp && self.reason.next != Next::CheckDeath => {
                let next = self.reason.next.said(self.whom());
                format!("{next}; a top-up is not sent again, the gap is planned for afresh")
            }
            (None, false) => self.reason.next.said(self.whom()),
        }
    }

    /// Who was paid, in a word.
    pub const fn whom(&self) -> &'static str {
        match self.payee {
            Payee::Person(_) => "payee",
            Payee::Landlord => "landlord",
            Payee::Creditor(_) => "creditor",
        }
    }

    /// What the bank's code means, of whoever was paid.
    pub fn meaning(&self) -> String {
        self.reason.meaning.replace("payee", self.whom())
    }
}

/// Days after the first, up to the second, on which banks work. Of a year whose bank holidays are not known weekdays are
/// counted.
pub fn working_days(from: Date, to: Date) -> u32 {
    let works =
        |day: &Date| WorkingDays::shipped().is_working_day(Nation::England, *day).unwrap_or_else(|_| !is_weekend(*day));
    let days = from.series(1.day()).skip(1).take_while(|day| *day <= to).filter(works).count();
    u32::try_from(days).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn age_is_counted_in_days_on_which_banks_work() {
        // Thursday 24 December 2026; Christmas Day, a weekend and Monday 28 as substitute of Boxing Day do not count.
        assert_eq!(working_days(date(2026, 12, 24), date(2026, 12, 28)), 0);
        assert_eq!(working_days(date(2026, 12, 24), date(2026, 12, 29)), 1);
        assert_eq!(working_days(date(2026, 7, 7), date(2026, 7, 7)), 0);
    }
}
