//! What differs between a list that waits for approval and the one that would be made now, a sentence for each payment.

use std::collections::BTreeMap;

use projections::payments::Planned;
use projections::plan::Plan;
use projections::topups::KeepBack;
use schemas::events::TopUpRecovered;
use schemas::{PaymentId, RunId};

/// How many differences are told.
const TOLD: usize = 10;

/// Why a list cannot be approved any more.
pub(super) fn changes(run: RunId, then: &Plan, now: &Plan) -> String {
    let (old, new) = (by_id(then), by_id(now));
    let of = |(_, payment): &(_, &Planned)| told(payment);
    let gone = old.iter().filter(|(id, _)| !new.contains_key(*id));
    let gone = gone.map(|(_, was)| format!("{} is not to be paid any more", of(was)));
    let other = old.iter().filter_map(|(id, was)| {
        let is = new.get(id).filter(|is| *is != was)?;
        Some(format!("{} has changed: {}", of(was), difference(was, is)))
    });
    let come = new.iter().filter(|(id, _)| !old.contains_key(*id));
    let come = come.map(|(_, is)| format!("{} is to be paid now", of(is)));
    let kept = |plan: &Plan, other: &Plan, so: &str| {
        let kept = plan.keeps.iter().filter(|keep| !other.keeps.contains(keep));
        kept.map(|keep| format!("{} {so} kept back", told_kept(keep))).collect::<Vec<_>>()
    };
    let kept = [kept(then, now, "is not to be"), kept(now, then, "is to be")].concat();
    let all: Vec<String> = gone.chain(other).chain(come).chain(kept).collect();
    let shown: String = all.iter().take(TOLD).map(|line| format!("\n  {line}")).collect();
    let more = all.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!(
        "run {run} is not what would be planned now; plan again with `footing pay plan --day {}`{shown}{more}",
        then.day
    )
}

/// What has to be done with a payment of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Do {
    Release,
    SendAgain,
    Pay,
}

fn by_id(plan: &Plan) -> BTreeMap<PaymentId, (Do, &Planned)> {
    let lists = [(Do::Release, &plan.waiting), (Do::SendAgain, &plan.reissues), (Do::Pay, &plan.pays)];
    lists.into_iter().flat_map(|(what, list)| list.iter().map(move |one| (one.payment.payment, (what, one)))).collect()
}

/// What is kept back, as somebody would name it.
fn told_kept(KeepBack { person, recovered }: &KeepBack) -> String {
    let TopUpRecovered { top_up, days, period, amount, .. } = recovered;
    let (first, last) = (days.first(), days.last());
    format!("{amount} of what person {person} is owed for {period}, for {first} to {last} of top-up {top_up},")
}

/// A payment as somebody would name it.
fn told(Planned { person, payment }: &Planned) -> String {
    format!("the {} of {} to person {person} for {}", payment.kind, payment.amount, payment.due_on)
}

fn difference(
    (do_was, Planned { payment: was, .. }): &(Do, &Planned),
    (do_is, Planned { payment: is, .. }): &(Do, &Planned),
) -> String {
    let said = |what: &str, was: String, is: String| (was != is).then(|| format!("{what} {is} instead of {was}"));
    let account = if is.account.is_some() { "it goes into another account" } else { "it goes into no account" };
    let told: Vec<String> = [
        (do_was != do_is).then(|| "it was ordered meanwhile".to_string()),
        said("the amount is", was.amount.to_string(), is.amount.to_string()),
        said("it is due on", was.due_on.to_string(), is.due_on.to_string()),
        said("it goes by", was.channel.to_string(), is.channel.to_string()),
        (was.account != is.account).then(|| account.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if told.is_empty() { "what it is made of".into() } else { told.join(", ") }
}
