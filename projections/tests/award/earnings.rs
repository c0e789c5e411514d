//! Work pays: what more earnings do to an award, and each place where the law makes an exception, with the sum it makes.

use proptest::prelude::*;

use super::any::{alone, batches, household};
use super::household::{Child, Home, Household, Tenure, YEAR, answers, pence};

/// The same household, one claimant earning so much.
fn earning(household: &Household, pay: i64) -> Household {
    let mut other = household.clone();
    other.adults[0].pay = pay;
    other
}

/// Awards with the earnings that go with them.
fn awards<const N: usize>(household: &Household, pay: [i64; N]) -> [i64; N] {
    let all = answers(&pay.map(|pay| earning(household, pay)));
    std::array::from_fn(|i| pence(&all[i], "award"))
}

proptest! {
    #![proptest_config(batches())]

    #[test]
    fn more_earnings_never_lower_award_and_earnings_together_but_for_an_owners_service_charges(
        households in proptest::collection::vec((household(), 0..250_000i64, 1..90_000i64), 64),
    ) {
        let pairs = households.iter().flat_map(|(of, pay, more)| [earning(of, *pay), earning(of, pay + more)]);
        let answers = answers(&pairs.collect::<Vec<_>>());
        for ((of, pay, more), two) in households.iter().zip(answers.chunks(2)) {
            let [before, after] = [pence(&two[0], "award"), pence(&two[1], "award")];
            let charges = pence(&two[0], "housing_costs_element") > pence(&two[1], "housing_costs_element");
            if charges {
                prop_assert!(of.home.tenure == Tenure::Owner && pence(&two[0], "earned_income") == 0);
            } else {
                prop_assert!(after + more >= before, "{} then {} with {} and {} more: {:?}", before, after, pay, more, of);
            }
        }
    }

    #[test]
    fn more_earnings_never_raise_an_award_but_where_they_lift_the_cap_or_bring_childcare_costs(
        households in proptest::collection::vec((household(), 0..250_000i64, 1..90_000i64), 64),
    ) {
        let pairs = households.iter().flat_map(|(of, pay, more)| [earning(of, *pay), earning(of, pay + more)]);
        let answers = answers(&pairs.collect::<Vec<_>>());
        for ((of, pay, more), two) in households.iter().zip(answers.chunks(2)) {
            let of_both = |rule| [pence(&two[0], rule), pence(&two[1], rule)];
            let lifted = two[1].get("cap_is_lifted").unwrap().text == "true" && of_both("benefit_cap_reduction")[0] > 0;
            let [costs_before, costs_after] = of_both("childcare_costs_element");
            let [before, after] = of_both("award");
            prop_assert!(after <= before || lifted || costs_after > costs_before, "{} then {} with {} and {} more: {:?}", before, after, pay, more, of);
        }
    }
}

#[test]
fn a_penny_at_the_threshold_of_the_cap_gives_the_whole_award_back() {
    // Outside London a twelfth of 14,753.00 is 1,229.42; the threshold of 2026 is 881.00. 424.90 + 2,000.00 = 2,424.90;
    // 880.99 x 55% = 484.54, 881.00 x 55% = 484.55: 1,940.36, capped at 1,229.42, and 1,940.35.
    let mut of = alone();
    of.home = Home { tenure: Tenure::Private, cost: 200_000, ..of.home };
    assert_eq!(awards(&of, [88_099, 88_100]), [122_942, 194_035]);
}

#[test]
fn the_first_penny_of_pay_brings_a_parent_the_childcare_costs_element() {
    // 424.90 + 303.94 = 728.84; with 85% of 400.00 it is 1,068.84.
    let mut of = alone();
    of.children = vec![Child { age: 6 * YEAR, disabled: 0, exception: false, outside_order: false, child_benefit: 0 }];
    of.means.childcare = 40_000;
    assert_eq!(awards(&of, [0, 1]), [72_884, 106_884]);
}

#[test]
fn the_first_penny_of_pay_costs_an_owner_the_service_charges() {
    // Sch. 5 para. 4. 424.90 + 90.00 = 514.90; without the charges 424.90, of which 55% of a penny, a penny, is taken.
    let mut of = alone();
    of.home = Home { tenure: Tenure::Owner, cost: 9_000, owner_wait_over: true, ..of.home };
    assert_eq!(awards(&of, [0, 1]), [51_490, 42_489]);
}

#[test]
fn in_a_first_period_of_two_months_a_pound_earned_costs_more_than_a_pound() {
    // Reg. 21A(2)(b): 424.90 x 12 x 61 / 365 = 311,026.80 / 365 = 852.13. With 100.00 a month's award is 369.90, and
    // 369.90 x 12 x 61 / 365 = 270,766.80 / 365 = 741.83: 110.30 less, because earnings of two months count against one
    // month's award. So it is from 56 days on at 55% (0.55 x 12 x 56 / 365 = 1.01).
    let mut of = alone();
    of.means.first_period_days = 61;
    assert_eq!(awards(&of, [0, 10_000]), [85_213, 74_183]);
}
