//! Housing, childcare, income and the cap, stated a second time (SI 2013/376 regs. 22, 25, 31 to 35, 54A, 66 to 73, 78 to 83).

use jiff::ToSpan;
use jiff::civil::date;

use super::household::{Adult, Household, Tenure, YEAR};
use super::maximum::born;
use super::rates::{half_up, rate};

/// The element and the contribution of others (Sch. 4 and 5).
pub fn housing(of: &Household, earned: i64) -> [i64; 2] {
    let home = &of.home;
    let monthly = if home.weekly { half_up(home.cost * 52, 12) } else { home.cost };
    let spare = if home.bedrooms > home.needed { home.bedrooms - home.needed } else { 0 };
    let met = match home.tenure {
        Tenure::None | Tenure::Owner => 0,
        Tenure::Private => {
            if home.lha > 0 {
                monthly.min(home.lha)
            } else {
                monthly
            }
        }
        Tenure::Social => monthly - half_up(monthly * [0, 14, 25][spare.min(2) as usize], 100),
    };
    let others = home.others.iter().flatten().filter(|(years, exempt)| *years >= 21 && !exempt).count() as i64;
    let nobody = of.adults.iter().any(|adult| adult.exempt);
    let each = rate("housing_cost_contribution", &[], of.period.first());
    let contribution = if nobody { 0 } else { (others * each).min(met) };
    let charges = if home.tenure == Tenure::Owner && home.owner_wait_over && earned == 0 { monthly } else { 0 };
    [met - contribution + charges, contribution]
}

pub fn childcare(of: &Household) -> i64 {
    let first = of.period.first();
    let works = |adult: &Adult| adult.in_paid_work || adult.pay > 0 || adult.trade > 0;
    let cannot = |adult: &Adult| {
        let found = adult.lcwra.map(|lcwra| lcwra.found);
        [adult.lcw, found, adult.caring].into_iter().flatten().any(|days| days >= 0)
    };
    let met = of.adults.iter().any(works) && of.adults.iter().all(|adult| works(adult) || cannot(adult));
    let children = born(of).iter().filter(|child| child.age < 16 * YEAR).count();
    if !met || children == 0 {
        return 0;
    }
    let most = if children == 1 { "childcare_costs_element.max_one" } else { "childcare_costs_element.max_two" };
    half_up(of.means.childcare * rate("childcare_costs_element.rate", &[], first), 100).min(rate(most, &[], first))
}

/// Earned in the period: a loss takes nothing from another's pay, nor from one's own.
pub fn earned(of: &Household) -> i64 {
    of.adults.iter().map(|adult| adult.pay + adult.trade.max(0)).sum()
}

/// Surplus earnings of the period before, where the award ended within six months (reg. 54A).
pub fn surplus(of: &Household) -> i64 {
    if has_lately_had_an_award(of) { of.means.surplus } else { 0 }
}

pub fn has_lately_had_an_award(of: &Household) -> bool {
    let ended = of.period.first().checked_sub(of.means.award_ended.days()).unwrap();
    of.period.first() <= ended.checked_add(6.months()).unwrap()
}

/// Reg. 22(2), its table of each time.
pub fn work_allowance(of: &Household, has_housing: bool) -> i64 {
    let (first, last) = (of.period.first(), of.period.last());
    let of_adult = |a: &Adult| a.lcw.is_some_and(|days| days >= 0) || a.lcwra.is_some_and(|lcwra| lcwra.found >= 0);
    let limited = of.adults.iter().any(of_adult);
    let has_child = !born(of).is_empty();
    if first < date(2016, 4, 11) {
        let who = if of.is_couple() { "joint" } else { "single" };
        let side = if has_housing { "lower" } else { "higher" };
        let row = |of: &str| rate("work_allowance.2013_table", &[side, &format!("{who}_{of}")], first);
        let child = if has_child { row("with_child") } else { 0 };
        let lcw = if limited { row("lcw") } else { 0 };
        return row("no_child").max(child).max(lcw);
    }
    if !has_child && !limited {
        return 0;
    }
    let in_between = last >= date(2021, 11, 24) && first < date(2022, 4, 11);
    let day = if in_between { date(2021, 11, 24) } else { first };
    let table = if has_housing { "work_allowance.lower_with" } else { "work_allowance.higher_no" };
    rate(table, &[], day)
}

/// Percent: the first change by the first day of a period, the second by its last.
pub fn taper(of: &Household) -> i64 {
    if of.period.last() >= date(2021, 11, 24) {
        55
    } else if of.period.first() >= date(2017, 4, 10) {
        63
    } else {
        65
    }
}

/// A week's benefit for the period, or for its days in it (reg. 73).
fn of_period(weekly: i64, days: i64) -> i64 {
    if days == 0 { half_up(weekly * 52, 12) } else { half_up(weekly * days * 52, 365) }
}

pub fn unearned(of: &Household) -> i64 {
    let of_adult = |adult: &Adult| {
        adult.unearned
            + of_period(adult.pension_weekly, adult.pension_days)
            + of_period(adult.carers_allowance_weekly, 0)
    };
    of.adults.iter().map(of_adult).sum()
}

/// 4.35 for every 250.00, or part of it, above 6,000.00 (reg. 72(1)).
pub fn tariff(of: &Household) -> i64 {
    ((of.means.capital - 600_000).max(0) + 24_999) / 25_000 * 435
}

/// The monthly cap, and what it takes off.
pub fn cap(of: &Household, before: i64, childcare: i64, lcwra: i64, carer: i64) -> [i64; 2] {
    let first = of.period.first();
    let is_old = first < date(2016, 11, 7);
    let family = of.is_couple() || !born(of).is_empty();
    let who = if family { "couple_or_family" } else { "single" };
    let cap = if is_old {
        rate("benefit_cap.annual", &["monthly", who], first)
    } else {
        half_up(rate("benefit_cap.annual", &[if of.home.london { "london" } else { "outside" }, who], first), 12)
    };
    let carers_allowance: i64 = of.adults.iter().map(|adult| of_period(adult.carers_allowance_weekly, 0)).sum();
    let child_benefit: i64 = born(of).iter().map(|child| child.child_benefit).sum();
    let counted = before + child_benefit + if is_old { carers_allowance } else { 0 };
    let lifted = of.means.disability_benefit
        || of.means.grace
        || lcwra > 0
        || carer > 0 && !is_old
        || earned(of) >= rate("benefit_cap.earnings_threshold", &[], first);
    let excess = (counted - cap - childcare).max(0).min(before);
    [cap, if lifted { 0 } else { excess }]
}
