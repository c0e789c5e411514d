//! ARUCS: credits that could not be applied and come back through Bacs, no later than the fifth day.
//!
//! The shape is that of the reports on returned debits (ARUDD), of which samples are public: an item has its reference,
//! code and amount as attributes, and totals follow the items of each originating account. No public sample of an ARUCS
//! report was found, so an item is whatever element has a `returnCode` there: unconfirmed.

use jiff::civil::Date;
use schemas::Money;

use super::xml::{Attributes, Seen};
use super::{About, Entry, Header, News, account, agrees, count, date, id, money};

/// What a report has, where it says anything; one on which nothing came back says so in its totals.
pub const EXPECTED: &str = "in each Advice/OriginatingAccountRecords/OriginatingAccountRecord its items, elements with a \
                            `returnCode`, and their Totals";

const RECORD: &str = "Advice/OriginatingAccountRecords/OriginatingAccountRecord";

/// What was read so far.
#[derive(Default)]
pub struct Arucs {
    pub entries: Vec<Entry>,
    pub header: Header,
    processed_on: Option<Date>,
    count: u64,
    sum: Money,
    has_totals: bool,
    records: u64,
}

impl Arucs {
    /// Whether every record was counted, and there is one.
    pub const fn is_recognised(&self) -> bool {
        self.records > 0
    }
}

impl Seen for Arucs {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String> {
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        if let Some(currency) = value("currency").filter(|currency| *currency != "GBP") {
            return Err(format!("currency: `{currency}`, and this ledger keeps pounds (GBP)"));
        }
        if path == "Header" {
            let day = value("currentProcessingDate").ok_or("Header: currentProcessingDate is missing")?;
            let day = date("currentProcessingDate", day)?;
            self.processed_on = Some(day);
            self.header.takes_in(day);
            self.header.message = value("adviceNumber").and_then(id);
        } else if path.strip_prefix(RECORD) == Some("/OriginatingAccount") {
            let number = value("number").ok_or("OriginatingAccount: number is missing")?;
            self.header.accounts.push(account(value("sortCode"), number));
        } else if path == RECORD {
            (self.count, self.sum, self.has_totals) = (0, Money::ZERO, false);
        } else if path.strip_prefix(RECORD) == Some("/Totals") {
            agrees("Totals: numberOf", count("numberOf", value("numberOf").unwrap_or_default())?, self.count)?;
            agrees("Totals: valueOf", money("valueOf", value("valueOf").unwrap_or_default())?, self.sum)?;
            self.has_totals = true;
        } else if let (Some(code), true) = (value("returnCode"), path.starts_with(RECORD)) {
            let sum = money("valueOf", value("valueOf").ok_or("valueOf is missing")?)?;
            let on = self.processed_on.ok_or("Header: it has to come before the items")?;
            self.count += 1;
            self.sum += sum;
            self.has_totals = false; // Those that came before do not count it.
            let about = About::Payment(value("ref").and_then(id).into_iter().collect());
            let news = News::Returned(code.trim().into(), on);
            self.entries.push(Entry { line, about, amount: Some(sum), news, side: None, booking: None });
        }
        Ok(())
    }

    fn close(&mut self, path: &str, _text: &str, _line: u64) -> Result<(), String> {
        match (path == RECORD, self.has_totals, self.count) {
            (true, true, _) => self.records += 1,
            (true, false, 1..) => return Err("Totals are missing: the report may be cut off".into()),
            (true, false, 0) => {
                return Err(format!("OriginatingAccountRecord: nothing in it is recognised: expected {EXPECTED}"));
            }
            (false, _, _) => {}
        }
        Ok(())
    }
}
