//! What cannot stand in a payment file is named, and no file is made.

use schemas::Money;
use schemas::events::Channel;

use crate::generated::{payment, render};

#[track_caller]
fn check(channel: Channel, account: Option<&str>, pence: i64, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = payment(1, channel);
    wrong.account = account.map(str::to_string);
    wrong.amount = Money::from_pence(pence);
    let error = render(folder.path(), vec![payment(0, channel), wrong.clone()]).unwrap_err();
    assert_eq!((error.code(), error.to_string()), (2, format!("payment {}: {expected}", wrong.payment)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left half-written");
}

const GOOD: Option<&str> = Some("01-02-03 12345678");

#[test]
fn a_payee_without_account_or_with_one_that_is_none_is_named_and_its_number_is_not_shown() {
    for channel in [Channel::FasterPayments, Channel::Bacs] {
        check(channel, None, 1, "account: there is none to send it to; record one, or pay by voucher or cash");
        let wrong = "account: not an account: write six digits of the sort code and eight of the account number, such as 01-02-03 12345678 (a shorter number begins with zeros)";
        check(channel, Some("01-02-03 1234567"), 1, wrong);
    }
}

#[test]
fn an_amount_of_zero_or_below_is_never_sent() {
    for channel in Channel::ALL {
        check(*channel, GOOD, 0, "amount: 0.00 cannot be sent: a payment is a penny or more");
        check(*channel, GOOD, -1, "amount: -0.01 cannot be sent: a payment is a penny or more");
    }
}

#[test]
fn an_amount_beyond_what_the_channel_carries_is_named_with_the_limit() {
    let faster = "amount: 1000000.01 is more than the 1000000.00 that faster_payments carries in one payment";
    check(Channel::FasterPayments, GOOD, 100_000_001, faster);
    let bacs = "amount: 20000000.01 is more than the 20000000.00 that bacs carries in one payment";
    check(Channel::Bacs, GOOD, 2_000_000_001, bacs);
}
