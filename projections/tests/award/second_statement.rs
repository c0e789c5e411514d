//! The whole award a second time, from published amounts and the text of the law in whole pence, against every output of the
//! pack. It shares nothing with the pack or the engine but the facts of the household.

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;

use super::any::{batches, household};
use super::deductions::{deductions, sanctions};
use super::household::{Household, UNIVERSAL_CREDIT, answers, pence};
use super::income::{
    cap, childcare, earned, has_lately_had_an_award, housing, surplus, taper, tariff, unearned, work_allowance,
};
use super::maximum::{capability_and_care, child_element, disabled_child_addition, standard_allowance};
use super::rates::half_up;

fn award(of: &Household) -> BTreeMap<&'static str, i64> {
    let allowance = standard_allowance(of);
    let [children, disabled] = [child_element(of), disabled_child_addition(of)];
    let [lcw, lcwra, carer] = capability_and_care(of);
    let income = earned(of) + surplus(of);
    let [housing, contribution] = housing(of, income);
    let care_costs = childcare(of);
    let elements = [children, disabled, lcw, lcwra, carer, housing, care_costs, of.means.transitional];
    let maximum = allowance + elements.iter().sum::<i64>();

    let work_allowance = work_allowance(of, housing > 0);
    let earnings_reduction = half_up((income - work_allowance).max(0) * taper(of), 100);
    let [unearned, tariff] = [unearned(of), tariff(of)];
    let is_poor = of.means.capital <= 1_600_000;
    let before_cap = if is_poor { (maximum - earnings_reduction - unearned - tariff).max(0) } else { 0 };
    let [cap, over_cap] = cap(of, before_cap, care_costs, lcwra, carer);
    let month = before_cap - over_cap;
    let days = of.means.first_period_days;
    let award = if days == 0 { month } else { half_up(month * 12 * days, 365) };

    let [sanction, hardship_daily] = sanctions(of, allowance, award);
    let deductions = deductions(of, allowance, award, sanction, earnings_reduction > 0);
    let nothing_left = half_up((maximum - unearned - tariff).max(0) * 100, taper(of)) + work_allowance;
    let is_surplus = award == 0 && has_lately_had_an_award(of) && of.period.first() >= date(2018, 4, 11);
    let surplus_earnings = if is_surplus { (income - nothing_left - 250_000).max(0) } else { 0 };
    BTreeMap::from([
        ("standard_allowance", allowance),
        ("child_element", children),
        ("disabled_child_addition", disabled),
        ("lcw_element", lcw),
        ("lcwra_element", lcwra),
        ("carer_element", carer),
        ("housing_costs_element", housing),
        ("housing_cost_contribution", contribution),
        ("childcare_costs_element", care_costs),
        ("transitional_element", of.means.transitional),
        ("maximum_amount", maximum),
        ("work_allowance", work_allowance),
        ("earned_income", income),
        ("earnings_reduction", earnings_reduction),
        ("unearned_income", unearned),
        ("tariff_income", tariff),
        ("award_before_cap", before_cap),
        ("benefit_cap", cap),
        ("benefit_cap_reduction", over_cap),
        ("award", award),
        ("sanction_reduction", sanction),
        ("hardship_daily", hardship_daily),
        ("hardship_payment", 0),
        ("deductions_total", deductions),
        ("payment", award - sanction - deductions),
        ("surplus_earnings", surplus_earnings),
    ])
}

#[test]
fn every_output_of_the_pack_is_stated_twice() {
    let stated = award(&super::any::alone());
    let left_out: Vec<&str> = UNIVERSAL_CREDIT.pack().outputs().filter(|output| !stated.contains_key(output)).collect();
    assert_eq!(left_out, [""; 0]);
}

proptest! {
    #![proptest_config(batches())]

    #[test]
    fn two_statements_of_the_whole_award_agree_to_the_penny(households in vec(household(), 64)) {
        for (of, answer) in households.iter().zip(answers(&households)) {
            let found: BTreeMap<&str, i64> = award(of).into_keys().map(|rule| (rule, pence(&answer, rule))).collect();
            prop_assert_eq!(found, award(of), "{:?}", of);
        }
    }
}
