use super::*;
use crate::floor::credit::{CreditKind, Purpose, Series};
use jiff::civil::date;
use schemas::Money;

fn person(number: u128) -> PersonId {
    format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
}

fn daily(pence: i64) -> FloorAmount {
    FloorAmount::of(Money::from_pence(pence))
}

fn adult(number: u128, pence_a_day: i64) -> Member {
    Member {
        person: person(number),
        floor: Timeline::always(daily(pence_a_day)),
        outflows: Vec::new(),
        unit: Timeline::always(None),
        carer: Timeline::always(None),
    }
}

fn award(pence: i64, on: Date, next: Date, settled: Account, payee: u128) -> TaggedCredit {
    let credit = Credit {
        usable: on,
        amount: Money::from_pence(pence),
        kind: CreditKind::Award,
        purpose: Purpose::StandardAllowance,
        series: Some(Series(1)),
        next_due: Some(next),
        pays_for: None,
        position: 0,
        counts: None,
    };
    TaggedCredit { credit, settled, payee: person(payee) }
}

fn days(from: Date, to: Date) -> Days {
    Days::new(from, to).unwrap()
}

/// Breach days, shortfall in pence, and the first and last day.
fn found(gaps: &Gaps) -> Option<(i64, i64, Date, Date)> {
    let spans = gaps.spans();
    let (first, last) = (spans.first()?, spans.last()?);
    Some((gaps.breach_days(), gaps.shortfall().shown().pence(), first.days.from(), last.days.to()))
}

/// A couple who part on 10 August; all of their 666.97 of 7 August went into A's account. B is judged.
fn separated(split: bool) -> PersonLedger {
    let mut people = vec![adult(1, 900), adult(2, 900)];
    for member in &mut people {
        member.unit = Timeline::always(Some(UnitId(7)));
        member.unit.set_from(date(2026, 8, 10), None);
        member.floor.set_from(date(2026, 8, 10), daily(1_200));
    }
    let account = |payee| Account::Sole(person(if split { payee } else { 1 }));
    let (due, next) = (date(2026, 8, 7), date(2026, 9, 7));
    let credits = vec![
        award(33_348, due, next, account(1), 1),
        award(33_349, due, next, account(2), 2),
        award(42_490, date(2026, 9, 16), date(2026, 10, 16), Account::Sole(person(2)), 2),
    ];
    PersonLedger::new(person(2), people, credits).unwrap()
}

#[test]
fn scenario_5a_money_in_the_other_account_is_a_breach_that_pooling_hides_until_the_couple_part() {
    let ledger = separated(false);
    let span = days(date(2026, 8, 7), date(2026, 9, 30));
    let views = Sharings::of(&ledger, View::default(), Purposes::USUAL, span);
    assert_eq!(found(&views.strict), Some((40, 47_100, date(2026, 8, 7), date(2026, 9, 15))));
    // 7 to 9 August at 9.00 a day; from the 10th the money stays with the account that received it.
    assert_eq!(found(&views.hidden()), Some((3, 2_700, date(2026, 8, 7), date(2026, 8, 9))));
    // With the payee rule followed B would have had 333.49, so 7 August to 3 September were misdirected.
    assert_eq!(found(&views.purpose), Some((12, 13_751, date(2026, 9, 4), date(2026, 9, 15))));
    assert_eq!(found(&views.misdirected()), Some((28, 32_700, date(2026, 8, 7), date(2026, 9, 3))));
}

#[test]
fn scenario_5b_split_payment_leaves_twelve_days_from_4_september() {
    let span = days(date(2026, 8, 7), date(2026, 9, 30));
    let strict = judge(&separated(true), View::default(), Purposes::USUAL, span);
    assert_eq!(found(&strict), Some((12, 13_751, date(2026, 9, 4), date(2026, 9, 15))));
}

#[test]
fn a_joint_account_gives_half_to_each_holder() {
    let (due, next) = (date(2026, 6, 1), date(2026, 7, 1));
    let credits = vec![award(60_001, due, next, Account::Joint(person(1), person(2)), 1)];
    let ledger = PersonLedger::new(person(2), vec![adult(1, 1_200), adult(2, 1_200)], credits).unwrap();
    let both = judge_everyone(&ledger, View::default(), Purposes::USUAL, days(due, date(2026, 6, 30)));
    // 300.00 and half a penny each: 25 days, and on the 26th all but half a penny of 12.00 is missing.
    for gaps in &both {
        assert_eq!(gaps.on(date(2026, 6, 25)), None);
        assert_eq!(gaps.on(date(2026, 6, 26)).unwrap().units(), 1_200 * 434 - 217);
        assert_eq!(gaps.breach_days(), 5);
    }
}

/// A carer on 12.00 a day and a child on 6.00, with `pence` on 1 June; the other parent has 12.00 and plenty of money.
fn family(pence: i64, carer: Timeline<Option<PersonId>>) -> PersonLedger {
    let child = Member { carer, ..adult(3, 600) };
    let (due, next) = (date(2026, 6, 1), date(2026, 7, 2));
    let credits = vec![
        award(pence, due, next, Account::Sole(person(1)), 1),
        award(1_000_000, due, next, Account::Sole(person(2)), 2),
    ];
    PersonLedger::new(person(3), vec![adult(1, 1_200), adult(2, 1_200), child], credits).unwrap()
}

#[test]
fn a_carers_shortfall_is_shared_in_proportion_to_floors_and_each_such_day_counts_for_the_child() {
    let ledger = family(18_900, Timeline::always(Some(person(1))));
    let gaps = judge_everyone(&ledger, View::default(), Purposes::USUAL, days(date(2026, 6, 1), date(2026, 6, 12)));
    // 189.00 is ten days of 18.00 and half of the eleventh: 9.00 missing there, 18.00 on the twelfth.
    assert_eq!(found(&gaps[0]), Some((2, 1_800, date(2026, 6, 11), date(2026, 6, 12))));
    assert_eq!(found(&gaps[1]), None);
    assert_eq!(found(&gaps[2]), Some((2, 900, date(2026, 6, 11), date(2026, 6, 12))));
    assert_eq!(gaps[2].on(date(2026, 6, 11)).unwrap().shown().pence(), 300);
}

#[test]
fn in_shared_care_the_carer_of_the_day_carries_the_childs_whole_floor() {
    let mut carer = Timeline::always(Some(person(1)));
    carer.set_between(date(2026, 6, 3), date(2026, 6, 4), Some(person(2)));
    let ledger = family(6_600, carer);
    let gaps = judge_everyone(&ledger, View::default(), Purposes::USUAL, days(date(2026, 6, 1), date(2026, 6, 6)));
    // 66.00: 18 + 18 on the 1st and 2nd, 12 + 12 on the 3rd and 4th, 6 left of 18 on the 5th, none on the 6th.
    assert_eq!(found(&gaps[0]), Some((2, 2_000, date(2026, 6, 5), date(2026, 6, 6))));
    assert_eq!(found(&gaps[2]), Some((2, 1_000, date(2026, 6, 5), date(2026, 6, 6))));
}

#[test]
fn the_units_of_a_shared_gap_are_handed_out_by_largest_remainder_and_none_is_lost() {
    let mut people = vec![adult(1, 100), adult(2, 100), adult(3, 100)];
    people.iter_mut().for_each(|member| member.unit = Timeline::always(Some(UnitId(1))));
    let ledger = PersonLedger::new(person(1), people, Vec::new()).unwrap();
    let view = View { sharing: Sharing::Pooled, ..View::default() };
    let mut ledger = ledger;
    // A penny for three leaves 3 x 43,400 - 434 = 129,766 units missing: 43,255 each and one over, to the first.
    ledger.credits.push(award(1, date(2026, 6, 1), date(2026, 7, 1), Account::Sole(person(2)), 2));
    let gaps = judge_everyone(&ledger, view, Purposes::USUAL, Days::one(date(2026, 6, 1)));
    assert_eq!(gaps.iter().map(|g| g.shortfall().units()).collect::<Vec<_>>(), [43_256, 43_255, 43_255]);
}

#[test]
fn an_advance_avoids_a_breach_only_in_the_view_with_debt_which_states_the_debt() {
    let mut advance = award(42_490, date(2026, 6, 3), date(2026, 7, 7), Account::Sole(person(1)), 1);
    advance.credit.kind = CreditKind::Advance;
    let first = award(42_490, date(2026, 7, 7), date(2026, 8, 7), Account::Sole(person(1)), 1);
    let ledger = PersonLedger::new(person(1), vec![adult(1, 1_200)], vec![advance, first]).unwrap();
    let span = days(date(2026, 6, 1), date(2026, 8, 6));
    let by = |loans| judge(&ledger, View { loans, ..View::default() }, Purposes::USUAL, span);
    assert_eq!(found(&by(Loans::Hard)), Some((36, 43_200, date(2026, 6, 1), date(2026, 7, 6))));
    assert_eq!(found(&by(Loans::WithDebt)), Some((2, 2_400, date(2026, 6, 1), date(2026, 6, 2))));
    assert_eq!(ledger.debt_until(span.to()).shown().pence(), 42_490);
    assert_eq!(ledger.debt_until(date(2026, 6, 2)), FloorAmount::ZERO);
}

#[test]
fn what_expires_stays_in_the_unexpiring_view_and_capital_never_expires() {
    let pay = award(100_000, date(2026, 6, 1), date(2026, 7, 2), Account::Sole(person(1)), 1);
    let mut savings = award(2_400, date(2026, 6, 1), date(2026, 7, 2), Account::Sole(person(1)), 1);
    savings.credit = Credit { kind: CreditKind::Capital, series: None, next_due: None, ..savings.credit };
    let ledger = PersonLedger::new(person(1), vec![adult(1, 1_200)], vec![pay, savings]).unwrap();
    let by = |expiry| {
        let span = days(date(2026, 6, 1), date(2026, 9, 30));
        found(&judge(&ledger, View { expiry, ..View::default() }, Purposes::USUAL, span)).unwrap()
    };
    // 122 days. 31 days' life; or 1,000.00 = 83 days and 4.00; or 31 days and then 24.00 = two days more.
    assert_eq!(by(Expiry::Expiring), (91, 109_200, date(2026, 7, 2), date(2026, 9, 30)));
    assert_eq!(by(Expiry::Unexpiring), (39, 46_400, date(2026, 8, 23), date(2026, 9, 30)));
    assert_eq!(by(Expiry::WithCapital), (89, 106_800, date(2026, 7, 4), date(2026, 9, 30)));
}

#[test]
fn where_nothing_expires_the_credit_that_would_have_expired_first_is_still_spent_first() {
    // The arrears last 90 days and come first in the stream; the wage of the same day lasts 31.
    let usable = date(2026, 6, 1);
    let held = |kind, pays_for, position, holder| {
        let award = award(5_000, usable, usable, Account::Sole(person(holder)), holder);
        TaggedCredit {
            credit: Credit { kind, series: None, next_due: None, pays_for, position, ..award.credit },
            ..award
        }
    };
    let credits = vec![
        held(CreditKind::Arrears, Some(days(date(2026, 1, 1), date(2026, 3, 31))), 1, 1),
        held(CreditKind::Wage, None, 2, 2),
    ];
    let mut people = vec![adult(1, 1_000), adult(2, 1_000)];
    for member in &mut people {
        member.unit = Timeline::always(Some(UnitId(1)));
        member.unit.set_from(date(2026, 6, 3), None);
    }
    let ledger = PersonLedger::new(person(2), people, credits).unwrap();
    // 1 and 2 June take 40.00 of B's wage. Apart, B has 10.00 for the 3rd and then nothing, and A 50.00 for five days.
    for expiry in [Expiry::Expiring, Expiry::Unexpiring] {
        let view = View { sharing: Sharing::Pooled, expiry, ..View::default() };
        let gaps = judge_everyone(&ledger, view, Purposes::USUAL, days(date(2026, 6, 3), date(2026, 6, 7)));
        let short = days(date(2026, 6, 4), date(2026, 6, 7)).each().map(|day| (day, daily(1_000)));
        assert_eq!(gaps, [Gaps::default(), short.collect()], "{expiry:?}");
    }
}

#[test]
fn a_ledger_without_a_named_carer_is_refused() {
    let child = Member { carer: Timeline::always(Some(person(9))), ..adult(3, 600) };
    assert_eq!(PersonLedger::new(person(3), vec![child], Vec::new()), Err(LedgerError::Missing(person(9))));
    let twice = vec![adult(1, 600), adult(1, 600)];
    assert_eq!(PersonLedger::new(person(1), twice, Vec::new()), Err(LedgerError::Twice(person(1))));
}
