//! Open items that are explained: by what the ledger knows since, or by somebody who names a payment or says why.

use ledger::Order;
use ledger::order::BankOrder;
use projections::bank_files::ItemView;
use schemas::events::{BankAbout, BankClosing, BankOpen};
use schemas::{BankItemId, PaymentId, PersonId};

use super::Known;
use crate::bank::incoming::{About, Entry};
use crate::bank::items;
use crate::bank::matching::{Finding, Register, order};
use crate::cli::ReconcileArgs;
use crate::desk::only;
use crate::error::Failure;

/// An item and the payment that explains it.
pub struct Explained {
    pub item: BankItemId,
    pub payment: PaymentId,
}

/// Who closes items that the ledger itself explains.
const BY_ITSELF: &str = "reconcile";

/// Holds every open item against the ledger as it is now: what names a payment that was not known or had not left is
/// recorded of it.
pub fn by_the_ledger(known: &mut Known) -> Result<Vec<Explained>, Failure> {
    let mut open = Vec::new();
    for item in known.files.open() {
        // Nothing that follows makes a second booking right but its reversal, which is a file's to say.
        if item.opened.why == BankOpen::Twice || item.opened.about == BankAbout::Message {
            continue;
        }
        let entry = known.called(item)?.and_then(|called| items::entry(item, &called));
        open.extend(entry.map(|entry| (item.clone(), entry)));
    }
    let entries: Vec<Entry> = open.iter().map(|(_, entry)| entry.clone()).collect();
    let twice = known.files.open().into_iter().filter(|item| item.opened.why == BankOpen::Twice);
    let twice: Vec<_> = twice.filter_map(|item| Some((item.opened.payment?, item.opened.item))).collect();
    let found = Register::of(&known.world).after(Vec::new(), twice).find(&entries, |_| Vec::new());
    let mut explained = Vec::new();
    for ((item, entry), (_, finding)) in open.iter().zip(found) {
        let (person, payment, recorded) = match finding {
            Finding::News(person, payment) => (person, payment, order(person, payment, &entry.news)),
            Finding::Known(person, payment) => (person, payment, None),
            Finding::WholeFile(_) | Finding::WholeReport(_) | Finding::Pending => continue,
            Finding::Unmatched(_) | Finding::AmountDiffers { .. } => continue,
            Finding::Twice(_) | Finding::Contradicts(..) | Finding::Reverses(..) => continue,
            Finding::ToldBefore(_) | Finding::BookedBefore => continue,
        };
        let name = format!("bank-explained|{}|{payment}", item.opened.item);
        let closed = (format!("{name}|close"), close(item, Some((person, payment)), None).into());
        if explain(known, BY_ITSELF, recorded.map(|order| (format!("{name}|news"), order.into())), closed)?.is_none() {
            explained.push(Explained { item: item.opened.item, payment });
        }
    }
    Ok(explained)
}

/// Closes the item that somebody names, by a payment or a reason.
///
/// # Errors
/// [`Failure::Input`]: there is no such item or payment, the item is closed, or the payment does not fit what the bank says.
pub fn by_hand(known: &mut Known, text: &str, args: &ReconcileArgs) -> Result<(), Failure> {
    let all = known.files.items().map(|item| (item.opened.item.to_string(), item.clone()));
    let item = only("item", text, all)?;
    if let Some((closed, on, by)) = &item.closed {
        let how = closed.payment.map(|payment| format!("payment {payment}")).or_else(|| closed.reason.clone());
        let how = how.unwrap_or_default();
        return Err(Failure::input(format!("--close: item {} was closed on {on} by {by}: {how}", item.opened.item)));
    }
    let (actor, reason) = (args.actor.as_str(), args.reason.clone());
    let id = item.opened.item;
    let name = format!("bank-close|{id}|{actor}");
    let refused = match &args.payment {
        Some(payment) => {
            let (person, payment, recorded) = names(known, &item, payment, reason.is_some())?;
            let news = recorded.map(|order| (format!("{name}|{payment}|news"), order));
            let closed = (format!("{name}|{payment}"), close(&item, Some((person, payment)), reason).into());
            explain(known, actor, news, closed)?
        }
        None => explain(known, actor, None, (name, close(&item, None, reason).into()))?,
    };
    refused.map_or(Ok(()), |why| Err(Failure::input(format!("--close: {why}"))))
}

/// Records what has to be recorded of a payment, and closes the item only when that stands; why either was refused.
fn explain(
    known: &mut Known,
    actor: &str,
    news: Option<(String, Order)>,
    closed: (String, Order),
) -> Result<Option<String>, Failure> {
    let name = closed.0.clone();
    if let Some(why) = known.submit(actor, &name, news.into_iter().collect())?.into_iter().flatten().next() {
        return Ok(Some(why));
    }
    Ok(known.submit(actor, &name, vec![closed])?.into_iter().flatten().next())
}

/// The payment that somebody names, and what has to be recorded of it.
fn names(
    known: &Known,
    item: &ItemView,
    text: &str,
    is_said_why: bool,
) -> Result<(PersonId, PaymentId, Option<Order>), Failure> {
    let refuse = |why: String| Err(Failure::input(format!("--payment: {why}")));
    let mut register = Register::of(&known.world);
    let payment = only("payment", text, register.payments().map(|id| (id.to_string(), id)))?;
    let about = About::Payment(vec![payment.to_string()]);
    // Somebody looked at the amount: a difference is what the reason explains.
    let Some(entry) = items::entry(item, "").map(|entry| Entry { about, amount: None, ..entry }) else {
        return refuse("the item does not say when: close it with --reason".into());
    };
    let person = register.person(payment);
    let amount = person.and_then(|person| known.world.person(person)?.payment(payment)).map(|view| view.amount);
    let differs = item.opened.amount.map(|amount| amount.money()).filter(|of_item| Some(*of_item) != amount);
    if item.opened.why == BankOpen::Twice {
        return refuse(
            "the file has it twice, and one of the two is more than was sent: close it with --reason".into(),
        );
    }
    if let (Some(of_item), Some(amount), false) = (differs, amount, is_said_why) {
        return refuse(format!("it is of {amount}, and the bank says {of_item}: explain the difference with --reason"));
    }
    let finding =
        register.find(std::slice::from_ref(&entry), |_| Vec::new()).into_iter().map(|(_, finding)| finding).next();
    match finding {
        Some(Finding::News(person, payment)) => {
            Ok((person, payment, order(person, payment, &entry.news).map(Order::from)))
        }
        Some(Finding::Known(person, payment)) => Ok((person, payment, None)),
        Some(Finding::Contradicts(_, why)) => refuse(why),
        Some(Finding::Unmatched(why)) => refuse(why.into()),
        Some(
            Finding::AmountDiffers { .. }
            | Finding::Twice(_)
            | Finding::Reverses(..)
            | Finding::ToldBefore(_)
            | Finding::BookedBefore
            | Finding::WholeFile(_)
            | Finding::WholeReport(_)
            | Finding::Pending,
        )
        | None => refuse("it does not fit what the bank says: close it with --reason".into()),
    }
}

fn close(item: &ItemView, by: Option<(PersonId, PaymentId)>, reason: Option<String>) -> BankOrder {
    let (file, item) = (item.file, item.opened.item);
    let (person, payment) = by.unzip();
    let by = if payment.is_some() { BankClosing::Payment } else { BankClosing::Elsewhere };
    BankOrder::CloseItem { file, item, by, person, payment, reason }
}
