//! `footing replay`: recorded history under other rules, and the difference for each person.

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::{Money, Recorded};
use serde_json::{Value, json};
use simulator::compare::{Comparison, Fared, Row, Side, compare};
use simulator::replay::{Replayed, replay};

use crate::cli::{Global, ReplayArgs};
use crate::desk::Desk;
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::progress::Progress;
use crate::rules::RuleSet;

/// Replays under the baseline and each alternative and prints one table for each pair.
///
/// # Errors
/// A rulebook that is not there, or a ledger that cannot be read.
pub fn run(global: &Global, args: &ReplayArgs) -> Result<(), Failure> {
    let baseline = RuleSet::find(global, &args.rules)?;
    let others = args.against.iter().map(|name| RuleSet::find(global, name)).collect::<Result<Vec<_>, _>>()?;
    let desk = Desk::of(global)?;
    let mut history: Vec<Recorded> = Vec::new();
    desk.for_each_after(0, |page| {
        history.extend(
            page.into_iter().filter(|event| args.known.is_none_or(|day| london_day(event.envelope.time) <= day)),
        );
        Ok(())
    })?;
    let Some(until) = args.until.or(history.last().map(|event| london_day(event.envelope.time))) else {
        return Err(Failure::input("the ledger is empty: there is nothing to replay"));
    };
    let bar = Progress::towards(1 + others.len() as u64, "rulebooks");
    let base = replay(&history, baseline.regime(), until);
    bar.add(1);
    let mut results = Vec::new();
    for other in &others {
        let replayed = replay(&history, other.regime(), until);
        let comparison = compare(&side(&base, &baseline, until), &side(&replayed, other, until), until);
        results.push((other, comparison.map_err(|error| Failure::input(error.to_string()))?, replayed));
        bar.add(1);
    }
    drop(bar);
    match global.format.unwrap_or_default() {
        Format::Json => {
            let result = |(other, comparison, replayed): &(&RuleSet, Comparison, Replayed)| {
                json!({
                    "baseline": baseline.name, "alternative": other.name,
                    "floors": {"baseline": baseline.floor.name, "alternative": other.floor.name}, "until": until.to_string(),
                    "cost": comparison.cost.to_json_number(), "gainers": comparison.gainers, "losers": comparison.losers,
                    "people": comparison.rows.iter().map(row_json).collect::<Vec<_>>(),
                    "undecided": replayed.undecided.iter().map(|u| json!({"claim": u.claim.to_string(), "why": u.reason})).collect::<Vec<_>>(),
                })
            };
            print_json(&Value::Array(results.iter().map(result).collect()))
        }
        Format::Text => {
            let mut text = String::new();
            for (other, comparison, replayed) in &results {
                text.push_str(&format!("{} -> {}, up to {until}\n\n", baseline.title, other.title));
                text.push_str(&table(comparison, |person| {
                    desk.name_of(person).ok().flatten().unwrap_or_else(|| person.to_string())
                }));
                text.push_str(&sums(comparison));
                text.push_str(&measured(&baseline, other, comparison));
                for undecided in &replayed.undecided {
                    text.push_str(&format!("not decided: claim {}: {}\n", undecided.claim, undecided.reason));
                }
                text.push('\n');
            }
            print(&text)
        }
    }
}

/// One side of a comparison.
pub fn side<'a>(replayed: &'a Replayed, rules: &'a RuleSet, until: Date) -> Side<'a> {
    Side { world: &replayed.world, floor: &rules.floor, terms: rules.law.terms(until) }
}

/// A line for each person.
pub fn table(comparison: &Comparison, name: impl Fn(schemas::PersonId) -> String) -> String {
    let mut table = Table::new(2, &[1, 2, 3, 4, 5, 6, 7]);
    table.row(["person", "paid", "then", "change", "days below", "then", "missing", "then"]);
    for row in &comparison.rows {
        let all = |fared: &Fared| fared.paid + fared.topped_up;
        table.row([
            name(row.person),
            all(&row.baseline).to_string(),
            all(&row.alternative).to_string(),
            signed(all(&row.alternative) - all(&row.baseline)),
            row.baseline.breach_days.to_string(),
            row.alternative.breach_days.to_string(),
            row.baseline.shortfall.to_string(),
            row.alternative.shortfall.to_string(),
        ]);
    }
    table.to_string()
}

/// What it comes to for everybody.
pub fn sums(comparison: &Comparison) -> String {
    let days = |side: fn(&Row) -> &Fared| comparison.rows.iter().map(|row| side(row).breach_days).sum::<i64>();
    format!(
        "\n  {} gain, {} lose, cost {}; days below the floor: {} -> {}\n",
        comparison.gainers,
        comparison.losers,
        signed(comparison.cost),
        days(|row| &row.baseline),
        days(|row| &row.alternative)
    )
}

/// Says so where the two sides are held against different lines: their days below are then no better or worse for it.
fn measured(baseline: &RuleSet, other: &RuleSet, comparison: &Comparison) -> String {
    if baseline.floor.rung == other.floor.rung {
        return String::new();
    }
    let days = |side: fn(&Row) -> &Fared| comparison.rows.iter().map(|row| side(row).judged_days).sum::<i64>();
    format!(
        "  each side by its own floor: {} ({} days judged), then {} ({} days judged)\n",
        baseline.floor.name,
        days(|row| &row.baseline),
        other.floor.name,
        days(|row| &row.alternative)
    )
}

fn signed(sum: Money) -> String {
    if sum > Money::ZERO { format!("+{sum}") } else { sum.to_string() }
}

fn row_json(row: &Row) -> Value {
    let fared = |fared: &Fared| {
        json!({
            "paid": fared.paid.to_json_number(), "topped_up": fared.topped_up.to_json_number(),
            "judged_days": fared.judged_days, "unknown_days": fared.unknown_days,
            "breach_days": fared.breach_days, "shortfall": fared.shortfall.to_json_number(),
        })
    };
    json!({"person": row.person.to_string(), "baseline": fared(&row.baseline), "alternative": fared(&row.alternative)})
}
