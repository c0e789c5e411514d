//! `pain.002`: what the bank made of a file of ours, as a whole and payment by payment.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::Money;

use super::xml::{Attributes, Seen};
use super::{About, Entry, Header, News, agrees, count, date, id, money};

/// What a report has, where it says anything.
pub const EXPECTED: &str = "a status of the whole file (OrgnlGrpInfAndSts/GrpSts), of a batch (OrgnlPmtInfAndSts/PmtInfSts) or of \
                            payments (OrgnlPmtInfAndSts/TxInfAndSts)";

/// What was read so far.
#[derive(Default)]
pub struct Status {
    /// Whether a batch has a status.
    has_verdict: bool,
    pub entries: Vec<Entry>,
    pub header: Header,
    reported_on: Option<Date>,
    message: Option<String>,
    /// How many payments the file of ours had, and their sum, as the bank read it.
    original: (Option<u64>, Option<Money>),
    group: Verdict,
    payment: Verdict,
    ids: Vec<String>,
    amount: Option<Money>,
    begins: u64,
    /// How many payments are listed with a status, and their sum where each has an amount.
    found: BTreeMap<String, (u64, Option<Money>)>,
    stated: Vec<Stated>,
    batch: Batch,
    /// Batches refused without their payments being listed.
    refused: Vec<Entry>,
}

/// What is said of a batch of a file of ours, by the id of the batch, and how many entries came before it.
#[derive(Default)]
struct Batch {
    id: Option<String>,
    verdict: Verdict,
    before: usize,
    begins: u64,
}

/// A status and why.
#[derive(Default)]
struct Verdict {
    status: Option<String>,
    code: Option<String>,
}

/// How many payments the file says have a status.
#[derive(Default)]
struct Stated {
    status: String,
    count: u64,
    sum: Option<Money>,
}

impl Seen for Status {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String> {
        if let Some((_, currency)) = attributes.iter().find(|(name, value)| name == "Ccy" && value != "GBP") {
            return Err(format!("Ccy: `{currency}`, and this ledger keeps pounds (GBP)"));
        }
        match path {
            "OrgnlPmtInfAndSts/TxInfAndSts" => {
                (self.payment, self.ids, self.amount, self.begins) = (Verdict::default(), Vec::new(), None, line);
            }
            "OrgnlGrpInfAndSts" => self.begins = line,
            "OrgnlPmtInfAndSts" => {
                self.batch = Batch { before: self.entries.len(), begins: line, ..Batch::default() };
            }
            "OrgnlGrpInfAndSts/NbOfTxsPerSts" => self.stated.push(Stated::default()),
            _other => {}
        }
        Ok(())
    }

    fn close(&mut self, path: &str, text: &str, _line: u64) -> Result<(), String> {
        match path {
            "GrpHdr/MsgId" => self.header.message = id(text),
            "GrpHdr/CreDtTm" => {
                let day = date("CreDtTm", text)?;
                self.reported_on = Some(day);
                self.header.takes_in(day);
            }
            "OrgnlGrpInfAndSts/OrgnlMsgId" => self.message = id(text),
            "OrgnlGrpInfAndSts/OrgnlNbOfTxs" => self.original.0 = Some(count("OrgnlNbOfTxs", text)?),
            "OrgnlGrpInfAndSts/OrgnlCtrlSum" => self.original.1 = Some(money("OrgnlCtrlSum", text)?),
            "OrgnlGrpInfAndSts/GrpSts" => self.group.status = Some(text.into()),
            "OrgnlGrpInfAndSts/StsRsnInf/Rsn/Cd" | "OrgnlGrpInfAndSts/StsRsnInf/Rsn/Prtry" => {
                self.group.code.get_or_insert(text.into());
            }
            "OrgnlPmtInfAndSts/TxInfAndSts/OrgnlEndToEndId" | "OrgnlPmtInfAndSts/TxInfAndSts/OrgnlInstrId" => {
                self.ids.extend(id(text));
            }
            "OrgnlPmtInfAndSts/TxInfAndSts/TxSts" => self.payment.status = Some(text.into()),
            "OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf/Rsn/Cd" | "OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf/Rsn/Prtry" => {
                self.payment.code.get_or_insert(text.into());
            }
            "OrgnlPmtInfAndSts/TxInfAndSts/OrgnlTxRef/Amt/InstdAmt" => self.amount = Some(money("InstdAmt", text)?),
            "OrgnlPmtInfAndSts/TxInfAndSts" => return self.transaction(),
            "OrgnlPmtInfAndSts/OrgnlPmtInfId" => self.batch.id = id(text),
            "OrgnlPmtInfAndSts/PmtInfSts" => self.batch.verdict.status = Some(text.into()),
            "OrgnlPmtInfAndSts/StsRsnInf/Rsn/Cd" | "OrgnlPmtInfAndSts/StsRsnInf/Rsn/Prtry" => {
                self.batch.verdict.code.get_or_insert(text.into());
            }
            "OrgnlPmtInfAndSts" => return self.batch(),
            "OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldSts" => self.last(|stated| stated.status = text.into()),
            "OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldNbOfTxs" => {
                let count = count("DtldNbOfTxs", text)?;
                self.last(|stated| stated.count = count);
            }
            "OrgnlGrpInfAndSts/NbOfTxsPerSts/DtldCtrlSum" => {
                let sum = money("DtldCtrlSum", text)?;
                self.last(|stated| stated.sum = Some(sum));
            }
            "" => return self.end(),
            _other => {}
        }
        Ok(())
    }
}

impl Status {
    /// Whether anything is said of a file, a batch or a payment.
    pub const fn is_recognised(&self) -> bool {
        self.has_verdict || !self.entries.is_empty()
    }

    fn last(&mut self, change: impl FnOnce(&mut Stated)) {
        self.stated.last_mut().map(change);
    }

    fn transaction(&mut self) -> Result<(), String> {
        let verdict = std::mem::take(&mut self.payment);
        let status = verdict.status.clone().or_else(|| self.group.status.clone()).ok_or("TxInfAndSts without TxSts")?;
        let (count, sum) = self.found.entry(status).or_insert((0, Some(Money::ZERO)));
        *count += 1;
        *sum = sum.zip(self.amount).map(|(sum, amount)| sum + amount);
        let news = self.news(&verdict)?;
        let about = About::Payment(std::mem::take(&mut self.ids));
        self.entries.push(Entry { line: self.begins, about, amount: self.amount, news, side: None, booking: None });
        Ok(())
    }

    /// A batch that is refused without its payments being listed is somebody's to look at: which payments stood in it the
    /// ledger does not say.
    fn batch(&mut self) -> Result<(), String> {
        let Batch { id, verdict, before, begins } = std::mem::take(&mut self.batch);
        self.has_verdict |= verdict.status.is_some();
        if verdict.status.is_none() || self.entries.len() > before {
            return Ok(());
        }
        let news = self.news(&verdict)?;
        if let News::Returned(..) = news {
            let about =
                About::Message(id.ok_or("OrgnlPmtInfId: the file does not say which batch is refused")?, None, None);
            self.refused.push(Entry { line: begins, about, amount: None, news, side: None, booking: None });
        }
        Ok(())
    }

    /// A verdict on the whole file stands for its payments where none is listed.
    fn end(&mut self) -> Result<(), String> {
        for Stated { status, count, sum } in &self.stated {
            let Some((found, found_sum)) = self.found.get(status) else { continue };
            agrees(&format!("DtldNbOfTxs of {status}"), *count, *found)?;
            if let (Some(sum), Some(found)) = (sum, found_sum) {
                agrees(&format!("DtldCtrlSum of {status}"), *sum, *found)?;
            }
        }
        let message = self.message.clone().ok_or("OrgnlMsgId: the file does not say which message it is about")?;
        if self.entries.is_empty() && self.group.status.is_some() {
            let news = self.news(&self.group)?;
            if news != News::Pending {
                self.refused.clear(); // Batches are part of the file.
            }
            let about = About::Message(message, self.original.0, self.original.1);
            self.entries.push(Entry { line: self.begins, about, amount: None, news, side: None, booking: None });
        }
        self.entries.append(&mut self.refused);
        Ok(())
    }

    /// Statuses of ISO 20022: accepted in some degree (also on the originator's account only), rejected, or not final.
    fn news(&self, verdict: &Verdict) -> Result<News, String> {
        let on = || self.reported_on.ok_or("CreDtTm: the file does not say when it was made");
        let status = verdict.status.as_deref().or(self.group.status.as_deref()).unwrap_or_default();
        Ok(match status {
            "ACTC" | "ACCP" | "ACSP" | "ACWC" | "ACSC" => News::Accepted,
            "ACCC" => News::Settled(on()?),
            "RJCT" | "CANC" => News::Returned(verdict.code.clone().unwrap_or_else(|| "NARR".into()), on()?),
            "RCVD" | "PDNG" | "PART" | "PATC" | "ACWP" | "ACFC" | "PRES" => News::Pending,
            other => return Err(format!("TxSts: `{other}` is no status of ISO 20022")),
        })
    }
}
