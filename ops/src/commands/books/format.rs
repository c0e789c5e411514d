//! Journals as `hledger` and `beancount` read them. Both have the same accounts and sums; each transaction names its event.

use jiff::civil::Date;
use projections::books::{Account, Balances, Entry};
use schemas::Money;

use crate::cli::JournalFormat;

/// Every amount is in pounds.
const CURRENCY: &str = "GBP";

/// What comes first: what this is, and every account.
pub fn head(format: JournalFormat, title: &str, first: Option<Date>, balances: &Balances) -> String {
    let accounts = balances.iter().map(|(account, _)| account);
    match (format, first) {
        (JournalFormat::Hledger, _) => {
            let accounts: String = accounts.map(|account| format!("account {account}\n")).collect();
            format!("; {title}\ncommodity 1000.00 {CURRENCY}\n{accounts}\n")
        }
        (JournalFormat::Beancount, Some(first)) => {
            let open: String = accounts.map(|account| format!("{first} open {account} {CURRENCY}\n")).collect();
            let options = format!("option \"title\" \"{title}\"\noption \"operating_currency\" \"{CURRENCY}\"\n");
            format!("{options}\n{open}\n")
        }
        (JournalFormat::Beancount, None) => format!("option \"title\" \"{title}\"\n"),
    }
}

/// One transaction; nothing where the accounts are as they were.
pub fn entry(format: JournalFormat, entry: &Entry) -> String {
    let sums = entry.sums();
    if sums.is_empty() {
        return String::new();
    }
    let Entry { day, known, position, event, person, memo, .. } = entry;
    match format {
        JournalFormat::Hledger => {
            let lines: String = sums.into_iter().map(|(account, sum)| posting("    ", account, sum)).collect();
            let memo = plain(memo, ';', ',');
            let person = person.map(|person| format!("person:{person}, ")).unwrap_or_default();
            let tags = format!("event:{event}, {person}known:{known}");
            format!("{day} ({position}) {memo}\n    ; {tags}\n{lines}\n")
        }
        JournalFormat::Beancount => {
            let lines: String = sums.into_iter().map(|(account, sum)| posting("  ", account, sum)).collect();
            let memo = plain(&plain(memo, '"', '\''), '\\', '/');
            let person = person.map(|person| format!("  person: \"{person}\"\n")).unwrap_or_default();
            let about = format!("  event: \"{event}\"\n  position: {position}\n{person}");
            format!("{day} * \"{memo}\"\n{about}  known: {known}\n{lines}\n")
        }
    }
}

/// What every account must come to at the end of a month.
pub fn month_end(format: JournalFormat, last: Date, balances: &Balances) -> String {
    let nets = balances.iter().map(|(account, balance)| (account, balance.net()));
    match format {
        JournalFormat::Hledger => {
            let lines: String =
                nets.map(|(account, net)| format!("    {account}  0.00 {CURRENCY} = {net} {CURRENCY}\n")).collect();
            format!("{last} balances at the end of the month\n{lines}\n")
        }
        // A balance there holds at the beginning of its day.
        JournalFormat::Beancount => {
            let next = last.tomorrow().unwrap_or(last);
            nets.map(|(account, net)| format!("{next} balance {account}  {net} {CURRENCY}\n")).collect::<String>()
                + "\n"
        }
    }
}

fn posting(indent: &str, account: &Account, sum: Money) -> String {
    format!("{indent}{account}  {sum} {CURRENCY}\n")
}

/// On one line, and without a character that means something there.
fn plain(text: &str, without: char, instead: char) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                ' '
            } else if c == without {
                instead
            } else {
                c
            }
        })
        .collect()
}
