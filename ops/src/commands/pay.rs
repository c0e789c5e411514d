//! `footing pay plan|approve|release|abandon`: a payment run in steps, each done by whom it is for.

use std::path::Path;

use jiff::civil::Date;
use projections::daily;
use projections::runs::{RunView, Stage};
use projections::topups::Advice;
use schemas::{Digest, RunId};
use serde_json::{Value, json};

use crate::bank::Bank;
use crate::business::Business;
use crate::cli::{Global, PayCommand};
use crate::desk::{Desk, only};
use crate::error::Failure;
use crate::output::{Format, Sink, Table, print, print_json};
use crate::payrun::{Carried, Out, Planned};
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
        PayCommand::Release { run, out, bank, rules } => release(global, rules, run, out, bank),
        PayCommand::Abandon { run, reason, actor } => abandon(global, run, reason, actor),
        PayCommand::Returns { .. } | PayCommand::Status { .. } => Ok(()),
    }
}

fn with<T>(
    global: &Global,
    rules: &str,
    act: impl FnOnce(&mut Business<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let rules = RuleSet::find(global, rules)?;
    rules.refuse_reform()?;
    let mut desk = Desk::open(global.store.sqlite()?)?;
    desk.with_log_key(global.log_key.as_deref())?;
    desk.ready_to_pay()?;
    drop(desk.views()?); // Paying twice what was cut off the end of the stream would be worse than not paying.
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
        let undecided = daily::decisions(day, business.world(), &business.rules.law).len();
        let Some(planned) = business.plan_run(day, approvals, actor)? else {
            return match global.format.unwrap_or_default() {
                Format::Json => print_json(&json!({"day": day.to_string(), "payments": 0, "undecided": undecided})),
                Format::Text => print(&format!("nothing leaves on {day}\n{}", undecided_text(undecided, day))),
            };
        };
        if let Some(path) = listing {
            let mut sink = Sink::open(Some(path))?;
            planned.plan.lines().try_for_each(|line| sink.put(&line))?;
            sink.finish()?;
        }
        let view = business.run(planned.run)?;
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&plan_json(&planned, view, undecided)),
            Format::Text => print(&plan_text(&planned, view, undecided)),
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

fn plan_json(Planned { run, plan, known }: &Planned, view: &RunView, undecided: usize) -> Value {
    let total = |(what, name, total): (&str, String, projections::plan::Total)| json!({"of": what, "name": name, "payments": total.payments, "amount": total.amount.to_json_number()});
    json!({
        "run": run.to_string(), "day": plan.day.to_string(), "digest": view.digest.to_string(),
        "stage": view.stage().name(), "planned_before": known, "approvals": view.approvals,
        "payments": view.payments, "total": view.total.to_json_number(),
        "totals": plan.totals().rows().into_iter().map(total).collect::<Vec<_>>(), "undecided": undecided,
        "advice": plan.advice.iter().map(|advice| {
            json!({"pay": advice.pay.to_string(), "instead_of": advice.instead_of.to_string(), "from": advice.from.to_string()})
        }).collect::<Vec<_>>(),
        "cannot": plan.cannot.iter().map(|(who, why)| json!({"who": who, "why": why})).collect::<Vec<_>>(),
    })
}

fn plan_text(Planned { run, plan, known }: &Planned, view: &RunView, undecided: usize) -> String {
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
    let cannot: String = plan.cannot.iter().map(|(who, why)| format!("not planned: {who}: {why}\n")).collect();
    let short: String = view.digest.to_string().chars().take(ENOUGH).collect();
    let next = match view.stage() {
        Stage::Planned => format!("next: footing pay approve {run} --digest {short} --actor WHO\n"),
        Stage::Approved => format!("next: footing pay release {run} --out DIR --bank FILE\n"),
        Stage::Released | Stage::Abandoned => String::new(),
    };
    format!(
        "run {run} of {}{before}\ndigest {}\napprovals needed: {}\n{table}{advice}{cannot}{}{next}",
        plan.day,
        view.digest,
        view.approvals,
        undecided_text(undecided, plan.day)
    )
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
            Format::Text if missing > 0 => print(&format!("approved by {actor}; {missing} more has to approve it\n")),
            Format::Text => {
                print(&format!("approved by {actor}\nnext: footing pay release {run} --out DIR --bank FILE\n"))
            }
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

fn release(global: &Global, rules: &str, run: &str, out: &Path, bank: &Path) -> Result<(), Failure> {
    let bank = Bank::read(bank)?;
    with(global, rules, |business| {
        let run = named(business, run)?;
        let view = business.run(run)?;
        match view.stage() {
            Stage::Approved | Stage::Released => {}
            Stage::Planned => {
                let (have, need) = (view.approved_by.len(), view.approvals);
                return Err(Failure::input(format!("run {run} was not approved: it has {have} of {need} approvals")));
            }
            Stage::Abandoned => return Err(Failure::input(format!("run {run} was abandoned"))),
        }
        if let Some(other) = business.unfinished()?.filter(|other| *other != run) {
            let why =
                format!("the files of run {other} are fixed, and not everything of it is recorded: release it first");
            return Err(Failure::input(why));
        }
        let carried = business.carry_out(run, Out::Folder { folder: out, bank: &bank })?;
        let left = business.run(run)?.left.len();
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&carried_json(run, left, &carried))?,
            Format::Text => print(&carried_text(run, left, &carried))?,
        }
        carried.problems.iter().for_each(|(who, why)| eprintln!("error: {who}: {why}"));
        if carried.stayed.is_empty() && carried.problems.is_empty() { Ok(()) } else { Err(Failure::Found) }
    })
}

fn carried_json(run: RunId, left: usize, carried: &Carried) -> Value {
    let stayed = carried.stayed.iter();
    let stayed = stayed.map(
        |stayed| json!({"person": stayed.person.to_string(), "payment": stayed.payment.to_string(), "why": stayed.why}),
    );
    json!({
        "run": run.to_string(), "left": left, "called_off": carried.called_off, "stayed": stayed.collect::<Vec<_>>(),
        "files": carried.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>(),
        "problems": carried.problems.iter().map(|(who, why)| json!({"who": who, "why": why})).collect::<Vec<_>>(),
    })
}

fn carried_text(run: RunId, left: usize, carried: &Carried) -> String {
    let files: String = carried.files.iter().map(|file| format!("  {}\n", file.display())).collect();
    let stayed = carried.stayed.iter();
    let stayed: String = stayed
        .map(|stayed| format!("  payment {} of person {} stays: {}\n", stayed.payment, stayed.person, stayed.why))
        .collect();
    format!("run {run} released: {left} payments left\n{files}{stayed}")
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
