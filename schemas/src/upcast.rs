//! Older payloads brought up to date, on reading only. Stored bytes and their hashes never change.

use serde_json::Value;

use crate::events::PayloadError;

/// One step from a version of a payload to the next.
pub struct Step {
    /// The older type, such as `footing.earnings.reported.v1`.
    pub from: &'static str,
    /// The newer one.
    pub to: &'static str,
    /// Makes the newer payload out of the older one.
    pub apply: fn(Value) -> Value,
}

/// Every step there is.
pub const STEPS: &[Step] = &[
    // The list of facts grew; every older fact stands in it as it was.
    Step {
        from: "footing.person.fact_recorded.v1",
        to: "footing.person.fact_recorded.v2",
        apply: std::convert::identity,
    },
    Step {
        from: "footing.claim.fact_recorded.v1",
        to: "footing.claim.fact_recorded.v2",
        apply: std::convert::identity,
    },
    // A tribunal's findings are facts of the same list.
    Step { from: "footing.appeal.decided.v1", to: "footing.appeal.decided.v2", apply: std::convert::identity },
    // Days that end with compliance, the length by the table and a rate that facts decide came to stand beside the days.
    Step { from: "footing.sanction.imposed.v1", to: "footing.sanction.imposed.v2", apply: std::convert::identity },
    // More kinds of debts; terms of an advance and last resorts, which an older event does not state.
    Step { from: "footing.debt.registered.v1", to: "footing.debt.registered.v2", apply: std::convert::identity },
    Step { from: "footing.debt.deduction_set.v1", to: "footing.debt.deduction_set.v2", apply: std::convert::identity },
    // The lists of facts grew again, and a tribunal's findings with them.
    Step {
        from: "footing.person.fact_recorded.v2",
        to: "footing.person.fact_recorded.v3",
        apply: std::convert::identity,
    },
    Step {
        from: "footing.claim.fact_recorded.v2",
        to: "footing.claim.fact_recorded.v3",
        apply: std::convert::identity,
    },
    Step { from: "footing.appeal.decided.v2", to: "footing.appeal.decided.v3", apply: std::convert::identity },
    // The account, the day a holiday moved and the reason of a top-up came to stand in the instruction.
    Step { from: "footing.payment.instructed.v1", to: "footing.payment.instructed.v2", apply: std::convert::identity },
    Step { from: "footing.payment.reissued.v1", to: "footing.payment.reissued.v2", apply: std::convert::identity },
    // A list used to be approved by one.
    Step { from: "footing.run.planned.v1", to: "footing.run.planned.v2", apply: approved_by_one },
    // When a claim was made, why so late, and the awards it follows came to stand beside the claimants.
    Step { from: "footing.claim.made.v1", to: "footing.claim.made.v2", apply: std::convert::identity },
];

fn approved_by_one(mut planned: Value) -> Value {
    if let Some(fields) = planned.as_object_mut() {
        fields.insert("approvals".into(), 1.into());
    }
    planned
}

/// The current type name and payload for a stored one.
///
/// # Errors
/// [`PayloadError::Malformed`] when an older payload is not JSON.
pub fn upcast<'a>(
    type_name: &'a str,
    payload: &'a str,
) -> Result<(std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>), PayloadError> {
    through(STEPS, type_name, payload)
}

fn through<'a>(
    steps: &[Step],
    type_name: &'a str,
    payload: &'a str,
) -> Result<(std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>), PayloadError> {
    let Some(mut step) = steps.iter().find(|step| step.from == type_name) else {
        return Ok((type_name.into(), payload.into()));
    };
    let malformed = |e: serde_json::Error| PayloadError::Malformed { field: "data".into(), message: e.to_string() };
    let mut value = (step.apply)(serde_json::from_str(payload).map_err(malformed)?);
    while let Some(next) = steps.iter().find(|next| next.from == step.to) {
        (step, value) = (next, (next.apply)(value));
    }
    Ok((step.to.into(), value.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rename(mut value: Value, from: &str, to: &str) -> Value {
        let moved = value.as_object_mut().and_then(|fields| fields.remove(from)).unwrap_or_default();
        value[to] = moved;
        value
    }

    #[test]
    fn an_old_payload_goes_through_every_step_and_a_current_one_is_left_as_it_is() {
        let steps = [
            Step { from: "pay.v1", to: "pay.v2", apply: |v| rename(v, "sum", "gross") },
            Step { from: "pay.v2", to: "pay.v3", apply: |v| json!({"gross": v["gross"], "currency": "GBP"}) },
        ];
        let (name, payload) = through(&steps, "pay.v1", r#"{"sum":"10.00"}"#).unwrap();
        assert_eq!((name.as_ref(), payload.as_ref()), ("pay.v3", r#"{"currency":"GBP","gross":"10.00"}"#));
        let (name, payload) = through(&steps, "pay.v3", r#"{"gross":  "1.00"}"#).unwrap();
        assert_eq!((name.as_ref(), payload.as_ref()), ("pay.v3", r#"{"gross":  "1.00"}"#));
    }
}
