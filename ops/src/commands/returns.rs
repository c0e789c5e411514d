//! `footing pay returns`: payments that came back and are not made good, and what each of them needs.

use jiff::Timestamp;
use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::Payee;
use serde_json::{Value, json};

use crate::bank::ageing::{Outstanding, outstanding};
use crate::cli::Global;
use crate::desk::Desk;
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::rules::RuleSet;

/// Lists them, oldest first.
///
/// # Errors
/// There is no such rulebook, or the ledger cannot be read.
pub fn run(global: &Global, on: Option<Date>, rules: &str) -> Result<(), Failure> {
    let rules = RuleSet::find(global, rules)?;
    let desk = Desk::to_record(global)?;
    let on = on.unwrap_or_else(|| london_day(Timestamp::now()));
    let all = outstanding(&desk.world(None)?.0, &rules.law, on);
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&Value::Array(all.iter().map(json).collect())),
        Format::Text => print(&text(&desk, &all)?),
    }
}

fn text(desk: &Desk, all: &[Outstanding]) -> Result<String, Failure> {
    if all.is_empty() {
        return Ok("nothing that came back is outstanding\n".into());
    }
    let mut text = String::new();
    let mut table = Table::new(0, &[1, 5, 6]);
    table.row(["returned", "days", "payment", "for", "paid to", "amount", "topped up", "code", "needed"]);
    for one in all {
        let name = desk.name_of(one.person)?.unwrap_or_else(|| one.person.to_string());
        table.row([
            one.returned_on.to_string(),
            one.days.to_string(),
            one.payment.to_string(),
            name,
            paid_to(desk, one)?,
            one.amount.to_string(),
            one.topped_up.to_string(),
            format!("{}: {}", one.code, one.meaning()),
            one.needed(),
        ]);
    }
    text.push_str(&table.to_string());
    Ok(text)
}

/// Whose account it went into, as people call them.
fn paid_to(desk: &Desk, one: &Outstanding) -> Result<String, Failure> {
    Ok(match one.payee {
        Payee::Person(person) => desk.name_of(person)?.unwrap_or_else(|| person.to_string()),
        Payee::Landlord | Payee::Creditor(_) => one.whom().into(),
    })
}

fn json(one: &Outstanding) -> Value {
    let payee = match one.payee {
        Payee::Person(person) => person.to_string(),
        Payee::Landlord => "landlord".into(),
        Payee::Creditor(debt) => format!("creditor of {debt}"),
    };
    json!({
        "payment": one.payment.to_string(), "person": one.person.to_string(), "payee": payee,
        "amount": one.amount.to_json_number(), "returned_on": one.returned_on.to_string(), "days": one.days,
        "code": one.code, "meaning": one.meaning(), "next": one.reason.next.name(), "needed": one.needed(),
        "died_on": one.died_on.map(|day| day.to_string()), "is_sent_again": one.is_sent_again,
        "is_still_due": one.is_still_due, "kind": one.kind.name(),
        "topped_up": one.topped_up.to_json_number(),
    })
}
