//! `footing run`: the business of every day up to one.

use jiff::ToSpan;
use jiff::civil::Date;
use projections::arrears::{self, Overpaid};
use projections::award_end::Unpaid;
use projections::creditors;
use projections::redecide::Redecided;
use projections::views::Debt;
use schemas::{ClaimId, Money, PersonId};
use serde_json::{Value, json};

use crate::business::Business;
use crate::cli::{Global, RunArgs};
use crate::desk::Desk;
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::progress::Progress;
use crate::rules::RuleSet;

/// Does the business of every day from the first day of entitlement to the one given. Days already done come to nothing
/// a second time.
///
/// # Errors
/// [`Failure::Found`] when a claim could not be decided or paid; otherwise what the ledger refuses.
pub fn run(global: &Global, args: &RunArgs) -> Result<(), Failure> {
    let rules = RuleSet::find(global, &args.rules)?;
    rules.refuse_reform()?;
    let mut desk = Desk::open(global.store.sqlite()?)?;
    desk.with_log_key(global.log_key.as_deref())?;
    desk.ready_to_pay()?;
    drop(desk.views()?); // Paying twice what was cut off the end of the stream would be worse than not paying.
    let mut business = Business::open(&mut desk, &rules)?;
    let Some(first) = business.first_day().filter(|first| *first <= args.until) else {
        return print("nothing to do: no claim has begun by then\n");
    };
    let days = u64::try_from((args.until - first).get_days()).unwrap_or(0) + 1;
    let bar = Progress::towards(days, "days");
    let (mut table, mut rows, mut problems) =
        (Table::new(0, &[1, 2, 3, 4]), Vec::new(), Vec::<(String, String)>::new());
    let (mut replaced, mut unpaid) = (Vec::new(), Vec::new());
    table.row(["day", "decided", "payments", "paid", "top-ups"]);
    let mut day = first;
    while day <= args.until {
        let evening = if args.decide_only { business.decided_evening(day)? } else { business.evening(day)? };
        business.desk.checkpoint()?;
        let sum = |planned: &[projections::payments::Planned]| {
            planned.iter().map(|p| p.payment.amount.money()).sum::<schemas::Money>()
        };
        if !(evening.decided.is_empty() && evening.paid.is_empty() && evening.topped_up.is_empty()) {
            let (paid, topped_up) = (sum(&evening.paid), sum(&evening.topped_up));
            table.row([
                day.to_string(),
                evening.decided.len().to_string(),
                evening.paid.len().to_string(),
                paid.to_string(),
                topped_up.to_string(),
            ]);
            rows.push(json!({
                "day": day.to_string(), "decided": evening.decided.len(), "payments": evening.paid.len(),
                "paid": paid.to_json_number(), "top_ups": evening.topped_up.len(), "topped_up": topped_up.to_json_number(),
            }));
        }
        replaced.extend(evening.redecided.into_iter().map(|(claim, redecided)| (day, claim, redecided)));
        unpaid.extend(evening.unpaid);
        for problem in evening.problems {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        bar.add(1);
        day = day.saturating_add(1.day());
    }
    drop(bar);
    for (claim, view) in business.world().claims().filter(|(_, claim)| rules.law.of(claim).is_none()) {
        let why = format!("it is to `{}`, which these rules do not decide", view.benefit);
        problems.push((format!("claim {claim}"), why));
    }
    let overpaid = arrears::overpaid(business.world(), &rules.law);
    let uncollected = creditors::waiting(args.until, business.world(), &rules.law);
    match global.format.unwrap_or_default() {
        Format::Json => {
            let problems: Vec<Value> = problems.iter().map(|(what, why)| json!({"what": what, "why": why})).collect();
            print_json(
                &json!({"until": args.until.to_string(), "rules": rules.name, "days": rows, "replaced": replaced.iter().map(shown).collect::<Vec<_>>(), "unpaid": unpaid.iter().map(not_paid).collect::<Vec<_>>(), "overpaid": overpaid.iter().map(too_much).collect::<Vec<_>>(), "without_creditor": uncollected.iter().map(without_creditor).collect::<Vec<_>>(), "problems": problems}),
            )?;
        }
        Format::Text if rows.is_empty() && replaced.is_empty() => {
            let why =
                if problems.is_empty() { ": every day up to then was done before" } else { " but what stands below" };
            print(&format!("nothing to do{why}\n{}", waits(&overpaid, &uncollected)))?;
        }
        Format::Text => {
            let line = |(day, claim, redecided): &Replaced| format!("{day} claim {claim}: {redecided}\n");
            let not_paid = |unpaid: &Unpaid| format!("claim {}: {unpaid}\n", unpaid.claim);
            let (replaced, unpaid) = (replaced.iter().map(line), unpaid.iter().map(not_paid));
            print(&format!("{table}{}{}", replaced.chain(unpaid).collect::<String>(), waits(&overpaid, &uncollected)))?;
        }
    }
    problems.iter().for_each(|(what, why)| eprintln!("error: {what}: {why}"));
    if problems.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// What waits for somebody, said once: overpayments of which nobody decided whether they are recovered, and deductions whose
/// creditor is not recorded.
fn waits(overpaid: &[Overpaid], uncollected: &[(PersonId, &Debt, Money)]) -> String {
    let paid = |one: &Overpaid| format!("claim {}: {one}; whether it is recovered waits for a decision\n", one.claim);
    let taken = |(person, debt, sum): &(PersonId, &Debt, Money)| {
        format!(
            "person {person}: {sum} was deducted for {} and waits: record_creditor for debt {}\n",
            debt.kind, debt.id
        )
    };
    overpaid.iter().map(paid).chain(uncollected.iter().map(taken)).collect()
}

fn without_creditor((person, debt, sum): &(PersonId, &Debt, Money)) -> Value {
    json!({"person": person.to_string(), "debt": debt.id.to_string(), "kind": debt.kind.name(), "amount": sum.to_json_number()})
}

fn too_much(overpaid: &Overpaid) -> Value {
    let Overpaid { person, claim, period, payee, amount, cause, ended } = overpaid;
    json!({
        "person": person.to_string(), "claim": claim.to_string(), "period": period, "payee": payee,
        "amount": amount.to_json_number(), "cause": cause.to_string(), "ended": ended,
    })
}

fn not_paid(unpaid: &Unpaid) -> Value {
    let Unpaid { claim, period, why } = unpaid;
    json!({"claim": claim.to_string(), "period": period, "why": why.to_string()})
}

/// A decision that was replaced on a day.
type Replaced = (Date, ClaimId, Redecided);

fn shown((day, claim, redecided): &Replaced) -> Value {
    let Redecided { replaces, ground, before, decision, .. } = redecided;
    json!({
        "day": day.to_string(), "claim": claim.to_string(), "period": decision.period, "replaces": replaces.to_string(),
        "ground": ground.to_string(), "award": decision.award.money().to_json_number(), "before": before.to_json_number(),
    })
}
