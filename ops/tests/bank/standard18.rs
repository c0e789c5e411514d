//! Standard 18 read back by a reader that was written from the published layout alone, by position, from 1.

use schemas::Money;
use schemas::events::Channel;

use crate::generated::{payment, render, text};

/// The characters at positions `first` to `last`, both included, as the layouts count them.
fn at(line: &str, first: usize, last: usize) -> &str {
    &line[first - 1..last]
}

#[derive(Debug, PartialEq, Eq)]
struct Credit {
    sort_code: String,
    number: String,
    pence: u64,
    reference: String,
    name: String,
}

/// Reads one processing day's file and checks everything that Bacs checks; its processing day and its credits.
fn read(file: &str) -> (String, Vec<Credit>) {
    let lines: Vec<&str> = file.split_terminator("\r\n").collect();
    assert!(lines.iter().all(|line| line.is_ascii() && !line.contains('\n')));
    let (labels, records): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| ["VOL", "HDR", "UHL", "EOF", "UTL"].iter().any(|label| line.starts_with(label)));
    assert_eq!(
        labels.iter().map(|label| at(label, 1, 4)).collect::<Vec<_>>(),
        ["VOL1", "HDR1", "HDR2", "UHL1", "EOF1", "EOF2", "UTL1"]
    );
    assert!(labels.iter().all(|label| label.len() == 80) && records.iter().all(|record| record.len() == 100));
    let [volume, header, form, user_header, end, end_form, totals] = labels[..] else { unreachable!() };
    let serial = at(volume, 5, 10);
    assert!(serial.bytes().all(|b| b.is_ascii_alphanumeric()) && serial != "000000");
    assert_eq!((at(volume, 42, 47), at(volume, 80, 80)), ("654321", "1"));
    assert_eq!(at(header, 5, 21), "A654321S  1654321");
    assert_eq!(at(header, 22, 27), serial);
    assert_eq!(at(header, 28, 35), "00010001");
    assert_eq!(at(header, 42, 47), " 26187"); // 6 July is day 187 of 2026: 31+28+31+30+31+30+6
    assert_eq!(at(header, 55, 60), "000000");
    assert_eq!((at(form, 5, 5), at(form, 11, 15)), ("F", "00100"));
    assert_eq!(at(user_header, 11, 16), "999999");
    assert_eq!(at(user_header, 21, 22), "00"); // sterling
    assert_eq!((at(user_header, 29, 37), at(user_header, 38, 40)), ("1 DAILY  ", "001"));
    assert_eq!((at(end, 5, 54), at(end_form, 5, 80)), (at(header, 5, 54), at(form, 5, 80)));

    let (contras, credits): (Vec<&str>, Vec<&str>) = records.iter().partition(|record| at(record, 16, 17) == "17");
    let pence = |record: &&str| at(record, 36, 46).parse::<u64>().unwrap();
    let (paid, taken): (u64, u64) = (credits.iter().map(pence).sum(), contras.iter().map(pence).sum());
    assert_eq!(paid, taken);
    for contra in &contras {
        assert_eq!((at(contra, 1, 14), at(contra, 18, 31)), ("01020312345678", "01020312345678"));
        assert_eq!(at(contra, 65, 82).trim_end(), "CONTRA");
    }
    assert_eq!(at(totals, 5, 17).parse::<u64>().unwrap(), taken);
    assert_eq!(at(totals, 18, 30).parse::<u64>().unwrap(), paid);
    assert_eq!(at(totals, 31, 37).parse::<usize>().unwrap(), contras.len());
    assert_eq!(at(totals, 38, 44).parse::<usize>().unwrap(), credits.len());
    let credit = |record: &&str| {
        assert_eq!((at(record, 15, 17), at(record, 18, 31)), ("099", "01020312345678"));
        assert_eq!(at(record, 47, 64), "AGENCY FOR SOCIAL ");
        Credit {
            sort_code: at(record, 1, 6).into(),
            number: at(record, 7, 14).into(),
            pence: pence(record),
            reference: at(record, 65, 82).into(),
            name: at(record, 83, 100).trim_end().into(),
        }
    };
    (at(user_header, 5, 10).into(), credits.iter().map(credit).collect())
}

#[test]
fn a_thousand_credits_read_back_with_their_accounts_amounts_and_references() {
    let folder = tempfile::tempdir().unwrap();
    let payments: Vec<_> = (0..1_000).map(|n| payment(n, Channel::Bacs)).collect();
    let files = render(folder.path(), payments.clone()).unwrap();
    let read: Vec<_> = files.iter().map(|file| read(&text(file))).collect();
    // Processed on 7 July (day 188: what is due on 7 or 8 July) and on 8 July.
    assert_eq!(read.iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(), [" 26188", " 26189"]);
    let found: Vec<&Credit> = read.iter().flat_map(|(_, credits)| credits).collect();
    assert_eq!(found.len(), 1_000);
    for payment in &payments {
        let reference = ops::bank::reference(payment.payment);
        let credit = found.iter().find(|credit| credit.reference == reference).unwrap();
        let account: String = payment.account.as_ref().unwrap().chars().filter(char::is_ascii_digit).collect();
        assert_eq!(format!("{}{}", credit.sort_code, credit.number), account);
        assert_eq!(i64::try_from(credit.pence).map(Money::from_pence).unwrap(), payment.amount);
    }
    let names: Vec<&str> = found.iter().take(3).map(|credit| credit.name.as_str()).collect();
    assert_eq!(names, ["ADA LOVELACE", "ZOE LUKASIEWICZ-OB", "PAYEE"]); // payments 0, 1 and 3: 2 is due a day later
}
