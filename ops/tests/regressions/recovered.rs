//! Top-ups recovered from what is owed late for the same days (FLOOR.md section 3), under a floor of 12.00 a day for one
//! and 9.00 for each of two. Claims are made on 1 June 2026; June's award is due on 7 July and lived on to 6 August.
//!
//! A sanction of 14 days at the full rate takes 14 x 13.90 = 194.60 of June's 424.90 and leaves 230.30.

use jiff::civil::{Date, date};
use ledger::Command;
use ledger::order::PaymentOrder;
use ops::business::{Business, instruct};
use ops::commands::verify;
use ops::payrun::{Out, Planned};
use projections::payments::derived_uuid;
use projections::topups::KeepBack;
use projections::views::PaymentView;
use schemas::day::london_hour;
use schemas::events::PaymentKind;
use schemas::{CommandId, Money};

use crate::told::{Told, alone, couple, sanction, usable};

/// What is topped up in the first wait: 14 days, 14 days, and 8 to 6 July.
const WAIT: [&str; 3] = ["2026-06-01 168.00", "2026-06-15 168.00", "2026-06-29 96.00"];

fn guaranteed(steps: &str) -> Told {
    let mut told = Told::under("current-law-guaranteed", steps);
    told.rules.floor.lead_working_days = 0;
    told
}

/// Nothing that is owed leaves from 1 July until a day.
fn suspended(until: &str) -> String {
    format!(
        "  - {{day: 2026-07-01, do: suspend_payments, person: $ann, ground: doubt, review_on: {until}}}
  - {{day: {until}, do: resume_payments, person: $ann, reason: settled}}\n"
    )
}

fn sanctioned_in_june() -> String {
    sanction("ann", "s", "2026-06-01", "2026-06-01", 14, "full")
}

fn cancelled(day: &str) -> String {
    format!(
        "  - {{day: {day}, do: cancel_sanction, person: $ann, sanction: $s, authority: {{instrument: SI 2013/376, provision: reg. 104, confidence: single_source}}}}\n"
    )
}

/// Asserts what was kept back of somebody's money, and that the books balance and agree with it.
#[track_caller]
fn check_kept(told: &Told, name: &str, expected: &[&str]) {
    let line = |kept: &projections::views::KeptBack| {
        format!("{} {} of {} for {} to {}", kept.on, kept.amount, kept.period.first(), kept.days.0, kept.days.1)
    };
    let found: Vec<String> = told.person(name).kept_back.iter().map(line).collect();
    assert_eq!(found, expected, "{name}");
    verify::run(&told.global()).unwrap();
}

#[track_caller]
fn check_no_gap(told: &Told, name: &str, last: Date) {
    told.check_floor(name, (date(2026, 6, 1), last), (0, "0.00"));
}

#[test]
fn whoever_was_topped_up_while_an_award_was_held_back_is_paid_the_rest_of_it() {
    // 168.00 for 7 to 20 July. On the 20th 424.90 are owed; 18 days to 6 August take 216.00, of which the last day of the
    // top-up has 12.00: up to 424.90 - 204.00 = 220.90 could be kept back. 424.90 - 168.00 = 256.90.
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &suspended("2026-07-20")));
    told.until(date(2026, 8, 8));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 256.90", "2026-08-07 424.90"]].concat());
    check_kept(&told, "ann", &["2026-07-20 168.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
    check_no_gap(&told, "ann", date(2026, 8, 8));
    told.check_overpaid(&[]);
    let person = told.person("ann");
    let said = person.kept_back[0].told(person, &told.world);
    let words = "of 424.90 owed for 2026-06-01 to 2026-06-30, 168.00 was kept back on 2026-07-20: top-up";
    assert!(said.starts_with(words) && said.ends_with("of 168.00 was paid for 2026-07-07 to 2026-07-20"), "{said}");
}

#[test]
fn an_evening_that_is_done_late_keeps_back_what_it_would_have_kept_back_in_time() {
    // As above, but nothing was done on the evening of the 20th: it is caught up on the 21st, after the morning's post.
    let post =
        "  - {day: 2026-07-21, do: record_person_fact, person: $ann, fact: {key: pay_calendar, value: exact_day}}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &suspended("2026-07-20") + post));
    told.until(date(2026, 7, 19));
    told.mornings_until(date(2026, 7, 21));
    told.evenings(date(2026, 7, 20), date(2026, 7, 21));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 256.90"]].concat());
    check_kept(&told, "ann", &["2026-07-20 168.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
}

#[test]
fn a_part_that_is_kept_back_whole_had_its_day_and_the_others_come_as_if_it_had_been_paid() {
    // 230.30 in four parts: 57.58 on 7 and 14 July, 57.57 on the 22nd and the 29th. On the 12th the first is owed late for 7
    // to 13 July, for which she had 7 x 12.00 = 84.00; the top-up lasts beyond the next part, so that all of it is kept back.
    let weekly = "  - {day: 2026-06-01, do: record_person_fact, person: $ann, fact: {key: paid_every, value: four_times_monthly}}\n";
    let steps = alone("ann", "2026-06-01") + weekly + &sanctioned_in_june() + &suspended("2026-07-12");
    let mut told = guaranteed(&steps);
    told.until(date(2026, 7, 14));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-14 57.58"]].concat());
    check_kept(&told, "ann", &["2026-07-12 57.58 of 2026-06-01 for 2026-07-07 to 2026-07-13"]);
    told.until(date(2026, 7, 30));
    let awards = told.person("ann").payments.iter().filter(|payment| payment.kind == PaymentKind::Award);
    let awards: Vec<String> =
        awards.map(|paid| format!("{} {} {}", paid.instalment, paid.due_on, paid.amount)).collect();
    assert_eq!(awards, ["2 2026-07-14 57.58", "3 2026-07-22 57.57", "4 2026-07-29 57.57"]);
}

#[test]
fn what_the_days_up_to_the_next_credit_need_is_never_kept_back() {
    // Of 230.30 the 17 days from 21 July to 6 August need 204.00: 26.30 is kept back.
    let steps =
        alone("ann", "2026-06-01") + &sanctioned_in_june() + &suspended("2026-07-20") + &cancelled("2026-08-06");
    let mut told = guaranteed(&steps);
    told.until(date(2026, 8, 5));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 204.00"]].concat());
    check_kept(&told, "ann", &["2026-07-20 26.30 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
    check_no_gap(&told, "ann", date(2026, 8, 5));
    // The sanction was wrong: 194.60 is owed, and July's award comes the same day, so that 168.00 - 26.30 = 141.70 more is
    // kept back and 52.90 paid. She has had 168.00 + 204.00 + 52.90 = 424.90 for the month: what she should have had.
    told.until(date(2026, 9, 5));
    let paid = ["2026-07-07 168.00", "2026-07-20 204.00", "2026-08-07 424.90", "2026-08-07 52.90"];
    told.check_paid("ann", &[&WAIT[..], &paid].concat());
    let kept = [
        "2026-07-20 26.30 of 2026-06-01 for 2026-07-07 to 2026-07-20",
        "2026-08-06 141.70 of 2026-06-01 for 2026-07-07 to 2026-07-20",
    ];
    check_kept(&told, "ann", &kept);
    check_no_gap(&told, "ann", date(2026, 9, 5));
}

#[test]
fn arrears_for_other_days_than_those_topped_up_are_paid_whole() {
    // Topped up in the first wait only: on time, June's 424.90 would have been hers beside that.
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &sanctioned_in_june() + &cancelled("2026-07-20")));
    told.until(date(2026, 8, 6));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 230.30", "2026-07-21 194.60", "2026-08-07 424.90"]].concat());
    check_kept(&told, "ann", &[]);
    check_no_gap(&told, "ann", date(2026, 8, 6));
}

#[test]
fn all_of_the_arrears_may_be_kept_back() {
    // 19 days of sanctions take 264.10 of June and leave 160.80, which lasts 13 days, to 19 July, and 4.80 of the 20th:
    // 7.20 + 13 x 12.00 = 163.20 is topped up to 2 August, and 48.00 to the 6th. The sanction of 14 days was wrong: 194.60
    // is owed, less than the 211.20 that stood in for it.
    let steps = alone("ann", "2026-06-01")
        + &sanction("ann", "t", "2026-06-20", "2026-06-20", 5, "full")
        + &sanctioned_in_june()
        + &cancelled("2026-08-06");
    let mut told = guaranteed(&steps);
    told.until(date(2026, 9, 5));
    let paid = ["2026-07-07 160.80", "2026-07-20 163.20", "2026-08-03 48.00", "2026-08-07 424.90"];
    told.check_paid("ann", &[&WAIT[..], &paid].concat());
    let kept = [
        "2026-08-06 163.20 of 2026-06-01 for 2026-07-20 to 2026-08-02",
        "2026-08-06 31.40 of 2026-06-01 for 2026-08-03 to 2026-08-06",
    ];
    check_kept(&told, "ann", &kept);
    check_no_gap(&told, "ann", date(2026, 9, 5));
}

#[test]
fn what_was_kept_back_for_a_top_up_that_comes_back_is_paid_after_all() {
    let back = "  - {day: 2026-07-22, do: return_payment, person: $ann, payment: $payment ann 2026-07-07, code: B, on: 2026-07-22}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &suspended("2026-07-20") + back));
    told.until(date(2026, 8, 6));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-20 256.90", "2026-07-22 168.00", "2026-08-07 424.90"]].concat());
    check_kept(&told, "ann", &["2026-07-20 168.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
    let person = told.person("ann");
    let said = person.kept_back[0].told(person, &told.world);
    assert!(said.ends_with("; that came back, so that it is owed again"), "{said}");
}

#[test]
fn where_less_was_owed_after_all_what_was_kept_back_is_hers_and_nothing_is_overpaid() {
    // Pay of 200.00 on 15 June, told in August, takes 110.00 of June's award and leaves 314.90. She was paid 256.90 of it:
    // no more than 58.00 is kept back now, and the other 110.00 of the top-up stay a grant.
    let pay = "  - {day: 2026-08-10, do: report_earnings, person: $ann, paid_on: 2026-06-15, gross: 200.00, tax: 0.00,
       national_insurance: 0.00, pension: 0.00, frequency: irregular, employment: shop}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &suspended("2026-07-20") + pay));
    told.until(date(2026, 8, 12));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 256.90", "2026-08-07 424.90"]].concat());
    told.check_overpaid(&[]);
    check_kept(&told, "ann", &["2026-07-20 168.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
}

#[test]
fn each_of_two_is_kept_back_what_they_had_themselves() {
    // Ann is topped up by 9.00 a day for 7 to 20 July, Bob's half comes on its day. Her 17 days from the 21st need 153.00
    // of 333.48: all of the 126.00 is kept back.
    let mut told = guaranteed(&(couple("2026-06-01") + &suspended("2026-07-20")));
    told.until(date(2026, 8, 6));
    let wait = ["2026-06-01 126.00", "2026-06-15 126.00", "2026-06-29 72.00"];
    told.check_paid("ann", &[&wait[..], &["2026-07-07 126.00", "2026-07-20 207.48", "2026-08-07 333.48"]].concat());
    told.check_paid("bob", &[&wait[..], &["2026-07-07 333.49", "2026-08-07 333.49"]].concat());
    check_kept(&told, "ann", &["2026-07-20 126.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
    check_kept(&told, "bob", &[]);
    check_no_gap(&told, "ann", date(2026, 8, 6));
    check_no_gap(&told, "bob", date(2026, 8, 6));
}

#[test]
fn nothing_is_recovered_from_rent() {
    // 400.00 of rent that she pays herself: it is no part of the floor, and comes whole with what is left of 424.90.
    let rent = "  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: social}}
  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 400.00}}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + rent + &suspended("2026-07-20")));
    told.until(date(2026, 7, 21));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 656.90"]].concat());
    check_kept(&told, "ann", &["2026-07-20 168.00 of 2026-06-01 for 2026-07-07 to 2026-07-20"]);
}

#[test]
fn a_replay_keeps_back_what_the_ledger_kept_back() {
    let steps =
        alone("ann", "2026-06-01") + &sanctioned_in_june() + &suspended("2026-07-20") + &cancelled("2026-08-06");
    let mut told = guaranteed(&steps);
    told.until(date(2026, 9, 5));
    let replayed = told.replayed(&told.rules, date(2026, 9, 5));
    assert_eq!(usable(&replayed.world, told.id("ann")), usable(&told.world, told.id("ann")));
    let kept = |world: &projections::views::MemoryViews| -> Vec<Money> {
        world.person(told.id("ann")).unwrap().kept_back.iter().map(|kept| kept.amount).collect()
    };
    assert_eq!(kept(&replayed.world), kept(&told.world));
}

#[test]
fn where_nothing_is_guaranteed_any_more_nothing_is_recovered() {
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &suspended("2026-07-20")));
    told.until(date(2026, 7, 19));
    told.rules.floor.mode = projections::floor::file::Mode::Measure;
    told.until(date(2026, 7, 21));
    told.check_paid("ann", &[&WAIT[..], &["2026-07-07 168.00", "2026-07-20 424.90"]].concat());
    let kinds = told.person("ann").payments.iter().filter(|payment| payment.kind == PaymentKind::TopUp);
    assert_eq!(kinds.count(), 4);
}

/// Two lists, of 20 July and of the 25th, both approved: 230.30 is owed, and some of it kept back in each. The 17 days from
/// 21 July to 6 August need 204.00 and leave 26.30 to keep back, the 13 from the 25th 156.00 and 74.30.
fn two_lists(told: &mut Told) -> [Planned; 2] {
    told.until(date(2026, 7, 19));
    told.mornings_until(date(2026, 7, 20));
    let mut business = Business::open(&mut told.desk, &told.rules).unwrap();
    [(date(2026, 7, 20), "ann"), (date(2026, 7, 25), "bob")].map(|(day, who)| {
        let planned = business.plan_run(day, None, who).unwrap().unwrap();
        business.approve_run(planned.run, planned.plan.digest(), who).unwrap();
        assert_eq!(planned.plan.keeps.len(), 1);
        planned
    })
}

/// Something that one of them did before it was cut off.
fn done(business: &mut Business<'_>, day: Date, order: PaymentOrder) {
    let command = Command {
        id: CommandId(derived_uuid("done before it was cut off")),
        actor: "system:run".into(),
        time: london_hour(day, 19),
        effective_from: day,
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order: order.into(),
    };
    business.submit(vec![command]).unwrap();
}

fn keep_back(KeepBack { person, recovered: kept }: &KeepBack) -> PaymentOrder {
    PaymentOrder::RecoverTopUp {
        person: *person,
        top_up: kept.top_up,
        for_whom: kept.for_whom,
        days: kept.days,
        claim: kept.claim,
        period: kept.period,
        payee: kept.payee,
        lines: kept.lines.clone(),
        amount: kept.amount,
        cause: kept.cause,
    }
}

#[test]
fn a_list_that_keeps_back_what_was_kept_back_since_is_not_approved_and_says_so() {
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &sanctioned_in_june() + &suspended("2026-07-20")));
    told.until(date(2026, 7, 19));
    told.mornings_until(date(2026, 7, 20));
    let mut business = Business::open(&mut told.desk, &told.rules).unwrap();
    let day = date(2026, 7, 20);
    let listed = business.plan_run(day, Some(2), "ann").unwrap().unwrap();
    done(&mut business, day, keep_back(&listed.plan.keeps[0]));
    let stale = business.approve_run(listed.run, listed.plan.digest(), "bob").unwrap_err().to_string();
    // The 204.00 that are paid beside it are the same.
    let person = listed.plan.keeps[0].person;
    let gone = format!("\n  26.30 of what person {person} is owed for 2026-06-01 to 2026-06-30 is not to be kept back");
    assert!(stale.ends_with(&gone), "{stale}");
}

#[test]
fn what_two_approved_lists_keep_back_for_the_same_days_is_kept_back_once() {
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &sanctioned_in_june() + &suspended("2026-07-20")));
    let [first, second] = two_lists(&mut told);
    // The first was cut off when it had kept back its 26.30 (230.30 - 17 days of 12.00) and had instructed nothing.
    let mut business = Business::open(&mut told.desk, &told.rules).unwrap();
    done(&mut business, date(2026, 7, 25), keep_back(&first.plan.keeps[0]));
    let carried = business.carry_out(second.run, Out::Listing).unwrap();
    assert_eq!(carried.problems, []);
    business.abandon_run(first.run, "the other list was released", "ann").unwrap();
    drop(business);
    told.until(date(2026, 7, 26));
    let kept: Vec<Money> = told.person("ann").kept_back.iter().map(|kept| kept.amount).collect();
    assert_eq!(kept[0], Money::from_pence(2_630));
    assert!(!kept[1..].contains(&second.plan.keeps[0].recovered.amount.money()), "{kept:?}");
    let owed = |payment: &&PaymentView| matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears);
    let paid = told.person("ann").payments.iter().filter(owed).map(|payment| payment.amount).sum::<Money>();
    assert_eq!(paid + kept.iter().copied().sum::<Money>(), Money::from_pence(23_030));
    verify::run(&told.global()).unwrap();
}

#[test]
fn a_payment_that_another_list_ordered_for_less_does_not_leave_for_more() {
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + &sanctioned_in_june() + &suspended("2026-07-20")));
    let [first, second] = two_lists(&mut told);
    // The second was cut off when it had instructed what is left after more was kept back.
    let (more, less) = (&first.plan.pays[0], &second.plan.pays[0]);
    assert_eq!(more.payment.payment, less.payment.payment);
    assert!(less.payment.amount < more.payment.amount);
    let mut business = Business::open(&mut told.desk, &told.rules).unwrap();
    done(&mut business, date(2026, 7, 25), instruct(less.person, &less.payment));
    let carried = business.carry_out(first.run, Out::Listing).unwrap();
    assert_eq!(carried.left, []);
    assert_eq!(carried.stayed.first().map(|stayed| stayed.why.as_str()), Some("it is sent another way"));
}
