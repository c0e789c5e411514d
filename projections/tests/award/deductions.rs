//! Sanctions, hardship and deductions, stated a second time (SI 2013/376 regs. 110, 111 and 118, SI 2013/380 Sch. 6).

use jiff::civil::date;

use super::household::{ASKED, Adult, Household};
use super::maximum::{age, born};
use super::rates::{half_up, rate};

/// What sanctions take, and a day of hardship payment afterwards.
pub fn sanctions(of: &Household, allowance: i64, award: i64) -> [i64; 2] {
    let claimants = of.adults.len() as i64;
    let has_baby = born(of).iter().any(|child| age(of.day(child.age), of.period.last()) < 1);
    let is_reduced = |adult: &Adult| adult.interviews_only || !of.is_couple() && has_baby;
    let taken = |adult: &Adult| {
        let percent = if is_reduced(adult) { 40 } else { 100 };
        let is_ill = adult.lcwra.is_some_and(|lcwra| lcwra.found >= 0);
        let daily = if is_ill { 0 } else { allowance * 12 * percent / 36_500 / 10 * 10 };
        (daily * adult.sanction_days.min(of.period.days()) / claimants).min(half_up(allowance, claimants))
    };
    let total = of.adults.iter().map(taken).sum::<i64>().min(allowance).min(award);
    let at_full_rate = of.adults.iter().filter(|adult| !is_reduced(adult)).map(taken).sum::<i64>().min(total);
    [total, half_up(at_full_rate * 60 * 12, 36_500)]
}

/// What deductions take together.
pub fn deductions(of: &Household, allowance: i64, award: i64, sanction: i64, has_earnings: bool) -> i64 {
    let (first, debts) = (of.period.first(), &of.debts);
    let asked = |kind: &str| debts.asked[ASKED.iter().position(|other| *other == kind).unwrap()];
    let share = |percent: i64| half_up(allowance * percent, 100);
    let is_early = first < date(2014, 11, 26);
    // As made, 5% went up to the next 5p (Sch. 6 para. 1).
    let five = if is_early { (allowance * 5 + 499) / 500 * 5 } else { share(5) };
    let rent_due = asked("rent_arrears").min(if is_early { five } else { share(20) });
    let rent_least = rent_due.min(if is_early { five } else { share(10) });
    let fine_due = asked("fine").min(if first < date(2021, 10, 29) { 10_835 } else { five });
    let [gas_due, electricity_due] = ["gas", "electricity"].map(|kind| asked(kind).min(five));
    let most_overpaid = share(if has_earnings { 25 } else { 15 });
    let civil_penalty = asked("civil_penalty").min(most_overpaid);
    let maintenance_is_first = first >= date(2025, 4, 30) && first < date(2026, 4, 30);
    let maintenance = |is_first: bool| if is_first == maintenance_is_first { asked("child_maintenance") } else { 0 };

    let mut purse = Purse { left: (award - sanction - 1).max(0), room: 0, third_parties: 0 };
    let fraud = purse.outside_limit(asked("fraud_penalty"));
    let before = fraud + purse.outside_limit(maintenance(true));
    let limit = share(rate("deductions_cap.overall", &[], first));
    purse.room = (limit - sanction).min(purse.left + before).max(before) - before;

    purse.recover(asked("advance"));
    purse.recover(asked("budgeting_advance"));
    purse.pay(asked("owner_housing_costs").min(five), false);
    let rent = purse.pay(rent_least, debts.rent_last_resort && rent_due > 0);
    let gas = purse.pay(gas_due, debts.fuel_last_resort);
    let may_have_electricity = purse.third_parties < 3;
    let electricity = purse.pay(electricity_due, debts.fuel_last_resort);
    purse.pay(asked("council_tax").min(five), false);
    let fine = purse.pay(fine_due.min(five), false);
    purse.pay(asked("water").min(five), false);
    purse.pay(asked("maintenance_contribution").min(five), false);
    purse.recover(maintenance(false));
    for kind in ["social_fund", "hardship", "administrative_penalty", "fraud_overpayment"] {
        purse.recover(asked(kind));
    }
    purse.recover(civil_penalty);
    purse.recover(asked("overpayment").min(most_overpaid - civil_penalty));
    purse.pay(asked("integration_loan").min(five), false);
    purse.pay(asked("eligible_loan").min(five), false);
    let rent_above = if rent > 0 { purse.recover(rent_due - rent) } else { 0 };
    if fine > 0 {
        purse.recover(fine_due - fine);
    }
    purse.pay(asked("third_party").min(five), false);

    if debts.rent_last_resort {
        purse.outside_limit(rent_due - rent - rent_above);
    }
    if debts.fuel_last_resort {
        purse.outside_limit(gas_due - gas);
        purse.outside_limit(if may_have_electricity { electricity_due - electricity } else { 0 });
    }
    (award - sanction - 1).max(0) - purse.left
}

/// What is left of the payment but for a penny, and of the limit; how many third parties have been paid.
struct Purse {
    left: i64,
    room: i64,
    third_parties: usize,
}

impl Purse {
    fn outside_limit(&mut self, due: i64) -> i64 {
        let taken = due.min(self.left);
        self.left -= taken;
        taken
    }

    /// As much of a debt as there is room for.
    fn recover(&mut self, due: i64) -> i64 {
        let taken = self.outside_limit(due.min(self.room));
        self.room -= taken;
        taken
    }

    /// To a third party the whole amount or nothing (two pence are overlooked); to three of them at most. One who will be
    /// paid as a last resort counts.
    fn pay(&mut self, due: i64, in_any_case: bool) -> i64 {
        if self.third_parties == 3 || due == 0 {
            return 0;
        }
        let taken = if due > self.room + 2 { 0 } else { self.recover(due) };
        self.third_parties += usize::from(taken > 0 || in_any_case);
        taken
    }
}
