//! What becomes of a listed payment when something happens to its payee between the plan and the release.

use jiff::civil::date;
use ledger::Order;
use ledger::order::{PaymentOrder, PersonOrder};
use ops::business::{Business, instruct};
use ops::payrun::Carried;
use projections::books::{self, Balances, Books};
use projections::payments::{Planned, derived_uuid};
use projections::views::MemoryViews;
use schemas::events::{Days, Event, PaymentEvent, PaymentInstructed, PaymentKind};
use schemas::{Amount, Money, PaymentId, Recorded, RunId};

use crate::cut_off::Stops;
use crate::place::{PAY_DAY, Place, account, bank, command, into, pay_day, rules, who};

/// Plans and approves for two people, lets something happen on the next morning, and carries out.
fn after(happens: impl FnOnce(&Planned) -> Vec<Order>) -> (Place, RunId, Carried) {
    let place = Place::with(2);
    let (mut desk, rules, bank) = (place.desk(), rules(), bank());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let listed = business.plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    let digest = listed.plan.digest();
    business.approve_run(listed.run, digest, "bob").unwrap();
    let of_first = listed.plan.pays.iter().find(|planned| planned.person == who(0)).unwrap();
    for (number, order) in (0..).zip(happens(of_first)) {
        business.submit(vec![command(&format!("happens {number}"), date(2026, 7, 7), order)]).unwrap();
    }
    let carried = business.carry_out(listed.run, into(&place.out(), &bank)).unwrap();
    let run = listed.run;
    drop(business);
    drop(desk);
    (place, run, carried)
}

#[track_caller]
fn first_stays(carried: &Carried, why: &str) {
    assert_eq!(carried.left.iter().map(|planned| planned.person).collect::<Vec<_>>(), [who(1)]);
    let stayed: Vec<_> = carried.stayed.iter().map(|stayed| (stayed.person, stayed.why.as_str())).collect();
    assert_eq!(stayed, [(who(0), why)]);
}

/// What the first of the two is paid in the evenings after.
#[track_caller]
fn paid_later(place: &Place, expected: &[&str]) {
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    for day in [date(2026, 7, 7), date(2026, 7, 8)] {
        assert_eq!(business.evening(day).unwrap().problems, []);
    }
    let payments = business.world().person(who(0)).unwrap().payments.iter();
    let paid: Vec<String> = payments.filter_map(|p| Some(format!("{} {}", p.usable_on()?, p.amount))).collect();
    assert_eq!(paid, expected);
}

/// What does not agree in the books of a place, of the events that are taken.
fn disagreements(place: &Place, mut takes: impl FnMut(&Event) -> bool) -> Vec<String> {
    let (mut books, mut balances, mut world) = (Books::default(), Balances::default(), MemoryViews::default());
    let note = |event: &Recorded| {
        if takes(&event.envelope.event) {
            world.apply(event);
            books.post(event).iter().for_each(|entry| balances.add(entry));
        }
        Ok(())
    };
    place.desk().for_each_known(None, note).unwrap();
    books::disagreements(&books, &balances, &world).iter().map(ToString::to_string).collect()
}

#[test]
fn the_books_find_no_fault_in_a_run_that_was_cut_off_and_can_be_finished() {
    let (place, _, _) = after(|_| Vec::new());
    assert_eq!(disagreements(&place, |_| true), [""; 0]);
    let mut released = 0;
    let all_but_the_second = |event: &Event| {
        released += usize::from(matches!(event, Event::Payment(PaymentEvent::PaymentReleased(_))));
        released < 2
    };
    assert_eq!(disagreements(&place, all_but_the_second), [""; 0]);
}

#[test]
fn a_payment_whose_payee_is_suspended_meanwhile_waits_and_the_books_find_no_fault_in_the_run() {
    let (ground, review_on) = ("doubt".into(), date(2026, 8, 1));
    let (place, _, carried) = after(|_| vec![PaymentOrder::Suspend { person: who(0), ground, review_on }.into()]);
    first_stays(&carried, "payments to the person are suspended");
    assert_eq!(disagreements(&place, |_| true), [""; 0]);
    paid_later(&place, &[]);
}

#[test]
fn a_payment_whose_payee_died_meanwhile_is_held() {
    let (place, _, carried) = after(|_| vec![PersonOrder::RecordDeath { person: who(0), on: date(2026, 7, 6) }.into()]);
    first_stays(&carried, "the person died");
    paid_later(&place, &[]);
}

#[test]
fn a_payment_whose_account_changed_before_it_was_instructed_goes_to_the_new_one_by_the_next_plan() {
    let (place, _, carried) = after(|_| vec![account(0, 99).into()]);
    first_stays(&carried, "the account of the payee changed: it is planned again");
    assert_eq!(carried.called_off, 0);
    paid_later(&place, &["2026-07-07 424.90"]); // late, and usable when it left
}

#[test]
fn a_payment_whose_account_changed_after_it_was_instructed_is_called_off_and_planned_again() {
    let (place, _, carried) =
        after(|planned| vec![instruct(planned.person, &planned.payment).into(), account(0, 99).into()]);
    first_stays(&carried, "it was called off on 2026-07-07");
    assert_eq!(carried.called_off, 1);
    paid_later(&place, &["2026-07-07 424.90"]); // late, and usable when it left
}

#[test]
fn a_payment_called_off_after_its_files_were_fixed_left_with_them_and_is_not_paid_again() {
    let place = Place::with(2);
    // The fourth append fixes the files: list, approval, instructions, files, and then what left.
    assert!(pay_day(&mut place.over(|inner| Stops::with(inner, 4)), &place.out()).is_err());
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let payment = business.world().person(who(0)).unwrap().payments[0].id;
    let cancel = PaymentOrder::Cancel { person: who(0), payment, reason: "by mistake".into() };
    business.submit(vec![command("cancel", date(2026, 7, 7), cancel)]).unwrap();
    drop(business);
    drop(desk);
    let (_, carried) = pay_day(&mut place.desk(), &place.out()).unwrap();
    assert_eq!((carried.left.len(), carried.problems), (2, Vec::new()));
    paid_later(&place, &["2026-07-07 424.90"]);
}

#[test]
fn a_payment_that_the_bank_answered_before_its_release_was_recorded_does_not_keep_a_run_open() {
    let (place, bank, rules) = (Place::with(2), bank(), rules());
    pay_day(&mut place.desk(), &place.out()).unwrap();
    let day = date(2026, 7, 8);
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let payment = business.world().person(who(0)).unwrap().payments[0].id;
    let back = |on| PaymentOrder::Return { person: who(0), payment, code: "3".into(), on };
    business.submit(vec![command("back", day, back(day)), command("account 99", day, account(0, 99))]).unwrap();
    drop(business);
    drop(desk);

    // It is sent again: list, approval, reissue, files, and no more.
    let mut desk = place.over(|inner| Stops::with(inner, 4));
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let listed = business.plan_run(day, None, "ann").unwrap().unwrap();
    business.approve_run(listed.run, listed.plan.digest(), "bob").unwrap();
    assert!(business.carry_out(listed.run, into(&place.out(), &bank)).is_err());
    drop(business);
    drop(desk);

    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    assert_eq!(business.unfinished().unwrap(), Some(listed.run));
    business.submit(vec![command("back again", date(2026, 7, 9), back(date(2026, 7, 9)))]).unwrap();
    assert_eq!(business.unfinished().unwrap(), None);
    let carried = business.carry_out(listed.run, into(&place.out(), &bank)).unwrap();
    assert_eq!(carried.problems, Vec::new());
}

#[test]
fn a_payment_beyond_what_its_channel_carries_stays_and_holds_nobody_else_up() {
    let place = Place::with(2);
    let (bank, rules) = (bank(), rules());
    let (mut desk, mut other) = (place.desk(), place.twin().desk());
    let listed = Business::open(&mut other, &rules).unwrap().plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    let mut large = listed.plan.pays.iter().find(|planned| planned.person == who(0)).unwrap().payment.clone();
    // 1,000,000.01: a penny more than a Faster Payment carries.
    (large.kind, large.amount) = (PaymentKind::Arrears, Amount::new(Money::from_pence(100_000_001)).unwrap());
    (large.payment, large.period) = (PaymentId(derived_uuid("arrears from elsewhere")), None);
    large.for_days = Days::new(date(2026, 1, 1), date(2026, 5, 31));
    large.lines.truncate(1);
    large.lines[0].amount = large.amount;
    let mut business = Business::open(&mut desk, &rules).unwrap();
    business.submit(vec![command("arrears", date(2026, 7, 2), instruct(who(0), &large))]).unwrap();
    let listed = business.plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    business.approve_run(listed.run, listed.plan.digest(), "bob").unwrap();
    let carried = business.carry_out(listed.run, into(&place.out(), &bank)).unwrap();
    let stayed: Vec<_> = carried.stayed.iter().map(|stayed| (stayed.payment, stayed.why.as_str())).collect();
    let why = "amount: 1000000.01 is more than the 1000000.00 that faster_payments carries in one payment";
    assert_eq!((carried.left.len(), stayed), (2, vec![(large.payment, why)]));
}

#[test]
fn a_list_that_would_not_be_made_any_more_is_not_approved_and_what_changed_is_said() {
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let listed = business.plan_run(PAY_DAY, Some(2), "ann").unwrap().unwrap();
    let digest = listed.plan.digest();
    business.approve_run(listed.run, digest, "bob").unwrap();
    let same = business.approve_run(listed.run, digest, "bob").unwrap_err().to_string();
    assert!(same.contains("bob approved run"), "{same}");
    let suspend = PaymentOrder::Suspend { person: who(0), ground: "doubt".into(), review_on: date(2026, 8, 1) };
    business
        .submit(
            vec![command("suspended", PAY_DAY, suspend)]
                .into_iter()
                .map(|command| ledger::Command { time: schemas::day::london_hour(PAY_DAY, 19), ..command })
                .collect(),
        )
        .unwrap();
    let stale = business.approve_run(listed.run, digest, "cal").unwrap_err().to_string();
    assert!(stale.contains("is not what would be planned now"), "{stale}");
    // 424.90: the standard allowance of one person of 25 or over in 2026/27 (SI 2026/148), due seven days after June.
    let gone = format!("\n  the award of 424.90 to person {} for 2026-07-07 is not to be paid any more", who(0));
    assert!(stale.ends_with(&gone), "{stale}");
}

#[test]
fn nothing_is_paid_in_an_evening_while_a_list_waits_for_people_and_everything_once_they_gave_it_up() {
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let listed = business.plan_run(PAY_DAY, Some(2), "ann").unwrap().unwrap();
    for day in [PAY_DAY, date(2026, 7, 7)] {
        let evening = business.evening(day).unwrap();
        let [(what, why)] = &evening.problems[..] else { unreachable!("{:?}", evening.problems) };
        assert_eq!(*what, format!("run {}", listed.run));
        assert!(why.contains("until then nothing is paid here"), "{why}");
        assert_eq!(evening.paid, []);
    }
    business.abandon_run(listed.run, "nobody is there to approve it", "ann").unwrap();
    assert_eq!(business.evening(date(2026, 7, 8)).unwrap().paid.len(), 2);
}

#[test]
fn deciding_without_paying_leaves_what_is_due_to_be_planned_by_people() {
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let evening = business.decided_evening(PAY_DAY).unwrap();
    assert_eq!((evening.problems, evening.paid), (Vec::new(), Vec::new()));
    assert_eq!(business.plan_run(PAY_DAY, None, "ann").unwrap().unwrap().plan.pays.len(), 2);
}

#[test]
fn what_somebody_ordered_for_an_account_that_changed_since_is_called_off_and_said_because_no_plan_has_it_again() {
    let place = Place::with(2);
    let (mut desk, rules) = (place.desk(), rules());
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let (grant, day) = (place_grant(&place), PAY_DAY);
    business
        .submit(vec![command("grant", day, instruct(who(0), &grant)), command("moved", day, account(0, 99))])
        .unwrap();
    let evening = business.evening(day).unwrap();
    assert_eq!(evening.paid.len(), 2, "both awards");
    let [(whose, why)] = &evening.problems[..] else { unreachable!("{:?}", evening.problems) };
    assert_eq!(*whose, format!("person {}", who(0)));
    assert!(why.contains("the crisis_grant of 50.00 ordered for") && why.contains("order it again"), "{why}");
}

/// A crisis grant of 50.00 into the account that the first of the two has.
fn place_grant(place: &Place) -> PaymentInstructed {
    let (mut desk, rules) = (place.twin().desk(), rules());
    let listed = Business::open(&mut desk, &rules).unwrap().plan_run(PAY_DAY, None, "ann").unwrap().unwrap();
    let mut grant = listed.plan.pays.into_iter().find(|planned| planned.person == who(0)).unwrap().payment;
    (grant.kind, grant.amount) = (PaymentKind::CrisisGrant, Amount::new(Money::from_pence(5_000)).unwrap());
    (grant.payment, grant.claim, grant.period) = (PaymentId(derived_uuid("grant")), None, None);
    grant.lines.truncate(1);
    grant.lines[0].amount = grant.amount;
    grant
}
