//! What may be opened, read and closed.

use super::*;
use crate::order::{DeterminationOrder, PaymentOrder, RunOrder};
use crate::testing::{Step, TODAY, amount, check, claim, event, june, make_claim, payment, person, register, run};
use schemas::Digest;
use schemas::events::{BankAbout, BankForm, BankSide, Channel, Payee, PayeeLine, PaymentKind, Purpose};
use uuid::Uuid;

fn file() -> BankFileId {
    BankFileId::of(Digest([7; 32]))
}

const ITEM: BankItemId = BankItemId(Uuid::from_u128(1));

/// A debit, or a credit, of this many pence.
fn opened(why: BankOpen, news: BankNews, pence: i64) -> Step {
    let side = Some(if news == BankNews::Returned { BankSide::Credit } else { BankSide::Debit });
    BankOrder::OpenItem {
        file: file(),
        item: ITEM,
        line: 9,
        why,
        about: BankAbout::Payment,
        news,
        side,
        on: Some(TODAY),
        amount: Some(amount(pence)),
        code: None,
        reference: Some("REF".into()),
        payment: None,
    }
    .into()
}

fn read_as(digest: u8) -> Step {
    BankOrder::ReadFile {
        file: file(),
        digest: Digest([digest; 32]),
        form: BankForm::Statement,
        name: "statement.xml".into(),
        message: None,
        from: None,
        to: None,
        items: 1,
        total: amount(500),
    }
    .into()
}

fn closed(by: BankClosing, payment: Option<u128>, reason: &str) -> Step {
    let reason = Some(reason.to_string()).filter(|reason| !reason.is_empty());
    let (person, payment) = (payment.map(|_| person(1)), payment.map(crate::testing::payment));
    BankOrder::CloseItem { file: file(), item: ITEM, by, person, payment, reason }.into()
}

fn unmatched() -> Step {
    opened(BankOpen::Unmatched, BankNews::Settled, 500)
}

const OPENED: Result<&[&str], &str> = Ok(&["footing.bank.item_opened.v1"]);
const READ: Result<&[&str], &str> = Ok(&["footing.bank.file_read.v1"]);
const CLOSED: Result<&[&str], &str> = Ok(&["footing.bank.item_closed.v1"]);

#[test]
fn a_file_is_named_by_its_bytes_and_taken_in_once() {
    check(&[], read_as(8), Err("is not the file with this digest"));
    check(&[unmatched()], read_as(7), READ);
    check(&[unmatched(), read_as(7)], read_as(7), Err("was read before"));
    check(&[read_as(7)], unmatched(), Err("was read before"));
}

#[test]
fn an_item_is_opened_once_and_closed_once_with_what_explains_it() {
    let elsewhere = || closed(BankClosing::Elsewhere, None, "charge of the bank");
    check(&[], unmatched(), OPENED);
    check(&[unmatched()], unmatched(), Err("was opened before"));
    check(&[], elsewhere(), Err("has no item"));
    check(&[unmatched()], closed(BankClosing::Elsewhere, None, " "), Err("reason: say in words"));
    check(&[unmatched()], closed(BankClosing::Elsewhere, Some(1), "charge"), Err("names neither"));
    check(&[unmatched()], closed(BankClosing::Payment, None, "charge"), Err("names it and the person"));
    check(&[unmatched(), read_as(7)], elsewhere(), CLOSED);
    check(&[unmatched(), elsewhere()], elsewhere(), Err("is closed already"));
}

/// Payment 1 of 400.00 to person 1, and an approved run that it can leave in.
fn paid() -> Vec<Step> {
    let payee = Payee::Person(person(1));
    let (purpose, for_whom) = (Purpose::StandardAllowance, person(1));
    let instruct = PaymentOrder::Instruct {
        person: person(1),
        payment: payment(1),
        kind: PaymentKind::Award,
        payee,
        account_holders: vec![person(1)],
        lines: vec![PayeeLine { amount: amount(40_000), purpose, for_whom, payee }],
        amount: amount(40_000),
        due_on: TODAY,
        next_due: None,
        series: None,
        channel: Channel::FasterPayments,
        claim: Some(claim(1)),
        period: Some(june(0).period),
        instalment: 1,
        for_days: None,
        cause: event(3),
        account: None,
        nominal_on: None,
        because: None,
    };
    let decision = june(40_000);
    let digest = Digest([1; 32]);
    let plan = RunOrder::Plan { run: run(1), day: TODAY, digest, payments: 1, total: amount(40_000), approvals: None };
    let approve = RunOrder::Approve { run: run(1), digest };
    vec![
        register(1),
        make_claim(),
        DeterminationOrder::Determine { claim: claim(1), decision }.into(),
        instruct.into(),
        plan.into(),
        approve.into(),
    ]
}

fn with(more: &[Step]) -> Vec<Step> {
    [paid(), more.to_vec()].concat()
}

#[test]
fn a_payment_explains_an_item_when_it_is_as_the_bank_says() {
    let release = || -> Step {
        PaymentOrder::Release { person: person(1), payment: payment(1), run: run(1), file: Digest([0; 32]) }.into()
    };
    let back = || -> Step {
        PaymentOrder::Return { person: person(1), payment: payment(1), code: "B".into(), on: TODAY }.into()
    };
    let debit = || opened(BankOpen::Unmatched, BankNews::Settled, 40_000);
    let credit = || opened(BankOpen::Unmatched, BankNews::Returned, 40_000);
    let by = |number| closed(BankClosing::Payment, Some(number), "");
    check(&with(&[release(), debit()]), by(2), Err("that person has no such payment"));
    check(&with(&[debit()]), by(1), Err("it never left"));
    check(&with(&[release(), debit()]), by(1), CLOSED);
    check(&with(&[release(), credit()]), by(1), Err("record the return first"));
    check(&with(&[release(), credit(), back()]), by(1), CLOSED);
    let twice = opened(BankOpen::Twice, BankNews::Settled, 40_000);
    check(&with(&[release(), twice]), by(1), Err("more than was sent"));
}

#[test]
fn a_difference_to_the_payment_is_explained_in_words() {
    let release = || -> Step {
        PaymentOrder::Release { person: person(1), payment: payment(1), run: run(1), file: Digest([0; 32]) }.into()
    };
    let more = || opened(BankOpen::AmountDiffers, BankNews::Settled, 40_050);
    check(&with(&[release(), more()]), closed(BankClosing::Payment, Some(1), ""), Err("reason: say in words"));
    check(&with(&[release(), more()]), closed(BankClosing::Payment, Some(1), "charge of 0.50"), CLOSED);
}
