//! `footing decision ID`: a decision as it was made, recomputed on the facts known then; and what would have been
//! decided by what was known on another day, or under other rules.

use projections::describe::short;
use projections::entitlement::{Rules, explain};
use projections::published::{Recomputed, recompute_with};
use projections::statement::{StatementLine, statement};
use projections::views::{Determined, MemoryViews};
use schemas::ClaimId;
use schemas::day::london_day;
use schemas::events::{Decision, Payee};
use serde_json::{Value, json};

use crate::cli::{DecisionArgs, Global};
use crate::desk::{Desk, chain};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::rules::RuleSet;

/// Everything there is to say about a decision.
struct Found {
    claim: ClaimId,
    determined: Determined,
    steps: Vec<StatementLine>,
    recomputed: Recomputed,
    /// What was kept back of what it gives, for top-ups that were paid for the same days.
    kept: Vec<String>,
    /// What would have been decided otherwise: what was changed, and what comes out.
    otherwise: Vec<(String, Result<Decision, String>)>,
}

/// Prints a decision.
///
/// # Errors
/// [`Failure::Found`] when it does not come out the same again; [`Failure::Input`] when there is no such decision.
pub fn run(global: &Global, args: &DecisionArgs) -> Result<(), Failure> {
    let other = args.rules_at.as_deref().map(|name| RuleSet::find(global, name)).transpose()?;
    let desk = Desk::open(global.store.sqlite()?)?;
    let found = find(&desk, args, other.as_ref())?;
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&as_json(&found))?,
        Format::Text => print(&text(&found))?,
    }
    if found.recomputed == Recomputed::Same { Ok(()) } else { Err(Failure::Found) }
}

fn find(desk: &Desk, args: &DecisionArgs, other: Option<&RuleSet>) -> Result<Found, Failure> {
    let (claim, determined) = desk.decision(&args.id)?;
    let published = desk.published(&determined.pack.name)?;
    let then = desk.claim_as_known(claim, |event| event.sequence <= determined.facts_at)?;
    let benefit = then.claim(claim).map(|view| view.benefit.clone()).unwrap_or_default();
    let rules = match published.rules(determined.pack.digest, &benefit) {
        Some(rules) => rules.map_err(|error| Failure::input(chain(&error)))?,
        None => {
            return Err(Failure::input(format!(
                "pack {} {} is not in the stream",
                determined.pack.name, determined.pack.version
            )));
        }
    };
    let steps =
        explain(claim, &then, determined.period, &rules).map(|(_, steps)| statement(&steps, false)).unwrap_or_default();
    let decide = |world: &MemoryViews, rules: &Rules| {
        explain(claim, world, determined.period, rules).map(|(decision, _)| decision).map_err(|error| chain(&error))
    };
    let mut otherwise = Vec::new();
    if let Some(day) = args.as_known {
        otherwise.push((
            format!("by what was known on {day}"),
            decide(&desk.claim_as_known(claim, |event| london_day(event.envelope.time) <= day)?, &rules),
        ));
    }
    if let Some(other) = other {
        let outcome = match other.law.for_benefit(&benefit) {
            Some(rules) => decide(&then, rules),
            None => Err(format!("its rules do not decide claims to `{benefit}`")),
        };
        otherwise.push((format!("under {}", other.title), outcome));
    }
    let recomputed = recompute_with(claim, &determined, &then, &rules);
    let now = desk.claim_as_known(claim, |_| true)?;
    let kept = now.people().flat_map(|(_, view)| {
        let of_it = view.kept_back.iter().filter(|kept| kept.cause == determined.event);
        of_it.map(|kept| kept.told(view, &now))
    });
    let kept = kept.collect();
    Ok(Found { claim, determined, steps, recomputed, kept, otherwise })
}

fn text(found: &Found) -> String {
    let Determined { event, position, on, period, pack, engine, facts_at, award, payment, .. } = &found.determined;
    let mut text = format!(
        "decision {event}\nmade on {on} at {position} of the stream, on the facts known at {facts_at}\nclaim {}, period {period}\nunder {} {} (digest {}), engine {engine}\n\n",
        found.claim, pack.name, pack.version, pack.digest
    );
    for line in &found.steps {
        text.push_str(&format!("{line}\n"));
    }
    text.push_str(&format!("\naward {award}, to be paid {payment}\n"));
    let mut table = Table::new(2, &[1]);
    for line in &found.determined.lines {
        let to = match line.payee {
            Payee::Person(person) => short(person),
            Payee::Landlord => "the landlord".into(),
            Payee::Creditor(debt) => format!("the creditor of {}", short(debt)),
        };
        table.row([
            line.purpose.to_string(),
            line.amount.to_string(),
            format!("for {}", short(line.for_whom)),
            format!("to {to}"),
        ]);
    }
    text.push_str(&table.to_string());
    found.kept.iter().for_each(|kept| text.push_str(&format!("  {kept}\n")));
    text.push_str(&match &found.recomputed {
        Recomputed::Same => "\nrecomputed: the same, step for step\n".to_string(),
        Recomputed::Differs { what, recorded, recomputed } => {
            format!("\nrecomputed: NOT the same: {what} is recorded as {recorded} and comes out as {recomputed}\n")
        }
        Recomputed::Impossible(why) => format!("\nrecomputed: NOT possible: {why}\n"),
    });
    for (what, decision) in &found.otherwise {
        text.push_str(&format!("\n{what}\n{}", difference(&found.determined, decision)));
    }
    text
}

/// What differs, amount by amount.
fn difference(made: &Determined, other: &Result<Decision, String>) -> String {
    let decision = match other {
        Ok(decision) => decision,
        Err(why) => return format!("  no decision: {why}\n"),
    };
    let mut table = Table::new(2, &[1, 2]);
    table.row(["", "as made", "then"]);
    for (rule, recorded, then) in differing(made, decision) {
        table.row([rule.replace('_', " "), recorded, then]);
    }
    if differing(made, decision).is_empty() { "  the same\n".into() } else { table.to_string() }
}

fn differing(made: &Determined, decision: &Decision) -> Vec<(String, String, String)> {
    let then = |rule: &str| {
        decision.amounts.iter().find(|(name, _)| name == rule).map(|(_, sum)| sum.clone()).unwrap_or_default()
    };
    let both = made.amounts.iter().map(|(rule, recorded)| (rule.to_string(), recorded.to_string(), then(rule)));
    both.filter(|(_, recorded, then)| recorded != then).collect()
}

fn as_json(found: &Found) -> Value {
    let made = &found.determined;
    let step = |line: &StatementLine| {
        json!({
            "id": line.rule, "person": line.person, "say": line.says, "value": line.value, "unrounded": line.unrounded,
            "cite": line.cite.as_ref().map(ToString::to_string), "confidence": line.cite.as_ref().map(|cite| cite.confidence.name()),
            "defaults": line.defaults,
        })
    };
    let otherwise = |(what, decision): &(String, Result<Decision, String>)| match decision {
        Ok(decision) => json!({
            "what": what, "award": decision.award.money().to_json_number(), "payment": decision.payment.money().to_json_number(),
            "differences": differing(made, decision).iter().map(|(rule, a, b)| json!({"id": rule, "made": a, "then": b})).collect::<Vec<_>>(),
        }),
        Err(why) => json!({"what": what, "error": why}),
    };
    json!({
        "decision": made.event.to_string(), "sequence": made.position, "made_on": made.on.to_string(), "facts_at": made.facts_at,
        "claim": found.claim.to_string(), "period": {"first": made.period.first().to_string(), "last": made.period.last().to_string()},
        "pack": {"name": made.pack.name, "version": made.pack.version, "digest": made.pack.digest.to_string()}, "engine": made.engine,
        "outcome": made.outcome.to_string(), "award": made.award.to_json_number(), "payment": made.payment.to_json_number(),
        "lines": made.lines, "kept_back": found.kept, "steps": found.steps.iter().map(step).collect::<Vec<_>>(),
        "recomputed_same": found.recomputed == Recomputed::Same, "otherwise": found.otherwise.iter().map(otherwise).collect::<Vec<_>>(),
    })
}
