//! `footing pay status`: runs and their stage, where payments stand, what is held, and money that nobody has taken.

use jiff::civil::Date;
use projections::outstanding::{Outstanding, outstanding};
use projections::runs::{Placed, RunView, Runs};
use projections::views::{KeptBack, MemoryViews};
use schemas::day::london_day;
use schemas::{PersonId, RunId};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::commands::pay::next;
use crate::commands::pay_approvals;
use crate::desk::{Desk, only};
use crate::error::Failure;
use crate::held;
use crate::output::{Format, Table, print, print_json};
use crate::rules::RuleSet;

/// Prints where everything stands, or one run.
///
/// # Errors
/// There is no such run, or the ledger cannot be read.
pub fn run(global: &Global, run: Option<&str>, on: Option<Date>, rules: &str) -> Result<(), Failure> {
    let rules = RuleSet::find(global, rules)?;
    let desk = Desk::to_record(global)?;
    let known = desk.known_at(u64::MAX)?;
    let runs = shown(&known.runs, run)?;
    let Some(on) = on.or(known.last.map(london_day)) else { return print("nothing is recorded yet\n") };
    let found = run.is_none().then(|| outstanding(on, &known.world, &rules.law));
    match global.format.unwrap_or_default() {
        Format::Json => {
            let runs: Vec<Value> = runs.iter().map(|(run, view)| run_json(*run, view, &known.world)).collect();
            print_json(
                &json!({"on": on.to_string(), "approvals": known.runs.approvals().required(), "runs": runs, "payments": found.as_ref().map(payments_json)}),
            )
        }
        Format::Text => {
            let payments = found.map(|found| payments_text(on, &found)).unwrap_or_default();
            let rule = known.runs.approvals();
            let rule = if run.is_none() && rule.required() > 1 { pay_approvals::text(rule) } else { String::new() };
            let more = match run {
                Some(_) => runs.iter().map(|(run, view)| more(*run, view, &known.world)).collect(),
                None => String::new(),
            };
            print(&format!("{rule}{}{more}{payments}", runs_text(&runs)))
        }
    }
}

fn shown<'r>(runs: &'r Runs, wanted: Option<&str>) -> Result<Vec<(RunId, &'r RunView)>, Failure> {
    let all = runs.in_order();
    let Some(text) = wanted else { return Ok(all) };
    let one = only("run", text, all.into_iter().map(|(run, view)| (run.to_string(), (run, view))))?;
    Ok(vec![one])
}

fn run_json(run: RunId, view: &RunView, world: &MemoryViews) -> Value {
    let kept = kept_in(view, world).map(|(person, kept)| {
        json!({"person": person.to_string(), "top_up": kept.top_up.to_string(), "days": kept.days(),
               "claim": kept.claim.to_string(), "period": kept.period, "amount": kept.amount.to_json_number()})
    });
    json!({
        "kept_back": kept.collect::<Vec<_>>(),
        "run": run.to_string(), "day": view.day.to_string(), "stage": view.stage().name(),
        "digest": view.digest.to_string(), "payments": view.payments, "total": view.total.to_json_number(),
        "left": view.left.len(), "planned_by": view.planned_by, "approvals": view.approvals,
        "approved_by": view.approved_by,
        "released_as": view.released.as_ref().map(|released| released.file.to_string()),
        "released_by": view.released.as_ref().map(|released| &released.by),
        "released_on": view.released.as_ref().map(|released| released.on.to_string()),
        "manifest": view.files().map(|digest| digest.to_string()),
        "files_written": view.placed.iter().map(|Placed { by, on, .. }| json!({"by": by, "on": on.to_string()})).collect::<Vec<_>>(),
        "abandoned_because": view.abandoned,
    })
}

/// What was kept back when a run was carried out, and of whose money: between its plan and what fixed it.
fn kept_in<'w>(view: &RunView, world: &'w MemoryViews) -> impl Iterator<Item = (PersonId, &'w KeptBack)> {
    let (planned_at, fixed_at) = (view.planned_at, view.released.as_ref().map_or(u64::MAX, |released| released.at));
    let day = view.day;
    let all = world.people().flat_map(|(person, view)| view.kept_back.iter().map(move |kept| (person, kept)));
    all.filter(move |(_, kept)| kept.on == day && planned_at < kept.position && kept.position < fixed_at)
}

/// Who did what with one run, what was kept back in it, and what has to be done next.
fn more(run: RunId, view: &RunView, world: &MemoryViews) -> String {
    let approved = if view.approved_by.is_empty() { "nobody yet".into() } else { view.approved_by.join(", ") };
    let released = view.released.as_ref();
    let released = released.map(|released| format!("released by {} on {}\n", released.by, released.on));
    let files = view.files().map(|digest| format!("files with manifest {digest}\n"));
    let placed: String =
        view.placed.iter().map(|Placed { by, on, .. }| format!("files written for {by} on {on}\n")).collect();
    let abandoned = view.abandoned.as_ref().map(|why| format!("given up: {why}\n"));
    let kept = kept_in(view, world)
        .filter_map(|(person, kept)| Some(format!("person {person}: {}\n", kept.told(world.person(person)?, world))));
    let kept = kept.collect::<String>();
    let told = [released, files, Some(placed), Some(kept), abandoned].into_iter().flatten().collect::<String>();
    format!("digest {}\napproved by {approved}\n{told}{}", view.digest, next(run, view))
}

fn runs_text(runs: &[(RunId, &RunView)]) -> String {
    if runs.is_empty() {
        return "no payment run was planned yet\n".into();
    }
    let mut table = Table::new(2, &[3, 4, 5]);
    table.row(["day", "run", "stage", "payments", "total", "left", "approved", "planned by"]);
    for (run, view) in runs {
        table.row([
            view.day.to_string(),
            run.to_string(),
            view.stage().name().into(),
            view.payments.to_string(),
            view.total.to_string(),
            view.left.len().to_string(),
            format!("{} of {}", view.approved_by.len(), view.approvals),
            view.planned_by.clone(),
        ]);
    }
    format!("runs\n{table}")
}

fn payments_json(found: &Outstanding) -> Value {
    let stage = |((stage, channel, age), total): (&(&str, _, projections::outstanding::Age), _)| {
        let total: &projections::plan::Total = total;
        let channel: &schemas::events::Channel = channel;
        json!({"stage": stage, "channel": channel.name(), "due": age.name(), "payments": total.payments,
               "amount": total.amount.to_json_number()})
    };
    let held = found.held.iter().map(held::json);
    let unclaimed = found.unclaimed.iter().map(|unclaimed| {
        json!({"person": unclaimed.person.to_string(), "payment": unclaimed.payment.to_string(),
               "amount": unclaimed.amount.to_json_number(), "what": unclaimed.what,
               "since": unclaimed.since.to_string(), "due_on": unclaimed.due_on.to_string(),
               "age": unclaimed.age.name()})
    });
    json!({
        "by_stage": found.by_stage.iter().map(stage).collect::<Vec<_>>(), "held": held.collect::<Vec<_>>(),
        "unclaimed": unclaimed.collect::<Vec<_>>(),
        "kept_back": {"times": found.kept_back.0, "amount": found.kept_back.1.to_json_number()},
    })
}

fn payments_text(on: Date, found: &Outstanding) -> String {
    let none = if found.by_stage.is_empty() { ": none was ordered yet" } else { "" };
    let mut stages = Table::new(2, &[3, 4]);
    if !found.by_stage.is_empty() {
        stages.row(["stage", "channel", "due", "payments", "amount"]);
    }
    for ((stage, channel, age), total) in &found.by_stage {
        let (payments, amount) = (total.payments.to_string(), total.amount.to_string());
        stages.row([stage.to_string(), channel.to_string(), age.name().into(), payments, amount]);
    }
    let mut held = Table::new(2, &[2]);
    for line in &found.held {
        let payment = line.payment.map_or_else(|| "not instructed yet".into(), |payment| payment.to_string());
        let period = line.period.map(|period| period.to_string()).unwrap_or_default();
        let why = format!("{} since {}", line.why, line.since);
        held.row([line.person.to_string(), line.kind.to_string(), line.amount.to_string(), period, why, payment]);
    }
    let mut unclaimed = Table::new(2, &[2]);
    for line in &found.unclaimed {
        let since = format!("{} since {}; due on {}, {}", line.what, line.since, line.due_on, line.age.name());
        unclaimed.row([line.person.to_string(), line.payment.to_string(), line.amount.to_string(), since]);
    }
    let part = |title: &str, table: Table| if table.is_empty() { String::new() } else { format!("{title}\n{table}") };
    let law = "money that nobody has taken (extinguished after 12 months: SI 2013/380 reg. 55)";
    let kept = match found.kept_back {
        (0, _) => String::new(),
        (times, amount) => format!("kept back of money owed late, for top-ups: {amount} in all, {times} times\n"),
    };
    format!("payments on {on}{none}\n{stages}{kept}{}{}", part("held back", held), part(law, unclaimed))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use projections::outstanding::Held;
    use schemas::Money;
    use schemas::events::PaymentKind;

    use super::*;

    #[test]
    fn what_is_held_back_is_said_before_anything_was_ordered() {
        let (kind, why) = (PaymentKind::Award, "payments to the person are suspended");
        let (amount, since) = (Money::from_pence(42_490), date(2026, 7, 1));
        let person = PersonId(projections::payments::derived_uuid("ann"));
        let held = vec![Held { person, payment: None, kind, period: None, amount, why, since }];
        let text = payments_text(date(2026, 7, 6), &Outstanding { held, ..Outstanding::default() });
        assert!(text.starts_with("payments on 2026-07-06: none was ordered yet\nheld back\n"), "{text}");
        assert!(text.contains("424.90") && text.contains("suspended since 2026-07-01"), "{text}");
    }
}
