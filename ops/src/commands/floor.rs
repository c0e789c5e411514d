//! `footing floor PERSON|--all`: who was below the floor, on which days, in which view, and why.

use jiff::civil::Date;
use projections::floor::{BreachSpan, Days, Gaps, Scoped};
use projections::views::MemoryViews;
use schemas::PersonId;
use serde_json::{Value, json};
use simulator::account::{FloorAccount, account, named};
use simulator::prevented::Explained;

use crate::cli::{FloorArgs, Global};
use crate::desk::{Desk, broken};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::progress::Progress;
use crate::rules::RuleSet;

/// Prints the floor of one person in full, or a line for everybody.
///
/// # Errors
/// There is no such person, or the ledger cannot be read.
pub fn run(global: &Global, args: &FloorArgs) -> Result<(), Failure> {
    let rules = RuleSet::find(global, &args.rules)?;
    if rules.reform().is_some() {
        return Err(Failure::input(format!(
            "{}: recorded payments are judged under the law they were made by; for a reform ask footing replay --against {}",
            rules.name, args.rules
        )));
    }
    let desk = Desk::open(global.store.sqlite()?)?;
    let format = global.format.unwrap_or_default();
    match &args.person {
        Some(person) => {
            let person = desk.person(person)?;
            let found = of(&desk, person, &desk.around(person, args.as_known)?, &rules, args)?;
            let found = found.ok_or_else(|| nothing(person))?;
            let name = desk.name_of(person)?;
            match format {
                Format::Json => print_json(&json(&found, name.as_deref())),
                Format::Text => print(&text(&found, name.as_deref(), &rules)),
            }
        }
        None => everybody(&desk, &rules, args, format),
    }
}

fn nothing(person: PersonId) -> Failure {
    Failure::input(format!("person {person} was not registered on any of those days"))
}

/// One person's account with the floor; `world` is what is known around them.
fn of(
    desk: &Desk,
    person: PersonId,
    world: &MemoryViews,
    rules: &RuleSet,
    args: &FloorArgs,
) -> Result<Option<FloorAccount>, Failure> {
    let registered = world.person(person).and_then(|view| view.registered);
    let last = desk.last_day()?;
    let (Some(from), Some(to)) = (args.from.or(registered), args.to.or(args.as_known).or(last)) else {
        return Ok(None);
    };
    let days = days(from, to)?;
    let history = desk.history(person, world, args.as_known)?;
    account(person, &history, world, rules.regime(), days).map_err(|error| broken(format!("person {person}: {error}")))
}

fn days(from: Date, to: Date) -> Result<Days, Failure> {
    Days::new(from, to)
        .map_err(|_| Failure::input(format!("--to {to} comes before --from {from}: there are no such days")))
}

fn everybody(desk: &Desk, rules: &RuleSet, args: &FloorArgs, format: Format) -> Result<(), Failure> {
    let people = desk.known()?.0;
    let bar = Progress::towards(people.len() as u64, "people");
    let mut table = Table::new(0, &[2, 3, 4, 5]);
    table.row(["person", "name", "judged", "unknown", "below", "missing", "because of"]);
    let mut rows = Vec::new();
    let around = desk.everyone_around(args.as_known)?;
    for person in people {
        let name = desk.name_of(person)?;
        if let Some(found) = of(desk, person, &around(person)?, rules, args)? {
            let Scoped { judged, unknown, .. } = &found.actual;
            let causes: Vec<String> =
                found.days_by_cause().into_iter().map(|(cause, days)| format!("{cause} {days}")).collect();
            table.row([
                person.to_string(),
                name.clone().unwrap_or_default(),
                judged.to_string(),
                unknown.to_string(),
                found.actual.gaps.breach_days().to_string(),
                found.actual.gaps.shortfall().shown().to_string(),
                causes.join(", "),
            ]);
            rows.push(json(&found, name.as_deref()));
        }
        bar.add(1);
    }
    drop(bar);
    match format {
        Format::Json => print_json(&Value::Array(rows)),
        Format::Text => print(&table.to_string()),
    }
}

fn span(span: &BreachSpan) -> String {
    let (from, to) = (span.days.from(), span.days.to());
    let days = if from == to { from.to_string() } else { format!("{from} to {to}") };
    format!("{days}, {} missing", span.shortfall.shown())
}

/// What is taken for granted where a day is called preventable.
const CHANNEL: &str = "a payment channel is taken to have been open on every day, because the ledger records no outage";

/// One person's account with the floor, for people.
pub fn text(found: &FloorAccount, name: Option<&str>, rules: &RuleSet) -> String {
    let FloorAccount { person, days, actual, .. } = found;
    let who = name.map_or_else(|| person.to_string(), |name| format!("{name} ({person})"));
    let mut text = format!(
        "{who}\n{} to {}, floor {} ({})\n{} days judged, {} unknown, {} in prison, hospital or care{}\n\n",
        days.from(),
        days.to(),
        rules.floor.name,
        rules.floor.rung.name,
        actual.judged,
        actual.unknown,
        actual.prison.days + actual.hospital.days + actual.state_care.days,
        if found.unavailable_days > 0 {
            format!("; {} days on which the floor has no figure for them", found.unavailable_days)
        } else {
            String::new()
        }
    );
    let mut table = Table::new(2, &[1, 2]);
    table.row(["view", "days below", "missing"]);
    for (name, breach_days, shortfall) in &found.views {
        table.row([(*name).to_string(), breach_days.to_string(), shortfall.to_string()]);
    }
    text.push_str(&table.to_string());
    text.push('\n');
    if actual.gaps.no_gap() {
        text.push_str("never below the floor on a day judged\n");
    }
    for part in &found.explained {
        let unseen = if part.believed { "" } else { ", not seen on the day" };
        let (days, shortfall) = (part.days, part.shortfall);
        let (cause, answer) = (named(part.cause), part.answer.label());
        text.push_str(&format!("  {}: {cause}; {answer}{unseen}\n", span(&BreachSpan { days, shortfall })));
    }
    if found.explained.iter().any(|part| part.answer.counts()) {
        text.push_str(&format!("  preventable: {CHANNEL}\n"));
    }
    let beside = [
        ("days believed to be fine on the day itself", found.undetected_days),
        ("days that pooling the household's money would hide", found.hidden_days),
        ("days below only because money went to another person", found.misdirected_days),
        ("days on which the money, spread evenly to the next pay day, is less than the floor", found.level_days),
    ];
    for (what, days) in beside.into_iter().filter(|(_, days)| *days > 0) {
        text.push_str(&format!("  {days} {what}\n"));
    }
    if found.debt > schemas::Money::ZERO {
        text.push_str(&format!("  {} of debt was made by loans\n", found.debt));
    }
    text
}

/// One person's account with the floor, for programs.
pub fn json(found: &FloorAccount, name: Option<&str>) -> Value {
    let FloorAccount { person, days, actual, .. } = found;
    let view = |(name, breach_days, shortfall): &(&str, i64, schemas::Money)| json!({"view": name, "breach_days": breach_days, "shortfall": shortfall.to_json_number()});
    let cause = |caused: &projections::floor::cause::CausedDays| {
        json!({
            "from": caused.days.from().to_string(), "to": caused.days.to().to_string(),
            "counted_under": named(caused.finding.counted_under()),
            "alone": named(caused.finding.alone), "smallest": caused.finding.smallest.iter().map(|set| named(*set)).collect::<Vec<_>>(),
        })
    };
    let explained = |part: &Explained| {
        json!({
            "from": part.days.from().to_string(), "to": part.days.to().to_string(),
            "shortfall": part.shortfall.shown().to_json_number(), "counted_under": named(part.cause),
            "preventable": part.answer.counts(), "answer": part.answer.label(),
            "notified_on": part.notified_on.map(|day| day.to_string()), "believed": part.believed,
        })
    };
    let lag = |lag: &BreachSpan| json!({"from": lag.days.from().to_string(), "to": lag.days.to().to_string(), "days": lag.days.count()});
    json!({
        "person": person.to_string(), "name": name,
        "from": days.from().to_string(), "to": days.to().to_string(),
        "judged_days": actual.judged, "unknown_days": actual.unknown, "unavailable_days": found.unavailable_days,
        "apart_days": {"prison": actual.prison.days, "hospital": actual.hospital.days, "state_care": actual.state_care.days},
        "breach_days": actual.gaps.breach_days(), "shortfall": actual.gaps.shortfall().shown().to_json_number(),
        "spans": spans(&actual.gaps), "breaches": found.explained.iter().map(explained).collect::<Vec<_>>(),
        "preventable_assumes": CHANNEL,
        "preventable_days": found.explained.iter().filter(|part| part.answer.counts()).map(|part| part.days.count()).sum::<i64>(),
        "detection_lags": found.detection_lags.iter().map(lag).collect::<Vec<_>>(),
        "believed": {"breach_days": found.believed.gaps.breach_days(), "shortfall": found.believed.gaps.shortfall().shown().to_json_number(), "spans": spans(&found.believed.gaps)},
        "undetected_days": found.undetected_days, "hidden_days": found.hidden_days,
        "misdirected_days": found.misdirected_days, "level_days": found.level_days, "debt": found.debt.to_json_number(),
        "views": found.views.iter().map(view).collect::<Vec<_>>(), "causes": found.causes.iter().map(cause).collect::<Vec<_>>(),
    })
}

fn spans(gaps: &Gaps) -> Value {
    gaps.spans().iter().map(|span| json!([span.days.from().to_string(), span.days.to().to_string()])).collect()
}
