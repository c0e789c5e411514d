//! `footing pay plan|approve|release|abandon`: a payment run in steps, each done by whom it is for.

use std::path::Path;

use jiff::civil::Date;
use projections::daily;
use projections::runs::{Placed, RunView, Stage};
use projections::topups::{Advice, KeepBack};
use schemas::events::TopUpRecovered;
use schemas::{Digest, RunId};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::business::Business;
use crate::cli::{Global, PayCommand};
use crate::desk::{Desk, only};
use crate::error::Failure;
use crate::output::{Format, Sink, Table, print, print_json};
use crate::payrun::{Carried, ForBank, Planned, Writing};
use crate::rules::RuleSet;

/// How much of a digest has to be given at least.
const ENOUGH: usize = 8;

/// Does one step of a run.
///
/// # Errors
/// What the ledger refuses, and [`Failure::Found`] where not everything that was approved left.
pub fn run(global: &Global, command: &PayCommand) -> Result<(), Failure> {
    match command {
        PayCommand::Plan { day, rules, approvals, actor, listing } => {
            plan(global, rules, *day, *approvals, actor, listing.as_deref())
        }
        PayCommand::Approve { run, digest, actor, rules } => approve(global, rules, run, digest, actor),
        PayCommand::Release { run, out, bank, actor, again, anew, rules } => {
            let bank = Bank::read(bank)?;
            let writing = match (again, anew) {
                (_, true) => Writing::Anew,
                (true, false) => Writing::Again,
                (false, false) => Writing::Once,
            };
            release(global, rules, run, ForBank { folder: out, bank: &bank, by: actor, writing })
        }
        PayCommand::Abandon { run, reason, actor } => abandon(global, run, reason, actor),
        PayCommand::Returns { .. } | PayCommand::Status { .. } | PayCommand::Approvals { .. } => Ok(()),
    }
}

fn with<T>(
    global: &Global,
    rules: &str,
    act: impl FnOnce(&mut Business<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let rules = RuleSet::find(global, rules)?;
    rules.refuse_reform()?;
    let mut desk = Desk::to_record(global)?;
    desk.ready_to_pay()?;
    desk.see_whole()?;
    act(&mut Business::open(&mut desk, &rules)?)
}

fn plan(
    global: &Global,
    rules: &str,
    day: Date,
    approvals: Option<u8>,
    actor: &str,
    listing: Option<&Path>,
) -> Result<(), Failure> {
    with(global, rules, |business| {
        let undecided = daily::due(day, business.world(), &business.rules.law).count();
        let planned = business.plan_run(day, approvals, actor)?;
        let own = planned.as_ref().map(|planned| planned.run);
        let waiting = business.waiting_lists().into_iter().filter(|(run, _)| Some(*run) != own).collect::<Vec<_>>();
        let Some(planned) = planned else {
            return match global.format.unwrap_or_default() {
                Format::Json => print_json(&json!({
                    "run": null, "day": day.to_string(), "payments": 0, "undecided": undecided,
                    "other_lists": others_json(&waiting),
                })),
                Format::Text => print(&format!(
                    "nothing leaves on {day}\n{}{}",
                    undecided_text(undecided, day),
                    others_text(&waiting)
                )),
            };
        };
        if let Some(path) = listing {
            let mut sink = Sink::open(Some(path))?;
            planned.plan.lines().try_for_each(|line| sink.put(&line))?;
            sink.finish()?;
        }
        let view = business.run(planned.run)?;
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&plan_json(&planned, view, undecided, &waiting)),
            Format::Text => print(&plan_text(&planned, view, undecided, &waiting)),
        }
    })
}

fn undecided_text(undecided: usize, day: Date) -> String {
    match undecided {
        0 => String::new(),
        some => {
            format!("{some} claims have a period to be decided first: footing run --until {day} --decide-only\n")
        }
    }
}

fn plan_json(
    Planned { run, plan, known }: &Planned,
    view: &RunView,
    undecided: usize,
    waiting: &[(RunId, &RunView)],
) -> Value {
    let total = |(what, name, total): (&str, String, projections::plan::Total)| json!({"of": what, "name": name, "payments": total.payments, "amount": total.amount.to_json_number()});
    json!({
        "run": run.to_string(), "day": plan.day.to_string(), "digest": view.digest.to_string(),
        "stage": view.stage().name(), "planned_before": known, "approvals": view.approvals,
        "payments": view.payments, "total": view.total.to_json_number(),
        "totals": plan.totals().rows().into_iter().map(total).collect::<Vec<_>>(), "undecided": undecided,
        "other_lists": others_json(waiting),
        "kept_back": plan.keeps.iter().map(keep_json).collect::<Vec<_>>(),
        "advice": plan.advice.iter().map(|advice| {
            json!({"pay": advice.pay.to_string(), "instead_of": advice.instead_of.to_string(), "from": advice.from.to_string()})
        }).collect::<Vec<_>>(),
        "cannot": plan.cannot.iter().map(|(who, why)| json!({"who": who, "why": why})).collect::<Vec<_>>(),
    })
}

fn plan_text(
    Planned { run, plan, known }: &Planned,
    view: &RunView,
    undecided: usize,
    waiting: &[(RunId, &RunView)],
) -> String {
    let mut table = Table::new(2, &[2, 3]);
    for (what, name, total) in plan.totals().rows() {
        table.row([what.to_string(), name, total.payments.to_string(), total.amount.to_string()]);
    }
    let before = if *known { format!(", planned before and {}", view.stage().name()) } else { String::new() };
    let advice = plan.advice.iter();
    let advice: String = advice
        .map(|Advice { pay, instead_of, from }| {
            format!("advice: pay person {pay} instead of person {instead_of}, or a gap opens on {from}\n")
        })
        .collect();
    let kept: String = plan.keeps.iter().map(keep_text).collect();
    let cannot: String = plan.cannot.iter().map(|(who, why)| format!("not planned: {who}: {why}\n")).collect();
    format!(
        "run {run} of {}{before}\ndigest {}\napprovals needed: {}\n{table}{kept}{advice}{cannot}{}{}{}",
        plan.day,
        view.digest,
        view.approvals,
        undecided_text(undecided, plan.day),
        others_text(waiting),
        next(*run, view)
    )
}

/// What has to be done with a run next; nothing where it is done with.
pub(crate) fn next(run: RunId, view: &RunView) -> String {
    let short: String = view.digest.to_string().chars().take(ENOUGH).collect();
    match view.stage() {
        Stage::Planned => format!("next: footing pay approve {run} --digest {short} --actor WHO\n"),
        Stage::Approved => format!("next: footing pay release {run} --out DIR --bank FILE\n"),
        Stage::Released | Stage::Abandoned => String::new(),
    }
}

/// Other lists that wait: what stands in two of them leaves with the first.
pub(crate) fn others_text(waiting: &[(RunId, &RunView)]) -> String {
    let line = |(run, view): &(RunId, &RunView)| {
        let (have, need) = (view.approved_by.len(), view.approvals);
        let what =
            if view.stage() == Stage::Approved { "release".into() } else { format!("approval ({have} of {need})") };
        format!("the list of {} by {} waits for {what}: run {run}\n", view.day, view.planned_by)
    };
    waiting.iter().map(line).collect()
}

pub(crate) fn others_json(waiting: &[(RunId, &RunView)]) -> Value {
    let one = |(run, view): &(RunId, &RunView)| {
        json!({
            "run": run.to_string(), "day": view.day.to_string(), "planned_by": view.planned_by,
            "stage": view.stage().name(), "approved": view.approved_by.len(), "approvals": view.approvals,
        })
    };
    waiting.iter().map(one).collect()
}

/// What is kept back of what somebody is owed, for people.
pub fn keep_text(KeepBack { person, recovered }: &KeepBack) -> String {
    let TopUpRecovered { top_up, days, period, amount, .. } = recovered;
    let (first, last) = (days.first(), days.last());
    format!(
        "kept back of what person {person} is owed for {period}: {amount}, because top-up {top_up} was paid for {first} to {last}\n"
    )
}

/// The same for programs.
pub fn keep_json(KeepBack { person, recovered }: &KeepBack) -> Value {
    let TopUpRecovered { top_up, for_whom, days, claim, period, amount, .. } = recovered;
    json!({
        "person": person.to_string(), "top_up": top_up.to_string(), "for_whom": for_whom.to_string(), "days": days,
        "claim": claim.to_string(), "period": period, "amount": amount.money().to_json_number(),
    })
}

fn named(business: &Business<'_>, text: &str) -> Result<RunId, Failure> {
    let runs = business.runs().in_order().into_iter().map(|(run, _)| (run.to_string(), run));
    only("run", text, runs)
}

fn approve(global: &Global, rules: &str, run: &str, digest: &str, actor: &str) -> Result<(), Failure> {
    with(global, rules, |business| {
        let run = named(business, run)?;
        let digest = whole(digest, business.run(run)?.digest)?;
        business.approve_run(run, digest, actor)?;
        let view = business.run(run)?;
        let missing = usize::from(view.approvals).saturating_sub(view.approved_by.len());
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&json!({
                "run": run.to_string(), "stage": view.stage().name(), "approved_by": view.approved_by, "missing": missing,
            })),
            Format::Text if missing > 0 => {
                let people = if missing == 1 { "1 more person has" } else { &format!("{missing} more people have") };
                print(&format!("approved by {actor}; {people} to approve it\n{}", next(run, view)))
            }
            Format::Text => print(&format!("approved by {actor}\n{}", next(run, view))),
        }
    })
}

/// The digest meant by the beginning of it: only the one that the run has.
fn whole(given: &str, planned: Digest) -> Result<Digest, Failure> {
    let given = given.to_ascii_lowercase();
    if given.len() < ENOUGH || !planned.to_string().starts_with(&given) {
        let why =
            format!("--digest {given}: the list of this run has {planned}; give {ENOUGH} characters of it or more");
        return Err(Failure::input(why));
    }
    Ok(planned)
}

fn release(global: &Global, rules: &str, run: &str, wanted: ForBank<'_>) -> Result<(), Failure> {
    with(global, rules, |business| {
        let run = named(business, run)?;
        let carried = business.release_run(run, wanted)?;
        let view = business.run(run)?;
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&carried_json(run, view, &carried))?,
            Format::Text => print(&carried_text(run, view, &carried))?,
        }
        carried.problems.iter().for_each(|(who, why)| eprintln!("error: {who}: {why}"));
        if carried.stayed.is_empty() && carried.problems.is_empty() { Ok(()) } else { Err(Failure::Found) }
    })
}

fn carried_json(run: RunId, view: &RunView, carried: &Carried) -> Value {
    let stayed = carried.stayed.iter();
    let stayed = stayed.map(
        |stayed| json!({"person": stayed.person.to_string(), "payment": stayed.payment.to_string(), "why": stayed.why}),
    );
    let before = carried.written_before.iter().map(|Placed { by, on, .. }| json!({"by": by, "on": on.to_string()}));
    json!({
        "run": run.to_string(), "left": view.left.len(), "kept_back": carried.kept.iter().map(keep_json).collect::<Vec<_>>(), "called_off": carried.called_off,
        "stayed": stayed.collect::<Vec<_>>(),
        "files": carried.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>(),
        "manifest": view.files().map(|digest| digest.to_string()),
        "nothing_done": carried.nothing_done, "written_before": before.collect::<Vec<_>>(),
        "problems": carried.problems.iter().map(|(who, why)| json!({"who": who, "why": why})).collect::<Vec<_>>(),
    })
}

fn carried_text(run: RunId, view: &RunView, carried: &Carried) -> String {
    let files: String = carried.files.iter().map(|file| format!("  {}\n", file.display())).collect();
    if carried.nothing_done {
        return format!("nothing to do: run {run} was released before, and its files stand here\n{files}");
    }
    let stayed = carried.stayed.iter();
    let stayed: String = stayed
        .map(|stayed| format!("  payment {} of person {} stays: {}\n", stayed.payment, stayed.person, stayed.why))
        .collect();
    let before: String = carried
        .written_before
        .iter()
        .map(|Placed { by, on, .. }| {
            format!("a further copy: {by} had these files written on {on}; the bank must get them once\n")
        })
        .collect();
    let off = match carried.called_off {
        0 => String::new(),
        some => format!("  {some} called off: plan again with `footing pay plan --day {}`\n", view.day),
    };
    let kept: String = carried.kept.iter().map(keep_text).collect();
    let left = view.left.len();
    let left = if left == 1 { "1 payment left".into() } else { format!("{left} payments left") };
    format!("run {run} released: {left}\n{files}{kept}{stayed}{off}{before}")
}

fn abandon(global: &Global, run: &str, reason: &str, actor: &str) -> Result<(), Failure> {
    with(global, "current-law", |business| {
        let run = named(business, run)?;
        business.abandon_run(run, reason, actor)?;
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&json!({"run": run.to_string(), "stage": Stage::Abandoned.name()})),
            Format::Text => print(&format!("run {run} is abandoned; what it listed is planned again\n")),
        }
    })
}
