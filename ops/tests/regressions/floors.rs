//! Who carries whose floor, how high it is, and for which days the ledger answers.

use jiff::civil::date;
use ops::cli::FloorArgs;
use ops::commands::floor;
use projections::floor::Days;
use projections::means::means;
use simulator::compare::{Side, compare};

use crate::told::{Told, alone, child, usable};

#[test]
fn a_child_whose_recorded_carer_is_outside_the_claim_stops_nobody() {
    let carer = "  - {day: 2026-06-10, do: record_person_fact, person: $kit, fact: {key: carer, value: $bob}}\n";
    let steps = alone("ann", "2026-06-01") + &child("kit", "ann-claim", "2026-06-01");
    let steps = steps + &alone("bob", "2026-06-01") + &alone("cal", "2026-06-01") + carer;
    let mut told = Told::under("current-law-guaranteed", &steps);
    let until = date(2026, 6, 20);
    told.until(until);
    // Cal waits until 7 July: 14 days at 12.00 from 1 June, and again from the 15th.
    let topped_up = ["2026-06-01 168.00", "2026-06-15 168.00"];
    told.check_paid("cal", &topped_up);
    for name in ["ann", "bob", "cal", "kit"] {
        told.check_floor(name, (date(2026, 6, 1), until), (0, "0.00"));
    }
    let all = FloorArgs {
        person: None,
        all: true,
        case: None,
        from: None,
        to: Some(until),
        rules: "current-law".into(),
        as_known: None,
    };
    floor::run(&told.global(), &all).unwrap();
    let again = told.replayed(&told.rules, until);
    assert_eq!(usable(&again.world, told.id("cal")), topped_up);
    let terms = told.rules.law.terms(until);
    let side = Side { world: &again.world, floor: &told.rules.floor, terms };
    let compared = compare(&side, &side, until).unwrap();
    let below: Vec<i64> = compared.rows.iter().map(|row| row.alternative.breach_days).collect();
    assert_eq!(below, [0; 4]);
}

#[test]
fn the_carer_of_a_child_follows_the_household_when_the_first_adult_leaves() {
    let steps = "  - {day: 2026-07-10, do: leave_claim, claim: $joint, person: $ann}\n";
    let household = crate::told::couple("2026-05-01") + &child("kit", "joint", "2026-05-01");
    let mut told = Told::new(&(household + steps));
    told.until(date(2026, 7, 10));
    let kit = told.id("kit");
    let terms = told.rules.law.terms(date(2026, 7, 10));
    let means = means(kit, &told.world.around(kit), &told.rules.floor, &terms).unwrap().unwrap();
    let carer = &means.ledger.people().iter().find(|member| member.person == kit).unwrap().carer;
    assert_eq!(*carer.at(date(2026, 7, 9)), Some(told.id("ann")));
    assert_eq!(*carer.at(date(2026, 7, 10)), Some(told.id("bob")));
}

#[test]
fn days_between_two_claims_stay_unknown_whatever_pay_is_reported_later() {
    let steps = "  - {day: 2026-07-01, do: close_claim, claim: $ann-claim, reason: moved}
  - {day: 2026-10-01, do: make_claim, claim: $next-claim, benefit: uk-universal-credit, claimants: [$ann]}
  - {day: 2026-11-10, do: report_earnings, person: $ann, paid_on: 2026-11-10, gross: 100.00, tax: 0.00, national_insurance: 0.00,
     pension: 0.00, frequency: monthly, next_due: 2026-12-10}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 11, 10));
    let ann = told.id("ann");
    let terms = told.rules.law.terms(date(2026, 11, 10));
    let means = means(ann, &told.world.around(ann), &told.rules.floor, &terms).unwrap().unwrap();
    let days = Days::new(date(2026, 5, 1), date(2026, 11, 10)).unwrap();
    let judged: Vec<Days> = means.scope.judged(days).collect();
    let span = |from, to| Days::new(from, to).unwrap();
    assert_eq!(judged, [span(date(2026, 5, 1), date(2026, 6, 30)), span(date(2026, 10, 1), date(2026, 11, 10))]);
}

#[test]
fn the_25th_birthday_of_one_partner_raises_the_floor_of_both_with_the_first_payment_at_the_new_rate() {
    // Bob is 25 on 15 August: August's award, due on 7 September, is the first at 666.97 (SI 2013/376 reg. 36). Nothing
    // is paid to either, so that each is short of the whole floor: a half of a month's amount over 31 days.
    let steps = "  - {day: 2026-05-01, do: register_person, person: $ann, birth_date: 2004-01-01}
  - {day: 2026-05-01, do: register_person, person: $bob, birth_date: 2001-08-15}
  - {day: 2026-05-01, do: make_claim, claim: $joint, benefit: uk-universal-credit, claimants: [$ann, $bob]}
  - {day: 2026-05-01, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-01}
  - {day: 2026-05-01, do: suspend_payments, person: $bob, ground: doubt, review_on: 2026-08-01}\n";
    let mut told = Told::new(steps);
    told.until(date(2026, 11, 7));
    told.rules.floor = crate::told::floor_named("rung2-standard-allowance");
    let awards: Vec<_> = told.claim("joint").determined.iter().map(|made| made.award.to_string()).collect();
    assert_eq!(awards, ["528.34", "528.34", "528.34", "666.97", "666.97", "666.97"]);
    for name in ["ann", "bob"] {
        // Twice 31 days of a half are a whole month's amount.
        told.check_floor(name, (date(2026, 7, 7), date(2026, 9, 6)), (62, "528.34"));
        told.check_floor(name, (date(2026, 9, 7), date(2026, 11, 7)), (62, "666.97"));
    }
}
