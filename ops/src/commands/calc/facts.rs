//! What is wrong with a fact or a case, in words that say what to do.

use projections::engine::{CaseFault, Pack, Scope, Value};
use schemas::AssessmentPeriod;

use crate::packs::did_you_mean;

/// Checks that there is a fact of this name where it stands: of each person, or of the case as a whole.
///
/// # Errors
/// There is none: the nearest name, or where it belongs.
pub fn known(pack: &Pack, scope: Scope, field: &str, name: &str) -> Result<(), String> {
    let here = || pack.inputs().iter().filter(|input| input.scope == scope).map(|input| input.name.as_str());
    if here().any(|known| known == name) {
        return Ok(());
    }
    let elsewhere = pack.inputs().iter().any(|input| input.name == name);
    Err(match (elsewhere, scope) {
        (true, Scope::Person) => format!("{field} is a fact of the case as a whole; write `{name}` under `unit`"),
        (true, Scope::Unit) => format!("{field} is a fact of a person; write it under `people` and the person's id"),
        (false, _) => {
            let advice = did_you_mean(name, here());
            let advice = advice.unwrap_or_else(|| format!("`footing pack show {}` lists them", pack.name()));
            format!("{field} is not a fact of this pack; {advice}")
        }
    })
}

/// Reads a fact of the case or of a person.
///
/// # Errors
/// The field, what was found and what was expected.
pub fn value(pack: &Pack, scope: Scope, person: Option<&str>, name: &str, text: &str) -> Result<Value, String> {
    pack.read_fact(scope, person, name, text).map_err(|fault| explain(&fault))
}

/// The period of the pack that starts on a day.
///
/// # Errors
/// The text is no day, or no period of the pack starts then.
pub fn period(pack: &Pack, text: &str) -> Result<AssessmentPeriod, String> {
    let first = text.parse().map_err(|_| {
        format!("period: found `{text}`, expected the first day of the assessment period, as `2025-06-10`")
    })?;
    pack.period_starting(first).map_err(|error| format!("period: {error}"))
}

/// What is wrong with a case, and what somebody who wrote it can do.
pub fn explain(fault: &CaseFault) -> String {
    let advice = match fault {
        CaseFault::Missing { .. } => "; add it to the case",
        CaseFault::Twice { .. } => "; keep one",
        CaseFault::NotInForce { .. } => "; change the period or choose another pack",
        CaseFault::NoValue { .. } | CaseFault::NoVersion { .. } => "; add it to the pack or change the period",
        CaseFault::Unlimited { .. } => "; give the pack a limit for that day or change the period",
        CaseFault::DivisionByZero { .. } => "; look at the facts that the rule uses",
        CaseFault::Overflow { .. } => "; look for an amount that is far too large",
        CaseFault::Refused { .. } => "; the pack does not answer such a case",
        CaseFault::NoCaseBefore { .. } => "; put that case before this one",
        CaseFault::NotAfter { .. } => "; name a case of an earlier period",
        CaseFault::Pack { .. } => "; mend the pack",
        CaseFault::Unknown { .. } | CaseFault::Type { .. } | CaseFault::Bound { .. } => "",
    };
    format!("{fault}{advice}")
}
