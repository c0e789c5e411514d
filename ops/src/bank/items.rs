//! Items of banks' files that no payment explains: how they are named, recorded and read again.

use std::collections::HashMap;

use ledger::order::{BankOrder, Confidential};
use projections::bank_files::ItemView;
use projections::payments::derived_uuid;
use schemas::events::{BankAbout, BankForm, BankNews, BankOpen, BankSide};
use schemas::{Amount, BankFileId, BankItemId, Digest};

use crate::bank::incoming::{About, Entry, News};
use crate::bank::matching::Finding;

/// What the bank calls it: ids and references as they stand in the file, or the message.
pub fn called(entry: &Entry) -> String {
    match &entry.about {
        About::Payment(ids) => ids.join(" "),
        About::Message(message, ..) => message.clone(),
    }
}

/// The name of each entry, derived from what names the booking, or from its file and its place there: the same however often
/// it is told, and nothing of what the bank calls it.
pub fn names(file: Digest, found: &[(Entry, Finding)]) -> Vec<BankItemId> {
    let mut on_line: HashMap<u64, u32> = HashMap::new();
    let mut name = |entry: &Entry| {
        if let Some(booking) = &entry.booking {
            return of_booking(booking);
        }
        let number = on_line.entry(entry.line).or_default();
        *number += 1;
        BankItemId(derived_uuid(&format!("bank-item|{file}|{}|{number}", entry.line)))
    };
    found.iter().map(|(entry, _)| name(entry)).collect()
}

/// The name of a booking that the bank names.
pub fn of_booking(booking: &str) -> BankItemId {
    BankItemId(derived_uuid(&format!("bank-item|{booking}")))
}

/// The order that records an open item; none of what is not open. What an ARUCS report returns comes into our account with
/// the whole of it, so that what it returns of no payment of ours is a credit like the rest.
pub fn open(file: BankFileId, form: BankForm, item: BankItemId, entry: &Entry, finding: &Finding) -> Option<BankOrder> {
    let why = match finding {
        Finding::Unmatched(_) => BankOpen::Unmatched,
        Finding::AmountDiffers { .. } => BankOpen::AmountDiffers,
        Finding::Twice(_) => BankOpen::Twice,
        Finding::Contradicts(..) => BankOpen::Contradicts,
        Finding::News(..) | Finding::Known(..) | Finding::WholeFile(_) | Finding::Pending => return None,
        Finding::WholeReport(_) | Finding::Reverses(..) => return None,
        Finding::ToldBefore(_) | Finding::BookedBefore => return None,
    };
    let (news, code) = match &entry.news {
        News::Accepted => (BankNews::Accepted, None),
        News::Settled(_) => (BankNews::Settled, None),
        News::Returned(code, _) => (BankNews::Returned, Some(code.clone())),
        News::Pending => return None,
    };
    let about = match &entry.about {
        About::Payment(_) => BankAbout::Payment,
        About::Message(..) => BankAbout::Message,
    };
    let called = called(entry);
    Some(BankOrder::OpenItem {
        file,
        item,
        line: u32::try_from(entry.line).unwrap_or(u32::MAX),
        why,
        about,
        news,
        side: entry.side.or((form == BankForm::Arucs).then_some(BankSide::Credit)),
        on: entry.news.on(),
        amount: entry.amount.and_then(|amount| Amount::new(amount).ok()),
        code,
        reference: (!called.is_empty()).then_some(Confidential::Plain(called)),
        payment: finding.payment(),
    })
}

/// The entry as it was read, with what the bank called it; none where it can no longer be told.
pub fn entry(item: &ItemView, called: &str) -> Option<Entry> {
    let opened = &item.opened;
    let news = match (opened.news, opened.on) {
        (BankNews::Accepted, _) => News::Accepted,
        (BankNews::Settled, Some(on)) => News::Settled(on),
        (BankNews::Returned, Some(on)) => News::Returned(opened.code.clone().unwrap_or_else(|| "NARR".into()), on),
        (BankNews::Settled | BankNews::Returned, None) => return None,
    };
    let about = match opened.about {
        BankAbout::Payment => About::Payment(called.split_whitespace().map(str::to_string).collect()),
        BankAbout::Message => About::Message(called.into(), None, None),
    };
    let amount = opened.amount.map(|amount| amount.money());
    Some(Entry { line: u64::from(opened.line), about, amount, news, side: opened.side, booking: None })
}
