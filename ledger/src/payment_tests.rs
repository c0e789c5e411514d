//! What may be paid, to whom and how much of it, and what may not.

use super::*;
use crate::order::{ClaimOrder, DebtOrder, DeterminationOrder, IdentityOrder, PersonOrder, RunOrder, SanctionOrder};
use crate::testing::{
    Step, TODAY, amount, check, claim, debt, event, from, holding_from, june, law, make_claim, payment, person,
    register, run, sanction,
};
use jiff::civil::date;
use schemas::Digest;
use schemas::events::{Channel, DebtKind, Deducted, Purpose, Role, SanctionLevel, Sealed};

fn determined(pence: i64) -> Vec<Step> {
    vec![register(1), make_claim(), DeterminationOrder::Determine { claim: claim(1), decision: june(pence) }.into()]
}

fn pay_as(number: u128, kind: PaymentKind, lines: &[i64], total: i64, cause: EventId) -> PaymentOrder {
    let payee = Payee::Person(person(1));
    let line = |pence: &i64| PayeeLine {
        amount: amount(*pence),
        purpose: Purpose::StandardAllowance,
        for_whom: person(1),
        payee,
    };
    let award = matches!(kind, PaymentKind::Award | PaymentKind::Arrears);
    PaymentOrder::Instruct {
        person: person(1),
        payment: payment(number),
        kind,
        payee,
        account_holders: vec![person(1)],
        lines: lines.iter().map(line).collect(),
        amount: amount(total),
        due_on: date(2026, 7, 7),
        next_due: None,
        series: None,
        channel: Channel::Bacs,
        claim: award.then_some(claim(1)),
        period: award.then_some(june(0).period),
        instalment: 1,
        for_days: None,
        cause,
        account: None,
        nominal_on: None,
        because: None,
    }
}

fn pay(number: u128, pence: i64) -> Step {
    pay_as(number, PaymentKind::Award, &[pence], pence, event(3)).into()
}

fn release() -> Step {
    PaymentOrder::Release { person: person(1), payment: payment(1), run: run(1), file: Digest([0; 32]) }.into()
}

/// The run in which payments of these tests leave, planned and approved.
fn approved_run() -> Vec<Step> {
    let digest = Digest([1; 32]);
    let plan = RunOrder::Plan { run: run(1), day: TODAY, digest, payments: 1, total: amount(40_000), approvals: None };
    vec![plan.into(), RunOrder::Approve { run: run(1), digest }.into()]
}

/// A payment of 400.00 for June that left.
fn left() -> Vec<Step> {
    [determined(40_000), vec![pay(1, 40_000)], approved_run(), vec![release()]].concat()
}

fn accept() -> Step {
    PaymentOrder::Accept { person: person(1), payment: payment(1) }.into()
}

fn settle() -> Step {
    PaymentOrder::Settle { person: person(1), payment: payment(1), usable_on: TODAY }.into()
}

fn come_back() -> Step {
    PaymentOrder::Return { person: person(1), payment: payment(1), code: "5".into(), on: TODAY }.into()
}

fn reissue() -> Step {
    let channel = Channel::FasterPayments;
    let (account, account_holders) = (None, None);
    PaymentOrder::Reissue { person: person(1), payment: payment(1), due_on: TODAY, channel, account, account_holders }
        .into()
}

fn cancel() -> Step {
    PaymentOrder::Cancel { person: person(1), payment: payment(1), reason: "superseded".into() }.into()
}

fn suspend() -> Step {
    PaymentOrder::Suspend { person: person(1), ground: "identity in doubt".into(), review_on: TODAY }.into()
}

#[test]
fn a_payment_consists_of_lines_that_add_up_and_is_instructed_once() {
    let instructed: Result<&[&str], &str> = Ok(&["footing.payment.instructed.v2"]);
    let lines = |lines: &[i64], total| pay_as(1, PaymentKind::Award, lines, total, event(3));
    check(&determined(40_000), lines(&[30_000, 10_000], 40_000), instructed);
    check(&determined(40_000), lines(&[30_000, 9_999], 40_000), Err("add up to 399.99, the amount is 400.00"));
    check(&determined(40_000), lines(&[], 0), Err("consists of lines"));
    check(&determined(40_000), lines(&[0], 0), Err("more than nothing"));
    check(&[determined(40_000), vec![pay(1, 1)]].concat(), pay(1, 1), Err("is instructed already"));
}

#[test]
fn the_payments_of_a_period_never_exceed_what_was_determined() {
    let given = || [determined(40_000), vec![pay(1, 30_000)]].concat();
    check(&determined(40_000), pay(1, 40_001), Err("400.01 with the 0.00 instructed already is more than the 400.00"));
    check(&given(), pay(2, 10_000), Ok(&["footing.payment.instructed.v2"]));
    check(&given(), pay(2, 10_001), Err("100.01 with the 300.00 instructed already is more than the 400.00"));
    let arrears = pay_as(2, PaymentKind::Arrears, &[10_001], 10_001, event(3));
    check(&given(), arrears, Err("is more than the 400.00"));
    check(&[register(1), make_claim()], pay(1, 1), Err("nothing is determined for 2026-06-01 to 2026-06-30"));
}

#[test]
fn a_revised_decision_allows_the_difference_as_arrears() {
    let (replaces, ground, decision) = (event(3), law(), june(45_000));
    let revise = DeterminationOrder::Revise { claim: claim(1), replaces, ground, decision };
    let given = [determined(40_000), vec![pay(1, 40_000), revise.into()]].concat();
    let arrears = |pence| pay_as(2, PaymentKind::Arrears, &[pence], pence, event(5));
    check(&given, arrears(5_000), Ok(&["footing.payment.instructed.v2"]));
    check(&given, arrears(5_001), Err("50.01 with the 400.00"));
}

#[test]
fn money_that_came_back_or_was_called_off_may_be_paid_again_but_only_once() {
    let cancelled = [determined(40_000), vec![pay(1, 40_000), cancel()]].concat();
    check(&cancelled, pay(2, 40_000), Ok(&["footing.payment.instructed.v2"]));
    let returned = [left(), vec![come_back()]].concat();
    check(&returned, pay(2, 40_000), Ok(&["footing.payment.instructed.v2"]));
    check(&returned, reissue(), Ok(&["footing.payment.reissued.v2"]));
    check(&[returned, vec![pay(2, 40_000)]].concat(), reissue(), Err("400.00 with the 400.00 instructed already"));
}

#[test]
fn what_is_to_be_sent_again_may_be_ordered_otherwise_or_called_off_until_it_leaves() {
    let again = || [left(), vec![come_back(), reissue()]].concat();
    check(&again(), reissue(), Ok(&["footing.payment.reissued.v2"]));
    check(&again(), cancel(), Ok(&["footing.payment.cancelled.v1"]));
    check(&again(), pay(2, 1), Err("0.01 with the 400.00 instructed already"));
    check(&[again(), vec![cancel()]].concat(), pay(2, 40_000), Ok(&["footing.payment.instructed.v2"]));
    let left_again = || [again(), vec![reissue(), release()]].concat();
    check(&left_again(), reissue(), Err("cannot be reissued: it is released"));
    check(&left_again(), cancel(), Err("cannot be cancelled: it is released"));
}

#[test]
fn what_is_to_be_sent_again_is_not_ordered_otherwise_once_less_is_due() {
    let (replaces, ground, decision) = (event(3), law(), june(30_000));
    let revise = DeterminationOrder::Revise { claim: claim(1), replaces, ground, decision };
    let given = [left(), vec![come_back(), reissue(), revise.into()]].concat();
    check(&given, reissue(), Err("400.00 with the 0.00 instructed already is more than the 300.00"));
    check(&given, cancel(), Ok(&["footing.payment.cancelled.v1"]));
}

#[test]
fn money_goes_only_into_an_account_that_was_recorded_for_its_payee() {
    // The seals of these tests are named by the step that makes them: the account is recorded by the fourth.
    let sealed = |step: u128| Sealed { r#ref: uuid::Uuid::from_u128(step), commitment: Digest([1; 32]) };
    let number = "01-02-03 12345678".into();
    let record = PersonOrder::RecordAccount { person: person(1), number, holders: vec![person(1)] };
    let given = [determined(40_000), vec![record.into()]].concat();
    let into = |step: u128| {
        let mut order = pay_as(1, PaymentKind::Award, &[40_000], 40_000, event(3));
        if let PaymentOrder::Instruct { account, .. } = &mut order {
            *account = Some(sealed(step));
        }
        order
    };
    check(&given, into(4), Ok(&["footing.payment.instructed.v2"]));
    check(&given, into(5), Err("account: it was never recorded for this payee"));
    let again = |step: u128| PaymentOrder::Reissue {
        person: person(1),
        payment: payment(1),
        due_on: TODAY,
        channel: Channel::FasterPayments,
        account: Some(sealed(step)),
        account_holders: None,
    };
    let returned = [given, vec![into(4).into()], approved_run(), vec![release(), come_back()]].concat();
    check(&returned, again(4), Ok(&["footing.payment.reissued.v2"]));
    check(&returned, again(5), Err("account: it was never recorded for this payee"));
}

#[test]
fn money_is_that_of_the_holders_recorded_with_the_account_or_of_the_payee_in_person() {
    let number = "01-02-03 12345678".into();
    let record = PersonOrder::RecordAccount { person: person(1), number, holders: vec![person(1), person(2)] };
    let given = || [determined(40_000), vec![record.clone().into()]].concat();
    let named = |into: Option<u128>, holders: &[u128]| {
        let mut order = pay_as(1, PaymentKind::Award, &[40_000], 40_000, event(3));
        if let PaymentOrder::Instruct { account, account_holders, .. } = &mut order {
            *account = into.map(|step| Sealed { r#ref: uuid::Uuid::from_u128(step), commitment: Digest([1; 32]) });
            *account_holders = holders.iter().copied().map(person).collect();
        }
        order
    };
    let instructed: Result<&[&str], &str> = Ok(&["footing.payment.instructed.v2"]);
    check(&given(), named(Some(4), &[2, 1]), instructed);
    check(&given(), named(Some(4), &[1]), Err("account_holders: the money becomes that of"));
    check(&given(), named(Some(4), &[1, 3]), Err("leave them out, or name these"));
    check(&given(), named(None, &[1]), instructed);
    check(&given(), named(None, &[2]), Err("account_holders: the money becomes that of"));
    let holders = |order: PaymentOrder| {
        let happened = crate::testing::outcome(&given(), &order.into()).unwrap();
        let [(_, Event::Payment(PaymentEvent::PaymentInstructed(paid)))] = &happened[..] else { unreachable!("one") };
        paid.account_holders.clone()
    };
    assert_eq!(holders(named(Some(4), &[])), [person(1), person(2)]);
    assert_eq!(holders(named(None, &[])), [person(1)]);
}

#[test]
fn money_leaves_only_in_a_run_that_was_planned_and_approved_and_is_not_abandoned() {
    let paid = |more: Vec<Step>| [determined(40_000), vec![pay(1, 40_000)], more].concat();
    let planned = approved_run().remove(0);
    let abandon = RunOrder::Abandon { run: run(1), reason: "planned again".into() };
    check(&paid(vec![]), release(), Err("was never planned; money leaves in a run that was planned and approved"));
    check(&paid(vec![planned]), release(), Err("was not approved; money leaves"));
    check(&paid([approved_run(), vec![abandon.into()]].concat()), release(), Err("was abandoned; money leaves"));
    check(&paid(approved_run()), release(), Ok(&["footing.payment.released.v1"]));
}

#[test]
fn what_came_back_is_not_sent_again_to_somebody_who_died() {
    let died = PersonOrder::RecordDeath { person: person(1), on: TODAY };
    let given = [left(), vec![come_back(), died.into()]].concat();
    check(&given, reissue(), Err("what was due is paid to whom proceeds with the claim"));
}

#[test]
fn another_member_cannot_be_instructed_the_same_money_again() {
    let join = ClaimOrder::Join { claim: claim(1), person: person(2), role: Role::Child };
    let given = [determined(40_000), vec![pay(1, 40_000), register(2), join.into()]].concat();
    let PaymentOrder::Instruct { lines, payee, amount, due_on, channel, claim, period, cause, .. } =
        pay_as(2, PaymentKind::Award, &[1], 1, event(3))
    else {
        panic!("an instruction");
    };
    let again = PaymentOrder::Instruct {
        person: person(2),
        payment: payment(2),
        kind: PaymentKind::Award,
        payee,
        account_holders: vec![],
        lines,
        amount,
        due_on,
        next_due: None,
        series: None,
        channel,
        claim,
        period,
        instalment: 1,
        for_days: None,
        cause,
        account: None,
        nominal_on: None,
        because: None,
    };
    check(&given, again, Err("0.01 with the 400.00 instructed already"));
}

#[test]
fn a_payment_goes_through_its_stages_in_order() {
    let paid = |more: Vec<Step>| [determined(40_000), vec![pay(1, 40_000)], approved_run(), more].concat();
    check(&determined(1), release(), Err("was never instructed"));
    check(&paid(vec![]), come_back(), Err("cannot be returned: it is instructed and not released"));
    check(&paid(vec![]), settle(), Err("cannot be settled"));
    check(&paid(vec![]), reissue(), Err("cannot be reissued"));
    check(&paid(vec![]), release(), Ok(&["footing.payment.released.v1"]));
    check(&paid(vec![release()]), release(), Err("cannot be released: it is released"));
    check(&paid(vec![release()]), cancel(), Err("cannot be cancelled: it is released"));
    check(&paid(vec![release()]), accept(), Ok(&["footing.payment.accepted.v1"]));
    check(&paid(vec![release(), accept()]), settle(), Ok(&["footing.payment.settled.v1"]));
    check(&paid(vec![release(), settle()]), settle(), Err("it is settled"));
    check(&paid(vec![release(), settle()]), come_back(), Ok(&["footing.payment.returned.v1"]));
    check(&paid(vec![release(), come_back()]), come_back(), Err("it is returned"));
    check(&paid(vec![release(), come_back(), reissue()]), settle(), Ok(&["footing.payment.settled.v1"]));
    check(&paid(vec![cancel()]), release(), Err("it is cancelled"));
}

#[test]
fn a_grant_that_no_need_explains_is_refused() {
    let instructed: Result<&[&str], &str> = Ok(&["footing.payment.instructed.v2"]);
    let order = |kind, pence, days: Option<Days>| {
        let mut order = pay_as(2, kind, &[pence], pence, event(1));
        if let PaymentOrder::Instruct { for_days, .. } = &mut order {
            *for_days = days;
        }
        order
    };
    let grant = |pence| order(PaymentKind::CrisisGrant, pence, None);
    check(&determined(40_000), grant(1_000_000), instructed);
    check(
        &determined(40_000),
        grant(1_000_001),
        Err("amount: 10000.01 is more than the 10000.00 that a payment of kind"),
    );
    // 100.00 for each of two days; 31 days where none is named.
    let two = Days::new(date(2026, 7, 1), date(2026, 7, 2));
    check(&determined(40_000), order(PaymentKind::TopUp, 20_000, two), instructed);
    check(&determined(40_000), order(PaymentKind::TopUp, 20_001, two), Err("amount: 200.01 is more than the 200.00"));
    check(&determined(40_000), order(PaymentKind::TopUp, 310_001, None), Err("more than the 3100.00"));
}

#[test]
fn a_payment_that_is_more_than_all_of_a_list_does_not_leave_in_it() {
    // The approved run comes to 400.00.
    let given = [determined(50_000), vec![pay(1, 40_001)], approved_run()].concat();
    check(&given, release(), Err("comes to 400.00, so that a payment of 400.01 is not among it"));
}

#[test]
fn a_suspension_holds_back_awards_and_never_what_keeps_the_floor() {
    let given = || [determined(40_000), vec![pay(1, 100)], approved_run(), vec![suspend()]].concat();
    check(&given(), pay(2, 100), Err("are suspended"));
    check(&given(), release(), Err("are suspended"));
    check(&given(), suspend(), Err("are suspended"));
    let top_up = pay_as(2, PaymentKind::TopUp, &[2_000], 2_000, event(1));
    check(&given(), top_up, Ok(&["footing.payment.instructed.v2"]));
    let resume = || PaymentOrder::Resume { person: person(1), reason: "identity proved".into() };
    check(&given(), resume(), Ok(&["footing.payment.resumed.v1"]));
    check(&[given(), vec![resume().into()]].concat(), pay(2, 100), Ok(&["footing.payment.instructed.v2"]));
    check(&[register(1)], resume(), Err("are not suspended"));
}

#[test]
fn a_suspension_and_its_end_hold_from_their_own_day_and_never_before_they_were_recorded() {
    let later = |days| TODAY.saturating_add(jiff::ToSpan::days(days));
    let on = holding_from;
    let given = |more: Vec<Step>| [determined(40_000), more].concat();
    let pays = || -> Result<&[&str], &str> { Ok(&["footing.payment.instructed.v2"]) };
    // Recorded today for the day after tomorrow.
    let soon = || given(vec![on(later(2), suspend())]);
    check(&soon(), pay(1, 100), pays());
    check(&soon(), on(later(1), pay(1, 100)), pays());
    check(&soon(), on(later(2), pay(1, 100)), Err("are suspended"));
    check(&soon(), suspend(), Err("are suspended"));
    // Recorded today for a week ago: what left until today has left.
    check(&given(vec![on(later(-7), suspend())]), pay(1, 100), Err("are suspended"));
    // It ends in five days; or before it begins.
    let resume = || PaymentOrder::Resume { person: person(1), reason: "identity proved".into() };
    let ending = || [soon(), vec![from(later(5), resume())]].concat();
    check(&ending(), on(later(4), pay(1, 100)), Err("are suspended"));
    check(&ending(), on(later(5), pay(1, 100)), pays());
    check(&[soon(), vec![resume().into()]].concat(), on(later(3), pay(1, 100)), pays());
}

#[test]
fn a_suspension_comes_too_late_for_a_payment_of_a_run_whose_files_are_fixed() {
    let approved = || [determined(40_000), vec![pay(1, 100)], approved_run()].concat();
    check(&[approved(), vec![suspend()]].concat(), release(), Err("are suspended"));
    let left = RunOrder::Release { run: run(1), file: Digest([0; 32]) };
    check(&[approved(), vec![left.into(), suspend()]].concat(), release(), Ok(&["footing.payment.released.v1"]));
}

#[test]
fn hardship_and_advances_are_paid_up_to_what_was_awarded() {
    let impose = SanctionOrder::Impose {
        person: person(1),
        sanction: sanction(1),
        level: SanctionLevel::Medium,
        failure_on: TODAY,
        from: Some(TODAY),
        days: None,
        days_ground: None,
        complied_on: None,
        rate: None,
        authority: law(),
    };
    let award = SanctionOrder::AwardHardship {
        person: person(1),
        debt: debt(1),
        from: TODAY,
        days: Some(10),
        per_day: Some(amount(600)),
    };
    let given = [register(1), impose.into(), award.into()];
    let hardship = |cause, pence| pay_as(1, PaymentKind::Hardship, &[pence], pence, event(cause));
    check(&given, hardship(3, 6_000), Ok(&["footing.payment.instructed.v2"]));
    check(&given, hardship(3, 6_001), Err("60.01 with the 0.00 instructed already is more than the 60.00"));
    check(&given, hardship(2, 6_000), Err("is not the award of a hardship payment"));
    let kind = DebtKind::Advance;
    let owed = DebtOrder::Register {
        person: person(1),
        debt: debt(1),
        kind,
        amount: amount(5_000),
        cause: None,
        advance: None,
    };
    let advance = |pence| pay_as(1, PaymentKind::Advance, &[pence], pence, event(2));
    check(&[register(1), owed.clone().into()], advance(5_000), Ok(&["footing.payment.instructed.v2"]));
    check(&[register(1), owed.into()], advance(5_001), Err("is more than the 50.00"));
}

#[test]
fn an_advance_is_paid_of_what_is_lent_and_never_more_of_it() {
    let owed = DebtOrder::Register {
        person: person(1),
        debt: debt(1),
        kind: DebtKind::Advance,
        amount: amount(5_000),
        cause: None,
        advance: None,
    };
    let advance = |number, pence, cause| pay_as(number, PaymentKind::Advance, &[pence], pence, event(cause));
    check(&[register(1)], advance(1, 5_000, 1), Err("nothing is lent to this person by"));
    check(&[register(1)], advance(1, 5_000, 1), Err("register_debt (advance, change_advance or budgeting_advance)"));
    // One that names another event is measured by all that was lent, and counts against what names the debt.
    let lent = || vec![register(1), owed.clone().into()];
    check(&lent(), advance(1, 5_001, 1), Err("50.01 with the 0.00 instructed already is more than the 50.00 due"));
    let some = [lent(), vec![advance(1, 3_000, 1).into()]].concat();
    check(&some, advance(2, 2_000, 2), Ok(&["footing.payment.instructed.v2"]));
    check(&some, advance(2, 2_001, 2), Err("20.01 with the 30.00 instructed already is more than the 50.00 due"));
    // What was given up is not lent.
    let waive = DebtOrder::Waive { person: person(1), debt: debt(1), amount: amount(1_000), reason: "kindness".into() };
    let waived = [lent(), vec![waive.into()]].concat();
    check(&waived, advance(1, 4_000, 2), Ok(&["footing.payment.instructed.v2"]));
    check(&waived, advance(1, 4_001, 2), Err("is more than the 40.00 due"));
}

#[test]
fn a_creditor_gets_no_more_than_decisions_took_for_the_debt() {
    let mut decision = june(34_000);
    decision.deducted = vec![Deducted { debt: debt(1), amount: amount(6_000) }];
    let determine = DeterminationOrder::Determine { claim: claim(1), decision };
    let given = [register(1), make_claim(), determine.into()];
    let to_creditor = |pence| {
        let mut order = pay_as(1, PaymentKind::ThirdParty, &[pence], pence, event(3));
        let PaymentOrder::Instruct { payee, lines, account_holders, .. } = &mut order else {
            unreachable!("an instruction")
        };
        account_holders.clear();
        *payee = Payee::Creditor(debt(1));
        lines.iter_mut().for_each(|line| line.payee = Payee::Creditor(debt(1)));
        order
    };
    check(&given, to_creditor(6_000), Ok(&["footing.payment.instructed.v2"]));
    check(&given, to_creditor(6_001), Err("60.01 with the 0.00 instructed already is more than the 60.00"));
    let person = pay_as(1, PaymentKind::ThirdParty, &[6_000], 6_000, event(3));
    check(&given, person, Err("goes to the creditor of a debt"));
}

#[test]
fn nothing_that_is_owed_is_sent_to_the_dead_until_somebody_acts_for_them() {
    let died = PersonOrder::RecordDeath { person: person(1), on: TODAY };
    let given = || [determined(40_000), vec![died.clone().into()]].concat();
    check(&given(), pay(1, 40_000), Err("died on 2026-06-15: what was due is paid to whom proceeds with the claim"));
    let grant = IdentityOrder::GrantRepresentative {
        person: person(1),
        representative: "next of kin".into(),
        scope: "payments on death".into(),
        until: None,
    };
    check(&[given(), vec![grant.into()]].concat(), pay(1, 40_000), Ok(&["footing.payment.instructed.v2"]));
}

#[test]
fn what_was_recovered_of_an_overpayment_may_be_paid_again_and_no_more() {
    // 400.00 paid, 300.00 due, 100.00 recovered and paid back; then 400.00 are due after all.
    let revise = |replaces, pence| DeterminationOrder::Revise {
        claim: claim(1),
        replaces: event(replaces),
        ground: law(),
        decision: june(pence),
    };
    let decide = DebtOrder::DecideRecovery {
        person: person(1),
        claim: claim(1),
        period: june(0).period,
        cause: event(5),
        overpaid: amount(10_000),
        recoverable: amount(10_000),
        debt: Some(debt(1)),
        ground: law(),
        reason: "told late".into(),
    };
    let (on, reference) = (TODAY, None);
    let repay = DebtOrder::Repay { person: person(1), debt: debt(1), amount: amount(10_000), on, reference };
    let more: Vec<Step> =
        vec![pay(1, 40_000), revise(3, 30_000).into(), decide.into(), repay.into(), revise(5, 40_000).into()];
    let given = [determined(40_000), more].concat();
    let arrears = |pence| pay_as(2, PaymentKind::Arrears, &[pence], pence, event(8));
    check(&given, arrears(10_000), Ok(&["footing.payment.instructed.v2"]));
    check(&given, arrears(10_001), Err("100.01 with the 400.00 instructed already is more than the 500.00"));
}
