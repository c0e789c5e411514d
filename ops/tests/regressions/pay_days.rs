//! Pay days through the ledger: weekends and bank holidays, parts, accounts. 7 June 2026 is a Sunday.

use jiff::civil::date;
use projections::floor::Days;
use projections::floor::cause::{Cause, CauseSet};
use projections::floor::file::FloorFile;
use projections::payments::notes;
use schemas::events::Channel;
use simulator::why::why;

use crate::told::{Told, sanction, usable};

/// Somebody of over 25 who claims on a day alone, with more that is recorded of them that day.
fn alone(day: &str, facts: &str) -> String {
    let facts: String = facts
        .lines()
        .map(|fact| format!("  - {{day: {day}, do: record_person_fact, person: $ann, fact: {{{fact}}}}}\n"))
        .collect();
    format!(
        "  - {{day: {day}, do: register_person, person: $ann, birth_date: 1990-01-01}}
{facts}  - {{day: {day}, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}}
"
    )
}

#[test]
fn a_day_below_the_floor_that_a_weekend_made_is_because_of_the_calendar_and_history_says_how_the_day_moved() {
    let mut told = Told::new(&alone("2026-05-01", ""));
    told.until(date(2026, 7, 8));
    told.check_paid("ann", &["2026-06-05 424.90", "2026-07-07 424.90"]);
    let ann = told.person("ann");
    assert_eq!(notes(&ann.payments[0], ann, None), ["due Sunday 7 June 2026: paid Friday 5 June 2026"]);
    assert!(notes(&ann.payments[1], ann, None).is_empty());
    // 95.00 a week are 434.28 for the 32 days from 5 June to 6 July, and 407.14 for the 30 days from 7 June.
    told.rules.floor = FloorFile::read(
        "{name: test, rung: {number: 2, name: test}, mode: measure, month_to_day: by_31, tranche_days: 14, source: test,
          figures: {single_25_or_over: [{from: 2013-04-29, per_week: 95.00}], single_under_25: not_available,
                    couple_each_adult: not_available, couple_each_adult_under_25: not_available, child: not_available}}",
    )
    .unwrap();
    let days = Days::new(date(2026, 6, 7), date(2026, 7, 7)).unwrap();
    let found = why(told.id("ann"), &told.history(), told.rules.regime(), days).unwrap();
    let [caused] = &found[..] else { unreachable!("one cause: {found:?}") };
    assert_eq!(caused.days, Days::new(date(2026, 7, 6), date(2026, 7, 6)).unwrap());
    assert!(caused.finding.alone.has(Cause::Calendar), "{found:?}");
    assert_eq!(caused.finding.counted_under(), CauseSet::of(&[Cause::Calendar]));
}

#[test]
fn each_of_a_couple_is_paid_by_the_calendar_of_their_own_nation() {
    // The period to 8 June is due on Monday 15 June, a bank holiday in Scotland.
    let mut told = Told::new(
        "  - {day: 2026-05-09, do: register_person, person: $ann, birth_date: 1990-01-01}
  - {day: 2026-05-09, do: register_person, person: $bob, birth_date: 1991-01-01}
  - {day: 2026-05-09, do: record_person_fact, person: $bob, fact: {key: nation, value: scotland}}
  - {day: 2026-05-09, do: make_claim, claim: $joint, benefit: uk-universal-credit, claimants: [$ann, $bob]}\n",
    );
    told.until(date(2026, 6, 20));
    told.check_paid("ann", &["2026-06-15 333.48"]);
    told.check_paid("bob", &["2026-06-12 333.49"]);
    let bob = told.person("bob");
    let said = "due Monday 15 June 2026 (Scotland at the World Cup): paid Friday 12 June 2026";
    assert_eq!(notes(&bob.payments[0], bob, None), [said]);
    let again = told.replayed(&told.rules, date(2026, 6, 20)).world;
    for name in ["ann", "bob"] {
        assert_eq!(usable(&again, told.id(name)), usable(&told.world, told.id(name)));
    }
}

#[test]
fn a_sanction_cancelled_between_two_parts_is_made_good_by_arrears_of_the_first_and_a_larger_second() {
    // Ten days at 13.90 leave 285.90 of June: 142.95 on 7 July. Cancelled on 10 July: half of 424.90 was due, so that 69.50
    // are arrears the next day, and 212.45 come on 22 July.
    let facts = "key: pay_calendar, value: exact_day\nkey: paid_every, value: twice_monthly";
    let cancelled = "  - {day: 2026-07-10, do: cancel_sanction, person: $ann, sanction: $whole,
       authority: {instrument: SI 2013/381, provision: reg. 14, confidence: single_source}}\n";
    let imposed = sanction("ann", "whole", "2026-06-01", "2026-06-01", 10, "full");
    let mut told = Told::new(&(alone("2026-06-01", facts) + &imposed + cancelled));
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-07-07 142.95", "2026-07-11 69.50", "2026-07-22 212.45"]);
    told.check_overpaid(&[]);
}

#[test]
fn bacs_leaves_in_time_and_the_account_stands_in_the_instruction() {
    let account =
        "  - {day: 2026-06-01, do: record_account, person: $ann, number: \"08-99-99 66374958\", holders: [$ann]}\n";
    let mut told = Told::new(&(alone("2026-06-01", "key: paid_by, value: bacs") + account));
    told.until(date(2026, 7, 8));
    // Due on Tuesday 7 July: input on Friday 3 July.
    let payment = &told.person("ann").payments[0];
    assert_eq!((payment.channel, payment.ordered_for), (Channel::Bacs, date(2026, 7, 3)));
    assert!(payment.account.is_some());
    told.check_paid("ann", &["2026-07-07 424.90"]);
}
