//! `footing history PERSON`: everything recorded, every payment and where it stands, every run of days below the floor.

use jiff::civil::Date;
use projections::arrears::{self, Overpaid};
use projections::award_end::{Unpaid, unpaid};
use projections::debts::{self, Account};
use projections::describe::describe;
use projections::floor::views::View;
use projections::floor::{BreachSpan, Days};
use projections::outstanding::held_order;
use projections::payments::notes;
use projections::verdict::actual;
use projections::views::{KeptBack, MemoryViews, PaymentView, PersonView};
use schemas::day::london_day;
use schemas::events::Payee;
use schemas::{AssessmentPeriod, ClaimId, Money, PersonId, Recorded};
use serde_json::{Value, json};

use crate::cli::{Global, HistoryArgs};
use crate::commands::run::too_much;
use crate::desk::Desk;
use crate::error::Failure;
use crate::held;
use crate::output::{Format, Table, print, print_json};
use crate::rules::RuleSet;

/// Prints one person's history.
///
/// # Errors
/// There is no such person, or the ledger cannot be read.
pub fn run(global: &Global, args: &HistoryArgs) -> Result<(), Failure> {
    let rules = RuleSet::find(global, &args.rules)?;
    let desk = Desk::of(global)?;
    let person = desk.person(&args.person)?;
    let world = desk.around(person, args.as_known)?;
    let view = world.person(person).ok_or_else(|| Failure::input(format!("person {person} was not known by then")))?;
    let mut events = desk.history(person, &world, args.as_known)?;
    events.retain(|event| view.events.contains(&event.sequence) || is_of_claim(event, view, &world));
    let last = args.as_known.or(desk.last_day()?);
    let days = view.registered.zip(last).and_then(|(from, to)| Days::new(from, to).ok());
    let spans = match days {
        Some(days) => below(person, &world, &rules, days)?,
        None => Vec::new(),
    };
    let evenings = days.iter().flat_map(|days| days.each());
    let unpaid: Vec<Unpaid> = evenings
        .flat_map(|day| unpaid(day, &world, &rules.law))
        .filter(|unpaid| view.claims.contains(&unpaid.claim))
        .collect();
    let debts = debts::of(person, &world);
    let mut overpaid = arrears::overpaid(&world, &rules.law);
    overpaid.retain(|overpaid| overpaid.person == person);
    let name = desk.name_of(person)?;
    let told = Told {
        person,
        name,
        view,
        world: &world,
        events: &events,
        unpaid: &unpaid,
        spans: &spans,
        debts: &debts,
        overpaid: &overpaid,
        last,
    };
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json(&told)),
        Format::Text => print(&text(&told)),
    }
}

fn is_of_claim(event: &Recorded, view: &PersonView, world: &MemoryViews) -> bool {
    view.claims.iter().filter_map(|claim| world.claim(*claim)).any(|claim| claim.events.contains(&event.sequence))
}

fn below(person: PersonId, world: &MemoryViews, rules: &RuleSet, days: Days) -> Result<Vec<BreachSpan>, Failure> {
    let terms = rules.law.terms(days.to());
    let scoped = actual(person, world, &rules.floor, &terms, View::default(), days);
    let scoped = scoped.map_err(|error| Failure::input(error.to_string()))?;
    Ok(scoped.map(|scoped| scoped.gaps.spans()).unwrap_or_default())
}

/// What there is to tell of a person.
struct Told<'a> {
    person: PersonId,
    name: Option<String>,
    view: &'a PersonView,
    world: &'a MemoryViews,
    events: &'a [Recorded],
    unpaid: &'a [Unpaid],
    spans: &'a [BreachSpan],
    debts: &'a [Account],
    /// What was paid too much and nobody decided on yet.
    overpaid: &'a [Overpaid],
    /// The day of the last event.
    last: Option<Date>,
}

fn text(told: &Told<'_>) -> String {
    let Told { person, name, view, world, events, unpaid, spans, debts, overpaid, last } = told;
    let born = view.born.map(|born| format!(", born {born}")).unwrap_or_default();
    let mut text =
        format!("{}{born}\n", name.as_ref().map_or_else(|| person.to_string(), |name| format!("{name} ({person})")));
    let mut table = Table::new(2, &[0]);
    table.row(["at", "recorded", "holds from", "what", "event"]);
    for Recorded { sequence, envelope } in *events {
        let recorded = london_day(envelope.time).to_string();
        table.row([
            sequence.to_string(),
            recorded,
            envelope.effective_from.to_string(),
            describe(&envelope.event),
            envelope.id.to_string(),
        ]);
    }
    text.push_str(&format!("\nrecorded\n{table}\npayments\n"));
    let mut table = Table::new(2, &[2]);
    table.row(["due", "kind", "amount", "status", "usable", "payment"]);
    for payment in &view.payments {
        let usable = payment.usable_on().map(|on| on.to_string()).unwrap_or_default();
        table.row([
            payment.due_on.to_string(),
            payment.kind.to_string(),
            payment.amount.to_string(),
            payment.status().into(),
            usable,
            payment.id.to_string(),
        ]);
    }
    text.push_str(&if view.payments.is_empty() { "  none\n".into() } else { table.to_string() });
    for note in view.payments.iter().flat_map(|payment| told_beside(payment, told)) {
        text.push_str(&format!("  {note}\n"));
    }
    for kept in &view.kept_back {
        text.push_str(&format!("  {}\n", kept.told(view, world)));
    }
    for period in *unpaid {
        text.push_str(&format!("  {period}\n"));
    }
    text.push_str(&debt_table(debts, *last));
    if !overpaid.is_empty() {
        text.push_str("\noverpaid, and nobody has decided whether it is recovered\n");
    }
    for Overpaid { period, payee, amount, ended, .. } in *overpaid {
        let to = if *payee == Payee::Landlord { " to the landlord" } else { "" };
        let why = ended.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        text.push_str(&format!("  {amount} paid{to} for {period} beyond what stands{why}\n"));
    }
    text.push_str("\nbelow the floor\n");
    for span in *spans {
        text.push_str(&format!("  {} to {}: {} missing\n", span.days.from(), span.days.to(), span.shortfall.shown()));
    }
    if spans.is_empty() {
        text.push_str("  on no day judged\n");
    }
    text
}

/// Why the day of a payment moved, why it travels otherwise than asked, or why it does not leave.
fn told_beside(payment: &PaymentView, Told { person, view, world, last, .. }: &Told<'_>) -> Vec<String> {
    let payee = if let Payee::Person(payee) = payment.payee { world.person(payee) } else { None };
    let held = last.and_then(|last| held_order(last, world, *person, payment));
    notes(payment, view, payee).into_iter().chain(held.as_ref().map(held::note)).collect()
}

fn json(told: &Told<'_>) -> Value {
    let Told { person, name, view, world, events, unpaid, spans, debts, overpaid, last } = told;
    let event = |Recorded { sequence, envelope }: &Recorded| {
        let payload: Value =
            envelope.event.payload().ok().and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        json!({
            "sequence": sequence, "id": envelope.id.to_string(), "type": envelope.event.type_name(), "subject": envelope.subject.to_string(),
            "recorded": envelope.time.to_string(), "effective_from": envelope.effective_from.to_string(), "actor": envelope.actor,
            "what": describe(&envelope.event), "data": payload,
        })
    };
    let payment = |payment: &PaymentView| {
        json!({
            "payment": payment.id.to_string(), "kind": payment.kind.name(), "amount": payment.amount.to_json_number(),
            "due_on": payment.due_on.to_string(), "status": payment.status(), "usable_on": payment.usable_on().map(|on| on.to_string()),
            "channel": payment.channel.name(), "nominal_on": payment.nominal_on.map(|on| on.to_string()),
            "notes": told_beside(payment, told),
        })
    };
    let span = |span: &BreachSpan| json!({"from": span.days.from().to_string(), "to": span.days.to().to_string(), "shortfall": span.shortfall.shown().to_json_number()});
    json!({
        "person": person.to_string(), "name": name, "born": view.born.map(|born| born.to_string()),
        "events": events.iter().map(event).collect::<Vec<_>>(), "payments": view.payments.iter().map(payment).collect::<Vec<_>>(),
        "kept_back": view.kept_back.iter().map(|kept| kept_json(kept, view, world)).collect::<Vec<_>>(),
        "debts": owed(debts, *last), "overpaid": overpaid.iter().map(too_much).collect::<Vec<_>>(),
        "unpaid": unpaid.iter().map(|unpaid| json!({"period": unpaid.period, "why": unpaid.why.to_string()})).collect::<Vec<_>>(),
        "below_floor": spans.iter().map(span).collect::<Vec<_>>(),
    })
}

fn kept_json(kept: &KeptBack, view: &PersonView, world: &MemoryViews) -> Value {
    json!({
        "on": kept.on.to_string(), "claim": kept.claim.to_string(), "period": kept.period,
        "amount": kept.amount.to_json_number(), "top_up": kept.top_up.to_string(), "for_whom": kept.for_whom.to_string(),
        "days": kept.days(), "told": kept.told(view, world),
    })
}

/// What became of each debt, a line for each and one for each period that something was taken from; nothing without debts.
fn debt_table(debts: &[Account], last: Option<Date>) -> String {
    if debts.is_empty() {
        return String::new();
    }
    let mut table = Table::new(2, &[1, 2, 3, 4, 5, 6, 7]);
    table.row(["debt", "registered", "deducted", "repaid", "set off", "waived", "written off", "left", "id"]);
    for account in debts {
        let repaid: Money = account.repaid.iter().map(|(_, amount)| *amount).sum();
        table.row([
            account.kind.to_string(),
            account.registered.to_string(),
            (account.recovered() - repaid).to_string(),
            repaid.to_string(),
            account.set_off.to_string(),
            account.waived.to_string(),
            account.written_off.to_string(),
            account.left.to_string(),
            account.debt.to_string(),
        ]);
    }
    let mut text = format!("\ndebts\n{table}");
    for account in debts {
        for (_, period, amount) in &account.deducted {
            text.push_str(&format!("  {amount} taken from {period} for the {}\n", account.kind));
        }
        let missed = last.map_or(Money::ZERO, |day| account.missed(day));
        if missed > Money::ZERO {
            text.push_str(&format!("  {missed} of the instalments agreed for the {} was not paid\n", account.kind));
        }
    }
    text
}

fn owed(debts: &[Account], last: Option<Date>) -> Vec<Value> {
    let deducted = |(claim, period, amount): &(ClaimId, AssessmentPeriod, Money)| json!({"claim": claim.to_string(), "period": period, "amount": amount.to_json_number()});
    let repaid = |(on, amount): &(Date, Money)| json!({"on": on.to_string(), "amount": amount.to_json_number()});
    let debt = |account: &Account| {
        json!({
            "debt": account.debt.to_string(), "kind": account.kind.name(), "registered": account.registered.to_json_number(),
            "deducted": account.deducted.iter().map(deducted).collect::<Vec<_>>(),
            "repaid": account.repaid.iter().map(repaid).collect::<Vec<_>>(),
            "set_off": account.set_off.to_json_number(), "waived": account.waived.to_json_number(),
            "written_off": account.written_off.to_json_number(), "left": account.left.to_json_number(),
            "missed": last.map_or(Money::ZERO, |day| account.missed(day)).to_json_number(),
        })
    };
    debts.iter().map(debt).collect()
}
