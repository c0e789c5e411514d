//! What a caseworker is told beside a payment: why its day moved, and why it travels otherwise than asked.

use jiff::civil::Date;
use schemas::WorkingDays;
use schemas::events::{Channel, Nation, Payee, PersonFact};

use crate::views::{PaymentView, PersonView};

/// What there is to say of a payment that stands on somebody; `payee` is who receives it, where that is another person.
pub fn notes(payment: &PaymentView, entitled: &PersonView, payee: Option<&PersonView>) -> Vec<String> {
    let person = match payment.payee {
        Payee::Person(_) => payee.unwrap_or(entitled),
        Payee::Landlord | Payee::Creditor(_) => entitled,
    };
    let moved = payment.nominal_on.map(|nominal| {
        let why = holiday(person, nominal).map(|name| format!(" ({name})")).unwrap_or_default();
        format!("due {}{why}: paid {}", written(nominal), written(payment.due_on))
    });
    let asked_for_bacs = person.fact("paid_by", payment.ordered_for) == Some(&PersonFact::PaidBy(Channel::Bacs));
    let too_late = asked_for_bacs && payment.channel == Channel::FasterPayments;
    let by_other = || format!("due {}: too late for Bacs, sent by Faster Payments", written(payment.due_on));
    moved.into_iter().chain(too_late.then(by_other)).collect()
}

/// The bank holiday on a day, in the person's nation or, because Bacs rests then, in England.
fn holiday(person: &PersonView, day: Date) -> Option<&'static str> {
    let days = WorkingDays::shipped();
    let nation = match person.fact("nation", day) {
        Some(PersonFact::Nation(nation)) => *nation,
        Some(_) | None => Nation::England,
    };
    days.holiday(nation, day).or_else(|| days.holiday(Nation::England, day))
}

fn written(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}
