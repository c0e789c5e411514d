//! From the award to the money: elements and lines add up, sanctions and deductions keep within what they may take.

use projections::engine::Answer;
use projections::payees::{Named, Parties, Party, Worth, shares};
use proptest::collection::vec;
use proptest::prelude::*;
use schemas::Money;

use super::any::{batches, household};
use super::household::{Household, UNIVERSAL_CREDIT, answers, pence};

proptest! {
    #![proptest_config(batches())]

    #[test]
    fn the_elements_are_the_maximum_amount_and_every_step_down_from_it_is_on_the_statement(
        households in vec(household(), 64),
    ) {
        for (of, answer) in households.iter().zip(answers(&households)) {
            let pence = |rule| pence(&answer, rule);
            let elements = [
                "standard_allowance", "child_element", "disabled_child_addition", "lcw_element", "lcwra_element",
                "carer_element", "housing_costs_element", "childcare_costs_element", "transitional_element",
            ];
            prop_assert_eq!(elements.map(pence).iter().sum::<i64>(), pence("maximum_amount"));
            let income = pence("earnings_reduction") + pence("unearned_income") + pence("tariff_income");
            let over_limit = of.means.capital > 1_600_000;
            let before_cap = if over_limit { 0 } else { (pence("maximum_amount") - income).max(0) };
            prop_assert_eq!(before_cap, pence("award_before_cap"));
            if of.means.first_period_days == 0 {
                prop_assert_eq!(before_cap - pence("benefit_cap_reduction"), pence("award"));
            }
            prop_assert_eq!(pence("award") - pence("sanction_reduction") - pence("deductions_total"), pence("payment"));
        }
    }

    #[test]
    fn the_lines_add_up_to_the_award_and_those_paid_to_the_payment(households in vec(household(), 64)) {
        for (of, answer) in households.iter().zip(answers(&households)) {
            let [award, payment] = ["award", "payment"].map(|rule| pence(&answer, rule));
            prop_assert_eq!(lines(of, &answer, award, award), award);
            prop_assert_eq!(lines(of, &answer, award, payment), payment);
        }
    }

    #[test]
    fn the_cap_takes_nothing_beyond_what_is_above_it_and_leaves_the_childcare_costs(households in vec(household(), 64)) {
        for answer in answers(&households) {
            let [reduction, cap, costs, before] =
                ["benefit_cap_reduction", "benefit_cap", "childcare_costs_element", "award_before_cap"]
                    .map(|rule| pence(&answer, rule));
            prop_assert!(reduction == 0 || before - reduction >= costs.min(before));
            prop_assert!(reduction >= 0 && reduction <= before);
            // Other benefits can take the whole room under the cap, Universal Credit alone cannot pass it uncapped.
            let is_lifted = answer.get("cap_is_lifted").unwrap().text == "true";
            prop_assert!(is_lifted || before - reduction <= cap + costs);
            prop_assert!(!is_lifted || reduction == 0);
        }
    }

    #[test]
    fn a_sanction_takes_no_more_than_its_days_at_the_daily_rate_and_never_more_than_the_standard_allowance(
        households in vec(household(), 64),
    ) {
        for (of, answer) in households.iter().zip(answers(&households)) {
            let [allowance, award, total] =
                ["standard_allowance", "award", "sanction_reduction"].map(|rule| pence(&answer, rule));
            let claimants = of.adults.len() as i64;
            let mut of_all = 0;
            for (number, adult) in of.adults.iter().enumerate() {
                let taken = answer.of_person(&format!("a{number}"), "sanction_for_person").unwrap().money().unwrap().pence();
                let days = adult.sanction_days.min(of.period.days());
                // Reg. 111(1) before the rounding down of (4), and (2); reg. 110: half of each for a joint claimant.
                let percent = if adult.interviews_only { 40 } else { 100 };
                prop_assert!(taken * 365 * 100 * claimants <= allowance * 12 * percent * days);
                prop_assert!(taken <= (allowance + claimants - 1) / claimants);
                prop_assert!(taken == 0 || adult.lcwra.is_none_or(|lcwra| lcwra.found < 0));
                of_all += taken;
            }
            prop_assert_eq!(total, of_all.min(allowance).min(award));
        }
    }

    #[test]
    fn deductions_leave_a_penny_and_only_the_kinds_named_by_the_law_pass_the_limit(households in vec(household(), 64)) {
        for answer in answers(&households) {
            let [total, payment, limit, sanction] =
                ["deductions_total", "payment", "deductions_limit", "sanction_reduction"].map(|rule| pence(&answer, rule));
            let named = [
                "deducted_for_fraud_penalty", "child_maintenance_before_others", "rent_arrears_beyond_limit",
                "gas_beyond_limit", "electricity_beyond_limit",
            ];
            let named: i64 = named.iter().map(|rule| pence(&answer, rule)).sum();
            prop_assert!(payment >= 0 && (total == 0 || payment >= 1));
            prop_assert!(total - named <= (limit - sanction).max(0));
        }
    }
}

/// What the lines of a payment add up to.
fn lines(of: &Household, answer: &Answer, award: i64, payment: i64) -> i64 {
    let ids: Vec<&str> = answer.people.iter().map(|person| person.id.as_str()).collect();
    let adults: Vec<&str> = ids[..of.adults.len()].to_vec();
    let first = adults[0];
    let named = Named { main_carer: first, liable_for_rent: first, childcare_payer: first, adults };
    let people = ids.iter().map(|who| Party { who: *who, bears: Money::ZERO }).collect();
    let of_rule = |rule: &str, person: Option<&str>| {
        let figure = person.map_or_else(|| answer.get(rule), |person| answer.of_person(person, rule))?;
        figure.money()
    };
    let worth = Worth { award: Money::from_pence(award), payment: Money::from_pence(payment), of_rule };
    let parties = Parties { people, named, managed_rent: false };
    let lines = shares(UNIVERSAL_CREDIT.pack(), &parties, &worth).unwrap();
    lines.iter().map(|line| line.amount.pence()).sum()
}
