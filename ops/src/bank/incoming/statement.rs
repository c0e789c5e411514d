//! `camt.053` and `camt.054`: what was booked on our account. A debit with a payment's id is the payment leaving, usable
//! on its value date; a credit with one is the payment coming back. A reversal (`RvslInd`) says nothing more: `CdtDbtInd` has
//! its effect already (read: ex_iso20022, documentation of an entry), so that the reversal of a return is money leaving.
//!
//! A booking is known again in a statement that is issued anew by what the account servicer calls it (`AcctSvcrRef`) and
//! the ids of its payment, because one reference may be that of a whole batch; where it is not called anything, by the name
//! of the statement (`Stmt/Id`, where `GrpHdr/MsgId` only names the message), the entry's place in it and all it says. Read:
//! `Stmt/Id` is the unique name of a statement (Oracle, Data Integration, fields of CAMT.053 by their ISO definitions);
//! `CpyDplctInd` marks copies (mx-message.com, camt.054.001.11) and banks need not give it. Unconfirmed: that no bank gives
//! one `AcctSvcrRef` to two bookings of the same payment, that `NONREF` stands for none, and that it and `Stmt/Id` stay in a
//! statement issued anew.

use std::collections::HashMap;

use jiff::civil::Date;
use schemas::Money;
use schemas::events::BankSide;

use super::xml::{Attributes, Seen};
use super::{About, Entry, Header, News, account, agrees, count, date, id, money};

/// What a message has, where it says anything; a statement of an account on which nothing was booked has its balances.
pub const EXPECTED: &str = "in each Stmt or Ntfctn its entries (Ntry), or a statement that there are none: \
                            TxsSummry/TtlNtries/NbOfNtries, or an opening and a closing balance (Bal)";

/// What was read so far.
#[derive(Default)]
pub struct Statement {
    pub entries: Vec<Entry>,
    pub header: Header,
    sort_code: Option<String>,
    number: Option<String>,
    /// How many statements or notifications there are, and whether one of them is about nothing.
    accounts: u64,
    is_about_nothing: bool,
    before: usize,
    /// What the bank calls the statement, and how many entries of it were read.
    name: Option<String>,
    entry: u64,
    /// How often a booking of each name came in this file.
    named: HashMap<String, u32>,
    booking: Booking,
    detail: Detail,
    /// Of the statement: entries and sums found and stated, by side.
    found: [Total; 2],
    stated: [Option<Stated>; 3],
    balances: Balances,
    balance: (Option<String>, Option<Money>, bool),
}

/// One booked entry.
#[derive(Default)]
struct Booking {
    line: u64,
    /// What the account servicer calls it.
    reference: Option<String>,
    amount: Option<Money>,
    is_credit: Option<bool>,
    status: Option<String>,
    booked_on: Option<Date>,
    value_on: Option<Date>,
    details: Vec<Detail>,
    /// How many transactions the batch that is read has by its own count, and how many came before it.
    batch: Option<u64>,
    before: usize,
}

/// One transaction of an entry.
#[derive(Default)]
struct Detail {
    line: u64,
    reference: Option<String>,
    ids: Vec<String>,
    amount: Option<Money>,
    code: Option<String>,
}

#[derive(Clone, Copy, Default)]
struct Total {
    count: u64,
    sum: Money,
}

/// A summary: how many entries, and what they come to.
#[derive(Clone, Copy, Default)]
struct Stated {
    count: Option<u64>,
    sum: Option<Money>,
}

/// Opening and closing booked balance; below zero where overdrawn.
#[derive(Default)]
struct Balances {
    opening: Option<Money>,
    closing: Option<Money>,
}

const SUMMARIES: [&str; 3] = ["TtlNtries", "TtlCdtNtries", "TtlDbtNtries"];

impl Seen for Statement {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String> {
        let is_pounds = |(name, value): &(String, String)| name != "Ccy" || value == "GBP";
        if let Some((_, currency)) = attributes.iter().find(|attribute| !is_pounds(attribute)) {
            return Err(format!("Ccy: `{currency}`, and this ledger keeps pounds (GBP)"));
        }
        match inner(path) {
            "" => {
                (self.found, self.stated, self.balances) = Default::default();
                (self.name, self.entry) = (None, 0);
                self.before = self.entries.len();
            }
            "Bal" => self.balance = (None, None, true),
            "Ntry" => self.booking = Booking { line, ..Booking::default() },
            "Ntry/NtryDtls/TxDtls" => self.detail = Detail { line, ..Detail::default() },
            _other => {}
        }
        Ok(())
    }

    fn close(&mut self, path: &str, text: &str, _line: u64) -> Result<(), String> {
        if path == "GrpHdr/MsgId" {
            self.header.message = id(text);
        }
        let path = inner(path);
        if let Some(field) = path.strip_prefix("TxsSummry/") {
            return self.summary(field, text);
        }
        if let Some(field) = path.strip_prefix("Bal/") {
            return self.balance(field, text);
        }
        if let Some(field) = path.strip_prefix("Ntry/NtryDtls/TxDtls/") {
            return self.detail(field, text);
        }
        let booking = &mut self.booking;
        match path {
            "FrToDt/FrDtTm" | "FrToDt/ToDtTm" | "FrToDt/FrDt" | "FrToDt/ToDt" => {
                self.header.takes_in(date(path, text)?)
            }
            "Id" => self.name = id(text),
            "Acct/Id/IBAN" | "Acct/Id/Othr/Id" => self.number = Some(text.into()),
            "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId" => self.sort_code = Some(text.into()),
            "Acct" => {
                let number = self.number.take().ok_or("Acct without Id")?;
                self.header.accounts.push(account(self.sort_code.take().as_deref(), &number));
            }
            "Ntry/AcctSvcrRef" => booking.reference = reference(text),
            "Ntry/Amt" => booking.amount = Some(money("Amt", text)?),
            "Ntry/CdtDbtInd" => booking.is_credit = Some(is_credit(text)?),
            "Ntry/Sts" | "Ntry/Sts/Cd" if !text.is_empty() => booking.status = Some(text.into()),
            "Ntry/BookgDt/Dt" | "Ntry/BookgDt/DtTm" => booking.booked_on = Some(date("BookgDt", text)?),
            "Ntry/ValDt/Dt" | "Ntry/ValDt/DtTm" => booking.value_on = Some(date("ValDt", text)?),
            "Ntry/NtryDtls/TxDtls" => booking.details.push(std::mem::take(&mut self.detail)),
            "Ntry/NtryDtls/Btch/NbOfTxs" => booking.batch = Some(count("NbOfTxs", text)?),
            "Ntry/NtryDtls" => return booking.counted(),
            "Ntry" => return self.entry(),
            "Bal" => self.balanced(),
            "" => return self.end(),
            _other => {}
        }
        Ok(())
    }
}

impl Booking {
    /// A batch whose transactions are listed lists all of them.
    fn counted(&mut self) -> Result<(), String> {
        let found = u64::try_from(self.details.len() - self.before).unwrap_or(u64::MAX);
        self.before = self.details.len();
        match self.batch.take().filter(|_| found > 0) {
            Some(stated) => agrees("Btch/NbOfTxs", stated, found),
            None => Ok(()),
        }
    }
}

impl Statement {
    fn detail(&mut self, field: &str, text: &str) -> Result<(), String> {
        let detail = &mut self.detail;
        match field {
            "Refs/AcctSvcrRef" => detail.reference = reference(text),
            "Refs/EndToEndId" | "Refs/InstrId" | "Refs/TxId" => detail.ids.extend(id(text)),
            "RmtInf/Ustrd" | "RmtInf/Strd/CdtrRefInf/Ref" => detail.ids.extend(id(text)),
            "Amt" => detail.amount = Some(money("Amt", text)?),
            "AmtDtls/TxAmt/Amt" | "AmtDtls/InstdAmt/Amt" => {
                detail.amount.get_or_insert(money("Amt", text)?);
            }
            "RtrInf/Rsn/Cd" | "RtrInf/Rsn/Prtry" => detail.code = Some(text.into()),
            _other => {}
        }
        Ok(())
    }

    /// An entry is at its end: what it says of each of its payments, or of itself where it names none.
    fn entry(&mut self) -> Result<(), String> {
        let booking = std::mem::take(&mut self.booking);
        let amount = booking.amount.ok_or("Ntry without Amt")?;
        let is_credit = booking.is_credit.ok_or("Ntry without CdtDbtInd")?;
        let known: Option<Money> = booking.details.iter().map(|detail| detail.amount).sum();
        if let Some(sum) = known.filter(|_| !booking.details.is_empty()) {
            agrees("Amt of the entry", amount, sum)?;
        }
        if booking.status.as_deref().is_none_or(|status| status == "BOOK")
            && let Some(found) = self.found.get_mut(usize::from(!is_credit))
        {
            *found = Total { count: found.count + 1, sum: found.sum + amount };
        }
        self.entry += 1;
        let single = booking.details.len() == 1;
        let mut details = booking.details;
        if details.is_empty() {
            details.push(Detail { line: booking.line, ..Detail::default() });
        }
        for detail in details {
            let amount = detail.amount.or((single || detail.ids.is_empty()).then_some(amount));
            let booked_on = booking.booked_on.or(booking.value_on);
            booked_on.into_iter().for_each(|day| self.header.takes_in(day));
            let day = || booked_on.ok_or("Ntry without BookgDt and ValDt");
            let news = match booking.status.as_deref() {
                Some("PDNG" | "INFO" | "FUTR") => News::Pending,
                Some("BOOK") | None if is_credit => {
                    News::Returned(detail.code.unwrap_or_else(|| "NARR".into()), day()?)
                }
                Some("BOOK") | None => News::Settled(booking.value_on.map_or_else(day, Ok)?),
                Some(other) => return Err(format!("Sts: `{other}` is no status of an entry")),
            };
            let side = Some(if is_credit { BankSide::Credit } else { BankSide::Debit });
            let reference = detail.reference.or_else(|| booking.reference.clone());
            let booking = self.booking_of(reference, &detail.ids, is_credit, amount, booked_on);
            let about = About::Payment(detail.ids);
            self.entries.push(Entry { line: detail.line, about, amount, news, side, booking });
        }
        Ok(())
    }

    /// What names a booking, wherever it is told; the first, the second, where several of one file have the same name.
    fn booking_of(
        &mut self,
        reference: Option<String>,
        ids: &[String],
        is_credit: bool,
        amount: Option<Money>,
        on: Option<Date>,
    ) -> Option<String> {
        let called = match (reference, &self.name) {
            (Some(reference), _) => format!("reference|{reference}|{}", ids.join(" ")),
            (None, Some(name)) => format!("statement|{name}|{}|{}", self.entry, ids.join(" ")),
            (None, None) => return None,
        };
        let account = self.header.accounts.last().map(String::as_str).unwrap_or_default();
        let (amount, on) = (amount.map(|amount| amount.to_string()), on.map(|on| on.to_string()));
        let (amount, on) = (amount.unwrap_or_default(), on.unwrap_or_default());
        let name = format!("{called}|{account}|{is_credit}|{amount}|{on}");
        let number = self.named.entry(name.clone()).or_default();
        *number += 1;
        Some(format!("{name}|{number}"))
    }

    fn summary(&mut self, field: &str, text: &str) -> Result<(), String> {
        let Some((which, part)) = field.split_once('/') else { return Ok(()) };
        let place = SUMMARIES.iter().position(|summary| *summary == which);
        let Some(stated) = place.and_then(|place| self.stated.get_mut(place)) else { return Ok(()) };
        let stated = stated.get_or_insert_default();
        match part {
            "NbOfNtries" => stated.count = Some(count("NbOfNtries", text)?),
            "Sum" => stated.sum = Some(money("Sum", text)?),
            _other => {}
        }
        Ok(())
    }

    fn balance(&mut self, field: &str, text: &str) -> Result<(), String> {
        match field {
            "Tp/CdOrPrtry/Cd" => self.balance.0 = Some(text.into()),
            "Amt" => self.balance.1 = Some(money("Bal/Amt", text)?),
            "CdtDbtInd" => self.balance.2 = is_credit(text)?,
            _other => {}
        }
        Ok(())
    }

    fn balanced(&mut self) {
        if let (Some(kind), Some(amount), credit) = std::mem::take(&mut self.balance) {
            let amount = if credit { amount } else { -amount };
            match kind.as_str() {
                "OPBD" | "PRCD" => self.balances.opening = Some(amount),
                "CLBD" => self.balances.closing = Some(amount),
                _other => {}
            }
        }
    }

    /// A statement is at its end: its summaries and balances have to agree with its booked entries.
    fn end(&mut self) -> Result<(), String> {
        let [credits, debits] = self.found;
        let both = Total { count: credits.count + debits.count, sum: credits.sum + debits.sum };
        for ((stated, name), found) in self.stated.iter().zip(SUMMARIES).zip([both, credits, debits]) {
            let Some(Stated { count, sum }) = stated else { continue };
            if let Some(count) = count {
                agrees(&format!("{name}/NbOfNtries"), *count, found.count)?;
            }
            if let Some(sum) = sum {
                agrees(&format!("{name}/Sum"), *sum, found.sum)?;
            }
        }
        if let Balances { opening: Some(opening), closing: Some(closing) } = self.balances {
            agrees("the closing balance", closing, opening + credits.sum - debits.sum)?;
        }
        let counts = self.stated.iter().flatten().any(|stated| stated.count.is_some());
        let balances = self.balances.opening.is_some() && self.balances.closing.is_some();
        self.accounts += 1;
        self.is_about_nothing |= self.entries.len() == self.before && !counts && !balances;
        Ok(())
    }

    /// Whether there is an account, and of each it is said what was booked, or that nothing was.
    pub const fn is_recognised(&self) -> bool {
        self.accounts > 0 && !self.is_about_nothing
    }
}

/// The path below one statement or notification; empty for that itself. The header of the message has none.
fn inner(path: &str) -> &str {
    match path.split_once('/') {
        Some(("Stmt" | "Ntfctn", rest)) => rest,
        None if matches!(path, "Stmt" | "Ntfctn") => "",
        Some(_) | None => "GrpHdr",
    }
}

/// What the account servicer calls a booking; `NONREF` is what some write where they call it nothing.
fn reference(text: &str) -> Option<String> {
    id(text).filter(|text| text != "NONREF")
}

fn is_credit(text: &str) -> Result<bool, String> {
    match text {
        "CRDT" => Ok(true),
        "DBIT" => Ok(false),
        other => Err(format!("CdtDbtInd: `{other}` is neither CRDT nor DBIT")),
    }
}
