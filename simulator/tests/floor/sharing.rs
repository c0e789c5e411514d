//! Several people: who lives off which purse, worked by hand, and the sharing views held against the interval form.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use projections::floor::{self, FloorAmount, Gaps, Purposes};
use proptest::prelude::*;
use proptest::sample::select;
use simulator::dayloop::{
    Account, DaySpan, FloorStep, HeldCredit, Household, Person, PurseDay, Sharing, Source, Units, View,
    household_day_by_day,
};

use crate::build::{UNEXPIRING, WITH_OUTFLOWS, award, flat, one_off, outflow};
use crate::generate::homes::{Home, homes};
use crate::interval_form::lens;
use crate::translate;

const SEPARATED_ON: Date = date(2026, 8, 10);
const A: usize = 0;
const B: usize = 1;

#[test]
fn row_5_strict_counts_what_pooling_hides_and_purpose_cures() {
    let payment = |pence| award(date(2026, 8, 7), pence, date(2026, 9, 7));
    let to_a = |credit, payee| HeldCredit { credit, account: Account::Sole(A), payee };
    let couple = Household {
        people: vec![partner(Some(1)), partner(Some(1))],
        credits: vec![to_a(payment(333_48), A), to_a(payment(333_49), B)],
    };
    check(&couple, Sharing::Strict, B, 40, 471_00);
    check(&couple, Sharing::Purpose, B, 12, 137_51);
    // Pooled until the separation; from then on the lots stay with A's account.
    check(&couple, Sharing::Pooled, B, 37, 444_00);
}

/// In a couple's unit at 9.00 a day up to the separation, and single at 12.00 from then on.
fn partner(unit: Option<u32>) -> Person {
    let step = |from, pence| FloorStep { from, a_day: Units::pence(pence) };
    Person {
        floor: vec![step(date(2026, 1, 1), 9_00), step(SEPARATED_ON, 12_00)],
        unit: vec![(date(2026, 1, 1), unit), (SEPARATED_ON, None)],
        ..Person::default()
    }
}

/// Row 5's days, for the purse of one person.
#[track_caller]
fn check(household: &Household, sharing: Sharing, person: usize, breach_days: usize, pence: u64) {
    let lived = live(household, sharing, View::TEST, (date(2026, 8, 7), date(2026, 9, 15)));
    let short: Vec<_> = lived.iter().filter(|day| day.people.contains(&person) && day.gap > Units::ZERO).collect();
    let shortfall: Units = short.iter().map(|day| day.gap).sum();
    assert_eq!((short.len(), shortfall), (breach_days, Units::pence(pence)), "{sharing:?}");
}

fn live(household: &Household, sharing: Sharing, view: View, (first, last): (Date, Date)) -> Vec<PurseDay> {
    household_day_by_day(household, sharing, view, DaySpan { first, last })
}

#[test]
fn a_child_lives_off_the_purse_of_the_days_carer() {
    let monday = date(2026, 6, 1);
    let parent = || Person { floor: flat(Units::pence(12_00)), ..Person::default() };
    let child = Person {
        floor: flat(Units::pence(6_00)),
        carer: vec![(monday, Some(A)), (date(2026, 6, 2), Some(B)), (date(2026, 6, 3), None)],
        ..Person::default()
    };
    let money = HeldCredit { credit: one_off(monday, 28_00, Source::Award), account: Account::Sole(A), payee: A };
    let family = Household { people: vec![parent(), parent(), child], credits: vec![money] };
    let days = live(&family, Sharing::Strict, View::TEST, (monday, date(2026, 6, 3)));
    let found: Vec<(Vec<usize>, u128)> = days.into_iter().map(|day| (day.people, day.gap.0 / 434)).collect();
    let first = [(vec![A, 2], 0), (vec![B], 12_00)]; // 28.00 - 12.00 - 6.00 leaves 10.00
    let second = [(vec![A], 2_00), (vec![B, 2], 18_00)];
    let third = [(vec![A], 12_00), (vec![B], 12_00), (vec![2], 6_00)];
    assert_eq!(found, [first.as_slice(), second.as_slice(), third.as_slice()].concat());
}

#[test]
fn a_joint_account_is_half_each_to_half_a_penny() {
    let day = date(2026, 6, 1);
    let one_penny = HeldCredit { credit: one_off(day, 1, Source::Award), account: Account::Joint(A, B), payee: A };
    let a_penny_each = Person { floor: flat(Units::pence(1)), ..Person::default() };
    let two = Household { people: vec![a_penny_each.clone(), a_penny_each], credits: vec![one_penny] };
    let gaps = |sharing| live(&two, sharing, View::TEST, (day, day)).iter().map(|day| day.gap.0).collect::<Vec<_>>();
    assert_eq!((gaps(Sharing::Strict), gaps(Sharing::Purpose)), (vec![217, 217], vec![0, 434]));
}

#[test]
fn a_unit_pays_the_outflows_of_all_its_people() {
    let day = date(2026, 6, 1);
    let unit = vec![(day, Some(7))];
    let payer = Person { outflows: vec![outflow(day, 30_00)], unit: unit.clone(), ..Person::default() };
    let earner = Person { unit, ..Person::default() };
    let wage = HeldCredit { credit: one_off(day, 20_00, Source::Wage), account: Account::Sole(B), payee: B };
    let both = Household { people: vec![payer, earner], credits: vec![wage] };
    let unmet = |sharing| {
        let purses = live(&both, sharing, WITH_OUTFLOWS, (day, day)).into_iter();
        purses.map(|day| day.unmet_outflow.0 / 434).collect::<Vec<_>>()
    };
    assert_eq!((unmet(Sharing::Strict), unmet(Sharing::Pooled)), (vec![30_00, 0], vec![10_00]));
}

#[test]
fn where_nothing_expires_the_lot_that_would_have_expired_first_is_still_spent_first() {
    // A's arrears are older and outlast B's wage. Pooled on 1 and 2 June, apart from the 3rd on.
    let paid_for = Source::Arrears { first: date(2026, 1, 1), last: date(2026, 3, 31) };
    let held = |usable, pence, source, holder| HeldCredit {
        credit: one_off(usable, pence, source),
        account: Account::Sole(holder),
        payee: holder,
    };
    let unit = vec![(date(2026, 5, 1), Some(1)), (date(2026, 6, 3), None)];
    let member = Person { floor: flat(Units::pence(10_00)), unit, ..Person::default() };
    let two = Household {
        people: vec![member.clone(), member],
        credits: vec![held(date(2026, 6, 1), 50_00, paid_for, A), held(date(2026, 6, 1), 50_00, Source::Wage, B)],
    };
    // B's wage of 50.00 goes first: 40.00 by 2 June, so that on 3 June B has 10.00 and on 4 June nothing.
    for view in [View::TEST, UNEXPIRING] {
        let days = live(&two, Sharing::Pooled, view, (date(2026, 6, 3), date(2026, 6, 7)));
        let gap = |who: usize| days.iter().filter(move |day| day.people == [who]).map(|day| day.gap.0 / 434);
        assert_eq!(gap(A).collect::<Vec<_>>(), [0, 0, 0, 0, 0]);
        assert_eq!(gap(B).collect::<Vec<_>>(), [0, 10_00, 10_00, 10_00, 10_00]);
    }
}

proptest! {
    #[test]
    fn every_purse_of_every_sharing_view_misses_the_same_on_every_day_in_both_forms(
        home in homes(),
        view in select(View::all()),
        sharing in select(Sharing::ALL.to_vec()),
    ) {
        let days = home.scene.days;
        let everyone = floor::judge_everyone(&home.ledger(), theirs(view, sharing), Purposes::USUAL, days);
        let lived = live(&translate::household(&home), sharing, view, (days.from(), days.to()));
        for purse in &lived {
            let on = |who: &usize| everyone.get(*who).and_then(|gaps| gaps.on(purse.day));
            let shares: Vec<u128> = purse.people.iter().map(|who| on(who).map_or(0, amount)).collect();
            prop_assert_eq!(shares.iter().sum::<u128>(), purse.gap.0, "{:?}", purse);
            for (share, who) in shares.iter().zip(&purse.people) {
                prop_assert!(is_in_proportion(*share, floor_on(&home, *who, purse.day), purse), "{:?}", purse);
            }
        }
        prop_assert_eq!(unmet(&everyone), unmet_by_day(&lived));
    }
}

fn floor_on(home: &Home, who: usize, day: Date) -> FloorAmount {
    home.people.get(who).map_or(FloorAmount::ZERO, |resident| *resident.floor.timeline(|amount| amount).at(day))
}

fn theirs(view: View, sharing: Sharing) -> floor::View {
    let lens = lens(view);
    floor::View {
        sharing: match sharing {
            Sharing::Strict => floor::Sharing::Strict,
            Sharing::Purpose => floor::Sharing::Purpose,
            Sharing::Pooled => floor::Sharing::Pooled,
        },
        expiry: lens.expiry,
        loans: lens.loans,
        outflows: lens.outflows,
    }
}

/// Within one unit of `gap * floor / floors`, which says nothing about who bears the odd unit.
fn is_in_proportion(share: u128, floor: FloorAmount, purse: &PurseDay) -> bool {
    let (share, exact) = (share * purse.floor.0, purse.gap.0 * amount(floor));
    share.abs_diff(exact) < purse.floor.0.max(1)
}

fn amount(amount: FloorAmount) -> u128 {
    amount.units().unsigned_abs().into()
}

fn unmet(everyone: &[Gaps]) -> BTreeMap<Date, u128> {
    let mut by_day = BTreeMap::new();
    for unmet in everyone.iter().flat_map(|gaps| &gaps.unmet) {
        *by_day.entry(unmet.on).or_insert(0) += amount(unmet.amount);
    }
    by_day
}

fn unmet_by_day(lived: &[PurseDay]) -> BTreeMap<Date, u128> {
    let mut by_day = BTreeMap::new();
    for purse in lived.iter().filter(|purse| purse.unmet_outflow > Units::ZERO) {
        *by_day.entry(purse.day).or_insert(0) += purse.unmet_outflow.0;
    }
    by_day
}
