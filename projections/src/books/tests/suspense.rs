//! What the bank moved and nobody can explain, worked by hand: the account in the books follows the bank's statement.

use jiff::civil::{Date, date};
use ledger::order::{BankOrder, PaymentOrder};
use schemas::events::{BankAbout, BankClosing, BankNews, BankOpen, BankSide, Purpose};
use schemas::{BankFileId, BankItemId, Digest};
use uuid::Uuid;

use super::told::{Decided, PERSON, Told, amount, award, month, payment, person};
use crate::books::account::OwedTo;
use crate::books::{Account, BankTotals, disagreements};

const PAID: Date = date(2026, 7, 6);
const DUE: Date = date(2026, 7, 7);
/// What the bank booked on its day is taken in on the next, and explained later.
const TAKEN_IN: Date = date(2026, 7, 8);
const EXPLAINED: Date = date(2026, 7, 15);
const LAST: Date = date(2026, 7, 31);

fn allowance() -> Account {
    Account::Award("uk-universal-credit".into(), Purpose::StandardAllowance)
}

const OWED: Account = Account::Owed(OwedTo::People);

/// 424.90 for June, instructed.
fn instructed() -> Told {
    let mut told = Told::new();
    let lines = [(1, PERSON, 42_490)];
    let decided = Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] };
    let made = told.decide(date(2026, 7, 1), &decided).unwrap();
    told.on(PAID, award(1, month(0), PERSON, 42_490, made)).unwrap();
    told
}

/// The same, released for the 7th.
fn released() -> Told {
    let mut told = instructed();
    told.release(PAID, person(1), payment(1)).unwrap();
    told
}

fn file() -> BankFileId {
    BankFileId::of(Digest([7; 32]))
}

const fn item(number: u128) -> BankItemId {
    BankItemId(Uuid::from_u128(number))
}

/// An entry of a statement for the 7th that is not matched, naming payment 1 or none.
fn entry(number: u128, side: BankSide, why: BankOpen, pence: i64, names: bool) -> BankOrder {
    BankOrder::OpenItem {
        file: file(),
        item: item(number),
        line: 9,
        why,
        about: BankAbout::Payment,
        news: if side == BankSide::Debit { BankNews::Settled } else { BankNews::Returned },
        side: Some(side),
        on: Some(DUE),
        amount: Some(amount(pence)),
        code: None,
        reference: None,
        payment: names.then_some(payment(1)),
    }
}

fn close(number: u128, by: BankClosing, reason: Option<&str>) -> BankOrder {
    let named = by == BankClosing::Payment;
    let (person, payment) = (named.then_some(person(1)), named.then_some(payment(1)));
    BankOrder::CloseItem { file: file(), item: item(number), by, person, payment, reason: reason.map(Into::into) }
}

fn come_back() -> PaymentOrder {
    PaymentOrder::Return { person: person(1), payment: payment(1), code: "B".into(), on: DUE }
}

#[track_caller]
fn agrees(told: &Told) {
    assert_eq!(disagreements(&told.books, &told.balances(Date::MAX), &told.views), []);
}

#[test]
fn a_charge_of_the_bank_stands_in_suspense_from_its_day_until_somebody_says_what_it_is() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Debit, BankOpen::Unmatched, 500, false)).unwrap();
    // The statement: 424.90 and 5.00 left.
    let open = [(Account::Bank, "-429.90"), (Account::Suspense, "5.00"), (allowance(), "424.90")];
    told.check(DUE, &open);
    let totals = told.books.bank_totals();
    assert_eq!((totals.open, totals.out, totals.came_in), (1, amount(500).money(), amount(0).money()));
    agrees(&told);
    told.on(EXPLAINED, close(1, BankClosing::Elsewhere, Some("charge of the bank"))).unwrap();
    told.check(date(2026, 7, 14), &open);
    told.check(LAST, &[(Account::Bank, "-429.90"), (Account::Elsewhere, "5.00"), (allowance(), "424.90")]);
    assert_eq!(told.books.bank_totals(), BankTotals::default());
    agrees(&told);
}

#[test]
fn money_that_came_in_for_nobody_stands_on_the_other_side_of_suspense() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Credit, BankOpen::Unmatched, 100_000, false)).unwrap();
    // The statement: 1,000.00 came in and 424.90 left: 575.10 more than before.
    told.check(DUE, &[(Account::Bank, "575.10"), (Account::Suspense, "-1000.00"), (allowance(), "424.90")]);
    told.on(EXPLAINED, close(1, BankClosing::Elsewhere, Some("funding"))).unwrap();
    told.check(LAST, &[(Account::Bank, "575.10"), (Account::Elsewhere, "-1000.00"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn of_a_debit_that_is_more_than_the_payment_only_the_difference_is_unexplained() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Debit, BankOpen::AmountDiffers, 42_590, true)).unwrap();
    // The statement: 425.90 left, a pound more than was sent.
    told.check(DUE, &[(Account::Bank, "-425.90"), (Account::Suspense, "1.00"), (allowance(), "424.90")]);
    told.on(EXPLAINED, close(1, BankClosing::Payment, Some("charged to us"))).unwrap();
    told.check(LAST, &[(Account::Bank, "-425.90"), (Account::Elsewhere, "1.00"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_debit_of_a_payment_that_never_left_is_explained_by_its_release() {
    let mut told = instructed();
    told.on(TAKEN_IN, entry(1, BankSide::Debit, BankOpen::Contradicts, 42_490, true)).unwrap();
    let stands = [
        (Account::Bank, "-424.90"),
        (Account::Suspense, "424.90"),
        (Account::Instructed, "-424.90"),
        (allowance(), "424.90"),
    ];
    told.check(TAKEN_IN, &stands);
    told.release(date(2026, 7, 9), person(1), payment(1)).unwrap();
    told.on(EXPLAINED, close(1, BankClosing::Payment, None)).unwrap();
    told.check(LAST, &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_second_debit_of_one_payment_is_unexplained_until_the_bank_takes_it_back() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Debit, BankOpen::Twice, 42_490, true)).unwrap();
    told.check(DUE, &[(Account::Bank, "-849.80"), (Account::Suspense, "424.90"), (allowance(), "424.90")]);
    told.on(EXPLAINED, close(1, BankClosing::Reversed, Some("line 4 of the next statement"))).unwrap();
    told.check(LAST, &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_credit_that_is_found_to_be_a_payment_coming_back_is_owed_again() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Credit, BankOpen::Unmatched, 42_490, false)).unwrap();
    told.check(DUE, &[(Account::Suspense, "-424.90"), (allowance(), "424.90")]);
    told.on(EXPLAINED, come_back()).unwrap();
    told.on(EXPLAINED, close(1, BankClosing::Payment, None)).unwrap();
    told.check(LAST, &[(Account::Returned, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn of_a_credit_that_is_less_than_the_payment_the_rest_is_explained_in_words() {
    let mut told = released();
    told.on(TAKEN_IN, entry(1, BankSide::Credit, BankOpen::AmountDiffers, 42_000, true)).unwrap();
    told.on(EXPLAINED, come_back()).unwrap();
    let refused = told.on(EXPLAINED, close(1, BankClosing::Payment, None)).unwrap_err();
    assert!(refused.starts_with("reason: say in words"), "{refused}");
    told.on(EXPLAINED, close(1, BankClosing::Payment, Some("the other bank kept 4.90"))).unwrap();
    // 424.90 left and 420.00 came in; the payee is owed all of it.
    let expected = [
        (Account::Bank, "-4.90"),
        (Account::Returned, "-424.90"),
        (Account::Elsewhere, "4.90"),
        (allowance(), "424.90"),
    ];
    told.check(LAST, &expected);
    agrees(&told);
}

#[test]
fn what_a_file_reports_without_booking_it_moves_nothing() {
    let mut told = instructed();
    let mut report = entry(1, BankSide::Credit, BankOpen::Unmatched, 42_490, false);
    let BankOrder::OpenItem { side, .. } = &mut report else { panic!("no item") };
    *side = None;
    told.on(TAKEN_IN, report).unwrap();
    told.check(LAST, &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    assert_eq!(told.books.bank_totals().open, 1);
    told.on(EXPLAINED, close(1, BankClosing::Elsewhere, Some("another agency's"))).unwrap();
    agrees(&told);
    assert_eq!(told.balances(LAST).net(&OWED), amount(0).money());
}
