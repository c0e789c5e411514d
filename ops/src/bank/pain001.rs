//! Faster Payments: ISO 20022 `pain.001.001.09`, customer credit transfer initiation.
//!
//! Accounts are named as in the United Kingdom: the sort code as clearing system member `GBDSC`, the number as BBAN (ISO
//! 20022 external code sets). The end-to-end id is the payment's, so that every answer of the bank names it; the
//! instruction id is the reference that Bacs would carry. Entries are booked one by one (`BtchBookg` false), so that a
//! statement shows each payment. Service level `URNS` (urgent, net settlement) asks for Faster Payments; what a bank
//! wants there is between it and its customer: unconfirmed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::civil::Date;
use schemas::events::Channel;
use schemas::{BankAccount, Money};

use crate::bank::outgoing::{Batch, Outgoing, Rendered, Submission};
use crate::bank::{Bank, latin, reference};

/// The most that one Faster Payment carries (Pay.UK, since 7 February 2022; banks may set less).
pub const LIMIT: Money = Money::from_pence(100_000_000);

const NAME: usize = 70;

/// One file: its payments grouped by the day of execution.
pub fn file(of: &Submission<'_>, days: BTreeMap<Date, Batch>) -> io::Result<Rendered> {
    let mut made = of.make()?;
    let count: usize = days.values().map(|batch| batch.payments.len()).sum();
    let total: Money = days.values().map(|batch| batch.total).sum();
    let run = of.run.0.simple();
    let (bank, name) = (of.bank, latin::iso(&of.bank.name.to_string(), NAME));
    writeln!(made, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(made, r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">"#)?;
    writeln!(made, "<CstmrCdtTrfInitn>")?;
    writeln!(
        made,
        "<GrpHdr><MsgId>{run}</MsgId><CreDtTm>{}</CreDtTm><NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum><InitgPty><Nm>{name}</Nm></InitgPty></GrpHdr>",
        of.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )?;
    let mut batches = Vec::new();
    for (number, (on, mut batch)) in (1..).zip(days) {
        made.write_all(batch_head(&format!("{run}-{number}"), on, &batch, bank, &name).as_bytes())?;
        batch.records.pour(&mut made)?;
        writeln!(made, "</PmtInf>")?;
        batches.push(batch);
    }
    write!(made, "</CstmrCdtTrfInitn>\n</Document>\n")?;
    of.done(Channel::FasterPayments, of.name("faster-payments.xml"), made, batches)
}

fn batch_head(id: &str, on: Date, batch: &Batch, bank: &Bank, name: &str) -> String {
    let (count, total) = (batch.payments.len(), batch.total);
    let (account, agent) = (account(bank.account), agent(bank.account));
    format!(
        "<PmtInf><PmtInfId>{id}</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg><NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>\
         <PmtTpInf><SvcLvl><Cd>URNS</Cd></SvcLvl><CtgyPurp><Cd>SSBE</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt><Dt>{on}</Dt></ReqdExctnDt>\
         <Dbtr><Nm>{name}</Nm></Dbtr><DbtrAcct>{account}<Ccy>GBP</Ccy></DbtrAcct><DbtrAgt>{agent}</DbtrAgt><ChrgBr>SHAR</ChrgBr>\n"
    )
}

/// One payment. `SSBE` says that it is a social security benefit.
pub fn transfer(payment: &Outgoing, to: BankAccount) -> String {
    let (id, reference) = (payment.payment.0.simple(), reference(payment.payment));
    let name = Some(latin::iso(&payment.name, NAME)).filter(|name| !name.is_empty());
    let name = name.as_deref().unwrap_or("Payee");
    let text = payment.text.as_deref().map(|text| latin::iso(text, 140)).filter(|text| !text.is_empty());
    let text = text.as_deref().unwrap_or(&reference);
    let (amount, agent, account) = (payment.amount, agent(to), account(to));
    format!(
        "<CdtTrfTxInf><PmtId><InstrId>{reference}</InstrId><EndToEndId>{id}</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"GBP\">{amount}</InstdAmt></Amt>\
         <CdtrAgt>{agent}</CdtrAgt><Cdtr><Nm>{name}</Nm></Cdtr><CdtrAcct>{account}</CdtrAcct><Purp><Cd>SSBE</Cd></Purp>\
         <RmtInf><Ustrd>{text}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )
}

fn agent(account: BankAccount) -> String {
    let member = account.sort_code();
    format!(
        "<FinInstnId><ClrSysMmbId><ClrSysId><Cd>GBDSC</Cd></ClrSysId><MmbId>{member}</MmbId></ClrSysMmbId></FinInstnId>"
    )
}

fn account(account: BankAccount) -> String {
    format!("<Id><Othr><Id>{}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id>", account.number())
}
