//! A command: an order with who gives it, when, and from which day it holds. One flat JSON object:
//! `{"id": …, "actor": …, "time": …, "effective_from": …, "do": "report_earnings", "person": …, …}`.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemas::{CommandId, Digest, EventId};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::order::Order;

/// An order to the ledger, with everything said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// Names it. Submitting the same command again gives the first result; another one under the same name is an error.
    pub id: CommandId,
    /// Who gives it.
    pub actor: String,
    /// When it is recorded. The only part that may differ when a command is submitted again.
    pub time: Timestamp,
    /// From which day it holds in law.
    pub effective_from: Date,
    /// Until which day, if it says.
    pub effective_to: Option<Date>,
    /// The day the person told us.
    pub notified_on: Option<Date>,
    /// The day it was decided.
    pub decided_on: Option<Date>,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// The business it belongs to, across commands.
    pub correlation: Option<CommandId>,
    /// What to do.
    #[serde(skip)]
    pub order: Order,
}

/// Why a line is not a command: which field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct CommandError {
    /// Path of the field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Command {
    /// Reads one JSON object.
    ///
    /// # Errors
    /// [`CommandError`] for the first field that does not fit, is missing or is not known.
    pub fn from_json(text: &str) -> Result<Command, CommandError> {
        let Fields(mut fields) = serde_json::from_str(text).map_err(|error| wrong("line", error.to_string()))?;
        let command = Command {
            id: required(&mut fields, "id")?,
            actor: required(&mut fields, "actor")?,
            time: required(&mut fields, "time")?,
            effective_from: required(&mut fields, "effective_from")?,
            effective_to: optional(&mut fields, "effective_to")?,
            notified_on: optional(&mut fields, "notified_on")?,
            decided_on: optional(&mut fields, "decided_on")?,
            causation: optional(&mut fields, "causation")?,
            correlation: optional(&mut fields, "correlation")?,
            order: {
                let name: String = required(&mut fields, "do")?;
                read_order(&name, &fields)?
            },
        };
        match command.effective_to {
            Some(to) if to < command.effective_from => {
                Err(wrong("effective_to", format!("{to} is before effective_from {}", command.effective_from)))
            }
            Some(_) | None => Ok(command),
        }
    }

    /// The command as one line of JSON, keys in alphabetical order.
    ///
    /// # Errors
    /// Only if a field holds something that JSON cannot, which no type here does.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        self.canonical(|_| true)
    }

    /// SHA-256 over the command in canonical JSON (RFC 8785) without `time`. Confidential text must be sealed before, so
    /// that the hash, which stands in the stream, cannot be used to test guesses of the text.
    ///
    /// # Errors
    /// As [`Command::to_json`].
    pub fn hash(&self) -> Result<Digest, serde_json::Error> {
        Ok(Digest::of(self.canonical(|name| name != "time")?.as_bytes()))
    }

    /// One flat object of the fields wanted, without those that say nothing.
    fn canonical(&self, wanted: impl Fn(&str) -> bool) -> Result<String, serde_json::Error> {
        let (head, order) = (serde_json::to_string(self)?, serde_json::to_string(&self.order)?);
        let (Fields(mut fields), Fields(named)) = (serde_json::from_str(&head)?, serde_json::from_str(&order)?);
        for (_name, order) in named {
            fields.extend(serde_json::from_str::<Fields<'_>>(order.get())?.0);
        }
        let name = serde_json::value::to_raw_value(self.order.name())?;
        fields.push(("do".into(), &name));
        fields.retain(|(name, value)| value.get() != "null" && wanted(name));
        fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        let mut text = String::with_capacity(head.len() + order.len() + 32);
        for (name, value) in fields {
            text.push(if text.is_empty() { '{' } else { ',' });
            text.push_str(&serde_json::to_string(&name)?);
            text.push(':');
            match value.get().as_bytes().first() {
                Some(b'{' | b'[') => write_canonical(&serde_json::from_str(value.get())?, &mut text)?,
                Some(_) | None => text.push_str(value.get()),
            }
        }
        text.push('}');
        Ok(text)
    }
}

fn wrong(field: impl Into<String>, reason: impl Into<String>) -> CommandError {
    CommandError { field: field.into(), reason: reason.into() }
}

/// The fields of an object as they stand in the text, each once.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'a>, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one command as a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::with_capacity(20);
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    if fields.iter().any(|(known, _)| *known == name.0) {
                        return Err(A::Error::custom(format_args!("field `{}` stands twice", name.0)));
                    }
                    fields.push((name.0, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A field's name, borrowed where the text allows.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

fn required<T: for<'de> Deserialize<'de>>(
    fields: &mut Vec<(Cow<'_, str>, &RawValue)>,
    name: &str,
) -> Result<T, CommandError> {
    optional(fields, name)?.ok_or_else(|| wrong(name, "is missing"))
}

fn optional<T: for<'de> Deserialize<'de>>(
    fields: &mut Vec<(Cow<'_, str>, &RawValue)>,
    name: &str,
) -> Result<Option<T>, CommandError> {
    let Some(at) = fields.iter().position(|(field, _)| field == name) else { return Ok(None) };
    let (_, value) = fields.swap_remove(at);
    serde_json::from_str(value.get()).map_err(|error| wrong(name, without_place(&error.to_string())))
}

/// Reads what is left of the fields as the order of this name.
fn read_order(name: &str, fields: &[(Cow<'_, str>, &RawValue)]) -> Result<Order, CommandError> {
    let mut text = String::with_capacity(64 + fields.iter().map(|(n, v)| n.len() + v.get().len() + 4).sum::<usize>());
    text.push_str("{\"");
    text.push_str(name);
    text.push_str("\":{");
    for (i, (field, value)) in fields.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(field).map_err(|error| wrong(field.as_ref(), error.to_string()))?);
        text.push(':');
        text.push_str(value.get());
    }
    text.push_str("}}");
    match Order::read(name, &text) {
        Some(Ok(order)) => Ok(order),
        Some(Err(error)) => Err(order_error(name, &error)),
        None => Err(wrong("do", format!("`{name}` is not an order; the orders are: {}", Order::NAMES.join(", ")))),
    }
}

/// Names the field as it stands in the command, not in the object it was read from.
fn order_error(name: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> CommandError {
    let message = error.inner().to_string();
    let message = without_place(&message);
    let path = error.path().to_string();
    let path = path.strip_prefix(name).unwrap_or(&path).trim_start_matches('.');
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (missing, path) {
        (Some(field), "") => wrong(field, "is missing"),
        (Some(field), path) => wrong(format!("{path}.{field}"), "is missing"),
        (None, "") => wrong(name, message),
        (None, path) => wrong(path, message),
    }
}

/// Cuts off a line and column that belong to a text nobody sees.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").and_then(|at| message.get(..at)).unwrap_or(message)
}

/// RFC 8785: keys sorted by their UTF-16 code units, no white space. Numbers here are integers only.
fn write_canonical(value: &Value, out: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, (name, value)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(name)?);
                out.push(':');
                write_canonical(value, out)?;
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out)?;
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&serde_json::to_string(value)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#""id":"01939c2e-0000-7000-8000-000000000001","actor":"employer","time":"2026-01-31T09:00:00Z","effective_from":"2026-01-31""#;
    const EARNINGS: &str = r#""do":"report_earnings","person":"01939c2e-0000-7000-8000-0000000000aa","paid_on":"2026-01-31","gross":1500.5,"tax":"90.00","national_insurance":"36.00","pension":"0.00","frequency":"monthly""#;

    #[track_caller]
    fn check(text: &str, field: &str, reason: &str) {
        let error = Command::from_json(text).unwrap_err();
        assert!(error.field == field && error.reason.contains(reason), "{error}");
    }

    #[test]
    fn a_command_is_one_flat_object_and_comes_back_as_written() {
        let command = Command::from_json(&format!("{{{HEAD},{EARNINGS}}}")).unwrap();
        assert_eq!(command.order.name(), "report_earnings");
        let text = command.to_json().unwrap();
        assert!(text.starts_with(r#"{"actor":"employer","do":"report_earnings","effective_from":"2026-01-31","frequency":"monthly","gross":"1500.50","id""#), "{text}");
        assert_eq!(Command::from_json(&text), Ok(command));
    }

    #[test]
    fn each_field_that_does_not_fit_is_named() {
        check(&format!("{{{EARNINGS}}}"), "id", "is missing");
        check(&format!("{{{HEAD}}}"), "do", "is missing");
        check(&format!(r#"{{{HEAD},"do":"bake"}}"#), "do", "`bake` is not an order");
        check(&format!(r#"{{{HEAD},{EARNINGS},"colour":1}}"#), "colour", "unknown field");
        check(&format!(r#"{{{HEAD},{EARNINGS},"gross":1}}"#), "line", "field `gross` stands twice");
        check(&format!("{{{HEAD},{}}}", EARNINGS.replace("90.00", "-90.00")), "tax", "is negative");
        check(&format!("{{{HEAD},{}}}", EARNINGS.replace("1500.5", "1500.555")), "gross", "more than two decimals");
        check(&format!("{{{HEAD},{}}}", EARNINGS.replace("2026-01-31", "2026-02-30")), "paid_on", "day");
        check(&format!("{{{HEAD},{}}}", EARNINGS.replace(r#""tax":"90.00","#, "")), "tax", "is missing");
        check(&format!("{{{},{EARNINGS}}}", HEAD.replace("01-31\"", "13-31\"")), "effective_from", "month");
        check("[1]", "line", "expected one command as a JSON object");
    }

    #[test]
    fn a_fact_that_is_unknown_or_of_the_wrong_type_is_named() {
        let fact = |fact: &str| {
            format!(
                r#"{{{HEAD},"do":"record_claim_fact","claim":"01939c2e-0000-7000-8000-0000000000cc","fact":{fact}}}"#
            )
        };
        assert!(Command::from_json(&fact(r#"{"key":"rent","value":"400.00"}"#)).is_ok());
        check(&fact(r#"{"key":"rent","value":"-400.00"}"#), "fact.value", "negative");
        check(&fact(r#"{"key":"rent","value":true}"#), "fact.value", "invalid type");
        check(&fact(r#"{"key":"bedrooms","value":"two"}"#), "fact.value", "invalid type");
        check(&fact(r#"{"key":"colour","value":"red"}"#), "fact.key", "unknown variant `colour`");
    }

    #[test]
    fn the_hash_leaves_out_the_time_and_nothing_else() {
        let text = format!("{{{HEAD},{EARNINGS}}}");
        let hash = |text: &str| Command::from_json(text).unwrap().hash().unwrap();
        assert_eq!(hash(&text), hash(&text.replace("T09:00:00Z", "T10:00:00Z")));
        assert_eq!(hash(&text), hash(&text.replace("1500.5", "\"1500.50\"")));
        assert_ne!(hash(&text), hash(&text.replace("1500.5", "1500.51")));
        assert_ne!(hash(&text), hash(&text.replace("employer", "somebody")));
    }
}
