//! `footing pay status`: runs and their stage, where payments stand, what is held, and money that nobody has taken.

use jiff::civil::Date;
use projections::outstanding::{Outstanding, outstanding};
use projections::runs::{RunView, Runs};
use schemas::RunId;
use schemas::day::london_day;
use serde_json::{Value, json};

use crate::cli::Global;
use crate::desk::{Desk, only};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};

/// Prints where everything stands, or one run.
///
/// # Errors
/// There is no such run, or the ledger cannot be read.
pub fn run(global: &Global, run: Option<&str>, on: Option<Date>) -> Result<(), Failure> {
    let desk = Desk::of(global)?;
    let known = desk.known_at(u64::MAX)?;
    let runs = shown(&known.runs, run)?;
    let Some(on) = on.or(known.last.map(london_day)) else { return print("nothing is recorded yet\n") };
    let found = run.is_none().then(|| outstanding(on, &known.world));
    match global.format.unwrap_or_default() {
        Format::Json => {
            let runs: Vec<Value> = runs.iter().map(|(run, view)| run_json(*run, view)).collect();
            print_json(&json!({"on": on.to_string(), "runs": runs, "payments": found.as_ref().map(payments_json)}))
        }
        Format::Text => {
            let payments = found.map(|found| payments_text(on, &found)).unwrap_or_default();
            print(&format!("{}{payments}", runs_text(&runs)))
        }
    }
}

fn shown<'r>(runs: &'r Runs, wanted: Option<&str>) -> Result<Vec<(RunId, &'r RunView)>, Failure> {
    let all = runs.in_order();
    let Some(text) = wanted else { return Ok(all) };
    let one = only("run", text, all.into_iter().map(|(run, view)| (run.to_string(), (run, view))))?;
    Ok(vec![one])
}

fn run_json(run: RunId, view: &RunView) -> Value {
    json!({
        "run": run.to_string(), "day": view.day.to_string(), "stage": view.stage().name(),
        "digest": view.digest.to_string(), "payments": view.payments, "total": view.total.to_json_number(),
        "left": view.left.len(), "planned_by": view.planned_by, "approvals": view.approvals,
        "approved_by": view.approved_by, "released_as": view.released.map(|(_, file)| file.to_string()),
        "abandoned_because": view.abandoned,
    })
}

fn runs_text(runs: &[(RunId, &RunView)]) -> String {
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
    let held = found.held.iter().map(|held| {
        json!({"person": held.person.to_string(), "payment": held.payment.to_string(),
               "amount": held.amount.to_json_number(), "why": held.why})
    });
    let unclaimed = found.unclaimed.iter().map(|unclaimed| {
        json!({"person": unclaimed.person.to_string(), "payment": unclaimed.payment.to_string(),
               "amount": unclaimed.amount.to_json_number(), "what": unclaimed.what,
               "since": unclaimed.since.to_string(), "age": unclaimed.age.name()})
    });
    json!({
        "by_stage": found.by_stage.iter().map(stage).collect::<Vec<_>>(), "held": held.collect::<Vec<_>>(),
        "unclaimed": unclaimed.collect::<Vec<_>>(),
    })
}

fn payments_text(on: Date, found: &Outstanding) -> String {
    let mut stages = Table::new(2, &[3, 4]);
    stages.row(["stage", "channel", "due", "payments", "amount"]);
    for ((stage, channel, age), total) in &found.by_stage {
        let (payments, amount) = (total.payments.to_string(), total.amount.to_string());
        stages.row([stage.to_string(), channel.to_string(), age.name().into(), payments, amount]);
    }
    let mut held = Table::new(2, &[2]);
    for line in &found.held {
        held.row([line.person.to_string(), line.payment.to_string(), line.amount.to_string(), line.why.into()]);
    }
    let mut unclaimed = Table::new(2, &[2]);
    for line in &found.unclaimed {
        let since = format!("{} since {}, {}", line.what, line.since, line.age.name());
        unclaimed.row([line.person.to_string(), line.payment.to_string(), line.amount.to_string(), since]);
    }
    let part = |title: &str, table: Table| if table.is_empty() { String::new() } else { format!("{title}\n{table}") };
    let law = "money that nobody has taken (extinguished after 12 months: SI 2013/380 reg. 55)";
    format!("payments on {on}\n{stages}{}{}", part("held back", held), part(law, unclaimed))
}
