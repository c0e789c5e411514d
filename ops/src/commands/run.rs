//! `footing run`: the business of every day up to one.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use ledger::archive::Archiver;
use projections::arrears::{self, Overpaid};
use projections::award_end::Unpaid;
use projections::creditors;
use projections::outstanding::held_orders;
use projections::payments::Planned;
use projections::plan::Total;
use projections::redecide::Redecided;
use projections::runs::RunView;
use projections::views::Debt;
use schemas::{ClaimId, Money, PersonId, RunId};
use serde_json::{Value, json};

use crate::archive::opened;
use crate::business::{Business, Evening};
use crate::cli::{Global, RunArgs};
use crate::commands::pay::{keep_json, keep_text, others_json, others_text};
use crate::desk::Desk;
use crate::error::Failure;
use crate::held;
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
    let mut desk = Desk::to_record(global)?;
    desk.ready_to_pay()?;
    desk.see_whole()?;
    let mut archiver = args.archive.as_deref().map(opened).transpose()?;
    let mut business = Business::open(&mut desk, &rules)?;
    let Some(first) = business.first_day().filter(|first| *first <= args.until) else {
        return print("nothing to do: no claim has begun by then\n");
    };
    let days = u64::try_from((args.until - first).get_days()).unwrap_or(0) + 1;
    let bar = Progress::towards(days, "days");
    let (mut table, mut rows, mut problems) =
        (Table::new(0, &[1, 2, 3, 4]), Vec::new(), Vec::<(String, String)>::new());
    let (mut replaced, mut unpaid, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let mut again = Vec::<(Date, Planned)>::new();
    table.row(["day", "decided", "payments", "paid", "top-ups"]);
    let mut day = first;
    while day <= args.until {
        let evening = match evening(&mut business, args, day) {
            Ok(evening) => evening,
            Err(error) => {
                // The days before it are archived all the same. Of two failures the first is the one to see to.
                drop(archive(&mut business, archiver.as_mut()));
                return Err(error);
            }
        };
        let sum = |planned: &[Planned]| planned.iter().map(|p| p.payment.amount.money()).sum::<schemas::Money>();
        let nothing = evening.decided.is_empty() && evening.paid.is_empty() && evening.sent_again.is_empty();
        if !(nothing && evening.topped_up.is_empty()) {
            let (paid, topped_up) = (sum(&evening.paid), sum(&evening.topped_up));
            let sent_again = sum(&evening.sent_again);
            again.extend(evening.sent_again.iter().map(|planned| (day, planned.clone())));
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
                "sent_again": evening.sent_again.len(), "sent_again_sum": sent_again.to_json_number(),
            }));
        }
        replaced.extend(evening.redecided.into_iter().map(|(claim, redecided)| (day, claim, redecided)));
        unpaid.extend(evening.unpaid);
        kept.extend(evening.kept);
        for problem in evening.problems {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        bar.add(1);
        day = day.saturating_add(1.day());
    }
    drop(bar);
    let archived = archive(&mut business, archiver.as_mut());
    for (claim, view) in business.world().claims().filter(|(_, claim)| rules.law.of(claim).is_none()) {
        let why = format!("it is to `{}`, which these rules do not decide", view.benefit);
        problems.push((format!("claim {claim}"), why));
    }
    let overpaid = arrears::overpaid(business.world(), &rules.law);
    let uncollected = creditors::waiting(args.until, business.world(), &rules.law);
    let left = left_to_people(&business, args);
    let held = held_orders(args.until, business.world());
    let said = left.as_ref().map(ToString::to_string).unwrap_or_default() + &held::text(&held);
    match global.format.unwrap_or_default() {
        Format::Json => {
            let problems: Vec<Value> = problems.iter().map(|(what, why)| json!({"what": what, "why": why})).collect();
            print_json(
                &json!({"until": args.until.to_string(), "rules": rules.name, "days": rows, "replaced": replaced.iter().map(shown).collect::<Vec<_>>(), "kept_back": kept.iter().map(keep_json).collect::<Vec<_>>(), "unpaid": unpaid.iter().map(not_paid).collect::<Vec<_>>(), "overpaid": overpaid.iter().map(too_much).collect::<Vec<_>>(), "without_creditor": uncollected.iter().map(without_creditor).collect::<Vec<_>>(), "left_to_people": left.as_ref().map(Left::json), "held": held.iter().map(held::json).collect::<Vec<_>>(), "problems": problems}),
            )?;
        }
        Format::Text if rows.is_empty() && replaced.is_empty() && kept.is_empty() => {
            let why =
                if problems.is_empty() { ": every day up to then was done before" } else { " but what stands below" };
            print(&format!("nothing to do{why}\n{}{}", waits(&overpaid, &uncollected), said))?;
        }
        Format::Text => {
            let line = |(day, claim, redecided): &Replaced| format!("{day} claim {claim}: {redecided}\n");
            let not_paid = |unpaid: &Unpaid| format!("claim {}: {unpaid}\n", unpaid.claim);
            let (replaced, unpaid) = (replaced.iter().map(line), unpaid.iter().map(not_paid));
            let told: String =
                again.iter().map(sent_again).chain(replaced).chain(kept.iter().map(keep_text)).chain(unpaid).collect();
            print(&format!("{table}{told}{}{}", waits(&overpaid, &uncollected), said))?;
        }
    }
    problems.iter().for_each(|(what, why)| eprintln!("error: {what}: {why}"));
    let found = !problems.is_empty();
    archived?;
    if found { Err(Failure::Found) } else { Ok(()) }
}

/// The business of one day, signed.
fn evening(business: &mut Business<'_>, args: &RunArgs, day: Date) -> Result<Evening, Failure> {
    let evening = if args.decide_only { business.decided_evening(day)? } else { business.evening(day)? };
    business.desk.checkpoint()?;
    Ok(evening)
}

fn archive(business: &mut Business<'_>, archiver: Option<&mut Archiver>) -> Result<(), Failure> {
    archiver.map_or(Ok(()), |archiver| business.desk.add_to_archive(archiver).map(drop))
}

/// What leaves only by lists that people approve.
struct Left<'a> {
    approvals: u8,
    total: Total,
    until: Date,
    lists: Vec<(RunId, &'a RunView)>,
}

/// What would leave, where this program decides and pays nothing.
fn left_to_people<'b>(business: &'b Business<'_>, args: &RunArgs) -> Option<Left<'b>> {
    let approvals = business.runs().approvals().required();
    let total = || business.plan(args.until).totals().all;
    (args.decide_only || business.is_left_to_people()).then(|| Left {
        approvals,
        total: total(),
        until: args.until,
        lists: business.waiting_lists(),
    })
}

impl Left<'_> {
    fn json(&self) -> Value {
        let Left { approvals, total, until, lists } = self;
        json!({
            "lists": others_json(lists),
            "approvals": approvals, "day": until.to_string(), "payments": total.payments,
            "amount": total.amount.to_json_number(),
        })
    }
}

impl fmt::Display for Left<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Left { approvals, total, until, lists } = self;
        if *approvals > 1 {
            writeln!(f, "nothing was paid: on this ledger every list needs {approvals} approvals")?;
        } else {
            writeln!(f, "nothing was paid: --decide-only")?;
        }
        if !lists.is_empty() {
            return f.write_str(&others_text(lists));
        }
        match total.payments {
            0 => writeln!(f, "no payment waits to leave on {until}"),
            1 => writeln!(f, "1 payment of {} waits: footing pay plan --day {until}", total.amount),
            some => writeln!(f, "{some} payments of {} wait: footing pay plan --day {until}", total.amount),
        }
    }
}

fn sent_again((day, Planned { person, payment }): &(Date, Planned)) -> String {
    format!("{day} person {person}: {} that came back was sent again, due {}\n", payment.amount, payment.due_on)
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

pub(super) fn too_much(overpaid: &Overpaid) -> Value {
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
