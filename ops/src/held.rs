//! Payments that were ordered and are held back, said wherever somebody looks: until such a one leaves or is called off,
//! nothing else of its period is paid.

use projections::outstanding::Held;
use schemas::Money;
use serde_json::{Value, json};

/// How many are named; the others are in `footing pay status`.
const NAMED: usize = 10;

/// What to do about them.
const TO_DO: &str =
    "nothing else of its period is paid until it leaves (resume_payments) or is called off (cancel_payment)";

/// How many are held, which, why, and what to do; nothing where none is.
pub fn text(held: &[Held]) -> String {
    let of = match held.len() {
        0 => return String::new(),
        1 => "1 payment".into(),
        some => format!("{some} payments"),
    };
    let sum: Money = held.iter().map(|held| held.amount).sum();
    let named: String = held.iter().take(NAMED).map(line).collect();
    let more = held.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("  and {more} more: footing pay status\n") } else { String::new() };
    format!("{of} of {sum} held back; of each: {TO_DO}\n{named}{more}")
}

fn line(held: &Held) -> String {
    let payment = held.payment.map(|payment| format!(" (payment {payment})")).unwrap_or_default();
    format!("  person {}: {held}{payment}\n", held.person)
}

/// The same for one payment, beside which it stands.
pub fn note(held: &Held) -> String {
    format!("{held}; {TO_DO}")
}

/// As programs read it.
pub fn json(held: &Held) -> Value {
    json!({
        "person": held.person.to_string(), "payment": held.payment.map(|payment| payment.to_string()),
        "kind": held.kind.name(), "period": held.period, "amount": held.amount.to_json_number(), "why": held.why,
        "since": held.since.to_string(),
    })
}
