//! What becomes of a couple's award when they part.

use proptest::collection::vec;
use proptest::prelude::*;

use super::any::{alone, batches, household};
use super::household::{Child, Home, Household, Tenure, YEAR, answers, pence};

/// The claimant at this place alone, with or without the children and the home.
fn apart(couple: &Household, place: usize, with_children: bool, with_home: bool) -> Household {
    let mut one = couple.clone();
    one.adults = vec![couple.adults[place]];
    if !with_children {
        one.children.clear();
    }
    if !with_home {
        one.home = Home { tenure: Tenure::None, cost: 0, others: [None, None], ..one.home };
    }
    one
}

const CHILD_RULES: [&str; 2] = ["child_element", "disabled_child_addition"];

proptest! {
    #![proptest_config(batches())]

    #[test]
    fn when_a_couple_parts_what_they_have_for_children_and_rent_stays_with_who_keeps_them(
        households in vec(household(), 64),
        home_stays in any::<bool>(),
    ) {
        let couples = households.into_iter().filter(Household::is_couple).map(|mut couple| {
            // Who keeps the home may be exempt from contributions for others; who leaves is not (Sch. 4 para. 15(2)).
            couple.adults[usize::from(home_stays)].exempt = false;
            couple
        });
        let couples: Vec<Household> = couples.filter(|couple| couple.home.tenure != Tenure::Owner).collect();
        let parted = couples.iter().flat_map(|couple| {
            [couple.clone(), apart(couple, 0, true, home_stays), apart(couple, 1, false, !home_stays)]
        });
        for three in answers(&parted.collect::<Vec<_>>()).chunks(3) {
            for rule in CHILD_RULES.iter().chain(["housing_costs_element"].iter()) {
                prop_assert_eq!(pence(&three[0], rule), pence(&three[1], rule) + pence(&three[2], rule), "{}", rule);
            }
        }
    }

    #[test]
    fn when_the_children_are_shared_between_two_homes_their_elements_do_not_shrink(households in vec(household(), 64)) {
        let couples: Vec<Household> = households.into_iter().filter(Household::is_couple).collect();
        let parted = couples.iter().flat_map(|couple| {
            let mut homes = [apart(couple, 0, true, true), apart(couple, 1, true, false)];
            let (here, there) = couple.children.split_at(couple.children.len() / 2);
            (homes[0].children, homes[1].children) = (here.to_vec(), there.to_vec());
            let [one, other] = homes;
            [couple.clone(), one, other]
        });
        for three in answers(&parted.collect::<Vec<_>>()).chunks(3) {
            for rule in CHILD_RULES {
                prop_assert!(pence(&three[1], rule) + pence(&three[2], rule) >= pence(&three[0], rule), "{}", rule);
            }
        }
    }
}

#[test]
fn each_of_two_homes_has_a_first_child_and_two_places_under_the_limit() {
    // In the period from 6 May 2025: children of 2015, 2018 and 2020 in one home, 339.00 + 292.81 and nothing for the third;
    // the youngest with the other parent brings 292.81 there.
    let child =
        |years: i64| Child { age: years * YEAR, disabled: 0, exception: false, outside_order: false, child_benefit: 0 };
    let mut couple = alone();
    couple.period = schemas::AssessmentPeriod::starting(jiff::civil::date(2025, 5, 6)).unwrap();
    couple.adults.push(couple.adults[0]);
    couple.children = vec![child(10), child(7), child(5)];
    let (mut one, mut other) = (apart(&couple, 0, true, true), apart(&couple, 1, true, true));
    (one.children, other.children) = (vec![child(10), child(7)], vec![child(5)]);
    let elements: Vec<i64> = answers(&[couple, one, other]).iter().map(|a| pence(a, "child_element")).collect();
    assert_eq!(elements, [63_181, 63_181, 29_281]);
}
