//! One file taken in: what it says of payments, what of it is open, and that it was read.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use ledger::order::BankOrder;
use ledger::store::MOST;
use ledger::write::recorded as recorded_event;
use ledger::{Order, Store as _};
use projections::bank_files::{BankFiles, ItemView};
use projections::payments::derived_uuid;
use schemas::events::{BankClosing, BankFileRead, BankForm, BankOpen, BankSide, Event, PaymentEvent};
use schemas::{Amount, BankFileId, BankItemId, CommandId, Digest, Money, PaymentId};

use super::{Known, Reconciled};
use crate::bank::incoming::{About, Entry, Incoming, News};
use crate::bank::items;
use crate::bank::matching::{BACS_DAYS, Extra, Finding, Register, Told, order};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;

/// Records what is new in a file.
pub fn take_in(known: &mut Known, file: Incoming) -> Result<Reconciled, Failure> {
    let id = BankFileId::of(file.digest);
    if let Some(before) = known.files.file(id) {
        return Ok(Reconciled { before: Some(before.clone()), found: Vec::new(), file });
    }
    let actor = format!("bank:{} sha256:{}", file.name, file.digest);
    let messages = messages(&known.desk, &file)?;
    let sent_in =
        |message: &str| messages.iter().filter(|(run, _)| run == message).map(|(_, payment)| *payment).collect();
    let (told, twice) = (told(known, &file)?, twice(&known.files, &actor));
    let register = Register::of(&known.world).after(told, twice).with_reports(reports(&known.files));
    let reported = (file.form == BankForm::Arucs).then_some(BankSide::Credit);
    let (before, new) = told_elsewhere(&known.desk, &file.entries, &actor)?;
    let register = register.with_debited(debited(&known.files, &file)).reporting(reported);
    let mut register = register.with_booked(&before);
    let mut found = register.find(&new, sent_in);
    found.extend(before.into_iter().map(|entry| (entry, Finding::BookedBefore)));
    let names = items::names(file.digest, &found);
    let correlation = format!("bank|{}", file.digest);
    let (places, orders) = orders(&known.files, &file, &found, &names);
    let refused = known.submit(&actor, &correlation, orders)?;
    // What the ledger refused is for somebody to look at.
    for (place, why) in places.into_iter().zip(refused) {
        let (Some(why), Some((_, finding))) = (why, found.get_mut(place)) else { continue };
        let Some(payment) = finding.payment() else { continue };
        *finding = Finding::Contradicts(payment, why);
    }
    let open = found.iter().zip(&names).filter_map(|((entry, finding), item)| {
        let order = items::open(id, file.form, *item, entry, finding)?;
        known.files.item(*item).is_none().then(|| (opening(*item), Order::from(order)))
    });
    let read = (format!("bank-file|{}", file.digest), Order::from(recorded(&file, id)));
    let whole = credit_of_report(&known.files, &file, &found).map(|order| (order.0, Order::from(order.1)));
    let last: Vec<(String, Order)> = open.chain(whole).chain([read]).collect();
    if let Some(why) = known.submit(&actor, &correlation, last)?.into_iter().flatten().next() {
        return Err(broken(format!("{}: {why}", file.name)));
    }
    Ok(Reconciled { file, before: None, found })
}

/// What is recorded, each with its place among the findings: payments leave before they come back, in whichever order a
/// file lists both; then what is open, and what the bank took back.
fn orders(
    files: &BankFiles,
    file: &Incoming,
    found: &[(Entry, Finding)],
    names: &[BankItemId],
) -> (Vec<usize>, Vec<(String, Order)>) {
    let id = BankFileId::of(file.digest);
    let (mut news, mut opened, mut reversed) = (Vec::new(), Vec::new(), Vec::new());
    for (place, ((entry, finding), item)) in found.iter().zip(names).enumerate() {
        match finding {
            Finding::News(person, payment) => {
                let name = match &entry.booking {
                    Some(booking) => recording(booking),
                    None => format!("bank|{}|{}|{payment}|{}", file.digest, entry.line, entry.news.name()),
                };
                let order = order(*person, *payment, &entry.news);
                news.extend(order.map(|order| (place, (name, Order::from(order)))));
            }
            Finding::Reverses(_, extra) => {
                let twice = match extra {
                    Extra::Before(item) => files.item(*item).map(|view| (view.file, *item)),
                    Extra::Here(place) => names.get(*place).map(|item| (id, *item)),
                };
                let reason = Some(format!("the bank took it back: line {} of {}", entry.line, file.name));
                reversed.extend(twice.map(|(file, item)| {
                    let (person, payment) = (None, None);
                    let by = BankClosing::Reversed;
                    let order = BankOrder::CloseItem { file, item, by, person, payment, reason };
                    let name = entry.booking.as_deref().map_or_else(|| format!("bank-close|{item}"), recording);
                    (place, (name, Order::from(order)))
                }));
            }
            Finding::Unmatched(_) | Finding::AmountDiffers { .. } | Finding::Twice(_) | Finding::Contradicts(..) => {
                let order = items::open(id, file.form, *item, entry, finding).filter(|_| files.item(*item).is_none());
                opened.extend(order.map(|order| (place, (opening(*item), Order::from(order)))));
            }
            Finding::Known(..) | Finding::WholeFile(_) | Finding::WholeReport(_) => {}
            Finding::Pending | Finding::ToldBefore(_) | Finding::BookedBefore => {}
        }
    }
    news.sort_by_key(|(place, _)| found.get(*place).map(|(entry, _)| matches!(entry.news, News::Returned(..))));
    news.into_iter().chain(opened).chain(reversed).unzip()
}

/// The name of the command that records what a booking comes to.
fn recording(booking: &str) -> String {
    format!("bank-booking|{booking}")
}

fn opening(item: BankItemId) -> String {
    format!("bank-open|{item}")
}

fn recorded(file: &Incoming, id: BankFileId) -> BankOrder {
    let total: Money = file.entries.iter().filter_map(|entry| entry.amount).sum();
    BankOrder::ReadFile {
        file: id,
        digest: file.digest,
        form: file.form,
        name: file.name.clone(),
        message: file.header.message.clone(),
        from: file.header.days.map(|(first, _)| first),
        to: file.header.days.map(|(_, last)| last),
        items: u32::try_from(file.entries.len()).unwrap_or(u32::MAX),
        total: Amount::new(total).unwrap_or_default(),
    }
}

/// The entries whose booking another file told, and the others: a statement that is issued anew tells nothing new.
fn told_elsewhere(desk: &Desk, entries: &[Entry], actor: &str) -> Result<(Vec<Entry>, Vec<Entry>), Failure> {
    let (mut before, mut new) = (Vec::new(), Vec::new());
    for part in entries.chunks(MOST / 2) {
        let names = part.iter().flat_map(|entry| match &entry.booking {
            Some(booking) => [recording(booking), opening(items::of_booking(booking))],
            None => [String::new(), String::new()],
        });
        let ids: Vec<CommandId> = names.map(|name| CommandId(derived_uuid(&name))).collect();
        let recorded_before = desk.wait_for(desk.store().find_commands(&ids)).map_err(|e| broken(chain(&e)))?;
        for (entry, events) in part.iter().zip(recorded_before.chunks(2)) {
            let mut events = events.iter().flatten().map(recorded_event);
            let elsewhere = events.try_fold(false, |found, event| {
                let event = event.map_err(|e| broken(chain(&e)))?;
                Ok::<_, Failure>(found || event.envelope.actor != actor)
            })?;
            if elsewhere { before.push(entry.clone()) } else { new.push(entry.clone()) }
        }
    }
    Ok((before, new))
}

/// What closes the credit of a whole ARUCS report that a statement told before the report came: what it is made of stands
/// on payments and on items of the report from now on.
fn credit_of_report(files: &BankFiles, file: &Incoming, found: &[(Entry, Finding)]) -> Option<(String, BankOrder)> {
    let on = file.header.days.filter(|_| file.form == BankForm::Arucs)?.1;
    let total: Money = file.entries.iter().filter_map(|entry| entry.amount).sum();
    let is_told = |item: BankItemId| found.iter().any(|(_, finding)| *finding == Finding::ToldBefore(item));
    let fits = |item: &&ItemView| {
        let opened = &item.opened;
        let days = opened.on.map(|credited| (credited - on).get_days());
        (opened.why, opened.side) == (BankOpen::Unmatched, Some(BankSide::Credit))
            && opened.amount.is_some_and(|amount| amount.money() == total)
            && days.is_some_and(|days| (0..=BACS_DAYS).contains(&days))
            && files.file(item.file).is_some_and(|told| told.read.form != BankForm::Arucs)
            && !is_told(opened.item)
    };
    let open = files.open();
    let mut fitting = open.into_iter().filter(fits);
    let item = fitting.next().filter(|_| fitting.next().is_none())?;
    let (file_of_item, item) = (item.file, item.opened.item);
    let reason = Some(format!("the credit of a whole ARUCS report, whose items {} has", file.name));
    let (by, person, payment) = (BankClosing::Reversed, None, None);
    Some((format!("bank-close|{item}"), BankOrder::CloseItem { file: file_of_item, item, by, person, payment, reason }))
}

/// What files of another form said, or another copy of the same message: a movement of our account that they had open, or
/// that was explained since, is not opened again.
fn told(known: &Known, file: &Incoming) -> Result<Vec<Told>, Failure> {
    let mut told = Vec::new();
    for item in known.files.items() {
        let Some(other) = known.files.file(item.file) else { continue };
        let is_same_message = file.header.message.is_some() && file.header.message == other.read.message;
        let opened = &item.opened;
        let moved = opened.side.zip(opened.amount).zip(opened.on);
        let Some(((side, amount), on)) = moved.filter(|_| other.read.form != file.form || is_same_message) else {
            continue;
        };
        let called = known.called(item)?.unwrap_or_default();
        let later = |form: BankForm| if form == BankForm::Arucs { BACS_DAYS } else { 0 };
        let days = (on.saturating_sub(later(file.form).days()), on.saturating_add(later(other.read.form).days()));
        told.push(Told { item: opened.item, side, amount: amount.money(), days, called });
    }
    Ok(told)
}

/// Second debits that the bank has not taken back, as far as this file did not say so before it was cut off.
fn twice(files: &BankFiles, actor: &str) -> Vec<(PaymentId, BankItemId)> {
    let is_left = |item: &&ItemView| match &item.closed {
        None => true,
        Some((closed, _, by)) => closed.by == BankClosing::Reversed && by == actor,
    };
    let is_twice = |item: &&ItemView| item.opened.why == BankOpen::Twice && item.opened.side == Some(BankSide::Debit);
    let found = files.items().filter(is_twice).filter(is_left);
    found.filter_map(|item| Some((item.opened.payment?, item.opened.item))).collect()
}

/// The payments that another statement than this one, or a copy of it, has as debits.
fn debited(files: &BankFiles, file: &Incoming) -> BTreeSet<PaymentId> {
    let is_statement = file.form == BankForm::Statement;
    let is_other = |read: &BankFileRead| {
        read.form == BankForm::Statement && read.message.is_some() && read.message != file.header.message
    };
    let found = files.settled().filter(|(_, said)| is_statement && is_other(&said.read));
    found.map(|(payment, _)| payment).collect()
}

/// What ARUCS reports came to.
fn reports(files: &BankFiles) -> impl Iterator<Item = (Digest, Money, Date)> {
    let reports = files.files().filter(|file| file.read.form == BankForm::Arucs);
    reports.filter_map(|file| Some((file.read.digest, file.read.total.money(), file.read.to?)))
}

/// Payments by the message they left in; read only where a file speaks of whole messages.
fn messages(desk: &Desk, file: &Incoming) -> Result<Vec<(String, PaymentId)>, Failure> {
    let mut sent = Vec::new();
    if file.entries.iter().any(|entry| matches!(entry.about, About::Message(..))) {
        desk.for_each_after(0, |page| {
            for event in page {
                if let Event::Payment(PaymentEvent::PaymentReleased(released)) = &event.envelope.event {
                    sent.push((released.run.0.simple().to_string(), released.payment));
                }
            }
            Ok(())
        })?;
    }
    Ok(sent)
}
