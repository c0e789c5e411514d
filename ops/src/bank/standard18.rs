//! Bacs: Standard 18, one processing day to a file.
//!
//! Labels of 80 characters (VOL1, HDR1, HDR2, UHL1; EOF1, EOF2, UTL1 at the end) around records of 100: a credit for each
//! payment (transaction code 99) and contra records (17) that take their sum from the originator. Layout from public
//! guides to the standard (Bank of Ireland, "BACS File Specification"; HSBC, "Message Implementation Guide BACS Standard
//! 18", August 2012); the standard itself is not public: unconfirmed until a bank has taken a file.

use std::io::{self, Write};

use jiff::civil::Date;
use schemas::events::Channel;
use schemas::{BankAccount, Money};

use crate::bank::outgoing::{Batch, Outgoing, Rendered, Submission};
use crate::bank::{Bank, code, latin, reference};

/// The most that one Bacs credit carries (Pay.UK).
pub const LIMIT: Money = Money::from_pence(2_000_000_000);

/// The most that a contra record can hold: eleven digits of pence.
const CONTRA: i64 = 99_999_999_999;

const LINE: &str = "\r\n";

/// The day on which Bacs processes a credit that is to be usable on a day: the working day before it (the file comes in
/// on one day, is processed on the next and credited on the third), or the first that can still be reached.
pub fn processing_day(day: Date, due_on: Date, is_working_day: &dyn Fn(Date) -> bool) -> Date {
    let after = |day: Date| day.series(jiff::Span::new().days(1)).skip(1).find(|day| is_working_day(*day));
    let input = if is_working_day(day) { Some(day) } else { after(day) };
    let earliest = input.and_then(after).unwrap_or(day);
    let back = due_on.series(jiff::Span::new().days(-1)).skip(1);
    let before = back.take_while(|on| *on > earliest).find(|on| is_working_day(*on));
    before.unwrap_or(earliest)
}

/// The file of one processing day, the `number`th of its submission.
pub fn file(of: &Submission<'_>, number: u8, processed_on: Date, mut batch: Batch) -> io::Result<Rendered> {
    let mut made = of.make()?;
    let (bank, name) = (of.bank, of.name(&format!("bacs-{processed_on}.txt")));
    // Serial numbers are unique for a day and a service user: 25 bits of the run's id, and which of its files.
    let serial = format!("{}{}", code(of.run.0.as_u128() << 64, 5), char::from(b'A' + number.min(26) - 1));
    let user = &bank.service_user_number;
    let created = julian(schemas::day::london_day(of.created));
    let processed = julian(processed_on);
    let identifier = format!("A{user}S  1{user}"); // 17 characters: positions 5 to 21 of HDR1 and EOF1
    let file_label = |label: &str| {
        format!("{label:4}{identifier:17}{serial:6}00010001{:6}{created}{processed} {:06}{:20}", "", 0, "")
    };
    let form = |label: &str| format!("{label:4}F0200000100{:35}00{:28}", "", "");
    let contras = contras(batch.total);
    let (total, credits, debits) = (batch.total.pence(), batch.payments.len(), contras.len());
    let head = [
        format!("VOL1{serial:6}{:27}{:4}{user}{:4}{:28}1", "", "", "", ""),
        file_label("HDR1"),
        form("HDR2"),
        format!("UHL1{processed}999999    00000000{:9}001{:40}", "1 DAILY", ""),
    ];
    let tail =
        [file_label("EOF1"), form("EOF2"), format!("UTL1{total:013}{total:013}{debits:07}{credits:07}{:36}", "")];
    head.iter().try_for_each(|label| write!(made, "{label}{LINE}"))?;
    batch.records.pour(&mut made)?;
    contras.iter().try_for_each(|sum| write!(made, "{}{LINE}", contra(*sum, bank)))?;
    tail.iter().try_for_each(|label| write!(made, "{label}{LINE}"))?;
    of.done(Channel::Bacs, name, made, vec![batch])
}

/// One payment.
pub fn credit(payment: &Outgoing, to: BankAccount, bank: &Bank) -> String {
    let name = Some(latin::bacs(&payment.name, 18)).filter(|name| !name.is_empty());
    let name = name.as_deref().unwrap_or("PAYEE");
    let from = latin::bacs(&bank.name.to_string(), 18);
    record(to, "99", bank, payment.amount, &from, &reference(payment.payment), name) + LINE
}

fn contra(sum: Money, bank: &Bank) -> String {
    let name = latin::bacs(&bank.name.to_string(), 18);
    record(bank.account, "17", bank, sum, "BENEFIT PAYMENTS", "CONTRA", &name)
}

/// What the contra records take: the whole sum, in as few as hold it.
fn contras(total: Money) -> Vec<Money> {
    let mut left = total.pence();
    let mut sums = Vec::new();
    while left > 0 {
        sums.push(Money::from_pence(left.min(CONTRA)));
        left -= CONTRA;
    }
    sums
}

/// A hundred characters: account, kind of account, transaction code, originating account, free, pence, three names.
fn record(to: BankAccount, code: &str, bank: &Bank, sum: Money, by: &str, reference: &str, name: &str) -> String {
    let (sort_code, number) = (to.sort_code(), to.number());
    let (from_sort_code, from_number) = (bank.account.sort_code(), bank.account.number());
    let pence = sum.pence();
    format!("{sort_code}{number}0{code}{from_sort_code}{from_number}    {pence:011}{by:18}{reference:18}{name:18}")
}

/// A space, the year in two digits and the day of the year in three.
fn julian(day: Date) -> String {
    format!(" {:02}{:03}", day.year() % 100, day.day_of_year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    /// Weekends, and Christmas and Boxing Day 2026 (Friday, and its substitute on Monday 28).
    fn working(day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && ![date(2026, 12, 25), date(2026, 12, 28)].contains(&day)
    }

    #[track_caller]
    fn check(day: Date, due_on: Date, expected: Date) {
        assert_eq!(processing_day(day, due_on, &working), expected);
    }

    #[test]
    fn bacs_processes_on_the_working_day_before_the_credit_or_as_soon_as_it_can() {
        check(date(2026, 7, 1), date(2026, 7, 7), date(2026, 7, 6)); // Tuesday: Monday before
        check(date(2026, 7, 1), date(2026, 7, 6), date(2026, 7, 3)); // Monday: Friday before
        check(date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 2)); // too late: in today, processed tomorrow
        check(date(2026, 7, 4), date(2026, 7, 5), date(2026, 7, 7)); // Saturday: in on Monday, processed on Tuesday
        check(date(2026, 12, 21), date(2026, 12, 29), date(2026, 12, 24)); // over Christmas
    }

    #[test]
    fn a_sum_beyond_eleven_digits_is_taken_by_several_contra_records() {
        let sums = |pence| contras(Money::from_pence(pence)).into_iter().map(Money::pence).collect::<Vec<_>>();
        assert_eq!(sums(99_999_999_999), [99_999_999_999]);
        assert_eq!(sums(100_000_000_001), [99_999_999_999, 2]);
    }
}
