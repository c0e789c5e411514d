//! `footing demo`: the whole story. Shipped histories go day by day into a new ledger, the business of each evening is
//! done, the floor is tested, and the same history is replayed under a reform.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use projections::floor::Days;
use schemas::{Money, Recorded};
use simulator::account::{FloorAccount, account, named};
use simulator::compare::compare;
use simulator::replay::replay;

use crate::business::Business;
use crate::cli::{DemoArgs, Global};
use crate::commands::replay::{side, sums, table};
use crate::desk::Desk;
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::progress::Progress;
use crate::rules::RuleSet;
use crate::story::{Story, shipped, tell};

/// The last day of the story.
const UNTIL: Date = date(2027, 1, 6);

const LAW: &str = "current-law";
const REFORM: &str = "no-gap";

/// Tells the whole story and says where the ledger and the report are.
///
/// # Errors
/// The folder cannot be written, or the story itself is broken.
pub fn run(global: &Global, args: &DemoArgs) -> Result<(), Failure> {
    let (law, reform) = (RuleSet::find(global, LAW)?, RuleSet::find(global, REFORM)?);
    let folder = folder(args.keep.as_deref())?;
    let store = folder.join("footing.db");
    let mut desk = Desk::create(&store)?;
    let stories: Vec<Story> = shipped()?.into_iter().filter(|story| story.demo).collect();
    let counts = live(&mut desk, &stories, &law)?;
    let text = report(&desk, &stories, &law, &reform, &counts)?;
    let report = folder.join("report.txt");
    fs::write(&report, &text).map_err(|e| Failure::writing(&report.display().to_string(), e))?;
    match global.format.unwrap_or_default() {
        Format::Text => print(&(text + &next(&store, &report, &desk, &stories))),
        Format::Json => print_json(&serde_json::json!({
            "store": store.display().to_string(), "report": report.display().to_string(), "events": counts.events,
            "decisions": counts.decisions, "payments": counts.payments, "paid": counts.paid.to_json_number(),
        })),
    }
}

fn folder(keep: Option<&Path>) -> Result<PathBuf, Failure> {
    match keep {
        Some(folder) if folder.exists() => {
            Err(Failure::input(format!("--keep {}: is there already: name a new folder", folder.display())))
        }
        Some(folder) => fs::create_dir_all(folder)
            .map(|()| folder.into())
            .map_err(|e| Failure::writing(&folder.display().to_string(), e)),
        None => {
            let made = tempfile::Builder::new().prefix("footing-demo-").tempdir();
            made.map(tempfile::TempDir::keep).map_err(|e| Failure::writing("a temporary folder", e))
        }
    }
}

/// What was recorded.
#[derive(Default)]
struct Counts {
    events: u64,
    decisions: usize,
    /// The packs that decided something, with their versions.
    packs: BTreeSet<String>,
    payments: usize,
    paid: Money,
    problems: Vec<(String, String)>,
}

/// Lives the stories day by day.
fn live(desk: &mut Desk, stories: &[Story], law: &RuleSet) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let first = stories.iter().flat_map(Story::days).min().unwrap_or(UNTIL);
    let bar = Progress::towards(u64::try_from((UNTIL - first).get_days()).unwrap_or(0) + 1, "days");
    let mut business = Business::open(desk, law)?;
    tell(stories, &mut business, UNTIL, |_, evening| {
        counts.decisions += evening.decided.len() + evening.redecided.len();
        let used = law.law.rules().iter().filter(|rules| evening.decided.iter().any(|(_, pack)| *pack == rules.digest));
        counts.packs.extend(used.map(|rules| format!("{} {}", rules.pack.name(), rules.pack.version())));
        counts.payments += evening.paid.len();
        counts.paid += evening.paid.iter().map(|planned| planned.payment.amount.money()).sum();
        counts.problems.extend(evening.problems.iter().cloned());
        bar.add(1);
    })?;
    counts.events = business.world().position();
    Ok(counts)
}

fn report(desk: &Desk, stories: &[Story], law: &RuleSet, reform: &RuleSet, counts: &Counts) -> Result<String, Failure> {
    let mut text = format!(
        "FOOTING: who was paid what, who fell below the floor, and why\n\n{} histories lived day by day to {UNTIL} on a new ledger:\n{} events, {} decisions under {}, {} payments, {} paid.\n\
         The floor of this demonstration is 12.00 a day for a single adult and 9.00 for each of a couple.\n",
        stories.len(),
        counts.events,
        counts.decisions,
        counts.packs.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        counts.payments,
        counts.paid
    );
    for (what, why) in &counts.problems {
        text.push_str(&format!("problem: {what}: {why}\n"));
    }
    for story in stories {
        text.push_str(&chapter(desk, story, law)?);
    }
    text.push_str(&reformed(desk, stories, law, reform)?);
    Ok(text)
}

/// One story: what happened, what was paid, and the floor of the person it is about.
fn chapter(desk: &Desk, story: &Story, law: &RuleSet) -> Result<String, Failure> {
    let (person, names) = (story.person(&story.expect.person), story.people());
    let world = desk.around(person, None)?;
    let mut text = format!("\n== {}\n{}\n[{}]\n", story.title, story.tells, story.source);
    let mut paid = Table::new(2, &[1]);
    for (id, name) in &names {
        for payment in
            world.person(*id).into_iter().flat_map(|view| view.payments.iter()).filter(|p| within(story, p.due_on))
        {
            let usable = match payment.usable_on() {
                Some(on) if on == payment.due_on => String::new(),
                Some(on) => format!("usable on {on}"),
                None => payment.status().to_string(),
            };
            let holder =
                payment.account_holders.iter().find(|holder| *holder != id).and_then(|holder| names.get(holder));
            let into = holder.map(|holder| format!("into {holder}'s account")).unwrap_or_default();
            paid.row([
                format!("{} {name}", payment.due_on),
                payment.amount.to_string(),
                payment.kind.to_string(),
                format!("{into}{usable}"),
            ]);
        }
    }
    text.push_str(&paid.to_string());
    if let Some((first, award)) = story.expect.award {
        text.push_str(&format!("  award for the month from {first}: {award}, as published\n"));
    }
    let Some((from, to)) = story.expect.days else { return Ok(text) };
    let days = Days::new(from, to).map_err(|error| Failure::input(error.to_string()))?;
    let history = desk.history(person, &world, None)?;
    let found =
        account(person, &history, &world, law.regime(), days).map_err(|error| Failure::input(error.to_string()))?;
    if let Some(found) = found {
        text.push_str(&floor(&found, names.get(&person).map_or("", String::as_str)));
    }
    Ok(text)
}

/// Whether a payment belongs to the part of the story that is told.
fn within(story: &Story, day: Date) -> bool {
    story.expect.days.is_none_or(|(from, to)| {
        let margin = jiff::ToSpan::days(31);
        from.saturating_sub(margin) <= day && day <= to
    })
}

fn floor(found: &FloorAccount, name: &str) -> String {
    let (days, gaps) = (found.days, &found.actual.gaps);
    let mut text = format!("  {name}, {} to {}: ", days.from(), days.to());
    if gaps.no_gap() {
        text.push_str("never below the floor");
    } else {
        text.push_str(&format!("{} days below the floor, {} missing", gaps.breach_days(), gaps.shortfall().shown()));
    }
    text.push('\n');
    for caused in &found.causes {
        for span in gaps.within(caused.days).spans() {
            let why = named(caused.finding.counted_under());
            text.push_str(&format!(
                "    {} to {}, {} missing: {why}\n",
                span.days.from(),
                span.days.to(),
                span.shortfall.shown()
            ));
        }
    }
    if found.undetected_days > 0 {
        text.push_str(&format!("    on {} of those days everyone believed that all was well\n", found.undetected_days));
    }
    if found.hidden_days > 0 {
        text.push_str(&format!(
            "    {} of those days would not show if the household's money were pooled\n",
            found.hidden_days
        ));
    }
    let differs = |view: &&(&'static str, i64, Money)| {
        view.1 != gaps.breach_days() && (view.0 == "with debt" || view.0 == "with outflows")
    };
    for (view, days, shortfall) in found.views.iter().filter(differs) {
        text.push_str(&format!("    {view}: {days} days, {shortfall} missing\n"));
    }
    text
}

fn reformed(desk: &Desk, stories: &[Story], law: &RuleSet, reform: &RuleSet) -> Result<String, Failure> {
    let mut history: Vec<Recorded> = Vec::new();
    desk.for_each_after(0, |page| {
        history.extend(page);
        Ok(())
    })?;
    let (base, other) = (replay(&history, law.regime(), UNTIL), replay(&history, reform.regime(), UNTIL));
    let comparison = compare(&side(&base, law, UNTIL), &side(&other, reform, UNTIL), UNTIL);
    let mut comparison = comparison.map_err(|error| Failure::input(error.to_string()))?;
    let sums = sums(&comparison);
    let names: std::collections::BTreeMap<_, _> = stories.iter().flat_map(Story::people).collect();
    comparison
        .rows
        .retain(|row| row.baseline.judged_days > 0 && row.baseline.breach_days + row.alternative.breach_days > 0);
    comparison.rows.sort_by_key(|row| names.get(&row.person).cloned());
    Ok(format!(
        "\n== The same history under a reform\n{}: {}\nOver the whole time, not only the days told above.\n\n{}{}",
        reform.name,
        reform.title,
        table(&comparison, |person| names.get(&person).cloned().unwrap_or_default()),
        sums
    ))
}

fn next(store: &Path, report: &Path, desk: &Desk, stories: &[Story]) -> String {
    let (store, report) = (store.display(), report.display());
    let person =
        stories.first().map(|story| story.person(&story.expect.person)).map(|id| id.to_string()).unwrap_or_default();
    let decision = desk.world(None).ok().and_then(|(world, _)| {
        world.claims().flat_map(|(_, claim)| claim.determined.first()).map(|d| d.event.to_string()).next()
    });
    format!(
        "\nThis report is at {report}. The ledger is kept; ask it more:\n  footing --store sqlite:{store} history {person}\n  footing --store sqlite:{store} decision {}\n  footing --store sqlite:{store} floor --all\n  footing --store sqlite:{store} verify\n",
        decision.unwrap_or_default()
    )
}
