//! What was taken in, what is open and what waits, as text and as JSON.

use schemas::Money;
use schemas::events::BankNews;
use serde_json::{Value, json};

use super::{Open, Reconciled, Report};
use crate::bank::ageing::{AGES, Unconfirmed};
use crate::bank::incoming::{About, Entry, News};
use crate::bank::matching::Finding;
use crate::output::Table;

/// What an entry says, in words.
fn said(news: &News) -> String {
    match news {
        News::Accepted | News::Pending => news.name().into(),
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
        Finding::WholeReport(file) => format!("the credit of ARUCS report {file}"),
        Finding::Pending => "not final".into(),
        Finding::Unmatched(why) => (*why).into(),
        Finding::AmountDiffers { instructed, .. } => format!("{instructed} was instructed: nothing is recorded"),
        Finding::Twice(_) => "the file says this twice: was it paid twice?".into(),
        Finding::Reverses(..) => "the bank takes back what it had booked twice".into(),
        Finding::ToldBefore(item) => format!("item {item}: another file said it before"),
        Finding::BookedBefore => "another file told this booking".into(),
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

pub fn text(report: &Report) -> String {
    let mut text: String = report.files.iter().map(file_text).collect();
    for explained in &report.explained {
        text.push_str(&format!("item {} is explained by payment {}\n", explained.item, explained.payment));
    }
    if !report.open.is_empty() {
        text.push_str("open, by the working days since; close one with --close ITEM and --payment or --reason\n");
        let mut table = Table::new(2, &[0, 4]);
        table.row(["days", "item", "file", "line", "amount", "the bank says", "why", "called"]);
        report.open.iter().for_each(|open| table.row(open_row(open)));
        text.push_str(&table.to_string());
    }
    text.push_str(&format!("released and never confirmed by {}, by working days since they were due\n", report.on));
    let mut table = Table::new(2, &[1, 2]);
    for (name, from, to) in AGES {
        let of_age = || report.waiting.iter().filter(|one| (from..=to).contains(&one.age));
        let sum: Money = of_age().map(|one| one.amount).sum();
        if of_age().next().is_some() {
            table.row([name.to_string(), of_age().count().to_string(), sum.to_string()]);
        }
    }
    text.push_str(&if table.is_empty() { "  none\n".into() } else { table.to_string() });
    text
}

fn file_text(Reconciled { file, before, found }: &Reconciled) -> String {
    if let Some(before) = before {
        let name = Some(&before.read.name).filter(|name| **name != file.name);
        let name = name.map(|name| format!(" as {name}")).unwrap_or_default();
        return format!(
            "{} {}: read before, on {}{name}: nothing is recorded again\n",
            file.form, file.name, before.on
        );
    }
    let count = |name: &str| found.iter().filter(|(_, finding)| finding.name() == name).count();
    let open = found.iter().filter(|(_, finding)| finding.is_open()).count();
    let mut text = format!(
        "{} {}: {} recorded, {} known before, {} not final, {open} open\n",
        file.form,
        file.name,
        count("recorded") + count("reverses"),
        count("known") + count("whole_file") + count("whole_report") + count("told_before") + count("booked_before"),
        count("pending"),
    );
    let mut table = Table::new(2, &[0, 2]);
    for (entry, finding) in found.iter().filter(|(_, finding)| finding.is_open()) {
        let amount = entry.amount.map(|amount| amount.to_string()).unwrap_or_default();
        table.row([format!("line {}", entry.line), called(entry, finding), amount, said(&entry.news), why(finding)]);
    }
    text.push_str(&table.to_string());
    text
}

/// What the bank says of an open item, and on which side of our account.
fn open_said(open: &Open) -> String {
    let opened = &open.item.opened;
    let what = match (opened.news, opened.side) {
        (BankNews::Accepted, _) => "accepted",
        (BankNews::Settled, _) => "left",
        (BankNews::Returned, Some(_)) => "came in",
        (BankNews::Returned, None) => "returned",
    };
    let on = opened.on.map(|on| format!(" on {on}")).unwrap_or_default();
    let code = opened.code.as_ref().filter(|code| *code != "NARR").map(|code| format!(", code {code}"));
    format!("{what}{on}{}", code.unwrap_or_default())
}

fn open_row(open: &Open) -> [String; 8] {
    let opened = &open.item.opened;
    let called = match (&opened.payment, &open.called) {
        (Some(payment), _) => format!("payment {payment}"),
        (None, Some(called)) if called.is_empty() => "-".into(),
        (None, Some(called)) => called.clone(),
        (None, None) => "(no longer known)".into(),
    };
    [
        open.age.to_string(),
        opened.item.to_string(),
        open.file.clone().unwrap_or_else(|| "(cut off)".into()),
        opened.line.to_string(),
        opened.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        open_said(open),
        opened.why.name().replace('_', " "),
        called,
    ]
}

pub fn json(report: &Report) -> Value {
    let entry = |(entry, finding): &(Entry, Finding)| {
        json!({
            "line": entry.line, "finding": finding.name(), "open": finding.is_open(), "why": why(finding), "says": said(&entry.news),
            "payment": finding.payment().map(|payment| payment.to_string()), "called": called(entry, finding),
            "amount": entry.amount.map(Money::to_json_number),
        })
    };
    let file = |Reconciled { file, before, found }: &Reconciled| {
        json!({
            "file": file.name, "form": file.form.name(), "sha256": file.digest.to_string(), "message": file.header.message,
            "from": file.header.days.map(|(first, _)| first.to_string()), "to": file.header.days.map(|(_, last)| last.to_string()),
            "read_before": before.as_ref().map(|before| json!({"on": before.on.to_string(), "file": before.read.name})),
            "entries": found.iter().map(entry).collect::<Vec<_>>(),
        })
    };
    let unconfirmed = |one: &Unconfirmed| {
        json!({
            "payment": one.payment.to_string(), "person": one.person.to_string(), "channel": one.channel.name(),
            "amount": one.amount.to_json_number(), "due_on": one.due_on.to_string(), "working_days": one.age,
        })
    };
    let explained =
        |one: &super::explained::Explained| json!({"item": one.item.to_string(), "payment": one.payment.to_string()});
    json!({
        "on": report.on.to_string(), "files": report.files.iter().map(file).collect::<Vec<_>>(),
        "explained": report.explained.iter().map(explained).collect::<Vec<_>>(),
        "open": report.open.iter().map(open_json).collect::<Vec<_>>(),
        "unconfirmed": report.waiting.iter().map(unconfirmed).collect::<Vec<_>>(),
    })
}

fn open_json(open: &Open) -> Value {
    let opened = &open.item.opened;
    json!({
        "item": opened.item.to_string(), "working_days": open.age, "since": open.item.since().to_string(),
        "taken_in": open.item.on.to_string(), "file": open.file, "line": opened.line, "why": opened.why.name(),
        "about": opened.about.name(), "says": opened.news.name(), "side": opened.side.map(|side| side.name()),
        "on": opened.on.map(|on| on.to_string()), "amount": opened.amount.map(|amount| amount.money().to_json_number()),
        "code": opened.code, "payment": opened.payment.map(|payment| payment.to_string()), "called": open.called,
    })
}
