//! The maximum amount, stated a second time (WRA 2012 s. 8(2), SI 2013/376 regs. 23 to 37), but for housing and childcare.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::household::{Adult, Child, Household, Lcwra};
use super::rates::rate;

/// The two-child limit came in with the one day and ended with the other, by the first day of a period.
const LIMIT: (Date, Date) = (date(2017, 4, 6), date(2026, 4, 6));

/// Age in years on a day; who was born on 29 February is a year older on 1 March where there is no such day.
pub fn age(born: Date, on: Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i16::from(!had_birthday)
}

/// Reg. 36 with the increases of 2020 and 2021, which went by the last day of a period.
pub fn standard_allowance(of: &Household) -> i64 {
    let (first, last) = (of.period.first(), of.period.last());
    let of_25 = of.adults.iter().any(|adult| age(of.day(adult.age), last) >= 25);
    let row = match (of.is_couple(), of_25) {
        (false, false) => "single_under_25",
        (false, true) => "single_25_or_over",
        (true, false) => "joint_both_under_25",
        (true, true) => "joint_either_25_or_over",
    };
    let with = |day| rate(&format!("standard_allowance.{row}"), &[], day);
    let without = |day| rate(&format!("standard_allowance_without_20_pound_uplift.{row}"), &[], day);
    if last < date(2020, 4, 6) {
        with(first)
    } else if last < date(2021, 4, 6) {
        with(date(2020, 4, 6))
    } else if last < date(2021, 10, 6) {
        without(first) + 8_667
    } else if first < date(2021, 10, 6) {
        without(first)
    } else {
        with(first)
    }
}

/// For each child (regs. 24 to 24B); the first child's amount as SI 2014/1230 reg. 43 saves it.
pub fn child_amounts(of: &Household) -> Vec<i64> {
    let first = of.period.first();
    let mut order: Vec<usize> = (0..of.children.len()).filter(|at| of.children[*at].age >= 0).collect();
    // The eldest first; of two born on one day an exception does best in the later place.
    order.sort_by_key(|at| (-of.children[*at].age, of.children[*at].exception));
    let old_amount = first < LIMIT.0 || born(of).iter().any(|child| of.day(child.age) < LIMIT.0);
    let (mut places, mut amounts) = (0, vec![0; of.children.len()]);
    for (place, at) in order.into_iter().enumerate() {
        let child = &of.children[at];
        let outside = child.exception && child.outside_order && first >= date(2018, 11, 28);
        places += i64::from(!outside);
        let limited = first >= LIMIT.0 && first < LIMIT.1;
        if !limited || child.exception || of.day(child.age) < LIMIT.0 || places <= 2 {
            let eldest = place == 0 && old_amount;
            amounts[at] = rate(if eldest { "child_element.first_child" } else { "child_element.other" }, &[], first);
        }
    }
    amounts
}

pub fn disabled_child_addition(of: &Household) -> i64 {
    let row = |which: &str| rate(&format!("disabled_child_addition.{which}"), &[], of.period.first());
    born(of).iter().map(|child| [0, row("lower"), row("higher")][child.disabled]).sum()
}

/// Children born by the end of the period.
pub fn born(of: &Household) -> Vec<&Child> {
    of.children.iter().filter(|child| child.age >= 0).collect()
}

/// LCW and LCWRA element of the award, and the carer element of each claimant (regs. 27 to 30).
pub fn capability_and_care(of: &Household) -> (i64, i64, Vec<i64>) {
    let first = of.period.first();
    let is_carer = |adult: &Adult| adult.caring.is_some_and(|days| days >= 0);
    // Who brings the one LCWRA element: the dearer; of two equal the one who is no carer.
    let rates: Vec<i64> = of.adults.iter().map(|adult| adult.lcwra.map_or(0, |lcwra| lcwra_rate(of, lcwra))).collect();
    let best = |at: &usize| (rates[*at], !is_carer(&of.adults[*at]), std::cmp::Reverse(*at));
    let brings = (0..rates.len()).filter(|at| rates[*at] > 0).max_by_key(best);
    let lcwra = brings.map_or(0, |at| rates[at]);
    let closed = date(2017, 4, 3);
    let has_lcw = |at: &usize| {
        let since = of.adults[*at].lcw.map(|days| of.day(days));
        let counts = since.is_some_and(|since| since <= first && (first < closed || since < closed));
        counts && rates[*at] == 0 && !is_carer(&of.adults[*at])
    };
    let has_lcw = (0..rates.len()).any(|at| has_lcw(&at));
    let carer = rate("carer_element", &[], first);
    let of_claimant = |at: usize| if is_carer(&of.adults[at]) && Some(at) != brings { carer } else { 0 };
    let lcw = if lcwra == 0 && has_lcw { rate("lcw_element", &[], first) } else { 0 };
    (lcw, lcwra, (0..rates.len()).map(of_claimant).collect())
}

/// What a claimant would bring; nothing before the period after the relevant one (reg. 28).
fn lcwra_rate(of: &Household, lcwra: Lcwra) -> i64 {
    let (first, evidence, changed) = (of.period.first(), of.day(lcwra.evidence), date(2026, 4, 6));
    let third_month = evidence.checked_add(3.months()).unwrap();
    // Three months from 30 November end on 28 February, not a day before it.
    let is_short = third_month.day() != evidence.day();
    let over_since = if is_short { third_month.tomorrow().unwrap() } else { third_month };
    if lcwra.found < 0 || !lcwra.terminally_ill && over_since > first {
        0
    } else if first < changed {
        rate("lcwra_element (to", &[], first)
    } else if lcwra.severe
        || lcwra.terminally_ill
        || over_since.max(of.day(lcwra.found)) < changed
        || evidence < changed
    {
        rate("lcwra_element.protected", &[], first)
    } else {
        rate("lcwra_element.other_claimants", &[], first)
    }
}

/// What is left of the transitional element after the increases of everything but childcare (SI 2014/1230 regs. 55 and 56).
pub fn transitional(of: &Household, allowance: i64, disabled: i64, capability: i64, housing: i64) -> i64 {
    let Some(protection) = of.means.protection.filter(|_| of.means.transitional == 0) else {
        return of.means.transitional;
    };
    let Some(before) = protection.before else {
        return protection.initial;
    };
    if before.low_periods >= 3 || before.adults > 0 && before.adults != of.adults.len() as i64 {
        return 0;
    }
    let rise = |now: i64, then: i64| (now - then).max(0);
    let children: i64 = child_amounts(of).into_iter().map(|amount| rise(amount, before.child)).sum();
    let carers: i64 = capability_and_care(of).2.into_iter().map(|amount| rise(amount, before.carer)).sum();
    let others =
        rise(allowance, before.allowance) + rise(capability, before.capability) + rise(housing, before.housing);
    rise(before.element, others + children + carers + disabled)
}
