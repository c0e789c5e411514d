//! `footing reconcile`: what banks say is matched to payments and recorded; what is nobody's, differs or was never
//! confirmed is listed.
//!
//! All files are read before anything is recorded. What is recorded is derived from the file and its entry, and what the
//! ledger knows already is left: a file that is given twice, or again after the program was killed, adds only what is new.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Command, WriteError};
use projections::payments::derived_uuid;
use projections::views::MemoryViews;
use schemas::day::{london_day, london_hour};
use schemas::events::{Event, PaymentEvent};
use schemas::{CommandId, Money, PaymentId};
use serde_json::{Value, json};

use crate::bank::ageing::{AGES, Unconfirmed, unconfirmed};
use crate::bank::incoming::{self, About, Entry, Incoming, News};
use crate::bank::matching::{Finding, Register, order};
use crate::cli::{Global, ReconcileArgs};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};

/// The hour at which a day's answers are taken in: before its evening's business, so that this sees them.
const MORNING: i8 = 9;

/// A file and what its entries came to.
struct Reconciled {
    file: Incoming,
    found: Vec<(Entry, Finding)>,
}

/// Takes in files and lists what is open.
///
/// # Errors
/// [`Failure::Found`] when an entry is nobody's, differs or does not fit; [`Failure::Input`] for a file that is not whole:
/// then nothing was recorded; otherwise what the ledger gives.
pub fn run(global: &Global, args: &ReconcileArgs) -> Result<(), Failure> {
    let files: Vec<Incoming> = args.files.iter().map(PathBuf::as_path).map(incoming::read).collect::<Result<_, _>>()?;
    let mut desk = Desk::of(global)?;
    let time = args.on.map_or_else(Timestamp::now, |on| london_hour(on, MORNING));
    let on = london_day(time);
    let (mut world, _) = desk.world(None)?;
    let mut all = Vec::new();
    for file in files {
        let found = take_in(&mut desk, &mut world, &file, time)?;
        all.push(Reconciled { file, found });
    }
    let waiting = unconfirmed(&world, on);
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json(&all, &waiting, on))?,
        Format::Text => print(&text(&all, &waiting, on))?,
    }
    let is_open = |reconciled: &Reconciled| reconciled.found.iter().any(|(_, finding)| finding.is_open());
    if all.iter().any(is_open) { Err(Failure::Found) } else { Ok(()) }
}

/// Records what is new in one file.
fn take_in(
    desk: &mut Desk,
    world: &mut MemoryViews,
    file: &Incoming,
    time: Timestamp,
) -> Result<Vec<(Entry, Finding)>, Failure> {
    let messages = messages(desk, file)?;
    let sent_in =
        |message: &str| messages.iter().filter(|(run, _)| run == message).map(|(_, payment)| *payment).collect();
    let mut found = Register::of(world).find(&file.entries, sent_in);
    // A payment leaves before it comes back, in whichever order a file lists both.
    let mut news: Vec<(usize, Command)> = Vec::new();
    let time = desk.not_before(time)?;
    for (place, (entry, finding)) in found.iter().enumerate() {
        if let Finding::News(person, payment) = finding
            && let Some(order) = order(*person, *payment, &entry.news)
        {
            let name = format!("bank|{}|{}|{payment}|{}", file.digest, entry.line, order_name(&entry.news));
            news.push((place, command(file, &name, time, order.into())));
        }
    }
    news.sort_by_key(|(place, _)| found.get(*place).map(|(entry, _)| matches!(entry.news, News::Returned(..))));
    let (places, commands): (Vec<usize>, Vec<Command>) = news.into_iter().unzip();
    for (place, answer) in places.into_iter().zip(desk.submit(commands)) {
        let (Err(error), Some((_, finding))) = (answer, found.get_mut(place)) else { continue };
        let Some(payment) = finding.payment() else { continue };
        match error {
            WriteError::Storage { .. } => return Err(broken(chain(&error))),
            WriteError::Refused(_)
            | WriteError::SameIdOtherContent { .. }
            | WriteError::Erased { .. }
            | WriteError::TooLarge { .. }
            | WriteError::TimeRunsBackwards { .. }
            | WriteError::Moved { .. }
            | WriteError::Contended => *finding = Finding::Contradicts(payment, chain(&error)),
        }
    }
    desk.for_each_after(world.position(), |page| {
        page.iter().for_each(|event| world.apply(event));
        Ok(())
    })?;
    Ok(found)
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

fn command(file: &Incoming, name: &str, time: Timestamp, order: ledger::Order) -> Command {
    Command {
        id: CommandId(derived_uuid(name)),
        actor: format!("bank:{} sha256:{}", file.name, file.digest),
        time,
        effective_from: london_day(time),
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: Some(CommandId(derived_uuid(&format!("bank|{}", file.digest)))),
        order,
    }
}

const fn order_name(news: &News) -> &'static str {
    match news {
        News::Accepted => "accepted",
        News::Settled(_) => "settled",
        News::Returned(..) => "returned",
        News::Pending => "pending",
    }
}

/// What an entry says, in words.
fn said(news: &News) -> String {
    match news {
        News::Accepted | News::Pending => order_name(news).into(),
        News::Settled(on) => format!("usable on {on}"),
        News::Returned(code, on) => format!("returned on {on}, code {code}"),
    }
}

/// Why somebody has to look at it; what it is otherwise.
fn why(finding: &Finding) -> String {
    match finding {
        Finding::News(..) => "recorded".into(),
        Finding::Known(..) => "known before".into(),
        Finding::WholeFile(file) => format!("the debit of Bacs file {file}"),
        Finding::Pending => "not final".into(),
        Finding::Unmatched(why) => (*why).into(),
        Finding::AmountDiffers { instructed, .. } => format!("{instructed} was instructed: nothing is recorded"),
        Finding::Twice(_) => "the file says this twice: was it paid twice?".into(),
        Finding::Contradicts(_, why) => why.clone(),
    }
}

/// What the bank calls it.
fn called(entry: &Entry, finding: &Finding) -> String {
    match (finding.payment(), &entry.about) {
        (Some(payment), _) => payment.to_string(),
        (None, About::Payment(ids)) => ids.first().cloned().unwrap_or_else(|| "-".into()),
        (None, About::Message(message, ..)) => format!("message {message}"),
    }
}

fn text(all: &[Reconciled], waiting: &[Unconfirmed], on: Date) -> String {
    let mut text = String::new();
    for Reconciled { file, found } in all {
        let count = |name: &str| found.iter().filter(|(_, finding)| finding.name() == name).count();
        let open = found.iter().filter(|(_, finding)| finding.is_open()).count();
        text.push_str(&format!(
            "{} {}: {} recorded, {} known before, {} not final, {open} open\n",
            file.form.name(),
            file.name,
            count("recorded"),
            count("known") + count("whole_file"),
            count("pending"),
        ));
        let mut table = Table::new(2, &[0, 2]);
        for (entry, finding) in found.iter().filter(|(_, finding)| finding.is_open()) {
            let amount = entry.amount.map(|amount| amount.to_string()).unwrap_or_default();
            table.row([
                format!("line {}", entry.line),
                called(entry, finding),
                amount,
                said(&entry.news),
                why(finding),
            ]);
        }
        text.push_str(&table.to_string());
    }
    text.push_str(&format!("released and never confirmed by {on}, by working days since they were due\n"));
    let mut table = Table::new(2, &[1, 2]);
    for (name, from, to) in AGES {
        let of_age = || waiting.iter().filter(|one| (from..=to).contains(&one.age));
        let sum: Money = of_age().map(|one| one.amount).sum();
        if of_age().next().is_some() {
            table.row([name.to_string(), of_age().count().to_string(), sum.to_string()]);
        }
    }
    text.push_str(&if table.is_empty() { "  none\n".into() } else { table.to_string() });
    text
}

fn json(all: &[Reconciled], waiting: &[Unconfirmed], on: Date) -> Value {
    let entry = |(entry, finding): &(Entry, Finding)| {
        json!({
            "line": entry.line, "finding": finding.name(), "open": finding.is_open(), "why": why(finding), "says": said(&entry.news),
            "payment": finding.payment().map(|payment| payment.to_string()), "called": called(entry, finding),
            "amount": entry.amount.map(Money::to_json_number),
        })
    };
    let file = |Reconciled { file, found }: &Reconciled| {
        json!({
            "file": file.name, "form": file.form.name(), "sha256": file.digest.to_string(),
            "entries": found.iter().map(entry).collect::<Vec<_>>(),
        })
    };
    let unconfirmed = |one: &Unconfirmed| {
        json!({
            "payment": one.payment.to_string(), "person": one.person.to_string(), "channel": one.channel.name(),
            "amount": one.amount.to_json_number(), "due_on": one.due_on.to_string(), "working_days": one.age,
        })
    };
    json!({
        "on": on.to_string(), "files": all.iter().map(file).collect::<Vec<_>>(),
        "unconfirmed": waiting.iter().map(unconfirmed).collect::<Vec<_>>(),
    })
}
